//! The signals that would end the process while a file is replaced, or a command runs.

/// Blocks the signals that end a process (Ctrl-C, hang-up, termination) in this thread while it exists, so that no temporary file or command
/// is left behind. They take effect when it is dropped. A thread that is started meanwhile blocks them for good.
#[derive(Debug)]
pub struct HeldSignals {
    #[cfg(unix)]
    before: libc::sigset_t,
}

impl HeldSignals {
    /// Blocks them in this thread.
    pub fn new() -> Self {
        Self {
            #[cfg(unix)]
            before: block_signals(),
        }
    }

    /// Has the program that `command` starts take these signals as this thread did before.
    #[cfg_attr(not(unix), allow(unused_variables, reason = "nothing is blocked"))]
    pub fn spare(&self, command: &mut std::process::Command) {
        #[cfg(unix)]
        {
            let before = self.before;
            let restore = move || {
                restore_signals(&before);
                Ok(())
            };
            // SAFETY: between fork and exec, it only makes a system call on a local structure.
            unsafe { std::os::unix::process::CommandExt::pre_exec(command, restore) };
        }
    }

    /// Whether one has come and is held back.
    pub fn waits(&self) -> bool {
        #[cfg(unix)]
        return ENDING.into_iter().any(is_waiting);
        #[cfg(not(unix))]
        false
    }

    /// The signals that have come and were held back. They take no effect any more.
    #[cfg(unix)]
    pub fn take(&self) -> Vec<i32> {
        ENDING.into_iter().filter(|signal| is_waiting(*signal)).inspect(|signal| discard(*signal)).collect()
    }
}

impl Default for HeldSignals {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(unix)]
impl Drop for HeldSignals {
    fn drop(&mut self) {
        restore_signals(&self.before);
    }
}

/// The signals that end a process, unless it says otherwise.
#[cfg(unix)]
pub(super) const ENDING: [libc::c_int; 4] = [libc::SIGINT, libc::SIGTERM, libc::SIGHUP, libc::SIGQUIT];

/// Blocks the signals that end a process in this thread, and returns what was blocked before.
#[cfg(unix)]
fn block_signals() -> libc::sigset_t {
    // SAFETY: the sets are local, and a zeroed set is valid.
    unsafe {
        let (mut held, mut before) = (std::mem::zeroed(), std::mem::zeroed());
        libc::sigemptyset(&raw mut held);
        // SIGCONT: only the main thread asks at the terminal, and has to know that the process was stopped.
        ENDING.iter().chain(&[libc::SIGCONT]).for_each(|signal| _ = libc::sigaddset(&raw mut held, *signal));
        libc::pthread_sigmask(libc::SIG_BLOCK, &raw const held, &raw mut before);
        before
    }
}

/// Whether this signal, which is blocked, waits to be taken.
#[cfg(unix)]
fn is_waiting(signal: libc::c_int) -> bool {
    // SAFETY: the set is local, and a zeroed set is valid.
    unsafe {
        let mut waiting = std::mem::zeroed();
        libc::sigpending(&raw mut waiting);
        libc::sigismember(&raw const waiting, signal) == 1
    }
}

/// Takes this signal, which waits.
#[cfg(unix)]
fn discard(signal: libc::c_int) {
    // SAFETY: the set and the number are local, and a zeroed set is valid. It returns at once, since the signal is there.
    unsafe {
        let (mut it, mut taken) = (std::mem::zeroed(), 0);
        libc::sigemptyset(&raw mut it);
        libc::sigaddset(&raw mut it, signal);
        libc::sigwait(&raw const it, &raw mut taken);
    }
}

/// Blocks the signals of `before` and no others.
#[cfg(unix)]
fn restore_signals(before: &libc::sigset_t) {
    // SAFETY: a reference is valid to read from, and nothing is written.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, before, std::ptr::null_mut()) };
}

/// Sends `signal` to this process. Returns only if it does not end by it.
#[cfg(unix)]
pub fn raise(signal: i32) {
    // SAFETY: the call takes a plain number.
    unsafe { libc::raise(signal) };
}

/// Kills all that is in the process group of `leader`, a child that has not been waited for: until then its number is nothing else's.
#[cfg(unix)]
pub fn kill_group(leader: u32) {
    let Ok(leader @ 2..) = libc::pid_t::try_from(leader) else { return };
    // SAFETY: the call takes plain numbers; a negative one is a group's.
    unsafe { libc::kill(-leader, libc::SIGKILL) };
}

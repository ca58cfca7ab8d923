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
        return signal_waits();
        #[cfg(not(unix))]
        false
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
        ENDING.iter().for_each(|signal| _ = libc::sigaddset(&raw mut held, *signal));
        libc::pthread_sigmask(libc::SIG_BLOCK, &raw const held, &raw mut before);
        before
    }
}

/// Whether one of those signals waits to be taken.
#[cfg(unix)]
fn signal_waits() -> bool {
    // SAFETY: the set is local, and a zeroed set is valid.
    unsafe {
        let mut waiting = std::mem::zeroed();
        libc::sigpending(&raw mut waiting);
        ENDING.iter().any(|signal| libc::sigismember(&raw const waiting, *signal) == 1)
    }
}

/// Blocks the signals of `before` and no others.
#[cfg(unix)]
fn restore_signals(before: &libc::sigset_t) {
    // SAFETY: a reference is valid to read from, and nothing is written.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, before, std::ptr::null_mut()) };
}

/// Kills all that is in the process group of `leader`, a child that has not been waited for: until then its number is nothing else's.
#[cfg(unix)]
pub fn kill_group(leader: u32) {
    let Ok(leader @ 2..) = libc::pid_t::try_from(leader) else { return };
    // SAFETY: the call takes plain numbers; a negative one is a group's.
    unsafe { libc::kill(-leader, libc::SIGKILL) };
}

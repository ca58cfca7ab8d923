//! Another program in this process's place, which finds all signals as this one found them.

use std::ffi::{CStr, CString};
use std::io;
use std::process::Command;
use std::ptr::null;
#[cfg(target_os = "linux")]
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether SIGPIPE was ignored when this process began: the standard library ignores it from then on.
#[cfg(target_os = "linux")]
static PIPE_IGNORED: AtomicBool = AtomicBool::new(false);

/// Run by the system before the standard library begins.
#[cfg(target_os = "linux")]
#[used]
// SAFETY: the section lists functions of this type. This one makes a single system call and needs nothing of the standard library.
#[unsafe(link_section = ".init_array")]
static AT_START: extern "C" fn() = look;

#[cfg(target_os = "linux")]
extern "C" fn look() {
    // SAFETY: a zeroed structure is valid, and nothing is changed.
    unsafe {
        let mut now: libc::sigaction = std::mem::zeroed();
        if libc::sigaction(libc::SIGPIPE, null(), &raw mut now) == 0 {
            PIPE_IGNORED.store(now.sa_sigaction == libc::SIG_IGN, Ordering::Relaxed);
        }
    }
}

/// Lets SIGPIPE do what it did when this process began. Where that is not known, it ends the process, as it usually does.
fn restore_pipe() {
    #[cfg(target_os = "linux")]
    let ignored = PIPE_IGNORED.load(Ordering::Relaxed);
    #[cfg(not(target_os = "linux"))]
    let ignored = false;
    // SAFETY: the call takes plain numbers.
    unsafe { libc::signal(libc::SIGPIPE, if ignored { libc::SIG_IGN } else { libc::SIG_DFL }) };
}

/// Puts `program` in the place of this process. Returns only if that fails: with the reason.
pub fn exec(program: &CStr, arguments: &[CString], environment: &[CString]) -> io::Error {
    let list = |texts: &[CString]| -> Vec<_> { texts.iter().map(|text| text.as_ptr()).chain([null()]).collect() };
    let (arguments, environment) = (list(arguments), list(environment));
    restore_pipe();
    // SAFETY: all are C strings, and lists of them that end with null.
    unsafe { libc::execve(program.as_ptr(), arguments.as_ptr(), environment.as_ptr()) };
    io::Error::last_os_error()
}

/// Has the child of `command` start with the signals as they were before `held` blocked some.
pub fn with_signals_of(command: &mut Command, held: &super::HeldSignals) {
    use std::os::unix::process::CommandExt as _;
    let before = held.before();
    // SAFETY: between fork and exec, it only makes two system calls.
    unsafe {
        command.pre_exec(move || {
            restore_pipe();
            libc::pthread_sigmask(libc::SIG_SETMASK, &raw const before, std::ptr::null_mut());
            Ok(())
        })
    };
}

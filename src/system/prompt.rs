//! A question at the terminal whose answer is not shown. Whatever ends or stops the process meanwhile, the terminal is as it was.
//!
//! The terminal gives each character as it is typed, since it would cut a line at 4,095 bytes; a few keys edit what was typed.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::AsRawFd as _;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};

use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use super::ENDING;
use super::end::{Handler, set};

/// The longest answer, in bytes.
const LONGEST: usize = 64 * 1024;

/// A question that waits for its answer.
struct OpenQuestion {
    terminal: File,
    before: Termios,
    hidden: Termios,
    question: String,
    /// The process was stopped, and goes on.
    resumed: AtomicBool,
}

/// The question that waits, for the handlers of signals.
static ASKED: AtomicPtr<OpenQuestion> = AtomicPtr::new(null_mut());

/// Asks at the terminal; the answer is a line.
///
/// # Errors
/// When there is no terminal, or the answer is empty and ended by Ctrl-D, too long, or not UTF-8.
pub fn ask(question: &str) -> io::Result<Zeroizing<String>> {
    let mut terminal = File::options().read(true).write(true).open("/dev/tty")?;
    let before = tcgetattr(&terminal)?;
    let mut hidden = before.clone();
    hidden.local_modes.remove(LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON);
    hidden.special_codes[SpecialCodeIndex::VMIN] = 1;
    hidden.special_codes[SpecialCodeIndex::VTIME] = 0;
    terminal.write_all(question.as_bytes())?;
    let asked = OpenQuestion { terminal, before, hidden, question: question.to_owned(), resumed: AtomicBool::new(false) };
    // The handlers find it until `Waiting` is dropped.
    let waiting = Waiting::new(&asked)?;
    let answer = read(&asked);
    drop(waiting);
    let _ = (&asked.terminal).write_all(b"\n");
    answer
}

/// The terminal is hidden while it exists.
struct Waiting<'a> {
    asked: &'a OpenQuestion,
    stop: libc::sigaction,
}

impl<'a> Waiting<'a> {
    fn new(asked: &'a OpenQuestion) -> io::Result<Self> {
        ASKED.store(std::ptr::from_ref(asked).cast_mut(), Ordering::SeqCst);
        // SAFETY: the handler is a function of the type that it must be; it only does what a handler may.
        let stop = unsafe { set(libc::SIGTSTP, stop as Handler as libc::sighandler_t) };
        let waiting = Self { asked, stop };
        if waiting.stop.sa_sigaction == libc::SIG_IGN {
            waiting.restore();
        }
        tcsetattr(&asked.terminal, OptionalActions::Now, &asked.hidden)?;
        Ok(waiting)
    }

    /// Lets Ctrl-Z do what it did before.
    fn restore(&self) {
        // SAFETY: the structure is one that the system gave.
        unsafe { libc::sigaction(libc::SIGTSTP, &raw const self.stop, null_mut()) };
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.restore();
        let _ = tcsetattr(&self.asked.terminal, OptionalActions::Now, &self.asked.before);
        ASKED.store(null_mut(), Ordering::SeqCst);
    }
}

fn asked<'a>() -> Option<&'a OpenQuestion> {
    // SAFETY: it is null, or leads to a structure that lives as long as it does not become null. Only this thread's handlers ask.
    unsafe { ASKED.load(Ordering::SeqCst).as_ref() }
}

/// Makes the terminal as it was before the question, if there is one, and the terminal is this process's and not another job's.
pub(super) fn give_back() {
    let Some(asked) = asked() else { return };
    // SAFETY: the calls take plain numbers.
    if unsafe { libc::tcgetpgrp(asked.terminal.as_raw_fd()) == libc::getpgrp() } {
        let _ = rustix::io::write(&asked.terminal, b"\n");
        let _ = tcsetattr(&asked.terminal, OptionalActions::Now, &asked.before);
    }
}

/// Stops the process; when it goes on, the question is asked again.
extern "C" fn stop(signal: libc::c_int, _info: *mut libc::siginfo_t, _context: *mut libc::c_void) {
    give_back();
    // SAFETY: the calls take plain numbers and pointers to local structures.
    unsafe {
        let own = set(signal, libc::SIG_DFL);
        let mut open = std::mem::zeroed();
        libc::sigemptyset(&raw mut open);
        // SIGTTOU: in the background, it has to wait for the terminal. Meanwhile, it can be ended.
        [signal, libc::SIGTTOU].iter().chain(&ENDING).for_each(|signal| _ = libc::sigaddset(&raw mut open, *signal));
        libc::raise(signal);
        // The process stops here.
        libc::pthread_sigmask(libc::SIG_UNBLOCK, &raw const open, null_mut());
        libc::sigaction(signal, &raw const own, null_mut());
    }
    if let Some(asked) = asked() {
        // What was typed in between is not an answer.
        let _ = tcsetattr(&asked.terminal, OptionalActions::Flush, &asked.hidden);
        let _ = rustix::io::write(&asked.terminal, asked.question.as_bytes());
        asked.resumed.store(true, Ordering::SeqCst);
    }
}

fn read(asked: &OpenQuestion) -> io::Result<Zeroizing<String>> {
    const BACKSPACE: u8 = 8;
    const DELETE: u8 = 127;
    /// Ctrl-D, Ctrl-U and Ctrl-W.
    const END: u8 = 4;
    const KILL: u8 = 21;
    const WORD: u8 = 23;
    // It never grows, and so is never copied.
    let mut typed = Zeroizing::new(Vec::with_capacity(LONGEST));
    loop {
        // One by one: what is typed after the line is not this question's.
        let mut byte = Zeroizing::new([0]);
        let read = (&asked.terminal).read(&mut *byte);
        if asked.resumed.swap(false, Ordering::SeqCst) {
            typed.clear();
        }
        match read {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        }
        match byte[0] {
            b'\n' | b'\r' => return text(typed),
            END => break,
            BACKSPACE | DELETE => {
                let start = typed.iter().rposition(|byte| byte & 0xc0 != 0x80).unwrap_or(0);
                typed.truncate(start);
            }
            KILL => typed.clear(),
            WORD => {
                let end = typed.iter().rposition(|byte| *byte != b' ').map_or(0, |last| last + 1);
                let start = typed[..end].iter().rposition(|byte| *byte == b' ').map_or(0, |blank| blank + 1);
                typed.truncate(start);
            }
            0..=31 if byte[0] != b'\t' => {}
            _ if typed.len() == LONGEST => return Err(io::Error::other("it is longer than 64 KiB")),
            other => typed.push(other),
        }
    }
    if typed.is_empty() { Err(io::ErrorKind::UnexpectedEof.into()) } else { text(typed) }
}

fn text(mut typed: Zeroizing<Vec<u8>>) -> io::Result<Zeroizing<String>> {
    String::from_utf8(std::mem::take(&mut *typed)).map(Zeroizing::new).map_err(|error| {
        drop(Zeroizing::new(error.into_bytes()));
        io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8")
    })
}

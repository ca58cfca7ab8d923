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
    /// What SIGTSTP and SIGCONT did before.
    stop: libc::sigaction,
    resume: libc::sigaction,
}

impl<'a> Waiting<'a> {
    fn new(asked: &'a OpenQuestion) -> io::Result<Self> {
        ASKED.store(std::ptr::from_ref(asked).cast_mut(), Ordering::SeqCst);
        // SAFETY: the handlers are functions of the type that they must be; they only do what a handler may.
        let (stop, resume) = unsafe {
            let stop = set(libc::SIGTSTP, stop as Handler as libc::sighandler_t);
            (stop, set(libc::SIGCONT, resume as Handler as libc::sighandler_t))
        };
        let waiting = Self { asked, stop, resume };
        if waiting.stop.sa_sigaction == libc::SIG_IGN {
            restore(libc::SIGTSTP, &waiting.stop);
        }
        tcsetattr(&asked.terminal, OptionalActions::Now, &asked.hidden)?;
        Ok(waiting)
    }
}

/// Has `signal` do what it did `before`.
fn restore(signal: libc::c_int, before: &libc::sigaction) {
    // SAFETY: the structure is one that the system gave.
    unsafe { libc::sigaction(signal, std::ptr::from_ref(before), null_mut()) };
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        restore(libc::SIGTSTP, &self.stop);
        restore(libc::SIGCONT, &self.resume);
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
    if let Some(asked) = asked().filter(|asked| asked.is_in_front()) {
        let _ = rustix::io::write(&asked.terminal, b"\n");
        let _ = tcsetattr(&asked.terminal, OptionalActions::Now, &asked.before);
    }
}

impl OpenQuestion {
    /// Whether the terminal is this process's, and not another job's.
    fn is_in_front(&self) -> bool {
        // SAFETY: the calls take plain numbers.
        unsafe { libc::tcgetpgrp(self.terminal.as_raw_fd()) == libc::getpgrp() }
    }
}

/// Stops the process. When it goes on, [`resume`] follows.
extern "C" fn stop(signal: libc::c_int, _info: *mut libc::siginfo_t, _context: *mut libc::c_void) {
    give_back();
    // SAFETY: the calls take plain numbers and pointers to local structures.
    unsafe {
        let own = set(signal, libc::SIG_DFL);
        let mut open = std::mem::zeroed();
        libc::sigemptyset(&raw mut open);
        // While it is stopped, it can be ended.
        [signal].iter().chain(&ENDING).for_each(|signal| _ = libc::sigaddset(&raw mut open, *signal));
        libc::raise(signal);
        // The process stops here.
        libc::pthread_sigmask(libc::SIG_UNBLOCK, &raw const open, null_mut());
        libc::sigaction(signal, &raw const own, null_mut());
    }
}

/// The process goes on, whatever stopped it: the question is asked again, since the shell may show again what is typed. In the background,
/// the next read waits for the terminal, and this comes once more.
extern "C" fn resume(_signal: libc::c_int, _info: *mut libc::siginfo_t, _context: *mut libc::c_void) {
    if let Some(asked) = asked().filter(|asked| asked.is_in_front()) {
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
    let (mut key, mut too_long) = (Key::Text, false);
    loop {
        // One by one: what is typed after the line is not this question's.
        let mut byte = Zeroizing::new([0]);
        let read = (&asked.terminal).read(&mut *byte);
        if asked.resumed.swap(false, Ordering::SeqCst) {
            typed.clear();
            (key, too_long) = (Key::Text, false);
        }
        match read {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        }
        key = key.next(byte[0]);
        match byte[0] {
            // Not before: the rest of the line would go to the shell, which shows it.
            b'\n' | b'\r' | END if too_long => return Err(io::Error::other("it is longer than 64 KiB")),
            b'\n' | b'\r' => return text(typed),
            _ if key != Key::Text => {}
            END => break,
            BACKSPACE | DELETE => {
                let start = typed.iter().rposition(|byte| byte & 0xc0 != 0x80).unwrap_or(0);
                typed.truncate(start);
            }
            KILL => {
                typed.clear();
                too_long = false;
            }
            WORD => {
                let end = typed.iter().rposition(|byte| *byte != b' ').map_or(0, |last| last + 1);
                let start = typed[..end].iter().rposition(|byte| *byte == b' ').map_or(0, |blank| blank + 1);
                typed.truncate(start);
            }
            0..=31 if byte[0] != b'\t' => {}
            _ if typed.len() == LONGEST => too_long = true,
            other => typed.push(other),
        }
    }
    if typed.is_empty() { Err(io::ErrorKind::UnexpectedEof.into()) } else { text(typed) }
}

/// What a byte is part of. Arrows and other keys send `ESC [ … LETTER` or `ESC O LETTER`, and some terminals put such marks around what is
/// pasted: none of it is text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    Text,
    Escape,
    /// After `ESC [`.
    Sequence,
    /// After `ESC O`.
    Letter,
    /// The last byte of a key.
    Last,
}

impl Key {
    fn next(self, byte: u8) -> Self {
        match (self, byte) {
            (_, 27) => Self::Escape,
            (Self::Escape, b'[') => Self::Sequence,
            (Self::Escape, b'O') => Self::Letter,
            (Self::Sequence, 0x20..=0x3f) => Self::Sequence,
            (Self::Sequence, 0x40..=0x7e) | (Self::Letter, 0x20..=0x7e) => Self::Last,
            _ => Self::Text,
        }
    }
}

fn text(mut typed: Zeroizing<Vec<u8>>) -> io::Result<Zeroizing<String>> {
    String::from_utf8(std::mem::take(&mut *typed)).map(Zeroizing::new).map_err(|error| {
        drop(Zeroizing::new(error.into_bytes()));
        io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8")
    })
}

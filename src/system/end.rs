//! The end of the process by a signal: the terminal is given back and memory is wiped before the signal takes effect.
//!
//! All of it is done by the signal's handler, with system calls only, and nothing returns to what was interrupted. It runs on the main thread:
//! the others block these signals. They are stopped first, each where it is, so that none finds its memory empty.

use std::mem::zeroed;
use std::ptr::null_mut;
#[cfg(target_os = "linux")]
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{ENDING, prompt};

/// What stops a thread; and what it raises if it could not be stopped in time, and finds its memory empty.
#[cfg(target_os = "linux")]
const STOPPING: [libc::c_int; 6] = [libc::SIGUSR2, libc::SIGSEGV, libc::SIGBUS, libc::SIGILL, libc::SIGFPE, libc::SIGABRT];

/// How many threads have stopped.
#[cfg(target_os = "linux")]
static STOPPED: AtomicUsize = AtomicUsize::new(0);

pub(super) type Handler = extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void);

/// From now on, a signal that ends the process wipes its memory first. One that is ignored stays so.
pub fn wipe_at_signals() {
    for signal in ENDING {
        // SAFETY: the handler is a function of the type that `SA_SIGINFO` asks for; it only does what a handler may.
        unsafe {
            let before = set(signal, end as Handler as libc::sighandler_t);
            if before.sa_sigaction == libc::SIG_IGN {
                libc::sigaction(signal, &raw const before, null_mut());
            }
        }
    }
}

/// Has `signal` do `action`, and returns what it did before. No other signal interrupts a handler.
///
/// # Safety
/// `action` must be `SIG_DFL`, `SIG_IGN` or a [`Handler`] that only does what a handler may.
pub(super) unsafe fn set(signal: libc::c_int, action: libc::sighandler_t) -> libc::sigaction {
    // SAFETY: zeroed structures are valid, and the pointers are to local ones.
    unsafe {
        let (mut new, mut before): (libc::sigaction, libc::sigaction) = (zeroed(), zeroed());
        new.sa_sigaction = action;
        new.sa_flags = libc::SA_SIGINFO;
        libc::sigfillset(&raw mut new.sa_mask);
        libc::sigaction(signal, &raw const new, &raw mut before);
        before
    }
}

/// Ends the process by `signal`.
extern "C" fn end(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    prompt::give_back();
    // SAFETY: nothing returns from here, so that what is wiped is never used; the calls take plain numbers and pointers to local structures.
    unsafe {
        set(signal, libc::SIG_DFL);
        #[cfg(feature = "faults")]
        let wipes = !super::faults::keeps();
        #[cfg(not(feature = "faults"))]
        let wipes = true;
        if wipes {
            #[cfg(target_os = "linux")]
            {
                stop_others();
                wipe((info as usize).min(context as usize));
            }
            #[cfg(not(target_os = "linux"))]
            super::erase_environment();
            super::scrub();
        }
        let _ = (info, context);
        let mut it = zeroed();
        libc::sigemptyset(&raw mut it);
        libc::sigaddset(&raw mut it, signal);
        libc::pthread_sigmask(libc::SIG_UNBLOCK, &raw const it, null_mut());
        libc::raise(signal);
        // Not reached.
        libc::_exit(128 + signal);
    }
}

/// Stops all threads but this one, or waits until they have ended; for a tenth of a second at most.
///
/// # Safety
/// None of them is needed afterwards.
#[cfg(target_os = "linux")]
unsafe fn stop_others() {
    const ROUNDS: usize = 100;
    let pause = libc::timespec { tv_sec: 0, tv_nsec: 1_000_000 };
    // SAFETY: the handler is of the type that it must be; the other calls take plain numbers and pointers to local values and a C string.
    unsafe {
        STOPPING.iter().for_each(|signal| _ = set(*signal, stop as Handler as libc::sighandler_t));
        let (process, own) = (libc::getpid(), libc::gettid());
        for _ in 0..ROUNDS {
            let mut others = 0;
            let tasks = libc::open(c"/proc/self/task".as_ptr(), libc::O_RDONLY | libc::O_DIRECTORY | libc::O_CLOEXEC);
            let mut buffer = [0_u8; 4096];
            while let length @ 1.. = libc::syscall(libc::SYS_getdents64, tasks, buffer.as_mut_ptr(), buffer.len()) {
                for thread in Tasks(&buffer[..length as usize]).filter(|thread| *thread != own) {
                    others += 1;
                    // One that has stopped already blocks it.
                    libc::syscall(libc::SYS_tgkill, process, thread, STOPPING[0]);
                }
            }
            libc::close(tasks);
            if STOPPED.load(Ordering::SeqCst) >= others {
                return;
            }
            libc::syscall(libc::SYS_nanosleep, &raw const pause, null_mut::<libc::timespec>());
        }
    }
}

/// The threads in what the system lists of `/proc/self/task`: records with their length at byte 16 and, from byte 19 on, a name.
#[cfg(target_os = "linux")]
struct Tasks<'b>(&'b [u8]);

#[cfg(target_os = "linux")]
impl Iterator for Tasks<'_> {
    type Item = libc::pid_t;

    fn next(&mut self) -> Option<libc::pid_t> {
        loop {
            let length = usize::from(u16::from_ne_bytes([*self.0.get(16)?, *self.0.get(17)?]));
            let (record, rest) = self.0.split_at_checked(length.max(1))?;
            self.0 = rest;
            let digits = record.get(19..)?.iter().take_while(|byte| byte.is_ascii_digit());
            // `.` and `..` have none.
            match digits.fold(0, |number, digit| number * 10 + libc::pid_t::from(digit - b'0')) {
                0 => {}
                number => return Some(number),
            }
        }
    }
}

/// Keeps a thread where it is, by a system call and not by the C library, which looks into memory that is empty by then.
#[cfg(target_os = "linux")]
extern "C" fn stop(_signal: libc::c_int, _info: *mut libc::siginfo_t, _context: *mut libc::c_void) {
    STOPPED.fetch_add(1, Ordering::SeqCst);
    loop {
        let (none, forever, mask) = (null_mut::<libc::pollfd>(), null_mut::<libc::timespec>(), null_mut::<libc::sigset_t>());
        // SAFETY: it waits for none of no files. No signal interrupts it.
        unsafe { libc::syscall(libc::SYS_ppoll, none, 0, forever, mask, 0) };
    }
}

/// Empties all memory that is not a file's: the heap, every thread's stack, the environment. Left are what the C library has of this thread,
/// and this thread's stack below `frame`, the address of what the system put on it for the signal.
///
/// # Safety
/// Nothing that was in this memory may be used afterwards.
#[cfg(target_os = "linux")]
unsafe fn wipe(frame: usize) {
    use super::heap::PAGE;
    let page = |address: usize| address / PAGE * PAGE;
    // SAFETY: the path is a C string, the buffer is local, and the ranges are mappings whose content nobody needs.
    unsafe {
        // Locked memory can't be emptied.
        libc::munlockall();
        let own = page(libc::__errno_location() as usize);
        let empty = |start: usize, end: usize| {
            if start < end {
                libc::madvise(start as *mut libc::c_void, end - start, libc::MADV_DONTNEED);
            }
        };
        let maps = libc::open(c"/proc/self/maps".as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC);
        let mut buffer = [0_u8; 4096];
        let mut line = MapsLine::default();
        while let length @ 1.. = libc::read(maps, buffer.as_mut_ptr().cast(), buffer.len()) {
            for byte in &buffer[..length as usize] {
                let Some((start, end)) = line.push(*byte) else { continue };
                if (start..end).contains(&frame) {
                    let next = page(frame) + PAGE;
                    (frame..next.min(end)).for_each(|at| (at as *mut u8).write_volatile(0));
                    empty(next, end);
                } else {
                    empty(start, end.min(own - PAGE));
                    empty(start.max(own + 2 * PAGE), end);
                }
            }
        }
    }
}

/// A line of `/proc/self/maps`, byte by byte: `START-END PERMISSIONS OFFSET DEVICE INODE PATH`.
#[derive(Debug, Default)]
#[cfg(target_os = "linux")]
struct MapsLine {
    field: usize,
    start: usize,
    end: usize,
    is_file: bool,
    can: u8,
}

#[cfg(target_os = "linux")]
impl MapsLine {
    /// Takes a byte. At the end of a line, gives the range if it is private memory that can be written to and is not a file's.
    fn push(&mut self, byte: u8) -> Option<(usize, usize)> {
        let digit = |byte: u8| char::from(byte).to_digit(16).unwrap_or(0) as usize;
        match (self.field, byte) {
            (_, b'\n') => {
                let line = std::mem::take(self);
                return (line.can == 3 && !line.is_file).then_some((line.start, line.end));
            }
            (0, b'-') | (1..=5, b' ') => self.field += 1,
            (0, _) => self.start = self.start * 16 + digit(byte),
            (1, _) => self.end = self.end * 16 + digit(byte),
            (2, b'w' | b'p') => self.can += 1,
            (2, b'r') => self.can += 1,
            (5, b'1'..=b'9') => self.is_file = true,
            _ => {}
        }
        None
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn threads_are_listed() {
        let record = |name: &str, length: u16| {
            let mut record = vec![0; 16];
            record.extend(length.to_ne_bytes());
            record.push(4);
            record.extend(name.as_bytes());
            record.resize(usize::from(length), 0);
            record
        };
        let listed = [record(".", 24), record("..", 24), record("12", 24), record("1234567", 32)].concat();
        assert_eq!(Tasks(&listed).collect::<Vec<_>>(), [12, 1_234_567]);
        assert_eq!(Tasks(&listed[..listed.len() - 1]).collect::<Vec<_>>(), [12]);
        assert_eq!(Tasks(&[0; 40]).next(), None);
    }

    #[test]
    fn memory_is_told_from_files() {
        let text = "\
55a0c0000000-55a0c0021000 r--p 00000000 fd:00 1234                       /usr/bin/x\n\
55a0c0021000-55a0c0022000 rw-p 00021000 fd:00 1234                       /usr/bin/x\n\
55a0c0022000-55a0c0030000 rw-p 00000000 00:00 0 \n\
7f0000000000-7f0000001000 ---p 00000000 00:00 0\n\
7f0000001000-7f0000002000 r--p 00000000 00:00 0                          [vvar]\n\
7f0000002000-7f0000003000 rw-s 00000000 00:01 0                          /dev/zero\n\
7ffd00000000-7ffd00021000 rw-p 00000000 00:00 0                          [stack]\n\
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]\n";
        let mut line = MapsLine::default();
        let found: Vec<_> = text.bytes().filter_map(|byte| line.push(byte)).collect();
        assert_eq!(found, [(0x55a0_c002_2000, 0x55a0_c003_0000), (0x7ffd_0000_0000, 0x7ffd_0002_1000)]);
    }
}

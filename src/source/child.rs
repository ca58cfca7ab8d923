//! Runs other programs for a value: `--from-command` and Docker's credential helpers.
//!
//! The only place where a source starts a process. A child gets this process's environment without the variables that the template
//! uses as secrets, has no access to standard input, and has a time limit. It leads a process group of its own, so that at the limit, or
//! when a signal ends this process, all that it started ends with it.

use std::collections::BTreeSet;
use std::io::{ErrorKind, Read, Write as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use crate::system::{HeldSignals, Until};

/// The default time limit.
pub(super) const TIMEOUT: Duration = Duration::from_secs(30);

/// The largest value that is read, in bytes: the limit of Kubernetes for a Secret.
pub(super) const LIMIT: usize = 1024 * 1024;

/// Names of environment variables that are hidden from every child because the template uses them as secrets.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hidden(Arc<Mutex<BTreeSet<String>>>);

impl Hidden {
    /// Hides these names from every child started from now on.
    pub(crate) fn add(&self, names: impl IntoIterator<Item = String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(names);
    }

    /// The hidden names that are possible names of a variable, sorted.
    pub(super) fn names(&self) -> Vec<String> {
        let names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        names.iter().filter(|name| is_askable(name)).cloned().collect()
    }
}

/// Whether a variable can have this name. Looking up one that is empty or contains `=` or NUL panics or misreads it.
fn is_askable(name: &str) -> bool {
    !name.is_empty() && !name.contains(['=', '\0'])
}

/// Why a program gave no output.
#[derive(Debug)]
pub(super) enum Ended {
    /// It can't be started; the reason of the operating system.
    NotStarted(String),
    /// It exceeded the time limit.
    TimedOut,
    /// It printed more than [`LIMIT`].
    TooLong,
}

/// A program to run.
#[derive(Debug)]
pub(super) struct Call<'c> {
    /// The program.
    pub program: &'c str,
    /// Its arguments.
    pub arguments: &'c [String],
    /// Its standard input.
    pub input: &'c str,
    /// Whether its standard error is kept; otherwise it is this process's.
    pub hears: bool,
    /// The folder that it runs in; none: this process's.
    pub folder: Option<&'c Path>,
}

/// What a program left. Wiped when dropped.
pub(super) struct Ran {
    /// Its exit status.
    pub status: ExitStatus,
    /// Its standard output.
    pub output: Zeroizing<Vec<u8>>,
    /// The beginning of its standard error, if that is kept.
    pub said: Zeroizing<Vec<u8>>,
}

/// The most that is kept of standard error, in bytes.
const HEARD: usize = 4096;

/// How long a signal may go unnoticed.
const PULSE: Duration = Duration::from_millis(20);

/// Runs a program to its end.
///
/// # Errors
/// When it gives no output in time. Neither it nor what it started is left then.
pub(super) fn run(call: &Call<'_>, timeout: Duration, hidden: &Hidden) -> Result<Ran, Ended> {
    let mut command = Command::new(call.program);
    hidden.names().iter().for_each(|name| _ = command.env_remove(name));
    command.args(call.arguments).stdout(Stdio::piped());
    call.folder.into_iter().for_each(|folder| _ = command.current_dir(folder));
    command.stdin(if call.input.is_empty() { Stdio::null() } else { Stdio::piped() });
    if call.hears {
        command.stderr(Stdio::piped());
    }
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    // From before it starts, or a signal could end this process and leave the program.
    let held = HeldSignals::new();
    held.spare(&mut command);
    let mut child = command.spawn().map_err(|error| Ended::NotStarted(error.to_string()))?;
    let deadline = Instant::now() + timeout;
    if let Some(mut stdin) = child.stdin.take() {
        // A registry's name fits into the pipe. A program that does not read it is no error.
        let _ = stdin.write_all(call.input.as_bytes());
    }
    let said = child.stderr.take().map(|from| beside(move || beginning(Until { from, deadline })));
    let output = child.stdout.take().map(|from| beside(move || read(Until { from, deadline })));
    let read = output.as_ref().and_then(|output| output.get(deadline, &held));
    let read = read.filter(|read| !matches!(read, Err(error) if error.kind() == ErrorKind::TimedOut));
    let status = if read.is_some() { wait(&mut child, deadline, &held) } else { None };
    let (Some(read), Some(status)) = (read, status) else {
        end(&mut child);
        // At the limit, the threads end as well, and wipe what they have read so far. After a signal the whole process ends.
        if !held.waits() {
            output.into_iter().for_each(Beside::end);
            said.into_iter().for_each(Beside::end);
        }
        return Err(Ended::TimedOut);
    };
    output.into_iter().for_each(Beside::end);
    // What it started may still hold its standard error open.
    let heard = said.and_then(|said| {
        let heard = said.get(deadline.min(Instant::now() + PULSE), &held)?;
        said.end();
        Some(heard)
    });
    // If the output was too long, reading stopped and the closed pipe ended the program.
    read.map(|output| Ran { status, output, said: heard.unwrap_or_default() }).map_err(|_| Ended::TooLong)
}

/// The result of a thread: two pipes are read at once, and a signal may come meanwhile.
struct Beside<T> {
    result: mpsc::Receiver<T>,
    thread: JoinHandle<()>,
}

fn beside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Beside<T> {
    let (sender, result) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        let _ = sender.send(work());
        // The stack may be reused by another thread.
        crate::system::scrub();
    });
    Beside { result, thread }
}

impl<T> Beside<T> {
    /// Waits for the thread. It has given its result, and only has to scrub its stack; or its time is up.
    fn end(self) {
        let _ = self.thread.join();
    }

    /// The result, unless it is not there by the deadline or a signal comes before.
    fn get(&self, deadline: Instant, held: &HeldSignals) -> Option<T> {
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.result.recv_timeout(left.min(PULSE)) {
                Ok(result) => return Some(result),
                Err(_) if left.is_zero() || held.waits() => return None,
                Err(_) => {}
            }
        }
    }
}

fn wait(child: &mut Child, deadline: Instant, held: &HeldSignals) -> Option<ExitStatus> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < deadline && !held.waits() => std::thread::sleep(Duration::from_millis(1)),
            _ => return None,
        }
    }
}

/// Ends a program, which has not been waited for, and what it started.
fn end(child: &mut Child) {
    #[cfg(unix)]
    crate::system::kill_group(child.id());
    // Fails if it has just ended by itself, which is fine.
    let _ = child.kill();
    let _ = child.wait();
}

/// Reads all of `from` and keeps the beginning.
fn beginning(mut from: impl Read) -> Zeroizing<Vec<u8>> {
    let mut kept = Zeroizing::new(Vec::with_capacity(HEARD));
    let mut buffer = Zeroizing::new([0; HEARD]);
    while let Ok(count @ 1..) = from.read(&mut *buffer) {
        let room = HEARD - kept.len();
        kept.extend_from_slice(&buffer[..count.min(room)]);
    }
    kept
}

/// Reads all of `from`. The buffer is wiped and never grows.
///
/// # Errors
/// When it is longer than [`LIMIT`] (`FileTooLarge`), or can't be read.
pub(crate) fn read(mut from: impl Read) -> std::io::Result<Zeroizing<Vec<u8>>> {
    let mut buffer = Zeroizing::new(vec![0; LIMIT + 1]);
    let mut length = 0;
    while length < buffer.len() {
        match from.read(&mut buffer[length..]) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    if length > LIMIT {
        return Err(std::io::Error::new(ErrorKind::FileTooLarge, "larger than 1 MiB"));
    }
    Ok(Zeroizing::new(buffer[..length].to_vec()))
}

/// Removes one final line break and returns whether there was one. Unlike `$(…)` in a shell, it keeps any others: they are part of the
/// value.
pub(crate) fn chomp(bytes: &mut Vec<u8>) -> bool {
    let found = bytes.ends_with(b"\n");
    if found {
        bytes.pop();
        if bytes.ends_with(b"\r") {
            bytes.pop();
        }
    }
    found
}

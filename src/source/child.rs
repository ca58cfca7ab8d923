//! Runs other programs for a value: `--from-command` and Docker's credential helpers.
//!
//! The only place where a source starts a process. A child gets this process's environment without the variables that the template
//! uses as secrets, has no access to standard input, and has a time limit.

use std::collections::BTreeSet;
use std::io::{Read, Write as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

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
    fn names(&self) -> Vec<String> {
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

/// Runs `program` to its end and returns its exit status and its output, which is wiped when dropped. It shares this process's standard
/// error.
pub(super) fn run(
    program: &str,
    arguments: &[String],
    input: &str,
    timeout: Duration,
    hidden: &Hidden,
) -> Result<(ExitStatus, Zeroizing<Vec<u8>>), Ended> {
    let mut command = Command::new(program);
    hidden.names().iter().for_each(|name| _ = command.env_remove(name));
    command.args(arguments).stdout(Stdio::piped());
    command.stdin(if input.is_empty() { Stdio::null() } else { Stdio::piped() });
    let mut child = command.spawn().map_err(|error| Ended::NotStarted(error.to_string()))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A registry's name fits into the pipe. A program that does not read it is no error.
        let _ = stdin.write_all(input.as_bytes());
    }
    let (sender, receiver) = mpsc::channel();
    let deadline = Instant::now() + timeout;
    let mut reader = None;
    if let Some(stdout) = child.stdout.take() {
        // In a thread, since a read has no time limit. It ends when the program closes its output.
        reader = Some(std::thread::spawn(move || {
            let _ = sender.send(read(stdout).ok());
            // The stack may be reused by another thread.
            crate::system::scrub();
        }));
    }
    let output = receiver.recv_timeout(timeout);
    if output.is_ok() {
        // It has read everything and only has to scrub its stack.
        reader.into_iter().for_each(|reader| _ = reader.join());
    }
    let status = wait(&mut child, deadline);
    let (Ok(output), Some(status)) = (output, status) else {
        // Fails if it has just ended by itself, which is fine.
        let _ = child.kill();
        let _ = child.wait();
        return Err(Ended::TimedOut);
    };
    // If the output was too long, reading stopped and the closed pipe ended the program.
    output.map(|output| (status, output)).ok_or(Ended::TooLong)
}

fn wait(child: &mut Child, deadline: Instant) -> Option<ExitStatus> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(1)),
            _ => return None,
        }
    }
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
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    if length > LIMIT {
        return Err(std::io::Error::new(std::io::ErrorKind::FileTooLarge, "larger than 1 MiB"));
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

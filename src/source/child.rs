//! Other programs, run for a value: `--from-command` and Docker's credential helpers.
//!
//! The one place where a source starts a process. A child gets this process's environment without the variables that the template
//! uses as secrets, is given its input and nothing of the terminal's, and has a time limit.

use std::collections::BTreeSet;
use std::io::{Read, Write as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

/// How long a program may take unless told otherwise.
pub(super) const TIMEOUT: Duration = Duration::from_secs(30);

/// The largest value that is read, in bytes: Kubernetes' own limit for a Secret.
pub(super) const LIMIT: usize = 1024 * 1024;

/// Names of environment variables that no child gets, because the template uses them as secrets.
#[derive(Debug, Clone, Default)]
pub struct Hidden(Arc<Mutex<BTreeSet<String>>>);

impl Hidden {
    /// Hides these names from every child that is started from now on.
    pub fn add(&self, names: impl IntoIterator<Item = String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(names);
    }

    /// The hidden names that a variable can have at all, sorted.
    fn names(&self) -> Vec<String> {
        let names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        names.iter().filter(|name| is_askable(name)).cloned().collect()
    }
}

/// The system's look-up panics or misreads a name that is empty or holds `=` or NUL; no variable can be called so.
fn is_askable(name: &str) -> bool {
    !name.is_empty() && !name.contains(['=', '\0'])
}

/// How a program ended before it gave a value.
#[derive(Debug)]
pub(super) enum Ended {
    /// It can't be started; the system's reason.
    NotStarted(String),
    /// It took longer than it may.
    TimedOut,
    /// It printed more than [`LIMIT`].
    TooLong,
}

/// Runs `program` to its end: its exit status and what it printed, wiped when dropped. Its standard error is this process's own.
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
        // A registry's name fits into the pipe at once. Whether the program wants it is its own affair.
        let _ = stdin.write_all(input.as_bytes());
    }
    let (sender, receiver) = mpsc::channel();
    let deadline = Instant::now() + timeout;
    let mut reader = None;
    if let Some(stdout) = child.stdout.take() {
        // A thread of its own: a read can't be given a time limit. It ends when the program's output does.
        reader = Some(std::thread::spawn(move || {
            let _ = sender.send(read(stdout).ok());
            // Its stack may be kept for another thread.
            crate::system::scrub();
        }));
    }
    let output = receiver.recv_timeout(timeout);
    if output.is_ok() {
        // It has read to the end, and only has itself to scrub.
        reader.into_iter().for_each(|reader| _ = reader.join());
    }
    let status = wait(&mut child, deadline);
    let (Ok(output), Some(status)) = (output, status) else {
        // It may have ended by itself meanwhile; nothing is left to do then.
        let _ = child.kill();
        let _ = child.wait();
        return Err(Ended::TimedOut);
    };
    // Too much: reading stopped, and the program was ended by its closed output.
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

/// Everything `from` gives. The buffer is wiped and never grows past its first size.
///
/// # Errors
/// When that is more than [`LIMIT`] (`FileTooLarge`), or can't be read.
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
        return Err(std::io::Error::new(std::io::ErrorKind::FileTooLarge, "it is larger than 1 MiB"));
    }
    Ok(Zeroizing::new(buffer[..length].to_vec()))
}

/// Removes one line break at the end, as `$(…)` in a shell does with all of them: more belong to the value. Tells whether there
/// was one.
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

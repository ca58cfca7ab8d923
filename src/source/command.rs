//! `--from-command NAME='CMD'`: a value that another program prints.

use std::io::Read;
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::{Source, SourceError};
use crate::secret::{NotUtf8, Origin, Secret};

/// How long a command may take unless told otherwise.
pub(super) const TIMEOUT: Duration = Duration::from_secs(30);

/// The largest output that is read, in bytes: Kubernetes' own limit for a Secret.
const LIMIT: usize = 1024 * 1024;

/// One name and the command that prints its value. The command runs when the value is asked for, without a shell.
#[derive(Debug)]
pub struct Command {
    name: String,
    line: String,
    timeout: Duration,
}

/// Why a command gave no value. Holds nothing of what it printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommandError {
    /// The command line has no words, or a quote is not closed.
    Syntax,
    /// The program can't be started; the system's reason.
    Start(String, String),
    /// It ended with this code.
    Failed(String, i32),
    /// A signal ended it.
    Killed(String),
    /// It took longer than this.
    TimedOut(String, Duration),
    /// It printed more than a value can be.
    TooLong(String),
    /// What it printed is not UTF-8.
    NotUtf8(String),
}

impl Command {
    /// `name`'s value is what the command `line` prints.
    pub fn new(name: String, line: String, timeout: Duration) -> Self {
        Self { name, line, timeout }
    }

    fn run(&self) -> Result<Secret, CommandError> {
        let words = shlex::split(&self.line).filter(|words| !words.is_empty()).ok_or(CommandError::Syntax)?;
        let program = words[0].clone();
        let mut child = std::process::Command::new(&program)
            .args(&words[1..])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| CommandError::Start(program.clone(), error.to_string()))?;
        let Some(stdout) = child.stdout.take() else { return Err(CommandError::Killed(program)) };
        let deadline = Instant::now() + self.timeout;
        let (sender, receiver) = mpsc::channel();
        // A thread of its own: a read can't be given a time limit. It ends when the command's output does.
        std::thread::spawn(move || sender.send(read(stdout)));
        let output = receiver.recv_timeout(self.timeout);
        let status = wait(&mut child, deadline);
        let (Ok(output), Some(status)) = (output, status) else {
            // It may have ended by itself meanwhile; nothing is left to do then.
            let _ = child.kill();
            let _ = child.wait();
            return Err(CommandError::TimedOut(program, self.timeout));
        };
        // Too much: reading stopped, and the command was ended by its closed output.
        let Some(mut output) = output else { return Err(CommandError::TooLong(program)) };
        match status.code() {
            None => Err(CommandError::Killed(program)),
            Some(0) => {
                // As `$(…)` in a shell, but only one line break: more belong to the value.
                if output.ends_with(b"\n") {
                    output.pop();
                    if output.ends_with(b"\r") {
                        output.pop();
                    }
                }
                Secret::from_bytes(output).map_err(|NotUtf8| CommandError::NotUtf8(program))
            }
            Some(code) => Err(CommandError::Failed(program, code)),
        }
    }
}

fn wait(child: &mut Child, deadline: Instant) -> Option<std::process::ExitStatus> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(1)),
            _ => return None,
        }
    }
}

/// Everything `from` gives, or `None` when that is more than [`LIMIT`]. The buffer is wiped and never grows past its first size.
fn read(mut from: impl Read) -> Option<Zeroizing<Vec<u8>>> {
    let mut buffer = Zeroizing::new(vec![0; LIMIT + 1]);
    let mut length = 0;
    while length < buffer.len() {
        match from.read(&mut buffer[length..]) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
    (length <= LIMIT).then(|| Zeroizing::new(buffer[..length].to_vec()))
}

impl Source for Command {
    fn label(&self) -> String {
        "command".to_owned()
    }

    fn origin(&self) -> Option<Origin> {
        None
    }

    fn has(&self, name: &str) -> Result<bool, SourceError> {
        Ok(name == self.name)
    }

    fn get(&self, name: &str) -> Result<Option<Secret>, SourceError> {
        if name != self.name {
            return Ok(None);
        }
        self.run().map(Some).map_err(SourceError::Command)
    }
}

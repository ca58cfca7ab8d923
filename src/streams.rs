//! The process's streams, which `main` passes to a command. The library itself opens none.

use std::cell::Cell;
use std::io::{self, Read, Write};

use serde::Serialize;
use zeroize::Zeroizing;

use crate::diagnostic::{Diagnostic, printable_json};
use crate::error::Report;
use crate::output::Redirect;

/// Asks for a secret, with this question, without showing what is typed.
pub(crate) type Ask<'s> = &'s mut dyn FnMut(&str) -> io::Result<Zeroizing<String>>;

/// Where a command reads from and writes to.
pub struct Streams<'s> {
    /// Standard input, for a template named `-`.
    pub stdin: &'s mut dyn Read,
    /// Standard output, for data.
    pub stdout: &'s mut dyn Write,
    /// Standard error, for a table in addition to data.
    pub stderr: &'s mut dyn Write,
    /// Prints one diagnostic.
    pub warn: &'s mut dyn FnMut(&Diagnostic),
    /// Whether one of them was a warning.
    pub warned: &'s Cell<bool>,
    /// Standard output is a terminal.
    pub terminal: bool,
    /// Standard error is a terminal, so that progress may be shown on it.
    pub progress: bool,
    /// The file that standard output was redirected to, if it was.
    pub redirect: Option<Redirect>,
    /// Asks for a secret, if standard input is a terminal.
    pub ask: Option<Ask<'s>>,
}

impl Streams<'_> {
    /// Writes `data` to standard output. A reader that stops before the end (`sdlrender x | head -1`) is not an error.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn write(&mut self, data: &[u8]) -> Result<(), Report> {
        match self.stdout.write_all(data).and_then(|()| self.stdout.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(Report::usage(Diagnostic::error(format!("cannot write to standard output: {error}"))))
            }
            _ => Ok(()),
        }
    }

    /// Whether somebody can see a question and answer it.
    #[must_use]
    pub fn can_ask(&self) -> bool {
        self.ask.is_some() && self.progress
    }

    /// Asks for something that may be seen; the answer is a line, without blanks around it.
    ///
    /// # Errors
    /// When there is none.
    pub fn question(&mut self, question: &str) -> io::Result<String> {
        self.stderr.write_all(question.as_bytes())?;
        self.stderr.flush()?;
        let (mut line, mut byte) = (Vec::new(), [0]);
        // One by one: what is typed after the line is not this question's.
        while byte != *b"\n" {
            match self.stdin.read(&mut byte) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(_) => line.push(byte[0]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(String::from_utf8_lossy(&line).trim().to_owned())
    }

    /// Writes `value` to standard output as one JSON document.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn write_json(&mut self, value: &impl Serialize) -> Result<(), Report> {
        self.write((printable_json(serde_json::to_string_pretty(value)?) + "\n").as_bytes())
    }
}

impl std::fmt::Debug for Streams<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Streams").field("terminal", &self.terminal).finish_non_exhaustive()
    }
}

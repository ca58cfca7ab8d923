//! `--from-command NAME='CMD'`, and the commands of the project's file: a value printed by another program.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use zeroize::Zeroizing;

use super::child::{self, Call, Ended, Hidden, chomp};
use super::{Source, SourceError};
use crate::secret::{NotUtf8, Origin, Secret};

mod line;

pub(crate) use line::{CommandLine, LineError};

/// A name and the command that prints its value. The command runs when the value is needed, without a shell.
#[derive(Debug)]
pub(crate) struct CommandSource {
    name: String,
    line: CommandLine,
    timeout: Duration,
    hidden: Hidden,
    /// What it gave, so that it runs once, however many templates need it.
    given: OnceLock<Result<Secret, CommandError>>,
    file: Option<Arc<CommandFile>>,
}

/// The file that a command is written in, if it is not an option.
#[derive(Debug)]
pub(crate) struct CommandFile {
    /// Its path, as messages show it.
    pub name: String,
    /// Its folder, in which its commands run.
    pub folder: PathBuf,
    /// Whether they may run.
    pub trusted: bool,
}

/// Why a command gave no value. Holds nothing of its output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CommandError {
    /// The program can't be started; the reason of the operating system.
    Start(String, String),
    /// It exited with this code; a character of its line that a shell would have taken for a pattern of file names.
    Failed(String, i32, Option<char>),
    /// It was killed by a signal.
    Killed(String),
    /// It took longer than this limit.
    TimedOut(String, Duration),
    /// It printed more than the limit for a value.
    TooLong(String),
    /// Its output is not UTF-8.
    NotUtf8(String),
}

impl CommandSource {
    /// The value of `name` is what the command `line` prints. The command does not get the variables in `hidden`.
    pub(crate) fn new(name: String, line: CommandLine, timeout: Duration, hidden: Hidden) -> Self {
        Self { name, line, timeout, hidden, file: None, given: OnceLock::new() }
    }

    /// The same, if the command is written in `file`.
    pub(crate) fn of(self, file: &Arc<CommandFile>) -> Self {
        Self { file: Some(file.clone()), ..self }
    }

    /// Whether the command may run.
    fn allowed(&self) -> Result<(), SourceError> {
        match &self.file {
            Some(file) if !file.trusted => Err(SourceError::Untrusted(file.name.clone())),
            _ => Ok(()),
        }
    }

    fn run(&self) -> Result<Secret, CommandError> {
        let program = self.line.program().to_owned();
        let folder = self.file.as_ref().map(|file| file.folder.as_path());
        let call = Call { program: &program, arguments: self.line.arguments(), input: "", hears: false, folder };
        let ran = child::run(&call, self.timeout, &self.hidden).map_err(|ended| match ended {
            Ended::NotStarted(why) => CommandError::Start(program.clone(), why),
            Ended::TimedOut => CommandError::TimedOut(program.clone(), self.timeout),
            Ended::TooLong => CommandError::TooLong(program.clone()),
        })?;
        match ran.status.code() {
            None => Err(CommandError::Killed(program)),
            Some(0) => {
                let mut output = ran.output;
                chomp(&mut output);
                Secret::from_bytes(output).map_err(|NotUtf8| CommandError::NotUtf8(program))
            }
            Some(code) => Err(CommandError::Failed(program, code, self.line.pattern())),
        }
    }
}

impl Source for CommandSource {
    fn label(&self) -> String {
        self.file.as_ref().map_or_else(|| "command".to_owned(), |file| format!("command in {}", file.name))
    }

    /// None: it has nothing but its own name.
    fn places(&self, _name: &str) -> Vec<String> {
        Vec::new()
    }

    fn origin(&self) -> Option<Origin> {
        None
    }

    fn has(&self, name: &str) -> Result<bool, SourceError> {
        if name != self.name {
            return Ok(false);
        }
        self.allowed().map(|()| true)
    }

    fn shared(&self) -> Option<String> {
        Some(format!("{}: {}={:?}", self.label(), self.name, self.line))
    }

    fn runs_programs(&self) -> bool {
        true
    }

    fn get(&self, name: &str) -> Result<Option<Secret>, SourceError> {
        if name != self.name {
            return Ok(None);
        }
        self.allowed()?;
        match self.given.get_or_init(|| self.run()) {
            Ok(value) => Ok(Some(Secret::new(Zeroizing::new(value.expose().to_owned())))),
            Err(why) => Err(SourceError::Command(why.clone())),
        }
    }
}

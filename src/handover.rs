//! Hands documents to a command: each is a file in memory, whose path takes the place of a word in the command's arguments. Then the command
//! takes this process's place, so that its exit code, its signals and its terminal are its own.
//!
//! The path is `/proc/PID/fd/N`, where PID is this process and so the command: all that the command starts finds the file there, even if it
//! has closed its own N. `/proc/self/fd/N` or `/dev/fd/N` would be lost then. Without files in memory, it is a file in a folder that only the
//! user may enter, the command is a child, and the file is removed when it ends.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use crate::system::HeldSignals;

mod keeper;
#[cfg(target_os = "linux")]
mod memory;
mod program;
mod start;

pub(crate) use keeper::DocumentPlace;
use keeper::Keeper;

/// Why a command can't be started.
#[derive(Debug)]
pub enum StartError {
    /// None of its arguments contains this word.
    NoWord(&'static str),
    /// There is no such program, in PATH or at this path; and the name of one that may have been meant.
    NotFound(OsString, Option<String>),
    /// It is a directory.
    Directory(PathBuf),
    /// It is not executable.
    NotExecutable(PathBuf),
    /// A word of it contains NUL.
    Nul,
    /// The operating system refused to start it.
    Refused(PathBuf, std::io::Error),
    /// A document can be kept neither in memory nor in this folder.
    NoFile(PathBuf, std::io::Error),
}

/// A command to be started with documents.
pub struct Handover {
    program: PathBuf,
    words: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
    // Dropped in this order: signals take effect when all files are removed.
    keepers: Vec<Keeper>,
    held: Option<HeldSignals>,
}

impl Handover {
    /// The command `words`, whose first is the program. Each of `documents` must be in an argument.
    ///
    /// # Errors
    /// When one is not, or there is no such program.
    pub(crate) fn new(words: &[OsString], documents: &[&'static str]) -> Result<Self, StartError> {
        let (name, arguments) = words.split_first().ok_or_else(|| StartError::NotFound(OsString::new(), None))?;
        if words.iter().any(|word| word.as_encoded_bytes().contains(&0)) {
            return Err(StartError::Nul);
        }
        let program = program::find(name)?;
        let named = |word: &str| arguments.iter().any(|argument| replaced(argument, word, OsStr::new("")).is_some());
        if let Some(missing) = documents.iter().find(|word| !named(word)) {
            return Err(StartError::NoWord(missing));
        }
        Ok(Self { program, words: words.to_vec(), environment: Vec::new(), keepers: Vec::new(), held: None })
    }

    /// Gives the command this process's environment without these variables.
    pub(crate) fn without(&mut self, names: &[String]) {
        let is_left = |variable: &OsStr| !names.iter().any(|name| variable == OsStr::new(name));
        self.environment = std::env::vars_os().filter(|(variable, _)| is_left(variable)).collect();
    }

    /// Keeps `content` for the command, and puts its path where `word` is. Says where it is kept.
    ///
    /// # Errors
    /// When it can't be kept.
    pub(crate) fn give(&mut self, word: &str, content: &[u8]) -> Result<DocumentPlace, StartError> {
        let (keeper, place) = Keeper::of(content, &mut self.held)?;
        self.keepers.push(keeper);
        for argument in self.words.iter_mut().skip(1) {
            if let Some(filled) = replaced(argument, word, place.path().as_os_str()) {
                *argument = filled;
            }
        }
        Ok(place)
    }
}

impl std::fmt::Debug for Handover {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Handover").field("program", &self.program).finish_non_exhaustive()
    }
}

/// `text` with `path` wherever `word` is; none if it is nowhere.
fn replaced(text: &OsStr, word: &str, path: &OsStr) -> Option<OsString> {
    let mut rest = text.as_encoded_bytes();
    memchr::memmem::find(rest, word.as_bytes())?;
    let mut filled = Vec::new();
    while let Some(at) = memchr::memmem::find(rest, word.as_bytes()) {
        filled.extend_from_slice(&rest[..at]);
        filled.extend_from_slice(path.as_encoded_bytes());
        rest = &rest[at + word.len()..];
    }
    filled.extend_from_slice(rest);
    from_bytes(filled)
}

#[cfg(unix)]
fn from_bytes(bytes: Vec<u8>) -> Option<OsString> {
    Some(std::os::unix::ffi::OsStringExt::from_vec(bytes))
}

/// An argument that is not Unicode stays as it is.
#[cfg(not(unix))]
fn from_bytes(bytes: Vec<u8>) -> Option<OsString> {
    String::from_utf8(bytes).ok().map(OsString::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_replaced_wherever_it_is() {
        let replaced = |text: &str| replaced(OsStr::new(text), "{}", OsStr::new("/p/1"));
        for (text, filled) in
            [("{}", "/p/1"), ("--sdl={}", "--sdl=/p/1"), ("cat {} {}; {", "cat /p/1 /p/1; {"), ("{{}}", "{/p/1}")]
        {
            assert_eq!(replaced(text), Some(filled.into()), "{text}");
        }
        assert_eq!(replaced("{ }"), None);
    }
}

//! Words for a command that can't be started with documents.

use std::ffi::OsStr;
use std::io;
use std::path::Path;

use super::Report;
use crate::diagnostic::Diagnostic;
use crate::handover::StartError;

/// A command that can't be started. The exit code is the one that a shell has for it.
pub(crate) fn start(error: &StartError) -> Report {
    let (code, diagnostic) = match error {
        StartError::NoWord(word) => {
            let diagnostic = Diagnostic::error(format!("no argument of the command contains {word}"));
            (2, diagnostic.help(format!("write {word} where the path of the {} goes", document(word))))
        }
        StartError::NotFound(name, similar) => (127, not_found(name, similar.as_deref())),
        StartError::Directory(path) => {
            (126, Diagnostic::error(format!("{} is a directory", path.display())).help("behind `--`, give the program first"))
        }
        StartError::NotExecutable(path) => {
            let path = path.display();
            (126, Diagnostic::error(format!("{path} is not executable")).help(format!("chmod +x {path}")))
        }
        StartError::Nul => (2, Diagnostic::error("a word of the command contains NUL")),
        StartError::Refused(path, failure) => refused(path, failure),
        StartError::NoFile(folder, failure) => {
            let diagnostic = Diagnostic::error(format!("can't write a file for the command in {}: {failure}", folder.display()));
            (2, diagnostic.help("set TMPDIR to a folder that you can write to"))
        }
    };
    Report { diagnostics: vec![diagnostic], code }
}

/// What `word` is the place of.
fn document(word: &str) -> &'static str {
    if word == "{secrets}" { "secrets" } else { "SDL" }
}

fn not_found(name: &OsStr, similar: Option<&str>) -> Diagnostic {
    let shown = name.to_string_lossy();
    let diagnostic = match shown.contains('/') {
        true => Diagnostic::error(format!("there is no program {shown}")),
        false => Diagnostic::error(format!("command not found: {shown}")),
    };
    match similar {
        _ if shown.contains(char::is_whitespace) => {
            diagnostic.help("give the program and each argument as a word of its own: -- akt deploy {}")
        }
        Some(similar) => diagnostic.help(format!("did you mean {similar}?")),
        None if shown.contains('/') => diagnostic,
        None => diagnostic.help("is it installed, and in PATH? An alias or a function of the shell can't be used"),
    }
}

fn refused(path: &Path, failure: &io::Error) -> (u8, Diagnostic) {
    /// The system does not know the format of the file.
    const ENOEXEC: i32 = 8;
    let diagnostic = Diagnostic::error(format!("can't start {}: {failure}", path.display()));
    match failure.kind() {
        _ if failure.raw_os_error() == Some(ENOEXEC) => {
            (126, diagnostic.help("the first line of a script names its interpreter: #!/bin/sh"))
        }
        io::ErrorKind::NotFound => (127, diagnostic.help("the interpreter that its first line names does not exist")),
        io::ErrorKind::ArgumentListTooLong => (126, diagnostic.help("its arguments and environment are too long")),
        _ => (126, diagnostic),
    }
}

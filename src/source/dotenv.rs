//! `.env` files, read by a reader of our own.
//!
//! Readers of `.env` differ, and none of the crates that read it passes the tests here: dotenvy and dotenvs end a file at one odd line,
//! lose quotes, backslashes or parts of a `$NAME`; dotenvor refuses a whole file and leaves a `$NAME` that is not set as text;
//! dotenv-parser refuses blanks in values; all return plain strings, and some quote the line, which holds a secret, in their errors.
//!
//! Where node's dotenv with dotenv-expand, python-dotenv and compose-go agree, this reader agrees. Where they differ, it takes compose's
//! reading, or refuses the name and says how it is read elsewhere. A fault belongs to one name, and is an error only when that name is
//! asked for. Nothing is ever run.
//!
//! # Grammar
//! ```text
//! file      = [BOM] line*                     a line ends with LF or CR LF
//! line      = blank* [ "#" any* | entry ]     any other line gives no name a value, and is passed over
//! entry     = [ "export" blank+ ] NAME [ blank* ( "=" | ":" ) blank* value ]
//! NAME      = ( letter | digit | "_" | "." | "-" | "[" | "]" )+
//!             by itself it has the environment's value; the last of a repeated NAME wins
//! value     = plain [ " #" any* ]             outer blanks are left out; a backslash is a backslash
//!           | "'" any* "'" [ comment ]        several lines; \' is a quote, all else is as it stands
//!           | '"' any* '"' [ comment ]        several lines; \n \r \t \" \\ \$ are escapes, another backslash is a backslash
//! reference = "$" VAR | "${" VAR [ operator word ] "}"       in plain and double-quoted values, on one line
//! VAR       = ( letter | "_" ) ( letter | digit | "_" )*     of ASCII; looked up in the environment, then on the lines before
//! operator  = ":-" | "-" | ":?" | "?" | ":+" | "+"           as in a shell; word may hold references
//! ```
//! A `$` before anything else is a `$`. What is refused, and why: [`DotenvFault`].

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use zeroize::Zeroizing;

use self::expand::{Failure, FoundReference};
use self::statement::{Line, Lines, WrittenValue};
use super::child::LIMIT;
use super::{Source, SourceError, Trace};
use crate::secret::{Origin, Secret};

mod expand;
mod statement;

/// One `.env` file. It is read when the first name is asked for; a file that is not there has no names.
#[derive(Debug)]
pub(crate) struct Dotenv {
    path: PathBuf,
    file: OnceLock<Result<Loaded, DotenvError>>,
    gave: AtomicBool,
}

#[derive(Debug)]
struct Loaded {
    content: Content,
    readable: Option<Remark>,
}

/// What a `.env` file holds.
#[derive(Debug, Default)]
pub struct Content {
    values: HashMap<String, Result<Secret, Flaw>>,
    /// Names that are set more than once: the last line that does, and whether the name was asked for.
    repeated: HashMap<String, (usize, AtomicBool)>,
    /// Names on lines that were passed over: the last of these lines, and whether the name was asked for.
    passed: HashMap<String, (usize, AtomicBool)>,
}

/// Why one name of a file has no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// The line, from 1.
    pub line: usize,
    /// The name; another one than was asked for where that one refers to it.
    pub key: String,
    /// What is wrong.
    pub fault: DotenvFault,
}

/// Why a `.env` file, or a value in it, can't be used. Holds nothing of the content but a key's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DotenvError {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1; 0 where it is the whole file.
    pub line: usize,
    /// The key; none where it is the whole file.
    pub key: Option<String>,
    /// What is wrong.
    pub fault: DotenvFault,
}

/// Why a name, or a whole file, can't be read. The first three are of a whole file; those after [`DotenvFault::TooLong`] are forms that readers disagree on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DotenvFault {
    /// The file can't be read; the system's reason.
    Io(String),
    /// The file is larger than 1 MiB.
    TooLarge,
    /// The file is UTF-16.
    Utf16,
    /// The value is not UTF-8.
    NotUtf8,
    /// A quote is not closed.
    Unclosed,
    /// A reference names something that is not set: it would vanish.
    Unset,
    /// `${NAME:?…}` where NAME is not set.
    Required,
    /// A reference names a variable of the environment that is not UTF-8.
    Environment,
    /// References would make the file's values longer than 1 MiB.
    TooLong,
    /// Text after the closing quote.
    AfterQuote,
    /// The name stands within or after the quotes that the line of this number opens, and does not close as it should.
    InsideQuotes(usize),
    /// A value of several lines without quotes.
    SeveralLines,
    /// A `#` right after `= `.
    LeadingHash,
    /// A `#` after white space that is not a space.
    TabHash,
    /// A value in backquotes.
    Backquotes,
    /// A carriage return within a value.
    CarriageReturn,
    /// `$$`.
    DoubleDollar,
    /// `\$` without quotes.
    BackslashDollar,
    /// `\0`, `\a`, `\b`, `\f` or `\v` in double quotes.
    Control,
    /// A `${` that begins no reference.
    Braces,
    /// `${NAME-…}` where the whole is a name too.
    Dash,
    /// `$(…)`.
    Command,
}

/// Something about a `.env` file that stops nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Remark {
    /// Other users can read it; its mode.
    #[cfg_attr(not(unix), allow(dead_code, reason = "only Unix has modes"))]
    Readable(u32),
    /// A name that was asked for is set again, on this line, which is used.
    Twice(String, usize),
    /// A name that was asked for has no value, but is on this line, which is not of the form `NAME=value`.
    PassedOver(String, usize),
}

impl Content {
    /// Reads the text of a file. `environment` is what a variable of the process is.
    pub fn read(text: &[u8], environment: &dyn Fn(&str) -> Option<OsString>) -> Self {
        let mut content = Self::default();
        let mut budget = LIMIT;
        for (line, found) in Lines::new(text) {
            match found {
                Line::Foreign(meant) => {
                    content.passed.extend(meant.map(|name| (name.to_owned(), (line, AtomicBool::new(false)))));
                }
                Line::Bare(key) => {
                    if let Some(value) = environment(key) {
                        content.set(key, line, utf8(value));
                    }
                }
                Line::Value(key, written) => {
                    if content.values.contains_key(key) {
                        content.repeated.insert(key.to_owned(), (line, AtomicBool::new(false)));
                    }
                    let value = content.value(written, environment, &mut budget);
                    content.set(key, line, value);
                }
            }
        }
        content
    }

    /// What a file is made of: the number of each line but those within quotes, and the name that it gives a value.
    pub fn lines(text: &[u8]) -> impl Iterator<Item = (usize, Option<&str>)> {
        Lines::new(text).map(|(line, found)| match found {
            Line::Bare(key) | Line::Value(key, _) => (line, Some(key)),
            Line::Foreign(_) => (line, None),
        })
    }

    fn set(&mut self, key: &str, line: usize, value: Result<Zeroizing<String>, Failure>) {
        let value = value.map(Secret::new).map_err(|failure| match failure {
            Failure::Own(fault) => Flaw { line, key: key.to_owned(), fault },
            Failure::Other(flaw) => flaw,
        });
        self.values.insert(key.to_owned(), value);
    }

    fn value(
        &self,
        written: Result<WrittenValue<'_>, DotenvFault>,
        environment: &dyn Fn(&str) -> Option<OsString>,
        budget: &mut usize,
    ) -> Result<Zeroizing<String>, Failure> {
        let look_up = |name: &str| match (environment(name), self.values.get(name)) {
            (Some(value), _) => utf8(value).map(|value| Some(FoundReference::Environment(value))),
            (None, Some(Ok(value))) => Ok(Some(FoundReference::Earlier(value.expose()))),
            (None, Some(Err(flaw))) => Err(Failure::Other(flaw.clone())),
            (None, None) => Ok(None),
        };
        expand::value(written?, &look_up, budget)
    }

    /// The value of `name`, where the file gives it one.
    ///
    /// # Errors
    /// When the value can't be used.
    pub fn get(&self, name: &str) -> Option<Result<&Secret, &Flaw>> {
        let lines = if self.values.contains_key(name) { &self.repeated } else { &self.passed };
        if let Some((_, asked)) = lines.get(name) {
            asked.store(true, Ordering::Relaxed);
        }
        self.values.get(name).map(Result::as_ref)
    }

    /// Every name that the file gives a value.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }
}

/// Those of `lines` whose name was asked for, in order.
fn asked(lines: &HashMap<String, (usize, AtomicBool)>) -> Vec<(usize, &String)> {
    let asked = lines.iter().filter(|(_, (_, asked))| asked.load(Ordering::Relaxed));
    let mut asked: Vec<(usize, &String)> = asked.map(|(key, (line, _))| (*line, key)).collect();
    asked.sort_unstable();
    asked
}

fn utf8(value: OsString) -> Result<Zeroizing<String>, Failure> {
    // Not UTF-8, the value is wiped with the error that holds its bytes.
    let value = String::from_utf8(value.into_encoded_bytes());
    value.map(Zeroizing::new).map_err(|error| {
        drop(Zeroizing::new(error.into_bytes()));
        DotenvFault::Environment.into()
    })
}

impl Dotenv {
    /// The file at `path`, not yet read.
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, file: OnceLock::new(), gave: AtomicBool::new(false) }
    }

    /// Its path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it gave the value of a secret.
    pub(super) fn gave(&self) -> bool {
        self.gave.load(Ordering::Relaxed)
    }

    /// Remarks, if the file has been read.
    pub(crate) fn remarks(&self) -> Vec<Remark> {
        let Some(Ok(file)) = self.file.get() else { return Vec::new() };
        let twice = asked(&file.content.repeated).into_iter().map(|(line, key)| Remark::Twice(key.clone(), line));
        let passed = asked(&file.content.passed).into_iter().map(|(line, key)| Remark::PassedOver(key.clone(), line));
        file.readable.iter().cloned().chain(twice).chain(passed).collect()
    }

    /// The keys, if the file has been read.
    pub(crate) fn names(&self) -> Vec<String> {
        match self.file.get() {
            Some(Ok(file)) => file.content.names().map(str::to_owned).collect(),
            _ => Vec::new(),
        }
    }

    fn file(&self) -> Result<&Loaded, DotenvError> {
        let failed = |fault| DotenvError { path: self.path.clone(), line: 0, key: None, fault };
        self.file.get_or_init(|| self.read().map_err(failed)).as_ref().map_err(Clone::clone)
    }

    fn read(&self) -> Result<Loaded, DotenvFault> {
        let text = match bytes(&self.path) {
            Ok(text) => text,
            // A folder of this name is a virtual environment of Python's.
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::IsADirectory) => {
                return Ok(Loaded { content: Content::default(), readable: None });
            }
            Err(error) if error.kind() == ErrorKind::FileTooLarge => return Err(DotenvFault::TooLarge),
            Err(error) => return Err(DotenvFault::Io(error.to_string())),
        };
        if text.starts_with(b"\xff\xfe") || text.starts_with(b"\xfe\xff") {
            return Err(DotenvFault::Utf16);
        }
        let content = Content::read(&text, &|name| std::env::var_os(name));
        Ok(Loaded { content, readable: readable_by_others(&self.path) })
    }
}

/// The values that an example of a `.env` file gives, the environment aside; none if it can't be read.
pub(super) fn example(path: &Path) -> Content {
    bytes(path).map(|text| Content::read(&text, &|_| None)).unwrap_or_default()
}

/// What the file at `path` holds, at most [`LIMIT`] bytes. The buffer does not grow where the file is an ordinary one.
fn bytes(path: &Path) -> std::io::Result<Zeroizing<Vec<u8>>> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    if metadata.len() > LIMIT as u64 {
        return Err(ErrorKind::FileTooLarge.into());
    }
    if !metadata.is_file() {
        return super::child::read(file);
    }
    let mut text = Zeroizing::new(Vec::with_capacity(metadata.len() as usize + 1));
    file.take(metadata.len()).read_to_end(&mut text)?;
    Ok(text)
}

#[cfg(unix)]
pub(super) fn readable_by_others(path: &Path) -> Option<Remark> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(path).ok()?.permissions().mode() & 0o777;
    (mode & 0o077 != 0).then_some(Remark::Readable(mode))
}

#[cfg(not(unix))]
pub(super) fn readable_by_others(_path: &Path) -> Option<Remark> {
    None
}

impl Source for Arc<Dotenv> {
    fn label(&self) -> String {
        self.path.strip_prefix("./").unwrap_or(&self.path).display().to_string()
    }

    fn origin(&self) -> Option<Origin> {
        Some(Origin::Dotenv)
    }

    fn trace(&self, _name: &str) -> Trace {
        Trace { variable: None, file: Some(self.path.clone()) }
    }

    fn get(&self, name: &str) -> Result<Option<Secret>, SourceError> {
        let found = self.value(name)?;
        self.gave.fetch_or(found.as_ref().is_some_and(|value| !value.is_empty()), Ordering::Relaxed);
        Ok(found)
    }
}

impl Dotenv {
    /// The value of `name`, a secret or not.
    ///
    /// # Errors
    /// When it can't be used.
    pub(super) fn value(&self, name: &str) -> Result<Option<Secret>, SourceError> {
        match self.file().map_err(SourceError::Dotenv)?.content.get(name) {
            None => Ok(None),
            Some(Ok(value)) => Ok(Some(Secret::new(Zeroizing::new(value.expose().to_owned())))),
            Some(Err(flaw)) => {
                let Flaw { line, key, fault } = flaw.clone();
                Err(SourceError::Dotenv(DotenvError { path: self.path.clone(), line, key: Some(key), fault }))
            }
        }
    }
}

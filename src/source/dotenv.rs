//! `.env` files, read by dotenvy, with its traps closed.
//!
//! dotenvy's errors quote the line, which holds a secret: they are never shown. It expands `$NAME` outside single quotes and puts
//! nothing where NAME is not set, which empties part of a password: such a value is an error.

use std::cell::Cell;
use std::collections::HashMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::{Arc, OnceLock};

use zeroize::Zeroizing;

use super::{Source, SourceError};
use crate::secret::{Origin, Secret};

/// One `.env` file. It is read when the first name is asked for; a file that is not there has no names.
#[derive(Debug)]
pub struct Dotenv {
    path: PathBuf,
    content: OnceLock<Result<Content, DotenvError>>,
}

#[derive(Debug, Default)]
struct Content {
    values: HashMap<String, Secret>,
    /// Names whose value can't be used, and the line; an error only when the name is asked for.
    faulty: HashMap<String, usize>,
    remarks: Vec<Remark>,
}

/// Why a `.env` file, or a value in it, can't be used. Holds nothing of the content but a key's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DotenvError {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1; 0 where it is the whole file.
    pub line: usize,
    /// The key, where it could be made out.
    pub key: Option<String>,
    /// What is wrong.
    pub fault: DotenvFault,
}

/// See [`DotenvError`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DotenvFault {
    /// The file can't be read; the system's reason.
    Io(String),
    /// The file is not UTF-8.
    NotUtf8,
    /// The line can't be understood.
    Syntax,
    /// A `$` outside single quotes names something that is not set.
    Expansion,
}

/// Something about a `.env` file that stops nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remark {
    /// Other users can read it; its mode.
    Readable(u32),
    /// A key is set again, on this line; the first is used.
    Twice(String, usize),
}

impl Dotenv {
    /// The file at `path`, not yet read.
    pub fn new(path: PathBuf) -> Self {
        Self { path, content: OnceLock::new() }
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Remarks, if the file has been read.
    pub fn remarks(&self) -> Vec<Remark> {
        match self.content.get() {
            Some(Ok(content)) => content.remarks.clone(),
            _ => Vec::new(),
        }
    }

    /// The keys, if the file has been read.
    pub fn names(&self) -> Vec<String> {
        match self.content.get() {
            Some(Ok(content)) => content.values.keys().cloned().collect(),
            _ => Vec::new(),
        }
    }

    fn error(&self, line: usize, key: Option<String>, fault: DotenvFault) -> DotenvError {
        DotenvError { path: self.path.clone(), line, key, fault }
    }

    fn content(&self) -> Result<&Content, DotenvError> {
        self.content.get_or_init(|| self.read()).as_ref().map_err(Clone::clone)
    }

    fn read(&self) -> Result<Content, DotenvError> {
        let failed = |error: std::io::Error| self.error(0, None, DotenvFault::Io(error.to_string()));
        let bytes = match std::fs::read(&self.path) {
            Ok(bytes) => Zeroizing::new(bytes),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Content::default()),
            Err(error) => return Err(failed(error)),
        };
        let text = std::str::from_utf8(&bytes).map_err(|error| {
            let line = memchr::memchr_iter(b'\n', &bytes[..error.valid_up_to()]).count() + 1;
            self.error(line, None, DotenvFault::NotUtf8)
        })?;
        let mut content = self.parse(text.strip_prefix('\u{feff}').unwrap_or(text))?;
        content.remarks.extend(readable_by_others(&self.path));
        Ok(content)
    }

    fn parse(&self, text: &str) -> Result<Content, DotenvError> {
        let mut content = Content::default();
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let given = Rc::new(Cell::new(0));
        let entries = dotenvy::from_read_iter(OneLineAtATime { lines: lines.clone(), given: given.clone(), offset: 0 });
        let mut read = 0;
        for entry in entries {
            // The entry's own first line: blank lines and comments before it were read along with it.
            let blank = |line: &&str| line.trim().is_empty() || line.trim_start().starts_with('#');
            let first = read + lines[read..given.get()].iter().take_while(|line| blank(line)).count();
            let raw: Zeroizing<String> = Zeroizing::new(lines[first.min(lines.len())..given.get()].concat());
            read = given.get();
            let Ok((key, value)) = entry else {
                return Err(self.error(first + 1, key_of(&raw), DotenvFault::Syntax));
            };
            let value = Secret::new(Zeroizing::new(value));
            if content.values.contains_key(&key) || content.faulty.contains_key(&key) {
                content.remarks.push(Remark::Twice(key, first + 1));
            } else if expands_nothing(&raw, &content.values) {
                content.faulty.insert(key, first + 1);
            } else {
                content.values.insert(key, value);
            }
        }
        Ok(content)
    }
}

/// Gives a reader that buffers no more than one line a call, so that the number of lines given tells where it is.
struct OneLineAtATime<'t> {
    lines: Vec<&'t str>,
    given: Rc<Cell<usize>>,
    offset: usize,
}

impl Read for OneLineAtATime<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let at = self.given.get() - usize::from(self.offset > 0);
        let Some(line) = self.lines.get(at) else { return Ok(0) };
        let rest = &line.as_bytes()[self.offset..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.given.set(at + 1);
        self.offset = if count < rest.len() { self.offset + count } else { 0 };
        Ok(count)
    }
}

/// The key of an entry, as dotenvy would read it.
fn key_of(entry: &str) -> Option<String> {
    let entry = entry.trim_start();
    let entry = entry.strip_prefix("export ").map_or(entry, str::trim_start);
    let end = entry.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.')))?;
    let is_key = end > 0 && entry[end..].trim_start().starts_with('=');
    is_key.then(|| entry[..end].to_owned())
}

/// Whether the entry's value has a `$` that dotenvy (0.15, `parse.rs`) expands to nothing: outside single quotes, not after a
/// backslash, and followed by a name that neither the environment nor an earlier key of the file holds.
fn expands_nothing(entry: &str, earlier: &HashMap<String, Secret>) -> bool {
    let Some(at) = entry.find('=') else { return false };
    let mut rest = entry[at + 1..].trim_end().trim_start().chars().peekable();
    let (mut strong, mut weak) = (false, false);
    while let Some(c) = rest.next() {
        match c {
            '\'' if strong => strong = false,
            _ if strong => {}
            '\\' => _ = rest.next(),
            '$' => {
                let braced = rest.next_if_eq(&'{').is_some();
                let mut name = Zeroizing::new(String::new());
                while let Some(c) = rest.next_if(|c| if braced { *c != '}' } else { c.is_alphanumeric() }) {
                    name.push(c);
                }
                let askable = !name.is_empty() && !name.contains(['=', '\0']);
                let set = askable && (std::env::var(name.as_str()).is_ok() || earlier.contains_key(name.as_str()));
                if !set {
                    return true;
                }
            }
            '"' => weak = !weak,
            '\'' if !weak => strong = true,
            '#' if !weak => return false,
            _ => {}
        }
    }
    false
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

    fn get(&self, name: &str) -> Result<Option<Secret>, SourceError> {
        let content = self.content().map_err(SourceError::Dotenv)?;
        if let Some(line) = content.faulty.get(name) {
            return Err(SourceError::Dotenv(self.error(*line, Some(name.to_owned()), DotenvFault::Expansion)));
        }
        Ok(content.values.get(name).map(|value| Secret::new(Zeroizing::new(value.expose().to_owned()))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> Result<Content, DotenvError> {
        Dotenv::new("x".into()).parse(text)
    }

    #[test]
    fn values_are_read_as_dotenv_tools_do() {
        let content = file("# c\n\nA=1\nexport B='a $x\nb'\n C=\"x\\ny\" # note\nD=\nA=2\n").unwrap();
        let value = |name: &str| content.values.get(name).map(|value| value.expose().to_owned());
        assert_eq!(value("A").as_deref(), Some("1"));
        assert_eq!(value("B").as_deref(), Some("a $x\nb"));
        assert_eq!(value("C").as_deref(), Some("x\ny"));
        assert_eq!(value("D").as_deref(), Some(""));
        assert_eq!(content.remarks, [Remark::Twice("A".into(), 8)]);
    }

    #[test]
    fn a_dollar_that_would_vanish_is_found_with_its_line() {
        for entry in
            ["P=pa$sdlrenderNoSuch", "P=p@$$w", "P=\"a${sdlrenderNoSuch}b\"", "P=a$", "P=$2a$10$x", "P=a$!b", "P='a'$zzNo"]
        {
            let content = file(&format!("A=1\n\n# c\n{entry}\n"));
            match content {
                Ok(content) => assert_eq!(content.faulty.get("P"), Some(&4), "{entry}"),
                Err(error) => assert_eq!((error.line, error.key.as_deref()), (4, Some("P")), "{entry}"),
            }
        }
        for entry in ["P='pa$x'", "P=pa\\$x", "P=\"\\$x\"", "P=$A", "P=${A}x", "P=x # $none"] {
            let content = file(&format!("A=1\n{entry}\n")).unwrap();
            assert!(content.faulty.is_empty(), "{entry}");
        }
    }

    #[test]
    fn an_error_names_the_line_and_the_key_and_nothing_else() {
        let error = file("A=1\nSECRET=hunter2 hunter3\n").unwrap_err();
        assert_eq!((error.line, error.key.as_deref(), &error.fault), (2, Some("SECRET"), &DotenvFault::Syntax));
        assert!(!format!("{error:?}").contains("hunter"));
    }
}

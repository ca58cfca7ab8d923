//! A template: its path and text, and its expansion to a marker document.
//!
//! [`Template::read`] loads the text; [`expand`] lets minijinja run its statements and writes an opaque marker for every value
//! ([`MarkerDocument`]). No secret is looked up here.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::system::{Opened, open_regular};

mod budget;
mod engine;
mod environment;
mod given;
mod guard;
mod loader;
mod marker;
mod number;
mod object;
mod values;
mod watch;

pub(crate) use budget::{ADDED, Excess, INCLUDES, STEPS};
pub(crate) use engine::{ExpandError, Expansion, MarkerDocument, Presence, Sources, expand};
#[cfg(feature = "fuzzing")]
pub(crate) use given::read_values;
pub(crate) use given::{Given, ValuesError, load_values};
pub(crate) use guard::{Asked, Means};
pub(crate) use loader::{Folder, IncludeFiles, OnlyTemplates};
pub(crate) use loader::{outside, unusable};
pub(crate) use marker::{Emission, MARKER_LENGTH, Nonce};
pub(crate) use values::{Missing, Values};

/// The largest template that is read, in bytes. An SDL is a few kilobytes; Akash's Console accepts 512 KiB.
pub(crate) const SIZE_LIMIT: u64 = 64 * 1024 * 1024;

/// The text of a template and where it came from.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    /// Its name in messages: the path as typed, or `<stdin>`.
    pub name: String,
    /// Its path; none for standard input.
    pub path: Option<PathBuf>,
    /// Its text.
    pub text: Arc<String>,
}

/// Why a template could not be read.
#[derive(Debug)]
pub(crate) enum ReadError {
    /// The file can't be opened or read.
    Io(io::Error),
    /// The path is a directory.
    Directory,
    /// It is larger than [`SIZE_LIMIT`]; its size, if known.
    TooLarge(Option<u64>),
    /// It is not UTF-8: the line of the first invalid byte, from 1.
    NotUtf8(usize),
    /// It contains only white space.
    Empty,
    /// It is included, and a pipe, a socket or a device, or in a folder of the system's own.
    Special,
}

impl Template {
    /// Reads the template at `path`.
    ///
    /// # Errors
    /// See [`ReadError`]; a file over [`SIZE_LIMIT`] is refused before it is read.
    pub(crate) fn read(path: &Path) -> Result<Self, ReadError> {
        Self::of(&File::open(path).map_err(ReadError::Io)?, path)
    }

    fn of(file: &File, path: &Path) -> Result<Self, ReadError> {
        let metadata = file.metadata().map_err(ReadError::Io)?;
        if metadata.is_dir() {
            return Err(ReadError::Directory);
        }
        if metadata.is_file() && metadata.len() > SIZE_LIMIT {
            return Err(ReadError::TooLarge(Some(metadata.len())));
        }
        let capacity = usize::try_from(metadata.len()).unwrap_or(0);
        let text = read_text(file, capacity)?;
        Ok(Self { name: path.display().to_string(), path: Some(path.to_owned()), text })
    }

    /// Reads the template at `path`, which another one includes.
    ///
    /// # Errors
    /// As [`Template::read`], and when it is not a regular file.
    fn read_included(path: &Path) -> Result<Self, ReadError> {
        match open_regular(path).map_err(ReadError::Io)? {
            Opened::Regular(file) => Self::of(&file, path),
            Opened::Directory => Err(ReadError::Directory),
            Opened::Special => Err(ReadError::Special),
        }
    }

    /// Reads a template from `reader`, as from standard input.
    ///
    /// # Errors
    /// As [`Template::read`].
    pub(crate) fn read_from(reader: impl Read) -> Result<Self, ReadError> {
        Ok(Self { name: "<stdin>".to_owned(), path: None, text: read_text(reader, 0)? })
    }

    /// The folder that `include` and `.env` are relative to.
    pub(crate) fn directory(&self) -> &Path {
        self.path.as_deref().map_or_else(|| Path::new("."), folder)
    }
}

/// The folder that the file at `path` is in: `.` for a bare name.
pub(crate) fn folder(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

/// Whether a file of this name has values: `.env`, `.env.prod`, `.envrc`; where names differ by their letters' case only, `.ENV` is the same.
pub(crate) fn is_env_name(name: &str) -> bool {
    name.get(..4).is_some_and(|start| start.eq_ignore_ascii_case(".env"))
}

/// Whether a file of this name only shows which names there are.
pub(crate) fn is_example_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [".example", ".sample", ".template"].iter().any(|end| name.ends_with(end))
}

/// Whether the file at `path` is named as a template is: `*.tmpl.yaml`, `*.tmpl.yml`.
pub(crate) fn is_template(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    [".tmpl.yaml", ".tmpl.yml"].iter().any(|end| name.ends_with(end))
}

/// The files in `folder` that are named as templates, sorted; none if it can't be read.
pub(crate) fn templates_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| is_template(path) && path.is_file()).collect();
    found.iter_mut().for_each(|path| *path = path.strip_prefix("./").unwrap_or(path).to_owned());
    found.sort();
    found
}

fn read_text(reader: impl Read, capacity: usize) -> Result<Arc<String>, ReadError> {
    let mut bytes = Vec::with_capacity(capacity + 1);
    reader.take(SIZE_LIMIT + 1).read_to_end(&mut bytes).map_err(|error| match error.kind() {
        io::ErrorKind::IsADirectory => ReadError::Directory,
        _ => ReadError::Io(error),
    })?;
    if bytes.len() as u64 > SIZE_LIMIT {
        return Err(ReadError::TooLarge(None));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        ReadError::NotUtf8(memchr::memchr_iter(b'\n', &error.as_bytes()[..valid]).count() + 1)
    })?;
    if text.trim_start_matches('\u{feff}').trim().is_empty() {
        return Err(ReadError::Empty);
    }
    Ok(Arc::new(text))
}

//! Values that are files: `file("key.json")` in a template, and `NAME_FILE` in the environment.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use zeroize::Zeroizing;

use super::{Source, SourceError, Trace};
use crate::secret::{Origin, Secret};
use crate::system::{Opened, is_of_system, open_regular};

/// File named by the template. The value is the whole file, including its final line break.
#[derive(Debug)]
pub(crate) struct FileSource {
    directory: PathBuf,
    read: Mutex<Vec<PathBuf>>,
}

/// Why a file gives no value. Holds nothing of its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileError {
    /// The file.
    pub path: PathBuf,
    /// The variable that names it, if there is one.
    pub variable: Option<String>,
    /// What is wrong.
    pub fault: FileFault,
}

/// See [`FileError`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FileFault {
    /// It does not exist.
    Missing,
    /// It is a directory.
    Directory,
    /// It is a pipe, a socket or a device, or in a folder of the system's own.
    Special,
    /// It can't be read: the reason of the operating system.
    Io(String),
    /// It is larger than the limit for a value.
    TooLong,
    /// It is not UTF-8.
    NotUtf8,
}

impl FileSource {
    /// Files with paths relative to `directory`, or to the home folder after `~/`.
    pub(crate) fn new(directory: &Path) -> Self {
        Self { directory: directory.to_owned(), read: Mutex::default() }
    }

    fn path(&self, name: &str) -> PathBuf {
        match (name.strip_prefix("~/"), std::env::home_dir()) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => self.directory.join(name),
        }
    }

    /// The files read so far.
    pub(crate) fn read_so_far(&self) -> Vec<PathBuf> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Source for std::sync::Arc<FileSource> {
    fn label(&self) -> String {
        "file".to_owned()
    }

    fn origin(&self) -> Option<Origin> {
        Some(Origin::File)
    }

    fn has(&self, name: &str) -> Result<bool, SourceError> {
        let path = self.path(name);
        Ok(path.is_file() && !is_of_system(&path))
    }

    fn trace(&self, name: &str) -> Trace {
        Trace { variable: None, file: Some(self.path(name)) }
    }

    fn get(&self, name: &str) -> Result<Option<Secret>, SourceError> {
        let path = self.path(name);
        let found = match read(&path, None) {
            Err(FileError { fault: FileFault::Missing, .. }) => return Ok(None),
            other => other.map_err(SourceError::File)?,
        };
        self.read.lock().unwrap_or_else(PoisonError::into_inner).push(path.clone());
        let failed = |_| SourceError::File(FileError { path, variable: None, fault: FileFault::NotUtf8 });
        Secret::from_bytes(found).map(Some).map_err(failed)
    }
}

/// The value of `NAME` in the file at `path`, named by the variable `NAME_FILE`, a convention of container images. One final line break
/// is removed.
pub(super) fn named(variable: String, path: &Path) -> Result<Secret, FileError> {
    line(path, Some(variable))
}

/// The value in the file at `path`, a credential of systemd's, if it is there. One final line break is removed.
pub(super) fn credential(path: &Path) -> Result<Option<Secret>, FileError> {
    match line(path, None) {
        Err(FileError { fault: FileFault::Missing, .. }) => Ok(None),
        other => other.map(Some),
    }
}

fn line(path: &Path, variable: Option<String>) -> Result<Secret, FileError> {
    let mut found = read(path, variable.as_deref())?;
    super::child::chomp(&mut found);
    let fault = FileFault::NotUtf8;
    Secret::from_bytes(found).map_err(|_| FileError { path: path.to_owned(), variable, fault })
}

fn read(path: &Path, variable: Option<&str>) -> Result<Zeroizing<Vec<u8>>, FileError> {
    let failed = |fault| FileError { path: path.to_owned(), variable: variable.map(str::to_owned), fault };
    let io = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => failed(FileFault::Missing),
        std::io::ErrorKind::FileTooLarge => failed(FileFault::TooLong),
        _ => failed(FileFault::Io(error.to_string())),
    };
    if variable.is_some() {
        // The user names it, who may well name a pipe: `TOKEN_FILE=<(pass show token)`.
        let file = File::open(path).map_err(io)?;
        return match file.metadata().map_err(io)?.is_dir() {
            true => Err(failed(FileFault::Directory)),
            false => super::child::read(file).map_err(io),
        };
    }
    match open_regular(path).map_err(io)? {
        Opened::Regular(file) => super::child::read(file).map_err(io),
        Opened::Directory => Err(failed(FileFault::Directory)),
        Opened::Special => Err(failed(FileFault::Special)),
    }
}

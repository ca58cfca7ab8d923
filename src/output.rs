//! The sink: standard output, or a file that git ignores. Opened last, and written completely or not at all.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

mod git;
mod hidden;
pub(crate) mod history;
mod ignore;
pub(crate) mod index;
mod redirect;
mod replace;
mod verdict;

use crate::system::HeldSignals;
use crate::template::folder;

pub(crate) use git::NoAnswer;
pub(crate) use hidden::HiddenFolder;
pub(crate) use ignore::{IGNORE, IgnoreFile, ignore_line};
pub use redirect::Redirect;
pub(crate) use replace::StagedFile;
pub(crate) use verdict::{Doubt, GitVerdict, followed, verdict};

/// Why the output can't be written. Nothing has been written.
#[derive(Debug)]
pub(crate) enum OutputError {
    /// The target is a symbolic link.
    Symlink(PathBuf),
    /// The target is a directory.
    Directory(PathBuf),
    /// The target is a device, a socket or a pipe.
    Special(PathBuf),
    /// The target is the template or one of its includes.
    IsTemplate(PathBuf),
    /// The folder of the target does not exist.
    NoFolder(PathBuf),
    /// Git could commit the target, or nobody can tell; no path: the file that standard output goes to has no name.
    Unsafe(Option<PathBuf>, GitVerdict),
    /// The operating system refused.
    Io(PathBuf, io::Error),
}

/// Refuses a path that git tracks or does not ignore, and one of which nobody can tell.
///
/// # Errors
/// With the verdict.
pub(crate) fn guard(path: &Path) -> Result<(), OutputError> {
    match verdict(path) {
        GitVerdict::Safe => Ok(()),
        verdict => Err(OutputError::Unsafe(Some(path.to_owned()), verdict)),
    }
}

/// A file to be replaced atomically.
#[derive(Debug)]
pub(crate) struct OutputFile {
    path: PathBuf,
}

impl OutputFile {
    /// Checks that `path` can be replaced: it is a plain file or does not exist, and is not a link or one of `templates`.
    ///
    /// # Errors
    /// See [`OutputError`].
    pub(crate) fn new<'t>(path: &Path, templates: impl IntoIterator<Item = &'t Path>) -> Result<Self, OutputError> {
        let path = path.to_owned();
        match fs::symlink_metadata(&path) {
            Ok(metadata) if metadata.is_symlink() => return Err(OutputError::Symlink(path)),
            Ok(metadata) if metadata.is_dir() => return Err(OutputError::Directory(path)),
            Ok(metadata) if !metadata.is_file() => return Err(OutputError::Special(path)),
            Ok(_) => {
                if templates.into_iter().any(|template| same_file(&path, template)) {
                    return Err(OutputError::IsTemplate(path));
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if path.file_name().is_none() {
                    return Err(OutputError::Directory(path));
                }
                if !folder(&path).is_dir() {
                    return Err(OutputError::NoFolder(path));
                }
            }
            Err(error) => return Err(OutputError::Io(path, error)),
        }
        Ok(Self { path })
    }

    /// Replaces the file with one that only its owner may read, and that has `content`. On any error, the old file is unchanged and nothing
    /// else remains.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub(crate) fn write(&self, content: &[u8]) -> Result<(), OutputError> {
        replace_all(&[(self, content)]).map_err(|(failure, _)| failure)
    }
}

/// Replaces files as [`OutputFile::write`] does. None is replaced before the new content of all is on disk.
///
/// # Errors
/// When the operating system refuses; with the files that had been replaced by then.
pub(crate) fn replace_all<'f>(files: &[(&'f OutputFile, &[u8])]) -> Result<(), (OutputError, Vec<&'f Path>)> {
    // Ctrl-C takes effect only after the new files have taken the places of the old ones.
    let _held = HeldSignals::new();
    let failed = |file: &OutputFile, failure| OutputError::Io(file.path.clone(), failure);
    let mut staged = Vec::new();
    for (file, content) in files {
        staged.push((*file, StagedFile::new(&file.path, content, 0o600).map_err(|failure| (failed(file, failure), Vec::new()))?));
    }
    let mut replaced = Vec::new();
    for (file, staged) in staged {
        staged.replace().map_err(|failure| (failed(file, failure), replaced.clone()))?;
        replaced.push(file.path.as_path());
    }
    Ok(())
}

/// Writes a file that is to be at `path`, and that others may read, without naming it yet.
///
/// # Errors
/// When the operating system refuses.
pub(crate) fn stage<'c>(path: &'c Path, content: &'c [u8]) -> Result<StagedFile<'c>, OutputError> {
    StagedFile::new(path, content, 0o666).map_err(|error| OutputError::Io(path.to_owned(), error))
}

/// Whether both paths are the same file.
pub(crate) fn same_file(one: &Path, other: &Path) -> bool {
    match (fs::canonicalize(one), fs::canonicalize(other)) {
        (Ok(one), Ok(other)) if one == other => true,
        _ => match (fs::metadata(one), fs::metadata(other)) {
            (Ok(one), Ok(other)) => same_inode(&one, &other),
            _ => false,
        },
    }
}

#[cfg(unix)]
fn same_inode(one: &fs::Metadata, other: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    one.dev() == other.dev() && one.ino() == other.ino()
}

#[cfg(not(unix))]
fn same_inode(_one: &fs::Metadata, _other: &fs::Metadata) -> bool {
    false
}

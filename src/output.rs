//! The sink: standard output, or a file that git ignores. Opened last, and written completely or not at all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

pub(crate) mod git;

use crate::system::HeldSignals;
use crate::template::folder;
use git::Verdict;

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
    /// Git could commit the target, or failed to tell.
    Unsafe(PathBuf, Verdict),
    /// The operating system refused.
    Io(PathBuf, io::Error),
}

/// Refuses a path that git tracks or does not ignore.
///
/// # Errors
/// With git's verdict.
pub(crate) fn guard(path: &Path) -> Result<(), OutputError> {
    match git::verdict(path) {
        Verdict::Ignored | Verdict::Outside => Ok(()),
        verdict => Err(OutputError::Unsafe(path.to_owned(), verdict)),
    }
}

/// A file to be replaced atomically.
#[derive(Debug)]
pub(crate) struct Target {
    path: PathBuf,
}

impl Target {
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

    /// Replaces the file with `content`: writes a new file beside it, created with mode 0600, syncs it and renames it. On any error, the
    /// old file is unchanged and nothing else remains.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub(crate) fn write(&self, content: &[u8]) -> Result<(), OutputError> {
        let failed = |error| OutputError::Io(self.path.clone(), error);
        let folder = folder(&self.path);
        // Ctrl-C takes effect only after the new file is renamed or removed.
        let _held = HeldSignals::new();
        // tempfile creates it with mode 0600 and removes it when dropped.
        let mut file = tempfile::Builder::new().prefix(".sdlrender-").suffix(".tmp").tempfile_in(folder).map_err(failed)?;
        file.write_all(content).map_err(failed)?;
        file.as_file().sync_all().map_err(failed)?;
        file.persist(&self.path).map_err(|error| failed(error.error))?;
        // So that the rename survives a power cut. A folder that can't be opened for this is not an error.
        if let Ok(folder) = File::open(folder) {
            let _ = folder.sync_all();
        }
        Ok(())
    }
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

/// The file that standard output was redirected to.
#[derive(Debug)]
pub struct Redirect {
    /// Its path, if the operating system tells it.
    pub path: Option<PathBuf>,
    /// Its permission bits.
    pub mode: u32,
    device: u64,
    inode: u64,
}

impl Redirect {
    /// The file of standard output, or `None` if that is a terminal, a pipe or a device.
    #[cfg(unix)]
    pub fn of_stdout() -> Option<Self> {
        use std::os::fd::AsFd as _;
        use std::os::unix::fs::MetadataExt as _;
        let file = File::from(io::stdout().as_fd().try_clone_to_owned().ok()?);
        let metadata = file.metadata().ok().filter(fs::Metadata::is_file)?;
        let path = fs::read_link("/proc/self/fd/1").ok().filter(|path| {
            // The name of a deleted file ends in " (deleted)".
            fs::metadata(path).is_ok_and(|there| there.ino() == metadata.ino() && there.dev() == metadata.dev())
        });
        Some(Self { path, mode: metadata.mode() & 0o777, device: metadata.dev(), inode: metadata.ino() })
    }

    /// Redirects can't be detected on this system.
    #[cfg(not(unix))]
    pub fn of_stdout() -> Option<Self> {
        None
    }

    /// Whether this is the file at `path`.
    #[cfg(unix)]
    pub fn is(&self, path: &Path) -> bool {
        use std::os::unix::fs::MetadataExt as _;
        fs::metadata(path).is_ok_and(|there| there.ino() == self.inode && there.dev() == self.device)
    }

    /// Redirects can't be detected on this system.
    #[cfg(not(unix))]
    pub fn is(&self, _path: &Path) -> bool {
        (self.device, self.inode) == (0, 1)
    }
}

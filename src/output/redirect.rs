//! The file that standard output was redirected to.

#[cfg(unix)]
use std::fs::{self, File};
#[cfg(unix)]
use std::io;
use std::path::{Path, PathBuf};

use super::{Doubt, GitVerdict, OutputError, guard};

/// The file that standard output was redirected to.
#[derive(Debug)]
pub struct Redirect {
    /// Its path, if the operating system tells it.
    pub path: Option<PathBuf>,
    /// Its permission bits.
    pub mode: u32,
    /// How many names it has.
    links: u64,
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
        let path = name(&file).filter(|path| {
            // The name of a deleted file ends in " (deleted)".
            fs::metadata(path).is_ok_and(|there| there.ino() == metadata.ino() && there.dev() == metadata.dev())
        });
        let mode = metadata.mode() & 0o777;
        Some(Self { path, mode, links: metadata.nlink(), device: metadata.dev(), inode: metadata.ino() })
    }

    /// Redirects can't be detected on this system.
    #[cfg(not(unix))]
    pub fn of_stdout() -> Option<Self> {
        None
    }

    /// Refuses a file that git could commit, and one of which nobody can tell.
    ///
    /// # Errors
    /// With the verdict.
    pub(crate) fn guard(&self) -> Result<(), OutputError> {
        let refused = |path: Option<&PathBuf>, doubt| Err(OutputError::Unsafe(path.cloned(), GitVerdict::Unknown(doubt)));
        match &self.path {
            // Deleted, or never named: it is gone when the last program closes it.
            None if self.links == 0 => Ok(()),
            None => refused(None, Doubt::Nameless),
            Some(path) => {
                guard(path)?;
                if self.links > 1 { refused(Some(path), Doubt::Linked) } else { Ok(()) }
            }
        }
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

/// The path that the system has for an open file.
#[cfg(all(unix, not(target_vendor = "apple")))]
fn name(_file: &File) -> Option<PathBuf> {
    fs::read_link("/proc/self/fd/1").ok()
}

#[cfg(target_vendor = "apple")]
fn name(file: &File) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStringExt as _;
    let path = rustix::fs::getpath(file).ok()?;
    Some(std::ffi::OsString::from_vec(path.into_bytes()).into())
}

//! Replaces a file as a whole: at every moment it is the old one or the new one, and nothing that git would add is beside it, even if the
//! process is killed or the power fails.
//!
//! The content goes to a file without a name where the system has such (Linux, on most file systems). It gets the target's name if there is
//! no target yet. Otherwise it gets a name in a folder of its own for as long as it takes to rename it, and without such files it is written
//! there: [`HiddenFolder`].

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::HiddenFolder;
use crate::template::folder;

/// Content that is on the file system of the path that it is to have, without having it. It is gone when dropped.
#[derive(Debug)]
pub(crate) struct StagedFile<'c> {
    path: &'c Path,
    content: &'c [u8],
    unnamed: Option<File>,
    /// Where it is, if it has a name.
    hidden: Option<HiddenFolder>,
}

impl<'c> StagedFile<'c> {
    /// Writes `content` for the file at `path`, with this mode. On an error nothing remains.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub(super) fn new(path: &'c Path, content: &'c [u8], mode: u32) -> io::Result<Self> {
        let mut staged = Self { path, content, unnamed: unnamed(folder(path), mode), hidden: None };
        match &mut staged.unnamed {
            Some(file) => write(file, content)?,
            None => staged.hidden = Some(staged.hide()?),
        }
        Ok(staged)
    }

    /// Writes the content where git does not see it.
    fn hide(&self) -> io::Result<HiddenFolder> {
        let hidden = HiddenFolder::new(folder(self.path))?;
        write(&mut hidden.create()?, self.content)?;
        Ok(hidden)
    }

    /// Puts it in the place of the file at its path. On an error the old file is unchanged and nothing else remains.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub(super) fn replace(self) -> io::Result<()> {
        self.settle(|file, path| name(file, path, folder(path)), |from, path| fs::rename(from, path))
    }

    /// Gives it its path, which nothing else must have.
    ///
    /// # Errors
    /// When something has the path, or the operating system refuses.
    pub(crate) fn publish(self) -> io::Result<()> {
        self.settle(link, |from, path| fs::hard_link(from, path))
    }

    /// Gives it its path: by `name` if it has none and the system can, otherwise by `place`, from where it is hidden.
    fn settle(
        mut self,
        name: impl FnOnce(&File, &Path) -> io::Result<bool>,
        place: impl FnOnce(PathBuf, &Path) -> io::Result<()>,
    ) -> io::Result<()> {
        if !self.unnamed.as_ref().map_or(Ok(false), |file| name(file, self.path))? {
            let hidden = self.hidden.take().map_or_else(|| self.hide(), Ok)?;
            place(hidden.file(), self.path)?;
        }
        // So that the name survives a power failure. A folder that can't be opened for this is not an error.
        if let Ok(folder) = File::open(folder(self.path)) {
            let _ = folder.sync_all();
        }
        Ok(())
    }
}

fn write(file: &mut File, content: &[u8]) -> io::Result<()> {
    file.write_all(content)?;
    file.sync_all()
}

/// A file without a name on the file system of `folder`, if there can be one.
#[cfg(target_os = "linux")]
fn unnamed(folder: &Path, mode: u32) -> Option<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    File::options().write(true).custom_flags(libc::O_TMPFILE).mode(mode).open(folder).ok()
}

#[cfg(not(target_os = "linux"))]
fn unnamed(_folder: &Path, _mode: u32) -> Option<File> {
    None
}

/// Names `file` `path`, in place of what has that name. False if the system can't name it.
///
/// # Errors
/// When it can't take the other's place.
#[cfg(target_os = "linux")]
fn name(file: &File, path: &Path, folder: &Path) -> io::Result<bool> {
    match link(file, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        linked => return linked,
    }
    let hidden = HiddenFolder::new(folder)?;
    if !matches!(link(file, &hidden.file()), Ok(true)) {
        return Ok(false);
    }
    fs::rename(hidden.file(), path).map(|()| true)
}

/// Names `file`, which has no name yet, `path`. False if the system can't name it.
///
/// # Errors
/// When something has that name.
#[cfg(target_os = "linux")]
fn link(file: &File, path: &Path) -> io::Result<bool> {
    use rustix::fs::{AtFlags, CWD, linkat};
    use rustix::io::Errno;
    use std::os::fd::AsRawFd as _;
    let own = format!("/proc/self/fd/{}", file.as_raw_fd());
    let linked = match linkat(CWD, &own, CWD, path, AtFlags::SYMLINK_FOLLOW) {
        // Without /proc: newer systems allow this without privileges.
        Err(Errno::NOENT) => linkat(file, "", CWD, path, AtFlags::EMPTY_PATH),
        linked => linked,
    };
    match linked {
        Ok(()) => Ok(true),
        Err(Errno::EXIST) => Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => Ok(false),
    }
}

#[cfg(not(target_os = "linux"))]
fn link(_file: &File, _path: &Path) -> io::Result<bool> {
    Ok(false)
}

#[cfg(not(target_os = "linux"))]
fn name(_file: &File, _path: &Path, _folder: &Path) -> io::Result<bool> {
    Ok(false)
}

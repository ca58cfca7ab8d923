//! Replaces a file as a whole: at every moment it is the old one or the new one, and nothing that git would add is beside it, even if the
//! process is killed or the power fails.
//!
//! The content goes to a file without a name where the system has such (Linux, on most file systems). It gets the target's name if there is
//! no target yet. Otherwise it gets a name in a folder of its own for as long as it takes to rename it, and without such files it is written
//! there: [`HiddenFolder`].

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use super::HiddenFolder;
use crate::template::folder;

/// Content that is on the target's file system, and has not taken the target's place.
#[derive(Debug)]
pub(super) struct StagedFile<'c> {
    content: &'c [u8],
    file: Option<File>,
    /// Where it is, if it has a name.
    hidden: Option<HiddenFolder>,
}

/// Writes `content` for the file at `path`, which only its owner may read. On an error nothing remains.
///
/// # Errors
/// When the operating system refuses.
pub(super) fn stage<'c>(path: &Path, content: &'c [u8]) -> io::Result<StagedFile<'c>> {
    let folder = folder(path);
    match unnamed(folder) {
        Some(mut file) => {
            write(&mut file, content)?;
            Ok(StagedFile { content, file: Some(file), hidden: None })
        }
        None => Ok(StagedFile { content, file: None, hidden: Some(hide(folder, content)?) }),
    }
}

impl StagedFile<'_> {
    /// Puts it in the place of the file at `path`. On an error the old file is unchanged and nothing else remains.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub(super) fn commit(self, path: &Path) -> io::Result<()> {
        let folder = folder(path);
        let named = match &self.file {
            Some(file) => name(file, path, folder)?,
            None => false,
        };
        if !named {
            let hidden = self.hidden.map_or_else(|| hide(folder, self.content), Ok)?;
            fs::rename(hidden.file(), path)?;
        }
        // So that the rename survives a power failure. A folder that can't be opened for this is not an error.
        if let Ok(folder) = File::open(folder) {
            let _ = folder.sync_all();
        }
        Ok(())
    }
}

fn hide(folder: &Path, content: &[u8]) -> io::Result<HiddenFolder> {
    let hidden = HiddenFolder::new(folder)?;
    write(&mut hidden.create()?, content)?;
    Ok(hidden)
}

fn write(file: &mut File, content: &[u8]) -> io::Result<()> {
    file.write_all(content)?;
    file.sync_all()
}

/// A file without a name on the file system of `folder`, if there can be one.
#[cfg(target_os = "linux")]
fn unnamed(folder: &Path) -> Option<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    File::options().write(true).custom_flags(libc::O_TMPFILE).mode(0o600).open(folder).ok()
}

#[cfg(not(target_os = "linux"))]
fn unnamed(_folder: &Path) -> Option<File> {
    None
}

/// Names `file` `path`, in place of what has that name. False if the system can't name it.
///
/// # Errors
/// When it can't take the other's place.
#[cfg(target_os = "linux")]
fn name(file: &File, path: &Path, folder: &Path) -> io::Result<bool> {
    use rustix::fs::{AtFlags, CWD, linkat};
    use rustix::io::Errno;
    use std::os::fd::AsRawFd as _;
    let own = format!("/proc/self/fd/{}", file.as_raw_fd());
    let link = |to: &Path| match linkat(CWD, &own, CWD, to, AtFlags::SYMLINK_FOLLOW) {
        // Without /proc: newer systems allow this without privileges.
        Err(Errno::NOENT) => linkat(file, "", CWD, to, AtFlags::EMPTY_PATH),
        linked => linked,
    };
    match link(path) {
        Ok(()) => return Ok(true),
        Err(Errno::EXIST) => {}
        Err(_) => return Ok(false),
    }
    let hidden = HiddenFolder::new(folder)?;
    if link(&hidden.file()).is_err() {
        return Ok(false);
    }
    fs::rename(hidden.file(), path).map(|()| true)
}

#[cfg(not(target_os = "linux"))]
fn name(_file: &File, _path: &Path, _folder: &Path) -> io::Result<bool> {
    Ok(false)
}

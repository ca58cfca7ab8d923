//! Replaces a file as a whole: at every moment it is the old one or the new one, and nothing that git would add is beside it, even if the
//! process is killed or the power fails.
//!
//! The content goes to a file without a name where the system has such (Linux, on most file systems). It gets the target's name if there is
//! no target yet. Otherwise it gets a name in a folder of its own for as long as it takes to rename it, and without such files it is written
//! there. That folder is called `.git`, in another one: git never adds anything that has `.git` in its path.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::template::folder;

/// Replaces the file at `path` by one with `content` that only its owner may read. On an error the old file is unchanged and nothing else
/// remains.
///
/// # Errors
/// When the operating system refuses.
pub(super) fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = folder(path);
    let unnamed = match unnamed(folder) {
        Some(mut file) => {
            write(&mut file, content)?;
            name(&file, path, folder)?
        }
        None => false,
    };
    if !unnamed {
        let hidden = HiddenFolder::new(folder)?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        write(&mut options.open(hidden.file())?, content)?;
        fs::rename(hidden.file(), path)?;
    }
    // So that the rename survives a power failure. A folder that can't be opened for this is not an error.
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
    Ok(())
}

fn write(file: &mut File, content: &[u8]) -> io::Result<()> {
    file.write_all(content)?;
    file.sync_all()
}

/// A file without a name on the file system of `folder`, if there can be one.
#[cfg(target_os = "linux")]
fn unnamed(folder: &Path) -> Option<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    OpenOptions::new().write(true).custom_flags(libc::O_TMPFILE).mode(0o600).open(folder).ok()
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

/// A folder for one file, which git does not add. It is removed when dropped.
struct HiddenFolder(PathBuf);

impl HiddenFolder {
    fn new(beside: &Path) -> io::Result<Self> {
        let number = getrandom::u64().map_err(io::Error::other)?;
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        let outer = beside.join(format!(".sdlrender-{number:016x}"));
        builder.create(&outer)?;
        let hidden = Self(outer);
        builder.create(hidden.inner())?;
        Ok(hidden)
    }

    fn inner(&self) -> PathBuf {
        self.0.join(".git")
    }

    fn file(&self) -> PathBuf {
        self.inner().join("output")
    }
}

impl Drop for HiddenFolder {
    fn drop(&mut self) {
        // The file has been renamed if all went well.
        let _ = fs::remove_file(self.file());
        let _ = fs::remove_dir(self.inner());
        let _ = fs::remove_dir(&self.0);
    }
}

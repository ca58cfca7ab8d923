//! Files that a template names: only regular ones are read, so that nothing waits and nothing of the system is shown.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// What is at a path.
#[derive(Debug)]
pub enum Opened {
    /// A file, open for reading.
    Regular(File),
    /// A directory.
    Directory,
    /// A pipe, a socket or a device, or something in a folder of the system's own.
    Special,
}

/// Opens the file at `path` for reading, if it is a regular one outside the system's own folders. It does not wait for the writer of a pipe.
///
/// # Errors
/// When there is none, or the system refuses.
pub fn open_regular(path: &Path) -> io::Result<Opened> {
    // Before it is opened: opening a device may have an effect.
    if is_of_system(path) {
        return Ok(Opened::Special);
    }
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK);
    let file = options.open(path)?;
    let kind = file.metadata()?.file_type();
    Ok(match () {
        () if kind.is_file() => Opened::Regular(file),
        () if kind.is_dir() => Opened::Directory,
        () => Opened::Special,
    })
}

/// Whether `path` leads through a folder in which the system shows itself and its devices: `/proc` has the environment of every process, and
/// `/dev/fd` what other files are open.
pub fn is_of_system(path: &Path) -> bool {
    const FOLDERS: [&str; 3] = ["/proc", "/sys", "/dev"];
    /// As many links as Linux follows.
    const LINKS: usize = 40;
    if !cfg!(unix) {
        return false;
    }
    let is_inside = |path: &Path| FOLDERS.iter().any(|folder| path.starts_with(folder));
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
        // What can't be found can't be opened.
        let (Ok(parent), Some(name)) = (parent.canonicalize(), path.file_name()) else {
            return path.canonicalize().is_ok_and(|path| is_inside(&path));
        };
        path = parent.join(name);
        if is_inside(&path) {
            return true;
        }
        match std::fs::read_link(&path) {
            Ok(target) => path = parent.join(target),
            Err(_) => return false,
        }
    }
    // The system opens nothing behind more links than that.
    false
}

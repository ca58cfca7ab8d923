//! A file in memory: it has no name in any folder, and nobody can change it.

use std::fs::{self, File};
use std::io::{self, Seek as _, Write as _};
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;

use rustix::fs::{MemfdFlags, Mode, SealFlags, fchmod, fcntl_add_seals, memfd_create};
use rustix::io::{Errno, FdFlags, fcntl_dupfd_cloexec, fcntl_setfd};

/// Shells give their scripts the numbers below 10 and use those from 10, 63 and 255 on themselves.
const ABOVE: i32 = 100;

/// A file in memory, which only its owner may read. It is gone when the last program that has it open ends.
#[derive(Debug)]
pub(super) struct MemoryFile(File);

impl MemoryFile {
    /// One with `content`.
    ///
    /// # Errors
    /// When the operating system refuses, or shows it at another path: `/proc` may be missing, or another namespace's.
    pub(super) fn of(content: &[u8]) -> io::Result<Self> {
        let mut file = File::from(create()?);
        file.write_all(content)?;
        file.rewind()?;
        fchmod(&file, Mode::RUSR)?;
        fcntl_add_seals(&file, SealFlags::SEAL | SealFlags::SHRINK | SealFlags::GROW | SealFlags::WRITE)?;
        let memory = Self(file);
        let (own, shown) = (memory.0.metadata()?, fs::metadata(memory.path()));
        match shown {
            Ok(shown) if (shown.dev(), shown.ino()) == (own.dev(), own.ino()) => Ok(memory),
            _ => Err(io::Error::other("/proc does not show it")),
        }
    }

    /// Its path for this process, for what takes its place, and for what that starts.
    pub(super) fn path(&self) -> PathBuf {
        PathBuf::from(format!("/proc/{}/fd/{}", std::process::id(), self.0.as_raw_fd()))
    }

    /// Leaves it open for the program that takes this process's place.
    pub(super) fn bequeath(&self) -> io::Result<()> {
        Ok(fcntl_setfd(&self.0, FdFlags::empty())?)
    }
}

fn create() -> io::Result<OwnedFd> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    // Newer systems may insist on the first; older ones don't know it.
    let file = match memfd_create("sdlrender", flags | MemfdFlags::NOEXEC_SEAL) {
        Err(Errno::INVAL) => memfd_create("sdlrender", flags)?,
        created => created?,
    };
    // With a limit that is lower than that, any number will do.
    Ok(fcntl_dupfd_cloexec(&file, ABOVE).unwrap_or(file))
}

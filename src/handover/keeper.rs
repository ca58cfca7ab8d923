//! What keeps a document while a command runs: a file in memory, or one in a folder of its own.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::StartError;
use crate::output::HiddenFolder;
use crate::system::HeldSignals;

/// What keeps a document. Dropped, it is gone.
#[derive(Debug)]
pub(super) enum Keeper {
    /// A file in memory.
    #[cfg(target_os = "linux")]
    Memory(super::memory::MemoryFile),
    /// A file in a folder.
    File(#[allow(dead_code, reason = "removed when dropped")] HiddenFolder),
}

/// Where a document is.
#[derive(Debug)]
pub(crate) enum DocumentPlace {
    /// In memory; it can be read at this path.
    #[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "only Linux has such files"))]
    Memory(PathBuf),
    /// In this file, because there is no file in memory for this reason.
    File(PathBuf, String),
}

impl DocumentPlace {
    /// Its path.
    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::Memory(path) | Self::File(path, _) => path,
        }
    }
}

impl Keeper {
    /// Keeps `content`; in a file only after the signals that end a process are `held`, so that it is removed.
    pub(super) fn of(content: &[u8], held: &mut Option<HeldSignals>) -> Result<(Self, DocumentPlace), StartError> {
        let why = match in_memory(content) {
            Ok(kept) => return Ok(kept),
            Err(why) => why.to_string(),
        };
        held.get_or_insert_default();
        let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|folder| folder.is_absolute());
        let temporary = std::env::temp_dir();
        let kept = match runtime.map(|folder| in_file(&folder, content)) {
            Some(Ok(kept)) => kept,
            _ => in_file(&temporary, content).map_err(|error| StartError::NoFile(temporary, error))?,
        };
        let place = DocumentPlace::File(kept.file(), why);
        Ok((Self::File(kept), place))
    }

    /// Whether it is gone with this process, so that nobody has to remove it.
    #[cfg(target_os = "linux")]
    pub(super) fn ends_by_itself(&self) -> bool {
        !matches!(self, Self::File(_))
    }
}

#[cfg(target_os = "linux")]
fn in_memory(content: &[u8]) -> io::Result<(Keeper, DocumentPlace)> {
    let memory = super::memory::MemoryFile::of(content)?;
    let place = DocumentPlace::Memory(memory.path());
    Ok((Keeper::Memory(memory), place))
}

#[cfg(not(target_os = "linux"))]
fn in_memory(_content: &[u8]) -> io::Result<(Keeper, DocumentPlace)> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "this system has none"))
}

fn in_file(folder: &Path, content: &[u8]) -> io::Result<HiddenFolder> {
    let hidden = HiddenFolder::new(folder)?;
    hidden.create()?.write_all(content)?;
    Ok(hidden)
}

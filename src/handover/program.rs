//! Finds the program of a command: known before any secret is looked up.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::StartError;
#[cfg(unix)]
use crate::diagnostic::nearest;

/// Where programs are if PATH is not set.
#[cfg(unix)]
const USUAL: &str = "/bin:/usr/bin";

/// The path of the program `name`, as a shell finds it.
///
/// # Errors
/// When there is none, or it can't be run.
#[cfg(unix)]
pub(super) fn find(name: &OsStr) -> Result<PathBuf, StartError> {
    let is_path = name.as_encoded_bytes().contains(&b'/');
    let folders = || {
        let path = std::env::var_os("PATH").unwrap_or_else(|| USUAL.into());
        std::env::split_paths(&path).collect::<Vec<_>>()
    };
    let candidates = if is_path { vec![PathBuf::from(name)] } else { folders().iter().map(|folder| folder.join(name)).collect() };
    let mut refused = None;
    for candidate in candidates.into_iter().filter(|_| !name.is_empty()) {
        match usable(&candidate) {
            Ok(true) => return Ok(candidate),
            Ok(false) => {}
            // A directory in PATH that has the program's name says nothing.
            Err(StartError::Directory(_)) if !is_path => {}
            Err(why) => refused = refused.or(Some(why)),
        }
    }
    Err(refused.unwrap_or_else(|| StartError::NotFound(name.to_owned(), similar(name, &folders()))))
}

/// Whether there is a program at `path`.
#[cfg(unix)]
fn usable(path: &Path) -> Result<bool, StartError> {
    let Ok(metadata) = std::fs::metadata(path) else { return Ok(false) };
    if metadata.is_dir() {
        return Err(StartError::Directory(path.to_owned()));
    }
    match rustix::fs::access(path, rustix::fs::Access::EXEC_OK) {
        Ok(()) => Ok(true),
        Err(_) => Err(StartError::NotExecutable(path.to_owned())),
    }
}

/// The program that may have been meant.
#[cfg(unix)]
fn similar(name: &OsStr, folders: &[PathBuf]) -> Option<String> {
    /// Every shorter name is close to that of some program.
    const SHORTEST: usize = 5;
    let name = name.to_str().filter(|name| name.len() >= SHORTEST)?;
    if !name.contains('/') && usable(Path::new(name)).is_ok_and(|usable| usable) {
        return Some(format!("./{name}"));
    }
    let entries = folders.iter().flat_map(|folder| std::fs::read_dir(folder).into_iter().flatten().flatten());
    let names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    nearest(name, names.iter().map(String::as_str)).map(str::to_owned)
}

/// Other systems find it when it is started.
#[cfg(not(unix))]
pub(super) fn find(name: &OsStr) -> Result<PathBuf, StartError> {
    Ok(Path::new(name).to_owned())
}

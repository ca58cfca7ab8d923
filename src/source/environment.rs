//! The process environment as a source.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use zeroize::Zeroizing;

use super::{Source, SourceError, Trace};
use crate::secret::{Origin, Secret};

/// The variable that names the folder of systemd's credentials.
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";

/// The variables that this process was started with, and the files that they name. They are copied when the first is needed, since each look-up in the original scans
/// all of them. The copy is wiped when dropped; `main` erases the original at the end.
#[derive(Default)]
pub(crate) struct Environment {
    variables: OnceLock<HashMap<OsString, Zeroizing<Vec<u8>>>>,
    files: Mutex<Vec<PathBuf>>,
}

impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Environment")
    }
}

impl Environment {
    fn variables(&self) -> &HashMap<OsString, Zeroizing<Vec<u8>>> {
        let read = || std::env::vars_os().map(|(name, value)| (name, Zeroizing::new(value.into_encoded_bytes()))).collect();
        self.variables.get_or_init(read)
    }
}

impl Environment {
    /// The value in the file named by the variable `NAME_FILE`.
    fn file(&self, name: &str) -> Result<Option<Secret>, SourceError> {
        let variable = format!("{name}_FILE");
        let Some(path) = self.variables().get(OsStr::new(&variable)).filter(|path| !path.is_empty()) else {
            return Ok(None);
        };
        let path = String::from_utf8(path.to_vec()).map_err(|_| SourceError::NotUtf8)?;
        let value = super::file::named(variable, Path::new(&path)).map_err(SourceError::File)?;
        self.note(path.into());
        Ok(Some(value))
    }

    fn note(&self, path: PathBuf) {
        self.files.lock().unwrap_or_else(PoisonError::into_inner).push(path);
    }

    /// The files that `NAME_FILE` variables named and that were read, and systemd's credentials.
    pub(super) fn files_read(&self) -> Vec<PathBuf> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The file `NAME` in the folder in which systemd puts a service's credentials.
    fn credential(&self, name: &str) -> Option<PathBuf> {
        let folder = self.variables().get(OsStr::new(CREDENTIALS)).filter(|folder| !folder.is_empty());
        let folder = folder.and_then(|folder| std::str::from_utf8(folder).ok())?;
        // A name with a slash is no file in that folder.
        (Path::new(name).file_name() == Some(OsStr::new(name))).then(|| Path::new(folder).join(name))
    }
}

impl Source for Arc<Environment> {
    fn label(&self) -> String {
        "environment".to_owned()
    }

    fn origin(&self) -> Option<Origin> {
        Some(Origin::Environment)
    }

    fn get(&self, name: &str) -> Result<Option<Secret>, SourceError> {
        if let Some(value) = self.variables().get(OsStr::new(name)) {
            return Secret::from_bytes(value.clone()).map(Some).map_err(|_| SourceError::NotUtf8);
        }
        match self.file(name)? {
            Some(found) => Ok(Some(found)),
            None => match self.credential(name) {
                Some(path) => {
                    let value = super::file::credential(&path).map_err(SourceError::File)?;
                    value.iter().for_each(|_| self.note(path.clone()));
                    Ok(value)
                }
                None => Ok(None),
            },
        }
    }

    fn trace(&self, name: &str) -> Trace {
        let pointer = format!("{name}_FILE");
        let is_set = |name: &str| self.variables().contains_key(OsStr::new(name));
        match self.variables().get(OsStr::new(&pointer)).and_then(|path| std::str::from_utf8(path).ok()) {
            _ if is_set(name) => Trace { variable: Some(name.to_owned()), file: None },
            Some(path) if !path.is_empty() => Trace { file: Some(path.into()), variable: Some(pointer) },
            _ => Trace { variable: None, file: self.credential(name) },
        }
    }
}

/// The names of all environment variables.
pub(super) fn names() -> impl Iterator<Item = String> {
    std::env::vars_os().filter_map(|(name, _)| name.into_string().ok())
}

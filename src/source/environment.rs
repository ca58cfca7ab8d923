//! The process environment as a source.

use std::collections::{HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::sync::{Mutex, OnceLock, PoisonError};

use zeroize::Zeroizing;

use super::{Source, SourceError};
use crate::secret::{Origin, Secret};
use crate::system;

/// The variables this process was started with. They are read when the first is asked for; the system's own look-up goes through all
/// of them every time. When this is dropped the copy is wiped, and so is the value of every variable that was asked for, where the system
/// laid it.
#[derive(Default)]
pub struct Environment {
    variables: OnceLock<HashMap<OsString, Zeroizing<Vec<u8>>>>,
    asked: Mutex<HashSet<OsString>>,
}

impl Drop for Environment {
    fn drop(&mut self) {
        let asked = self.asked.get_mut().unwrap_or_else(PoisonError::into_inner);
        system::erase_variables(asked.iter().map(|name| name.as_bytes()));
    }
}

impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Environment")
    }
}

impl Environment {
    fn variables(&self) -> &HashMap<OsString, Zeroizing<Vec<u8>>> {
        let read = || std::env::vars_os().map(|(name, value)| (name, Zeroizing::new(value.into_vec()))).collect();
        self.variables.get_or_init(read)
    }
}

impl Source for Environment {
    fn label(&self) -> String {
        "environment".to_owned()
    }

    fn origin(&self) -> Option<Origin> {
        Some(Origin::Environment)
    }

    fn get(&self, name: &str) -> Result<Option<Secret>, SourceError> {
        let name = OsStr::from_bytes(name.as_bytes());
        let Some(value) = self.variables().get(name) else { return Ok(None) };
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned());
        Secret::from_bytes(value.clone()).map(Some).map_err(|_| SourceError::NotUtf8)
    }
}

/// The names of all variables.
pub(super) fn names() -> impl Iterator<Item = String> {
    std::env::vars_os().filter_map(|(name, _)| name.into_string().ok())
}

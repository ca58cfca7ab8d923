//! The process environment as a source.

use std::os::unix::ffi::OsStringExt as _;

use zeroize::Zeroizing;

use super::{Source, SourceError};
use crate::secret::{Origin, Secret};

/// The variables this process was started with.
#[derive(Debug, Clone, Copy)]
pub struct Environment;

impl Source for Environment {
    fn label(&self) -> String {
        "environment".to_owned()
    }

    fn origin(&self) -> Option<Origin> {
        Some(Origin::Environment)
    }

    fn get(&self, name: &str) -> Result<Option<Secret>, SourceError> {
        if !is_askable(name) {
            return Ok(None);
        }
        let Some(value) = std::env::var_os(name) else { return Ok(None) };
        Secret::from_bytes(Zeroizing::new(value.into_vec())).map(Some).map_err(|_| SourceError::NotUtf8)
    }
}

/// The system's look-up panics or misreads a name that is empty or holds `=` or NUL; no variable can be called so.
fn is_askable(name: &str) -> bool {
    !name.is_empty() && !name.contains(['=', '\0'])
}

/// The names of all variables.
pub(super) fn names() -> impl Iterator<Item = String> {
    std::env::vars_os().filter_map(|(name, _)| name.into_string().ok())
}

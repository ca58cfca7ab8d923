//! macOS Keychain and Windows Credential Manager, through keyring-core. Prompts are shown by the operating system.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use keyring_core::api::CredentialStoreApi;
use keyring_core::{Entry, Error};
use zeroize::Zeroize as _;

use super::{KeychainError, Prompting, SERVICE};
use crate::secret::Secret;

#[cfg(target_vendor = "apple")]
use apple_native_keyring_store::keychain::Store as Native;
#[cfg(windows)]
use windows_native_keyring_store::Store as Native;

/// The user's store.
pub(super) struct Store(Arc<Native>);

impl Store {
    pub(super) fn open(_prompt: Duration, _deadline: Instant) -> Result<Self, KeychainError> {
        Native::new().map(Self).map_err(reason)
    }

    fn entry(&self, user: &str) -> Result<Entry, KeychainError> {
        self.0.build(SERVICE, user, None).map_err(reason)
    }

    pub(super) fn get(&self, user: &str, prompting: &Prompting<'_>) -> Result<Option<Vec<u8>>, KeychainError> {
        let entry = self.entry(user)?;
        match prompting.during(|| entry.get_secret()) {
            Ok(value) => Ok(Some(value)),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(reason(error)),
        }
    }

    pub(super) fn has(&self, user: &str) -> Result<bool, KeychainError> {
        Ok(self.names()?.iter().any(|name| name == user))
    }

    pub(super) fn set(
        &self,
        user: &str,
        value: &Mutex<Option<Secret>>,
        prompting: &Prompting<'_>,
    ) -> Result<bool, KeychainError> {
        let before = self.has(user)?;
        let entry = self.entry(user)?;
        let value = value.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(value) = &*value else { return Err(KeychainError::Locked) };
        prompting.during(|| entry.set_secret(value.expose().as_bytes())).map_err(reason)?;
        Ok(before)
    }

    pub(super) fn remove(&self, user: &str, prompting: &Prompting<'_>) -> Result<usize, KeychainError> {
        let entry = self.entry(user)?;
        match prompting.during(|| entry.delete_credential()) {
            Ok(()) => Ok(1),
            Err(Error::NoEntry) => Ok(0),
            Err(error) => Err(reason(error)),
        }
    }

    pub(super) fn names(&self) -> Result<Vec<String>, KeychainError> {
        #[cfg(target_vendor = "apple")]
        let spec = HashMap::from([("service", SERVICE)]);
        // A pattern for target names, which end with the service.
        #[cfg(windows)]
        let pattern = format!("{SERVICE}$");
        #[cfg(windows)]
        let spec = HashMap::from([("pattern", pattern.as_str())]);
        let entries = self.0.search(&spec).map_err(reason)?;
        let specifiers = entries.iter().filter_map(Entry::get_specifiers);
        Ok(specifiers.filter(|(service, _)| service == SERVICE).map(|(_, user)| user).collect())
    }
}

/// Translates an error. Bytes that came with it are wiped.
fn reason(error: Error) -> KeychainError {
    match error {
        Error::NoStorageAccess(_) => KeychainError::Locked,
        Error::Ambiguous(entries) => KeychainError::Ambiguous(entries.len()),
        Error::BadEncoding(mut bytes) | Error::BadDataFormat(mut bytes, _) => {
            bytes.zeroize();
            KeychainError::NotUtf8
        }
        Error::TooLong(what, limit) => KeychainError::Refused(format!("{what} is longer than {limit} characters")),
        Error::PlatformFailure(error) => KeychainError::Refused(error.to_string()),
        _ => KeychainError::Refused("the operating system refused".to_owned()),
    }
}

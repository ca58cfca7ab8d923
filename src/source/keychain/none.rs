//! No keychain: this build has been made without one.

use std::time::{Duration, Instant};

use super::{KeychainError, Prompting, StoredValue};

/// Never opened.
pub(super) enum Store {}

impl Store {
    pub(super) fn open(_prompt: Duration, _until: Instant) -> Result<Self, KeychainError> {
        Err(KeychainError::NotBuilt)
    }

    pub(super) fn get(&self, _user: &str, _prompting: &Prompting<'_>) -> Result<Option<Vec<u8>>, KeychainError> {
        match *self {}
    }

    pub(super) fn has(&self, _user: &str) -> Result<bool, KeychainError> {
        match *self {}
    }

    pub(super) fn set(&self, _user: &str, _value: &StoredValue, _prompting: &Prompting<'_>) -> Result<bool, KeychainError> {
        match *self {}
    }

    pub(super) fn remove(&self, _user: &str, _prompting: &Prompting<'_>) -> Result<usize, KeychainError> {
        match *self {}
    }

    pub(super) fn names(&self) -> Result<Vec<String>, KeychainError> {
        match *self {}
    }
}

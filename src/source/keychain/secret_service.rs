//! The Secret Service of a D-Bus session: GNOME Keyring, KWallet, KeePassXC.
//!
//! <https://specifications.freedesktop.org/secret-service-spec/latest/>

use std::cell::Cell;
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use dbus_secret_service::{Collection, EncryptionType, Error, Item, SecretService};

use super::{KeychainError, Prompting, SERVICE};
use crate::secret::Secret;

/// A session with the service. Values are transferred encrypted.
pub(super) struct Store {
    service: SecretService,
    /// Nobody unlocked it at the prompt, which is not shown again.
    refused: Cell<bool>,
}

/// How much longer than the time limit for a person the thread waits, in seconds. It counts each message on the bus as one second.
const SLACK: u64 = 600;

/// The most items that are removed for one name, in case the keychain keeps listing removed items.
const MOST: usize = 1000;

impl Store {
    /// Opens a session. Retries until `deadline` while the service is starting.
    pub(super) fn open(prompt: Duration, deadline: Instant) -> Result<Self, KeychainError> {
        if !has_session() {
            return Err(KeychainError::NoSession);
        }
        // The time limit is enforced by the other thread; here, only 0 matters: no prompt.
        let seconds = if prompt.is_zero() { 0 } else { prompt.as_secs() + SLACK };
        loop {
            seed()?;
            match SecretService::connect_with_max_prompt_timeout(EncryptionType::Dh, seconds) {
                Ok(service) => return Ok(Self { service, refused: Cell::new(false) }),
                Err(error) => match reason(error) {
                    KeychainError::NoAnswer(_) if Instant::now() < deadline => {}
                    other => return Err(other),
                },
            }
        }
    }

    fn attributes(user: &str) -> HashMap<&str, &str> {
        HashMap::from([("service", SERVICE), ("username", user)])
    }

    /// The items for `user`: those with only the two attributes if there are any, else all.
    fn find(&self, user: &str) -> Result<Vec<FoundItems<'_>>, KeychainError> {
        let found = self.service.search_items(Self::attributes(user)).map_err(reason)?;
        let unlocked = found.unlocked.into_iter().map(|item| FoundItems { item, locked: false });
        let mut all: Vec<FoundItems<'_>> =
            unlocked.chain(found.locked.into_iter().map(|item| FoundItems { item, locked: true })).collect();
        if all.len() > 1 {
            let mut exact = Vec::new();
            for (index, found) in all.iter().enumerate() {
                let attributes = found.item.get_attributes().map_err(reason)?;
                if attributes.keys().all(|key| matches!(key.as_str(), "service" | "username" | "xdg:schema")) {
                    exact.push(index);
                }
            }
            if !exact.is_empty() {
                let mut index = 0;
                all.retain(|_| {
                    index += 1;
                    exact.contains(&(index - 1))
                });
            }
        }
        Ok(all)
    }

    /// The one item for `user`.
    fn find_one(&self, user: &str) -> Result<Option<FoundItems<'_>>, KeychainError> {
        let mut all = self.find(user)?;
        if all.len() > 1 { Err(KeychainError::Ambiguous(all.len())) } else { Ok(all.pop()) }
    }

    pub(super) fn get(&self, user: &str, prompting: &Prompting<'_>) -> Result<Option<Vec<u8>>, KeychainError> {
        let mut found = self.find_one(user)?;
        if found.is_none() {
            let collection = self.collection()?;
            // While locked, some services list no items.
            if collection.is_locked().map_err(reason)? {
                self.unlock(prompting, || collection.unlock())?;
                found = self.find_one(user)?;
            }
        }
        let Some(found) = found else {
            return match self.misnamed(user)? {
                Some(attribute) => Err(KeychainError::Misnamed(attribute)),
                None => Ok(None),
            };
        };
        if found.locked {
            self.unlock(prompting, || found.item.unlock())?;
        }
        found.item.get_secret().map(Some).map_err(reason)
    }

    pub(super) fn has(&self, user: &str) -> Result<bool, KeychainError> {
        let found = self.service.search_items(Self::attributes(user)).map_err(reason)?;
        Ok(!found.unlocked.is_empty() || !found.locked.is_empty())
    }

    /// Stores `value`; returns whether there was an item before.
    pub(super) fn set(
        &self,
        user: &str,
        value: &Mutex<Option<Secret>>,
        prompting: &Prompting<'_>,
    ) -> Result<bool, KeychainError> {
        const PLAIN: &str = "text/plain";
        let collection = self.collection()?;
        if collection.is_locked().map_err(reason)? {
            self.unlock(prompting, || collection.unlock())?;
        }
        if let Some(found) = self.find_one(user)? {
            if found.locked {
                self.unlock(prompting, || found.item.unlock())?;
            }
            seed()?;
            let value = value.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(value) = &*value else { return Err(KeychainError::Locked) };
            found.item.set_secret(value.expose().as_bytes(), PLAIN).map_err(reason)?;
            return Ok(true);
        }
        seed()?;
        let value = value.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(value) = &*value else { return Err(KeychainError::Locked) };
        let value = value.expose().as_bytes();
        let label = format!("{SERVICE}: {user}");
        let create = || collection.create_item(&label, Self::attributes(user), value, true, PLAIN).map(|_| ());
        prompting.during(create).map_err(reason)?;
        Ok(false)
    }

    pub(super) fn remove(&self, user: &str, prompting: &Prompting<'_>) -> Result<usize, KeychainError> {
        let mut found = self.find(user)?;
        if found.is_empty() {
            let collection = self.collection()?;
            if collection.is_locked().map_err(reason)? {
                self.unlock(prompting, || collection.unlock())?;
                found = self.find(user)?;
            }
        }
        // An item with only the two attributes hides those with more, which are found once it is removed.
        let mut removed = 0;
        while !found.is_empty() && removed < MOST {
            for found in &found {
                if found.locked {
                    self.unlock(prompting, || found.item.unlock())?;
                }
                prompting.during(|| found.item.delete()).map_err(reason)?;
            }
            removed += found.len();
            found = self.find(user)?;
        }
        Ok(removed)
    }

    pub(super) fn names(&self) -> Result<Vec<String>, KeychainError> {
        let found = self.service.search_items(HashMap::from([("service", SERVICE)])).map_err(reason)?;
        if found.unlocked.is_empty() && found.locked.is_empty() && self.collection()?.is_locked().map_err(reason)? {
            return Err(KeychainError::Locked);
        }
        let mut names = Vec::new();
        for item in found.unlocked.iter().chain(&found.locked) {
            names.extend(item.get_attributes().map_err(reason)?.remove("username"));
        }
        Ok(names)
    }

    fn collection(&self) -> Result<Collection<'_>, KeychainError> {
        self.service.get_default_collection().map_err(reason)
    }

    /// The attribute that holds the name in an item, if it is not `username`.
    fn misnamed(&self, user: &str) -> Result<Option<String>, KeychainError> {
        let found = self.service.search_items(HashMap::from([("service", SERVICE)])).map_err(reason)?;
        for item in found.unlocked.iter().chain(&found.locked) {
            let attributes = item.get_attributes().map_err(reason)?;
            let mut named = attributes.into_iter().filter(|(key, value)| key != "service" && value == user);
            if let Some((key, _)) = named.next() {
                return Ok(Some(key));
            }
        }
        Ok(None)
    }

    fn unlock(&self, prompting: &Prompting<'_>, unlock: impl FnOnce() -> Result<(), Error>) -> Result<(), KeychainError> {
        if self.refused.get() {
            return Err(KeychainError::Locked);
        }
        let unlocked = prompting.during(unlock).map_err(reason);
        self.refused.set(unlocked == Err(KeychainError::Locked));
        unlocked
    }
}

struct FoundItems<'s> {
    item: Item<'s>,
    locked: bool,
}

/// Whether there is a bus to connect to. If not, libdbus would start one, with this process's environment; and of the ways to connect that
/// an address lists, it tries each: none may be `unixexec:`, which runs a program.
fn has_session() -> bool {
    match std::env::var_os("DBUS_SESSION_BUS_ADDRESS") {
        Some(addresses) if !addresses.is_empty() => {
            let addresses = addresses.to_string_lossy();
            let known = |address: &str| ["unix:", "tcp:", "nonce-tcp:"].iter().any(|kind| address.starts_with(kind));
            // An empty one, as after a last `;`, is passed over.
            let mut listed = addresses.split(';').filter(|address| !address.is_empty()).peekable();
            listed.peek().is_some() && listed.all(known)
        }
        _ => std::env::var_os("XDG_RUNTIME_DIR").is_some_and(|folder| is_own_socket(&Path::new(&folder).join("bus"))),
    }
}

/// Whether libdbus would connect to this: a socket of this user's. Otherwise it would start a bus.
fn is_own_socket(path: &Path) -> bool {
    use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
    std::fs::metadata(path).is_ok_and(|found| found.file_type().is_socket() && found.uid() == rustix::process::geteuid().as_raw())
}

/// Seeds the random generator of dbus-secret-service from the operating system; its own seed is a hash of the clock. Called before each
/// use, so that numbers sent in plain text (initial vectors) reveal nothing about the session key.
fn seed() -> Result<(), KeychainError> {
    let seed = getrandom::u64().map_err(|error| KeychainError::Refused(error.to_string()))?;
    fastrand::seed(seed);
    Ok(())
}

/// Translates an error. Only the name of a D-Bus error is kept, since its text could quote anything.
fn reason(error: Error) -> KeychainError {
    match error {
        Error::Locked => KeychainError::Locked,
        Error::Prompt => KeychainError::Locked,
        Error::NoResult => KeychainError::NeverUnlocked,
        Error::Unavailable => KeychainError::NoService,
        Error::Dbus(error) => {
            let name = error.name().unwrap_or("an unnamed error");
            match name.strip_prefix("org.freedesktop.DBus.Error.") {
                Some("ServiceUnknown" | "NameHasNoOwner") => KeychainError::NoService,
                Some(spawn) if spawn.starts_with("Spawn.") => KeychainError::NoService,
                Some("NoReply" | "Timeout" | "TimedOut") => KeychainError::NoAnswer(Duration::ZERO),
                Some("NoServer" | "FileNotFound" | "BadAddress" | "Disconnected" | "NotSupported") => KeychainError::NoSession,
                Some("IOError" | "AuthFailed" | "AccessDenied") => KeychainError::Refused(name.to_owned()),
                _ if name == "org.freedesktop.Secret.Error.IsLocked" => KeychainError::Locked,
                _ => KeychainError::Refused(name.to_owned()),
            }
        }
        Error::Crypto(_) => KeychainError::Refused("the value can't be decrypted".to_owned()),
        _ => KeychainError::Refused("it sent an invalid answer".to_owned()),
    }
}

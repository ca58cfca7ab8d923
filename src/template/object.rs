//! The objects that a template sees inside minijinja: names and filters, never a value. They record how they are used.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::value::{DynObject, Enumerator, Object, ObjectRepr};
use minijinja::{Output, Value};

use super::budget::{self, Exceeded};
use super::given::Numbers;
use super::guard::{self, Violation};
use super::marker::{Emission, Nonce};
use super::number;
use super::values::{AsNumbers, Values};
use crate::secret::{Origin, Part, SecretUse};

/// Records how the objects inside minijinja are used.
pub(super) struct Recorder {
    pub(super) nonce: Nonce,
    pub(super) state: Mutex<Record>,
}

#[derive(Default)]
pub(super) struct Record {
    /// How numbers of values files are written that a template took for numbers under a name of its own; none where several ways are.
    /// Integers are told from other numbers.
    pub(super) written: HashMap<(bool, Value), Option<Arc<str>>>,
    pub(super) emissions: Vec<Emission>,
    pub(super) misused: Vec<String>,
    pub(super) unused: Vec<String>,
    /// The secrets with a token in text that an expression made, and whether that text was used as a secret.
    tokens: Vec<(Arc<SecretUse>, bool)>,
    pub(super) violations: Vec<Violation>,
    /// What an include does too much of.
    pub(super) exceeded: Option<Exceeded>,
}

impl Recorder {
    pub(super) fn lock(&self) -> std::sync::MutexGuard<'_, Record> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn emit(&self, output: &mut Output, emission: Emission) -> Result<(), minijinja::Error> {
        let mut record = self.lock();
        let marker = self.nonce.marker(record.emissions.len());
        record.emissions.push(emission);
        output.write_str(&marker).map_err(minijinja::Error::from)
    }

    /// Notes how the numbers of a variable are written.
    pub(super) fn note(&self, numbers: &Numbers) {
        let mut record = self.lock();
        for (number, text) in &numbers.written {
            let known = record.written.entry((number.is_integer(), number.clone())).or_insert_with(|| Some(text.clone()));
            if known.as_deref() != Some(text) {
                *known = None;
            }
        }
    }

    /// How this number was written, if that was noted.
    pub(super) fn written(&self, number: &Value) -> Option<Arc<str>> {
        let record = self.lock();
        if record.written.is_empty() {
            None
        } else {
            record.written.get(&(number.is_integer(), number.clone())).cloned().flatten()
        }
    }

    /// What stands for a secret in text that an expression makes.
    fn token(&self, usage: &Arc<SecretUse>) -> String {
        let mut record = self.lock();
        record.tokens.push((usage.clone(), false));
        self.nonce.token(record.tokens.len() - 1)
    }

    /// The secret that `value` is: an object, or text with tokens. It counts as used.
    ///
    /// # Errors
    /// When it has too many parts.
    pub(super) fn secret(&self, value: &Value) -> Result<Option<Arc<SecretUse>>, minijinja::Error> {
        let secret = self.usage(value);
        secret.iter().try_for_each(|usage| budget::check_parts(usage))?;
        Ok(secret)
    }

    fn usage(&self, value: &Value) -> Option<Arc<SecretUse>> {
        if let Some(secret) = value.downcast_object_ref::<SecretObject>() {
            secret.mark_used();
            return Some(secret.usage.clone());
        }
        let whole = value.as_str()?;
        let (tokens, rest) = self.nonce.tokens(whole);
        // Text with markers is part of the document already.
        if tokens.is_empty() || self.nonce.occurs_in(whole) {
            return None;
        }
        let mut record = self.lock();
        let mut parts = Vec::new();
        for (before, number) in tokens {
            let (usage, used) = record.tokens.get_mut(number)?;
            *used = true;
            parts.extend(text(before));
            parts.push(Part::Secret((**usage).clone()));
        }
        parts.extend(text(rest));
        SecretUse::joined(parts).map(Arc::new)
    }

    /// The names of secrets whose text was used as something else.
    pub(super) fn unread(record: &Record) -> impl Iterator<Item = &String> {
        record.tokens.iter().filter(|(_, used)| !used).map(|(usage, _)| &usage.name)
    }

    fn misused(&self, name: &str) {
        let mut record = self.lock();
        if !record.misused.iter().any(|known| known == name) {
            record.misused.push(name.to_owned());
        }
    }
}

fn text(text: &str) -> Option<Part> {
    (!text.is_empty()).then(|| Part::Text(text.to_owned()))
}

/// The names that a template sees.
pub(super) struct Root {
    pub(super) values: Arc<Values>,
    pub(super) recorder: Arc<Recorder>,
    pub(super) known: Mutex<HashMap<String, Arc<SecretUse>>>,
}

impl std::fmt::Debug for Root {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Root")
    }
}

impl Object for Root {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, name: &str) -> Option<Value> {
        let namespace = |origin| Value::from_object(Namespace { origin, recorder: self.recorder.clone() });
        match name {
            "vars" => Some(Value::from_dyn_object(self.values.clone())),
            number::NUMBERS if self.values.keep_texts() => Some(Value::from_object(AsNumbers(self.values.clone()))),
            "secrets" => Some(namespace(Origin::Any)),
            "env" => Some(namespace(Origin::Environment)),
            "dotenv" => Some(namespace(Origin::Dotenv)),
            "keychain" => Some(namespace(Origin::Keychain)),
            _ if guard::FUNCTIONS.contains(&name) => None,
            _ => {
                let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
                let usage = match known.get(name) {
                    Some(usage) => usage.clone(),
                    None => {
                        let usage = Arc::new(SecretUse::new(Origin::Any, name));
                        known.insert(name.to_owned(), usage.clone());
                        usage
                    }
                };
                Some(Value::from_object(SecretObject::new(usage, self.recorder.clone())))
            }
        }
    }
}

/// `secrets`, `env`, `dotenv`, `keychain`.
struct Namespace {
    origin: Origin,
    recorder: Arc<Recorder>,
}

impl std::fmt::Debug for Namespace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Namespace")
    }
}

impl Object for Namespace {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let usage = Arc::new(SecretUse::new(self.origin, key.as_str()?));
        Some(Value::from_object(SecretObject::new(usage, self.recorder.clone())))
    }
}

/// `docker("HOST")`: its members are secrets.
pub(super) struct StoredLogin {
    pub(super) host: String,
    pub(super) recorder: Arc<Recorder>,
}

impl std::fmt::Debug for StoredLogin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StoredLogin")
    }
}

impl Object for StoredLogin {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let origin = match key.as_str()? {
            "username" => Origin::DockerUsername,
            "password" => Origin::DockerPassword,
            _ => return None,
        };
        let usage = Arc::new(SecretUse::new(origin, self.host.as_str()));
        Some(Value::from_object(SecretObject::new(usage, self.recorder.clone())))
    }
}

/// A secret inside minijinja: a name and filters, no value. It reports every unsupported use.
pub(super) struct SecretObject {
    pub(super) usage: Arc<SecretUse>,
    pub(super) recorder: Arc<Recorder>,
    used: std::sync::atomic::AtomicBool,
}

impl SecretObject {
    pub(super) fn new(usage: Arc<SecretUse>, recorder: Arc<Recorder>) -> Self {
        Self { usage, recorder, used: false.into() }
    }

    pub(super) fn mark_used(&self) {
        self.used.store(true, std::sync::atomic::Ordering::Relaxed);
    }

    fn report(&self) {
        self.recorder.misused(&self.usage.name);
    }
}

impl Drop for SecretObject {
    fn drop(&mut self) {
        // Looked up, but neither written nor passed on: it was used as a plain value.
        if !*self.used.get_mut() {
            let mut record = self.recorder.lock();
            if !record.unused.contains(&self.usage.name) {
                record.unused.push(self.usage.name.clone());
            }
        }
    }
}

impl std::fmt::Debug for SecretObject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("secret")
    }
}

impl Object for SecretObject {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, _key: &Value) -> Option<Value> {
        self.report();
        None
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        self.report();
        Enumerator::NonEnumerable
    }

    fn is_true(self: &Arc<Self>) -> bool {
        self.report();
        true
    }

    fn custom_cmp(self: &Arc<Self>, _other: &DynObject) -> Option<std::cmp::Ordering> {
        self.report();
        None
    }

    // For `~`. What else makes text of it never reads the token back, which is reported at the end. Must not return an error, or formatting
    // would panic.
    fn render(self: &Arc<Self>, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.mark_used();
        f.write_str(&self.recorder.token(&self.usage))
    }
}

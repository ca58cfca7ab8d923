//! A secret value and the filters that a template can use on it.
//!
//! Nothing here can print a secret: there is no `Display`, `Debug` prints a fixed word, and the text is wiped when dropped.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use zeroize::{Zeroize, Zeroizing};

mod filter;

pub(crate) use filter::{Fallback, FilterError, Operation};

/// A piece of a secret that is made of several.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Part {
    /// Text of the template, or of a plain variable.
    Text(String),
    /// Another secret.
    Secret(SecretUse),
    /// A plain variable that is not set, which is reported.
    Unset,
}

/// One secret text. Wiped from memory when dropped.
pub struct Secret(SecretString);

impl Secret {
    /// Takes ownership of `text` without leaving a copy behind.
    pub fn new(mut text: Zeroizing<String>) -> Self {
        Self(SecretString::from(std::mem::take(&mut *text)))
    }

    /// Decodes `bytes` as UTF-8. The bytes are wiped either way.
    ///
    /// # Errors
    /// When the bytes are not UTF-8, which no YAML scalar can hold.
    pub fn from_bytes(mut bytes: Zeroizing<Vec<u8>>) -> Result<Self, NotUtf8> {
        match String::from_utf8(std::mem::take(&mut *bytes)) {
            Ok(text) => Ok(Self::new(Zeroizing::new(text))),
            Err(error) => {
                error.into_bytes().zeroize();
                Err(NotUtf8)
            }
        }
    }

    /// The text itself. Only for code that writes or transforms it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Whether the text is empty.
    pub fn is_empty(&self) -> bool {
        self.expose().is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A value that is not UTF-8. Holds nothing of the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotUtf8;

/// The source that a template wants a secret from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Origin {
    /// `{{ NAME }}` and `{{ secrets.NAME }}`: the first source that has it.
    Any,
    /// `{{ env.NAME }}`: only the process environment.
    Environment,
    /// `{{ dotenv.NAME }}`: only `.env` files.
    Dotenv,
    /// `{{ keychain.NAME }}`: only the keychain.
    Keychain,
    /// `{{ file("PATH") }}`: the file of that name.
    File,
    /// `{{ docker("HOST").username }}`: from the login that `docker login` stored for that host.
    DockerUsername,
    /// `{{ docker("HOST").password }}`: likewise.
    DockerPassword,
}

/// The variable that may hold stored logins.
pub(crate) const AUTH_CONFIG: &str = "DOCKER_AUTH_CONFIG";

impl Origin {
    /// Whether secrets of this origin have the name of a variable, not a path or a host.
    pub(crate) fn is_by_name(self) -> bool {
        !matches!(self, Self::File | Self::DockerUsername | Self::DockerPassword)
    }
}

/// A secret as used in a template: its name, where it may come from, and its filters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct SecretUse {
    /// Where it may come from.
    pub origin: Origin,
    /// The name that is looked up.
    pub name: String,
    /// Filters, in the order in which they apply.
    pub operations: Vec<Operation>,
}

impl SecretUse {
    /// The secret `name` from `origin`, without filters.
    pub(crate) fn new(origin: Origin, name: impl Into<String>) -> Self {
        Self { origin, name: name.into(), operations: Vec::new() }
    }

    /// The same without its filters.
    pub(crate) fn bare(&self) -> Self {
        Self::new(self.origin, self.name.as_str())
    }

    /// The name with its source, as written in the template: `NAME`, `env.NAME`, `file("PATH")`.
    pub(crate) fn label(&self) -> String {
        let part = |part: &Part| if let Part::Secret(secret) = part { secret.label() } else { "…".to_owned() };
        let joined = self.operations.iter().rev().find_map(|operation| match operation {
            Operation::Join(before, behind) => Some((before, behind)),
            _ => None,
        });
        if let Some((before, behind)) = joined {
            let parts = before.iter().map(part).chain([self.own_label()]).chain(behind.iter().map(part));
            return format!("[{}] | join", parts.collect::<Vec<_>>().join(", "));
        }
        self.own_label()
    }

    fn own_label(&self) -> String {
        let quoted = || self.name.replace('\\', "\\\\").replace('"', "\\\"");
        match self.origin {
            Origin::Any => self.name.clone(),
            Origin::Environment => format!("env.{}", self.name),
            Origin::Dotenv => format!("dotenv.{}", self.name),
            Origin::File => format!("file(\"{}\")", quoted()),
            Origin::DockerUsername => format!("docker(\"{}\").username", quoted()),
            Origin::DockerPassword => format!("docker(\"{}\").password", quoted()),
            Origin::Keychain => format!("keychain.{}", self.name),
        }
    }

    /// Every variable name that it may be found under: its own, those of its fallbacks and those of its parts.
    pub(crate) fn names(&self) -> Vec<String> {
        let own = match self.origin {
            Origin::DockerUsername | Origin::DockerPassword => Some(AUTH_CONFIG.to_owned()),
            origin => origin.is_by_name().then(|| self.name.clone()),
        };
        let others = self.operations.iter().flat_map(Operation::secrets).flat_map(Self::names);
        own.into_iter().chain(others).collect()
    }

    /// The names that are looked up for it, in this order: its own and those of its defaults.
    pub(crate) fn own_names(&self) -> Vec<String> {
        let own = self.origin.is_by_name().then(|| self.name.clone());
        let others = self.operations.iter().flat_map(Operation::secrets).flat_map(Self::own_names);
        own.into_iter().chain(others).collect()
    }

    /// Whether it has a default.
    pub(crate) fn has_default(&self) -> bool {
        self.operations.iter().any(|operation| matches!(operation, Operation::Default(_)))
    }

    /// One secret of `parts`, if there is a secret among them.
    pub(crate) fn joined(mut parts: Vec<Part>) -> Option<Self> {
        let first = parts.iter().position(|part| matches!(part, Part::Secret(_)))?;
        let behind = parts.split_off(first + 1);
        let Some(Part::Secret(mut whole)) = parts.pop() else { return None };
        if !(parts.is_empty() && behind.is_empty()) {
            whole.operations.push(Operation::Join(parts, behind));
        }
        Some(whole)
    }

    /// The secrets that it is made of: itself, unless it is joined. A default of the whole is one of each.
    pub(crate) fn parts(&self) -> Vec<Self> {
        let mut parts = vec![Self::new(self.origin, self.name.as_str())];
        let mut is_joined = false;
        for operation in &self.operations {
            match operation {
                Operation::Join(..) => {
                    parts.extend(operation.secrets().into_iter().flat_map(Self::parts));
                    is_joined = true;
                }
                Operation::Default(_) => parts.iter_mut().for_each(|part| part.operations.push(operation.clone())),
                _ if !is_joined => parts[0].operations.push(operation.clone()),
                _ => {}
            }
        }
        parts
    }

    /// How many parts and filters it has, those of other secrets in it included; 1 for a name.
    pub(crate) fn size(&self) -> usize {
        let part = |part: &Part| if let Part::Secret(secret) = part { secret.size() } else { 1 };
        let operation = |operation: &Operation| match operation {
            Operation::Join(before, behind) => before.iter().chain(behind).map(part).sum(),
            Operation::Default(Fallback::Secret(other)) => other.size(),
            _ => 1,
        };
        1 + self.operations.iter().map(operation).sum::<usize>()
    }

    /// Whether a plain variable in it is not set.
    pub(crate) fn lacks_variable(&self) -> bool {
        let lacks = |part: &Part| match part {
            Part::Unset => true,
            Part::Secret(secret) => secret.lacks_variable(),
            Part::Text(_) => false,
        };
        self.operations.iter().any(|operation| match operation {
            Operation::Join(before, behind) => before.iter().chain(behind).any(lacks),
            _ => false,
        })
    }

    /// Whether the result is an integer, which stays a number if it is a whole plain scalar.
    pub(crate) fn is_integer(&self) -> bool {
        matches!(self.operations.last(), Some(Operation::Int))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_shows_no_secret() {
        let secret = Secret::new(Zeroizing::new("hunter2".to_owned()));
        assert_eq!(format!("{secret:?}"), "Secret(…)");
        assert_eq!(secret.expose(), "hunter2");
    }

    #[test]
    fn bytes_that_are_not_utf8_are_refused() {
        assert_eq!(Secret::from_bytes(Zeroizing::new(vec![0xff])).err(), Some(NotUtf8));
    }
}

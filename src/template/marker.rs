//! Markers: the opaque words that stand for values until the splice.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::secret::SecretUse;

/// The length of a marker in bytes: `Z`, 16 random letters, 8 hexadecimal digits, `Z`.
pub const MARKER_LENGTH: usize = 1 + NONCE_LENGTH + 8 + 1;
const NONCE_LENGTH: usize = 16;

/// What a marker stands for.
#[derive(Debug, Clone)]
pub enum Emission {
    /// A secret, not yet looked up.
    Secret(Arc<SecretUse>),
    /// A plain value: a variable, or the result of an expression on variables.
    Text(Arc<str>),
    /// A value that is not there; the expression in the template says which.
    Undefined,
    /// A list or a mapping, which has no text of its own.
    Collection,
}

/// The random part that all markers of one rendering share, so that no template can hold one by chance or design.
#[derive(Debug, Clone)]
pub struct Nonce {
    prefix: String,
}

impl Nonce {
    /// A fresh nonce from the system's random source that does not occur in `text`.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn fresh(text: &str) -> Result<Self, getrandom::Error> {
        loop {
            let mut random = [0; NONCE_LENGTH];
            getrandom::fill(&mut random)?;
            // Lower-case letters past `f`: plain text in every YAML style, no hexadecimal digit after an escape, no `Z`.
            let letters = random.map(|byte| char::from(b'g' + byte % 16));
            // `Z` is neither a hexadecimal digit nor a YAML escape letter: after a stray `\` it stays visible as itself.
            let prefix: String = std::iter::once('Z').chain(letters).collect();
            if memchr::memmem::find(text.as_bytes(), prefix.as_bytes()).is_none() {
                return Ok(Self { prefix });
            }
        }
    }

    /// The marker of the emission with this number.
    pub fn marker(&self, number: usize) -> String {
        let mut marker = String::with_capacity(MARKER_LENGTH);
        marker.push_str(&self.prefix);
        // Writing to a String can't fail.
        let _ = write!(marker, "{number:08x}Z");
        marker
    }

    /// The bytes that every marker begins with.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The number of the marker that begins at `offset` of `text`, if a whole one does.
    pub fn number_at(&self, text: &str, offset: usize) -> Option<usize> {
        let tail = text.as_bytes().get(offset..offset + MARKER_LENGTH)?;
        let digits = tail.strip_prefix(self.prefix.as_bytes())?.strip_suffix(b"Z")?;
        let digits = std::str::from_utf8(digits).ok()?;
        usize::from_str_radix(digits, 16).ok()
    }

    /// Whether `text` holds a marker.
    pub fn occurs_in(&self, text: &str) -> bool {
        text.len() >= MARKER_LENGTH && memchr::memmem::find(text.as_bytes(), self.prefix.as_bytes()).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_is_found_again() {
        let nonce = Nonce::fresh("a template").unwrap();
        let text = format!("a {} b", nonce.marker(0x2a));
        assert_eq!(nonce.number_at(&text, 2), Some(42));
        assert_eq!(nonce.number_at(&text, 1), None);
        assert!(nonce.occurs_in(&text));
        assert!(!nonce.occurs_in("a plain text that is long enough to hold one"));
    }
}

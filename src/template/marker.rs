//! Markers: opaque words that represent values until the splice.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::secret::SecretUse;

/// The length of a marker in bytes: `Z`, 16 random letters, 8 hexadecimal digits, `Z`.
pub const MARKER_LENGTH: usize = 1 + NONCE_LENGTH + 8 + 1;
const NONCE_LENGTH: usize = 16;

/// What a marker represents.
#[derive(Debug, Clone)]
pub enum Emission {
    /// A secret, not yet looked up.
    Secret(Arc<SecretUse>),
    /// A plain value: a variable, or the result of an expression on variables.
    Text(Arc<str>),
    /// An undefined value; the expression in the template says which.
    Undefined,
    /// A list or a mapping, which has no text.
    Collection,
}

/// The random part that all markers of one render share, so that no template can contain a marker by chance or on purpose.
#[derive(Debug, Clone)]
pub struct Nonce {
    prefix: String,
}

impl Nonce {
    /// A new random nonce that does not occur in `text`.
    ///
    /// # Errors
    /// When the operating system provides no random bytes.
    pub fn fresh(text: &str) -> Result<Self, getrandom::Error> {
        loop {
            let mut random = [0; NONCE_LENGTH];
            getrandom::fill(&mut random)?;
            // Lower-case letters after `f`: plain text in every YAML style, and not hexadecimal digits, so no part of an escape.
            let letters = random.map(|byte| char::from(b'g' + byte % 16));
            // `Z` is neither a hexadecimal digit nor a YAML escape letter: after a stray `\`, it is not changed.
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

    /// The beginning of every marker.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The number of the marker that begins at `offset` in `text`, if there is a complete one.
    pub fn number_at(&self, text: &str, offset: usize) -> Option<usize> {
        let tail = text.as_bytes().get(offset..offset + MARKER_LENGTH)?;
        let digits = tail.strip_prefix(self.prefix.as_bytes())?.strip_suffix(b"Z")?;
        let digits = std::str::from_utf8(digits).ok()?;
        usize::from_str_radix(digits, 16).ok()
    }

    /// Whether `text` contains a marker.
    pub fn occurs_in(&self, text: &str) -> bool {
        text.len() >= MARKER_LENGTH && memchr::memmem::find(text.as_bytes(), self.prefix.as_bytes()).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_is_recognised() {
        let nonce = Nonce::fresh("a template").unwrap();
        let text = format!("a {} b", nonce.marker(0x2a));
        assert_eq!(nonce.number_at(&text, 2), Some(42));
        assert_eq!(nonce.number_at(&text, 1), None);
        assert!(nonce.occurs_in(&text));
        assert!(!nonce.occurs_in("a plain text that is long enough for a marker"));
    }
}

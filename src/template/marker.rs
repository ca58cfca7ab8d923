//! Markers: opaque words that represent values until the splice.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::secret::SecretUse;

/// The length of a marker in bytes: `Z`, 16 random letters, 8 hexadecimal digits, `Z`.
pub(crate) const MARKER_LENGTH: usize = 1 + NONCE_LENGTH + 8 + 1;
const NONCE_LENGTH: usize = 16;

/// What a marker represents.
#[derive(Debug, Clone)]
pub(crate) enum Emission {
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
pub(crate) struct Nonce {
    prefix: String,
}

/// The operating system provides no random bytes.
#[derive(Debug)]
pub(crate) struct NoRandomness;

#[cfg(not(target_family = "wasm"))]
fn random() -> Result<[u8; NONCE_LENGTH], NoRandomness> {
    let mut random = [0; NONCE_LENGTH];
    getrandom::fill(&mut random).map_err(|_| NoRandomness)?;
    Ok(random)
}

/// Without an operating system the nonce can be foretold, and a template be written that holds the first ones: then another is taken.
#[cfg(target_family = "wasm")]
fn random() -> Result<[u8; NONCE_LENGTH], NoRandomness> {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut random = [0; NONCE_LENGTH];
    random.iter_mut().enumerate().for_each(|(at, byte)| *byte = (number >> (at * 4)) as u8);
    Ok(random)
}

impl Nonce {
    /// A new random nonce that does not occur in `text`.
    ///
    /// # Errors
    /// When the operating system provides no random bytes.
    pub(crate) fn fresh(text: &str) -> Result<Self, NoRandomness> {
        loop {
            let random = random()?;
            // Lower-case letters after `f`: plain text in every YAML style, and not hexadecimal digits, so no part of an escape.
            let letters = random.map(|byte| char::from(b'g' + byte % 16));
            // `Z` is neither a hexadecimal digit nor a YAML escape letter: after a stray `\`, it is not changed.
            let prefix: String = std::iter::once('Z').chain(letters).collect();
            if memchr::memmem::find(text.as_bytes(), &prefix.as_bytes()[1..]).is_none() {
                return Ok(Self { prefix });
            }
        }
    }

    /// The marker of the emission with this number.
    pub(crate) fn marker(&self, number: usize) -> String {
        let mut marker = String::with_capacity(MARKER_LENGTH);
        marker.push_str(&self.prefix);
        // Writing to a String can't fail.
        let _ = write!(marker, "{number:08x}Z");
        marker
    }

    /// What stands for a secret in text that an expression makes (`A ~ B`): as long as a marker, and none.
    pub(super) fn token(&self, number: usize) -> String {
        format!("Y{}{number:08x}Y", &self.prefix[1..])
    }

    /// `text` at its tokens: what comes before each, its number, and what is left.
    pub(super) fn tokens<'t>(&self, text: &'t str) -> (Vec<(&'t str, usize)>, &'t str) {
        let (mut found, mut rest) = (Vec::new(), text);
        let letters = &self.prefix.as_bytes()[1..];
        while let Some(at) = memchr::memmem::find(rest.as_bytes(), letters).and_then(|at| at.checked_sub(1)) {
            let digits = rest[at..].strip_prefix('Y').and_then(|token| token.get(letters.len()..MARKER_LENGTH - 2));
            let Some(number) = digits.and_then(|digits| usize::from_str_radix(digits, 16).ok()) else { break };
            found.push((&rest[..at], number));
            rest = rest.get(at + MARKER_LENGTH..).unwrap_or_default();
        }
        (found, rest)
    }

    /// The beginning of every marker.
    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The number of the marker that begins at `offset` in `text`, if there is a complete one.
    pub(crate) fn number_at(&self, text: &str, offset: usize) -> Option<usize> {
        let tail = text.as_bytes().get(offset..offset + MARKER_LENGTH)?;
        let digits = tail.strip_prefix(self.prefix.as_bytes())?.strip_suffix(b"Z")?;
        let digits = std::str::from_utf8(digits).ok()?;
        usize::from_str_radix(digits, 16).ok()
    }

    /// Whether `text` contains a marker.
    pub(crate) fn occurs_in(&self, text: &str) -> bool {
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

    #[test]
    fn tokens_are_found_and_are_no_markers() {
        let nonce = Nonce::fresh("a template").unwrap();
        let text = format!("a {}b{}", nonce.token(1), nonce.token(0x2a));
        assert_eq!(nonce.tokens(&text), (vec![("a ", 1), ("b", 42)], ""));
        assert_eq!(nonce.tokens("plain"), (vec![], "plain"));
        assert!(!nonce.occurs_in(&text));
        // A part of one is none.
        assert_eq!(nonce.tokens(&text[..20]), (vec![], &text[..20]));
    }
}

//! `ac-secret://NAME`: the reference that Akash's Console replaces by a secret it keeps, in `env` and in logins.

use crate::finding::{Finding, Level, Rule};

use super::{Fact, is_name};

/// How every reference begins.
pub(crate) const SCHEME: &str = "ac-secret://";

/// The longest name that the Console accepts.
pub(crate) const LONGEST: usize = 64;

/// Whether `text` is such a reference, as the Console reads it: `^ac-secret://[A-Za-z_][A-Za-z0-9_]{0,63}$`.
pub(crate) fn is_reference(text: &str) -> bool {
    let accepts = |name: &str| is_name(name) && name.len() <= LONGEST && !name.starts_with(|c: char| c.is_ascii_digit());
    text.strip_prefix(SCHEME).is_some_and(accepts)
}

/// Whether `text`, white space around it aside, was to be one, so that it is not a secret itself.
pub(super) fn is_meant(text: &str) -> bool {
    text.trim().starts_with(SCHEME)
}

/// Tells of a text in a login, or an item of `env`, that was to be one and is not: `ac-secret:/X`, `ac-foo`.
pub(super) fn check(field: &Fact<'_>, findings: &mut Vec<Finding>) {
    let Some(text) = field.text else { return };
    let env = field.place.item.is_some();
    let value = if env { text.split_once('=').map_or("", |(_, value)| value) } else { text };
    let Some(level) = malformed(value, env) else { return };
    let help = "write `ac-secret://NAME` and nothing else: at most 64 letters, digits and `_`, the first not a digit";
    let message = match is_meant(value) {
        true => "the Console does not accept this reference to a secret",
        false => "this is not a reference to a secret in the Console, which begins with `ac-secret://`",
    };
    findings.push(field.finding_of(Rule::ConsoleReference, level, message, help));
}

/// How bad the value is, if it was to be a reference.
fn malformed(value: &str, env: bool) -> Option<Level> {
    if is_reference(value) {
        return None;
    }
    let value = value.trim().trim_matches(['"', '\'']).trim();
    let begins = |start: &str| value.get(..start.len()).is_some_and(|own| own.eq_ignore_ascii_case(start));
    let word = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    if !begins("ac-") {
        None
    } else if begins("ac-secret") || value[3..].contains("://") {
        Some(if env { Level::Warning } else { Level::Error })
    } else {
        (!env && word(&value[3..])).then_some(Level::Warning)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn malformed_references_are_told_from_good_ones_and_from_names() {
        let name = |length: usize| format!("{SCHEME}{}", "N".repeat(length));
        for text in ["ac-secret://X", "ac-secret://_1", "ac-secret://ghcr_token", &name(64), "team", "ac1", "ac-7f3a", "AC-1x"] {
            assert_eq!(malformed(text, false), None, "{text}");
        }
        for text in [
            "ac-secret://ghcr-token",
            "ac-secret://a.b",
            "ac-secret://1X",
            "ac-secret://É",
            &name(65),
            " ac-secret://X",
            "ac-secret://X\n",
            "\"ac-secret://X\"",
            "ac-secret://",
            "ac-secret:/X",
            "ac-secret:X",
            "ac-secret",
            "AC-SECRET://X",
            "ac-secrets://X",
            "ac-secret://a b",
            "ac-foo://X",
        ] {
            assert_eq!(malformed(text, false), Some(Level::Error), "{text}");
            assert_eq!(malformed(text, true), Some(Level::Warning), "{text}");
        }
        assert_eq!((malformed("ac-foo", false), malformed("ac-foo", true)), (Some(Level::Warning), None));
    }
}

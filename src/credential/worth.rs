//! Which parts of a text that is written out belong in a secret: what `extract` makes placeholders of.

use std::ops::Range;

use super::environment::{Literal, judge};
use super::name;
use super::stand_in::{is_stand_in, is_unfilled};
use super::written::{headers, is_switch, members, options, passwords, stands_in};
use super::{console, shell};

/// A part of a text that belongs in a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SecretPart {
    /// Its bytes in the text.
    pub range: Range<usize>,
    /// What it is in the text.
    pub role: PartRole,
    /// It only stands for a secret.
    pub stand_in: bool,
}

/// What a part is in its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PartRole {
    /// All of the value.
    Whole,
    /// The password in an address.
    Address,
    /// The value of a member, an option or a header with this name.
    Member(String),
}

/// The secrets in `value`, which is written for the variable `name` of a container: those that `check` reports, and what stands for one.
pub(crate) fn worth_of_variable(name: &str, value: &str) -> Vec<SecretPart> {
    let whole = unquoted(value);
    let bare = &value[whole.clone()];
    if bare.trim().is_empty() || shell::whole(bare) || bare.contains("$(") || bare.contains("${") || bare.contains("ac-secret") {
        return Vec::new();
    }
    let addresses: Vec<SecretPart> = worth_of_addresses(value);
    let literal = judge(name, value);
    match (literal, name::sort(name)) {
        (Some(Literal::Login), _) | (Some(Literal::Secret), Some(_)) | (None, _) if !addresses.is_empty() => addresses,
        (Some(Literal::Login), _) => {
            let named = members(value).chain(options(value)).map(|(name, range)| (PartRole::Member(name.to_owned()), range));
            let found = named.chain(headers(value).map(|range| (PartRole::Member("TOKEN".to_owned()), range)));
            found.map(|(role, range)| SecretPart { range, role, stand_in: false }).collect()
        }
        (Some(_), _) => vec![SecretPart { range: whole, role: PartRole::Whole, stand_in: false }],
        (None, Some(sort)) if stands_in(name, bare.trim(), sort) && !is_switch(bare.trim()) => {
            vec![SecretPart { range: whole, role: PartRole::Whole, stand_in: true }]
        }
        (None, _) => Vec::new(),
    }
}

/// The passwords in the addresses of `text`.
pub(crate) fn worth_of_addresses(text: &str) -> Vec<SecretPart> {
    let inside = |range: &Range<usize>| &text[range.clone()];
    let foreign = |range: &Range<usize>| inside(range).contains("$(") || inside(range).contains("${");
    let found = passwords(text).filter(|range| !foreign(range));
    found.map(|range| SecretPart { stand_in: is_stand_in(inside(&range)), role: PartRole::Address, range }).collect()
}

/// Whether `text`, a username or a password of a login, belongs in a secret; then, whether it only stands for one.
pub(crate) fn worth_of_login(text: &str, username: bool) -> Option<bool> {
    let bare = text.trim();
    let zero = bare.len() == 36 && bare.bytes().all(|byte| matches!(byte, b'0' | b'-'));
    if bare.is_empty() || console::is_meant(bare) || shell::variables(bare).next().is_some() || username && zero {
        return None;
    }
    // A `$` means nothing in a login.
    Some(is_unfilled(bare, None, username) || !username && !bare.contains('$') && is_stand_in(bare))
}

/// `value` without quotes around it, which the container sees.
fn unquoted(value: &str) -> Range<usize> {
    let quoted = value.len() > 1 && ['"', '\''].iter().any(|quote| value.starts_with(*quote) && value.ends_with(*quote));
    if quoted { 1..value.len() - 1 } else { 0..value.len() }
}

/// Whether a secret that somebody chose is easily guessed: short, a word, or its own name.
pub(crate) fn is_weak(value: &str) -> bool {
    const WORDS: &str = "password passwd pass secret admin administrator root user test testing demo default postgres postgresql mysql \
        mariadb redis mongo mongodb rabbitmq guest minio wordpress ghost strapi directus qwerty letmein welcome akash example akashnet \
        changeme superuser supersecret mypassword mysecret";
    let plain = value.trim().to_ascii_lowercase();
    let word = plain.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '!' | '_' | '-' | '.' | '@'));
    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
    let short_word = value.len() < 12 && value.bytes().all(|byte| byte.is_ascii_lowercase());
    value.chars().count() < 8
        || short_word
        || digits && value.len() < 16
        || word.split(['-', '_', ' ']).all(|one| WORDS.split_whitespace().any(|known| known == one))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str, value: &str) -> Vec<(String, bool)> {
        worth_of_variable(name, value).into_iter().map(|part| (value[part.range].to_owned(), part.stand_in)).collect()
    }

    #[test]
    fn the_part_that_is_secret_is_found() {
        let secret = |text: &str| vec![(text.to_owned(), false)];
        let stand_in = |text: &str| vec![(text.to_owned(), true)];
        for (name, value, parts) in [
            ("DB_PASSWORD", "hunter2", secret("hunter2")),
            ("DB_PASSWORD", "\"hunter2\"", secret("hunter2")),
            ("DATABASE_URL", "postgres://app:p@ss/w@db:5432/app?x=y@z", secret("p@ss/w")),
            ("DATABASE_PASSWORD_URL", "postgres://app:hunter2@db/app", secret("hunter2")),
            ("DATABASE_URL", "postgres://app:<password>@db/app", stand_in("<password>")),
            ("DATABASE_URL", "postgres://app:$(PW)@db/app", vec![]),
            ("DSN", "Server=db;User=a;Password=hunter2;", secret("hunter2")),
            ("OPTS", "-x --password hunter2 --more", secret("hunter2")),
            ("AUTH_HEADER", "Authorization: Bearer abcdef0123456789", secret("abcdef0123456789")),
            ("CONFIG", "{\"password\": \"hunter2\", \"a\": 1}", secret("hunter2")),
            ("NEO4J_AUTH", "neo4j/hunter2", secret("neo4j/hunter2")),
            ("API_KEY", "<your key>", stand_in("<your key>")),
            ("API_KEY", "KEY", stand_in("KEY")),
            ("DB_PASSWORD", "changeme", stand_in("changeme")),
            ("DB_PASSWORD", "$(OTHER)", vec![]),
            ("DB_PASSWORD", "${OTHER}", vec![]),
            ("DB_PASSWORD", "", vec![]),
            ("ALLOW_EMPTY_PASSWORD", "yes", vec![]),
            ("TOKEN", "ac-secret://TOKEN", vec![]),
            ("LOG_LEVEL", "info", vec![]),
        ] {
            assert_eq!(found(name, value), parts, "{name}={value}");
        }
    }

    #[test]
    fn a_login_is_a_secret_unless_it_is_fixed_or_filled_in_elsewhere() {
        assert_eq!(worth_of_login("hunter2", false), Some(false));
        assert_eq!(worth_of_login("<token>", false), Some(true));
        assert_eq!(worth_of_login("a$(B)c", false), Some(false));
        assert_eq!(worth_of_login("my-org", true), Some(false));
        for (text, username) in
            [("", false), ("${TOKEN}", false), ("ac-secret://T", false), ("00000000-0000-0000-0000-000000000000", true)]
        {
            assert_eq!(worth_of_login(text, username), None, "{text}");
        }
    }

    #[test]
    fn weak_values_are_words_and_short_ones() {
        for value in ["hunter2", "password", "Password123!", "postgres", "admin-admin", "12345678", "langflow"] {
            assert!(is_weak(value), "{value}");
        }
        for value in ["correct horse battery staple", "Xk3v9QmZ81ab", "wordpress_db_k3v9"] {
            assert!(!is_weak(value), "{value}");
        }
    }
}

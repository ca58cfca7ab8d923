//! What a registry says about a refusal: the sentence in its answer, cleaned, and without the login.

use std::net::{IpAddr, SocketAddr};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use super::Login;
use super::client::HttpResponse;
use super::origin::encode;
use crate::diagnostic::is_deceptive;

mod body;

/// The most that is shown of a sentence, in characters.
const LONGEST: usize = 300;

/// Shown instead of a secret.
const MASK: &str = "********";

/// A line of a password that is at least this long is hidden for itself, too.
const LINE: usize = 12;

/// Words that say no more than the status does.
const NOTHING: [&str; 29] = [
    "",
    "error",
    "denied",
    "unauthorized",
    "unauthorised",
    "unauthenticated",
    "not authorized",
    "not found",
    "forbidden",
    "bad request",
    "payment required",
    "precondition failed",
    "too many requests",
    "internal server error",
    "service unavailable",
    "access denied",
    "access_denied",
    "accessdenied",
    "access forbidden",
    "permission denied",
    "permission_denied",
    "authentication required",
    "authentication_required",
    "requested access to the resource is denied",
    "access to the requested resource is not authorized",
    "insufficient_scope",
    "invalid_token",
    "invalid_request",
    "invalid_grant",
];

/// A sentence of a server. It may contain the login: only [`Sentence::shown`] is for messages.
#[derive(Clone, Default)]
pub(super) struct Sentence {
    /// As it was sent.
    text: Zeroizing<String>,
    /// In small letters and without names: a repository may be called `billing/rate-limit`.
    words: Zeroizing<String>,
}

impl std::fmt::Debug for Sentence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sentence(…)")
    }
}

impl Sentence {
    /// The sentence in `answer`: the first of its texts that says more than the status, or else the longest. They are what its body says
    /// and then, of a token, the challenge (RFC 6750, section 3).
    pub(super) fn of(answer: &HttpResponse) -> Self {
        let mut texts = body::texts(&answer.body);
        let headers = answer.headers.get_all("www-authenticate").iter().filter_map(|value| value.to_str().ok());
        texts.extend(super::challenge::descriptions(headers).map(Zeroizing::new));
        texts.retain(|text| !text.trim().is_empty());
        let longest = || (0..texts.len()).rev().max_by_key(|index| texts[*index].len()).unwrap_or(0);
        let telling = texts.iter().position(|text| !is_nothing(text)).unwrap_or_else(longest);
        let text = texts.into_iter().nth(telling).unwrap_or_default();
        Self { words: without_names(&text), text }
    }

    /// Whether it says no more than the status.
    pub(super) fn is_nothing(&self) -> bool {
        is_nothing(&self.text)
    }

    /// Whether it contains one of `words`, which are in small letters.
    pub(super) fn has(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.words.contains(word))
    }

    /// Whether it contains one of these whole words, which are in small letters.
    pub(super) fn has_word(&self, words: &[&str]) -> bool {
        self.words.split(|c: char| !c.is_alphanumeric()).any(|one| words.contains(&one))
    }

    /// Whether it names an IP address.
    pub(super) fn has_address(&self) -> bool {
        let parts = self.text.split(|c: char| !c.is_ascii_hexdigit() && c != '.' && c != ':');
        let mut addresses = parts.map(|part| part.trim_matches(['.', ':'])).filter(|part| part.len() >= 7);
        addresses.any(|part| part.parse::<IpAddr>().is_ok() || part.parse::<SocketAddr>().is_ok())
    }

    /// Whether it is `words` and nothing else.
    pub(super) fn is(&self, words: &str) -> bool {
        self.text.trim().trim_end_matches(['.', '!']).eq_ignore_ascii_case(words)
    }

    /// The sentence for messages: one line, at most 300 characters, and a mask instead of each part of `login`. None if nothing is left.
    pub(super) fn shown(&self, login: Option<&Login>) -> Option<String> {
        // Hidden before it is cleaned and after: both can make a secret of what was none.
        let hide = |text: Zeroizing<String>| match login {
            Some(login) => secrets(login).iter().fold(text, |text, secret| mask(&text, secret)),
            None => text,
        };
        let text = hide(clean(&hide(self.text.clone())));
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        if text.chars().count() <= LONGEST {
            return Some(text.to_owned());
        }
        Some(text.chars().take(LONGEST - 1).chain(['…']).collect())
    }
}

/// `text` in small letters, with `not` instead of `n't`, and without what can only be a name: a quoted word, a path, an address, a name with a
/// tag.
fn without_names(text: &str) -> Zeroizing<String> {
    let fold = Zeroizing::new(text.to_lowercase().replace('\u{2019}', "'").replace("n't", " not"));
    let mut words = Zeroizing::new(String::with_capacity(fold.len()));
    for word in fold.split_whitespace() {
        let bare = word.trim_end_matches(['.', ',', ';', ':', '!', ')']).trim_start_matches('(');
        let quoted = ['"', '\'', '`'].iter().any(|quote| bare.len() > 1 && bare.starts_with(*quote) && bare.ends_with(*quote));
        if !quoted && !bare.contains(['/', ':']) {
            words.push_str(word);
        }
        words.push(' ');
    }
    words
}

/// Whether `text` says no more than the status, which may come first: `403 Forbidden`. A code of an error doesn't either.
fn is_nothing(text: &str) -> bool {
    let bare = text.trim().trim_start_matches(|c: char| c.is_ascii_digit() || c.is_whitespace()).trim_end_matches(['.', '!']);
    let code = || bare.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    code() || NOTHING.iter().any(|word| bare.eq_ignore_ascii_case(word))
}

/// `text` in one line: no control characters, and none that change how the others are read.
fn clean(text: &str) -> Zeroizing<String> {
    let mut line = Zeroizing::new(String::with_capacity(text.len()));
    for c in text.chars().filter(|c| *c != '\u{ad}' && (!is_deceptive(*c) || c.is_control() || c.is_whitespace())) {
        match c {
            c if c.is_whitespace() || c.is_control() => {
                if !line.is_empty() && !line.ends_with(' ') {
                    line.push(' ');
                }
            }
            c => line.push(c),
        }
    }
    line
}

/// What must not be shown of `login`: its password in the forms that a server may send back, and its username if that is longer than a word
/// of a sentence.
fn secrets(login: &Login) -> Vec<Zeroizing<String>> {
    let (username, password) = login.trimmed();
    let pair = Zeroizing::new(format!("{username}:{password}"));
    let mut found: Vec<Zeroizing<String>> = Vec::new();
    let mut add = |text: String| {
        let text = Zeroizing::new(text);
        if !text.trim().is_empty() {
            found.push(text);
        }
    };
    for text in [pair.as_str(), password] {
        add(STANDARD_NO_PAD.encode(text));
        add(URL_SAFE_NO_PAD.encode(text));
        for plain in ["", "-._~", "-._~:/"] {
            let mut encoded = String::with_capacity(text.len() * 3);
            encode(text, plain, &mut encoded);
            add(encoded);
        }
        add(text.to_owned());
        add(clean(text).to_string());
    }
    password.lines().map(str::trim).filter(|line| line.len() >= LINE).for_each(|line| add(line.to_owned()));
    if login.secret_username && username.chars().count() > 3 {
        add(username.to_owned());
    }
    found
}

/// `text` with a mask instead of each `secret`, in whatever case.
fn mask(text: &str, secret: &str) -> Zeroizing<String> {
    // Only ASCII is folded, so that places stay the same.
    let (fold, secret) = (Zeroizing::new(text.to_ascii_lowercase()), Zeroizing::new(secret.to_ascii_lowercase()));
    let mut masked = Zeroizing::new(String::with_capacity(text.len() + MASK.len()));
    let mut copied = 0;
    for (at, found) in fold.match_indices(secret.as_str()) {
        masked.push_str(&text[copied..at]);
        masked.push_str(MASK);
        copied = at + found.len();
    }
    masked.push_str(&text[copied..]);
    masked
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    fn sentence(body: &str) -> Sentence {
        Sentence::of(&HttpResponse::of(403, body))
    }

    fn login(username: &str, password: &str) -> Login {
        let secret = |text: &str| Secret::new(Zeroizing::new(text.to_owned()));
        Login { host: secret("r.io"), username: secret(username), password: secret(password), secret_username: true }
    }

    #[test]
    fn the_sentence_of_each_kind_of_answer_is_found() {
        for (body, expected) in [
            (r#"{"errors":[{"code":"DENIED","message":"no pull access"}]}"#, Some("no pull access")),
            (r#"{"errors":[{"code":"DENIED","message":""},{"code":"X","message":"second"}]}"#, Some("second")),
            (r#"{"errors":[{"code":"DENIED"}]}"#, Some("DENIED")),
            (r#"{"errors":[{"status":404,"message":"a\nb"}]}"#, Some("a b")),
            (r#"{"details":"incorrect username or password"}"#, Some("incorrect username or password")),
            (r#"{"error":"invalid_request","error_description":"wrong\tscope"}"#, Some("wrong scope")),
            (r#"{"error":{"message":"quota"}}"#, Some("quota")),
            ("<html><head><title>403 Forbidden</title></head></html>", Some("403 Forbidden")),
            ("<html>", None),
            ("plain \u{1b}[31mred\r\n", Some("plain [31mred")),
            ("a\u{202e}b\u{200b}c", Some("abc")),
            ("{}", None),
            ("", None),
        ] {
            assert_eq!(sentence(body).shown(None).as_deref(), expected, "{body}");
        }
        let long = sentence(&"ü".repeat(1000)).shown(None).unwrap();
        assert_eq!((long.chars().count(), long.ends_with('…')), (300, true));
    }

    #[test]
    fn the_login_is_concealed_in_every_form() {
        let login = login("reader-name", "p@ss Word/1234567\nsecond-line-of-it");
        let password = login.password.expose();
        let mut encoded = String::new();
        encode(password, "-._~", &mut encoded);
        let pair = STANDARD_NO_PAD.encode(format!("reader-name:{password}"));
        let bodies = [
            password.to_uppercase(),
            format!("it is {encoded}!"),
            format!("Basic {pair}="),
            STANDARD_NO_PAD.encode(password),
            password.replace('\n', " "),
            password.replace('@', "\u{200b}@").replace('\n', "\r\n"),
            "for reader-name".to_owned(),
            "see SECOND-line-of-it".to_owned(),
        ];
        for body in bodies {
            let shown = sentence(&body).shown(Some(&login)).unwrap();
            assert!(shown.contains(MASK), "{body}: {shown}");
            let fold = shown.to_lowercase();
            for part in ["p@ss", "1234567", "second-line", "reader-name", &pair.to_lowercase()[..12]] {
                assert!(!fold.contains(part), "{body}: {shown}");
            }
        }
        assert!(!format!("{:?}", sentence(password)).contains("p@ss"));
    }
}

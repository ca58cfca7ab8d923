//! Docker's credential helpers: programs that keep logins. The protocol (github.com/docker/docker-credential-helpers, README): the server name
//! in, JSON out.

use std::time::Duration;

use serde_json::Value;
use zeroize::Zeroizing;

use super::super::child::{self, Call, Ended, Hidden};
use crate::diagnostic::is_deceptive;
use crate::secret::Secret;

/// Why a helper gave no login. Holds nothing of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HelperError {
    /// The program.
    pub program: String,
    /// The server that it was asked for.
    pub server: String,
    /// The reason.
    pub why: String,
    /// What it said, without what may be a secret; empty if it said nothing.
    pub said: String,
    /// Whether it could not be started at all.
    pub is_absent: bool,
}

/// What a helper has for a server.
pub(super) enum HelperAnswer {
    /// A username and a password.
    Login(Secret, Secret),
    /// An identity token.
    Token,
    /// Nothing.
    Nothing,
}

/// Asks a helper for the login to `server`.
///
/// # Errors
/// When it fails for another reason than having none.
pub(super) fn ask(helper: &str, server: &str, timeout: Duration, hidden: &Hidden) -> Result<HelperAnswer, HelperError> {
    let program = format!("docker-credential-{helper}");
    let failed = |why: &str, said: String| {
        let (program, server) = (program.clone(), server.to_owned());
        HelperError { program, server, why: why.to_owned(), said, is_absent: false }
    };
    let call = Call { program: &program, arguments: &["get".to_owned()], input: server, hears: true, folder: None };
    let ran = child::run(&call, timeout, hidden).map_err(|ended| match ended {
        Ended::NotStarted(why) => HelperError { is_absent: true, ..failed(&why, String::new()) },
        Ended::TimedOut => failed(&format!("it did not finish within {} s", timeout.as_secs_f32()), String::new()),
        Ended::TooLong => failed("it printed more than 1 MiB", String::new()),
    })?;
    if !ran.status.success() {
        // What every helper prints when it has no login.
        let said = Zeroizing::new(String::from_utf8_lossy(&ran.output).into_owned());
        if said.contains("credentials not found") || said.contains("could not be found") {
            return Ok(HelperAnswer::Nothing);
        }
        let why = ran.status.code().map_or("it was killed by a signal".to_owned(), |code| format!("it exited with code {code}"));
        return Err(failed(&why, words(&[&ran.output, &ran.said])));
    }
    // What it prints when it succeeds is the login, in whatever form.
    let not_json = |_| failed("its output is not JSON", words(&[&ran.said]));
    let answer: Value = serde_json::from_slice(&ran.output).map_err(not_json)?;
    let text = |key: &str| answer.get(key).and_then(Value::as_str).unwrap_or_default();
    Ok(match (text("Username"), text("Secret")) {
        ("<token>", _) => HelperAnswer::Token,
        (_, "") => HelperAnswer::Nothing,
        (username, password) => HelperAnswer::Login(super::secret(username), super::secret(password)),
    })
}

/// The most that is shown of what a helper said, in characters.
const SHOWN: usize = 300;

/// What a helper said, in one line: without control characters, JSON, and words that may be a secret.
fn words(texts: &[&[u8]]) -> String {
    let mut lines: Vec<String> = Vec::new();
    for text in texts {
        let text = Zeroizing::new(String::from_utf8_lossy(text).into_owned());
        // A login is JSON.
        for line in text.split('{').next().unwrap_or_default().lines() {
            let line = masked(&printed(line));
            if !line.is_empty() && !lines.contains(&line) {
                lines.push(line);
            }
        }
    }
    let whole = lines.join("; ");
    match whole.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &whole[..end]),
        None => whole,
    }
}

/// `line` without control sequences of a terminal and characters that can't be seen.
fn printed(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        if c == '\u{1b}' && rest.next_if_eq(&'[').is_some() {
            // It ends with a letter or the like.
            let _ = rest.find(|c| matches!(c, '@'..='~'));
        } else if !is_deceptive(c) {
            out.push(c);
        }
    }
    out
}

/// `line` with `…` for every word that may be a secret: by its form, or by the word before it.
fn masked(line: &str) -> String {
    let mut named = false;
    let word = |word: &str| {
        // `NAME=VALUE`; what base64 ends in is none.
        let pair = word.split_once('=').filter(|(_, value)| value.contains(char::is_alphanumeric));
        let (name, value) = pair.map_or((None, word), |(name, value)| (Some(name), value));
        let hides = named || name.is_some_and(names_secret) || is_random(value);
        named = word.ends_with([':', '=']) && names_secret(word.trim_end_matches([':', '=']));
        match (hides && !value.is_empty(), name) {
            (false, _) => word.to_owned(),
            (true, Some(name)) => format!("{name}=…"),
            (true, None) => "…".to_owned(),
        }
    };
    line.split_whitespace().map(word).collect::<Vec<_>>().join(" ")
}

/// Whether what comes behind this name is a secret.
fn names_secret(name: &str) -> bool {
    let name = name.trim_matches(['"', '\'', '-']).to_ascii_lowercase();
    ["secret", "password", "passwd", "token", "auth", "key"].iter().any(|end| name.ends_with(end))
}

/// Whether a word has the form of a token: long, with letters and digits, and neither a path nor a host; or an address with a login in it.
fn is_random(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    let (digit, letter) = (word.contains(|c: char| c.is_ascii_digit()), word.contains(|c: char| c.is_alphabetic()));
    let mixed = word.contains(|c: char| c.is_ascii_lowercase()) && word.contains(|c: char| c.is_ascii_uppercase());
    let is_plain = !word.contains(['/', '.', ':']);
    let is_long = word.len() >= 16 && is_plain || word.len() >= 20 && mixed;
    is_long && digit && letter || word.contains("://") && word.contains('@')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_helper_says_is_shown_without_a_secret() {
        for (said, shown) in [
            ("error getting credentials: exit status 1\n", "error getting credentials: exit status 1"),
            ("\u{1b}[31mfailed\u{1b}[0m\u{7}: no such\u{202e} host\r\n\n next ", "failed: no such host; next"),
            ("denied\n{\"ServerURL\":\"x\",\"Secret\":\"hunter2\"}", "denied"),
            ("token ghp_0123456789abcdefghijABCDEFGHIJ012345 is expired", "token … is expired"),
            ("dXNlcjpwYXNz/d29yZDEyMw==: bad", "… bad"),
            ("password: hunter2 for ghcr.io", "password: … for ghcr.io"),
            ("SECRET=hunter2 --token=x", "SECRET=… --token=…"),
            ("GET https://u:pw@h/x failed", "GET … failed"),
            (
                "no credentials for 123456789012.dkr.ecr.us-east-1.amazonaws.com",
                "no credentials for 123456789012.dkr.ecr.us-east-1.amazonaws.com",
            ),
            ("exec: \"/usr/local/bin/pass\": no such file", "exec: \"/usr/local/bin/pass\": no such file"),
        ] {
            assert_eq!(words(&[said.as_bytes()]), shown, "{said}");
        }
        assert_eq!(words(&[b"same\n", b"same\nother\xff"]), "same; other\u{fffd}");
        assert_eq!(words(&["ä ".repeat(4000).as_bytes()]).chars().count(), SHOWN + 1);
        assert_eq!(words(&[b"", b" \n"]), "");
    }
}

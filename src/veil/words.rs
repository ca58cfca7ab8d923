//! Secrets among the words of a line: logins in addresses, what follows an option of a program.

use std::ops::Range;

use super::value::literals;
use crate::credential::names_secret;

/// The logins in addresses: `postgres://user:password@host`. A user before a placeholder stays.
pub(super) fn addresses(line: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (at, _) in line.match_indices("://") {
        let start = at + "://".len();
        let rest = &line[start..];
        let mut end = 0;
        // Blanks end it, but those of a placeholder don't.
        while let Some(length) = rest[end..].find([' ', '\t', '"', '\'', '?', '#', '{']) {
            end += length;
            match rest[end..].strip_prefix("{{").and_then(|inside| inside.find("}}")) {
                Some(close) => end += close + 4,
                None => break,
            }
        }
        let authority = if rest[end..].find([' ', '\t', '"', '\'', '?', '#', '{']).is_some() { &rest[..end] } else { rest };
        let Some((user, _)) = authority.rsplit_once('@') else { continue };
        let (name, password) = user.split_once(':').map_or((user, None), |(name, password)| (name, Some(password)));
        if user.contains('/') && password.is_none() {
            continue;
        }
        let open = literals(line, start + name.len()..start + user.len());
        let shown = password.is_some_and(|password| password.starts_with("{{") && open.is_empty());
        if !shown {
            found.extend(literals(line, start..start + name.len()));
        }
        found.extend(literals(line, (start + name.len() + usize::from(password.is_some()))..start + user.len()));
    }
    found.extend(bare_logins(line));
    found
}

/// Logins before a host without a scheme: `user:password@tcp(host)`. A digest (`name:1@sha256:…`) is none.
fn bare_logins(line: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (at, _) in
        line.match_indices('@').filter(|(at, _)| !["sha256:", "sha512:"].iter().any(|digest| line[at + 1..].starts_with(digest)))
    {
        let start = line[..at].rfind([' ', '\t', '"', '\'', '=', '/', ',', '[', '{', '}']).map_or(0, |before| before + 1);
        let Some(user) = line[start..at].find(':').filter(|user| *user > 0) else { continue };
        found.extend(literals(line, start..start + user));
        found.extend(literals(line, start + user + 1..at));
    }
    found
}

/// What follows an option with a secret's name, or a scheme of HTTP: `--password hunter2`, `-u user:hunter2`, `Bearer …`.
pub(super) fn options(line: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut hides = false;
    let mut at = 0;
    let ends = |c: char| matches!(c, ' ' | '\t' | ',' | '"' | '\'' | '[' | ']' | '=');
    let mut is_authorized = false;
    while at < line.len() {
        let length = line[at..].find(ends).unwrap_or(line.len() - at);
        let (word, start) = (&line[at..at + length], at);
        at += length + line[at + length..].chars().next().map_or(0, char::len_utf8);
        if word.is_empty() {
            continue;
        }
        let pair = word.contains(':') && !word.contains("://");
        if hides && !word.starts_with(['-', '{', '$', '#', '|', '>'])
            || found.is_empty() && pair && ["-u", "--user"].iter().any(|option| line[..start].trim_end().ends_with(option))
        {
            found.push(start..start + word.len());
        }
        // Attached to the option: `-ubob:hunter2`, and mysql's `-phunter2`.
        let is_attached =
            word.starts_with("-u") && pair || word.starts_with("-p") && ["mysql", "mariadb"].iter().any(|it| line.contains(it));
        if is_attached && word.len() > 2 {
            found.push(start + 2..start + word.len());
        }
        let option = word.strip_prefix('-').map(|rest| rest.trim_start_matches('-'));
        let is_scheme =
            ["Bearer", "Basic"].contains(&word) || is_authorized && word.bytes().all(|byte| byte.is_ascii_alphabetic());
        hides = option.is_some_and(names_secret) || is_scheme || word == "-a" && line.contains("redis-cli");
        is_authorized = word.eq_ignore_ascii_case("authorization:");
    }
    found
}

//! The parts of one line of a template that may be secrets.

use std::ops::Range;

use super::value::{collection_length, literals, scalar_length};
use super::words::{addresses, options};
use crate::credential::{exposes_literal, names_secret};

/// The keys of a login.
const LOGIN: [&str; 4] = ["host", "username", "password", "email"];

/// The parts of a line of a template that may be secrets. In a `login` that is all but its keys and the host.
pub(super) fn parts(line: &str, login: bool) -> Vec<Range<usize>> {
    let mut found = pairs(line);
    found.extend(after_name(line));
    let login = line.find("credentials").map(|at| at + "credentials".len()).or_else(|| login.then_some(0));
    found.extend(login.map(|at| of_login(line, at)).unwrap_or_default());
    found.extend(addresses(line));
    found.extend(options(line));
    found
}

/// Whether the name of a key says that its value is a secret, or a part of a login; or that the name stands beside it, as Kubernetes has it:
/// `name: DB_PASSWORD`, `value: …`.
pub(super) fn is_secret_key(name: &str) -> bool {
    names_secret(name) || ["username", "auth", "value"].contains(&name)
}

fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_-.".contains(c)
}

/// The values under names of secrets, and those that look like secrets.
fn pairs(line: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (at, sign) in line.char_indices().filter(|(_, c)| matches!(c, ':' | '=')) {
        if found.last().is_some_and(|before| before.end > at) {
            continue;
        }
        let before = line[..at].trim_end().trim_end_matches(['"', '\'', '\\', '?', '+', ':', '=']);
        let name = &before[before.trim_end_matches(is_part).len()..];
        let around = &before[..before.len() - name.len()];
        let behind = &line[at + 1..];
        let start = line.len() - behind.trim_start().len();
        // `password:hunter2` as well, which is a key only to its author; but not a tag: `ghcr.io/team/token:1`.
        let is_meant = is_secret_key(name) && !around.ends_with('/') && !behind.starts_with("//");
        let is_key = sign == '=' || start > at + 1 || behind.starts_with(['"', '\'', '\\']) || is_meant;
        // In a statement, a comparison is none, and only a text is a value.
        let in_statement = inside(line, at, "{%", "%}");
        let compares = in_statement && (behind.starts_with('=') || line[..at].ends_with(['=', '!', '<', '>', '~']));
        let states = in_statement && !line[start..].starts_with(['"', '\'']);
        if !is_key || name.is_empty() || compares || states || inside(line, at, "{{", "}}") {
            continue;
        }
        let rest = &line[start..];
        let is_collection = rest.starts_with('[') || rest.starts_with('{') && !rest.starts_with("{{");
        let end =
            start + if is_collection { collection_length(rest) } else { scalar_length(rest, line[..start].contains(['{', '['])) };
        let value = &line[start..end];
        // That of a connection string.
        let is_word = name.eq_ignore_ascii_case("pwd") && around.ends_with(';');
        let stands_out = || (sign == '=' || name == name.to_ascii_uppercase()) && exposes_literal(name, value);
        let secret = is_secret_key(name) && name != "credentials" || is_word || stands_out();
        if secret && !is_shell_variable(value) && !begins_block(value) {
            found.extend(literals(line, start..end));
        }
    }
    found
}

/// What comes after the name of a secret that begins the line, where neither `:` nor `=` does: `- DB_PASSWORD hunter2`, `password -> hunter2`,
/// `[DB_PASSWORD, hunter2]`.
fn after_name(line: &str) -> Vec<Range<usize>> {
    let bare = line.trim_start_matches([' ', '\t', '-', '#', '{', '[', '"', '\'', '?', ',']);
    let bare = bare.strip_prefix("export ").unwrap_or(bare);
    let at = line.len() - bare.len();
    let name = &bare[..bare.find(|c: char| !is_part(c)).unwrap_or(bare.len())];
    let rest = bare[name.len()..].trim_start_matches(['"', '\'', ' ', '\t']);
    // A placeholder's name is none.
    if !is_secret_key(name) || name == "credentials" || rest.starts_with([':', '=']) || line[..at].contains("{{") {
        return Vec::new();
    }
    let rest = rest.trim_start_matches([' ', '\t', ',', '"', '\'']);
    let start = line.len() - rest.len();
    let end = line.trim_end_matches([' ', '\t', ']', '}', '\r']).len();
    if start < end && rest.contains(char::is_alphanumeric) { literals(line, start..end) } else { Vec::new() }
}

/// All that is written out behind the byte `start` of a line of a login, but its keys and the host.
fn of_login(line: &str, start: usize) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    if line.trim_start().starts_with("{%") {
        return found;
    }
    let mut from = start;
    // What names the whole login: `credentials: &login`.
    let after = line[start..].trim_start_matches(['"', '\'', ':', ' ']);
    if start > 0 && after.starts_with(['&', '*']) {
        from = line.len() - after.trim_start_matches(|c| c != ' ').len();
    }
    for (at, _) in line.match_indices(':').filter(|(at, _)| *at >= start) {
        let before = line[..at].trim_end_matches(['"', '\'', '\\']);
        let name = &before[before.trim_end_matches(is_part).len()..];
        let around = before[..before.len() - name.len()].trim_end_matches(['"', '\'', '\\']);
        let behind = &line[at + 1..];
        let stands = around.is_empty() || around.ends_with([' ', '\t', '{', '[', ',', '?', '-', '#']);
        let is_key = LOGIN.contains(&name) || behind.is_empty() || behind.starts_with([' ', '\t', '"', '\'', '\\', ',', '}']);
        let name_at = around.len();
        if at < from || name.is_empty() || name_at < from || !stands || !is_key || inside(line, at, "{{", "}}") {
            continue;
        }
        each(line, from..name_at, &mut found);
        from = at + 1;
        let value = line.len() - behind.trim_start().len();
        let end = value + scalar_length(&line[value..], line[..value].contains(['{', '[']));
        if name == "host" && is_host(&line[value..end]) {
            from = end;
        }
    }
    each(line, from..line.len(), &mut found);
    found
}

/// Adds what is written out in `range`, item by item: a message may repeat one of them.
fn each(line: &str, range: Range<usize>, found: &mut Vec<Range<usize>>) {
    if line[range.clone()].contains("{{") {
        return written(line, range, found);
    }
    let mut at = range.start;
    for item in line[range].split(',') {
        written(line, at..at + item.len(), found);
        at += item.len() + 1;
    }
}

/// Adds what is written out in `range`, without the marks around it.
fn written(line: &str, range: Range<usize>, found: &mut Vec<Range<usize>>) {
    let is_mark = |c: char| c.is_whitespace() || ",{}[]-#?:'\"\\".contains(c);
    let text = &line[range.clone()];
    if text.contains("{{") {
        return found.extend(literals(line, range));
    }
    // Its last brace is a part of it.
    if is_shell_variable(text.trim_matches(|c: char| c.is_whitespace() || ",\"'".contains(c))) {
        return;
    }
    let start = range.start + (text.len() - text.trim_start_matches(is_mark).len());
    let end = range.start + text.trim_end_matches(is_mark).len();
    if start < end && !begins_block(&line[start..end]) {
        found.push(start..end);
    }
}

/// Whether `value` is not one itself: it is empty, a comment, or a block begins below.
fn begins_block(value: &str) -> bool {
    let head = value.split('#').next().unwrap_or_default().trim_end();
    let mark = head.trim_start_matches(['|', '>']);
    head.is_empty()
        || mark.len() < head.len() && mark.len() <= 2 && mark.bytes().all(|byte| matches!(byte, b'+' | b'-' | b'0'..=b'9'))
}

/// Whether `at` comes after an `open` that no `close` has ended.
fn inside(line: &str, at: usize, open: &str, close: &str) -> bool {
    line[..at].rfind(open).is_some_and(|open| !line[open..at].contains(close))
}

/// Whether the value is that of a registry: `https://index.docker.io/v1/`, `localhost:5000`.
fn is_host(value: &str) -> bool {
    let bare = value.trim_matches(['"', '\'']);
    let bare = bare.split_once("://").map_or(bare, |(_, rest)| rest);
    // A login in it is hidden for itself.
    let bare = bare.rsplit_once('@').map_or(bare, |(_, host)| host);
    let name = bare.split(['/', ':']).next().unwrap_or_default();
    let plain = bare.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_:/[]*{}$ ".contains(&byte));
    plain && (name.contains('.') || name.starts_with("localhost") || bare.contains(['{', '[', '*', '$']))
}

/// Whether the value is `${NAME}` or `$NAME`, which says nothing of the secret.
fn is_shell_variable(value: &str) -> bool {
    let value = value.trim_matches(['"', '\'']);
    let name = value.strip_prefix('$').map(|rest| rest.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(rest));
    name.is_some_and(|name| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
}

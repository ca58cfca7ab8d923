//! What of a line may be a secret, judged by the line and by those above it: values under secret names, logins, addresses with a login.

use std::ops::Range;

use super::parts::{is_secret_key, parts};
use super::value::literals;
use crate::credential::names_secret;
use crate::span::boundary;

/// How many lines above are looked at.
const ABOVE: usize = 400;

/// A longer line, in bytes, is hidden as a whole: each of its values is compared with what stands before and behind it.
const LONGEST: usize = 8 * 1024;

/// How far above a line a private key may begin: one of 16,384 bits is 13 KB.
const KEY: usize = 16 * 1024;

/// The bytes of `text`, in its line `line`, that must not be shown. `settings` are known to be no `.env` file.
pub(super) fn hidden(text: &str, line: &Range<usize>, settings: bool) -> Vec<Range<usize>> {
    let shown = &text[line.clone()];
    if shown.len() > LONGEST {
        return vec![line.clone()];
    }
    let place = place(text, line);
    let found = match place {
        _ if is_in_key(text, line) || place == LinePlace::Secret => whole(shown),
        _ if settings || is_structured(text) => parts(shown, place == LinePlace::Login),
        // Neither a template nor an SDL: a `.env` file, a key, whatever was named by mistake.
        _ => match assigned(shown) {
            Some(at) => literals(shown, at..shown.trim_end().len()),
            None => whole(shown),
        },
    };
    found.into_iter().map(|range| line.start + range.start..line.start + range.end).collect()
}

/// Where the value begins in a line that sets a name, as `.env` files and others do. What base64 ends in is none.
fn assigned(line: &str) -> Option<usize> {
    const LONGEST_NAME: usize = 64;
    let bare = line.trim_start();
    let bare = bare.strip_prefix("export ").unwrap_or(bare).trim_start_matches(['"', '\'']);
    let end = bare.find(|c: char| !(c.is_ascii_alphanumeric() || "_-.".contains(c)))?;
    let after = bare[end..].trim_start_matches(['"', '\'']).trim_start();
    let value = after
        .strip_prefix('=')
        .or_else(|| after.strip_prefix(": "))
        .filter(|value| !value.trim_matches(['=', ' ']).is_empty())?;
    let is_name = (1..=LONGEST_NAME).contains(&end) && !bare.starts_with(|c: char| c.is_ascii_digit());
    is_name.then(|| line.len() - value.trim_start().len())
}

/// All of a line but its placeholders.
fn whole(line: &str) -> Vec<Range<usize>> {
    let start = line.len() - line.trim_start_matches([' ', '\t', '-', '#']).len();
    literals(line, start..line.trim_end().len().max(start))
}

/// Where a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LinePlace {
    /// In a scalar whose name says that it is secret.
    Secret,
    /// Below `credentials`.
    Login,
    Anywhere,
}

fn place(text: &str, line: &Range<usize>) -> LinePlace {
    // The value of a key that is on a line of its own: `? password`.
    if text[line.clone()].trim_start().starts_with(": ") {
        return LinePlace::Secret;
    }
    let indentation = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let mut least = indentation(&text[line.clone()]);
    let has_key = key(&text[line.clone()]).is_some();
    let (mut end, mut first) = (line.start, None);
    for _ in 0..ABOVE {
        let Some(before) = end.checked_sub(1) else { break };
        let start = memchr::memrchr(b'\n', &text.as_bytes()[..before]).map_or(0, |at| at + 1);
        let above = text[start..before].trim_end();
        end = start;
        if above.trim_start().is_empty() {
            continue;
        }
        let inside = indentation(above);
        // A quoted scalar may go on at any indentation; any other is indented more than its key.
        let may_hold = inside < least || memchr::memchr2(b'"', b'\'', above.as_bytes()).is_some();
        if let Some((name, value)) = may_hold.then(|| key(above)).flatten() {
            let opens = opens_scalar(value);
            let continues = matches!(opens, OpenedScalar::Quote) && !closes(&text[before..line.start], value);
            let is_scalar = opens != OpenedScalar::Nothing || !has_key;
            if (inside < least || continues) && is_secret_key(name) && (is_scalar || name != "credentials") {
                return LinePlace::Secret;
            }
            if inside < least && name == "credentials" {
                return LinePlace::Login;
            }
        }
        if inside >= least {
            // The first line of the same scalar, perhaps: `DB_PASSWORD=…` below `- |`.
            first = (inside == least).then_some(above.trim_start());
            continue;
        }
        let item = above.trim_start();
        if item.starts_with("- ") && opens_scalar(item[2..].trim_start()) != OpenedScalar::Nothing {
            let named = |text: &str| text.split_once('=').is_some_and(|(name, _)| names_secret(name.trim_matches(['"', '\''])));
            if first.is_some_and(named) || named(item[2..].trim_start()) {
                return LinePlace::Secret;
            }
        }
        (least, first) = (inside, None);
        if least == 0 {
            break;
        }
    }
    LinePlace::Anywhere
}

/// The key of the first member that a line of a block has, and what comes after it: `- KEY: value`.
fn key(line: &str) -> Option<(&str, &str)> {
    let bare = line.trim_start_matches([' ', '\t', '-', '{', '[', ',', '#', '?']);
    let end = bare.find(|c: char| !(c.is_alphanumeric() || "_-.\"'".contains(c)))?;
    let after = bare[end..].trim_start().strip_prefix([':', '='])?;
    Some((bare[..end].trim_matches(['"', '\'']), after.trim())).filter(|(name, _)| !name.is_empty())
}

/// What a value on a line begins that the next lines go on with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OpenedScalar {
    Nothing,
    Quote,
    Text,
}

fn opens_scalar(value: &str) -> OpenedScalar {
    // Behind an anchor or a tag.
    let value =
        if value.starts_with(['&', '!']) { value.split_once(' ').map_or("", |(_, rest)| rest).trim_start() } else { value };
    match value.chars().next() {
        None | Some('#' | '{' | '[' | '*') => OpenedScalar::Nothing,
        Some('"' | '\'') => OpenedScalar::Quote,
        Some(_) => OpenedScalar::Text,
    }
}

/// Whether the quote that `value` begins with is closed in it, or in `between`, the lines that follow.
fn closes(between: &str, value: &str) -> bool {
    let Some(quote) = value.chars().next() else { return true };
    value[1..].contains(quote) || between.contains(quote)
}

/// Whether the line is in the private key that begins above it.
fn is_in_key(text: &str, line: &Range<usize>) -> bool {
    let near = boundary(text, line.start.saturating_sub(KEY));
    let above = &text[near..line.start];
    memchr::memmem::rfind(above.as_bytes(), b"-----BEGIN ").is_some_and(|at| {
        let key = &above[at..];
        key.lines().next().is_some_and(|first| first.contains("PRIVATE KEY")) && !key.contains("-----END ")
    })
}

/// The keys by which a text is an SDL, or a part of one.
const KEYS: [&str; 10] =
    ["services", "image", "env", "expose", "profiles", "deployment", "resources", "credentials", "placement", "pricing"];

/// How much of a text is looked at, in bytes: an SDL has one of its keys by then.
const START: usize = 64 * 1024;

/// Whether a line of `text` has a key of an SDL, or a placeholder.
fn is_structured(text: &str) -> bool {
    let is_key = |line: &str| {
        let bare = line.trim_start_matches([' ', '\t', '-', '{', '[', '\u{feff}', '"', '\'']);
        let name = bare.find(|c: char| !(c.is_ascii_alphanumeric() || "_-.".contains(c))).unwrap_or(bare.len());
        let after = bare[name..].trim_start_matches(['"', '\'']).trim_start();
        KEYS.contains(&&bare[..name])
            && after.strip_prefix(':').is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '"']))
    };
    let text = &text[..boundary(text, START)];
    text.lines().any(|line| is_key(line) || line.contains("{{") || line.contains("{%"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The last line of `text` with what is hidden in brackets.
    fn shown(text: &str) -> String {
        let text = text.trim_end_matches('\n');
        let start = text.rfind('\n').map_or(0, |at| at + 1);
        let mut hidden = hidden(text, &(start..text.len()), false);
        hidden.sort_by_key(|range| range.start);
        let (mut out, mut at) = (String::new(), start);
        for range in hidden.into_iter().filter(|range| !range.is_empty()) {
            if range.end > at {
                out += &text[at..range.start.max(at)];
                out += &format!("⟨{}⟩", &text[range.start.max(at)..range.end]);
                at = range.end;
            }
        }
        out + &text[at..]
    }

    #[test]
    fn what_may_be_a_secret_is_hidden() {
        let mut wrong = String::new();
        for (text, expected) in [
            ("x:\n  password: hunter2 # old", "  password: ⟨hunter2⟩ # old"),
            ("  login: {host: ghcr.io, password: hunter2, x: y}", "  login: {host: ghcr.io, password: ⟨hunter2⟩, x: y}"),
            ("  password: \"a, b # c\"  # d", "  password: ⟨\"a, b # c\"⟩  # d"),
            ("x:\n  - DB_PASSWORD=a: b", "  - DB_PASSWORD=⟨a: b⟩"),
            ("  env: [\"API_KEY=abc\", x]", "  env: [\"API_KEY=⟨abc\"⟩, x]"),
            ("  \"password\":\"x\"", "  \"password\":⟨\"x\"⟩"),
            ("  é password: ü", "  é password: ⟨ü⟩"),
            ("  password: ${TOKEN:-hunter2}", "  password: ⟨${TOKEN:-hunter2}⟩"),
            ("x:\n  - DB_PASSWORD=a$DB", "  - DB_PASSWORD=⟨a$DB⟩"),
            // Beside a placeholder, and what stands in for it.
            ("x:\n  - DB_PASSWORD=hunter2{{ X }}", "  - DB_PASSWORD=⟨hunter2⟩{{ X }}"),
            ("  password: \"a-{{ X }}-b\"", "  password: \"⟨a-⟩{{ X }}⟨-b⟩\""),
            ("  password: '{{ X | default(\"hunter2\") }}'", "  password: '{{ X | default(\"⟨hunter2⟩\") }}'"),
            ("  password: \"{{ X | default(\\\"hunter2\\\") }}\"", "  password: \"{{ X | default(\\\"⟨hunter2\\⟩\") }}\""),
            ("  password: '{{ [\"a\", X] | join }}'", "  password: '{{ [\"⟨a⟩\", X] | join }}'"),
            ("{% set password = \"hunter2\" %}", "{% set password = ⟨\"hunter2\"⟩ %}"),
            (
                "a: \"{\\\"private_key\\\": \\\"hunter2\\\", \\\"b\\\": 1}\"",
                "a: \"{\\\"private_key\\\": ⟨\\\"hunter2\\\"⟩, \\\"b\\\": 1}\"",
            ),
            // Below `credentials` all but the host.
            ("s:\n  credentials:\n    username: bob", "    username: ⟨bob⟩"),
            ("s:\n  credentials:\n    # x: y\n\n    host: hunter2", "    host: ⟨hunter2⟩"),
            ("s:\n  credentials:\n    host: https://u:p@ghcr.io", "    host: https://⟨u⟩:⟨p⟩@ghcr.io"),
            (
                "  credentials: {host: ghcr.io, username: bob, email: x}",
                "  credentials: {host: ghcr.io, username: ⟨bob⟩, email: ⟨x⟩}",
            ),
            ("a: &l\n  username: bob", "  username: ⟨bob⟩"),
            ("s:\n  credentials:\n    password:hunter2", "    password:⟨hunter2⟩"),
            ("s:\n  credentials:\n    password hunter2", "    ⟨password hunter2⟩"),
            ("  credentials: [ghcr.io, bob, hunter2]", "  credentials: [⟨ghcr.io⟩, ⟨bob⟩, ⟨hunter2⟩]"),
            (
                "  credentials: {host:ghcr.io,username:bob,password:hunter2}",
                "  credentials: {host:ghcr.io,username:⟨bob⟩,password:⟨hunter2⟩}",
            ),
            // Not a scalar, and not as it should be.
            ("  password: [hunter2]", "  password: ⟨[hunter2]⟩"),
            ("  password: {hunter2: x}", "  password: ⟨{hunter2: x}⟩"),
            ("  password:\n    hunter2: x", "    ⟨hunter2: x⟩"),
            ("  password: &p hunter2", "  password: ⟨&p hunter2⟩"),
            ("  password: *hunter2", "  password: ⟨*hunter2⟩"),
            ("  ? password\n  : hunter2", "  ⟨: hunter2⟩"),
            ("  password: {{ \"hunter2\" | nosuch }}", "  password: {{ \"⟨hunter2⟩\" | nosuch }}"),
            ("  password: ${X:?hunter2}", "  password: ⟨${X:?hunter2}⟩"),
            ("  - DB_PASSWORD hunter2", "  - DB_PASSWORD ⟨hunter2⟩"),
            ("  - DB_PASSWORD:hunter2", "  - DB_PASSWORD:⟨hunter2⟩"),
            ("  - DB_PASSWORD==hunter2", "  - DB_PASSWORD=⟨=hunter2⟩"),
            ("  - DB_PASSWORD?=hunter2", "  - DB_PASSWORD⟨?=hunter2⟩"),
            ("  - [DB_PASSWORD, hunter2]", "  - [DB_PASSWORD, ⟨hunter2⟩]"),
            ("  - {name: DB_PASSWORD, value: hunter2}", "  - {name: DB_PASSWORD, value: ⟨hunter2⟩}"),
            ("  - A=Server=h;Pwd=hunter2;x=y", "  - A=⟨Server=h;Pwd=hunter2;x=y⟩"),
            // Scalars of several lines.
            ("a:\n  password: |\n    hunter2", "    ⟨hunter2⟩"),
            ("a:\n  password:\n    hunter2", "    ⟨hunter2⟩"),
            ("a:\n  password: \"x\n  hunter2\"", "  ⟨hunter2\"⟩"),
            ("password: \"x\ny: hunter2\"", "⟨y: hunter2\"⟩"),
            ("env:\n  - |\n    DB_PASSWORD=a\n    hunter2", "    ⟨hunter2⟩"),
            ("a: |\n  -----BEGIN PRIVATE KEY-----\n  MIIB\n  hunter2", "  ⟨hunter2⟩"),
            // Addresses, options, headers.
            ("a: postgres://app:hunter2@db/x", "a: postgres://⟨app⟩:⟨hunter2⟩@db/x"),
            ("a: https://hunter2@github.com/x", "a: https://⟨hunter2⟩@github.com/x"),
            ("a: postgres://app:p/w@db/x?y=a@b", "a: postgres://⟨app⟩:⟨p/w⟩@db/x?y=a@b"),
            ("a: postgres://app:x{{ P }}@db", "a: postgres://⟨app⟩:⟨x⟩{{ P }}@db"),
            ("a: [--requirepass, hunter2]", "a: [--requirepass, ⟨hunter2⟩]"),
            ("a: curl -u bob:hunter2 http://x", "a: curl -u ⟨bob:hunter2⟩ http://x"),
            ("a: \"Authorization: Bearer hunter2x\"", "a: \"Authorization: Bearer ⟨hunter2x⟩\""),
            ("a: app:hunter2@tcp(db:3306)/x", "a: ⟨app⟩:⟨hunter2⟩@tcp(db:3306)/x"),
            ("a: curl -ubob:hunter2 http://x", "a: curl -u⟨bob:hunter2⟩ http://x"),
            ("a: mysql -uroot -phunter2 x", "a: mysql -uroot -p⟨hunter2⟩ x"),
            ("a: redis-cli -a hunter2 ping", "a: redis-cli -a ⟨hunter2⟩ ping"),
            ("a: \"Authorization: token hunter2x\"", "a: \"Authorization: token ⟨hunter2x⟩\""),
            ("x:\n  - NEO4J_AUTH=neo4j/hunter2", "  - NEO4J_AUTH=⟨neo4j/hunter2⟩"),
        ] {
            let text = format!("image: b\n{text}");
            if shown(&text) != expected {
                wrong += &format!("{text}\n  shown:  {}\n  wanted: {expected}\n", shown(&text));
            }
        }
        assert!(wrong.is_empty(), "{wrong}");
    }

    #[test]
    fn what_is_not_a_template_is_hidden() {
        for (text, expected) in [
            ("hunter2", "⟨hunter2⟩"),
            ("TAG=v1\nFOO=hunter2", "FOO=⟨hunter2⟩"),
            ("export FOO=hunter2", "export FOO=⟨hunter2⟩"),
            ("bob: hunter2", "bob: ⟨hunter2⟩"),
            // No name: base64, an address, a sentence.
            ("aHVudGVyMg==", "⟨aHVudGVyMg==⟩"),
            ("postgres://app:hunter2@db/x?sslmode=require", "⟨postgres://app:hunter2@db/x?sslmode=require⟩"),
            ("my hunter2 = x", "⟨my hunter2 = x⟩"),
            (
                "{\"type\": \"service_account\", \"private_key\": \"hunter2\"}",
                "⟨{\"type\": \"service_account\", \"private_key\": \"hunter2\"}⟩",
            ),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn a_long_line_is_hidden_as_a_whole() {
        assert_eq!(shown(&"a: b ".repeat(LONGEST)), format!("⟨{}⟩", "a: b ".repeat(LONGEST)));
    }

    #[test]
    fn ordinary_lines_stay() {
        for line in [
            "é: 1",
            "é😀: {ü: 1}",
            "  image: ghcr.io/o/a:1",
            "  password: \"{{ TOKEN }}\"",
            "  password: {{ TOKEN | trim }}",
            "  password: '{{ file(\"key.json\") | json(\"a.b\") }}'",
            "  password:",
            "  password: \"${TOKEN}\"",
            "  - DB_PASSWORD=$DB_PASSWORD",
            "  host: https://ghcr.io",
            "  - URL=postgres://app:{{ PASSWORD | urlencode }}@db/app",
            "  credentials: {host: \"{{ vars.HOST }}\", username: \"{{ U }}\", password: \"{{ P }}\"}",
            "  credentials:",
            "  credentials: &login\n    password: \"{{ TOKEN }}\"",
            "  image: ghcr.io/team/token:1.2@sha256:0123",
            "  token: |2-",
            "  - npm: https://registry.npmjs.org/@scope/pkg",
            "services",
            "{% for x in y %}",
            "{% if TOKEN == \"x\" %}",
            "{% set token = TOKEN %}",
            "  a: {{ f(password=X) }}",
        ] {
            assert_eq!(shown(&format!("image: b\n{line}")), line.lines().last().unwrap());
        }
    }
}

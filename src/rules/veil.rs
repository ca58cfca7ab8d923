//! What must not be quoted from a template: tokens, passwords, and values whose names say that they are secret.

use std::ops::Range;

use crate::credential::{names_secret, shell_variables};
use crate::finding::{Finding, Rule};
use crate::registry::token;
use crate::span::line_at;

/// A shorter part of a token gives nothing away.
const SHORTEST: usize = 8;

/// What must not be quoted from a template.
#[derive(Debug, Default)]
pub(crate) struct Veil<'t> {
    /// Its bytes, sorted.
    pub hidden: &'t [Range<usize>],
    tokens: Vec<&'t str>,
}

impl<'t> Veil<'t> {
    pub(super) fn new(text: &'t str, hidden: &'t [Range<usize>]) -> Self {
        let tokens = hidden.iter().filter_map(|range| text.get(range.clone())).map(|text| text.trim_matches(['"', '\'']));
        Self { hidden, tokens: tokens.filter(|token| token.len() >= SHORTEST).collect() }
    }

    /// `words` of a finding without any of those texts, the beginning of one included: keys are quoted, and shortened.
    pub(crate) fn words(&self, words: &str) -> String {
        let mut words = words.to_owned();
        for token in &self.tokens {
            let start = token.char_indices().nth(SHORTEST).map_or(*token, |(at, _)| &token[..at]);
            while let Some(at) = words.find(start) {
                let same = words[at..].bytes().zip(token.bytes()).take_while(|(one, other)| one == other).count();
                let mut end = at + same;
                while !words.is_char_boundary(end) {
                    end -= 1;
                }
                words.replace_range(at..end, "********");
            }
        }
        words
    }
}

/// The bytes to hide in `text`: tokens of known shapes, what `findings` are about, and values with secret names in the lines that will be
/// quoted, whether a rule covers their place or not.
pub(super) fn hidden(text: &str, findings: &[Finding]) -> Vec<Range<usize>> {
    let mut hidden: Vec<Range<usize>> = token::scan(text).into_iter().map(|(_, range)| range).collect();
    for finding in findings {
        let range = finding.range.clone();
        match (finding.rule, text.get(range.clone())) {
            (Rule::LiteralPassword | Rule::DotenvSecret, Some(_)) => hidden.push(range),
            // The variable's name stays.
            (Rule::EnvSecret, Some(item)) => hidden.push(range.start + item.find('=').map_or(0, |at| at + 1)..range.end),
            _ => {}
        }
        let (_, line) = line_at(text, finding.range.start);
        hidden.extend(named(&text[line.clone()]).into_iter().map(|it| line.start + it.start..line.start + it.end));
    }
    hidden.sort_by_key(|range| (range.start, range.end));
    hidden.dedup();
    hidden
}

/// The values in a line whose names say that they are secret: `password: …`, `"API_KEY=…"`, in a flow mapping or not.
fn named(line: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (at, sign) in line.char_indices().filter(|(_, c)| matches!(c, ':' | '=')) {
        if found.last().is_some_and(|before| before.end > at) {
            continue;
        }
        let before = line[..at].trim_end().trim_end_matches(['"', '\'']);
        let is_part = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        let name = &before[before.trim_end_matches(is_part).len()..];
        let behind = &line[at + 1..];
        let start = line.len() - behind.trim_start().len();
        let is_key = sign == '=' || start > at + 1 || behind.starts_with(['"', '\'']);
        if is_key && names_secret(name) {
            let end = start + length(&line[start..], line[..start].contains(['{', '[']));
            if end > start && !line[start..end].contains("{{") && !is_shell_variable(&line[start..end]) {
                found.push(start..end);
            }
        }
    }
    found
}

/// Whether the value is `${NAME}` or `$NAME`, which says nothing of the secret.
fn is_shell_variable(value: &str) -> bool {
    let value = value.trim_matches(['"', '\'']);
    shell_variables(value).any(|variable| variable.range == (0..value.len()) && !variable.default)
}

/// How much of `text`, the rest of a line, is the value that begins there.
fn length(text: &str, flow: bool) -> usize {
    if let Some(quote) = text.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        return text[1..].rfind(quote).map_or(text.len(), |at| at + 2);
    }
    let end = text.find(" #").unwrap_or(text.len());
    let end = if flow { text[..end].find([',', '}', ']']).unwrap_or(end) } else { end };
    text[..end].trim_end().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lose_tokens_and_their_beginnings() {
        let veil = Veil { hidden: &[], tokens: vec!["abcdefghijklmnop"] };
        assert_eq!(veil.words("a key `abcdefghijkl…` and abcdefghijklmnop"), "a key `********…` and ********");
    }

    #[test]
    fn secrets_are_known_by_their_names() {
        let cases = [
            ("  password: hunter2 # old", "hunter2"),
            ("  login: {host: ghcr.io, password: hunter2, x: y}", "hunter2"),
            ("  password: \"a, b # c\"  # d", "\"a, b # c\""),
            ("  - DB_PASSWORD=a: b", "a: b"),
            ("  env: [\"API_KEY=abc\", x]", "abc\""),
            ("  \"password\":\"x\"", "\"x\""),
            ("  DB_PASSWORD: hunter2", "hunter2"),
            ("  é password: ü", "ü"),
            ("  password: ${TOKEN:-hunter2}", "${TOKEN:-hunter2}"),
            ("  - DB_PASSWORD=a$DB", "a$DB"),
        ];
        for (line, secret) in cases {
            let shown: Vec<&str> = named(line).into_iter().map(|range| line[range].trim_end_matches(']')).collect();
            assert!(shown.len() == 1 && shown[0].starts_with(secret.trim_end_matches('"')), "{line}: {shown:?}");
        }
        for line in [
            "é: 1",
            "é😀: {ü: 1}",
            "  image: ghcr.io/o/a:1",
            "  password: \"{{ TOKEN }}\"",
            "  password:",
            "  password: \"${TOKEN}\"",
            "  - DB_PASSWORD=$DB_PASSWORD",
            "  host: https://ghcr.io",
        ] {
            assert!(named(line).is_empty(), "{line}");
        }
    }
}

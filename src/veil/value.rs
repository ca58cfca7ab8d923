//! The text of a value, and what of it is written out: all but its placeholders.

use std::ops::Range;

/// How much of `text`, the rest of a line, is the scalar that begins there; in a `flow` collection it ends sooner.
pub(super) fn scalar_length(text: &str, flow: bool) -> usize {
    if let Some(quote) = text.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        return closing(text, quote).unwrap_or(text.len());
    }
    // JSON in a scalar in quotes.
    if let Some(length) = text.strip_prefix("\\\"").map(|rest| rest.find("\\\"").map_or(text.len(), |at| at + 4)) {
        return length;
    }
    let mut end = 0;
    // What is in a placeholder ends nothing.
    loop {
        let rest = &text[end..];
        let stop = |c: char| flow && matches!(c, ',' | '}' | ']');
        let next = rest.char_indices().find(|(at, c)| stop(*c) || rest[*at..].starts_with(" #") || rest[*at..].starts_with("{{"));
        match next {
            Some((at, _)) if rest[at..].starts_with("{{") => match rest[at..].find("}}") {
                Some(close) => end += at + close + 2,
                None => return text.trim_end().len(),
            },
            Some((at, _)) => return text[..end + at].trim_end().len(),
            None => return text.trim_end().len(),
        }
    }
}

/// How much of `text`, the rest of a line, is the collection in brackets that begins there.
pub(super) fn collection_length(text: &str) -> usize {
    let mut open = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '[' | '{' => open += 1,
            ']' | '}' if open <= 1 => return at + 1,
            ']' | '}' => open -= 1,
            _ => {}
        }
    }
    text.trim_end().len()
}

/// Where the text in quotes ends that `text` begins with: at the last quote before a comma, a bracket, a comment or the end of the line.
fn closing(text: &str, quote: char) -> Option<usize> {
    let ends = |after: &str| {
        let after = after.trim_start();
        after.is_empty() || after.starts_with([',', '}', ']', '#'])
    };
    let found = text[1..].match_indices(quote).map(|(at, _)| at + 2);
    found
        .filter(|at| ends(&text[*at..]))
        .find(|at| placeholders_are_whole(&text[..*at]))
        .or_else(|| Some(text.rfind(quote)? + 1).filter(|at| *at > 1))
}

fn placeholders_are_whole(text: &str) -> bool {
    text.matches("{{").count() == text.matches("}}").count()
}

/// The parts of `line` within `range` that are written out: not the placeholders, but the texts in them that stand in for a secret
/// (`default("…")`). Quotes around a value with placeholders stay.
pub(super) fn literals(line: &str, range: Range<usize>) -> Vec<Range<usize>> {
    if range.is_empty() {
        return Vec::new();
    }
    if !line[range.clone()].contains("{{") {
        return vec![range];
    }
    let mut found = Vec::new();
    let mut at = range.start;
    while at < range.end {
        let rest = &line[at..range.end];
        let open = rest.find("{{").unwrap_or(rest.len());
        push_word(line, at..at + open, &mut found);
        let Some(close) = rest[open..].find("}}") else { break };
        texts(line, at + open + 2..at + open + close, &mut found);
        at += open + close + 2;
    }
    found
}

/// Adds a part between placeholders, if there is more to it than quotes and punctuation.
fn push_word(line: &str, range: Range<usize>, found: &mut Vec<Range<usize>>) {
    let text = &line[range.clone()];
    if text.contains(char::is_alphanumeric) {
        let start = range.start + (text.len() - text.trim_start_matches(['"', '\'']).len());
        let end = range.end - (text.len() - text.trim_end_matches(['"', '\'']).len());
        found.push(start..end.max(start));
    }
}

/// Adds the texts of an expression, but for those that name something: `file("…")`, `secrets["…"]`, `json("…")`.
fn texts(line: &str, range: Range<usize>, found: &mut Vec<Range<usize>>) {
    let mut at = range.start;
    while let Some(open) = line[at..range.end].find(['"', '\'']).map(|open| at + open) {
        // In a scalar in quotes, those of the expression may be escaped.
        let quote = &line[open..open + 1];
        let Some(length) = line[open + 1..range.end].find(quote) else { break };
        let before = line[range.start..open].trim_end_matches([' ', '\\']);
        let named = ["file(", "docker(", "json(", "secrets[", "env[", "vars[", "dotenv[", "keychain["];
        if length > 0 && !named.iter().any(|name| before.ends_with(name)) {
            found.push(open + 1..open + 1 + length);
        }
        at = open + 2 + length;
    }
}

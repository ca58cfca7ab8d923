//! Quoted and plain scalars: how a value is written in them, and which values they can hold unchanged.

use std::fmt::Write as _;

use zeroize::Zeroizing;

/// Characters that must be escaped for some YAML parser: C0, DEL, C1 (with U+0085), the Unicode line separators, the
/// byte order mark and the two non-characters of the basic plane (YAML 1.2.2 section 5.1, and what YAML 1.1 reads as a break).
fn needs_escape(c: char) -> bool {
    matches!(c, '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// Whether a block scalar can hold `value` unchanged: it may contain tab, line feed, and what needs no escape.
pub(super) fn is_block_safe(value: &str) -> bool {
    value.chars().all(|c| matches!(c, '\t' | '\n') || !needs_escape(c))
}

/// Whether a single-quoted scalar can hold `value` once its apostrophes are doubled.
pub(super) fn is_single_safe(value: &str) -> bool {
    !value.chars().any(needs_escape)
}

/// `value` for the inside of a single-quoted scalar.
pub(super) fn double_apostrophes(value: &str) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(value.len() + value.matches('\'').count()));
    for c in value.chars() {
        if c == '\'' {
            out.push('\'');
        }
        out.push(c);
    }
    out
}

/// `value` for the inside of a double-quoted scalar. Only escapes on which YAML parsers agree: go-yaml v3 rejects `\/` and
/// surrogate pairs.
pub(super) fn escape(value: &str) -> Zeroizing<String> {
    // An escape takes at most six bytes.
    let extra: usize = value.chars().filter(|c| needs_escape(*c) || matches!(c, '"' | '\\')).count() * 5;
    let mut out = Zeroizing::new(String::with_capacity(value.len() + extra));
    for c in value.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // Writing to a String can't fail.
            c if needs_escape(c) && u32::from(c) < 0x100 => _ = write!(out, "\\x{:02X}", u32::from(c)),
            c if needs_escape(c) => _ = write!(out, "\\u{:04X}", u32::from(c)),
            c => out.push(c),
        }
    }
    out
}

/// `value` as a whole double-quoted scalar on one line.
pub(super) fn double_quoted(value: &str) -> Zeroizing<String> {
    let inside = escape(value);
    let mut out = Zeroizing::new(String::with_capacity(inside.len() + 2));
    out.push('"');
    out.push_str(&inside);
    out.push('"');
    out
}

/// Whether `text` on one line reads as one plain scalar with exactly that text. Stricter than YAML, where the only cost is a pair of quotes.
pub(super) fn is_plain_safe(text: &str, flow: bool) -> bool {
    let indicator = |c: char| "-?:,[]{}#&*!|>'\"%@`".contains(c);
    let mut chars = text.chars();
    let Some(first) = chars.next() else { return false };
    let second_safe = chars.next().is_some_and(|second| !second.is_whitespace() && !",[]{}:?".contains(second));
    if first.is_whitespace() || text.ends_with(char::is_whitespace) || text.ends_with(':') {
        return false;
    }
    // `-5`, `:x` and the like are plain; `- x`, `-` are not. `?` is left out: parsers disagree on it.
    if indicator(first) && !(first == '-' && second_safe) {
        return false;
    }
    if text.starts_with("---") || text.starts_with("...") || text.chars().any(needs_escape) {
        return false;
    }
    if text.contains(": ") || text.contains(" #") {
        return false;
    }
    !(flow && (text.contains([',', '[', ']', '{', '}']) || text.contains(':')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_those_all_parsers_know() {
        assert_eq!(
            &*escape("a\"\\\n\r\t\u{0}\u{7f}\u{85}\u{2028}\u{feff}\u{ffff}é😀/"),
            "a\\\"\\\\\\n\\r\\t\\x00\\x7F\\x85\\u2028\\uFEFF\\uFFFF\u{e9}😀/"
        );
        assert_eq!(&*double_quoted(""), "\"\"");
        assert_eq!(&*double_apostrophes("it's"), "it''s");
    }

    #[test]
    fn plain_only_what_reads_back() {
        for text in ["3", "-5", "abc", "a:b", "http://x/y", "1.5", "true", "null", "~", "a#b", "a'b", "512Mi", "=", "<<"] {
            assert!(is_plain_safe(text, false), "{text}");
        }
        for text in [
            "",
            " a",
            "a ",
            "- a",
            "-",
            "? a",
            "a: b",
            "a:",
            "a #b",
            "[a",
            "{a",
            "*a",
            "&a",
            "!a",
            "|",
            ">",
            "'a",
            "\"a",
            "%a",
            "@a",
            "`a",
            "---",
            "...",
            "a\nb",
            "a\tb\u{85}",
            "#a",
            ",a",
        ] {
            assert!(!is_plain_safe(text, false), "{text}");
        }
        assert!(!is_plain_safe("a,b", true) && !is_plain_safe("a:b", true) && is_plain_safe("a,b", false));
    }
}

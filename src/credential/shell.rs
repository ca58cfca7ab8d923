//! `${NAME}` and `$NAME`, as envsubst and Compose fill them in: where a template has them, nothing does.

use std::ops::Range;

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ShellVariable {
    /// Its bytes.
    pub(crate) range: Range<usize>,
    /// Where its name is, in bytes.
    pub(crate) name: Range<usize>,
    /// It names a value for a variable that is not set: `${NAME:-value}`.
    pub(crate) default: bool,
}

/// The variables of a shell that are left in `text`. What is escaped (`$$NAME`, `\$NAME`), a part of a word (`pa$WORD`) or in small letters
/// without braces (`$host`, of a configuration) is not one.
pub(crate) fn variables(text: &str) -> impl Iterator<Item = ShellVariable> {
    memchr::memchr_iter(b'$', text.as_bytes()).filter_map(|at| variable(text, at))
}

/// Whether all of `text` is one in braces.
pub(super) fn whole(text: &str) -> bool {
    variable(text, 0).is_some_and(|variable| variable.range == (0..text.len()) && text.ends_with('}'))
}

fn variable(text: &str, at: usize) -> Option<ShellVariable> {
    const LONGEST: usize = 64;
    let bytes = text.as_bytes();
    let before = at.checked_sub(1).map(|before| bytes[before]);
    if bytes.get(at) != Some(&b'$') || matches!(before, Some(b'$' | b'\\')) {
        return None;
    }
    let braced = bytes.get(at + 1) == Some(&b'{');
    let start = at + 1 + usize::from(braced);
    let length =
        bytes[start..].iter().take(LONGEST + 1).take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    let (name, end) = (start..start + length, start + length);
    if length == 0 || length > LONGEST || bytes[start].is_ascii_digit() {
        return None;
    }
    if !braced {
        let in_word = before.is_some_and(|byte| byte.is_ascii_alphanumeric());
        let capitals = length > 1 && !bytes[name.clone()].iter().any(u8::is_ascii_lowercase);
        return (capitals && !in_word).then_some(ShellVariable { range: at..end, name, default: false });
    }
    let rest = &text[end..];
    let close = rest.find(['}', '\n', '{']).filter(|close| rest.as_bytes()[*close] == b'}')?;
    let operator = [":-", "-", ":?", "?", ":+", "+"].iter().find(|operator| rest.starts_with(**operator));
    if close > 0 && operator.is_none() {
        return None;
    }
    Some(ShellVariable { range: at..end + close + 1, name, default: operator.is_some_and(|operator| operator.ends_with('-')) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_envsubst_would_fill_in_is_found() {
        let found = |text: &str| -> Vec<(String, String)> {
            let texts = |one: ShellVariable| (text[one.range].to_owned(), text[one.name].to_owned());
            variables(text).map(texts).collect()
        };
        let one = |whole: &str, name: &str| vec![(whole.to_owned(), name.to_owned())];
        assert_eq!(found("a ${X} b"), one("${X}", "X"));
        assert_eq!(found("ghcr.io/$ORG/app"), one("$ORG", "ORG"));
        assert_eq!(found("${db_host}"), one("${db_host}", "db_host"));
        assert_eq!(found("${A:-b c}"), one("${A:-b c}", "A"));
        assert_eq!(found("${A?}${B}").len(), 2);
        for text in [
            "$host", "$$A", "$${A}", "\\$AB", "pa$WORD", "$1", "$A", "${A", "${a.b}", "${#A}", "$(A)", "${A:1}", "$", "${}",
            "${1}", "${A\n}",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
        assert!(whole("${X}") && whole("${X:-y}") && !whole("${X}y") && !whole("$XY"));
    }
}

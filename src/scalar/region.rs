//! Which bytes of a scalar are rewritten, and where a block scalar's header is.

use std::ops::Range;

use crate::span::line_start;
use crate::yaml::Style;

/// The bytes of a scalar that are rewritten when a value is filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Region {
    /// The scalar with its quotes. For a block scalar, its content: from the start of the line after its header to its last line break.
    pub(crate) bytes: Range<usize>,
    /// Where the `|` or `>` of a block scalar is; otherwise where the scalar begins.
    pub(crate) header: usize,
}

impl Region {
    /// The region of a scalar in `style` that the parser found in `range` of `text`; the node before it ends at or before `previous`.
    ///
    /// The parser's range of a block scalar begins at the first character of its content, after leading blank lines and indentation.
    pub(crate) fn of(text: &str, style: Style, range: &Range<usize>, previous: usize) -> Self {
        if !style.is_block() {
            return Self { bytes: range.clone(), header: range.start };
        }
        let header = block_header(text, previous);
        let line_break = memchr::memchr2(b'\n', b'\r', &text.as_bytes()[header..]).map(|length| header + length);
        let content = line_break.map_or(text.len(), |at| at + if text[at..].starts_with("\r\n") { 2 } else { 1 });
        // Trailing blank lines and the next line's indentation stay unchanged.
        let blank = |line: &[u8]| line.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
        let bytes = text.as_bytes();
        let mut end = range.end.max(content);
        while end > content {
            let start = if bytes[end - 1] == b'\n' { line_start(text, end - 1) } else { line_start(text, end) };
            if start < content || !blank(&bytes[start..end]) || start == end {
                break;
            }
            end = start;
        }
        Self { bytes: content..end, header }
    }
}

/// Where the first `|` or `>` at or after `from` is that is an indicator: not in a comment, a directive, an anchor or a tag.
fn block_header(text: &str, from: usize) -> usize {
    let bytes = text.as_bytes();
    let mut at = from.min(bytes.len());
    while at < bytes.len() {
        let starts_line = at == 0 || bytes[at - 1] == b'\n';
        match bytes[at] {
            b'|' | b'>' => return at,
            b'#' if starts_line || matches!(bytes[at - 1], b' ' | b'\t') => at += until(&bytes[at..], |byte| byte == b'\n'),
            b'%' if starts_line => at += until(&bytes[at..], |byte| byte == b'\n'),
            b'&' | b'!' => at += until(&bytes[at..], |byte| byte.is_ascii_whitespace()),
            _ => at += 1,
        }
    }
    at
}

/// How many bytes come before the first for which `ends` is true.
fn until(bytes: &[u8], ends: impl Fn(u8) -> bool) -> usize {
    bytes.iter().position(|byte| ends(*byte)).unwrap_or(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_found_by_its_indicator() {
        let cases = [
            ("a: |\n  b\nc: d\n", "|", "  b\n"),
            ("a: !x &y>z |- # > why\n\n  b\n\n\nc: d\n", "|", "\n  b\n"),
            ("a: # | no\n  >\n  b", ">", "  b"),
            ("|-\n b\n", "|", " b\n"),
            ("%TAG ! |>\n--- |\nb\n", "|", "b\n"),
            ("a: | # end", "|", ""),
        ];
        for (text, indicator, content) in cases {
            let previous = text.find("a: ").map_or(0, |at| at + 1);
            let start = text.rfind("  b").map_or(text.len(), |at| at + 2).max(text.rfind('b').unwrap_or(0));
            let region = Region::of(text, Style::Literal, &(start..text.len()), previous);
            assert_eq!(&text[region.header..=region.header], indicator, "{text:?}");
            assert!(
                content.len() <= region.bytes.len() + 4 && text[region.bytes.clone()].starts_with(content),
                "{text:?} {region:?}"
            );
        }
    }
}

//! Block scalars (`|` and `>`): in place where the value can stand in its lines, otherwise one double-quoted line.

use std::ops::Range;

use zeroize::Zeroizing;

use super::quote;
use crate::scalar::{Scalar, Style};

/// A block scalar and what goes into it.
pub(super) struct Block<'b> {
    /// The document.
    pub(super) text: &'b str,
    pub(super) scalar: &'b Scalar,
    /// The content's text between markers.
    pub(super) raw_segments: &'b [&'b str],
    pub(super) values: &'b [Zeroizing<String>],
    /// What the scalar must parse to.
    pub(super) target: &'b str,
    /// The file's line break.
    pub(super) line_break: &'b str,
}

impl Block<'_> {
    /// The bytes to replace, and their replacement.
    pub(super) fn rewrite(&self) -> (Range<usize>, Zeroizing<String>) {
        let fits = self.scalar.indent > 0
            && self.values.iter().all(|value| quote::is_block_safe(value))
            && match self.scalar.style {
                Style::Folded => self.fits_folded(),
                _ => self.fits_literal(),
            };
        if fits {
            (self.scalar.region.clone(), self.in_place())
        } else {
            (self.scalar.header..self.scalar.region.end, self.quoted())
        }
    }

    /// The content with its values; each line of a value gets the block's indentation.
    fn in_place(&self) -> Zeroizing<String> {
        let indent = " ".repeat(self.scalar.indent);
        let line_break = format!("{}{indent}", self.line_break);
        let values: Vec<Zeroizing<String>> = self
            .values
            .iter()
            .map(|value| {
                let breaks = memchr::memchr_iter(b'\n', value.as_bytes()).count();
                let mut out = Zeroizing::new(String::with_capacity(value.len() + breaks * line_break.len()));
                for (index, line) in value.split('\n').enumerate() {
                    if index > 0 {
                        out.push_str(&line_break);
                    }
                    out.push_str(line);
                }
                out
            })
            .collect();
        super::join(self.raw_segments, &values)
    }

    /// A literal block holds any printable text but for its edges: the first line with text must not begin with white space, unless
    /// the header names the indentation, and the breaks at the end must stay as many as they were.
    fn fits_literal(&self) -> bool {
        let body = self.target.trim_end_matches('\n');
        let breaks = |text: &str| text.len() - text.trim_end_matches('\n').len();
        let last = body.rsplit('\n').next().unwrap_or_default();
        let first = body.split('\n').find(|line| !line.is_empty()).unwrap_or_default();
        !last.trim().is_empty()
            && breaks(self.target) == breaks(&self.scalar.value)
            && (self.has_indicator() || !first.starts_with([' ', '\t']))
    }

    /// A folded block: every line must stay of its kind, or lines would fold in another way.
    fn fits_folded(&self) -> bool {
        if self.values.iter().any(|value| value.contains('\n')) {
            return false;
        }
        // A line with a marker is never blank; it is text, or text after white space that keeps its breaks.
        let filled = self.in_place();
        let kind = |line: &str| {
            let line = line.get(self.scalar.indent..).unwrap_or_default();
            (line.trim().is_empty(), line.starts_with([' ', '\t']))
        };
        let marked = self.text[self.scalar.region.clone()].split('\n');
        let first = filled
            .split('\n')
            .find(|line| !line.trim().is_empty())
            .map_or("", |line| line.get(self.scalar.indent..).unwrap_or_default());
        marked.zip(filled.split('\n')).all(|(before, after)| before == after || kind(before) == kind(after))
            && (self.has_indicator() || !first.starts_with([' ', '\t']))
    }

    fn header(&self) -> &str {
        self.text[self.scalar.header..].split(['\n', '\r']).next().unwrap_or_default()
    }

    /// The header has an indentation indicator: `|2`.
    fn has_indicator(&self) -> bool {
        self.header().bytes().skip(1).take_while(|byte| !byte.is_ascii_whitespace()).any(|byte| byte.is_ascii_digit())
    }

    /// The whole scalar on one line in double quotes, with the header's comment. The line break at its end stays.
    fn quoted(&self) -> Zeroizing<String> {
        let quoted = quote::double_quoted(self.target);
        let comment = self.header().find([' ', '\t']).map_or("", |at| self.header()[at..].trim());
        let content = &self.text[self.scalar.region.clone()];
        let end = if content.ends_with("\r\n") {
            "\r\n"
        } else if content.ends_with('\n') {
            "\n"
        } else {
            ""
        };
        let mut out = Zeroizing::new(String::with_capacity(quoted.len() + comment.len() + 3));
        out.push_str(&quoted);
        if !comment.is_empty() {
            out.push(' ');
            out.push_str(comment);
        }
        out.push_str(end);
        out
    }
}

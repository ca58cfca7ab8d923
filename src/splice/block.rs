//! Block scalars (`|` and `>`): filled in place if the block can hold the value, otherwise turned into one double-quoted line.

use zeroize::Zeroizing;

use super::{Edit, quote, tabs_behind};
use crate::scalar::Scalar;
use crate::yaml::Style;

/// A block scalar and its values.
pub(super) struct Block<'b> {
    /// The document.
    pub(super) text: &'b str,
    pub(super) scalar: &'b Scalar,
    /// What the scalar parses to, markers included.
    pub(super) value: &'b str,
    /// The content's text between markers.
    pub(super) raw_segments: &'b [&'b str],
    pub(super) values: &'b [Zeroizing<String>],
    /// What the scalar must parse to.
    pub(super) target: &'b str,
    /// The file's line break.
    pub(super) line_break: &'b str,
}

/// Whether a line of `content` ends in a carriage return only: a line break for YAML, but not for the lines counted here.
fn has_lone_carriage_return(content: &str) -> bool {
    memchr::memchr_iter(b'\r', content.as_bytes()).any(|at| content.as_bytes().get(at + 1) != Some(&b'\n'))
}

impl Block<'_> {
    /// The replacements: of the content only, or of header and content if the scalar becomes a quoted one.
    pub(super) fn rewrite(&self) -> Vec<Edit> {
        let fits = self.scalar.indent() > 0
            && !has_lone_carriage_return(&self.text[self.scalar.region()])
            && self.values.iter().all(|value| quote::is_block_safe(value))
            && match self.scalar.style {
                Style::Folded => self.fits_folded(),
                _ => self.fits_literal(),
            };
        if fits { vec![Edit { range: self.scalar.region(), text: self.in_place() }] } else { self.quoted() }
    }

    /// The content with its values; each line of a value gets the block's indentation.
    fn in_place(&self) -> Zeroizing<String> {
        let indent = " ".repeat(self.scalar.indent());
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

    /// A literal block can hold any printable text, with conditions for both ends: the first line with text must not begin with white space
    /// unless the header has an indentation indicator, and the number of line breaks at the end must not change.
    fn fits_literal(&self) -> bool {
        let body = self.target.trim_end_matches('\n');
        let breaks = |text: &str| text.len() - text.trim_end_matches('\n').len();
        let last = body.rsplit('\n').next().unwrap_or_default();
        let first = body.split('\n').find(|line| !line.is_empty()).unwrap_or_default();
        !last.trim().is_empty()
            && breaks(self.target) == breaks(self.value)
            && (self.has_indicator() || !first.starts_with([' ', '\t']))
    }

    /// In a folded block each line must keep its kind, or lines would fold differently.
    fn fits_folded(&self) -> bool {
        if self.values.iter().any(|value| value.contains('\n')) {
            return false;
        }
        // A line with a marker is never blank: it is text, or text after white space, which keeps its line breaks.
        let filled = self.in_place();
        let kind = |line: &str| {
            let line = line.get(self.scalar.indent()..).unwrap_or_default();
            (line.trim().is_empty(), line.starts_with([' ', '\t']))
        };
        let marked = self.text[self.scalar.region()].split('\n');
        let first = filled
            .split('\n')
            .find(|line| !line.trim().is_empty())
            .map_or("", |line| line.get(self.scalar.indent()..).unwrap_or_default());
        marked.zip(filled.split('\n')).all(|(before, after)| before == after || kind(before) == kind(after))
            && (self.has_indicator() || !first.starts_with([' ', '\t']))
    }

    fn header(&self) -> &str {
        self.text[self.scalar.header()..].split(['\n', '\r']).next().unwrap_or_default()
    }

    /// The header has an indentation indicator: `|2`.
    pub(super) fn has_indicator(&self) -> bool {
        self.header().bytes().skip(1).take_while(|byte| !byte.is_ascii_whitespace()).any(|byte| byte.is_ascii_digit())
    }

    /// Writes the whole scalar in double quotes in place of the header's indicators. The header's comment and line break stay, the content
    /// is removed.
    pub(super) fn quoted(&self) -> Vec<Edit> {
        let (header, region) = (self.scalar.header(), self.scalar.region());
        let indicators = self.text[header..].bytes().take_while(|byte| !byte.is_ascii_whitespace()).count();
        let mut content = region.clone();
        if !self.text[region.clone()].ends_with('\n') {
            // The file ends without a line break; then the header's line ends without one, too.
            content.start -= usize::from(self.text[..content.start].ends_with('\n'));
            content.start -= usize::from(self.text[..content.start].ends_with('\r'));
        }
        let quoted = Edit { range: header..header + indicators, text: quote::double_quoted(self.target) };
        let removed = |range| Edit { range, text: Zeroizing::new(String::new()) };
        let mut edits = vec![quoted, removed(content)];
        edits.extend(tabs_behind(self.text, region.end));
        edits
    }
}

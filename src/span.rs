//! Places in text: a byte range in a named template, and lines and columns.

use std::cell::Cell;
use std::ops::Range;
use std::sync::Arc;

/// A byte range in one of the templates that took part in a rendering.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Location {
    /// The template's name: what the user typed, or the name in an `include`.
    pub template: Arc<str>,
    /// Bytes of that template's text.
    pub range: Range<usize>,
}

impl Location {
    /// The place `range` in `template`.
    pub(crate) fn new(template: impl Into<Arc<str>>, range: Range<usize>) -> Self {
        Self { template: template.into(), range }
    }
}

/// Where each line of a text begins, so that many offsets are turned into lines cheaply.
#[derive(Debug)]
pub(crate) struct LineIndex {
    starts: Vec<usize>,
}

impl LineIndex {
    /// Reads `text` once. A line ends at a line feed.
    pub(crate) fn new(text: &str) -> Self {
        let ends = memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1);
        Self { starts: std::iter::once(0).chain(ends).collect() }
    }

    /// The line, counted from 1, that holds byte `offset`.
    pub(crate) fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset)
    }
}

/// What stands before the first `at`, which is ASCII, and what stands behind it. For texts as short as names it is faster than a search.
pub(crate) fn cut(text: &str, at: u8) -> (&str, Option<&str>) {
    let place = text.bytes().position(|byte| byte == at);
    place.map_or((text, None), |place| (&text[..place], Some(&text[place + 1..])))
}

/// `at`, or where the character that it is inside of begins; at most the end of `text`.
pub(crate) fn boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Where the line that holds byte `offset` of `text` begins.
pub(crate) fn line_start(text: &str, offset: usize) -> usize {
    memchr::memrchr(b'\n', &text.as_bytes()[..offset]).map_or(0, |at| at + 1)
}

/// The line of `text` that holds byte `offset`: its byte range without the line break.
pub(crate) fn line_range(text: &str, offset: usize) -> Range<usize> {
    let bytes = text.as_bytes();
    let offset = offset.min(bytes.len());
    let start = line_start(text, offset);
    let mut end = memchr::memchr(b'\n', &bytes[offset..]).map_or(bytes.len(), |at| at + offset);
    if end > start && bytes[end - 1] == b'\r' {
        end -= 1;
    }
    start..end.max(start)
}

/// Numbers the lines of a text. For offsets that grow, which most do, the text is read only once.
#[derive(Debug, Default)]
pub(crate) struct LineCounter {
    /// Where the last line asked for begins, and its number from 0.
    last: Cell<(usize, usize)>,
}

impl LineCounter {
    /// The line of `text`, always the same one, that holds byte `offset`: its number from 1, its byte range without the line break.
    pub(crate) fn line_at(&self, text: &str, offset: usize) -> (usize, Range<usize>) {
        let range = line_range(text, offset);
        let (from, number) = Some(self.last.get()).filter(|(from, _)| *from <= range.start).unwrap_or_default();
        let number = number + memchr::memchr_iter(b'\n', &text.as_bytes()[from..range.start]).count();
        self.last.set((range.start, number));
        (number + 1, range)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_from_one_and_lose_their_break() {
        let text = "a\r\nbc\n\nd";
        let counter = LineCounter::default();
        // Forwards, and back again.
        for (offset, line) in [(0, (1, 0..1)), (4, (2, 3..5)), (6, (3, 6..6)), (8, (4, 7..8)), (4, (2, 3..5)), (99, (4, 7..8))] {
            assert_eq!(counter.line_at(text, offset), line);
        }
        let index = LineIndex::new(text);
        for offset in 0..text.len() {
            assert_eq!(index.line(offset), LineCounter::default().line_at(text, offset).0, "offset {offset}");
        }
    }
}

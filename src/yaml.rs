//! YAML text into events, by two readers that say the same of the same text.
//!
//! granit-parser reads every document. Most are made of lines that need no such care: [`lines`] reads those in a tenth of the time, and
//! gives up at the first line that is not of its kind. The proof of a result always stands on granit-parser alone.

use std::ops::Range;

use granit_parser::{Event, Options, Parser, ScanError, Span};

mod lines;

pub(crate) use lines::read as read_lines;

/// Where an event stands in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct At {
    /// Its bytes; of a block scalar from its first character to some place behind its last break, before what comes next.
    pub(crate) range: Range<usize>,
    /// The bytes of its tag; none: `0..0`.
    pub(crate) tag: Range<usize>,
    /// The indentation of a block scalar's content, in spaces.
    pub(crate) indent: usize,
}

impl At {
    fn bytes(range: Range<usize>) -> Self {
        Self { range, tag: 0..0, indent: 0 }
    }
}

impl From<Span> for At {
    fn from(span: Span) -> Self {
        let tag = span.tag_span().and_then(|tag| tag.byte_range()).unwrap_or(0..0);
        Self { range: span.byte_range().unwrap_or(0..0), tag, indent: span.indent.unwrap_or(0) }
    }
}

/// The parser's settings, the same for every reading; the end of a block scalar at the end of the file is read as go-yaml does.
fn options() -> Options {
    granit_parser::options! { emit_anchor_events: true, block_scalar_eof_without_line_feed: true, emit_comments: false }
}

/// The events of `text`, one after the other, until one is an error.
pub(crate) fn events(text: &str) -> impl Iterator<Item = Result<(Event<'_>, At), ScanError>> {
    Parser::new_from_str_with_options(text, options()).map(|next| next.map(|(event, span)| (event, span.into())))
}

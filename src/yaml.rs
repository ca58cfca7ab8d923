//! YAML text: its events, scalar styles and tree, and the judge that has the last word on what it means.
//!
//! Nothing outside this folder knows which parser made an event.
//!
//! - [`read`] gives the events of a text with exact byte spans, which the splice needs. granit-parser reads any document; most
//!   are made of ordinary lines, which [`lines`] reads in a tenth of the time.
//! - [`judge`] reads the text again with a port of libyaml, the parser that go-yaml, and so Akash, was ported from. It decides
//!   whether a text is YAML at all and what it holds; its spans are not exact, so they are only used where nothing is spliced.
//!
//! Akash reads the first document and stops there, so whatever follows it is never an error. Documents that follow are read too where
//! they hold placeholders and both readers can read them ([`Reach`]).

use std::borrow::Cow;
use std::ops::Range;

#[cfg(test)]
mod agreement;
mod granit;
pub(crate) mod judge;
mod lines;
pub(crate) mod tree;

/// A YAML scalar style (YAML 1.2.2 sections 7.3 and 8.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// No quotes.
    Plain,
    /// `'…'`
    Single,
    /// `"…"`
    Double,
    /// `|`
    Literal,
    /// `>`
    Folded,
}

impl Style {
    /// `|` or `>`.
    pub(crate) fn is_block(self) -> bool {
        matches!(self, Self::Literal | Self::Folded)
    }
}

/// A tag with its shorthand resolved: `tag:yaml.org,2002:str` for `!!str`, `!x` for `!x`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tag(Box<str>);

impl Tag {
    /// The name of a tag of YAML's own namespace, such as `str`; any other tag as a whole.
    pub(crate) fn name(&self) -> &str {
        self.0.strip_prefix("tag:yaml.org,2002:").unwrap_or(&self.0)
    }
}

/// What a parser meets, in the order of the text.
#[derive(Debug)]
pub(crate) enum Event<'d> {
    /// A scalar; one that is not written at all is plain and empty.
    Scalar {
        /// What it parses to.
        value: Cow<'d, str>,
        /// How it is written.
        style: Style,
        /// What is written before it.
        properties: Properties,
    },
    /// A sequence or mapping begins. In a mapping keys and values take turns.
    Start {
        /// It is a mapping.
        mapping: bool,
        /// It is written with brackets or braces.
        flow: bool,
        /// What is written before it.
        properties: Properties,
    },
    /// The innermost open collection ends.
    End,
    /// An alias of the node with this anchor.
    Alias(usize),
    /// The name of the anchor on the node that was given just before. The judge leaves it out.
    Anchor(Cow<'d, str>),
}

/// What can be written before a node.
#[derive(Debug, Default)]
pub(crate) struct Properties {
    /// The number of its anchor, from 1 in the order of the text; 0: it has none.
    pub(crate) anchor: usize,
    /// Its tag.
    pub(crate) tag: Option<Tag>,
}

/// Where an event is in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct At {
    /// Its bytes; of a block scalar from its first content character to behind the last line break that may belong to it.
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

/// Takes the events of a text.
pub(crate) trait Sink<'d> {
    /// Forgets what it was given: the text is read from its start, perhaps once more.
    fn start(&mut self);
    /// Takes the next event.
    fn event(&mut self, event: Event<'d>, at: At);
}

/// How far a text is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// To the end of its first document.
    First,
    /// All of its documents.
    Stream,
}

/// How much of a text was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Extent {
    /// Where what was read ends, in bytes.
    pub(crate) end: usize,
    /// Where the second document begins, or what is behind the first can't be read.
    pub(crate) further: Option<usize>,
}

/// A text that is not YAML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NotYaml {
    /// Where, in bytes of the text.
    pub(crate) offset: usize,
    /// The parser's words, which hold no content.
    pub(crate) message: String,
    /// It is an alias of an anchor that is not there.
    pub(crate) unknown_alias: bool,
}

/// Gives the events of `text` as far as `reach` to `sink`, with exact spans.
///
/// # Errors
/// When that is not YAML; what `sink` has then is incomplete.
pub(crate) fn read<'d>(text: &'d str, reach: Reach, sink: &mut impl Sink<'d>) -> Result<Extent, NotYaml> {
    sink.start();
    if lines::read(text, sink) {
        return Ok(Extent { end: text.len(), further: None });
    }
    sink.start();
    granit::read(text, reach, sink)
}

/// [`read`] by the general parser only, and by lines only (none where the text has other lines): tests compare the two.
#[cfg(test)]
pub(crate) fn read_both<'d>(
    text: &'d str,
    parsed: &mut impl Sink<'d>,
    by_lines: &mut impl Sink<'d>,
) -> (Result<Extent, NotYaml>, bool) {
    parsed.start();
    by_lines.start();
    (granit::read(text, Reach::First, parsed), lines::read(text, by_lines))
}

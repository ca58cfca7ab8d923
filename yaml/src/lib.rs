//! YAML text: its events, scalar styles and tree, and the judge, which decides what it means.
//!
//! This is the part of [sdlrender](https://docs.rs/sdlrender) that reads YAML. It may change with every version. Nothing outside of it knows
//! which parser made an event.
//!
//! - [`read`] gives the events of a text with exact byte spans, which the splice needs. granit-parser reads any document; most
//!   consist of ordinary lines, which `lines` reads in a tenth of the time.
//! - [`judge`] reads the text again with a port of libyaml; go-yaml, Akash's parser, is a port of it too. It decides whether a text
//!   is YAML and what it holds. Its spans are not exact, so they are only used where nothing is spliced.
//!
//! Akash reads only the first document, so nothing after it is an error. Later documents are read if they hold placeholders and both
//! parsers can read them ([`Reach`]).
//!
//! Whoever receives events is a trait object, so that the parsers are compiled here, for speed, and not again for each use.

#![warn(missing_docs, unreachable_pub, clippy::print_stdout, clippy::print_stderr)]

use std::borrow::Cow;
use std::ops::Range;

#[cfg(test)]
mod agreement;
mod granit;
pub mod judge;
mod lines;
pub mod tree;

/// A YAML scalar style (YAML 1.2.2 sections 7.3 and 8.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
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
    pub fn is_block(self) -> bool {
        matches!(self, Self::Literal | Self::Folded)
    }
}

/// A tag with its shorthand resolved: `tag:yaml.org,2002:str` for `!!str`, `!x` for `!x`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag(Box<str>);

impl Tag {
    /// The name of a tag of YAML's own namespace, such as `str`; any other tag as a whole.
    pub fn name(&self) -> &str {
        self.0.strip_prefix("tag:yaml.org,2002:").unwrap_or(&self.0)
    }
}

/// A parser's events, in the order of the text.
#[derive(Debug)]
pub enum Event<'d> {
    /// A scalar. One that is left out is plain and empty.
    Scalar {
        /// What it parses to.
        value: Cow<'d, str>,
        /// How it is written.
        style: Style,
        /// What is written before it.
        properties: Properties,
    },
    /// A sequence or mapping begins. In a mapping, keys and values alternate.
    Start {
        /// It is a mapping.
        mapping: bool,
        /// It is in brackets or braces.
        flow: bool,
        /// What is written before it.
        properties: Properties,
    },
    /// The innermost open collection ends.
    End,
    /// An alias of the node with this anchor.
    Alias(usize),
    /// The name of the anchor on the node before. The judge does not send this event.
    Anchor(Cow<'d, str>),
}

/// What can be written before a node.
#[derive(Debug, Default)]
pub struct Properties {
    /// The number of its anchor, from 1 in the order of the text; 0 without one.
    pub anchor: usize,
    /// Its tag.
    pub tag: Option<Tag>,
}

/// Where an event is in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At {
    /// Its bytes. For a block scalar, from the first character of the content to the end of the last line break that may belong to it.
    pub range: Range<usize>,
    /// The bytes of its tag; `0..0` without one.
    pub tag: Range<usize>,
    /// The indentation of a block scalar's content, in spaces.
    pub indent: usize,
}

impl At {
    fn bytes(range: Range<usize>) -> Self {
        Self { range, tag: 0..0, indent: 0 }
    }
}

/// Receives the events of a text.
pub trait Sink<'d> {
    /// Discards everything received so far: the text is read from its start, possibly again.
    fn start(&mut self);
    /// Receives the next event.
    fn event(&mut self, event: Event<'d>, at: At);
}

/// How far a text is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// To the end of its first document.
    First,
    /// All of its documents.
    Stream,
}

/// How much of a text was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Where what was read ends, in bytes.
    pub end: usize,
    /// Where the second document begins, or where the text after the first can't be read.
    pub further: Option<usize>,
}

/// A text that is not YAML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotYaml {
    /// Where, in bytes of the text.
    pub offset: usize,
    /// The parser's message, which quotes nothing of the text.
    pub message: String,
    /// It is an alias of an anchor that does not exist.
    pub unknown_alias: bool,
}

/// Sends the events of `text` up to `reach` to `sink`, with exact spans.
///
/// # Errors
/// When the text is not YAML. What `sink` received is then incomplete.
pub fn read<'d>(text: &'d str, reach: Reach, sink: &mut dyn Sink<'d>) -> Result<Extent, NotYaml> {
    sink.start();
    if lines::read(text, sink) {
        return Ok(Extent { end: text.len(), further: None });
    }
    sink.start();
    granit::read(text, reach, sink)
}

/// [`read`] by the general parser, and by lines (false if the text has other lines). Tests compare the two.
#[cfg(test)]
fn read_both<'d>(text: &'d str, parsed: &mut dyn Sink<'d>, by_lines: &mut dyn Sink<'d>) -> (Result<Extent, NotYaml>, bool) {
    parsed.start();
    by_lines.start();
    (granit::read(text, Reach::First, parsed), lines::read(text, by_lines))
}

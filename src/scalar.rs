//! Which YAML scalars of a marker document hold markers: their spans, styles, indentation and places.
//!
//! One pass over the document (see [`crate::yaml`]). Everything that a placeholder may not stand in (a key, an anchor, a tag, …) is
//! refused here, before any secret is looked up. On its way the pass builds the document's [`Tree`], on which the rules stand and with
//! which [`crate::proof`] compares the result.

use std::ops::Range;

use granit_parser::ScalarStyle;

use crate::template::MarkerDocument;
use crate::tree::{Id, Tree};

pub(crate) mod cut;
mod place;
mod scanner;

use cut::Cut;
use scanner::Scanner;

/// A marker in a document: where it begins, and the number of its emission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Byte offset in the document.
    pub offset: usize,
    /// Index into [`MarkerDocument::emissions`].
    pub number: usize,
}

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

impl From<ScalarStyle> for Style {
    fn from(style: ScalarStyle) -> Self {
        match style {
            ScalarStyle::SingleQuoted => Self::Single,
            ScalarStyle::DoubleQuoted => Self::Double,
            ScalarStyle::Literal => Self::Literal,
            ScalarStyle::Folded => Self::Folded,
            ScalarStyle::Plain => Self::Plain,
        }
    }
}

/// A scalar that holds at least one marker; half as large with offsets of four bytes, which a document's are.
#[derive(Debug, Clone)]
pub struct Scalar {
    region: Range<u32>,
    header: u32,
    indent: u32,
    /// How it is written.
    pub style: Style,
    /// Its node in [`Layout::tree`]: its value, markers included, and its place.
    pub node: Id,
    /// It stands in a flow collection.
    pub flow: bool,
    /// Kubernetes rewrites `$$` and `$(NAME)` in it.
    pub expanded: bool,
    /// An alias uses it both where Kubernetes expands `$` and where it does not.
    pub mixed: bool,
    /// Its markers, in order: indexes into [`Layout::marks`].
    marks: Range<u32>,
}

impl Scalar {
    /// Its bytes in the document: with the quotes; of a block scalar the content from the first line's start to the last break.
    pub fn region(&self) -> Range<usize> {
        self.region.start as usize..self.region.end as usize
    }

    /// For a block scalar, where its `|` or `>` stands; otherwise the region's start.
    pub fn header(&self) -> usize {
        self.header as usize
    }

    /// The indentation of a block scalar's content, in spaces.
    pub fn indent(&self) -> usize {
        self.indent as usize
    }
}

/// What the pass found.
#[derive(Debug)]
pub struct Layout<'d> {
    /// The scalars that hold markers, in order.
    pub scalars: Vec<Scalar>,
    /// All markers, in order.
    pub marks: Vec<Mark>,
    /// Markers that stand in comments.
    pub comments: Vec<Mark>,
    /// The document.
    pub tree: Tree<'d>,
    /// What a proof has to read of it.
    pub(crate) cut: Cut,
}

impl Layout<'_> {
    /// The markers of `scalar`, in order.
    pub fn marks_of(&self, scalar: &Scalar) -> &[Mark] {
        &self.marks[scalar.marks.start as usize..scalar.marks.end as usize]
    }

    /// The place of `scalar`, such as `services.web.env[0]`.
    pub fn path(&self, scalar: &Scalar) -> String {
        self.tree.paths([scalar.node]).pop().unwrap_or_default()
    }
}

/// Why a placeholder can't stand where it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// In a mapping key.
    Key,
    /// In an anchor's name.
    Anchor,
    /// In an alias.
    Alias,
    /// In a tag.
    Tag,
    /// On a node whose tag is not `!!str`.
    Tagged,
    /// In a directive or between nodes.
    Outside,
    /// A filter or a capture broke the marker apart.
    Broken,
    /// Not a placeholder: U+0085, U+2028 or U+2029 as it is, which YAML 1.1 and 1.2 read differently.
    LineSeparator,
    /// Not a placeholder: a plain scalar in a flow collection that begins with `?` or ends in `:`, which parsers read differently.
    AmbiguousFlow,
    /// Not a placeholder: an anchor's name with other characters than letters, digits, `_` and `-`.
    AnchorName,
}

/// Why a marker document can't be used.
#[derive(Debug)]
pub enum ScanError {
    /// It is not YAML: where, and the parser's words, which hold no content.
    NotYaml {
        /// Byte offset in the document.
        offset: usize,
        /// What the parser says.
        message: String,
    },
    /// These places can't be honoured: byte offset in the document, and why.
    Refused(Vec<(usize, Reason)>),
}

/// Finds the scalars of `document` that hold markers.
///
/// # Errors
/// When the document is not YAML, or a placeholder stands where no value can go.
pub fn scan(document: &MarkerDocument) -> Result<Layout<'_>, ScanError> {
    scan_lines(document).unwrap_or_else(|| scan_parsed(document))
}

/// [`scan`], by the parser alone.
///
/// # Errors
/// As [`scan`].
pub fn scan_parsed(document: &MarkerDocument) -> Result<Layout<'_>, ScanError> {
    let mut scanner = Scanner::new(document);
    scanner.read()?;
    scanner.finish()
}

/// [`scan`] by the reader of ordinary lines alone; none where the document has others.
pub fn scan_lines(document: &MarkerDocument) -> Option<Result<Layout<'_>, ScanError>> {
    let mut scanner = Scanner::new(document);
    scanner.read_lines().then(|| scanner.finish())
}

//! Which YAML scalars of a marker document hold markers: their spans, styles, indentation and places.
//!
//! One pass over the document (see [`crate::yaml`]). A placeholder where none is allowed (in a key, an anchor, a tag, …) is refused here,
//! before any secret is looked up. The same pass builds the document's [`Tree`], which the rules read and which [`crate::proof`] compares
//! with the result.

use std::ops::Range;

use crate::template::MarkerDocument;
use crate::yaml::judge::{self, Disagreement};
use crate::yaml::tree::{Id, Tree};
use crate::yaml::{self, NotYaml, Reach, Style};

#[cfg(test)]
pub(crate) mod marking;
mod place;
mod region;
mod scanner;

use region::Region;
use scanner::Scanner;

/// A marker in a document: where it begins, and the number of its emission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    /// Byte offset in the document.
    pub offset: usize,
    /// Index into [`MarkerDocument::emissions`].
    pub number: usize,
}

/// A scalar that holds at least one marker. Offsets take four bytes, which is enough for a document and halves the size.
#[derive(Debug, Clone)]
pub(crate) struct Scalar {
    region: Range<u32>,
    header: u32,
    indent: u32,
    /// How it is written.
    pub style: Style,
    /// Its node in [`Layout::tree`]: its value, markers included, and its place.
    pub node: Id,
    /// It is in a flow collection.
    pub flow: bool,
    /// Kubernetes rewrites `$$` and `$(NAME)` in it.
    pub expanded: bool,
    /// An alias uses it both where Kubernetes expands `$` and where it does not.
    pub mixed: bool,
    /// Its markers, in the order of the text: indexes into [`Layout::marks`].
    marks: Range<u32>,
}

impl Scalar {
    /// The scalar or alias at this node, in `style`, as if it held a marker in a place where nothing is expanded.
    pub(crate) fn of_node(text: &str, tree: &Tree<'_>, node: Id, style: Style) -> Self {
        let previous = tree.before(node).map_or(0..0, |before| tree.range(before));
        // An enclosing collection begins before the node and ends after it.
        let previous = if previous.end <= tree.range(node).start { previous.end } else { previous.start };
        let Region { bytes, header } = Region::of(text, style, &tree.range(node), previous);
        let line = text[bytes.clone()].lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let indent = if style.is_block() { line.len() - line.trim_start_matches(' ').len() } else { 0 };
        Self {
            region: bytes.start as u32..bytes.end as u32,
            header: header as u32,
            indent: indent as u32,
            style,
            node,
            flow: tree.is_in_flow(node),
            expanded: false,
            mixed: false,
            marks: 0..0,
        }
    }

    /// Its bytes in the document, with quotes. For a block scalar, the content from the start of its first line to its last line break.
    pub(crate) fn region(&self) -> Range<usize> {
        self.region.start as usize..self.region.end as usize
    }

    /// Where the `|` or `>` of a block scalar is; otherwise the region's start.
    pub(crate) fn header(&self) -> usize {
        self.header as usize
    }

    /// The indentation of a block scalar's content, in spaces.
    pub(crate) fn indent(&self) -> usize {
        self.indent as usize
    }
}

/// The result of the pass.
#[derive(Debug, Default)]
pub(crate) struct Layout<'d> {
    /// The scalars that hold markers, in the order of the text.
    pub scalars: Vec<Scalar>,
    /// All markers, in the order of the text.
    pub marks: Vec<Mark>,
    /// Markers that are written back as the placeholders they came from: those in comments, and after the first document.
    pub unread: Vec<Mark>,
    /// The document as a tree.
    pub tree: Tree<'d>,
}

impl Layout<'_> {
    /// The markers of `scalar`, in the order of the text.
    pub(crate) fn marks_of(&self, scalar: &Scalar) -> &[Mark] {
        &self.marks[scalar.marks.start as usize..scalar.marks.end as usize]
    }

    /// The place of `scalar`, such as `services.web.env[0]`.
    pub(crate) fn path(&self, scalar: &Scalar) -> String {
        self.tree.path(scalar.node)
    }
}

/// Why a placeholder can't be where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
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
    /// A filter or a capture split the marker.
    Broken,
    /// Not a placeholder: an unescaped U+0085, U+2028 or U+2029, which YAML 1.1 and 1.2 read differently.
    LineSeparator,
    /// Not a placeholder: a plain scalar in a flow collection that begins with `?` or ends in `:`, which parsers read differently.
    AmbiguousFlow,
    /// Not a placeholder: an anchor's name with characters other than letters, digits, `_` and `-`.
    AnchorName,
    /// Not a placeholder: from here on, the parser and the judge read different documents.
    Ambiguous,
}

/// Why a marker document can't be used.
#[derive(Debug)]
pub(crate) enum ScanError {
    /// It is not YAML.
    NotYaml {
        /// Byte offset in the document.
        offset: usize,
        /// The parser's message, which quotes nothing of the text.
        message: String,
    },
    /// These places are refused: byte offset in the document, and why.
    Refused(Vec<(usize, Reason)>),
}

impl From<NotYaml> for ScanError {
    fn from(NotYaml { offset, message, .. }: NotYaml) -> Self {
        Self::NotYaml { offset, message }
    }
}

/// Finds the scalars of `document` that hold markers.
///
/// The judge reads a document without markers here, because that is what will be written. For one with markers, the result is proven later,
/// and [`explain`] says why if that fails. Documents after the first are filled too if that is possible; otherwise everything after the
/// first stays as it is.
///
/// # Errors
/// When the document is not YAML, or a placeholder is where no value can go.
pub(crate) fn scan(document: &MarkerDocument) -> Result<Layout<'_>, ScanError> {
    let text = document.text.as_str();
    let mut scanner = Scanner::new(document);
    let read = yaml::read(text, Reach::First, &mut scanner);
    if !scanner.has_markers() {
        let read = read.map(|extent| scanner.tree(extent));
        return Ok(Layout { tree: Tree::judged(text, read)?, ..Layout::default() });
    }
    match read {
        Ok(extent) if extent.further.is_some() && scanner.has_markers_after(extent.end) => {
            scan_stream(document).map_or_else(|| scanner.finish(extent), Ok)
        }
        Ok(extent) => scanner.finish(extent),
        Err(not_yaml) => Err(scanner.refusal(not_yaml)),
    }
}

/// [`scan`] of all documents, if all of them can be read and filled.
fn scan_stream(document: &MarkerDocument) -> Option<Layout<'_>> {
    let mut scanner = Scanner::new(document);
    let extent = yaml::read(&document.text, Reach::Stream, &mut scanner).ok()?;
    let layout = scanner.finish(extent).ok()?;
    explain(document, &layout).is_none().then_some(layout)
}

/// Why the proof of a filled `document` failed, if the document itself is the reason: the judge reads it differently than the parser, or
/// refuses it. None if the reason is elsewhere.
pub(crate) fn explain(document: &MarkerDocument, layout: &Layout<'_>) -> Option<ScanError> {
    match judge::compare(&document.text, &layout.tree, &|_| None) {
        Ok(()) => None,
        Err(Disagreement::Refused(not_yaml)) => Some(not_yaml.into()),
        Err(Disagreement::Differs(at)) => {
            let offset = at.map_or(document.text.len(), |at| layout.tree.range(at).start);
            Some(ScanError::Refused(vec![(offset, Reason::Ambiguous)]))
        }
    }
}

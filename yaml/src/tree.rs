//! A YAML document as a tree of nodes, each with its bytes in the text it was read from.
//!
//! A tree never changes. It is built while the text is read, so that nobody has to parse again. A node takes 20 bytes. A scalar's text is a part of the document, unless it had to be
//! decoded.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::num::NonZeroU32;
use std::ops::Range;

use super::{NotYaml, Properties, Reach, Style, Tag, judge};

mod builder;
mod places;

pub use builder::Builder;
pub use places::in_place;

/// A node of a [`Tree`]. An `Option` of it also takes four bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(NonZeroU32);

impl Id {
    /// The node with this number.
    #[inline]
    fn at(number: u32) -> Self {
        Self(NonZeroU32::MIN.saturating_add(number))
    }

    #[inline]
    fn number(self) -> u32 {
        self.0.get() - 1
    }

    #[inline]
    fn index(self) -> usize {
        self.number() as usize
    }
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeKind {
    /// A scalar, and how it is written.
    Scalar(Style),
    /// A sequence.
    Sequence,
    /// A mapping.
    Mapping,
}

/// The first document of a text, or all of them. Its nodes are numbered in the order in which they begin.
#[derive(Default)]
pub struct Tree<'d> {
    text: &'d str,
    nodes: Vec<Node>,
    texts: Vec<Cow<'d, str>>,
    tags: HashMap<Id, Tag>,
    further: Option<usize>,
}

impl fmt::Debug for Tree<'_> {
    /// Without its texts.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tree").field("nodes", &self.nodes.len()).finish_non_exhaustive()
    }
}

const NONE: u32 = u32::MAX;

#[derive(Debug, Clone, Copy)]
struct Node {
    start: u32,
    end: u32,
    /// The next node in the same collection; in a mapping, keys and values alternate.
    next: u32,
    /// The first child of a collection, the node an alias refers to, or the index of a scalar's decoded text.
    inner: u32,
    shape: Shape,
    facts: u8,
}

/// Facts about a node, one bit each: with a `bool` each, a node would be a fifth larger.
mod fact {
    /// It holds a marker.
    pub(super) const MARKED: u8 = 1;
    pub(super) const TAGGED: u8 = 2;
    pub(super) const ANCHORED: u8 = 4;
}

impl Node {
    #[inline]
    fn is(&self, fact: u8) -> bool {
        self.facts & fact != 0
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Scalar(Style),
    Sequence { flow: bool },
    Mapping { flow: bool },
    Alias,
}

impl<'d> Tree<'d> {
    /// Reads the first document of `text`, which holds no markers. Like go-yaml, it ignores everything after that.
    ///
    /// # Errors
    /// When the first document is not YAML.
    pub fn read(text: &'d str) -> Result<Self, NotYaml> {
        let mut builder = Builder::new(text);
        let read = super::read(text, Reach::First, &mut builder);
        Self::judged(text, read.map(|extent| builder.finish(extent)))
    }

    /// The tree to use for a text without markers, which the parser read as `read`: that tree if the judge agrees, otherwise the judge's.
    ///
    /// # Errors
    /// When the judge says that the text is not YAML.
    pub fn judged(text: &'d str, read: Result<Self, NotYaml>) -> Result<Self, NotYaml> {
        match read {
            Ok(tree) => match judge::compare(text, &tree, &|_| None) {
                Ok(()) => Ok(tree),
                Err(judge::Disagreement::Refused(not_yaml)) => Err(not_yaml),
                Err(judge::Disagreement::Differs(_)) => judge::tree(text),
            },
            // If both refuse it, the parser has the better position.
            Err(not_yaml) => judge::tree(text).map_err(|_| not_yaml),
        }
    }

    /// The root of the first document; none if it is empty.
    pub fn root(&self) -> Option<Id> {
        (!self.nodes.is_empty()).then_some(Id::at(0))
    }

    /// Where a second document begins, in bytes of the text.
    pub fn further(&self) -> Option<usize> {
        self.further
    }

    #[inline]
    fn node(&self, id: Id) -> &Node {
        &self.nodes[id.index()]
    }

    /// The node itself, or the one that an alias refers to.
    #[inline]
    pub fn target(&self, id: Id) -> Id {
        match self.node(id) {
            node if matches!(node.shape, Shape::Alias) => Id::at(node.inner),
            _ => id,
        }
    }

    /// Whether it is an alias.
    #[inline]
    pub fn is_alias(&self, id: Id) -> bool {
        matches!(self.node(id).shape, Shape::Alias)
    }

    /// What the node is; for an alias, what it refers to.
    #[inline]
    pub fn kind(&self, id: Id) -> NodeKind {
        match self.node(self.target(id)).shape {
            Shape::Scalar(style) => NodeKind::Scalar(style),
            Shape::Mapping { .. } => NodeKind::Mapping,
            // YAML has no alias of an alias.
            Shape::Sequence { .. } | Shape::Alias => NodeKind::Sequence,
        }
    }

    /// Its bytes in the text: an alias's own bytes, a block scalar's content, a block collection from its first entry.
    pub fn range(&self, id: Id) -> Range<usize> {
        let node = self.node(id);
        node.start as usize..node.end as usize
    }

    /// A scalar's text, markers included; empty for a collection.
    pub fn text(&self, id: Id) -> &str {
        let node = self.node(self.target(id));
        let (start, end) = (node.start as usize, node.end as usize);
        match node.shape {
            Shape::Scalar(_) if node.inner != NONE => &self.texts[node.inner as usize],
            Shape::Scalar(Style::Plain) => &self.text[start..end],
            Shape::Scalar(_) => &self.text[start + 1..end - 1],
            _ => "",
        }
    }

    /// [`Tree::text`] of a node of another tree, if there is a node of its number here.
    pub fn checked_text(&self, id: Id) -> Option<&str> {
        (id.index() < self.nodes.len()).then(|| self.text(id))
    }

    /// The node as written in the text: `*name` for an alias.
    pub fn source(&self, id: Id) -> &str {
        &self.text[self.range(id)]
    }

    /// The text before the root: directives and comments.
    pub fn head(&self) -> &str {
        &self.text[..self.root().map_or(self.text.len(), |root| self.range(root).start.min(self.text.len()))]
    }

    /// Whether the scalar holds a marker.
    #[inline]
    pub fn is_marked(&self, id: Id) -> bool {
        self.node(self.target(id)).is(fact::MARKED)
    }

    /// The text of a plain scalar that is exactly as written: on one line, without a marker or a tag, and not an alias. That is most
    /// scalars, and their text says all there is to know.
    #[inline]
    pub fn word(&self, id: Id) -> Option<&str> {
        let node = self.node(id);
        let ordinary =
            matches!(node.shape, Shape::Scalar(Style::Plain)) && node.inner == NONE && node.facts & !fact::ANCHORED == 0;
        ordinary.then(|| &self.text[node.start as usize..node.end as usize])
    }

    /// The node's tag, if one is written.
    #[inline]
    pub fn tag(&self, id: Id) -> Option<&Tag> {
        let id = self.target(id);
        self.node(id).is(fact::TAGGED).then(|| self.tags.get(&id)).flatten()
    }

    /// The items of a sequence; none for any other node.
    pub fn items(&self, id: Id) -> impl Iterator<Item = Id> {
        let id = self.target(id);
        let is_sequence = matches!(self.node(id).shape, Shape::Sequence { .. });
        self.siblings(if is_sequence { self.node(id).inner } else { NONE })
    }

    /// The keys and values of a mapping, in the order of the text; none for any other node.
    pub fn entries(&self, id: Id) -> impl Iterator<Item = (Id, Id)> {
        let id = self.target(id);
        let is_mapping = matches!(self.node(id).shape, Shape::Mapping { .. });
        let mut nodes = self.siblings(if is_mapping { self.node(id).inner } else { NONE });
        std::iter::from_fn(move || Some((nodes.next()?, nodes.next()?)))
    }

    /// All nodes of a collection, both keys and values: go-yaml's `Node.Content`.
    pub fn content(&self, id: Id) -> impl Iterator<Item = Id> {
        let first = self.first(self.target(id)).map_or(NONE, Id::number);
        self.siblings(first)
    }

    fn siblings(&self, first: u32) -> impl Iterator<Item = Id> {
        let id = |at: u32| (at != NONE).then_some(Id::at(at));
        std::iter::successors(id(first), move |at| id(self.node(*at).next))
    }

    /// The first child of a collection.
    pub fn first(&self, id: Id) -> Option<Id> {
        let node = self.node(id);
        (matches!(node.shape, Shape::Sequence { .. } | Shape::Mapping { .. }) && node.inner != NONE).then_some(Id::at(node.inner))
    }

    /// The next node in the same collection, or the next document's root.
    pub fn next(&self, id: Id) -> Option<Id> {
        let next = self.node(id).next;
        (next != NONE).then_some(Id::at(next))
    }

    /// The scalar, not an alias of one, that byte `offset` of the text is in.
    pub fn scalar_at(&self, offset: usize) -> Option<Id> {
        // Scalars are not nested, and nodes are in the order of the text.
        let last = self.nodes.partition_point(|node| node.start as usize <= offset).checked_sub(1)?;
        let node = self.nodes[last];
        (matches!(node.shape, Shape::Scalar(_)) && offset < node.end as usize).then(|| Id::at(last as u32))
    }

    /// The previous node in the order of the text: the last descendant of the sibling before, or the enclosing collection.
    pub fn before(&self, id: Id) -> Option<Id> {
        id.number().checked_sub(1).map(Id::at)
    }

    /// Whether the node itself (not the target of an alias) is a scalar in this style with this text.
    pub(super) fn is_scalar(&self, id: Id, text: &str, style: Style) -> bool {
        self.node(id).shape == Shape::Scalar(style) && self.text(id) == text
    }

    /// Whether the node itself is in brackets or braces.
    fn is_flow(&self, id: Id) -> bool {
        matches!(self.node(id).shape, Shape::Sequence { flow: true } | Shape::Mapping { flow: true })
    }

    /// Whether the node itself is a mapping (`mapping`) or a sequence.
    pub(super) fn is_collection(&self, id: Id, mapping: bool) -> bool {
        match self.node(id).shape {
            Shape::Mapping { .. } => mapping,
            Shape::Sequence { .. } => !mapping,
            _ => false,
        }
    }

    /// Whether the node itself has this tag, and an anchor if and only if these have one.
    pub(super) fn has(&self, id: Id, properties: &Properties) -> bool {
        let own = self.node(id);
        let tag = if own.is(fact::TAGGED) { self.tags.get(&id) } else { None };
        own.is(fact::ANCHORED) == (properties.anchor != 0) && tag == properties.tag.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(text: &str) -> Tree<'_> {
        Tree::read(text).unwrap()
    }

    fn items_of(tree: &Tree<'_>, id: Id) -> Vec<Id> {
        tree.items(id).collect()
    }

    #[test]
    fn texts_and_ranges_are_the_document_s() {
        let text = "a: &x 'it''s'\nb: [1, \"t\\n\", *x]\nc: |\n  l\nd: {e: f}\n---\nz\n";
        let tree = tree(text);
        let root = tree.root().unwrap();
        let entries: Vec<(&str, NodeKind)> = tree.entries(root).map(|(key, value)| (tree.text(key), tree.kind(value))).collect();
        let kinds = [
            ("a", NodeKind::Scalar(Style::Single)),
            ("b", NodeKind::Sequence),
            ("c", NodeKind::Scalar(Style::Literal)),
            ("d", NodeKind::Mapping),
        ];
        assert_eq!(entries, kinds);
        let values: Vec<Id> = tree.entries(root).map(|(_, value)| value).collect();
        assert_eq!(tree.text(values[0]), "it's");
        assert_eq!(&text[tree.range(values[0])], "'it''s'");
        let items: Vec<&str> = tree.items(values[1]).map(|item| tree.text(item)).collect();
        assert_eq!(items, ["1", "t\n", "it's"]);
        assert_eq!(tree.text(values[2]), "l\n");
        assert_eq!(tree.entries(values[3]).map(|(key, value)| (tree.text(key), tree.text(value))).next(), Some(("e", "f")));
        assert_eq!(tree.further(), Some(text.find("---").unwrap()));
        let places = tree.paths([values[0], values[1], items_of(&tree, values[1])[1], values[3]]);
        assert_eq!(places, ["a", "b", "b[1]", "d"]);
        let deep = tree.entries(values[3]).next().unwrap();
        assert_eq!(tree.paths([values[2], deep.1]), ["c", "d.e"]);
        let shown = ["a:b", "a=", "=b", "é\u{3000}b", "a.b/c", ""].map(in_place);
        assert_eq!(shown, ["a:…", "a=", "=…", "é\u{3000}…", "a.b/c", ""]);
    }
}

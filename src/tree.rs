//! A YAML document as a tree of nodes, each with its bytes in the text it was read from.
//!
//! The scan of the marker document builds it on its way, so that the rules of [`crate::sdl`] cost no parse of their own. A node takes
//! 20 bytes; a scalar's text is read from the document where it stands there as it is, and kept apart where it had to be decoded.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::num::NonZeroU32;
use std::ops::Range;

use granit_parser::{Event, Tag};

use crate::scalar::Style;
use crate::yaml;

mod builder;
mod compare;
mod places;

pub use builder::Builder;
pub(crate) use compare::Share;

/// A node of a [`Tree`]. An `Option` of one takes four bytes as well.
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
pub enum Kind {
    /// A scalar, and how it is written.
    Scalar(Style),
    /// A sequence.
    Sequence,
    /// A mapping.
    Mapping,
}

/// The documents of a text. Its nodes are numbered in the order in which they begin.
#[derive(Default)]
pub struct Tree<'d> {
    text: &'d str,
    nodes: Vec<Node>,
    texts: Vec<Cow<'d, str>>,
    tags: HashMap<Id, Tag>,
    marked: Vec<Id>,
    further: Option<usize>,
    documents: usize,
}

impl fmt::Debug for Tree<'_> {
    /// Without its texts, which may be secrets by now.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tree").field("nodes", &self.nodes.len()).finish_non_exhaustive()
    }
}

/// A text that is not YAML.
#[derive(Debug)]
pub struct NotYaml {
    /// Where, in bytes of the text.
    pub offset: usize,
    /// The parser's words, which hold no content.
    pub message: String,
}

const NONE: u32 = u32::MAX;

#[derive(Debug, Clone, Copy)]
struct Node {
    start: u32,
    end: u32,
    /// The next node in the same collection; in a mapping keys and values take turns.
    next: u32,
    /// The first child of a collection, the node an alias stands for, or the index of a scalar's decoded text.
    inner: u32,
    shape: Shape,
    facts: u8,
    share: Share,
}

/// What is true of a node, a bit each; a `bool` each would make a node a fifth larger.
mod fact {
    /// It holds a marker whose value is not known.
    pub(super) const UNKNOWN: u8 = 1;
    /// It holds a marker, known or not.
    pub(super) const FILLED: u8 = 2;
    pub(super) const TAGGED: u8 = 4;
    pub(super) const ANCHORED: u8 = 8;
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
    /// Reads the first document of `text`; like go-yaml it looks at nothing behind it.
    ///
    /// `marked` says of each scalar, by its number, whether it holds a placeholder.
    ///
    /// # Errors
    /// When the first document is not YAML.
    pub fn read(text: &'d str, mut marked: impl FnMut(usize) -> bool) -> Result<Self, NotYaml> {
        let mut builder = Builder::new(text);
        if yaml::read_lines(text, |event, at| builder.event(event, at.range, &mut marked)) {
            return Ok(builder.finish());
        }
        let (mut builder, mut ended) = (Builder::new(text), false);
        for next in yaml::events(text) {
            match next {
                Ok((event, at)) => {
                    ended |= matches!(event, Event::DocumentEnd);
                    builder.event(event, at.range, &mut marked);
                }
                Err(error) => {
                    let offset = error.marker().byte_offset().unwrap_or(0).min(text.len());
                    if !ended {
                        return Err(NotYaml { offset, message: error.info().to_owned() });
                    }
                    builder.tree().further = Some(offset);
                }
            }
            if builder.tree().further.is_some() {
                break;
            }
        }
        Ok(builder.finish())
    }

    /// The root of the document; none when it is empty.
    pub fn root(&self) -> Option<Id> {
        (!self.nodes.is_empty()).then_some(Id::at(0))
    }

    /// How many documents there are.
    pub fn documents(&self) -> usize {
        self.documents
    }

    /// Where a second document begins, in bytes of the text.
    pub fn further(&self) -> Option<usize> {
        self.further
    }

    #[inline]
    fn node(&self, id: Id) -> &Node {
        &self.nodes[id.index()]
    }

    /// The node itself, or the one that an alias stands for.
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

    /// What the node is, an alias being what it stands for.
    #[inline]
    pub fn kind(&self, id: Id) -> Kind {
        match self.node(self.target(id)).shape {
            Shape::Scalar(style) => Kind::Scalar(style),
            Shape::Mapping { .. } => Kind::Mapping,
            // An alias of an alias can't be written.
            Shape::Sequence { .. } | Shape::Alias => Kind::Sequence,
        }
    }

    /// Its bytes in the text; of an alias the alias's own, of a block scalar the content, of a block collection from its first
    /// entry on.
    pub fn range(&self, id: Id) -> Range<usize> {
        let node = self.node(id);
        node.start as usize..node.end as usize
    }

    /// A scalar's text; empty for a collection. A placeholder's marker stands in it unless [`Tree::fill`] has put in a value.
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

    /// What stands in the text for the node: of an alias `*name`.
    pub fn source(&self, id: Id) -> &str {
        &self.text[self.range(id)]
    }

    /// What stands before the root: directives and comments.
    pub fn head(&self) -> &str {
        &self.text[..self.root().map_or(self.text.len(), |root| self.range(root).start.min(self.text.len()))]
    }

    /// Whether a placeholder stands or stood in the scalar: its text may be a secret.
    pub fn is_filled_in(&self, id: Id) -> bool {
        self.node(self.target(id)).is(fact::FILLED)
    }

    /// Whether a placeholder stands in the scalar whose value is not known: any rule on its text is satisfied.
    #[inline]
    pub fn is_unknown(&self, id: Id) -> bool {
        self.node(self.target(id)).is(fact::UNKNOWN)
    }

    /// The text of a plain scalar that stands in the document as it is: no alias, no tag, no placeholder, on one line. Most scalars are
    /// such, and of none of them there is more to know.
    #[inline]
    pub(crate) fn word(&self, id: Id) -> Option<&str> {
        let node = self.node(id);
        let ordinary =
            matches!(node.shape, Shape::Scalar(Style::Plain)) && node.inner == NONE && node.facts & !fact::ANCHORED == 0;
        ordinary.then(|| &self.text[node.start as usize..node.end as usize])
    }

    /// The tag that is written on the node.
    #[inline]
    pub fn tag(&self, id: Id) -> Option<&Tag> {
        let id = self.target(id);
        self.node(id).is(fact::TAGGED).then(|| self.tags.get(&id)).flatten()
    }

    /// The items of a sequence; of anything else none.
    pub fn items(&self, id: Id) -> impl Iterator<Item = Id> {
        let id = self.target(id);
        let is_sequence = matches!(self.node(id).shape, Shape::Sequence { .. });
        self.siblings(if is_sequence { self.node(id).inner } else { NONE })
    }

    /// The keys and values of a mapping, in the order of the text; of anything else none.
    pub fn entries(&self, id: Id) -> impl Iterator<Item = (Id, Id)> {
        let id = self.target(id);
        let is_mapping = matches!(self.node(id).shape, Shape::Mapping { .. });
        let mut nodes = self.siblings(if is_mapping { self.node(id).inner } else { NONE });
        std::iter::from_fn(move || Some((nodes.next()?, nodes.next()?)))
    }

    /// The nodes of a collection one after the other, keys and values alike: go-yaml's `Node.Content`.
    pub fn content(&self, id: Id) -> impl Iterator<Item = Id> {
        let first = self.first(self.target(id)).map_or(NONE, Id::number);
        self.siblings(first)
    }

    fn siblings(&self, first: u32) -> impl Iterator<Item = Id> {
        let id = |at: u32| (at != NONE).then_some(Id::at(at));
        std::iter::successors(id(first), move |at| id(self.node(*at).next))
    }

    /// The scalars with markers, in the order of the text.
    pub fn marked(&self) -> &[Id] {
        &self.marked
    }

    /// Puts `value` in the place of a marked scalar's text: it is known from now on.
    pub fn fill(&mut self, id: Id, value: impl Into<Cow<'d, str>>) {
        let index = self.texts.len() as u32;
        self.texts.push(value.into());
        let node = &mut self.nodes[id.index()];
        (node.inner, node.facts) = (index, node.facts & !fact::UNKNOWN);
    }

    /// Says that the scalar's text stands in quotes by now, so that it is text whatever it looks like.
    pub fn quote(&mut self, id: Id) {
        let node = &mut self.nodes[id.index()];
        if node.shape == Shape::Scalar(Style::Plain) {
            node.shape = Shape::Scalar(Style::Double);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(text: &str) -> Tree<'_> {
        let mut builder = Builder::new(text);
        for next in yaml::events(text) {
            let (event, at) = next.unwrap();
            builder.event(event, at.range, &mut |_| false);
        }
        builder.finish()
    }

    fn items_of(tree: &Tree<'_>, id: Id) -> Vec<Id> {
        tree.items(id).collect()
    }

    #[test]
    fn texts_and_ranges_are_the_document_s() {
        let text = "a: &x 'it''s'\nb: [1, \"t\\n\", *x]\nc: |\n  l\nd: {e: f}\n---\nz\n";
        let tree = tree(text);
        let root = tree.root().unwrap();
        let entries: Vec<(&str, Kind)> = tree.entries(root).map(|(key, value)| (tree.text(key), tree.kind(value))).collect();
        let kinds = [
            ("a", Kind::Scalar(Style::Single)),
            ("b", Kind::Sequence),
            ("c", Kind::Scalar(Style::Literal)),
            ("d", Kind::Mapping),
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
    }
}

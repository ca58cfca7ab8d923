//! A YAML document as a tree of nodes, each with its bytes in the text it was read from.
//!
//! The scan of the marker document builds it on its way, so that the rules of [`crate::sdl`] cost no parse of their own. A node takes
//! 24 bytes; a scalar's text is read from the document where it stands there as it is, and kept apart where it had to be decoded.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use granit_parser::{Event, Parser, Tag};

use crate::scalar::{Style, options};

/// A node of a [`Tree`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(u32);

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

/// The first document of a text.
#[derive(Debug, Default)]
pub struct Tree<'d> {
    text: &'d str,
    nodes: Vec<Node>,
    texts: Vec<Cow<'d, str>>,
    tags: HashMap<Id, Tag>,
    marked: Vec<Id>,
    further: Option<usize>,
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
    /// It holds a marker.
    marked: bool,
    tagged: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Scalar(Style),
    Sequence,
    Mapping,
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
        let (mut ended, mut scalars) = (false, 0);
        for next in Parser::new_from_str_with_options(text, options()) {
            let (event, span) = match next {
                Ok(next) => next,
                Err(error) => {
                    let offset = error.marker().byte_offset().unwrap_or(0).min(text.len());
                    if ended {
                        builder.tree.further = Some(offset);
                        break;
                    }
                    return Err(NotYaml { offset, message: error.info().to_owned() });
                }
            };
            let range = span.byte_range().unwrap_or(0..0);
            match event {
                Event::Scalar(value, style, anchor, tag) => {
                    builder.scalar(value, style.into(), anchor, tag.as_deref(), range, marked(scalars));
                    scalars += 1;
                }
                other => {
                    builder.structure(&other, range);
                    ended |= matches!(other, Event::DocumentEnd);
                }
            }
            if builder.tree.further.is_some() {
                break;
            }
        }
        Ok(builder.finish())
    }

    /// The root of the document; none when it is empty.
    pub fn root(&self) -> Option<Id> {
        (!self.nodes.is_empty()).then_some(Id(0))
    }

    /// Where a second document begins, in bytes of the text.
    pub fn further(&self) -> Option<usize> {
        self.further
    }

    fn node(&self, id: Id) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// The node itself, or the one that an alias stands for.
    pub fn target(&self, id: Id) -> Id {
        match self.node(id) {
            node if node.shape == Shape::Alias => Id(node.inner),
            _ => id,
        }
    }

    /// Whether it is an alias.
    pub fn is_alias(&self, id: Id) -> bool {
        self.node(id).shape == Shape::Alias
    }

    /// What the node is, an alias being what it stands for.
    pub fn kind(&self, id: Id) -> Kind {
        match self.node(self.target(id)).shape {
            Shape::Scalar(style) => Kind::Scalar(style),
            Shape::Mapping => Kind::Mapping,
            // An alias of an alias can't be written.
            Shape::Sequence | Shape::Alias => Kind::Sequence,
        }
    }

    /// Its bytes in the text; of an alias the alias's own, of a block scalar the content, of a block collection from its first
    /// entry on (the end may lie behind blank lines).
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
        self.marked.binary_search(&self.target(id)).is_ok()
    }

    /// Whether a placeholder stands in the scalar whose value is not known: any rule on its text is satisfied.
    pub fn is_unknown(&self, id: Id) -> bool {
        self.node(self.target(id)).marked
    }

    /// The tag that is written on the node.
    pub fn tag(&self, id: Id) -> Option<&Tag> {
        let id = self.target(id);
        self.node(id).tagged.then(|| self.tags.get(&id)).flatten()
    }

    /// The items of a sequence; of anything else none.
    pub fn items(&self, id: Id) -> impl Iterator<Item = Id> {
        let id = self.target(id);
        let first = if self.node(id).shape == Shape::Sequence { self.node(id).inner } else { NONE };
        self.siblings(first)
    }

    /// The keys and values of a mapping, in the order of the text; of anything else none.
    pub fn entries(&self, id: Id) -> impl Iterator<Item = (Id, Id)> {
        let id = self.target(id);
        let first = if self.node(id).shape == Shape::Mapping { self.node(id).inner } else { NONE };
        let mut nodes = self.siblings(first);
        std::iter::from_fn(move || Some((nodes.next()?, nodes.next()?)))
    }

    /// The nodes of a collection one after the other, keys and values alike: go-yaml's `Node.Content`.
    pub fn content(&self, id: Id) -> impl Iterator<Item = Id> {
        let node = self.node(self.target(id));
        let first = if matches!(node.shape, Shape::Sequence | Shape::Mapping) { node.inner } else { NONE };
        self.siblings(first)
    }

    fn siblings(&self, first: u32) -> impl Iterator<Item = Id> {
        let id = |at: u32| (at != NONE).then_some(Id(at));
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
        let node = &mut self.nodes[id.0 as usize];
        (node.inner, node.marked) = (index, false);
    }
}

/// Builds a [`Tree`] from a parser's events.
#[derive(Debug, Default)]
pub struct Builder<'d> {
    tree: Tree<'d>,
    /// The open collections, each with its last child so far.
    open: Vec<(u32, u32)>,
    anchors: HashMap<usize, u32>,
    documents: usize,
}

impl<'d> Builder<'d> {
    /// A builder for events of `text`, which is shorter than 4 GiB.
    pub fn new(text: &'d str) -> Self {
        Self { tree: Tree { text, ..Tree::default() }, ..Self::default() }
    }

    /// Takes an event that is not a scalar; `range` is its bytes in the text.
    pub fn structure(&mut self, event: &Event<'_>, range: Range<usize>) {
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents == 2 {
                    self.tree.further = Some(range.start);
                }
            }
            Event::SequenceStart(_, anchor, _) => self.enter(Shape::Sequence, *anchor, event.tag(), range),
            Event::MappingStart(_, anchor, _) => self.enter(Shape::Mapping, *anchor, event.tag(), range),
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some((id, _)) = self.open.pop() {
                    self.tree.nodes[id as usize].end = range.end as u32;
                }
            }
            Event::Alias(anchor) => {
                let target = self.anchors.get(anchor).copied().unwrap_or(0);
                self.add(Shape::Alias, target, 0, None, range);
            }
            _ => {}
        }
    }

    /// Takes a scalar. `marked` when it holds a marker.
    pub fn scalar(
        &mut self,
        value: Cow<'d, str>,
        style: Style,
        anchor: usize,
        tag: Option<&Tag>,
        range: Range<usize>,
        marked: bool,
    ) {
        if self.documents > 1 {
            return;
        }
        let stands = match (&value, style) {
            (Cow::Borrowed(value), Style::Plain) => value.len() == range.len(),
            (Cow::Borrowed(value), Style::Single | Style::Double) => value.len() + 2 == range.len(),
            _ => false,
        };
        let inner = if stands { NONE } else { self.tree.texts.len() as u32 };
        if !stands {
            self.tree.texts.push(value);
        }
        let id = self.add(Shape::Scalar(style), inner, anchor, tag, range);
        if marked {
            self.tree.nodes[id as usize].marked = true;
            self.tree.marked.push(Id(id));
        }
    }

    fn enter(&mut self, shape: Shape, anchor: usize, tag: Option<&Tag>, range: Range<usize>) {
        if self.documents > 1 {
            return;
        }
        let id = self.add(shape, NONE, anchor, tag, range);
        self.open.push((id, NONE));
    }

    fn add(&mut self, shape: Shape, inner: u32, anchor: usize, tag: Option<&Tag>, range: Range<usize>) -> u32 {
        let id = self.tree.nodes.len() as u32;
        if self.documents > 1 {
            return id;
        }
        let (start, end) = (range.start as u32, range.end as u32);
        self.tree.nodes.push(Node { start, end, next: NONE, inner, shape, marked: false, tagged: tag.is_some() });
        if let Some(tag) = tag {
            self.tree.tags.insert(Id(id), tag.clone());
        }
        if anchor != 0 {
            self.anchors.insert(anchor, id);
        }
        if let Some((parent, last)) = self.open.last_mut() {
            match *last {
                NONE => self.tree.nodes[*parent as usize].inner = id,
                last => self.tree.nodes[last as usize].next = id,
            }
            *last = id;
        }
        id
    }

    /// The tree.
    pub fn finish(self) -> Tree<'d> {
        self.tree
    }
}

#[cfg(test)]
mod tests {
    use granit_parser::Parser;

    use super::*;
    use crate::scalar::options;

    fn tree(text: &str) -> Tree<'_> {
        let mut builder = Builder::new(text);
        for next in Parser::new_from_str_with_options(text, options()) {
            let (event, span) = next.unwrap();
            let range = span.byte_range().unwrap_or(0..0);
            match event {
                Event::Scalar(value, style, anchor, tag) => {
                    builder.scalar(value, style.into(), anchor, tag.as_deref(), range, false);
                }
                other => builder.structure(&other, range),
            }
        }
        builder.finish()
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
    }
}

//! A YAML document as a tree of nodes, each with its bytes in the text it was read from.
//!
//! The scan of the marker document builds it on its way, so that the rules of [`crate::sdl`] cost no parse of their own. A node takes
//! 24 bytes; a scalar's text is read from the document where it stands there as it is, and kept apart where it had to be decoded.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::ops::Range;

use granit_parser::{Event, Parser, StructureStyle, Tag};

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

/// The documents of a text. Its nodes are numbered in the order in which they begin.
#[derive(Debug, Default)]
pub struct Tree<'d> {
    text: &'d str,
    nodes: Vec<Node>,
    texts: Vec<Cow<'d, str>>,
    tags: HashMap<Id, Tag>,
    marked: Vec<Id>,
    further: Option<usize>,
    documents: usize,
}

/// What a proof reads of a node again: see [`crate::scalar::Cut`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Share {
    /// Nothing.
    Left,
    /// Some of what is below it.
    Part,
    /// All of it.
    Whole,
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
    anchored: bool,
    share: Share,
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

    /// How many documents there are.
    pub fn documents(&self) -> usize {
        self.documents
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
        let first = self.first(self.target(id)).map_or(NONE, |first| first.0);
        self.siblings(first)
    }

    fn siblings(&self, first: u32) -> impl Iterator<Item = Id> {
        let id = |at: u32| (at != NONE).then_some(Id(at));
        std::iter::successors(id(first), move |at| id(self.node(*at).next))
    }

    /// The places of `ids`, which stand in the order of the text: `services.web.env[0]`. A key's place is its entry's.
    ///
    /// As nodes are numbered in the order of the text, a node is below the last sibling that is not numbered higher.
    pub fn paths(&self, ids: impl IntoIterator<Item = Id>) -> Vec<String> {
        let mut levels: Vec<Level> = Vec::new();
        let mut way = |id: Id| {
            levels.retain(|level| level.limit > id);
            if levels.is_empty() {
                levels.push(Level { at: Id(0), number: 0, key: None, mapping: false, limit: Id(NONE) });
            }
            while let Some(level) = levels.last_mut() {
                while let Some(next) = self.next(level.at).filter(|next| *next <= id) {
                    (level.at, level.number) = (next, level.number + 1);
                    if level.mapping && level.number.is_multiple_of(2) {
                        level.key = Some(next);
                    }
                }
                let (at, limit) = (level.at, self.next(level.at).unwrap_or(level.limit));
                let Some(first) = self.first(at).filter(|_| at != id) else { break };
                let mapping = self.kind(at) == Kind::Mapping;
                levels.push(Level { at: first, number: 0, key: mapping.then_some(first), mapping, limit });
            }
            let mut path = String::new();
            for level in levels.iter().skip(1) {
                match level.key {
                    Some(key) => {
                        let dot = if path.is_empty() { "" } else { "." };
                        let text = if matches!(self.kind(key), Kind::Scalar(_)) { self.text(key) } else { "?" };
                        // Writing to a String can't fail.
                        let _ = write!(path, "{dot}{text}");
                    }
                    None => _ = write!(path, "[{}]", level.number),
                }
            }
            path
        };
        ids.into_iter().map(&mut way).collect()
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

    /// Says that the scalar's text stands in quotes by now, so that it is text whatever it looks like.
    pub fn quote(&mut self, id: Id) {
        let node = &mut self.nodes[id.0 as usize];
        if node.shape == Shape::Scalar(Style::Plain) {
            node.shape = Shape::Scalar(Style::Double);
        }
    }
}

/// What a proof compares a second parser's events with.
impl Tree<'_> {
    /// How much of the node is read again.
    pub(crate) fn share(&self, id: Id) -> Share {
        self.node(id).share
    }

    /// Says how much of the node is read again.
    pub(crate) fn set_share(&mut self, id: Id, share: Share) {
        self.nodes[id.0 as usize].share = share;
    }

    /// Whether the node is a scalar in this style with this text.
    pub(crate) fn is_scalar(&self, id: Id, text: &str, style: Style, anchored: bool, tag: Option<&Tag>) -> bool {
        self.node(id).shape == Shape::Scalar(style) && self.text(id) == text && self.is_decorated(id, anchored, tag)
    }

    /// Whether the node is a sequence or mapping as `event` begins one.
    pub(crate) fn is_collection(&self, id: Id, event: &Event<'_>) -> bool {
        let anchored = event.anchor_id().is_some_and(|anchor| anchor != 0);
        Shape::of(event) == Some(self.node(id).shape) && self.is_decorated(id, anchored, event.tag())
    }

    /// Whether the node is a block sequence or mapping as `event` begins one; anchor and tag aside.
    pub(crate) fn is_block(&self, id: Id, event: &Event<'_>) -> bool {
        let shape = Shape::of(event);
        let block = matches!(shape, Some(Shape::Sequence { flow: false } | Shape::Mapping { flow: false }));
        block && shape == Some(self.node(id).shape)
    }

    /// Whether the node is a mapping in block style.
    pub(crate) fn is_block_mapping(&self, id: Id) -> bool {
        self.node(id).shape == Shape::Mapping { flow: false }
    }

    /// Whether the node has this tag, and an anchor or not.
    pub(crate) fn is_decorated(&self, id: Id, anchored: bool, tag: Option<&Tag>) -> bool {
        let own = self.node(id);
        let tagged = if own.tagged { self.tags.get(&id) } else { None };
        own.anchored == anchored && tagged.map(Tag::parts) == tag.map(Tag::parts)
    }

    /// The first child of a collection.
    pub(crate) fn first(&self, id: Id) -> Option<Id> {
        let node = self.node(id);
        (matches!(node.shape, Shape::Sequence { .. } | Shape::Mapping { .. }) && node.inner != NONE).then_some(Id(node.inner))
    }

    /// The node behind it in the same collection, or the next document's root.
    pub(crate) fn next(&self, id: Id) -> Option<Id> {
        let next = self.node(id).next;
        (next != NONE).then_some(Id(next))
    }
}

/// What joins the trees of two halves.
impl<'d> Tree<'d> {
    /// How many nodes there are.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// The key of the mapping `parent` whose value is `value`.
    pub(crate) fn key_of(&self, parent: Id, value: Id) -> Option<Id> {
        self.entries(parent).find(|(_, other)| *other == value).map(|(key, _)| key)
    }

    /// Appends `other`, which was read from `read`, a text that holds a part of `text`: its offsets become `moved(offset)`. The entries of
    /// its root mapping go on in `mapping`; with `inner`, those of its root's first value do, and the rest of its root's in this root.
    pub(crate) fn append(
        &mut self,
        mut other: Tree<'_>,
        text: &'d str,
        read: &str,
        mapping: Id,
        inner: bool,
        moved: &impl Fn(usize) -> usize,
    ) {
        let skipped = if inner { 3 } else { 1 };
        let (delta, texts) = ((self.nodes.len() - skipped) as u32, self.texts.len() as u32);
        let link = |id: u32| if id == NONE { NONE } else { id + delta };
        // The root mapping and, in it, the first key and the mapping that goes on.
        let going_on = Id(skipped as u32 - 1);
        let (first, behind) = (other.first(going_on), other.next(going_on));
        self.hang(mapping, first.map(|id| Id(id.0 + delta)));
        if inner && let Some(root) = self.root() {
            self.hang(root, behind.map(|id| Id(id.0 + delta)));
        }
        self.text = text;
        self.nodes.extend(other.nodes[skipped..].iter().map(|node| Node {
            start: moved(node.start as usize) as u32,
            end: moved(node.end as usize) as u32,
            next: link(node.next),
            inner: match node.shape {
                Shape::Scalar(_) if node.inner != NONE => node.inner + texts,
                Shape::Scalar(_) => NONE,
                _ => link(node.inner),
            },
            ..*node
        }));
        let (from, to) = (read.as_ptr() as usize, read.as_ptr() as usize + read.len());
        let read_texts = std::mem::take(&mut other.texts);
        self.texts.extend(read_texts.into_iter().map(|part| match part {
            Cow::Borrowed(part) if (from..to).contains(&(part.as_ptr() as usize)) => {
                let start = moved(part.as_ptr() as usize - from);
                Cow::Borrowed(&text[start..start + part.len()])
            }
            other => Cow::Owned(other.into_owned()),
        }));
        self.marked.extend(other.marked.iter().copied().map(|id| Id(id.0 + delta)));
        self.nodes[mapping.0 as usize].end = moved(other.range(going_on).end) as u32;
        if let (Some(root), Some(read)) = (self.root(), other.root()) {
            self.nodes[root.0 as usize].end = moved(other.range(read).end) as u32;
        }
    }

    /// Makes `first` and what is linked behind it the last children of `parent`.
    fn hang(&mut self, parent: Id, first: Option<Id>) {
        let Some(first) = first else { return };
        let mut at = self.first(parent);
        while let Some(next) = at.and_then(|at| self.next(at)) {
            at = Some(next);
        }
        match at {
            Some(last) => self.nodes[last.0 as usize].next = first.0,
            None => self.nodes[parent.0 as usize].inner = first.0,
        }
    }
}

impl Id {
    /// The node of another tree that was appended behind `nodes` more.
    pub(crate) fn moved(self, nodes: usize) -> Self {
        Self(self.0 + nodes as u32)
    }
}

/// A collection on the way to a node.
struct Level {
    /// The child that the way goes through.
    at: Id,
    number: usize,
    /// The last key that was passed, in a mapping.
    key: Option<Id>,
    mapping: bool,
    /// The number of the first node behind the collection.
    limit: Id,
}

/// Builds a [`Tree`] from a parser's events.
#[derive(Debug)]
pub struct Builder<'d> {
    tree: Tree<'d>,
    /// The open collections, each with its last child so far.
    open: Vec<(u32, u32)>,
    anchors: HashMap<usize, u32>,
    last_root: u32,
}

impl Shape {
    /// The shape of the collection that `event` begins.
    fn of(event: &Event<'_>) -> Option<Self> {
        match event {
            Event::SequenceStart(style, ..) => Some(Self::Sequence { flow: *style == StructureStyle::Flow }),
            Event::MappingStart(style, ..) => Some(Self::Mapping { flow: *style == StructureStyle::Flow }),
            _ => None,
        }
    }
}

impl<'d> Builder<'d> {
    /// A builder for events of `text`, which is shorter than 4 GiB.
    pub fn new(text: &'d str) -> Self {
        Self::with_room(text, text)
    }

    /// A builder with room for all of `whole`, of which `text` is a part.
    pub(crate) fn with_room(text: &'d str, whole: &str) -> Self {
        // Most lines hold a key and a value, or an item; what is reserved too much is never touched.
        let lines = memchr::memchr_iter(b'\n', whole.as_bytes()).count();
        let tree = Tree { text, nodes: Vec::with_capacity(lines * 5 / 2 + 8), ..Tree::default() };
        Self { tree, open: Vec::new(), anchors: HashMap::new(), last_root: NONE }
    }

    /// Takes an event that is not a scalar; `range` is its bytes in the text. Gives the node that began.
    pub fn structure(&mut self, event: &Event<'_>, range: Range<usize>) -> Option<Id> {
        match event {
            Event::DocumentStart(..) => {
                self.tree.documents += 1;
                if self.tree.documents == 2 {
                    self.tree.further = Some(range.start);
                }
                None
            }
            Event::SequenceStart(_, anchor, _) | Event::MappingStart(_, anchor, _) => {
                let id = self.add(Shape::of(event)?, NONE, *anchor, event.tag(), range);
                self.open.push((id, NONE));
                Some(Id(id))
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some((id, last)) = self.open.pop() {
                    // The parser ends a block collection where something else begins; here it ends with its last child.
                    let flow = matches!(
                        self.tree.nodes[id as usize].shape,
                        Shape::Sequence { flow: true } | Shape::Mapping { flow: true }
                    );
                    let end = if flow || last == NONE { range.end as u32 } else { self.tree.nodes[last as usize].end };
                    self.tree.nodes[id as usize].end = end;
                }
                None
            }
            Event::Alias(anchor) => {
                let target = self.anchors.get(anchor).copied().unwrap_or(0);
                Some(Id(self.add(Shape::Alias, target, 0, None, range)))
            }
            _ => None,
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
    ) -> Id {
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
        Id(id)
    }

    fn add(&mut self, shape: Shape, inner: u32, anchor: usize, tag: Option<&Tag>, range: Range<usize>) -> u32 {
        let id = self.tree.nodes.len() as u32;
        let (start, end) = (range.start as u32, range.end as u32);
        let (tagged, anchored) = (tag.is_some(), anchor != 0);
        self.tree.nodes.push(Node { start, end, next: NONE, inner, shape, marked: false, tagged, anchored, share: Share::Left });
        if let Some(tag) = tag {
            self.tree.tags.insert(Id(id), tag.clone());
        }
        if anchored {
            self.anchors.insert(anchor, id);
        }
        let last = match self.open.last_mut() {
            Some((parent, last)) => {
                if *last == NONE {
                    self.tree.nodes[*parent as usize].inner = id;
                }
                last
            }
            None => &mut self.last_root,
        };
        if *last != NONE {
            self.tree.nodes[*last as usize].next = id;
        }
        *last = id;
        id
    }

    /// The tree so far.
    pub(crate) fn tree(&mut self) -> &mut Tree<'d> {
        &mut self.tree
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
                    _ = builder.scalar(value, style.into(), anchor, tag.as_deref(), range, false);
                }
                other => _ = builder.structure(&other, range),
            }
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

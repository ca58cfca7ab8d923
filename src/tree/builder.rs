//! Builds a tree from a parser's events.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use granit_parser::{Event, StructureStyle, Tag};

use super::{Id, NONE, Node, Shape, Share, Tree, fact};
use crate::scalar::Style;

/// Builds a [`Tree`] from a parser's events.
#[derive(Debug)]
pub struct Builder<'d> {
    tree: Tree<'d>,
    /// The open collections, each with its last child so far.
    open: Vec<(u32, u32)>,
    anchors: HashMap<usize, u32>,
    last_root: u32,
    scalars: usize,
}

impl Shape {
    /// The shape of the collection that `event` begins.
    pub(super) fn of(event: &Event<'_>) -> Option<Self> {
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
        // Most lines hold a key and a value, or an item; what is reserved too much is never touched.
        let lines = memchr::memchr_iter(b'\n', text.as_bytes()).count();
        let tree = Tree { text, nodes: Vec::with_capacity(lines * 5 / 2 + 8), ..Tree::default() };
        Self { tree, open: Vec::new(), anchors: HashMap::new(), last_root: NONE, scalars: 0 }
    }

    /// Takes any event; `marked` says of a scalar, by its number, whether it holds a marker.
    pub(super) fn event(&mut self, event: Event<'d>, range: Range<usize>, marked: &mut dyn FnMut(usize) -> bool) {
        match event {
            Event::Scalar(value, style, anchor, tag) => {
                let marked = marked(self.scalars);
                self.scalars += 1;
                self.scalar(value, style.into(), anchor, tag.as_deref(), range, marked);
            }
            other => _ = self.structure(&other, range),
        }
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
                Some(Id::at(id))
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
                Some(Id::at(self.add(Shape::Alias, target, 0, None, range)))
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
            self.tree.nodes[id as usize].facts |= fact::UNKNOWN | fact::FILLED;
            self.tree.marked.push(Id::at(id));
        }
        Id::at(id)
    }

    fn add(&mut self, shape: Shape, inner: u32, anchor: usize, tag: Option<&Tag>, range: Range<usize>) -> u32 {
        let id = self.tree.nodes.len() as u32;
        let (start, end) = (range.start as u32, range.end as u32);
        let anchored = anchor != 0;
        let facts = if tag.is_some() { fact::TAGGED } else { 0 } | if anchored { fact::ANCHORED } else { 0 };
        self.tree.nodes.push(Node { start, end, next: NONE, inner, shape, facts, share: Share::Left });
        if let Some(tag) = tag {
            self.tree.tags.insert(Id::at(id), tag.clone());
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

//! Builds a tree from a parser's events.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use super::{Id, NONE, Node, Shape, Tree, fact};
use crate::{At, Event, Extent, Properties, Sink, Style};

/// Builds a [`Tree`] from a parser's events.
pub struct Builder<'d> {
    tree: Tree<'d>,
    /// The open collections, each with its last child so far.
    open: Vec<(u32, u32)>,
    anchors: HashMap<usize, u32>,
    last_root: u32,
}

impl<'d> Sink<'d> for Builder<'d> {
    fn start(&mut self) {
        let text = self.tree.text;
        *self = Self::new(text);
    }

    fn event(&mut self, event: Event<'d>, at: At) {
        match event {
            Event::Scalar { value, style, properties } => _ = self.scalar(value, style, &properties, at.range, false),
            other => _ = self.structure(&other, at.range),
        }
    }
}

impl<'d> Builder<'d> {
    /// A builder for events of `text`, which is shorter than 4 GiB.
    pub fn new(text: &'d str) -> Self {
        // Most lines hold a key and a value, or an item. Memory that is reserved but not used is never touched.
        let lines = memchr::memchr_iter(b'\n', text.as_bytes()).count();
        let tree = Tree { text, nodes: Vec::with_capacity(lines * 5 / 2 + 8), ..Tree::default() };
        Self { tree, open: Vec::new(), anchors: HashMap::new(), last_root: NONE }
    }

    /// Adds an event that is not a scalar; `range` is its bytes in the text. Returns the node that begins with it.
    pub fn structure(&mut self, event: &Event<'_>, range: Range<usize>) -> Option<Id> {
        match event {
            Event::Start { mapping, flow, properties } => {
                let shape = if *mapping { Shape::Mapping { flow: *flow } } else { Shape::Sequence { flow: *flow } };
                let id = self.add(shape, NONE, properties, range);
                self.open.push((id, NONE));
                Some(Id::at(id))
            }
            Event::End => {
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
                Some(Id::at(self.add(Shape::Alias, target, &Properties::default(), range)))
            }
            Event::Scalar { .. } | Event::Anchor(_) => None,
        }
    }

    /// Adds a scalar; `marked` if it holds a marker.
    pub fn scalar(
        &mut self,
        value: Cow<'d, str>,
        style: Style,
        properties: &Properties,
        range: Range<usize>,
        marked: bool,
    ) -> Id {
        let as_written = match (&value, style) {
            (Cow::Borrowed(value), Style::Plain) => value.len() == range.len(),
            (Cow::Borrowed(value), Style::Single | Style::Double) => value.len() + 2 == range.len(),
            _ => false,
        };
        let inner = if as_written { NONE } else { self.tree.texts.len() as u32 };
        if !as_written {
            self.tree.texts.push(value);
        }
        let id = self.add(Shape::Scalar(style), inner, properties, range);
        if marked {
            self.tree.nodes[id as usize].facts |= fact::MARKED;
        }
        Id::at(id)
    }

    fn add(&mut self, shape: Shape, inner: u32, properties: &Properties, range: Range<usize>) -> u32 {
        let id = self.tree.nodes.len() as u32;
        let (start, end) = (range.start as u32, range.end as u32);
        let anchored = properties.anchor != 0;
        let facts = if properties.tag.is_some() { fact::TAGGED } else { 0 } | if anchored { fact::ANCHORED } else { 0 };
        self.tree.nodes.push(Node { start, end, next: NONE, inner, shape, facts });
        if let Some(tag) = &properties.tag {
            self.tree.tags.insert(Id::at(id), tag.clone());
        }
        if anchored {
            self.anchors.insert(properties.anchor, id);
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

    /// The tree of a text whose first document has this extent.
    pub fn finish(mut self, extent: Extent) -> Tree<'d> {
        self.tree.further = extent.further;
        self.tree
    }
}

//! What a proof compares a second parser's events with.

use granit_parser::{Event, Tag};

use super::{Id, NONE, Shape, Tree, fact};
use crate::scalar::Style;

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

impl Tree<'_> {
    /// How much of the node is read again.
    pub(crate) fn share(&self, id: Id) -> Share {
        self.node(id).share
    }

    /// Says how much of the node is read again.
    pub(crate) fn set_share(&mut self, id: Id, share: Share) {
        self.nodes[id.index()].share = share;
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

    /// Whether the node has this tag, and an anchor or not.
    pub(crate) fn is_decorated(&self, id: Id, anchored: bool, tag: Option<&Tag>) -> bool {
        let own = self.node(id);
        let tagged = if own.is(fact::TAGGED) { self.tags.get(&id) } else { None };
        own.is(fact::ANCHORED) == anchored && tagged.map(Tag::parts) == tag.map(Tag::parts)
    }

    /// The first child of a collection.
    pub(crate) fn first(&self, id: Id) -> Option<Id> {
        let node = self.node(id);
        (matches!(node.shape, Shape::Sequence { .. } | Shape::Mapping { .. }) && node.inner != NONE).then_some(Id::at(node.inner))
    }

    /// The node behind it in the same collection, or the next document's root.
    pub(crate) fn next(&self, id: Id) -> Option<Id> {
        let next = self.node(id).next;
        (next != NONE).then_some(Id::at(next))
    }
}

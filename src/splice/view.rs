//! A filled document as a tree: the marker document's tree, with values in place of markers where they are known.

use std::ops::Deref;

use super::{Expected, Filled};
use crate::scalar::Layout;
use crate::yaml::Style;
use crate::yaml::tree::{Id, NodeKind, Tree};

/// What the rules read: a tree, and the values of its marked scalars where they are known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'v> {
    tree: &'v Tree<'v>,
    filled: Option<(&'v Filled, bool)>,
}

impl<'v> View<'v> {
    /// A document without values: every scalar with a marker is unknown.
    pub(crate) fn of(tree: &'v Tree<'v>) -> Self {
        Self { tree, filled: None }
    }

    /// `filled`, which has this layout. Its secrets count as known only with `secrets`, because masks are not values.
    pub(crate) fn new(layout: &'v Layout<'v>, filled: &'v Filled, secrets: bool) -> Self {
        Self { tree: &layout.tree, filled: Some((filled, secrets)) }
    }

    /// [`View::new`] for a tree that does not come from a template.
    #[cfg(test)]
    pub(crate) fn filled(tree: &'v Tree<'v>, filled: &'v Filled) -> Self {
        Self { tree, filled: Some((filled, true)) }
    }

    /// What a rewritten scalar holds, if that is known.
    fn known(&self, id: Id) -> Option<&'v Expected> {
        let (filled, secrets) = self.filled?;
        // An alias may have been replaced itself.
        let target = filled.target(id).or_else(|| filled.target(self.tree.target(id)))?;
        (!target.unknown && (secrets || !target.secret)).then_some(target)
    }

    /// Whether the node may have been rewritten.
    #[inline]
    fn is_rewritten(&self, id: Id) -> bool {
        self.tree.is_marked(id) || self.filled.is_some_and(|(filled, _)| filled.has_replacements())
    }

    /// As [`Tree::kind`]; a plain scalar counts as quoted if its value had to be.
    #[inline]
    pub(crate) fn kind(&self, id: Id) -> NodeKind {
        let kind = self.tree.kind(id);
        let quoted =
            kind == NodeKind::Scalar(Style::Plain) && self.is_rewritten(id) && self.known(id).is_some_and(|target| !target.plain);
        if quoted { NodeKind::Scalar(Style::Double) } else { kind }
    }

    /// As [`Tree::text`], with the scalar's value if that is known.
    #[inline]
    pub(crate) fn text(&self, id: Id) -> &'v str {
        let known = if self.is_rewritten(id) { self.known(id) } else { None };
        known.map_or_else(|| self.tree.text(id), |target| &target.value)
    }

    /// Whether the scalar was written with a placeholder: its text may be a secret.
    #[inline]
    pub(crate) fn is_filled_in(&self, id: Id) -> bool {
        self.tree.is_marked(id)
    }

    /// Whether the scalar contains a secret, masked or not.
    pub(crate) fn holds_secret(&self, id: Id) -> bool {
        self.filled.and_then(|(filled, _)| filled.target(self.tree.target(id))).is_some_and(|target| target.secret)
    }

    /// Whether the scalar holds a placeholder whose value is not known: it satisfies every rule on its text.
    #[inline]
    pub(crate) fn is_unknown(&self, id: Id) -> bool {
        self.tree.is_marked(id) && self.known(id).is_none()
    }
}

impl<'v> Deref for View<'v> {
    type Target = Tree<'v>;

    fn deref(&self) -> &Tree<'v> {
        self.tree
    }
}

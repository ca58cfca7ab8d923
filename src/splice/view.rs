//! A filled document as a tree: the marker document's, with the values that are known in place of its markers.

use std::ops::Deref;

use super::{Filled, Target};
use crate::scalar::Layout;
use crate::yaml::Style;
use crate::yaml::tree::{Id, Kind, Tree};

/// What the rules read: a tree, and the values of its marked scalars where these are known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'v> {
    tree: &'v Tree<'v>,
    filled: Option<(&'v Filled, bool)>,
}

impl<'v> View<'v> {
    /// A document without values: what holds a marker is unknown.
    pub(crate) fn of(tree: &'v Tree<'v>) -> Self {
        Self { tree, filled: None }
    }

    /// `filled`, whose layout this is. Its secrets are known only with `secrets`: masks are not values.
    pub(crate) fn new(layout: &'v Layout<'v>, filled: &'v Filled, secrets: bool) -> Self {
        Self { tree: &layout.tree, filled: Some((filled, secrets)) }
    }

    /// [`View::new`] of a tree that no template was behind.
    #[cfg(test)]
    pub(crate) fn filled(tree: &'v Tree<'v>, filled: &'v Filled) -> Self {
        Self { tree, filled: Some((filled, true)) }
    }

    /// What a scalar that was rewritten holds, where that is known.
    fn known(&self, id: Id) -> Option<&'v Target> {
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

    /// As [`Tree::kind`]; a scalar that was plain is quoted where its value made that necessary.
    #[inline]
    pub(crate) fn kind(&self, id: Id) -> Kind {
        let kind = self.tree.kind(id);
        let quoted =
            kind == Kind::Scalar(Style::Plain) && self.is_rewritten(id) && self.known(id).is_some_and(|target| !target.plain);
        if quoted { Kind::Scalar(Style::Double) } else { kind }
    }

    /// As [`Tree::text`], with the scalar's value where that is known.
    #[inline]
    pub(crate) fn text(&self, id: Id) -> &'v str {
        let known = if self.is_rewritten(id) { self.known(id) } else { None };
        known.map_or_else(|| self.tree.text(id), |target| &target.value)
    }

    /// Whether a placeholder was written in the scalar: its text may be a secret.
    #[inline]
    pub(crate) fn is_filled_in(&self, id: Id) -> bool {
        self.tree.is_marked(id)
    }

    /// Whether a secret, be it masked, is in the scalar.
    pub(crate) fn holds_secret(&self, id: Id) -> bool {
        self.filled.and_then(|(filled, _)| filled.target(self.tree.target(id))).is_some_and(|target| target.secret)
    }

    /// Whether the scalar holds a placeholder whose value is not known: any rule on its text is satisfied.
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

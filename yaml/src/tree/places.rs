//! The places of nodes: `services.web.env[0]`.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::{Id, NONE, NodeKind, Tree};

/// A collection on the path to a node.
struct OpenParent {
    /// The child on the path.
    at: Id,
    number: usize,
    /// In a mapping, the last key before the path's child.
    key: Option<Id>,
    mapping: bool,
    /// The number of the first node after the collection.
    limit: Id,
}

/// What a place has of a key: all of it up to a colon, an equals sign or white space, and `…` for what follows. Where YAML wants a blank and
/// there is none, as in `{password:x}`, a key has a value in it, and a place is shown to anybody.
pub fn in_place(key: &str) -> Cow<'_, str> {
    let is_end = |c: char| matches!(c, ':' | '=') || c.is_whitespace();
    match key.split_inclusive(is_end).next() {
        Some(start) if start.len() < key.len() => format!("{start}…").into(),
        _ => key.into(),
    }
}

impl Tree<'_> {
    /// Whether the node is in a flow collection.
    pub fn is_in_flow(&self, id: Id) -> bool {
        let mut at = self.root();
        while let Some(around) = at.filter(|around| *around != id) {
            if self.is_flow(around) {
                return true;
            }
            // The last child that does not begin after the node.
            at = self.content(around).take_while(|child| *child <= id).last();
        }
        false
    }

    /// Whether there is any alias.
    pub fn has_aliases(&self) -> bool {
        (0..self.nodes.len() as u32).any(|id| self.is_alias(Id::at(id)))
    }

    /// The aliases of the node, and of collections that it is in.
    pub fn aliases_of(&self, id: Id) -> impl Iterator<Item = Id> {
        let end = self.range(id).end;
        let holds = move |target: Id| target <= id && self.range(target).end >= end;
        let aliases = (0..self.nodes.len() as u32).map(Id::at).filter(|alias| self.is_alias(*alias));
        aliases.filter(move |alias| holds(self.target(*alias)))
    }

    /// The place of a node, as in [`Tree::paths`].
    pub fn path(&self, id: Id) -> String {
        self.paths([id]).pop().unwrap_or_default()
    }

    /// The places of `ids`, which are in the order of the text: `services.web.env[0]`. A key has the place of its entry, in
    /// which it is written as [`in_place`] has it.
    ///
    /// Nodes are numbered in the order of the text, so a node is below the last sibling whose number is not higher.
    pub fn paths(&self, ids: impl IntoIterator<Item = Id>) -> Vec<String> {
        let mut levels: Vec<OpenParent> = Vec::new();
        let mut way = |id: Id| {
            levels.retain(|level| level.limit > id);
            if levels.is_empty() {
                levels.push(OpenParent { at: Id::at(0), number: 0, key: None, mapping: false, limit: Id::at(NONE) });
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
                let mapping = self.kind(at) == NodeKind::Mapping;
                levels.push(OpenParent { at: first, number: 0, key: mapping.then_some(first), mapping, limit });
            }
            let mut path = String::new();
            for level in levels.iter().skip(1) {
                match level.key {
                    Some(key) => {
                        let dot = if path.is_empty() { "" } else { "." };
                        let text =
                            if matches!(self.kind(key), NodeKind::Scalar(_)) { in_place(self.text(key)) } else { "?".into() };
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
}

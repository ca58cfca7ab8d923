//! Decodes a tree the way go-yaml v3 decodes nodes into Go's types, and reports what it refuses.
//!
//! Whatever can't be read, and whatever is still a placeholder, becomes *unknown*: every rule accepts it, so that one mistake is
//! reported once and `check` needs no value. Facts about go-yaml are from `decode.go` of v3.0.1.

use crate::finding::Rule;
use crate::splice::View;
use crate::yaml::tree::{Id, NodeKind};

use super::reporter::{Reporter, Step};

mod alias;
mod entries;
pub(crate) mod node;
pub(crate) mod quantity;
mod scalar;
mod texts;
mod value;

pub(crate) use scalar::Want;
pub(crate) use texts::DecodedTexts;
pub(crate) use value::Written;
pub(crate) use value::{Decoded, Field, Fields, Items, Map, Mapping};

/// What Akash's JSON schema says of a null, which its Go parser takes for a missing value everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Null {
    /// It is allowed, or another rule covers it.
    Fine,
    /// Console refuses it.
    Warn,
}

/// A key with its node.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Key<'t> {
    pub(crate) name: &'t str,
    pub(crate) id: Id,
}

/// The decoder: one walk over the tree.
pub(crate) struct Decoder<'t> {
    pub(crate) tree: &'t View<'t>,
    pub(crate) report: Reporter<'t>,
    texts: &'t DecodedTexts,
    /// Vectors of entries, to be used again.
    pool: Vec<Vec<(Key<'t>, Id)>>,
    /// How many nodes were read, and how many of them through an alias.
    steps: usize,
    aliased: usize,
    /// The aliases whose values are being read, the innermost last.
    aliases: Vec<Id>,
    /// go-yaml gives up on the document's aliases: nothing more is read.
    stopped: bool,
}

impl<'t> Decoder<'t> {
    pub(crate) fn new(tree: &'t View<'t>, texts: &'t DecodedTexts) -> Self {
        let (report, pool, aliases) = (Reporter::new(tree), Vec::new(), Vec::new());
        Self { tree, report, texts, pool, steps: 0, aliased: 0, aliases, stopped: false }
    }

    /// Runs `work` with `step` as the innermost part of the path.
    pub(crate) fn at<R>(&mut self, step: Step<'t>, work: impl FnOnce(&mut Self) -> R) -> R {
        self.report.path.push(step);
        let result = work(self);
        self.report.path.pop();
        result
    }

    /// A mapping into a new Go struct.
    pub(crate) fn mapping<T: Mapping<'t>>(&mut self, id: Id, null: Null) -> T {
        let mut part = T::default();
        self.mapping_into(&mut part, id, null);
        part
    }

    /// A mapping into a Go struct, which null leaves as it was. Go ignores keys that are not among its fields.
    pub(crate) fn mapping_into<T: Mapping<'t>>(&mut self, part: &mut T, id: Id, null: Null) {
        if let Some(other) = self.other_than(id, NodeKind::Mapping, "a mapping", null) {
            if !node::is_null(self.tree, id) {
                *part = other;
            }
            return;
        }
        if self.enter(id) {
            let entries = self.entries(id);
            for (key, value) in entries.iter().copied() {
                match T::field(key.name) {
                    Some(read) => self.at(Step::Key(key.name), |decoder| read(decoder, part, key, value)),
                    None => self.report.unknown_key(key, T::FIELDS.iter().map(|(name, _)| *name)),
                }
            }
            self.give_back(entries);
        }
        self.leave(id);
    }

    /// A mapping into a Go map from strings; entries are put into `map`, which may hold some already.
    pub(crate) fn map_into<T: Decoded>(
        &mut self,
        map: &mut Map<'t, T>,
        id: Id,
        what: &'static str,
        null: Null,
        mut each: impl FnMut(&mut Self, Key<'t>, Id) -> T,
    ) {
        if let Some(other) = self.other_than(id, NodeKind::Mapping, what, null) {
            *map = other;
            return;
        }
        if self.enter(id) {
            let entries = self.entries(id);
            // Most maps have one entry, for which a vector would make room for four.
            map.entries.reserve_exact(entries.len());
            // The names of one mapping are all different.
            let first = map.entries.is_empty();
            for (key, value) in entries.iter().copied() {
                // A null never replaces what an earlier section gave.
                if !first && self.is_null(value) && map.get(key.name).is_some() {
                    continue;
                }
                let part = self.at(Step::Key(key.name), |decoder| each(decoder, key, value));
                if first { map.push(key, part) } else { map.insert(key, part) }
            }
            self.give_back(entries);
        }
        self.leave(id);
    }

    /// A mapping into a new Go map from strings.
    pub(crate) fn map<T: Decoded>(
        &mut self,
        id: Id,
        what: &'static str,
        null: Null,
        each: impl FnMut(&mut Self, Key<'t>, Id) -> T,
    ) -> Map<'t, T> {
        let mut map = Map::default();
        self.map_into(&mut map, id, what, null, each);
        map
    }

    /// A sequence into a Go slice, without its null items.
    pub(crate) fn list<T>(
        &mut self,
        id: Id,
        what: &'static str,
        null: Null,
        mut each: impl FnMut(&mut Self, Id) -> T,
    ) -> Items<T> {
        if let Some(other) = self.other_than(id, NodeKind::Sequence, what, null) {
            return other;
        }
        let mut items = Vec::with_capacity(self.tree.items(id).count());
        if self.enter(id) {
            for (index, item) in self.tree.items(id).enumerate() {
                self.at(Step::Index(index), |decoder| {
                    if decoder.is_null(item) {
                        decoder.report.add(
                            Rule::NullItem,
                            item,
                            "this item has no value, so Akash drops it",
                            "write a value, or `\"\"`",
                        );
                    } else {
                        items.push(each(decoder, item));
                    }
                });
            }
        }
        self.leave(id);
        Items { node: Some(id), items: items.into_boxed_slice(), unknown: self.stopped }
    }

    /// A list of texts.
    pub(crate) fn texts(&mut self, id: Id, null: Null) -> Items<Field<&'t str>> {
        self.list(id, "a list of texts", null, |decoder, item| decoder.text(item, Want::Text))
    }

    /// What to use for the node if it is not a collection of this kind: a missing value, or an unknown one.
    fn other_than<T: Decoded>(&mut self, id: Id, kind: NodeKind, what: &'static str, null: Null) -> Option<T> {
        if self.stopped || self.tree.is_unknown(id) {
            return Some(T::unknown());
        }
        if self.is_null(id) {
            if null == Null::Warn {
                self.null_value(id);
            }
            return Some(T::default());
        }
        if self.tree.kind(id) == kind {
            return None;
        }
        self.wrong_kind(id, what);
        Some(T::unknown())
    }

    /// Whether go-yaml takes the node for null; a text that is tagged as null must be one.
    pub(crate) fn is_null(&mut self, id: Id) -> bool {
        let null = node::is_null(self.tree, id);
        if null && node::value(self.tree, id).is_err() {
            self.bad_tag(id);
        }
        null
    }

    /// Reports a key without a value, at the key or at the value.
    pub(crate) fn null_value(&mut self, id: Id) {
        let help = "remove the key, or give it a value";
        self.report.add(Rule::NullValue, id, "this key has no value, so Console refuses it", help);
    }

    /// Reports a list, a mapping or a single value in the place of `what`.
    pub(crate) fn wrong_kind(&mut self, id: Id, what: &'static str) {
        let is = match self.tree.kind(id) {
            NodeKind::Scalar(_) => "a single value",
            NodeKind::Sequence => "a list",
            NodeKind::Mapping => "a mapping",
        };
        self.report.add(Rule::WrongKind, id, &format!("this must be {what}, not {is}"), kind_help(what, self.tree.kind(id)));
    }

    fn bad_tag(&mut self, id: Id) {
        self.report.add(Rule::BadTag, id, "the value is not what its tag says", "remove the tag");
    }

    /// Keys and values of a node whose Go type walks `Node.Content` itself: any collection, no merging, keys by their raw text; a scalar
    /// has none. An odd number of items makes Akash's parser crash.
    pub(crate) fn walk(&mut self, id: Id) -> Vec<(Key<'t>, Id)> {
        let (pairs, odd) = self.pairs(id);
        if odd {
            self.wrong_kind(id, "a mapping");
        }
        pairs
    }

    /// The same, with whether an item is left over.
    pub(crate) fn pairs(&mut self, id: Id) -> (Vec<(Key<'t>, Id)>, bool) {
        let tree = self.tree;
        let mut content = tree.content(id);
        let mut pairs = Vec::new();
        while let Some(key) = content.next() {
            match content.next() {
                Some(value) => pairs.push((Key { name: node::raw(tree, key), id: key }, value)),
                None => return (pairs, true),
            }
        }
        (pairs, false)
    }
}

fn kind_help(what: &str, kind: NodeKind) -> &'static str {
    match (what, kind) {
        ("a list of texts", NodeKind::Mapping) => "write one item per line, each after `- `",
        ("a list of texts", _) => "write it on a line of its own, after `- `",
        ("text", NodeKind::Mapping) => "put the whole text in quotes: `: ` in it makes it a mapping",
        ("text", _) => "write a single value",
        (_, NodeKind::Scalar(_)) => "write its parts on indented lines of their own, or remove the key",
        (_, NodeKind::Mapping) => "begin each item with `- `",
        (_, NodeKind::Sequence) => "write `key: value` lines without `- `",
    }
}

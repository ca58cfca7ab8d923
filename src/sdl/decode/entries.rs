//! The entries of a mapping as go-yaml v3 finds them: merge keys, duplicate keys, keys that are not text (`decode.go` of v3.0.1).

use rustc_hash::FxHashSet as HashSet;

use crate::finding::Rule;
use crate::yaml::Style;
use crate::yaml::tree::{Id, NodeKind};

use super::node::{self, Meaning};
use super::value::same;
use super::{Decoder, Key};

/// What is left to do for the merge keys of a mapping.
enum Next {
    Read(Id),
    Leave(Id),
}

impl<'t> Decoder<'t> {
    /// The entries of a mapping as go-yaml hands them out: keys as text, merged ones last, null keys left out.
    pub(super) fn entries(&mut self, id: Id) -> Vec<(Key<'t>, Id)> {
        let mut entries = self.pool.pop().unwrap_or_default();
        entries.clear();
        if let Some(merge) = self.own_entries(id, &mut entries, false) {
            self.merge(merge, &mut entries);
        }
        entries
    }

    /// Takes back what [`Self::entries`] gave, unless it is so large that few mappings need it.
    pub(super) fn give_back(&mut self, entries: Vec<(Key<'t>, Id)>) {
        if entries.capacity() <= 64 {
            self.pool.push(entries);
        }
    }

    /// Adds the entries that are written in the mapping itself, but for names that are there already. Gives the value of its merge key.
    fn own_entries(&mut self, id: Id, entries: &mut Vec<(Key<'t>, Id)>, merging: bool) -> Option<Id> {
        let tree = self.tree;
        let mut merge = None;
        let mut seen = HashSet::default();
        // Keys that are not plain words are looked through once more, and so are those with a name that was there.
        let mut unusual = merging;
        for (key, value) in tree.entries(id) {
            self.steps += 1;
            // Neither `<<` nor null, which all begin like this or are empty.
            let word = tree.word(key).filter(|word| !matches!(word.as_bytes(), [] | [b'~' | b'n' | b'N' | b'<', ..]));
            let name = match word {
                Some(word) => word,
                None => {
                    unusual |= tree.is_alias(key);
                    if node::is_merge(tree, key) {
                        unusual = true;
                        merge = Some(value);
                        continue;
                    }
                    let Some(name) = self.name(key) else {
                        unusual = true;
                        continue;
                    };
                    name
                }
            };
            // Large mappings are looked through once.
            let taken = if entries.len() < 16 {
                entries.iter().any(|(key, _)| same(key.name, name))
            } else {
                if seen.is_empty() {
                    seen.reserve(tree.entries(id).count());
                    seen.extend(entries.iter().map(|(key, _)| key.name));
                }
                !seen.insert(name)
            };
            if !taken {
                entries.push((Key { name, id: key }, value));
            } else {
                unusual = true;
            }
        }
        if unusual {
            self.duplicates(id);
        }
        merge
    }

    /// The text of a key; none if it is null, or not text.
    fn name(&mut self, key: Id) -> Option<&'t str> {
        let tree = self.tree;
        if !matches!(tree.kind(key), NodeKind::Scalar(_)) {
            self.report.add(Rule::KeyNotText, key, "this key must be text", "write a plain word as the key");
            return None;
        }
        if self.is_null(key) {
            return None;
        }
        if tree.tag(key).is_some() {
            match node::value(tree, key) {
                Ok(Meaning::Is(_)) => {}
                Ok(Meaning::Binary) => return self.binary(key),
                Err(_) => self.bad_tag(key),
            }
        }
        Some(tree.text(key))
    }

    /// Adds what the value of a merge key brings: its own entries, then what it merges itself. Not by recursion: go-yaml takes 10,000
    /// levels.
    fn merge(&mut self, merge: Id, entries: &mut Vec<(Key<'t>, Id)>) {
        let mut next = Vec::new();
        self.sources(merge, &mut next);
        while let Some(step) = next.pop() {
            match step {
                Next::Read(source) => {
                    next.push(Next::Leave(source));
                    if self.enter(source)
                        && let Some(merge) = self.own_entries(source, entries, true)
                    {
                        self.sources(merge, &mut next);
                    }
                }
                Next::Leave(source) => self.leave(source),
            }
        }
    }

    /// Puts the mappings that a merge key names on `next`, so that the first is taken first.
    fn sources(&mut self, merge: Id, next: &mut Vec<Next>) {
        let from = next.len();
        match self.tree.kind(merge) {
            NodeKind::Mapping => next.push(Next::Read(merge)),
            NodeKind::Sequence if !self.tree.is_alias(merge) => {
                for source in self.tree.items(merge) {
                    match self.tree.kind(source) {
                        NodeKind::Mapping => next.push(Next::Read(source)),
                        _ => self.bad_merge(source),
                    }
                }
                next[from..].reverse();
            }
            _ => self.bad_merge(merge),
        }
    }

    fn bad_merge(&mut self, id: Id) {
        self.report.add(Rule::BadMerge, id, "`<<` needs a mapping, or a list of mappings written in place", "write `<<: *name`");
    }

    /// Reports keys that are the same text.
    fn duplicates(&mut self, id: Id) {
        let tree = self.tree;
        let shape = |key: Id| (tree.is_alias(key), std::mem::discriminant(&shape_of(tree.kind(key))));
        let mut few: Vec<Id> = Vec::new();
        let mut many = HashSet::default();
        for (key, _) in tree.entries(id) {
            let raw = node::raw(tree, key);
            let twice = if few.len() < 16 {
                few.iter().any(|other| node::raw(tree, *other) == raw && shape(*other) == shape(key))
            } else {
                if many.is_empty() {
                    many.extend(few.iter().map(|key| (node::raw(tree, *key), shape(*key))));
                }
                !many.insert((raw, shape(key)))
            };
            few.push(key);
            if twice {
                self.report.add(
                    Rule::DuplicateKey,
                    key,
                    &format!("the key {} is already in this mapping", self.report.quote(key)),
                    "remove one of them",
                );
            }
        }
    }
}

/// A kind without a scalar's style.
fn shape_of(kind: NodeKind) -> NodeKind {
    match kind {
        NodeKind::Scalar(_) => NodeKind::Scalar(Style::Plain),
        other => other,
    }
}

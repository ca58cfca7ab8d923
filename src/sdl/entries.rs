//! The entries of a mapping as go-yaml v3 finds them: merge keys, keys that stand twice, keys that are no text (`decode.go` of v3.0.1).

use rustc_hash::FxHashSet as HashSet;

use crate::yaml::Style;
use crate::tree::{Id, Kind};

use super::decode::{Decoder, Key};
use super::resolve;
use super::value::same;

impl<'t> Decoder<'t> {
    /// The entries of a mapping as go-yaml hands them out: keys as text, merged ones last, null keys left out.
    pub(super) fn entries(&mut self, id: Id) -> Vec<(Key<'t>, Id)> {
        let mut entries = self.pool.pop().unwrap_or_default();
        entries.clear();
        self.collect(id, &mut entries, false);
        entries
    }

    /// Takes back what [`Self::entries`] gave, unless it is so large that few mappings need it.
    pub(super) fn give_back(&mut self, entries: Vec<(Key<'t>, Id)>) {
        if entries.capacity() <= 64 {
            self.pool.push(entries);
        }
    }

    fn collect(&mut self, id: Id, entries: &mut Vec<(Key<'t>, Id)>, merging: bool) {
        let tree = self.tree;
        let mut merge = None;
        let mut seen = HashSet::default();
        // Keys that are no plain words are looked through once more, and so is what may be hidden by a key that stands already.
        let mut unusual = merging;
        for (node, value) in tree.entries(id) {
            self.steps += 1;
            // Neither `<<` nor null, which all begin so or are empty.
            let word = tree.word(node).filter(|word| !matches!(word.as_bytes(), [] | [b'~' | b'n' | b'N' | b'<', ..]));
            let name = match word {
                Some(word) => word,
                None => {
                    unusual |= tree.is_alias(node);
                    if resolve::is_merge(tree, node) {
                        unusual = true;
                        merge = Some(value);
                        continue;
                    }
                    let Some(name) = self.name(node) else {
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
                entries.push((Key { name, id: node }, value));
            } else {
                unusual = true;
            }
        }
        if unusual {
            self.duplicates(id);
        }
        if let Some(merge) = merge {
            self.merge(merge, entries);
        }
    }

    /// The text of a key; none if it is null, or no text.
    fn name(&mut self, node: Id) -> Option<&'t str> {
        let tree = self.tree;
        if !matches!(tree.kind(node), Kind::Scalar(_)) {
            self.report.error("key-not-text", node, "a key must be text here", "write a plain word as the key");
            return None;
        }
        if self.is_null(node) {
            return None;
        }
        if tree.tag(node).is_some() && resolve::resolve(tree, node).is_err() {
            self.bad_tag(node);
        }
        Some(tree.text(node))
    }

    fn merge(&mut self, id: Id, entries: &mut Vec<(Key<'t>, Id)>) {
        let sources = match self.tree.kind(id) {
            Kind::Mapping => vec![id],
            Kind::Sequence if !self.tree.is_alias(id) => self.tree.items(id).collect(),
            _ => return self.bad_merge(id),
        };
        for source in sources {
            if self.tree.kind(source) != Kind::Mapping {
                self.bad_merge(source);
            } else if self.enter(source) {
                self.collect(source, entries, true);
                self.leave(source);
            }
        }
    }

    fn bad_merge(&mut self, id: Id) {
        self.report.error("bad-merge", id, "`<<` takes a mapping, or a list of mappings written in place", "write `<<: *name`");
    }

    pub(super) fn bad_tag(&mut self, id: Id) {
        self.report.error("bad-tag", id, "the value can't be what its tag says", "remove the tag");
    }

    /// Two keys that are the same text.
    fn duplicates(&mut self, id: Id) {
        let tree = self.tree;
        let shape = |key: Id| (tree.is_alias(key), std::mem::discriminant(&shape_of(tree.kind(key))));
        let mut few: Vec<Id> = Vec::new();
        let mut many = HashSet::default();
        for (key, _) in tree.entries(id) {
            let raw = resolve::raw(tree, key);
            let twice = if few.len() < 16 {
                few.iter().any(|other| resolve::raw(tree, *other) == raw && shape(*other) == shape(key))
            } else {
                if many.is_empty() {
                    many.extend(few.iter().map(|key| (resolve::raw(tree, *key), shape(*key))));
                }
                !many.insert((raw, shape(key)))
            };
            few.push(key);
            if twice {
                self.report.error(
                    "duplicate-key",
                    key,
                    &format!("the key {} stands here twice", self.report.key(key)),
                    "remove one",
                );
            }
        }
    }
}

/// A kind without a scalar's style.
fn shape_of(kind: Kind) -> Kind {
    match kind {
        Kind::Scalar(_) => Kind::Scalar(Style::Plain),
        other => other,
    }
}

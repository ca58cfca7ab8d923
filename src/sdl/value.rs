//! Decoded values, each known, missing (Go's zero value) or unknown.

use std::fmt;

use rustc_hash::{FxBuildHasher, FxHashMap as HashMap};

use crate::tree::Id;

use super::decode::Key;

/// Whether two names are the same. Most that differ do so in length or in a letter at an end, which is told without a call.
#[inline]
pub(super) fn same(one: &str, other: &str) -> bool {
    one.len() == other.len()
        && one.as_bytes().first() == other.as_bytes().first()
        && one.as_bytes().last() == other.as_bytes().last()
        && one == other
}

/// A part of the document that may be unknown.
pub(super) trait Part: Default {
    /// Stands for what could not be read or is not known yet: it satisfies any rule.
    fn unknown() -> Self;
}

/// A scalar's value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Field<T> {
    /// Where it stands; none if it is missing.
    pub(super) node: Option<Id>,
    /// Its value, Go's zero value if it is missing or null; none if it is unknown.
    pub(super) value: Option<T>,
}

impl<T> fmt::Debug for Field<T> {
    /// Without the value, which may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Field").field("node", &self.node).field("known", &self.value.is_some()).finish()
    }
}

impl<T: Default> Default for Field<T> {
    fn default() -> Self {
        Self { node: None, value: Some(T::default()) }
    }
}

impl<T> Field<T> {
    pub(super) fn unknown(id: Id) -> Self {
        Self { node: Some(id), value: None }
    }
}

impl<T: Default> Part for Field<T> {
    fn unknown() -> Self {
        Self { node: None, value: None }
    }
}

/// A sequence.
#[derive(Debug)]
pub(super) struct List<T> {
    pub(super) node: Option<Id>,
    pub(super) items: Box<[T]>,
    pub(super) unknown: bool,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self { node: None, items: Box::default(), unknown: false }
    }
}

impl<T> Part for List<T> {
    fn unknown() -> Self {
        Self { unknown: true, ..Self::default() }
    }
}

/// A mapping from names.
#[derive(Debug)]
pub(super) struct Map<'t, T> {
    pub(super) entries: Vec<(Key<'t>, T)>,
    pub(super) unknown: bool,
    /// Where each name stands, once there are many.
    index: Option<Box<Index<'t>>>,
}

impl<T> Default for Map<'_, T> {
    fn default() -> Self {
        Self { entries: Vec::new(), unknown: false, index: None }
    }
}

impl<T> Part for Map<'_, T> {
    fn unknown() -> Self {
        Self { unknown: true, ..Self::default() }
    }
}

/// Apart from the map, of which most are small.
#[derive(Debug)]
struct Index<'t>(HashMap<&'t str, usize>);

const FEW: usize = 16;

impl<'t, T> Map<'t, T> {
    fn place(&self, name: &str) -> Option<usize> {
        if self.entries.len() <= FEW {
            return self.entries.iter().position(|(key, _)| same(key.name, name));
        }
        self.index.as_ref().and_then(|index| index.0.get(name).copied())
    }

    /// The part called `name`, with its key.
    pub(super) fn entry(&self, name: &str) -> Option<&(Key<'t>, T)> {
        self.place(name).map(|at| &self.entries[at])
    }

    pub(super) fn get(&self, name: &str) -> Option<&T> {
        self.entry(name).map(|(_, part)| part)
    }

    pub(super) fn insert(&mut self, key: Key<'t>, part: T) {
        match self.place(key.name) {
            Some(at) => self.entries[at] = (key, part),
            None => {
                self.entries.push((key, part));
                let len = self.entries.len();
                if let Some(index) = &mut self.index {
                    index.0.insert(key.name, len - 1);
                } else if len > FEW {
                    let mut index = HashMap::with_capacity_and_hasher(self.entries.capacity(), FxBuildHasher);
                    index.extend(self.entries.iter().enumerate().map(|(at, (key, _))| (key.name, at)));
                    self.index = Some(Box::new(Index(index)));
                }
            }
        }
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'t str> {
        self.entries.iter().map(|(key, _)| key.name)
    }
}

impl<T> Field<T> {
    /// Unknown together with the part it belongs to.
    pub(super) fn unknown_anywhere() -> Self {
        Self { node: None, value: None }
    }
}

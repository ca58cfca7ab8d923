//! Decoded values, each known, missing (Go's zero value) or unknown.

use std::cell::{Cell, OnceCell};
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
    /// Behind what was found last: one part of an SDL names things in the order of another.
    next: Cell<u32>,
    /// Where each name stands, once there are many and they are looked for in another order.
    index: OnceCell<Box<HashMap<&'t str, usize>>>,
}

impl<T> Default for Map<'_, T> {
    fn default() -> Self {
        Self { entries: Vec::new(), unknown: false, next: Cell::new(0), index: OnceCell::new() }
    }
}

impl<T> Part for Map<'_, T> {
    fn unknown() -> Self {
        Self { unknown: true, ..Self::default() }
    }
}

const FEW: usize = 16;

impl<'t, T> Map<'t, T> {
    /// The number of the entry called `name`.
    pub(super) fn place(&self, name: &str) -> Option<usize> {
        let is = |(key, _): &(Key<'t>, T)| same(key.name, name);
        if self.entries.len() <= FEW {
            return self.entries.iter().position(is);
        }
        let next = self.next.get() as usize;
        let near = [next, next.wrapping_sub(1)].into_iter().find(|at| self.entries.get(*at).is_some_and(is));
        let found = near.or_else(|| self.index().get(name).copied());
        self.next.set(found.map_or(next, |at| at + 1) as u32);
        found
    }

    fn index(&self) -> &HashMap<&'t str, usize> {
        self.index.get_or_init(|| {
            let mut index = HashMap::with_capacity_and_hasher(self.entries.capacity(), FxBuildHasher);
            index.extend(self.entries.iter().enumerate().map(|(at, (key, _))| (key.name, at)));
            Box::new(index)
        })
    }

    /// The part called `name`, with its key.
    pub(super) fn entry(&self, name: &str) -> Option<&(Key<'t>, T)> {
        self.place(name).map(|at| &self.entries[at])
    }

    pub(super) fn get(&self, name: &str) -> Option<&T> {
        self.entry(name).map(|(_, part)| part)
    }

    /// Puts a part in the place of the one of its name, or behind all.
    pub(super) fn insert(&mut self, key: Key<'t>, part: T) {
        match self.place(key.name) {
            Some(at) => self.entries[at] = (key, part),
            None => self.push(key, part),
        }
    }

    /// Adds a part whose name is not there yet.
    pub(super) fn push(&mut self, key: Key<'t>, part: T) {
        if let Some(index) = self.index.get_mut() {
            index.insert(key.name, self.entries.len());
        }
        self.entries.push((key, part));
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

//! Decoded values, each known, missing (Go's zero value) or unknown.

use std::cell::{Cell, OnceCell};
use std::fmt;

use rustc_hash::{FxBuildHasher, FxHashMap as HashMap};

use crate::yaml::tree::Id;

use super::{Decoder, Key};

/// Whether two names are the same. Most that differ do so in length or in their first or last letter, which takes no call to see.
#[inline]
pub(crate) fn same(one: &str, other: &str) -> bool {
    one.len() == other.len()
        && one.as_bytes().first() == other.as_bytes().first()
        && one.as_bytes().last() == other.as_bytes().last()
        && one == other
}

/// A part of the document that may be unknown.
pub(crate) trait Decoded: Default {
    /// What could not be read or is not known yet: every rule accepts it.
    fn unknown() -> Self;
}

/// What reads the value of a field.
type Read<'t, T> = fn(&mut Decoder<'t>, &mut T, Key<'t>, Id);

/// The keys of a mapping, each with what reads its value.
pub(crate) type Fields<'t, T> = &'t [(&'static str, Read<'t, T>)];

/// A mapping that Go decodes into a struct. A key is known if and only if something reads its value.
pub(crate) trait Mapping<'t>: Decoded + 't {
    const FIELDS: Fields<'t, Self>;

    /// What reads the value of this key, if it is known.
    fn field(key: &str) -> Option<Read<'t, Self>> {
        Self::FIELDS.iter().find(|(name, _)| same(name, key)).map(|(_, read)| *read)
    }
}

/// A scalar's value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Field<T> {
    /// Its node; none if it is missing.
    pub(crate) node: Option<Id>,
    /// Its value, Go's zero value if it is missing or null; none if it is unknown.
    pub(crate) value: Option<T>,
}

/// A scalar that the document holds.
#[derive(Clone, Copy)]
pub(crate) struct Written<'t> {
    /// Its node; an alias is given as such.
    pub id: Id,
    /// Its text as Akash reads it; none if it is not known or can't be read.
    pub text: Option<&'t str>,
}

impl fmt::Debug for Written<'_> {
    /// Without the text, which may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Written").field("id", &self.id).field("known", &self.text.is_some()).finish()
    }
}

impl<'t> Field<&'t str> {
    /// The scalar, unless it is missing.
    pub(crate) fn scalar(&self) -> Option<Written<'t>> {
        self.node.map(|id| Written { id, text: self.value })
    }
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
    pub(crate) fn unknown(id: Id) -> Self {
        Self { node: Some(id), value: None }
    }
}

impl<T: Default> Decoded for Field<T> {
    fn unknown() -> Self {
        Self { node: None, value: None }
    }
}

/// A sequence.
#[derive(Debug)]
pub(crate) struct Items<T> {
    pub(crate) node: Option<Id>,
    pub(crate) items: Box<[T]>,
    pub(crate) unknown: bool,
}

impl<T> Default for Items<T> {
    fn default() -> Self {
        Self { node: None, items: Box::default(), unknown: false }
    }
}

impl<T> Decoded for Items<T> {
    fn unknown() -> Self {
        Self { unknown: true, ..Self::default() }
    }
}

/// A mapping from names.
#[derive(Debug)]
pub(crate) struct Map<'t, T> {
    pub(crate) entries: Vec<(Key<'t>, T)>,
    pub(crate) unknown: bool,
    /// After what was found last: one part of an SDL often names things in the order of another.
    next: Cell<u32>,
    /// The place of each name, once there are many and they are looked up in another order.
    index: OnceCell<Box<HashMap<&'t str, usize>>>,
}

impl<T> Default for Map<'_, T> {
    fn default() -> Self {
        Self { entries: Vec::new(), unknown: false, next: Cell::new(0), index: OnceCell::new() }
    }
}

impl<T> Decoded for Map<'_, T> {
    fn unknown() -> Self {
        Self { unknown: true, ..Self::default() }
    }
}

const FEW: usize = 16;

impl<'t, T> Map<'t, T> {
    /// The index of the entry called `name`.
    pub(crate) fn place(&self, name: &str) -> Option<usize> {
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
    pub(crate) fn entry(&self, name: &str) -> Option<&(Key<'t>, T)> {
        self.place(name).map(|at| &self.entries[at])
    }

    pub(crate) fn get(&self, name: &str) -> Option<&T> {
        self.entry(name).map(|(_, part)| part)
    }

    /// Replaces the part of this name, or adds it at the end.
    pub(crate) fn insert(&mut self, key: Key<'t>, part: T) {
        match self.place(key.name) {
            Some(at) => self.entries[at] = (key, part),
            None => self.push(key, part),
        }
    }

    /// Adds a part with a new name.
    pub(crate) fn push(&mut self, key: Key<'t>, part: T) {
        if let Some(index) = self.index.get_mut() {
            index.insert(key.name, self.entries.len());
        }
        self.entries.push((key, part));
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &'t str> {
        self.entries.iter().map(|(key, _)| key.name)
    }
}

impl<T> Field<T> {
    /// Unknown together with the part it belongs to.
    pub(crate) fn unknown_anywhere() -> Self {
        Self { node: None, value: None }
    }
}

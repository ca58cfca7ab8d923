//! Decodes a tree as go-yaml v3 decodes nodes into Go's types, and notes what it refuses.
//!
//! Whatever can't be read, and whatever a placeholder stands for, becomes *unknown*: no rule finds fault with it, so that one fault
//! is told once and `check` needs no value. Facts of go-yaml are from `decode.go` of v3.0.1.

use crate::finding::Rule;
use crate::tree::{Id, Kind, Tree};

use super::report::{Report, Step};
use super::resolve::{self, Value, is_null};
use super::value::{Field, List, Map, Part, same};

/// What the JSON schema says of a null: Akash's Go parser takes it for a missing value everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Null {
    /// It is allowed, or another rule speaks of it.
    Fine,
    /// Console refuses it.
    Warn,
}

/// What the JSON schema wants of a scalar that Go reads as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Want {
    /// Anything.
    Any,
    /// A string, or null where another rule speaks of it.
    Text,
    /// A string and not null.
    TextNotNull,
}

/// A key with its node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key<'t> {
    pub(super) name: &'t str,
    pub(super) id: Id,
}

/// The decoder: one walk over the tree.
pub(super) struct Decoder<'t> {
    pub(super) tree: &'t Tree<'t>,
    pub(super) report: Report<'t>,
    /// Room for entries, to be used again.
    pub(super) pool: Vec<Vec<(Key<'t>, Id)>>,
    pub(super) steps: usize,
    aliased: usize,
    depth: usize,
    /// Aliases stand for too much: nothing more is read.
    stopped: bool,
}

impl<'t> Decoder<'t> {
    pub(super) fn new(tree: &'t Tree<'t>) -> Self {
        Self { tree, report: Report::new(tree), pool: Vec::new(), steps: 0, aliased: 0, depth: 0, stopped: false }
    }

    /// Runs `work` with `step` as the innermost part of the path.
    pub(super) fn at<R>(&mut self, step: Step<'t>, work: impl FnOnce(&mut Self) -> R) -> R {
        self.report.path.push(step);
        let result = work(self);
        self.report.path.pop();
        result
    }

    /// Counts a step; an alias's target is a step of its own. go-yaml refuses a document whose aliases stand for nearly all of it.
    pub(super) fn enter(&mut self, id: Id) -> bool {
        let alias = self.tree.is_alias(id);
        self.steps += 1 + usize::from(alias);
        self.depth += usize::from(alias);
        self.aliased += usize::from(self.depth > 0);
        if self.aliased > 100 {
            self.weigh(id);
        }
        !self.stopped
    }

    /// Looks whether aliases stand for too much.
    fn weigh(&mut self, id: Id) {
        let allowed = match self.steps {
            ..=400_000 => 0.99,
            4_000_000.. => 0.10,
            steps => 0.99 - 0.89 * ((steps - 400_000) as f64 / 3_600_000.0),
        };
        if !self.stopped && self.steps > 1000 && self.aliased as f64 / self.steps as f64 > allowed {
            self.stopped = true;
            let help = "write the shared parts out, or share fewer";
            self.report.add(Rule::ExcessiveAliases, id, "aliases stand for too large a part of the document", help);
        }
    }

    pub(super) fn leave(&mut self, id: Id) {
        self.depth -= usize::from(self.tree.is_alias(id));
    }

    /// A mapping into a Go struct: `each` takes the value of a key in `known`; other keys are lost in silence.
    pub(super) fn fields<T: Part>(
        &mut self,
        id: Id,
        what: &'static str,
        null: Null,
        known: &[&'static str],
        mut each: impl FnMut(&mut Self, &mut T, Key<'t>, Id),
    ) -> T {
        if let Some(other) = self.other_than(id, Kind::Mapping, what, null) {
            return other;
        }
        let mut part = T::default();
        if self.enter(id) {
            let entries = self.entries(id);
            for (key, value) in entries.iter().copied() {
                if known.iter().any(|known| same(known, key.name)) {
                    self.at(Step::Key(key.name), |decoder| each(decoder, &mut part, key, value));
                } else {
                    self.report.unknown_key(key, known);
                }
            }
            self.give_back(entries);
        }
        self.leave(id);
        part
    }

    /// A mapping into a Go map from strings; entries are put into `map`, which may hold some already.
    pub(super) fn map_into<T: Part>(
        &mut self,
        map: &mut Map<'t, T>,
        id: Id,
        what: &'static str,
        null: Null,
        mut each: impl FnMut(&mut Self, Key<'t>, Id) -> T,
    ) {
        if let Some(other) = self.other_than(id, Kind::Mapping, what, null) {
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
    pub(super) fn map<T: Part>(
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

    /// A sequence into a Go slice; null items are dropped.
    pub(super) fn list<T>(
        &mut self,
        id: Id,
        what: &'static str,
        null: Null,
        mut each: impl FnMut(&mut Self, Id) -> T,
    ) -> List<T> {
        if let Some(other) = self.other_than(id, Kind::Sequence, what, null) {
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
                            "Akash drops an item without a value",
                            "write a value, or `\"\"`",
                        );
                    } else {
                        items.push(each(decoder, item));
                    }
                });
            }
        }
        self.leave(id);
        List { node: Some(id), items: items.into_boxed_slice(), unknown: self.stopped }
    }

    /// A list of texts.
    pub(super) fn texts(&mut self, id: Id, null: Null) -> List<Field<&'t str>> {
        self.list(id, "a list of texts", null, |decoder, item| decoder.text(item, Want::Text))
    }

    /// What stands for the node if it is not a collection of this kind: a missing value, or an unknown one.
    fn other_than<T: Part>(&mut self, id: Id, kind: Kind, what: &'static str, null: Null) -> Option<T> {
        if self.stopped || self.tree.is_unknown(id) {
            return Some(T::unknown());
        }
        if self.is_null(id) {
            self.null(id, null == Null::Warn);
            return Some(T::default());
        }
        if self.tree.kind(id) == kind {
            return None;
        }
        self.wrong_kind(id, what);
        Some(T::unknown())
    }

    /// Whether go-yaml takes the node for null; a text that is tagged as null must be one.
    pub(super) fn is_null(&mut self, id: Id) -> bool {
        let null = is_null(self.tree, id);
        if null && resolve::resolve(self.tree, id).is_err() {
            self.bad_tag(id);
        }
        null
    }

    pub(super) fn wrong_kind(&mut self, id: Id, what: &'static str) {
        let is = match self.tree.kind(id) {
            Kind::Scalar(_) => "a single value",
            Kind::Sequence => "a list",
            Kind::Mapping => "a mapping",
        };
        self.report.add(Rule::WrongKind, id, &format!("this must be {what}, not {is}"), kind_help(what, self.tree.kind(id)));
    }

    fn null(&mut self, id: Id, warn: bool) {
        if warn {
            self.report.add(Rule::NullValue, id, "Console refuses a key without a value", "remove the key, or give it a value");
        }
    }

    /// A scalar, or what stands for it when it is none: `Err` holds the field to return.
    fn scalar<T: Default>(&mut self, id: Id, what: &'static str) -> Result<Value<'t>, Field<T>> {
        if let Some(text) = self.tree.word(id) {
            return if self.enter(id) { Ok(resolve::plain(text)) } else { Err(Field::unknown(id)) };
        }
        if self.tree.is_unknown(id) || !self.enter(id) {
            return Err(Field::unknown(id));
        }
        self.leave(id);
        if !matches!(self.tree.kind(id), Kind::Scalar(_)) {
            self.wrong_kind(id, what);
            return Err(Field::unknown(id));
        }
        resolve::resolve(self.tree, id).map_err(|_| {
            self.bad_tag(id);
            Field::unknown(id)
        })
    }

    /// A scalar into a Go string: its source text, whatever it resolves to.
    pub(super) fn text(&mut self, id: Id, want: Want) -> Field<&'t str> {
        let value = match self.scalar(id, "text") {
            Ok(value) => value,
            Err(field) => return field,
        };
        match value {
            Value::Null => {
                self.null(id, want == Want::TextNotNull);
                return Field { node: Some(id), value: Some("") };
            }
            Value::Binary => return Field::unknown(id),
            Value::Text(text) => return Field { node: Some(id), value: Some(text) },
            Value::Bool(_) | Value::Integer(_) | Value::Float(_) | Value::Date if want != Want::Any => {
                self.report.add(
                    Rule::UnquotedText,
                    id,
                    "Console takes this for a number, a date or a truth value",
                    "put it in quotes",
                );
            }
            _ => {}
        }
        Field { node: Some(id), value: Some(self.tree.text(id)) }
    }

    /// A scalar into a Go uint32: integers in any notation, floats cut off; never text.
    pub(super) fn number(&mut self, id: Id, null: Null) -> Field<u32> {
        let value = match self.scalar(id, "a whole number") {
            Ok(value) => value,
            Err(field) => return field,
        };
        let found = match value {
            Value::Null => {
                self.null(id, null == Null::Warn);
                Some(0)
            }
            Value::Integer(whole) => u32::try_from(whole).ok(),
            Value::Float(float) if float > -1.0 && float < 4_294_967_296.0 => {
                if float.fract() != 0.0 {
                    let message = format!("Akash cuts the fraction of {} off", self.report.quote(id));
                    self.report.add(Rule::FractionCut, id, &message, "write a whole number");
                }
                Some(float as u32)
            }
            _ => None,
        };
        if found.is_none() {
            let help = match value {
                Value::Text(text) if text.parse::<u32>().is_ok() => format!("write {} without quotes", self.report.quote(id)),
                _ => "write a whole number from 0 to 4294967295, without quotes".to_owned(),
            };
            self.report.add(Rule::NotANumber, id, &format!("{} is not a whole number", self.report.quote(id)), &help);
        }
        Field { node: Some(id), value: found }
    }

    /// A scalar into a Go bool: `true` and `false`, and the words of YAML 1.1.
    pub(super) fn flag(&mut self, id: Id) -> Field<bool> {
        let value = match self.scalar(id, "`true` or `false`") {
            Ok(value) => value,
            Err(field) => return field,
        };
        let found = match value {
            Value::Null => {
                self.null(id, true);
                Some(false)
            }
            Value::Bool(flag) => Some(flag),
            Value::Text("y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON") => Some(true),
            Value::Text("n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF") => Some(false),
            _ => None,
        };
        match (found, value) {
            (None, _) => {
                self.report.add(
                    Rule::NotAFlag,
                    id,
                    &format!("{} is neither true nor false", self.report.quote(id)),
                    "write `true` or `false`",
                );
            }
            (Some(flag), Value::Text(_)) => {
                let message = format!("Console takes {} for text", self.report.quote(id));
                self.report.add(Rule::FlagAsWord, id, &message, &format!("write `{flag}`"));
            }
            _ => {}
        }
        Field { node: Some(id), value: found }
    }

    /// Keys and values of a node whose Go type walks `Node.Content` itself: any collection, no merging, keys by their raw text.
    /// A scalar has none. An odd number of items makes Akash's parser crash.
    pub(super) fn walk(&mut self, id: Id) -> Vec<(Key<'t>, Id)> {
        let tree = self.tree;
        let mut content = tree.content(id);
        let mut pairs = Vec::new();
        while let Some(key) = content.next() {
            match content.next() {
                Some(value) => pairs.push((Key { name: resolve::raw(tree, key), id: key }, value)),
                None => self.wrong_kind(id, "a mapping"),
            }
        }
        pairs
    }
}

fn kind_help(what: &str, kind: Kind) -> &'static str {
    match (what, kind) {
        ("a list of texts", Kind::Mapping) => "write one item a line, each behind `- `",
        ("a list of texts", _) => "put it behind `- ` on a line of its own",
        ("text", Kind::Mapping) => "put the whole text in quotes: `: ` in it makes it a mapping",
        ("text", _) => "write a single value",
        (_, Kind::Scalar(_)) => "write its parts on indented lines of their own, or remove the key",
        (_, Kind::Mapping) => "begin each item with `- `",
        (_, Kind::Sequence) => "write `key: value` lines without `- `",
    }
}

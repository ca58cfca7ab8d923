//! The places of a document: every scalar, by its way from the root. Aliases and merge keys are followed, and items of `env` go by the name
//! of their variable.

use std::fmt::Write as _;

use rustc_hash::{FxHashMap, FxHashSet};

use super::NewSide;
use crate::go::scalar::is_null_word;
use crate::registry::token;
use crate::splice::View;
use crate::yaml::Style;
use crate::yaml::tree::{Id, NodeKind, in_place};

/// The most nodes that are read, aliases followed.
const MOST: usize = 1_000_000;

/// A document's aliases lead to more places than are compared, or it is nested deeper than any SDL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooManyAliases;

/// One step of a way.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum DiffStep {
    /// A key.
    Key(String),
    /// An item of a list, from 0.
    Item(usize),
    /// An item of a list that only the deployed SDL has: its number there.
    GoneItem(usize),
    /// An item of `env`: the variable's name, and how many earlier items have it, too.
    Variable(String, usize),
}

impl DiffStep {
    pub(super) fn key(&self) -> Option<&str> {
        if let Self::Key(key) = self { Some(key) } else { None }
    }

    pub(super) fn variable(&self) -> Option<&str> {
        if let Self::Variable(name, _) = self { Some(name) } else { None }
    }
}

/// A way as text: `services.web.expose[0].port`, `services.web.env.LEVEL`.
pub(super) fn path(steps: &[DiffStep]) -> String {
    let mut path = String::new();
    for step in steps {
        let dot = if path.is_empty() { "" } else { "." };
        // Writing to a String can't fail.
        let _ = match step {
            DiffStep::Key(name) => write!(path, "{dot}{}", in_place(name)),
            DiffStep::Variable(name, 0) => write!(path, "{dot}{name}"),
            DiffStep::Variable(name, earlier) => write!(path, "{dot}{name}[{earlier}]"),
            DiffStep::Item(number) | DiffStep::GoneItem(number) => write!(path, "[{number}]"),
        };
    }
    path
}

/// What is at the end of a way.
#[derive(Clone, Copy)]
pub(super) struct Leaf<'v> {
    kind: LeafKind,
    text: &'v str,
    pub(super) secret: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum LeafKind {
    Text,
    Null,
    NoItems,
    NoEntries,
}

impl Leaf<'_> {
    /// Its text; of an item of `env`, the variable's value.
    pub(super) fn text(&self) -> &str {
        match self.kind {
            LeafKind::Text => self.text,
            LeafKind::Null => "null",
            LeafKind::NoItems => "[]",
            LeafKind::NoEntries => "{}",
        }
    }

    /// Whether Akash reads the same. It reads `1` and `"1"` as the same text.
    pub(super) fn is_same(&self, other: &Leaf<'_>) -> bool {
        self.kind == other.kind && (self.kind != LeafKind::Text || self.text == other.text)
    }
}

/// One place.
pub(super) struct DiffPlace<'v> {
    pub(super) steps: Vec<DiffStep>,
    pub(super) leaf: Leaf<'v>,
}

/// The places of the template.
pub(super) fn of_template<'v>(rendered: &'v NewSide<'v>) -> Result<Vec<DiffPlace<'v>>, TooManyAliases> {
    let NewSide { filled, masked, .. } = rendered;
    // A name that a secret is part of is not a name.
    let name = |_: &str, id: Id| {
        let (shown, name) = (name_in(masked.text(id)), name_in(filled.text(id)));
        if shown == name { name } else { None }
    };
    let name: NameOf<'v, '_> = &name;
    walk(filled, name)
}

/// What the template says about the items of `env`.
#[derive(Debug, Default)]
pub(super) struct Variables<'p> {
    /// The variables: service and name.
    known: FxHashSet<(&'p str, &'p str)>,
    /// Services in whose `env` a secret is, or may be, a whole item.
    nameless: FxHashSet<&'p str>,
}

impl<'p> Variables<'p> {
    pub(super) fn of(places: &'p [DiffPlace<'_>]) -> Self {
        let mut variables = Self::default();
        for place in places {
            match place.steps.as_slice() {
                [_, DiffStep::Key(service), _, DiffStep::Variable(name, _)] => _ = variables.known.insert((service, name)),
                [_, DiffStep::Key(service), env, DiffStep::Item(_)] if env.key() == Some("env") && place.leaf.secret => {
                    variables.nameless.insert(service);
                }
                _ => {}
            }
        }
        variables
    }
}

/// The places of a deployed SDL. What looks like a variable there may be a whole secret: a name is taken for one if the template has it, or
/// if it can't be anything else.
pub(super) fn of_deployed<'v>(deployed: &'v View<'v>, variables: &Variables<'_>) -> Result<Vec<DiffPlace<'v>>, TooManyAliases> {
    let name = |service: &str, id: Id| {
        let text = deployed.text(id);
        let name = name_in(text)?;
        let value = text.get(name.len() + 1..).unwrap_or_default();
        let is_plain =
            value.bytes().any(|byte| byte != b'=') && token::scan(name).is_empty() && !variables.nameless.contains(service);
        (is_plain || variables.known.contains(&(service, name))).then_some(name)
    };
    let name: NameOf<'v, '_> = &name;
    walk(deployed, name)
}

/// The lists of variables that both documents have in another order. A pod is another one then, because a variable may refer to those
/// before it.
pub(super) fn reordered(new: &[DiffPlace<'_>], old: &[DiffPlace<'_>]) -> Vec<Vec<DiffStep>> {
    let variables = |places: &[DiffPlace<'_>]| -> Vec<Vec<DiffStep>> {
        let is_variable = |place: &&DiffPlace<'_>| place.steps.last().is_some_and(|step| step.variable().is_some());
        places.iter().filter(is_variable).map(|place| place.steps.clone()).collect()
    };
    let (mut new, mut old) = (variables(new), variables(old));
    let in_both: FxHashSet<Vec<DiffStep>> = {
        let known: FxHashSet<&Vec<DiffStep>> = old.iter().collect();
        new.iter().filter(|steps| known.contains(steps)).cloned().collect()
    };
    let mut lists: Vec<Vec<DiffStep>> = Vec::new();
    for places in [&mut new, &mut old] {
        places.retain(|steps| in_both.contains(steps));
        // Services in another order are the same.
        places.sort_by(|one, other| one[..3].iter().map(DiffStep::key).cmp(other[..3].iter().map(DiffStep::key)));
    }
    for (one, _) in new.iter().zip(&old).filter(|(one, other)| one != other) {
        if lists.iter().all(|list| *list != one[..3]) {
            lists.push(one[..3].to_vec());
        }
    }
    lists
}

/// Of an item of a service's `env`, the variable's name, if it may be shown.
type NameOf<'v, 'n> = &'n dyn Fn(&str, Id) -> Option<&'v str>;

/// The variable's name in an item of `env`.
fn name_in(item: &str) -> Option<&str> {
    let name = item.split_once('=').map_or(item, |(name, _)| name);
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    (!name.is_empty() && name.len() <= 128 && !name.as_bytes()[0].is_ascii_digit() && name.bytes().all(fits)).then_some(name)
}

fn walk<'v>(view: &'v View<'v>, name: NameOf<'v, '_>) -> Result<Vec<DiffPlace<'v>>, TooManyAliases> {
    let mut walk = PlaceWalk { view, name, steps: Vec::new(), places: Vec::new(), read: 0 };
    if let Some(root) = view.root() {
        walk.node(root)?;
    }
    Ok(walk.places)
}

struct PlaceWalk<'v, 'n> {
    view: &'v View<'v>,
    name: NameOf<'v, 'n>,
    steps: Vec<DiffStep>,
    places: Vec<DiffPlace<'v>>,
    read: usize,
}

impl<'v> PlaceWalk<'v, '_> {
    fn node(&mut self, id: Id) -> Result<(), TooManyAliases> {
        self.read += 1;
        // An alias of what it is in has no end.
        if self.read > MOST || self.steps.len() > 200 {
            return Err(TooManyAliases);
        }
        let view = self.view;
        match view.kind(id) {
            NodeKind::Scalar(style) => {
                let null = style == Style::Plain && is_null_word(view.text(id));
                self.leaf(id, if null { LeafKind::Null } else { LeafKind::Text }, view.text(id));
                Ok(())
            }
            NodeKind::Sequence if view.items(id).next().is_none() => {
                self.leaf(id, LeafKind::NoItems, "");
                Ok(())
            }
            NodeKind::Sequence if self.is_env() => self.variables(id),
            NodeKind::Sequence => {
                for (number, item) in view.items(id).enumerate() {
                    self.step(DiffStep::Item(number), item)?;
                }
                Ok(())
            }
            NodeKind::Mapping => {
                let mut entries = Vec::new();
                self.entries(id, &mut entries, 0)?;
                if entries.is_empty() {
                    self.leaf(id, LeafKind::NoEntries, "");
                }
                for (key, value) in entries {
                    self.step(DiffStep::Key(key.to_owned()), value)?;
                }
                Ok(())
            }
        }
    }

    fn step(&mut self, step: DiffStep, id: Id) -> Result<(), TooManyAliases> {
        self.steps.push(step);
        let walked = self.node(id);
        self.steps.pop();
        walked
    }

    fn leaf(&mut self, id: Id, kind: LeafKind, text: &'v str) {
        let leaf = Leaf { kind, text, secret: self.view.holds_secret(id) };
        self.places.push(DiffPlace { steps: self.steps.clone(), leaf });
    }

    /// Whether the way leads to `services.NAME.env`.
    fn is_env(&self) -> bool {
        matches!(self.steps.as_slice(), [services, _, env] if (services.key(), env.key()) == (Some("services"), Some("env")))
    }

    fn variables(&mut self, id: Id) -> Result<(), TooManyAliases> {
        let service = self.steps.get(1).and_then(DiffStep::key).unwrap_or_default().to_owned();
        let mut seen: FxHashMap<&str, usize> = FxHashMap::default();
        for (number, item) in self.view.items(id).enumerate() {
            let name = if matches!(self.view.kind(item), NodeKind::Scalar(_)) { (self.name)(&service, item) } else { None };
            let Some(name) = name else {
                self.step(DiffStep::Item(number), item)?;
                continue;
            };
            let earlier = seen.entry(name).or_default();
            self.steps.push(DiffStep::Variable(name.to_owned(), *earlier));
            *earlier += 1;
            self.leaf(item, LeafKind::Text, self.view.text(item).get(name.len() + 1..).unwrap_or_default());
            self.steps.pop();
        }
        Ok(())
    }

    /// The entries of a mapping. Its own keys are used rather than those that are merged into it, and of these the first.
    fn entries(&mut self, id: Id, found: &mut Vec<(&'v str, Id)>, depth: usize) -> Result<(), TooManyAliases> {
        let view = self.view;
        self.read += 1;
        if self.read > MOST || depth > 100 {
            return Err(TooManyAliases);
        }
        let mut merged = Vec::new();
        let first = found.len();
        for (key, value) in view.entries(id) {
            match view.text(key) {
                "<<" => merged.push(value),
                key if found[..first].iter().any(|(known, _)| *known == key) => {}
                key => found.push((key, value)),
            }
        }
        for value in merged {
            match view.kind(value) {
                NodeKind::Sequence => {
                    for item in view.items(value) {
                        self.entries(item, found, depth + 1)?;
                    }
                }
                _ => self.entries(value, found, depth + 1)?,
            }
        }
        Ok(())
    }
}

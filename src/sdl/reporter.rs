//! Collects findings with their place in the SDL, and never with a text that may be a secret.

use rustc_hash::FxHashSet as HashSet;
use std::fmt::Write as _;
use std::ops::Range;

use crate::diagnostic::{Typos, nearest, printable};
use crate::finding::{Finding, Rule};
use crate::splice::View;
use crate::yaml::tree::{Id, in_place};

use super::decode::Key;

/// A part of a path.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Step<'t> {
    Key(&'t str),
    Index(usize),
}

/// The findings so far, and the path of the place that is being looked at.
pub(crate) struct Reporter<'t> {
    tree: &'t View<'t>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) path: Vec<Step<'t>>,
    /// How many steps of `path` belong to a place that `under` has left for another.
    outer: usize,
    /// What was reported: a node that several aliases lead to is reported once.
    told: HashSet<(Rule, usize, String)>,
    /// What was meant by the document's own names.
    pub(crate) typos: Typos,
}

/// The most characters of a text that are quoted.
const LONGEST: usize = 48;

impl<'t> Reporter<'t> {
    pub(crate) fn new(tree: &'t View<'t>) -> Self {
        Self { tree, findings: Vec::new(), path: Vec::new(), outer: 0, told: HashSet::default(), typos: Typos::default() }
    }

    /// A finding on a node.
    pub(crate) fn add(&mut self, rule: Rule, node: Id, message: &str, help: &str) {
        self.about(rule, false, node, message, help);
    }

    /// A finding on a node, of the lower of the rule's two levels.
    pub(crate) fn add_lower(&mut self, rule: Rule, node: Id, message: &str, help: &str) {
        self.about(rule, true, node, message, help);
    }

    fn about(&mut self, rule: Rule, lower: bool, node: Id, message: &str, help: &str) {
        let range = self.tree.range(node);
        if self.told.insert((rule, range.start, message.to_owned())) {
            self.push(rule, lower, range, message, help);
        }
    }

    /// A finding at a byte of the text, about the document as a whole.
    pub(crate) fn add_at(&mut self, rule: Rule, offset: usize, message: &str, help: &str) {
        self.push(rule, false, offset..offset, message, help);
    }

    fn push(&mut self, rule: Rule, lower: bool, range: Range<usize>, message: &str, help: &str) {
        debug_assert!(!lower || rule.about().lower.is_some(), "{rule} has one level");
        let level = rule.about().lower.filter(|_| lower).unwrap_or(rule.level());
        let help = (!help.is_empty()).then(|| help.to_owned());
        self.findings.push(Finding { rule, level, range, path: self.path(), message: message.to_owned(), help });
    }

    /// Runs `work` at the path that `steps` lead to from the root.
    pub(crate) fn under(&mut self, steps: &[Step<'t>], work: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.outer, self.path.len());
        self.path.extend_from_slice(steps);
        work(self);
        self.path.truncate(self.outer);
        self.outer = outer;
    }

    fn path(&self) -> String {
        let mut path = String::new();
        for step in &self.path[self.outer..] {
            // Writing to a string can't fail.
            let _ = match step {
                Step::Key(key) if path.is_empty() => write!(path, "{}", shorten(&in_place(key))),
                Step::Key(key) => write!(path, ".{}", shorten(&in_place(key))),
                Step::Index(index) => write!(path, "[{index}]"),
            };
        }
        path
    }

    /// A scalar's text in backticks, unless it comes from a placeholder.
    pub(crate) fn quote(&self, id: Id) -> String {
        if self.tree.is_filled_in(id) { "the value".to_owned() } else { ticks(self.tree.text(id)) }
    }

    /// A key that Akash's Go parser ignores and Console refuses; `known` are the keys that have a meaning here.
    pub(crate) fn unknown_key(&mut self, key: Key<'t>, known: impl Iterator<Item = &'static str>) {
        let known: Vec<&str> = known.collect();
        let help = match key.name {
            "depends_on" => "remove it: Akash starts services in no particular order".to_owned(),
            name => match nearest(name, known.iter().copied()).or_else(|| name_elsewhere(name, &known)) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("remove it; possible keys: {}", listed(&known)),
            },
        };
        let message = format!("Akash ignores the key {}, and Console refuses it", self.quote(key.id));
        self.path.push(Step::Key(key.name));
        self.add(Rule::UnknownKey, key.id, &message, &help);
        self.path.pop();
    }
}

/// The key for what other tools call `name`, if it is among `known`.
fn name_elsewhere(name: &str, known: &[&'static str]) -> Option<&'static str> {
    let meant = match name {
        "environment" | "environments" | "envs" => "env",
        "entrypoint" | "cmd" => "command",
        "ports" => "expose",
        "login" | "auth" | "registry" => "credentials",
        "user" => "username",
        "pass" | "token" | "secret" => "password",
        "server" | "url" => "host",
        "protocol" => "proto",
        "replicas" => "count",
        "price" => "amount",
        "path" => "mount",
        "volumes" => "storage",
        "quantity" => "size",
        "readonly" | "read_only" => "readOnly",
        "signed_by" => "signedBy",
        _ => return None,
    };
    known.iter().copied().find(|known| *known == meant)
}

/// `a`, `b` and `c`.
pub(crate) fn listed(names: &[&str]) -> String {
    let ticked: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match ticked.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// A name from outside in backticks.
pub(crate) fn ticks(text: &str) -> String {
    format!("`{}`", shorten(text))
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", printable(&text[..at])),
        None => printable(text),
    }
}

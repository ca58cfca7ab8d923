//! `${NAME}` and `$NAME`, which envsubst and Compose fill in: with `--from-envsubst` they become placeholders.

use std::ops::Range;

use super::find::is_run;
use crate::credential::{self, ShellVariable, shell_variables};
use crate::sdl::{DecodedTexts, model};
use crate::splice::View;
use crate::yaml::tree::{Id, NodeKind, Tree};

/// A variable of a shell in a scalar.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ShellPlaceholder {
    /// Its name.
    pub(crate) name: String,
    /// The text for a variable that is not set, if there is one.
    pub(crate) default: Option<String>,
    /// It becomes a plain variable; otherwise a secret, whose value is always text.
    pub(crate) variable: bool,
    /// It is where secrets are: in a login or in `env`.
    pub(crate) secret: bool,
}

impl std::fmt::Debug for ShellPlaceholder {
    /// Without the default, which may be a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ShellPlaceholder").field("name", &self.name).finish_non_exhaustive()
    }
}

impl ShellPlaceholder {
    /// The placeholder that takes its place.
    pub(crate) fn placeholder(&self) -> String {
        let name = if self.variable { format!("vars.{}", self.name) } else { self.name.clone() };
        match &self.default {
            None => format!("{{{{ {name} }}}}"),
            // In single quotes, which most scalars that hold it are not in.
            Some(text) => {
                let quoted = text.replace('\\', "\\\\").replace('\'', "\\'");
                format!("{{{{ {name} | default('{quoted}') }}}}")
            }
        }
    }
}

/// The variables of a shell in the scalars of `tree` that are values, in the order of the text.
pub(crate) fn find(tree: &Tree<'_>) -> Vec<(Id, Range<usize>, ShellPlaceholder)> {
    let (view, texts) = (View::of(tree), DecodedTexts::default());
    let sdl = model(&view, &texts);
    let logins = credential::facts(&view, &sdl).flat_map(|facts| [facts.username, facts.password]);
    let fields: Vec<Id> = logins.flatten().chain(credential::env(&view, &sdl)).map(|fact| fact.node).collect();
    let mut found = Vec::new();
    for node in values(tree) {
        let text = tree.text(node);
        let secret = fields.contains(&node);
        for variable in shell_variables(text) {
            let Some(default) = default(text, &variable) else { continue };
            let name = text[variable.name.clone()].to_owned();
            let run = || is_run(tree, node);
            found.push((node, variable.range, ShellPlaceholder { name, default, variable: !secret && !run(), secret }));
        }
    }
    found
}

/// What the variable falls back on: `Some(None)` if on nothing, none if it can't be told in a template (`${NAME:+x}`).
fn default(text: &str, variable: &ShellVariable) -> Option<Option<String>> {
    let behind = text[variable.name.end..variable.range.end].trim_end_matches('}');
    match behind.trim_start_matches(':').chars().next() {
        None | Some('?') => Some(None),
        Some('-') => Some(Some(behind.trim_start_matches(':')[1..].to_owned())),
        Some(_) => None,
    }
}

/// The scalars that are values, not keys.
fn values(tree: &Tree<'_>) -> Vec<Id> {
    let mut found = Vec::new();
    let mut open: Vec<Id> = tree.root().into_iter().collect();
    while let Some(node) = open.pop() {
        if tree.is_alias(node) {
            continue;
        }
        match tree.kind(node) {
            NodeKind::Scalar(_) => found.push(node),
            NodeKind::Sequence => open.extend(tree.items(node)),
            NodeKind::Mapping => open.extend(tree.entries(node).map(|(_, value)| value)),
        }
    }
    found.sort();
    found
}

//! The value of a placeholder in a login or in `env`: whether it is a secret at all, or something that only stands for one.

use std::ops::Range;

use crate::diagnostic::for_shell;
use crate::finding::{Finding, Level, Rule};

use super::reference::{Scope, SecretReference, reference};
use super::stand_in::is_unfilled;
use super::{Fact, names_secret};

/// What is known of the value of a placeholder.
#[derive(Clone, Copy)]
pub(crate) struct Known<'v> {
    /// Its filters applied.
    pub(crate) text: &'v str,
    /// As its source has it.
    pub(crate) bare: &'v str,
    /// The example of a `.env` file that gives its name the same.
    pub(crate) example: Option<&'v str>,
}

/// A placeholder in a scalar.
#[derive(Clone)]
pub(crate) struct Filling<'v> {
    /// Its marker's bytes in the document.
    pub(crate) range: Range<usize>,
    /// As the template names it, without filters: `NAME`, `env.NAME`, `file("PATH")`; of a plain variable `vars.NAME`.
    pub(crate) label: String,
    /// The name that its sources are asked for; none of a file, of a stored login or of an expression.
    pub(crate) name: Option<String>,
    /// It has no filters.
    pub(crate) plain: bool,
    /// What is known of its value.
    pub(crate) known: Option<Known<'v>>,
}

impl Filling<'_> {
    /// The name that sources are asked for, as help shows it.
    pub(super) fn shown(&self) -> &str {
        self.name.as_deref().unwrap_or("NAME")
    }
}

/// Checks the values in `field`, which is a part of a login or an item of `env`.
pub(crate) fn check_fillings(field: &Fact<'_>, fillings: &[Filling<'_>], findings: &mut Vec<Finding>) {
    let env = field.place.item.is_some();
    let level = if env { Level::Warning } else { Level::Error };
    let username = field.place.key == "credentials.username";
    for filling in fillings {
        let Some(known) = filling.known.filter(|known| !known.text.is_empty()) else { continue };
        let secret = || !env || filling.name.as_deref().is_some_and(names_secret) || field.variable.is_some_and(names_secret);
        let fits = |found: &&SecretReference| match found.meant {
            Scope::Everywhere => true,
            Scope::Secrets => secret(),
            Scope::Logins => !env,
        };
        let filtered = Some(known.text).filter(|text| *text != known.bare);
        let found = [known.bare].into_iter().chain(filtered).find_map(reference).filter(fits);
        let at = |rule, message, help: String| Finding {
            range: filling.range.clone(),
            ..field.finding_of(rule, level, message, help)
        };
        if let Some(found) = found {
            let message = format!("the value of `{}` is {}, not the secret", filling.label, found.what);
            findings.push(at(Rule::UnresolvedReference, message, resolve(filling.shown(), found)));
        } else if secret() && is_unfilled(known.text, filling.name.as_deref(), username) {
            let message = format!("the value of `{}` only stands for a secret", filling.label);
            findings.push(at(Rule::StandInValue, message, format!("give `{}` the secret itself", filling.shown())));
        } else if let Some(example) = known.example.filter(|_| !username && secret()) {
            let message = format!("the value of `{}` is the one in {example}", filling.label);
            findings.push(at(Rule::StandInValue, message, format!("give `{}` the secret itself", filling.shown())));
        }
    }
}

/// How to get what a reference refers to.
pub(super) fn resolve(name: &str, found: &SecretReference) -> String {
    let command = found.command.replace("NAME", name);
    // In the single quotes of a shell no other can be.
    let quoted = if command.contains('\'') { format!("\"{}\"", command.replace('"', "\\\"")) } else { format!("'{command}'") };
    let typed = for_shell(name);
    match command.as_str() {
        "CMD" => format!("give `{name}` the secret itself; --from-command {typed}='CMD' takes what CMD prints"),
        "cat PATH" => format!("{} names a file to read; or --from-command {typed}={quoted}", for_shell(&format!("{name}_FILE"))),
        _ => format!("--from-command {typed}={quoted} resolves it"),
    }
}

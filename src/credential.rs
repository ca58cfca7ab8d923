//! Rules on registry logins and on secrets that are written in a template.
//!
//! [`template`] looks at a template's text, [`check`] at one service's login and image (at render, where its values are
//! known, at those as well), [`check_env`] at `env`. A value that is not known is accepted by every rule. No finding quotes a username, a password, a
//! token or an `env` value; hosts (without user information), image names and names of `env` variables are quoted unless they come from a
//! placeholder.

use std::collections::HashSet;
use std::fmt;
use std::ops::Range;
use std::time::SystemTime;

use crate::finding::{Finding, Level, Rule};
use crate::registry::token;
use crate::sdl::Version;
use crate::yaml::tree::{Id, in_place};

mod characters;
mod console;
mod dotenv;
mod environment;
mod facts;
mod filling;
mod issued;
mod login;
mod name;
mod random;
mod reference;
mod shell;
mod slot;
mod stand_in;
#[cfg(test)]
mod tests;
mod value;
mod worth;
mod written;

pub(crate) use characters::check_characters;
pub(crate) use console::{LONGEST as LONGEST_REFERENCE, SCHEME as REFERENCE_SCHEME, is_reference};
pub(crate) use environment::exposes_literal;
pub(crate) use facts::{env, facts};
pub(crate) use filling::{Filling, Known, check_fillings};
pub(crate) use name::{is_name, names_secret};
pub(crate) use shell::{ShellVariable, variables as shell_variables};
pub(crate) use worth::{PartRole, is_weak, worth_of_addresses, worth_of_login, worth_of_variable};
pub(crate) use written::{exposes, is_encoded};

/// A scalar of a service.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Fact<'t> {
    /// Its text; none if it is not known.
    pub text: Option<&'t str>,
    /// Its node; of an alias what that stands for.
    pub node: Id,
    /// Of an item of `env`, the variable's name, where that is known.
    pub variable: Option<&'t str>,
    /// Its bytes in the document.
    pub range: Range<usize>,
    /// Its place in the SDL.
    pub place: ServicePlace<'t>,
    /// It comes from a placeholder, known or not.
    pub placeholder: bool,
}

impl fmt::Debug for Fact<'_> {
    /// Without the text, which may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fact").field("place", &self.place).field("known", &self.text.is_some()).finish_non_exhaustive()
    }
}

/// The place of a scalar of a service; displayed as a path: `services.web.credentials.host`, `services.web.env[0]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ServicePlace<'t> {
    /// The service's name.
    pub service: &'t str,
    /// The key below it: `image`, `credentials.host`, `env`.
    pub key: &'static str,
    /// The index of an item of `env`.
    pub item: Option<usize>,
}

impl fmt::Display for ServicePlace<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "services.{}.{}", in_place(self.service), self.key)?;
        self.item.map_or(Ok(()), |item| write!(f, "[{item}]"))
    }
}

/// What the rules need to know about one service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Facts<'t> {
    /// The SDL's version; none if it is missing or not known.
    pub version: Option<Version>,
    /// `image`
    pub image: Option<Fact<'t>>,
    /// `credentials.host`
    pub host: Option<Fact<'t>>,
    /// `credentials.username`
    pub username: Option<Fact<'t>>,
    /// `credentials.password`
    pub password: Option<Fact<'t>>,
}

/// The tokens of known shapes in `text`, a whole template; the ranges are bytes of it, the paths empty.
pub(crate) fn template(text: &str) -> Vec<Finding> {
    let found = token::scan(text).into_iter().map(|(token, range)| Finding {
        rule: Rule::TokenInTemplate,
        level: Rule::TokenInTemplate.level(),
        range,
        path: String::new(),
        message: format!("{} is written in the template", token.name()),
        help: Some("write a placeholder instead, such as `{{ NAME }}`; revoke it if others have seen the file".to_owned()),
    });
    found.collect()
}

/// Checks a service's login and image; and the password's value, if it is known, as of `now`.
pub(crate) fn check(facts: &Facts<'_>, now: Option<SystemTime>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let registry = login::check(facts, &mut findings);
    if let Some(now) = now {
        value::check(facts, registry, now, &mut findings);
    }
    findings
}

/// The secrets that are written out in these scalars of `env`.
pub(crate) fn check_env<'t>(env: impl Iterator<Item = Fact<'t>>) -> Vec<Finding> {
    let mut findings = Vec::new();
    env.for_each(|field| environment::check(&field, &mut findings));
    findings
}

/// The secrets in `text`, a whole `.env` file; the ranges are bytes of it, the paths empty.
pub(crate) fn dotenv(text: &str) -> Vec<Finding> {
    dotenv::check(text)
}

/// The references to secrets in these scalars of `env` that nothing resolves.
pub(crate) fn check_env_references<'t>(env: impl Iterator<Item = Fact<'t>>) -> Vec<Finding> {
    let mut findings = Vec::new();
    env.for_each(|field| {
        console::check(&field, &mut findings);
        environment::check_reference(&field, &mut findings);
    });
    findings
}

/// Keeps one finding where several say the same about one place: a token that is a literal password is reported as that, a token in `env`
/// as a token, and what several aliases lead to once. All must be about the same text.
pub(crate) fn settle(findings: &mut Vec<Finding>) {
    let of = |rule: Rule| -> Vec<Range<usize>> {
        let mut ranges: Vec<Range<usize>> = findings.iter().filter(|it| it.rule == rule).map(|it| it.range.clone()).collect();
        ranges.sort_by_key(|range| range.start);
        ranges
    };
    let (passwords, mut tokens) = (of(Rule::LiteralPassword), of(Rule::TokenInTemplate));
    tokens.retain(|token| !meets(&passwords, token));
    let mut told = HashSet::new();
    findings.retain(|it| {
        let apart = match it.rule {
            Rule::TokenInTemplate => !meets(&passwords, &it.range),
            Rule::EnvSecret => !meets(&tokens, &it.range),
            _ => true,
        };
        apart && told.insert((it.rule, it.range.clone(), it.message.clone()))
    });
}

/// Whether one of `ranges`, which are sorted, and apart or equal, has a byte of `range`.
fn meets(ranges: &[Range<usize>], range: &Range<usize>) -> bool {
    ranges.get(ranges.partition_point(|it| it.end <= range.start)).is_some_and(|it| it.start < range.end)
}

impl Fact<'_> {
    /// A finding on this scalar.
    pub(crate) fn finding(&self, rule: Rule, message: impl Into<String>, help: impl Into<String>) -> Finding {
        self.finding_of(rule, rule.level(), message, help)
    }

    /// The same, of a rule that has two levels.
    pub(crate) fn finding_of(&self, rule: Rule, level: Level, message: impl Into<String>, help: impl Into<String>) -> Finding {
        let (range, path) = (self.range.clone(), self.place.to_string());
        Finding { rule, level, range, path, message: message.into(), help: Some(help.into()) }
    }
}

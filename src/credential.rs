//! Rules on registry logins and on secrets that lie open in a template.
//!
//! [`template`] looks at a template's text, [`check`] at one service's login and image (at render, where its values are
//! known, at those as well), [`check_env`] at `env`. A value that is not known satisfies every rule. No finding quotes a username,
//! a password, a token or an `env` value; hosts (without user information), image names and names of `env` variables are quoted where no placeholder stands in them.

use std::collections::HashSet;
use std::fmt;
use std::ops::Range;
use std::time::SystemTime;

use crate::finding::{Finding, Level};
use crate::registry::token;
use crate::sdl::Version;

mod environment;
mod facts;
mod login;
mod stand_in;
mod value;

pub use facts::{env, facts};

/// A scalar of a service.
#[derive(Clone, PartialEq, Eq)]
pub struct Field<'t> {
    /// Its text; none when a placeholder's value is not known.
    pub text: Option<&'t str>,
    /// Its bytes in the document.
    pub range: Range<usize>,
    /// Its place in the SDL.
    pub place: Place<'t>,
    /// A placeholder stands in it, known or not.
    pub placeholder: bool,
}

impl fmt::Debug for Field<'_> {
    /// Without the text, which may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Field").field("place", &self.place).field("known", &self.text.is_some()).finish_non_exhaustive()
    }
}

/// Where a scalar of a service stands; displayed as a path: `services.web.credentials.host`, `services.web.env[0]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'t> {
    /// The service's name.
    pub service: &'t str,
    /// The key below it: `image`, `credentials.host`, `env`.
    pub key: &'static str,
    /// The number of an item of `env`.
    pub item: Option<usize>,
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "services.{}.{}", self.service, self.key)?;
        self.item.map_or(Ok(()), |item| write!(f, "[{item}]"))
    }
}

/// What the rules want to know of one service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts<'t> {
    /// The SDL's version; none when it is missing or not known.
    pub version: Option<Version>,
    /// `image`
    pub image: Option<Field<'t>>,
    /// `credentials.host`
    pub host: Option<Field<'t>>,
    /// `credentials.username`
    pub username: Option<Field<'t>>,
    /// `credentials.password`
    pub password: Option<Field<'t>>,
}

/// Every rule: its id, its level, and what it says.
pub const RULES: [(&str, Level, &str); 20] = [
    ("literal-password", Level::Error, "`credentials.password` is written in the template"),
    ("token-in-template", Level::Error, "a token of a known shape stands in the template, a comment included"),
    ("host-mismatch", Level::Error, "`credentials.host` is never used for the service's image"),
    ("host-whitespace", Level::Warning, "`credentials.host` has white space around it, which version 2.0 keeps"),
    ("stand-in-password", Level::Warning, "`credentials.password` is a stand-in such as `<token>` or `${TOKEN}`"),
    ("username-expected", Level::Warning, "the registry takes only certain usernames"),
    ("username-colon", Level::Warning, "a username with a colon can't be sent"),
    ("image-name", Level::Warning, "`image` is not an image reference"),
    ("image-tag", Level::Warning, "`image` has no tag, or the tag `latest`"),
    ("env-secret", Level::Warning, "a secret seems to be written in `env`"),
    ("ecr-password-expired", Level::Error, "the password of Amazon ECR has expired"),
    ("ecr-password-expires", Level::Warning, "the password of Amazon ECR expires within the hour"),
    ("ecr-authorization-token", Level::Error, "the password is ECR's whole authorization token, with `AWS:` in it"),
    ("aws-access-key", Level::Error, "the password is the name of an AWS access key"),
    ("ghcr-fine-grained-token", Level::Warning, "a fine-grained GitHub token can't read packages"),
    ("docker-hub-password", Level::Warning, "the password of Docker Hub is not an access token"),
    ("google-key", Level::Error, "the password is not the key that the username announces"),
    ("google-key-kind", Level::Warning, "the password is JSON, yet not a service-account key"),
    ("google-token-kind", Level::Warning, "the password of `oauth2accesstoken` is a service-account key"),
    ("password-short", Level::Warning, "Akash's Console refuses a password of fewer than 6 characters"),
];

/// The tokens of known shapes in `text`, a whole template; the ranges are bytes of it, the paths empty.
pub fn template(text: &str) -> Vec<Finding> {
    let found = token::scan(text).into_iter().map(|(token, range)| Finding {
        id: "token-in-template",
        level: Level::Error,
        range,
        path: String::new(),
        message: format!("{} stands in the template", token.name()),
        help: Some("write a placeholder in its place, such as `{{ NAME }}`; revoke it if others have seen the file".to_owned()),
    });
    found.collect()
}

/// What the document says of a service's login and image; at `now`, where the password's value is known, of that as well.
pub fn check(facts: &Facts<'_>, now: Option<SystemTime>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let registry = login::check(facts, &mut findings);
    if let Some(now) = now {
        value::check(facts, registry, now, &mut findings);
    }
    findings
}

/// What the document says of `env`, of which these are scalars.
pub fn check_env<'t>(env: impl Iterator<Item = Field<'t>>) -> Vec<Finding> {
    let mut findings = Vec::new();
    env.for_each(|field| environment::check(&field, &mut findings));
    findings
}

/// Whether `name`, of a variable or a key, says that its value is a secret.
pub fn names_secret(name: &str) -> bool {
    environment::names_secret(name)
}

/// Leaves one finding where several say the same of one place: a token that is a literal password is reported as that, a token in
/// `env` as a token, and what several aliases lead to once. All must be of the same text.
pub fn settle(findings: &mut Vec<Finding>) {
    let of = |id: &str| -> Vec<Range<usize>> {
        let mut ranges: Vec<Range<usize>> = findings.iter().filter(|it| it.id == id).map(|it| it.range.clone()).collect();
        ranges.sort_by_key(|range| range.start);
        ranges
    };
    let (passwords, mut tokens) = (of("literal-password"), of("token-in-template"));
    tokens.retain(|token| !meets(&passwords, token));
    let mut told = HashSet::new();
    findings.retain(|it| {
        let apart = match it.id {
            "token-in-template" => !meets(&passwords, &it.range),
            "env-secret" => !meets(&tokens, &it.range),
            _ => true,
        };
        apart && told.insert((it.id, it.range.clone(), it.message.clone()))
    });
}

/// Whether one of `ranges`, which are in order and apart or equal, has a byte of `range`.
fn meets(ranges: &[Range<usize>], range: &Range<usize>) -> bool {
    ranges.get(ranges.partition_point(|it| it.end <= range.start)).is_some_and(|it| it.start < range.end)
}

impl Field<'_> {
    /// A finding on this scalar.
    fn finding(&self, id: &'static str, message: impl Into<String>, help: impl Into<String>) -> Finding {
        let level = RULES.iter().find(|(rule, ..)| *rule == id).map_or(Level::Warning, |(_, level, _)| *level);
        debug_assert!(RULES.iter().any(|(rule, ..)| *rule == id), "{id} is not among the rules");
        let (range, path) = (self.range.clone(), self.place.to_string());
        Finding { id, level, range, path, message: message.into(), help: Some(help.into()) }
    }
}

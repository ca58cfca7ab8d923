//! Reports missing values: one in full; several that were looked for in the same places as a table.

use std::path::{Path, PathBuf};

use rustc_hash::FxHashMap as HashMap;

use super::dotenv::passed_over;
use super::keychain::{self, keychain};
use crate::credential::is_name;
use crate::diagnostic::{Diagnostic, Quote, Typos, for_shell, path_for_shell, table};
use crate::project::NAME;
use crate::resolve::Miss;
use crate::secret::{Origin, SecretUse};
use crate::source::{Chain, DotenvError, KeychainError, Remark, SecretPurpose, SourceError};
use crate::template::{ADDED, Template};

/// A secret that has no value, and where it is used.
#[derive(Debug)]
pub(crate) struct Missed {
    /// The secret.
    pub usage: SecretUse,
    /// Why it has no value.
    pub miss: Miss,
    /// How many placeholders need it.
    pub uses: usize,
    /// The first of them.
    pub place: Option<Quote>,
}

/// What is known about the search.
#[derive(Debug)]
pub(crate) struct Sought<'s> {
    /// The template.
    pub template: &'s Template,
    /// Names that the environment and `.env` files hold, for did-you-mean.
    pub names: &'s [String],
    /// The `.env` files that do not exist, as [`Miss`] names them.
    pub absent: &'s [String],
    /// What the project says about secrets.
    pub chain: &'s Chain,
}

/// The common cause of secrets that are reported together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum MissCause {
    /// No source has them: the sources that were asked, and why the keychain failed, if it did.
    Absent { origin: Origin, asked: Vec<String>, keychain: Option<KeychainError> },
    /// No login to this server is stored: the places that were looked in.
    Login { server: String, asked: Vec<String> },
    /// They are empty in this source.
    Empty(String),
    /// Anything else: the message, and what to do.
    Failed(String, Option<String>),
}

/// The diagnostics for all missing secrets, in the order of the document.
pub(crate) fn missing(missed: &[Missed], sought: &Sought<'_>) -> Vec<Diagnostic> {
    let mut groups: Vec<(MissCause, Vec<&Missed>)> = Vec::new();
    let mut known: HashMap<MissCause, usize> = HashMap::default();
    for missed in missed {
        let index = *known.entry(cause(missed)).or_insert_with_key(|cause| {
            groups.push((cause.clone(), Vec::new()));
            groups.len() - 1
        });
        groups[index].1.push(missed);
    }
    groups.iter().map(|(cause, group)| sought.report(cause, group)).collect()
}

fn cause(missed: &Missed) -> MissCause {
    let usage = &missed.usage;
    match &missed.miss {
        Miss::NotFound(asked) if matches!(usage.origin, Origin::DockerUsername | Origin::DockerPassword) => {
            MissCause::Login { server: usage.name.clone(), asked: asked.clone() }
        }
        Miss::NotFound(asked) => MissCause::Absent { origin: usage.origin, asked: asked.clone(), keychain: None },
        Miss::Unreached(_, error) if error.is_of_one_item() => {
            let (reason, help) = keychain(&usage.name, error);
            MissCause::Failed(format!("no value for `{}`: {reason}", usage.label()), Some(help))
        }
        Miss::Unreached(asked, error) => {
            MissCause::Absent { origin: usage.origin, asked: asked.clone(), keychain: Some(error.clone()) }
        }
        Miss::Withheld => withheld(usage),
        Miss::Empty(source) => MissCause::Empty(source.clone()),
        Miss::Source(source, error) => {
            let (message, help) = super::source(&usage.name, source, error);
            MissCause::Failed(message, Some(help))
        }
        Miss::TooMuch => MissCause::Failed(
            format!("`{}` and the other secrets are more than {} MiB", usage.label(), ADDED / 1024 / 1024),
            Some("is a filter applied many times over, or the wrong file named?".to_owned()),
        ),
        Miss::Filter(filter, error) => {
            MissCause::Failed(format!("the filter `{filter}` on `{}` {}", usage.label(), super::filter(error)), None)
        }
    }
}

/// A secret that `--only` keeps from the template.
fn withheld(usage: &SecretUse) -> MissCause {
    let (name, label) = (&usage.name, usage.label());
    let (why, help) = match usage.origin {
        Origin::Any | Origin::Environment | Origin::Dotenv => {
            ("does not name it", format!("if the template may have it, add it: --only {name},…"))
        }
        Origin::Keychain => (
            "keeps the keychain from the template",
            format!(
                "if the template may have it, write {{{{ {name} }}}} and add --only {name} --from-command {name}='sdlrender get {name}'"
            ),
        ),
        Origin::File => (
            "keeps files from the template",
            "if the template may have it, write {{ NAME }} with --only NAME and set NAME_FILE".to_owned(),
        ),
        Origin::DockerUsername | Origin::DockerPassword => (
            "keeps stored logins from the template",
            "if the template may have it, write {{ NAME }} with --only NAME and give the value".to_owned(),
        ),
    };
    MissCause::Failed(format!("no value for `{label}`: --only {why}"), Some(help))
}

/// Which line of a `.env` file is at fault, where the value of a secret refers to it.
fn referring(missed: &Missed) -> Option<String> {
    match &missed.miss {
        Miss::Source(_, SourceError::Dotenv(DotenvError { key: Some(key), .. })) if *key != missed.usage.name => {
            Some(format!("`{}` refers to `{key}`", missed.usage.name))
        }
        _ => None,
    }
}

impl Sought<'_> {
    fn report(&self, cause: &MissCause, group: &[&Missed]) -> Diagnostic {
        let diagnostic = match (cause, group) {
            (MissCause::Failed(message, help), _) => {
                let failed = Diagnostic { help: help.iter().cloned().collect(), ..Diagnostic::error(message) };
                let failed = failed.noting(needed(group)).noting(referring(group[0]));
                let failed = self.purposes(group).fold(failed, Diagnostic::note);
                return Diagnostic { snippet: group[0].place.clone(), ..failed };
            }
            (MissCause::Login { server, asked }, _) => {
                let lost = Diagnostic::error(format!("no value for `{}`", group[0].usage.label())).note(self.looked(asked, None));
                let lost = lost.noting(needed(group)).help(log_in(server));
                return Diagnostic { snippet: group[0].place.clone(), ..lost };
            }
            (MissCause::Absent { .. }, [one]) => Diagnostic::error(format!("no value for `{}`", one.usage.label())),
            (MissCause::Absent { .. }, _) => Diagnostic::error(format!("{} secrets have no value", group.len())),
            (MissCause::Empty(source), [one]) => Diagnostic::error(format!("`{}` is empty in {source}", one.usage.label())),
            (MissCause::Empty(source), _) => Diagnostic::error(format!("{} secrets are empty in {source}", group.len())),
        };
        let diagnostic = self.purposes(group).fold(diagnostic, Diagnostic::note);
        let diagnostic = match cause {
            MissCause::Absent { origin, asked, keychain } => {
                // The name of a file already says where.
                let note = (*origin != Origin::File).then(|| self.looked(asked, keychain.as_ref()));
                let looked = self.passed_over(group).fold(diagnostic.noting(note), Diagnostic::note);
                self.ways(*origin, asked, keychain.as_ref(), group).into_iter().fold(looked, Diagnostic::help)
            }
            _ => diagnostic.help("an empty value counts as missing; use --allow-empty to accept it"),
        };
        match group {
            [one] => Diagnostic { snippet: one.place.clone(), ..diagnostic.noting(needed(group)) },
            _ => Diagnostic {
                lines: rows(group.iter().map(|missed| (missed.usage.label(), &missed.place, missed.uses))),
                ..diagnostic
            },
        }
    }

    /// What the project says the secrets are, and where people get them.
    fn purposes(&self, group: &[&Missed]) -> impl Iterator<Item = String> {
        let mut notes = Vec::new();
        for usage in group.iter().map(|missed| &missed.usage) {
            let told = self.chain.purpose(usage).and_then(SecretPurpose::told);
            notes.extend(told.map(|told| format!("{}: {told}", usage.name)));
            if self.chain.requires(usage) && usage.has_default() {
                notes.push(format!("{NAME} requires `{}`, so the template's default is not used", usage.name));
            }
        }
        notes.into_iter()
    }

    /// Lines of `.env` files that name the secrets in another form.
    fn passed_over(&self, group: &[&Missed]) -> impl Iterator<Item = String> {
        let remarks = self.chain.remarks().into_iter().filter_map(|(path, remark)| match remark {
            Remark::PassedOver(key, line) => Some((path, key, line)),
            _ => None,
        });
        let named = |key: &str| group.iter().any(|missed| missed.usage.name == key);
        let told = |(path, key, line): (PathBuf, String, usize)| {
            let path = path.strip_prefix("./").unwrap_or(&path);
            named(&key).then(|| format!("{}:{line}: {}", path.display(), passed_over(&key)))
        };
        remarks.filter_map(told).collect::<Vec<_>>().into_iter()
    }

    /// Where the secrets were looked for, and what does not exist.
    fn looked(&self, asked: &[String], keychain: Option<&KeychainError>) -> String {
        let (absent, present): (Vec<_>, Vec<_>) = asked.iter().partition(|label| self.absent.contains(label));
        let here = if self.template.directory() == Path::new(".") { "here" } else { "here or beside the template" };
        let list = |labels: Vec<&String>| labels.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        let mut said = Vec::new();
        if !present.is_empty() {
            said.push(format!("looked in: {}", list(present)));
        }
        if !absent.is_empty() {
            said.push(format!("no {} {here}", list(absent)));
        }
        said.extend(keychain.map(keychain::state));
        if said.is_empty() { "no source was asked".to_owned() } else { said.join("; ") }
    }

    /// At most three ways to set the values, and did-you-mean for names.
    fn ways(&self, origin: Origin, asked: &[String], keychain: Option<&KeychainError>, group: &[&Missed]) -> Vec<String> {
        let names: Vec<&str> = group.iter().map(|missed| missed.usage.name.as_str()).collect();
        let stored = keychain.is_none() && asked.iter().any(|label| label == "keychain");
        let set = match (names.as_slice(), self.template.path.as_ref()) {
            ([name], _) => format!("sdlrender set {}", for_shell(name)),
            (_, Some(path)) => format!("sdlrender set --all {}", path_for_shell(path)),
            _ => "sdlrender set NAME for each".to_owned(),
        };
        let each = |text: &str| if names.len() > 1 { format!("{text}, one line for each") } else { text.to_owned() };
        // A name that a shell or a `.env` file can't give is not offered there.
        let plain = names.iter().all(|name| is_variable(name));
        let export = || plain.then(|| format!("export {}", assignments(&names)));
        let dotenv = || plain.then(|| each(&format!("add {}='…' to .env", names[0])));
        let refused = |error: &KeychainError| keychain::keychain(names[0], error).1;
        let ways = match origin {
            Origin::File => vec!["the path is relative to the template's folder; ~/ is your home folder".to_owned()],
            Origin::DockerUsername | Origin::DockerPassword => vec![log_in(names[0])],
            Origin::Environment => export().into_iter().collect(),
            Origin::Dotenv => dotenv().into_iter().collect(),
            Origin::Keychain => vec![keychain.map_or(set, refused)],
            Origin::Any => {
                let third = match keychain.filter(|error| !error.is_absence()) {
                    Some(error) => keychain::fix(names[0], error),
                    None if stored => set,
                    None => format!("--from-command {}='CMD' takes what CMD prints", for_shell(names[0])),
                };
                let files = asked.iter().any(|label| !["environment", "keychain"].contains(&label.as_str()));
                let dotenv = if files { dotenv().map(|way| format!("or {way}")) } else { None };
                let third = if plain { format!("or {third}") } else { third };
                [export(), dotenv, Some(third)].into_iter().flatten().collect()
            }
        };
        if !matches!(origin, Origin::Any | Origin::Environment | Origin::Dotenv) {
            return ways;
        }
        let typos = Typos::default();
        let near = names.iter().filter_map(|name| Some((*name, typos.nearest(name, self.names.iter().map(String::as_str))?)));
        match (near.take(3).collect::<Vec<_>>().as_slice(), names.len()) {
            ([(_, other)], 1) => vec![format!("`{other}` is set: did you mean that?")],
            (near, _) => {
                let meant = |(name, other): &(&str, &str)| format!("`{other}` is set: did you mean that for `{name}`?");
                near.iter().map(meant).chain(ways).collect()
            }
        }
    }
}

/// How to store a login to `server`.
fn log_in(server: &str) -> String {
    match server.split_once('/') {
        Some((host, path)) if !path.is_empty() && !host.ends_with(':') => {
            let part = format!("{host}/{}", path.split(['@', ':']).next().unwrap_or(path));
            format!("podman login {}, or for all of the registry docker login {}", for_shell(&part), for_shell(host))
        }
        _ => format!("docker login {}", for_shell(server)),
    }
}

/// How many placeholders need these secrets, if more than the one that is quoted.
fn needed(group: &[&Missed]) -> Option<String> {
    const LISTED: usize = 5;
    match (group.iter().map(|missed| missed.uses).sum(), group) {
        (1, _) => None,
        (uses, [_]) => Some(format!("it is used {uses} times; the first is shown")),
        (uses, _) => {
            let named: Vec<String> = group.iter().take(LISTED).map(|missed| format!("`{}`", missed.usage.label())).collect();
            let more = if group.len() > LISTED { format!(" and {} more", group.len() - LISTED) } else { String::new() };
            Some(format!("this affects {uses} placeholders, of {}{more}; the first is shown", named.join(", ")))
        }
    }
}

/// Whether `export` takes the name.
fn is_variable(name: &str) -> bool {
    is_name(name) && !name.starts_with(|c: char| c.is_ascii_digit())
}

/// `A='…' B='…'`, but only as many as fit on a line.
fn assignments(names: &[&str]) -> String {
    const LISTED: usize = 3;
    let more = if names.len() > LISTED { " …" } else { "" };
    names.iter().take(LISTED).map(|name| format!("{name}='…'")).collect::<Vec<_>>().join(" ") + more
}

/// An expression without a value or without text, and where it is used.
#[derive(Debug)]
pub(crate) struct Textless {
    /// The expression.
    pub name: String,
    /// What is wrong, as a phrase that follows the name.
    pub fault: &'static str,
    /// What to do.
    pub help: String,
    /// How many placeholders hold it.
    pub uses: usize,
    /// The first of them.
    pub place: Option<Quote>,
}

/// The fault of a variable that is not set.
pub(crate) const UNSET: &str = "is not set";

/// The diagnostics for expressions without text.
pub(crate) fn textless(found: &[Textless]) -> Vec<Diagnostic> {
    let (unset, other): (Vec<_>, Vec<_>) = found.iter().partition(|textless| textless.fault == UNSET);
    let many = unset.len() > 1;
    let single = |textless: &&Textless| {
        let used = (textless.uses > 1).then(|| format!("it is used {} times; the first is shown", textless.uses));
        let diagnostic = Diagnostic::error(format!("`{}` {}", textless.name, textless.fault)).noting(used);
        Diagnostic { snippet: textless.place.clone(), ..diagnostic.help(textless.help.as_str()) }
    };
    let mut diagnostics: Vec<Diagnostic> = other.iter().chain(unset.iter().filter(|_| !many)).map(single).collect();
    if many {
        let lines = rows(unset.iter().map(|textless| (textless.name.clone(), &textless.place, textless.uses)));
        let diagnostic = Diagnostic { lines, ..Diagnostic::error(format!("{} variables are not set", unset.len())) };
        let sources = "looked in: --set, --values, environment, .env";
        let help = "--set NAME=VALUE for each, or --values FILE; | default(\"…\") makes one optional";
        diagnostics.push(diagnostic.note(sources).help(help));
    }
    diagnostics
}

/// A table: names, each with its first place in the SDL and in the template, and how often it is used.
fn rows<'q>(found: impl Iterator<Item = (String, &'q Option<Quote>, usize)>) -> Vec<String> {
    let head = ["NAME", "PLACE", "LINE", "USES"].map(str::to_owned);
    let row = |(name, place, uses): (String, &Option<Quote>, usize)| {
        let line = place.as_ref().map(|quote| format!("{}:{}", quote.template, quote.line));
        let path = place.as_ref().map(|quote| quote.label.clone());
        [name, path.unwrap_or_default(), line.unwrap_or_default(), uses.to_string()]
    };
    table(&std::iter::once(head).chain(found.map(row)).collect::<Vec<_>>())
}

//! The values of a rendering: each secret looked up, or said to be missing.

use std::rc::Rc;

use rustc_hash::FxHashMap as HashMap;

use crate::cli::Render;
use crate::command::{Prepared, hide_secrets};
use crate::diagnostic::{Diagnostic, nearest};
use crate::error::{self, Report, quote};
use crate::resolve::{Miss, Resolved, Resolver};
use crate::scalar::{Mark, Scalar};
use crate::secret::{Origin, SecretUse};
use crate::source::{Chain, DotenvError, SourceError};
use crate::splice::{Kind, Piece};
use crate::template::Emission;

/// What stands in the place of a secret that is not to be seen.
pub const MASK: &str = "********";
/// The mask of a checked integer.
const INTEGER_MASK: &str = "0";

/// The values of one rendering.
#[derive(Debug)]
pub struct Values {
    found: Option<HashMap<SecretUse, Rc<Resolved>>>,
}

impl Values {
    /// A mask for each secret.
    pub fn masked() -> Self {
        Self { found: None }
    }

    pub(super) fn piece<'v>(&'v self, emission: &'v Emission) -> Piece<'v> {
        match emission {
            Emission::Secret(usage) => {
                let kind = if usage.is_integer() { Kind::Integer } else { Kind::Secret };
                let mask = if usage.is_integer() { INTEGER_MASK } else { MASK };
                let found = self.found.as_ref().map(|found| found.get(&**usage).map_or("", |resolved| resolved.value.expose()));
                Piece { text: found.unwrap_or(mask), kind }
            }
            Emission::Text(text) => Piece { text, kind: Kind::Variable },
            // Reported as a miss before anything is filled.
            Emission::Undefined | Emission::Collection => Piece { text: "", kind: Kind::Variable },
        }
    }
}

/// The values that the options ask for: masks, which need no secret, or what the sources have.
pub(super) fn look_up(prepared: &Prepared<'_>, chain: &Chain, options: &Render) -> Result<Values, Report> {
    if !options.redact {
        return resolve(prepared, chain, options.inputs.allow_empty);
    }
    let diagnostics = undefined(prepared, true);
    if diagnostics.is_empty() { Ok(Values::masked()) } else { Err(Report::content(diagnostics)) }
}

/// Looks up every secret whose marker stands in a scalar.
///
/// # Errors
/// With every miss, each name once.
pub fn resolve(prepared: &Prepared<'_>, chain: &Chain, allow_empty: bool) -> Result<Values, Report> {
    hide_secrets(prepared, chain);
    let mut resolver = Resolver::new(chain, allow_empty);
    let mut found = HashMap::default();
    // In the order of the document; the index finds the place of a name that was missed before.
    let mut misses: Vec<(SecretUse, Miss, &Scalar, Mark, usize)> = Vec::new();
    let mut missed: HashMap<String, usize> = HashMap::default();
    for (scalar, mark, emission) in prepared.marks() {
        let Emission::Secret(usage) = emission else { continue };
        if found.contains_key(&**usage) {
            continue;
        }
        match resolver.resolve(usage) {
            Ok(resolved) => _ = found.insert((**usage).clone(), resolved),
            Err(miss) => {
                // One finding a name, whatever filters are on it; a filter's own error is one more. A fault that is not the name's own is
                // one for all names.
                let key = match &miss {
                    Miss::Filter(filter, _) => format!("{} | {filter}", usage.label()),
                    Miss::Source(_, fault @ (SourceError::Dotenv(_) | SourceError::Docker(_) | SourceError::File(_))) => {
                        format!("{fault:?}")
                    }
                    _ => usage.label(),
                };
                match missed.get(&key) {
                    Some(index) => misses[*index].4 += 1,
                    None => {
                        missed.insert(key, misses.len());
                        misses.push(((**usage).clone(), miss, scalar, mark, 1));
                    }
                }
            }
        }
    }
    // Only for did-you-mean: no run that finds everything pays for it.
    let names = if misses.is_empty() { Vec::new() } else { chain.names() };
    let mut diagnostics: Vec<Diagnostic> = misses
        .iter()
        .map(|(usage, miss, scalar, mark, count)| describe(prepared, usage, miss, scalar, *mark, *count, &names))
        .collect();
    diagnostics.extend(undefined(prepared, true));
    if diagnostics.is_empty() { Ok(Values { found: Some(found) }) } else { Err(Report::content(diagnostics)) }
}

fn describe(
    prepared: &Prepared<'_>,
    usage: &SecretUse,
    miss: &Miss,
    scalar: &Scalar,
    mark: Mark,
    count: usize,
    names: &[String],
) -> Diagnostic {
    let label = usage.label();
    let placed = |diagnostic| place(prepared, diagnostic, mark, &prepared.layout.path(scalar));
    let diagnostic = match miss {
        Miss::NotFound(asked) => missing(usage, asked, names),
        Miss::Unreached(asked, failure) => {
            let (note, help) = error::keychain(&usage.name, failure);
            if usage.origin == Origin::Any && failure.is_absence() {
                missing(usage, asked, names).note(note)
            } else {
                let missing = Diagnostic::error(format!("no value for `{label}`"));
                let looked = (!asked.is_empty()).then(|| format!("looked in: {}", asked.join(", ")));
                looked.into_iter().fold(missing, Diagnostic::note).note(note).help(help)
            }
        }
        Miss::Empty(source) => Diagnostic::error(format!("`{label}` is empty in {source}"))
            .help("an empty value counts as missing; --allow-empty takes it as it is"),
        Miss::Source(source, failure) => {
            let (message, help) = error::source(&usage.name, source, failure);
            let diagnostic = Diagnostic::error(message).help(help);
            match failure {
                SourceError::Dotenv(DotenvError { key: Some(key), .. }) if *key != usage.name => {
                    diagnostic.note(format!("`{}` refers to `{key}`", usage.name))
                }
                _ => diagnostic,
            }
        }
        Miss::Filter(filter, failure) => {
            Diagnostic::error(format!("the filter `{filter}` on `{label}` {}", error::filter(failure)))
        }
    };
    let diagnostic = match count {
        1 => diagnostic,
        _ if matches!(miss, Miss::Source(..)) => diagnostic.note(format!("{count} placeholders need it; this is the first")),
        _ => diagnostic.note(format!("it is used {count} times; this is the first")),
    };
    placed(diagnostic)
}

/// A secret that no source has.
fn missing(usage: &SecretUse, asked: &[String], names: &[String]) -> Diagnostic {
    let asked = if asked.is_empty() { "no source was asked".to_owned() } else { format!("looked in: {}", asked.join(", ")) };
    let missing = Diagnostic::error(format!("no value for `{}`", usage.label())).note(asked);
    match usage.origin {
        Origin::Keychain => return missing.help(format!("sdlrender set {} stores it", usage.name)),
        Origin::File => return missing.help("the path is relative to the template's folder; ~/ is your home"),
        Origin::DockerUsername | Origin::DockerPassword => {
            return missing.help(format!("docker login {} stores one", usage.name));
        }
        _ => {}
    }
    match nearest(&usage.name, names.iter().map(String::as_str)) {
        Some(other) => missing.help(format!("`{other}` is set: did you mean that?")),
        None => missing.help(format!("export {0}=…, or add {0}='…' to .env, or --from-command {0}='…'", usage.name)),
    }
}

/// Values that have no text and, with `unset`, variables that are not set, each place's first occurrence.
pub(in crate::command) fn undefined(prepared: &Prepared<'_>, unset: bool) -> Vec<Diagnostic> {
    let mut seen: Vec<(String, usize)> = Vec::new();
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    let known = prepared.missing.names();
    for (scalar, mark, emission) in prepared.marks() {
        if !(matches!(emission, Emission::Collection) || unset && matches!(emission, Emission::Undefined)) {
            continue;
        }
        let location = prepared.expansion.document.locate(mark.offset);
        let text = prepared.expansion.sources.get(&*location.template).and_then(|text| text.get(location.range.clone()));
        let name = text.unwrap_or("a value").trim().to_owned();
        if let Some(index) = seen.iter().position(|(other, _)| *other == name) {
            seen[index].1 += 1;
            continue;
        }
        let (what, help) = without_text(&name, emission);
        let member = known.iter().find(|known| name.ends_with(known.as_str()));
        let help = member.map_or_else(|| help.to_owned(), |member| help.replace("NAME", member));
        diagnostics.push(place(
            prepared,
            Diagnostic::error(format!("`{name}` {what}")).help(help),
            mark,
            &prepared.layout.path(scalar),
        ));
        seen.push((name, 1));
    }
    for ((_, count), diagnostic) in seen.iter().zip(&mut diagnostics).filter(|((_, count), _)| *count > 1) {
        diagnostic.notes.push(format!("it is used {count} times; this is the first"));
    }
    diagnostics
}

/// What is said of the expression `name`, whose value is not there or has no text, and what to write instead.
fn without_text(name: &str, emission: &Emission) -> (&'static str, &'static str) {
    const LOGIN: &str = "write docker(\"HOST\").username or docker(\"HOST\").password";
    match (name, emission) {
        ("file", _) => ("is a function", "write file(\"PATH\")"),
        ("docker", _) => ("is a function", LOGIN),
        ("range" | "dict" | "namespace", _) => {
            ("is a function, whose result has no text", "loop over what it gives with {% for %}")
        }
        (name, Emission::Undefined) if name.starts_with("docker(") => ("is no part of a login", LOGIN),
        (name, Emission::Collection) if name.starts_with("docker(") => ("is a whole login", LOGIN),
        (_, Emission::Collection) => {
            ("is a list or a mapping, which has no text", "loop over it with {% for %}, or name one of its members")
        }
        _ => ("is not set", "--set NAME=VALUE, --values FILE, or the environment gives it; | default(\"…\") makes it optional"),
    }
}

/// `diagnostic` with the line of the template that `mark` comes from.
pub(super) fn place(prepared: &Prepared<'_>, diagnostic: Diagnostic, mark: Mark, path: &str) -> Diagnostic {
    let location = prepared.expansion.document.locate(mark.offset);
    Diagnostic { snippet: quote(&prepared.expansion.sources, &location, path), ..diagnostic }
}

//! Stage 4: looks up each secret, and reports what is missing.

use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::{FxHashMap as HashMap, FxHashSet};

use super::scan::Prepared;
use crate::credential::Known;
use crate::diagnostic::{Diagnostic, Quote};
use crate::error::{Missed, Report, Sought, Textless, UNSET, exceeded, missing, quote, textless};
use crate::resolve::{Miss, Resolved, Resolver};
use crate::scalar::Mark;
use crate::secret::SecretUse;
use crate::source::Chain;
use crate::splice::{Piece, PieceKind};
use crate::template::{ADDED, Emission, Excess};
use crate::yaml::tree::Id;

/// Shown instead of a secret.
pub(crate) const MASK: &str = "********";
/// The mask of an integer.
const INTEGER_MASK: &str = "0";

/// The values of one render.
#[derive(Debug)]
pub(crate) struct SecretValues {
    /// The secrets, and what each is made of without filters; none: masks.
    found: Option<HashMap<SecretUse, Rc<Resolved>>>,
    /// The names whose value is the one in an example of a `.env` file, each with the name of that file.
    examples: HashMap<String, String>,
}

impl SecretValues {
    /// Masks for all secrets.
    pub(crate) fn masked() -> Self {
        Self { found: None, examples: HashMap::default() }
    }

    /// Whether they are values, not masks.
    pub(crate) fn are_known(&self) -> bool {
        self.found.is_some()
    }

    /// What is known of the value of a secret, or of a part of one.
    pub(crate) fn known(&self, usage: &SecretUse) -> Option<Known<'_>> {
        let found = self.found.as_ref()?;
        let bare = found.get(&usage.bare());
        let text = found.get(usage).or(bare)?.value.expose();
        let example = self.examples.get(&usage.name).filter(|_| usage.origin.is_by_name()).map(String::as_str);
        Some(Known { text, bare: bare.map_or(text, |bare| bare.value.expose()), example })
    }

    /// The texts of the secrets, filtered or not; none of masks.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        self.found.iter().flatten().map(|(_, resolved)| resolved.value.expose())
    }

    /// What goes in the place of a marker; a plain variable that is `concealed` is treated as a secret.
    pub(crate) fn piece<'v>(&'v self, emission: &'v Emission, concealed: bool) -> Piece<'v> {
        match emission {
            Emission::Text(text) if concealed => {
                Piece { text: if self.are_known() { text } else { MASK }, kind: PieceKind::Secret }
            }
            Emission::Secret(usage) => {
                let kind = if usage.is_integer() { PieceKind::Integer } else { PieceKind::Secret };
                let mask = if usage.is_integer() { INTEGER_MASK } else { MASK };
                let found = self.found.as_ref().map(|found| found.get(&**usage).map_or("", |resolved| resolved.value.expose()));
                Piece { text: found.unwrap_or(mask), kind }
            }
            Emission::Text(text) => Piece { text, kind: PieceKind::Variable },
            // Reported as missing before anything is filled in.
            Emission::Undefined | Emission::Collection => Piece { text: "", kind: PieceKind::Unknown },
        }
    }
}

/// The values for a render: masks with `redact`, otherwise the values from the sources.
pub(crate) fn look_up(prepared: &Prepared<'_>, chain: &Chain, redact: bool, allow_empty: bool) -> Result<SecretValues, Report> {
    if !redact {
        return resolve(prepared, chain, allow_empty);
    }
    let diagnostics = undefined(prepared, true);
    if diagnostics.is_empty() { Ok(SecretValues::masked()) } else { Err(Report::content(diagnostics)) }
}

/// Looks up every secret whose marker is in a scalar.
///
/// # Errors
/// With everything that is missing, each name once.
fn resolve(prepared: &Prepared<'_>, chain: &Chain, allow_empty: bool) -> Result<SecretValues, Report> {
    hide_secrets(prepared, chain);
    let mut resolver = Resolver::new(chain, allow_empty);
    let (mut found, mut examples) = (HashMap::default(), HashMap::default());
    let mut missed: Vec<Missed> = Vec::new();
    let mut places = Vec::new();
    let mut known = HashMap::default();
    for (scalar, mark, emission) in prepared.marks() {
        let Emission::Secret(usage) = emission else { continue };
        if found.contains_key(&**usage) {
            continue;
        }
        match resolver.resolve(usage) {
            Ok(resolved) => {
                for part in usage.parts() {
                    let bare = part.bare();
                    let Ok(resolved) = resolver.resolve(&bare) else { continue };
                    if let Some(file) = chain.example_with(&bare.name, &resolved.value).filter(|_| bare.origin.is_by_name()) {
                        examples.insert(bare.name.clone(), file.to_owned());
                    }
                    found.entry(bare).or_insert(resolved);
                }
                _ = found.insert((**usage).clone(), resolved);
            }
            Err(miss) => {
                // Of a secret made of several, each part is looked for by itself.
                let part = |part: SecretUse| resolver.resolve(&part).err().map(|miss| (part, miss));
                let mut parts: Vec<_> = usage.parts().into_iter().filter_map(part).collect();
                if parts.is_empty() {
                    parts.push(((**usage).clone(), miss));
                }
                for (usage, miss) in parts {
                    // Each name is reported once, whatever its filters, and so is each error of a filter.
                    let filter = if let Miss::Filter(filter, error) = &miss { Some((*filter, error.clone())) } else { None };
                    let index = *known.entry((usage.label(), filter)).or_insert_with(|| {
                        places.push((mark, scalar.node));
                        missed.push(Missed { usage, miss, uses: 0, place: None });
                        missed.len() - 1
                    });
                    missed[index].uses += 1;
                }
            }
        }
    }
    for (missed, place) in missed.iter_mut().zip(quoted(prepared, &places)) {
        missed.place = place;
    }
    let mut diagnostics = if missed.is_empty() { Vec::new() } else { report(prepared, chain, &missed) };
    diagnostics.extend(undefined(prepared, true));
    let values = SecretValues { found: Some(found), examples };
    if diagnostics.is_empty() && length(prepared, &values) > prepared.expansion.document.text.len() + ADDED {
        diagnostics.push(exceeded(Excess::Size));
    }
    if diagnostics.is_empty() { Ok(values) } else { Err(Report::content(diagnostics)) }
}

/// How many bytes the values have, as often as they are used.
fn length(prepared: &Prepared<'_>, values: &SecretValues) -> usize {
    prepared.marks().map(|(_, _, emission)| values.piece(emission, false).text.len()).sum()
}

fn report(prepared: &Prepared<'_>, chain: &Chain, missed: &[Missed]) -> Vec<Diagnostic> {
    let (names, absent) = (chain.names(), chain.absent());
    missing(missed, &Sought { template: prepared.template, names: &names, absent: &absent, chain })
}

/// Reports values that have no text and, with `unset`, variables that are not set, each name once.
pub(super) fn undefined(prepared: &Prepared<'_>, unset: bool) -> Vec<Diagnostic> {
    let mut found: Vec<Textless> = Vec::new();
    let mut places = Vec::new();
    let mut seen: HashMap<String, usize> = HashMap::default();
    let known = prepared.missing.names();
    for (scalar, mark, emission) in prepared.marks() {
        let is_unset = match emission {
            Emission::Undefined => true,
            Emission::Secret(usage) => usage.lacks_variable(),
            _ => false,
        };
        let is_textless = matches!(emission, Emission::Collection) || unset && is_unset;
        if !(is_textless || unset && !known.is_empty()) {
            continue;
        }
        let location = prepared.expansion.document.locate(mark.offset);
        let text = prepared.expansion.sources.get(&*location.template).and_then(|text| text.get(location.range.clone()));
        let text = text.unwrap_or("a value").trim();
        // A variable that is not set is nothing in `A ~ vars.X`, which has a value for all that.
        let mut names: Vec<String> = match unset && (is_unset && text.contains('[') || text.contains('~')) {
            true => known.iter().filter(|name| is_glued(text, name)).map(|name| format!("vars.{name}")).collect(),
            false => Vec::new(),
        };
        if names.is_empty() && is_textless {
            names.push(text.to_owned());
        }
        for name in names {
            let index = *seen.entry(name).or_insert_with_key(|name| {
                let (fault, help) = without_text(name, emission);
                let member = known.iter().find(|known| name.ends_with(known.as_str()));
                let help = member.map_or_else(|| help.to_owned(), |member| help.replace("NAME", member));
                places.push((mark, scalar.node));
                found.push(Textless { name: name.clone(), fault, help, uses: 0, place: None });
                found.len() - 1
            });
            found[index].uses += 1;
        }
    }
    for (textless, place) in found.iter_mut().zip(quoted(prepared, &places)) {
        textless.place = place;
    }
    textless(&found)
}

/// Whether the expression makes one text of `vars.NAME` and others, without a default for it.
fn is_glued(expression: &str, name: &str) -> bool {
    let written = format!("vars.{name}");
    !expression.contains(" if ")
        && expression.match_indices(&written).any(|(at, _)| {
            let behind = &expression[at + written.len()..];
            let ends = !behind.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '[' | '('));
            let behind = behind.trim_start();
            let defaulted = behind.strip_prefix('|').is_some_and(|filter| filter.trim_start().starts_with('d'));
            ends && !defaulted && !behind.starts_with("is ")
        })
}

/// What is wrong with the expression `name`, which has no value or no text, and what to write instead.
fn without_text(name: &str, emission: &Emission) -> (&'static str, &'static str) {
    const LOGIN: &str = "write docker(\"HOST\").username or docker(\"HOST\").password";
    match (name, emission) {
        ("file", _) => ("is a function", "write file(\"PATH\")"),
        ("docker", _) => ("is a function", LOGIN),
        ("range" | "dict" | "namespace", _) => ("is a function, whose result has no text", "loop over the result with {% for %}"),
        (name, Emission::Undefined) if name.starts_with("docker(") => ("is not a part of a login", LOGIN),
        (name, Emission::Collection) if name.starts_with("docker(") => ("is a whole login", LOGIN),
        (_, Emission::Collection) => {
            ("is a list or a mapping, which has no text", "loop over it with {% for %}, or name one of its members")
        }
        _ => (UNSET, "--set NAME=VALUE, --values FILE or the environment sets it; | default(\"…\") makes it optional"),
    }
}

/// Hides the variables that the template uses as secrets from other programs.
pub(super) fn hide_secrets(prepared: &Prepared<'_>, chain: &Chain) {
    let mut seen = FxHashSet::default();
    for (_, _, emission) in prepared.marks() {
        // A name that is used many times is usually one object.
        if let Emission::Secret(usage) = emission
            && seen.insert(Arc::as_ptr(usage))
        {
            chain.hide(usage.names());
        }
    }
    chain.hide(prepared.concealed.values().flatten().cloned());
}

/// The lines of `places`, which are in the order of the text, each with its path.
fn quoted(prepared: &Prepared<'_>, places: &[(Mark, Id)]) -> Vec<Option<Quote>> {
    let (sources, document) = (&prepared.expansion.sources, &prepared.expansion.document);
    // All paths at once: each by itself would be searched for from the start.
    let paths = prepared.layout.tree.paths(places.iter().map(|(_, node)| *node));
    places.iter().zip(paths).map(|((mark, _), path)| quote(sources, &document.locate(mark.offset), &path)).collect()
}

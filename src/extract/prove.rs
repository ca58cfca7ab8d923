//! The proof: the new template, rendered by the ordinary pipeline, must be the original again.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::names::ValueClass;
use super::original::FilledSdl;
use super::plan::{ExtractPlan, PartText};
use super::store::SecretStore;
use crate::diagnostic::{Diagnostic, REPORT_BUG};
use crate::error::Report;
use crate::pipeline::expand::{Input, expand};
use crate::pipeline::fill::fill;
use crate::pipeline::scan::scan;
use crate::pipeline::values::look_up;
use crate::secret::{Origin, Secret};
use crate::source::{Chain, Source, SourceError};
use crate::splice::container_sees;
use crate::template::{Folder, Given, Template, Values};
use crate::yaml::judge::{self, Disagreement, Wanted};
use crate::yaml::tree::Id;

/// Values by name, as a source. Wiped when dropped.
pub(crate) struct HeldValues(pub(crate) BTreeMap<String, Secret>);

impl Source for HeldValues {
    fn label(&self) -> String {
        "the extracted values".to_owned()
    }

    fn origin(&self) -> Option<Origin> {
        None
    }

    fn get(&self, name: &str) -> Result<Option<Secret>, SourceError> {
        Ok(self.0.get(name).map(copied))
    }
}

/// Another copy of a secret.
pub(crate) fn copied(secret: &Secret) -> Secret {
    Secret::new(Zeroizing::new(secret.expose().to_owned()))
}

/// The values of `plan`, as they are known from the original.
pub(crate) fn from_memory(plan: &ExtractPlan) -> HeldValues {
    HeldValues(plan.entries.iter().map(|entry| (entry.name.clone(), copied(&entry.value))).collect())
}

/// The values of `plan` as they are in `store`; of what is not stored there, such as a stand-in, as they are known from the original.
///
/// # Errors
/// When one can't be read, or is not there.
pub(crate) fn from_store(plan: &ExtractPlan, store: &SecretStore) -> Result<HeldValues, Report> {
    let mut held = BTreeMap::new();
    for entry in &plan.entries {
        let value = match entry.class {
            ValueClass::StandIn => copied(&entry.value),
            _ => store.get(&entry.name)?.ok_or_else(|| {
                let message = format!("`{}` was stored in {}, but is not there", entry.name, store.label());
                Report::content(vec![Diagnostic::error(message).help("no template was written; the SDL is as it was")])
            })?,
        };
        held.insert(entry.name.clone(), value);
    }
    Ok(HeldValues(held))
}

/// Renders `text`, the new template, with `values` and compares the result with `original`: the same tree, the same texts, and after
/// Kubernetes' expansion the same for the container. Gives the places that are the same only after that.
///
/// # Errors
/// When the template can't be rendered, or gives something else.
pub(crate) fn prove(
    original: &FilledSdl<'_>,
    plan: &ExtractPlan,
    path: &Path,
    text: &str,
    mut values: HeldValues,
) -> Result<Vec<String>, Report> {
    let mut given = Given::default();
    for part in &plan.parts {
        if let PartText::Shell(shell) = &part.what {
            match shell.variable {
                true => given.insert(shell.name.clone(), Values::parse(token(&shell.name).as_str())),
                false => _ = values.0.entry(shell.name.clone()).or_insert_with(|| Secret::new(token(&shell.name))),
            }
        }
    }
    let expected = expected(original, plan, &values);
    let template = Template { name: path.display().to_string(), path: Some(path.to_owned()), text: Arc::new(text.to_owned()) };
    let chain = Arc::new(Chain::of(vec![Box::new(values)]));
    let input = Input { files: Arc::new(Folder::of(&template)), template, given, chain };
    let expanded = expand(&input)?;
    let prepared = scan(&expanded)?;
    let values = look_up(&prepared, &input.chain, false, true)?;
    let rendered = fill(&prepared, &values, &[])?.text;
    compare(original, plan, &expected, &rendered)
}

/// What a variable of a shell is, for the proof: nobody knows its value.
fn token(name: &str) -> Zeroizing<String> {
    Zeroizing::new(format!("value-of-{name}"))
}

/// What each scalar with a part must hold, in the order of the text: what it holds, but for the variables of a shell.
fn expected(original: &FilledSdl<'_>, plan: &ExtractPlan, values: &HeldValues) -> Vec<(Id, Zeroizing<String>, bool)> {
    let mut found = Vec::new();
    for own in plan.parts.chunk_by(|one, other| one.cut.node == other.cut.node) {
        let text = original.tree().text(own[0].cut.node);
        let mut whole = Vec::new();
        let mut from = 0;
        for part in own {
            if let PartText::Shell(shell) = &part.what {
                whole.push(Zeroizing::new(text[from..part.cut.range.start].to_owned()));
                let known = values.0.get(&shell.name).filter(|_| !shell.variable);
                whole.push(known.map_or_else(|| token(&shell.name), |known| Zeroizing::new(known.expose().to_owned())));
                from = part.cut.range.end;
            }
        }
        let mut out = Zeroizing::new(String::with_capacity(text.len() + whole.iter().map(|part| part.len()).sum::<usize>()));
        whole.iter().for_each(|part| out.push_str(part));
        out.push_str(&text[from..]);
        found.push((own[0].cut.node, out, own.iter().any(|part| part.expanded)));
    }
    found
}

fn compare(
    original: &FilledSdl<'_>,
    plan: &ExtractPlan,
    expected: &[(Id, Zeroizing<String>, bool)],
    rendered: &str,
) -> Result<Vec<String>, Report> {
    let Ok(tree) = judge::tree(rendered) else { return Err(unproven(original, plan, None)) };
    let mut respelled = Vec::new();
    let mut wanted: Vec<(Id, Zeroizing<String>)> = Vec::new();
    for (node, text, expanded) in expected {
        let now = tree.checked_text(*node).unwrap_or_default();
        let same_for_container = *expanded && now != text.as_str() && container_sees(now) == container_sees(text);
        if same_for_container {
            respelled.push(*node);
        }
        wanted.push((*node, if same_for_container { Zeroizing::new(now.to_owned()) } else { text.clone() }));
    }
    let value = |id: Id| {
        let at = wanted.binary_search_by_key(&id, |(node, _)| *node).ok()?;
        Some(Wanted { value: &wanted[at].1, quoted: false })
    };
    match judge::compare(rendered, original.tree(), &value) {
        Ok(()) => Ok(original.tree().paths(respelled)),
        Err(Disagreement::Differs(at)) => Err(unproven(original, plan, at)),
        Err(Disagreement::Refused(_)) => Err(unproven(original, plan, None)),
    }
}

fn unproven(original: &FilledSdl<'_>, plan: &ExtractPlan, at: Option<Id>) -> Report {
    let path = at.map(|at| original.tree().path(at));
    let place = path.as_ref().map_or_else(String::new, |path| format!(" at {path}"));
    let diagnostic = Diagnostic::error(format!("the new template would not render as {} does{place}", original.name))
        .note("nothing was written, and nothing was stored");
    let names = plan.parts.iter().filter(|part| Some(&part.path) == path.as_ref()).filter_map(|part| match &part.what {
        PartText::Secret { entry, .. } => plan.entries.get(*entry),
        PartText::Shell(_) => None,
    });
    Report::content(vec![match names.map(|entry| entry.name.as_str()).next() {
        Some(name) => diagnostic.help(format!("--skip {name} leaves it out")).help(REPORT_BUG),
        None => diagnostic.help(REPORT_BUG),
    }])
}

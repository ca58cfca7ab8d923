//! From a filled SDL to a template and stored secrets, proven to render back before anything is kept.
//!
//! [`FilledSdl::read`] reads the SDL exactly; `find` says where its secrets are; [`plan()`] gives each a name and decides what stays; `cut`
//! puts placeholders in their places, by span; [`search`] looks for what is left of them; [`prove`] renders the new template and compares;
//! [`Store`] keeps the values; [`history`] says which commits hold them; [`diff()`] shows it all without keeping anything.

use std::path::Path;

use zeroize::Zeroizing;

use crate::error::Report;
use crate::template::Template;

mod cut;
mod diff;
mod dotenv;
mod envsubst;
mod filled;
mod find;
pub(crate) mod history;
mod leftover;
mod names;
mod original;
mod plan;
mod prove;
mod store;
mod tell;
mod unignored;

pub(crate) use diff::diff;
pub(crate) use filled::extractable;
pub(crate) use names::ValueClass;
pub(crate) use original::FilledSdl;
pub(crate) use plan::{ExtractPlan, Selection, plan};
pub(crate) use prove::{from_memory, from_store, prove};
pub(crate) use store::SecretStore;
pub(crate) use tell::{finished, logins, planned, respelled};
pub(crate) use unignored::Unignored;

/// The new template for `original`, from which the parts of `plan` are cut out.
///
/// # Errors
/// When a value that is stored, or a token, would still be in it; with the line.
pub(crate) fn template(original: &FilledSdl<'_>, plan: &ExtractPlan) -> Result<Zeroizing<String>, Report> {
    let cuts: Vec<cut::ScalarCut> = plan.parts.iter().map(|part| part.cut.clone()).collect();
    let marked = cut::marked(original, &cuts);
    leftover::search(original, plan, &marked)?;
    Ok(cut::written(original, &marked, |number| plan.parts.get(number).map_or_else(String::new, |part| plan.placeholder(part))))
}

/// What a test sees of an extraction: the template, and the values by name.
#[doc(hidden)]
pub type Extracted = (String, Vec<(String, String)>);

/// Extracts from `text` in memory, and proves the result. For tests.
#[doc(hidden)]
pub fn in_memory(text: &str) -> Result<Extracted, Report> {
    let source = Template { name: "deploy.yaml".to_owned(), path: None, text: std::sync::Arc::new(text.to_owned()) };
    let original = FilledSdl::read(&source)?;
    let plan = plan(&original, &Selection::default())?;
    let new = template(&original, &plan)?;
    prove(&original, &plan, Path::new("deploy.tmpl.yaml"), &new, from_memory(&plan))?;
    let values = plan.entries.iter().map(|entry| (entry.name.clone(), entry.value.expose().to_owned())).collect();
    Ok((new.to_string(), values))
}

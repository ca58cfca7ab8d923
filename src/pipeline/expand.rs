//! Stage 2: the template's statements run, and what they write is a document with a marker for every value.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::error::{self, Report};
use crate::secret::SecretUse;
use crate::source::Chain;
use crate::template::{ExpandError, Expansion, Files, Missing, Presence, Sources, Template, Values, expand as run};

/// A template, and where its values come from.
pub(crate) struct Input {
    /// The template.
    pub(crate) template: Template,
    /// Where the templates that it includes are read.
    pub(crate) files: Arc<dyn Files>,
    /// The variables that files and options give.
    pub(crate) given: BTreeMap<String, minijinja::Value>,
    /// The sources of its secrets, and of its other variables.
    pub(crate) chain: Arc<Chain>,
}

/// A template whose statements have run; no secret has been looked up.
#[derive(Debug)]
pub(crate) struct Expanded<'i> {
    /// The template.
    pub(crate) template: &'i Template,
    /// The marker document and the texts it came from.
    pub(crate) expansion: Expansion,
    /// Variables that were asked for in vain.
    pub(crate) missing: Missing,
}

/// Runs the statements of the template. The sources are only asked for variables, and for whether a secret exists (`is defined`).
///
/// # Errors
/// When the template is invalid.
pub(crate) fn expand(input: &Input) -> Result<Expanded<'_>, Report> {
    let (result, missing) = attempt(input);
    let expansion = result.map_err(|(failure, sources)| Report::content(error::expand(&failure, &sources)))?;
    Ok(Expanded { template: &input.template, expansion, missing })
}

/// What came of the template, or why nothing did, and the variables that were asked for in vain.
pub(super) fn attempt(input: &Input) -> (Result<Expansion, (ExpandError, Sources)>, Missing) {
    let (for_values, for_presence) = (input.chain.clone(), input.chain.clone());
    let values = Values::new(input.given.clone(), Arc::new(move |name: &str| for_values.variable(name)));
    let presence: Presence = Arc::new(move |usage: &SecretUse| for_presence.has(usage));
    let missing = values.missing();
    (run(&input.template, values, presence, input.files.clone()), missing)
}

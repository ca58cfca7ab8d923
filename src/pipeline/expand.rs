//! Stage 2: runs the template's statements. The result is a document with a marker for every value.

use std::sync::{Arc, Mutex, PoisonError};

use crate::diagnostic::Diagnostic;
use crate::error::{self, Report};
use crate::secret::SecretUse;
use crate::source::Chain;
use crate::template::{ExpandError, Expansion, Given, IncludeFiles, Missing, Presence, Sources, Template, Values, expand as run};

/// A template and the sources of its values.
pub(crate) struct Input {
    /// The template.
    pub(crate) template: Template,
    /// Where included templates are read from.
    pub(crate) files: Arc<dyn IncludeFiles>,
    /// The variables set by files and options.
    pub(crate) given: Given,
    /// The sources of secrets and of all other variables.
    pub(crate) chain: Arc<Chain>,
}

/// A template whose statements have run. No secret has been looked up yet.
#[derive(Debug)]
pub(crate) struct Expanded<'i> {
    /// The template.
    pub(crate) template: &'i Template,
    /// The marker document and the texts it comes from.
    pub(crate) expansion: Expansion,
    /// Variables that were used but are not set.
    pub(crate) missing: Missing,
}

/// Runs the statements of the template. Sources are asked only for variables and whether a secret exists (`is defined`).
///
/// # Errors
/// When the template is invalid.
pub(crate) fn expand(input: &Input) -> Result<Expanded<'_>, Report> {
    let Attempt { result, missing, faults } = attempt(input);
    if !faults.is_empty() {
        return Err(Report::content(faults));
    }
    let expansion = result.map_err(|(failure, sources)| Report::content(error::expand(&failure, &sources)))?;
    Ok(Expanded { template: &input.template, expansion, missing })
}

/// The outcome of running a template's statements.
pub(crate) struct Attempt {
    /// The document, or the reason why there is none.
    pub(crate) result: Result<Expansion, (ExpandError, Sources)>,
    /// Variables that were used but are not set.
    pub(crate) missing: Missing,
    /// Why a source could not read a variable, each reason once.
    pub(crate) faults: Vec<Diagnostic>,
}

impl Attempt {
    /// The texts of the template and of what it includes.
    pub(crate) fn sources(self) -> Sources {
        self.result.map_or_else(|(_, sources)| sources, |expansion| expansion.sources)
    }
}

/// Runs the statements of the template as far as possible.
pub(crate) fn attempt(input: &Input) -> Attempt {
    let (for_values, for_presence) = (input.chain.clone(), input.chain.clone());
    let faults = Arc::new(Mutex::new(Vec::new()));
    let reported = faults.clone();
    let variable = move |name: &str| {
        for_values.variable(name).unwrap_or_else(|(label, fault)| {
            let (message, help) = error::source(name, &label, &fault);
            let diagnostic = Diagnostic::error(message).help(help);
            let mut reported = reported.lock().unwrap_or_else(PoisonError::into_inner);
            if !reported.contains(&diagnostic) {
                reported.push(diagnostic);
            }
            None
        })
    };
    let values = Values::new(input.given.clone(), Arc::new(variable));
    let presence: Presence = Arc::new(move |usage: &SecretUse| for_presence.has(usage));
    let missing = values.missing();
    let result = run(&input.template, values, presence, input.files.clone());
    let faults = std::mem::take(&mut *faults.lock().unwrap_or_else(PoisonError::into_inner));
    Attempt { result, missing, faults }
}

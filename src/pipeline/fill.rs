//! Stage 5: writes the values into the document, and proves the result.

use super::scan::Prepared;
use super::values::SecretValues;
use crate::diagnostic::Diagnostic;
use crate::error::{self, Report};
use crate::proof::{Unproven, prove};
use crate::scalar::{Mark, ScanError};
use crate::splice::{Filled, Refusal, RefusalCause, Replacement, splice};
use crate::template::Emission;

/// Why a document can't be filled.
#[derive(Debug)]
pub(super) enum Unfilled {
    /// YAML can't hold a value.
    Value(Vec<Diagnostic>),
    /// Akash's parser refuses the template, or reads it differently.
    Template(ScanError),
    /// A bug in this program.
    Bug(Box<Diagnostic>),
}

/// Fills the document with `values`, replaces the scalars of `replacements` as a whole, and proves the result.
///
/// # Errors
/// When YAML can't hold a value, or Akash's parser refuses the template.
pub(crate) fn fill(prepared: &Prepared<'_>, values: &SecretValues, replacements: &[Replacement]) -> Result<Filled, Report> {
    attempt(prepared, values, replacements).map_err(|unfilled| match unfilled {
        Unfilled::Value(diagnostics) => Report::content(diagnostics),
        Unfilled::Template(failure) => {
            Report::content(error::scan(&failure, &prepared.expansion.document, &prepared.expansion.sources))
        }
        Unfilled::Bug(diagnostic) => Report::content(vec![*diagnostic]),
    })
}

/// [`fill`] for callers that need to know the reason.
pub(super) fn attempt(prepared: &Prepared<'_>, values: &SecretValues, replacements: &[Replacement]) -> Result<Filled, Unfilled> {
    let (document, sources) = (&prepared.expansion.document, &prepared.expansion.sources);
    let piece = |mark: Mark| values.piece(&document.emissions[mark.number], prepared.concealed.contains_key(&mark.number));
    let unread = |mark: Mark| match document.placeholder(mark.offset, sources) {
        Some(at) => sources[&*at.template][at.range].to_owned(),
        None => match &document.emissions[mark.number] {
            Emission::Secret(usage) => format!("{{{{ {} }}}}", usage.label()),
            Emission::Text(text) => text.replace(['\n', '\r'], " "),
            _ => String::new(),
        },
    };
    let filled = splice(document, &prepared.layout, piece, unread, replacements).map_err(|refusals| {
        let refused = |refusal: &Refusal| prepared.place(describe(refusal.cause), refusal.mark, &refusal.path);
        Unfilled::Value(refusals.iter().map(refused).collect())
    })?;
    #[cfg(feature = "faults")]
    crate::system::faults::panic();
    match prove(document, &prepared.layout, &filled) {
        Ok(()) => Ok(filled),
        Err(Unproven::Template(failure)) => Err(Unfilled::Template(failure)),
        Err(Unproven::Bug(place)) => {
            let place = place.map_or_else(String::new, |path| format!(" at {path}"));
            let message = format!("internal check failed: the output does not match the template{place}; nothing was written");
            let help = "this is a bug in sdlrender; please report it with the template, without secret values";
            Err(Unfilled::Bug(Box::new(Diagnostic::error(message).help(help))))
        }
    }
}

fn describe(cause: RefusalCause) -> Diagnostic {
    match cause {
        RefusalCause::Nul => Diagnostic::error("the value contains a NUL character, which YAML cannot hold")
            .help("encode it: {{ NAME | b64encode }}"),
        RefusalCause::Mixed => Diagnostic::error(
            "the value contains a `$`, and an alias uses it both where Kubernetes expands `$` and where it does not",
        )
        .help("write the placeholder in both places instead of an alias"),
    }
}

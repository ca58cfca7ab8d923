//! Stage 6: applies the rules to what will be written, including its values.

use std::time::SystemTime;

use super::scan::Prepared;
use crate::diagnostic::{Diagnostic, Severity, grouped};
use crate::error::{self, Report};
use crate::finding::Rule;
use crate::rules::{self, Stage};
use crate::splice::{Filled, View};

/// Rules about the template only, never errors: `check` reports them, rendering does not.
const QUIET: [Rule; 3] = [Rule::ImageTag, Rule::EnvSecret, Rule::UnknownRule];

/// Refuses a result that Akash or the registry would refuse, and passes warnings to `warn`. `secrets`: the document holds secrets, not masks.
///
/// # Errors
/// With all findings, when one of them is an error.
pub(crate) fn judge(
    prepared: &Prepared<'_>,
    filled: &Filled,
    secrets: bool,
    warn: &mut dyn FnMut(&Diagnostic),
) -> Result<(), Report> {
    let (document, sources) = (&prepared.expansion.document, &prepared.expansion.sources);
    let view = View::new(&prepared.layout, filled, secrets);
    let stage = Stage::Render(secrets.then(SystemTime::now));
    let mut found = rules::check(document, &view, sources, stage);
    found.placed.retain(|placed| !QUIET.contains(&placed.finding.rule));
    let mut found = error::findings(&found, sources);
    if found.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        let help = "use --no-check to write it anyway";
        found.push(Diagnostic::remark("nothing was written: Akash or the registry would refuse the result").help(help));
        return Err(Report::content(found));
    }
    grouped(found).iter().for_each(warn);
    Ok(())
}

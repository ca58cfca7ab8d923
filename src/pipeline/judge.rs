//! Stage 6: the rules are applied to what will be written, its values included.

use std::time::SystemTime;

use super::scan::Prepared;
use crate::diagnostic::{Diagnostic, Severity, grouped};
use crate::error::{self, Report};
use crate::finding::Rule;
use crate::rules::{self, Stage};
use crate::splice::{Filled, View};

/// Only the template's concern, and never an error: for `check` to say, not for every rendering.
const QUIET: [Rule; 3] = [Rule::ImageTag, Rule::EnvSecret, Rule::UnknownRule];

/// Refuses a result that Akash or the registry would refuse; `warn` gets the warnings. `secrets`: those that were filled in are not masks.
///
/// # Errors
/// With everything the rules say, when an error is among it.
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

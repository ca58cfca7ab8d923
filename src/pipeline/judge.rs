//! Stage 6: applies the rules to what will be written, including its values.

use std::time::SystemTime;

use super::scan::Prepared;
use super::values::SecretValues;
use crate::diagnostic::{Diagnostic, Severity, grouped};
use crate::error::{self, Report};
use crate::finding::Rule;
use crate::rules::{self, Findings, Stage, Subject};
use crate::secret::SecretUse;
use crate::splice::{Filled, View};

/// Rules about the template only, never errors: `check` reports them, rendering does not.
const QUIET: [Rule; 3] = [Rule::ImageTag, Rule::EnvSecret, Rule::UnknownRule];

/// What is not done with a result that is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Undone {
    /// It is not written.
    Writing,
    /// No command gets it.
    Running,
}

impl Undone {
    /// In a message: what was not done.
    fn fact(self) -> &'static str {
        match self {
            Self::Writing => "nothing was written",
            Self::Running => "the command was not started",
        }
    }

    /// The result has a warning, and `--strict` allows none.
    pub(super) fn strict(self) -> Report {
        Report::content(vec![Diagnostic::remark(format!("{}: with --strict, no warning may be left", self.fact()))])
    }

    fn anyway(self) -> &'static str {
        match self {
            Self::Writing => "write it anyway",
            Self::Running => "start it anyway",
        }
    }
}

/// Refuses a result that Akash or the registry would refuse, and passes warnings to `warn`. `filled` was filled with `values`.
///
/// # Errors
/// With all findings, when one of them is an error.
pub(crate) fn judge(
    prepared: &Prepared<'_>,
    values: &SecretValues,
    filled: &Filled,
    undone: Undone,
    warn: &mut dyn FnMut(&Diagnostic),
) -> Result<(), Report> {
    let stage = Stage::Render(values.are_known().then(SystemTime::now));
    let mut found = apply(prepared, values, filled, stage);
    found.placed.retain(|placed| !QUIET.contains(&placed.finding.rule));
    let mut found = error::findings(&found, &prepared.expansion.sources);
    if let Some(first) = found.iter().find(|diagnostic| diagnostic.severity == Severity::Error) {
        let remark = Diagnostic::remark(format!("{}: Akash or the registry would refuse the result", undone.fact()));
        let remark = match first.rule {
            Some(rule) => remark.help(format!("more about a finding: sdlrender explain {rule}")),
            None => remark,
        };
        found.push(remark.help(format!("use --no-check to {}", undone.anyway())));
        return Err(Report::content(found));
    }
    grouped(found).iter().for_each(warn);
    Ok(())
}

/// What the rules find in `filled`, which was filled with `values`.
pub(super) fn apply(prepared: &Prepared<'_>, values: &SecretValues, filled: &Filled, stage: Stage) -> Findings {
    let Prepared { expansion, layout, concealed, .. } = prepared;
    let view = View::new(layout, filled, values.are_known());
    let known = |usage: &SecretUse| values.known(usage);
    let (document, sources) = (&expansion.document, &expansion.sources);
    rules::check(&Subject { document, sources, layout, view, known: &known, concealed }, stage)
}

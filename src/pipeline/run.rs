//! The stages in order: what the program does when it renders.

use crate::cli::Inputs;
use crate::error::Report;
use crate::streams::Streams;
use crate::template::Asked;

use super::expand::{Expanded, Input, expand};
use super::fill::fill;
use super::judge::{Undone, judge};
use super::open::{open, warn_of};
use super::scan::scan;
use super::unused::unused;
use super::values::look_up;
use super::verify::{Verification, verify};
use super::write::{Destination, Ready, aim};

/// What to render, and how.
#[derive(Debug)]
pub(crate) struct Request<'r> {
    /// The template and the sources of its values.
    pub(crate) inputs: &'r Inputs,
    /// Write masks in place of secrets, which need not exist.
    pub(crate) redact: bool,
    /// Skip the rules.
    pub(crate) no_check: bool,
    /// Write nothing if there is a warning.
    pub(crate) strict: bool,
    /// Where the result goes.
    pub(crate) destination: Destination<'r>,
    /// Whether and why the images are looked up.
    pub(crate) verify: Option<Verification<'r>>,
}

/// Renders a template and writes the result.
///
/// # Errors
/// With everything that is wrong. Nothing has been written then.
pub(crate) fn render(request: &Request<'_>, streams: &mut Streams<'_>) -> Result<(), Report> {
    finish(request, streams)?.write(streams)
}

/// Renders a template: all stages but the last.
///
/// # Errors
/// With everything that is wrong.
pub(crate) fn finish(request: &Request<'_>, streams: &mut Streams<'_>) -> Result<Ready, Report> {
    let input = open(request, streams)?;
    let expanded = expand(&input)?;
    let Inputs { set, from_command, .. } = request.inputs;
    unused(set, from_command, std::iter::once(&expanded.expansion.sources), streams.warn);
    let prepared = scan(&expanded)?;
    let aim = aim(request, &prepared, streams)?;
    let undone = hide_from_command(request, &expanded, &input);
    let values = look_up(&prepared, &input.chain, request.redact, request.inputs.allow_empty)?;
    warn_of(&expanded, &input.chain, streams.warn);
    let mut filled = fill(&prepared, &values, &[])?;
    if !request.no_check {
        judge(&prepared, &values, &filled, undone, streams.warn)?;
    }
    let pins = verify(request, &prepared, &filled, streams)?;
    if request.strict && streams.warned.get() {
        return Err(undone.strict());
    }
    if !pins.is_empty() {
        filled = fill(&prepared, &values, &pins)?;
        if !request.no_check {
            judge(&prepared, &values, &filled, undone, &mut |_| {})?;
        }
    }
    Ready::new(&prepared, filled, &pins, aim, input.chain.hidden())
}

/// Hides all secrets of the template from the command that gets the result, if one does: one in a branch that was not taken is none of its
/// business either. Gives what is not done if the result is refused.
pub(super) fn hide_from_command(request: &Request<'_>, expanded: &Expanded<'_>, input: &Input) -> Undone {
    let undone = request.destination.undone();
    if undone == Undone::Running {
        let mut asked = Asked::default();
        asked.add(&expanded.expansion.sources);
        input.chain.hide(asked.secrets);
    }
    undone
}

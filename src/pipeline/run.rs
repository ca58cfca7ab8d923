//! The stages in order: what the program does when it renders.

use crate::cli::Inputs;
use crate::diagnostic::Diagnostic;
use crate::error::Report;
use crate::streams::Streams;

use super::expand::expand;
use super::fill::fill;
use super::judge::judge;
use super::open::{open, warn_of};
use super::scan::scan;
use super::unused::unused;
use super::values::look_up;
use super::verify::{Verification, verify};
use super::write::{Destination, aim, write};

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
    /// Where the result goes; none if it is not written.
    pub(crate) destination: Option<Destination<'r>>,
    /// Whether and why the images are looked up.
    pub(crate) verify: Option<Verification<'r>>,
}

/// Renders a template and writes the result.
///
/// # Errors
/// With everything that is wrong. Nothing has been written then.
pub(crate) fn render(request: &Request<'_>, streams: &mut Streams<'_>) -> Result<(), Report> {
    let input = open(request, streams)?;
    let expanded = expand(&input)?;
    let Inputs { set, from_command, .. } = request.inputs;
    unused(set, from_command, std::iter::once(&expanded.expansion.sources), streams.warn);
    let prepared = scan(&expanded)?;
    let aim = aim(request, &prepared, streams)?;
    let values = look_up(&prepared, &input.chain, request.redact, request.inputs.allow_empty)?;
    warn_of(&expanded, &input.chain, streams.warn);
    let filled = fill(&prepared, &values, &[])?;
    if !request.no_check {
        judge(&prepared, &values, &filled, streams.warn)?;
    }
    let pins = verify(request, &prepared, &filled, streams)?;
    if request.strict && streams.warned.get() {
        return Err(Report::content(vec![Diagnostic::remark("nothing was written: with --strict, no warning may be left")]));
    }
    if pins.is_empty() {
        return write(&prepared, &filled, &pins, &aim, streams);
    }
    let pinned = fill(&prepared, &values, &pins)?;
    if !request.no_check {
        judge(&prepared, &values, &pinned, &mut |_| {})?;
    }
    write(&prepared, &pinned, &pins, &aim, streams)
}

//! The whole program, stage by stage: [`render`] is the one way from a template to its result, whichever command asks for it.
//!
//! [`open`] reads the template and says where values come from; [`expand`] runs its statements; [`scan`] finds the scalars that hold
//! placeholders; [`look_up`] asks the sources; [`fill`] writes the values into the document and proves the result; [`judge`] applies the
//! rules; [`verify`] looks the images up, where that is asked for; [`write`] takes the result to standard output or a file. [`check`] is the same way with masks for values, and reports instead of writing.

pub(crate) mod check;
pub(crate) mod expand;
pub(crate) mod fill;
pub(crate) mod judge;
pub(crate) mod open;
pub(crate) mod scan;
pub(crate) mod values;
pub(crate) mod verify;
pub(crate) mod write;

use crate::cli::Inputs;
use crate::error::Report;
use crate::streams::Streams;

use expand::expand;
use fill::fill;
use judge::judge;
use open::{open, warn_of};
use scan::scan;
use values::look_up;
use verify::{Verification, verify};
use write::{Destination, aim, write};

/// What a rendering is asked for.
#[derive(Debug)]
pub(crate) struct Request<'r> {
    /// The template, and where its values come from.
    pub(crate) inputs: &'r Inputs,
    /// Masks in place of secrets, which need not be there.
    pub(crate) redact: bool,
    /// Skip the rules.
    pub(crate) no_check: bool,
    /// Where the result goes; none: it is not written.
    pub(crate) destination: Option<Destination<'r>>,
    /// Whether, and what for, the images are looked up.
    pub(crate) verify: Option<Verification<'r>>,
}

/// Renders a template and writes the result.
///
/// # Errors
/// With everything that is wrong; nothing has been written then.
pub(crate) fn render(request: &Request<'_>, streams: &mut Streams<'_>) -> Result<(), Report> {
    let input = open(request, streams)?;
    let expanded = expand(&input)?;
    let prepared = scan(&expanded)?;
    let aim = aim(request, &prepared, streams)?;
    let values = look_up(&prepared, &input.chain, request.redact, request.inputs.allow_empty)?;
    warn_of(&expanded, &input.chain, streams.warn);
    let filled = fill(&prepared, &values, &[])?;
    if !request.no_check {
        judge(&prepared, &filled, !request.redact, streams.warn)?;
    }
    let pins = verify(request, &prepared, &filled, streams)?;
    if pins.is_empty() {
        return write(&prepared, &filled, &pins, &aim, streams);
    }
    let pinned = fill(&prepared, &values, &pins)?;
    if !request.no_check {
        judge(&prepared, &pinned, true, &mut |_| {})?;
    }
    write(&prepared, &pinned, &pins, &aim, streams)
}

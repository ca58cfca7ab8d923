//! `sdlrender TEMPLATE`: renders a template.

use crate::cli::Render;
use crate::error::Report;
use crate::pipeline::verify::{Purpose, Verification};
use crate::pipeline::write::{Destination, Output, file};
use crate::pipeline::{Request, render};
use crate::streams::Streams;

/// Renders the template and writes the result.
///
/// # Errors
/// With everything that is wrong. Nothing has been written then.
pub(crate) fn run(options: &Render, streams: &mut Streams<'_>) -> Result<(), Report> {
    let request = Request {
        inputs: &options.inputs,
        redact: options.redact,
        no_check: options.no_check,
        strict: options.strict,
        destination: Destination::Output(Output {
            file: file(options.output.as_deref()),
            allow_unignored: options.allow_unignored,
            reveal: options.reveal,
        }),
        verify: options.verify.then_some(Verification { purpose: Purpose::Condition, registries: &options.registries }),
    };
    render(&request, streams)
}

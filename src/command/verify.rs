//! `sdlrender verify TEMPLATE`: checks that a provider can pull every image with the rendered credentials.

use crate::cli::Verify;
use crate::error::Report;
use crate::pipeline::verify::{Purpose, Verification};
use crate::pipeline::write::{Destination, Output, file};
use crate::pipeline::{Request, render};
use crate::streams::Streams;

/// Verifies the images, and with `--pin` writes the SDL with the verified digests.
///
/// # Errors
/// When an image can't be pulled, or the template is invalid.
pub(crate) fn run(options: &Verify, streams: &mut Streams<'_>) -> Result<(), Report> {
    let purpose = if options.pin { Purpose::Pin } else { Purpose::Answer(options.format) };
    let output =
        Output { file: file(options.output.as_deref()), allow_unignored: options.allow_unignored, reveal: options.reveal };
    let request = Request {
        inputs: &options.inputs,
        redact: false,
        // The rules apply only to what will be written.
        no_check: !options.pin || options.no_check,
        strict: false,
        destination: if options.pin { Destination::Output(output) } else { Destination::Nowhere },
        verify: Some(Verification { purpose, registries: &options.registries }),
    };
    render(&request, streams)
}

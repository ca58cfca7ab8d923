//! Builds without the feature `verify`: images can't be looked up.

use crate::diagnostic::Diagnostic;
use crate::error::Report;
use crate::pipeline::Request;
use crate::pipeline::scan::Prepared;
use crate::splice::{Filled, Replacement};
use crate::streams::Streams;

/// Refuses to look up images.
///
/// # Errors
/// When `request` asks for a look-up.
pub(crate) fn verify(
    request: &Request<'_>,
    _prepared: &Prepared<'_>,
    _filled: &Filled,
    _streams: &mut Streams<'_>,
) -> Result<Vec<Replacement>, Report> {
    match request.verify {
        None => Ok(Vec::new()),
        Some(_) => {
            let missing = Diagnostic::error("this build of sdlrender can't verify images");
            Err(Report::usage(missing.help("build it with the feature `verify`")))
        }
    }
}

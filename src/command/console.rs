//! `sdlrender console TEMPLATE`: the SDL for Akash's Console, and the secrets that it refers to.

use std::path::Path;

use crate::cli::Console;
use crate::diagnostic::Diagnostic;
use crate::error::Report;
use crate::pipeline::Request;
use crate::pipeline::console::console;
use crate::pipeline::write::{Destination, Output, aim_at, file, put};
use crate::streams::Streams;

/// Writes the SDL, and the secrets if asked for. Without a place for either, the SDL goes to standard output.
///
/// # Errors
/// With everything that is wrong. Nothing has been written then.
pub(crate) fn run(options: &Console, streams: &mut Streams<'_>) -> Result<(), Report> {
    let to = |path| Output { file: file(path), allow_unignored: options.allow_unignored, reveal: options.reveal };
    let standard = Path::new("-");
    let sdl = options.sdl.as_deref().or(options.secrets.is_none().then_some(standard)).map(|path| to(Some(path)));
    let secrets = options.secrets.as_deref().map(|path| to(Some(path)));
    if let (Some(sdl), Some(secrets)) = (&sdl, &secrets)
        && sdl.file == secrets.file
    {
        let both = Diagnostic::error("the SDL and the secrets can't go to the same place");
        return Err(Report::usage(both.help("--sdl deploy.console.yaml --secrets -")));
    }
    let redirected = [&sdl, &secrets].into_iter().flatten().find(|output| output.file.is_none());
    let request = Request {
        inputs: &options.inputs,
        redact: secrets.is_none(),
        no_check: options.no_check,
        strict: options.strict,
        destination: redirected.map_or(Destination::Nowhere, |output| Destination::Output(Output { ..*output })),
        verify: None,
    };
    let (result, (sdl, secrets)) = console(&request, streams, |prepared, streams| {
        let secrets = secrets.as_ref().map(|to| aim_at(to, prepared.holds_secret(), prepared, streams)).transpose()?;
        let sdl = sdl.as_ref().map(|to| aim_at(to, false, prepared, streams)).transpose()?;
        Ok((sdl, secrets))
    })?;
    let help = "hand them over with | akt deploy SDL --secrets-file -; --reveal shows them";
    if let Some(aim) = secrets {
        put(&result.secrets, || Ok(result.masked), help, &aim, streams)?;
    }
    sdl.map_or(Ok(()), |aim| put(&result.sdl, || Ok(result.sdl.clone()), help, &aim, streams))
}

//! `sdlrender run TEMPLATE -- CMD … {} …`: a command with the rendered SDL, which is never on disk.

use zeroize::Zeroizing;

use crate::cli::Run;
use crate::diagnostic::{Diagnostic, Typos};
use crate::error::{self, Report};
use crate::handover::{DocumentPlace, Handover};
use crate::pipeline::console::console;
use crate::pipeline::verify::{Purpose, Verification};
use crate::pipeline::write::Destination;
use crate::pipeline::{Request, finish};
use crate::streams::Streams;

/// What the path of the SDL replaces.
const SDL: [&str; 1] = ["{}"];

/// What the paths of the SDL for the Console and of its secrets replace.
const CONSOLE: [&str; 2] = ["{sdl}", "{secrets}"];

/// Renders the template for the command, which is to be started when everything else of this process is gone.
///
/// # Errors
/// With everything that is wrong. The command must not be started then.
pub(crate) fn run(options: &Run, streams: &mut Streams<'_>) -> Result<Handover, Report> {
    let words = if options.console { &CONSOLE[..] } else { &SDL };
    let mut handover = Handover::new(&options.command, words).map_err(|failure| error::start(&failure))?;
    let (documents, mut hidden) = documents(options, streams)?;
    let typos = Typos::default();
    for kept in options.keep_env.iter().filter(|kept| !hidden.contains(kept)) {
        (streams.warn)(&unknown(kept, &hidden, &typos));
    }
    hidden.retain(|name| !options.keep_env.contains(name));
    handover.without(&hidden);
    for (word, document) in words.iter().zip(&documents) {
        let place = handover.give(word, document.as_bytes()).map_err(|failure| error::start(&failure))?;
        if let DocumentPlace::File(path, why) = &place {
            let remark = Diagnostic::remark(format!("until the command ends, {word} is the file {}", path.display()));
            (streams.warn)(&remark.note(format!("there is no file in memory: {why}")));
        }
    }
    Ok(handover)
}

/// The documents for the command, and the names of the template's secrets.
fn documents(options: &Run, streams: &mut Streams<'_>) -> Result<(Vec<Zeroizing<String>>, Vec<String>), Report> {
    let request = Request {
        inputs: &options.inputs,
        redact: false,
        no_check: options.no_check,
        strict: options.strict,
        destination: Destination::Command,
        verify: options.verify.then_some(Verification { purpose: Purpose::Condition, registries: &options.registries }),
    };
    if options.console {
        let (result, ()) = console(&request, streams, |_, _| Ok(()))?;
        return Ok((vec![result.sdl, result.secrets], result.names));
    }
    let ready = finish(&[request], streams)?;
    Ok(ready.into_iter().map(|ready| (vec![ready.text], ready.secrets)).next().unwrap_or_default())
}

/// A variable that is kept although nothing would remove it.
fn unknown(name: &str, secrets: &[String], typos: &Typos) -> Diagnostic {
    let warning = Diagnostic::warning(format!("--keep-env {name}: the template has no secret of this name"));
    match typos.nearest(name, secrets.iter().map(String::as_str)) {
        Some(meant) => warning.help(format!("did you mean --keep-env {meant}?")),
        None => warning.help("remove the option: only the template's secrets are removed from the environment"),
    }
}

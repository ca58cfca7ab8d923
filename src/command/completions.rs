//! `sdlrender completions SHELL`: the script that makes a shell ask this program for completions.

use clap_complete::env::Shells;

use crate::cli::Completions;
use crate::complete::VARIABLE;
use crate::error::Report;
use crate::streams::Streams;

/// Prints the script.
///
/// # Errors
/// When the system refuses.
pub(crate) fn run(options: &Completions, streams: &mut Streams<'_>) -> Result<(), Report> {
    let (mut script, program) = (Vec::new(), "sdlrender");
    if let Some(shell) = Shells::builtins().completer(options.shell.name()) {
        // Writing to memory does not fail.
        let _ = shell.write_registration(VARIABLE, program, program, program, &mut script);
    }
    streams.write(&script)
}

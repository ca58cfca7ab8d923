//! The commands, a file each: from their options to the pipeline.

pub(crate) mod check;
pub(crate) mod explain;
pub(crate) mod keychain;
pub(crate) mod list;
pub(crate) mod render;
pub(crate) mod verify;

use crate::cli::{Cli, Command};
use crate::diagnostic::Diagnostic;
use crate::error::Report;
use crate::streams::Streams;
use crate::yaml::judge;

/// From now on, a panic is reported as a bug with its place, not with its own message, which may quote a secret.
pub fn on_panic(draw: fn(&Diagnostic)) {
    std::panic::set_hook(Box::new(move |info| {
        // There, a panic is an answer.
        if !judge::is_reading() {
            draw(&Diagnostic::bug(info.location()));
        }
    }));
}

/// Runs the command that the command line asks for; none is to render.
///
/// # Errors
/// The command's own.
pub fn run(cli: &Cli, streams: &mut Streams<'_>) -> Result<(), Report> {
    match &cli.command {
        Some(Command::Check(options)) => check::run(options, streams),
        Some(Command::Explain(options)) => explain::run(options, streams),
        Some(Command::List(options)) => list::run(options, streams),
        Some(Command::Verify(options)) => verify::run(options, streams),
        Some(Command::Set(options)) => keychain::set(options, streams),
        Some(Command::Get(options)) => keychain::get(options, streams),
        Some(Command::Rm(options)) => keychain::remove(options, streams),
        None => render::run(&cli.render, streams),
    }
}

//! The commands, one file each: they turn their options into a run of the pipeline.

pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod console;
pub(crate) mod diff;
pub(crate) mod explain;
pub(crate) mod extract;
pub(crate) mod init;
pub(crate) mod keychain;
pub(crate) mod list;
pub(crate) mod man;
pub(crate) mod render;
pub(crate) mod run;
pub(crate) mod trust;
pub(crate) mod verify;

use crate::cli::{Cli, Command};
use crate::diagnostic::Diagnostic;
use crate::error::{self, Report};
use crate::handover::Handover;
use crate::streams::Streams;
use crate::yaml::judge;

/// From now on, a panic is reported as a bug with its location, without its message, which may quote a secret.
pub fn on_panic(draw: fn(&Diagnostic)) {
    std::panic::set_hook(Box::new(move |info| {
        // A panic in the judge only means that it refuses the text.
        if !judge::is_reading() {
            draw(&Diagnostic::bug(info.location()));
        }
    }));
}

/// Runs the command from the command line; without one, renders. What it gives is to be started at the end of this process.
///
/// # Errors
/// The command's errors.
pub fn run(cli: &Cli, streams: &mut Streams<'_>) -> Result<Option<Handover>, Report> {
    match &cli.command {
        Some(Command::Run(options)) => return run::run(options, streams).map(Some),
        Some(Command::Check(options)) => check::run(options, streams),
        Some(Command::Init(options)) => init::run(options, streams),
        Some(Command::Console(options)) => console::run(options, streams),
        Some(Command::Diff(options)) => diff::run(options, streams),
        Some(Command::Explain(options)) => explain::run(options, streams),
        Some(Command::Extract(options)) => extract::run(options, streams),
        Some(Command::List(options)) => list::run(options, streams),
        Some(Command::Verify(options)) => verify::run(options, streams),
        Some(Command::Set(options)) => keychain::set(options, streams),
        Some(Command::Get(options)) => keychain::get(options, streams),
        Some(Command::Rm(options)) => keychain::remove(options, streams),
        Some(Command::Trust(options)) => trust::run(options, streams),
        Some(Command::Completions(options)) => completions::run(options, streams),
        Some(Command::Man(options)) => man::run(options, streams),
        None => render::run(&cli.render, streams),
    }
    .map(|()| None)
}

/// Starts the command of `run`; see [`Handover::start`].
///
/// # Errors
/// When it can't be started.
pub fn start(handover: Handover) -> Result<u8, Report> {
    handover.start().map_err(|failure| error::start(&failure))
}

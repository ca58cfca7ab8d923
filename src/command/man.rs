//! `sdlrender man`: the manual pages, from the same description of the command line as its help.

use clap::CommandFactory as _;

use crate::cli::{Cli, Man};
use crate::diagnostic::{Diagnostic, nearest};
use crate::error::Report;
use crate::streams::Streams;

/// Prints the page of the program, or of one of its commands.
///
/// # Errors
/// When there is no such command.
pub(crate) fn run(options: &Man, streams: &mut Streams<'_>) -> Result<(), Report> {
    // `help` has no page.
    let mut program = Cli::command().disable_help_subcommand(true);
    program.build();
    let described = match &options.command {
        None => program,
        Some(name) => program.find_subcommand(name).cloned().ok_or_else(|| unknown(name, &program))?,
    };
    let mut page = Vec::new();
    // Writing to memory does not fail.
    let _ = clap_mangen::Man::new(described).render(&mut page);
    // Examples and exit codes, under a heading that manual pages have.
    let page = String::from_utf8_lossy(&page).replace("\n.SH EXTRA\n", "\n.SH NOTES\n");
    streams.write(page.as_bytes())
}

fn unknown(name: &str, program: &clap::Command) -> Report {
    let names: Vec<&str> = program.get_subcommands().map(clap::Command::get_name).collect();
    let unknown = Diagnostic::error(format!("there is no command `{name}`"));
    Report::usage(match nearest(name, names.iter().copied()) {
        Some(meant) => unknown.help(format!("did you mean `{meant}`?")),
        None => unknown.help(format!("the commands are {}", names.join(", "))),
    })
}

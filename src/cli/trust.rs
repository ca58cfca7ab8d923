//! `trust`.

use std::path::PathBuf;

use clap::Args;

pub(super) const TRUST: &str = "\
Examples:
  sdlrender trust                                shows the commands in sdlrender.toml and asks
  sdlrender trust --yes                          in a script, after the commands have been read
  SDLRENDER_TRUST=$(sdlrender trust --show)      in CI, the digest that was read in review, as a variable of the workflow

What is trusted is the file as it is now, in this place: after a change, and in another clone, it has to be trusted again. The programs
that the commands start are not part of it.";

/// Allow the commands in sdlrender.toml to run on this machine
#[derive(Debug, Args)]
pub struct Trust {
    /// A template or a folder of the project (none: this folder)
    #[arg(value_name = "PATH")]
    pub path: Option<PathBuf>,
    /// Don't ask
    #[arg(short, long)]
    pub yes: bool,
    /// Only show the commands, and print the digest that SDLRENDER_TRUST takes
    #[arg(long, conflicts_with = "yes")]
    pub show: bool,
    /// Don't allow them any more
    #[arg(long, conflicts_with_all = ["yes", "show"])]
    pub revoke: bool,
}

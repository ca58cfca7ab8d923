//! `console`.

use std::path::PathBuf;

use clap::Args;

use super::Inputs;

pub(super) const CONSOLE: &str = "\
Examples:
  sdlrender console deploy.tmpl.yaml                     the SDL; needs no secrets
  sdlrender console deploy.tmpl.yaml --sdl deploy.console.yaml
  sdlrender console deploy.tmpl.yaml --secrets - |
    akt deploy deploy.console.yaml --secrets-file -

Exit codes:
  0  success
  1  the template or a value is invalid
  2  wrong usage, or input or output can't be used";

/// Write the SDL for Akash's Console, with references in place of secrets, and the secrets apart from it
#[derive(Debug, Args)]
pub struct Console {
    /// Where values come from.
    #[command(flatten)]
    pub inputs: Inputs,
    /// Write the SDL, which holds no secret, to this file; `-` for standard output, which is also where it goes without --secrets
    #[arg(long, value_name = "OUT")]
    pub sdl: Option<PathBuf>,
    /// Write the secrets, as the JSON that `akt … --secrets-file` takes, to this file, which git must ignore; `-` for standard output
    #[arg(long, value_name = "OUT")]
    pub secrets: Option<PathBuf>,
    /// Write secrets even to a file that git could commit
    #[arg(long, requires = "secrets")]
    pub allow_unignored: bool,
    /// Show secrets on a terminal
    #[arg(long, requires = "secrets")]
    pub reveal: bool,
    /// Write the results even if Akash or the registry would refuse them
    #[arg(long)]
    pub no_check: bool,
    /// Write nothing if there is a warning
    #[arg(long)]
    pub strict: bool,
}

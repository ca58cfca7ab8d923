//! `diff`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Inputs;

pub(super) const DIFF: &str = "\
Examples:
  sdlrender diff deploy.tmpl.yaml             with deploy.yaml beside it
  sdlrender diff --profile prod deploy.tmpl.yaml prod.yaml
  sdlrender diff --format json deploy.tmpl.yaml

Exit codes:
  0  the same
  1  different
  2  wrong usage, or the template, a value or a file can't be used";

/// Compare what a template renders to with what was deployed: which places differ, which services restart; never a secret
#[derive(Debug, Args)]
pub struct Diff {
    /// Where values come from.
    #[command(flatten)]
    pub inputs: Inputs,
    /// The deployed SDL (none: the template's name without `.tmpl`); `-` for standard input
    #[arg(value_name = "DEPLOYED")]
    pub deployed: Option<PathBuf>,
    /// Show the places that are the same, too
    #[arg(long)]
    pub all: bool,
    /// Output format
    #[arg(long, value_enum, default_value_t = DiffFormat::Human)]
    pub format: DiffFormat,
}

/// The output formats of `diff`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DiffFormat {
    /// For people.
    Human,
    /// One JSON document.
    Json,
}

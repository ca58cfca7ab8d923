//! `verify`.

use std::path::PathBuf;

use clap::Args;

use super::{Format, Inputs, Registries};

/// Log in to each registry and look up each image, as a provider would; nothing is pulled
#[derive(Debug, Args)]
pub struct Verify {
    /// Where values come from.
    #[command(flatten)]
    pub inputs: Inputs,
    /// How registries are reached.
    #[command(flatten)]
    pub registries: Registries,
    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Human, conflicts_with = "pin")]
    pub format: Format,
    /// Print the SDL with each tag replaced by the verified digest
    #[arg(long)]
    pub pin: bool,
    /// Write the pinned SDL to this file, which git must ignore (mode 0600, replaced atomically); `-` for standard output
    #[arg(short, long, value_name = "OUT", requires = "pin")]
    pub output: Option<PathBuf>,
    /// Write secrets even to a file that git could commit
    #[arg(long, requires = "pin")]
    pub allow_unignored: bool,
    /// Show secrets on a terminal
    #[arg(long, requires = "pin")]
    pub reveal: bool,
    /// Pin the SDL even if Akash or the registry would refuse it
    #[arg(long, requires = "pin")]
    pub no_check: bool,
}

//! Rendering, the command without a name.

use std::path::PathBuf;

use clap::Args;

use super::{Inputs, Registries};

/// `sdlrender TEMPLATE`
#[derive(Debug, Default, Args)]
#[command(mut_arg("timeout", |arg| arg.requires("verify")), mut_arg("insecure", |arg| arg.requires("verify")))]
#[command(mut_arg("trust_realm", |arg| arg.requires("verify")), mut_arg("layers", |arg| arg.requires("verify")))]
pub struct Render {
    /// Where values come from.
    #[command(flatten)]
    pub inputs: Inputs,
    /// More templates, with --out-dir
    #[arg(value_name = "TEMPLATE")]
    pub more: Vec<PathBuf>,
    /// Write to this file, which git must ignore (mode 0600, replaced atomically); `-` for standard output
    #[arg(short, long, value_name = "OUT")]
    pub output: Option<PathBuf>,
    /// Write each result to this folder, under its template's name without `.tmpl`, as -o does; all or none
    #[arg(long, value_name = "DIR", conflicts_with = "output")]
    pub out_dir: Option<PathBuf>,
    /// Write secrets even to a file that git could commit
    #[arg(long)]
    pub allow_unignored: bool,
    /// Show secrets on a terminal
    #[arg(long, conflicts_with = "redact")]
    pub reveal: bool,
    /// Write masks instead of secrets: needs no secrets, and the result is still a valid SDL
    #[arg(long)]
    pub redact: bool,
    /// Write the result even if Akash or the registry would refuse it, or if it is not an SDL
    #[arg(long)]
    pub no_check: bool,
    /// Write nothing if there is a warning
    #[arg(long)]
    pub strict: bool,
    /// First verify every image, as `sdlrender verify` does; write only if all can be pulled
    #[arg(long, conflicts_with = "redact")]
    pub verify: bool,
    /// How registries are reached.
    #[command(flatten)]
    pub registries: Registries,
}

//! `run`.

use std::ffi::OsString;

use clap::Args;

use super::{Inputs, Registries};

pub(super) const RUNS: &str = "\
Examples:
  sdlrender run deploy.tmpl.yaml -- provider-services tx deployment create {} --from wallet
  sdlrender run --console deploy.tmpl.yaml -- akt deploy {sdl} --secrets-file {secrets}
  sdlrender run deploy.tmpl.yaml -- ./deploy.sh {}          a script of several steps, each of which reads the same bytes

On Linux, the SDL is never on disk: {} is the path of a file in memory, which the command and all that it starts can read as often as they
like until the command ends. The command takes the place of sdlrender: exit code, signals and terminal are its own. Elsewhere, {} is a
file that only you can read, and that is removed when the command ends.

Exit codes: the command's; or, if it was not started, 1 the template or a value is invalid; 2 wrong usage; 126 the command can't be
started; 127 it is not found.";

/// Run a command with the rendered SDL, as a file in memory that is never on disk
#[derive(Debug, Args)]
#[command(mut_arg("timeout", |arg| arg.requires("verify")), mut_arg("insecure", |arg| arg.requires("verify")))]
#[command(mut_arg("trust_realm", |arg| arg.requires("verify")), mut_arg("layers", |arg| arg.requires("verify")))]
pub struct Run {
    /// Where values come from.
    #[command(flatten)]
    pub inputs: Inputs,
    /// For Akash's Console: {sdl} becomes the path of the SDL with references, {secrets} that of the values as JSON
    #[arg(long, conflicts_with = "verify")]
    pub console: bool,
    /// Leave this variable in the command's environment, although it is a secret of the template (repeatable)
    #[arg(long, value_name = "NAME")]
    pub keep_env: Vec<String>,
    /// Start the command even if Akash or the registry would refuse the SDL, or if it is not an SDL
    #[arg(long)]
    pub no_check: bool,
    /// Don't start the command if there is a warning
    #[arg(long)]
    pub strict: bool,
    /// First verify every image, as `sdlrender verify` does; start the command only if all can be pulled
    #[arg(long)]
    pub verify: bool,
    /// How registries are reached.
    #[command(flatten)]
    pub registries: Registries,
    /// The command; {} in its arguments becomes the path of the SDL
    #[arg(value_name = "CMD", last = true, required = true)]
    pub command: Vec<OsString>,
}

//! `extract`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::UNLOCKING;
use super::argument::name;

/// What `--help` says after the options.
pub(super) const EXTRACTING: &str = "\
Examples:
  sdlrender extract deploy.yaml --dry-run         a plan and a diff with masks
  sdlrender extract deploy.yaml                   stores and writes a template
  sdlrender extract deploy.yaml --to env-file --yes
  sdlrender extract deploy.yaml --from-envsubst   ${NAME} becomes a placeholder";

/// Turn a filled SDL into a template and stored secrets; proven to render back before anything is kept
#[derive(Debug, Args)]
pub struct Extract {
    /// The filled SDL, which is never changed; `-` for standard input
    #[arg(value_name = "SDL")]
    pub sdl: PathBuf,
    /// Write the template to this new file; by default deploy.tmpl.yaml for deploy.yaml
    #[arg(short, long, value_name = "OUT")]
    pub output: Option<PathBuf>,
    /// Where the secrets are stored
    #[arg(long, value_enum, default_value_t = StorePlace::Keychain)]
    pub to: StorePlace,
    /// Extract only the secret NAME (repeatable)
    #[arg(long, value_name = "NAME", value_parser = name)]
    pub only: Vec<String>,
    /// Leave the secret NAME where it is (repeatable)
    #[arg(long, value_name = "NAME", value_parser = name)]
    pub skip: Vec<String>,
    /// Don't ask
    #[arg(short, long)]
    pub yes: bool,
    /// Show the plan and a diff with masks, and keep nothing
    #[arg(long, conflicts_with = "yes")]
    pub dry_run: bool,
    /// Replace stored values that differ
    #[arg(long)]
    pub replace: bool,
    /// Make placeholders of ${NAME} and $NAME, too
    #[arg(long)]
    pub from_envsubst: bool,
    /// Store the keychain items PROFILE/NAME, or write .env.PROFILE
    #[arg(long, value_name = "PROFILE")]
    pub profile: Option<String>,
    /// Seconds to wait for the keychain to be unlocked (0: never prompt)
    #[arg(long, value_name = "SECONDS", default_value_t = UNLOCKING, value_parser = clap::value_parser!(u64).range(0..=86_400))]
    pub keychain_timeout: u64,
}

/// Where secrets are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StorePlace {
    /// The keychain of the operating system
    Keychain,
    /// .env beside the template; .gitignore gets a line for it
    EnvFile,
}

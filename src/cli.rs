//! The command line: only types, no work.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

mod argument;
mod check;
mod console;
mod diff;
mod extract;
mod init;
mod keychain;
mod list;
mod order;
mod render;
mod run;
mod shell;
mod trust;
mod usage;
mod verify;

pub(crate) use argument::NameList;
use argument::{allowed, pair, seconds};
use check::CHECKS;
pub(crate) use check::{Check, Explain};
use console::CONSOLE;
pub(crate) use console::Console;
use diff::DIFF;
pub(crate) use diff::{Diff, DiffFormat};
use extract::EXTRACTING;
pub(crate) use extract::{Extract, StorePlace};
use init::STARTING;
pub(crate) use init::{Ci, Init};
pub(crate) use keychain::{Get, KeychainItem, Remove, Set};
use list::LISTS;
pub(crate) use list::{List, ListFormat};
pub(crate) use order::is_command;
pub(crate) use render::Render;
use run::RUNS;
pub(crate) use run::Run;
use shell::SOURCING;
pub(crate) use shell::{Completions, Man};
use trust::TRUST;
pub(crate) use trust::Trust;
pub(crate) use verify::Verify;

// Each line of an example fits into 80 columns, so that no terminal of ordinary width breaks it.
const EXAMPLES: &str = "\
Examples:
  sdlrender deploy.tmpl.yaml -o deploy.yaml   mode 0600, replaced atomically
  sdlrender deploy.tmpl.yaml > deploy.yaml    the same, to standard output
  sdlrender --redact deploy.tmpl.yaml         masks instead of secrets
  sdlrender check deploy.tmpl.yaml            what Akash or a registry refuses
  sdlrender list deploy.tmpl.yaml             what it needs, and from where
  sdlrender verify deploy.tmpl.yaml           can a provider pull every image?
  sdlrender run deploy.tmpl.yaml -- CMD {}    CMD with the SDL, never on disk
  sdlrender console deploy.tmpl.yaml          the SDL for Akash's Console
  sdlrender diff deploy.tmpl.yaml             what differs from deploy.yaml
  sdlrender extract deploy.yaml               from a filled SDL to a template
  sdlrender set GHCR_TOKEN                    asks for a value and stores it
  sdlrender -e prod.env --set TAG=v1.2 deploy.tmpl.yaml -o deploy.yaml
  sdlrender --from-command TOKEN='pass show ghcr' deploy.tmpl.yaml

Exit codes: 0 success; 1 the template or a value is invalid; 2 wrong usage, or input or output can't be used.";

/// Renders Akash SDL templates: fills in {{ NAME }} from the environment, .env files or the keychain, and changes nothing else.
#[derive(Debug, Parser)]
#[command(name = "sdlrender", version, after_help = EXAMPLES, args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Cli {
    /// What to do instead of rendering.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Options of rendering.
    #[command(flatten)]
    pub render: Render,
}

impl Cli {
    /// Reads the command line.
    ///
    /// # Errors
    /// When the arguments are invalid, or help is requested.
    pub fn read(arguments: &[OsString]) -> Result<Self, clap::Error> {
        let ordered = order::command_first(arguments);
        let arguments = ordered.as_deref().unwrap_or(arguments);
        Self::try_parse_from(arguments).map_err(|error| usage::silenced(error, arguments))
    }
}

/// The subcommands. Each one's arguments are described only when it is asked for: all of them would take as long as a small render. clap
/// then takes its `about` from the struct, so that a variant and its struct open with the same line.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub enum Command {
    /// Begin a project: a template for your registry, .env.example, sdlrender.toml and the lines of .gitignore
    #[command(after_help = STARTING)]
    Init(Init),
    /// Check templates without secrets: logins that can't work, plain-text credentials, anything Akash would refuse
    #[command(after_help = CHECKS)]
    Check(Check),
    /// Explain a rule: what it finds, why it matters, a bad and a good example, how to allow it
    Explain(Explain),
    /// Show which values a template needs and where each would come from, but never the values
    #[command(after_help = LISTS)]
    List(List),
    /// Log in to each registry and look up each image, as a provider would; nothing is pulled
    Verify(Verify),
    /// Turn a filled SDL into a template and stored secrets; proven to render back before anything is kept
    #[command(after_help = EXTRACTING)]
    Extract(Extract),
    /// Run a command with the rendered SDL, as a file in memory that is never on disk
    #[command(after_help = RUNS)]
    Run(Run),
    /// Write the SDL for Akash's Console, with references in place of secrets, and the secrets apart from it
    #[command(after_help = CONSOLE)]
    Console(Console),
    /// Compare what a template renders to with what was deployed: which places differ, which services restart; never a secret
    #[command(after_help = DIFF)]
    Diff(Diff),
    /// Store a secret in the keychain, typed at a hidden prompt or read from standard input
    Set(Set),
    /// Print a secret from the keychain
    Get(Get),
    /// Remove a secret from the keychain
    Rm(Remove),
    /// Allow the commands in sdlrender.toml to run on this machine
    #[command(after_help = TRUST)]
    Trust(Trust),
    /// Print what makes a shell complete commands, options, templates, profiles and names
    #[command(after_help = SOURCING)]
    Completions(Completions),
    /// Print the manual page
    Man(Man),
}

/// The default time limit for a command or a registry, in seconds.
const PATIENCE: f64 = 30.0;

/// The default time limit for a person to unlock the keychain, in seconds.
const UNLOCKING: u64 = 60;

/// Options that say where values come from.
#[derive(Debug, Clone, Default, Args)]
pub struct Inputs {
    /// The template; `-` for standard input
    #[arg(value_name = "TEMPLATE", required = true)]
    pub template: Option<PathBuf>,
    /// Read this .env file instead of the one beside the template (repeatable; the last one wins)
    #[arg(short = 'e', long = "env-file", value_name = "FILE", conflicts_with = "no_env_file")]
    pub env_files: Vec<PathBuf>,
    /// Don't read any .env file
    #[arg(long)]
    pub no_env_file: bool,
    /// Read .env.PROFILE before .env, and look for PROFILE/NAME in the keychain first
    #[arg(long, value_name = "PROFILE")]
    pub profile: Option<String>,
    /// Set the plain variable vars.NAME (repeatable)
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = pair)]
    pub set: Vec<(String, String)>,
    /// Read plain variables from a YAML, JSON or TOML file (repeatable; the last one wins)
    #[arg(long, value_name = "FILE")]
    pub values: Vec<PathBuf>,
    /// Use the output of CMD as the secret NAME; CMD runs without a shell (repeatable)
    #[arg(long = "from-command", value_name = "NAME=CMD", value_parser = pair)]
    pub from_command: Vec<(String, String)>,
    /// Seconds to wait for a command
    #[arg(long, value_name = "SECONDS", default_value_t = PATIENCE, value_parser = seconds)]
    pub command_timeout: f64,
    /// Give the template these names and nothing else: no file(), no docker(), no keychain (repeatable)
    #[arg(long, value_name = "NAME,…", value_parser = allowed)]
    pub only: Option<Vec<NameList>>,
    /// Whether and how the keychain is used.
    #[command(flatten)]
    pub keychain: KeychainOptions,
    /// Accept empty values
    #[arg(long)]
    pub allow_empty: bool,
}

impl Inputs {
    /// The names that the template may have, if not all.
    pub(crate) fn allowed(&self) -> Option<BTreeSet<String>> {
        self.only.as_ref().map(|only| only.iter().flat_map(|names| names.0.iter().cloned()).collect())
    }

    /// Whether the keychain is asked.
    pub(crate) fn asks_keychain(&self) -> bool {
        !self.keychain.no_keychain && self.only.is_none()
    }
}

/// Whether and how the keychain is used.
#[derive(Debug, Clone, Default, Args)]
pub struct KeychainOptions {
    /// Don't look in the keychain
    #[arg(long)]
    pub no_keychain: bool,
    /// Seconds to wait for the keychain to be unlocked (0: never prompt)
    #[arg(long, value_name = "SECONDS", default_value_t = UNLOCKING, value_parser = clap::value_parser!(u64).range(0..=86_400))]
    pub keychain_timeout: u64,
}

/// How registries are reached.
#[derive(Debug, Clone, Default, Args)]
pub struct Registries {
    /// Seconds to wait for a registry, for each image and including retries
    #[arg(long, value_name = "SECONDS", default_value_t = PATIENCE, value_parser = seconds)]
    pub timeout: f64,
    /// Allow plain HTTP for this registry (repeatable); this machine is always allowed
    #[arg(long, value_name = "HOST")]
    pub insecure: Vec<String>,
    /// Send the credentials to this login server although its name differs from the registry's (repeatable)
    #[arg(long, value_name = "HOST")]
    pub trust_realm: Vec<String>,
    /// Ask for every layer of each image, too
    #[arg(long)]
    pub layers: bool,
}

/// The output formats of `check` and `verify`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Human,
    /// One JSON document.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations for a GitHub workflow.
    Github,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn a_subcommand_is_told_alike_in_the_list_and_in_its_own_help() {
        let told = |command: &clap::Command| -> Vec<_> {
            command.get_subcommands().filter(|one| one.get_name() != "help").map(|one| one.get_about().cloned()).collect()
        };
        let (list, mut built) = (Cli::command(), Cli::command());
        built.build();
        assert_eq!(told(&list), told(&built));
        assert!(told(&list).len() > 7);
    }

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}

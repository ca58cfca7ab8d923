//! `check` and `explain`.

use std::path::PathBuf;

use clap::Args;

use super::Format;
use super::argument::{NameList, allowed, pair};

pub(super) const CHECKS: &str = "\
Examples:
  sdlrender check deploy.tmpl.yaml
  sdlrender check --strict .     this folder and below; fails on warnings, too
  sdlrender check --staged       what the next commit contains, for a hook
  sdlrender check --format sarif . > check.sarif

A comment silences a rule on its line:  image: app  # sdlrender: allow image-tag

Exit codes: 0 no errors; 1 errors (with --strict, warnings too); 2 wrong usage, or a file can't be read.";

/// Check templates without secrets: logins that can't work, plain-text credentials, anything Akash would refuse
#[derive(Debug, Args)]
pub struct Check {
    /// Templates, or folders to search for *.tmpl.yaml and *.tmpl.yml (none: this folder); `-` for standard input
    #[arg(value_name = "TEMPLATE")]
    pub templates: Vec<PathBuf>,
    /// Check what is staged for the next commit, in this folder and below: templates, SDLs and .env files; TEMPLATE limits it to these paths
    #[arg(long)]
    pub staged: bool,
    /// Skip named files that are not a template, an SDL or a .env file; for hooks that pass every file
    #[arg(long, conflicts_with_all = ["staged", "rules"])]
    pub skip_others: bool,
    /// Fail on warnings, too
    #[arg(long)]
    pub strict: bool,
    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
    /// List the rules, as text or with --format json; `sdlrender explain RULE` says more
    #[arg(long, conflicts_with_all = ["templates", "staged"])]
    pub rules: bool,
    /// Read plain variables from this .env file instead of the one beside the template (repeatable; the last one wins)
    #[arg(short = 'e', long = "env-file", value_name = "FILE", conflicts_with = "no_env_file")]
    pub env_files: Vec<PathBuf>,
    /// Don't read any .env file
    #[arg(long)]
    pub no_env_file: bool,
    /// Read .env.PROFILE before .env
    #[arg(long, value_name = "PROFILE")]
    pub profile: Option<String>,
    /// Give the templates these plain variables from the environment and .env files, and no others
    #[arg(long, value_name = "NAME,…", value_parser = allowed)]
    pub only: Option<Vec<NameList>>,
    /// Set the plain variable vars.NAME (repeatable); unset variables are assumed to be valid
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = pair)]
    pub set: Vec<(String, String)>,
    /// Read plain variables from a YAML, JSON or TOML file (repeatable; the last one wins)
    #[arg(long, value_name = "FILE")]
    pub values: Vec<PathBuf>,
}

/// Explain a rule: what it finds, why it matters, a bad and a good example, how to allow it
#[derive(Debug, Args)]
pub struct Explain {
    /// The rule, as findings show it: image-tag (sdlrender check --rules lists them)
    #[arg(value_name = "RULE")]
    pub rule: Option<String>,
}

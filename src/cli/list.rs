//! `list`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Inputs;

pub(super) const LISTS: &str = "\
Examples:
  sdlrender list deploy.tmpl.yaml                each value, its place in the SDL, and where it would come from
  sdlrender list --require .                     every template here and below; fails if a value is missing, for CI
  sdlrender list --by-name .                     which services and places a value goes to, before it is changed
  sdlrender list --format env-example . > .env.example
  sdlrender list --format env-example . | diff - .env.example

Exit codes: 0 success; 1 a template is invalid, or with --require a value is missing; 2 wrong usage, or a file can't be read.";

/// Show which values a template needs and where each would come from, but never the values
#[derive(Debug, Args)]
#[command(mut_arg("template", |template| template.required(false).hide(true).index(1)))]
pub struct List {
    /// Where values come from.
    #[command(flatten)]
    pub inputs: Inputs,
    /// Templates, or folders to search for *.tmpl.yaml and *.tmpl.yml (none: this folder); `-` for standard input
    #[arg(value_name = "TEMPLATE", index = 2)]
    pub more: Vec<PathBuf>,
    /// Fail if a value is missing
    #[arg(long)]
    pub require: bool,
    /// For each name, show the services and places that its value goes to
    #[arg(long)]
    pub by_name: bool,
    /// List the names in the keychain instead of a template's
    #[arg(long = "keychain", id = "stored", conflicts_with_all = ["template", "no_keychain", "require", "by_name"])]
    pub stored: bool,
    /// Output format
    #[arg(long, value_enum, default_value_t = ListFormat::Human)]
    pub format: ListFormat,
}

/// The output formats of `list`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// For people.
    Human,
    /// One JSON document.
    Json,
    /// What is missing, as SARIF 2.1.0.
    Sarif,
    /// What is missing, as annotations for a GitHub workflow.
    Github,
    /// A .env file with names, descriptions and no values.
    EnvExample,
}

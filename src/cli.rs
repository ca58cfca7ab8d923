//! The command line: types only, nothing is done here.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, Parser, Subcommand, ValueEnum};

mod argument;

use argument::{name, no_value, pair, seconds};

const EXAMPLES: &str = "\
Examples:
  sdlrender deploy.tmpl.yaml > deploy.yaml       values from the environment, then .env
  sdlrender deploy.tmpl.yaml -o deploy.yaml      the same, mode 0600, replaced in one step
  sdlrender -e prod.env --set TAG=v1.2 deploy.tmpl.yaml -o deploy.yaml
  sdlrender --from-command ECR_PASSWORD='aws ecr get-login-password --region us-east-1' deploy.tmpl.yaml -o deploy.yaml
  sdlrender --redact deploy.tmpl.yaml            masks in place of secrets, none needed
  sdlrender verify deploy.tmpl.yaml              can a provider pull every image with these credentials?
  sdlrender list deploy.tmpl.yaml                which names it needs, and where each would come from
  sdlrender check deploy.tmpl.yaml               what Akash or the registry would refuse; no secret needed
  sdlrender set GHCR_TOKEN                       asks for the value and keeps it in the keychain

Exit codes: 0 done; 1 the template or a value is not in order; 2 usage, input or output.";

const CHECKS: &str = "\
Examples:
  sdlrender check deploy.tmpl.yaml
  sdlrender check --strict .                     every *.tmpl.yaml and *.tmpl.yml below; a warning fails as well
  sdlrender check --staged                       what the next commit holds, for a git hook
  sdlrender check --format sarif . > check.sarif

A comment in a line silences rules there:  image: app  # sdlrender: allow image-tag

Exit codes: 0 nothing found, or warnings alone; 1 errors (with --strict, warnings too); 2 usage, or a file that can't be read.";

/// Renders Akash SDL templates: fills {{ NAME }} from the environment and .env files, exactly, and keeps every other byte.
#[derive(Debug, Parser)]
#[command(name = "sdlrender", version, after_help = EXAMPLES, args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Cli {
    /// What to do other than render.
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
    /// When the arguments do not fit, or help is asked for.
    pub fn read(arguments: &[OsString]) -> Result<Self, clap::Error> {
        Self::try_parse_from(arguments).map_err(|mut error| {
            // What was typed may be a secret in the wrong place: say which option is wrong, not what it was given; of `set` no argument at
            // all.
            if error.kind() == ErrorKind::ValueValidation {
                error.insert(ContextKind::InvalidValue, ContextValue::String("…".to_owned()));
            }
            if arguments.get(1).is_some_and(|command| command == "set") && error.kind() == ErrorKind::UnknownArgument {
                error.insert(ContextKind::InvalidArg, ContextValue::String("…".to_owned()));
                error.remove(ContextKind::Suggested);
                error.remove(ContextKind::SuggestedArg);
            }
            error
        })
    }
}

/// The subcommands. Each one's arguments are described only when it is asked for: all of them would take as long as a small render. clap
/// then takes its `about` from the struct, so that a variant and its struct open with the same line.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub enum Command {
    /// Check templates without any secret: logins that can't work, open credentials, what Akash would refuse
    #[command(after_help = CHECKS)]
    Check(Check),
    /// Show which values a template needs and where each would come from; never a value
    List(List),
    /// Log in to each service's registry and look its image up, as a provider would: nothing is pulled or written
    Verify(Verify),
    /// Store a secret in the keychain: from a hidden prompt, or standard input
    Set(Set),
    /// Show what the keychain has for a name
    Get(Get),
    /// Remove a secret from the keychain
    Rm(Remove),
}

/// How long a command or a registry may take, in seconds.
const PATIENCE: f64 = 30.0;

/// How long a person may take to unlock the keychain, in seconds.
const UNLOCKING: u64 = 60;

/// What tells where values come from.
#[derive(Debug, Clone, Default, Args)]
pub struct Inputs {
    /// The template; `-` is standard input
    #[arg(value_name = "TEMPLATE", required = true)]
    pub template: Option<PathBuf>,
    /// Read this .env file instead of the one beside the template (repeatable; the last one wins)
    #[arg(short = 'e', long = "env-file", value_name = "FILE", conflicts_with = "no_env_file")]
    pub env_files: Vec<PathBuf>,
    /// Read no .env file
    #[arg(long)]
    pub no_env_file: bool,
    /// Also read .env.PROFILE, before .env, and the keychain's PROFILE/NAME
    #[arg(long, value_name = "PROFILE")]
    pub profile: Option<String>,
    /// Set the plain variable vars.NAME (repeatable)
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = pair)]
    pub set: Vec<(String, String)>,
    /// Read plain variables from a YAML, JSON or TOML file (repeatable; the last one wins)
    #[arg(long, value_name = "FILE")]
    pub values: Vec<PathBuf>,
    /// Take the secret NAME from what CMD prints; no shell is used (repeatable)
    #[arg(long = "from-command", value_name = "NAME=CMD", value_parser = pair)]
    pub from_command: Vec<(String, String)>,
    /// How long a command may take
    #[arg(long, value_name = "SECONDS", default_value_t = PATIENCE, value_parser = seconds)]
    pub command_timeout: f64,
    /// Whether and how the keychain is asked.
    #[command(flatten)]
    pub keychain: KeychainOptions,
    /// Take an empty value as a value
    #[arg(long)]
    pub allow_empty: bool,
}

/// Whether and how the keychain is asked.
#[derive(Debug, Clone, Default, Args)]
pub struct KeychainOptions {
    /// Don't ask the system's keychain
    #[arg(long)]
    pub no_keychain: bool,
    /// How long you may take to unlock the keychain; with 0 you are not asked to
    #[arg(long, value_name = "SECONDS", default_value_t = UNLOCKING, value_parser = clap::value_parser!(u64).range(0..=86_400))]
    pub keychain_timeout: u64,
}

/// `sdlrender TEMPLATE`
#[derive(Debug, Default, Args)]
#[command(mut_arg("timeout", |arg| arg.requires("verify")), mut_arg("insecure", |arg| arg.requires("verify")))]
#[command(mut_arg("trust_realm", |arg| arg.requires("verify")))]
pub struct Render {
    /// Where values come from.
    #[command(flatten)]
    pub inputs: Inputs,
    /// Write to this file, which git must ignore: mode 0600, replaced in one step
    #[arg(short, long, value_name = "OUT")]
    pub output: Option<PathBuf>,
    /// Write secrets even to a file that git could commit
    #[arg(long)]
    pub allow_unignored: bool,
    /// Show secrets on a terminal
    #[arg(long, conflicts_with = "redact")]
    pub reveal: bool,
    /// Write masks in place of secrets, which need not be there: still a valid SDL
    #[arg(long)]
    pub redact: bool,
    /// Write what Akash or the registry would refuse, too: for a template that is no SDL
    #[arg(long)]
    pub no_check: bool,
    /// Verify every image first, as `sdlrender verify` does, and write only if all can be pulled
    #[arg(long, conflicts_with = "redact")]
    pub verify: bool,
    /// How registries are reached.
    #[command(flatten)]
    pub registries: Registries,
}

/// How registries are reached.
#[derive(Debug, Clone, Default, Args)]
pub struct Registries {
    /// How long a registry may take to answer for one image, repeats included
    #[arg(long, value_name = "SECONDS", default_value_t = PATIENCE, value_parser = seconds)]
    pub timeout: f64,
    /// Allow this registry to speak plain HTTP (repeatable); this machine always may
    #[arg(long, value_name = "HOST")]
    pub insecure: Vec<String>,
    /// Let this login server have the credentials though the registry has another name (repeatable)
    #[arg(long, value_name = "HOST")]
    pub trust_realm: Vec<String>,
}

/// Log in to each service's registry and look its image up, as a provider would: nothing is pulled or written
#[derive(Debug, Args)]
pub struct Verify {
    /// Where values come from.
    #[command(flatten)]
    pub inputs: Inputs,
    /// How registries are reached.
    #[command(flatten)]
    pub registries: Registries,
    /// For people, or for programs
    #[arg(long, value_enum, default_value_t = Format::Human, conflicts_with = "pin")]
    pub format: Format,
    /// Print the SDL with each tag replaced by the digest that was verified
    #[arg(long)]
    pub pin: bool,
    /// Write the pinned SDL to this file, which git must ignore: mode 0600, replaced in one step
    #[arg(short, long, value_name = "OUT", requires = "pin")]
    pub output: Option<PathBuf>,
    /// Write secrets even to a file that git could commit
    #[arg(long, requires = "pin")]
    pub allow_unignored: bool,
    /// Show secrets on a terminal
    #[arg(long, requires = "pin")]
    pub reveal: bool,
    /// Pin what Akash or the registry would refuse, too
    #[arg(long, requires = "pin")]
    pub no_check: bool,
}

/// Check templates without any secret: logins that can't work, open credentials, what Akash would refuse
#[derive(Debug, Args)]
pub struct Check {
    /// Templates, and folders whose *.tmpl.yaml and *.tmpl.yml are meant; `-` is standard input
    #[arg(value_name = "TEMPLATE", required_unless_present_any = ["staged", "rules"])]
    pub templates: Vec<PathBuf>,
    /// Read what is staged for the next commit; TEMPLATE then says which of it (all below this folder)
    #[arg(long)]
    pub staged: bool,
    /// Fail on warnings too
    #[arg(long)]
    pub strict: bool,
    /// How findings are written
    #[arg(long, value_enum, default_value_t = FindingFormat::Human)]
    pub format: FindingFormat,
    /// List the rules
    #[arg(long, conflicts_with_all = ["templates", "staged"])]
    pub rules: bool,
    /// Look for plain variables in this .env file instead of the one beside the template (repeatable; the last one wins)
    #[arg(short = 'e', long = "env-file", value_name = "FILE", conflicts_with = "no_env_file")]
    pub env_files: Vec<PathBuf>,
    /// Read no .env file
    #[arg(long)]
    pub no_env_file: bool,
    /// Also read .env.PROFILE, before .env
    #[arg(long, value_name = "PROFILE")]
    pub profile: Option<String>,
    /// Set the plain variable vars.NAME (repeatable); one that is not set is taken to be right
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = pair)]
    pub set: Vec<(String, String)>,
    /// Read plain variables from a YAML, JSON or TOML file (repeatable; the last one wins)
    #[arg(long, value_name = "FILE")]
    pub values: Vec<PathBuf>,
}

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FindingFormat {
    /// For people, on standard error.
    Human,
    /// One JSON document.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations of a GitHub workflow.
    Github,
}

/// Show which values a template needs and where each would come from; never a value
#[derive(Debug, Args)]
#[command(mut_arg("template", |template| template.required(false).required_unless_present("stored")))]
pub struct List {
    /// Where values come from.
    #[command(flatten)]
    pub inputs: Inputs,
    /// List the names that the keychain has, instead of a template's
    #[arg(long = "keychain", id = "stored", conflicts_with_all = ["template", "no_keychain"])]
    pub stored: bool,
    /// For people, or for programs
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
}

/// An item of the keychain.
#[derive(Debug, Args)]
pub struct Item {
    /// The item PROFILE/NAME, as `--profile` of a rendering looks for it
    #[arg(long, value_name = "PROFILE")]
    pub profile: Option<String>,
    /// How long you may take to unlock the keychain; with 0 you are not asked to
    #[arg(long, value_name = "SECONDS", default_value_t = UNLOCKING, value_parser = clap::value_parser!(u64).range(0..=86_400))]
    pub keychain_timeout: u64,
    /// Takes what is written behind the name, so that no message repeats it: it may be a value.
    #[arg(hide = true, value_name = "VALUE", value_parser = no_value, num_args = 0..)]
    pub surplus: Vec<String>,
}

/// Store a secret in the keychain: from a hidden prompt, or standard input
#[derive(Debug, Args)]
pub struct Set {
    /// The name, as a template writes it
    #[arg(value_name = "NAME", value_parser = name, required_unless_present = "all")]
    pub name: Option<String>,
    /// Take the value from a file, line breaks and all: a key, a certificate
    #[arg(long, value_name = "FILE")]
    pub from_file: Option<PathBuf>,
    /// Ask for each secret of this template that no source has
    #[arg(long, value_name = "TEMPLATE", conflicts_with_all = ["name", "from_file"])]
    pub all: Option<PathBuf>,
    /// Which item.
    #[command(flatten)]
    pub item: Item,
}

/// Show what the keychain has for a name
#[derive(Debug, Args)]
pub struct Get {
    /// The name, as a template writes it
    #[arg(value_name = "NAME", value_parser = name)]
    pub name: String,
    /// Show the value on a terminal
    #[arg(long)]
    pub reveal: bool,
    /// Write the value even to a file that git could commit
    #[arg(long)]
    pub allow_unignored: bool,
    /// Which item.
    #[command(flatten)]
    pub item: Item,
}

/// Remove a secret from the keychain
#[derive(Debug, Args)]
pub struct Remove {
    /// The name, as a template writes it
    #[arg(value_name = "NAME", value_parser = name)]
    pub name: String,
    /// Which item.
    #[command(flatten)]
    pub item: Item,
}

/// How data is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A table.
    Human,
    /// One JSON document.
    Json,
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
        assert_eq!(told(&list).len(), 6);
    }

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}

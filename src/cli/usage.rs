//! Usage errors. An argument may be a secret in the wrong place: what was typed is not repeated.

use std::ffi::OsString;

use clap::CommandFactory as _;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::Cli;

/// `error` without any value that was typed. The name of an option that exists or is close to one stays.
pub(super) fn silenced(mut error: clap::Error, arguments: &[OsString]) -> clap::Error {
    if error.kind() == ErrorKind::UnknownArgument {
        let typed = error.get(ContextKind::InvalidArg);
        let is_known = matches!(typed, Some(ContextValue::String(typed)) if is_option(typed));
        let is_typo = matches!((typed, error.get(ContextKind::SuggestedArg)),
            (Some(ContextValue::String(typed)), Some(ContextValue::String(meant))) if is_typo(typed, meant));
        if !(is_typo || is_known) || arguments.get(1).is_some_and(|command| command == "set") {
            error.insert(ContextKind::InvalidArg, unsaid());
            error.remove(ContextKind::SuggestedArg);
        }
        // It repeats the argument.
        error.remove(ContextKind::Suggested);
    }
    for kind in [ContextKind::InvalidValue, ContextKind::InvalidSubcommand] {
        if error.get(kind).is_some() {
            error.insert(kind, unsaid());
        }
    }
    error
}

/// Whether a command has the option.
fn is_option(typed: &str) -> bool {
    let mut program = Cli::command();
    program.build();
    let all = std::iter::once(&program).chain(program.get_subcommands());
    typed
        .strip_prefix("--")
        .is_some_and(|name| all.flat_map(clap::Command::get_arguments).any(|arg| arg.get_long() == Some(name)))
}

/// Whether an option is a typing error for the one that was meant, and not that one with a value attached: `--setNAME=hunter2`.
fn is_typo(typed: &str, meant: &str) -> bool {
    typed.len() <= meant.len() + 2
}

/// Shown in place of what was typed.
fn unsaid() -> ContextValue {
    ContextValue::String("…".to_owned())
}

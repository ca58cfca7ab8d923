//! Usage errors. An argument may be a secret in the wrong place: what was typed is not repeated.

use std::ffi::OsString;

use clap::CommandFactory as _;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::Cli;

/// `error` without any value that was typed. The name of an option that is close to an existing one stays.
pub(super) fn silenced(mut error: clap::Error, arguments: &[OsString]) -> clap::Error {
    match error.kind() {
        ErrorKind::UnknownArgument => {
            let meant = error.get(ContextKind::SuggestedArg).is_some();
            if !meant || arguments.get(1).is_some_and(|command| command == "set") {
                error.insert(ContextKind::InvalidArg, unsaid());
                error.remove(ContextKind::SuggestedArg);
            }
            // It repeats the argument.
            error.remove(ContextKind::Suggested);
        }
        // clap takes a word behind the template for a subcommand.
        ErrorKind::ArgumentConflict if error.get(ContextKind::InvalidSubcommand).is_some() => {
            let typed = match error.get(ContextKind::InvalidSubcommand) {
                Some(ContextValue::String(typed)) => typed.as_str(),
                _ => "",
            };
            let mut command = Cli::command();
            let message = match command.find_subcommand(typed) {
                Some(known) => format!("the command comes first: sdlrender {} …", known.get_name()),
                None => "unexpected argument after the template".to_owned(),
            };
            return command.error(ErrorKind::ArgumentConflict, message);
        }
        _ => {}
    }
    for kind in [ContextKind::InvalidValue, ContextKind::InvalidSubcommand] {
        if error.get(kind).is_some() {
            error.insert(kind, unsaid());
        }
    }
    error
}

/// Shown in place of what was typed.
fn unsaid() -> ContextValue {
    ContextValue::String("…".to_owned())
}

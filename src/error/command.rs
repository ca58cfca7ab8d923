//! Words for `--from-command`: a line that is not a command, and a command that gives no value.

use super::ENCODE;
use crate::diagnostic::{Diagnostic, for_shell};
use crate::source::{CommandError, LineError};

/// A line that can't be run.
pub(crate) fn command_line(name: &str, error: &LineError) -> Diagnostic {
    let typed = for_shell(name);
    match error {
        LineError::Unreadable => Diagnostic::error(format!("the command for `{name}` is empty or has an unclosed quote"))
            .help(format!("write it as in a shell: --from-command {typed}='program argument \"two words\"'")),
        LineError::Shell(syntax) => Diagnostic::error(format!(
            "the command for `{name}` has {} outside quotes, but there is no shell to act on it",
            ticked(syntax)
        ))
        .help(format!("for a shell, make it the command: --from-command {typed}=\"sh -c '…'\""))
        .help("if it belongs to an argument, put the argument in quotes"),
        LineError::Quoted(syntax) => Diagnostic::error(format!(
            "the command for `{name}` has {} in double quotes, but there is no shell to replace it",
            ticked(syntax)
        ))
        .help(format!("for a shell, make it the command: --from-command {typed}=\"sh -c '…'\""))
        .help("if it belongs to an argument as it is, put the argument in single quotes"),
    }
}

fn ticked(syntax: &str) -> String {
    match syntax {
        "a line break" => syntax.to_owned(),
        "`…`" => "backquotes".to_owned(),
        _ => format!("`{syntax}`"),
    }
}

/// Why a command gives no value: the reason, and what to do.
pub(super) fn command(name: &str, error: &CommandError) -> (String, String) {
    let try_it = |program: &str| format!("run `{program} …` in a shell to see why");
    match error {
        CommandError::Start(program, why) => match program.split_once('=') {
            // The value may be a secret.
            Some((variable, _)) => (
                format!("the command for `{name}` sets the variable {variable} first, which only a shell does"),
                format!("write env {variable}=… and the program"),
            ),
            None => (
                format!("can't start the command for `{name}`: {program}: {why}"),
                "commands run without a shell; for pipes, variables and what a shell does itself, use sh -c '…'".to_owned(),
            ),
        },
        CommandError::Failed(program, code, Some(pattern)) => (
            format!("the command for `{name}` failed: {program} exited with code {code}"),
            format!("`{pattern}` stood for itself, as there is no shell: if it was to name files, use sh -c '…'"),
        ),
        CommandError::Failed(program, code, None) => {
            (format!("the command for `{name}` failed: {program} exited with code {code}"), try_it(program))
        }
        CommandError::Killed(program) => {
            (format!("the command for `{name}` failed: {program} was killed by a signal"), try_it(program))
        }
        CommandError::TimedOut(program, limit) => (
            format!("the command for `{name}` failed: {program} did not finish within {} s", limit.as_secs_f32()),
            "--command-timeout SECONDS waits longer; the command must not prompt for input".to_owned(),
        ),
        CommandError::TooLong(program) => (
            format!("the command for `{name}` failed: {program} printed more than 1 MiB"),
            "it must print only the value".to_owned(),
        ),
        CommandError::NotUtf8(program) => {
            (format!("the command for `{name}` failed: the output of {program} is not UTF-8"), ENCODE.to_owned())
        }
    }
}

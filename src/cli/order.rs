//! Options before a command: `sdlrender --profile prod check t.tmpl.yaml` is `sdlrender check --profile prod t.tmpl.yaml`.

use std::ffi::OsString;

use clap::{Arg, CommandFactory as _, Subcommand as _};

use super::{Cli, Command};

/// Whether `word` is a command.
pub(crate) fn is_command(word: &str) -> bool {
    Command::has_subcommand(word) || word == "help"
}

/// `arguments` with the command first, if there is one and only options stand before it. Described once more for this, which takes time, but
/// only if one of the arguments is a command's name.
pub(super) fn command_first(arguments: &[OsString]) -> Option<Vec<OsString>> {
    let is_option = |word: &OsString| word.as_encoded_bytes().starts_with(b"-") && word != "-";
    let names_command = |word: &OsString| word.to_str().is_some_and(is_command);
    if !arguments.get(1).is_some_and(is_option) || !arguments.iter().skip(2).any(names_command) {
        return None;
    }
    let mut program = Cli::command();
    program.build();
    let mut at = 1;
    while is_option(arguments.get(at)?) && arguments[at] != "--" {
        at += if takes_next(&program, arguments[at].to_str()?) { 2 } else { 1 };
    }
    if !names_command(arguments.get(at)?) {
        return None;
    }
    let mut ordered = arguments.to_vec();
    ordered[1..=at].rotate_right(1);
    Some(ordered)
}

/// Whether the value of `option` is the next argument. The option may be the program's, or that of any command.
fn takes_next(program: &clap::Command, option: &str) -> bool {
    let is_meant = |arg: &&Arg| match option.strip_prefix("--") {
        Some(long) => arg.get_long() == Some(long),
        // The last of several in one word; one that takes a value may have it in the same word.
        None => arg.get_short().is_some_and(|short| option.len() == 2 && option.ends_with(short)),
    };
    let all = std::iter::once(program).chain(program.get_subcommands());
    all.flat_map(clap::Command::get_arguments).find(is_meant).is_some_and(|arg| arg.get_action().takes_values())
}

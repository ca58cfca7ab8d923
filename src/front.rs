//! The front door: what somebody is told who does not say what to do, or who names what is not there.

use std::ffi::OsString;
use std::path::Path;

use clap::CommandFactory as _;

use crate::cli::{Cli, is_command};
use crate::diagnostic::{Diagnostic, for_shell, nearest, path_for_shell, printable};
use crate::template::templates_in;

/// Six commands to begin with: those for the template of this folder, or those that make one.
#[must_use]
pub fn first_steps() -> String {
    let found = templates_in(Path::new(".")).into_iter().next();
    let template = found.as_ref().map_or("deploy.tmpl.yaml".to_owned(), |path| path_for_shell(path));
    let check = (format!("check {template}"), "what Akash or a registry refuses");
    let set = (format!("set --all {template}"), "store each secret in the keychain");
    let render = (format!("{template} -o deploy.yaml"), "write the SDL to deploy");
    let help = ("--help".to_owned(), "all commands and options");
    let steps = match found {
        Some(_) => {
            let list = (format!("list {template}"), "what it needs, and from where");
            [list, check, set, (format!("verify {template}"), "can a provider pull every image?"), render, help]
        }
        None => {
            let init = ("init".to_owned(), "write a template for your registry");
            [init, ("extract deploy.yaml".to_owned(), "or make one of an SDL with secrets"), check, set, render, help]
        }
    };
    let width = steps.iter().map(|(step, _)| step.chars().count()).max().unwrap_or(0);
    let lines = steps.iter().map(|(step, what)| format!("  sdlrender {step:width$}   {what}\n"));
    format!("sdlrender fills in the secrets of an Akash SDL template. To begin:\n\n{}", lines.collect::<String>())
}

const ALL: &str = "sdlrender --help lists the commands";

/// What to say about the first argument if it is a word that could be a command, and is neither one nor a file.
#[must_use]
pub fn unknown_word(arguments: &[OsString]) -> Option<Diagnostic> {
    let word = arguments.get(1)?.to_str()?;
    // A path has a dot or a slash as a rule, and an option a hyphen in front: for these, nothing is looked up.
    let is_word = word.starts_with(|c: char| c.is_alphanumeric()) && !word.contains(['.', '/', '\\']);
    if !is_word || is_command(word) || Path::new(word).exists() {
        return None;
    }
    let program = Cli::command();
    let commands: Vec<&str> = program.get_subcommands().map(clap::Command::get_name).collect();
    let templates: Vec<String> = templates_in(Path::new(".")).iter().map(|path| path.display().to_string()).collect();
    // `deploy` is meant as `deploy.tmpl.yaml` is.
    let stem = |name: &str| name.rsplit_once(".tmpl.").map_or(name, |(stem, _)| stem).to_owned();
    let exact = templates.iter().find(|name| stem(name) == word);
    let near = || {
        let stems: Vec<String> = templates.iter().map(|name| stem(name)).collect();
        let meant = nearest(word, stems.iter().map(String::as_str))?;
        templates.iter().find(|name| stem(name) == meant)
    };
    let meant = [
        nearest(word, commands.iter().copied()).map(|command| format!("sdlrender {command}")),
        exact.or_else(near).map(|name| format!("sdlrender {}", for_shell(name))),
    ];
    let meant: Vec<String> = meant.into_iter().flatten().map(|line| format!("`{line}`")).collect();
    let unknown = Diagnostic::error(format!("`{}` is neither a command nor a template", printable(word)));
    Some(match (meant.is_empty(), templates.is_empty()) {
        (false, _) => unknown.help(format!("did you mean {}?", meant.join(" or "))),
        (true, false) => unknown.help(format!("templates here: {}", templates.join(", "))).help(ALL),
        (true, true) => unknown.note("this folder has no *.tmpl.yaml").help(ALL),
    })
}

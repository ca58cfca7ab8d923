//! Completions: what a shell is told while somebody types. A template's names are found without its secrets, and the keychain is not opened.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::sync::Arc;

use clap::{Arg, Command, CommandFactory as _};
use clap_complete::env::Shells;
use clap_complete::{ArgValueCandidates, ArgValueCompleter, CompletionCandidate, PathCompleter};

use crate::cli::{Cli, Inputs, KeychainOptions};
use crate::finding::Rule;
use crate::pipeline::expand::{Input, expand};
use crate::pipeline::open::chain;
use crate::pipeline::profile::on_disk;
use crate::pipeline::scan::scan;
use crate::project::Project;
use crate::secret::Origin;
use crate::template::{Emission, Folder, Given, Template, is_template, templates_in};

/// The variable in which a shell gives its name when it asks for completions.
pub const VARIABLE: &str = "SDLRENDER_COMPLETE";

/// What `shell` may complete, in its own form. `arguments` are those of this process: its name, `--`, then the command line so far.
#[must_use]
pub fn complete(shell: &OsStr, arguments: impl Iterator<Item = OsString>) -> Vec<u8> {
    let mut answer = Vec::new();
    let typed = arguments.skip_while(|argument| argument != "--").skip(1).collect();
    let shells = Shells::builtins();
    if let Some(shell) = shell.to_str().and_then(|name| shells.completer(name)) {
        let mut program = Cli::command();
        program.build();
        let here = std::env::current_dir().ok();
        if shell.write_complete(&mut described(program), typed, here.as_deref(), &mut answer).is_err() {
            answer.clear();
        }
    }
    answer
}

/// `command` with what is known of the values of its arguments, and so for its subcommands. Here and not where the arguments are defined,
/// because each start of the program would pay for it there.
fn described(command: Command) -> Command {
    let known = |arg: Arg| match arg.get_id().as_str() {
        "template" | "templates" | "more" | "all" | "path" => {
            // Folders, too: it adds them to whatever is wanted.
            arg.add(ArgValueCompleter::new(PathCompleter::any().filter(is_template).stdio()))
        }
        "profile" => arg.add(ArgValueCandidates::new(profiles)),
        "rule" => arg.add(ArgValueCandidates::new(rules)),
        "name" => arg.add(ArgValueCandidates::new(|| names().into_iter().map(CompletionCandidate::new).collect())),
        "from_command" => {
            arg.add(ArgValueCandidates::new(|| names().into_iter().map(|name| CompletionCandidate::new(name + "=")).collect()))
        }
        _ => arg,
    };
    command.mut_args(known).mut_subcommands(described)
}

fn profiles() -> Vec<CompletionCandidate> {
    let mut profiles = on_disk(Path::new("."));
    let project = Project::find(Path::new(".")).ok().flatten();
    profiles.extend(project.iter().flat_map(Project::profiles).map(str::to_owned));
    profiles.sort();
    profiles.dedup();
    profiles.into_iter().map(CompletionCandidate::new).collect()
}

fn rules() -> Vec<CompletionCandidate> {
    Rule::ALL.iter().map(|rule| CompletionCandidate::new(rule.id()).help(Some(rule.about().summary.into()))).collect()
}

/// The secrets that the templates of this folder take from any source or from the keychain, each once.
fn names() -> BTreeSet<String> {
    templates_in(Path::new(".")).iter().flat_map(|path| names_in(path).unwrap_or_default()).collect()
}

/// Those of one template; none if it is invalid. Variables may drive its statements, so that its `.env` file is read, but the keychain is
/// not asked.
fn names_in(path: &Path) -> Option<Vec<String>> {
    let template = Template::read(path).ok()?;
    let keychain = KeychainOptions { no_keychain: true, ..KeychainOptions::default() };
    let chain = chain(&Inputs { keychain, ..Inputs::default() }, &template, None).ok()?;
    let input = Input { files: Arc::new(Folder::of(&template)), given: Given::default(), template, chain };
    let expanded = expand(&input).ok()?;
    let prepared = scan(&expanded).ok()?;
    let secrets = prepared.marks().filter_map(|(_, _, emission)| match emission {
        Emission::Secret(usage) => Some(usage.parts()),
        _ => None,
    });
    let stored = secrets.flatten().filter(|usage| matches!(usage.origin, Origin::Any | Origin::Keychain));
    Some(stored.map(|usage| usage.name).collect())
}

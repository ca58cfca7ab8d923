//! Words for a result that can't be written where it should go.

use std::path::Path;

use crate::diagnostic::{Diagnostic, path_for_shell};
use crate::output::{Doubt, GitVerdict, NoAnswer, OutputError, ignore_line};
use crate::template::folder;

/// A result that can't be written.
pub(crate) fn output(error: &OutputError) -> Diagnostic {
    match error {
        OutputError::Symlink(path) => Diagnostic::error(format!("{} is a symbolic link", path.display()))
            .help("write to the file it points to, or omit -o to write to standard output"),
        OutputError::Directory(path) => Diagnostic::error(format!("{} is a directory", path.display()))
            .help(format!("give the path of a file: -o {}", path_for_shell(&path.join("deploy.yaml")))),
        OutputError::Special(path) => Diagnostic::error(format!("{} is not a regular file", path.display()))
            .help("omit -o and redirect standard output instead"),
        OutputError::IsTemplate(path) => Diagnostic::error(format!("the output {} is the template itself", path.display()))
            .help("write to another file: -o deploy.yaml"),
        OutputError::NoFolder(path) => Diagnostic::error(format!("the folder of {} does not exist", path.display()))
            .help(format!("mkdir -p {}", path_for_shell(folder(path)))),
        OutputError::Io(path, error) => Diagnostic::error(format!("can't write {}: {error}", path.display())),
        OutputError::Unsafe(path, verdict) => guarded(path.as_deref(), verdict),
    }
}

/// The command that makes git ignore the file `name` in its folder.
fn ignore(name: &str) -> String {
    let line = ignore_line(name);
    // The `echo` of some shells acts on a backslash.
    let print = if line.contains('\\') { "printf '%s\\n'" } else { "echo" };
    format!("{print} '{}' >> .gitignore", line.replace('\'', "'\\''"))
}

/// What to type so that git tracks the file called `name` no longer, and ignores it; the path says whether that is in another folder.
fn untrack(path: Option<&Path>, name: &str) -> String {
    let elsewhere = path.and_then(Path::parent).is_some_and(|folder| !matches!(folder.to_str(), Some("" | ".")));
    let place = if elsewhere { format!("    (in the folder of {name})") } else { String::new() };
    format!("git rm --cached {} && {}{place}", path_for_shell(Path::new(name)), ignore(name))
}

/// A file that git could commit, or of which nobody can tell.
fn guarded(path: Option<&Path>, verdict: &GitVerdict) -> Diagnostic {
    let name = path.and_then(Path::file_name).map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let untrack = untrack(path, &name);
    let path = path.map_or_else(|| "standard output".to_owned(), |path| path.display().to_string());
    match verdict {
        GitVerdict::Tracked => Diagnostic::error(format!("git tracks {path}, and the output contains secrets"))
            .help(untrack)
            .help("secrets committed earlier remain in the history: replace them"),
        GitVerdict::Unknown(doubt) => {
            let diagnostic = Diagnostic::error(format!("can't tell whether git could commit {path}: {}", why(doubt)));
            let diagnostic = trust(doubt).into_iter().fold(diagnostic, Diagnostic::help);
            match doubt {
                Doubt::Nameless | Doubt::Linked => diagnostic.help("write to a file with -o, or use --allow-unignored"),
                Doubt::Foreign(_) => {
                    diagnostic.help("write to a file outside the repository, or use --allow-unignored if it is ignored there")
                }
                Doubt::Git(NoAnswer::Late | NoAnswer::Failed(..)) => diagnostic
                    .help("`git status` in the folder of the file must work; or write to a file outside the repository")
                    .help("or use --allow-unignored, if git can't commit the file"),
                _ => diagnostic.help("fix this first, or use --allow-unignored if git can't commit the file"),
            }
        }
        _ => Diagnostic::error(format!("git does not ignore {path}, and the output contains secrets"))
            .help(format!("{}    (in the folder of {name})", ignore(&name)))
            .help("or write to a file outside the repository, or use --allow-unignored"),
    }
}

/// A warning about a file that gave a secret, if git could commit it or nobody can tell.
pub(crate) fn exposed(path: &Path, verdict: &GitVerdict) -> Option<Diagnostic> {
    let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
    let untrack = untrack(Some(path), &name);
    let path = path.strip_prefix("./").unwrap_or(path).display();
    Some(match verdict {
        GitVerdict::Safe => return None,
        GitVerdict::Tracked => Diagnostic::warning(format!("git tracks {path}, which gave a secret"))
            .help(untrack)
            .help("secrets committed earlier remain in the history: replace them"),
        GitVerdict::NotIgnored => Diagnostic::warning(format!("git does not ignore {path}, which gave a secret"))
            .help(format!("{}    (in the folder of {name})", ignore(&name))),
        GitVerdict::Unknown(doubt) => {
            let warning =
                Diagnostic::warning(format!("can't tell whether git could commit {path}, which gave a secret: {}", why(doubt)));
            trust(doubt).into_iter().fold(warning, Diagnostic::help)
        }
    })
}

/// Why nobody can tell whether git could commit a file, as a reason.
fn why(doubt: &Doubt) -> String {
    match doubt {
        Doubt::Folder => "can't read its folder".to_owned(),
        Doubt::Git(why) => why.reason(),
        Doubt::Foreign(program) => format!("it is in a {program} repository, and only git is asked"),
        Doubt::Nameless => "the system does not tell which file it goes to".to_owned(),
        Doubt::Linked => "the file has another name (a hard link)".to_owned(),
    }
}

/// The command that makes git trust the repository, if that is all that is missing.
fn trust(doubt: &Doubt) -> Option<String> {
    match doubt {
        Doubt::Git(NoAnswer::Failed(_, Some(trust))) => Some(format!("if you trust the repository's owner: {trust}")),
        _ => None,
    }
}

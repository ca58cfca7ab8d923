//! What is staged for the next commit, as git has it.

use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use super::git::{self, Environment, NoAnswer};
use crate::template::{Files, ReadError, Template, outside, unusable};

/// Git in the current directory, on the index that is being committed. Git passes it to a hook in the environment: during
/// `git commit FILE` it is not the usual one.
fn on_index(arguments: &[&str]) -> Command {
    let mut command = git::command(Path::new("."), Environment::Own);
    command.arg("--literal-pathspecs").args(arguments).stdout(Stdio::piped());
    command
}

/// Why the index can't be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NoIndex(pub NoAnswer);

fn output(command: Command) -> Result<Vec<u8>, NoIndex> {
    let answer = git::run(command).map_err(NoIndex)?;
    if answer.status.success() { Ok(answer.stdout) } else { Err(NoIndex(answer.failure())) }
}

/// The files that the next commit adds or changes in the current directory and below, limited to `paths` unless that is empty. The result
/// is relative to the current directory and sorted by name.
///
/// # Errors
/// When git fails, or there is no repository.
pub(crate) fn staged(paths: &[PathBuf]) -> Result<Vec<PathBuf>, NoIndex> {
    // Fails outside a repository, where `diff` would compare files.
    output(on_index(&["rev-parse", "--git-dir"]))?;
    let arguments = ["diff", "--cached", "--name-only", "--no-renames", "--diff-filter=ACMRT", "--relative", "-z", "--"];
    let mut command = on_index(&arguments);
    command.args(paths);
    let names = output(command)?;
    Ok(names.split(|byte| *byte == 0).filter(|name| !name.is_empty()).map(git::path).collect())
}

/// Reads the staged version of the template at `path`, if a plain file of that name is staged.
///
/// # Errors
/// When git fails, or the text is not a template.
pub(crate) fn staged_template(path: &Path) -> Result<Result<Option<Template>, ReadError>, NoIndex> {
    let mut command = on_index(&["ls-files", "--stage", "-z", "--"]);
    command.arg(path);
    let entries = output(command)?;
    // Each entry: MODE OBJECT STAGE, a tab, the name. A folder gives several entries.
    let mut entries = entries.split(|byte| *byte == 0).filter(|entry| !entry.is_empty());
    let entry = entries.next().filter(|_| entries.next().is_none()).map(String::from_utf8_lossy);
    let mut words = entry.as_deref().and_then(|entry| entry.split('\t').next()).unwrap_or_default().split(' ');
    let (Some("100644" | "100755"), Some(object), Some("0")) = (words.next(), words.next(), words.next()) else {
        return Ok(Ok(None));
    };
    let text = output(on_index(&["cat-file", "blob", object]))?;
    Ok(Template::read_from(text.as_slice())
        .map(|read| Some(Template { name: path.display().to_string(), path: Some(path.to_owned()), text: read.text })))
}

/// The staged files in a folder and below.
#[derive(Debug)]
pub(crate) struct Index(PathBuf);

impl Index {
    /// The staged files that `template` can include.
    pub(crate) fn of(template: &Template) -> Self {
        Self(template.directory().to_owned())
    }
}

impl Files for Index {
    fn read(&self, name: &str) -> Result<Option<(PathBuf, Arc<String>)>, String> {
        let mut path = PathBuf::new();
        for part in Path::new(name).components() {
            match part {
                Component::Normal(part) => path.push(part),
                Component::CurDir => {}
                Component::ParentDir if path.pop() => {}
                _ => return Err(outside(name)),
            }
        }
        let path = self.0.join(path);
        match staged_template(&path) {
            Ok(Ok(found)) => Ok(found.map(|template| (path, template.text))),
            Ok(Err(error)) => Err(unusable(name, &error)),
            Err(NoIndex(why)) => Err(format!("{name}: {}", why.reason())),
        }
    }
}

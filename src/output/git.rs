//! Asks git whether a path could be committed, and what is staged.

use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use crate::template::{Files, ReadError, Template, folder, outside, unusable};

/// What git says about a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is ignored and not tracked: `git add .` skips it.
    Ignored,
    /// It is not in a work tree.
    Outside,
    /// Git tracks it.
    Tracked,
    /// Git would add it.
    NotIgnored,
    /// Git failed: its message.
    Unknown(String),
}

/// Asks git about `path`, which need not exist; its folder must.
pub(crate) fn verdict(path: &Path) -> Verdict {
    let (Ok(folder), Some(name)) = (folder(path).canonicalize(), path.file_name()) else {
        return Verdict::Unknown("can't read its folder".to_owned());
    };
    // Without `.git` in a parent folder there is no work tree, and git need not be installed.
    if !folder.ancestors().any(|above| above.join(".git").exists()) {
        return Verdict::Outside;
    }
    // As `./NAME`, neither command reads a name as an option or as pathspec magic (`:(…)`).
    let name = &Path::new(".").join(name);
    let ignored = match git(&folder, &["check-ignore", "-q", "--"], name) {
        Ok(output) => output,
        Err(error) => return Verdict::Unknown(format!("can't start git: {error}")),
    };
    match ignored.status.code() {
        Some(0) => Verdict::Ignored,
        Some(1) => match git(&folder, &["--literal-pathspecs", "ls-files", "--error-unmatch", "--"], name) {
            Ok(output) if output.status.success() => Verdict::Tracked,
            _ => Verdict::NotIgnored,
        },
        _ => {
            let words = String::from_utf8_lossy(&ignored.stderr);
            let first = words.lines().next().unwrap_or("git failed without a message").to_owned();
            if first.contains("not a git repository") { Verdict::Outside } else { Verdict::Unknown(first) }
        }
    }
}

/// Runs git in `folder` on `name` and discards its output.
fn git(folder: &Path, arguments: &[&str], name: &Path) -> std::io::Result<Output> {
    command(folder).args(arguments).arg(name).stdout(Stdio::null()).output()
}

/// Git in `folder`, with only those environment variables that locate git and the user's ignore rules: no secrets, and no `GIT_DIR` that
/// points elsewhere. A file-system monitor, which the repository could configure, is not started.
fn command(folder: &Path) -> Command {
    let kept = ["PATH", "HOME", "XDG_CONFIG_HOME", "SystemRoot", "USERPROFILE"];
    let mut command = Command::new("git");
    command.env_clear().envs(of_environment(&kept)).envs([("LC_ALL", "C"), ("GIT_OPTIONAL_LOCKS", "0")]);
    command.args(["-c", "core.fsmonitor=false", "-C"]).arg(folder).stdin(Stdio::null()).stderr(Stdio::piped());
    command
}

fn of_environment<'n>(names: &'n [&str]) -> impl Iterator<Item = (&'n str, std::ffi::OsString)> {
    names.iter().filter_map(|name| std::env::var_os(name).map(|value| (*name, value)))
}

/// Git in the current directory, on the index that is being committed. Git passes it to a hook in the environment: during
/// `git commit FILE` it is not the usual one.
fn on_index(arguments: &[&str]) -> Command {
    let told = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES"];
    let mut command = command(Path::new("."));
    command.envs(of_environment(&told)).arg("--literal-pathspecs").args(arguments);
    command
}

/// Why the index can't be read: git's message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NoIndex(pub String);

fn output(mut command: Command) -> Result<Vec<u8>, NoIndex> {
    let output = command.output().map_err(|error| NoIndex(format!("can't start git: {error}")))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let words = String::from_utf8_lossy(&output.stderr);
    Err(NoIndex(words.lines().next().unwrap_or("git failed without a message").to_owned()))
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
    Ok(names.split(|byte| *byte == 0).filter(|name| !name.is_empty()).map(path).collect())
}

#[cfg(unix)]
fn path(name: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt as _;
    PathBuf::from(OsStr::from_bytes(name))
}

#[cfg(not(unix))]
fn path(name: &[u8]) -> PathBuf {
    PathBuf::from(OsStr::new(&*String::from_utf8_lossy(name)))
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
            Err(NoIndex(why)) => Err(format!("{name}: {why}")),
        }
    }
}

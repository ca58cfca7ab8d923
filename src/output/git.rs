//! Asks git itself: whether a path could be committed, and what is staged.

use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use crate::template::{Files, ReadError, Template, folder, outside, unusable};

/// What git says of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is ignored and not tracked: `git add .` passes it over.
    Ignored,
    /// It is not inside a work tree.
    Outside,
    /// Git tracks it.
    Tracked,
    /// Git would add it.
    NotIgnored,
    /// Git could not be asked; its words.
    Unknown(String),
}

/// Asks git about `path`, which need not exist; its folder must.
pub fn verdict(path: &Path) -> Verdict {
    let (Ok(folder), Some(name)) = (folder(path).canonicalize(), path.file_name()) else {
        return Verdict::Unknown("the folder can't be read".to_owned());
    };
    // No `.git` on the way up: no work tree, and git need not be installed.
    if !folder.ancestors().any(|above| above.join(".git").exists()) {
        return Verdict::Outside;
    }
    // As `./NAME`, a name is neither an option nor a pattern's magic (`:(…)`) to either command.
    let name = &Path::new(".").join(name);
    let ignored = match git(&folder, &["check-ignore", "-q", "--"], name) {
        Ok(output) => output,
        Err(error) => return Verdict::Unknown(format!("git can't be started: {error}")),
    };
    match ignored.status.code() {
        Some(0) => Verdict::Ignored,
        Some(1) => match git(&folder, &["--literal-pathspecs", "ls-files", "--error-unmatch", "--"], name) {
            Ok(output) if output.status.success() => Verdict::Tracked,
            _ => Verdict::NotIgnored,
        },
        _ => {
            let words = String::from_utf8_lossy(&ignored.stderr);
            let first = words.lines().next().unwrap_or("git gave no reason").to_owned();
            if first.contains("not a git repository") { Verdict::Outside } else { Verdict::Unknown(first) }
        }
    }
}

/// Runs git in `folder` on `name`; what it prints is thrown away.
fn git(folder: &Path, arguments: &[&str], name: &Path) -> std::io::Result<Output> {
    command(folder).args(arguments).arg(name).stdout(Stdio::null()).output()
}

/// Git in `folder` with nothing of this process's environment but what finds git and the user's own ignore rules: neither
/// a secret nor a `GIT_DIR` that points elsewhere. A file-system monitor, which a repository could name, is not started.
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

/// Git in the current directory, on the index that is being committed: git tells a hook which that is, and in `git commit FILE` it is
/// not the usual one.
fn on_index(arguments: &[&str]) -> Command {
    let told = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES"];
    let mut command = command(Path::new("."));
    command.envs(of_environment(&told)).arg("--literal-pathspecs").args(arguments);
    command
}

/// Why the index can't be read: git's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoIndex(pub String);

fn output(mut command: Command) -> Result<Vec<u8>, NoIndex> {
    let output = command.output().map_err(|error| NoIndex(format!("git can't be started: {error}")))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let words = String::from_utf8_lossy(&output.stderr);
    Err(NoIndex(words.lines().next().unwrap_or("git gave no reason").to_owned()))
}

/// The files that the next commit adds or changes, in the current directory and below, and of those only what is at or below one of
/// `paths`, if there are any. Relative to the current directory, in the order of their names.
///
/// # Errors
/// When git can't be asked, or there is no repository.
pub fn staged(paths: &[PathBuf]) -> Result<Vec<PathBuf>, NoIndex> {
    // Outside a repository, `diff` would compare files.
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

/// Reads the template at `path` as it is staged; none when no plain file of that name is.
///
/// # Errors
/// When git can't be asked, or the text is no template.
pub fn staged_template(path: &Path) -> Result<Result<Option<Template>, ReadError>, NoIndex> {
    let mut command = on_index(&["ls-files", "--stage", "-z", "--"]);
    command.arg(path);
    let entries = output(command)?;
    // MODE OBJECT STAGE, a tab, the name; a folder's name brings those of the files below.
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

/// The staged files of a folder, and of those below it.
#[derive(Debug)]
pub struct Index(PathBuf);

impl Index {
    /// The staged files that `template` can include.
    pub fn of(template: &Template) -> Self {
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

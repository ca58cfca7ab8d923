//! What is staged for the next commit, as git has it.

use std::io::{self, BufRead, Read as _, Write};
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use super::git::{self, GitEnvironment, NoAnswer};
use crate::template::{IncludeFiles, Template, outside, unusable};

/// Git in the current directory, on the index that is being committed. Git passes it to a hook in the environment: during
/// `git commit FILE` it is not the usual one.
fn on_index(arguments: &[&str]) -> Command {
    let mut command = git::command(Path::new("."), GitEnvironment::Own);
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

/// A plain file as it is staged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Staged {
    /// Its path, relative to the current directory.
    pub(crate) path: PathBuf,
    /// The name of its content.
    object: String,
}

/// The plain files that the next commit adds or changes in the current directory and below, limited to `paths` unless that is empty.
/// Sorted by name.
///
/// # Errors
/// When git fails, or there is no repository.
pub(crate) fn staged(paths: &[&Path]) -> Result<Vec<Staged>, NoIndex> {
    // Fails outside a repository, where `diff` would compare files.
    output(on_index(&["rev-parse", "--git-dir"]))?;
    let options =
        ["--cached", "--raw", "--no-abbrev", "--no-renames", "--no-ext-diff", "--diff-filter=ACMRT", "--relative", "-z"];
    let mut command = on_index(&["diff"]);
    command.args(options).arg("--").args(paths);
    let said = output(command)?;
    // Each entry: `:MODE MODE OBJECT OBJECT STATUS`, those of the last commit first; then the name.
    let mut parts = said.split(|byte| *byte == 0);
    let mut found = Vec::new();
    while let (Some(entry), Some(name)) = (parts.next().filter(|entry| !entry.is_empty()), parts.next()) {
        let entry = String::from_utf8_lossy(entry);
        let words: Vec<&str> = entry.split(' ').collect();
        if let [_, "100644" | "100755", _, object, _] = words[..] {
            found.push(Staged { path: git::path(name), object: object.to_owned() });
        }
    }
    Ok(found)
}

/// The plain file that is staged at `path`, whether the next commit changes it or not.
///
/// # Errors
/// When git fails, or there is no repository.
pub(crate) fn staged_at(path: &Path) -> Result<Option<Staged>, NoIndex> {
    // A folder gives several.
    let [found] = &held(path)?[..] else { return Ok(None) };
    Ok(found.clone().map(|staged| Staged { path: path.to_owned(), ..staged }))
}

/// What is staged at `path` and below, whether the next commit changes it or not; none for what is not a plain file.
///
/// # Errors
/// When git fails, or there is no repository.
pub(crate) fn held(path: &Path) -> Result<Vec<Option<Staged>>, NoIndex> {
    let mut command = on_index(&["ls-files", "--stage", "-z", "--"]);
    command.arg(path);
    let said = output(command)?;
    // Each entry: `MODE OBJECT STAGE`, a tab, the name.
    let entry = |entry: &[u8]| {
        let (about, name) = entry.split_at(memchr::memchr(b'\t', entry)?);
        let about = String::from_utf8_lossy(about);
        let mut words = about.split(' ');
        let (Some("100644" | "100755"), Some(object), Some("0")) = (words.next(), words.next(), words.next()) else {
            return None;
        };
        Some(Staged { path: git::path(&name[1..]), object: object.to_owned() })
    };
    Ok(said.split(|byte| *byte == 0).filter(|one| !one.is_empty()).map(entry).collect())
}

impl Staged {
    /// Its content.
    ///
    /// # Errors
    /// When git fails.
    pub(crate) fn read(&self) -> Result<Vec<u8>, NoIndex> {
        output(on_index(&["cat-file", "blob", &self.object]))
    }
}

/// Reads the contents of `files` that have at most `most` bytes, and gives each to `each`. Two runs of git, however many there are.
///
/// # Errors
/// When git fails.
pub(crate) fn read_each(files: &[Staged], most: u64, mut each: impl FnMut(&Staged, Vec<u8>)) -> Result<(), NoIndex> {
    let mut small = Vec::new();
    ask_each(files.iter(), "--batch-check", |file, size, _| {
        small.extend(Some(file).filter(|_| size <= most));
        Ok(())
    })?;
    ask_each(small.into_iter(), "--batch", |file, size, answered| {
        let mut content = Vec::with_capacity(size as usize + 1);
        answered.take(size + 1).read_to_end(&mut content)?;
        // The line break behind it is git's.
        content.truncate(size as usize);
        each(file, content);
        Ok(())
    })
}

/// Asks git for each of `files`; `take` gets the size of its content, and what git writes after that.
fn ask_each<'f>(
    files: impl ExactSizeIterator<Item = &'f Staged>,
    mode: &str,
    mut take: impl FnMut(&'f Staged, u64, &mut dyn BufRead) -> io::Result<()>,
) -> Result<(), NoIndex> {
    if files.len() == 0 {
        return Ok(());
    }
    let mut command = on_index(&["cat-file", mode]);
    command.stdin(Stdio::piped());
    let talk = |asked: &mut dyn Write, answered: &mut dyn BufRead| {
        for file in files {
            // One by one, so that neither waits for the other to read.
            asked.write_all(format!("{}\n", file.object).as_bytes())?;
            let mut header = String::new();
            answered.take(200).read_line(&mut header)?;
            let size = header.trim_end().strip_prefix(&file.object).and_then(|header| header.strip_prefix(" blob "));
            let Some(size) = size.and_then(|size| size.parse::<u64>().ok()) else {
                return Err(io::Error::other(format!("the content of {} is missing", file.path.display())));
            };
            take(file, size, answered)?;
        }
        Ok(())
    };
    git::converse(command, talk).map_err(NoIndex)
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

impl IncludeFiles for Index {
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
        let content = staged_at(&path).and_then(|staged| staged.map(|staged| staged.read()).transpose());
        match content.map_err(|NoIndex(why)| format!("{name}: {}", why.reason()))? {
            None => Ok(None),
            Some(content) => match Template::read_from(content.as_slice()) {
                Ok(template) => Ok(Some((path, template.text))),
                Err(error) => Err(unusable(name, &error)),
            },
        }
    }
}

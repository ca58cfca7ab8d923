//! Which commits of a repository hold one of some texts. Git is never given the texts: it prints its contents, and they are searched here.

use std::collections::BTreeSet;
use std::io::{self, BufRead, Read as _, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use zeroize::Zeroizing;

use super::git::{self, GitEnvironment, NoAnswer};
use super::verdict::Repository;

/// Larger contents are not searched: an SDL and a `.env` file are a few kilobytes.
const LARGEST: u64 = 1024 * 1024;

/// The characters of a commit's short name.
const SHORT: usize = 10;

/// What the history says of one text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct HistoryTrace {
    /// The commits that write it, the newest first.
    pub(crate) commits: Vec<GitCommit>,
    /// The last commit has it.
    pub(crate) current: bool,
    /// A branch of a remote that has the first of the commits.
    pub(crate) remote: Option<String>,
    /// It is in git's contents; perhaps only staged, or in a commit that was dropped.
    pub(crate) stored: bool,
}

/// A commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GitCommit {
    /// Its short name.
    pub(crate) name: String,
    /// Its day: `2026-01-31`.
    pub(crate) day: String,
}

/// Searches all contents of the repository around `folder` for each of `needles`, each in several spellings. None if there is no repository
/// of git's.
///
/// # Errors
/// When git fails or takes too long.
pub(crate) fn search(folder: &Path, needles: &[Vec<&[u8]>]) -> Result<Option<Vec<HistoryTrace>>, NoAnswer> {
    let folder = folder.canonicalize().map_err(|error| NoAnswer::Failed(error.to_string(), None))?;
    if !matches!(Repository::around(&folder), Some(Repository::Git(_))) {
        return Ok(None);
    }
    let all = said(&folder, &["cat-file", "--batch-all-objects", "--batch-check", "--unordered"])?;
    // Each line: `OBJECT TYPE SIZE`.
    let small = String::from_utf8_lossy(&all);
    let small: Vec<&str> = small
        .lines()
        .filter_map(|line| {
            let mut words = line.split(' ');
            let object = words.next()?;
            let fits = words.next() == Some("blob") && words.next()?.parse::<u64>().ok()? <= LARGEST;
            fits.then_some(object)
        })
        .collect();
    let mut held: Vec<BTreeSet<String>> = vec![BTreeSet::new(); needles.len()];
    contents(&folder, &small, |object, content| {
        for (needle, held) in needles.iter().zip(&mut held) {
            if needle.iter().any(|spelling| memchr::memmem::find(content, spelling).is_some()) {
                held.insert(object.to_owned());
            }
        }
    })?;
    if held.iter().all(BTreeSet::is_empty) {
        return Ok(Some(vec![HistoryTrace::default(); needles.len()]));
    }
    let log =
        said(&folder, &["log", "--all", "--raw", "-c", "--no-abbrev", "--no-renames", "--no-ext-diff", "--format=%x01%H %cs"]);
    let (log, tree) = (log?, said(&folder, &["ls-tree", "-r", "HEAD"]).unwrap_or_default());
    let (log, tree) = (String::from_utf8_lossy(&log), String::from_utf8_lossy(&tree));
    held.iter().map(|objects| trace(&folder, objects, &log, &tree)).collect::<Result<_, _>>().map(Some)
}

fn trace(folder: &Path, objects: &BTreeSet<String>, log: &str, tree: &str) -> Result<HistoryTrace, NoAnswer> {
    let mut found = HistoryTrace { stored: !objects.is_empty(), ..HistoryTrace::default() };
    let mut first = None;
    for commit in log.split('\u{1}').skip(1) {
        let mut lines = commit.lines();
        let mut head = lines.next().unwrap_or_default().split(' ');
        let (Some(name), Some(day)) = (head.next(), head.next()) else { continue };
        // `:MODE MODE OBJECT OBJECT STATUS`, a tab, the name: the object before and the one after; of a merge, one before for each parent.
        let writes = |line: &str| {
            let words: Vec<&str> = line.split('\t').next().unwrap_or_default().split(' ').collect();
            words.len().checked_sub(2).and_then(|at| words.get(at)).is_some_and(|object| objects.contains(*object))
        };
        if lines.filter(|line| line.starts_with(':')).any(writes) {
            found.commits.push(GitCommit { name: name.chars().take(SHORT).collect(), day: day.to_owned() });
            first = Some(name.to_owned());
        }
    }
    // Each line: `MODE TYPE OBJECT`, a tab, the name.
    let object = |line: &str| line.split('\t').next().and_then(|head| head.rsplit(' ').next()).map(str::to_owned);
    found.current = tree.lines().filter_map(object).any(|object| objects.contains(&object));
    if let Some(first) = first {
        let branches = said(folder, &["branch", "--remotes", "--format=%(refname:lstrip=2)", "--contains", &first])?;
        // `HEAD` only points to one of them.
        found.remote = String::from_utf8_lossy(&branches).lines().find(|name| !name.ends_with("/HEAD")).map(str::to_owned);
    }
    Ok(found)
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = git::command(folder, GitEnvironment::Clean);
    command.args(arguments).stdout(Stdio::piped());
    command
}

fn said(folder: &Path, arguments: &[&str]) -> Result<Vec<u8>, NoAnswer> {
    let answer = git::run(command(folder, arguments))?;
    if answer.status.success() { Ok(answer.stdout) } else { Err(answer.failure()) }
}

/// Gives the content of each of `objects` to `each`.
fn contents(folder: &Path, objects: &[&str], mut each: impl FnMut(&str, &[u8])) -> Result<(), NoAnswer> {
    if objects.is_empty() {
        return Ok(());
    }
    let mut command = command(folder, &["cat-file", "--batch"]);
    command.stdin(Stdio::piped());
    let mut content = Zeroizing::new(Vec::with_capacity(LARGEST as usize + 1));
    git::converse(command, |asked: &mut dyn Write, answered: &mut dyn BufRead| {
        for object in objects {
            // One by one, so that neither waits for the other to read.
            asked.write_all(format!("{object}\n").as_bytes())?;
            let mut header = String::new();
            (&mut *answered).take(200).read_line(&mut header)?;
            let size = header.trim_end().strip_prefix(object).and_then(|header| header.strip_prefix(" blob "));
            let Some(size) = size.and_then(|size| size.parse::<u64>().ok()).filter(|size| *size <= LARGEST) else {
                return Err(io::Error::other("git's contents are incomplete"));
            };
            content.clear();
            (&mut *answered).take(size + 1).read_to_end(&mut content)?;
            // The line break behind it is git's.
            each(object, &content[..content.len().min(size as usize)]);
        }
        Ok(())
    })
}

//! Whether a path could be committed: three answers, of which "don't know" counts as yes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use super::git::{self, GitEnvironment, NoAnswer};
use crate::template::folder;

/// Whether a path could be committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum GitVerdict {
    /// Git ignores it and does not track it, or it is in no work tree.
    Safe,
    /// Nobody can tell.
    Unknown(Doubt),
    /// Git would add it.
    NotIgnored,
    /// Git tracks it.
    Tracked,
}

/// Why nobody can tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// Its folder can't be read.
    Folder,
    /// Git gave no answer.
    Git(NoAnswer),
    /// It is in the repository of another program, which is not asked.
    Foreign(&'static str),
    /// The system doesn't tell the name of the file that standard output goes to.
    Nameless,
    /// The file that standard output goes to has other names as well.
    Linked,
}

/// Says whether `path`, which need not exist, could be committed. Its folder must exist.
///
/// Git is asked where the file is, about the repository it is in, and about those around that one as far as they reach into it. Where variables of the environment name another repository, work tree,
/// index or configuration, git is asked again as the user's own git has them, there and in the current directory. So is the repository
/// of the current directory if its work tree may be elsewhere.
pub(crate) fn verdict(path: &Path) -> GitVerdict {
    let (Ok(folder), Some(name)) = (folder(path).canonicalize(), path.file_name()) else {
        return GitVerdict::Unknown(Doubt::Folder);
    };
    let path = folder.join(name);
    let repositories: Vec<Repository> = Repository::above(&folder).collect();
    let repository = repositories.first();
    let mut worst = match repository {
        None => GitVerdict::Safe,
        Some(Repository::Other(program)) => GitVerdict::Unknown(Doubt::Foreign(program)),
        Some(Repository::Git(_)) => ask(&folder, GitEnvironment::Clean, &path, true),
    };
    let mut weigh = |other: GitVerdict| {
        if other.gravity() > worst.gravity() {
            worst = other;
        }
    };
    if let Some(Repository::Git(inner)) = repository {
        repositories[1..].iter().for_each(|outer| weigh(ask_around(outer, inner, &path)));
    }
    let current = std::env::current_dir().ok().filter(|current| *current != folder);
    if git::is_directed() {
        weigh(ask(&folder, GitEnvironment::Own, &path, repository.is_some()));
        if let Some(current) = &current {
            weigh(ask(current, GitEnvironment::Own, &path, Repository::around(current).is_some()));
        }
    } else if let Some(current) = &current
        && let Some(Repository::Git(root)) = Repository::around(current)
        && !matches!(repository, Some(Repository::Git(same)) if *same == root)
        && may_be_elsewhere(&root)
    {
        weigh(ask(current, GitEnvironment::Clean, &path, true));
    }
    worst
}

/// The file that is at `path`: where a link leads to, relative to the current directory if it is below.
pub(crate) fn followed(path: &Path) -> PathBuf {
    match path.canonicalize() {
        Ok(real) if fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink()) => {
            let current = std::env::current_dir().and_then(fs::canonicalize);
            current.ok().and_then(|current| real.strip_prefix(current).ok().map(Path::to_owned)).unwrap_or(real)
        }
        _ => path.to_owned(),
    }
}

impl GitVerdict {
    fn gravity(&self) -> u8 {
        match self {
            Self::Safe => 0,
            Self::Unknown(_) => 1,
            Self::NotIgnored => 2,
            Self::Tracked => 3,
        }
    }
}

/// What other programs than git have in the folder of a repository, and in a work tree of theirs.
const OTHERS: [(&str, &str); 8] = [
    (".hg", "Mercurial"),
    (".svn", "Subversion"),
    (".sl", "Sapling"),
    (".bzr", "Bazaar"),
    (".pijul", "Pijul"),
    ("_darcs", "Darcs"),
    (".fslckout", "Fossil"),
    ("_FOSSIL_", "Fossil"),
];

/// A repository that a folder is in.
pub(super) enum Repository {
    /// Git's, by what is in this folder.
    Git(PathBuf),
    /// Another program's.
    Other(&'static str),
}

impl Repository {
    /// What the nearest folder with any sign of a repository says. Git need not be installed to find none.
    pub(super) fn around(folder: &Path) -> Option<Self> {
        Self::above(folder).next()
    }

    /// What each folder with any sign of a repository says, the nearest first.
    fn above(folder: &Path) -> impl Iterator<Item = Self> {
        folder.ancestors().filter_map(|above| {
            // A link that leads nowhere is a sign as well.
            let has = |name: &str| fs::symlink_metadata(above.join(name)).is_ok();
            let other = || OTHERS.iter().find(|(sign, _)| has(sign)).map(|(_, program)| Self::Other(program));
            // Beside `.git`, Jujutsu ignores what git ignores.
            let git = || if has(".git") { Some(Self::Git(above.to_owned())) } else { None };
            other().or_else(git).or_else(|| has(".jj").then_some(Self::Other("Jujutsu")))
        })
    }
}

/// What the repository `outer` says of `path`, which is in the repository in `inner` within it. Git adds nothing of a repository within
/// another one, but goes on with what it tracks there, and then with all that is there.
fn ask_around(outer: &Repository, inner: &Path, path: &Path) -> GitVerdict {
    let root = match outer {
        Repository::Other(program) => return GitVerdict::Unknown(Doubt::Foreign(program)),
        Repository::Git(root) => root,
    };
    let mut command = git::command(root, GitEnvironment::Clean);
    command.args(["--literal-pathspecs", "ls-files", "--stage", "-z", "--"]).arg(inner).stdout(Stdio::piped());
    match git::run(command) {
        Ok(held) if held.status.success() => {
            // Each entry begins with its mode: that of a submodule is only its commit.
            let reaches_in =
                held.stdout.split(|byte| *byte == 0).any(|entry| !entry.is_empty() && !entry.starts_with(b"160000 "));
            if reaches_in { ask(root, GitEnvironment::Clean, path, true) } else { GitVerdict::Safe }
        }
        _ => ask(root, GitEnvironment::Clean, path, true),
    }
}

/// Whether the work tree of the repository in `root` may be another folder: a cheap look, as nearly none is.
fn may_be_elsewhere(root: &Path) -> bool {
    let git = root.join(".git");
    // A `.git` that is a file leads to a configuration elsewhere.
    let config = fs::read(git.join("config")).map(|text| text.to_ascii_lowercase());
    config.map_or(true, |text| memchr::memmem::find(&text, b"worktree").is_some())
}

/// Asks git in `folder` about the absolute `path`. `is_sign`: there is a sign of a repository around that folder.
fn ask(folder: &Path, environment: GitEnvironment, path: &Path, is_sign: bool) -> GitVerdict {
    let unknown = |why| GitVerdict::Unknown(Doubt::Git(why));
    let run = |arguments: &[&str], name: Option<&Path>, stdout: Stdio| {
        let mut command = git::command(folder, environment);
        command.args(arguments).args(name).stdout(stdout);
        git::run(command)
    };
    // Neither command reads an absolute path as an option or as pathspec magic (`:(…)`); nor `./NAME`, where git can't read what the system
    // calls absolute. A relative path is relative to the work tree if the folder is outside.
    let name = match path.file_name() {
        Some(name) if cfg!(windows) && path.parent() == Some(folder) => Path::new(".").join(name),
        _ => path.to_owned(),
    };
    let ignored = match run(&["check-ignore", "-q", "--"], Some(&name), Stdio::null()) {
        Ok(ignored) => ignored,
        Err(why) => return unknown(why),
    };
    match ignored.status.code() {
        Some(0) => GitVerdict::Safe,
        Some(1) => match run(&["--literal-pathspecs", "ls-files", "--error-unmatch", "--"], Some(&name), Stdio::null()) {
            Ok(tracked) if tracked.status.success() => GitVerdict::Tracked,
            _ => GitVerdict::NotIgnored,
        },
        // Git's message is not taken for an answer: it quotes paths. Whether the path is outside the work tree is a question of its own.
        _ => match run(&["rev-parse", "--is-inside-work-tree", "--show-toplevel"], None, Stdio::piped()) {
            Ok(tree) => match WorkTree::read(&tree.stdout) {
                WorkTree::At(root) if path.starts_with(root.canonicalize().unwrap_or(root.clone())) => unknown(ignored.failure()),
                WorkTree::At(_) | WorkTree::None => GitVerdict::Safe,
                WorkTree::NoRepository if !is_sign && !names_repository(folder) => GitVerdict::Safe,
                WorkTree::NoRepository => unknown(ignored.failure()),
            },
            Err(why) => unknown(why),
        },
    }
}

/// Whether `GIT_DIR`, as git in `folder` reads it, names something that is there.
fn names_repository(folder: &Path) -> bool {
    std::env::var_os("GIT_DIR").is_some_and(|directory| fs::symlink_metadata(folder.join(directory)).is_ok())
}

/// Where git has its work tree.
enum WorkTree {
    /// Git finds no repository that it can use.
    NoRepository,
    /// The repository has none, or this is inside the repository itself.
    None,
    /// At this path.
    At(PathBuf),
}

impl WorkTree {
    /// Reads what git says to `--is-inside-work-tree --show-toplevel`: a line each, as far as it gets.
    fn read(said: &[u8]) -> Self {
        match said.strip_prefix(b"true\n").or_else(|| said.strip_prefix(b"false\n")) {
            None => Self::NoRepository,
            Some(b"") => Self::None,
            Some(path) => Self::At(git::path(path.strip_suffix(b"\n").unwrap_or(path))),
        }
    }
}

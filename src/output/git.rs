//! Runs git: with a time limit, with none of the template's secrets, and without what a repository could have it start.

use std::ffi::{OsStr, OsString};
use std::io::{self, BufRead, BufReader, Read as _, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::system::Until;

/// How long git may take: a repository on a slow network disk answers within this time; one whose files are pipes never does.
pub(super) const LIMIT: Duration = Duration::from_secs(10);

/// The variables that say where git is and what the user configured.
const USER: [&str; 5] = ["PATH", "HOME", "XDG_CONFIG_HOME", "SystemRoot", "USERPROFILE"];

/// The variables that say which repository, work tree and index git uses.
const REPOSITORY: [&str; 8] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_CEILING_DIRECTORIES",
    "GIT_DISCOVERY_ACROSS_FILESYSTEM",
];

/// Which of the variables that change what git does it gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GitEnvironment {
    /// None.
    Clean,
    /// Those of this process.
    Own,
}

/// Whether this process has a variable that changes what git does: one that names a repository, or adds to the configuration.
pub(super) fn is_directed() -> bool {
    directions().next().is_some()
}

fn directions() -> impl Iterator<Item = (OsString, OsString)> {
    let directs = |name: &OsStr| {
        name.to_str().is_some_and(|name| {
            // The variables of a trace, an editor or a helper say nothing of where files are.
            REPOSITORY.contains(&name) || name.strip_prefix("GIT_CONFIG").is_some_and(|rest| rest.starts_with('_'))
        })
    };
    std::env::vars_os().filter(move |(name, _)| directs(name))
}

/// Git in `folder`.
pub(super) fn command(folder: &Path, environment: GitEnvironment) -> Command {
    let mut command = Command::new("git");
    command.env_clear().envs(USER.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
    if environment == GitEnvironment::Own {
        command.envs(directions());
    }
    // In a partial clone, git would fetch what it lacks, with whatever program the repository configures for that.
    command.envs([("LC_ALL", "C"), ("GIT_OPTIONAL_LOCKS", "0"), ("GIT_NO_LAZY_FETCH", "1"), ("GIT_ALLOW_PROTOCOL", "none")]);
    // Nor is a file-system monitor started, which the repository could configure as well, nor a program that looks at signatures.
    command
        .args(["-c", "core.fsmonitor=false", "-c", "log.showSignature=false", "-C"])
        .arg(folder)
        .stdin(Stdio::null())
        .stderr(Stdio::piped());
    command
}

/// Why git gave no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NoAnswer {
    /// It can't be started: the system's reason.
    NotStarted(String),
    /// It did not end within [`LIMIT`].
    Late,
    /// It failed: the first line of its message, and the command that it advises to trust the repository's owner.
    Failed(String, Option<String>),
}

impl NoAnswer {
    /// It in a few words.
    pub(crate) fn reason(&self) -> String {
        match self {
            Self::NotStarted(why) => format!("can't start git: {why}"),
            Self::Late => format!("git did not answer within {} s", LIMIT.as_secs()),
            Self::Failed(why, _) => why.clone(),
        }
    }
}

/// What git said.
#[derive(Debug)]
pub(super) struct GitOutput {
    pub(super) status: ExitStatus,
    pub(super) stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl GitOutput {
    /// Its message, as a reason.
    pub(super) fn failure(&self) -> NoAnswer {
        const TRUST: &str = "git config --global --add safe.directory ";
        let said = String::from_utf8_lossy(&self.stderr);
        let fatal = said.lines().find_map(|line| line.strip_prefix("fatal: ").or_else(|| line.strip_prefix("error: ")));
        let trust = said.lines().map(str::trim).find(|line| line.starts_with(TRUST));
        let first = fatal.or_else(|| said.lines().next()).unwrap_or("git failed without a message");
        NoAnswer::Failed(first.to_owned(), trust.map(str::to_owned))
    }
}

/// Runs `command` to its end. Its standard output is read if it is piped.
///
/// # Errors
/// When it can't be started, or takes too long.
pub(super) fn run(command: Command) -> Result<GitOutput, NoAnswer> {
    during(command, finish)
}

/// Runs `command`, whose standard input and output are pipes, for as long as `talk` talks to it; within [`LIMIT`].
///
/// # Errors
/// When it can't be started or takes too long, or those of `talk`.
pub(super) fn converse(
    command: Command,
    talk: impl FnOnce(&mut dyn Write, &mut dyn BufRead) -> io::Result<()>,
) -> Result<(), NoAnswer> {
    during(command, |child, deadline| {
        let (Some(mut stdin), Some(from)) = (child.stdin.take(), child.stdout.take()) else { return Ok(()) };
        talk(&mut stdin, &mut BufReader::new(Until { from, deadline }))?;
        drop(stdin);
        finish(child, deadline).map(drop)
    })
}

fn during<T>(mut command: Command, work: impl FnOnce(&mut Child, Instant) -> io::Result<T>) -> Result<T, NoAnswer> {
    let deadline = Instant::now() + LIMIT;
    let mut child = command.spawn().map_err(|error| NoAnswer::NotStarted(error.to_string()))?;
    let done = work(&mut child, deadline);
    if done.is_err() {
        // Fails if it has just ended by itself.
        let _ = child.kill();
        let _ = child.wait();
    }
    done.map_err(|error| match error.kind() {
        io::ErrorKind::TimedOut => NoAnswer::Late,
        _ => NoAnswer::Failed(error.to_string(), None),
    })
}

fn finish(child: &mut Child, deadline: Instant) -> io::Result<GitOutput> {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    if let Some(from) = child.stdout.take() {
        Until { from, deadline }.read_to_end(&mut stdout)?;
    }
    if let Some(from) = child.stderr.take() {
        Until { from, deadline }.read_to_end(&mut stderr)?;
    }
    let mut pause = Duration::from_micros(20);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(GitOutput { status, stdout, stderr });
        }
        if Instant::now() >= deadline {
            return Err(io::ErrorKind::TimedOut.into());
        }
        // It has closed its output, and so is about to end.
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(5));
    }
}

/// A path as git prints it.
#[cfg(unix)]
pub(super) fn path(name: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt as _;
    PathBuf::from(OsStr::from_bytes(name))
}

#[cfg(not(unix))]
pub(super) fn path(name: &[u8]) -> PathBuf {
    PathBuf::from(OsStr::new(&*String::from_utf8_lossy(name)))
}

//! Asks git itself whether a path could be committed.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::template::folder;

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

/// Runs git in `folder` with nothing of this process's environment but what finds git and the user's own ignore rules: neither
/// a secret nor a `GIT_DIR` that points elsewhere. A file-system monitor, which a repository could name, is not started.
fn git(folder: &Path, arguments: &[&str], name: &Path) -> std::io::Result<Output> {
    let kept = ["PATH", "HOME", "XDG_CONFIG_HOME", "SystemRoot", "USERPROFILE"];
    let environment = kept.iter().filter_map(|name| std::env::var_os(name).map(|value| (name, value)));
    Command::new("git")
        .env_clear()
        .envs(environment)
        .envs([("LC_ALL", "C"), ("GIT_OPTIONAL_LOCKS", "0")])
        .args(["-c", "core.fsmonitor=false", "-C"])
        .arg(folder)
        .args(arguments)
        .arg(name)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output()
}

//! What people read, as text: every file in `tests/data/snapshots` holds commands and what they print, so that a change of words is reviewed
//! as one. To update the files after a change:
//!
//!     SNAPSHOTS=overwrite cargo test --test it snapshots
//!
//! A file is Markdown. Each `## heading` begins a case, in an empty folder of its own. `    $ COMMAND` is run by a shell, with the lines
//! `    > …` below it; what it prints on standard output and standard error follows, and its exit code if that is not 0. To add a case,
//! write its heading and commands and update.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use snapbox::{Assert, Data};

/// Part of every secret in a snapshot's commands; nothing may print it.
const CANARY: &str = "canary";

/// Runs `script` in `folder`: what it prints, and its exit code.
fn run(script: &str, folder: &Path, home: &Path) -> String {
    let bin = Path::new(env!("CARGO_BIN_EXE_sdlrender")).parent().expect("a file is in a folder");
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = Command::new("sh");
    // As in a terminal, both streams go the same way; through a pipe, so that the program takes neither for a terminal or a file.
    command.args(["-c", &format!("exec 2>&1\n{script}")]).current_dir(folder).stdin(Stdio::null());
    command.env_clear().env("PATH", format!("{}:{path}", bin.display())).env("HOME", home).env("LC_ALL", "C");
    let output = command.output().expect("sh starts");
    let mut printed = String::from_utf8(output.stdout).expect("text");
    assert!(!printed.contains(CANARY), "`{script}` prints a secret:\n{printed}");
    match output.status.code() {
        Some(0) => {}
        code => _ = write!(printed, "[exit code {}]", code.map_or("none".to_owned(), |code| code.to_string())),
    }
    let resolved = folder.canonicalize().expect("the folder is there");
    [(folder, "[FOLDER]"), (&resolved, "[FOLDER]"), (home, "[HOME]")]
        .into_iter()
        .fold(printed.replace(env!("CARGO_PKG_VERSION"), "[VERSION]"), |printed, (path, name)| {
            printed.replace(&path.display().to_string(), name)
        })
}

/// `snapshot` with what its commands print now.
fn regenerated(snapshot: &str) -> String {
    let folder = || tempfile::tempdir().expect("a temporary folder");
    let (mut case, home) = (folder(), folder());
    let mut text = String::new();
    let mut lines = snapshot.lines().peekable();
    while let Some(line) = lines.next() {
        if line.starts_with("## ") {
            case = folder();
        }
        let Some(first) = line.strip_prefix("    $ ") else {
            if !line.starts_with("    ") && (line, text.ends_with("\n\n")) != ("", true) {
                text += &format!("{line}\n");
            }
            continue;
        };
        let (mut script, mut shown) = (format!("{first}\n"), format!("{line}\n"));
        while let Some(more) = lines.next_if(|line| line.starts_with("    > ") || *line == "    >") {
            script += &format!("{}\n", more.strip_prefix("    > ").unwrap_or_default());
            shown += &format!("{more}\n");
        }
        text += &shown;
        for printed in run(&script, case.path(), home.path()).lines() {
            text += format!("    {printed}").trim_end();
            text += "\n";
        }
    }
    text
}

#[test]
fn the_program_prints_what_the_snapshots_say() {
    if !crate::support::require("git") {
        return;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/snapshots");
    let entries = std::fs::read_dir(folder).expect("the folder of the snapshots");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    let (mut cases, mut differences) = (0, String::new());
    for file in files {
        let snapshot = std::fs::read_to_string(&file).expect("text");
        cases += snapshot.lines().filter(|line| line.starts_with("## ")).count();
        let expected = Data::read_from(&file, None).raw();
        let compared = Assert::new().action_env("SNAPSHOTS").try_eq(None, regenerated(&snapshot).into(), expected);
        compared.err().into_iter().for_each(|difference| _ = write!(differences, "{difference}"));
    }
    assert!(differences.is_empty(), "{differences}");
    assert!(cases >= 60, "only {cases} cases were found");
}

//! Commands that use secrets otherwise than a render does: `console`, `diff`, `extract`, `init`, and `run` where there are no files in memory.

use std::process::Output;

use super::outcome::SERVED;
use super::search::Pieces;
use super::support::{Folder, keyring};
use super::{binary, debugged, dumped, secret};

/// A way in which a command can end.
struct CommandCase {
    words: &'static [&'static str],
    /// Where a shell sends standard output.
    redirect: &'static str,
    /// What it must say, so that the way is the one that is meant.
    said: &'static str,
    /// Lays more than the template, and the SDL filled with the first secret; the second is another one.
    lay: fn(&Folder, [&str; 2]),
}

const NOTHING: fn(&Folder, [&str; 2]) = |_, _| {};

const CASES: &[CommandCase] = &[
    CommandCase {
        words: &["console", "t.tmpl.yaml", "--secrets", "-"],
        redirect: "> /dev/null",
        said: "call to syscall exit_group",
        lay: NOTHING,
    },
    CommandCase {
        words: &["console", "t.tmpl.yaml", "--sdl", "c.yaml", "--secrets", "c.json"],
        redirect: "",
        said: "call to syscall exit_group",
        lay: NOTHING,
    },
    CommandCase {
        words: &["run", "--console", "t.tmpl.yaml", "--", "cat", "{sdl}", "{secrets}"],
        redirect: "> /dev/null",
        said: "call to syscall execve",
        lay: NOTHING,
    },
    CommandCase { words: &["diff", "t.tmpl.yaml", "d.yaml"], redirect: "", said: "call to syscall exit_group", lay: NOTHING },
    CommandCase { words: &["diff", "t.tmpl.yaml", "other.yaml"], redirect: "", said: "changed", lay: other },
    CommandCase {
        words: &["diff", "t.tmpl.yaml", "other.yaml", "--format", "json"],
        redirect: "",
        said: "\"changed\"",
        lay: other,
    },
    CommandCase { words: &["extract", "d.yaml", "--dry-run"], redirect: "> /dev/null", said: "dry run", lay: NOTHING },
    CommandCase { words: TO_FILE, redirect: "", said: "wrote d.tmpl.yaml", lay: NOTHING },
    CommandCase { words: TO_FILE, redirect: "", said: "git's history has", lay: committed },
    CommandCase {
        words: TO_FILE,
        redirect: "",
        said: "has another value for",
        lay: |folder, [_, other]| _ = folder.file(".env", format!("DB_PASSWORD='{other}'\n")),
    },
    CommandCase {
        words: TO_FILE,
        redirect: "",
        said: "is here as well",
        lay: |folder, [secret, _]| _ = folder.file("d.yaml", folder.read("d.yaml") + &format!("# was {secret}\n")),
    },
    CommandCase {
        words: &["init", "ghcr"],
        redirect: "",
        said: "is an SDL with secrets",
        lay: |folder, _| {
            std::fs::remove_file(folder.path().join("t.tmpl.yaml")).expect("it is there");
        },
    },
];

const TO_FILE: &[&str] = &["extract", "d.yaml", "--to", "env-file", "--yes"];

/// What is deployed has another secret.
fn other(folder: &Folder, [_, other]: [&str; 2]) {
    folder.file("other.yaml", SERVED.replace("{{ SECRET }}", other));
}

/// The SDL is in a repository's history.
fn committed(folder: &Folder, _: [&str; 2]) {
    let commit = "git init -q && git add d.yaml && git -c user.name=A -c user.email=a@example.com commit -qm one";
    let done =
        std::process::Command::new("sh").args(["-ec", commit]).current_dir(folder.path()).env("HOME", folder.path()).status();
    assert!(done.expect("sh starts").success());
}

/// How many pieces of both secrets are left.
fn left(case: &CommandCase, length: usize, fault: Option<&str>, script: Option<&str>, run: Runner) -> Option<usize> {
    let folder = Folder::new();
    let (secret, other) = (secret(length, length as u64 * 43), secret(length, length as u64 * 47));
    folder.file("t.tmpl.yaml", SERVED);
    folder.file("d.yaml", SERVED.replace("{{ SECRET }}", &secret));
    (case.lay)(&folder, [&secret, &other]);
    let mut variables: Vec<(String, String)> = fault.iter().map(|fault| ("SDLRENDER_FAULT".into(), (*fault).into())).collect();
    // `extract` and `init` have it from the SDL.
    if !["extract", "init"].contains(&case.words[0]) {
        variables.push(("SECRET".into(), secret.clone()));
    }
    let script = script.map(|script| folder.file("script", script));
    let (mut gdb, core) = debugged(&folder, case.redirect, case.words, &variables, script.as_deref());
    let output = run(&mut gdb)?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("Saved corefile") && said.contains(case.said), "{:?}: `{}` is not in:\n{said}", case.words, case.said);
    let held = dumped(&core);
    Some([&secret, &other].map(|text| Pieces::of(text).count_in(&held)).iter().sum())
}

/// Runs gdb, if it can.
type Runner = fn(&mut std::process::Command) -> Option<Output>;

const PLAIN: Runner = |gdb| Some(gdb.output().expect("gdb starts"));

#[test]
fn no_piece_is_left_by_other_commands() {
    if binary().is_none() {
        return;
    }
    let mut faults = Vec::new();
    for case in CASES {
        for length in [40, 2000] {
            let left = left(case, length, None, None, PLAIN);
            if left != Some(0) {
                faults.push(format!("{:?}, {} × {length}: {left:?} pieces left", case.words, case.said));
            }
        }
        assert!(left(case, 2000, Some("keep"), None, PLAIN) > Some(0), "{:?}: nothing found without wiping", case.words);
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn no_piece_is_left_of_what_the_keychain_is_given() {
    if binary().is_none() {
        return;
    }
    let words = &["extract", "d.yaml", "--yes"];
    let case = CommandCase { words, redirect: "", said: "wrote d.tmpl.yaml", lay: NOTHING };
    let run: Runner = |gdb| keyring::with_items(&[], gdb);
    for length in [40, 2000] {
        // What is missing has been said.
        assert_eq!(left(&case, length, None, None, run).unwrap_or(0), 0, "{length}");
    }
    let kept = left(&case, 2000, Some("keep"), None, run);
    assert!(kept.is_none_or(|left| left > 0), "nothing found without wiping");
}

/// The call that makes a file in memory fails: the document is in a file, and this program waits.
const NO_MEMORY: &str = "\
catch syscall memfd_create
commands
silent
set $RESULT = -38
continue
end
";

/// It is stopped while it waits for the command.
const WAITING: &str = "catch syscall nanosleep clock_nanosleep\n";

#[test]
fn no_piece_is_left_while_a_command_is_waited_for_and_after_it() {
    if binary().is_none() {
        return;
    }
    let result = if cfg!(target_arch = "aarch64") { "x0" } else { "rax" };
    let no_memory = NO_MEMORY.replace("RESULT", result);
    for (said, script) in
        [("call to syscall clock_nanosleep", no_memory.clone() + WAITING), ("call to syscall exit_group", no_memory)]
    {
        let words = &["run", "t.tmpl.yaml", "--", "sh", "-c", "sleep 0.2", "{}"];
        let case = CommandCase { words, redirect: "", said, lay: NOTHING };
        for length in [40, 2000] {
            assert_eq!(left(&case, length, None, Some(&script), PLAIN), Some(0), "{said} × {length}");
        }
        assert!(left(&case, 2000, Some("keep"), Some(&script), PLAIN) > Some(0), "{said}: nothing found without wiping");
    }
}

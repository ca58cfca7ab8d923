//! Several templates in one call, with `--out-dir`: all results or none, and every source is asked once.
#![cfg(target_os = "linux")]

use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::check::staged::{git, repository};
use crate::support::keyring::{Keyring, Start};
use crate::support::{Folder, Ran, require, skipped};

const TOKEN: (&str, &str) = ("TOKEN", "canary-51b0c9ae");

/// Two templates, each in a folder of its own, and a folder for the results.
fn folder() -> Folder {
    let folder = Folder::new();
    folder.file("a/one.tmpl.yaml", "a: \"{{ TOKEN }}\"\n");
    folder.file("b/two.tmpl.yml", "b: \"{{ TOKEN }}\"\n");
    std::fs::create_dir(folder.path().join("out")).expect("a folder");
    folder
}

const BOTH: [&str; 4] = ["a/one.tmpl.yaml", "b/two.tmpl.yml", "--out-dir", "out"];

/// The files in `out`, with what is left beside them.
fn written(folder: &Folder) -> Vec<String> {
    let entries = std::fs::read_dir(folder.path().join("out")).expect("a folder");
    let mut names: Vec<_> = entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn each_result_has_its_template_s_name() {
    let folder = folder();
    folder.file("three.yaml.tmpl", "c: 1\n");
    folder.file("four.yaml", "d: {{ vars.D }}\n");
    folder.file("b/.env", "D=from-b\n");
    assert_eq!(folder.run(&[&BOTH[..], &["three.yaml.tmpl", "four.yaml", "--set", "D=4"]].concat(), &[TOKEN]).ok(), "");
    assert_eq!(written(&folder), ["four.yaml", "one.yaml", "three.yaml", "two.yml"]);
    for (name, text) in
        [("one.yaml", "a: \"canary-51b0c9ae\"\n"), ("two.yml", "b: \"canary-51b0c9ae\"\n"), ("four.yaml", "d: 4\n")]
    {
        let path = format!("out/{name}");
        assert_eq!(folder.read(&path), text);
        assert_eq!(folder.path().join(path).metadata().expect("a file").permissions().mode() & 0o777, 0o600);
    }
}

/// Each template has the `.env` beside it, as if it were rendered by itself.
#[test]
fn each_template_has_its_own_env_file() {
    let folder = folder();
    folder.file("a/.env", "TOKEN=canary-of-a\n");
    folder.file("b/.env", "TOKEN=canary-of-b\n");
    folder.run(&BOTH, &[]).ok();
    assert_eq!(
        (folder.read("out/one.yaml"), folder.read("out/two.yml")),
        ("a: \"canary-of-a\"\n".into(), "b: \"canary-of-b\"\n".into())
    );
}

#[test]
fn a_command_runs_once_for_all() {
    let folder = folder();
    let command = "TOKEN=sh -c 'echo run >> runs; echo canary-printed'";
    folder.run(&[&BOTH[..], &["--from-command", command]].concat(), &[]).ok();
    assert_eq!(folder.read("runs"), "run\n");
    assert!(folder.read("out/two.yml").contains("canary-printed"));
    // One that fails is not tried again, and both places are named.
    let command = "TOKEN=sh -c 'echo run >> runs; exit 3'";
    let said = folder.run(&[&BOTH[..], &["--from-command", command]].concat(), &[]).fails(1, &["sh exited with code 3"]);
    assert!(said.contains("a/one.tmpl.yaml:1") && said.contains("b/two.tmpl.yml:1"), "{said}");
    assert_eq!(folder.read("runs"), "run\nrun\n");
}

/// One session with the keychain for all: one that does not answer is waited for once.
#[test]
fn the_keychain_is_opened_once() {
    let Some(keyring) = Keyring::new(Start::Unlocked) else { return };
    let folder = folder();
    keyring.store(&["service", "sdlrender", "username", "TOKEN"], TOKEN.1);
    let run = || {
        let mut command = keyring.command(env!("CARGO_BIN_EXE_sdlrender"));
        Ran::from(command.arg("--no-check").args(BOTH).current_dir(folder.path()).output().expect("a start"))
    };
    run().ok();
    assert!(folder.read("out/one.yaml").contains(TOKEN.1) && folder.read("out/two.yml").contains(TOKEN.1));
    keyring.freeze();
    let began = Instant::now();
    run().fails(1, &["keychain not answering (within 5 s)"]);
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
}

/// A command that is run for one template does not get the secrets of the others.
#[test]
fn a_command_gets_no_secret_of_any_template() {
    let folder = folder();
    folder.file("b/two.tmpl.yml", "b: \"{{ OTHER }}\"\n");
    let command = "TOKEN=sh -c 'env > seen; echo x'";
    folder.run(&[&BOTH[..], &["--from-command", command]].concat(), &[("OTHER", "canary-other"), ("PLAIN", "plain-text")]).ok();
    let seen = folder.read("seen");
    assert!(seen.contains("plain-text") && !seen.contains("canary-other"), "{seen}");
}

#[test]
fn when_anything_is_wrong_with_one_none_is_written() {
    let wrong = |file: (&str, &str), code: i32, parts: &[&str]| {
        let folder = folder();
        folder.file("out/one.yaml", "old\n");
        folder.file(file.0, file.1);
        folder.run(&BOTH, &[TOKEN]).fails(code, parts);
        assert_eq!(
            (written(&folder), folder.read("out/one.yaml")),
            (vec!["one.yaml".to_owned()], "old\n".to_owned()),
            "{file:?}"
        );
    };
    wrong(("b/two.tmpl.yml", "b: \"{{ MISSING }}\"\n"), 1, &["no value for `MISSING`", "b/two.tmpl.yml:1"]);
    wrong(("b/two.tmpl.yml", "b: \"{{ TOKEN | int }}\"\n"), 1, &["is not a decimal integer"]);
    wrong(("b/two.tmpl.yml", "b: [\n"), 1, &["b/two.tmpl.yml"]);
    wrong(("b/two.tmpl.yml", "{% if %}\n"), 1, &["b/two.tmpl.yml"]);
}

#[test]
fn everything_that_is_missing_in_any_is_reported_at_once() {
    let folder = folder();
    folder.file("b/two.tmpl.yml", "b: \"{{ OTHER }}\"\n");
    folder.run(&BOTH, &[]).fails(1, &["no value for `TOKEN`", "no value for `OTHER`"]);
}

/// Git is asked about each result before a command runs.
#[test]
fn git_must_ignore_each_result_before_a_secret_is_looked_up() {
    let Some(folder) = repository() else { return };
    folder.file("one.tmpl.yaml", "a: \"{{ TOKEN }}\"\n");
    folder.file("two.tmpl.yaml", "b: \"{{ TOKEN }}\"\n");
    folder.file("out/keep", "");
    folder.file(".gitignore", "/out/one.yaml\n");
    git(&folder, &["add", "."]).ok();
    let arguments = ["one.tmpl.yaml", "two.tmpl.yaml", "--out-dir", "out", "--from-command", "TOKEN=sh -c 'touch asked; echo x'"];
    let said = folder.run(&arguments, &[]).fails(2, &["git does not ignore out/two.yaml"]);
    assert!(!said.contains("out/one.yaml") && !folder.path().join("asked").exists(), "{said}");
    assert_eq!(written(&folder), ["keep"]);
    folder.file(".gitignore", "/out/\n/asked\n");
    folder.run(&arguments, &[]).ok();
    assert_eq!(written(&folder), ["keep", "one.yaml", "two.yaml"]);
}

#[test]
fn what_can_t_be_a_place_is_refused() {
    let folder = folder();
    folder.file("c/one.tmpl.yaml", "c: 1\n");
    folder.file("out/two.yml/x", "");
    for (arguments, parts) in [
        (&["a/one.tmpl.yaml", "b/two.tmpl.yml"][..], &["several templates need a folder", "--out-dir DIR"][..]),
        (&["nowhere.yaml", "b/two.tmpl.yml"], &["template not found: nowhere.yaml"]),
        (&["a/one.tmpl.yaml", "c/one.tmpl.yaml", "--out-dir", "out"], &["would both be written to out/one.yaml"]),
        (&["a/one.tmpl.yaml", "-", "--out-dir", "out"], &["must be a file"]),
        (&["a/one.tmpl.yaml", "--out-dir", "nowhere"], &["the folder of nowhere/one.yaml does not exist", "mkdir -p nowhere"]),
        (&["a/one.tmpl.yaml", "--out-dir", "out", "-o", "x"], &["cannot be used with"]),
        (&BOTH, &["out/two.yml is a directory"]),
    ] {
        folder.run(arguments, &[TOKEN]).fails(2, parts);
        assert_eq!(written(&folder), ["two.yml"], "{arguments:?}");
    }
    let folder = folder_with_plain();
    folder.run(&["plain.yaml", "--out-dir", "."], &[]).fails(2, &["is the template itself"]);
}

fn folder_with_plain() -> Folder {
    let folder = Folder::new();
    folder.file("plain.yaml", "a: 1\n");
    folder
}

/// The disk refuses the second file: the first is not replaced either.
#[test]
fn a_disk_that_fails_at_the_last_file_changes_none() {
    if !require("strace") {
        return;
    }
    for (rule, done) in [("fsync:error=EIO:when=2", 0), ("fsync:error=EIO:when=1", 0), ("fsync:error=EIO:when=9", 2)] {
        let folder = folder();
        folder.file("out/one.yaml", "old\n");
        let program = folder.sdlrender(&BOTH, &[TOKEN]);
        let mut strace = Command::new("strace");
        strace.args(["-qq", "-e", "trace=fsync", "-e", &format!("inject={rule}"), "-o", "/dev/null"]);
        strace.arg(program.get_program()).args(program.get_args()).current_dir(folder.path()).env_clear();
        strace.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let output = strace.stdin(Stdio::null()).output().expect("strace starts");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if said.contains("ptrace") {
            return skipped("strace may not trace here");
        }
        if done == 0 {
            assert_eq!(
                (written(&folder), folder.read("out/one.yaml")),
                (vec!["one.yaml".to_owned()], "old\n".to_owned()),
                "{rule}"
            );
            assert_eq!(output.status.code(), Some(2), "{said}");
            assert!(said.contains("can't write out/"), "{said}");
        } else {
            assert_eq!((output.status.code(), written(&folder).len()), (Some(0), done), "{rule}: {said}");
        }
    }
}

/// Where a file can't take its place after another has, the message says which have.
#[test]
fn what_was_written_before_a_failure_is_said() {
    if !require("strace") {
        return;
    }
    let folder = folder();
    folder.file("out/one.yaml", "old\n");
    folder.file("out/two.yml", "old\n");
    let program = folder.sdlrender(&BOTH, &[TOKEN]);
    let mut strace = Command::new("strace");
    strace.args(["-qq", "-e", "trace=rename,renameat,renameat2", "-e", "inject=rename,renameat,renameat2:error=EIO:when=2"]);
    strace.args(["-o", "/dev/null"]).arg(program.get_program()).args(program.get_args()).current_dir(folder.path()).env_clear();
    strace.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = strace.stdin(Stdio::null()).output().expect("strace starts");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if said.contains("ptrace") {
        return skipped("strace may not trace here");
    }
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("can't write out/two.yml") && said.contains("written before that: out/one.yaml"), "{said}");
    assert_eq!(
        (written(&folder), folder.read("out/two.yml")),
        (vec!["one.yaml".to_owned(), "two.yml".to_owned()], "old\n".to_owned())
    );
    assert!(folder.read("out/one.yaml").contains(TOKEN.1));
}

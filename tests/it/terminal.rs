//! What a person at a terminal sees, and what Ctrl-C leaves.
#![cfg(target_os = "linux")]

use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::support::{Folder, require};

const TEMPLATE: &str = include_str!("../data/fixtures/small.tmpl.yaml");
const SECRET: &str = "a-secret-for-a-terminal";

/// Runs the program with `arguments` at a pseudo-terminal; gives the exit code and everything that the terminal showed.
fn at_terminal(folder: &Folder, arguments: &str) -> (Option<i32>, String) {
    let line = format!("{} {arguments}", env!("CARGO_BIN_EXE_sdlrender"));
    let mut script = Command::new("timeout");
    script.args(["20", "script", "--quiet", "--return", "--command", &line, "/dev/null"]).current_dir(folder.path());
    let output =
        script.env("REGISTRY_PASSWORD", SECRET).env("TERM", "xterm").stdin(Stdio::null()).output().expect("script starts");
    (output.status.code(), String::from_utf8_lossy(&output.stdout).replace('\r', ""))
}

#[test]
fn a_terminal_shows_masks() {
    if !require("script") {
        return;
    }
    let folder = Folder::new();
    folder.file("t.tmpl.yaml", TEMPLATE);
    let (code, shown) = at_terminal(&folder, "t.tmpl.yaml");
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("password: \"********\"") && shown.contains("--reveal shows them"), "{shown}");
    assert!(!shown.contains(SECRET), "{shown}");
}

#[test]
fn a_terminal_shows_secrets_when_asked() {
    if !require("script") {
        return;
    }
    let folder = Folder::new();
    folder.file("t.tmpl.yaml", TEMPLATE);
    let (code, shown) = at_terminal(&folder, "--reveal t.tmpl.yaml");
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains(&format!("password: \"{SECRET}\"")) && !shown.contains("masked"), "{shown}");
}

#[test]
fn what_a_terminal_masks_a_file_gets() {
    if !require("script") {
        return;
    }
    let folder = Folder::new();
    folder.file("t.tmpl.yaml", TEMPLATE);
    let (code, shown) = at_terminal(&folder, "t.tmpl.yaml -o out.yaml");
    assert_eq!((code, shown.as_str()), (Some(0), ""), "{shown}");
    assert!(folder.read("out.yaml").contains(SECRET));
}

/// While a command is waited for, nothing has been written; Ctrl-C ends all and leaves the folder as it was.
#[test]
fn an_interrupt_leaves_everything_as_it_was() {
    let folder = Folder::new();
    folder.file("t.tmpl.yaml", TEMPLATE);
    folder.file("out.yaml", "old\n");
    let marker = folder.path().join("asked");
    let command = format!("REGISTRY_PASSWORD=sh -c 'touch {} && exec sleep 3'", marker.display());
    let mut child =
        folder.sdlrender(&["--from-command", &command, "t.tmpl.yaml", "-o", "out.yaml"], &[]).spawn().expect("a start");
    let start = Instant::now();
    while !marker.exists() {
        assert!(start.elapsed() < Duration::from_secs(10), "the command was never run");
        sleep(Duration::from_millis(5));
    }
    std::fs::remove_file(&marker).expect("the marker");
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill starts");
    assert!(kill.success());
    assert_eq!(child.wait().expect("an end").signal(), Some(2));
    assert_eq!(folder.names(), ["out.yaml", "t.tmpl.yaml"]);
    assert_eq!(folder.read("out.yaml"), "old\n");
}

/// Memory is wiped while another thread reads what the command prints; it is still the signal that ends the process, and not that thread.
#[test]
fn a_signal_ends_the_process_by_itself_whatever_threads_do() {
    let folder = Folder::new();
    folder.file("t.tmpl.yaml", TEMPLATE);
    for (signal, number) in [("INT", 2), ("TERM", 15), ("HUP", 1), ("QUIT", 3)] {
        let command = format!("REGISTRY_PASSWORD=sh -c 'echo {SECRET}; kill -{signal} $PPID; exec sleep 20'");
        for _ in 0..10 {
            let ran = folder.sdlrender(&["--from-command", &command, "t.tmpl.yaml"], &[]).output().expect("the program starts");
            assert_eq!(ran.status.signal(), Some(number), "{signal}: {ran:?}");
            assert!(ran.stdout.is_empty() && ran.stderr.is_empty(), "{ran:?}");
        }
    }
}

/// Interrupted again and again at other moments, the file is the old one or the new one, and nothing lies beside it.
#[test]
fn no_moment_of_an_interrupt_leaves_a_temporary_file() {
    let folder = Folder::new();
    folder.file("t.tmpl.yaml", TEMPLATE);
    for step in 0..60 {
        folder.file("out.yaml", "old\n");
        let mut child =
            folder.sdlrender(&["t.tmpl.yaml", "-o", "out.yaml"], &[("REGISTRY_PASSWORD", SECRET)]).spawn().expect("a start");
        sleep(Duration::from_micros(step * 100));
        // It may have ended by itself.
        let _ = Command::new("kill").args(["-INT", &child.id().to_string()]).stderr(Stdio::null()).status();
        child.wait().expect("an end");
        assert_eq!(folder.names(), ["out.yaml", "t.tmpl.yaml"], "step {step}");
        let text = folder.read("out.yaml");
        assert!(text == "old\n" || text.contains(SECRET), "step {step}: {text}");
    }
}

/// A file system that is too small for the result: the old file stays, and nothing is left beside it.
#[test]
fn a_file_system_that_is_full_keeps_the_old_file() {
    let folder = Folder::new();
    let small = folder.path().join("small");
    std::fs::create_dir(&small).expect("a folder");
    let template = format!("{TEMPLATE}# {}\n", "x".repeat(200_000));
    folder.file("t.tmpl.yaml", template);
    // In a mount namespace of its own: nothing is mounted for anyone else.
    let script = "mount -t tmpfs -o size=64k tmpfs small && echo old > small/out.yaml && \
                  { \"$0\" t.tmpl.yaml -o small/out.yaml; echo code=$?; ls -A small; cat small/out.yaml; }";
    let mut shell = Command::new("unshare");
    shell.args(["--mount", "--map-root-user", "sh", "-c", script, env!("CARGO_BIN_EXE_sdlrender")]).current_dir(folder.path());
    if !require("unshare") {
        return;
    }
    let output = shell.env("REGISTRY_PASSWORD", SECRET).output().expect("unshare starts");
    let (shown, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if !shown.contains("code=") {
        crate::support::skipped(&format!("no file system can be mounted here: {said}"));
        return;
    }
    assert_eq!(shown, "code=2\nout.yaml\nold\n", "{said}");
    assert!(said.contains("can't write") && said.contains("No space left"), "{said}");
}

//! `run`: the command gets the SDL in memory, and everything else as if it had been started by itself.
#![cfg(target_os = "linux")]

use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::process::{public_copy, root, unprivileged};
use crate::support::{Folder, Ran, require};

mod fallback;
mod many;
mod traced;

/// What the template holds beside the secret.
const TEMPLATE: &str = "a: \"{{ TOKEN }}\"\nb: plain\n";
const TOKEN: (&str, &str) = ("TOKEN", "canary-7c40de15");
const RENDERED: &str = "a: \"canary-7c40de15\"\nb: plain\n";

fn folder() -> Folder {
    let folder = Folder::new();
    folder.file("t.yaml", TEMPLATE);
    folder
}

/// `run` with this command.
fn run(folder: &Folder, options: &[&str], command: &[&str]) -> Ran {
    let arguments = [&["run", "--no-check", "t.yaml"], options, &["--"], command].concat();
    folder.run(&arguments, &[TOKEN])
}

#[test]
fn the_command_reads_the_sdl_as_often_as_it_likes() {
    let folder = folder();
    assert_eq!(run(&folder, &[], &["cat", "{}", "{}"]).ok(), RENDERED.repeat(2));
    let steps = "cat \"$0\" && sh -c 'cat \"$1\"; (cat \"$1\")' sh \"$0\"";
    assert_eq!(run(&folder, &[], &["sh", "-c", steps, "{}"]).ok(), RENDERED.repeat(3));
    // Within an argument, and more than once in it.
    assert_eq!(run(&folder, &[], &["sh", "-c", "cat '{}' {}"]).ok(), RENDERED.repeat(2));
    assert_eq!(run(&folder, &[], &["dd", "if={}", "status=none"]).ok(), RENDERED);
    // Background jobs of the shell find it until the shell ends.
    assert_eq!(run(&folder, &[], &["sh", "-c", "(sleep 0.1; cat {}) & wait"]).ok(), RENDERED);
    assert_eq!(folder.names(), ["t.yaml"]);
}

#[test]
fn a_script_may_use_the_numbers_that_shells_use() {
    let taken = (3..=9).map(|number| format!("exec {number}>/dev/null; ")).collect::<String>();
    assert_eq!(run(&folder(), &[], &["sh", "-c", &format!("{taken}cat {{}}")]).ok(), RENDERED);
}

/// The readers that go with Akash, each with children of its own.
fn readers(folder: &Folder) -> Vec<Vec<String>> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/run");
    let copy = |name: &str| folder.file(name, std::fs::read(data.join(name)).expect("a reader")).display().to_string();
    let mut readers = Vec::new();
    for (program, name) in [("node", "reader.js"), ("python3", "reader.py")] {
        if require(program) {
            readers.push(vec![program.to_owned(), copy(name)]);
        }
    }
    if require("go") {
        let binary = folder.path().join("reader").display().to_string();
        let built = Command::new("go").args(["build", "-o", &binary, &copy("reader.go")]).env("GO111MODULE", "off").status();
        assert!(built.expect("go starts").success());
        readers.push(vec![binary]);
    }
    readers
}

#[test]
fn go_node_and_python_read_it_and_so_do_their_children() {
    let folder = folder();
    let copy = public_copy(&folder).display().to_string();
    for reader in readers(&folder) {
        for is_root in [true, false] {
            if is_root && !root() || !is_root && root() && !require("setpriv") {
                continue;
            }
            let mut launch = if is_root { Command::new(&copy) } else { unprivileged(&copy) };
            launch.args(["run", "--no-check", "t.yaml", "--"]).args(&reader).arg("{}").current_dir(folder.path());
            let ran = Ran::from(launch.env(TOKEN.0, TOKEN.1).stdin(Stdio::null()).output().expect("a start"));
            assert_eq!(ran.ok(), RENDERED.repeat(2), "{reader:?}, root: {is_root}");
        }
    }
}

#[test]
fn nobody_can_change_it_and_only_its_owner_can_read_it() {
    let folder = folder();
    for change in
        ["echo x > {}", "echo x >> {}", "truncate -s 0 {}", "dd if=/dev/zero of={} bs=1 count=1 conv=notrunc status=none"]
    {
        let ran = run(&folder, &[], &["sh", "-c", &format!("{change} && exit 9; cat {{}}")]);
        assert_eq!(ran.ok(), RENDERED, "{change}");
    }
    assert_eq!(run(&folder, &[], &["stat", "-L", "-c", "%a %h", "{}"]).ok(), "400 0\n");
}

#[test]
fn how_the_command_ends_is_how_it_all_ends() {
    let folder = folder();
    for code in [0, 1, 7, 127, 255] {
        assert_eq!(run(&folder, &[], &["sh", "-c", &format!("exit {code}; {{}}")]).code, Some(code));
    }
    for signal in [1, 2, 3, 6, 9, 11, 13, 15] {
        let mut command = folder
            .sdlrender(&["run", "--no-check", "t.yaml", "--", "sh", "-c", "kill -$1 $$", "{}", &signal.to_string()], &[TOKEN]);
        assert_eq!(command.status().expect("a start").signal(), Some(signal));
    }
    // The process that was started is the command.
    let mut command = folder.sdlrender(&["run", "--no-check", "t.yaml", "--", "sh", "-c", "echo $$; : {}"], &[TOKEN]);
    let child = command.stdout(Stdio::piped()).spawn().expect("a start");
    let pid = child.id();
    assert_eq!(String::from_utf8_lossy(&child.wait_with_output().expect("an end").stdout).trim(), pid.to_string());
}

/// What is blocked, ignored and handled is as if the command had been started directly.
#[test]
fn the_command_finds_signals_as_they_were() {
    let folder = folder();
    let program = env!("CARGO_BIN_EXE_sdlrender");
    for setting in [&[][..], &["--ignore-signal=PIPE"], &["--ignore-signal=INT,HUP,PIPE", "--block-signal=USR1,TERM"]] {
        let said = |words: &[&str]| {
            let mut command = Command::new("env");
            command.args(setting).args(words).current_dir(folder.path()).env(TOKEN.0, TOKEN.1);
            let said = Ran::from(command.output().expect("env starts")).ok();
            said.lines()
                .filter(|line| line.starts_with("Sig") && !line.starts_with("SigQ"))
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        // The status comes from the command itself; the SDL goes nowhere.
        let direct = said(&["cat", "/proc/self/status", "/dev/null"]);
        assert_eq!(direct.len(), 4);
        assert_eq!(
            said(&[program, "run", "--no-check", "t.yaml", "--", "cat", "/proc/self/status", "{}"]),
            direct,
            "{setting:?}"
        );
    }
}

#[test]
fn the_command_does_not_get_the_template_s_secrets() {
    let folder = folder();
    let text = "a: \"{{ TOKEN }}\"\nb: \"{{ env.OTHER }}\"\n{% if vars.X is defined %}\nc: \"{{ UNTAKEN }}\"\n{% endif %}\nd: {{ vars.PLAIN }}\n";
    folder.file("t.yaml", text);
    let variables = [TOKEN, ("OTHER", "canary-other"), ("UNTAKEN", "canary-untaken"), ("PLAIN", "plain"), ("MORE", "a=b\nc")];
    let names = |options: &[&str]| {
        let arguments = [&["run", "--no-check", "t.yaml"], options, &["--", "sh", "-c", "env -0; : {}"]].concat();
        let said = folder.run(&arguments, &variables).ok();
        let mut names: Vec<_> = said.split('\0').filter(|it| !it.starts_with("PWD=")).map(str::to_owned).collect();
        names.retain(|it| variables.iter().any(|(name, _)| it.starts_with(&format!("{name}="))));
        names.sort();
        names
    };
    assert_eq!(names(&[]), ["MORE=a=b\nc", "PLAIN=plain"]);
    assert_eq!(
        names(&["--keep-env", "OTHER", "--keep-env", "UNTAKEN"]),
        ["MORE=a=b\nc", "OTHER=canary-other", "PLAIN=plain", "UNTAKEN=canary-untaken"]
    );
    let ran = folder.run(&["run", "--no-check", "t.yaml", "--keep-env", "TOKNE", "--", "true", "{}"], &variables);
    assert!(ran.stderr.contains("did you mean --keep-env TOKEN?"), "{}", ran.stderr);
}

#[test]
fn nothing_is_started_when_anything_is_wrong() {
    let folder = folder();
    let started = |arguments: &[&str], variables: &[(&str, &str)], code: i32, parts: &[&str]| {
        let arguments = [&["run"], arguments, &["--", "sh", "-c", "touch started; cat {}"]].concat();
        folder.run(&arguments, variables).fails(code, parts);
        assert!(!folder.path().join("started").exists(), "{arguments:?}");
    };
    started(&["--no-check", "t.yaml"], &[], 1, &["no value for `TOKEN`"]);
    started(&["t.yaml"], &[TOKEN], 1, &["the command was not started: Akash or the registry would refuse", "to start it anyway"]);
    started(&["--no-check", "nowhere.yaml"], &[TOKEN], 2, &["template not found: nowhere.yaml"]);
    started(&["--no-check", "t.yaml", "--strict", "--set", "X=1"], &[TOKEN], 1, &["the command was not started: with --strict"]);
    started(&["--no-check", "t.yaml", "--from-command", "TOKEN=false"], &[], 1, &["false exited with code 1"]);
}

#[test]
fn a_program_that_can_t_be_started_is_told_before_a_secret_is_looked_up() {
    let folder = folder();
    let script = |name: &str, text: &str, mode| {
        crate::support::set_mode(&folder.file(name, text), mode);
    };
    script("plain", "#!/bin/sh\n", 0o644);
    script("nothing", "echo\n", 0o755);
    script("lost", "#!/no/such/shell\n", 0o755);
    let asked = |command: &[&str], code: i32, parts: &[&str]| {
        let arguments =
            [&["run", "--no-check", "t.yaml", "--from-command", "TOKEN=sh -c 'touch asked; echo x'", "--"], command].concat();
        folder.run(&arguments, &[]).fails(code, parts);
        std::fs::remove_file(folder.path().join("asked")).is_ok()
    };
    for (command, code, parts) in [
        (&["sdlrender-nowhere", "{}"][..], 127, &["command not found: sdlrender-nowhere", "in PATH?"][..]),
        (&["pyhton3", "{}"], 127, &["command not found: pyhton3", "did you mean python3?"]),
        (&["nothing", "{}"], 127, &["did you mean ./nothing?"]),
        (&["./nowhere", "{}"], 127, &["there is no program ./nowhere"]),
        (&["cat {}"], 127, &["command not found: cat {}", "a word of its own"]),
        (&["", "{}"], 127, &["command not found"]),
        (&["./plain", "{}"], 126, &["./plain is not executable", "chmod +x ./plain"]),
        (&["/", "{}"], 126, &["/ is a directory"]),
        (&["cat"], 2, &["no argument of the command contains {}"]),
        (&["cat", "{sdl}"], 2, &["no argument of the command contains {}"]),
    ] {
        assert!(!asked(command, code, parts), "{command:?}");
    }
    // Only the system can tell.
    assert!(asked(&["./nothing", "{}"], 126, &["can't start ./nothing", "#!/bin/sh"]));
    assert!(asked(&["./lost", "{}"], 127, &["can't start ./lost", "does not exist"]));
}

/// Both documents are there for all of the command's time, and only one of them holds the secret.
#[test]
fn the_console_gets_its_sdl_and_the_secrets_apart() {
    let folder = Folder::new();
    folder.file("t.yaml", "services:\n  web:\n    env:\n      - \"URL=db://{{ TOKEN }}@db\"\n");
    let arguments = [
        "run",
        "--no-check",
        "--console",
        "t.yaml",
        "--",
        "sh",
        "-c",
        "cat $0 $1 $0 $1; env | grep -c TOKEN",
        "{sdl}",
        "{secrets}",
    ];
    let ran = folder.run(&arguments, &[TOKEN]);
    let sdl = "services:\n  web:\n    env:\n      - \"URL=ac-secret://URL\"\n";
    let secrets = folder.run(&["console", "--no-check", "t.yaml", "--secrets", "-"], &[TOKEN]).ok();
    assert!(secrets.contains("db://canary-7c40de15@db"));
    assert_eq!((ran.code, ran.stdout), (Some(1), format!("{sdl}{secrets}{sdl}{secrets}0\n")), "{}", ran.stderr);
    folder
        .run(&["run", "--no-check", "--console", "t.yaml", "--", "touch", "started", "{sdl}", "{secrets}"], &[])
        .fails(1, &["no value for `TOKEN`"]);
    assert_eq!(folder.names(), ["t.yaml"]);
}

#[test]
fn a_template_from_standard_input_leaves_the_command_the_rest() {
    let folder = folder();
    let mut command = folder.sdlrender(&["run", "--no-check", "-", "--", "cat", "-", "{}"], &[TOKEN]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("a start");
    child.stdin.take().expect("a pipe").write_all(TEMPLATE.as_bytes()).expect("a write");
    assert_eq!(Ran::from(child.wait_with_output().expect("an end")).ok(), RENDERED);
}

/// Waits until `done`; a test that waits for nothing fails.
#[track_caller]
fn until(what: &str, done: impl Fn() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < Duration::from_secs(10), "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// At a terminal, Ctrl-C is the command's, which has the terminal and is in the foreground.
#[test]
fn ctrl_c_at_a_terminal_is_the_command_s() {
    if !require("script") {
        return;
    }
    let folder = folder();
    folder.file("cmd", "trap 'echo caught; exit 9' INT\ntest -t 0 && test -t 1 && echo terminal\nps -o pid=,pgid=,tpgid= -p $$ > ps\ntouch ready\nwhile :; do sleep 0.05; done\n");
    // Ctrl-C would end a shell that waits, as dash does.
    let line = format!("exec {} run --no-check t.yaml -- sh cmd {{}}", env!("CARGO_BIN_EXE_sdlrender"));
    let mut script = Command::new("timeout");
    script.args(["20", "script", "--quiet", "--return", "--command", &line, "/dev/null"]).current_dir(folder.path());
    script.env(TOKEN.0, TOKEN.1).env("TERM", "xterm").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = script.spawn().expect("script starts");
    until("the command was never started", || folder.path().join("ready").exists());
    child.stdin.as_mut().expect("a pipe").write_all(b"\x03").expect("a key");
    let ended = child.wait_with_output().expect("an end");
    let shown = String::from_utf8_lossy(&ended.stdout).into_owned();
    assert_eq!(ended.status.code(), Some(9), "{shown}");
    assert!(shown.contains("terminal") && shown.contains("caught"), "{shown}");
    let numbers: Vec<i32> = folder.read("ps").split_whitespace().map(|number| number.parse().expect("a number")).collect();
    assert_eq!(numbers[1], numbers[2], "it is not in the foreground");
}

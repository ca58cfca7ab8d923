//! `--from-command`: what needs a shell is refused before anything runs, and nothing that a command started outlives it.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::{Folder, Ran};

fn folder() -> Folder {
    let folder = Folder::new();
    folder.file("t.yaml", "a: \"{{ X }}\"\nb: \"{{ Y }}\"\n");
    folder
}

#[test]
fn what_only_a_shell_acts_on_is_refused_before_anything_runs() {
    let folder = folder();
    for (line, syntax) in [
        ("cat t.yaml | tr a b", "`|`"),
        ("touch x && touch y", "`&&`"),
        ("touch x || touch y", "`||`"),
        ("touch x > y", "`>`"),
        ("cat < t.yaml", "`<`"),
        ("touch x; touch y", "`;`"),
        ("touch x &", "`&`"),
        ("echo $GHP", "`$NAME`"),
        ("echo ${GHP}", "`${…}`"),
        ("echo $(touch x)", "`$(…)`"),
        ("echo `touch x`", "backquotes"),
        ("cat ~/.token", "`~/`"),
        ("touch x\ntouch y", "a line break"),
    ] {
        let said = folder
            .run(&["t.yaml", "--from-command", "Y=touch z", "--from-command", &format!("X={line}")], &[])
            .fails(2, &[&format!("the command for `X` has {syntax} outside quotes"), "there is no shell", "sh -c '…'"]);
        assert!(!said.contains("touch"), "the line itself is not shown: {said}");
        assert_eq!(folder.names(), ["t.yaml"], "{line}");
    }
}

#[test]
fn what_a_shell_replaces_in_double_quotes_is_refused_too() {
    let folder = folder();
    for (line, syntax) in [
        ("cat \"$HOME/t.yaml\"", "`$NAME`"),
        ("echo \"a ${GHP}\"", "`${…}`"),
        ("echo \"$(touch x)\"", "`$(…)`"),
        ("ssh host \"`touch x`\"", "backquotes"),
    ] {
        let said = folder
            .run(&["t.yaml", "--from-command", "Y=touch z", "--from-command", &format!("X={line}")], &[])
            .fails(2, &[&format!("the command for `X` has {syntax} in double quotes"), "single quotes", "sh -c '…'"]);
        assert!(!said.contains("touch"), "the line itself is not shown: {said}");
        assert_eq!(folder.names(), ["t.yaml"], "{line}");
    }
}

#[test]
fn what_would_work_in_a_shell_is_told_apart() {
    let folder = folder();
    let fails = |line: &str, parts: &[&str]| {
        folder.run(&["t.yaml", "--from-command", &format!("X={line}")], &[("Y", "y")]).fails(1, parts)
    };
    for pattern in ["*", "?", "[t]", "{t}"] {
        fails(&format!("cat {pattern}.yam"), &[&format!("`{}` stood for itself", &pattern[..1]), "sh -c '…'"]);
    }
    fails("cat nothing", &["run `cat …` in a shell to see why"]);
    fails("export X=1", &["can't start the command", "sh -c '…'"]);
    let said = fails("TOKEN=hunter2 cat t.yaml", &["sets the variable TOKEN first", "env TOKEN=… and the program"]);
    assert!(!said.contains("hunter2"), "{said}");
}

#[test]
fn what_is_quoted_is_an_argument() {
    let folder = folder();
    let rendered = |line: &str| folder.run(&["t.yaml", "--from-command", &format!("X={line}")], &[("Y", "y")]).ok();
    for (line, printed) in [
        ("printf '%s' '|&;<>$X~/`'", "|&;<>$X~/`"),
        (r"printf %s \|\$X", "|$X"),
        ("printf %s a~/b", "a~/b"),
        ("sh -c 'printf ghp_abc | tr a b'", "ghp_bbc"),
        ("sh -c \"printf ghp_abc | tr a b\"", "ghp_bbc"),
        ("sh -c 'V=1 && echo $V; # that is all'", "1"),
        ("sh -c \"V=1; echo $V\"", "1"),
        ("printf %s \"\\$X\"", "$X"),
        ("awk \"BEGIN {print $1 7}\"", "7"),
    ] {
        assert_eq!(rendered(line), format!("a: \"{printed}\"\nb: \"y\"\n"), "{line}");
    }
}

/// The processes whose numbers are in the file, one a line, that still run.
fn alive(file: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    // The state stands behind the name; a zombie has ended.
    let runs = |stat: String| stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with('Z'));
    text.lines().filter(|pid| std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(runs)).map(str::to_owned).collect()
}

/// Waits until none of them runs.
#[track_caller]
fn all_end(file: &Path, count: usize) {
    let start = Instant::now();
    assert_eq!(std::fs::read_to_string(file).expect("what the command wrote").lines().count(), count);
    while !alive(file).is_empty() {
        assert!(start.elapsed() < Duration::from_secs(5), "{:?} still run", alive(file));
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A tree of processes that would live for minutes: a shell, its children, and a child of one of them.
const TREE: &str = "X=sh -c 'echo $$ >> pids; sleep 300 & echo $! >> pids; sh -c \"echo \\$\\$ >> pids; sleep 300 & echo \\$! >> pids; wait\" & wait'";

#[test]
fn at_its_time_limit_a_command_ends_with_all_that_it_started() {
    for (command, count) in [
        (TREE, 4),
        // It has closed its output.
        ("X=sh -c 'exec >&-; echo $$ >> pids; sleep 300 & echo $! >> pids; wait'", 2),
        // It has ended, and what it started holds its output open.
        ("X=sh -c 'echo $$ >> pids; sleep 300 & echo $! >> pids'", 2),
    ] {
        let folder = folder();
        let start = Instant::now();
        let arguments = ["t.yaml", "--from-command", command, "--command-timeout", "0.5"];
        folder.run(&arguments, &[("Y", "y")]).fails(1, &["sh did not finish within 0.5 s"]);
        assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
        all_end(&folder.path().join("pids"), count);
    }
}

#[test]
fn a_signal_ends_the_command_too() {
    use std::os::unix::process::ExitStatusExt as _;
    for signal in ["INT", "TERM", "HUP"] {
        let folder = folder();
        let mut command = folder.sdlrender(&["t.yaml", "--from-command", TREE, "-o", "out.yaml"], &[("Y", "y")]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts");
        let pids = folder.path().join("pids");
        let start = Instant::now();
        while alive(&pids).len() < 4 {
            assert!(start.elapsed() < Duration::from_secs(10), "the command was never run");
            std::thread::sleep(Duration::from_millis(5));
        }
        let kill = std::process::Command::new("sh").args(["-c", &format!("kill -{signal} {}", child.id())]).status();
        assert!(kill.expect("sh starts").success());
        let status = child.wait().expect("an end");
        assert!(status.signal().is_some(), "it ends by the signal: {status:?}");
        all_end(&pids, 4);
        assert_eq!(folder.names(), ["pids", "t.yaml"]);
    }
}

#[test]
fn what_a_command_leaves_behind_on_purpose_lives_on() {
    let folder = folder();
    let command = "X=sh -c 'sleep 2 >&- 2>&- & echo $! >> pids; printf x'";
    let ran: Ran = folder.run(&["t.yaml", "--from-command", command], &[("Y", "y")]);
    assert_eq!(alive(&folder.path().join("pids")).len(), 1);
    assert_eq!(ran.ok(), "a: \"x\"\nb: \"y\"\n");
}

/// While this process holds signals back, what it starts does not.
#[test]
fn no_signal_is_held_back_from_a_command() {
    let folder = folder();
    let command = |name: &str| format!("{name}=grep SigBlk /proc/self/status");
    let arguments = ["t.yaml", "--from-command", &command("X"), "--from-command", &command("Y")];
    let none = "SigBlk:\\t0000000000000000";
    assert_eq!(folder.run(&arguments, &[]).ok(), format!("a: \"{none}\"\nb: \"{none}\"\n"));
}

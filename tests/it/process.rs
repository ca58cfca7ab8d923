//! What other programs can learn of a running `sdlrender`: no core dump, no look into its memory or environment.
#![cfg(target_os = "linux")]

use std::io::Write as _;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::support::{Folder, require};

/// Ends a process that a test started, whatever comes.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

const TEMPLATE: &str = "a: \"{{ FIRST }}\"\nb: \"{{ SECOND }}\"\n";

/// Whether tests run as root, who may look into anything.
pub fn root() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").expect("a status");
    status.lines().any(|line| line.starts_with("Uid:") && line.split_whitespace().nth(2) == Some("0"))
}

/// A command run as a user without rights, where the test is root's.
pub fn unprivileged(program: &str) -> Command {
    if !root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups", program]);
    command
}

/// The program with a secret in hand, held up by a command that sleeps.
fn held_up(folder: &Folder, launch: &mut Command) -> Ended {
    held_up_on(folder, launch, TEMPLATE)
}

fn held_up_on(folder: &Folder, launch: &mut Command, template: &str) -> Ended {
    folder.file("t.tmpl.yaml", template);
    let marker = folder.path().join("asked");
    let command = format!("SECOND=sh -c 'touch {} && exec sleep 20'", marker.display());
    launch.args(["--from-command", &command, "t.tmpl.yaml"]).current_dir(folder.path());
    let child = launch.env("FIRST", "a value of the environment").stdin(Stdio::null()).stdout(Stdio::null()).spawn();
    let child = Ended(child.expect("the program starts"));
    let start = Instant::now();
    while !marker.exists() {
        assert!(start.elapsed() < Duration::from_secs(10), "the command was never run");
        sleep(Duration::from_millis(5));
    }
    child
}

/// The program where every user may run it.
pub fn public_copy(folder: &Folder) -> std::path::PathBuf {
    use std::os::unix::fs::PermissionsExt as _;
    let copy = folder.program("program");
    for (path, mode) in [(copy.as_path(), 0o755), (folder.path(), 0o777)] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("a mode");
    }
    copy
}

#[test]
fn the_user_s_other_processes_can_t_look_in() {
    if root() && !require("setpriv") {
        return;
    }
    let folder = Folder::new();
    let copy = public_copy(&folder);
    let running = held_up(&folder, &mut unprivileged(&copy.display().to_string()));
    for file in ["environ", "maps", "mem"] {
        let path = format!("/proc/{}/{file}", running.0.id());
        let read = unprivileged("head").args(["-c", "1", &path]).output().expect("head starts");
        let said = String::from_utf8_lossy(&read.stderr).into_owned();
        assert!(!read.status.success() && said.contains("ermission denied"), "{file}: {said}");
    }
    // The same look at an ordinary process succeeds.
    let other = Ended(unprivileged("sleep").arg("20").spawn().expect("sleep starts"));
    sleep(Duration::from_millis(200));
    let read = unprivileged("head").args(["-c", "1", &format!("/proc/{}/maps", other.0.id())]).output().expect("head starts");
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
}

/// Starts `command` with core dumps allowed and ends it with `signal`; tells whether a core was dumped.
fn dumps(folder: &Folder, program: &str, signal: i32, start: impl FnOnce(&Folder, &mut Command) -> Ended) -> bool {
    // A shell lifts the limit and becomes the program.
    let mut shell = Command::new("sh");
    shell.args(["-c", "ulimit -c unlimited; exec \"$@\"", "sh", program]).process_group(0);
    let mut running = start(folder, &mut shell);
    sleep(Duration::from_millis(100));
    let sent = Command::new("kill").args([format!("-{signal}"), running.0.id().to_string()]).status();
    assert!(sent.expect("kill starts").success());
    let status = running.0.wait().expect("an end");
    assert_eq!(status.signal(), Some(signal));
    status.core_dumped()
}

#[test]
fn no_core_is_dumped() {
    for signal in [6, 3] {
        let folder = Folder::new();
        let sleeper = |_: &Folder, command: &mut Command| {
            Ended(command.arg("20").current_dir(folder.path()).spawn().expect("sleep starts"))
        };
        if !dumps(&folder, "sleep", signal, sleeper) {
            let _ = writeln!(std::io::stderr(), "no program dumps core on this system");
        }
        assert!(!dumps(&folder, env!("CARGO_BIN_EXE_sdlrender"), signal, held_up), "signal {signal}");
        let cores = folder.names().into_iter().filter(|name| name.starts_with("core")).count();
        assert!(cores <= 1, "{:?}", folder.names());
    }
}

/// What `/proc/PID/status` says of a process, in KiB.
fn kibibytes(process: &Child, what: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.id())).expect("a status");
    let line = status.lines().find(|line| line.starts_with(what)).expect("a line");
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number")
}

/// With the usual limit, all that is allocated is locked; with a lower one as much as it allows, and nothing fails.
#[test]
fn what_is_allocated_is_locked_as_far_as_the_limit_goes() {
    if root() && !require("setpriv") {
        return;
    }
    for (limit, lines, least) in [(8192, 10, 128), (8192, 2_000, 128), (64, 20_000, 64), (0, 20_000, 0)] {
        let folder = Folder::new();
        let copy = public_copy(&folder);
        let text = format!("{TEMPLATE}{}", "# a line of a template that is long\n".repeat(lines));
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("ulimit -l {limit}; exec \"$@\""), "sh"]);
        if root() {
            shell.args(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"]);
        }
        shell.arg(copy).arg("--no-check");
        let running = held_up_on(&folder, &mut shell, &text);
        // The command says that it runs before the program has set up what listens to it.
        let locked = || kibibytes(&running.0, "VmLck:");
        let start = Instant::now();
        while locked() < least && start.elapsed() < Duration::from_secs(2) {
            sleep(Duration::from_millis(5));
        }
        let locked = locked();
        assert!((least..=limit).contains(&locked), "{locked} KiB of {limit} are locked");
        drop(running);
        // Nothing fails for it.
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("ulimit -l {limit}; exec \"$@\""), "sh", env!("CARGO_BIN_EXE_sdlrender"), "--no-check"]);
        shell.args(["t.tmpl.yaml"]).env("FIRST", "1").env("SECOND", "2").current_dir(folder.path());
        let done = shell.output().expect("a shell");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
}

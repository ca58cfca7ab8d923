//! `-o` when the process is killed, the disk is full or the system refuses: the file is the old one or the new one, whole, and git would add
//! nothing of what lies beside it.
//!
//! A few kills by default; `SDLRENDER_TEST_KILLS=1000` for so many. Each system call of a write is met by strace, which kills the program
//! there or has the call fail.
#![cfg(target_os = "linux")]

use std::cell::Cell;
use std::fs;
use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};
use std::thread::sleep;

use crate::check::staged::{git, repository};
use crate::support::{Folder, require, skipped};

const TOKEN: (&str, &str) = ("TOKEN", "canary-3e7a90b1");
const OLD: &str = "old\n";

/// What a run found and left.
#[derive(Debug, Default)]
struct Tally {
    runs: Cell<usize>,
    killed: Cell<usize>,
    new: Cell<usize>,
    torn: Cell<usize>,
    /// Files that git would add.
    open: Cell<usize>,
    /// Folders that git does not add.
    hidden: Cell<usize>,
}

fn add(to: &Cell<usize>, number: usize) {
    to.set(to.get() + number);
}

/// A work tree that ignores the output's name and nothing else, with a template whose result takes a while to write.
struct Place {
    folder: Folder,
    whole: String,
}

impl Place {
    fn new() -> Option<Self> {
        let folder = repository()?;
        let template = format!("password: \"{{{{ TOKEN }}}}\"\n# {}\n# the end\n", "x".repeat(400_000));
        folder.file("t.yaml", &template);
        folder.file(".gitignore", "/deploy.yaml\n");
        git(&folder, &["add", "."]).ok();
        git(&folder, &["commit", "-qm", "a"]).ok();
        let whole = template.replace("{{ TOKEN }}", TOKEN.1);
        Some(Self { folder, whole })
    }

    /// The output as it was: a file, or none.
    fn reset(&self, exists: bool) {
        let out = self.folder.path().join("deploy.yaml");
        let _ = fs::remove_file(&out);
        if exists {
            self.folder.file("deploy.yaml", OLD);
        }
    }

    /// Looks at what a run left, and tidies up.
    fn count(&self, exists: bool, tally: &Tally) {
        add(&tally.runs, 1);
        let now = fs::read_to_string(self.folder.path().join("deploy.yaml")).ok();
        let old = exists.then(|| OLD.to_owned());
        if now.as_deref() == Some(self.whole.as_str()) {
            add(&tally.new, 1);
        } else if now != old {
            add(&tally.torn, 1);
        }
        let status = git(&self.folder, &["status", "--porcelain", "--untracked-files=all"]).ok();
        add(&tally.open, status.lines().count());
        for name in self.folder.names().iter().filter(|name| name.starts_with(".sdlrender-")) {
            add(&tally.hidden, 1);
            let path = self.folder.path().join(name);
            if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.expect("a removal");
        }
        git(&self.folder, &["clean", "-qfd"]).ok();
    }
}

impl Tally {
    #[track_caller]
    fn check(&self, what: &str) {
        let (torn, open) = (self.torn.get(), self.open.get());
        let _ = writeln!(
            std::io::stderr(),
            "{what}: {} runs, {} killed, {} new, {torn} torn, {open} files that git would add, {} hidden folders",
            self.runs.get(),
            self.killed.get(),
            self.new.get(),
            self.hidden.get()
        );
        assert_eq!((torn, open), (0, 0), "{what}");
    }
}

fn number(default: usize) -> usize {
    std::env::var("SDLRENDER_TEST_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(default)
}

#[test]
fn killed_at_any_time_the_file_is_whole_and_nothing_is_left() {
    let Some(place) = Place::new() else { return };
    for (signal, share) in [("KILL", 2), ("TERM", 4), ("HUP", 8), ("INT", 8)] {
        let tally = Tally::default();
        let kills = number(80) / share;
        // As long as a whole run takes, so that each moment is met.
        place.reset(true);
        let start = std::time::Instant::now();
        let done = place.folder.sdlrender(&["t.yaml", "-o", "deploy.yaml"], &[TOKEN]).status().expect("the program starts");
        assert!(done.success());
        let span = start.elapsed();
        for kill in 0..kills * 4 {
            // One that came too late does not count.
            if tally.killed.get() == kills {
                break;
            }
            let exists = kill % 4 != 0;
            place.reset(exists);
            let mut child =
                place.folder.sdlrender(&["t.yaml", "-o", "deploy.yaml"], &[TOKEN]).spawn().expect("the program starts");
            // The write is at the end.
            sleep(span.mul_f64(0.3 + 0.9 * (kill as f64 * 0.618_034).fract()));
            kill_it(child.id(), signal);
            let status = child.wait().expect("an end");
            add(&tally.killed, usize::from(status.signal().is_some()));
            place.count(exists, &tally);
        }
        tally.check(&format!("at random, SIG{signal}"));
        assert!(tally.killed.get() > 0, "every run had ended before");
    }
}

fn kill_it(process: u32, signal: &str) {
    // It may have ended by itself, but has not been waited for.
    let _ = Command::new("kill").args([format!("-{signal}"), process.to_string()]).stderr(Stdio::null()).status();
}

/// The system calls with which a file is written and replaced.
const CALLS: [&str; 12] =
    ["open", "openat", "write", "fsync", "linkat", "mkdir", "mkdirat", "rename", "renameat", "unlink", "rmdir", "close"];

/// At most the last uses of a call concern the write.
const LAST: usize = 8;

/// How the output is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Case {
    /// There is none yet.
    New,
    /// There is one.
    Replaced,
    /// There is one, and the file system has no files without names.
    Named,
}

/// What strace does at system calls of the program: the program's exit code, or none if a signal ended it, and strace's log.
fn traced(place: &Place, case: Case, rules: &[String]) -> (Option<i32>, String) {
    place.reset(case != Case::New);
    let program = place.folder.sdlrender(&["t.yaml", "-o", "deploy.yaml"], &[TOKEN]);
    let log = place.folder.path().join(".git/log");
    let mut strace = Command::new("strace");
    strace.args(["-qq", "-o"]).arg(&log);
    rules.iter().for_each(|rule| _ = strace.args(["-e", rule]));
    strace.arg(program.get_program()).args(program.get_args()).current_dir(place.folder.path());
    strace.env_clear().envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let status = strace.stdin(Stdio::null()).stderr(Stdio::null()).status().expect("strace starts");
    (status.code(), fs::read_to_string(&log).expect("a log"))
}

/// Whether strace can do that here.
fn can_trace() -> bool {
    let trace = ["-qq", "-e", "inject=close:error=EIO:when=100", "-o", "/dev/null", "true"];
    let can = require("strace") && Command::new("strace").args(trace).stderr(Stdio::null()).status().is_ok_and(|it| it.success());
    if !can {
        skipped("strace may not trace here");
    }
    can
}

/// The rules that make the case what it is, and each use of a system call that may concern the write: its name and number.
fn uses(place: &Place, case: Case) -> (Vec<String>, Vec<(&'static str, usize)>) {
    let of = |log: &str, call: &str| -> Vec<String> {
        log.lines().filter(|line| line.starts_with(&format!("{call}("))).map(str::to_owned).collect()
    };
    let (_, mut log) = traced(place, case, &[]);
    let mut rules = Vec::new();
    if case == Case::Named {
        // The folder is opened for such a file once.
        let at = of(&log, "openat").iter().position(|line| line.contains("O_TMPFILE")).expect("it is tried");
        rules.push(format!("inject=openat:error=EOPNOTSUPP:when={}", at + 1));
        log = traced(place, case, &rules).1;
        assert!(of(&log, "linkat").is_empty() && !of(&log, "mkdir").is_empty(), "{log}");
    }
    let mut uses = Vec::new();
    // A call can be met in one way only.
    for call in CALLS.into_iter().filter(|call| case != Case::Named || *call != "openat") {
        let count = of(&log, call).len();
        uses.extend((count.saturating_sub(LAST) + 1..=count).map(|when| (call, when)));
    }
    (rules, uses)
}

#[test]
fn killed_at_each_system_call_the_file_is_whole_and_nothing_is_left() {
    let Some(place) = Place::new() else { return };
    if !can_trace() {
        return;
    }
    for case in [Case::New, Case::Replaced, Case::Named] {
        let (rules, uses) = uses(&place, case);
        for signal in ["KILL", "TERM"] {
            let tally = Tally::default();
            for (call, when) in &uses {
                let rule = format!("inject={call}:signal=SIG{signal}:when={when}");
                let (code, _) = traced(&place, case, &[&rules[..], &[rule]].concat());
                add(&tally.killed, usize::from(code.is_none()));
                place.count(case != Case::New, &tally);
            }
            tally.check(&format!("{case:?}, SIG{signal} at each call"));
            assert!(tally.killed.get() > 10, "strace ended nothing");
            // What a signal that can be held back left is nothing at all.
            assert!(signal == "KILL" || tally.hidden.get() == 0, "a folder is left");
        }
    }
}

#[test]
fn a_call_that_fails_leaves_the_old_file_or_the_new_one() {
    let Some(place) = Place::new() else { return };
    if !can_trace() {
        return;
    }
    for case in [Case::New, Case::Replaced, Case::Named] {
        let (rules, uses) = uses(&place, case);
        let tally = Tally::default();
        for (call, when) in uses.into_iter().filter(|(call, _)| *call != "close") {
            for error in ["EIO", "ENOSPC"] {
                let (code, log) =
                    traced(&place, case, &[&rules[..], &[format!("inject={call}:error={error}:when={when}")]].concat());
                let new = tally.new.get();
                place.count(case != Case::New, &tally);
                // Success says that the new file is there; a failure, that it is not.
                assert_eq!(code == Some(0), tally.new.get() > new, "{case:?}: {call} {when} {error}: {code:?}\n{log}");
            }
        }
        tally.check(&format!("{case:?}, each call fails"));
    }
}

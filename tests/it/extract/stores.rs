//! Where the values go, and what is left if it ends on the way.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::rules::sdl;
use crate::support::keyring::{Keyring, Start};
use crate::support::{Folder, Ran, may_trace, require, set_mode};

const VALUE: &str = "Xk3v9QmZ81ab-canary";

fn folder() -> Folder {
    let folder = Folder::judged();
    folder.file("deploy.yaml", sdl(&format!("    env: [DB_PASSWORD={VALUE}, \"API_SECRET=it's $$Xk3v9\\\\\"]\n")));
    folder
}

const TO_FILE: [&str; 5] = ["extract", "deploy.yaml", "--to", "env-file", "--yes"];

#[test]
fn the_file_is_its_owner_s_and_is_appended_to() {
    let folder = folder();
    folder.file(".env", "# ours\nOTHER='x'");
    folder.run(&TO_FILE, &[]).ok();
    assert_eq!(folder.read(".env"), format!("# ours\nOTHER='x'\nDB_PASSWORD='{VALUE}'\nAPI_SECRET=\"it's \\$Xk3v9\\\\\"\n"));
    let mode = std::fs::metadata(folder.path().join(".env")).expect("the file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let rendered = folder.run(&["deploy.tmpl.yaml"], &[]).ok();
    assert!(rendered.contains(&format!("\"DB_PASSWORD={VALUE}\", \"API_SECRET=it's $Xk3v9\\\\\"")), "{rendered}");
}

#[test]
fn another_value_is_only_replaced_if_told() {
    let folder = folder();
    folder.file(".env", "DB_PASSWORD='another-value'\nA='b'\n");
    folder.run(&TO_FILE, &[]).fails(1, &[".env has another value for `DB_PASSWORD`", "--replace"]);
    assert_eq!(folder.read(".env"), "DB_PASSWORD='another-value'\nA='b'\n");
    assert_eq!(folder.names(), [".env", "deploy.yaml"]);
    folder.run(&[&TO_FILE[..], &["--replace"]].concat(), &[]).ok();
    assert!(folder.read(".env").starts_with(&format!("A='b'\nDB_PASSWORD='{VALUE}'\n")));
    // What is there already is not written again.
    std::fs::remove_file(folder.path().join("deploy.tmpl.yaml")).expect("it is there");
    let before = folder.read(".env");
    folder.run(&TO_FILE, &[]).ok();
    assert_eq!(folder.read(".env"), before);
}

#[test]
fn a_source_that_comes_first_is_told() {
    let folder = folder();
    let ran = folder.run(&TO_FILE, &[("DB_PASSWORD", "of the environment")]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stderr.contains("other values come before those in .env: `DB_PASSWORD` in environment"), "{}", ran.stderr);
}

#[test]
fn a_profile_has_a_file_of_its_own() {
    let folder = folder();
    folder.run(&[&TO_FILE[..], &["--profile", "prod"]].concat(), &[]).ok();
    assert_eq!(folder.names(), [".env.prod", "deploy.tmpl.yaml", "deploy.yaml"]);
    folder.run(&["deploy.tmpl.yaml", "--profile", "prod"], &[]).ok();
}

#[test]
fn git_is_told_to_ignore_what_holds_the_values() {
    if !require("git") {
        return;
    }
    let folder = folder();
    git(&folder, &["init", "-q"]);
    folder.file(".gitignore", "node_modules");
    let refused = folder.run(&TO_FILE[..4], &[]);
    assert_eq!((refused.code, folder.read(".gitignore").as_str()), (Some(2), "node_modules"), "{}", refused.stderr);
    let ran = folder.run(&TO_FILE, &[]);
    assert!(ran.stderr.contains("added /.env and /deploy.yaml to .gitignore"), "{}", ran.stderr);
    let lines = "node_modules\n\n# These files contain secrets in plain text.\n/.env\n/deploy.yaml\n";
    assert_eq!((ran.code, folder.read(".gitignore").as_str()), (Some(0), lines));
    git(&folder, &["add", "."]);
    git(&folder, &["commit", "-q", "-m", "one"]);
    // Another run, on a file of another name in another folder, whose lines are the folder's own.
    folder.file("sub/a [1].yaml", folder.read("deploy.yaml"));
    let other = ["extract", "sub/a [1].yaml", "-o", "b.tmpl.yaml", "--to", "env-file", "--yes"];
    let ran = folder.run(&other, &[]);
    assert!(ran.stderr.contains("added /a \\[1].yaml to .gitignore"), "{}", ran.stderr);
    assert!(folder.read("sub/.gitignore").ends_with("\n/a \\[1].yaml\n") && folder.read(".gitignore") == lines);
    git(&folder, &["check-ignore", "-q", "sub/a [1].yaml"]);
}

#[test]
fn a_file_that_git_tracks_or_that_stays_visible_is_refused() {
    if !require("git") {
        return;
    }
    let folder = folder();
    git(&folder, &["init", "-q"]);
    folder.file(".env", "A='b'\n");
    git(&folder, &["add", ".env"]);
    folder.run(&TO_FILE, &[]).fails(2, &["git tracks .env, where the secrets are to go", "git rm --cached .env"]);
    assert_eq!(
        (folder.names(), folder.read(".env").as_str()),
        ([".env", ".git", "deploy.yaml"].map(str::to_owned).into(), "A='b'\n")
    );
    // A folder in its place.
    git(&folder, &["rm", "-q", "--cached", ".env"]);
    std::fs::create_dir(folder.path().join(".gitignore")).expect("a folder");
    folder.run(&TO_FILE, &[]).fails(2, &["can't write .gitignore"]);
    assert_eq!((folder.names().len(), folder.read(".env").as_str()), (4, "A='b'\n"));
}

#[test]
fn the_history_says_which_commits_hold_a_value() {
    if !require("git") {
        return;
    }
    let folder = folder();
    folder.file(".gitignore", ".env\n");
    git(&folder, &["init", "-q", "-b", "main"]);
    git(&folder, &["add", "."]);
    git(&folder, &["commit", "-q", "-m", "one"]);
    git(&folder, &["init", "-q", "--bare", "remote"]);
    git(&folder, &["remote", "add", "origin", "./remote"]);
    git(&folder, &["push", "-q", "origin", "main"]);
    folder.file("deploy.yaml", folder.read("deploy.yaml") + "# more\n");
    git(&folder, &["commit", "-q", "-am", "two"]);
    // A git that writes down what it is asked.
    let path = std::env::var("PATH").unwrap_or_default();
    let asked = folder.path().join("asked");
    let own = format!("#!/bin/sh\nPATH='{path}'\n{{ echo \"$@\"; env; }} >> '{}'\nexec git \"$@\"\n", asked.display());
    folder.file("bin/git", own);
    set_mode(&folder.path().join("bin/git"), 0o700);
    let path = format!("{}:{path}", folder.path().join("bin").display());
    let ran = folder.run(&TO_FILE, &[("PATH", &path)]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let asked = folder.read("asked");
    assert!(asked.contains("cat-file --batch") && !asked.contains("Xk3v9"), "{asked}");
    let line = ran.stderr.lines().rev().find(|line| line.trim_start().starts_with("DB_PASSWORD")).expect("a line");
    let words: Vec<&str> = line.split_whitespace().collect();
    assert_eq!((words[1], words[6], words[7]), ("2", "yes", "origin/main"), "{}", ran.stderr);
    for part in
        ["git's history has 2 of the extracted values", "rotate first", "rewriting the history is second", "git rm deploy.yaml"]
    {
        assert!(ran.stderr.contains(part), "{part} is not in {}", ran.stderr);
    }
}

fn git(folder: &Folder, arguments: &[&str]) {
    let mut git = Command::new("git");
    git.args(arguments).current_dir(folder.path()).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    git.env("HOME", folder.path()).env("GIT_CONFIG_NOSYSTEM", "1");
    for role in ["AUTHOR", "COMMITTER"] {
        git.env(format!("GIT_{role}_NAME"), "Somebody").env(format!("GIT_{role}_EMAIL"), "somebody@example.com");
    }
    let done = git.output().expect("git starts");
    assert!(done.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
}

/// Runs the program in the keyring's session.
fn within(keyring: &Keyring, folder: &Folder, arguments: &[&str]) -> Ran {
    let mut command = keyring.command(env!("CARGO_BIN_EXE_sdlrender"));
    Ran::from(command.args(arguments).current_dir(folder.path()).output().expect("the program starts"))
}

#[test]
fn the_keychain_keeps_the_values_and_gives_them_back() {
    let Some(keyring) = Keyring::new(Start::Unlocked) else { return };
    let folder = folder();
    let item = |name: &'static str| ["service", "sdlrender", "username", name];
    keyring.store(&item("DB_PASSWORD"), "another-value");
    let extract = ["extract", "deploy.yaml", "--yes"];
    within(&keyring, &folder, &extract).fails(1, &["the keychain has another value for `DB_PASSWORD`", "--replace"]);
    assert_eq!(
        (keyring.look_up(&item("DB_PASSWORD")).as_deref(), folder.names()),
        (Some("another-value"), vec!["deploy.yaml".to_owned()])
    );
    within(&keyring, &folder, &[&extract[..], &["--profile", "prod", "-o", "prod.tmpl.yaml"]].concat()).ok();
    assert_eq!(keyring.look_up(&item("prod/DB_PASSWORD")).as_deref(), Some(VALUE));
    let ran = within(&keyring, &folder, &[&extract[..], &["--replace"]].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(!ran.stderr.contains(VALUE));
    assert_eq!(keyring.look_up(&item("DB_PASSWORD")).as_deref(), Some(VALUE));
    assert_eq!(keyring.look_up(&item("API_SECRET")).as_deref(), Some("it's $Xk3v9\\"));
    let rendered = within(&keyring, &folder, &["deploy.tmpl.yaml"]).ok();
    assert!(rendered.contains(&format!("\"DB_PASSWORD={VALUE}\"")), "{rendered}");
    // The secret is in the SDL, which is as it was, and nowhere else in the folder.
    for name in folder.names().iter().filter(|name| *name != "deploy.yaml") {
        assert!(!folder.read(name).contains(VALUE), "{name}");
    }
}

#[test]
fn at_a_terminal_it_asks_once() {
    if !require("script") {
        return;
    }
    let folder = folder();
    let typed = |answer: &str| {
        let line = format!("{} {}", env!("CARGO_BIN_EXE_sdlrender"), TO_FILE[..4].join(" "));
        let mut script = Command::new("timeout");
        script.args(["20", "script", "-qec", &line, "/dev/null"]).current_dir(folder.path()).env("TERM", "xterm");
        let mut child = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("script starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        std::thread::sleep(Duration::from_millis(1500));
        let _ = stdin.write_all(format!("{answer}\r").as_bytes());
        let output = child.wait_with_output().expect("script ends");
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (code, said) = typed("n");
    assert_eq!((code, folder.names()), (Some(1), vec!["deploy.yaml".to_owned()]), "{said}");
    assert_eq!(said.matches("Store 2 values in .env and write deploy.tmpl.yaml?").count(), 1, "{said}");
    let (code, said) = typed("y");
    assert_eq!((code, folder.names().len()), (Some(0), 3), "{said}");
    assert!(!said.contains(VALUE));
}

#[test]
fn without_a_keychain_it_says_what_else_there_is() {
    let folder = folder();
    folder.run(&["extract", "deploy.yaml", "--yes"], &[]).fails(1, &["no keychain", "--to env-file"]);
    assert_eq!(folder.names(), ["deploy.yaml"]);
}

/// Killed at any moment, the SDL is as it was, a template is complete, and then its values are stored.
#[test]
fn a_kill_at_any_moment_loses_nothing() {
    let start = Instant::now();
    folder().run(&TO_FILE, &[]).ok();
    let whole = start.elapsed();
    let (mut before, mut between, mut after) = (0, 0, 0);
    for step in 0..60 {
        let folder = folder();
        let original = folder.read("deploy.yaml");
        let mut child = folder.sdlrender(&TO_FILE, &[]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        std::thread::sleep(whole.mul_f64(f64::from(step) / 50.0).min(Duration::from_secs(2)));
        let _ = child.kill();
        child.wait().expect("it ends");
        assert_eq!(folder.read("deploy.yaml"), original);
        let names = folder.names();
        let stored = names.contains(&".env".to_owned());
        if stored {
            assert!(folder.read(".env").contains("DB_PASSWORD") && folder.read(".env").contains("API_SECRET"), "all or nothing");
        }
        let written = names.contains(&"deploy.tmpl.yaml".to_owned());
        match (stored, written) {
            (false, false) => before += 1,
            (true, false) => between += 1,
            (true, true) => after += 1,
            (false, true) => panic!("a template without its values"),
        }
        // Another run goes on where that one ended.
        if !written {
            folder.run(&TO_FILE, &[]).ok();
        }
        assert!(folder.run(&["deploy.tmpl.yaml"], &[]).ok().contains(VALUE));
    }
    println!("killed {before} times before the values were stored, {between} before the template was there, {after} after");
    assert!(before > 0 && after > 0, "{before} {between} {after}");
}

/// Killed before any of the messages to the keychain, or of the calls that change a file.
#[test]
fn a_kill_at_any_message_to_the_keychain_loses_nothing() {
    let Some(keyring) = Keyring::new(Start::Unlocked) else { return };
    if !may_trace() {
        return;
    }
    let (messages, halves) = killed_at_each(&keyring, "sendmsg,sendto");
    let (files, _) = killed_at_each(&keyring, "openat,fsync,link,linkat,rename,renameat,renameat2,unlink,unlinkat");
    println!("killed at {messages} messages and {files} calls; one of two values was stored after {halves}");
    assert!(messages > 10 && files > 3 && halves > 0, "{messages} {files} {halves}");
}

/// Kills `extract` at each of `calls`, and looks at what is left; gives how many there were, and how often one of the two values was stored.
fn killed_at_each(keyring: &Keyring, calls: &str) -> (usize, usize) {
    let folder = folder();
    let original = folder.read("deploy.yaml");
    let extract = ["extract", "deploy.yaml", "--yes"];
    let mut halves = 0;
    for step in 1..200 {
        let mut strace = keyring.command("strace");
        let rule = format!("inject={calls}:signal=KILL:when={step}");
        strace.args(["-f", "-qq", "-o", "/dev/null", "-e", &rule, env!("CARGO_BIN_EXE_sdlrender")]).args(extract);
        let is_killed = strace.current_dir(folder.path()).output().expect("strace starts").status.code() != Some(0);
        assert_eq!(folder.read("deploy.yaml"), original);
        let stored = |name: &str| keyring.look_up(&["service", "sdlrender", "username", name]);
        let (password, secret) = (stored("DB_PASSWORD"), stored("API_SECRET"));
        assert!(password.as_deref().is_none_or(|value| value == VALUE), "step {step}");
        assert!(secret.as_deref().is_none_or(|value| value == "it's $Xk3v9\\"), "step {step}");
        halves += usize::from(password.is_some() != secret.is_some());
        let is_written = folder.names().contains(&"deploy.tmpl.yaml".to_owned());
        assert!(!is_written || password.is_some() && secret.is_some(), "step {step}: a template without its values");
        // Another run goes on where that one ended.
        if !is_written {
            within(keyring, &folder, &extract).ok();
        }
        let rendered = within(keyring, &folder, &["deploy.tmpl.yaml"]).ok();
        assert!(rendered.contains(VALUE), "step {step}");
        let cleared = keyring.command("secret-tool").args(["clear", "service", "sdlrender"]).status();
        assert!(cleared.expect("secret-tool starts").success());
        std::fs::remove_file(folder.path().join("deploy.tmpl.yaml")).expect("a template");
        assert_eq!(folder.names(), ["deploy.yaml"], "step {step}");
        if !is_killed {
            return (step - 1, halves);
        }
    }
    panic!("it does not come to its end")
}

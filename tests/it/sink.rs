//! Where the result goes: standard output, files that git ignores, terminals; and what is left when it can't go there.

use std::fs::{self, File};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::{Folder, Ran, require};

const CANARY: &str = "canary-b7e1d0c2";
const TOKEN: (&str, &str) = ("TOKEN", CANARY);
const TEMPLATE: &str = "password: \"{{ TOKEN }}\"\n";

fn folder() -> Folder {
    let folder = Folder::new();
    folder.file("t.yaml", TEMPLATE);
    folder
}

fn filled() -> String {
    format!("password: \"{CANARY}\"\n")
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("the file's mode").permissions().mode() & 0o777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a new mode");
}

/// Whether the system refuses this user anything at all; it refuses root nothing.
fn permissions_apply(folder: &Folder) -> bool {
    let path = folder.file(".probe", "");
    set_mode(&path, 0);
    let refused = File::open(&path).is_err();
    fs::remove_file(path).expect("the probe can be removed");
    refused
}

fn git(at: &Path, arguments: &[&str]) {
    let mut git = Command::new("git");
    git.args(arguments).current_dir(at).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    git.env("HOME", at).env("GIT_CONFIG_NOSYSTEM", "1");
    for role in ["AUTHOR", "COMMITTER"] {
        git.env(format!("GIT_{role}_NAME"), "Somebody").env(format!("GIT_{role}_EMAIL"), "somebody@example.com");
    }
    let done = git.output().expect("git starts");
    assert!(done.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
}

/// A work tree that holds the template and ignores `ignored.yaml`.
fn repository() -> Option<Folder> {
    if !require("git") {
        return None;
    }
    let folder = folder();
    git(folder.path(), &["init", "-q"]);
    folder.file(".gitignore", "ignored.yaml\n");
    Some(folder)
}

/// Runs with standard output redirected to `file`, which is emptied first as a shell does it.
fn redirected(folder: &Folder, arguments: &[&str], file: &str) -> Ran {
    let file = File::create(folder.path().join(file)).expect("a file to redirect to");
    Ran::from(folder.sdlrender(arguments, &[TOKEN]).stdout(file).output().expect("the program starts"))
}

/// `-o output` must be refused, and everything must stay as it was.
#[track_caller]
fn refuses(folder: &Folder, output: &str, variables: &[(&str, &str)], parts: &[&str]) {
    let before = folder.names();
    let stderr = folder.run(&["t.yaml", "-o", output], variables).fails(2, parts);
    assert!(!stderr.contains(CANARY), "{stderr}");
    assert_eq!(folder.names(), before);
}

#[test]
fn the_result_goes_to_standard_output() {
    let ran = folder().run(&["t.yaml"], &[TOKEN]);
    assert_eq!(ran.stderr, "");
    assert_eq!(ran.ok(), filled());
}

#[test]
fn a_dash_is_standard_output() {
    let folder = folder();
    let ran = folder.run(&["t.yaml", "-o", "-"], &[TOKEN]);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str(), ran.code), (filled().as_str(), "", Some(0)));
    assert_eq!(folder.names(), ["t.yaml"]);
    // What a redirect must not do, it must not do either.
    let Some(folder) = repository() else { return };
    redirected(&folder, &["t.yaml", "-o", "-"], "out.yaml").fails(2, &["git does not ignore"]);
    assert_eq!(folder.read("out.yaml"), "");
    folder.run(&["t.yaml", "-o", "./-"], &[TOKEN]).fails(2, &["git does not ignore"]);
}

#[test]
fn a_new_file_is_only_for_its_owner() {
    let folder = folder();
    let ran = folder.run(&["t.yaml", "-o", "out.yaml"], &[TOKEN]);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str(), ran.code), ("", "", Some(0)));
    assert_eq!(folder.read("out.yaml"), filled());
    assert_eq!(mode(&folder.path().join("out.yaml")), 0o600);
    assert_eq!(folder.names(), ["out.yaml", "t.yaml"]);
}

#[test]
fn an_existing_file_is_replaced_not_overwritten() {
    let folder = folder();
    let out = folder.file("out.yaml", "old, and longer than what comes after it: it must not shine through\n");
    set_mode(&out, 0o644);
    fs::hard_link(&out, folder.path().join("link.yaml")).expect("a hard link");
    folder.run(&["t.yaml", "-o", "out.yaml"], &[TOKEN]).ok();
    assert_eq!(folder.read("out.yaml"), filled());
    assert_eq!(mode(&out), 0o600);
    // Who had the old file open, or has it by another name, keeps the old bytes.
    assert!(folder.read("link.yaml").starts_with("old"));
    assert_eq!(folder.names(), ["link.yaml", "out.yaml", "t.yaml"]);
}

#[test]
fn an_output_in_another_folder_is_written_there() {
    let folder = folder();
    fs::create_dir(folder.path().join("sub")).expect("a folder");
    let out = folder.path().join("sub/out.yaml");
    folder.run(&["t.yaml", "-o", out.to_str().expect("UTF-8")], &[TOKEN]).ok();
    assert_eq!(folder.read("sub/out.yaml"), filled());
    assert_eq!(fs::read_dir(folder.path().join("sub")).expect("the folder").count(), 1);
}

#[test]
fn links_folders_and_devices_are_refused() {
    let folder = folder();
    folder.file("real.yaml", "old\n");
    fs::create_dir(folder.path().join("sub")).expect("a folder");
    symlink("real.yaml", folder.path().join("link.yaml")).expect("a link");
    symlink("nowhere.yaml", folder.path().join("dangling.yaml")).expect("a link");
    refuses(&folder, "link.yaml", &[TOKEN], &["link.yaml is a symbolic link", "help"]);
    refuses(&folder, "dangling.yaml", &[TOKEN], &["dangling.yaml is a symbolic link"]);
    refuses(&folder, "sub", &[TOKEN], &["sub is a directory", "-o sub/deploy.yaml"]);
    refuses(&folder, ".", &[TOKEN], &["is a directory"]);
    refuses(&folder, "/dev/null", &[TOKEN], &["/dev/null is not a regular file", "redirect"]);
    refuses(&folder, "new/", &[TOKEN], &["new/"]);
    assert_eq!(folder.read("real.yaml"), "old\n");
}

#[test]
fn a_missing_folder_is_refused() {
    refuses(&folder(), "no/out.yaml", &[TOKEN], &["the folder of no/out.yaml does not exist", "mkdir -p"]);
}

#[test]
fn the_template_is_never_written_over() {
    let folder = folder();
    fs::hard_link(folder.path().join("t.yaml"), folder.path().join("same.yaml")).expect("a hard link");
    folder.file("part.yaml", "user: x\n");
    folder.file("whole.yaml", format!("{{% include \"part.yaml\" %}}\n{TEMPLATE}"));
    refuses(&folder, "t.yaml", &[TOKEN], &["t.yaml is the template itself", "-o deploy.yaml"]);
    refuses(&folder, "./t.yaml", &[TOKEN], &["is the template itself"]);
    refuses(&folder, "same.yaml", &[TOKEN], &["same.yaml is the template itself"]);
    assert_eq!(folder.read("t.yaml"), TEMPLATE);
    folder.run(&["whole.yaml", "-o", "part.yaml"], &[TOKEN]).fails(2, &["part.yaml is the template"]);
    assert_eq!(folder.read("part.yaml"), "user: x\n");
}

#[test]
fn a_full_device_is_an_error() {
    if !Path::new("/dev/full").exists() {
        return;
    }
    let folder = folder();
    for arguments in [&["t.yaml"][..], &["list", "t.yaml"]] {
        let full = File::options().write(true).open("/dev/full").expect("the device");
        let ran = Ran::from(folder.sdlrender(arguments, &[TOKEN]).stdout(full).output().expect("the program starts"));
        ran.fails(2, &["cannot write to standard output", "No space left"]);
    }
}

#[test]
fn a_file_that_can_not_be_written_to_its_end_leaves_the_old_one() {
    let folder = folder();
    folder.file("out.yaml", "old\n");
    // No file may grow beyond zero bytes; the signal that comes with it is ignored, so that the write itself fails.
    let script = "trap '' XFSZ; ulimit -f 0; exec \"$@\"";
    let mut shell = Command::new("sh");
    shell.args(["-c", script, "sh", env!("CARGO_BIN_EXE_sdlrender"), "--no-check", "t.yaml", "-o", "out.yaml"]);
    shell.current_dir(folder.path()).env(TOKEN.0, TOKEN.1).stdin(Stdio::null());
    Ran::from(shell.output().expect("a shell")).fails(2, &["can't write out.yaml", "File too large"]);
    assert_eq!(folder.read("out.yaml"), "old\n");
    assert_eq!(folder.names(), ["out.yaml", "t.yaml"]);
}

#[test]
fn a_read_only_folder_is_an_error() {
    let folder = folder();
    if !permissions_apply(&folder) {
        return;
    }
    let sub = folder.path().join("sub");
    fs::create_dir(&sub).expect("a folder");
    folder.file("sub/out.yaml", "old\n");
    set_mode(&sub, 0o500);
    folder.run(&["t.yaml", "-o", "sub/out.yaml"], &[TOKEN]).fails(2, &["sub/can't write out.yaml", "ermission denied"]);
    assert_eq!(folder.read("sub/out.yaml"), "old\n");
    assert_eq!(fs::read_dir(&sub).expect("the folder").count(), 1);
    set_mode(&sub, 0o700);
}

#[test]
fn a_failure_of_the_template_or_a_value_leaves_the_output_alone() {
    for (template, code) in [
        ("password: \"{{ ABSENT }}\"\n", 1),
        ("password: \"{{ TOKEN }}\n", 1),
        ("password: {{ TOKEN\n", 1),
        ("{% if TOKEN %}a: 1{% endif %}\n", 1),
        ("", 2),
    ] {
        let folder = Folder::new();
        folder.file("t.yaml", template);
        let out = folder.file("out.yaml", "old\n");
        set_mode(&out, 0o640);
        folder.run(&["t.yaml", "-o", "out.yaml"], &[TOKEN]).fails(code, &["error: "]);
        assert_eq!(folder.read("out.yaml"), "old\n", "{template}");
        assert_eq!(mode(&out), 0o640);
        assert_eq!(folder.names(), ["out.yaml", "t.yaml"]);
    }
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let folder = Folder::new();
    // More than a pipe holds: the program is still writing when the reader leaves.
    folder.file("t.yaml", TEMPLATE.to_owned() + &"# a line that says nothing\n".repeat(20_000));
    let mut child = folder
        .sdlrender(&["t.yaml"], &[TOKEN])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    drop(child.stdout.take());
    let ran = Ran::from(child.wait_with_output().expect("it ends"));
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
}

#[test]
fn a_redacted_result_needs_no_secret_and_is_still_yaml() {
    let folder = Folder::new();
    folder.file("t.yaml", "a: \"{{ TOKEN }}\"\nb: {{ PORT | int }}\nc: |\n  x {{ TOKEN | b64encode }}\nd: {{ vars.TAG }}\n");
    let without = folder.run(&["t.yaml", "--redact", "--set", "TAG=v1"], &[]).ok();
    let with = folder.run(&["t.yaml", "--redact", "--set", "TAG=v1"], &[TOKEN, ("PORT", "80")]).ok();
    assert_eq!(without, with);
    let read: serde_json::Value = serde_saphyr::from_str(&without).expect("YAML");
    assert_eq!(read, serde_json::json!({ "a": "********", "b": 0, "c": "x ********\n", "d": "v1" }));
    folder.run(&["t.yaml", "--redact"], &[TOKEN]).fails(1, &["`vars.TAG` is not set"]);
    folder.run(&["t.yaml", "--redact", "--reveal"], &[TOKEN]).fails(2, &["--reveal"]);
}

#[test]
fn a_redacted_result_runs_no_command() {
    let folder = folder();
    folder.run(&["t.yaml", "--redact", "--from-command", "TOKEN=touch ran"], &[]).ok();
    assert_eq!(folder.names(), ["t.yaml"]);
}

#[test]
fn outside_a_repository_nothing_is_guarded() {
    let folder = folder();
    assert!(redirected(&folder, &["t.yaml"], "out.yaml").stderr.contains("chmod 600 out.yaml"));
    assert_eq!(folder.read("out.yaml"), filled());
}

#[test]
fn an_ignored_file_is_written() {
    let Some(folder) = repository() else { return };
    let ran = folder.run(&["t.yaml", "-o", "ignored.yaml"], &[TOKEN]);
    assert_eq!(ran.stderr, "");
    ran.ok();
    assert_eq!(folder.read("ignored.yaml"), filled());
}

#[test]
fn the_users_own_ignore_rules_count() {
    let Some(folder) = repository() else { return };
    // The program's HOME is the folder itself.
    folder.file(".config/git/ignore", "mine.yaml\n");
    folder.run(&["t.yaml", "-o", "mine.yaml"], &[TOKEN]).ok();
    folder.file(".git/info/exclude", "local.yaml\n");
    folder.run(&["t.yaml", "-o", "local.yaml"], &[TOKEN]).ok();
}

#[test]
fn a_file_that_git_would_add_is_refused() {
    let Some(folder) = repository() else { return };
    folder.file("sub/keep", "");
    refuses(
        &folder,
        "out.yaml",
        &[TOKEN],
        &["git does not ignore out.yaml", "echo '/out.yaml' >> .gitignore", "--allow-unignored"],
    );
    refuses(&folder, "sub/out.yaml", &[TOKEN], &["git does not ignore sub/out.yaml"]);
    folder.file("out.yaml", "old\n");
    refuses(&folder, "out.yaml", &[TOKEN], &["git does not ignore out.yaml"]);
    assert_eq!(folder.read("out.yaml"), "old\n");
}

#[test]
fn a_file_that_git_tracks_is_refused_even_if_it_is_ignored_too() {
    let Some(folder) = repository() else { return };
    folder.file("ignored.yaml", "old\n");
    git(folder.path(), &["add", "-f", "ignored.yaml"]);
    let parts = ["git tracks ignored.yaml", "git rm --cached ignored.yaml", "history"];
    refuses(&folder, "ignored.yaml", &[TOKEN], &parts);
    git(folder.path(), &["commit", "-qm", "a file"]);
    refuses(&folder, "ignored.yaml", &[TOKEN], &parts);
    assert_eq!(folder.read("ignored.yaml"), "old\n");
    // The line to type is one for the folder of the file.
    folder.file("sub/ignored.yaml", "old\n");
    git(folder.path(), &["add", "-f", "sub/ignored.yaml"]);
    refuses(&folder, "sub/ignored.yaml", &[TOKEN], &["git rm --cached ignored.yaml && echo ", "(in the folder of ignored.yaml)"]);
}

#[test]
fn names_that_git_could_take_for_patterns_or_options_are_names() {
    let Some(folder) = repository() else { return };
    folder.file("ignored.yaml", "old\n");
    for name in ["*.yaml", ":(exclude)x", "-q", "ignored.yam?", "!ignored.yaml"] {
        let output = format!("./{name}");
        refuses(&folder, &output, &[TOKEN], &["git does not ignore"]);
    }
}

#[test]
fn a_link_to_a_folder_does_not_lead_around_the_guard() {
    let Some(repository) = repository() else { return };
    let folder = folder();
    symlink(repository.path(), folder.path().join("way")).expect("a link");
    refuses(&folder, "way/out.yaml", &[TOKEN], &["git does not ignore way/out.yaml"]);
    folder.run(&["t.yaml", "-o", "way/ignored.yaml"], &[TOKEN]).ok();
    assert_eq!(repository.read("ignored.yaml"), filled());
}

#[test]
fn a_refused_output_means_that_no_secret_is_fetched() {
    let Some(folder) = repository() else { return };
    folder.run(&["t.yaml", "-o", "out.yaml", "--from-command", "TOKEN=touch ran"], &[]).fails(2, &["git does not ignore"]);
    assert!(!folder.path().join("ran").exists());
}

#[test]
fn the_guard_can_be_overridden() {
    let Some(folder) = repository() else { return };
    folder.run(&["t.yaml", "-o", "out.yaml", "--allow-unignored"], &[TOKEN]).ok();
    assert_eq!(folder.read("out.yaml"), filled());
    redirected(&folder, &["t.yaml", "--allow-unignored"], "more.yaml").ok();
    assert_eq!(folder.read("more.yaml"), filled());
}

#[test]
fn variables_of_git_do_not_lead_the_guard_astray() {
    let (Some(folder), Some(other)) = (repository(), repository()) else { return };
    other.file(".git/info/exclude", "*\n");
    let everything = other.file("everything", "*\n").display().to_string();
    let (directory, tree) = (other.path().join(".git").display().to_string(), other.path().display().to_string());
    let lying: [&[(&str, &str)]; 4] = [
        &[("GIT_DIR", &directory)],
        &[("GIT_DIR", &directory), ("GIT_WORK_TREE", &tree)],
        &[("GIT_CEILING_DIRECTORIES", "/")],
        &[("GIT_CONFIG_COUNT", "1"), ("GIT_CONFIG_KEY_0", "core.excludesFile"), ("GIT_CONFIG_VALUE_0", &everything)],
    ];
    for variables in lying {
        let variables = [&[TOKEN], variables].concat();
        refuses(&folder, "out.yaml", &variables, &["git does not ignore out.yaml"]);
        folder.run(&["t.yaml", "-o", "ignored.yaml"], &variables).ok();
    }
}

#[test]
fn without_git_a_repository_is_not_written_to() {
    let Some(folder) = repository() else { return };
    refuses(&folder, "ignored.yaml", &[TOKEN, ("PATH", "/nonexistent")], &["can't start git", "--allow-unignored"]);
    folder.run(&["t.yaml", "-o", "ignored.yaml", "--allow-unignored"], &[TOKEN, ("PATH", "/nonexistent")]).ok();
}

#[test]
fn a_result_without_secrets_is_not_guarded() {
    let Some(folder) = repository() else { return };
    folder.file("plain.tmpl.yaml", "tag: \"{{ vars.TAG }}\" # {{ TOKEN }}\n");
    folder.run(&["plain.tmpl.yaml", "--set", "TAG=v1", "-o", "plain.yaml"], &[]).ok();
    assert_eq!(folder.read("plain.yaml"), "tag: \"v1\" # {{ TOKEN }}\n");
    folder.run(&["t.yaml", "--redact", "-o", "masked.yaml"], &[TOKEN]).ok();
    assert_eq!(folder.read("masked.yaml"), "password: \"********\"\n");
    let ran = redirected(&folder, &["plain.tmpl.yaml", "--set", "TAG=v1"], "redirected.yaml");
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
}

#[test]
fn a_redirect_to_a_file_that_git_would_add_is_refused() {
    let Some(folder) = repository() else { return };
    let stderr = redirected(&folder, &["t.yaml"], "out.yaml").fails(2, &["git does not ignore", "out.yaml", "--allow-unignored"]);
    assert!(!stderr.contains(CANARY), "{stderr}");
    assert_eq!(folder.read("out.yaml"), "");
    let kept = folder.file("log.yaml", "old\n");
    let appended = File::options().append(true).open(&kept).expect("the file");
    Ran::from(folder.sdlrender(&["t.yaml"], &[TOKEN]).stdout(appended).output().expect("the program starts")).fails(2, &["git"]);
    assert_eq!(folder.read("log.yaml"), "old\n");
}

#[test]
fn a_redirect_to_an_ignored_file_warns_of_its_mode() {
    let Some(folder) = repository() else { return };
    let file = folder.file("ignored.yaml", "");
    set_mode(&file, 0o644);
    let ran = redirected(&folder, &["t.yaml"], "ignored.yaml");
    for part in ["warning: other users can read ignored.yaml (mode 644)", "chmod 600 ignored.yaml"] {
        assert!(ran.stderr.contains(part), "{}", ran.stderr);
    }
    ran.ok();
    assert_eq!(folder.read("ignored.yaml"), filled());
    set_mode(&file, 0o600);
    let ran = redirected(&folder, &["t.yaml"], "ignored.yaml");
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
}

#[test]
fn a_redirect_is_no_matter_when_an_output_is_named() {
    let Some(folder) = repository() else { return };
    redirected(&folder, &["t.yaml", "-o", "ignored.yaml"], "log.txt").ok();
    assert_eq!((folder.read("ignored.yaml"), folder.read("log.txt")), (filled(), String::new()));
}

#[test]
fn a_redirect_onto_the_template_says_so() {
    let folder = folder();
    let appended = File::options().append(true).open(folder.path().join("t.yaml")).expect("the template");
    let ran = Ran::from(folder.sdlrender(&["t.yaml"], &[TOKEN]).stdout(appended).output().expect("the program starts"));
    ran.fails(2, &["t.yaml is the template itself", "-o deploy.yaml"]);
    assert_eq!(folder.read("t.yaml"), TEMPLATE);
    redirected(&folder, &["t.yaml"], "t.yaml").fails(2, &["t.yaml is the template itself"]);
}

#[test]
fn a_redirect_onto_an_included_template_says_so() {
    let folder = Folder::new();
    let part = folder.file("part.yaml", "user: x\n");
    folder.file("whole.yaml", format!("{{% include \"part.yaml\" %}}\n{TEMPLATE}"));
    let appended = File::options().append(true).open(part).expect("the template");
    let ran = Ran::from(folder.sdlrender(&["whole.yaml"], &[TOKEN]).stdout(appended).output().expect("the program starts"));
    ran.fails(2, &["is the template"]);
    assert_eq!(folder.read("part.yaml"), "user: x\n");
}

/// Runs the program on a terminal of its own; gives what the terminal shows.
fn on_a_terminal(folder: &Folder, arguments: &[&str]) -> Option<String> {
    if !require("python3") {
        return None;
    }
    let script = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";
    let program: PathBuf = env!("CARGO_BIN_EXE_sdlrender").into();
    let mut python = Command::new("python3");
    python
        .args(["-c", script])
        .arg(program)
        .arg("--no-check")
        .args(arguments)
        .current_dir(folder.path())
        .env(TOKEN.0, TOKEN.1)
        .env("TERM", "xterm");
    python.env_remove("NO_COLOR").stdin(Stdio::null());
    let ran = Ran::from(python.output().expect("python3 starts"));
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{}", ran.stdout);
    Some(ran.stdout)
}

#[test]
fn a_terminal_shows_masks_unless_asked_otherwise() {
    let folder = folder();
    let Some(shown) = on_a_terminal(&folder, &["t.yaml"]) else { return };
    for part in ["password: \"********\"", "masked on a terminal", "--reveal"] {
        assert!(shown.contains(part), "{shown}");
    }
    assert!(!shown.contains(CANARY), "{shown}");
    let shown = on_a_terminal(&folder, &["t.yaml", "--reveal"]).unwrap_or_default();
    assert_eq!(shown.replace("\r\n", "\n"), filled());
    on_a_terminal(&folder, &["t.yaml", "-o", "out.yaml"]);
    assert_eq!(folder.read("out.yaml"), filled());
}

//! The output's guard where git's answer is not plain: whoever can't tell refuses, and who asks is not led astray or made to run something.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::check::staged::git;
use crate::support::{Folder, Ran, require};

const CANARY: &str = "canary-9b1f4de7";
const TOKEN: (&str, &str) = ("TOKEN", CANARY);
const TEMPLATE: &str = "password: \"{{ TOKEN }}\"\n";

fn folder() -> Folder {
    let folder = Folder::new();
    folder.file("t.yaml", TEMPLATE);
    folder
}

/// A folder with the template and, at `root` in it, a repository that ignores `ignored.yaml`.
fn repository(root: &str) -> Option<Folder> {
    if !require("git") {
        return None;
    }
    let folder = folder();
    git(&folder, &["init", "-q", root]).ok();
    folder.file(&format!("{root}/.gitignore"), "ignored.yaml\n");
    Some(folder)
}

/// `-o output` is refused with these words, and the file is not there afterwards.
#[track_caller]
fn refuses(folder: &Folder, output: &str, variables: &[(&str, &str)], parts: &[&str]) {
    let there = fs::read(folder.path().join(output)).ok();
    folder.run(&["t.yaml", "-o", output], &[&[TOKEN], variables].concat()).fails(2, parts);
    assert_eq!(fs::read(folder.path().join(output)).ok(), there);
}

#[track_caller]
fn writes(folder: &Folder, output: &str, variables: &[(&str, &str)]) {
    let ran = folder.run(&["t.yaml", "-o", output], &[&[TOKEN], variables].concat());
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    assert!(folder.read(output).contains(CANARY));
    fs::remove_file(folder.path().join(output)).expect("the result");
}

fn path(folder: &Folder, name: &str) -> String {
    folder.path().join(name).display().to_string()
}

#[test]
fn a_work_tree_whose_repository_is_not_there_is_refused() {
    if !require("git") {
        return;
    }
    let folder = folder();
    folder.file("mounted/.git", "gitdir: /nowhere/.git/worktrees/mounted\n");
    refuses(
        &folder,
        "mounted/out.yaml",
        &[],
        &["can't tell whether git could commit mounted/out.yaml", "/nowhere", "--allow-unignored"],
    );
    folder.file("empty/.git/config", "");
    refuses(&folder, "empty/out.yaml", &[], &["can't tell whether git could commit", "not a git repository", "git status"]);
    fs::create_dir(folder.path().join("dangling")).expect("a folder");
    symlink("/nowhere", folder.path().join("dangling/.git")).expect("a link");
    refuses(&folder, "dangling/out.yaml", &[], &["can't tell whether git could commit"]);
}

#[test]
fn words_of_git_in_a_path_are_not_an_answer() {
    let Some(folder) = repository("not a git repository") else { return };
    folder.file("not a git repository/.git/config", "[broken\n");
    refuses(&folder, "not a git repository/out.yaml", &[], &["can't tell whether git could commit", "bad config"]);
    // Nor is it one that git finds its work tree, but not what is in it.
    let Some(folder) = repository("r") else { return };
    folder.file("r/.git/index", "broken");
    refuses(&folder, "r/ignored.yaml", &[], &["can't tell whether git could commit", "index file"]);
}

#[test]
fn a_repository_that_variables_name_counts() {
    let Some(folder) = repository("dotfiles") else { return };
    fs::create_dir(folder.path().join("project")).expect("a folder");
    let (directory, tree) = (path(&folder, "dotfiles/.git"), path(&folder, ""));
    let parts = ["git does not ignore project/out.yaml"];
    writes(&folder, "project/out.yaml", &[]);
    refuses(&folder, "project/out.yaml", &[("GIT_DIR", &directory), ("GIT_WORK_TREE", &tree)], &parts);
    refuses(&folder, "project/out.yaml", &[("GIT_DIR", &directory)], &parts);
    folder.file("dotfiles/.git/info/exclude", "/project/out.yaml\n");
    writes(&folder, "project/out.yaml", &[("GIT_DIR", &directory), ("GIT_WORK_TREE", &tree)]);
    git(&folder, &["-C", "dotfiles", "config", "core.worktree", &tree]).ok();
    refuses(&folder, "project/more.yaml", &[("GIT_DIR", &directory)], &["git does not ignore project/more.yaml"]);
    writes(&folder, "project/out.yaml", &[("GIT_DIR", &directory)]);
    // One that is there and that git can't read may be anybody's; of one that is not there, git says so.
    folder.file("broken/config", "");
    refuses(&folder, "project/out.yaml", &[("GIT_DIR", &path(&folder, "broken"))], &["can't tell whether git could commit"]);
    writes(&folder, "project/out.yaml", &[("GIT_DIR", "/nowhere")]);
}

#[test]
fn a_work_tree_elsewhere_counts_in_its_repository() {
    let Some(folder) = repository("there") else { return };
    fs::create_dir(folder.path().join("tree")).expect("a folder");
    git(&folder, &["-C", "there", "config", "core.worktree", &path(&folder, "tree")]).ok();
    // The repository of the current directory would commit the one, and no other.
    let run = |output: &str| {
        let mut command = folder.sdlrender(&["../t.yaml", "-o", output], &[TOKEN]);
        Ran::from(command.current_dir(folder.path().join("there")).output().expect("the program starts"))
    };
    run("../tree/out.yaml").fails(2, &["git does not ignore ../tree/out.yaml"]);
    run("../out.yaml").ok();
    run("out.yaml").ok();
    // One that says nothing of a work tree elsewhere is not asked, and so need not be one that git can read.
    folder.file("broken/.git/config", "");
    let mut command = folder.sdlrender(&["../t.yaml", "-o", "../out.yaml"], &[TOKEN]);
    Ran::from(command.current_dir(folder.path().join("broken")).output().expect("the program starts")).ok();
}

#[test]
fn an_index_that_a_variable_names_counts() {
    let Some(folder) = repository("r") else { return };
    folder.file("r/ignored.yaml", "old\n");
    let index = path(&folder, "r/.git/other");
    let mut add = Command::new("git");
    add.args(["-C", "r", "add", "-f", "ignored.yaml"]).current_dir(folder.path()).env("GIT_INDEX_FILE", &index);
    assert!(add.status().expect("git starts").success());
    refuses(&folder, "r/ignored.yaml", &[("GIT_INDEX_FILE", &index)], &["git tracks r/ignored.yaml"]);
    writes(&folder, "r/ignored.yaml", &[]);
}

/// What a hook finds in its environment is about its own repository only.
#[test]
fn a_hook_can_write_elsewhere() {
    let (Some(folder), Some(other)) = (repository("r"), repository("r")) else { return };
    let program = env!("CARGO_BIN_EXE_sdlrender");
    let out = path(&other, "out.yaml");
    let hook = format!("#!/bin/sh\nTOKEN={CANARY} exec '{program}' --no-check ../t.yaml -o '{out}'\n");
    crate::support::set_mode(&folder.file("r/.git/hooks/post-commit", hook), 0o755);
    let ran = git(&folder, &["-C", "r", "commit", "--allow-empty", "-qm", "a"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    assert!(other.read("out.yaml").contains(CANARY));
}

#[test]
fn where_git_commits_nothing_the_guard_lets_write() {
    let Some(folder) = repository("r") else { return };
    writes(&folder, "r/.git/out.yaml", &[]);
    git(&folder, &["init", "-q", "--bare", "bare/.git"]).ok();
    writes(&folder, "bare/out.yaml", &[]);
    // Work trees and submodules that are whole.
    git(&folder, &["-C", "r", "add", "."]).ok();
    git(&folder, &["-C", "r", "commit", "-qm", "a"]).ok();
    git(&folder, &["-C", "r", "worktree", "add", "-q", "../tree"]).ok();
    git(&folder, &["-C", "r", "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", &path(&folder, "r"), "sub"])
        .ok();
    for inside in ["tree", "r/sub"] {
        writes(&folder, &format!("{inside}/ignored.yaml"), &[]);
        refuses(&folder, &format!("{inside}/out.yaml"), &[], &["git does not ignore"]);
    }
}

/// Git goes on with what it tracks in a folder that has become a repository of its own.
#[test]
fn a_repository_around_another_one_counts_where_it_reaches_in() {
    let Some(folder) = repository("outer") else { return };
    folder.file("outer/sub/ignored.yaml", "old\n");
    folder.file("outer/free/README", "a\n");
    folder.file("outer/tracked.yaml", "a\n");
    git(&folder, &["-C", "outer", "add", "-f", "."]).ok();
    for inner in ["sub", "free", "own"] {
        git(&folder, &["init", "-q", &format!("outer/{inner}")]).ok();
        folder.file(&format!("outer/{inner}/.git/info/exclude"), "*.yaml\n");
    }
    refuses(&folder, "outer/sub/ignored.yaml", &[], &["git tracks outer/sub/ignored.yaml"]);
    refuses(&folder, "outer/free/out.yaml", &[], &["git does not ignore outer/free/out.yaml"]);
    writes(&folder, "outer/own/out.yaml", &[]);
    // Where git can't say what it holds, nobody knows that it holds nothing there.
    let index = folder.path().join("outer/.git/index");
    let held = fs::read(&index).expect("the index");
    fs::write(&index, "broken").expect("an index");
    refuses(&folder, "outer/own/out.yaml", &[], &["can't tell whether git could commit outer/own/out.yaml"]);
    fs::write(&index, held).expect("the index");
    // In one of another program, git's answer is only its own.
    fs::create_dir(folder.path().join(".hg")).expect("a folder");
    refuses(&folder, "outer/own/out.yaml", &[], &["can't tell whether git could commit", "Mercurial"]);
}

#[test]
fn a_repository_of_another_program_is_refused() {
    for (sign, program) in [
        (".jj", "Jujutsu"),
        (".hg", "Mercurial"),
        (".svn", "Subversion"),
        (".sl", "Sapling"),
        (".bzr", "Bazaar"),
        (".pijul", "Pijul"),
        ("_darcs", "Darcs"),
        (".fslckout", "Fossil"),
    ] {
        let folder = folder();
        fs::create_dir_all(folder.path().join("r/sub")).expect("folders");
        fs::create_dir(folder.path().join("r").join(sign)).expect("a folder");
        let parts = ["can't tell whether git could commit r/sub/out.yaml", program, "--allow-unignored"];
        refuses(&folder, "r/sub/out.yaml", &[], &parts);
        // What git says of a variable does not take the place of it.
        refuses(&folder, "r/sub/out.yaml", &[("GIT_DIR", "/nowhere")], &parts);
        folder.run(&["t.yaml", "-o", "r/sub/out.yaml", "--allow-unignored"], &[TOKEN]).ok();
        writes(&folder, "out.yaml", &[]);
    }
    // Jujutsu beside git ignores what git ignores.
    let Some(folder) = repository("r") else { return };
    fs::create_dir(folder.path().join("r/.jj")).expect("a folder");
    writes(&folder, "r/ignored.yaml", &[]);
    refuses(&folder, "r/out.yaml", &[], &["git does not ignore"]);
}

#[test]
fn a_repository_of_somebody_else_comes_with_git_s_own_command() {
    let Some(folder) = repository("r") else { return };
    let owned = Command::new("chown").args(["-R", "65534", "r"]).current_dir(folder.path()).status();
    if !owned.is_ok_and(|status| status.success()) {
        crate::support::skipped("only root can give a file away");
        return;
    }
    let command = format!("git config --global --add safe.directory {}", path(&folder, "r"));
    refuses(&folder, "r/ignored.yaml", &[], &["dubious ownership", &command]);
    git(&folder, &command.split(' ').skip(1).collect::<Vec<_>>()).ok();
    writes(&folder, "r/ignored.yaml", &[]);
}

/// Standard output is this file; the program then runs with `arguments`.
fn redirected(folder: &Folder, file: File, arguments: &[&str]) -> Ran {
    Ran::from(folder.sdlrender(arguments, &[TOKEN]).stdout(file).output().expect("the program starts"))
}

#[test]
fn a_redirect_to_a_file_without_its_name_is_refused() {
    let Some(folder) = repository("r") else { return };
    let out = folder.path().join("r/out.yaml");
    let file = File::create(&out).expect("a file");
    fs::hard_link(&out, folder.path().join("r/more.yaml")).expect("a link");
    fs::remove_file(&out).expect("the file");
    let parts = ["can't tell whether git could commit standard output", "-o", "--allow-unignored"];
    redirected(&folder, file, &["t.yaml"]).fails(2, &parts);
    assert_eq!(folder.read("r/more.yaml"), "");
    // One with two names is named by one of them only.
    let outside = File::create(folder.path().join("outside.yaml")).expect("a file");
    fs::hard_link(folder.path().join("outside.yaml"), folder.path().join("r/link.yaml")).expect("a link");
    redirected(&folder, outside, &["t.yaml"]).fails(2, &["outside.yaml", "hard link"]);
    assert_eq!(folder.read("r/link.yaml"), "");
    let outside = File::options().append(true).open(folder.path().join("outside.yaml")).expect("the file");
    redirected(&folder, outside, &["t.yaml", "--allow-unignored"]).ok();
    assert!(folder.read("r/link.yaml").contains(CANARY));
    // One without any name is nobody's.
    let gone = File::create(&out).expect("a file");
    fs::remove_file(&out).expect("the file");
    redirected(&folder, gone, &["t.yaml"]).ok();
    // The system's word for it may be the name of another file.
    folder.file("r/out.yaml (deleted)", "");
    let gone = File::create(&out).expect("a file");
    fs::remove_file(&out).expect("the file");
    redirected(&folder, gone, &["t.yaml"]).ok();
}

/// Without /proc, the system names no file.
#[test]
fn a_redirect_without_proc_is_refused() {
    let Some(folder) = repository("r") else { return };
    if !require("unshare") {
        return;
    }
    let script = "mount -t tmpfs tmpfs /proc && { TOKEN=canary-9b1f4de7 \"$0\" --no-check t.yaml > r/out.yaml; echo code=$?; }";
    let mut shell = Command::new("unshare");
    shell.args(["--mount", "--map-root-user", "sh", "-c", script, env!("CARGO_BIN_EXE_sdlrender")]).current_dir(folder.path());
    let ran = Ran::from(shell.output().expect("unshare starts"));
    if !ran.stdout.contains("code=") {
        crate::support::skipped(&format!("nothing can be mounted here: {}", ran.stderr));
        return;
    }
    assert!(ran.stdout == "code=2\n" && ran.stderr.contains("can't tell whether git could commit"), "{}", ran.stderr);
    assert_eq!(folder.read("r/out.yaml"), "");
}

/// A partial clone that lacks the files it has staged, and its `.gitignore`, as somebody could send it: git would fetch them with the
/// program of the repository's choice.
fn hostile() -> Option<Folder> {
    let folder = repository("r")?;
    folder.file("r/a.tmpl.yaml", "a: 1\n");
    git(&folder, &["-C", "r", "add", "."]).ok();
    for entry in fs::read_dir(folder.path().join("r/.git/objects")).expect("objects").flatten() {
        if entry.file_name().len() == 2 {
            fs::remove_dir_all(entry.path()).expect("objects");
        }
    }
    git(&folder, &["-C", "r", "update-index", "--skip-worktree", ".gitignore"]).ok();
    fs::remove_file(folder.path().join("r/.gitignore")).expect("the file");
    let run = format!("touch {}; false", path(&folder, "ran"));
    for (key, value) in [
        ("core.repositoryFormatVersion", "1"),
        ("extensions.partialClone", "origin"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.url", "ssh://example.com/r"),
        ("protocol.ssh.allow", "always"),
        ("core.sshCommand", run.as_str()),
    ] {
        git(&folder, &["-C", "r", "config", key, value]).ok();
    }
    Some(folder)
}

#[test]
fn a_hostile_repository_starts_nothing() {
    let Some(folder) = hostile() else { return };
    let mut check = folder.sdlrender(&["check", "--staged"], &[]);
    let ran = Ran::from(check.current_dir(folder.path().join("r")).output().expect("the program starts"));
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(!folder.names().contains(&"ran".to_owned()), "{}", ran.stderr);
    let ran = folder.run(&["t.yaml", "-o", "r/out.yaml"], &[TOKEN]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(!folder.names().contains(&"ran".to_owned()), "{}", ran.stderr);
    // Git by itself does start it.
    let _ = Command::new("git").args(["-C", "r", "cat-file", "blob", ":a.tmpl.yaml"]).current_dir(folder.path()).output();
    assert!(folder.names().contains(&"ran".to_owned()));
}

/// `extract` reads the history; a repository can have git start a program for each signed commit that it shows.
#[test]
fn no_signature_is_looked_at() {
    let Some(folder) = repository("r") else { return };
    let evil = folder.file("evil", format!("#!/bin/sh\ntouch {}\n", path(&folder, "ran")));
    crate::support::set_mode(&evil, 0o755);
    let filled = "services:\n  a:\n    image: ghcr.io/a/b:1\n    env:\n      - DB_PASSWORD=canary-5d0c-41b2-9f\n";
    folder.file("r/deploy.yaml", filled);
    git(&folder, &["-C", "r", "add", "."]).ok();
    git(&folder, &["-C", "r", "commit", "-qm", "a"]).ok();
    let commit = git(&folder, &["-C", "r", "cat-file", "commit", "HEAD"]).ok();
    let signature = "\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n\n";
    folder.file("commit", commit.replacen("\n\n", signature, 1));
    let signed = git(&folder, &["-C", "r", "hash-object", "-t", "commit", "-w", "../commit"]).ok();
    git(&folder, &["-C", "r", "reset", "-q", "--soft", signed.trim()]).ok();
    git(&folder, &["-C", "r", "config", "log.showSignature", "true"]).ok();
    git(&folder, &["-C", "r", "config", "gpg.program", &path(&folder, "evil")]).ok();
    let ran = folder.run(&["extract", "r/deploy.yaml", "--to", "env-file", "--yes"], &[]);
    assert!(ran.code == Some(0) && ran.stderr.contains("git's history has"), "{}", ran.stderr);
    assert!(!folder.names().contains(&"ran".to_owned()), "{}", ran.stderr);
    git(&folder, &["-C", "r", "log", "-1"]).ok();
    assert!(folder.names().contains(&"ran".to_owned()));
}

#[test]
fn git_has_a_time_limit() {
    let Some(folder) = repository("r") else { return };
    let exclude = folder.path().join("r/.git/info/exclude");
    fs::remove_file(&exclude).expect("the file");
    assert!(Command::new("mkfifo").arg(&exclude).status().expect("mkfifo starts").success());
    let start = Instant::now();
    let mut child = folder.sdlrender(&["t.yaml", "-o", "r/out.yaml"], &[TOKEN]).stderr(Stdio::piped()).spawn().expect("a start");
    while child.try_wait().expect("a state").is_none() {
        if start.elapsed() > Duration::from_secs(20) {
            child.kill().expect("an end");
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ran::from(child.wait_with_output().expect("an end")).fails(2, &["git did not answer within 10 s", "--allow-unignored"]);
}

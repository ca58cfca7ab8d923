//! `check --staged`: what the next commit holds, not what lies around.

use std::process::Command;

use super::{is_discreet, sdl, token};
use crate::support::{Folder, Ran, require, set_mode};

/// Git in `folder`, with a configuration of its own.
pub(crate) fn git(folder: &Folder, arguments: &[&str]) -> Ran {
    let mut git = Command::new("git");
    git.args(["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"]).args(arguments);
    git.current_dir(folder.path()).env_clear().env("HOME", folder.path()).env("GIT_CONFIG_NOSYSTEM", "1");
    git.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    Ran::from(git.output().expect("git starts"))
}

pub(crate) fn repository() -> Option<Folder> {
    if !require("git") {
        return None;
    }
    let folder = Folder::new();
    git(&folder, &["init", "-q"]).ok();
    Some(folder)
}

#[test]
fn the_index_is_read_and_not_the_work_tree() {
    let Some(folder) = repository() else { return };
    folder.file("a.tmpl.yaml", sdl("ghcr.io/o/app"));
    folder.run(&["check", "--staged", "--strict"], &[]).ok();
    git(&folder, &["add", "a.tmpl.yaml"]).ok();
    // Mended in the work tree alone.
    folder.file("a.tmpl.yaml", sdl("ghcr.io/o/app:1"));
    folder.run(&["check", "--staged", "--strict"], &[]).fails(1, &["--> a.tmpl.yaml:4:12", "image-tag", "1 template checked"]);
    git(&folder, &["add", "a.tmpl.yaml"]).ok();
    // Broken in the work tree alone.
    folder.file("a.tmpl.yaml", "no: SDL\n");
    folder.run(&["check", "--staged", "--strict"], &[]).ok();
    git(&folder, &["commit", "-qm", "a"]).ok();
    let ran = folder.run(&["check", "--staged"], &[]);
    assert_eq!(ran.stderr, "note: 0 templates checked: nothing found\n");
}

#[test]
fn only_templates_that_the_commit_changes_are_read() {
    let Some(folder) = repository() else { return };
    for name in ["old.tmpl.yaml", "gone.tmpl.yaml"] {
        folder.file(name, "no: SDL\n");
    }
    git(&folder, &["add", "."]).ok();
    git(&folder, &["commit", "-qm", "a"]).ok();
    git(&folder, &["rm", "-q", "gone.tmpl.yaml"]).ok();
    git(&folder, &["mv", "old.tmpl.yaml", "d.tmpl.yaml"]).ok();
    for name in ["ü :(x)\n.tmpl.yml", "d/e.tmpl.yaml", "d/f.yaml"] {
        folder.file(name, sdl("ghcr.io/o/app"));
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink("nowhere", folder.path().join("link.tmpl.yaml")).expect("a link");
    git(&folder, &["add", "."]).ok();
    let files = |arguments: &[&str]| -> Vec<String> {
        let ran = folder.run(&[&["check", "--format", "json", "--staged"], arguments].concat(), &[]);
        let report: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
        let files = report["files"].as_array().expect("files").iter();
        files.map(|file| file.as_str().expect("text").to_owned()).collect()
    };
    assert_eq!(files(&[]), ["d.tmpl.yaml", "d/e.tmpl.yaml", "d/f.yaml", "ü :(x)\n.tmpl.yml"]);
    assert_eq!(files(&["d"]), ["d/e.tmpl.yaml", "d/f.yaml"]);
    assert_eq!(files(&["d/f.yaml", "./d.tmpl.yaml"]), ["d/f.yaml", "./d.tmpl.yaml"]);
    // What is named is checked whether it changes or not, and must be there.
    git(&folder, &["commit", "-qm", "b"]).ok();
    assert_eq!(files(&[]), Vec::<String>::new());
    assert_eq!(files(&["d"]), Vec::<String>::new());
    assert_eq!(files(&["d.tmpl.yaml"]), ["d.tmpl.yaml"]);
    folder.run(&["check", "--staged", "d"], &[]).ok();
    // A folder that holds nothing to check is a mistake.
    folder.file("docs/README.md", "# Notes\n");
    for add in [false, true] {
        if add {
            git(&folder, &["add", "docs"]).ok();
        }
        let parts = ["nothing to check is staged in docs", "name other files"];
        folder.run(&["check", "--staged", "docs"], &[]).fails(2, &parts);
        folder.run(&["check", "--staged", "./docs", "d"], &[]).fails(2, &["nothing to check is staged in ./docs"]);
    }
    folder.run(&["check", "--staged", "."], &[]).ok();
    folder.file("new.yaml", sdl("ghcr.io/o/app:1"));
    for name in ["new.yaml", "nothing", "link.tmpl.yaml"] {
        folder.run(&["check", "--staged", "d.tmpl.yaml", name], &[]).fails(2, &[&format!("{name} is not staged"), "git add"]);
    }
}

/// The SDL that a render gave, under whatever name.
#[test]
fn a_filled_sdl_is_found_whatever_its_name() {
    let Some(folder) = repository() else { return };
    let filled =
        sdl("ghcr.io/o/app:1").replace("{{ TOKEN }}", "canary-word").replace("{{ PASSWORD | urlencode }}", "canary-word");
    for name in ["deploy.yaml", "out/deploy.yml", "deploy", "sdl.yaml.bak", "ü deploy.txt"] {
        folder.file(name, &filled);
    }
    for name in ["README.md", "notes.txt"] {
        folder.file(name, format!("# Notes\n\nThis is an SDL:\n\n```yaml\n{filled}```\n"));
    }
    folder.file("compose.yaml", "services:\n  web:\n    image: x\n");
    folder.file("binary", [0_u8, 159, 146, 150].repeat(1000));
    folder.file("large.yaml", format!("{filled}# {}\n", "x".repeat(2_000_000)));
    git(&folder, &["add", "."]).ok();
    let ran = folder.run(&["check", "--staged"], &[]);
    is_discreet(&ran);
    let shown = ran.fails(1, &["literal-password", "5 templates checked"]);
    for name in ["deploy.yaml:5", "out/deploy.yml:5", "--> deploy:5", "sdl.yaml.bak:5", "ü deploy.txt:5"] {
        assert!(shown.contains(name), "{name} is not in:\n{shown}");
    }
    let ran = folder.run(&["check", "--staged", "deploy.yaml"], &[]);
    is_discreet(&ran);
    ran.fails(1, &["literal-password", "1 template checked"]);
    // Named, it is checked even if it is nothing of the kind.
    folder.run(&["check", "--staged", "compose.yaml"], &[]).fails(1, &["compose.yaml"]);
}

#[test]
fn secrets_in_env_files_are_found() {
    let Some(folder) = repository() else { return };
    folder.file("sub/.env.prod", "TAG=v1\nDB_PASSWORD='canary-word'\n");
    folder.file("sub/.env", format!("TAG=v1\nANY={}\nURL=postgres://u:canary-word@h/d\n", token()));
    folder.file("sub/.envrc", "export API_KEY=canary-word\n");
    folder.file("sub/.env.local", "API_KEY=canary-word # sdlrender: allow dotenv-secret\n");
    folder.file(".env.dev", "TAG=v1\nDB_PASSWORD=changeme\nAPI_KEY=\nLEVEL=debug\n");
    for name in [".env.example", ".env.prod.sample", ".env.template"] {
        folder.file(name, "DB_PASSWORD=canary-word\n");
    }
    git(&folder, &["add", "-f", "."]).ok();
    let ran = folder.run(&["check", "--staged"], &[]);
    is_discreet(&ran);
    let shown = ran.fails(1, &["error[dotenv-secret]", "5 files checked: 4 errors", "git rm --cached"]);
    for place in ["sub/.env.prod:2:", "sub/.env:2:", "sub/.env:3:", "sub/.envrc:1", "DB_PASSWORD=********"] {
        assert!(shown.contains(place), "{place} is not in:\n{shown}");
    }
    // Named, an example is checked as well; and without --staged, a file that git tracks.
    for arguments in [&["check", "--staged", ".env.example"][..], &["check", ".env.example"], &["check", "sub/.env.prod"]] {
        let ran = folder.run(arguments, &[]);
        is_discreet(&ran);
        ran.fails(1, &["dotenv-secret"]);
    }
    // Where it is ignored, its values are in their place.
    folder.file(".gitignore", ".env.mine\n");
    folder.file(".env.mine", "DB_PASSWORD=canary-word\n");
    folder.run(&["check", ".env.mine"], &[]).ok();
    folder.run(&["check", "--format", "sarif", "--staged"], &[]).code.filter(|code| *code == 1).expect("findings");
}

#[test]
fn what_is_included_is_read_from_the_index_as_well() {
    let Some(folder) = repository() else { return };
    let whole = sdl("x").replace("    image: x\n", "{% include \"parts/web.yaml\" %}\n");
    folder.file("d/t.tmpl.yaml", &whole);
    folder.file("d/parts/web.yaml", format!("    image: ghcr.io/o/app # {}\n", token()));
    git(&folder, &["add", "."]).ok();
    folder.file("d/parts/web.yaml", "    image: ghcr.io/o/app:1\n");
    let ran = folder.run(&["check", "--staged"], &[]);
    is_discreet(&ran);
    ran.fails(1, &["--> d/parts/web.yaml:1:12", "image-tag", "token-in-template"]);
    // What is not staged is not there, whatever lies around.
    git(&folder, &["rm", "-qf", "--cached", "d/parts/web.yaml"]).ok();
    folder.run(&["check", "--staged"], &[]).fails(1, &["parts/web.yaml"]);
    folder.file("out.yaml", "    image: ghcr.io/o/app:1\n");
    folder.file("d/t.tmpl.yaml", whole.replace("parts/web.yaml", "../out.yaml"));
    git(&folder, &["add", "."]).ok();
    folder.run(&["check", "--staged"], &[]).fails(1, &["outside the template's folder"]);
}

/// `git commit FILE` has an index of its own for the hook.
#[test]
fn a_hook_sees_the_index_that_is_committed() {
    let Some(folder) = repository() else { return };
    let program = env!("CARGO_BIN_EXE_sdlrender");
    let hook = folder.file(".git/hooks/pre-commit", format!("#!/bin/sh\nexec '{program}' check --staged --strict\n"));
    set_mode(&hook, 0o755);
    folder.file("a.tmpl.yaml", sdl("ghcr.io/o/app:1"));
    folder.file("b.tmpl.yaml", sdl("ghcr.io/o/app:1"));
    git(&folder, &["add", "."]).ok();
    git(&folder, &["commit", "-qm", "a"]).ok();
    folder.file("a.tmpl.yaml", sdl("ghcr.io/o/app:2"));
    folder.file("b.tmpl.yaml", sdl("ghcr.io/o/app"));
    git(&folder, &["add", "b.tmpl.yaml"]).ok();
    // The other file's fault is not in this commit.
    git(&folder, &["commit", "-qm", "b", "a.tmpl.yaml"]).ok();
    let ran = git(&folder, &["commit", "-qm", "c"]);
    assert!(ran.code == Some(1) && ran.stderr.contains("b.tmpl.yaml:4:12"), "{}", ran.stderr);
    // From another work tree.
    git(&folder, &["worktree", "add", "-q", "other"]).ok();
    folder.file("other/a.tmpl.yaml", sdl("ghcr.io/o/app"));
    let ran = git(&folder, &["-C", "other", "commit", "-qam", "d"]);
    assert!(ran.code == Some(1) && ran.stderr.contains("a.tmpl.yaml:4:12"), "{}", ran.stderr);
}

#[test]
fn without_a_repository_it_says_so() {
    if !require("git") {
        return;
    }
    Folder::new().run(&["check", "--staged"], &[]).fails(2, &["git can't list the staged files", "not a git repository"]);
}

//! The hook of the pre-commit framework, run by the framework itself on a local clone.

use std::path::Path;
use std::process::Command;

use super::sdl;
use super::staged::{git, repository};
use crate::support::{Folder, Ran, require};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A repository with the hooks and the program's sources, as the framework clones it.
fn hooks(files: &[&str]) -> Option<Folder> {
    let folder = repository()?;
    for file in files {
        copy(&Path::new(ROOT).join(file), &folder.path().join(file));
    }
    git(&folder, &["add", "."]).ok();
    git(&folder, &["commit", "-qm", "hooks"]).ok();
    Some(folder)
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        std::fs::create_dir_all(to).expect("a folder");
        for entry in std::fs::read_dir(from).expect("a folder") {
            let name = entry.expect("an entry").file_name();
            copy(&from.join(&name), &to.join(&name));
        }
    } else {
        std::fs::copy(from, to).expect("a copy");
    }
}

fn pre_commit(folder: &Folder, arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
    let mut command = Command::new("pre-commit");
    command.args(arguments).current_dir(folder.path()).env_clear().env("HOME", folder.path());
    command.env("PRE_COMMIT_HOME", folder.path().join(".cache")).envs(variables.iter().copied());
    let built = Path::new(env!("CARGO_BIN_EXE_sdlrender")).parent().expect("a folder").to_owned();
    let search = std::env::var_os("PATH").unwrap_or_default();
    let search: Vec<_> = std::iter::once(built).chain(std::env::split_paths(&search)).collect();
    command.env("PATH", std::env::join_paths(search).expect("a search path"));
    command.env("GIT_AUTHOR_NAME", "A").env("GIT_AUTHOR_EMAIL", "a@example.com");
    command.env("GIT_COMMITTER_NAME", "A").env("GIT_COMMITTER_EMAIL", "a@example.com");
    Ran::from(command.output().expect("pre-commit starts"))
}

/// The framework with `hook` refuses a commit's fault, and takes it mended.
fn runs(hooks: &Folder, hook: &str, variables: &[(&str, &str)]) {
    let Some(folder) = repository() else { return };
    let revision = git(hooks, &["rev-parse", "HEAD"]).ok();
    let config = format!(
        "repos:\n- repo: {}\n  rev: {}\n  hooks:\n  - id: {hook}\n    args: [--strict]\n",
        hooks.path().display(),
        revision.trim()
    );
    folder.file(".pre-commit-config.yaml", config);
    folder.file(".gitignore", ".cache/\n");
    folder.file("d/bad.tmpl.yaml", sdl("ghcr.io/o/app"));
    folder.file("other.yaml", "no: SDL\n");
    git(&folder, &["add", "."]).ok();
    let ran = pre_commit(&folder, &["run"], variables);
    let shown = format!("{}{}", ran.stdout, ran.stderr);
    for part in ["Failed", "d/bad.tmpl.yaml:4:12", "image-tag", "1 template checked"] {
        assert!(ran.code == Some(1) && shown.contains(part), "`{part}` is not in:\n{shown}");
    }
    folder.file("d/bad.tmpl.yaml", sdl("ghcr.io/o/app:1"));
    git(&folder, &["add", "."]).ok();
    let ran = pre_commit(&folder, &["run"], variables);
    assert!(ran.stdout.contains("Passed"), "{}", ran.stdout);
    // Nothing to do with it.
    folder.file("other.yaml", "a: b\n");
    let ran = pre_commit(&folder, &["run", "--files", "other.yaml"], variables);
    assert!(ran.stdout.contains("Passed"), "{}", ran.stdout);
    // A filled SDL and a `.env` file, in a commit and in a run over everything.
    folder.file("filled.yaml", sdl("ghcr.io/o/app"));
    folder.file("d/.env", "DB_PASSWORD=canary-word\n");
    git(&folder, &["add", "."]).ok();
    for arguments in [&["run"][..], &["run", "--all-files"]] {
        let ran = pre_commit(&folder, arguments, variables);
        let shown = format!("{}{}", ran.stdout, ran.stderr);
        for part in ["Failed", "filled.yaml:4:12", "d/.env:1:", "dotenv-secret"] {
            assert!(ran.code == Some(1) && shown.contains(part), "`{part}` is not in:\n{shown}");
        }
    }
}

#[test]
fn the_framework_runs_the_program_that_is_installed() {
    if !require("pre-commit") {
        return;
    }
    let Some(hooks) = hooks(&[".pre-commit-hooks.yaml"]) else { return };
    runs(&hooks, "sdlrender-check-system", &[]);
}

/// The framework builds the program: minutes, so only on request.
#[test]
#[ignore = "builds the program once more"]
fn the_framework_builds_the_program() {
    if !require("pre-commit") || !require("cargo") {
        return;
    }
    let files = [".pre-commit-hooks.yaml", "Cargo.toml", "Cargo.lock", "src", "yaml", "templates", "README.md"];
    let Some(hooks) = hooks(&files) else { return };
    let home = std::env::var("HOME").unwrap_or_default();
    let variable = |name: &str, folder: &str| std::env::var(name).unwrap_or_else(|_| format!("{home}/{folder}"));
    let (cargo, rustup) = (variable("CARGO_HOME", ".cargo"), variable("RUSTUP_HOME", ".rustup"));
    let variables = [
        ("CARGO_HOME", cargo.as_str()),
        ("RUSTUP_HOME", rustup.as_str()),
        // As fast as it can be built; what is built is not looked at.
        ("CARGO_PROFILE_RELEASE_LTO", "off"),
        ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0"),
        ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
    ];
    runs(&hooks, "sdlrender-check", &variables);
}

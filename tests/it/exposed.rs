//! Files that give secrets are guarded as the output is: one that git tracks or would add is warned of, and refused with --strict.

use crate::check::staged::{git, repository};
use crate::support::{Folder, Ran, set_mode};

const TEMPLATE: &str = "password: \"{{ TOKEN }}\"\n";
const LINE: &str = "TOKEN=canary-5d0c\n";

/// A repository with the template and this file, which git does not ignore.
fn exposed(name: &str, content: &str) -> Option<Folder> {
    let folder = repository()?;
    folder.file("t.yaml", TEMPLATE);
    set_mode(&folder.file(name, content), 0o600);
    Some(folder)
}

/// A render warns with these words; with --strict it writes nothing.
#[track_caller]
fn warns(folder: &Folder, arguments: &[&str], variables: &[(&str, &str)], part: &str) {
    let ran = folder.run(arguments, variables);
    assert!(ran.code == Some(0) && ran.stderr.contains(part), "`{part}` is not in:\n{}", ran.stderr);
    let strict = [arguments, &["--strict"]].concat();
    folder.run(&strict, variables).fails(1, &[part, "nothing was written"]);
}

#[track_caller]
fn is_silent(ran: Ran) {
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
}

#[test]
fn an_env_file_that_git_would_add_or_tracks_is_warned_of() {
    let Some(folder) = exposed(".env", LINE) else { return };
    warns(&folder, &["t.yaml"], &[], "git does not ignore .env, which gave a secret");
    git(&folder, &["add", ".env"]).ok();
    warns(&folder, &["t.yaml"], &[], "git tracks .env, which gave a secret");
    let ran = folder.run(&["list", "t.yaml"], &[]);
    assert!(ran.stderr.contains("git tracks .env, which gave a secret"), "{}", ran.stderr);
    // Ignored and tracked all the same.
    folder.file(".gitignore", ".env*\n");
    warns(&folder, &["t.yaml"], &[], "git tracks .env");
    git(&folder, &["rm", "-q", "--cached", ".env"]).ok();
    is_silent(folder.run(&["t.yaml", "--strict"], &[]));
}

#[test]
fn the_file_that_gave_the_value_is_meant_and_no_other() {
    let Some(folder) = exposed(".env.prod", LINE) else { return };
    set_mode(&folder.file(".env", "OTHER=1\nTAG=v1\n"), 0o600);
    let ran = folder.run(&["t.yaml", "--profile", "prod"], &[]);
    assert!(ran.stderr.contains("git does not ignore .env.prod") && !ran.stderr.contains(".env,"), "{}", ran.stderr);
    // Not asked for a value, or only for one that is not a secret.
    is_silent(folder.run(&["t.yaml", "--profile", "prod", "--strict"], &[("TOKEN", "canary-5d0c")]));
    folder.file("vars.yaml", "tag: \"{{ vars.TAG }}\"\n");
    is_silent(folder.run(&["vars.yaml", "--strict"], &[]));
}

#[test]
fn files_that_are_values_are_meant_as_well() {
    let Some(folder) = exposed("key", "canary-5d0c") else { return };
    folder.file("t.yaml", "password: \"{{ file('key') }}\"\n");
    warns(&folder, &["t.yaml"], &[], "git does not ignore key, which gave a secret");
    folder.file("t.yaml", TEMPLATE);
    let path = folder.path().join("key").display().to_string();
    warns(&folder, &["t.yaml"], &[("TOKEN_FILE", &path)], "key, which gave a secret");
    folder.file(".gitignore", "key\n");
    is_silent(folder.run(&["t.yaml", "--strict"], &[("TOKEN_FILE", &path)]));
}

/// A link is ignored, and what it leads to is not.
#[test]
fn a_link_leads_to_the_file_that_is_meant() {
    let Some(folder) = exposed("shared/team.env", LINE) else { return };
    let link = |to: &str, name: &str| std::os::unix::fs::symlink(to, folder.path().join(name)).expect("a link");
    link("shared/team.env", ".env");
    link(".env", "key");
    folder.file(".gitignore", ".env\nkey\n");
    warns(&folder, &["t.yaml"], &[], "git does not ignore shared/team.env, which gave a secret");
    warns(&folder, &["t.yaml"], &[("TOKEN_FILE", "key")], "git does not ignore shared/team.env");
    git(&folder, &["add", "shared"]).ok();
    warns(&folder, &["t.yaml"], &[], "git tracks shared/team.env, which gave a secret");
    // A link that git tracks holds no value.
    let outside = Folder::new();
    set_mode(&outside.file("env", LINE), 0o600);
    std::fs::remove_file(folder.path().join(".env")).expect("the link");
    link(&outside.path().join("env").display().to_string(), ".env");
    git(&folder, &["add", "-f", ".env"]).ok();
    is_silent(folder.run(&["t.yaml", "--strict"], &[]));
}

/// Only a link is followed: a file is told by the path that was given for it.
#[test]
fn a_file_is_told_as_it_was_named() {
    let Some(folder) = exposed("shared/team.env", LINE) else { return };
    std::os::unix::fs::symlink("shared", folder.path().join("linked")).expect("a link");
    let absolute = folder.path().join("shared/team.env").display().to_string();
    for path in [absolute.as_str(), "linked/team.env"] {
        warns(&folder, &["t.yaml", "--env-file", path], &[], &format!("git does not ignore {path}, which gave a secret"));
    }
}

#[test]
fn systemd_s_credentials_are_meant_as_well() {
    let Some(folder) = exposed("credentials/TOKEN", "canary-5d0c") else { return };
    let path = folder.path().join("credentials").display().to_string();
    warns(&folder, &["t.yaml"], &[("CREDENTIALS_DIRECTORY", &path)], "credentials/TOKEN, which gave a secret");
}

#[test]
fn where_nobody_can_tell_it_says_so() {
    let Some(folder) = exposed(".env", LINE) else { return };
    folder.file(".git/config", "[broken\n");
    warns(&folder, &["t.yaml"], &[], "can't tell whether git could commit .env");
}

#[test]
fn strict_is_about_every_warning_and_writes_nothing() {
    let folder = Folder::new();
    folder.file("t.yaml", TEMPLATE);
    set_mode(&folder.file(".env", LINE), 0o644);
    folder.file("out.yaml", "old\n");
    folder.run(&["t.yaml", "--strict", "-o", "out.yaml"], &[]).fails(1, &["other users can read .env", "nothing was written"]);
    assert_eq!(folder.read("out.yaml"), "old\n");
    set_mode(&folder.path().join(".env"), 0o600);
    is_silent(folder.run(&["t.yaml", "--strict", "-o", "out.yaml"], &[]));
}

//! The project's commands run only after `sdlrender trust`, and only as they were then.

use super::*;

const COMMANDS: &str = "[secrets.A]\ncommand = [\"sh\", \"-c\", \"touch ran; pwd\"]\n[profile.prod.secrets.B]\ncommand = [\"printf\", \"b\\u202e\"]\n";

fn digest(folder: &Folder) -> String {
    folder.run(&["trust", "--show"], &[]).ok().trim_end().to_owned()
}

#[test]
fn nothing_runs_before_it_is_trusted() {
    let folder = folder("a: \"{{ A }}\"\n", COMMANDS);
    render(&folder, &[], &[])
        .fails(1, &["no value for `A`: its command in sdlrender.toml has not been trusted on this machine", "`sdlrender trust`"]);
    // The other sources need no trust, nor do other commands.
    assert_eq!(render(&folder, &[], &[("A", "given")]).ok(), "a: \"given\"\n");
    assert_eq!(render(&folder, &["--from-command", "A=printf option"], &[]).ok(), "a: \"option\"\n");
    assert_eq!(folder.run(&["t.tmpl.yaml", "--redact"], &[]).ok(), "a: \"********\"\n");
    folder.run(&["check", "t.tmpl.yaml", "--set", "X=1"], &[]);
    // A name whose command is not trusted counts as defined, or the text would depend on it.
    folder.file("t.tmpl.yaml", "{% if A is defined %}a: \"{{ A }}\"{% endif %}\n");
    render(&folder, &[], &[]).fails(1, &["has not been trusted"]);
    assert_eq!(folder.names(), ["sdlrender.toml", "t.tmpl.yaml"], "no command has run");
}

#[test]
fn what_was_trusted_is_this_content_in_this_place() {
    let folder = folder("a: \"{{ A }}\"\n", COMMANDS);
    let here = folder.path().canonicalize().expect("a path").display().to_string();
    let trusted = || render(&folder, &[], &[]).code == Some(0);
    folder.run(&["trust", "--yes"], &[]).ok();
    // It runs in the project's folder.
    assert_eq!(render(&folder, &[], &[]).ok(), format!("a: \"{here}\"\n"));
    assert!(folder.names().contains(&"ran".to_owned()));
    folder.file("sdlrender.toml", format!("{COMMANDS}# changed\n"));
    assert!(!trusted());
    folder.run(&["trust", "t.tmpl.yaml", "-y"], &[]).ok();
    assert!(trusted());
    // What was trusted before is not any more.
    folder.file("sdlrender.toml", COMMANDS);
    assert!(!trusted());
    folder.run(&["trust", ".", "--yes"], &[]).ok();
    assert!(trusted());
    // Another clone.
    folder.file("clone/t.tmpl.yaml", "a: \"{{ A }}\"\n");
    folder.file("clone/sdlrender.toml", COMMANDS);
    folder.run(&["clone/t.tmpl.yaml"], &[]).fails(1, &["its command in clone/sdlrender.toml has not been trusted"]);
    folder.run(&["trust", "--revoke"], &[]).ok();
    assert!(!trusted());
    assert!(folder.run(&["trust", "--revoke"], &[]).ok().is_empty());
}

#[test]
fn what_is_remembered_is_for_this_user_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = folder("a: \"{{ A }}\"\n", COMMANDS);
    let elsewhere = folder.path().join("state").display().to_string();
    folder.run(&["trust", "--yes"], &[("XDG_STATE_HOME", &elsewhere)]).ok();
    assert_eq!(render(&folder, &[], &[]).code, Some(1));
    let kept = render(&folder, &[], &[("XDG_STATE_HOME", &elsewhere)]);
    assert_eq!(kept.code, Some(0), "{}", kept.stderr);
    let place = folder.path().join("state/sdlrender/trust");
    let mode = |path: &std::path::Path| std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    let file = std::fs::read_dir(&place).expect("a folder").next().expect("a file").expect("an entry").path();
    assert_eq!((mode(&place), mode(&file)), (0o700, 0o600));
    // A relative path is not one.
    folder.run(&["trust", "--yes"], &[("XDG_STATE_HOME", "relative")]).ok();
    assert!(!folder.names().contains(&"relative".to_owned()) && folder.names().contains(&".local".to_owned()));
    // A folder that can't be written to.
    let blocked = folder.file("blocked", "");
    folder.run(&["trust", "--yes", "clone"], &[]).fails(2, &["there is no file or folder clone"]);
    folder.file("clone/sdlrender.toml", COMMANDS);
    let failed = folder.run(&["trust", "--yes", "clone"], &[("XDG_STATE_HOME", &blocked.display().to_string())]);
    failed.fails(2, &["SDLRENDER_TRUST"]);
}

#[test]
fn ci_has_the_digest_of_the_content() {
    let folder = folder("a: \"{{ A }}\"\n", COMMANDS);
    let digest = digest(&folder);
    if require("sha256sum") {
        let sum = Command::new("sha256sum").arg(folder.path().join("sdlrender.toml")).output().expect("a start");
        assert!(String::from_utf8_lossy(&sum.stdout).starts_with(&digest));
    }
    let given = |digest: &str| render(&folder, &[], &[("SDLRENDER_TRUST", digest)]).code;
    assert_eq!(given(&digest), Some(0));
    assert_eq!(given(&format!("{}, {}", "0".repeat(64), digest.to_uppercase())), Some(0));
    assert_eq!(given(&digest[1..]), Some(1));
    assert_eq!(given(""), Some(1));
    assert_eq!(given("1"), Some(1));
    folder.file("sdlrender.toml", format!("{COMMANDS}\n"));
    assert_eq!(given(&digest), Some(1));
}

#[test]
fn the_commands_are_shown_before_anyone_is_asked() {
    let folder = folder("a: \"{{ A }}\"\n", COMMANDS);
    let shown = folder.run(&["trust", "--show"], &[]);
    for part in [
        "sdlrender.toml has 2 commands",
        "A     any      [\"sh\", \"-c\", \"touch ran; pwd\"]",
        "B     prod     [\"printf\", \"b\\u{202e}\"]",
    ] {
        assert!(shown.stderr.contains(part), "{}", shown.stderr);
    }
    let said = folder.run(&["trust"], &[]).fails(2, &["this is not a terminal", "sdlrender trust --yes"]);
    assert!(said.contains("touch ran"), "{said}");
    folder.file("sdlrender.toml", DESCRIBED);
    assert!(folder.run(&["trust"], &[]).stderr.contains("has no commands, so there is nothing to trust"));
    std::fs::remove_file(folder.path().join("sdlrender.toml")).expect("it is there");
    folder.run(&["trust"], &[]).fails(2, &["there is no sdlrender.toml in . or in the repository above it"]);
}

#[cfg(target_os = "linux")]
#[test]
fn at_a_terminal_the_answer_counts() {
    if !require("script") {
        return;
    }
    let folder = folder("a: \"{{ A }}\"\n", COMMANDS);
    let answered = |answer: &str| {
        use std::io::Write as _;
        let mut script = Command::new("timeout");
        let line = format!("{} trust", env!("CARGO_BIN_EXE_sdlrender"));
        script.args(["20", "script", "--quiet", "--return", "--command", &line, "/dev/null"]).current_dir(folder.path());
        script.env("HOME", folder.path()).env_remove("XDG_STATE_HOME").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = script.spawn().expect("script starts");
        child.stdin.take().expect("a pipe").write_all(answer.as_bytes()).expect("an answer");
        let output = child.wait_with_output().expect("an end");
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    for answer in ["\n", "n\n", "no\n", "yesno\n", "\u{4}"] {
        let (code, shown) = answered(answer);
        assert_eq!(code, Some(1), "{answer:?}: {shown}");
        assert!(shown.contains("touch ran") && shown.contains("[y/N]") && shown.contains("is not trusted"), "{shown}");
    }
    assert_eq!(render(&folder, &[], &[]).code, Some(1));
    let (code, shown) = answered("y\n");
    assert!(code == Some(0) && shown.contains("is trusted as it is now"), "{shown}");
    assert_eq!(render(&folder, &[], &[]).code, Some(0));
}

/// As for `--from-command`: no shell, a time limit, and none of the template's secrets in the environment.
#[test]
fn a_command_runs_as_one_of_the_command_line_does() {
    let project = "[secrets.A]\ncommand = [\"sh\", \"-c\", \"echo $B-$C\"]\n[secrets.D]\ncommand = [\"echo\", \"$B | x\"]\n[secrets.E]\ncommand = [\"sleep\", \"60\"]\n\
        [secrets.F]\ncommand = [\"./own\"]\n[secrets.G]\ncommand = [\"no-such-program\"]\n[secrets.H]\ncommand = [\"false\"]\n";
    let folder = folder("a: \"{{ A }}{{ B }}{{ D }}\"\n", project);
    crate::support::set_mode(&folder.file("own", "#!/bin/sh\nprintf own\n"), 0o700);
    folder.run(&["trust", "--yes"], &[]).ok();
    assert_eq!(render(&folder, &[], &[("B", "secret"), ("C", "c")]).ok(), "a: \"-csecret$B | x\"\n");
    let fails = |name: &str, arguments: &[&str], part: &str| {
        folder.file("t.tmpl.yaml", format!("a: \"{{{{ {name} }}}}\"\n"));
        render(&folder, arguments, &[]).fails(1, &[&format!("the command for `{name}`"), part]);
    };
    fails("E", &["--command-timeout", "0.2"], "did not finish within 0.2 s");
    fails("G", &[], "no-such-program");
    fails("H", &[], "exited with code 1");
    folder.file("below/t.tmpl.yaml", "a: \"{{ F }}\"\n");
    std::fs::create_dir(folder.path().join(".git")).expect("a folder");
    let mut below = folder.sdlrender(&["t.tmpl.yaml"], &[]);
    assert_eq!(Ran::from(below.current_dir(folder.path().join("below")).output().expect("a start")).ok(), "a: \"own\"\n");
}

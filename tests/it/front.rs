//! The front door: no arguments, options before a command, help as wide as the terminal, completions, the manual.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use crate::support::{Folder, Ran, require};

const TEMPLATE: &str =
    "a: \"{{ GHCR_TOKEN }}\"\nb: \"{{ keychain.DEPLOY_KEY }}\"\nc: \"{{ env.PINNED }}\"\nd: \"{{ vars.TAG }}\"\n";

/// What the program offers for the last of `words`, as a shell asks it.
fn offered(folder: &Folder, words: &[&str]) -> Vec<String> {
    let index = words.len().to_string();
    let asked = [("SDLRENDER_COMPLETE", "bash"), ("_CLAP_COMPLETE_INDEX", index.as_str()), ("_CLAP_IFS", "\n")];
    let mut command = Command::new(env!("CARGO_BIN_EXE_sdlrender"));
    command.args(["--", "sdlrender"]).args(words).current_dir(folder.path()).env_clear().envs(asked);
    // Where a keychain would be asked: nobody may knock.
    let place = tempfile::tempdir().expect("a temporary folder");
    let bus = std::os::unix::net::UnixListener::bind(place.path().join("bus")).expect("a socket");
    bus.set_nonblocking(true).expect("a socket");
    let address = format!("unix:path={}", place.path().join("bus").display());
    command.env("DBUS_SESSION_BUS_ADDRESS", address).stdin(Stdio::null());
    let ran = Ran::from(command.output().expect("the program starts"));
    assert!(bus.accept().is_err(), "the keychain is asked for {words:?}");
    assert_eq!(ran.stderr, "");
    ran.ok().lines().map(str::to_owned).collect()
}

/// Those of them that are not options.
fn values(folder: &Folder, words: &[&str]) -> Vec<String> {
    offered(folder, words).into_iter().filter(|word| !word.starts_with('-')).collect()
}

#[test]
fn nothing_to_do_is_told_in_six_lines_on_standard_error() {
    let folder = Folder::judged();
    let said = folder.run(&[], &[]).fails(2, &["To begin:", "sdlrender init", "sdlrender --help"]);
    assert_eq!(said.lines().filter(|line| line.starts_with("  sdlrender ")).count(), 6);
    assert!(said.lines().all(|line| line.len() <= 80), "{said}");
}

#[test]
fn options_may_stand_before_the_command() {
    let folder = Folder::judged();
    folder.file("t.tmpl.yaml", TEMPLATE);
    folder.file("check", TEMPLATE);
    let line = |words: &[&str]| {
        let ran = folder.run(words, &[]);
        (ran.code, ran.stdout, ran.stderr)
    };
    for (before, after) in [
        (&["--set", "TAG=1", "check", "t.tmpl.yaml"][..], &["check", "--set", "TAG=1", "t.tmpl.yaml"][..]),
        (&["--set=TAG=1", "check", "t.tmpl.yaml"], &["check", "--set=TAG=1", "t.tmpl.yaml"]),
        (&["--strict", "check", "."], &["check", "--strict", "."]),
        (
            &["-e", "none.env", "--no-keychain", "list", "t.tmpl.yaml"],
            &["list", "-e", "none.env", "--no-keychain", "t.tmpl.yaml"],
        ),
        (&["-enone.env", "list", "t.tmpl.yaml"], &["list", "-enone.env", "t.tmpl.yaml"]),
        // Options that only the command has.
        (&["--rules", "--format", "json", "check"], &["check", "--rules", "--format", "json"]),
        (&["--help", "check"], &["check", "--help"]),
        (&["--redact", "check", "t.tmpl.yaml"], &["check", "--redact", "t.tmpl.yaml"]),
    ] {
        assert_eq!(line(before), line(after), "{before:?}");
    }
    // A value with a command's name is a value, and so is what comes after `--`.
    for words in [&["--no-check", "--redact", "--set", "check", "t.tmpl.yaml"][..], &["--profile", "check", "t.tmpl.yaml"]] {
        let said = folder.run(words, &[]);
        assert!(said.stderr.contains("--set <NAME=VALUE>") || said.stderr.contains("no profile `check`"), "{}", said.stderr);
    }
    folder.run(&["--no-check", "--redact", "--set", "TAG=1", "--", "check"], &[]).ok();
    // A value that is a secret in the wrong place is still not repeated.
    let said = folder.run(&["--profile", "prod", "set", "TOKEN", "a-secret-value"], &[]).fails(2, &["can't be an argument"]);
    assert!(!said.contains("a-secret-value"), "{said}");
}

#[test]
fn a_file_is_a_template_whatever_its_name() {
    let folder = Folder::judged();
    folder.file("deplyo", "a: b\n");
    assert_eq!(folder.run(&["deplyo", "--no-check"], &[]).ok(), "a: b\n");
}

#[test]
fn help_is_as_wide_as_the_terminal() {
    let folder = Folder::judged();
    for width in ["80", "100", "160"] {
        for command in [&["--help"][..], &["check", "--help"], &["completions", "--help"]] {
            let help = folder.run(command, &[("COLUMNS", width)]).ok();
            let longest = help.lines().map(|line| line.chars().count()).max();
            assert!(longest <= width.parse().ok(), "{longest:?} columns of {width} in {command:?}:\n{help}");
        }
    }
    // At 80 columns no example is broken.
    let help = folder.run(&["--help"], &[("COLUMNS", "80")]).ok();
    let (_, examples) = help.split_once("Examples:\n").expect("examples");
    let lines: Vec<&str> = examples.lines().take_while(|line| !line.is_empty()).collect();
    assert!(lines.len() > 5 && lines.iter().all(|line| line.starts_with("  sdlrender ")), "{examples}");
}

#[test]
fn what_is_known_is_offered() {
    let folder = Folder::judged();
    folder.file("app.tmpl.yaml", TEMPLATE);
    folder.file("deploy.yaml", "a: b\n");
    folder.file("sub/web.tmpl.yml", TEMPLATE);
    folder.file("broken.tmpl.yaml", "a: {{\n");
    folder.file(".env.prod", "");
    folder.file(".env.staging.local", "");
    folder.file(".env.example", "");
    assert_eq!(values(&folder, &["chec"]), ["check"]);
    assert_eq!(values(&folder, &["check", ""]), ["app.tmpl.yaml", "broken.tmpl.yaml", "sub/"]);
    assert_eq!(values(&folder, &["list", "sub/"]), ["sub/web.tmpl.yml"]);
    assert!(values(&folder, &["a"]).contains(&"app.tmpl.yaml".to_owned()));
    assert_eq!(values(&folder, &["--profile", ""]), ["prod", "staging"]);
    assert_eq!(values(&folder, &["check", "--profile", "p"]), ["prod"]);
    let rules = values(&folder, &["explain", "image-"]);
    assert!(rules.contains(&"image-tag".to_owned()) && rules.iter().all(|rule| rule.starts_with("image-")), "{rules:?}");
    // What the keychain can have: not what is pinned to the environment, nor variables.
    for command in ["set", "get", "rm"] {
        assert_eq!(values(&folder, &[command, ""]), ["DEPLOY_KEY", "GHCR_TOKEN"], "{command}");
    }
    assert_eq!(values(&folder, &["set", "--all", "ap"]), ["app.tmpl.yaml"]);
    assert_eq!(values(&folder, &["--from-command", "GH"]), ["GHCR_TOKEN="]);
    assert_eq!(values(&folder, &["completions", "p"]), ["powershell"]);
    assert!(offered(&folder, &["check", "--st"]).contains(&"--staged".to_owned()));
}

#[test]
fn each_shell_gets_a_script_that_asks_this_program() {
    let folder = Folder::judged();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = folder.run(&["completions", shell], &[]).ok();
        assert!(script.contains("SDLRENDER_COMPLETE") && script.contains("sdlrender"), "{shell}: {script}");
    }
    // A shell that nobody knows is not a reason to write into somebody's command line.
    let mut command = folder.sdlrender(&["--", "sdlrender", ""], &[("SDLRENDER_COMPLETE", "tcsh")]);
    let ran = Ran::from(command.output().expect("the program starts"));
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (Some(0), "", ""));
}

/// The shells themselves, where they are installed: they load the script, and complete with it.
#[cfg(unix)]
#[test]
fn shells_complete() {
    let folder = Folder::judged();
    folder.file("app.tmpl.yaml", TEMPLATE);
    let built = std::path::Path::new(env!("CARGO_BIN_EXE_sdlrender")).parent().expect("a folder");
    let path = format!("{}:{}", built.display(), std::env::var("PATH").expect("PATH"));
    let bash = "source <(sdlrender completions bash)
        COMP_WORDS=(sdlrender set GH); COMP_CWORD=2; COMP_TYPE=9
        _clap_complete_sdlrender sdlrender GH set; echo \"${COMPREPLY[@]}\"
        COMP_WORDS=(sdlrender a); COMP_CWORD=1
        _clap_complete_sdlrender sdlrender a sdlrender; echo \"${COMPREPLY[@]}\"";
    let fish = "sdlrender completions fish | source; complete -C 'sdlrender set GH'; complete -C 'sdlrender a'";
    // Without a terminal, zsh itself completes nothing: what it would show is printed instead.
    let zsh = "autoload -U compinit; compinit -u -D; source <(sdlrender completions zsh)
        function _describe() { print -l -- ${(P)@[-1]} }
        words=(sdlrender set GH); CURRENT=3; _clap_dynamic_completer_sdlrender
        words=(sdlrender a); CURRENT=2; _clap_dynamic_completer_sdlrender";
    for (shell, option, script) in [("bash", "--norc", bash), ("fish", "--no-config", fish), ("zsh", "-f", zsh)] {
        // Only bash is where the tests run as a rule.
        if shell != "bash" && !std::env::split_paths(&path).any(|folder| folder.join(shell).is_file()) || !require(shell) {
            continue;
        }
        let mut command = Command::new("timeout");
        command.args(["20", shell, option, "-c", script]).current_dir(folder.path());
        let ran = command.env_clear().env("PATH", &path).env("HOME", folder.path()).stdin(Stdio::null()).output();
        let ran = Ran::from(ran.expect("the shell starts"));
        assert_eq!(ran.stderr, "", "{shell}");
        let lines: Vec<String> = ran.ok().lines().map(str::to_owned).collect();
        assert!(lines.iter().any(|line| line.starts_with("GHCR_TOKEN")), "{shell}: {lines:?}");
        assert!(lines.iter().any(|line| line.starts_with("app.tmpl.yaml")), "{shell}: {lines:?}");
    }
}

#[test]
fn every_command_has_a_manual_page() {
    let folder = Folder::judged();
    let page = folder.run(&["man"], &[]).ok();
    assert!(page.contains(".TH sdlrender 1") && page.contains("\\-\\-env\\-file"), "{page}");
    let referred: BTreeSet<&str> =
        page.lines().filter_map(|line| line.strip_prefix("sdlrender\\-")?.strip_suffix("(1)")).collect();
    let help = folder.run(&["--help"], &[]).ok();
    let (_, commands) = help.split_once("Commands:\n").expect("commands");
    let listed = commands.lines().take_while(|line| !line.is_empty()).filter(|line| !line.starts_with("   "));
    let listed: BTreeSet<&str> =
        listed.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help").collect();
    assert_eq!(referred, listed);
    for command in listed {
        let page = folder.run(&["man", command], &[]).ok();
        assert!(page.contains(&format!(".TH sdlrender-{command} 1")) && page.contains(".SH SYNOPSIS"), "{page}");
        if require("man") {
            let mut man = Command::new("man");
            man.args(["--warnings", "--local-file", "-"]).env("LC_ALL", "C.UTF-8").env("MANWIDTH", "80").stdin(Stdio::piped());
            let mut man = man.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("man starts");
            std::io::Write::write_all(&mut man.stdin.take().expect("a pipe"), page.as_bytes()).expect("man reads");
            let ran = Ran::from(man.wait_with_output().expect("an end"));
            assert_eq!(ran.stderr, "", "{command}");
            assert!(ran.ok().contains("SYNOPSIS"), "{command}");
        }
    }
}

//! What a template reaches for outside of itself: which files it may not read, what `--only` leaves it, and where that is said beforehand.
#![cfg(unix)]

use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::schema::assert_valid;
use crate::support::{Folder, Ran, require};

const CANARY: &str = "canary-62d0a9f1";

/// Runs the program, which may wait for nothing.
#[track_caller]
fn run(folder: &Folder, arguments: &[&str]) -> Ran {
    let mut child = folder.sdlrender(arguments, &[("TOKEN", CANARY), ("OTHER", "canary-of-another"), ("TAG", "v1-canary")]);
    let mut child = child.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let start = Instant::now();
    while child.try_wait().expect("a state").is_none() {
        if start.elapsed() > Duration::from_secs(20) {
            child.kill().expect("an end");
            panic!("it waits: {arguments:?}");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let ran = Ran::from(child.wait_with_output().expect("an end"));
    assert!(!ran.stderr.contains("canary-"), "{}", ran.stderr);
    ran
}

fn pipe(folder: &Folder, name: &str) {
    assert!(Command::new("mkfifo").arg(folder.path().join(name)).status().expect("mkfifo starts").success());
}

#[test]
fn files_of_the_system_and_pipes_are_not_read() {
    let folder = Folder::new();
    pipe(&folder, "pipe");
    for (name, target) in [("link", "/proc/self/environ"), ("in-dev", "/dev/stdin"), ("chain", "link"), ("to-pipe", "pipe")] {
        symlink(target, folder.path().join(name)).expect("a link");
    }
    let up = "../".repeat(20);
    for path in [
        "/proc/self/environ",
        "/proc/self/status",
        "/proc/self/fd/0",
        "/dev/stdin",
        "/dev/fd/0",
        "/dev/zero",
        "/dev/tty",
        &format!("{up}proc/self/environ"),
        "pipe",
        "link",
        "in-dev",
        "chain",
        "to-pipe",
    ] {
        // A tag on the value makes what is read of it one word.
        folder.file("t.yaml", format!("a: \"{{{{ file('{path}') | b64encode }}}}\"\n"));
        run(&folder, &["t.yaml"]).fails(1, &["it is not a regular file, or it is in /proc, /sys or /dev", "NAME_FILE"]);
        folder.file("t.yaml", format!("a: \"{{% if file('{path}') is defined %}}there{{% endif %}}\"\n"));
        assert_eq!(run(&folder, &["t.yaml"]).ok(), "a: \"\"\n", "{path}");
    }
    // What leads nowhere is told as the system tells it.
    symlink("round", folder.path().join("round")).expect("a link");
    folder.file("t.yaml", "a: \"{{ file('round') }}\"\n");
    run(&folder, &["t.yaml"]).fails(1, &["can't read round: ", "symbolic links"]);
    for name in ["pipe", "to-pipe"] {
        folder.file("t.yaml", format!("{{% include '{name}' %}}\n"));
        run(&folder, &["t.yaml"]).fails(1, &[&format!("{name} is not a regular file")]);
        run(&folder, &["list", "t.yaml"]).fails(1, &["is not a regular file"]);
        let ran = run(&folder, &["check", "t.yaml"]);
        assert!(ran.code == Some(1) && ran.stderr.contains("is not a regular file"), "{}", ran.stderr);
    }
    for name in ["link", "in-dev", "/proc/self/environ", "/dev/stdin"] {
        folder.file("t.yaml", format!("{{% include '{name}' %}}\n"));
        run(&folder, &["t.yaml"]).fails(1, &["outside the template's folder"]);
    }
}

/// What the user names may be a pipe.
#[test]
fn a_pipe_that_the_user_names_is_read() {
    if !require("bash") {
        return;
    }
    let folder = Folder::new();
    folder.file("t.yaml", "a: \"{{ TOKEN }}\"\n");
    let script = format!("TOKEN_FILE=<(echo {CANARY}) exec '{}' --no-check t.yaml", env!("CARGO_BIN_EXE_sdlrender"));
    let mut bash = Command::new("bash");
    let ran = bash.args(["-c", &script]).current_dir(folder.path()).env_remove("TOKEN").output().expect("bash starts");
    assert_eq!(Ran::from(ran).ok(), format!("a: \"{CANARY}\"\n"));
}

#[test]
fn only_the_named_names_are_given() {
    let folder = Folder::new();
    folder.file("t.yaml", "a: \"{{ TOKEN }}\"\nb: \"{{ env.TOKEN }}\"\n");
    let filled = format!("a: \"{CANARY}\"\nb: \"{CANARY}\"\n");
    for only in [&["--only", "TOKEN"][..], &["--only=X,TOKEN"], &["--only", "X", "--only", "TOKEN"], &["--only", "X, TOKEN,"]] {
        assert_eq!(run(&folder, &[only, &["t.yaml"]].concat()).ok(), filled, "{only:?}");
    }
    for only in ["", "X", "TOKEN_", "token"] {
        run(&folder, &["--only", only, "t.yaml"]).fails(1, &["no value for", "--only does not name it", "--only TOKEN,…"]);
        run(&folder, &["verify", "--only", only, "t.yaml"]).fails(1, &["--only does not name it"]);
        let listed = run(&folder, &["list", "--only", only, "t.yaml"]).ok();
        assert!(listed.contains("missing") && !listed.contains("environment"), "{listed}");
    }
    // A command that the user gives for a name that is not to be had does not run.
    let command = format!("TOKEN=touch {}", folder.path().join("ran").display());
    run(&folder, &["--only", "X", "--from-command", &command, "t.yaml"]).fails(1, &["--only does not name it"]);
    assert!(!folder.names().contains(&"ran".to_owned()));
    run(&folder, &["--only", "not a name", "t.yaml"]).fails(2, &["--only GHCR_USERNAME,GHCR_TOKEN"]);
}

#[test]
fn only_keeps_everything_else_from_the_template() {
    let folder = Folder::new();
    folder.file(".env", "LAID=canary-of-a-file\nTAG=canary-tag\n");
    folder.file("key", "canary-of-a-key\n");
    let auth = r#"{"auths": {"ghcr.io": {"username": "canary-user", "password": "canary-password"}}}"#;
    folder.file(".docker/config.json", auth);
    for (expression, why) in [
        ("OTHER", "--only does not name it"),
        ("secrets.OTHER", "--only does not name it"),
        ("secrets['OT' ~ 'HER']", "--only does not name it"),
        ("env.OTHER", "--only does not name it"),
        ("dotenv.LAID", "--only does not name it"),
        ("LAID", "--only does not name it"),
        ("HOME", "--only does not name it"),
        ("[TOKEN, OTHER] | join", "--only does not name it"),
        ("TOKEN2 | default(OTHER)", "--only does not name it"),
        ("keychain.TOKEN", "--only keeps the keychain from the template"),
        ("keychain['prod/X']", "--only keeps the keychain from the template"),
        ("file('key')", "--only keeps files from the template"),
        ("docker('ghcr.io').username", "--only keeps stored logins from the template"),
        ("docker('ghcr.io').password", "--only keeps stored logins from the template"),
        ("vars.TAG", "`vars.TAG` is not set"),
        ("vars.HOME", "`vars.HOME` is not set"),
    ] {
        folder.file("t.yaml", format!("a: \"{{{{ {expression} }}}}\"\n"));
        let ran = run(&folder, &["t.yaml"]);
        assert!(ran.code == Some(0) || expression.contains("keychain"), "{expression}: {}", ran.stderr);
        let ran = run(&folder, &["--only", "TOKEN", "t.yaml"]);
        assert!(!ran.stdout.contains("canary-of") && !ran.stdout.contains("v1-canary"), "{expression}: {}", ran.stdout);
        ran.fails(1, &[why]);
        // Nor is it told whether it is there.
        folder.file("t.yaml", format!("a: \"{{% if ({expression}) is defined %}}there{{% endif %}}\"\n"));
        assert_eq!(run(&folder, &["--only", "TOKEN", "t.yaml"]).ok(), "a: \"\"\n", "{expression}");
    }
    // What is optional is left out, and what the user gives is given.
    folder.file("t.yaml", "a: \"{{ OTHER | default('none') }}\"\nb: {{ vars.TAG }}\nc: {{ vars.LAID | default('none') }}\n");
    assert_eq!(run(&folder, &["--only", "TAG", "t.yaml"]).ok(), "a: \"none\"\nb: v1-canary\nc: none\n");
    assert_eq!(run(&folder, &["--only", "", "--set", "TAG=2", "t.yaml"]).ok(), "a: \"none\"\nb: 2\nc: none\n");
    // `check` asks for plain variables.
    folder.file("t.tmpl.yaml", "{% if vars.OTHER is defined %}\nx: [\n{% endif %}\na: 1\n");
    assert!(run(&folder, &["check", "t.tmpl.yaml"]).stderr.contains("not-yaml"));
    assert!(!run(&folder, &["check", "--only", "TOKEN", "t.tmpl.yaml"]).stderr.contains("not-yaml"));
}

/// Nor is any other file read that the template includes.
#[test]
fn only_lets_a_template_include_templates() {
    let folder = Folder::new();
    folder.file("part.tmpl.yaml", "b: \"{{ TOKEN }}\"\n");
    folder.file("notes.txt", "c: canary-of-a-file\n");
    folder.file("id_ed25519.pub", "c: canary-of-a-file\n");
    folder.file("deploy.yaml", "c: \"canary-of-another\"\n");
    symlink("notes.txt", folder.path().join("link.tmpl.yaml")).expect("a link");
    symlink("part.tmpl.yaml", folder.path().join("link.yaml")).expect("a link");
    folder.file("t.yaml", "a: 1\n{% include 'part.tmpl.yaml' %}\n{% include 'none.tmpl.yml' ignore missing %}\n");
    let filled = format!("a: 1\nb: \"{CANARY}\"\n\n\n");
    assert_eq!(run(&folder, &["--only", "TOKEN", "t.yaml"]).ok().trim_end(), filled.trim_end());
    for name in
        ["notes.txt", "id_ed25519.pub", "deploy.yaml", "link.yaml", "link.tmpl.yaml", "not-there", "not/there.tmpl.yaml/x"]
    {
        for include in
            [format!("'{name}'"), format!("'{name}' ignore missing"), format!("['none', '{name}']"), format!("'' ~ '{name}'")]
        {
            folder.file("t.yaml", format!("a: 1\n{{% include {include} %}}\n"));
            folder.file("t.tmpl.yaml", folder.read("t.yaml"));
            for command in [&["t.yaml"][..], &["list", "t.yaml"], &["verify", "t.yaml"], &["check", "t.tmpl.yaml"]] {
                let ran = run(&folder, &[command, &["--only", "TOKEN"]].concat());
                assert!(ran.code == Some(1) && !ran.stdout.contains("canary"), "{include}: {ran:?}");
                assert!(ran.stderr.contains("with --only, a template can include no other file"), "{include}: {}", ran.stderr);
            }
        }
    }
}

const REACHING: &str = "\
version: \"2.0\"
services:
  web:
    image: ghcr.io/o/app:1
    credentials:
      host: https://ghcr.io
      username: \"{{ docker('ghcr.io').username }}\"
      password: \"{{ TOKEN }}\"
    env:
      - A={{ file('key.json') }}
      - B={{ [TOKEN, file('second')] | join }}
      - C={{ X | default(file('third')) }}
      - D={{ file(vars.KEY) }}
{% include \"part.yaml\" %}
{% if vars.NEVER %}
      - E={{ file('~/.ssh/id_rsa') }}
      - F={{ docker('registry.example.com/a').password }}
{% include \"other.yaml\" %}
{% endif %}
  db:
    image: redis:7
  hidden:
    image: \"{{ REGISTRY }}/app:1\"
";

#[test]
fn list_shows_every_file_and_host() {
    let folder = Folder::new();
    folder.file("t.tmpl.yaml", REACHING);
    folder.file("part.yaml", "      - G={{ file('from-part') }}\n");
    folder.file("other.yaml", "      - H={{ file('from-other') }}\n");
    let listed = run(&folder, &["list", "--set", "KEY=/etc/computed", "t.tmpl.yaml"]).ok();
    let section = listed.split_once("FILE OR HOST").expect("a second table").1;
    for (name, place, by) in [
        ("key.json", "t.tmpl.yaml:10", "file()"),
        ("second", "t.tmpl.yaml:11", "file()"),
        ("third", "t.tmpl.yaml:12", "file()"),
        ("vars.KEY", "t.tmpl.yaml:13", "file()"),
        ("/etc/computed", "t.tmpl.yaml:13", "file()"),
        ("part.yaml", "t.tmpl.yaml:14", "include"),
        ("~/.ssh/id_rsa", "t.tmpl.yaml:16", "file()"),
        ("registry.example.com/a", "t.tmpl.yaml:17", "docker()"),
        ("other.yaml", "t.tmpl.yaml:18", "include"),
        ("from-part", "part.yaml:1", "file()"),
        ("from-other", "other.yaml:1", "file()"),
        ("ghcr.io", "t.tmpl.yaml:7", "docker()"),
        ("ghcr.io", "t.tmpl.yaml:4", "image"),
        ("docker.io", "t.tmpl.yaml:21", "image"),
        ("********", "t.tmpl.yaml:23", "image"),
    ] {
        let line = section.lines().find(|line| line.split_whitespace().eq([name, place, by]));
        assert!(line.is_some(), "{name} {place} {by} is not in:\n{section}");
    }
    // The same in JSON, behind the values.
    let json = run(&folder, &["list", "--format", "json", "--set", "KEY=/etc/computed", "t.tmpl.yaml"]).ok();
    let json: Value = serde_json::from_str(&json).expect("JSON");
    assert_valid("list", &json);
    let reached = |entry: &&Value| entry["kind"] == "file" || entry["kind"] == "host";
    let text = |entry: &Value, member: &str| entry[member].as_str().expect("text").to_owned();
    let row = |entry: &Value| {
        let (name, template, by) = (text(entry, "name"), text(entry, "template"), text(entry, "by"));
        assert_eq!(entry["kind"], if ["file()", "include"].contains(&&*by) { "file" } else { "host" });
        format!("{name} {template}:{} {by}", entry["line"])
    };
    let rows: Vec<String> = json.as_array().expect("a list").iter().filter(reached).map(row).collect();
    let lines: Vec<String> = section.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(rows, lines);
    for format in [&["--format", "github"][..], &["--format", "json", "--by-name"]] {
        let told = run(&folder, &[&["list", "--set", "KEY=/etc/computed", "t.tmpl.yaml"], format].concat()).stderr;
        let note = "note: files and hosts that the template reaches for\n";
        assert!(told.contains(note) && told.contains("~/.ssh/id_rsa"), "{told}");
    }
    folder.file("none.yaml", "a: \"{{ TOKEN }}\"\n");
    assert!(!run(&folder, &["list", "none.yaml"]).ok().contains("FILE OR HOST"));
}

#[test]
fn verify_names_the_hosts_before_a_login_is_sent() {
    let folder = Folder::new();
    let service = |name: &str, image: &str, host: &str| {
        let login = format!("    credentials:\n      host: {host}\n      username: u\n      password: \"{{{{ TOKEN }}}}\"\n");
        format!("  {name}:\n    image: {image}\n{}", if host.is_empty() { String::new() } else { login })
    };
    let services = [
        service("a", "127.0.0.1:1/o/a:1", "127.0.0.1:1"),
        service("b", "127.0.0.1:2/o/a:1", ""),
        service("c", "127.0.0.1:3/o/a:1", "ghcr.io"),
        service("d", "localhost:4/o/a:1", "localhost:4"),
        service("e", "127.0.0.1:1/o/b:1", "127.0.0.1:1"),
    ];
    folder.file("t.tmpl.yaml", format!("version: \"2.0\"\nservices:\n{}", services.concat()));
    for arguments in
        [&["verify", "t.tmpl.yaml"][..], &["verify", "--format", "json", "t.tmpl.yaml"], &["--verify", "t.tmpl.yaml"]]
    {
        let ran = run(&folder, arguments);
        let note = "note: logins are sent to 127.0.0.1:1, localhost:4, or to the token server that belongs to it\n";
        assert!(ran.code == Some(1) && ran.stderr.starts_with(note), "{}", ran.stderr);
    }
}

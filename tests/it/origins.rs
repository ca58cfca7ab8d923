//! Secrets that a template takes from a file or from `docker login`, and what other programs get to see of secrets.
#![cfg(target_os = "linux")]

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::{Folder, require};

fn mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("a mode");
}

/// Renders one value written as `expression`.
fn render(folder: &Folder, expression: &str, options: &[&str], variables: &[(&str, &str)]) -> crate::support::Ran {
    folder.file("t.tmpl.yaml", format!("a: \"{{{{ {expression} }}}}\"\n"));
    let arguments: Vec<&str> = options.iter().copied().chain(["t.tmpl.yaml"]).collect();
    folder.run(&arguments, variables)
}

#[test]
fn a_file_is_a_secret() {
    let folder = Folder::new();
    mode(&folder.file("keys/key.json", "{\"private_key\": \"a\\nb\"}\n"), 0o600);
    assert_eq!(render(&folder, "file('keys/key.json')", &[], &[]).ok(), "a: \"{\\\"private_key\\\": \\\"a\\\\nb\\\"}\\n\"\n");
    assert_eq!(render(&folder, "file('keys/key.json') | trim | json('private_key')", &[], &[]).ok(), "a: \"a\\nb\"\n");
    assert_eq!(render(&folder, "file(vars.KEY) | trim", &["--set", "KEY=keys/key.json"], &[]).ok().lines().count(), 1);
    assert_eq!(render(&folder, "file('~/keys/key.json') | json('private_key')", &[], &[]).ok(), "a: \"a\\nb\"\n");
    assert_eq!(render(&folder, "file('gone') | default('x')", &[], &[]).ok(), "a: \"x\"\n");
    assert_eq!(render(&folder, "file('gone')", &["--redact"], &[]).ok(), "a: \"********\"\n");
}

#[test]
fn a_file_that_can_t_be_a_value_is_named() {
    let folder = Folder::new();
    render(&folder, "file('gone.json')", &[], &[])
        .fails(1, &["no value for `file(\"gone.json\")`", "relative to the template's folder"]);
    folder.file("bytes", [0xff, 0xfe]);
    render(&folder, "file('bytes')", &[], &[]).fails(1, &["is not UTF-8"]);
    render(&folder, "file('.')", &[], &[]).fails(1, &["is a directory", "give the path of a file"]);
    render(&folder, "file('/proc/self/mem')", &[], &[]).fails(1, &["can't read /proc/self/mem", "not a regular file"]);
    folder.file("large", "x".repeat(1024 * 1024 + 1));
    render(&folder, "file('large')", &[], &[]).fails(1, &["larger than 1 MiB"]);
    render(&folder, "file(SECRET)", &[], &[("SECRET", "a-secret-path")]).fails(1, &["is a secret and can't be used"]);
    render(&folder, "file('large') == 'x'", &[], &[]).fails(1, &["in a comparison"]);
}

#[test]
fn a_function_s_name_alone_is_told_from_a_variable() {
    let folder = Folder::new();
    for (expression, said) in [
        ("file", ["`file` is a function", "write file(\"PATH\")"]),
        ("docker", ["`docker` is a function", "docker(\"HOST\").username or"]),
        ("docker('x')", ["is a whole login", "docker(\"HOST\").password"]),
        ("docker('x').token", ["is not a part of a login", "docker(\"HOST\").password"]),
        ("range", ["`range` is a function", "loop over"]),
        ("vars.absent", ["`vars.absent` is not set", "--set absent=VALUE"]),
    ] {
        render(&folder, expression, &[], &[]).fails(1, &said);
    }
}

#[test]
fn a_file_that_others_can_read_or_git_tracks_is_warned_of() {
    let folder = Folder::new();
    mode(&folder.file("key", "value-of-a-file"), 0o644);
    let ran = render(&folder, "file('key')", &[], &[]);
    assert!(
        ran.code == Some(0) && ran.stderr.contains("other users can read") && ran.stderr.contains("chmod 600"),
        "{}",
        ran.stderr
    );
    if !require("git") {
        return;
    }
    mode(&folder.path().join("key"), 0o600);
    for arguments in [&["init", "-q"][..], &["add", "key"]] {
        assert!(Command::new("git").args(arguments).current_dir(folder.path()).status().expect("git starts").success());
    }
    let ran = render(&folder, "file('key')", &[], &[]);
    assert!(ran.code == Some(0) && ran.stderr.contains("git tracks") && !ran.stderr.contains("value-of"), "{}", ran.stderr);
}

#[test]
fn a_variable_may_name_a_file() {
    let folder = Folder::new();
    let file = folder.file("token", "value-in-a-file\n").display().to_string();
    assert_eq!(render(&folder, "TOKEN", &[], &[("TOKEN_FILE", &file)]).ok(), "a: \"value-in-a-file\"\n");
    assert_eq!(render(&folder, "TOKEN", &[], &[("TOKEN_FILE", &file), ("TOKEN", "value-itself")]).ok(), "a: \"value-itself\"\n");
    // The value itself may stand there by mistake.
    let said = render(&folder, "TOKEN", &[], &[("TOKEN_FILE", "hunter2-itself")])
        .fails(1, &["the file named by `TOKEN_FILE` does not exist"]);
    assert!(!said.contains("hunter2"), "{said}");
}

#[test]
fn a_stored_login_is_used() {
    let folder = Folder::new();
    // user:pass:word and hub-user:hub-token, as docker login stores them.
    let config = r#"{"auths": {"ghcr.io": {"auth": "dXNlcjpwYXNzOndvcmQ="}, "https://index.docker.io/v1/": {"auth": "aHViLXVzZXI6aHViLXRva2Vu"},
        "token.example.com": {"auth": "dTpw", "identitytoken": "an-identity-token"}, "bad.example.com": {"auth": "%%%"}}}"#;
    folder.file(".docker/config.json", config);
    assert_eq!(render(&folder, "docker('ghcr.io').username", &[], &[]).ok(), "a: \"user\"\n");
    assert_eq!(render(&folder, "docker('https://ghcr.io').password", &[], &[]).ok(), "a: \"pass:word\"\n");
    assert_eq!(render(&folder, "docker('docker.io').password | b64encode", &[], &[]).ok(), "a: \"aHViLXRva2Vu\"\n");
    render(&folder, "docker('token.example.com').password", &[], &[])
        .fails(1, &["is an identity token", "create an access token"]);
    render(&folder, "docker('bad.example.com').password", &[], &[]).fails(1, &["is invalid", "docker login bad.example.com"]);
    render(&folder, "docker('quay.io').password", &[], &[])
        .fails(1, &["no value for `docker(\"quay.io\").password`", "docker login quay.io"]);
    folder.file("other/config.json", r#"{"auths": {"ghcr.io": {"username": "two", "password": "fields"}}}"#);
    let other = folder.path().join("other").display().to_string();
    assert_eq!(render(&folder, "docker('ghcr.io').username", &[], &[("DOCKER_CONFIG", &other)]).ok(), "a: \"two\"\n");
    folder.file(".docker/config.json", "{");
    render(&folder, "docker('ghcr.io').username", &[], &[]).fails(1, &["config.json is not valid JSON"]);
}

#[test]
fn list_tells_where_files_and_logins_come_from() {
    let folder = Folder::new();
    folder.file("key", "x");
    folder.file(".docker/config.json", r#"{"auths": {"ghcr.io": {"auth": "dTpw"}}}"#);
    folder.file("t.tmpl.yaml", "a: \"{{ file('key') }}\"\nb: \"{{ docker('ghcr.io').password }}\"\nc: \"{{ file('gone') }}\"\n");
    let shown = folder.run(&["list", "t.tmpl.yaml"], &[]).ok();
    let lines: Vec<Vec<&str>> = shown.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[1], ["file(\"key\")", "1", "a", "file"]);
    assert_eq!(lines[2], ["docker(\"ghcr.io\").password", "2", "b", "docker", "login"]);
    assert_eq!(lines[3], ["file(\"gone\")", "3", "c", "missing"]);
}

/// Docker's own helper for `pass`, with a key and a store of its own.
#[test]
fn a_helper_s_login_is_used() {
    if !(require("docker-credential-pass") && require("pass") && require("gpg")) {
        return;
    }
    let folder = Folder::new();
    mode(folder.path(), 0o700);
    let run = |program: &str, arguments: &[&str], input: &str| {
        let mut command = Command::new(program);
        command.args(arguments).env_clear().env("HOME", folder.path()).env("PATH", std::env::var_os("PATH").unwrap_or_default());
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
        std::io::Write::write_all(&mut child.stdin.take().expect("a pipe"), input.as_bytes()).expect("input");
        let output = child.wait_with_output().expect("an end");
        assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    };
    let key = ["--batch", "--passphrase", "", "--quick-gen-key", "test@example.com", "default", "default", "never"];
    run("gpg", &key, "");
    run("pass", &["init", "test@example.com"], "");
    let login = r#"{"ServerURL": "ghcr.io", "Username": "kept", "Secret": "a-token-in-a-store"}"#;
    run("docker-credential-pass", &["store"], login);
    for config in [r#"{"credsStore": "pass"}"#, r#"{"credHelpers": {"ghcr.io": "pass"}}"#] {
        folder.file(".docker/config.json", config);
        assert_eq!(render(&folder, "docker('ghcr.io').username", &[], &[]).ok(), "a: \"kept\"\n");
        assert_eq!(render(&folder, "docker('ghcr.io').password", &[], &[]).ok(), "a: \"a-token-in-a-store\"\n");
    }
    folder.file(".docker/config.json", r#"{"credsStore": "pass"}"#);
    render(&folder, "docker('quay.io').password", &[], &[]).fails(1, &["no value for", "docker login quay.io"]);
    // The agent that gpg started for this store ends with it.
    run("gpgconf", &["--kill", "gpg-agent"], "");
}

#[test]
fn a_helper_that_is_not_there_is_named() {
    let folder = Folder::new();
    folder.file(".docker/config.json", r#"{"credsStore": "no-such-helper"}"#);
    render(&folder, "docker('ghcr.io').password", &[], &[]).fails(1, &["docker-credential-no-such-helper gave no login"]);
}

#[test]
fn other_programs_get_no_secret_in_their_environment() {
    let folder = Folder::new();
    let template = "a: \"{{ FIRST }}\"\nb: \"{{ SECOND | default(THIRD) }}\"\nc: \"{{ ASKED | b64encode }}\"\n";
    folder.file("t.tmpl.yaml", template);
    let secrets = [("FIRST", "first-secret"), ("THIRD", "third-secret"), ("OTHER", "left-alone-here")];
    let print = "ASKED=sh -c 'env; tr \"\\0\" \" \" < /proc/$PPID/cmdline'";
    let shown = folder.run(&["--from-command", print, "t.tmpl.yaml"], &secrets).ok();
    let encoded = shown.lines().nth(2).and_then(|line| line.split('"').nth(1)).expect("the third value");
    use base64::Engine as _;
    let printed = base64::engine::general_purpose::STANDARD.decode(encoded).expect("base64");
    let printed = String::from_utf8(printed).expect("text");
    assert!(printed.contains("left-alone-here"), "{printed}");
    assert!(!printed.contains("first-secret") && !printed.contains("third-secret"), "{printed}");
}

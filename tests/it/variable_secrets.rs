//! A plain variable in a secret's place: an error in `check`, and kept from sight as a secret is.

use std::process::Command;

use crate::support::{Folder, require};

const TEMPLATE: &str = include_str!("../data/check/clean.tmpl.yaml");
const VALUE: &str = "canary-of-a-variable";

/// The template with these items in `env`.
fn template(password: &str, items: &[&str]) -> String {
    let items: String = items.iter().map(|item| format!("      - \"{item}\"\n")).collect();
    let text = TEMPLATE.replace("{{ TOKEN }}", password).replace("{{ USER }}", "team");
    let text = text
        .replace("      - DATABASE_URL=postgres://app:{{ PASSWORD | urlencode }}@db/app\n      - PORT={{ vars.PORT }}\n", &items);
    text.replace("{{ vars.PORT }}", "80")
}

/// A folder with a template that takes its password, and one for a database, from variables.
fn folder() -> Folder {
    let folder = Folder::judged();
    folder.file("t.yaml", template("{{ vars.GHCR_TOKEN }}", &["DB_PASSWORD={{ vars.DB }}", "TAG={{ vars.TAG }}"]));
    folder
}

const VALUES: [&str; 6] = ["--set", "GHCR_TOKEN=canary-of-a-variable", "--set", "DB=canary-of-a-variable", "--set", "TAG=v1"];

#[test]
fn check_refuses_it_and_says_what_to_write() {
    let folder = folder();
    // Whether it is set or not.
    for values in [&[][..], &VALUES] {
        let told = folder.run(&[&["check", "t.yaml"], values].concat(), &[]).fails(1, &["2 errors"]);
        for part in ["error[variable-secret]: `vars.GHCR_TOKEN`", "write `{{ GHCR_TOKEN }}`", "`vars.DB`", "write `{{ DB }}`"] {
            assert!(told.contains(part), "`{part}` is not in:\n{told}");
        }
        assert!(!told.contains("vars.TAG") && !told.contains(VALUE), "{told}");
    }
}

#[test]
fn other_variables_stay_plain() {
    let folder = Folder::judged();
    let item = |item: &str| {
        folder.file("t.yaml", template("{{ TOKEN }}", &[item]));
        let ran =
            folder.run(&["check", "t.yaml", "--set", "X=true", "--set", "PATHS=/run/x", "--set", "DB_PASSWORD=hunter2"], &[]);
        ran.stderr.contains("variable-secret")
    };
    for plain in [
        "MODE={{ vars.X }}",
        "ALLOW_EMPTY_PASSWORD={{ vars.X }}",
        "MYSQL_RANDOM_ROOT_PASSWORD={{ vars.UNSET }}",
        "API_KEY={{ vars.PATHS }}",
        "DB_PASSWORD_FILE={{ vars.UNSET }}",
        "DB_PASSWORD={{ DB }}",
    ] {
        assert!(!item(plain), "{plain}");
    }
    for secret in [
        "DB_PASSWORD={{ vars.UNSET }}",
        "API_KEY=a-{{ vars.UNSET }}",
        "URL=postgres://u:{{ vars.DB_PASSWORD }}@db",
        "JWT_SECRET={{ vars['UNSET'] }}",
    ] {
        assert!(item(secret), "{secret}");
    }
}

#[test]
fn it_is_masked_and_a_string() {
    let folder = folder();
    let masked = folder.run(&[&["t.yaml", "--redact"], &VALUES[..]].concat(), &[]).ok();
    assert!(
        masked.contains("password: \"********\"") && masked.contains("DB_PASSWORD=********") && masked.contains("TAG=v1"),
        "{masked}"
    );
    assert!(!masked.contains(VALUE), "{masked}");
    // Rendered, it is a warning, and the value a string whatever it reads as.
    let text = folder.read("t.yaml").replace("\"{{ vars.GHCR_TOKEN }}\"", "{{ vars.GHCR_TOKEN }}");
    folder.file("t.yaml", text);
    let ran = folder.run(&["t.yaml", "--set", "GHCR_TOKEN=12345678", "--set", "DB=x1y2", "--set", "TAG=v1"], &[]);
    assert!(ran.stderr.contains("warning[variable-secret]") && !ran.stderr.contains("12345678"), "{}", ran.stderr);
    assert!(ran.stdout.contains("password: \"12345678\""), "{}", ran.stdout);
}

#[test]
fn it_reaches_no_program_and_no_file_that_git_could_commit() {
    let folder = folder();
    // The environment of a program that is run for another value.
    let text = folder.read("t.yaml").replace("TAG={{ vars.TAG }}", "SEEN={{ SEEN }}");
    folder.file("t.yaml", text);
    let seen = ["t.yaml", "--from-command", "SEEN=sh -c 'echo [$DB]'"];
    let ran = folder.run(&seen, &[("DB", VALUE), ("GHCR_TOKEN", VALUE)]);
    assert!(ran.stdout.contains("SEEN=[]"), "{ran:?}");
    if require("git") {
        let made = Command::new("git").args(["init", "--quiet"]).current_dir(folder.path()).status().expect("git starts");
        assert!(made.success());
        let folder_values = [&["t.yaml", "-o", "out.yaml", "--set", "SEEN=x"], &VALUES[..]].concat();
        let refused = folder.run(&[&folder_values[..], &["--from-command", "SEEN=echo x"]].concat(), &[]);
        assert!(refused.code == Some(2) && refused.stderr.contains("out.yaml"), "{refused:?}");
        assert!(!folder.names().contains(&"out.yaml".to_owned()));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_shows_its_mask() {
    if !require("script") {
        return;
    }
    let folder = folder();
    let line = format!("{} t.yaml {}", env!("CARGO_BIN_EXE_sdlrender"), VALUES.join(" "));
    let mut script = Command::new("timeout");
    script.args(["20", "script", "--quiet", "--return", "--command", &line, "/dev/null"]).current_dir(folder.path());
    let output = script.env("TERM", "xterm").stdin(std::process::Stdio::null()).output().expect("script starts");
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(shown.contains("password: \"********\"") && !shown.contains(VALUE), "{shown}");
}

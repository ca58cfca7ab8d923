//! Where values come from: their order, `.env` files, commands, variables, and what `list` tells of them.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::support::{Folder, Ran};
use serde_json::{Value, json};

const CANARY: &str = "canary-41d90f6b";
const TEMPLATE: &str = "a: \"{{ X }}\"\n";

fn folder() -> Folder {
    let folder = Folder::new();
    folder.file("t.yaml", TEMPLATE);
    folder
}

/// A file for its owner's eyes only.
fn private(folder: &Folder, name: &str, content: &str) -> PathBuf {
    let path = folder.file(name, content);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("a new mode");
    path
}

/// What `a` is in the result; there must be no warning.
#[track_caller]
fn value(folder: &Folder, arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let ran = folder.run(&[&["t.yaml"], arguments].concat(), variables);
    assert_eq!(ran.stderr, "");
    let read: Value = serde_saphyr::from_str(&ran.ok()).expect("YAML");
    read["a"].as_str().expect("a string").to_owned()
}

#[test]
fn the_first_source_in_order_wins() {
    let folder = folder();
    let command = ["--from-command", "X=printf command"];
    let profile = ["--profile", "prod"];
    let both = [command, profile].concat();
    private(&folder, ".env", "X=dotenv\n");
    assert_eq!(value(&folder, &[], &[]), "dotenv");
    private(&folder, ".env.prod", "X=profile\n");
    assert_eq!(value(&folder, &[], &[]), "dotenv");
    assert_eq!(value(&folder, &profile, &[]), "profile");
    assert_eq!(value(&folder, &profile, &[("X", "environment")]), "environment");
    assert_eq!(value(&folder, &both, &[("X", "environment")]), "command");
    assert_eq!(value(&folder, &[], &[("SDLRENDER_PROFILE", "prod")]), "profile");
    assert_eq!(value(&folder, &[], &[("SDLRENDER_PROFILE", "")]), "dotenv");
    private(&folder, ".env.dev", "X=other\n");
    assert_eq!(value(&folder, &profile, &[("SDLRENDER_PROFILE", "dev")]), "profile");
}

#[test]
fn a_profile_adds_to_the_plain_file() {
    let folder = folder();
    private(&folder, ".env", "X=dotenv\n");
    private(&folder, ".env.prod", "Y=profile\n");
    assert_eq!(value(&folder, &["--profile", "prod"], &[]), "dotenv");
}

#[test]
fn named_env_files_take_the_place_of_the_one_beside_the_template() {
    let folder = folder();
    private(&folder, ".env", "X=dotenv\n");
    private(&folder, "one.env", "X=one\n");
    private(&folder, "two.env", "X=two\n");
    private(&folder, "empty.env", "");
    assert_eq!(value(&folder, &["-e", "one.env"], &[]), "one");
    assert_eq!(value(&folder, &["-e", "one.env", "-e", "two.env"], &[]), "two");
    assert_eq!(value(&folder, &["-e", "one.env", "-e", "empty.env"], &[]), "one");
    assert_eq!(value(&folder, &["-e", "one.env"], &[("X", "environment")]), "environment");
    folder.run(&["t.yaml", "-e", "empty.env"], &[]).fails(1, &["no value for `X`", "looked in: environment, empty.env"]);
    folder.run(&["t.yaml", "--no-env-file"], &[]).fails(1, &["no value for `X`", "looked in: environment"]);
}

/// What `<(sops -d secrets.env)` of a shell gives: a file without a length.
#[test]
fn an_env_file_may_be_a_pipe() {
    let folder = folder();
    let pipe = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").args(["-m", "600"]).arg(&pipe).status().expect("mkfifo starts").success());
    let writer = std::thread::spawn(move || fs::write(pipe, "X=from-a-pipe\n"));
    assert_eq!(value(&folder, &["--env-file", "pipe"], &[]), "from-a-pipe");
    writer.join().expect("no panic").expect("the program reads it");
}

#[test]
fn the_env_file_beside_the_template_comes_before_that_of_the_working_folder() {
    let folder = Folder::new();
    folder.file("sub/t.yaml", TEMPLATE);
    private(&folder, ".env", "X=here\n");
    assert_eq!(folder.run(&["sub/t.yaml"], &[]).ok(), "a: \"here\"\n");
    private(&folder, "sub/.env", "X=beside\n");
    assert_eq!(folder.run(&["sub/t.yaml"], &[]).ok(), "a: \"beside\"\n");
}

#[test]
fn a_pin_asks_one_kind_of_source() {
    let folder = Folder::new();
    private(&folder, ".env", "X=dotenv\n");
    folder.file("t.yaml", "a: \"{{ env.X }} {{ dotenv.X }} {{ secrets.X }} {{ X }}\"\n");
    assert_eq!(value(&folder, &[], &[("X", "environment")]), "environment dotenv environment environment");
    folder.run(&["t.yaml"], &[]).fails(1, &["no value for `env.X`"]);
    folder.run(&["t.yaml", "--no-env-file"], &[("X", "1")]).fails(1, &["no value for `dotenv.X`"]);
    folder.file("t.yaml", "a: \"{{ secrets['odd-name'] }}\"\n");
    assert_eq!(value(&folder, &[], &[("odd-name", "v")]), "v");
}

#[test]
fn env_files_are_read_as_other_programs_read_them() {
    let folder = Folder::new();
    folder.file("t.yaml", "a: \"{{ A }}|{{ B }}|{{ C }}|{{ D }}|{{ E }}\"\n");
    private(&folder, ".env", "\u{feff}# note\nexport A=plain # note\nB='$x #\"'\nC=\"x\\ny\"\r\nD='1\n2'\nE=${A}!\n");
    assert_eq!(value(&folder, &[], &[]), "plain|$x #\"|x\ny|1\n2|plain!");
}

#[test]
fn local_env_files_come_before_their_plain_twins() {
    let folder = folder();
    let profile = ["--profile", "prod"];
    for (name, given) in [(".env", "plain"), (".env.local", "local"), (".env.prod", "profile"), (".env.prod.local", "both")] {
        private(&folder, name, &format!("X={given}\n"));
        let named = if name.contains("prod") { &profile[..] } else { &[] };
        assert_eq!(value(&folder, named, &[]), given);
    }
    assert_eq!(value(&folder, &[], &[]), "local");
    assert_eq!(value(&folder, &profile, &[("X", "environment")]), "environment");
    assert_eq!(value(&folder, &["-e", ".env"], &[]), "plain");
    folder.run(&["t.yaml", "--no-env-file"], &[]).fails(1, &["no value for `X`"]);
    // What a twin does not have, the plain file has.
    private(&folder, ".env.local", "Y=local\n");
    assert_eq!(value(&folder, &[], &[]), "plain");
    fs::remove_file(folder.path().join(".env")).expect("a file");
    folder.run(&["t.yaml"], &[]).fails(1, &["no value for `X`", "looked in: environment, .env.local; no .env here"]);
}

#[test]
fn a_local_env_file_is_the_one_beside_its_plain_twin() {
    let folder = Folder::new();
    folder.file("sub/t.yaml", TEMPLATE);
    private(&folder, ".env.local", "X=here\n");
    assert_eq!(folder.run(&["sub/t.yaml"], &[]).ok(), "a: \"here\"\n");
    // The folder of the template has its own files: those of the current one are another project's.
    private(&folder, "sub/.env", "X=beside\n");
    assert_eq!(folder.run(&["sub/t.yaml"], &[]).ok(), "a: \"beside\"\n");
    private(&folder, "sub/.env.local", "X=beside local\n");
    assert_eq!(folder.run(&["sub/t.yaml"], &[]).ok(), "a: \"beside local\"\n");
}

#[test]
fn a_folder_called_env_is_none_of_ours() {
    let folder = folder();
    // As `python -m venv .env` makes it.
    fs::create_dir(folder.path().join(".env")).expect("a folder");
    folder.run(&["t.yaml"], &[]).fails(1, &["no value for `X`"]);
    assert_eq!(value(&folder, &[], &[("X", "1")]), "1");
    folder.run(&["t.yaml", "-e", ".env"], &[]).fails(2, &[".env is a directory"]);
}

#[test]
fn an_env_file_that_others_can_read_is_a_warning() {
    let folder = folder();
    let path = private(&folder, ".env", "X=1\n");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("a new mode");
    let ran = folder.run(&["t.yaml"], &[]);
    for part in ["warning: other users can read .env (mode 644)", "chmod 600 .env"] {
        assert!(ran.stderr.contains(part), "{}", ran.stderr);
    }
    assert_eq!(ran.ok(), "a: \"1\"\n");
}

#[test]
fn a_name_that_is_set_twice_is_a_warning() {
    let folder = folder();
    private(&folder, ".env", "X=first\nX=second\n");
    let ran = folder.run(&["t.yaml"], &[]);
    assert!(ran.stderr.contains("warning: .env:2: `X` was set before; the last value is used"), "{}", ran.stderr);
    assert_eq!(ran.ok(), "a: \"second\"\n");
    // It is no matter while nobody asks for the name.
    private(&folder, ".env", "Y=first\nX=only\nY=second\n");
    assert_eq!(value(&folder, &[], &[]), "only");
}

#[test]
fn an_environment_variable_that_is_not_utf8_is_named() {
    let folder = folder();
    let mut command = folder.sdlrender(&["t.yaml"], &[]);
    command.env("X", OsStr::from_bytes(b"canary\xff")).env(OsStr::from_bytes(b"odd\xff"), "1");
    let stderr =
        Ran::from(command.output().expect("the program starts")).fails(1, &["`X` in the environment is not UTF-8", "base64"]);
    assert!(!stderr.contains("canary"), "{stderr}");
}

#[test]
fn an_empty_value_counts_as_missing() {
    let folder = folder();
    folder.run(&["t.yaml"], &[("X", "")]).fails(1, &["`X` is empty in environment", "--allow-empty"]);
    folder.run(&["t.yaml", "--from-command", "X=true"], &[]).fails(1, &["`X` is empty in command", "--allow-empty"]);
    assert_eq!(value(&folder, &["--allow-empty"], &[("X", "")]), "");
    assert_eq!(value(&folder, &["--allow-empty", "--from-command", "X=true"], &[]), "");
    private(&folder, ".env", "X=dotenv\n");
    assert_eq!(value(&folder, &[], &[("X", "")]), "dotenv");
    assert_eq!(value(&folder, &["--allow-empty"], &[("X", "")]), "");
    private(&folder, ".env", "X=\n");
    folder.run(&["t.yaml"], &[]).fails(1, &["`X` is empty in .env"]);
}

#[test]
fn a_command_runs_only_when_its_name_is_used_and_then_once() {
    let folder = Folder::new();
    folder.file("t.yaml", "# {{ UNUSED }}\na: \"{{ X }} {{ X }} {{ X | b64encode }} {{ secrets.X | trim }}\"\n");
    let count = "X=sh -c 'echo run >> count; printf v'";
    let arguments = ["--from-command", count, "--from-command", "UNUSED=touch ran"];
    assert_eq!(value(&folder, &arguments, &[]), "v v dg== v");
    assert_eq!(folder.names(), ["count", "t.yaml"]);
    assert_eq!(folder.read("count"), "run\n");
}

#[test]
fn one_line_break_at_the_end_is_not_part_of_a_commands_value() {
    let folder = folder();
    for (format, wanted) in [(r"v\n", "v"), (r"v\r\n", "v"), (r"v\n\n", "v\n"), (" v ", " v "), (r"\nv", "\nv"), (r"v\r", "v\r")]
    {
        assert_eq!(value(&folder, &["--from-command", &format!("X=printf '{format}'")], &[]), wanted, "{format}");
    }
}

#[test]
fn a_command_is_split_into_words_and_given_to_no_shell() {
    let folder = folder();
    for (command, wanted) in [
        ("printf '%s|' a 'b c' \"d e\" f\\ g", "a|b c|d e|f g|"),
        ("printf %s '$HOME'", "$HOME"),
        ("printf '%s,' a '|' b '>' c '&&' d", "a,|,b,>,c,&&,d,"),
        ("printf %s a=b", "a=b"),
        ("sh -c 'printf %s \"$VARIABLE\"'", "from the environment"),
    ] {
        let given = [("VARIABLE", "from the environment")];
        assert_eq!(value(&folder, &["--from-command", &format!("X={command}")], &given), wanted, "{command}");
    }
    assert_eq!(folder.names(), ["t.yaml"]);
    for command in ["", "printf 'a", "   "] {
        folder
            .run(&["t.yaml", "--from-command", &format!("X={command}")], &[])
            .fails(2, &["the command for `X` is empty or has an unclosed quote"]);
    }
}

#[test]
fn a_command_that_fails_is_named_with_its_exit_code() {
    let folder = folder();
    for (command, parts) in [
        (format!("X=sh -c 'printf {CANARY}; exit 7'"), ["sh exited with code 7", "the command for `X` failed"]),
        (format!("X=sh -c 'printf {CANARY}; kill -9 $$'"), ["sh was killed by a signal", "the command for `X` failed"]),
        (
            "X=sdlrender-no-such-program a".to_owned(),
            ["can't start the command for `X`: sdlrender-no-such-program", "without a shell"],
        ),
        (r"X=printf '\377'".to_owned(), ["the output of printf is not UTF-8", "base64"]),
    ] {
        let stderr = folder.run(&["t.yaml", "--from-command", &command], &[("X", "environment")]).fails(1, &parts);
        assert!(!stderr.contains(CANARY), "{stderr}");
    }
}

#[test]
fn a_command_that_prints_without_end_is_refused() {
    let folder = folder();
    for command in ["X=head -c 1048577 /dev/zero", "X=yes"] {
        folder.run(&["t.yaml", "--from-command", command], &[]).fails(1, &["printed more than 1 MiB"]);
    }
}

#[test]
fn a_command_has_a_time_limit() {
    let folder = folder();
    let start = Instant::now();
    let arguments = ["t.yaml", "--from-command", "X=sleep 5", "--command-timeout", "0.3"];
    folder.run(&arguments, &[]).fails(1, &["sleep did not finish within 0.3 s", "--command-timeout"]);
    // It closed its output and lives on.
    let arguments = ["t.yaml", "--from-command", "X=sh -c 'exec >&-; exec sleep 5'", "--command-timeout", "0.3"];
    folder.run(&arguments, &[]).fails(1, &["sh did not finish within 0.3 s"]);
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
}

#[test]
fn a_command_gets_no_input() {
    assert_eq!(value(&folder(), &["--from-command", "X=sh -c 'cat; printf end'"], &[]), "end");
}

#[test]
fn list_tells_each_place_and_source_and_no_value() {
    let folder = Folder::new();
    private(&folder, ".env", &format!("FILE={CANARY}\nTAG={CANARY}\nEMPTY=\n"));
    let template = "services:\n  web:\n    image: \"x:{{ vars.TAG }}\"\n    env:\n      - \"A={{ FILE }} {{ env.VARIABLE }}\"\n      - \"B={{ COMMAND }}\"\n      - \"C={{ ABSENT }}\"\n      - \"D={{ NONE | default('x') }}\"\n      - \"E={{ EMPTY }}\"\n";
    folder.file("t.yaml", template);
    let arguments = ["list", "t.yaml", "--from-command", "COMMAND=touch ran"];
    let variables = [("VARIABLE", CANARY)];
    let table = folder.run(&arguments, &variables).ok();
    let row = |name: &str| {
        let found = table.lines().find(|line| line.split_whitespace().next() == Some(name));
        found.unwrap_or_else(|| panic!("{name} is not in\n{table}")).split_whitespace().collect::<Vec<_>>()
    };
    assert_eq!(row("FILE"), ["FILE", "5", "services.web.env[0]", ".env"]);
    assert_eq!(row("env.VARIABLE"), ["env.VARIABLE", "5", "services.web.env[0]", "environment"]);
    assert_eq!(row("COMMAND"), ["COMMAND", "6", "services.web.env[1]", "command"]);
    assert_eq!(row("ABSENT"), ["ABSENT", "7", "services.web.env[2]", "missing"]);
    assert_eq!(row("NONE"), ["NONE", "8", "services.web.env[3]", "default"]);
    assert_eq!(row("EMPTY"), ["EMPTY", "9", "services.web.env[4]", "missing"]);
    assert_eq!(row("vars.TAG")[1..3], ["3", "services.web.image"]);
    assert!(!table.contains(CANARY), "{table}");

    let text = folder.run(&[&arguments[..], &["--format", "json"]].concat(), &variables).ok();
    assert!(!text.contains(CANARY), "{text}");
    let entries: Value = serde_json::from_str(&text).expect("JSON");
    let entries = entries.as_array().expect("a list");
    assert_eq!(entries.iter().filter(|entry| entry["kind"] != "host").count(), 7);
    let wanted = json!({
        "name": "FILE", "names": ["FILE"], "kind": "secret", "template": "t.yaml", "line": 5, "path": "services.web.env[0]",
        "services": ["web"], "optional": false, "source": ".env", "file": ".env"
    });
    assert_eq!(entries[1], wanted);
    assert_eq!((&entries[0]["kind"], &entries[4]["source"]), (&json!("variable"), &Value::Null));
    assert_eq!(folder.names(), [".env", "t.yaml"]);
}

#[test]
fn list_of_nothing_says_so() {
    let folder = Folder::new();
    folder.file("t.yaml", "a: 1\n");
    assert_eq!(folder.run(&["list", "t.yaml"], &[]).ok(), "the template has no placeholders\n");
    assert_eq!(folder.run(&["list", "t.yaml", "--format", "json"], &[]).ok(), "[]\n");
}

#[test]
fn variables_come_from_options_files_the_environment_and_env_files() {
    let folder = Folder::new();
    folder.file("t.yaml", "a: \"{{ vars.X }}\"\n");
    folder.file("v.yaml", "X: yaml\n");
    folder.file("v.json", "{\"X\": \"json\"}\n");
    folder.file("v.toml", "X = \"toml\"\n");
    private(&folder, ".env", "X=dotenv\n");
    let environment = [("X", "environment")];
    assert_eq!(value(&folder, &[], &[]), "dotenv");
    assert_eq!(value(&folder, &[], &environment), "environment");
    assert_eq!(value(&folder, &["--values", "v.yaml"], &environment), "yaml");
    assert_eq!(value(&folder, &["--values", "v.json"], &environment), "json");
    assert_eq!(value(&folder, &["--values", "v.toml"], &environment), "toml");
    assert_eq!(value(&folder, &["--values", "v.toml", "--values", "v.yaml"], &environment), "yaml");
    assert_eq!(value(&folder, &["--set", "X=set", "--values", "v.yaml"], &environment), "set");
    assert_eq!(value(&folder, &["--set", "X=one", "--set", "X=two=2"], &environment), "two=2");
    folder.run(&["t.yaml", "--no-env-file"], &[]).fails(1, &["`vars.X` is not set", "--set X=VALUE"]);
}

#[test]
fn a_commands_value_is_a_secret_and_no_variable() {
    let folder = Folder::new();
    folder.file("t.yaml", "a: \"{{ vars.X }}\"\n");
    folder.run(&["t.yaml", "--from-command", "X=touch ran"], &[]).fails(1, &["`vars.X` is not set"]);
    assert_eq!(folder.names(), ["t.yaml"]);
}

#[test]
fn a_variable_reads_as_if_the_author_had_typed_it() {
    let folder = Folder::new();
    folder.file("t.yaml", "a: {{ vars.X }}\n");
    for (value, wanted) in [
        ("3", "a: 3\n"),
        ("0.5", "a: 0.5\n"),
        ("true", "a: true\n"),
        ("1.10", "a: 1.10\n"),
        ("007", "a: 007\n"),
        ("v1", "a: v1\n"),
        ("a: b", "a: \"a: b\"\n"),
        ("x #y", "a: \"x #y\"\n"),
        ("[1]", "a: \"[1]\"\n"),
        ("*x", "a: \"*x\"\n"),
        ("a\nb: c", "a: \"a\\nb: c\"\n"),
    ] {
        assert_eq!(folder.run(&["t.yaml", "--set", &format!("X={value}")], &[]).ok(), wanted);
    }
    folder.file("v.yaml", "X: {y: [8080, 0.5, true, text]}\n");
    folder.file("t.yaml", "{% for one in vars.X.y %}\n- {{ one }}\n{% endfor %}\n");
    assert_eq!(folder.run(&["t.yaml", "--values", "v.yaml"], &[]).ok(), "- 8080\n- 0.5\n- true\n- text\n");
    folder.file("t.yaml", "a: {{ vars.X }}\n");
    folder.run(&["t.yaml", "--values", "v.yaml"], &[]).fails(1, &["`vars.X` is a list or a mapping", "{% for %}"]);
}

#[test]
fn a_secret_is_always_a_string() {
    let folder = Folder::new();
    folder.file("t.yaml", "a: {{ X }}\n");
    for text in ["3", "true", "null", "~", "a: b", "- x", "{}", "0x1F", "2024-01-01", "\t", "\u{2028}", "it's \"quoted\""] {
        assert_eq!(value(&folder, &[], &[("X", text)]), text);
    }
}

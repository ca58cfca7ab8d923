//! Invalid input: the message says what and where, no value is in it, and the old output stays.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::time::{Duration, Instant};

use crate::support::{Folder, Ran, set_mode};

const CANARY: &str = "canary-9a4c77e0";

/// Runs `arguments` with `-o out.yaml` where that file exists. It must fail with `code` and with `parts` in its message, leave
/// the folder as it was, and show neither the canary nor a colour.
#[track_caller]
fn refuses(folder: &Folder, arguments: &[&str], variables: &[(&str, &str)], code: i32, parts: &[&str]) -> String {
    folder.file("out.yaml", "old\n");
    let before = folder.names();
    let arguments = [arguments, &["-o", "out.yaml"]].concat();
    let stderr = folder.run(&arguments, &[variables, &[("TOKEN", CANARY)]].concat()).fails(code, parts);
    assert!(!stderr.contains(CANARY), "{stderr}");
    assert!(!stderr.contains('\u{1b}'), "{stderr}");
    assert_eq!(folder.read("out.yaml"), "old\n");
    assert_eq!(folder.names(), before);
    stderr
}

/// As [`refuses`], for a template of this text.
#[track_caller]
fn refuses_text(template: impl AsRef<[u8]>, code: i32, parts: &[&str]) -> String {
    let folder = Folder::new();
    folder.file("t.yaml", template);
    refuses(&folder, &["t.yaml"], &[], code, parts)
}

#[test]
fn a_missing_template_is_named_with_its_neighbour() {
    let folder = Folder::new();
    folder.file("deploy.tmpl.yaml", "a: 1\n");
    refuses(&folder, &["deploy.tpml.yaml"], &[], 2, &["template not found: deploy.tpml.yaml", "did you mean deploy.tmpl.yaml?"]);
    refuses(&folder, &["something/else"], &[], 2, &["template not found: something/else", "help"]);
}

#[test]
fn no_template_at_all_is_a_usage_error() {
    Folder::new().run(&[], &[]).fails(2, &["TEMPLATE", "Usage"]);
}

#[test]
fn a_directory_is_not_a_template() {
    let folder = Folder::new();
    fs::create_dir(folder.path().join("sub")).expect("a folder");
    refuses(&folder, &["sub"], &[], 2, &["sub is a directory", "sub/deploy.tmpl.yaml"]);
}

#[test]
fn an_empty_template_is_refused() {
    for text in ["", "\n", " \n\t\n", "\u{feff}"] {
        refuses_text(text, 2, &["t.yaml is empty", "redirect"]);
    }
    let folder = Folder::new();
    refuses(&folder, &["-"], &[], 2, &["standard input is empty"]);
}

#[test]
fn bytes_that_are_not_utf8_are_named_by_line() {
    refuses_text(b"a: 1\nb: 2\nc: caf\xe9\n", 2, &["t.yaml is not UTF-8 (line 3)", "iconv"]);
}

#[test]
fn text_that_is_not_yaml_is_quoted() {
    refuses_text("a: \"{{ TOKEN }}\"\nb: [1, 2\n", 1, &["the template is not valid YAML", "t.yaml:"]);
    refuses_text("a: \"{{ TOKEN }}\nb: 1\n", 1, &["the template is not valid YAML", "t.yaml:"]);
    refuses_text("a: 1\n b: \"{{ TOKEN }}\"\n", 1, &["the template is not valid YAML", "t.yaml:2"]);
}

#[test]
fn a_file_without_permission_is_refused() {
    let folder = Folder::new();
    let path = folder.file("t.yaml", "a: 1\n");
    set_mode(&path, 0o000);
    // Root may read everything.
    if File::open(&path).is_err() {
        refuses(&folder, &["t.yaml"], &[], 2, &["can't read t.yaml: permission denied", "ls -l t.yaml"]);
    }
}

#[test]
fn a_huge_file_is_refused_before_it_is_read() {
    let folder = Folder::new();
    let path = folder.file("t.yaml", "");
    File::options().write(true).open(path).and_then(|file| file.set_len(1 << 30)).expect("a sparse file");
    let start = Instant::now();
    refuses(&folder, &["t.yaml"], &[], 2, &["t.yaml is too large for a template (1024 MiB)", "64 MiB"]);
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}

#[test]
fn text_that_only_looks_like_a_placeholder_leads_to_raw() {
    for template in ["a: \"{{ .Names }}\"\n", "a: \"{%d}\"\n", "a: \"{{ TOKEN\"\n", "a: {{}}\n", "a: \"%{http_code} {% x %}\"\n"]
    {
        refuses_text(template, 1, &["t.yaml:", "{% raw %}"]);
    }
}

#[test]
fn a_secret_can_not_decide_or_be_changed() {
    for (template, parts) in [
        ("a: \"{{ TOKEN | upper }}\"\n", ["the filter `upper` can't be used on the secret `TOKEN`", "the filters for secrets"]),
        ("a: \"{{ TOKEN | nosuch }}\"\n", ["the filter `nosuch` can't be used on the secret `TOKEN`", "the filters for secrets"]),
        ("{% if TOKEN %}\na: 1\n{% endif %}\n", ["`TOKEN` is a secret and can't be used as a condition", "vars.NAME"]),
        ("{% if TOKEN == \"x\" %}\na: 1\n{% endif %}\n", ["`TOKEN` is a secret and can't be used in a comparison", "vars.NAME"]),
        ("{% if not env.TOKEN %}\na: 1\n{% endif %}\n", ["`env.TOKEN` is a secret and can't be used with `not`", "vars.NAME"]),
        ("a: \"{{ TOKEN + 'x' }}\"\n", ["`TOKEN` is a secret and can't be used in arithmetic", "[A, B] | join"]),
        ("a: \"{{ TOKEN or 'x' }}\"\n", ["`TOKEN` is a secret and can't be used with `and` or `or`", "default"]),
        ("a: \"{{ TOKEN[:2] }}\"\n", ["`TOKEN` is a secret and can't be used in a slice", "help"]),
        ("a: \"{{ lookup('TOKEN') }}\"\n", ["there is no function `lookup`", "{% raw %}"]),
        ("{% set x = TOKEN %}{% if x %}\na: 1\n{% endif %}\n", ["`x` is a secret and can't be used as a condition", "help"]),
    ] {
        let stderr = refuses_text(template, 1, &parts);
        assert!(stderr.contains("t.yaml:1:"), "{stderr}");
    }
}

#[test]
fn a_placeholder_stands_in_a_value_only() {
    for (template, part) in [
        ("\"{{ TOKEN }}\": 1\n", "a mapping key"),
        ("x{{ TOKEN }}: 1\n", "a mapping key"),
        ("? [ \"{{ TOKEN }}\" ]\n: 1\n", "a mapping key"),
        ("a: &{{ TOKEN }} 1\n", "an anchor"),
        ("a: !{{ TOKEN }} 1\n", "a tag"),
        ("a: !!int \"{{ TOKEN }}\"\n", "a node with this tag"),
    ] {
        refuses_text(template, 1, &["a placeholder can't be", part, "t.yaml:1", "help"]);
    }
}

#[test]
fn a_placeholder_can_not_be_an_alias() {
    refuses_text("a: &x 1\nb: *{{ TOKEN }}\n", 1, &["a placeholder can't be in an alias", "t.yaml:2", "help"]);
    refuses_text("a: &x 1\nb: *x{{ TOKEN }}\n", 1, &["a placeholder can't be in an alias", "t.yaml:2", "help"]);
}

#[test]
fn all_misplaced_placeholders_are_reported_at_once() {
    let stderr = refuses_text("\"{{ A }}\": 1\nb: !{{ B }} 1\n", 1, &["t.yaml:1", "t.yaml:2"]);
    assert_eq!(stderr.matches("error: ").count(), 2, "{stderr}");
}

#[test]
fn an_include_must_be_there_and_inside() {
    refuses_text("a: 1\n{% include \"no.yaml\" %}\n", 1, &["no.yaml", "t.yaml:2"]);
    let folder = Folder::new();
    folder.file("private.yaml", format!("b: {CANARY}\n"));
    folder.file("in/t.yaml", "a: 1\n{% include \"../private.yaml\" %}\n");
    refuses(&folder, &["in/t.yaml"], &[], 1, &["../private.yaml is outside the template's folder", "t.yaml:2"]);
    let absolute = folder.path().join("private.yaml").display().to_string();
    folder.file("in/t.yaml", format!("{{% include \"{absolute}\" %}}\n"));
    refuses(&folder, &["in/t.yaml"], &[], 1, &["is outside the template's folder"]);
    symlink("../private.yaml", folder.path().join("in/link.yaml")).expect("a link");
    folder.file("in/t.yaml", "{% include \"link.yaml\" %}\n");
    refuses(&folder, &["in/t.yaml"], &[], 1, &["link.yaml is outside the template's folder"]);
}

#[test]
fn a_fault_in_an_include_is_placed_there() {
    let folder = Folder::new();
    folder.file("t.yaml", "a: 1\n{% include \"part.yaml\" %}\n");
    for (part, message) in [
        ("b: 1\nc: \"{{ ABSENT }}\"\n", "no value for `ABSENT`"),
        ("b: 1\nc: \"{{ vars.ABSENT }}\"\n", "`vars.ABSENT` is not set"),
        ("b: 1\nc: &{{ TOKEN }} 1\n", "an anchor"),
        ("b: 1\n{% if vars.A %}\n", "syntax error"),
        ("b: 1\nc: \"{{ TOKEN | upper }}\"\n", "the filter `upper`"),
    ] {
        folder.file("part.yaml", part);
        refuses(&folder, &["t.yaml"], &[], 1, &[message, "part.yaml:"]);
    }
}

#[test]
fn an_include_of_itself_ends() {
    refuses_text("{% include \"t.yaml\" %}\n", 1, &["error: "]);
}

#[test]
fn a_value_with_a_nul_can_not_be_yaml() {
    let folder = Folder::new();
    folder.file("t.yaml", "a: \"{{ NUL }}\"\n");
    let command = format!(r#"NUL=sh -c 'printf "{CANARY}\\0b"'"#);
    refuses(&folder, &["t.yaml", "--from-command", &command], &[], 1, &["the value contains a NUL", "b64encode", "t.yaml:1"]);
    folder.file("t.yaml", "a: \"{{ NUL | shell_quote }}\"\n");
    refuses(&folder, &["t.yaml", "--from-command", &command], &[], 1, &["the filter `shell_quote` on `NUL`", "NUL"]);
}

#[test]
fn a_value_that_does_not_fit_its_filter_is_not_shown() {
    for (filter, part) in [("int", "not a decimal integer"), ("b64decode", "not base64"), ("json(\"a\")", "not JSON")] {
        let template = format!("a: '{{{{ TOKEN | {filter} }}}}'\n");
        refuses_text(template, 1, &["on `TOKEN`", part, "t.yaml:1"]);
    }
}

#[test]
fn a_missing_name_is_reported_once() {
    let template: String = (0..400).map(|index| format!("k{index}: \"{{{{ ABSENT }}}}\"\n")).collect();
    let stderr = refuses_text(template, 1, &["no value for `ABSENT`", "it is used 400 times", "t.yaml:1:"]);
    assert_eq!(stderr.matches("error: ").count(), 1, "{stderr}");
}

#[test]
fn a_missing_variable_is_reported_once() {
    let template: String = (0..400).map(|index| format!("k{index}: \"{{{{ vars.ABSENT }}}}\"\n")).collect();
    let stderr = refuses_text(template, 1, &["`vars.ABSENT` is not set", "it is used 400 times", "--set ABSENT=VALUE"]);
    assert_eq!(stderr.matches("error: ").count(), 1, "{stderr}");
}

#[test]
fn everything_that_is_missing_is_reported_in_one_run() {
    let template = "a: \"{{ ONE }}\"\nb: \"{{ TOKEN }}\"\nc: \"{{ env.TWO }}\"\nd: \"{{ vars.THREE }}\"\ne: \"{{ FOUR }}\"\n";
    let parts = ["ONE  ", "`env.TWO`", "`vars.THREE`", "FOUR  ", "t.yaml:1 ", "t.yaml:3:", "t.yaml:4:", "t.yaml:5 "];
    let stderr = refuses_text(template, 1, &parts);
    // `ONE` and `FOUR`, which were looked for in the same places, share one.
    assert_eq!(stderr.matches("error: ").count(), 3, "{stderr}");
}

#[test]
fn a_name_that_is_nearly_right_is_offered() {
    let folder = Folder::new();
    folder.file("t.yaml", "a: \"{{ GHRC_TOKEN }}\"\n");
    let variables = [("GHCR_TOKEN", CANARY)];
    refuses(&folder, &["t.yaml"], &variables, 1, &["no value for `GHRC_TOKEN`", "`GHCR_TOKEN` is set: did you mean that?"]);
    folder.file(".env", format!("POSTGRES_PASSWORD={CANARY}\n"));
    folder.file("t.yaml", "a: \"{{ POSTGRES_PASWORD }}\"\n");
    refuses(&folder, &["t.yaml"], &[], 1, &["`POSTGRES_PASSWORD` is set: did you mean that?", "looked in: environment, .env"]);
    // To a short name every other short one is near, such as the shell's `_`.
    for name in ["X", "DB"] {
        folder.file("t.yaml", format!("a: \"{{{{ {name} }}}}\"\n"));
        let variables = [("_", "/usr/bin/env"), ("Y", CANARY), ("D", CANARY), ("DC", CANARY)];
        let said = folder.run(&["t.yaml"], &variables).fails(1, &[&format!("no value for `{name}`")]);
        assert!(!said.contains("did you mean"), "{said}");
    }
}

#[test]
fn the_place_in_the_sdl_is_named() {
    let template = "services:\n  web:\n    env:\n      - \"A=1\"\n      - \"B={{ ABSENT }}\"\n";
    refuses_text(template, 1, &["services.web.env[1]", "t.yaml:5:"]);
}

#[test]
fn colour_is_for_terminals() {
    let folder = Folder::new();
    folder.file("t.yaml", "a: \"{{ ABSENT }}\"\n");
    for variables in [&[("TERM", "xterm-256color")][..], &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1"), ("TERM", "xterm")]] {
        refuses(&folder, &["t.yaml"], variables, 1, &["error: no value for `ABSENT`"]);
    }
}

#[test]
fn control_characters_of_a_template_do_not_reach_the_terminal() {
    refuses_text("a: \"\u{1b}[2J{{ ABSENT }}\"\n", 1, &["error: "]);
    refuses_text("# \u{1b}]0;x\u{7}\na: \"{{ ABSENT | nosuch(\"\u{1b}[31m\") }}\"\n", 1, &["error: "]);
}

#[test]
fn the_template_may_come_from_standard_input() {
    let folder = Folder::new();
    let from = |text: &str| {
        let file = File::open(folder.file("input", text)).expect("the input");
        Ran::from(folder.sdlrender(&["-"], &[("TOKEN", "x")]).stdin(file).output().expect("the program starts"))
    };
    assert_eq!(from("a: \"{{ TOKEN }}\"\n").ok(), "a: \"x\"\n");
    from("a: \"{{ ABSENT }}\"\n").fails(1, &["stdin", ":1:"]);
    from("a: \"{{ .X }}\"\n").fails(1, &["stdin", "{% raw %}"]);
}

#[test]
fn a_pair_without_a_name_is_refused_and_not_shown() {
    let folder = Folder::new();
    folder.file("t.yaml", "a: 1\n");
    let nameless = format!("={CANARY}");
    for option in ["--set", "--from-command"] {
        for value in [CANARY, &nameless] {
            refuses(&folder, &["t.yaml", option, value], &[], 2, &["NAME=", option]);
        }
    }
}

#[test]
fn options_that_do_not_fit_are_usage_errors() {
    let folder = Folder::new();
    folder.file("t.yaml", "a: 1\n");
    refuses(&folder, &["t.yaml", "--redcat"], &[], 2, &["--redact"]);
    refuses(&folder, &["t.yaml", "--command-timeout", "0"], &[], 2, &["seconds"]);
    refuses(&folder, &["t.yaml", "-e", "x", "--no-env-file"], &[], 2, &["--no-env-file"]);
    refuses(&folder, &["t.yaml", "-e", "no.env"], &[], 2, &["there is no file no.env"]);
    refuses(&folder, &["t.yaml", "--profile", "../x"], &[], 2, &["a profile is a name, not a path"]);
}

#[test]
fn a_values_file_must_be_in_order() {
    let folder = Folder::new();
    folder.file("t.yaml", "a: \"{{ vars.X }}\"\n");
    for (name, content, part) in [
        ("v.txt", "X: 1\n", "v.txt is not a values file"),
        ("v.yaml", "X: [1\n", "syntax error in v.yaml"),
        ("v.json", "{\n\"X\": }\n", "syntax error in v.json (line 2)"),
        ("v.toml", "A = 1\nX = \n", "syntax error in v.toml (line 2)"),
        ("v.yml", "- X\n", "v.yml is not a mapping of names"),
    ] {
        folder.file(name, content);
        refuses(&folder, &["t.yaml", "--values", name], &[], 2, &[part, "help"]);
    }
    refuses(&folder, &["t.yaml", "--values", "none.yaml"], &[], 2, &["can't read none.yaml"]);
    // It is not read to its end, which would take all memory.
    File::create(folder.path().join("huge.yaml")).and_then(|file| file.set_len(1 << 40)).expect("a sparse file");
    refuses(&folder, &["t.yaml", "--values", "huge.yaml"], &[], 2, &["can't read huge.yaml: larger than 64 MiB"]);
}

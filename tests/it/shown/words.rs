//! What messages repeat, and how: no argument's value, no variable's value; a path in the SDL in full; names as one word of a shell.

use serde_json::Value;

use crate::support::Folder;

const CANARY: &str = "canary-c02d99e1";

#[test]
fn a_usage_error_repeats_no_argument() {
    let folder = Folder::new();
    folder.file("t.yaml", "a: 1\n");
    let option = format!("--{CANARY}");
    let redact = format!("--redact={CANARY}");
    let unknown = format!("--unknown={CANARY}");
    let short = format!("-x{CANARY}");
    let (attached, joined) = (format!("--set{CANARY}"), format!("--from-command-{CANARY}=x"));
    for arguments in [
        vec!["t.yaml", CANARY],
        vec!["t.yaml", "--redact", CANARY],
        vec!["t.yaml", &redact],
        vec!["t.yaml", &option],
        vec!["t.yaml", &unknown],
        vec!["t.yaml", &short],
        vec!["t.yaml", &attached],
        vec!["t.yaml", &joined],
        vec!["check", "t.yaml", &attached],
        vec!["t.yaml", "--command-timeout", CANARY],
        vec!["t.yaml", "--keychain-timeout", CANARY],
        vec!["t.yaml", "--set", CANARY],
        vec!["t.yaml", "--from-command", CANARY],
        vec!["check", "--format", CANARY],
        vec!["check", "t.yaml", &redact],
        vec!["check", "t.yaml", &option],
        vec!["verify", "t.yaml", CANARY],
        vec!["verify", "t.yaml", "--timeout", CANARY],
        vec!["set", "NAME", CANARY],
        vec!["set", "NAME", &option],
        vec!["get", "NAME", CANARY],
        vec!["rm", "NAME", CANARY],
        vec!["explain", CANARY],
        vec!["explain", "no-yaml", CANARY],
    ] {
        let ran = folder.run(&arguments, &[]);
        assert!(ran.code == Some(2) && ran.stderr.contains("error: "), "{arguments:?}\n{ran:?}");
        assert!(!format!("{ran:?}").contains(CANARY), "{arguments:?}\n{}", ran.stderr);
    }
    // What was meant is still said.
    folder.run(&["t.yaml", "--redcat"], &[]).fails(2, &["'--redcat'", "--redact"]);
    folder.run(&["check", "--format", "jsno"], &[]).fails(2, &["json, sarif, github"]);
    folder.run(&["t.yaml", "check"], &[]).fails(2, &["the command comes first", "sdlrender check …"]);
    folder.run(&["t.yaml", CANARY], &[]).fails(2, &["several templates need a folder", "--out-dir"]);
}

#[test]
fn the_value_of_a_variable_is_in_no_error() {
    for expression in [
        "vars.V | int",
        "vars.V | float",
        "vars.V + 1",
        "vars.V - 1",
        "vars.V()",
        "vars.V.nosuch()",
        "range(vars.V)",
        "dict(vars.V)",
        "vars.V | round",
        "vars.V | items",
        "vars.V | nosuch",
        "1 | batch(vars.V)",
        "[1] | join(vars.V) | tojson(vars.V)",
        "'a' | replace(vars.V)",
        "vars.V is nosuch",
        "1 is divisibleby(vars.V)",
        "-vars.V",
        "vars[vars.V].x",
    ] {
        let folder = Folder::new();
        folder.file("t.yaml", format!("a: \"{{{{ {expression} }}}}\"\n"));
        failing(&folder, expression);
    }
    for statement in [
        "include vars.V",
        "for x, y in vars.V",
        "for x in vars.V | int",
        "set x, y = vars.V",
        "include [vars.V, vars.V]",
        "extends vars.V",
    ] {
        let folder = Folder::new();
        let end = if statement.starts_with("for") { "{% endfor %}" } else { "" };
        folder.file("t.yaml", format!("a: 1\n{{% {statement} %}}{end}\n"));
        failing(&folder, statement);
    }
}

/// Whether it fails or not, the value is not in what is said.
#[track_caller]
fn failing(folder: &Folder, about: &str) {
    folder.file("v.yaml", format!("V: {CANARY}\n"));
    crate::support::set_mode(&folder.file(".env", format!("V={CANARY}\n")), 0o600);
    let given = format!("V={CANARY}");
    for arguments in [
        vec!["t.yaml"],
        vec!["t.yaml", "--set", &given],
        vec!["t.yaml", "--values", "v.yaml"],
        vec!["check", "t.yaml", "--set", &given],
    ] {
        let ran = folder.run(&arguments, &[]);
        assert!(!ran.stderr.contains(CANARY), "{about}\n{}", ran.stderr);
    }
}

#[test]
fn a_path_is_shown_in_full() {
    // A weak secret that is also the name of a service.
    let text = include_str!("../../data/check/clean.tmpl.yaml")
        .replace("  web:\n    image", "  postgres:\n    image")
        .replace("DATABASE_URL=postgres://app:{{ PASSWORD | urlencode }}@db/app", "DB_PASSWORD=postgres");
    let folder = Folder::judged();
    folder.file("t.yaml", text);
    let ran = folder.run(&["check", "t.yaml", "--format", "json"], &[]);
    let report: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let paths: Vec<&str> =
        report["findings"].as_array().expect("findings").iter().filter_map(|finding| finding["path"].as_str()).collect();
    assert!(paths.contains(&"services.postgres.env[0]"), "{paths:?}");
    assert!(paths.iter().all(|path| !path.contains('*')), "{paths:?}");
    let ran = folder.run(&["check", "t.yaml", "--format", "sarif"], &[]);
    assert!(ran.stdout.contains("services.postgres.env[0]") && !ran.stdout.contains("services.********"), "{}", ran.stdout);
}

#[test]
fn a_line_to_type_has_names_as_one_word() {
    let folder = Folder::new();
    folder.file("it's; a.yaml", "a: \"{{ file(\\\"k; ey\\\") }}\"\n");
    folder.file("a b.yaml", "a: \"{{ ABSENT }} {{ OTHER }}\"\n");
    let ran = folder.run(&["it's; b.yaml"], &[]);
    assert!(ran.stderr.contains(r"did you mean 'it'\''s; a.yaml'?"), "{}", ran.stderr);
    std::fs::create_dir(folder.path().join("a folder")).expect("a folder");
    folder.run(&["a folder"], &[]).fails(2, &["such as 'a folder/deploy.tmpl.yaml'"]);
    folder.file("latin", b"a: \xe9\n");
    std::fs::rename(folder.path().join("latin"), folder.path().join("-latin 1")).expect("a name");
    folder.run(&["--", "-latin 1"], &[]).fails(2, &["iconv -f latin1 -t utf-8 './-latin 1'"]);
    // A name that neither a shell nor a `.env` file can give is not offered there.
    folder.file("t.yaml", "a: \"{{ secrets['x; rm -rf ~'] }}\"\n");
    let told = folder.run(&["t.yaml"], &[]).fails(1, &["--from-command 'x; rm -rf ~'='CMD'"]);
    assert!(!told.contains("export") && !told.contains("to .env"), "{told}");
    folder.file("t.yaml", "a: \"{{ docker('a b;c').password }}\"\n");
    let ran = folder.run(&["t.yaml"], &[]);
    assert!(ran.stderr.contains("docker login 'a b;c'"), "{}", ran.stderr);
}

#[test]
fn what_git_is_to_ignore_is_escaped_for_git_and_the_shell() {
    let Some(folder) = crate::check::staged::repository() else { return };
    folder.file("t.yaml", "a: \"{{ A }}\"\n");
    for (name, line) in [
        ("deploy.yaml", "echo '/deploy.yaml' >> .gitignore"),
        ("it's.yaml", r"echo '/it'\''s.yaml' >> .gitignore"),
        ("a[1]*.yaml", r"printf '%s\n' '/a\[1]\*.yaml' >> .gitignore"),
    ] {
        let told = folder.run(&["t.yaml", "-o", name], &[("A", "x1x1")]).fails(2, &[line]);
        // It does what it says.
        let typed = std::process::Command::new("sh").args(["-c", line]).current_dir(folder.path()).status().expect("a shell");
        assert!(typed.success(), "{told}");
        folder.run(&["t.yaml", "-o", name], &[("A", "x1x1")]).ok();
    }
}

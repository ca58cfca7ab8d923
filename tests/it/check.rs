//! `sdlrender check` from outside.
//!
//! `tests/data/check/*.tmpl.yaml` are templates: a line with findings ends in `#! LEVEL ID, …`; `#args …` in the first line gives
//! options, `#values …` a values file. `@token@` becomes a token, so that none stands in this repository. Nothing may quote it, nor any
//! text that begins with `canary`.

mod env_secret;
mod explain;
mod formats;
mod hooks;
mod render;
pub(crate) mod staged;

use std::path::Path;

use crate::support::{Folder, Ran};
use serde_json::Value;

/// A GitHub token of the right shape.
pub(crate) fn token() -> String {
    format!("ghp_{}", "0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0uV1wX")
}

/// An SDL without fault, `image` in it.
pub(crate) fn sdl(image: &str) -> String {
    include_str!("../data/check/clean.tmpl.yaml").replace("ghcr.io/o/app:1.0", image)
}

/// No text that may be a secret is shown.
#[track_caller]
pub(crate) fn is_discreet(ran: &Ran) {
    let shown = format!("{}{}", ran.stdout, ran.stderr);
    // Not even the end of a token, or its beginning.
    for secret in [&token()[..12], &token()[30..], "canary"] {
        assert!(!shown.contains(secret), "{secret} is in:\n{shown}");
    }
}

/// The findings of `check --format json` on a case: line, level and id of each.
fn found(folder: &Folder, name: &str, text: &str) -> Vec<(u64, String)> {
    let mut arguments = vec!["check", "--format", "json", name];
    let first = text.lines().next().unwrap_or_default();
    arguments.extend(first.strip_prefix("#args ").unwrap_or_default().split_whitespace());
    if let Some(values) = first.strip_prefix("#values ") {
        folder.file("values.yaml", values);
        arguments.extend(["--values", "values.yaml"]);
    }
    let ran = folder.run(&arguments, &[]);
    is_discreet(&ran);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", ran.stdout, ran.stderr));
    assert_eq!(ran.code, Some(i32::from(report["errors"] != 0)), "{name}");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let findings = report["findings"].as_array().expect("findings").iter();
    findings.map(|it| (it["line"].as_u64().expect("a line"), format!("{} {}", text(&it["level"]), text(&it["rule"])))).collect()
}

#[test]
fn every_case_is_reported_where_it_says() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/check");
    let mut number = 0;
    for entry in std::fs::read_dir(cases).expect("cases") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).expect("a case").replace("@token@", &token());
        let folder = Folder::new();
        folder.file(&name, &text);
        let mut expected = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let ids = line.split_once("#! ").map_or("", |(_, ids)| ids);
            expected.extend(ids.split(", ").filter(|id| !id.is_empty()).map(|id| (index as u64 + 1, id.trim().to_owned())));
        }
        let mut found = found(&folder, &name, &text);
        expected.sort();
        found.sort();
        assert_eq!(found, expected, "{name}");
        // People are told the same.
        is_discreet(&folder.run(&["check", &name], &[]));
        number += 1;
    }
    assert!(number >= 11, "{number}");
}

#[test]
fn a_finding_shows_its_line_with_a_mark_and_what_to_write() {
    let folder = Folder::new();
    folder.file("t.yaml", sdl("ghcr.io/o/app"));
    let ran = folder.run(&["check", "t.yaml"], &[]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), ""));
    let expected = [
        "warning[image-tag]: the image has no tag",
        "--> t.yaml:4:12\n",
        "4 |     image: ghcr.io/o/app\n",
        "^^^^^^^^^^^^^ services.web.image\n",
        "= help: name a version",
        "note: 1 template checked: 1 warning\n",
    ];
    for part in expected {
        assert!(ran.stderr.contains(part), "`{part}` is not in:\n{}", ran.stderr);
    }
    folder.run(&["check", "--strict", "t.yaml"], &[]).fails(1, &["image-tag"]);
}

#[test]
fn without_an_argument_it_is_about_this_folder() {
    let folder = Folder::new();
    folder.file("sub/t.tmpl.yaml", sdl("ghcr.io/o/app"));
    folder.run(&["check", "--strict"], &[]).fails(1, &["--> sub/t.tmpl.yaml:4:12", "1 template checked"]);
    Folder::new().run(&["check"], &[]).fails(2, &["no templates in ."]);
}

#[test]
fn others_are_skipped_where_that_is_asked_for() {
    let folder = Folder::new();
    folder.file("other.yaml", "a: b\n");
    folder.file("notes.md", "services:\n```\ndeployment:\n");
    folder.file("binary", [0_u8, 159, 146, 150]);
    folder.file("filled.yaml", sdl("ghcr.io/o/app"));
    folder.file("broken.tmpl.yaml", "no: SDL\n");
    let others = ["check", "--skip-others", "other.yaml", "notes.md", "binary"];
    assert_eq!(folder.run(&others, &[]).stderr, "note: 0 templates checked: nothing found\n");
    folder
        .run(&[&others[..], &["filled.yaml"]].concat(), &[])
        .stderr
        .contains("1 template checked: 1 warning")
        .then_some(())
        .expect("one");
    folder.run(&[&others[..], &["broken.tmpl.yaml"]].concat(), &[]).fails(1, &["broken.tmpl.yaml"]);
    folder.run(&[&others[..], &["nowhere.tmpl.yaml"]].concat(), &[]).fails(2, &["nowhere.tmpl.yaml"]);
}

#[test]
fn a_hidden_text_is_masked_in_its_line() {
    let folder = Folder::new();
    let text = include_str!("../data/check/login.tmpl.yaml").replace("@token@", &token());
    folder.file("t.yaml", text);
    let shown = folder.run(&["check", "t.yaml"], &[]).fails(1, &[]);
    for part in ["password: ********", "- DB_PASSWORD=********", "- OTHER=********", "GHCR_TOKEN"] {
        assert!(shown.contains(part), "`{part}` is not in:\n{shown}");
    }
}

#[test]
fn a_folder_s_templates_are_found_and_others_are_not() {
    let folder = Folder::new();
    for name in ["b.tmpl.yaml", "a/c.tmpl.yml", ".hidden/d.tmpl.yaml"] {
        folder.file(name, sdl("ghcr.io/o/app"));
    }
    for name in ["e.yaml", ".git/f.tmpl.yaml", "target/g.tmpl.yaml", "a/node_modules/h.tmpl.yaml", "i.tmpl.yaml.bak"] {
        folder.file(name, "no: SDL\n");
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink(".", folder.path().join("a/loop")).expect("a link");
    let files = |arguments: &[&str]| -> Value {
        let ran = folder.run(&[&["check", "--format", "json"], arguments].concat(), &[]);
        serde_json::from_str::<Value>(&ran.ok()).expect("JSON")["files"].clone()
    };
    assert_eq!(files(&["."]), serde_json::json!([".hidden/d.tmpl.yaml", "a/c.tmpl.yml", "b.tmpl.yaml"]));
    assert_eq!(files(&["b.tmpl.yaml", "a", "b.tmpl.yaml"]), serde_json::json!(["b.tmpl.yaml", "a/c.tmpl.yml"]));
    folder.run(&["check", "a/node_modules/../loop/../../target/nothing"], &[]).fails(2, &["nothing"]);
    folder.file("empty/x.yaml", "a: b");
    folder.run(&["check", "empty"], &[]).fails(2, &["no templates in empty", "*.tmpl.yaml"]);
}

#[test]
fn what_can_not_be_read_is_said_beside_what_can() {
    let folder = Folder::new();
    folder.file("a.tmpl.yaml", sdl("ghcr.io/o/app"));
    folder.file("b.tmpl.yaml", b"\xff\xfe");
    folder.run(&["check", "."], &[]).fails(2, &["b.tmpl.yaml is not UTF-8", "image-tag"]);
    let ran = folder.run(&["check", "--format", "json", "nowhere.yaml", "a.tmpl.yaml"], &[]);
    assert_eq!(ran.code, Some(2));
    let report: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!((&report["findings"][0]["rule"], &report["findings"][0]["line"]), (&"unreadable".into(), &Value::Null));
    folder.run(&["check", "--values", "none.yaml", "a.tmpl.yaml"], &[]).fails(2, &["can't read none.yaml"]);
}

#[test]
fn a_template_comes_from_standard_input_too() {
    let folder = Folder::new();
    let mut command = folder.sdlrender(&["check", "-"], &[]);
    let path = folder.file("t.yaml", sdl("ghcr.io/o/app"));
    command.stdin(std::fs::File::open(path).expect("a file"));
    let ran = Ran::from(command.output().expect("the program starts"));
    assert!(ran.stderr.contains("--> <stdin>:4:12") && ran.code == Some(0), "{}", ran.stderr);
}

#[test]
fn what_a_template_includes_is_checked_and_named_by_its_path() {
    let folder = Folder::new();
    let part = "    image: ghcr.io/o/app\n    credentials: {host: gcr.io, username: u, password: \"{{ T }}\"}\n";
    let whole = sdl("x").replace("    image: x\n", "{% include \"parts/web.yaml\" %}\n");
    let whole: String = whole.lines().filter(|line| !line.contains("credentials")).map(|line| format!("{line}\n")).collect();
    folder.file("d/parts/web.yaml", part);
    folder.file("d/one.tmpl.yaml", &whole);
    folder.file("d/two.tmpl.yaml", &whole);
    let ran = folder.run(&["check", "d"], &[]);
    assert_eq!(ran.code, Some(1));
    for part in ["--> d/parts/web.yaml:1:12", "--> d/parts/web.yaml:2:25", "2 templates checked: 1 error, 1 warning"] {
        assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
    }
    folder.file("d/parts/web.yaml", format!("{part}    # {}\n", token()));
    let ran = folder.run(&["check", "d"], &[]);
    is_discreet(&ran);
    assert!(ran.stderr.contains("--> d/parts/web.yaml:3:7") && ran.stderr.contains("token-in-template"), "{}", ran.stderr);
}

#[test]
fn a_variable_that_is_not_set_is_taken_to_be_right() {
    let folder = Folder::new();
    folder.file("t.yaml", sdl("ghcr.io/o/app:1").replace("8080", "{{ vars.PORT }}"));
    folder.run(&["check", "--strict", "t.yaml"], &[]).ok();
    folder.run(&["check", "t.yaml"], &[("PORT", "none")]).fails(1, &["port", "services.web.expose[0].port"]);
    folder.file(".env", "PORT=none\n");
    folder.run(&["check", "t.yaml"], &[]).fails(1, &["services.web.expose[0].port"]);
    folder.run(&["check", "--no-env-file", "--set", "PORT=80", "t.yaml"], &[]).ok();
    // A statement on it can't be; that is said.
    folder.file("s.yaml", "{% if vars.X %}\nversion: \"2.0\"\n{% endif %}\nservices: {}\n");
    folder.run(&["check", "s.yaml"], &[]).fails(1, &["`vars.X` is not set, which may be the cause"]);
}

#[test]
fn the_rules_are_listed() {
    let folder = Folder::new();
    let list = folder.run(&["check", "--rules"], &[]).ok();
    for part in ["image-tag                warning", "host-mismatch            error", "size                     error"] {
        assert!(list.contains(part), "{list}");
    }
}

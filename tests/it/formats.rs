//! The output formats of `check`, `list` and `verify`: JSON as `docs/schema` says, SARIF, and the annotations of GitHub's workflows.

use serde_json::Value;

use crate::support::Folder;
use crate::support::schema::assert_valid;

const TEMPLATE: &str = "\
version: \"2.0\"
services:
  web:
    image: https://ghcr.io/o/a
    credentials:
      host: ghcr.io
      username: \"{{ USER_NAME }}\"
      password: \"{{ PASS_WORD }}\"
  db:
    image: \"ghcr.io/o/db:{{ vars.TAG }}\"
    credentials: {host: ghcr.io, username: u, password: 'ac-secret://kept'}
";

const VALUES: [(&str, &str); 2] = [("USER_NAME", "reader-name"), ("PASS_WORD", "hunter2-hunter2")];

fn folder() -> Folder {
    let folder = Folder::new();
    folder.file("a b.tmpl.yaml", TEMPLATE);
    folder
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| panic!("no JSON: {text}"))
}

#[test]
fn json_is_as_its_schema_says() {
    let folder = folder();
    let set = ["--set", "TAG=1"];
    let checked = folder.run(&["check", "a b.tmpl.yaml", "--format", "json"], &[]);
    assert_valid("check", &json(&checked.stdout));
    assert!(json(&checked.stdout)["findings"].as_array().is_some_and(|found| !found.is_empty()));
    let listed = json(&folder.run(&["list", "a b.tmpl.yaml", "--format", "json"], &[]).stdout);
    assert_valid("list", &listed);
    assert!(listed.as_array().is_some_and(|entries| entries.len() == 3), "{listed:#}");
    let verified = folder.run(&[&["verify", "a b.tmpl.yaml", "--format", "json"], &set[..]].concat(), &VALUES);
    assert_valid("verify", &json(&verified.stdout));
    assert_eq!(verified.code, Some(1));
}

#[test]
fn verify_annotates_the_lines_of_the_images() {
    let ran = folder().run(&["verify", "a b.tmpl.yaml", "--format", "github", "--set", "TAG=1"], &VALUES);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(1), ""));
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(lines.len(), 2, "{}", ran.stdout);
    let web = "::error file=a b.tmpl.yaml,line=4,endLine=4,col=12,endColumn=30,title=sdlrender%3A invalid-image::web: `https://ghcr.io/o/a`";
    assert!(lines[0].starts_with(web), "{}", lines[0]);
    assert!(
        lines[1].starts_with("::error file=a b.tmpl.yaml,line=10,") && lines[1].contains("kept-elsewhere::db: "),
        "{}",
        lines[1]
    );
}

#[test]
fn list_annotates_what_is_missing() {
    let ran = folder().run(&["list", "a b.tmpl.yaml", "--format", "github"], &VALUES[..1]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(lines.len(), 2, "{}", ran.stdout);
    assert!(lines[0].starts_with("::error file=a b.tmpl.yaml,line=8,"), "{}", lines[0]);
    assert!(
        lines[0].contains("title=sdlrender%3A missing-value::no value for `PASS_WORD`%0Aexport PASS_WORD='…'"),
        "{}",
        lines[0]
    );
    assert!(lines[1].contains("line=10,") && lines[1].contains("vars.TAG"), "{}", lines[1]);
}

#[test]
fn sarif_names_its_rules() {
    let folder = folder();
    for arguments in
        [&["verify", "a b.tmpl.yaml", "--format", "sarif", "--set", "TAG=1"][..], &["list", "a b.tmpl.yaml", "--format", "sarif"]]
    {
        let variables = if arguments[0] == "verify" { &VALUES[..] } else { &[] };
        let log = json(&folder.run(arguments, variables).stdout);
        let run = &log["runs"][0];
        let results = run["results"].as_array().expect("results");
        assert!(!results.is_empty() && log["version"] == "2.1.0", "{log:#}");
        for result in results {
            let index = result["ruleIndex"].as_u64().expect("an index") as usize;
            assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
            let place = &result["locations"][0]["physicalLocation"];
            assert_eq!(place["artifactLocation"]["uri"], "a%20b.tmpl.yaml");
            assert!(place["region"]["startLine"].is_u64(), "{result:#}");
        }
    }
}

#[test]
fn names_of_the_keychain_are_no_findings() {
    folder().run(&["list", "--keychain", "--format", "github"], &[]).fails(2, &[]);
}

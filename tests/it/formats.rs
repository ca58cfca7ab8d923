//! The output formats of `check`, `list` and `verify`: JSON as `docs/schema` says, SARIF, and the annotations of GitHub's workflows.

use std::collections::BTreeSet;
use std::path::Path;

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

/// What `check` says of every document that tests keep, and of its rules.
#[test]
fn what_check_says_is_as_its_schema_says() {
    let folder = Folder::new();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let mut names = Vec::new();
    for part in ["check", "credential"] {
        for file in std::fs::read_dir(data.join(part)).expect("a folder") {
            let path = file.expect("a file").path();
            names.push(format!("{part}-{}", path.file_name().expect("a name").to_string_lossy()));
            folder.file(&names[names.len() - 1], std::fs::read(&path).expect("a file"));
        }
    }
    let arguments: Vec<&str> = ["check", "--format", "json"].into_iter().chain(names.iter().map(String::as_str)).collect();
    let found = json(&folder.run(&arguments, &[]).stdout);
    assert_valid("check", &found);
    let rules = json(&folder.run(&["check", "--rules", "--format", "json"], &[]).stdout);
    assert_valid("rules", &rules);
    let known: Vec<&Value> = rules["rules"].as_array().expect("rules").iter().map(|rule| &rule["id"]).collect();
    let findings = found["findings"].as_array().expect("findings");
    assert!(findings.len() > 100, "{}", findings.len());
    assert!(findings.iter().all(|finding| known.contains(&&finding["rule"])), "{found:#}");
    // A finding without a place has no lines.
    assert!(findings.iter().any(|finding| finding["line"].is_u64()));
}

/// The ids in a function `id` of these files.
fn ids(files: &[&str]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in files {
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).expect("a file");
        for body in text.split("fn id(").skip(1) {
            let arms = body.lines().take_while(|line| *line != "    }");
            found.extend(arms.filter_map(|line| Some(line.split_once(" => \"")?.1.split_once('"')?.0.to_owned())));
        }
    }
    found
}

/// Every verdict, warning and state of a login is in the schema, and some test expects it: those tests hold what they get against the schema.
#[test]
fn every_verdict_is_in_the_schema_and_is_tried() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let schema = json(&std::fs::read_to_string(root.join("docs/schema/verify.schema.json")).expect("a schema"));
    let members = &schema["items"]["properties"];
    let listed = |place: &Value| -> BTreeSet<String> {
        place["enum"].as_array().expect("a list").iter().filter_map(|id| Some(id.as_str()?.to_owned())).collect()
    };
    let (verdicts, states) = (listed(&members["verdict"]), listed(&members["login"]));
    let warnings = listed(&members["warnings"]["items"]["properties"]["warning"]);
    assert_eq!(ids(&["src/verify/verdict.rs"]), verdicts.union(&states).cloned().collect());
    assert_eq!(ids(&["src/verify/verdict/warning.rs"]), warnings);
    let mut tests = String::new();
    for folder in ["tests/it/verify", "tests/it/verify_servers", "tests/it/registries"] {
        for file in std::fs::read_dir(root.join(folder)).expect("a folder") {
            tests += &std::fs::read_to_string(file.expect("a file").path()).expect("a file");
        }
    }
    let untried: Vec<&String> =
        verdicts.iter().chain(&warnings).chain(&states).filter(|id| !tests.contains(&format!("\"{id}\""))).collect();
    assert!(untried.is_empty(), "{untried:?}");
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

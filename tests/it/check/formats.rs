//! What programs read.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{is_discreet, sdl, token};
use crate::support::{Folder, node};

fn folder() -> Folder {
    let folder = Folder::new();
    folder.file("a, b/é %.tmpl.yaml", include_str!("../../data/check/login.tmpl.yaml").replace("@token@", &token()));
    folder.file("good.tmpl.yaml", sdl("ghcr.io/o/app:1"));
    folder.file(
        "pem.tmpl.yaml",
        "a: |\n  -----BEGIN PRIVATE KEY-----\n  MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n  -----END PRIVATE KEY-----\n",
    );
    folder
}

#[test]
fn json_says_where_and_what() {
    let folder = folder();
    let ran = folder.run(&["check", "--format", "json", "."], &[]);
    is_discreet(&ran);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(1), ""));
    let report: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let members = |value: &Value| value.as_object().expect("an object").keys().cloned().collect::<BTreeSet<String>>();
    assert_eq!(members(&report), ["errors", "files", "findings", "version", "warnings"].map(str::to_owned).into());
    assert_eq!(report["version"], 1);
    let findings = report["findings"].as_array().expect("findings");
    let names = ["column", "endColumn", "endLine", "file", "help", "level", "line", "message", "path", "rule"];
    findings.iter().for_each(|finding| assert_eq!(members(finding), names.map(str::to_owned).into()));
    let host = findings.iter().find(|it| it["rule"] == "host-mismatch").expect("the host");
    let place = ["file", "line", "column", "endLine", "endColumn", "path"].map(|name| &host[name]);
    let expected = json!(["a, b/é %.tmpl.yaml", 6, 13, 6, 28, "services.web.credentials.host"]);
    assert_eq!(json!(place), expected);
    // Several lines.
    let key = findings.iter().find(|it| it["file"] == "pem.tmpl.yaml" && it["rule"] == "token-in-template").expect("the key");
    assert_eq!(json!([key["line"], key["column"], key["endLine"]]), json!([2, 3, 4]), "{key}");
    let errors = findings.iter().filter(|it| it["level"] == "error").count();
    assert_eq!((&report["errors"], &report["warnings"]), (&json!(errors), &json!(findings.len() - errors)));
}

#[test]
fn columns_count_characters() {
    let folder = Folder::new();
    folder.file("t.yaml", sdl("ghcr.io/o/app:1").replace("    expose", "    \"é😀\": {x: 1}\n    expose"));
    let ran = folder.run(&["check", "--format", "json", "t.yaml"], &[]);
    let report: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let key = report["findings"].as_array().expect("findings").iter().find(|it| it["rule"] == "unknown-key").expect("the key");
    assert_eq!(json!([key["column"], key["endColumn"]]), json!([5, 9]));
}

/// By the schema of the standard itself.
#[test]
fn sarif_is_what_the_standard_says() {
    let folder = folder();
    let run = |arguments: &[&str]| {
        let ran = folder.run(&[&["check", "--format", "sarif"], arguments].concat(), &[]);
        is_discreet(&ran);
        serde_json::from_str::<Value>(&ran.stdout).expect("JSON")
    };
    let logs = [run(&["."]), run(&["good.tmpl.yaml"]), run(&["nowhere.yaml"])];
    let [whole, good, missing] = &logs;
    assert_eq!(good["runs"][0]["results"], json!([]));
    assert_eq!(missing["runs"][0]["invocations"][0]["executionSuccessful"], false);
    let (results, rules) = (&whole["runs"][0]["results"], &whole["runs"][0]["tool"]["driver"]["rules"]);
    let host = results.as_array().expect("results").iter().find(|it| it["ruleId"] == "host-mismatch").expect("the host");
    let place = &host["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "a%2C%20b/%C3%A9%20%25.tmpl.yaml");
    assert_eq!(place["region"], json!({ "startLine": 6, "startColumn": 13, "endLine": 6, "endColumn": 28 }));
    for result in results.as_array().expect("results") {
        let index = usize::try_from(result["ruleIndex"].as_u64().expect("a number")).expect("an index");
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
    let Some(judge) = node::installed("editor", &["sarif.mjs", "yaml.mjs"]) else { return };
    let mut wrong = whole.clone();
    wrong["runs"][0]["results"][0]["level"] = json!("grave");
    let answers = node::answers(&judge.join("sarif.mjs"), &[&logs[..], &[wrong]].concat());
    assert_eq!(answers[..3], [Value::Null, Value::Null, Value::Null], "{answers:?}");
    assert_ne!(answers[3], Value::Null, "the judge finds no fault in anything");
}

#[test]
fn github_s_annotations_are_one_line_each() {
    let folder = folder();
    let ran = folder.run(&["check", "--format", "github", "."], &[]);
    is_discreet(&ran);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert!(lines.iter().all(|line| line.starts_with("::error file=") || line.starts_with("::warning file=")), "{}", ran.stdout);
    let host = "::error file=a%2C b/é %25.tmpl.yaml,line=6,endLine=6,col=13,endColumn=27,title=sdlrender%3A host-mismatch::`index.docker.io`";
    assert!(lines.iter().any(|line| line.starts_with(host) && line.contains("%0Awrite `host: ")), "{}", ran.stdout);
    assert!(lines.iter().any(|line| line.starts_with("::error file=pem.tmpl.yaml,line=2,endLine=4,title=")), "{}", ran.stdout);
    assert_eq!((ran.code, folder.run(&["check", "--format", "github", "good.tmpl.yaml"], &[]).ok().as_str()), (Some(1), ""));
}

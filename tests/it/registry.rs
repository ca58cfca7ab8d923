//! Which `credentials.host` reaches which image, against a table that was run with kubelet's own code: `tests/data/kubelet`.

use serde_json::Value;

use crate::support::Folder;
use crate::support::findings::reported;

const TABLE: &str = include_str!("../data/kubelet/host-matching.tsv");

/// Of version 2.0, which takes a host as it is written; 2.1 trims it.
fn document(host: &str, image: &str) -> String {
    // JSON's strings are YAML's.
    let (host, image) = (Value::from(host), Value::from(image));
    format!(
        r#"version: "2.0"
services:
  web:
    image: {image}
    credentials: {{host: {host}, username: user, password: "{{{{ PASSWORD }}}}"}}
    expose: [{{port: 80, to: [{{global: true}}]}}]
profiles:
  compute: {{web: {{resources: {{cpu: {{units: 1}}, memory: {{size: 1Gi}}, storage: {{size: 1Gi}}}}}}}}
  placement: {{akash: {{pricing: {{web: {{denom: uact, amount: 1}}}}}}}}
deployment: {{web: {{akash: {{profile: web, count: 1}}}}}}
"#
    )
}

#[test]
fn every_host_reaches_what_kubelet_says() {
    let folder = Folder::new();
    let mut rows = Vec::new();
    for (number, line) in TABLE.lines().skip(1).enumerate() {
        let cells: Vec<String> = line.split('\t').map(|cell| cell.replace("\\n", "\n")).collect();
        let file = format!("{number}.yaml");
        folder.file(&file, document(&cells[0], &cells[1]));
        rows.push((file, line, cells));
    }
    assert!(rows.len() >= 86, "{} rows", rows.len());
    let files: Vec<String> = rows.iter().map(|(file, ..)| file.clone()).collect();
    let reported = reported(&folder, &files, None);
    let about_the_host = ["host-mismatch", "host-whitespace", "credentials-no-host", "image-name"];
    for (file, line, cells) in &rows {
        let rules = reported.get(file).into_iter().flatten().map(String::as_str);
        let rules: Vec<&str> = rules.filter(|rule| about_the_host.contains(rule)).collect();
        let expected: &[&str] = match cells[2].as_str() {
            "MATCH" | "MATCH(default)" => &[],
            // Akash refuses a login without a host before kubelet sees it.
            "NO" if cells[0].is_empty() => &["credentials-no-host"],
            "NO" => &["host-mismatch"],
            "KEY-IGNORED" => &["host-whitespace"],
            "IMAGE-ERR" => &["image-name"],
            other => panic!("verdict `{other}`"),
        };
        assert_eq!(rules, expected, "{line}");
    }
}

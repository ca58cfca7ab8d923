//! `--format sarif`: OASIS SARIF 2.1.0, as code-scanning services read it. The places named here are sections of that standard.

use std::path::{Component, Path};

use serde_json::{Map, Value, json};

use super::Reported;
use super::page::page;
use crate::diagnostic::{printable, printable_json};
use crate::finding::{About, Rule};

/// The findings of `check` as a log with one run; `complete` when every template could be read.
pub(crate) fn write(reported: &[Reported], complete: bool) -> serde_json::Result<String> {
    let rules: Vec<(&str, Value)> = Rule::ALL.iter().map(|rule| (rule.id(), descriptor(*rule))).collect();
    log(reported, &rules, complete)
}

/// The findings of another command as a log with one run. They have no pages; their ids speak for themselves.
pub(crate) fn write_plain(reported: &[Reported]) -> serde_json::Result<String> {
    let mut rules: Vec<(&str, Value)> = Vec::new();
    for it in reported {
        if !rules.iter().any(|(id, _)| *id == it.rule) {
            let text = it.rule.replace('-', " ");
            let level = json!({ "level": it.level() });
            rules.push((it.rule, json!({ "id": it.rule, "shortDescription": { "text": text }, "defaultConfiguration": level })));
        }
    }
    log(reported, &rules, true)
}

fn log(reported: &[Reported], rules: &[(&str, Value)], complete: bool) -> serde_json::Result<String> {
    let results = reported.iter().map(|it| {
        let mut text = printable(&it.diagnostic.message);
        let advice = it.advice();
        if !advice.is_empty() {
            text = format!("{text}: {advice}");
        }
        let mut result = Map::new();
        result.insert("ruleId".into(), it.rule.into());
        if let Some(index) = rules.iter().position(|(id, _)| *id == it.rule) {
            result.insert("ruleIndex".into(), index.into());
        }
        result.insert("level".into(), it.level().into());
        result.insert("message".into(), json!({ "text": text }));
        result.insert("locations".into(), json!([location(it)]));
        Value::Object(result)
    });
    let log = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "sdlrender",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|(_, descriptor)| descriptor).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "invocations": [{ "executionSuccessful": complete }],
            "results": results.collect::<Vec<_>>(),
        }],
    });
    Ok(printable_json(serde_json::to_string_pretty(&log)?) + "\n")
}

/// A `reportingDescriptor` (3.49).
fn descriptor(rule: Rule) -> Value {
    let About { id, level, summary, why, .. } = rule.about();
    let mut descriptor = json!({
        "id": id,
        "shortDescription": { "text": summary },
        "fullDescription": { "text": why },
        "help": { "text": page(rule) },
        "defaultConfiguration": { "level": level.word() },
    });
    if let Some(address) = address(env!("CARGO_PKG_REPOSITORY"), id) {
        descriptor["helpUri"] = address.into();
    }
    descriptor
}

/// Where people read about a rule: in the documentation of this version, if Cargo.toml says in which repository that is.
fn address(repository: &str, id: &str) -> Option<String> {
    let repository = repository.trim_end_matches('/');
    (!repository.is_empty()).then(|| format!("{repository}/blob/v{}/docs/rules.md#{id}", env!("CARGO_PKG_VERSION")))
}

/// A `location` (3.28).
fn location(it: &Reported) -> Value {
    let mut physical = json!({ "artifactLocation": { "uri": uri(&it.file) } });
    if let Some(region) = it.region() {
        let ((line, column), (end_line, end_column)) = (region.start, region.end);
        physical["region"] = json!({ "startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column });
    }
    let mut location = json!({ "physicalLocation": physical });
    if !it.path.is_empty() {
        location["logicalLocations"] = json!([{ "fullyQualifiedName": it.path }]);
    }
    location
}

/// A path as a URI reference (RFC 3986), relative where the path is (3.4.3).
fn uri(path: &str) -> String {
    let parts = Path::new(path).components().filter_map(|part| match part {
        Component::CurDir | Component::RootDir => None,
        part => Some(escape(&part.as_os_str().to_string_lossy())),
    });
    let joined = parts.collect::<Vec<_>>().join("/");
    if Path::new(path).is_absolute() { format!("file:///{joined}") } else { joined }
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => escaped.push(char::from(byte)),
            other => escaped.push_str(&format!("%{other:02X}")),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_references() {
        assert_eq!(uri("./a b/ü:1.yaml"), "a%20b/%C3%BC%3A1.yaml");
        assert_eq!(uri("/tmp/x.yaml"), "file:///tmp/x.yaml");
        assert_eq!(uri("../x"), "../x");
    }

    #[test]
    fn a_rule_is_read_about_in_the_repository_of_the_program() {
        let there = address("https://forge.example/team/sdlrender/", "image-tag");
        let version = env!("CARGO_PKG_VERSION");
        assert_eq!(there, Some(format!("https://forge.example/team/sdlrender/blob/v{version}/docs/rules.md#image-tag")));
        assert_eq!(address("", "image-tag"), None);
        let heading = "\n## image-tag\n";
        assert!(include_str!("../../docs/rules.md").contains(heading), "the address leads to no heading");
    }
}

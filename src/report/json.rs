//! `--format json`: one document; members are only ever added.

use serde::Serialize;

use super::Reported;
use super::page::page;
use crate::diagnostic::{printable, printable_json};
use crate::finding::{Level, Rule};

#[derive(Serialize)]
struct CheckReport<'r> {
    /// Of this format.
    version: u32,
    files: &'r [String],
    errors: usize,
    warnings: usize,
    findings: Vec<FindingEntry<'r>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FindingEntry<'r> {
    rule: &'r str,
    level: &'r str,
    file: &'r str,
    line: Option<usize>,
    column: Option<usize>,
    end_line: Option<usize>,
    end_column: Option<usize>,
    path: &'r str,
    message: String,
    help: Option<String>,
}

/// The findings in `files`, all that were read.
pub(crate) fn write(files: &[String], reported: &[Reported]) -> serde_json::Result<String> {
    let errors = reported.iter().filter(|it| it.is_error()).count();
    let findings = reported.iter().map(|it| {
        let region = it.region();
        FindingEntry {
            rule: it.rule,
            level: it.level(),
            file: &it.file,
            line: region.map(|region| region.start.0),
            column: region.map(|region| region.start.1),
            end_line: region.map(|region| region.end.0),
            end_column: region.map(|region| region.end.1),
            path: &it.path,
            message: printable(&it.diagnostic.message),
            help: Some(it.advice()).filter(|advice| !advice.is_empty()),
        }
    });
    let document = CheckReport { version: 1, files, errors, warnings: reported.len() - errors, findings: findings.collect() };
    Ok(printable_json(serde_json::to_string_pretty(&document)?) + "\n")
}

#[derive(Serialize)]
struct Rules {
    /// Of this format.
    version: u32,
    rules: Vec<RuleEntry>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RuleEntry {
    id: &'static str,
    /// The graver first, where there are two.
    levels: Vec<&'static str>,
    summary: &'static str,
    why: &'static str,
    refused_by: &'static str,
    source: &'static str,
    bad: String,
    good: String,
    /// What `sdlrender explain` prints.
    help: String,
}

/// All rules.
pub(crate) fn rules() -> serde_json::Result<String> {
    let entry = |rule: &Rule| {
        let about = rule.about();
        RuleEntry {
            id: about.id,
            levels: [Some(about.level), about.lower].into_iter().flatten().map(Level::word).collect(),
            summary: about.summary,
            why: about.why,
            refused_by: about.refused_by,
            source: about.source,
            bad: about.bad(),
            good: about.good(),
            help: page(*rule),
        }
    };
    let list = Rules { version: 1, rules: Rule::ALL.iter().map(entry).collect() };
    Ok(serde_json::to_string_pretty(&list)? + "\n")
}

//! `--format json`: one document; members are only ever added.

use serde::Serialize;

use super::Reported;
use crate::diagnostic::printable;

#[derive(Serialize)]
struct Document<'r> {
    /// Of this format.
    version: u32,
    files: &'r [String],
    errors: usize,
    warnings: usize,
    findings: Vec<Finding<'r>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Finding<'r> {
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
pub fn write(files: &[String], reported: &[Reported]) -> serde_json::Result<String> {
    let errors = reported.iter().filter(|it| it.is_error()).count();
    let findings = reported.iter().map(|it| {
        let region = it.region();
        Finding {
            rule: it.rule.id(),
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
    let document = Document { version: 1, files, errors, warnings: reported.len() - errors, findings: findings.collect() };
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

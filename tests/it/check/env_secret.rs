//! How well `env-secret` tells secrets from other values of `env`: on entries of our own (`tests/data/env/labels.tsv`), each of which must
//! be judged as its label says, and on labelled entries of published SDLs where these are at hand.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;

use serde_json::Value;

use crate::support::Folder;

/// The lines of `files` in which a value is told to be a secret.
fn told(folder: &Folder, files: &[String]) -> BTreeSet<(String, u64)> {
    let arguments: Vec<&str> = ["check", "--format", "json"].into_iter().chain(files.iter().map(String::as_str)).collect();
    let ran = folder.run(&arguments, &[]);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr));
    let found = report["findings"].as_array().expect("findings").iter();
    let found = found.filter(|it| matches!(it["rule"].as_str(), Some("env-secret" | "token-in-template")));
    found.filter_map(|it| Some((it["file"].as_str()?.to_owned(), it["line"].as_u64()?))).collect()
}

#[test]
fn entries_of_our_own_are_judged_as_their_labels_say() {
    let folder = Folder::new();
    let labels = include_str!("../../data/env/labels.tsv").lines().skip(1).map(|line| line.split_once('\t').expect("a label"));
    let labels: Vec<(&str, &str)> = labels.collect();
    let mut text = "version: \"2.0\"\nservices:\n  web:\n    image: a/b:1\n    env:\n".to_owned();
    let first = text.lines().count() as u64 + 1;
    for (_, item) in &labels {
        text += &format!("      - '{}'\n", item.replace('\'', "''"));
    }
    folder.file("t.yaml", text);
    let told = told(&folder, &["t.yaml".to_owned()]);
    let is_told = |line: u64| told.contains(&("t.yaml".to_owned(), line));
    let wrong: Vec<_> = (first..).zip(&labels).filter(|(line, (label, _))| is_told(*line) != (*label == "yes")).collect();
    assert!(wrong.is_empty() && labels.len() > 80, "{wrong:#?}");
}

#[test]
fn secrets_of_published_files_are_found_and_little_else() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let Ok(labels) = std::fs::read_to_string(shared.join("field/env-labels.tsv")) else {
        let _ = writeln!(std::io::stderr(), "skipped: the labels of published files are not there");
        return;
    };
    let rows: Vec<Vec<&str>> = labels.lines().skip(1).map(|line| line.split('\t').collect()).collect();
    let files: BTreeSet<&str> = rows.iter().map(|row| row[0]).collect();
    let folder = Folder::new();
    for file in &files {
        folder.file(file, std::fs::read(shared.join("corpus").join(file)).expect("a published file"));
    }
    let told = told(&folder, &files.iter().map(|file| (*file).to_owned()).collect::<Vec<_>>());
    let (mut right, mut wrong, mut missed) = (0.0, 0.0, 0.0);
    for row in &rows {
        let line = row[1].parse().expect("a line");
        match (told.contains(&(row[0].to_owned(), line)), row[4] == "yes") {
            (true, true) => right += 1.0,
            (true, false) => wrong += 1.0,
            (false, true) => missed += 1.0,
            (false, false) => {}
        }
    }
    let (precision, recall) = (right / (right + wrong), right / (right + missed));
    let _ = writeln!(std::io::stderr(), "{} entries: precision {precision:.2}, recall {recall:.2}", rows.len());
    assert!(precision >= 0.95 && recall >= 0.95, "precision {precision}, recall {recall}");
}

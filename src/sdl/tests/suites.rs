//! Agreement with Akash's Go parser on documents whose verdicts were taken from it; printed, and below 100 % a failure.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::finding::Level;
use crate::sdl::check_text;
use serde_json::Value;

/// A document with the verdicts of Akash's parser and of its JSON schema or JS SDK.
struct Case {
    name: String,
    text: String,
    valid: bool,
    console: bool,
    why: String,
}

/// The folder of shared suites, if it is there.
fn shared() -> Option<PathBuf> {
    let folder = std::env::var_os("SDLRENDER_CORPUS").map(PathBuf::from);
    folder
        .or_else(|| Some(Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared")))
        .filter(|folder| folder.join("corpus").is_dir())
}

fn lines(file: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(file).expect("a suite");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}

fn files(folder: &Path) -> Vec<Case> {
    let corpus = folder.join("corpus");
    let case = |line: &Value| Case {
        name: text(line, "file"),
        text: std::fs::read_to_string(corpus.join(text(line, "file"))).expect("a file of the corpus"),
        valid: line["valid"] == true,
        console: line["js_sdk_valid"] == true,
        why: text(line, "error"),
    };
    lines(&corpus.join("verdicts.jsonl")).iter().map(case).collect()
}

fn mutants(folder: &Path) -> Vec<Case> {
    let case = |line: &Value| Case {
        name: text(line, "id"),
        text: text(line, "sdl"),
        valid: line["valid"] == true,
        console: line["js_sdk_valid"] == true,
        why: text(line, "error"),
    };
    lines(&folder.join("corpus/mutants.jsonl")).iter().map(case).collect()
}

/// Small documents on which YAML readers part ways.
fn yaml_probes(folder: &Path) -> Vec<Case> {
    let folder = folder.join("akash/yaml-probes");
    let verdicts = std::fs::read_to_string(folder.join("verdicts.tsv")).expect("verdicts");
    let rows = verdicts.lines().skip(1).map(|row| row.split('\t').collect::<Vec<_>>());
    let case = |row: Vec<&str>| Case {
        name: row[0].to_owned(),
        text: std::fs::read_to_string(folder.join(row[0])).expect("a probe"),
        valid: row[1] == "valid",
        console: row[1] == "valid",
        why: row[2].to_owned(),
    };
    rows.map(case).collect()
}

fn agreement(suite: &str, cases: &[Case]) -> usize {
    // Not `println!`: the test runner would keep it to itself.
    let mut out = std::io::stderr();
    let (mut same, mut console) = (0, 0);
    for case in cases {
        let findings = check_text(&case.text);
        let errors: Vec<_> = findings.iter().filter(|finding| finding.level == Level::Error).collect();
        if errors.is_empty() == case.valid {
            same += 1;
        } else {
            let ids: Vec<String> = errors.iter().map(|finding| format!("{} at {}", finding.rule, finding.path)).collect();
            let _ = writeln!(out, "{suite} {}: Akash says `{}`, we say {ids:?}", case.name, case.why);
        }
        // Where Akash accepts, a warning foretells Console.
        let clean = findings.is_empty();
        console += usize::from(clean == (case.console && case.valid));
        if std::env::var_os("SDLRENDER_CORPUS_CONSOLE").is_some() && clean != (case.console && case.valid) {
            let ids: Vec<String> = findings.iter().map(|finding| format!("{} at {}", finding.rule, finding.path)).collect();
            let _ = writeln!(out, "{suite} {}: Console {}, Akash {}, we say {ids:?}", case.name, case.console, case.valid);
        }
    }
    let all = cases.len();
    let share = 100.0 * console as f64 / all as f64;
    let _ =
        writeln!(out, "{suite}: {same} of {all} as Akash's parser; clean exactly where Console and Akash accept: {share:.1} %");
    all - same
}

#[test]
fn akash_s_parser_and_the_rules_agree() {
    let Some(folder) = shared() else {
        let _ = writeln!(std::io::stderr(), "skipped: no shared suites of SDL documents");
        return;
    };
    let suites = [files(&folder), mutants(&folder), yaml_probes(&folder)];
    let differing: usize =
        ["files", "mutants", "YAML probes"].iter().zip(&suites).map(|(name, cases)| agreement(name, cases)).sum();
    assert_eq!(differing, 0);
}

//! Documents of our own with the findings each must give.
//!
//! A file is a series of cases. `# …` names one; `- LINE` takes a line out of the base document, where it stands once, and `+ LINE`
//! puts others in its place, indented as it was; or `| LINE` gives the whole document. `= LEVEL ID | LINE` is a finding and the line it
//! points at. Without any the document must be clean.

use std::path::Path;

use crate::finding::Level;
use crate::sdl::check_text;
use crate::span::line_range;

const BASE: &str = include_str!("../../../tests/data/sdl/base.yaml");
const FILES: [&str; 6] = ["document", "yaml", "service", "expose", "compute", "deployment"];

#[derive(Default)]
struct Case {
    name: String,
    edits: Vec<(char, String)>,
    expected: Vec<String>,
}

impl Case {
    fn document(&self) -> String {
        let whole: Vec<&str> = self.edits.iter().filter(|(kind, _)| *kind == '|').map(|(_, line)| line.as_str()).collect();
        if !whole.is_empty() {
            return whole.join("\n");
        }
        let mut lines: Vec<Option<String>> = BASE.lines().map(|line| Some(line.to_owned())).collect();
        let mut put: Vec<Vec<String>> = vec![Vec::new(); lines.len()];
        let (mut at, mut indent) = (0, String::new());
        for (kind, text) in &self.edits {
            if *kind == '+' {
                put[at].push(format!("{indent}{text}"));
                continue;
            }
            // A line may be the second of its kind: it stands below the line that was taken out before.
            let found = |from: usize| (from..lines.len()).find(|at| lines[*at].as_ref().is_some_and(|line| line.trim() == text));
            at = found(at).or_else(|| found(0)).unwrap_or_else(|| panic!("{}: no line `{text}`", self.name));
            let line = lines[at].take().unwrap_or_default();
            indent = line[..line.len() - line.trim_start().len()].to_owned();
        }
        let mut document = Vec::new();
        for (line, put) in lines.into_iter().zip(put) {
            document.extend(line);
            document.extend(put);
        }
        document.join("\n")
    }
}

fn cases(file: &str) -> Vec<Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/data/sdl/{file}.txt"));
    let mut cases = Vec::new();
    for line in std::fs::read_to_string(path).expect("a file of cases").lines() {
        let (kind, rest) = (line.chars().next().unwrap_or(' '), line.get(2..).unwrap_or("").to_owned());
        if kind == '#' {
            cases.push(Case { name: format!("{file}: {rest}"), ..Case::default() });
        } else if let Some(case) = cases.last_mut() {
            match kind {
                '-' | '+' | '|' => case.edits.push((kind, rest)),
                '=' => case.expected.push(rest.trim_end().to_owned()),
                _ => {}
            }
        }
    }
    cases
}

fn found(text: &str) -> Vec<String> {
    let shown = |finding: crate::finding::Finding| {
        let level = if finding.level == Level::Error { "error" } else { "warning" };
        let line = &text[line_range(text, finding.range.start)];
        format!("{level} {} | {}", finding.rule, line.trim()).trim_end().to_owned()
    };
    check_text(text).into_iter().map(shown).collect()
}

#[test]
fn each_document_gives_the_findings_it_must_give() {
    let (mut number, mut wrong) = (0, Vec::new());
    for mut case in FILES.iter().flat_map(|file| cases(file)) {
        number += 1;
        let text = case.document();
        let mut findings = found(&text);
        findings.sort();
        case.expected.sort();
        if findings != case.expected {
            wrong.push(format!("{}\n  expected {:#?}\n  found {findings:#?}", case.name, case.expected));
        }
    }
    assert!(number >= 150, "{number} cases");
    assert!(wrong.is_empty(), "{} of {number}:\n{}", wrong.len(), wrong.join("\n"));
}

/// No word of a credential, an environment variable's value or a command is repeated.
#[test]
fn no_finding_quotes_what_may_be_a_secret() {
    for case in FILES.iter().flat_map(|file| cases(file)) {
        for finding in check_text(&case.document()) {
            let told = format!("{} {} {:?}", finding.path, finding.message, finding.help);
            assert!(!told.contains("some-word"), "{}: {told}", case.name);
        }
    }
}

/// A merge of a merge of a merge: Akash's own reader takes 10,000 levels.
#[test]
fn merges_nest_deeply() {
    let links: String = (1..9_000).map(|link| format!(", &m{link} {{<<: *m{}}}", link - 1)).collect();
    let text = BASE
        .replace("- A=1", &format!("- A=1\n    labels: [&m0 {{region: eu}}{links}]"))
        .replace("attributes: {region: eu}", "attributes: {<<: *m8999}");
    let found: Vec<String> = check_text(&text).into_iter().map(|finding| finding.rule.to_string()).collect();
    assert_eq!(found, ["unknown-key"]);
}

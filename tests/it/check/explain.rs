//! Rules' pages: each example is put into the smallest SDL and checked.

use std::collections::{BTreeMap, BTreeSet};

use sdlrender::finding::{About, ExamplePlace, Rule};
use serde_json::Value;

use crate::support::Folder;

const BASE: &str = include_str!("base.yaml");

/// The lines of `document` in which the mapping at `path` has its entries, and their indentation.
fn region(document: &[String], path: &str) -> (std::ops::Range<usize>, usize) {
    let (mut lines, mut indent) = (0..document.len(), 0);
    for part in path.split('.').filter(|part| !part.is_empty()) {
        let key = format!("{}{part}:", " ".repeat(indent));
        let at = lines.clone().find(|at| document[*at].trim_end() == key).unwrap_or_else(|| panic!("no {path}"));
        let inner = |line: &String| line.starts_with(&" ".repeat(indent + 1));
        let end = (at + 1..lines.end).find(|at| !inner(&document[*at])).unwrap_or(lines.end);
        (lines, indent) = (at + 1..end, indent + 2);
    }
    (lines, indent)
}

/// The base with the lines of `example` in the mapping at `path`, in place of entries with the same keys.
fn put(path: &str, example: &str) -> String {
    let mut document: Vec<String> = BASE.lines().map(str::to_owned).collect();
    let (lines, indent) = region(&document, path);
    let key = |line: &str| line.split(':').next().unwrap_or_default().to_owned();
    let keys: BTreeSet<String> = example.lines().filter(|line| !line.starts_with([' ', '#'])).map(key).collect();
    let mut kept = Vec::new();
    let mut keep = true;
    for line in &document[lines.clone()] {
        if !line[indent..].starts_with(' ') {
            keep = !keys.contains(&key(&line[indent..]));
        }
        kept.extend(keep.then(|| line.clone()));
    }
    kept.extend(example.lines().map(|line| format!("{}{line}", " ".repeat(indent))));
    document.splice(lines, kept);
    document.join("\n") + "\n"
}

fn document(place: ExamplePlace, example: &str) -> Option<String> {
    match place {
        ExamplePlace::File => Some(format!("{example}\n")),
        ExamplePlace::Before => Some(format!("{example}\n{BASE}")),
        ExamplePlace::After => Some(format!("{BASE}{example}\n")),
        ExamplePlace::Lines(path) => Some(put(path, example)),
        ExamplePlace::Described(_) => None,
    }
}

/// Each file's findings: line, rule, level.
fn checked(folder: &Folder) -> BTreeMap<String, Vec<(usize, String, String)>> {
    let ran = folder.run(&["check", "--format", "json", "."], &[]);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr));
    let mut found: BTreeMap<String, Vec<(usize, String, String)>> = BTreeMap::new();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    for finding in report["findings"].as_array().expect("findings") {
        let line = finding["line"].as_u64().unwrap_or(0) as usize;
        found.entry(text(&finding["file"])).or_default().push((line, text(&finding["rule"]), text(&finding["level"])));
    }
    found
}

#[test]
fn bad_examples_break_their_rule_and_good_ones_none() {
    let folder = Folder::new();
    let mut shown = Vec::new();
    for About { id, place, .. } in Rule::ALL.iter().map(|rule| rule.about()) {
        let about = Rule::named(id).expect("a rule").about();
        let (Some(bad), Some(good)) = (document(*place, &about.bad()), document(*place, &about.good())) else { continue };
        folder.file(&format!("{id}.bad.tmpl.yaml"), bad);
        folder.file(&format!("{id}.good.tmpl.yaml"), good);
        shown.push(*id);
    }
    assert!(shown.len() > 120, "{} rules have examples that are documents", shown.len());
    let found = checked(&folder);
    let mut wrong = Vec::new();
    for id in shown {
        let of = |kind: &str| found.get(&format!("{id}.{kind}.tmpl.yaml")).map(Vec::as_slice).unwrap_or_default();
        if !of("bad").iter().any(|(_, rule, _)| rule == id) {
            wrong.push(format!("{id}: the bad example gives {:?}", of("bad")));
        }
        if !of("good").is_empty() {
            wrong.push(format!("{id}: the good example gives {:?}", of("good")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_comment_in_the_line_allows_what_the_page_says() {
    let folder = Folder::new();
    let rules: Vec<&Rule> = Rule::ALL.iter().filter(|rule| rule.can_be_allowed()).collect();
    let examples: BTreeMap<&str, String> =
        rules.iter().filter_map(|rule| Some((rule.id(), document(rule.about().place, &rule.about().bad())?))).collect();
    for (id, text) in &examples {
        folder.file(&format!("{id}.tmpl.yaml"), text);
    }
    let before = checked(&folder);
    for (id, text) in &examples {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let found = before[&format!("{id}.tmpl.yaml")].iter().filter(|(_, rule, _)| rule == id);
        for at in found.map(|(line, ..)| line - 1).collect::<BTreeSet<_>>() {
            let more = if lines[at].contains("# sdlrender: allow") { ", " } else { " # sdlrender: allow " };
            lines[at] = format!("{}{more}{id}", lines[at]);
        }
        folder.file(&format!("{id}.tmpl.yaml"), lines.join("\n") + "\n");
    }
    let after = checked(&folder);
    let still: Vec<&&str> = examples
        .keys()
        .filter(|id| after.get(&format!("{id}.tmpl.yaml")).is_some_and(|found| found.iter().any(|(_, rule, _)| rule == **id)))
        .collect();
    assert!(still.is_empty(), "{still:?}");
}

#[test]
fn a_page_is_printed_and_a_wrong_name_is_told() {
    let folder = Folder::new();
    let page = folder.run(&["explain", "image-tag"], &[]).ok();
    for part in ["image-tag (warning)\n", "    image: ghcr.io/team/app\n", "# sdlrender: allow image-tag\n", "Source: Kubernetes"]
    {
        assert!(page.contains(part), "`{part}` is not in:\n{page}");
    }
    assert!(folder.run(&["explain", "count-zero"], &[]).ok().starts_with("count-zero (error or warning)\n"));
    let list = "sdlrender check --rules lists all rules";
    folder.run(&["explain", "image-tags"], &[]).fails(2, &["there is no rule `image-tags`", "did you mean `image-tag`?", list]);
    folder.run(&["explain"], &[]).fails(2, &["sdlrender explain RULE", list]);
}

#[test]
fn the_rules_are_listed_for_programs() {
    let folder = Folder::new();
    let list: Value = serde_json::from_str(&folder.run(&["check", "--rules", "--format", "json"], &[]).ok()).expect("JSON");
    let rules = list["rules"].as_array().expect("rules");
    assert_eq!(rules.len(), Rule::ALL.len());
    let names = ["bad", "good", "help", "id", "levels", "refusedBy", "source", "summary", "why"];
    for rule in rules {
        let members: Vec<&String> = rule.as_object().expect("an object").keys().collect();
        assert_eq!(members.iter().map(|name| name.as_str()).collect::<BTreeSet<_>>(), BTreeSet::from(names));
    }
    let zero = rules.iter().find(|rule| rule["id"] == "count-zero").expect("the rule");
    assert_eq!(zero["levels"], serde_json::json!(["error", "warning"]));
    let page = folder.run(&["explain", "count-zero"], &[]).ok();
    assert_eq!(zero["help"], page);
    folder.run(&["check", "--rules", "--format", "sarif"], &[]).fails(2, &["--format json"]);
}

#[test]
fn a_report_says_once_how_to_learn_more() {
    let folder = Folder::new();
    folder.file("t.yaml", put("services.web", "image: ghcr.io/team/app\nargs: [8080]"));
    let ran = folder.run(&["check", "t.yaml"], &[]);
    assert_eq!(ran.stderr.matches("sdlrender explain").count(), 1, "{}", ran.stderr);
    assert!(ran.stderr.ends_with("help: more about a finding: sdlrender explain image-tag\n"), "{}", ran.stderr);
}

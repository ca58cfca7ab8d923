//! The rules' pages: each example is put into the smallest SDL and checked.

use std::collections::{BTreeSet, HashSet};
use std::ops::Range;

use super::{About, ExamplePlace, Rule, dedent};
use crate::facade::Document;

const BASE: &str = include_str!("../../../tests/data/check/smallest.yaml");

/// The lines of `document` in which the mapping at `path` has its entries, and their indentation.
fn region(document: &[String], path: &str) -> (Range<usize>, usize) {
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

/// The line and the rule of each problem.
fn checked(text: &str) -> Vec<(usize, &'static str)> {
    let problems = Document::new(text).named("t.tmpl.yaml").check();
    problems.iter().map(|problem| (problem.place().map_or(0, |(_, line, _)| line), problem.rule().unwrap_or_default())).collect()
}

/// The rules whose bad and good examples are documents, with these.
fn examples() -> Vec<(Rule, String, String)> {
    let of = |rule: &Rule| {
        let About { place, .. } = rule.about();
        Some((*rule, document(*place, &rule.about().bad())?, document(*place, &rule.about().good())?))
    };
    Rule::ALL.iter().filter_map(of).collect()
}

#[test]
fn bad_examples_break_their_rule_and_good_ones_none() {
    let examples = examples();
    assert!(examples.len() > 120, "{} rules have examples that are documents", examples.len());
    let mut wrong = Vec::new();
    for (rule, bad, good) in examples {
        let (bad, good) = (checked(&bad), checked(&good));
        if !bad.iter().any(|(_, found)| *found == rule.id()) {
            wrong.push(format!("{rule}: the bad example gives {bad:?}"));
        }
        if !good.is_empty() {
            wrong.push(format!("{rule}: the good example gives {good:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_comment_in_the_line_allows_what_the_page_says() {
    for (rule, text, _) in examples().into_iter().filter(|(rule, ..)| rule.can_be_allowed()) {
        let found = |text: &str| -> BTreeSet<usize> {
            checked(text).into_iter().filter(|(_, found)| *found == rule.id()).map(|(line, _)| line).collect()
        };
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        for at in found(&text) {
            let line = &mut lines[at - 1];
            let more = if line.contains("# sdlrender: allow") { ", " } else { " # sdlrender: allow " };
            *line = format!("{line}{more}{}", rule.id());
        }
        let allowed = found(&(lines.join("\n") + "\n"));
        assert!(allowed.is_empty(), "{rule} is found in spite of the comment, in {allowed:?}");
    }
}

#[test]
fn every_rule_has_a_page() {
    for About { id, summary, why, refused_by, source, bad, good, .. } in Rule::TABLE {
        assert!([summary, why, refused_by, source, bad, good].iter().all(|text| !text.is_empty()), "{id}");
        assert!(why.ends_with('.') && !summary.ends_with('.') && bad != good, "{id}");
    }
}

#[test]
fn examples_lose_the_indentation_of_the_table() {
    assert_eq!(dedent("\n    a:\n      b: 1\n  "), "a:\n  b: 1");
    assert_eq!(dedent("a: 1"), "a: 1");
}

#[test]
fn ids_are_unique_and_levels_descend() {
    let mut seen = HashSet::new();
    for rule in Rule::ALL {
        let About { id, level, lower, .. } = rule.about();
        assert!(seen.insert(id) && Rule::named(id) == Some(*rule), "{id}");
        assert!(id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{id}");
        assert!(lower.is_none_or(|lower| lower < *level), "{id}");
    }
}

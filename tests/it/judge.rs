//! Compares what `check` and go-yaml v3 accept as YAML, on SDLs that are changed at random, mostly with text that parsers read
//! differently.

#![allow(clippy::print_stdout, reason = "a passing test says how much it tried")]

use std::fs;
use std::path::Path;

use sdlrender::Document;

use crate::hostile::corpus;
use crate::hostile::random::{self, Chance, seed};
use crate::support::oracle::Oracle;

/// Texts that are inserted: what YAML parsers read differently, and what every SDL consists of.
const PARTS: &[&str] = &[
    "\t",
    " \t",
    "\t\n",
    "  \t\n",
    "\n\t\n",
    "\t#",
    "- \t",
    "-\t",
    ":\t",
    "\u{85}",
    "\u{2028}",
    "\u{2029}",
    "\u{feff}",
    "\r",
    "\r\n",
    "\n",
    "\n\n",
    "#",
    " #",
    ":",
    ": ",
    "? ",
    "- ",
    "-",
    "--- ",
    "---\n",
    "...\n",
    "...",
    "%YAML 1.1\n",
    "%TAG ! x\n",
    "%x\n",
    "&a ",
    "&a/b ",
    "*a",
    "*a ",
    "*a : ",
    "&a:",
    "!x ",
    "!!str ",
    "!<x> ",
    "! ",
    "!!binary ",
    "|",
    ">",
    "|-",
    "|2",
    ">+",
    "|\n",
    "\"",
    "'",
    "\"\\/\"",
    "\"\\x41\"",
    "\"\\uD83D\"",
    "\\",
    "{",
    "}",
    "[",
    "]",
    ",",
    "{a: b}",
    "[a, b]",
    "{a",
    "<<: ",
    "<<: *a",
    "@",
    "`",
    "%",
    "=",
    "~",
    "null",
    "é",
    "\u{7f}",
    "\u{1}",
    "\u{fffe}",
    "    ",
    "  ",
    " ",
    "a: b",
    "a",
    "\u{a0}",
    "a:",
    "\"a\":b",
    "'a':b",
    "{\"a\":b}",
];

fn changed(text: &str, chance: &mut Chance) -> String {
    let mut text = text.to_owned();
    for _ in 0..1 + chance.below(3) {
        let places: Vec<usize> = text.char_indices().map(|(place, _)| place).chain([text.len()]).collect();
        let line_starts: Vec<usize> = text.match_indices('\n').map(|(at, _)| at + 1).chain([0]).collect();
        let at = match chance.below(3) {
            0 => line_starts[chance.below(line_starts.len())],
            1 => line_starts[chance.below(line_starts.len())].saturating_sub(1),
            _ => places[chance.below(places.len())],
        };
        let at = if text.is_char_boundary(at) { at } else { 0 };
        match chance.below(6) {
            0 => {
                let end = places.iter().copied().find(|end| *end > at).unwrap_or(text.len());
                text.replace_range(at..end, "");
            }
            1 => {
                let end = text[at..].find('\n').map_or(text.len(), |length| at + length + 1);
                let line = text[at..end].to_owned();
                let to = line_starts[chance.below(line_starts.len())];
                text.insert_str(to, &line);
            }
            2 => text.truncate(at),
            _ => text.insert_str(at, chance.of(PARTS)),
        }
    }
    text
}

/// Where go-yaml differs from libyaml, and the judge does not follow it.
fn is_known_deviation(text: &str) -> Option<&'static str> {
    if text.contains("\\'") {
        return Some("the escape `\\'` in double quotes, which only go-yaml accepts");
    }
    if text.lines().any(|line| line.trim_start().starts_with(":\t")) {
        return Some("a tab between a `:` that has no key and a comment, which only go-yaml passes over");
    }
    if text.contains("%YAML") {
        return Some("the rule `yaml-directive` reports `%YAML`");
    }
    None
}

#[test]
fn check_and_go_yaml_agree_on_what_is_yaml() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut texts: Vec<String> = fs::read_dir(root.join("templates"))
        .expect("templates")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .map(|path| fs::read_to_string(path).expect("a template"))
        .map(|text| text.replace("{{", "").replace("}}", ""))
        .collect();
    texts.extend(corpus::documents().into_iter().flatten().map(|document| document.text));
    texts.retain(|text| text.len() < 6_000);
    let mut chance = Chance::new(seed(21));
    let documents: Vec<String> = (0..random::cases(24_000))
        .map(|_| changed(&texts[chance.below(texts.len())], &mut chance))
        .filter(|text| !text.contains("{{") && !text.contains("{%") && !text.trim_start_matches('\u{feff}').trim().is_empty())
        .collect();
    let Some(readings) = Oracle::GoYaml.read_first(&documents) else { return };
    let (mut refused, mut known, mut differing) = (0, 0, Vec::new());
    for (text, reading) in documents.iter().zip(readings) {
        let problems = Document::new(text.as_str()).check();
        let refusal = problems.iter().find(|problem| problem.rule() == Some("not-yaml"));
        let ours = refusal.is_some();
        refused += usize::from(ours);
        if ours != reading.is_err() {
            match is_known_deviation(text) {
                Some(_) => known += 1,
                None => {
                    differing.push(format!("go-yaml: {:?}, we: {:?}\n{text:?}", reading.err(), refusal.map(ToString::to_string)))
                }
            }
        }
    }
    println!(
        "{} documents, {refused} not YAML, {known} known deviations, {} other differences",
        documents.len(),
        differing.len()
    );
    assert!(differing.is_empty(), "{}\n{}", differing.len(), differing.iter().take(8).cloned().collect::<Vec<_>>().join("\n\n"));
}

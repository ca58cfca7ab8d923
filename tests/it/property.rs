//! Fills random values into random templates: libyaml's Rust port, in this process, and the readers of other languages ([`readers`]) must
//! read exactly these values. And published SDLs without placeholders must come out unchanged.
//!
//! `SDLRENDER_TEST_SEED` and `SDLRENDER_TEST_CASES` choose other cases or more of them; `SDLRENDER_TEST_FULL=1` runs all.

#![allow(clippy::print_stdout, reason = "a passing test says how much it tried")]

mod readers;

use std::panic;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::hostile::random::is_full;
use crate::hostile::random::{Chance, seed};
use crate::hostile::templates::Template;
use crate::hostile::tree::{actual, expected, token};
use crate::hostile::{corpus, events, ordinary, random, templates, values};
use crate::support::oracle::Oracle;
use crate::support::{fill, say_skipped};
use serde_json::Value;

/// A random template and a value for each of its placeholders.
struct Case {
    number: usize,
    template: Template,
    values: Vec<String>,
}

impl Case {
    fn new(seed: u64, number: usize, hostile: &[String]) -> Self {
        let mut chance = Chance::new(seed.wrapping_mul(0x0100_0001).wrapping_add(number as u64));
        // Documents for the reader of lines, and for the parser.
        let template = match number % 4 {
            0 => ordinary::template(&mut chance),
            _ => templates::template(&mut chance),
        };
        let values = (0..template.placeholders).map(|_| random::value(&mut chance, hostile)).collect();
        Self { number, template, values }
    }

    fn filled(&self) -> Result<String, String> {
        let names: Vec<String> = (0..self.values.len()).map(|number| format!("X{number}")).collect();
        let secrets: Vec<(&str, &str)> = names.iter().map(String::as_str).zip(self.values.iter().map(String::as_str)).collect();
        panic::catch_unwind(|| fill(&self.template.text, &secrets)).unwrap_or_else(|_| Err("it panics".to_owned()))
    }

    /// What is wrong with `filled`, if anything, from both documents as one parser reads them.
    fn compare(&self, filled: &str, reference: &Value, tree: &Value) -> Option<String> {
        let (wanted, tokens) = expected(reference, &self.values);
        let seen = actual(tree);
        if seen != wanted {
            return Some(self.fault(&format!("filled {filled:?}\nread   {seen}\nwanted {wanted}")));
        }
        assert_eq!(tokens, self.template.placeholders, "the reader loses placeholders of {:?}", self.template.reference);
        let comment = "NOBODY_HAS_THIS";
        let comments = |text: &str| text.matches(comment).count();
        (comments(filled) != comments(&self.template.text)).then(|| self.fault(&format!("filled {filled:?}\na comment is gone")))
    }

    fn fault(&self, what: &str) -> String {
        format!("case {}: template {:?}\nvalues {:?}\n{what}", self.number, self.template.text, self.values)
    }
}

/// The outcome of one case.
enum Outcome {
    /// Every placeholder holds its value.
    Exact,
    /// libyaml's port can't read one of the two documents, so go-yaml reads them. For example, the port panics on a block that ends the
    /// file without a line feed.
    Unread(Case, String),
    Fault(String),
}

fn judge(case: Case) -> Outcome {
    let filled = match case.filled() {
        Ok(filled) => filled,
        Err(error) => return Outcome::Fault(case.fault(&format!("refused: {error}"))),
    };
    match (events::read(&case.template.reference), events::read(&filled)) {
        (Some(reference), Some(tree)) => case.compare(&filled, &reference, &tree).map_or(Outcome::Exact, Outcome::Fault),
        _ => Outcome::Unread(case, filled),
    }
}

fn report(seed: u64, faults: &[String]) {
    let shown: Vec<&str> = faults.iter().take(5).map(String::as_str).collect();
    assert!(faults.is_empty(), "{} faults with SDLRENDER_TEST_SEED={seed}:\n{}", faults.len(), shown.join("\n\n"));
}

#[test]
fn random_values_arrive_in_libyaml() {
    let seed = seed(1);
    let wanted = random::cases(120_000);
    let hostile = values::hostile();
    let (next, placeholders) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = || {
        let (mut faults, mut unread) = (Vec::new(), Vec::new());
        while placeholders.load(Ordering::Relaxed) < wanted && faults.len() < 100 {
            let case = Case::new(seed, next.fetch_add(1, Ordering::Relaxed), &hostile);
            let count = case.values.len();
            match judge(case) {
                Outcome::Exact => {
                    placeholders.fetch_add(count, Ordering::Relaxed);
                }
                Outcome::Unread(case, filled) => unread.push((case, filled)),
                Outcome::Fault(fault) => faults.push(fault),
            }
        }
        (faults, unread)
    };
    let threads = thread::available_parallelism().map_or(2, usize::from);
    let (mut faults, mut unread) = (Vec::new(), Vec::new());
    thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        for thread in running {
            let (more_faults, more_unread) = thread.join().expect("a thread of cases");
            faults.extend(more_faults);
            unread.extend(more_unread);
        }
    });
    report(seed, &faults);
    let (documents, placeholders) = (next.into_inner(), placeholders.into_inner());
    assert!(unread.len() * 25 < documents, "libyaml's port can't read {} of {documents} cases", unread.len());
    let read = go_yaml_agrees(seed, &unread);
    println!("{placeholders} values in {documents} documents; of {} more go-yaml reads {read}", unread.len());
}

/// Reads each case with go-yaml: if it can read the reference document, it must read the filled one as the same tree.
fn go_yaml_agrees(seed: u64, cases: &[(Case, String)]) -> usize {
    let texts: Vec<&str> = cases.iter().flat_map(|(case, filled)| [case.template.reference.as_str(), filled.as_str()]).collect();
    let Some(readings) = Oracle::GoYaml.read(&texts) else { return 0 };
    let (mut faults, mut read) = (Vec::new(), 0);
    for ((case, filled), pair) in cases.iter().zip(readings.chunks(2)) {
        match (&pair[0], &pair[1]) {
            (Ok(reference), Ok(tree)) => {
                read += 1;
                faults.extend(case.compare(filled, reference, tree));
            }
            (Ok(_), Err(error)) => faults.push(case.fault(&format!("filled {filled:?}\ngo-yaml: {error}"))),
            (Err(_), _) => {}
        }
    }
    report(seed, &faults);
    read
}

#[test]
fn published_sdls_come_out_as_they_went_in() {
    let Some(documents) = corpus::documents() else { return say_skipped("the corpus of published SDLs is not here") };
    let mut faults = Vec::new();
    for document in &documents {
        match fill(&document.text, &[]) {
            Ok(filled) if filled == document.text => {}
            Ok(_) => faults.push(format!("{}: changed", document.name)),
            Err(error) => faults.push(format!("{}: {error}", document.name)),
        }
    }
    report(0, &faults);
    println!("{} documents", documents.len());
}

#[test]
fn a_value_of_a_published_sdl_can_be_taken_out_and_filled_in() {
    let Some(documents) = corpus::documents() else { return say_skipped("the corpus of published SDLs is not here") };
    let seed = seed(3);
    let mut chance = Chance::new(seed);
    let each = if is_full() { 8 } else { 2 };
    let (mut taken, mut texts) = (Vec::new(), Vec::new());
    // The mutants, which are lines of one file, are many and similar.
    for document in documents.iter().filter(|document| !document.name.contains(".jsonl:")) {
        let mut candidates = corpus::candidates(&document.text);
        while candidates.len() > each {
            candidates.swap_remove(chance.below(candidates.len()));
        }
        for candidate in candidates {
            let filled = fill(&candidate.with("{{ X }}"), &[("X", &candidate.value)]);
            texts.extend([document.text.clone(), candidate.with(&token(0)), filled.clone().unwrap_or_default()]);
            taken.push((document, candidate, filled));
        }
    }
    let Some(readings) = Oracle::GoYaml.read(&texts) else { return };
    let (mut faults, mut plain, mut quoted) = (Vec::new(), 0, 0);
    for ((document, candidate, filled), readings) in taken.iter().zip(readings.chunks(3)) {
        let (Ok(original), Ok(reference)) = (&readings[0], &readings[1]) else { continue };
        // A placeholder's value is always a string, so anything else can't be replaced by one.
        if expected(reference, std::slice::from_ref(&candidate.value)).0 != actual(original) {
            continue;
        }
        *(if candidate.quoted { &mut quoted } else { &mut plain }) += 1;
        let fault = match (filled, &readings[2]) {
            (Err(error), _) => error.clone(),
            (Ok(filled), _) if candidate.quoted && *filled != document.text => "not the same bytes".to_owned(),
            (_, Ok(tree)) if actual(tree) == actual(original) => continue,
            (_, reading) => format!("{reading:?}"),
        };
        faults.push(format!("{}: {:?}: {fault}", document.name, candidate.value));
    }
    report(seed, &faults);
    println!("{plain} plain values and {quoted} quoted ones");
    assert!(plain > 62 * each && quoted > 12 * each, "only {plain} plain values and {quoted} quoted ones are found");
}

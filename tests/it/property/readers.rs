//! Fills random values into random templates and asks go-yaml v3, PyYAML, libyaml and js-yaml what each result holds: every value, and the
//! rest as it is in the template.

use std::collections::BTreeMap;
use std::ops::Range;
use std::thread;

use serde_json::Value;

use super::{Case, report};
use crate::hostile::random::{self, seed};
use crate::hostile::tree::{actual, expected};
use crate::hostile::values;
use crate::support::oracle::{Oracle, Reading};

/// How many documents are filled before they are handed to the readers.
const ROUND: usize = 1_000;

/// What one reader said.
#[derive(Default)]
struct Tally {
    /// Values that were read exactly, in documents whose rest is the template's.
    exact: usize,
    documents: usize,
    /// Templates that this reader does not take, whatever fills them.
    untaken: usize,
    /// Documents with a fault of the reader's own, by kind.
    known: BTreeMap<&'static str, usize>,
    faults: Vec<String>,
}

impl Tally {
    fn take(&mut self, oracle: Oracle, case: &Case, filled: &str, reference: &Reading, tree: &Reading) {
        self.documents += 1;
        let Ok(reference) = reference else {
            self.untaken += 1;
            return;
        };
        let fault = match tree {
            Ok(tree) => case.compare(filled, reference, tree),
            Err(error) => Some(case.fault(&format!("filled {filled:?}\nsays   {error}"))),
        };
        let Some(fault) = fault else {
            self.exact += case.values.len();
            return;
        };
        let only_breaks = |tree| without_breaks(&actual(tree)) == without_breaks(&expected(reference, &case.values).0);
        match own_fault(oracle, &case.template.text) {
            Some(kind) if tree.as_ref().is_ok_and(only_breaks) => *self.known.entry(kind).or_default() += 1,
            _ => self.faults.push(fault),
        }
    }
}

/// What a tree holds but for line feeds.
fn without_breaks(tree: &Value) -> String {
    tree.to_string().replace("\\n", "")
}

/// The fault of the reader's own, all in its line feeds, that a template brings out, whatever fills it.
fn own_fault(oracle: Oracle, template: &str) -> Option<&'static str> {
    match oracle {
        Oracle::JsYaml if ends_in_a_block(template) => {
            Some("a block that ends the file without a line feed is given one; as a quoted scalar it has none")
        }
        Oracle::JsYaml if has_a_blank_line_behind_an_escaped_break(template) => {
            Some("a blank line behind an escaped line break is lost; as `\\n` it is there")
        }
        _ => None,
    }
}

/// Whether a literal or folded block goes up to the end of a file without a line feed there.
fn ends_in_a_block(template: &str) -> bool {
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let is_head = |line: &str| {
        let head =
            line.split(" #").next().unwrap_or(line).trim_end().trim_end_matches(|c: char| c.is_ascii_digit() || "+-".contains(c));
        head.ends_with(['|', '>'])
    };
    let mut deeper = usize::MAX;
    !template.ends_with('\n')
        && template.lines().rev().filter(|line| !line.trim().is_empty()).any(|line| {
            let found = indent(line) < deeper && is_head(line);
            deeper = deeper.min(indent(line));
            found
        })
}

fn has_a_blank_line_behind_an_escaped_break(template: &str) -> bool {
    let lines: Vec<&str> = template.lines().collect();
    lines.windows(2).any(|pair| pair[0].ends_with('\\') && pair[1].trim().is_empty())
}

/// Fills the cases of these numbers, on every processor.
fn filled(seed: u64, numbers: Range<usize>, hostile: &[String]) -> (Vec<(Case, String)>, Vec<String>) {
    let threads = thread::available_parallelism().map_or(2, usize::from);
    let part = numbers.len().div_ceil(threads);
    let work = |numbers: Range<usize>| {
        let (mut cases, mut faults) = (Vec::new(), Vec::new());
        for case in numbers.map(|number| Case::new(seed, number, hostile)) {
            match case.filled() {
                Ok(filled) => cases.push((case, filled)),
                Err(error) => faults.push(case.fault(&format!("refused: {error}"))),
            }
        }
        (cases, faults)
    };
    thread::scope(|scope| {
        let ranges = numbers.clone().step_by(part).map(|first| first..numbers.end.min(first + part));
        let running: Vec<_> = ranges.map(|range| scope.spawn(move || work(range))).collect();
        let done = running.into_iter().map(|thread| thread.join().expect("a thread of cases"));
        done.fold((Vec::new(), Vec::new()), |(mut cases, mut faults), (more_cases, more_faults)| {
            cases.extend(more_cases);
            faults.extend(more_faults);
            (cases, faults)
        })
    })
}

/// `SDLRENDER_TEST_CASES=1000000` fills a million values.
#[test]
fn random_values_arrive_in_every_reader() {
    let seed = seed(2);
    let wanted = random::cases(60_000);
    let hostile = values::hostile();
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    let (mut next, mut values) = (0, 0);
    while values < wanted {
        let (cases, faults) = filled(seed, next..next + ROUND, &hostile);
        report(seed, &faults);
        next += ROUND;
        values += cases.iter().map(|(case, _)| case.values.len()).sum::<usize>();
        let texts: Vec<&str> =
            cases.iter().flat_map(|(case, filled)| [case.template.reference.as_str(), filled.as_str()]).collect();
        let (texts, cases) = (&texts, &cases);
        thread::scope(|scope| {
            let reading = Oracle::ALL.map(|oracle| (oracle, scope.spawn(move || oracle.read(texts))));
            for (oracle, readings) in reading {
                let Some(readings) = readings.join().expect("a reader") else { continue };
                let tally = tallies.entry(oracle.name()).or_default();
                for ((case, filled), pair) in cases.iter().zip(readings.chunks(2)) {
                    tally.take(oracle, case, filled, &pair[0], &pair[1]);
                }
            }
        });
        if tallies.values().any(|tally| tally.faults.len() > 100) {
            break;
        }
    }
    for (reader, tally) in &tallies {
        let Tally { exact, documents, untaken, known, faults } = tally;
        println!(
            "{reader}: {exact} values exact in {documents} documents, {} wrong; {untaken} templates it does not take; of its own: {known:?}",
            faults.len()
        );
    }
    for (reader, tally) in tallies {
        let faults: Vec<String> = tally.faults.iter().map(|fault| format!("{reader}: {fault}")).collect();
        report(seed, &faults);
        assert!(tally.untaken * 8 < tally.documents, "{reader} takes too few of the random templates");
    }
}

/// In keys, anchors and tags, in every kind of template.
#[test]
fn a_placeholder_outside_of_a_value_is_refused() {
    let hostile = values::hostile();
    let mut tried = 0;
    for number in 0..random::cases(16_000) {
        let mut case = Case::new(seed(4), number, &hostile);
        let Some(place) = outside(&case.template.text) else { continue };
        case.template.text.insert_str(place, "{{ X0 }}");
        case.values[0].insert_str(0, "canary-41c7");
        let error = case.filled().expect_err(&case.fault("not refused"));
        assert!(error.contains("a placeholder can't be in") && !error.contains("canary-"), "{}", case.fault(&error));
        tried += 1;
    }
    assert!(tried > 500, "only {tried} templates");
}

/// Where the first key, anchor or tag of a random template ends.
fn outside(template: &str) -> Option<usize> {
    let starts = ["k", "f", "&a"].into_iter().flat_map(|start| template.match_indices(start).map(|(at, _)| at + start.len()));
    let ends = starts.filter_map(|at| {
        let rest = template[at..].trim_start_matches(|c: char| c.is_ascii_digit());
        let end = template.len() - rest.len();
        (end > at && rest.starts_with([':', '"', '\'', ' '])).then_some(end)
    });
    ends.min()
}

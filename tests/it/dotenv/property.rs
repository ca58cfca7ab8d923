//! Random files: ours is compose's reading of what ours reads, agrees where all agree, and refuses only where they do not.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use sdlrender::testing::DotenvFault;

use super::facts::File;
use super::random;
use super::readers::{Reader, Reading, ours, present, value};
use super::rules::{Difference, Rule};
use crate::hostile::random::{Chance, cases, is_full, seed};

/// How many files are read at a time.
const BATCH: usize = 5000;

/// What ours refuses although all others may agree: they put nothing in place of a reference, keep a command as text, and read on where
/// a quote that closes a value is plainly the one that opens the next.
fn is_stricter(fault: &DotenvFault) -> bool {
    matches!(fault, DotenvFault::Unset | DotenvFault::Command | DotenvFault::InsideQuotes(_))
}

/// Readings of the same files, by reader.
type Readings = BTreeMap<Reader, Vec<Reading>>;

fn read(readers: &[Reader], texts: &[String]) -> Readings {
    readers.iter().map(|reader| (*reader, reader.read(texts).expect("it was there before"))).collect()
}

/// What compose, node and python all say of `name`: not `None` where they agree.
fn agreed<'r>(readings: &'r Readings, number: usize, name: &str) -> Option<Option<&'r str>> {
    let of = |reader| Some(&readings.get(&reader)?[number]);
    let (compose, node, python) = (of(Reader::Compose)?, of(Reader::Node)?, of(Reader::Python)?);
    let value = compose.of(name);
    (!compose.refused && value == node.of(name) && value == python.of(name)).then_some(value)
}

#[derive(Default)]
struct Tally {
    files: usize,
    values: usize,
    agreed: usize,
    faults: BTreeMap<String, usize>,
    rules: BTreeMap<(Reader, Rule), usize>,
    unexplained: Vec<String>,
}

impl Tally {
    fn fault(&mut self, what: String) {
        self.unexplained.push(what);
    }

    fn batch(&mut self, readers: &[Reader], files: &[File]) {
        let texts: Vec<String> = files.iter().map(|file| file.text.clone()).collect();
        let readings = read(readers, &texts);
        for (number, file) in files.iter().enumerate() {
            self.agreement(file, number, &readings);
            for (reader, all) in &readings {
                self.differences(file, *reader, &all[number]);
            }
        }
        self.compose(readers, files);
        self.faults(readers, files);
    }

    /// Where the three agree, ours does.
    fn agreement(&mut self, file: &File, number: usize, readings: &Readings) {
        let names: BTreeSet<&str> = readings.values().flat_map(|all| all[number].values.keys()).map(String::as_str).collect();
        for name in names {
            match (agreed(readings, number, name), file.ours(name)) {
                (Some(Some(theirs)), Some(Ok(ours))) => {
                    self.agreed += 1;
                    if ours != theirs {
                        self.fault(format!("all read {theirs:?}, ours {ours:?}: `{name}` in {:?}", file.text));
                    }
                }
                (Some(Some(_)), Some(Err(fault))) if is_stricter(fault) => {}
                // It refers to one that is refused.
                (Some(Some(_)), Some(Err(_)))
                    if file.content.get(name).is_some_and(|it| it.is_err_and(|flaw| flaw.key != name)) => {}
                (Some(Some(theirs)), other) => {
                    self.fault(format!("all read {theirs:?}, ours {other:?}: `{name}` in {:?}", file.text));
                }
                _ => {}
            }
        }
    }

    /// Every difference has a reason.
    fn differences(&mut self, file: &File, reader: Reader, reading: &Reading) {
        let named = file.content.names().chain(reading.values.keys().map(String::as_str));
        for name in named.collect::<BTreeSet<&str>>() {
            let ours = file.ours(name);
            if ours.and_then(Result::ok) == reading.of(name) && !matches!(ours, Some(Err(_))) {
                continue;
            }
            let difference = Difference { file, name, reader, reading };
            let Some(rule) = Rule::ALL.into_iter().find(|rule| rule.explains(&difference)) else {
                self.fault(format!(
                    "{reader:?} reads {:?}, ours {ours:?}: `{name}` in {:?}",
                    reading.values.get(name),
                    file.text
                ));
                continue;
            };
            *self.rules.entry((reader, rule)).or_default() += 1;
        }
    }

    /// Without what ours takes no value from, compose reads the file, and as ours does.
    fn compose(&mut self, readers: &[Reader], files: &[File]) {
        if !readers.contains(&Reader::Compose) {
            return;
        }
        let texts: Vec<String> = files.iter().map(|file| file.reduced(None)).collect();
        let all = Reader::Compose.read(&texts).expect("it was there before");
        for ((file, text), reading) in files.iter().zip(&texts).zip(&all) {
            let context = || format!("{text:?}, which is left of {:?}", file.text);
            if reading.refused {
                self.fault(format!("compose refuses {}", context()));
                continue;
            }
            for name in file.content.names().chain(reading.values.keys().map(String::as_str)) {
                match file.ours(name) {
                    Some(Ok(value)) if reading.of(name) == Some(value) => self.values += 1,
                    Some(Err(_)) => {}
                    other => {
                        self.fault(format!("compose reads {:?}, ours {other:?}: `{name}` in {}", reading.of(name), context()));
                    }
                }
            }
        }
    }

    /// What ours refuses, the three do not agree on.
    fn faults(&mut self, readers: &[Reader], files: &[File]) {
        let mut texts = Vec::new();
        let mut faulty = Vec::new();
        for file in files {
            for (number, item) in file.items.iter().enumerate() {
                let Some(fault) = &item.flaw else { continue };
                let kind = format!("{fault:?}").split('(').next().unwrap_or_default().to_owned();
                *self.faults.entry(kind).or_default() += 1;
                let (text, name) = (file.reduced(Some(number)), item.name.as_deref().unwrap_or_default());
                // A fault that lies in other lines too is not there without them.
                if !item.refers && value(&ours(&text), name) == Some(Err(fault)) {
                    texts.push(text);
                    faulty.push((name, fault));
                }
            }
        }
        let readings = read(readers, &texts);
        for (number, (name, fault)) in faulty.into_iter().enumerate() {
            if let Some(Some(agreed)) = agreed(&readings, number, name)
                && !is_stricter(fault)
            {
                self.fault(format!("{fault:?}, but all read {agreed:?}: `{name}` in {:?}", texts[number]));
            }
        }
    }
}

#[test]
fn every_difference_between_readers_of_random_files_has_a_reason() {
    let start = Instant::now();
    // Read in batches by four other programs, which is not what takes long here.
    let (count, seed) = (cases(100_000) / if is_full() { 1 } else { 3 }, seed(1));
    let readers = present();
    let mut tally = Tally::default();
    while tally.files < count {
        let numbers = tally.files..count.min(tally.files + BATCH);
        let chance = |number: usize| Chance::new(seed.wrapping_mul(0x0100_0001).wrapping_add(number as u64));
        let files: Vec<File> = numbers.map(|number| File::new(random::file(&mut chance(number)))).collect();
        tally.batch(&readers, &files);
        tally.files += files.len();
    }
    let Tally { files, values, agreed, faults, rules, unexplained } = &tally;
    println!("{files} files, {values} values as compose reads them, {agreed} on which all agree, {:.0?}", start.elapsed());
    println!("refused: {faults:?}");
    for ((reader, rule), count) in rules {
        println!("{reader:?} {rule:?}: {count}");
    }
    let first: Vec<&str> = unexplained.iter().map(String::as_str).take(20).collect();
    assert!(first.is_empty(), "{} differences without a reason, such as:\n{}", unexplained.len(), first.join("\n"));
    // A rule that explains nothing is a hole.
    if readers.len() == Reader::ALL.len() && *files >= 100_000 {
        let used: BTreeSet<Rule> = rules.keys().map(|(_, rule)| *rule).collect();
        let idle: Vec<Rule> = Rule::ALL.into_iter().filter(|rule| !used.contains(rule)).collect();
        assert!(idle.is_empty(), "{idle:?}");
    }
}

//! Fills hostile values into every place where an SDL holds a value: go-yaml v3, PyYAML, libyaml and js-yaml must read each value
//! unchanged, and no byte around it may change.

pub(crate) mod corpus;
pub(crate) mod events;
mod kubernetes;
pub(crate) mod ordinary;
mod placements;
pub(crate) mod random;
pub(crate) mod templates;
pub(crate) mod tree;
pub(crate) mod values;

use std::sync::OnceLock;
use std::thread;

use crate::support::fill;
use crate::support::oracle::Oracle;
use placements::PLACEMENTS;
use tree::{actual, expected, token};

/// A placement, in parts.
struct Place {
    name: &'static str,
    template: String,
    /// The bytes that must not change: before, between and after what may change.
    kept: Vec<&'static str>,
}

impl Place {
    fn all() -> Vec<Self> {
        let place = |&(name, marked): &(&'static str, &'static str)| {
            let kept =
                marked.split('«').enumerate().map(|(at, part)| if at == 0 { part } else { part.split_once('»').expect("»").1 });
            Self { name, template: marked.replace(['«', '»'], ""), kept: kept.collect() }
        };
        PLACEMENTS.iter().map(place).collect()
    }

    /// A scalar that Kubernetes expands in one of its two places can't hold every `$` exactly. Nothing else is refused.
    fn may_refuse(&self, value: &str) -> bool {
        self.name.starts_with("shared:") && value.contains('$')
    }

    fn reference(&self) -> String {
        let reference = self.template.replace("{{ X }}", &token(0)).replace("{{X}}", &token(0)).replace("{{ Y }}", &token(1));
        assert!(!reference.contains("{{"), "{}: a placeholder without a token", self.name);
        reference
    }
}

/// One value in one place, and the resulting document.
struct Case {
    place: usize,
    value: String,
    filled: String,
}

/// Every value in every place, filled in once for all tests.
fn cases() -> &'static (Vec<Place>, Vec<Case>) {
    static CASES: OnceLock<(Vec<Place>, Vec<Case>)> = OnceLock::new();
    CASES.get_or_init(|| {
        let places = Place::all();
        let values = values::hostile();
        let fill_all = |part: &[String]| -> Vec<Case> {
            let pairs = part.iter().flat_map(|value| places.iter().enumerate().map(move |(at, place)| (value, at, place)));
            pairs
                .filter_map(|(value, at, place)| match fill(&place.template, &[("X", value), ("Y", value)]) {
                    Ok(filled) => Some(Case { place: at, value: value.clone(), filled }),
                    Err(error) => {
                        assert!(place.may_refuse(value), "{} refuses {value:?}: {error}", place.name);
                        assert!(value.len() < 12 || !error.contains(value), "{} shows {value:?}: {error}", place.name);
                        None
                    }
                })
                .collect()
        };
        let cases = thread::scope(|scope| {
            let threads: Vec<_> =
                values.chunks(values.len().div_ceil(4)).map(|part| scope.spawn(move || fill_all(part))).collect();
            threads.into_iter().flat_map(|thread| thread.join().expect("every value is put in")).collect()
        });
        (places, cases)
    })
}

/// Where a parser other than go-yaml reads valid YAML differently, and why.
fn reads_differently(oracle: Oracle, place: &str) -> Option<&'static str> {
    match (oracle, place) {
        (Oracle::JsYaml, "literal, last, no line feed") => {
            Some("js-yaml gives the last line of a block a line feed that is not in the file; as a quoted scalar it has none")
        }
        _ => None,
    }
}

fn every_value_arrives_in(oracle: Oracle) {
    let (places, cases) = cases();
    let references: Vec<String> = places.iter().map(Place::reference).collect();
    let documents: Vec<&str> = references.iter().chain(cases.iter().map(|case| &case.filled)).map(String::as_str).collect();
    let Some(mut readings) = oracle.read(&documents) else { return };
    let filled = readings.split_off(places.len());

    let mut faults = Vec::new();
    for (case, reading) in cases.iter().zip(filled) {
        let place = &places[case.place];
        let reference = readings[case.place].as_ref().unwrap_or_else(|error| panic!("{}: {oracle:?} says {error}", place.name));
        let (wanted, tokens) = expected(reference, &[case.value.clone(), case.value.clone()]);
        assert!(tokens > 0, "{}: {oracle:?} sees no placeholder", place.name);
        let seen = reading.map(|tree| actual(&tree));
        if seen.as_ref() != Ok(&wanted) && reads_differently(oracle, place.name).is_none() {
            let seen = seen.map_or_else(|error| error, |tree| tree.to_string());
            faults.push(format!(
                "{}: {:?}\n    {:?}\n    read:   {seen:.300}\n    wanted: {wanted:.300}",
                place.name, case.value, case.filled
            ));
        }
    }
    let shown: Vec<&str> = faults.iter().take(10).map(String::as_str).collect();
    assert!(faults.is_empty(), "{} of {} cases differ in {oracle:?}:\n{}", faults.len(), cases.len(), shown.join("\n"));
}

#[test]
fn every_value_arrives_in_go_yaml() {
    every_value_arrives_in(Oracle::GoYaml);
}

#[test]
fn every_value_arrives_in_pyyaml() {
    every_value_arrives_in(Oracle::PyYaml);
}

#[test]
fn every_value_arrives_in_libyaml() {
    every_value_arrives_in(Oracle::LibYaml);
}

#[test]
fn every_value_arrives_in_js_yaml() {
    every_value_arrives_in(Oracle::JsYaml);
}

#[test]
fn every_other_byte_stays() {
    let (places, cases) = cases();
    for case in cases {
        let place = &places[case.place];
        let (first, rest) = place.kept.split_first().expect("text before a placeholder");
        let (last, between) = rest.split_last().expect("text after a placeholder");
        let within = case.filled.strip_prefix(first).and_then(|text| text.strip_suffix(last));
        let mut within = within.unwrap_or_else(|| panic!("{}: {:?} changes {:?}", place.name, case.value, case.filled));
        for part in between {
            within = within.split_once(part).unwrap_or_else(|| panic!("{}: {part:?} is lost in {:?}", place.name, case.filled)).1;
        }
        if place.name == "literal with a header comment" {
            assert!(case.filled.contains("# why"), "the comment is lost in {:?}", case.filled);
        }
    }
}

#[test]
fn nothing_is_written_that_readers_disagree_on() {
    let (places, cases) = cases();
    for case in cases {
        let place = &places[case.place];
        let text = case.filled.trim_start_matches('\u{feff}');
        let raw = text.chars().find(|c| {
            let control = c.is_control() && !matches!(c, '\t' | '\n' | '\r');
            control || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
        });
        assert_eq!(raw, None, "{}: {:?} is raw in {text:?}", place.name, case.value);
        // A file has one kind of line ending, so a value's line in a block ends like the lines around it.
        if !place.template.replace("\r\n", "").contains(['\r', '\n']) {
            assert!(!text.replace("\r\n", "").contains(['\r', '\n']), "{}: {:?} in {text:?}", place.name, case.value);
        } else if !place.template.contains('\r') {
            assert!(!text.contains('\r'), "{}: {:?} in {text:?}", place.name, case.value);
        }
    }
}

#[test]
fn a_harmless_value_stays_in_the_scalar_s_own_style() {
    let mut in_place = 0;
    for (place, (_, marked)) in Place::all().iter().zip(PLACEMENTS) {
        let mut scalars = marked.match_indices('«').map(|(at, _)| (&marked[..at], &marked[at + '«'.len_utf8()..]));
        if !scalars.all(|(before, from)| stays_in_place(before, from.split('»').next().expect("»"))) {
            continue;
        }
        in_place += 1;
        let filled = fill(&place.template, &[("X", "harmless"), ("Y", "harmless")]).expect("a harmless value");
        let wanted = place.reference().replace(&token(0), "harmless").replace(&token(1), "harmless");
        assert_eq!(filled, wanted, "{}", place.name);
    }
    assert!(in_place >= 24, "{in_place} placements are of that kind");
}

/// Whether the marked text can be replaced in place: a block whose last line is not blank, a single-quoted scalar on one line, or a
/// placeholder in double quotes.
fn stays_in_place(before: &str, marked: &str) -> bool {
    match marked.as_bytes()[0] {
        b'|' | b'>' => !marked.ends_with([' ', '\t']),
        b'\'' => !marked.contains('\n'),
        b'{' => before.lines().last().is_some_and(|line| line.replace("\\\"", "").matches('"').count() % 2 == 1),
        _ => false,
    }
}

#[test]
fn nul_is_refused_without_being_shown() {
    for place in Place::all() {
        let value = "canary-before\0canary-after";
        let error = fill(&place.template, &[("X", value), ("Y", value)]).expect_err("no YAML document can hold NUL");
        assert!(!error.contains("canary"), "{}: {error}", place.name);
        assert!(error.contains('X') || error.contains('Y'), "{}: the placeholder is not named: {error}", place.name);
    }
}

#[test]
fn there_are_enough_of_both() {
    let values = values::hostile();
    assert!(values.len() >= 40, "{} values", values.len());
    assert!(PLACEMENTS.len() >= 24, "{} placements", PLACEMENTS.len());
    assert!(values.iter().all(|value| !value.contains('\0')));
}

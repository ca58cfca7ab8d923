//! The same diagnostic at many places, shown once.

use rustc_hash::FxHashMap as HashMap;

use super::{Diagnostic, Quote};

/// How many lines a diagnostic lists.
const LISTED: usize = 10;

/// `diagnostics` with those merged that differ only in their place and in what it is called, in the order of the first of each. The first
/// is shown, with the number of the others and their lines. For people: programs get every place.
pub fn grouped(diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut groups: Vec<(Diagnostic, Vec<Quote>)> = Vec::with_capacity(diagnostics.len());
    let mut known: HashMap<Diagnostic, usize> = HashMap::default();
    for diagnostic in diagnostics {
        let index = *known.entry(general(&diagnostic)).or_insert(groups.len());
        match groups.get_mut(index) {
            Some((_, others)) => others.extend(diagnostic.snippet),
            None => groups.push((diagnostic, Vec::new())),
        }
    }
    let shown = |(diagnostic, others): (Diagnostic, Vec<Quote>)| {
        let note = diagnostic.snippet.as_ref().and_then(|first| more(first, &others));
        diagnostic.noting(note)
    };
    groups.into_iter().map(shown).collect()
}

/// `diagnostic` without its place, and without the names in its words that are parts of the place's path.
fn general(diagnostic: &Diagnostic) -> Diagnostic {
    let label = diagnostic.snippet.as_ref().map_or("", |quote| &quote.label);
    let nameless = |text: &String| {
        let names = label.split(['.', '[', ']']).filter(|name| !name.is_empty());
        names.fold(text.clone(), |text, name| text.replace(&format!("`{name}`"), "`…`"))
    };
    let help = diagnostic.help.iter().map(nameless).collect();
    Diagnostic { snippet: None, message: nameless(&diagnostic.message), help, ..diagnostic.clone() }
}

/// How many other places there are, and on which lines.
fn more(first: &Quote, others: &[Quote]) -> Option<String> {
    let mut lines: Vec<String> = Vec::new();
    for place in others {
        let line = match place.template == first.template {
            true if place.line == first.line => continue,
            true => place.line.to_string(),
            false => format!("{}:{}", place.template, place.line),
        };
        if lines.len() < LISTED && !lines.contains(&line) {
            lines.push(line);
        } else if lines.len() == LISTED && !lines.contains(&line) {
            lines.push("…".to_owned());
        }
    }
    let places = if others.len() == 1 { "place" } else { "places" };
    let at = match lines.as_slice() {
        [] => " on this line".to_owned(),
        [line] => format!(": line {line}"),
        _ => format!(": lines {}", lines.join(", ")),
    };
    (!others.is_empty()).then(|| format!("the same at {} more {places}{at}", others.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_diagnostics_are_shown_once_with_their_places() {
        let text = "a\nb\nc\n".repeat(10);
        let at =
            |template: &str, offset: usize| Quote::new(template, &text, &(offset..offset + 1), format!("services.s{offset}"));
        let short = |quote| Diagnostic::warning("short").help("longer").at(quote);
        let all: Vec<Diagnostic> = (0..30).map(|line| short(at("t", line * 2))).collect();
        let groups = grouped([all, vec![Diagnostic::warning("other"), short(at("t", 0)), Diagnostic::warning("other")]].concat());
        assert_eq!(groups.len(), 2);
        assert_eq!(groups[0].notes, ["the same at 30 more places: lines 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, …"]);
        assert_eq!(groups[0].snippet, Some(at("t", 0)));
        assert!(groups[1].notes.is_empty());
        let notes = |places: Vec<Quote>| grouped(places.into_iter().map(short).collect()).remove(0).notes;
        assert_eq!(notes(vec![at("t", 0), at("u", 2)]), ["the same at 1 more place: line u:2"]);
        assert_eq!(notes(vec![at("t", 0), at("t", 0)]), ["the same at 1 more place on this line"]);
        assert!(notes(vec![at("t", 0)]).is_empty());
    }

    #[test]
    fn the_name_of_the_place_makes_no_difference() {
        let unused = |name: &str, place: &str| {
            let quote = Quote::new("t", "a\n", &(0..1), format!("services.{place}"));
            Diagnostic::warning(format!("the service `{name}` is not deployed")).at(quote)
        };
        let groups = grouped(vec![unused("a", "a"), unused("b", "b"), unused("other", "c")]);
        assert_eq!((groups.len(), groups[0].message.as_str()), (2, "the service `a` is not deployed"));
    }
}

//! Equal diagnostics at many places, shown as one.

use rustc_hash::FxHashMap as HashMap;

use super::{Diagnostic, Quote};

/// How many lines a diagnostic lists.
const LISTED: usize = 10;

/// `diagnostics` with those that differ only in their place merged into one, in the order of the first of each. It quotes the first
/// place and lists the lines of the next ones. For people: programs get each place by itself.
pub fn grouped(diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut groups: Vec<(Diagnostic, Vec<Quote>)> = Vec::with_capacity(diagnostics.len());
    let mut known: HashMap<Diagnostic, usize> = HashMap::default();
    for mut diagnostic in diagnostics {
        let place = diagnostic.snippet.take();
        let index = *known.entry(diagnostic).or_insert_with_key(|diagnostic| {
            groups.push((diagnostic.clone(), Vec::new()));
            groups.len() - 1
        });
        groups[index].1.extend(place);
    }
    groups.into_iter().map(|(diagnostic, places)| placed(diagnostic, places)).collect()
}

fn placed(mut diagnostic: Diagnostic, places: Vec<Quote>) -> Diagnostic {
    if places.len() > 1 {
        diagnostic.notes.insert(0, format!("at {} places{}", places.len(), lines(&places)));
    }
    diagnostic.snippet = places.into_iter().next();
    diagnostic
}

/// Where the places are: lines of one template, or of several by name.
fn lines(places: &[Quote]) -> String {
    let one = places.iter().all(|place| place.template == places[0].template);
    let mut lines: Vec<String> = Vec::new();
    for place in places {
        let line = if one { place.line.to_string() } else { format!("{}:{}", place.template, place.line) };
        if !lines.contains(&line) {
            lines.push(line);
        }
        if lines.len() > LISTED {
            lines[LISTED] = "…".to_owned();
            break;
        }
    }
    match lines.as_slice() {
        [_] => " on this line".to_owned(),
        _ if one => format!(": lines {}", lines.join(", ")),
        _ => format!(": {}", lines.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_diagnostics_are_shown_once_with_their_places() {
        let text = "a\nb\nc\n".repeat(10);
        let at = |template: &str, offset: usize| Quote::new(template, &text, &(offset..offset + 1), format!("place {offset}"));
        let short = |quote| Diagnostic::warning("short").help("longer").at(quote);
        let all: Vec<Diagnostic> = (0..30).map(|line| short(at("t", line * 2))).collect();
        let groups = grouped([all, vec![Diagnostic::warning("other"), short(at("t", 0)), Diagnostic::warning("other")]].concat());
        assert_eq!(groups.len(), 2);
        assert_eq!(groups[0].notes, ["at 31 places: lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, …"]);
        assert_eq!(groups[0].snippet, Some(at("t", 0)));
        assert!(groups[1].notes.is_empty());
        let notes = |places: Vec<Quote>| grouped(places.into_iter().map(short).collect()).remove(0).notes;
        assert_eq!(notes(vec![at("t", 0), at("u", 2)]), ["at 2 places: t:1, u:2"]);
        assert_eq!(notes(vec![at("t", 0), at("t", 0)]), ["at 2 places on this line"]);
        assert!(notes(vec![at("t", 0)]).is_empty());
    }
}

//! The tables that people read.

use super::ListedUse;
use super::names::NameUses;
use crate::diagnostic::{self, printable};
use crate::pipeline::reach::Reach;
use crate::source::SecretPurpose;

/// The placeholders, one a line; with `templates`, each with its template.
pub(crate) fn table(entries: &[ListedUse], templates: bool) -> String {
    let row = |entry: &ListedUse| {
        vec![
            printable(&entry.name),
            if templates { printable(&entry.template) } else { String::new() },
            entry.line.to_string(),
            printable(&entry.path),
            source(entry.source.as_ref()),
            told(entry.description.as_ref(), entry.place.as_ref()),
        ]
    };
    drawn(&["NAME", "TEMPLATE", "LINE", "PLACE", "SOURCE", "DESCRIPTION"], entries.iter().map(row).collect())
}

/// The files and hosts that templates reach for; empty if there are none.
pub(crate) fn reached(reached: &[(Reach, usize)]) -> Vec<String> {
    if reached.is_empty() {
        return Vec::new();
    }
    let head = ["FILE OR HOST", "PLACE", "REACHED BY"].map(str::to_owned);
    let rows = reached
        .iter()
        .map(|(Reach { name, by, at }, line)| [printable(name), format!("{}:{line}", printable(&at.template)), (*by).to_owned()]);
    diagnostic::table(&std::iter::once(head).chain(rows).collect::<Vec<_>>())
}

/// The names, each with the places that its value goes to; with `templates`, each place with its template.
pub(crate) fn named(names: &[NameUses], templates: bool) -> String {
    let mut rows = Vec::new();
    for name in names {
        for (number, place) in name.places.iter().enumerate() {
            let once = |text: String| if number == 0 { text } else { String::new() };
            rows.push(vec![
                once(printable(&name.name)),
                printable(&place.services.join(", ")),
                if templates { printable(&place.template) } else { String::new() },
                place.line.to_string(),
                printable(&place.path),
                source(place.source.as_ref()),
                once(told(name.description.as_ref(), name.place.as_ref())),
            ]);
        }
    }
    drawn(&["NAME", "SERVICES", "TEMPLATE", "LINE", "PLACE", "SOURCE", "DESCRIPTION"], rows)
}

fn source(source: Option<&String>) -> String {
    source.map_or_else(|| "missing".to_owned(), |source| printable(source))
}

fn told(description: Option<&String>, place: Option<&String>) -> String {
    let purpose = SecretPurpose { description: description.cloned(), place: place.cloned(), required: None };
    purpose.told().map(|told| printable(&told)).unwrap_or_default()
}

/// `rows` below `head`, without the columns that are empty.
fn drawn(head: &[&str], rows: Vec<Vec<String>>) -> String {
    let filled: Vec<bool> = (0..head.len()).map(|at| rows.iter().any(|row| !row[at].is_empty())).collect();
    let head = head.iter().map(|cell| (*cell).to_owned()).collect();
    let kept = |row: Vec<String>| row.into_iter().zip(&filled).filter(|(_, filled)| **filled).map(|(cell, _)| cell).collect();
    let rows: Vec<Vec<String>> = std::iter::once(head).chain(rows).map(kept).collect();
    diagnostic::table(&rows).iter().map(|line| format!("{line}\n")).collect()
}

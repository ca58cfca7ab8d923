//! The files and hosts that templates reach for, as a table.

use crate::diagnostic::{printable, table};
use crate::pipeline::reach::ReachedPlace;
use crate::span::LineIndex;
use crate::template::Sources;

/// A line for each, as text for people: what, where, and how it is reached.
pub(super) fn rows(reached: Vec<ReachedPlace>, sources: &Sources) -> Vec<[String; 3]> {
    let row = |ReachedPlace { name, by, at }: ReachedPlace| {
        let line = sources.get(&*at.template).map_or(0, |text| LineIndex::new(text).line(at.range.start));
        [printable(&name), format!("{}:{line}", printable(&at.template)), by.to_owned()]
    };
    reached.into_iter().map(row).collect()
}

/// The table of these rows; no line if there are none.
pub(crate) fn reached(rows: &[[String; 3]]) -> Vec<String> {
    let head = ["FILE OR HOST", "PLACE", "REACHED BY"].map(str::to_owned);
    if rows.is_empty() { Vec::new() } else { table(&std::iter::once(head).chain(rows.iter().cloned()).collect::<Vec<_>>()) }
}

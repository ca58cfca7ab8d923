//! The files and hosts that templates reach for, as a table and as entries of the list.

use super::ListedUse;
use crate::diagnostic::{printable, table};
use crate::pipeline::reach::ReachedPlace;
use crate::span::LineIndex;
use crate::template::Sources;

/// An entry for each.
pub(super) fn entries(reached: Vec<ReachedPlace>, sources: &Sources) -> Vec<ListedUse> {
    let entry = |ReachedPlace { name, by, at }: ReachedPlace| ListedUse {
        name,
        names: Vec::new(),
        kind: by.kind(),
        template: at.template.to_string(),
        line: sources.get(&*at.template).map_or(0, |text| LineIndex::new(text).line(at.range.start)),
        path: String::new(),
        services: Vec::new(),
        optional: false,
        source: Some("template".to_owned()),
        by: Some(by.word()),
        variable: None,
        file: None,
        description: None,
        place: None,
        profile: None,
    };
    reached.into_iter().map(entry).collect()
}

/// The table of these entries; no line if there are none.
pub(crate) fn reached(entries: &[ListedUse]) -> Vec<String> {
    let head = ["FILE OR HOST", "PLACE", "REACHED BY"].map(str::to_owned);
    let row = |ListedUse { name, template, line, by, .. }: &ListedUse| {
        [printable(name), format!("{}:{line}", printable(template)), by.unwrap_or_default().to_owned()]
    };
    if entries.is_empty() { Vec::new() } else { table(&std::iter::once(head).chain(entries.iter().map(row)).collect::<Vec<_>>()) }
}

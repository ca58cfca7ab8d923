//! Which commits hold an extracted value, and what to do about it: rotate first.

use std::path::Path;

use super::names::{StoredSecret, ValueClass};
use super::original::FilledSdl;
use super::plan::{ExtractPlan, PartText};
use crate::diagnostic::{Diagnostic, table};
use crate::output::history::{HistoryTrace, search};

/// Shorter values are in other files by chance.
const SHORTEST: usize = 8;

/// Tells of the values of `plan` that the repository around `folder` has in its history; nothing if it has none.
pub(crate) fn told(original: &FilledSdl<'_>, plan: &ExtractPlan, folder: &Path) -> Option<Diagnostic> {
    let searched = |entry: &&StoredSecret| entry.class == ValueClass::Literal && entry.value.expose().len() >= SHORTEST;
    let entries: Vec<(usize, &StoredSecret)> = plan.entries.iter().enumerate().filter(|(_, entry)| searched(entry)).collect();
    if entries.is_empty() {
        return None;
    }
    let spellings = |number: usize| {
        let own = plan.parts.iter().filter(move |part| matches!(part.what, PartText::Secret { entry, .. } if entry == number));
        own.map(|part| original.tree().text(part.cut.node)[part.cut.range.clone()].as_bytes())
    };
    let needles: Vec<Vec<&[u8]>> = entries
        .iter()
        .map(|(number, entry)| {
            let mut all: Vec<&[u8]> = spellings(*number).chain([entry.value.expose().as_bytes()]).collect();
            all.sort_unstable();
            all.dedup();
            all
        })
        .collect();
    match search(folder, &needles) {
        Ok(None) => None,
        Ok(Some(traces)) => words(&entries, &traces),
        Err(why) => {
            let message = format!("git's history was not searched for the values: {}", why.reason());
            Some(Diagnostic::warning(message).help("if the SDL was ever committed, make new values where they come from"))
        }
    }
}

fn words(entries: &[(usize, &StoredSecret)], traces: &[HistoryTrace]) -> Option<Diagnostic> {
    let found: Vec<(&StoredSecret, &HistoryTrace)> =
        entries.iter().map(|(_, entry)| *entry).zip(traces).filter(|(_, trace)| trace.stored).collect();
    if found.is_empty() {
        return None;
    }
    let head = ["NAME", "COMMITS", "FIRST", "LAST", "LAST COMMIT HAS IT", "PUSHED"].map(str::to_owned);
    let rows = found.iter().map(|(entry, trace)| {
        let commit = |commit: Option<&crate::output::history::GitCommit>| {
            commit.map_or_else(|| "only staged or dropped".to_owned(), |commit| format!("{} {}", commit.day, commit.name))
        };
        [
            entry.name.clone(),
            trace.commits.len().to_string(),
            commit(trace.commits.last()),
            commit(trace.commits.first()),
            if trace.current { "yes" } else { "no" }.to_owned(),
            trace.remote.clone().unwrap_or_else(|| "no".to_owned()),
        ]
    });
    let lines = table(&std::iter::once(head).chain(rows).collect::<Vec<_>>());
    let count = found.len();
    let values = if count == 1 { "an extracted value".to_owned() } else { format!("{count} of the extracted values") };
    let pushed = found.iter().any(|(_, trace)| trace.remote.is_some());
    let mut diagnostic = Diagnostic::warning(format!("git's history has {values}"));
    diagnostic.lines = lines;
    let rotate = "rotate first: make new values where they come from, store them, render, and update the deployment";
    let rewrite = match pushed {
        true => "rewriting the history is second: whoever has fetched it keeps the old values",
        false => "rewriting the history is second: it is on no remote branch that is known here, but may be in other clones",
    };
    Some(diagnostic.help(rotate).help(rewrite))
}

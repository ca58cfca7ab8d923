//! Searches the new template for what should not be in it any more: values that are stored, and tokens outside of values.

use std::ops::Range;

use super::names::ValueClass;
use super::original::FilledSdl;
use super::plan::{ExtractPlan, StayReason};
use crate::diagnostic::Diagnostic;
use crate::error::Report;
use crate::registry::token;
use crate::template::MARKER_LENGTH;
use crate::veil::Veil;

/// Shorter values are in a text by chance.
const SHORTEST: usize = 8;

/// Searches `marked`, the original with markers, which is to become a template.
///
/// # Errors
/// When a stored value, or a token, is still in it: with its line.
pub(crate) fn search(original: &FilledSdl<'_>, plan: &ExtractPlan, marked: &str) -> Result<(), Report> {
    let mut found: Vec<(Range<usize>, String, String)> = Vec::new();
    for entry in plan.entries.iter().filter(|entry| entry.class == ValueClass::Literal && entry.value.expose().len() >= SHORTEST)
    {
        let value = entry.value.expose();
        for at in memchr::memmem::find_iter(marked.as_bytes(), value.as_bytes()) {
            let help =
                format!("write a placeholder there as well, or change it; --skip {} leaves the value where it is", entry.name);
            found.push((at..at + value.len(), format!("the value of `{}` is here as well", entry.name), help));
        }
    }
    // What was skipped is known, and anything else that is a value has been found.
    if !plan.left.iter().any(|left| left.why != StayReason::Shell) {
        for (token, range) in token::scan(marked) {
            if !found.iter().any(|(known, ..)| known.start < range.end && range.start < known.end) {
                let help = "remove it first: only values can be extracted, not comments, keys and later documents";
                found.push((range, format!("{} is here, which is not a value", token.name()), help.to_owned()));
            }
        }
    }
    if found.is_empty() {
        return Ok(());
    }
    found.sort_by_key(|(range, ..)| range.start);
    // And what was cut out of the line.
    let cut = memchr::memmem::find_iter(marked.as_bytes(), original.nonce.prefix()).map(|at| at..at + MARKER_LENGTH);
    let mut hidden: Vec<Range<usize>> = found.iter().map(|(range, ..)| range.clone()).chain(cut).collect();
    hidden.sort_by_key(|range| (range.start, range.end));
    let veil = Veil::new(marked, &hidden);
    let diagnostics = found.iter().map(|(range, message, help)| {
        let mut quote = veil.quote(original.name, range, "");
        quote.line = line(original.text, marked, quote.line);
        Diagnostic::error(message.clone()).at(quote).help(help.clone())
    });
    let mut diagnostics: Vec<Diagnostic> = diagnostics.collect();
    diagnostics.push(Diagnostic::remark("nothing was written, and nothing was stored"));
    Err(Report::content(diagnostics))
}

/// The number, in `original`, of the line of `marked` with this number. Values of several lines may have moved it.
fn line(original: &str, marked: &str, number: usize) -> usize {
    let Some(text) = marked.lines().nth(number - 1) else { return number };
    let before = marked.lines().take(number - 1).filter(|line| *line == text).count();
    let same = original.lines().zip(1..).filter(|(line, _)| *line == text).nth(before);
    same.map_or(number, |(_, own)| own)
}

//! What `--dry-run` shows: the original against the new template, as a unified diff, with masks in place of what is secret.

use std::fmt::Write as _;
use std::ops::Range;

use super::cut::ScalarCut;
use super::original::FilledSdl;
use super::plan::{ExtractPlan, PartText, PlannedPart, StayReason};
use crate::registry::token;
use crate::scalar::Scalar;
use crate::yaml::Style;
use crate::yaml::tree::{Id, NodeKind};

/// Shown in place of a secret.
const MASK: &str = "********";

/// Lines around a change.
const CONTEXT: usize = 3;

/// More lines than this are not compared one by one.
const LONGEST: usize = 4000;

/// The diff. `template` is the new template; `path` is its name.
pub(crate) fn diff(original: &FilledSdl<'_>, plan: &ExtractPlan, template: &str, path: &str) -> String {
    let hidden = hidden(original, plan);
    let before = masked(original.text, &hidden);
    // What stays in the template is secret as well.
    let stays: Vec<&str> =
        plan.left.iter().filter(|left| left.why != StayReason::Shell).map(|left| &original.text[left.span.clone()]).collect();
    let mut after = template.to_owned();
    for text in stays.iter().filter(|text| !text.is_empty()) {
        after = after.replace(*text, MASK);
    }
    let after = masked(&after, &token::scan(&after).into_iter().map(|(_, range)| range).collect::<Vec<_>>());
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let mut out = format!("--- {}\n+++ {path}\n", original.name);
    hunks(&changes(&old, &new), &old, &new, &mut out);
    out
}

/// The bytes of the original that are not shown, in order and apart.
fn hidden(original: &FilledSdl<'_>, plan: &ExtractPlan) -> Vec<Range<usize>> {
    let mut hidden: Vec<Range<usize>> = token::scan(original.text).into_iter().map(|(_, range)| range).collect();
    // A stand-in as well: it may be a secret that only looks like one.
    let secret = |part: &&PlannedPart| matches!(part.what, PartText::Secret { .. });
    hidden.extend(plan.parts.iter().filter(secret).map(|part| written(original, &part.cut)));
    hidden.extend(plan.left.iter().filter(|left| left.why != StayReason::Shell).map(|left| left.span.clone()));
    hidden.sort_by_key(|range| range.start);
    let mut apart: Vec<Range<usize>> = Vec::new();
    for range in hidden {
        match apart.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => apart.push(range),
        }
    }
    apart
}

/// Where a part is written: exactly, if its scalar is written as it reads; otherwise all of the scalar.
fn written(original: &FilledSdl<'_>, cut: &ScalarCut) -> Range<usize> {
    let tree = original.tree();
    let region = region(original, cut.node);
    let (raw, text) = (&original.text[region.clone()], tree.text(cut.node));
    let inside = match raw.len().checked_sub(2) {
        Some(length) if raw.starts_with(['"', '\'']) && length == text.len() && raw.get(1..=length) == Some(text) => Some(1),
        _ => (raw == text).then_some(0),
    };
    match inside {
        Some(quote) => region.start + quote + cut.range.start..region.start + quote + cut.range.end,
        None => region,
    }
}

fn region(original: &FilledSdl<'_>, node: Id) -> Range<usize> {
    let NodeKind::Scalar(style) = original.tree().kind(node) else { return original.tree().range(node) };
    let region = Scalar::of_node(original.text, original.tree(), node, style).region();
    // The last line break of a block is not a secret.
    let end = original.text[region.clone()].trim_end_matches(['\n', '\r']).len();
    if matches!(style, Style::Literal | Style::Folded) { region.start..region.start + end } else { region }
}

fn masked(text: &str, hidden: &[Range<usize>]) -> String {
    let (mut out, mut copied) = (String::with_capacity(text.len()), 0);
    for range in hidden {
        out.push_str(&text[copied..range.start]);
        out.push_str(MASK);
        copied = range.end;
    }
    out + &text[copied..]
}

/// A line of either text, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DiffLine {
    Same(usize, usize),
    Old(usize),
    New(usize),
}

/// The lines of both, with as many as possible the same.
fn changes(old: &[&str], new: &[&str]) -> Vec<DiffLine> {
    let ahead = old.iter().zip(new).take_while(|(one, other)| one == other).count();
    let behind = old[ahead..].iter().rev().zip(new[ahead..].iter().rev()).take_while(|(one, other)| one == other).count();
    let (rows, columns) = (old.len() - ahead - behind, new.len() - ahead - behind);
    let mut lines: Vec<DiffLine> = (0..ahead).map(|at| DiffLine::Same(at, at)).collect();
    let (mut row, mut column) = (0, 0);
    if rows.max(columns) <= LONGEST {
        // The length of the longest common rest from each pair of lines on.
        let mut common = vec![0u16; (rows + 1) * (columns + 1)];
        let at = |row: usize, column: usize| row * (columns + 1) + column;
        for row in (0..rows).rev() {
            for column in (0..columns).rev() {
                common[at(row, column)] = match old[ahead + row] == new[ahead + column] {
                    true => common[at(row + 1, column + 1)] + 1,
                    false => common[at(row + 1, column)].max(common[at(row, column + 1)]),
                };
            }
        }
        while row < rows && column < columns {
            if old[ahead + row] == new[ahead + column] {
                lines.push(DiffLine::Same(ahead + row, ahead + column));
                (row, column) = (row + 1, column + 1);
            } else if common[at(row + 1, column)] >= common[at(row, column + 1)] {
                lines.push(DiffLine::Old(ahead + row));
                row += 1;
            } else {
                lines.push(DiffLine::New(ahead + column));
                column += 1;
            }
        }
    }
    lines.extend((row..rows).map(|row| DiffLine::Old(ahead + row)));
    lines.extend((column..columns).map(|column| DiffLine::New(ahead + column)));
    lines.extend((0..behind).map(|at| DiffLine::Same(ahead + rows + at, ahead + columns + at)));
    lines
}

/// Appends the changes with the lines around them.
fn hunks(lines: &[DiffLine], old: &[&str], new: &[&str], out: &mut String) {
    let changed = |line: &DiffLine| !matches!(line, DiffLine::Same(..));
    let mut at = 0;
    while let Some(first) = lines[at..].iter().position(changed).map(|found| at + found) {
        let start = first.saturating_sub(CONTEXT).max(at);
        let mut end = first;
        while let Some(next) = lines[end..].iter().take(2 * CONTEXT + 1).position(changed) {
            end += next + 1;
        }
        at = (end + CONTEXT).min(lines.len());
        let hunk = &lines[start..at];
        let before = |is: fn(&DiffLine) -> bool| lines[..start].iter().filter(|line| is(line)).count();
        let inside = |is: fn(&DiffLine) -> bool| hunk.iter().filter(|line| is(line)).count();
        let of_old: fn(&DiffLine) -> bool = |line| !matches!(line, DiffLine::New(_));
        let of_new: fn(&DiffLine) -> bool = |line| !matches!(line, DiffLine::Old(_));
        // Writing to a String can't fail.
        let _ = writeln!(out, "@@ -{},{} +{},{} @@", before(of_old) + 1, inside(of_old), before(of_new) + 1, inside(of_new));
        for line in hunk {
            let _ = match line {
                DiffLine::Same(at, _) => writeln!(out, " {}", old[*at]),
                DiffLine::Old(at) => writeln!(out, "-{}", old[*at]),
                DiffLine::New(at) => writeln!(out, "+{}", new[*at]),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_shown_with_three_lines_around() {
        let old: Vec<String> = (1..=20).map(|at| at.to_string()).collect();
        let mut new = old.clone();
        new[4] = "five".to_owned();
        new.insert(15, "more".to_owned());
        let (old, new): (Vec<&str>, Vec<&str>) =
            (old.iter().map(String::as_str).collect(), new.iter().map(String::as_str).collect());
        let mut out = String::new();
        hunks(&changes(&old, &new), &old, &new, &mut out);
        assert_eq!(
            out,
            "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n@@ -13,6 +13,7 @@\n 13\n 14\n 15\n+more\n 16\n 17\n 18\n"
        );
    }
}

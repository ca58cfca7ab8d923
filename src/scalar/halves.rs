//! A document read in two halves at the same time.
//!
//! The second half begins at a line with a key of the root mapping, or of a mapping in it, and is read under a line with the key around
//! it. What a parser knows before such a line is which collections are open and how far they are indented (see
//! [`super::cut`]); when the first half has been read, it must have just those open. Wherever anything is unusual, the whole is read
//! again on one thread, which also words every error.

use std::thread;

use super::cut::Piece;
use super::scanner::Scanner;
use super::{Layout, Mark, Scalar, Style};
use crate::span::line_start;
use crate::template::MarkerDocument;
use crate::tree::{Id, Kind, Share, Tree};

/// How far from the middle a line to part at is looked for, in bytes.
const REACH: usize = 64 * 1024;

/// Where a document is parted.
struct Parting<'d> {
    /// Where the second half begins.
    at: usize,
    /// The indentation of the key there.
    column: usize,
    /// The keys around it, from the root mapping's on: the text and the indentation of each.
    around: Vec<(&'d str, usize)>,
}

pub(super) fn scan(document: &MarkerDocument, middle: usize) -> Option<Layout<'_>> {
    let text = document.text.as_str();
    let parting = part(text, middle)?;
    let opening: String = parting.around.iter().map(|(key, column)| format!("{:column$}{key}:\n", "")).collect();
    let second = [&opening, &text[parting.at..]].concat();
    let (first, found) = thread::scope(|scope| {
        let other = thread::Builder::new().spawn_scoped(scope, || read(document, &second, &second)).ok()?;
        // The first half's tree takes the second's in.
        let first = read(document, &text[..parting.at], text);
        Some((first?, other.join().ok()??))
    })?;
    let (first, found) = (first.finish().ok()?, found.finish().ok()?);
    let mappings = going_on(&first.tree, text, &parting)?;
    let seam = Seam { at: parting.at, opening: opening.len(), second: &second, mappings };
    // An entry that begins in the first half can't be read again as a whole.
    let whole = |key: Id| found.tree.share(key) == Share::Whole;
    if seam.keys().any(whole) {
        return None;
    }
    Some(merge(document, first, found, &seam))
}

fn read<'t>(document: &'t MarkerDocument, text: &'t str, room: &str) -> Option<Scanner<'t>> {
    let mut scanner = Scanner::new(document, text, room);
    scanner.read().ok()?;
    let usable = scanner.refused.is_empty() && !scanner.decorated && scanner.builder.tree().documents() == 1;
    usable.then_some(scanner)
}

/// The first line from `middle` on that begins with a key of a mapping whose keys all around are such lines as well.
fn part(text: &str, middle: usize) -> Option<Parting<'_>> {
    let bytes = text.as_bytes();
    let end = text.len().min(middle.saturating_add(REACH));
    let mut at = middle;
    loop {
        at += memchr::memchr(b'\n', bytes.get(at..end)?)? + 1;
        if let Some((column, _)) = key(bytes.get(at..)?)
            && let Some(around) = keys_around(text, at, column)
        {
            return Some(Parting { at, column, around });
        }
    }
}

/// The keys around the line at `at`, which is indented by `column`: back over what is indented as far or farther, to one after another.
fn keys_around(text: &str, at: usize, column: usize) -> Option<Vec<(&str, usize)>> {
    let bytes = text.as_bytes();
    let (mut around, mut inner, mut before) = (Vec::new(), column, at);
    while inner > 0 && before > 0 {
        let start = line_start(text, before - 1);
        before = start;
        let indent = bytes[start..].iter().take_while(|byte| **byte == b' ').count();
        if indent >= inner || matches!(bytes.get(start + indent), None | Some(b'#' | b'\n' | b'\r')) {
            continue;
        }
        let (column, length) = key(&bytes[start..])?;
        around.push((&text[start + column..start + column + length], column));
        inner = column;
    }
    around.reverse();
    (inner == 0).then_some(around)
}

/// The indentation and length of the key that `line` begins with, if it is an ordinary one.
fn key(line: &[u8]) -> Option<(usize, usize)> {
    let column = line.iter().take_while(|byte| **byte == b' ').count();
    // Deeper than that the halves would hardly differ.
    let word = line.get(column..).filter(|_| column <= 4)?;
    let length = word.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')).count();
    let ends = word.get(length) == Some(&b':') && word.get(length + 1).is_none_or(|next| matches!(next, b' ' | b'\n' | b'\r'));
    (ends && word.first().is_some_and(u8::is_ascii_alphabetic)).then_some((column, length))
}

/// The mappings of the first half that go on in the second, from the root on, each with its current key; if just those are open
/// where the first half ends.
fn going_on(tree: &Tree<'_>, text: &str, parting: &Parting<'_>) -> Option<Vec<(Id, Option<Id>)>> {
    let column = |id: Id| {
        let start = tree.range(id).start;
        start - line_start(text, start)
    };
    let mut mappings = Vec::with_capacity(parting.around.len() + 1);
    let mut at = tree.root()?;
    for (around, wanted) in &parting.around {
        // A mapping ends where a line is indented less: one that is its own mapping's last value is still open.
        let (key, value) = tree.entries(at).last()?;
        let same_key = tree.kind(key) == Kind::Scalar(Style::Plain) && tree.text(key) == *around;
        if !same_key || !tree.is_block_mapping(at) || column(at) != *wanted || tree.share(key) == Share::Whole {
            return None;
        }
        mappings.push((at, Some(key)));
        at = value;
    }
    mappings.push((at, None));
    (tree.is_block_mapping(at) && column(at) == parting.column).then_some(mappings)
}

/// Where two halves meet.
struct Seam<'s> {
    /// Where the second half begins.
    at: usize,
    /// The length of the lines that the second half was read under.
    opening: usize,
    second: &'s str,
    /// See [`going_on`].
    mappings: Vec<(Id, Option<Id>)>,
}

impl Seam<'_> {
    /// The keys that the second half was read under, in its own tree: after the root comes a key, its mapping, a key, its mapping.
    fn keys(&self) -> impl Iterator<Item = Id> {
        (0..self.mappings.len() - 1).map(|level| Id::numbered(2 * level + 1))
    }
}

fn merge<'d>(document: &'d MarkerDocument, mut first: Layout<'d>, second: Layout<'_>, seam: &Seam<'_>) -> Layout<'d> {
    let moved = |offset: usize| offset - seam.opening + seam.at;
    let (nodes, marks) = (first.tree.len(), first.marks.len());
    let skipped = 2 * seam.mappings.len() - 1;
    join_cuts(&mut first, &second, seam, moved);
    first.scalars.extend(second.scalars.into_iter().map(|scalar| Scalar {
        region: moved(scalar.region.start)..moved(scalar.region.end),
        header: moved(scalar.header),
        node: scalar.node.moved(nodes - skipped),
        marks: scalar.marks.start + marks..scalar.marks.end + marks,
        ..scalar
    }));
    let mark = |mark: Mark| Mark { offset: moved(mark.offset), ..mark };
    first.marks.extend(second.marks.into_iter().map(mark));
    first.comments.extend(second.comments.into_iter().map(mark));
    let mappings: Vec<Id> = seam.mappings.iter().map(|(mapping, _)| *mapping).collect();
    first.tree.append(second.tree, &document.text, seam.second, &mappings, &moved);
    first
}

/// Appends the second half's excerpt.
fn join_cuts(first: &mut Layout<'_>, second: &Layout<'_>, seam: &Seam<'_>, moved: impl Fn(usize) -> usize) {
    let (cut, tree) = (&mut first.cut, &mut first.tree);
    let mut pieces = second.cut.pieces.iter();
    if !second.cut.pieces.is_empty() {
        tree.set_share(seam.mappings[0].0, Share::Part);
        cut.last = second.cut.last;
    }
    // The line for each key around comes once.
    for (level, _) in seam.keys().enumerate().take_while(|(_, key)| second.tree.share(*key) == Share::Part) {
        let Some(opening) = pieces.next() else { break };
        if let (Some(around), (mapping, _)) = (seam.mappings[level].1, seam.mappings[level + 1]) {
            if tree.share(around) == Share::Left {
                cut.pieces.push(opening.clone());
            }
            [around, mapping].into_iter().for_each(|id| tree.set_share(id, Share::Part));
        }
    }
    cut.pieces.extend(pieces.map(|piece| match piece {
        Piece::Lines(lines) => Piece::Lines(moved(lines.start)..moved(lines.end)),
        opening => opening.clone(),
    }));
    cut.whole |= second.cut.whole;
    cut.end();
}

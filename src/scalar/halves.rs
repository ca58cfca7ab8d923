//! A document read in two halves at the same time.
//!
//! The second half begins at a line with a key of the root mapping, or of a mapping in it, and is read under a line with the key around
//! it. What a parser knows before such a line is which collections are open and how far they are indented (see
//! [`super::cut`]); when the first half has been read, it must have just those open. Wherever anything is unusual, the whole is read
//! again on one thread, which also words every error.

use std::thread;

use super::cut::{Cut, Piece};
use super::scanner::Scanner;
use super::{Layout, Mark, Scalar, Style};
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
    /// The root mapping's key around it; none when the key is the root mapping's own.
    around: Option<&'d str>,
}

pub(super) fn scan(document: &MarkerDocument, middle: usize) -> Option<Layout<'_>> {
    let text = document.text.as_str();
    let parting = part(text, middle)?;
    let opening = parting.around.map_or_else(String::new, |key| format!("{key}:\n"));
    let second = [&opening, &text[parting.at..]].concat();
    let (first, found) = thread::scope(|scope| {
        let other = thread::Builder::new().spawn_scoped(scope, || read(document, &second, &second)).ok()?;
        // The first half's tree takes the second's in.
        let first = read(document, &text[..parting.at], text);
        Some((first?, other.join().ok()??))
    })?;
    let (first, found) = (first.finish().ok()?, found.finish().ok()?);
    let mapping = goes_on(&first.tree, text, &parting)?;
    // An entry that begins in the first half can't be read again as a whole.
    let around = found.tree.root().filter(|_| parting.around.is_some()).and_then(|root| found.tree.first(root));
    if around.is_some_and(|key| found.tree.share(key) == Share::Whole) {
        return None;
    }
    Some(merge(document, first, found, &Seam { parting, opening: opening.len(), second: &second, mapping }))
}

fn read<'t>(document: &'t MarkerDocument, text: &'t str, room: &str) -> Option<Scanner<'t>> {
    let mut scanner = Scanner::new(document, text, room);
    scanner.read().ok()?;
    let usable = scanner.refused.is_empty() && !scanner.decorated && scanner.builder.tree().documents() == 1;
    usable.then_some(scanner)
}

/// The first line from `middle` on that is a key of the root mapping or of a mapping in it.
fn part(text: &str, middle: usize) -> Option<Parting<'_>> {
    let bytes = text.as_bytes();
    let end = text.len().min(middle.saturating_add(REACH));
    let mut at = middle;
    let at = loop {
        at += memchr::memchr(b'\n', bytes.get(at..end)?)? + 1;
        if key(bytes.get(at..)?).is_some() {
            break at;
        }
    };
    let column = key(&bytes[at..])?.0;
    if column == 0 {
        return Some(Parting { at, column, around: None });
    }
    // Back to the last line that is not indented: it must be the key around.
    let mut before = at;
    while before > 0 {
        let start = memchr::memrchr(b'\n', &bytes[..before - 1]).map_or(0, |found| found + 1);
        if !matches!(bytes[start], b' ' | b'#' | b'\n' | b'\r') {
            let (0, length) = key(&bytes[start..])? else { return None };
            return Some(Parting { at, column, around: Some(&text[start..start + length]) });
        }
        before = start;
    }
    None
}

/// The indentation and length of the key that `line` begins with, if it is an ordinary one.
fn key(line: &[u8]) -> Option<(usize, usize)> {
    let column = line.iter().take_while(|byte| **byte == b' ').count();
    // Deeper than that, more than one key is around it.
    let word = line.get(column..).filter(|_| column <= 4)?;
    let length = word.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')).count();
    let ends = word.get(length) == Some(&b':') && word.get(length + 1).is_none_or(|next| matches!(next, b' ' | b'\n' | b'\r'));
    (ends && word.first().is_some_and(u8::is_ascii_alphabetic)).then_some((column, length))
}

/// The mapping of the first half that goes on in the second, if just that and the root are open where the first half ends.
fn goes_on(tree: &Tree<'_>, text: &str, parting: &Parting<'_>) -> Option<Id> {
    let column = |id: Id| {
        let start = tree.range(id).start;
        start - memchr::memrchr(b'\n', &text.as_bytes()[..start]).map_or(0, |at| at + 1)
    };
    let is_open = |id: Id, wanted: usize| tree.is_block_mapping(id) && column(id) == wanted;
    let root = tree.root().filter(|root| is_open(*root, 0))?;
    let Some(around) = parting.around else { return Some(root) };
    // A mapping ends where a line is indented less: the root's last value is still open.
    let (key, value) = tree.entries(root).last()?;
    let same_key = tree.kind(key) == Kind::Scalar(Style::Plain) && tree.text(key) == around;
    (same_key && is_open(value, parting.column) && tree.share(key) != Share::Whole).then_some(value)
}

/// Where two halves meet.
struct Seam<'s> {
    parting: Parting<'s>,
    /// The length of the line that the second half was read under.
    opening: usize,
    second: &'s str,
    /// The first half's mapping that goes on.
    mapping: Id,
}

fn merge<'d>(document: &'d MarkerDocument, mut first: Layout<'d>, second: Layout<'_>, seam: &Seam<'_>) -> Layout<'d> {
    let moved = |offset: usize| offset - seam.opening + seam.parting.at;
    let inner = seam.parting.around.is_some();
    let (nodes, marks) = (first.tree.len(), first.marks.len());
    let root = second.tree.root();
    // In the second half: the root mapping, the key around, the mapping that goes on.
    let skipped = if inner { 3 } else { 1 };
    let around = root.filter(|_| inner).and_then(|root| second.tree.first(root));
    let taken = around.is_some_and(|key| second.tree.share(key) == Share::Part);
    join_cuts(&mut first, &second.cut, taken, seam, moved);
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
    first.tree.append(second.tree, &document.text, seam.second, seam.mapping, inner, &moved);
    first
}

/// Appends the second half's excerpt. `taken`: it holds an entry of the mapping that goes on.
fn join_cuts(first: &mut Layout<'_>, second: &Cut, taken: bool, seam: &Seam<'_>, moved: impl Fn(usize) -> usize) {
    let mut pieces = second.pieces.iter().peekable();
    if taken {
        // The line for the key around comes once.
        let tree = &mut first.tree;
        let around = tree.root().and_then(|root| tree.key_of(root, seam.mapping));
        let is_there = around.is_some_and(|key| tree.share(key) == Share::Part);
        first.cut.pieces.extend(pieces.next().filter(|_| !is_there).cloned());
        let marked = [tree.root(), around, Some(seam.mapping)];
        marked.into_iter().flatten().for_each(|id| tree.set_share(id, Share::Part));
    } else if pieces.peek().is_some() {
        let root = first.tree.root();
        root.into_iter().for_each(|root| first.tree.set_share(root, Share::Part));
    }
    if !second.pieces.is_empty() {
        first.cut.last = second.last;
    }
    first.cut.pieces.extend(pieces.map(|piece| match piece {
        Piece::Lines(lines) => Piece::Lines(moved(lines.start)..moved(lines.end)),
        opening => opening.clone(),
    }));
    first.cut.whole |= second.whole;
    first.cut.end();
}

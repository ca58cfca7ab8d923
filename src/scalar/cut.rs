//! What the proof has to read again: the entries of block mappings that hold a placeholder, under the keys that lead to them.
//!
//! A YAML parser that stands before a line with a key of an open block mapping knows nothing of what is above but the collections that
//! are open there and how far they are indented (and anchors, tags and directives: a document with one of them is read again as a
//! whole). So an entry can be proven in an excerpt: its own lines, under one line for each collection around it, before a line that
//! ends it. What holds no placeholder is byte for byte what was read before, and is left out.

use std::ops::Range;

use super::place::{Frame, Kind, Place};
use crate::span::line_start;
use crate::tree::{Builder, Share};

/// The excerpt of a document that a proof reads.
#[derive(Debug, Default)]
pub(crate) struct Cut {
    pub(crate) pieces: Vec<Piece>,
    /// Nothing can be left out.
    pub(crate) whole: bool,
    /// The depth of the mapping whose entry is being passed.
    open: Option<usize>,
    /// The column and depth of the mapping that holds the last entry.
    pub(crate) last: (usize, usize),
}

/// A piece of an excerpt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// A line that opens a collection around the next piece: a key, or a dash, in this column.
    Opening { column: usize, sequence: bool },
    /// Whole lines of the document.
    Lines(Range<usize>),
}

/// The key that stands for every key around an entry.
pub(crate) const OPENING_KEY: &str = "k";
/// The key of the line that ends the last entry.
pub(crate) const CLOSING_KEY: &str = "z";

impl Cut {
    /// Of a text that may hold a directive nothing is left out.
    pub(super) fn new(text: &str) -> Self {
        let directive = text.starts_with('%') || memchr::memmem::find(text.as_bytes(), b"\n%").is_some();
        Self { whole: directive, ..Self::default() }
    }

    /// A node begins at `offset`: the entry that is being passed may end before its line.
    pub(super) fn node(&mut self, text: &str, place: &Place<'_>, offset: usize) {
        let Some(depth) = self.open else { return };
        if (place.depth() < depth || (place.depth() == depth && place.at_key()))
            && let Some(Piece::Lines(lines)) = self.pieces.last_mut()
        {
            lines.end = line_start(text, offset).max(lines.start);
            self.open = None;
        }
    }

    /// The text ends: so does the entry that is being passed.
    pub(super) fn end(&mut self) {
        self.open = None;
        if self.whole {
            *self = Self { whole: true, ..Self::default() };
        }
    }

    /// A scalar with a marker stands at `place`.
    pub(super) fn marked(&mut self, text: &str, place: &mut Place<'_>, builder: &mut Builder<'_>) {
        if self.whole || self.open.is_some() {
            return;
        }
        let Some((chosen, start, columns)) = choose(text, place.frames()) else {
            self.whole = true;
            return;
        };
        let tree = builder.tree();
        for (depth, frame) in place.frames_mut()[..=chosen].iter_mut().enumerate() {
            let entry = depth == chosen;
            if frame.taken {
                // An entry that was taken in part can't be taken as a whole as well.
                self.whole |= entry;
                continue;
            }
            frame.taken = true;
            tree.set_share(frame.node, Share::Part);
            let sequence = matches!(frame.kind, Kind::Sequence(_));
            if let (Kind::Mapping(_), Some(key)) = (&frame.kind, frame.key_node) {
                tree.set_share(key, if entry { Share::Whole } else { Share::Part });
            }
            self.pieces.push(match entry {
                true => Piece::Lines(start..text.len()),
                false => Piece::Opening { column: columns[depth], sequence },
            });
        }
        self.open = Some(chosen + 1);
        self.last = (columns[chosen], chosen + 1);
    }
}

/// The innermost mapping whose entry stands on lines of its own, where that entry's line begins, and each collection's column.
fn choose(text: &str, frames: &[Frame<'_>]) -> Option<(usize, usize, Vec<usize>)> {
    let mut chosen = None;
    let mut columns: Vec<usize> = Vec::with_capacity(frames.len());
    for (depth, frame) in frames.iter().enumerate() {
        let offset = match frame.kind {
            Kind::Mapping(Some(_)) => frame.key_start,
            Kind::Sequence(_) if text.as_bytes().get(frame.start) == Some(&b'-') => frame.start,
            _ => break,
        };
        let start = line_start(text, offset);
        let (before, column) = (&text.as_bytes()[start..offset], offset - start);
        // A sequence may stand in the column of the key that it belongs to; all else is deeper than what is around it.
        let same_column =
            matches!(frame.kind, Kind::Sequence(_)) && depth > 0 && matches!(frames[depth - 1].kind, Kind::Mapping(_));
        let deep_enough = columns.last().is_none_or(|above| column > *above || (same_column && column == *above));
        if frame.flow || frame.key || !before.is_ascii() || !deep_enough {
            break;
        }
        columns.push(column);
        if matches!(frame.kind, Kind::Mapping(_)) && before.iter().all(|byte| *byte == b' ') {
            chosen = Some((depth, start));
        }
    }
    chosen.map(|(depth, start)| (depth, start, columns))
}

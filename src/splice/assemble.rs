//! Puts a text together from a document and the replacements in it.

use zeroize::Zeroizing;

use super::Edit;
use crate::scalar::cut::{CLOSING_KEY, Cut, OPENING_KEY, Piece};

/// `text` with `edits`, which stand in order. Sized before it is written, so that no growth leaves a copy of a secret behind.
pub(super) fn text(text: &str, edits: &[Edit]) -> Zeroizing<String> {
    let removed: usize = edits.iter().map(|edit| edit.range.len()).sum();
    let mut out = Zeroizing::new(String::with_capacity(text.len() - removed + added(edits)));
    copy(text, 0..text.len(), &mut edits.iter().peekable(), &mut out);
    out
}

/// What a proof reads: the lines of `cut` with `edits` in them, each entry under a line for each collection around it. Tells as well
/// whether a line at the end closes the last entry; where the document goes on behind that, something of it must follow here too.
pub(super) fn excerpt(text: &str, edits: &[Edit], cut: &Cut) -> (Zeroizing<String>, bool) {
    let lengths = cut.pieces.iter().map(|piece| match piece {
        Piece::Opening { column, .. } => column + OPENING_KEY.len() + 2,
        Piece::Lines(lines) => lines.len(),
    });
    let (column, _) = cut.last;
    let capacity = lengths.sum::<usize>() + added(edits) + column + 2 * CLOSING_KEY.len() + 3;
    let mut out = Zeroizing::new(String::with_capacity(capacity));
    let indent = |column: usize, out: &mut String| out.extend(std::iter::repeat_n(' ', column));
    let mut edits = edits.iter().peekable();
    let mut end = text.len();
    for piece in &cut.pieces {
        match piece {
            Piece::Opening { column, sequence } => {
                indent(*column, &mut out);
                out.push_str(if *sequence { "-" } else { OPENING_KEY });
                out.push_str(if *sequence { "\n" } else { ":\n" });
            }
            Piece::Lines(lines) => {
                // What lies between entries is a comment, or nothing.
                while edits.next_if(|edit| edit.range.start < lines.start).is_some() {}
                copy(text, lines.clone(), &mut edits, &mut out);
                end = lines.end;
            }
        }
    }
    let closed = end < text.len();
    if closed {
        indent(column, &mut out);
        // The value is written, as a parser may call an empty one by another name.
        out.extend([CLOSING_KEY, ": ", CLOSING_KEY, "\n"]);
    }
    (out, closed)
}

fn added(edits: &[Edit]) -> usize {
    edits.iter().map(|edit| edit.text.len()).sum()
}

/// Copies `range` of `text` with those of `edits` that begin in it.
fn copy<'e>(
    text: &str,
    range: std::ops::Range<usize>,
    edits: &mut std::iter::Peekable<impl Iterator<Item = &'e Edit>>,
    out: &mut String,
) {
    let mut copied = range.start;
    while let Some(edit) = edits.next_if(|edit| edit.range.start < range.end) {
        out.push_str(&text[copied..edit.range.start]);
        out.push_str(&edit.text);
        copied = edit.range.end;
    }
    out.push_str(&text[copied.min(range.end)..range.end]);
}

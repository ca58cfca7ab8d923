//! Puts values into the scalars of a marker document.
//!
//! Each scalar keeps its style where that style can carry the value exactly, and becomes a double-quoted scalar on one line where
//! it can't. Everything else in the document is copied as it stands. The rules were proven against seven YAML parsers.

use std::fmt;
use std::ops::Range;

use zeroize::Zeroizing;

use crate::scalar::{Layout, Mark, Scalar, Style};
use crate::template::{MARKER_LENGTH, MarkerDocument};
use crate::tree::Tree;

mod assemble;
mod block;
mod expansion;
mod quote;

pub use expansion::escape_expansion;

/// What goes in the place of one marker.
#[derive(Clone, Copy)]
pub struct Piece<'v> {
    /// The text.
    pub text: &'v str,
    /// What it is.
    pub kind: Kind,
}

/// What a value is, which decides whether it may stand without quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A secret: always a string.
    Secret,
    /// A secret that was checked to be an integer: plain where it is a whole plain scalar.
    Integer,
    /// A plain variable: as if the author had typed it.
    Variable,
}

/// Why a value can't be put in. Says nothing of the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The marker.
    pub mark: Mark,
    /// The scalar's place in the document.
    pub path: String,
    /// Why.
    pub cause: Cause,
}

/// See [`Refusal`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The value holds a NUL, which YAML can't.
    Nul,
    /// The value needs `$` escaped in one place and not in the other that an alias gives it.
    Mixed,
}

/// The filled document.
pub struct Filled {
    /// The text. Wiped when dropped.
    pub text: Zeroizing<String>,
    /// What a proof reads, where that is not the whole text. Wiped when dropped.
    pub(crate) excerpt: Option<Zeroizing<String>>,
    /// The excerpt has a line at its end that closes its last entry.
    pub(crate) closed: bool,
}

/// What each marked scalar of a document must parse to, in order. Wiped when dropped.
#[derive(Debug)]
pub struct Targets(pub(crate) Vec<Target>);

/// What a marked scalar must parse to.
pub(crate) struct Target {
    pub(crate) value: Zeroizing<String>,
    /// It must not be plain: a secret is a string.
    pub(crate) quoted: bool,
    /// It stands without quotes.
    pub(crate) plain: bool,
}

/// All of these hold values, which are shown to nobody.
macro_rules! opaque {
    ($($name:ident $(<$life:lifetime>)?),*) => {
        $(impl fmt::Debug for $name $(<$life>)? {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($name))
            }
        })*
    };
}

opaque!(Piece<'_>, Filled, Target, Edit);

impl Targets {
    /// Puts the values of those of `layout`'s scalars that are `known` into `tree`, by reference: the rules then read them as the result
    /// has them. `tree` is the layout's own.
    pub fn settle<'f>(&'f self, layout: &Layout<'_>, tree: &mut Tree<'f>, known: impl Fn(&Scalar) -> bool) {
        for (scalar, target) in layout.scalars.iter().zip(&self.0).filter(|(scalar, _)| known(scalar)) {
            tree.fill(scalar.node, target.value.as_str());
            if !target.plain {
                tree.quote(scalar.node);
            }
        }
    }
}

/// The replacements that fill a document, in order. Wiped when dropped.
#[derive(Debug)]
pub struct Edits {
    edits: Vec<Edit>,
    /// A proof must read the whole result.
    whole: bool,
}

impl Edits {
    /// Fills the document, whose layout this is.
    pub fn assemble(self, document: &MarkerDocument, layout: &Layout<'_>) -> Filled {
        let text = assemble::text(&document.text, &self.edits);
        let excerpt = (!self.whole).then(|| assemble::excerpt(&document.text, &self.edits, &layout.cut));
        let (excerpt, closed) = excerpt.map_or((None, false), |(excerpt, closed)| (Some(excerpt), closed));
        Filled { text, excerpt, closed }
    }
}

/// One replacement in the document.
struct Edit {
    range: Range<usize>,
    text: Zeroizing<String>,
}

/// How `piece(mark)` comes in the place of every marker in a scalar, and `comment(mark)` of those in comments, and what the scalars must
/// parse to then.
///
/// # Errors
/// When a value can't be held by YAML at all.
pub fn splice<'v>(
    document: &MarkerDocument,
    layout: &Layout<'_>,
    piece: impl Fn(Mark) -> Piece<'v>,
    comment: impl Fn(Mark) -> String,
) -> Result<(Edits, Targets), Vec<Refusal>> {
    let line_break = if memchr::memmem::find(document.text.as_bytes(), b"\r\n").is_some() { "\r\n" } else { "\n" };
    let mut edits = Vec::with_capacity(layout.scalars.len());
    let mut targets = Vec::with_capacity(layout.scalars.len());
    let mut refusals = Vec::new();
    let mut pieces: Vec<Piece<'v>> = Vec::new();
    for scalar in &layout.scalars {
        let marks = layout.marks_of(scalar);
        pieces.clear();
        pieces.extend(marks.iter().map(|mark| piece(*mark)));
        let place = Placed { text: &document.text, scalar, marks, value: layout.tree.text(scalar.node) };
        if let Some((mark, cause)) = place.refuse(&pieces) {
            refusals.push(Refusal { mark, path: layout.path(scalar), cause });
            continue;
        }
        let (value, plain) = place.rewrite(&pieces, line_break, &mut edits);
        let secret = pieces.iter().any(|piece| piece.kind == Kind::Secret);
        targets.push(Target { value, quoted: secret, plain });
    }
    if !refusals.is_empty() {
        return Err(refusals);
    }
    let mut whole = layout.cut.whole;
    for mark in &layout.comments {
        let text = Zeroizing::new(comment(*mark));
        // A comment ends with its line: one that would go on must be read in its surroundings.
        whole |= !quote::is_single_safe(&text);
        edits.push(Edit { range: mark.offset..mark.offset + MARKER_LENGTH, text });
    }
    edits.sort_by_key(|edit| edit.range.start);
    Ok((Edits { edits, whole }, Targets(targets)))
}

/// A scalar in its document.
struct Placed<'p> {
    text: &'p str,
    scalar: &'p Scalar,
    marks: &'p [Mark],
    /// What the scalar parses to, markers included.
    value: &'p str,
}

impl Placed<'_> {
    fn refuse(&self, pieces: &[Piece<'_>]) -> Option<(Mark, Cause)> {
        let Self { text, scalar, marks, value } = *self;
        let at = |index: usize, cause| Some((marks[index], cause));
        if let Some(index) = pieces.iter().position(|piece| piece.text.contains('\0')) {
            return at(index, Cause::Nul);
        }
        if scalar.mixed {
            let in_value = find_in_value(&text[scalar.region()], &self.marks_in_region(), value);
            let escaped = escape_expansion(&segments(value, &in_value), pieces);
            if let Some(index) = pieces.iter().zip(&escaped).position(|(piece, escaped)| piece.text != escaped.as_str()) {
                return at(index, Cause::Mixed);
            }
        }
        None
    }

    /// Adds the replacements to `edits` and gives what the scalar must parse to, and whether it stays without quotes.
    fn rewrite(&self, pieces: &[Piece<'_>], line_break: &str, edits: &mut Vec<Edit>) -> (Zeroizing<String>, bool) {
        let Self { text, scalar, value, .. } = *self;
        let marks = self.marks_in_region();
        let raw = &text[scalar.region()];
        // The same markers, as they stand in the parsed value: a marker is plain text in every style.
        let in_value = find_in_value(raw, &marks, value);
        let value_segments = segments(value, &in_value);
        let values = if scalar.expanded {
            escape_expansion(&value_segments, pieces)
        } else {
            pieces.iter().map(|piece| Zeroizing::new(piece.text.to_owned())).collect()
        };
        let target = join(&value_segments, &values);
        let raw_segments = segments(raw, &marks);
        let lines = memchr::memchr(b'\n', raw.as_bytes()).is_some();
        let in_place = match scalar.style {
            Style::Plain => plain(scalar, pieces, &raw_segments, &values, &target),
            Style::Double if !lines => {
                let escaped: Vec<_> = values.iter().map(|value| quote::escape(value)).collect();
                Some(join(&raw_segments, &escaped))
            }
            Style::Single if !lines && values.iter().all(|value| quote::is_single_safe(value)) => {
                let doubled: Vec<_> = values.iter().map(|value| quote::double_apostrophes(value)).collect();
                Some(join(&raw_segments, &doubled))
            }
            Style::Literal | Style::Folded => {
                let block = block::Block {
                    text,
                    scalar,
                    value,
                    raw_segments: &raw_segments,
                    values: &values,
                    target: &target,
                    line_break,
                };
                edits.extend(block.rewrite());
                return (target, false);
            }
            Style::Double | Style::Single => None,
        };
        let plain = scalar.style == Style::Plain && in_place.is_some();
        let text = in_place.unwrap_or_else(|| quote::double_quoted(&target));
        edits.push(Edit { range: scalar.region(), text });
        (target, plain)
    }

    fn marks_in_region(&self) -> Vec<Range<usize>> {
        let start = self.scalar.region().start;
        self.marks.iter().map(|mark| mark.offset - start..mark.offset - start + MARKER_LENGTH).collect()
    }
}

/// The parts of a text between markers.
fn segments<'t>(text: &'t str, marks: &[Range<usize>]) -> Vec<&'t str> {
    let mut segments = Vec::with_capacity(marks.len() + 1);
    let mut from = 0;
    for mark in marks {
        segments.push(&text[from..mark.start]);
        from = mark.end;
    }
    segments.push(&text[from..]);
    segments
}

/// `segments` with `values` between them.
fn join(segments: &[&str], values: &[Zeroizing<String>]) -> Zeroizing<String> {
    let length =
        segments.iter().map(|segment| segment.len()).sum::<usize>() + values.iter().map(|value| value.len()).sum::<usize>();
    let mut out = Zeroizing::new(String::with_capacity(length));
    for (index, segment) in segments.iter().enumerate() {
        out.push_str(segment);
        if let Some(value) = values.get(index) {
            out.push_str(value);
        }
    }
    out
}

/// Where the markers of `raw` stand in `value`, which is what it parses to.
fn find_in_value(raw: &str, marks: &[Range<usize>], value: &str) -> Vec<Range<usize>> {
    let mut from = 0;
    marks
        .iter()
        .map(|mark| {
            let marker = &raw[mark.clone()];
            let at = value[from..].find(marker).map_or(from, |at| from + at);
            from = (at + MARKER_LENGTH).min(value.len());
            at..from
        })
        .collect()
}

/// A plain scalar stays plain for a checked integer that is all of it, and for variables that read as one plain scalar.
fn plain(
    scalar: &Scalar,
    pieces: &[Piece<'_>],
    raw: &[&str],
    values: &[Zeroizing<String>],
    target: &str,
) -> Option<Zeroizing<String>> {
    let whole = raw.iter().all(|segment| segment.is_empty());
    let typed = match pieces {
        [piece] if whole && piece.kind == Kind::Integer => true,
        pieces => pieces.iter().all(|piece| piece.kind == Kind::Variable) && quote::is_plain_safe(target, scalar.flow),
    };
    let one_line = !raw.iter().any(|segment| segment.contains('\n'));
    (typed && one_line).then(|| join(raw, values))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_is_shown() {
        const VALUE: &str = "swordfish";
        let own = || Zeroizing::new(VALUE.to_owned());
        let shown = [
            format!("{:?}", Piece { text: VALUE, kind: Kind::Secret }),
            format!("{:?}", Targets(vec![Target { value: own(), quoted: true, plain: false }])),
            format!("{:?}", Edits { edits: vec![Edit { range: 0..1, text: own() }], whole: false }),
            format!("{:?}", Filled { text: own(), excerpt: Some(own()), closed: false }),
        ];
        let mut tree = Tree::read("a: b\n", |_| false).unwrap();
        let id = tree.entries(tree.root().unwrap()).next().unwrap().1;
        tree.fill(id, VALUE);
        assert_eq!(tree.text(id), VALUE);
        assert!(shown.iter().chain([&format!("{tree:?}")]).all(|text| !text.contains(VALUE)), "{shown:?} {tree:?}");
    }
}

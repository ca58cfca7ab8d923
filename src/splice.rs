//! Puts values into the scalars of a marker document.
//!
//! Each scalar keeps its style if that style can hold the value exactly; otherwise it becomes a double-quoted scalar on one line.
//! Everything else in the document is copied unchanged. The rules were tested with seven YAML parsers. [`View`] is the filled document as a
//! tree.

use std::fmt;
use std::ops::Range;

use zeroize::Zeroizing;

use crate::scalar::{Layout, Mark, Scalar};
use crate::template::{MARKER_LENGTH, MarkerDocument};
use crate::yaml::Style;
use crate::yaml::tree::Id;

mod block;
mod container;
mod expansion;
mod quote;
mod replacement;
mod view;

pub(crate) use container::container_sees;
pub(crate) use expansion::escape_expansion;
pub(crate) use replacement::Replacement;
pub(crate) use view::View;

/// What replaces one marker.
#[derive(Clone, Copy)]
pub(crate) struct Piece<'v> {
    /// The text.
    pub text: &'v str,
    /// Its kind.
    pub kind: PieceKind,
}

/// The kind of a value, which decides whether it may be written without quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PieceKind {
    /// A secret: always a string.
    Secret,
    /// A secret that was checked to be an integer: plain if it is a whole plain scalar.
    Integer,
    /// A plain variable: written as if the author had typed it.
    Variable,
    /// The value is not known.
    Unknown,
}

/// Why a value can't be filled in. Does not contain the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The marker.
    pub mark: Mark,
    /// The scalar's place in the document.
    pub path: String,
    /// Why.
    pub cause: RefusalCause,
}

/// See [`Refusal`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RefusalCause {
    /// The value contains a NUL, which YAML can't hold.
    Nul,
    /// An alias uses the value in two places, and only one of them needs `$` escaped.
    Mixed,
}

/// A filled document: its text, and what its scalars must parse to. Wiped when dropped.
pub(crate) struct Filled {
    /// The text.
    pub text: Zeroizing<String>,
    /// What each scalar that was rewritten must parse to, in the order of the tree's nodes.
    targets: Vec<(Id, Expected)>,
    /// The text is identical to the marker document's.
    unchanged: bool,
    /// Scalars without a marker were rewritten too.
    replaced: bool,
}

/// What a scalar that was rewritten must parse to.
pub(crate) struct Expected {
    pub(crate) value: Zeroizing<String>,
    /// It must not be plain: a secret is a string.
    pub(crate) quoted: bool,
    /// It was written without quotes.
    plain: bool,
    /// It holds a secret, masked or not.
    secret: bool,
    /// It holds a value that is not known.
    unknown: bool,
}

/// Debug of these types does not show the values they hold.
macro_rules! opaque {
    ($($name:ident $(<$life:lifetime>)?),*) => {
        $(impl fmt::Debug for $name $(<$life>)? {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($name))
            }
        })*
    };
}

opaque!(Piece<'_>, Filled, Expected, Edit, Replacement);

impl Expected {
    /// A scalar with pieces of this kind must parse to `value`.
    fn new(value: Zeroizing<String>, kind: PieceKind) -> Self {
        Self::of(value, |other| kind == other)
    }

    /// A scalar with pieces of the kinds for which `holds` is true must parse to `value`.
    fn of(value: Zeroizing<String>, holds: impl Fn(PieceKind) -> bool) -> Self {
        let secret = holds(PieceKind::Secret) || holds(PieceKind::Integer);
        Self { value, quoted: holds(PieceKind::Secret), plain: false, secret, unknown: holds(PieceKind::Unknown) }
    }
}

impl Filled {
    /// What this node must parse to, if it was rewritten.
    pub(crate) fn target(&self, node: Id) -> Option<&Expected> {
        self.targets.binary_search_by_key(&node, |(node, _)| *node).ok().map(|index| &self.targets[index].1)
    }

    /// Scalars without a marker were rewritten too.
    pub(crate) fn has_replacements(&self) -> bool {
        self.replaced
    }

    /// Nothing was filled in: the text is the marker document's.
    pub(crate) fn is_unchanged(&self) -> bool {
        self.unchanged
    }
}

/// One replacement in the document.
struct Edit {
    range: Range<usize>,
    text: Zeroizing<String>,
}

/// Fills `document`: each marker in a scalar is replaced by `piece(mark)`, and each other marker by `unread(mark)`. The scalars of
/// `replacements`, which name each node at most once, are replaced as a whole.
///
/// # Errors
/// When YAML can't hold a value at all.
pub(crate) fn splice<'v>(
    document: &MarkerDocument,
    layout: &Layout<'_>,
    piece: impl Fn(Mark) -> Piece<'v>,
    unread: impl Fn(Mark) -> String,
    replacements: &[Replacement],
) -> Result<Filled, Vec<Refusal>> {
    let line_break = if memchr::memmem::find(document.text.as_bytes(), b"\r\n").is_some() { "\r\n" } else { "\n" };
    let mut edits = Vec::with_capacity(layout.scalars.len());
    let mut targets = Vec::with_capacity(layout.scalars.len());
    let mut refusals = Vec::new();
    let mut pieces: Vec<Piece<'v>> = Vec::new();
    for replacement in replacements {
        let (edited, target) = replacement.rewrite(&document.text, layout, line_break);
        edits.extend(edited);
        targets.push((replacement.node, target));
    }
    let replaced = |node| replacements.iter().any(|replacement| replacement.node == node);
    for scalar in layout.scalars.iter().filter(|scalar| replacements.is_empty() || !replaced(scalar.node)) {
        let marks = layout.marks_of(scalar);
        pieces.clear();
        pieces.extend(marks.iter().map(|mark| piece(*mark)));
        let place = Placed { text: &document.text, scalar, marks, value: layout.tree.text(scalar.node) };
        match place.refuse(&pieces) {
            Some((mark, cause)) => refusals.push(Refusal { mark, path: layout.path(scalar), cause }),
            None => targets.push((scalar.node, place.rewrite(&pieces, line_break, &mut edits))),
        }
    }
    if !refusals.is_empty() {
        return Err(refusals);
    }
    for mark in &layout.unread {
        edits.push(Edit { range: mark.offset..mark.offset + MARKER_LENGTH, text: Zeroizing::new(unread(*mark)) });
    }
    edits.sort_by_key(|edit| edit.range.start);
    targets.sort_by_key(|(node, _)| *node);
    Ok(Filled {
        text: assemble(&document.text, &edits),
        targets,
        unchanged: edits.is_empty(),
        replaced: !replacements.is_empty(),
    })
}

/// `text` with `edits`, which are sorted by position. The buffer has its final size from the start, because growing would leave a copy of a
/// secret behind.
fn assemble(text: &str, edits: &[Edit]) -> Zeroizing<String> {
    let (removed, added) =
        edits.iter().fold((0, 0), |(removed, added), edit| (removed + edit.range.len(), added + edit.text.len()));
    let mut out = Zeroizing::new(String::with_capacity(text.len() - removed + added));
    let mut copied = 0;
    for edit in edits {
        out.push_str(&text[copied..edit.range.start]);
        out.push_str(&edit.text);
        copied = edit.range.end;
    }
    out.push_str(&text[copied..]);
    out
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
    fn refuse(&self, pieces: &[Piece<'_>]) -> Option<(Mark, RefusalCause)> {
        let Self { text, scalar, marks, value } = *self;
        let at = |index: usize, cause| Some((marks[index], cause));
        if let Some(index) = pieces.iter().position(|piece| piece.text.contains('\0')) {
            return at(index, RefusalCause::Nul);
        }
        if scalar.mixed {
            let in_value = find_in_value(&text[scalar.region()], &self.marks_in_region(), value);
            let escaped = escape_expansion(&segments(value, &in_value), pieces);
            if let Some(index) = pieces.iter().zip(&escaped).position(|(piece, escaped)| piece.text != escaped.as_str()) {
                return at(index, RefusalCause::Mixed);
            }
        }
        None
    }

    /// Adds the replacements to `edits` and returns what the scalar must parse to.
    fn rewrite(&self, pieces: &[Piece<'_>], line_break: &str, edits: &mut Vec<Edit>) -> Expected {
        let Self { text, scalar, value, .. } = *self;
        let marks = self.marks_in_region();
        let raw = &text[scalar.region()];
        // The same markers in the parsed value: a marker is plain text in every style.
        let in_value = find_in_value(raw, &marks, value);
        let value_segments = segments(value, &in_value);
        let values = if scalar.expanded {
            escape_expansion(&value_segments, pieces)
        } else {
            pieces.iter().map(|piece| Zeroizing::new(piece.text.to_owned())).collect()
        };
        let holds = |kind| pieces.iter().any(|piece| piece.kind == kind);
        let mut target = Expected::of(join(&value_segments, &values), holds);
        let raw_segments = segments(raw, &marks);
        let lines = memchr::memchr(b'\n', raw.as_bytes()).is_some();
        let in_place = match scalar.style {
            Style::Plain => plain(scalar, pieces, &raw_segments, &values, &target.value),
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
                    target: &target.value,
                    line_break,
                };
                edits.extend(block.rewrite());
                return target;
            }
            Style::Double | Style::Single => None,
        };
        target.plain = scalar.style == Style::Plain && in_place.is_some();
        if scalar.style == Style::Plain && !target.plain {
            let rest = &text[scalar.region().end..];
            // After a comment, the next line was outside the plain scalar already.
            let line = rest.find('\n').filter(|length| rest[..*length].trim().is_empty());
            edits.extend(line.into_iter().flat_map(|length| tabs_behind(text, scalar.region().end + length + 1)));
        }
        let text = in_place.unwrap_or_else(|| quote::double_quoted(&target.value));
        edits.push(Edit { range: scalar.region(), text });
        target
    }

    fn marks_in_region(&self) -> Vec<Range<usize>> {
        let start = self.scalar.region().start;
        self.marks.iter().map(|mark| mark.offset - start..mark.offset - start + MARKER_LENGTH).collect()
    }
}

/// Empties the next lines of white space that contain a tab, from the line that starts at `start`. They belonged to the plain or block
/// scalar before them. Once that is quoted they are outside any scalar, where libyaml and go-yaml refuse a tab.
fn tabs_behind(text: &str, start: usize) -> impl Iterator<Item = Edit> {
    let mut at = start;
    let blank = text[start..].split_inclusive('\n').take_while(|line| line.trim().is_empty());
    blank.filter_map(move |line| {
        let content = at..at + line.trim_end_matches(['\r', '\n']).len();
        at += line.len();
        line.contains('\t').then(|| Edit { range: content, text: Zeroizing::new(String::new()) })
    })
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

/// Where the markers of `raw` are in `value`, which is what it parses to.
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

/// The text of a plain scalar that can stay plain: its whole value is a checked integer, or it has only variables and the result reads as
/// one plain scalar.
fn plain(
    scalar: &Scalar,
    pieces: &[Piece<'_>],
    raw: &[&str],
    values: &[Zeroizing<String>],
    target: &str,
) -> Option<Zeroizing<String>> {
    let whole = raw.iter().all(|segment| segment.is_empty());
    let typed = match pieces {
        [piece] if whole && piece.kind == PieceKind::Integer => true,
        pieces => {
            pieces.iter().all(|piece| matches!(piece.kind, PieceKind::Variable | PieceKind::Unknown))
                && quote::is_plain_safe(target, scalar.flow)
        }
    };
    let one_line = !raw.iter().any(|segment| segment.contains('\n'));
    (typed && one_line).then(|| join(raw, values))
}

#[cfg(test)]
impl Filled {
    /// A document in which these scalars have these texts, quoted.
    pub(crate) fn of(values: impl IntoIterator<Item = (Id, String)>) -> Self {
        let target = |(id, value)| (id, Expected::new(Zeroizing::new(value), PieceKind::Secret));
        let targets = values.into_iter().map(target).collect();
        Self { text: Zeroizing::new(String::new()), targets, unchanged: false, replaced: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_is_shown() {
        const VALUE: &str = "swordfish";
        let own = || Zeroizing::new(VALUE.to_owned());
        let target = || Expected::new(own(), PieceKind::Secret);
        let shown = [
            format!("{:?}", Piece { text: VALUE, kind: PieceKind::Secret }),
            format!("{:?}", target()),
            format!("{:?}", Edit { range: 0..1, text: own() }),
            format!("{:?}", Filled { text: own(), targets: Vec::new(), unchanged: false, replaced: false }),
        ];
        assert!(shown.iter().all(|text| !text.contains(VALUE)), "{shown:?}");
    }
}

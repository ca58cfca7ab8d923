//! The proof: the filled document is parsed once more and must be the marker document with the values put in.

use granit_parser::{Event, Parser, ScalarStyle};

use crate::scalar::{Fingerprint, Layout, Style, options};
use crate::splice::Filled;

/// The filled document is not what it must be. This is a fault of this program; nothing is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unproven {
    /// The place of the first scalar that differs, where it is a scalar.
    pub path: Option<String>,
}

/// Checks that every marked scalar of `filled` has its expected value, that a secret is quoted, and that all other events are
/// those of the marker document.
///
/// # Errors
/// When anything differs.
pub fn prove(layout: &Layout, filled: &Filled) -> Result<(), Unproven> {
    let structure = || Unproven { path: None };
    let mut reader = layout.keys.again();
    let mut fingerprint = Fingerprint::default();
    let mut expected = filled.expected.iter().zip(&layout.scalars).peekable();
    // Scalars of the filled document are matched to marked ones by their number among all events.
    let mut next = layout.fingerprint.ordinals();
    let mut wanted = next.next();
    for event in Parser::new_from_str_with_options(&filled.text, options()) {
        let (event, _) = event.map_err(|_| structure())?;
        match &event {
            Event::Anchor(..) => {}
            Event::Scalar(value, style, anchor, tag) => {
                if wanted == Some(reader.events()) {
                    wanted = next.next();
                    let (want, scalar) = expected.next().ok_or_else(structure)?;
                    if **want.value != **value || (want.quoted && *style == ScalarStyle::Plain) {
                        return Err(Unproven { path: Some(scalar.path.clone()) });
                    }
                    fingerprint.gap(&mut reader, *anchor, tag.as_deref());
                } else {
                    reader.scalar(value, Style::from(*style), *anchor, tag.as_deref());
                }
            }
            event => reader.structure(event),
        }
    }
    fingerprint.end(&mut reader);
    let complete = expected.peek().is_none() && fingerprint.equals(&layout.fingerprint);
    if complete { Ok(()) } else { Err(structure()) }
}

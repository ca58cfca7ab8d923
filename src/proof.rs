//! The proof: the judge reads all bytes that will be written, and must find the marker document with the values in it.

use crate::scalar::{Layout, ScanError, explain};
use crate::splice::Filled;
use crate::template::MarkerDocument;
use crate::yaml::judge::{Disagreement, Wanted, compare};

/// Why a filled document must not be written.
#[derive(Debug)]
pub(crate) enum Unproven {
    /// Because of the template: Akash's parser refuses it, or reads it differently.
    Template(ScanError),
    /// The filled document is wrong, which is a bug in this program. With the place of the first node that differs, if known.
    Bug(Option<String>),
}

/// Checks that `filled` is `document`, which has this layout, with each marked scalar's value in it, and that a secret is a string.
///
/// # Errors
/// When the judge refuses the text or reads something else.
pub(crate) fn prove(document: &MarkerDocument, layout: &Layout<'_>, filled: &Filled) -> Result<(), Unproven> {
    // The judge already read it during the scan.
    if filled.is_unchanged() {
        return Ok(());
    }
    let rewritten = |id| layout.tree.is_marked(id) || filled.has_replacements();
    let wanted = |id| {
        rewritten(id).then(|| filled.target(id)).flatten().map(|target| Wanted { value: &target.value, quoted: target.quoted })
    };
    let Err(disagreement) = compare(&filled.text, &layout.tree, &wanted) else { return Ok(()) };
    if let Some(error) = explain(document, layout) {
        return Err(Unproven::Template(error));
    }
    let at = if let Disagreement::Differs(Some(at)) = disagreement { Some(at) } else { None };
    Err(Unproven::Bug(at.map(|at| layout.tree.path(at))))
}

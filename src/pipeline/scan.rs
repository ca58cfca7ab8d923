//! Stage 3: reads the document's structure, and finds the scalar of every placeholder.

use super::expand::Expanded;
use crate::diagnostic::Diagnostic;
use crate::error::{self, Report, placed};
use crate::rules::{Concealed, concealed};
use crate::scalar::{self, Layout, Mark, Scalar};
use crate::template::{Emission, Expansion, Missing, Template};

/// A template whose structure is known.
#[derive(Debug)]
pub(crate) struct Prepared<'e> {
    /// The template.
    pub(crate) template: &'e Template,
    /// The marker document and the texts it comes from.
    pub(crate) expansion: &'e Expansion,
    /// The document's scalars with markers.
    pub(crate) layout: Layout<'e>,
    /// Variables that were used but are not set.
    pub(crate) missing: &'e Missing,
    /// Plain variables that are used as secrets, and so treated as such.
    pub(crate) concealed: Concealed,
}

/// Reads the document's structure.
///
/// # Errors
/// When it is not YAML, or a placeholder is where no value can go.
pub(crate) fn scan<'e>(expanded: &'e Expanded<'_>) -> Result<Prepared<'e>, Report> {
    let expansion = &expanded.expansion;
    let layout = scalar::scan(&expansion.document)
        .map_err(|failure| Report::content(error::scan(&failure, &expansion.document, &expansion.sources)))?;
    Ok(Prepared::new(expanded, layout))
}

impl<'e> Prepared<'e> {
    /// A template with this layout.
    pub(crate) fn new(expanded: &'e Expanded<'_>, layout: Layout<'e>) -> Self {
        let Expanded { template, expansion, missing } = expanded;
        let concealed = concealed(&expansion.document, &expansion.sources, &layout);
        Self { template, expansion, layout, missing, concealed }
    }

    /// Whether the marker is for a secret, or for what is treated as one.
    fn is_secret(&self, mark: Mark, emission: &Emission) -> bool {
        matches!(emission, Emission::Secret(_)) || self.concealed.contains_key(&mark.number)
    }

    /// Every marker in a scalar, with the scalar.
    pub(crate) fn marks(&self) -> impl Iterator<Item = (&Scalar, Mark, &Emission)> {
        let emissions = &self.expansion.document.emissions;
        let marks = move |scalar| self.layout.marks_of(scalar).iter().map(move |mark| (scalar, *mark, &emissions[mark.number]));
        self.layout.scalars.iter().flat_map(marks)
    }

    /// Whether the result will hold a secret.
    pub(crate) fn holds_secret(&self) -> bool {
        self.marks().any(|(_, mark, emission)| self.is_secret(mark, emission))
    }

    /// `diagnostic` with the line of the template that `mark` comes from.
    pub(crate) fn place(&self, diagnostic: Diagnostic, mark: Mark, path: &str) -> Diagnostic {
        let location = self.expansion.document.locate(mark.offset);
        placed(diagnostic, &self.expansion.sources, &location, path)
    }
}

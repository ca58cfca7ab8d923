//! The filled SDL: its text, and its exact tree.

use crate::error::{self, Report};
use crate::scalar::{Layout, Reason, ScanError};
use crate::template::{MarkerDocument, Nonce, Sources, Template};
use crate::yaml::judge::{self, Disagreement};
use crate::yaml::tree::{Builder, Tree};
use crate::yaml::{self, Reach};

/// A filled SDL. Its text holds secrets.
pub(crate) struct FilledSdl<'t> {
    /// Its name in messages.
    pub(crate) name: &'t str,
    /// Its text.
    pub(crate) text: &'t str,
    /// Its first document, as one without placeholders.
    pub(crate) layout: Layout<'t>,
    /// Makes markers that its text does not hold.
    pub(crate) nonce: Nonce,
}

impl std::fmt::Debug for FilledSdl<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Original").field("name", &self.name).finish_non_exhaustive()
    }
}

impl<'t> FilledSdl<'t> {
    /// Reads the text of `template`.
    ///
    /// # Errors
    /// When it is not YAML, or Akash's parser reads it differently, so that it can't be cut exactly.
    pub(crate) fn read(template: &'t Template) -> Result<Self, Report> {
        let text = template.text.as_str();
        let Ok(nonce) = Nonce::fresh(text) else {
            return Err(Report::usage(crate::diagnostic::Diagnostic::error("the operating system provides no random bytes")));
        };
        let mut builder = Builder::new(text);
        let read = yaml::read(text, Reach::First, &mut builder);
        let tree = read.map(|extent| builder.finish(extent)).map_err(ScanError::from);
        let tree = tree.and_then(|tree| match judge::compare(text, &tree, &|_| None) {
            Ok(()) => Ok(tree),
            Err(Disagreement::Refused(not_yaml)) => Err(not_yaml.into()),
            Err(Disagreement::Differs(at)) => {
                let offset = at.map_or(text.len(), |at| tree.range(at).start);
                Err(ScanError::Refused(vec![(offset, Reason::Ambiguous)]))
            }
        });
        let tree = tree.map_err(|failure| {
            let document = MarkerDocument::written(text.to_owned(), nonce.clone(), Vec::new(), &template.name);
            let sources = Sources::from([(template.name.clone(), template.text.clone())]);
            Report::content(error::scan(&failure, &document, &sources))
        })?;
        let layout = Layout { tree, ..Layout::default() };
        Ok(Self { name: &template.name, text, layout, nonce })
    }

    /// Its first document.
    pub(crate) fn tree(&self) -> &Tree<'t> {
        &self.layout.tree
    }
}

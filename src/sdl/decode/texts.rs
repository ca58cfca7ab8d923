//! DecodedTexts that the document does not hold as they are.

use std::cell::{Cell, OnceCell};
use std::fmt;

/// What a model borrows besides the tree: texts that the document has only in base64, as `!!binary`.
#[derive(Default)]
pub(crate) struct DecodedTexts {
    /// Each shelf has twice the places of the one before, and none is ever moved.
    shelves: [OnceCell<Box<[OnceCell<String>]>>; 32],
    number: Cell<u32>,
}

impl DecodedTexts {
    /// Keeps `text`.
    pub(super) fn keep(&self, text: String) -> &str {
        let number = self.number.get().saturating_add(1);
        self.number.set(number);
        let shelf = number.ilog2();
        let first = 1_u32 << shelf;
        let places = self.shelves[shelf as usize].get_or_init(|| (0..first).map(|_| OnceCell::new()).collect());
        places[(number - first) as usize].get_or_init(|| text)
    }
}

impl fmt::Debug for DecodedTexts {
    /// Without the texts.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecodedTexts").field("number", &self.number.get()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::DecodedTexts;

    #[test]
    fn each_text_stays_where_it_is() {
        let texts = DecodedTexts::default();
        let kept: Vec<&str> = (0..100).map(|number| texts.keep(number.to_string())).collect();
        assert!(kept.iter().enumerate().all(|(number, text)| *text == number.to_string()));
    }
}

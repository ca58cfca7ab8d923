//! Trees in which a test chooses the scalars that hold markers.

use crate::yaml::tree::{Builder, Id, Tree};
use crate::yaml::{At, Event, Reach, Sink, read};

struct Marking<'d, M> {
    builder: Builder<'d>,
    number: usize,
    marked: M,
}

impl<'d, M: FnMut(usize, &str) -> bool> Sink<'d> for Marking<'d, M> {
    fn start(&mut self) {
        self.builder.start();
        self.number = 0;
    }

    fn event(&mut self, event: Event<'d>, at: At) {
        match event {
            Event::Scalar { value, style, properties } => {
                let marked = (self.marked)(self.number, &value);
                self.number += 1;
                self.builder.scalar(value, style, &properties, at.range, marked);
            }
            other => self.builder.event(other, at),
        }
    }
}

/// The tree of `text`, which is YAML; `marked` decides for each scalar, by its number and text, whether it holds a marker.
pub(crate) fn marked(text: &str, marked: impl Fn(usize, &str) -> bool) -> Tree<'_> {
    let mut sink = Marking { builder: Builder::new(text), number: 0, marked };
    let extent = read(text, Reach::First, &mut sink).unwrap_or_else(|error| panic!("{error:?}\n{text}"));
    sink.builder.finish(extent)
}

/// The scalars of `tree` that hold a marker, in the order of the text.
pub(crate) fn marks(tree: &Tree<'_>) -> Vec<Id> {
    let (mut marked, mut open) = (Vec::new(), Vec::from_iter(tree.root()));
    while let Some(id) = open.pop() {
        open.extend(tree.next(id));
        open.extend(tree.first(id).filter(|_| !tree.is_alias(id)));
        marked.extend(Some(id).filter(|id| !tree.is_alias(*id) && tree.is_marked(*id)));
    }
    marked
}

//! Joins the trees of two halves of a document.

use std::borrow::Cow;

use super::{Id, NONE, Node, Shape, Tree};

impl<'d> Tree<'d> {
    /// How many nodes there are.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Appends `other`, which was read from `read`, a text that holds a part of `text`: its offsets become `moved(offset)`. It begins with
    /// its root mapping, whose first value is a mapping, and so on, as many as `mappings`: the entries behind go on in those.
    pub(crate) fn append(
        &mut self,
        mut other: Tree<'_>,
        text: &'d str,
        read: &str,
        mappings: &[Id],
        moved: &impl Fn(usize) -> usize,
    ) {
        let skipped = 2 * mappings.len() - 1;
        let (delta, texts) = ((self.nodes.len() - skipped) as u32, self.texts.len() as u32);
        let link = |id: u32| if id == NONE { NONE } else { id + delta };
        for (level, mapping) in mappings.iter().enumerate() {
            // In `other`, a key and its mapping follow one another.
            let going_on = Id::numbered(2 * level);
            let innermost = level + 1 == mappings.len();
            let behind = if innermost { other.first(going_on) } else { other.next(Id::numbered(2 * level + 2)) };
            self.hang(*mapping, behind.map(|id| Id(id.0 + delta)));
            self.nodes[mapping.0 as usize].end = moved(other.range(going_on).end) as u32;
        }
        self.text = text;
        self.nodes.extend(other.nodes[skipped..].iter().map(|node| Node {
            start: moved(node.start as usize) as u32,
            end: moved(node.end as usize) as u32,
            next: link(node.next),
            inner: match node.shape {
                Shape::Scalar(_) if node.inner != NONE => node.inner + texts,
                Shape::Scalar(_) => NONE,
                _ => link(node.inner),
            },
            ..*node
        }));
        let (from, to) = (read.as_ptr() as usize, read.as_ptr() as usize + read.len());
        let read_texts = std::mem::take(&mut other.texts);
        self.texts.extend(read_texts.into_iter().map(|part| match part {
            Cow::Borrowed(part) if (from..to).contains(&(part.as_ptr() as usize)) => {
                let start = moved(part.as_ptr() as usize - from);
                Cow::Borrowed(&text[start..start + part.len()])
            }
            other => Cow::Owned(other.into_owned()),
        }));
        self.marked.extend(other.marked.iter().copied().map(|id| Id(id.0 + delta)));
    }

    /// Makes `first` and what is linked behind it the last children of `parent`.
    fn hang(&mut self, parent: Id, first: Option<Id>) {
        let Some(first) = first else { return };
        let mut at = self.first(parent);
        while let Some(next) = at.and_then(|at| self.next(at)) {
            at = Some(next);
        }
        match at {
            Some(last) => self.nodes[last.0 as usize].next = first.0,
            None => self.nodes[parent.0 as usize].inner = first.0,
        }
    }
}

impl Id {
    /// The node with this number, counted from 0 in the order of the text.
    pub(crate) fn numbered(number: usize) -> Self {
        Self(number as u32)
    }

    /// The node of another tree that was appended behind `nodes` more.
    pub(crate) fn moved(self, nodes: usize) -> Self {
        Self(self.0 + nodes as u32)
    }
}

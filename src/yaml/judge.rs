//! The judge: what Akash's kind of parser reads in a text.
//!
//! libyaml-safer is a port of libyaml; go-yaml v3, with which Akash reads an SDL, is a port of it too. Where other parsers take a text
//! differently, the judge and go-yaml agree (tab-only lines, tabs behind a dash, U+0085 and the line separators as breaks, the names
//! of anchors and directives, byte-order marks). What the judge refuses, Akash refuses.
//!
//! Where go-yaml itself deviates from libyaml, [`reader`] makes up for it and says so at the place: the end of a block scalar that
//! ends the file, tabs between two comments, the escape `\\/`, the depth of a document, and the tokens behind it that go-yaml looks at.
//! What remains: `%YAML` with a version other than 1.1, which the rule `yaml-directive` reports; a byte-order mark at the start of a later
//! line, which go-yaml skips and the judge refuses; the escape `\\'` in double quotes, likewise; and control characters behind a first
//! document that ends before the file does.

use std::ops::ControlFlow;

use rustc_hash::FxHashMap as HashMap;

use super::tree::{Builder, Id, Tree};
use super::{Event, Extent, NotYaml, Properties, Reach, Sink, Style};

mod reader;

pub(crate) use reader::is_reading;
use reader::{between_comments, read};

/// Why a text is not the document that it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Disagreement {
    /// The judge says that it is not YAML.
    Refused(NotYaml),
    /// It holds something else, first at this node of the tree that it was compared with, if at one.
    Differs(Option<Id>),
}

/// What a scalar must parse to, where that is not what the tree has.
#[derive(Clone, Copy)]
pub(crate) struct Wanted<'w> {
    /// The value.
    pub(crate) value: &'w str,
    /// It must not be plain.
    pub(crate) quoted: bool,
}

/// Checks that the judge reads in `text` what `tree` holds, node by node, with the value that `wanted` gives for a scalar in place of
/// the tree's own. A tree of several documents is compared with all of the text, of one with the first document.
///
/// # Errors
/// When the judge refuses the text, or reads anything else.
pub(crate) fn compare<'w>(text: &str, tree: &Tree<'_>, wanted: impl Fn(Id) -> Option<Wanted<'w>>) -> Result<(), Disagreement> {
    match walk(text, tree, &wanted) {
        Err(Disagreement::Refused(not_yaml)) => {
            let softened = between_comments(text).ok_or(Disagreement::Refused(not_yaml))?;
            walk(&softened, tree, &wanted)
        }
        walked => walked,
    }
}

fn walk<'w>(text: &str, tree: &Tree<'_>, wanted: &impl Fn(Id) -> Option<Wanted<'w>>) -> Result<(), Disagreement> {
    let mut walk = Walk { tree, wanted, next: tree.root(), open: Vec::new(), anchors: HashMap::default() };
    let reach = if tree.root().is_some_and(|root| tree.next(root).is_some()) { Reach::Stream } else { Reach::First };
    match read(text, reach, |event, _| walk.step(&event)) {
        Err(not_yaml) => Err(Disagreement::Refused(not_yaml)),
        Ok(ControlFlow::Break(at)) => Err(Disagreement::Differs(at)),
        Ok(ControlFlow::Continue(_)) if walk.next.is_some() => Err(Disagreement::Differs(walk.next)),
        Ok(ControlFlow::Continue(_)) => Ok(()),
    }
}

/// The judge's own tree of `text`. Its spans are good enough to point at a place, not to cut by.
///
/// # Errors
/// When the text is not YAML.
pub(crate) fn tree(text: &str) -> Result<Tree<'_>, NotYaml> {
    match built(text, text) {
        Err(not_yaml) => built(text, &between_comments(text).ok_or(not_yaml)?),
        built => built,
    }
}

/// The tree of `text`, read from `read_text`, which is the same but for white space.
fn built<'d>(text: &'d str, read_text: &str) -> Result<Tree<'d>, NotYaml> {
    let mut builder = Builder::new(text);
    let give = |event, at| -> ControlFlow<Extent> {
        builder.event(event, at);
        ControlFlow::Continue(())
    };
    let (ControlFlow::Continue(extent) | ControlFlow::Break(extent)) = read(read_text, Reach::First, give)?;
    Ok(builder.finish(extent))
}

/// A walk along a tree, led by the judge's events.
struct Walk<'t, 'd, W> {
    tree: &'t Tree<'d>,
    wanted: W,
    /// The node that must come next in the innermost collection.
    next: Option<Id>,
    /// For each open collection, what must come behind it.
    open: Vec<Option<Id>>,
    anchors: HashMap<usize, Id>,
}

impl<'w, W: Fn(Id) -> Option<Wanted<'w>>> Walk<'_, '_, W> {
    /// Breaks where the event is not what the tree has, with the node.
    fn step(&mut self, event: &Event<'_>) -> ControlFlow<Option<Id>> {
        if matches!(event, Event::End) {
            return match (self.next, self.open.pop()) {
                (None, Some(next)) => {
                    self.next = next;
                    ControlFlow::Continue(())
                }
                (next, _) => ControlFlow::Break(next),
            };
        }
        let Some(id) = self.next else { return ControlFlow::Break(None) };
        let tree = self.tree;
        let same = match event {
            Event::Scalar { value, style, properties } => {
                self.bind(properties, id);
                let scalar = match (self.wanted)(id) {
                    Some(wanted) => wanted.value == *value && !(wanted.quoted && *style == Style::Plain),
                    None => tree.is_scalar(id, value, *style),
                };
                scalar && tree.has(id, properties)
            }
            Event::Start { mapping, properties, .. } => {
                self.bind(properties, id);
                tree.is_collection(id, *mapping) && tree.has(id, properties)
            }
            Event::Alias(anchor) => tree.is_alias(id) && self.anchors.get(anchor) == Some(&tree.target(id)),
            Event::End | Event::Anchor(_) => true,
        };
        if !same {
            return ControlFlow::Break(Some(id));
        }
        let behind = tree.next(id);
        self.next = match event {
            Event::Start { .. } => {
                self.open.push(behind);
                tree.first(id)
            }
            _ => behind,
        };
        ControlFlow::Continue(())
    }

    fn bind(&mut self, properties: &Properties, id: Id) {
        if properties.anchor != 0 {
            self.anchors.insert(properties.anchor, id);
        }
    }
}

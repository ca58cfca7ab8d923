//! The judge: reads a text as Akash's parser does.
//!
//! It is libyaml-safer, a port of libyaml. go-yaml v3, with which Akash reads an SDL, is a port of libyaml too. Where other parsers differ,
//! the judge and go-yaml agree: tab-only lines, tabs after a dash, U+0085 and the line separators as breaks, the names of anchors and
//! directives. What the judge refuses, Akash refuses.
//!
//! Where go-yaml itself differs from libyaml, `reader` follows go-yaml: the end of a block scalar that ends the file, tabs between two
//! comments, the escape `\\/`, byte order marks, the depth of a document, and the tokens after it that go-yaml reads ahead. What remains:
//! `%YAML` with a version other than 1.1, which the rule `yaml-directive` reports; the escape `\\'` in double quotes, and a tab between a `:`
//! that has no key and a comment, both of which go-yaml accepts and the judge refuses; and control characters after a first document that
//! ends before the file does.

use std::ops::ControlFlow;

use rustc_hash::FxHashMap as HashMap;

use super::tree::{Builder, Id, Tree};
use super::{Event, Extent, NotYaml, Properties, Reach, Sink, Style};

mod reader;

pub use reader::is_reading;
use reader::{between_comments, read};

/// How a text differs from the document that it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Disagreement {
    /// The judge does not accept it as YAML.
    Refused(NotYaml),
    /// It holds something else. With the first node of the expected tree that differs, if it is one.
    Differs(Option<Id>),
}

/// What a scalar must parse to, if not to what the tree has.
#[derive(Clone, Copy)]
pub struct Wanted<'w> {
    /// The value.
    pub value: &'w str,
    /// It must not be plain.
    pub quoted: bool,
}

/// Checks that the judge reads `text` as `tree`, node by node, but with the value of `wanted` where that gives one for a scalar. A tree of
/// several documents is compared with the whole text, a tree of one with the first document.
///
/// # Errors
/// When the judge refuses the text, or reads something else.
pub fn compare<'w>(text: &str, tree: &Tree<'_>, wanted: &dyn Fn(Id) -> Option<Wanted<'w>>) -> Result<(), Disagreement> {
    match walk(text, tree, wanted) {
        Err(Disagreement::Refused(not_yaml)) => {
            let softened = between_comments(text).ok_or(Disagreement::Refused(not_yaml))?;
            walk(&softened, tree, wanted)
        }
        walked => walked,
    }
}

fn walk<'w>(text: &str, tree: &Tree<'_>, wanted: &dyn Fn(Id) -> Option<Wanted<'w>>) -> Result<(), Disagreement> {
    let mut walk = Walk { tree, wanted, next: tree.root(), open: Vec::new(), anchors: HashMap::default() };
    let reach = if tree.root().is_some_and(|root| tree.next(root).is_some()) { Reach::Stream } else { Reach::First };
    let mut differs = None;
    let mut step = |event, _| walk.step(&event).map_break(|at| differs = at);
    match read(text, reach, &mut step) {
        Err(not_yaml) => Err(Disagreement::Refused(not_yaml)),
        Ok(ControlFlow::Break(())) => Err(Disagreement::Differs(differs)),
        Ok(ControlFlow::Continue(_)) if walk.next.is_some() => Err(Disagreement::Differs(walk.next)),
        Ok(ControlFlow::Continue(_)) => Ok(()),
    }
}

/// The judge's own tree of `text`. Its spans are good enough for messages, but not for rewriting.
///
/// # Errors
/// When the text is not YAML.
pub fn tree(text: &str) -> Result<Tree<'_>, NotYaml> {
    match built(text, text) {
        Err(not_yaml) => built(text, &between_comments(text).ok_or(not_yaml)?),
        built => built,
    }
}

/// The tree of `text`, read from `read_text`, which differs only in white space.
fn built<'d>(text: &'d str, read_text: &str) -> Result<Tree<'d>, NotYaml> {
    let mut builder = Builder::new(text);
    let mut give = |event, at| {
        builder.event(event, at);
        ControlFlow::Continue(())
    };
    let read = read(read_text, Reach::First, &mut give)?;
    let extent = read.continue_value().unwrap_or(Extent { end: text.len(), further: None });
    Ok(builder.finish(extent))
}

/// Walks along a tree as the judge's events come.
struct Walk<'t, 'd, 'w> {
    tree: &'t Tree<'d>,
    wanted: &'t dyn Fn(Id) -> Option<Wanted<'w>>,
    /// The node that must come next in the innermost collection.
    next: Option<Id>,
    /// For each open collection, the node that must come after it.
    open: Vec<Option<Id>>,
    anchors: HashMap<usize, Id>,
}

impl Walk<'_, '_, '_> {
    /// Breaks with the node if the event is not what the tree has there.
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether `text` is proven to be `expected`, in which `X` stands for the text `v`.
    fn is_proven(expected: &str, text: &str) -> bool {
        let mut builder = Builder::new(expected);
        let extent = crate::read(expected, Reach::Stream, &mut builder).expect("YAML");
        let tree = builder.finish(extent);
        let wanted = |id| (tree.text(id) == "X").then_some(Wanted { value: "v", quoted: true });
        compare(text, &tree, &wanted).is_ok()
    }

    #[test]
    fn only_the_same_document_is_proven() {
        let document = "a: X\nb: !t [&x 1, &y 1, *x]\nc: {}\n---\nd: 1\n";
        let filled = document.replace('X', "'v'");
        assert!(is_proven(document, &filled) && is_proven(document, &filled.replace('\'', "\"")));
        for (part, other) in [
            ("'v'", "'w'"),
            ("'v'", "v"),
            ("'v'", "X"),
            ("'v'", "!t 'v'"),
            ("'v'", "&z ['v']"),
            ("!t [", "["),
            ("!t [", "!u ["),
            ("{}", "[]"),
            ("{}", "{d: 1}"),
            ("*x", "*y"),
            ("*x", "1"),
            ("1, *x]", "*x]"),
            ("*x]", "*x, 1]"),
            ("---\nd: 1\n", ""),
            ("d: 1\n", "d: 1\n---\nd: 1\n"),
            ("d: 1\n", "d: 2\n"),
            ("c: {}\n", ""),
        ] {
            let changed = filled.replacen(part, other, 1);
            assert!(changed != filled && !is_proven(document, &changed), "{changed}");
        }
    }

    #[test]
    fn its_own_tree_says_where_things_end() {
        let text = "a: [b, {c: d}]\n---\ne: f\n";
        let read = tree(text).expect("YAML");
        let (_, list) = read.entries(read.root().expect("a document")).next().expect("an entry");
        let mapping = read.items(list).nth(1).expect("an item");
        assert_eq!((read.source(list), read.source(mapping), read.further()), ("[b, {c: d}]", "{c: d}", Some(15)));
        assert_eq!(tree("a: b\n").expect("YAML").further(), None);
    }

    #[test]
    fn a_panic_of_the_parser_is_known_as_one_and_refuses_the_text() {
        let mut reading = Vec::new();
        let read_whole = read("a: 1\n", Reach::First, &mut |_, _| {
            reading.push(is_reading());
            ControlFlow::Continue(())
        });
        assert!(read_whole.is_ok() && reading == [true; 4] && !is_reading());
        assert!(read("a: 1\n", Reach::First, &mut |_, _| panic!("the parser's")).is_err() && !is_reading());
    }
}

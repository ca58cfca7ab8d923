//! A value that is not known satisfies any rule.

use std::cell::RefCell;
use std::path::Path;

use crate::finding::Level;
use crate::scalar::marking::{marked, marks};
use crate::sdl::check;
use crate::splice::{Filled, View};
use crate::yaml::tree::{Id, NodeKind, Tree};

/// A small generator, so that a failure can be run again.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

fn errors(text: &str, unknown: impl FnMut(usize) -> bool) -> Vec<(&'static str, usize)> {
    let unknown = RefCell::new(unknown);
    let tree = marked(text, |number, _| unknown.borrow_mut()(number));
    let findings = check(&View::of(&tree));
    findings
        .iter()
        .filter(|finding| finding.level == Level::Error)
        .map(|finding| (finding.rule.id(), finding.range.start))
        .collect()
}

fn documents() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/sdl");
    let base = std::fs::read_to_string(folder.join("base.yaml")).expect("the base");
    let faulty = [
        ("size: 512Mi", "size: 8gb"),
        ("- global: true", "- {global: true, ip: nowhere}"),
        ("persistent: true", "persistent: True"),
        ("- model: a100", "- model: a100\n                - model: a 100"),
        ("profile: big", "profile: bigg"),
        ("denom: uact, amount: 2000", "denom: uakt, amount: 0"),
        ("- A=1", "- 1A=1"),
        ("mount: /data", "mount: data"),
        ("count: 1", "count: 0"),
        ("\"2.0\"", "\"2.1\""),
    ];
    let mut documents: Vec<String> = faulty.iter().map(|(old, new)| base.replace(old, new)).collect();
    documents.push(base);
    documents
}

#[test]
fn marking_scalars_unknown_adds_no_error() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for text in documents() {
        let known = errors(&text, |_| false);
        for _ in 0..60 {
            let share = 1 + random.below(12);
            let unknown = errors(&text, |_| random.below(share) == 0);
            for error in unknown {
                assert!(known.contains(&error), "{error:?} is new in\n{text}");
            }
        }
    }
}

/// What was put in a placeholder's place is checked, but not shown, in no part either.
#[test]
fn a_filled_value_is_checked_and_not_shown() {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/sdl/base.yaml")).expect("the base");
    let mut told = 0;
    for value in ["7351gb", "-7351.5", "[", "hunter7351", "7351", "7351 x=7351", ""] {
        let scalars = text.len() / 4;
        for number in 0..scalars {
            let tree = marked(&text, |scalar, _| scalar == number);
            let Some(node) = marks(&tree).first().copied() else { break };
            let known = errors(&text, |_| false);
            let filled = Filled::of([(node, value.to_owned())]);
            let view = View::filled(&tree, &filled);
            for finding in check(&view).into_iter().filter(|finding| !known.contains(&(finding.rule.id(), finding.range.start))) {
                let is_key = text[finding.range.clone()].is_empty() || text[finding.range.end..].starts_with(':');
                let shown = format!("{} {} {:?}", finding.path, finding.message, finding.help);
                // Keys hold no placeholders.
                assert!(is_key || !shown.contains("7351"), "scalar {number}: {shown}");
                told += 1;
            }
        }
    }
    assert!(told > 100, "{told} findings");
}

#[test]
fn a_document_of_placeholders_is_clean() {
    // Every value of the base unknown, keys as they are: nothing can be wrong.
    let base = documents().pop().expect("a base");
    let mut keys = Vec::new();
    let tree = Tree::read(&base).expect("YAML");
    let mut open = vec![tree.root().expect("a root")];
    while let Some(node) = open.pop() {
        keys.extend(tree.entries(node).map(|(key, _)| tree.range(key).start));
        open.extend(tree.entries(node).map(|(_, value)| value));
        open.extend(tree.items(node));
    }
    let mut starts = Vec::new();
    scalars(&tree, tree.root().expect("a root"), &mut starts);
    let unknown = marked(&base, |number, _| !keys.contains(&starts[number]));
    assert_eq!(check(&View::of(&unknown)), []);
}

/// Where each scalar begins, in the order of the text.
fn scalars(tree: &Tree<'_>, node: Id, starts: &mut Vec<usize>) {
    let mut nodes: Vec<_> = tree.content(node).collect();
    if nodes.is_empty() && matches!(tree.kind(node), NodeKind::Scalar(_)) {
        starts.push(tree.range(node).start);
    }
    for node in nodes.drain(..) {
        scalars(tree, node, starts);
    }
}

//! The judge: what Akash's kind of parser reads in a text.
//!
//! libyaml-safer is a port of libyaml; go-yaml v3, with which Akash reads an SDL, is a port of it too. Where other parsers take a text
//! differently, the judge and go-yaml agree (tab-only lines, tabs behind a dash, U+0085 and the line separators as breaks, the names
//! of anchors and directives, byte-order marks). What the judge refuses, Akash refuses.
//!
//! Where go-yaml itself deviates from libyaml, this file makes up for it and says so at the place: the end of a block scalar that
//! ends the file, and the depth of a document. Two deviations remain: `%YAML` with a version other than 1.1, which the rule
//! `yaml-directive` reports, and a byte-order mark at the start of a later line, which go-yaml skips and the judge refuses.

use std::borrow::Cow;
use std::cell::Cell;
use std::io::Read as _;
use std::ops::ControlFlow;
use std::panic::{self, AssertUnwindSafe};

use libyaml_safer::{EventData, MappingStyle, Parser, ScalarStyle, SequenceStyle};

use super::tree::{Builder, Id, Tree};
use super::{At, Event, Extent, NotYaml, Properties, Sink, Style, Tag};
use rustc_hash::FxHashMap as HashMap;

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
/// the tree's own.
///
/// # Errors
/// When the judge refuses the text, or reads anything else.
pub(crate) fn compare<'w>(
    text: &str,
    tree: &Tree<'_>,
    wanted: impl Fn(Id) -> Option<Wanted<'w>>,
) -> Result<(), Disagreement> {
    let mut walk = Walk { tree, wanted, next: tree.root(), open: Vec::new(), anchors: HashMap::default() };
    match read(text, |event, _| walk.step(&event)) {
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
    let mut builder = Builder::new(text);
    let give = |event, at| -> ControlFlow<Extent> {
        builder.event(event, at);
        ControlFlow::Continue(())
    };
    let (ControlFlow::Continue(extent) | ControlFlow::Break(extent)) = read(text, give)?;
    Ok(builder.finish(extent))
}

thread_local! {
    static READING: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is in the judge, whose panic is an answer rather than a bug of this program: a panic hook has nothing to say then.
pub(crate) fn is_reading() -> bool {
    READING.get()
}

/// go-yaml gives up where collections are nested more deeply (`scannerc.go` of v3.0.1, `max_flow_level` and `max_indents`).
const DEPTH: usize = 10_000;

/// Gives the events of the first document of `text`, anchors numbered as [`super::read`] numbers them, until `give` breaks.
///
/// # Errors
/// When the text is not YAML. A panic of the parser counts as that.
fn read<B>(
    text: &str,
    mut give: impl FnMut(Event<'static>, At) -> ControlFlow<B>,
) -> Result<ControlFlow<B, Extent>, NotYaml> {
    let mut progress = Progress::default();
    let before = READING.replace(true);
    let read = panic::catch_unwind(AssertUnwindSafe(|| events(text, &mut progress, &mut give)));
    READING.set(before);
    match (read, progress) {
        (Ok(read), _) => read,
        // It broke down behind the first document, which is nobody's concern.
        (Err(_), Progress { ended: Some(end), .. }) => Ok(ControlFlow::Continue(Extent { end, further: Some(end) })),
        (Err(_), Progress { behind, .. }) => Err(not_yaml(behind, "the parser can't make sense of it")),
    }
}

/// How far the parser came.
#[derive(Default)]
struct Progress {
    /// Where the last event ended.
    behind: usize,
    /// Where the first document ended, once it has.
    ended: Option<usize>,
}

fn not_yaml(offset: usize, message: &str) -> NotYaml {
    NotYaml { offset, message: message.to_owned(), unknown_alias: false }
}

fn events<B>(
    text: &str,
    progress: &mut Progress,
    give: &mut impl FnMut(Event<'static>, At) -> ControlFlow<B>,
) -> Result<ControlFlow<B, Extent>, NotYaml> {
    // libyaml-safer panics on a block scalar whose last line has no line break, so every text ends in one.
    let open_ended = !text.ends_with('\n') && !text.trim_end_matches(' ').ends_with('\n');
    let mut bytes = text.as_bytes().chain(if open_ended { &b"\n"[..] } else { b"" });
    let mut parser = Parser::new();
    parser.set_input(&mut bytes);
    let mut anchors: HashMap<String, usize> = HashMap::default();
    let (mut last, mut depth) = (0, 0_usize);
    for event in parser {
        let event = event.map_err(|error| {
            let offset = error.problem_mark().map_or(progress.behind, |mark| boundary(text, mark.index));
            not_yaml(offset, error.problem())
        });
        let event = match (event, progress.ended) {
            (Ok(event), _) => event,
            (Err(error), None) => return Err(error),
            (Err(error), Some(end)) => return Ok(ControlFlow::Continue(Extent { end, further: Some(error.offset.max(end)) })),
        };
        let start = boundary(text, event.start_mark.index);
        let range = start..boundary(text, event.end_mark.index).max(start);
        progress.behind = range.end;
        if let Some(end) = progress.ended {
            let further = (event.data != EventData::StreamEnd).then_some(range.start);
            return Ok(ControlFlow::Continue(Extent { end, further }));
        }
        let mut properties = |anchor: Option<String>, tag: Option<String>| {
            let anchor = anchor.map_or(0, |name| {
                last += 1;
                anchors.insert(name, last);
                last
            });
            Properties { anchor, tag: tag.map(|tag| Tag(tag.into())) }
        };
        let given = match event.data {
            EventData::Scalar { anchor, tag, mut value, style, .. } => {
                let style = Style::from(style);
                // go-yaml gives the last line of a block scalar no line break where the file has none.
                if open_ended && style.is_block() && range.end >= text.len() && value.ends_with('\n') {
                    value.pop();
                }
                Event::Scalar { value: Cow::Owned(value), style, properties: properties(anchor, tag) }
            }
            EventData::SequenceStart { anchor, tag, style, .. } => {
                let flow = style == SequenceStyle::Flow;
                Event::Start { mapping: false, flow, properties: properties(anchor, tag) }
            }
            EventData::MappingStart { anchor, tag, style, .. } => {
                let flow = style == MappingStyle::Flow;
                Event::Start { mapping: true, flow, properties: properties(anchor, tag) }
            }
            EventData::SequenceEnd | EventData::MappingEnd => Event::End,
            EventData::Alias { anchor } => match anchors.get(&anchor) {
                Some(number) => Event::Alias(*number),
                None => return Err(NotYaml { unknown_alias: true, ..not_yaml(range.start, "unknown anchor") }),
            },
            EventData::DocumentEnd { .. } => {
                progress.ended = Some(range.end);
                continue;
            }
            _ => continue,
        };
        depth = match given {
            Event::Start { .. } => depth + 1,
            Event::End => depth.saturating_sub(1),
            _ => depth,
        };
        if depth > DEPTH {
            return Err(not_yaml(range.start, "it is nested too deeply"));
        }
        if let ControlFlow::Break(broken) = give(given, At::bytes(range)) {
            return Ok(ControlFlow::Break(broken));
        }
    }
    Ok(ControlFlow::Continue(Extent { end: progress.ended.unwrap_or(text.len()), further: None }))
}

/// A mark of the parser as a place in `text`, whatever the mark says.
fn boundary(text: &str, mark: u64) -> usize {
    let at = usize::try_from(mark).unwrap_or(usize::MAX).min(text.len());
    text.floor_char_boundary(at)
}

impl From<ScalarStyle> for Style {
    fn from(style: ScalarStyle) -> Self {
        match style {
            ScalarStyle::SingleQuoted => Self::Single,
            ScalarStyle::DoubleQuoted => Self::Double,
            ScalarStyle::Literal => Self::Literal,
            ScalarStyle::Folded => Self::Folded,
            _ => Self::Plain,
        }
    }
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

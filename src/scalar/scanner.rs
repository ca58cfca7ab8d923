//! The pass itself: receives the parser's events one by one, and keeps what is needed about the scalars that hold markers.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use super::place::{DECIDING, Place, expands};
use super::region::Region;
use super::{Layout, Mark, Reason, Scalar, ScanError};
use crate::span::line_start;
use crate::template::{MARKER_LENGTH, MarkerDocument, Nonce};
use crate::yaml::tree::{Builder, Tree};
use crate::yaml::{At, Event, Extent, NotYaml, Properties, Sink, Style, judge};

pub(super) struct Scanner<'d> {
    document: &'d MarkerDocument,
    text: &'d str,
    nonce: &'d Nonce,
    /// The document has placeholders.
    filled: bool,
    marks: Vec<Mark>,
    /// Index of the first mark that no event has reached yet.
    next: usize,
    place: Place<'d>,
    scalars: Vec<Scalar>,
    /// Marks outside all nodes.
    strays: Vec<Mark>,
    refused: Vec<(usize, Reason)>,
    builder: Builder<'d>,
    anchors: HashMap<usize, Anchored>,
    /// The anchors of the open collections; 0 without one.
    open: Vec<usize>,
    previous_end: usize,
    /// Events have been received, perhaps of an attempt that was abandoned.
    started: bool,
}

/// A node with an anchor: its depth, and the scalars with markers in it, each with the keys from the node to it.
struct Anchored {
    depth: usize,
    scalars: Vec<(usize, Vec<String>)>,
}

impl<'d> Sink<'d> for Scanner<'d> {
    fn start(&mut self) {
        if std::mem::replace(&mut self.started, true) {
            *self = Self { started: true, ..Self::new(self.document) };
        }
    }

    fn event(&mut self, event: Event<'d>, at: At) {
        let range = at.range.clone();
        let node = match &event {
            Event::Anchor(name) => return self.anchor(name, range.start),
            Event::Scalar { .. } => None,
            _ => self.builder.structure(&event, range.clone()),
        };
        match event {
            Event::Scalar { value, style, properties } => self.scalar(value, style, &properties, &at),
            Event::Start { mapping, flow, properties } if node.is_some() => {
                self.check_tag(&properties, &at, false);
                if properties.anchor != 0 {
                    let anchored = Anchored { depth: self.place.depth(), scalars: Vec::new() };
                    self.anchors.insert(properties.anchor, anchored);
                }
                self.open.push(properties.anchor);
                self.place.enter(mapping, flow);
            }
            Event::End => {
                self.place.leave();
                self.open.pop();
            }
            Event::Alias(anchor) => self.alias(anchor, &range),
            _ => {}
        }
        self.previous_end = self.previous_end.max(range.end);
    }
}

impl<'d> Scanner<'d> {
    /// A scanner of `document` that has received no events yet.
    pub(super) fn new(document: &'d MarkerDocument) -> Self {
        let (text, nonce, filled) = (document.text.as_str(), &document.nonce, !document.emissions.is_empty());
        let mut refused = Vec::new();
        let marks: Vec<Mark> = memchr::memmem::find_iter(text.as_bytes(), nonce.prefix().as_bytes())
            .filter_map(|offset| match nonce.number_at(text, offset).filter(|number| *number < document.emissions.len()) {
                Some(number) => Some(Mark { offset, number }),
                None => {
                    refused.push((offset, Reason::Broken));
                    None
                }
            })
            .collect();
        if filled {
            for separator in ["\u{85}", "\u{2028}", "\u{2029}"] {
                let found = memchr::memmem::find(text.as_bytes(), separator.as_bytes());
                refused.extend(found.map(|offset| (offset, Reason::LineSeparator)));
            }
        }
        Self {
            document,
            text,
            nonce,
            filled,
            scalars: Vec::with_capacity(marks.len()),
            marks,
            next: 0,
            place: Place::default(),
            strays: Vec::new(),
            refused,
            builder: Builder::new(text),
            anchors: HashMap::new(),
            open: Vec::new(),
            previous_end: 0,
            started: false,
        }
    }

    /// Whether the document holds any markers, intact or broken.
    pub(super) fn has_markers(&self) -> bool {
        !self.marks.is_empty() || !self.refused.is_empty()
    }

    /// Whether there are markers at or after `offset`.
    pub(super) fn has_markers_after(&self, offset: usize) -> bool {
        self.marks.last().is_some_and(|mark| mark.offset >= offset)
    }

    /// The tree of a document without markers.
    pub(super) fn tree(self, extent: Extent) -> Tree<'d> {
        self.builder.finish(extent)
    }

    /// The error for a document with markers that the parser refuses. It is the parser's own, except for an alias whose name holds a marker
    /// (no anchor has that name), and if the judge accepts the document.
    pub(super) fn refusal(&self, not_yaml: NotYaml) -> ScanError {
        let (text, offset) = (self.text, not_yaml.offset);
        let name = |mark: &&Mark| {
            let before = text[..mark.offset].trim_end_matches(|c: char| !c.is_whitespace() && !",[]{}*".contains(c));
            before.ends_with('*') && before.len() > offset.saturating_sub(1 + MARKER_LENGTH)
        };
        match self.marks.iter().find(name) {
            Some(mark) if not_yaml.unknown_alias => ScanError::Refused(vec![(mark.offset, Reason::Alias)]),
            _ if judge::tree(text).is_ok() => ScanError::Refused(vec![(offset, Reason::Ambiguous)]),
            _ => not_yaml.into(),
        }
    }

    fn alias(&mut self, id: usize, range: &Range<usize>) {
        if self.marks_before(range.end).any(|mark| mark.offset >= range.start) {
            self.refused.push((range.start, Reason::Alias));
        }
        if let Some(anchored) = self.anchors.get(&id) {
            for (index, keys) in &anchored.scalars {
                let expanded = expands(self.place.levels(0).chain(keys.iter().map(String::as_str)));
                let scalar = &mut self.scalars[*index];
                scalar.mixed |= scalar.expanded != expanded;
            }
        }
        self.place.passed();
    }

    fn anchor(&mut self, name: &str, offset: usize) {
        if !self.filled {
            return;
        }
        if self.nonce.occurs_in(name) {
            self.refused.push((offset + 1, Reason::Anchor));
        } else if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')) {
            self.refused.push((offset, Reason::AnchorName));
        }
    }

    fn check_tag(&mut self, properties: &Properties, at: &At, holds_marker: bool) {
        let Some(tag) = &properties.tag else { return };
        let written = &at.tag;
        if self.nonce.occurs_in(&self.text[written.clone()]) {
            self.refused.push((written.start, Reason::Tag));
        } else if holds_marker && tag.name() != "str" {
            self.refused.push((written.start, Reason::Tagged));
        }
    }

    /// The marks from `next` on that begin before `end`.
    fn marks_before(&self, end: usize) -> impl Iterator<Item = &Mark> {
        self.marks[self.next..].iter().take_while(move |mark| mark.offset < end)
    }

    fn scalar(&mut self, value: Cow<'d, str>, style: Style, properties: &Properties, at: &At) {
        let range = at.range.clone();
        // A comment after a block scalar's header comes before its content, but may be inside its range.
        let block = style.is_block() && self.marks_before(range.end).next().is_some();
        let region = block.then(|| Region::of(self.text, style, &range, self.previous_end));
        let begins = region.as_ref().map_or(range.start, |region| region.bytes.start);
        let strays = self.marks_before(begins).count();
        self.strays.extend_from_slice(&self.marks[self.next..self.next + strays]);
        self.next += strays;
        let held = self.marks_before(range.end).count();
        self.check_tag(properties, at, held > 0);
        if style == Style::Plain && self.place.in_flow() && self.filled && is_ambiguous(self.text, &range) {
            self.refused.push((range.start, Reason::AmbiguousFlow));
        }
        let is_key = self.place.at_key();
        if held > 0 {
            let marks = self.next..self.next + held;
            self.next += held;
            if is_key || self.place.in_key() {
                self.refused.extend(self.marks[marks.clone()].iter().map(|mark| (mark.offset, Reason::Key)));
            }
            let node = self.builder.scalar(value, style, properties, range.clone(), true);
            let here = self.scalars.len();
            if properties.anchor != 0 {
                let anchored = Anchored { depth: self.place.depth(), scalars: vec![(here, Vec::new())] };
                self.anchors.insert(properties.anchor, anchored);
            }
            for open in self.open.iter().filter(|open| **open != 0) {
                if let Some(anchored) = self.anchors.get_mut(open) {
                    let keys = self.place.levels(anchored.depth).take(DECIDING).map(str::to_owned).collect();
                    anchored.scalars.push((here, keys));
                }
            }
            let region = region.unwrap_or(Region { header: range.start, bytes: range });
            self.scalars.push(Scalar {
                region: region.bytes.start as u32..region.bytes.end as u32,
                header: region.header as u32,
                indent: at.indent as u32,
                style,
                node,
                flow: self.place.in_flow(),
                expanded: self.place.is_expanded(),
                mixed: false,
                marks: marks.start as u32..marks.end as u32,
            });
            self.place.passed();
        } else if is_key {
            self.builder.scalar(value.clone(), style, properties, range.clone(), false);
            self.place.passed_key(value);
        } else {
            self.builder.scalar(value, style, properties, range.clone(), false);
            self.place.passed();
        }
    }

    /// The result for a document of this extent.
    pub(super) fn finish(mut self, extent: Extent) -> Result<Layout<'d>, ScanError> {
        let rest = self.marks[self.next..].to_vec();
        self.strays.extend(rest);
        let mut unread = Vec::new();
        for mark in std::mem::take(&mut self.strays) {
            let covered = |(offset, reason): &(usize, Reason)| {
                matches!(reason, Reason::Anchor | Reason::Tag | Reason::Alias)
                    && *offset <= mark.offset
                    && mark.offset - offset <= MARKER_LENGTH + 256
            };
            if mark.offset >= extent.end || self.is_in_comment(mark) {
                unread.push(mark);
            } else if !self.refused.iter().any(covered) {
                self.refused.push((mark.offset, Reason::Outside));
            }
        }
        // Only what is read can be in the wrong place.
        self.refused.retain(|(offset, _)| *offset < extent.end || extent.end == self.text.len());
        if !self.refused.is_empty() {
            self.refused.sort_by_key(|(offset, _)| *offset);
            self.refused.dedup();
            return Err(ScanError::Refused(self.refused));
        }
        Ok(Layout { scalars: self.scalars, marks: self.marks, unread, tree: self.builder.finish(extent) })
    }

    /// Whether a mark that is outside all nodes is in a comment.
    fn is_in_comment(&self, mark: Mark) -> bool {
        let before = &self.text.as_bytes()[line_start(self.text, mark.offset)..mark.offset];
        let comment = before.iter().enumerate().any(|(at, byte)| {
            let begins = at == 0 || matches!(before[at - 1], b' ' | b'\t') || before[..at].ends_with("\u{feff}".as_bytes());
            *byte == b'#' && begins
        });
        comment && !before.starts_with(b"%")
    }
}

/// In a flow collection, YAML 1.1 and YAML 1.2 parsers read `?x` and `x:,` differently.
fn is_ambiguous(text: &str, range: &Range<usize>) -> bool {
    let bytes = text.as_bytes();
    bytes.get(range.start) == Some(&b'?')
        || (bytes.get(range.end) == Some(&b':') && bytes.get(range.end + 1).is_some_and(|next| b",[]{}".contains(next)))
}

//! The pass itself: takes the parser's events one by one and keeps what is needed of the scalars that hold markers.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use granit_parser::{Event, ScalarStyle, StructureStyle, Tag};

use super::cut::Cut;
use super::place::{DECIDING, Place, expands};
use super::{Layout, Mark, Reason, Scalar, ScanError, Style};
use crate::span::line_start;
use crate::template::{MARKER_LENGTH, MarkerDocument, Nonce};
use crate::tree::Builder;
use crate::yaml::{self, At};

pub(super) struct Scanner<'d> {
    text: &'d str,
    nonce: &'d Nonce,
    /// The document has placeholders, here or elsewhere.
    filled: bool,
    marks: Vec<Mark>,
    /// Index of the first mark that no event has passed.
    next: usize,
    place: Place<'d>,
    scalars: Vec<Scalar>,
    strays: Vec<Mark>,
    refused: Vec<(usize, Reason)>,
    builder: Builder<'d>,
    cut: Cut,
    anchors: HashMap<usize, Anchored>,
    open: Vec<usize>,
    previous_end: usize,
}

/// A node with an anchor: how deep it stands, and the scalars with markers in it, each with the keys that lead to it from there.
struct Anchored {
    depth: usize,
    scalars: Vec<(usize, Vec<String>)>,
}

impl<'d> Scanner<'d> {
    /// A scanner that has read nothing yet.
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
            cut: Cut::new(text),
            anchors: HashMap::new(),
            open: Vec::new(),
            previous_end: 0,
        }
    }

    /// Reads the whole text.
    pub(super) fn read(&mut self) -> Result<(), ScanError> {
        for next in yaml::events(self.text) {
            let (event, at) = next.map_err(|error| self.not_yaml(&error))?;
            self.event(event, at);
        }
        Ok(())
    }

    /// Reads the whole text where it is made of ordinary lines; false where it is not.
    pub(super) fn read_lines(&mut self) -> bool {
        yaml::read_lines(self.text, |event, at| self.event(event, at))
    }

    /// The parser's own error, but for an alias whose name holds a marker: no anchor can be called so.
    fn not_yaml(&self, error: &granit_parser::ScanError) -> ScanError {
        let text = self.text;
        let offset = error.marker().byte_offset().unwrap_or(0).min(text.len());
        let name = |mark: &&Mark| {
            let before = text[..mark.offset].trim_end_matches(|c: char| !c.is_whitespace() && !",[]{}*".contains(c));
            before.ends_with('*') && before.len() > offset.saturating_sub(1 + MARKER_LENGTH)
        };
        match (error.kind(), self.marks.iter().find(name)) {
            (granit_parser::ErrorKind::UnknownAnchor, Some(mark)) => ScanError::Refused(vec![(mark.offset, Reason::Alias)]),
            _ => ScanError::NotYaml { offset, message: error.info().to_owned() },
        }
    }

    fn event(&mut self, event: Event<'d>, at: At) {
        let range = at.range.clone();
        match event {
            Event::Anchor(_, name) => return self.anchor(&name, range.start),
            Event::Scalar(value, style, anchor, tag) => return self.scalar(value, style, anchor, tag, at),
            _ => {}
        }
        if event.is_node() {
            self.cut.node(self.text, &self.place, range.start);
        }
        let node = self.builder.structure(&event, range.clone());
        self.check_tag(event.tag(), &at, false);
        match (&event, node) {
            (Event::SequenceStart(style, anchor, _), Some(node)) => {
                let flow = *style == StructureStyle::Flow;
                self.enter(*anchor, |place| place.enter_sequence(node, range.start, flow));
            }
            (Event::MappingStart(style, anchor, _), Some(node)) => {
                let flow = *style == StructureStyle::Flow;
                self.enter(*anchor, |place| place.enter_mapping(node, range.start, flow));
            }
            (Event::SequenceEnd | Event::MappingEnd, _) => self.leave(),
            (Event::Alias(id), _) => self.alias(*id, &range),
            (Event::DocumentStart(..), _) => self.document_start(),
            _ => {}
        }
        self.previous_end = self.previous_end.max(range.end);
    }

    fn document_start(&mut self) {
        self.place = Place::default();
        self.cut.whole |= self.builder.tree().documents() > 1;
    }

    fn enter(&mut self, anchor: usize, enter: impl FnOnce(&mut Place<'d>)) {
        if anchor != 0 {
            self.anchors.insert(anchor, Anchored { depth: self.place.depth(), scalars: Vec::new() });
        }
        self.open.push(anchor);
        enter(&mut self.place);
    }

    fn leave(&mut self) {
        self.place.leave();
        self.open.pop();
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
        self.cut.whole = true;
        if !self.filled {
            return;
        }
        if self.nonce.occurs_in(name) {
            self.refused.push((offset + 1, Reason::Anchor));
        } else if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')) {
            self.refused.push((offset, Reason::AnchorName));
        }
    }

    fn check_tag(&mut self, tag: Option<&Tag>, at: &At, holds_marker: bool) {
        let Some(tag) = tag else { return };
        let written = &at.tag;
        if self.nonce.occurs_in(&self.text[written.clone()]) {
            self.refused.push((written.start, Reason::Tag));
        } else if holds_marker && !tag.is_yaml_core_schema_tag("str") {
            self.refused.push((written.start, Reason::Tagged));
        }
    }

    /// The marks from the cursor on that begin before `end`.
    fn marks_before(&self, end: usize) -> impl Iterator<Item = &Mark> {
        self.marks[self.next..].iter().take_while(move |mark| mark.offset < end)
    }

    fn scalar(&mut self, value: Cow<'d, str>, style: ScalarStyle, anchor: usize, tag: Option<Cow<'_, Tag>>, at: At) {
        let range = at.range.clone();
        let strays = self.marks_before(range.start).count();
        self.strays.extend_from_slice(&self.marks[self.next..self.next + strays]);
        self.next += strays;
        let held = self.marks_before(range.end).count();
        self.check_tag(tag.as_deref(), &at, held > 0);
        let style = Style::from(style);
        if style == Style::Plain && self.place.in_flow() && self.filled && is_ambiguous(self.text, &range) {
            self.refused.push((range.start, Reason::AmbiguousFlow));
        }
        let is_key = self.place.at_key();
        self.cut.node(self.text, &self.place, range.start);
        let node_range = range.start..self.end(style, &range);
        if held > 0 {
            let marks = self.next..self.next + held;
            self.next += held;
            if is_key || self.place.in_key() {
                self.refused.extend(self.marks[marks.clone()].iter().map(|mark| (mark.offset, Reason::Key)));
            }
            let node = self.builder.scalar(value, style, anchor, tag.as_deref(), node_range, true);
            self.cut.marked(self.text, &mut self.place, &mut self.builder);
            let here = self.scalars.len();
            if anchor != 0 {
                self.anchors.insert(anchor, Anchored { depth: self.place.depth(), scalars: vec![(here, Vec::new())] });
            }
            for open in self.open.iter().filter(|open| **open != 0) {
                if let Some(anchored) = self.anchors.get_mut(open) {
                    let keys = self.place.levels(anchored.depth).take(DECIDING).map(str::to_owned).collect();
                    anchored.scalars.push((here, keys));
                }
            }
            let (region, header) = self.region(style, &range);
            self.scalars.push(Scalar {
                region: region.start as u32..region.end as u32,
                header: header as u32,
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
            let node = self.builder.scalar(value.clone(), style, anchor, tag.as_deref(), node_range, false);
            self.place.passed_key(value, node, range.start);
        } else {
            self.builder.scalar(value, style, anchor, tag.as_deref(), node_range, false);
            self.place.passed();
        }
        self.previous_end = self.previous_end.max(range.end);
    }

    /// A scalar's end: the parser's, but for a block scalar's, which lies behind the indentation of the next line.
    fn end(&self, style: Style, range: &Range<usize>) -> usize {
        let content = self.text[range.clone()].trim_end_matches(' ');
        let block = matches!(style, Style::Literal | Style::Folded) && content.ends_with('\n');
        if block { range.start + content.len() } else { range.end }
    }

    /// The bytes to rewrite, and where a block scalar's header stands.
    ///
    /// The parser's span of a block scalar begins at its first content character and ends inside the next line's indentation.
    fn region(&self, style: Style, range: &Range<usize>) -> (Range<usize>, usize) {
        if !matches!(style, Style::Literal | Style::Folded) {
            return (range.clone(), range.start);
        }
        let bytes = self.text.as_bytes();
        let line_start = |at: usize| line_start(self.text, at);
        let blank = |line: &[u8]| line.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
        let first = line_start(range.start);
        // Up over leading blank lines to the header's line; its indicator is the first `|` or `>` after tags and anchors.
        let mut header_line = line_start(first.saturating_sub(1));
        let mut content = first;
        while header_line > 0 && blank(&bytes[header_line..content]) {
            content = header_line;
            header_line = line_start(header_line - 1);
        }
        let mut at = header_line.max(self.previous_end.min(content));
        while at < content && !matches!(bytes[at], b'|' | b'>') {
            if matches!(bytes[at], b'&' | b'!') {
                while at < content && !bytes[at].is_ascii_whitespace() {
                    at += 1;
                }
            } else {
                at += 1;
            }
        }
        // Back over trailing blank lines and the next line's indentation: they stay as they are.
        let mut end = range.end;
        loop {
            let start = if end > 0 && bytes[end - 1] == b'\n' { line_start(end - 1) } else { line_start(end) };
            if start < content || !blank(&bytes[start..end]) || start == end {
                break;
            }
            end = start;
        }
        (content..end, at)
    }

    /// What was found.
    pub(super) fn finish(mut self) -> Result<Layout<'d>, ScanError> {
        let rest = self.marks[self.next..].to_vec();
        self.strays.extend(rest);
        let text = self.text;
        let mut comments = Vec::new();
        for mark in std::mem::take(&mut self.strays) {
            let start = line_start(text, mark.offset);
            let before = &text.as_bytes()[start..mark.offset];
            let comment = before.iter().enumerate().any(|(at, byte)| {
                *byte == b'#'
                    && (at == 0 || matches!(before[at - 1], b' ' | b'\t') || before[..at].ends_with("\u{feff}".as_bytes()))
            });
            let covered = |(offset, reason): &(usize, Reason)| {
                matches!(reason, Reason::Anchor | Reason::Tag | Reason::Alias)
                    && *offset <= mark.offset
                    && mark.offset - offset <= MARKER_LENGTH + 256
            };
            if comment && !before.starts_with(b"%") {
                comments.push(mark);
            } else if !self.refused.iter().any(covered) {
                self.refused.push((mark.offset, Reason::Outside));
            }
        }
        if !self.refused.is_empty() {
            self.refused.sort_by_key(|(offset, _)| *offset);
            self.refused.dedup();
            return Err(ScanError::Refused(self.refused));
        }
        self.cut.end();
        let (scalars, marks, tree) = (self.scalars, self.marks, self.builder.finish());
        Ok(Layout { scalars, marks, comments, tree, cut: self.cut })
    }
}

/// In a flow collection `?x` and `x:,` are one thing to a YAML 1.1 parser and another to a YAML 1.2 one.
fn is_ambiguous(text: &str, range: &Range<usize>) -> bool {
    let bytes = text.as_bytes();
    bytes.get(range.start) == Some(&b'?')
        || (bytes.get(range.end) == Some(&b':') && bytes.get(range.end + 1).is_some_and(|next| b",[]{}".contains(next)))
}

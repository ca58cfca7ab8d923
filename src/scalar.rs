//! Which YAML scalars of a marker document hold markers: their spans, styles, indentation and places.
//!
//! One pass of granit-parser over the document. Everything that a placeholder may not stand in (a key, an anchor, a tag, …) is
//! refused here, before any secret is looked up. On its way the pass builds the document's [`Tree`], on which the rules stand and with
//! which [`crate::proof`] compares the result.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use granit_parser::{Event, Options, Parser, ScalarStyle, Span, StructureStyle, Tag};

use crate::template::{MARKER_LENGTH, MarkerDocument};
use crate::tree::{Builder, Id, Tree};

pub(crate) mod cut;
mod place;

use cut::Cut;
use place::{DECIDING, Place, expands};

/// A marker in a document: where it begins, and the number of its emission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Byte offset in the document.
    pub offset: usize,
    /// Index into [`MarkerDocument::emissions`].
    pub number: usize,
}

/// A YAML scalar style (YAML 1.2.2 sections 7.3 and 8.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// No quotes.
    Plain,
    /// `'…'`
    Single,
    /// `"…"`
    Double,
    /// `|`
    Literal,
    /// `>`
    Folded,
}

impl From<ScalarStyle> for Style {
    fn from(style: ScalarStyle) -> Self {
        match style {
            ScalarStyle::SingleQuoted => Self::Single,
            ScalarStyle::DoubleQuoted => Self::Double,
            ScalarStyle::Literal => Self::Literal,
            ScalarStyle::Folded => Self::Folded,
            ScalarStyle::Plain => Self::Plain,
        }
    }
}

/// A scalar that holds at least one marker.
#[derive(Debug, Clone)]
pub struct Scalar {
    /// Its bytes in the document: with the quotes; of a block scalar the content from the first line's start to the last break.
    pub region: Range<usize>,
    /// For a block scalar, where its `|` or `>` stands; otherwise the region's start.
    pub header: usize,
    /// How it is written.
    pub style: Style,
    /// The indentation of a block scalar's content, in spaces.
    pub indent: usize,
    /// Its node in [`Layout::tree`]: its value, markers included, and its place.
    pub node: Id,
    /// It stands in a flow collection.
    pub flow: bool,
    /// Kubernetes rewrites `$$` and `$(NAME)` in it.
    pub expanded: bool,
    /// An alias uses it both where Kubernetes expands `$` and where it does not.
    pub mixed: bool,
    /// Its markers, in order: indexes into [`Layout::marks`].
    pub marks: Range<usize>,
}

/// What the pass found.
#[derive(Debug)]
pub struct Layout<'d> {
    /// The scalars that hold markers, in order.
    pub scalars: Vec<Scalar>,
    /// All markers, in order.
    pub marks: Vec<Mark>,
    /// Markers that stand in comments.
    pub comments: Vec<Mark>,
    /// The document.
    pub tree: Tree<'d>,
    /// What a proof has to read of it.
    pub(crate) cut: Cut,
}

impl Layout<'_> {
    /// The markers of `scalar`, in order.
    pub fn marks_of(&self, scalar: &Scalar) -> &[Mark] {
        &self.marks[scalar.marks.clone()]
    }

    /// The place of `scalar`, such as `services.web.env[0]`.
    pub fn path(&self, scalar: &Scalar) -> String {
        self.tree.paths([scalar.node]).pop().unwrap_or_default()
    }
}

/// Why a placeholder can't stand where it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// In a mapping key.
    Key,
    /// In an anchor's name.
    Anchor,
    /// In an alias.
    Alias,
    /// In a tag.
    Tag,
    /// On a node whose tag is not `!!str`.
    Tagged,
    /// In a directive or between nodes.
    Outside,
    /// A filter or a capture broke the marker apart.
    Broken,
    /// Not a placeholder: U+0085, U+2028 or U+2029 as it is, which YAML 1.1 and 1.2 read differently.
    LineSeparator,
    /// Not a placeholder: a plain scalar in a flow collection that begins with `?` or ends in `:`, which parsers read differently.
    AmbiguousFlow,
    /// Not a placeholder: an anchor's name with other characters than letters, digits, `_` and `-`.
    AnchorName,
}

/// Why a marker document can't be used.
#[derive(Debug)]
pub enum ScanError {
    /// It is not YAML: where, and the parser's words, which hold no content.
    NotYaml {
        /// Byte offset in the document.
        offset: usize,
        /// What the parser says.
        message: String,
    },
    /// These places can't be honoured: byte offset in the document, and why.
    Refused(Vec<(usize, Reason)>),
}

/// The parser's settings, the same for the first pass and the proof; the end of a block scalar at the end of the file is read as go-yaml does.
pub(crate) fn options() -> Options {
    granit_parser::options! { emit_anchor_events: true, block_scalar_eof_without_line_feed: true, emit_comments: false }
}

/// Finds the scalars of `document` that hold markers.
///
/// # Errors
/// When the document is not YAML, or a placeholder stands where no value can go.
pub fn scan(document: &MarkerDocument) -> Result<Layout<'_>, ScanError> {
    let text = document.text.as_str();
    let mut scanner = Scanner::new(document);
    for next in Parser::new_from_str_with_options(text, options()) {
        let (event, span) = next.map_err(|error| scanner.not_yaml(&error))?;
        scanner.event(event, &span);
    }
    scanner.finish()
}

struct Scanner<'d> {
    document: &'d MarkerDocument,
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
    fn new(document: &'d MarkerDocument) -> Self {
        let (text, nonce) = (document.text.as_str(), &document.nonce);
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
        if !marks.is_empty() {
            for separator in ["\u{85}", "\u{2028}", "\u{2029}"] {
                let found = memchr::memmem::find(text.as_bytes(), separator.as_bytes());
                refused.extend(found.map(|offset| (offset, Reason::LineSeparator)));
            }
        }
        Self {
            document,
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

    /// The parser's own error, but for an alias whose name holds a marker: no anchor can be called so.
    fn not_yaml(&self, error: &granit_parser::ScanError) -> ScanError {
        let text = self.document.text.as_str();
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

    fn event(&mut self, event: Event<'d>, span: &Span) {
        let range = span.byte_range().unwrap_or(0..0);
        match event {
            Event::Anchor(_, name) => return self.anchor(&name, range.start),
            Event::Scalar(value, style, anchor, tag) => return self.scalar(value, style, anchor, tag, span, range),
            _ => {}
        }
        if event.is_node() {
            self.cut.node(&self.document.text, &self.place, range.start);
        }
        let node = self.builder.structure(&event, range.clone());
        self.check_tag(&event.tag().cloned().map(Cow::Owned), span, false);
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
        if self.marks.is_empty() {
            return;
        }
        if self.document.nonce.occurs_in(name) {
            self.refused.push((offset + 1, Reason::Anchor));
        } else if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')) {
            self.refused.push((offset, Reason::AnchorName));
        }
    }

    fn check_tag(&mut self, tag: &Option<Cow<'_, Tag>>, span: &Span, holds_marker: bool) {
        let Some(tag) = tag else { return };
        let written = span.tag_span().and_then(|tag| tag.byte_range()).unwrap_or(0..0);
        if self.document.nonce.occurs_in(&self.document.text[written.clone()]) {
            self.refused.push((written.start, Reason::Tag));
        } else if holds_marker && !tag.is_yaml_core_schema_tag("str") {
            self.refused.push((written.start, Reason::Tagged));
        }
    }

    /// The marks from the cursor on that begin before `end`.
    fn marks_before(&self, end: usize) -> impl Iterator<Item = &Mark> {
        self.marks[self.next..].iter().take_while(move |mark| mark.offset < end)
    }

    fn scalar(
        &mut self,
        value: Cow<'d, str>,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<Cow<'_, Tag>>,
        span: &Span,
        range: Range<usize>,
    ) {
        let strays = self.marks_before(range.start).count();
        self.strays.extend_from_slice(&self.marks[self.next..self.next + strays]);
        self.next += strays;
        let held = self.marks_before(range.end).count();
        self.check_tag(&tag, span, held > 0);
        let style = Style::from(style);
        if style == Style::Plain && self.place.in_flow() && !self.marks.is_empty() && is_ambiguous(&self.document.text, &range) {
            self.refused.push((range.start, Reason::AmbiguousFlow));
        }
        let is_key = self.place.at_key();
        self.cut.node(&self.document.text, &self.place, range.start);
        if held > 0 {
            let marks = self.next..self.next + held;
            self.next += held;
            if is_key || self.place.in_key() {
                self.refused.extend(self.marks[marks.clone()].iter().map(|mark| (mark.offset, Reason::Key)));
            }
            let node = self.builder.scalar(value, style, anchor, tag.as_deref(), range.clone(), true);
            self.cut.marked(&self.document.text, &mut self.place, &mut self.builder);
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
                region,
                header,
                style,
                indent: span.indent.unwrap_or(0),
                node,
                flow: self.place.in_flow(),
                expanded: self.place.is_expanded(),
                mixed: false,
                marks,
            });
            self.place.passed();
        } else if is_key {
            let node = self.builder.scalar(value.clone(), style, anchor, tag.as_deref(), range.clone(), false);
            self.place.passed_key(value, node, range.start);
        } else {
            self.builder.scalar(value, style, anchor, tag.as_deref(), range.clone(), false);
            self.place.passed();
        }
        self.previous_end = self.previous_end.max(range.end);
    }

    /// The bytes to rewrite, and where a block scalar's header stands.
    ///
    /// The parser's span of a block scalar begins at its first content character and ends inside the next line's indentation.
    fn region(&self, style: Style, range: &Range<usize>) -> (Range<usize>, usize) {
        if !matches!(style, Style::Literal | Style::Folded) {
            return (range.clone(), range.start);
        }
        let bytes = self.document.text.as_bytes();
        let line_start = |at: usize| memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |found| found + 1);
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

    fn finish(mut self) -> Result<Layout<'d>, ScanError> {
        let rest = self.marks[self.next..].to_vec();
        self.strays.extend(rest);
        let text = &self.document.text;
        let mut comments = Vec::new();
        for mark in std::mem::take(&mut self.strays) {
            let start = memchr::memrchr(b'\n', &text.as_bytes()[..mark.offset]).map_or(0, |at| at + 1);
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

//! The judge's events, from libyaml-safer. Panics are caught, and the text is read as go-yaml reads it where the two differ.

use std::borrow::Cow;
use std::cell::Cell;
use std::io::{self, BufRead, Read};
use std::ops::ControlFlow;
use std::panic::{self, AssertUnwindSafe};

use libyaml_safer::{Encoding, EventData, MappingStyle, Parser, ScalarStyle, Scanner, SequenceStyle, TokenData};
use rustc_hash::FxHashMap as HashMap;
use zeroize::Zeroizing;

use crate::{At, Event, Extent, NotYaml, Properties, Reach, Style, Tag};

thread_local! {
    static READING: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is in the judge. A panic there means that the text is refused; it is not a bug in this program, so the panic hook
/// reports nothing.
pub fn is_reading() -> bool {
    READING.get()
}

/// The byte order mark.
const MARK: char = '\u{feff}';

/// go-yaml refuses collections that are nested more deeply (`scannerc.go` of v3.0.1, `max_flow_level` and `max_indents`).
const DEPTH: usize = 10_000;

/// Passes the events of `text` up to `reach` to `give`, until that breaks. Anchors are numbered as in [`crate::read`].
///
/// # Errors
/// When the text is not YAML. A panic of the parser counts as that.
pub(super) fn read(
    text: &str,
    reach: Reach,
    give: &mut dyn FnMut(Event<'static>, At) -> ControlFlow<()>,
) -> Result<ControlFlow<(), Extent>, NotYaml> {
    if text.starts_with("\u{feff}\u{feff}") {
        // go-yaml then leaves out the first character of each line that it finds in its buffer.
        return Err(not_yaml(MARK.len_utf8(), "a second byte order mark (BOM) follows the first"));
    }
    let ordinary = ordinary_marks(text);
    let (read_text, stand_in) = ordinary.as_ref().map_or((text, None), |(text, stand_in)| (text.as_str(), Some(*stand_in)));
    let mut progress = Progress::default();
    let before = READING.replace(true);
    let read = panic::catch_unwind(AssertUnwindSafe(|| events(read_text, stand_in, reach, &mut progress, give)));
    READING.set(before);
    match (read, progress) {
        (Ok(read), _) => read,
        // It panicked after the first document, which does not matter.
        (Err(_), Progress { ended: Some(end), .. }) => Ok(ControlFlow::Continue(Extent { end, further: Some(end) })),
        (Err(_), Progress { behind, .. }) => Err(not_yaml(behind, "the parser failed here")),
    }
}

/// How far the parser got.
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

/// `stand_in` takes the place of a byte order mark.
fn events(
    text: &str,
    stand_in: Option<char>,
    reach: Reach,
    progress: &mut Progress,
    give: &mut dyn FnMut(Event<'static>, At) -> ControlFlow<()>,
) -> Result<ControlFlow<(), Extent>, NotYaml> {
    let mut parser = Parser::new();
    parser.set_input(Chunks::of(text));
    if !text.starts_with(MARK) {
        // Otherwise a first character from U+F000 on is read as a broken byte order mark.
        parser.set_encoding(Encoding::Utf8);
    }
    let mut anchors: HashMap<String, usize> = HashMap::default();
    let (mut last, mut depth) = (0, 0_usize);
    for event in parser {
        let event = event.map_err(|error| refused(text, progress.behind, &error));
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
                match style {
                    // With `-` there is no line break to remove.
                    Style::Literal | Style::Folded
                        if range.end >= text.len() && value.ends_with('\n') && has_borrowed_break(text, range.start) =>
                    {
                        value.pop();
                    }
                    Style::Double => refuse_slash(&text[range.clone()], range.start)?,
                    _ => {}
                }
                if let Some(stand_in) = stand_in {
                    value = value.replace(stand_in, "\u{feff}");
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
                if reach == Reach::First {
                    tokens_after(text, range.start)?;
                    progress.ended = Some(range.end);
                }
                anchors.clear();
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
            return Err(not_yaml(range.start, "collections are nested too deeply"));
        }
        if give(given, At::bytes(range)).is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(Extent { end: progress.ended.unwrap_or(text.len()), further: None }))
}

/// The bytes for the parser, a little at a time: like go-yaml it must not read far beyond the first document, and it buffers four bytes for
/// each byte it reads ahead. It panics on a block scalar whose last line has no line break, so a line break is added to a text without one.
struct Chunks<'t> {
    rest: &'t [u8],
    last: &'t [u8],
}

impl<'t> Chunks<'t> {
    /// How much go-yaml reads at once (`yamlprivateh.go` of v3.0.1, `input_raw_buffer_size`).
    const CHUNK: usize = 512;

    fn of(text: &'t str) -> Self {
        Self { rest: text.as_bytes(), last: if text.ends_with('\n') { b"" } else { b"\n" } }
    }
}

impl BufRead for Chunks<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.rest.is_empty() {
            self.rest = std::mem::take(&mut self.last);
        }
        Ok(&self.rest[..self.rest.len().min(Self::CHUNK)])
    }

    fn consume(&mut self, count: usize) {
        self.rest = &self.rest[count..];
    }
}

impl Read for Chunks<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(buffer.len());
        buffer[..count].copy_from_slice(&available[..count]);
        self.consume(count);
        Ok(count)
    }
}

/// `text` with spaces for the tabs between two comments on lines of their own, if there are any: go-yaml skips any white space there
/// (`scannerc.go` of v3.0.1, `yaml_parser_scan_comments`, which looks 512 bytes ahead from the end of the first one's words).
pub(super) fn between_comments(text: &str) -> Option<Zeroizing<String>> {
    const AHEAD: usize = 512;
    memchr::memchr(b'\t', text.as_bytes())?;
    let mut softened = Zeroizing::new(String::with_capacity(text.len()));
    // Where the comment before ends, without its line break and with it.
    let (mut copied, mut comment_end) = (0, None);
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_start_matches([' ', '\t']);
        let words = content.trim_end_matches(['\r', '\n']);
        let blank = words.is_empty();
        // A comment also ends at a line break of another kind.
        if words.starts_with('#') && !words.contains(['\r', '\u{85}', '\u{2028}', '\u{2029}']) {
            let start = at + line.len() - content.len();
            if let Some((_, end)) = comment_end.filter(|(words_end, _)| start - words_end < AHEAD) {
                softened.push_str(&text[copied..end]);
                softened.extend(text[end..start].chars().map(|c| if c == '\t' { ' ' } else { c }));
                copied = start;
            }
            comment_end = Some((start + words.len(), at + line.len()));
        } else if !blank {
            comment_end = None;
        }
        at += line.len();
    }
    softened.push_str(&text[copied..]);
    (*softened != *text).then_some(softened)
}

/// `text` with a character for private use, which it returns, too, for each byte order mark behind the start: there go-yaml takes one for an
/// ordinary character (`yamlprivateh.go` of v3.0.1, `is_bom` looks at the start of the buffer), where libyaml skips one that begins a line.
fn ordinary_marks(text: &str) -> Option<(Zeroizing<String>, char)> {
    let content = text.strip_prefix(MARK).unwrap_or(text);
    if !content.contains(MARK) {
        return None;
    }
    let stand_in = ('\u{e000}'..='\u{f8ff}').find(|private| !content.contains(*private))?;
    let start = text.len() - content.len();
    let mut replaced = Zeroizing::new(String::with_capacity(text.len()));
    replaced.push_str(&text[..start]);
    replaced.extend(content.chars().map(|c| if c == MARK { stand_in } else { c }));
    Some((replaced, stand_in))
}

/// Whether the block scalar at `start`, which ends `text`, ends in the line break that [`Chunks`] added: go-yaml reads no line break at the end
/// of a file that has none.
fn has_borrowed_break(text: &str, start: usize) -> bool {
    let Some((before, last)) = text.rsplit_once('\n').filter(|(_, last)| !last.is_empty()) else { return false };
    let Some((header, content)) = before.get(start..).and_then(|block| block.split_once('\n')) else { return true };
    let indent = content.lines().find(|line| !line.trim().is_empty()).map(|line| line.len() - line.trim_start_matches(' ').len());
    // A last line with only the indentation, or less, is not content; only `+` keeps it.
    let blank = last.bytes().all(|byte| byte == b' ') && indent.is_some_and(|indent| last.len() <= indent);
    !blank || header.split('#').next().is_some_and(|header| header.contains('+'))
}

/// Refuses the escape `\/`, which libyaml accepts and go-yaml does not.
fn refuse_slash(scalar: &str, start: usize) -> Result<(), NotYaml> {
    let mut from = 0;
    while let Some(found) = scalar[from..].find('\\') {
        let at = from + found;
        if scalar[at + 1..].starts_with('/') {
            return Err(not_yaml(start + at, "found unknown escape character"));
        }
        from = at + 1 + scalar[at + 1..].chars().next().map_or(0, char::len_utf8);
    }
    Ok(())
}

/// Refuses what can't be a token within two tokens after the end of the first document, at `end`: go-yaml always reads three tokens ahead
/// (`scannerc.go` of v3.0.1, `yaml_parser_fetch_more_tokens`).
fn tokens_after(text: &str, end: usize) -> Result<(), NotYaml> {
    if text[end..].trim().is_empty() {
        return Ok(());
    }
    let mut scanner = Scanner::new();
    scanner.set_input(Chunks::of(text));
    let mut behind = 0;
    for token in scanner {
        let token = match token {
            // Only the fourth token would show that the third, which has no `:`, can't be a key. go-yaml has not read that far.
            Err(error) if behind == 2 && error.problem() == "could not find expected ':'" => break,
            token => token.map_err(|error| refused(text, end, &error))?,
        };
        let start = boundary(text, token.start_mark.index);
        if behind > 0 || (start >= end && !matches!(token.data, TokenData::BlockEnd)) {
            behind += 1;
            if matches!(token.data, TokenData::Scalar { style: ScalarStyle::DoubleQuoted, .. }) {
                refuse_slash(&text[start..boundary(text, token.end_mark.index)], start)?;
            }
        }
        if behind > 2 {
            break;
        }
    }
    Ok(())
}

fn refused(text: &str, behind: usize, error: &libyaml_safer::Error) -> NotYaml {
    not_yaml(error.problem_mark().map_or(behind, |mark| boundary(text, mark.index)), error.problem())
}

/// A mark of the parser, which does not count a byte order mark, as an offset in `text`, always at a character boundary.
fn boundary(text: &str, mark: u64) -> usize {
    let skipped = if text.starts_with(MARK) { MARK.len_utf8() } else { 0 };
    let mut at = usize::try_from(mark).unwrap_or(usize::MAX).saturating_add(skipped).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
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

//! Reads a document of ordinary lines, line by line: on 50 services it saves 1.2 of the parser's 2 ms.
//!
//! Ordinary means: one document of block sequences and of block mappings with word-like keys. Scalars are plain or quoted on one line, or a
//! `|` block; a sequence of scalars may be in `[…]` on one line. In that subset of YAML 1.2.2 chapters 7 and 8, a line is fully determined
//! by itself and the indentation of its enclosing collections. Anything else, and anything that may be an error, is not ordinary: this
//! reader never refuses a text, it leaves the text to the parser.
//!
//! Why it is correct: it only accepts what it reads exactly as the parser does. The tests of this folder compare the two event by event,
//! spans included, on random, changed and published documents. And before anything is written, its reading is compared with the judge's,
//! as the parser's is.

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr, memchr2};

use super::{At, Event, Properties, Sink, Style};

/// Reads `text` and sends its events to `sink`. False if it has other than ordinary lines; what `sink` received is then meaningless.
pub(super) fn read<'d>(text: &'d str, sink: &mut dyn Sink<'d>) -> bool {
    is_printable(text.as_bytes())
        && Reader { text, bytes: text.as_bytes(), sink, open: Vec::new(), empty: None }.document().is_some()
}

/// Whether there is no control character except the line feed, nothing that YAML 1.1 reads as a line break, and no byte order mark.
fn is_printable(bytes: &[u8]) -> bool {
    let unusual = |byte: &u8| (*byte < b' ' && *byte != b'\n') || *byte >= 0x7f;
    // Checking a chunk as a whole compiles to a few instructions.
    bytes.chunks(64).enumerate().all(|(number, chunk)| {
        let ascii = !chunk.iter().fold(false, |found, byte| found | unusual(byte));
        ascii || chunk.iter().enumerate().all(|(at, byte)| !unusual(byte) || is_letter(&bytes[number * 64 + at..]))
    })
}

/// Whether `bytes` begin with a byte of a character that is neither a control character, nor a line break, nor one of U+F000 to U+FFFF.
fn is_letter(bytes: &[u8]) -> bool {
    !matches!(bytes, [0..0x80 | 0xef, ..] | [0xc2, 0x80..0xa0, ..] | [0xe2, 0x80, 0xa8 | 0xa9, ..])
}

/// Whether a key may contain the byte.
fn is_word(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/')
}

/// A collection that is open.
struct Open {
    column: usize,
    sequence: bool,
}

struct Reader<'s, 'd> {
    text: &'d str,
    bytes: &'d [u8],
    sink: &'s mut dyn Sink<'d>,
    open: Vec<Open>,
    /// Where the `:` is, if the innermost mapping has a key with nothing after it.
    empty: Option<usize>,
}

/// Deeper than any SDL. The parser has its own limit.
const DEPTH: usize = 48;
/// A longer key is left to the parser, which limits the length of keys.
const KEY: usize = 256;

impl<'d> Reader<'_, 'd> {
    /// None if a line is not ordinary; the same holds for the functions below.
    fn document(&mut self) -> Option<()> {
        let (mut at, mut marked) = (0, false);
        while at < self.bytes.len() {
            let end = self.line_end(at);
            let offset = self.past_spaces(at, end);
            at = match self.bytes.get(offset) {
                _ if offset == end => end + 1,
                Some(b'#') => end + 1,
                _ if self.open.is_empty() && !marked && &self.bytes[at..end] == b"---" => {
                    marked = true;
                    end + 1
                }
                _ => self.line(offset, offset - at, end)?,
            };
        }
        self.leave_empty();
        if self.open.is_empty() {
            return None;
        }
        while self.open.pop().is_some() {
            self.close();
        }
        Some(())
    }

    /// Reads the line whose first character is at `offset`, in `column`. Returns where the next one begins.
    fn line(&mut self, offset: usize, column: usize, end: usize) -> Option<usize> {
        let item = self.bytes[offset] == b'-' && self.bytes.get(offset + 1) == Some(&b' ');
        let around = self.open.last().map(|open| open.column);
        let below = match (self.empty, around) {
            (Some(_), Some(around)) => column > around || (item && column == around),
            (None, None) => column == 0 && !item,
            _ => false,
        };
        if below {
            self.empty = None;
            // In the parser's events, a sequence in the column of its key begins after the dash.
            let dash_is_inside = around.is_none_or(|around| column > around);
            let start = if dash_is_inside { offset } else { self.past_spaces(offset + 1, end) };
            self.begin(start, column, item)?;
        } else {
            self.leave_empty();
            let ends = |open: &mut Open| open.column > column || (open.column == column && open.sequence && !item);
            while self.open.pop_if(ends).is_some() {
                self.close();
            }
            self.open.last().filter(|open| open.column == column && open.sequence == item)?;
        }
        if !item {
            return self.entry(offset, column, end);
        }
        let content = self.past_spaces(offset + 1, end);
        if self.key(content, end).is_none() {
            return self.value(content, column, end);
        }
        let column = column + content - offset;
        self.begin(content, column, false)?;
        self.entry(content, column, end)
    }

    /// Reads a key and what follows it.
    fn entry(&mut self, offset: usize, column: usize, end: usize) -> Option<usize> {
        let colon = self.key(offset, end)?;
        self.plain_scalar(offset..colon);
        let at = self.past_spaces(colon + 1, end);
        if at < end && self.bytes[at] != b'#' {
            return self.value(at, column, end);
        }
        self.empty = Some(colon);
        Some(end + 1)
    }

    /// Where the `:` of the key at `offset` is, if there is a key.
    fn key(&self, offset: usize, end: usize) -> Option<usize> {
        let word = &self.bytes[offset..end];
        let length = word.iter().position(|byte| !is_word(byte))?;
        let first = word.first().is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        let ends = word[length] == b':' && word.get(length + 1).is_none_or(|next| *next == b' ');
        (first && ends && length < KEY).then_some(offset + length)
    }

    /// Reads a scalar, or a sequence in brackets, in a collection in `column`.
    fn value(&mut self, at: usize, column: usize, end: usize) -> Option<usize> {
        let behind = match self.byte(at, end)? {
            b'|' => return self.literal(at, column, end),
            b'[' => self.brackets(at, end)?,
            b'"' | b'\'' => self.quoted(at, end)?,
            _ => {
                let plain = self.plain(at, end)?;
                self.plain_scalar(plain);
                return Some(end + 1);
            }
        };
        let rest = self.past_spaces(behind, end);
        let ends = rest == end || (self.bytes[rest] == b'#' && rest > behind);
        ends.then_some(end + 1)
    }

    /// The bytes of the plain scalar at `at`.
    fn plain(&self, at: usize, end: usize) -> Option<Range<usize>> {
        let line = &self.bytes[at..end];
        let begins = match line {
            [b'-', next, ..] => *next != b' ' && *next != b'-',
            [first, ..] => {
                first.is_ascii_alphanumeric()
                    || *first > 0xc2
                    || matches!(first, b'_' | b'/' | b'.' | b'~' | b'$' | b'+' | b'(' | b'<' | b'=' | b'^')
            }
            [] => false,
        };
        if !begins || line.starts_with(b"...") {
            return None;
        }
        let (mut from, mut length) = (0, line.len());
        while let Some(found) = memchr2(b':', b'#', &line[from..length]) {
            let found = from + found;
            match line[found] {
                b':' if line.get(found + 1).is_none_or(|next| *next == b' ') => return None,
                b'#' if line[found - 1] == b' ' => length = found,
                _ => from = found + 1,
            }
        }
        let spaces = line[..length].iter().rev().take_while(|byte| **byte == b' ').count();
        Some(at..at + length - spaces)
    }

    /// Reads a scalar in quotes. Returns where it ends.
    fn quoted(&mut self, at: usize, end: usize) -> Option<usize> {
        // In single quotes, only the quote itself is special.
        let (quote, escape, style) = match self.bytes[at] {
            b'"' => (b'"', b'\\', Style::Double),
            _ => (b'\'', b'\'', Style::Single),
        };
        let (mut from, mut decoded) = (at + 1, None::<String>);
        loop {
            let found = from + memchr2(quote, escape, &self.bytes[from..end])?;
            let next = self.byte(found + 1, end);
            let character = match (self.bytes[found], next) {
                (b'\'', Some(b'\'')) => '\'',
                (b'\\', Some(b'n')) => '\n',
                (b'\\', Some(b't')) => '\t',
                (b'\\', Some(b'"')) => '"',
                (b'\\', Some(b'\\')) => '\\',
                (b'\\', _) => return None,
                _ => {
                    let value = match decoded {
                        Some(mut decoded) => {
                            decoded.push_str(&self.text[from..found]);
                            Cow::Owned(decoded)
                        }
                        None => Cow::Borrowed(&self.text[at + 1..found]),
                    };
                    self.scalar(value, style, At::bytes(at..found + 1));
                    return Some(found + 1);
                }
            };
            let decoded = decoded.get_or_insert_default();
            decoded.push_str(&self.text[from..found]);
            decoded.push(character);
            from = found + 2;
        }
    }

    /// Reads `[a, "b"]`. Returns where it ends.
    fn brackets(&mut self, at: usize, end: usize) -> Option<usize> {
        self.start(false, true, at..at + 1);
        let mut from = self.past_spaces(at + 1, end);
        if self.byte(from, end)? != b']' {
            loop {
                let behind = self.bracketed(from, end)?;
                from = self.past_spaces(behind, end);
                match self.byte(from, end)? {
                    b',' => from = self.past_spaces(from + 1, end),
                    b']' => break,
                    _ => return None,
                }
            }
        }
        self.sink.event(Event::End, At::bytes(from..from + 1));
        Some(from + 1)
    }

    /// Reads an item in brackets. Returns where it ends.
    fn bracketed(&mut self, at: usize, end: usize) -> Option<usize> {
        let first = self.byte(at, end)?;
        if matches!(first, b'"' | b'\'') {
            return self.quoted(at, end);
        }
        let length = self.bytes[at..end].iter().position(|byte| !is_word(byte))?;
        first.is_ascii_alphanumeric().then(|| self.plain_scalar(at..at + length))?;
        Some(at + length)
    }

    /// Reads a `|` block. Returns where the line after it begins.
    fn literal(&mut self, header: usize, column: usize, header_end: usize) -> Option<usize> {
        let strips = match &self.bytes[header..header_end] {
            b"|" => false,
            b"|-" => true,
            _ => return None,
        };
        let (mut at, mut value, mut start, mut indent) = (header_end + 1, String::new(), 0, None);
        // The blank lines just before `at`.
        let mut breaks = 0;
        while at < self.bytes.len() {
            let end = memchr(b'\n', &self.bytes[at..]).map(|length| at + length)?;
            let spaces = self.past_spaces(at, end) - at;
            let blank = at + spaces == end;
            let inside = indent.unwrap_or(spaces);
            if blank && indent.is_some_and(|indent| spaces > indent) {
                return None;
            }
            if blank {
                // Before the first line with text, its indentation is unknown: only an empty line is certainly not deeper.
                if indent.is_none() && spaces > 0 {
                    return None;
                }
                breaks += 1;
            } else if spaces < inside {
                break;
            } else {
                if indent.is_none() {
                    (indent, start) = (Some(spaces), at + spaces);
                }
                value.extend(std::iter::repeat_n('\n', breaks));
                value.push_str(&self.text[at + inside..=end]);
                breaks = 0;
            }
            at = end + 1;
        }
        let indent = indent.filter(|indent| *indent > column)?;
        if strips {
            value.pop();
        }
        let at_block = At { range: start..at, tag: 0..0, indent };
        self.scalar(Cow::Owned(value), Style::Literal, at_block);
        Some(at)
    }

    /// Opens a block collection whose first entry is at `offset`.
    fn begin(&mut self, offset: usize, column: usize, sequence: bool) -> Option<()> {
        self.start(!sequence, false, offset..offset);
        self.open.push(Open { column, sequence });
        (self.open.len() < DEPTH).then_some(())
    }

    fn close(&mut self) {
        self.sink.event(Event::End, At::bytes(0..0));
    }

    /// Gives a key with nothing after it an empty value.
    fn leave_empty(&mut self) {
        if let Some(at) = self.empty.take() {
            self.plain_scalar(at..at);
        }
    }

    fn plain_scalar(&mut self, range: Range<usize>) {
        self.scalar(Cow::Borrowed(&self.text[range.clone()]), Style::Plain, At::bytes(range));
    }

    fn scalar(&mut self, value: Cow<'d, str>, style: Style, at: At) {
        self.sink.event(Event::Scalar { value, style, properties: Properties::default() }, at);
    }

    fn start(&mut self, mapping: bool, flow: bool, range: Range<usize>) {
        self.sink.event(Event::Start { mapping, flow, properties: Properties::default() }, At::bytes(range));
    }

    /// The byte at `at`, in a line that ends at `end`.
    fn byte(&self, at: usize, end: usize) -> Option<u8> {
        (at < end).then(|| self.bytes[at])
    }

    fn line_end(&self, at: usize) -> usize {
        memchr(b'\n', &self.bytes[at..]).map_or(self.bytes.len(), |length| at + length)
    }

    fn past_spaces(&self, at: usize, end: usize) -> usize {
        at + self.bytes[at.min(end)..end].iter().take_while(|byte| **byte == b' ').count()
    }
}

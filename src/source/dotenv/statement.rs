//! The lines of a `.env` file: names, and values as they are written.

use std::str::from_utf8;

use memchr::{memchr, memchr_iter, memchr2};

use super::DotenvFault;

/// What begins on one line. Not `Debug`: it holds values.
pub(super) enum Line<'t> {
    /// Nothing, a comment, or something else that gives no name a value; the name that somebody may have meant to give one.
    Foreign(Option<&'t str>),
    /// `NAME` by itself: the environment's value.
    Bare(&'t str),
    /// `NAME=value`.
    Value(&'t str, Result<WrittenValue<'t>, DotenvFault>),
}

/// A value as it is written, without its quotes.
#[derive(Clone, Copy)]
pub(super) enum WrittenValue<'t> {
    Plain(&'t str),
    Single(&'t str),
    Double(&'t str),
}

/// Goes through the lines of a file. What is wrong on a line ends with it: the next is read as if nothing had been.
pub(super) struct Lines<'t> {
    text: &'t [u8],
    at: usize,
    line: usize,
    /// Up to where what is read may lie within quotes or after them, and the line that opens these.
    inside: (usize, usize),
}

impl<'t> Lines<'t> {
    pub(super) fn new(text: &'t [u8]) -> Self {
        Self { text: text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text), at: 0, line: 1, inside: (0, 0) }
    }

    /// The value written from `start` on, on the line of this number.
    fn value(&mut self, start: usize, number: usize) -> Result<WrittenValue<'t>, DotenvFault> {
        let text = self.text;
        let end = memchr(b'\n', &text[start..]).map_or(text.len(), |length| start + length);
        let written = valid(&text[start..end]);
        let value = written.trim_start_matches(is_blank);
        let blanks = written.len() - value.len();
        match value.as_bytes().first() {
            Some(quote @ (b'\'' | b'"')) => self.quoted(start + blanks, *quote, number),
            Some(b'#') if blanks > 0 => Err(DotenvFault::LeadingHash),
            _ => plain(value, start + written.len() == end, text.get(end + 1..).unwrap_or_default()),
        }
    }

    /// The value whose opening quote is at `open`, on the line of this number.
    fn quoted(&mut self, open: usize, quote: u8, number: usize) -> Result<WrittenValue<'t>, DotenvFault> {
        let text = self.text;
        let mut close = open + 1;
        loop {
            match text.get(close..).and_then(|rest| memchr2(quote, b'\\', rest)) {
                None => return Err(DotenvFault::Unclosed),
                Some(length) if text[close + length] == quote => break close += length,
                Some(length) => close += length + 2,
            }
        }
        let end = memchr(b'\n', &text[close..]).map_or(text.len(), |length| close + length);
        let behind = &text[close + 1..end];
        let first = valid(behind).trim_start().chars().next();
        if first.is_some_and(|c| c != '#') || first.is_none() && from_utf8(behind).is_err() {
            let begin = memchr::memrchr(b'\n', &text[..close]).map_or(0, |at| at + 1);
            // A quote right after `NAME=` opens that line's own value: it is the one before that was never closed.
            let opens = begin > open && text[begin..close].trim_ascii_end().ends_with(b"=");
            if opens {
                return Err(DotenvFault::Unclosed);
            }
            // What follows on this line is an entry to compose.
            self.inside = (close + 1, number);
            if begin <= open {
                (self.at, self.line) = (close + 1, number);
            }
            return Err(DotenvFault::AfterQuote);
        }
        self.at = end + 1;
        self.line += memchr_iter(b'\n', &text[open..close]).count();
        let value = from_utf8(&text[open + 1..close]).map_err(|_| DotenvFault::NotUtf8)?;
        match quote {
            _ if value.contains('\r') => Err(DotenvFault::CarriageReturn),
            b'"' => Ok(WrittenValue::Double(value)),
            _ => Ok(WrittenValue::Single(value)),
        }
    }
}

impl<'t> Iterator for Lines<'t> {
    type Item = (usize, Line<'t>);

    fn next(&mut self) -> Option<Self::Item> {
        let (text, start, number) = (self.text, self.at, self.line);
        let rest = text.get(start..).filter(|rest| !rest.is_empty())?;
        let whole = &rest[..memchr(b'\n', rest).unwrap_or(rest.len())];
        (self.at, self.line) = match self.inside.0 {
            behind if start < behind && behind <= start + whole.len() => (behind, number),
            _ => (start + whole.len() + 1, number + 1),
        };
        let sign = memchr2(b'=', b':', whole);
        let Ok(head) = from_utf8(&whole[..sign.unwrap_or(whole.len())]) else {
            return Some((number, Line::Foreign(meant(whole))));
        };
        let head = head.trim_start();
        let exported = head.strip_prefix("export").filter(|rest| rest.starts_with(is_blank));
        let name = exported.map_or(head, |rest| rest.trim_start_matches(is_blank)).trim_end();
        let named = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '[' | ']'));
        let inside = start <= self.inside.0 && self.inside.1 > 0;
        let line = match sign {
            _ if !named => Line::Foreign(meant(whole)),
            None if inside => Line::Foreign(None),
            None => Line::Bare(name),
            Some(_) if inside => Line::Value(name, Err(DotenvFault::InsideQuotes(self.inside.1))),
            Some(sign) => Line::Value(name, self.value(start + sign + 1, number)),
        };
        Some((number, line))
    }
}

/// The name on a line of another form: `set NAME=value`, `declare -x NAME=value`, `NAME+=value`, `$env:NAME = "value"`, `"NAME": "value"`,
/// `NAME value`.
fn meant(line: &[u8]) -> Option<&str> {
    const LONGEST: usize = 64;
    let text = valid(line).trim_start();
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let name = match text.find('=').or_else(|| text.find("\":")) {
        Some(sign) => {
            let before = text[..sign].trim_end_matches(|c: char| !is_part(c));
            &before[before.trim_end_matches(is_part).len()..]
        }
        None => text.split(is_blank).next().unwrap_or_default(),
    };
    let is_name = !name.is_empty() && name.len() <= LONGEST && name.chars().all(is_part);
    (is_name && !text.starts_with('#')).then_some(name)
}

/// A value without quotes, up to its comment. `whole` says that `line` is all there is: what follows in it is not UTF-8 otherwise.
/// `following` is the text from the next line on.
fn plain<'t>(line: &'t str, whole: bool, following: &[u8]) -> Result<WrittenValue<'t>, DotenvFault> {
    let comment = line.find(" #");
    if comment.is_none() && !whole {
        return Err(DotenvFault::NotUtf8);
    }
    let value = line[..comment.unwrap_or(line.len())].trim_end();
    let mut characters = value.chars().peekable();
    while let Some(c) = characters.next() {
        if c.is_whitespace() && characters.peek() == Some(&'#') {
            return Err(DotenvFault::TabHash);
        }
    }
    match value {
        _ if value.contains('\r') => Err(DotenvFault::CarriageReturn),
        _ if value.len() > 1 && value.starts_with('`') && value.ends_with('`') => Err(DotenvFault::Backquotes),
        _ if goes_on(value, following) => Err(DotenvFault::SeveralLines),
        _ => Ok(WrittenValue::Plain(value)),
    }
}

/// Whether `value` is only the first line of a PEM or of JSON, which goes on in `following`.
fn goes_on(value: &str, following: &[u8]) -> bool {
    let mut lines = following.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    if matches!(value, "{" | "[") {
        return lines.next().is_some_and(|line| matches!(line.first(), Some(b'"' | b'{' | b'}')));
    }
    let is_base64 = |line: &&[u8]| line.iter().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(byte));
    let begins = value.starts_with("-----BEGIN ") && !value.contains("-----END ");
    begins && lines.find(|line| !is_base64(line)).is_some_and(|line| line.starts_with(b"-----END "))
}

/// The part of `bytes` that is UTF-8, from the first on.
fn valid(bytes: &[u8]) -> &str {
    let length = from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len);
    from_utf8(&bytes[..length]).unwrap_or_default()
}

/// White space within a line.
fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\x0b' | '\x0c' | '\r' | '\u{85}' | '\u{a0}')
}

//! Plain scalars: `resolve.go` of go-yaml v3.0.1.

use super::number;

/// What go-yaml takes a plain scalar for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Plain<'t> {
    Null,
    Bool(bool),
    Integer(i128),
    Float(f64),
    Date,
    Text(&'t str),
}

/// Whether a plain scalar is null (`resolve.go`).
#[inline]
pub(crate) fn is_null_word(text: &str) -> bool {
    match text.as_bytes() {
        [] | [b'~'] => true,
        [b'n' | b'N', _, _, _] => matches!(text, "null" | "Null" | "NULL"),
        _ => false,
    }
}

/// Reads a plain scalar.
pub(crate) fn plain(text: &str) -> Plain<'_> {
    match text.as_bytes().first() {
        None => Plain::Null,
        Some(b'0'..=b'9' | b'+' | b'-' | b'.') => number_or_text(text),
        Some(b'~' | b'n' | b'N' | b't' | b'T' | b'f' | b'F') => match text {
            _ if is_null_word(text) => Plain::Null,
            "true" | "True" | "TRUE" => Plain::Bool(true),
            "false" | "False" | "FALSE" => Plain::Bool(false),
            _ => Plain::Text(text),
        },
        _ => Plain::Text(text),
    }
}

fn number_or_text(text: &str) -> Plain<'_> {
    if let Some(small) = number::small(text) {
        return Plain::Integer(small.into());
    }
    // Sizes end like this; numbers and dates do not, in any base.
    if matches!(text.as_bytes().last(), Some(b'g'..=b'm' | b'o'..=b'z' | b'G'..=b'M' | b'O'..=b'Y')) {
        return Plain::Text(text);
    }
    if is_date(text) {
        return Plain::Date;
    }
    match number::integer(text).filter(|_| !text.starts_with('.')) {
        Some(whole) => Plain::Integer(whole),
        None => number::plain_float(text).map_or(Plain::Text(text), Plain::Float),
    }
}

/// `2001-1-2`, with or without a time.
fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() < 8 || bytes[4] != b'-' || !bytes[..4].iter().all(u8::is_ascii_digit) {
        return false;
    }
    let mut parts = text[5..].splitn(2, '-');
    let (month, rest) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
    let (day, time) = rest.split_at(rest.find(['T', 't', ' ']).unwrap_or(rest.len()));
    let within =
        |text: &str, most: u64| text.len() <= 2 && number::unsigned(text).is_some_and(|number| (1..=most).contains(&number));
    within(month, 12) && within(day, 31) && (time.is_empty() || time.matches(':').count() >= 2)
}

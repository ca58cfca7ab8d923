//! What go-yaml v3 takes a scalar for: `resolve.go` and `decode.go` of v3.0.1.

use std::borrow::Cow;

use crate::yaml::Style;
use crate::tree::{Id, Kind, Tree};

use super::number;

/// A scalar's value.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Value<'t> {
    Null,
    Bool(bool),
    Integer(i128),
    Float(f64),
    Date,
    Text(&'t str),
    /// A `!!binary`, whose decoded text no rule looks at.
    Binary,
}

/// The text can't be what its tag says.
#[derive(Debug)]
pub(super) struct Mismatch;

/// The name of the node's tag in YAML's own namespace; another tag is given whole; `!` alone is none.
fn tag<'t>(tree: &'t Tree<'_>, id: Id) -> Option<Cow<'t, str>> {
    tree.tag(id).map(|tag| Cow::Borrowed(tag.name())).filter(|name| name != "!")
}

/// Whether go-yaml takes the node for null: it leaves the target as it was, whatever its type.
pub(super) fn is_null(tree: &Tree<'_>, id: Id) -> bool {
    if let Some(text) = tree.word(id) {
        return is_null_word(text);
    }
    match (tree.kind(id), tree.tag(id)) {
        (Kind::Scalar(_), _) if tree.is_unknown(id) => false,
        (Kind::Scalar(_), Some(_)) => tag(tree, id).is_some_and(|tag| tag == "null"),
        (Kind::Scalar(Style::Plain), None) => is_null_word(tree.text(id)),
        _ => false,
    }
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

/// Whether a key asks for a merge: a plain `<<`.
pub(super) fn is_merge(tree: &Tree<'_>, key: Id) -> bool {
    tree.kind(key) == Kind::Scalar(Style::Plain)
        && !tree.is_alias(key)
        && tree.text(key) == "<<"
        && tag(tree, key).is_none_or(|tag| tag == "merge")
}

/// go-yaml's `Node.Value`, which its own code and Akash's compare keys by: of an alias the anchor's name, of a collection nothing.
pub(super) fn raw<'t>(tree: &'t Tree<'_>, id: Id) -> &'t str {
    if tree.is_alias(id) { tree.source(id).trim_start_matches('*') } else { tree.text(id) }
}

/// The value of a scalar.
pub(super) fn resolve<'t>(tree: &'t Tree<'_>, id: Id) -> Result<Value<'t>, Mismatch> {
    if let Some(text) = tree.word(id) {
        return Ok(plain(text));
    }
    let text = tree.text(id);
    let Some(tag) = tag(tree, id) else {
        return Ok(if tree.kind(id) == Kind::Scalar(Style::Plain) { plain(text) } else { Value::Text(text) });
    };
    let value = plain(text);
    match (&*tag, value) {
        ("binary", _) => binary(text),
        ("bool", Value::Bool(_)) | ("int", Value::Integer(_)) | ("float", Value::Float(_)) => Ok(value),
        ("null", Value::Null) | ("timestamp", Value::Date) => Ok(value),
        ("float", Value::Integer(whole)) => Ok(Value::Float(whole as f64)),
        ("bool" | "int" | "float" | "null" | "timestamp", _) => Err(Mismatch),
        _ => Ok(Value::Text(text)),
    }
}

pub(super) fn plain(text: &str) -> Value<'_> {
    match text.as_bytes().first() {
        None => Value::Null,
        Some(b'0'..=b'9' | b'+' | b'-' | b'.') => number_or_text(text),
        Some(b'~' | b'n' | b'N' | b't' | b'T' | b'f' | b'F') => match text {
            _ if is_null_word(text) => Value::Null,
            "true" | "True" | "TRUE" => Value::Bool(true),
            "false" | "False" | "FALSE" => Value::Bool(false),
            _ => Value::Text(text),
        },
        _ => Value::Text(text),
    }
}

fn number_or_text(text: &str) -> Value<'_> {
    if let Some(small) = number::small(text) {
        return Value::Integer(small.into());
    }
    // No number and no date ends so, of whatever base; sizes do.
    if matches!(text.as_bytes().last(), Some(b'g'..=b'm' | b'o'..=b'z' | b'G'..=b'M' | b'O'..=b'Y')) {
        return Value::Text(text);
    }
    if is_date(text) {
        return Value::Date;
    }
    match number::integer(text).filter(|_| !text.starts_with('.')) {
        Some(whole) => Value::Integer(whole),
        None => number::plain_float(text).map_or(Value::Text(text), Value::Float),
    }
}

/// `2001-1-2`, with or without a time behind it.
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

fn binary(text: &str) -> Result<Value<'_>, Mismatch> {
    use base64::Engine as _;
    let joined: String = text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
    base64::engine::general_purpose::STANDARD.decode(joined).map(|_| Value::Binary).map_err(|_| Mismatch)
}

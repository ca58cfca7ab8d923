//! What go-yaml v3 takes a node for: `resolve.go` and `decode.go` of v3.0.1, with tags and styles.

use crate::go::scalar::{Plain, is_null_word, plain};
use crate::splice::View;
use crate::yaml::Style;
use crate::yaml::tree::{Id, NodeKind};

/// What go-yaml makes of a scalar.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Meaning<'t> {
    Is(Plain<'t>),
    /// A `!!binary`: bytes in base64.
    Binary,
}

/// The text can't be what its tag says.
#[derive(Debug)]
pub(crate) struct Mismatch;

/// The name of the node's tag in YAML's own namespace; any other tag in full; `!` is not a tag.
fn tag<'t>(tree: &'t View<'_>, id: Id) -> Option<&'t str> {
    tree.tag(id).map(|tag| tag.name()).filter(|name| *name != "!")
}

/// Whether go-yaml takes the node for null: it leaves the target as it was, whatever its type.
pub(crate) fn is_null(tree: &View<'_>, id: Id) -> bool {
    if let Some(text) = tree.word(id) {
        return is_null_word(text);
    }
    match (tree.kind(id), tree.tag(id)) {
        (NodeKind::Scalar(_), _) if tree.is_unknown(id) => false,
        (NodeKind::Scalar(_), Some(_)) => tag(tree, id).is_some_and(|tag| tag == "null"),
        (NodeKind::Scalar(Style::Plain), None) => is_null_word(tree.text(id)),
        _ => false,
    }
}

/// Whether a key asks for a merge: a plain `<<`.
pub(crate) fn is_merge(tree: &View<'_>, key: Id) -> bool {
    tree.kind(key) == NodeKind::Scalar(Style::Plain)
        && !tree.is_alias(key)
        && tree.text(key) == "<<"
        && tag(tree, key).is_none_or(|tag| tag == "merge")
}

/// go-yaml's `Node.Value`, by which its own code and Akash's compare keys: the anchor's name for an alias, nothing for a collection.
pub(crate) fn raw<'t>(tree: &'t View<'_>, id: Id) -> &'t str {
    if tree.is_alias(id) { tree.source(id).trim_start_matches('*') } else { tree.text(id) }
}

/// The value of a scalar.
pub(crate) fn value<'t>(tree: &'t View<'_>, id: Id) -> Result<Meaning<'t>, Mismatch> {
    if let Some(text) = tree.word(id) {
        return Ok(Meaning::Is(plain(text)));
    }
    let text = tree.text(id);
    let Some(tag) = tag(tree, id) else {
        let plain = if tree.kind(id) == NodeKind::Scalar(Style::Plain) { plain(text) } else { Plain::Text(text) };
        return Ok(Meaning::Is(plain));
    };
    let value = plain(text);
    let value = match (tag, value) {
        ("binary", _) => return Ok(Meaning::Binary),
        ("bool", Plain::Bool(_)) | ("int", Plain::Integer(_)) | ("float", Plain::Float(_)) => value,
        ("null", Plain::Null) | ("timestamp", Plain::Date) => value,
        ("float", Plain::Integer(whole)) => Plain::Float(whole as f64),
        ("bool" | "int" | "float" | "null" | "timestamp", _) => return Err(Mismatch),
        _ => Plain::Text(text),
    };
    Ok(Meaning::Is(value))
}

/// Whether a scalar is a number.
pub(crate) fn is_number(tree: &View<'_>, id: Id) -> bool {
    matches!(value(tree, id), Ok(Meaning::Is(Plain::Integer(_) | Plain::Float(_))))
}

//! What libyaml's Rust port reads in a document, as a tree of the form that the oracles give.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use libyaml_safer::{Event, EventData, Parser, ScalarStyle};
use serde_json::{Value, json};

/// The documents of `text`, or nothing where the reader refuses it or breaks down. A plain scalar without a tag is `{"o": …}`
/// whatever it holds: it is not resolved.
pub(crate) fn read(text: &str) -> Option<Value> {
    static QUIETENED: Once = Once::new();
    QUIETENED.call_once(|| {
        let aloud = panic::take_hook();
        panic::set_hook(Box::new(move |panicked| {
            if !READING.get() {
                aloud(panicked);
            }
        }));
    });
    READING.set(true);
    let tree = panic::catch_unwind(AssertUnwindSafe(|| parse(text)));
    READING.set(false);
    tree.ok()?
}

/// The text of the scalar at `path`, a way of keys, in what [`read`] gave.
pub(crate) fn text_at(documents: &Value, path: &[&str]) -> Option<String> {
    let mut node = &documents[0];
    for key in path {
        let entry = node["m"].as_array()?.iter().find(|entry| entry[0]["o"] == *key || entry[0]["s"] == *key)?;
        node = &entry[1];
    }
    node["o"].as_str().or(node["s"].as_str()).map(str::to_owned)
}

thread_local! {
    /// This thread is reading: the reader's own panics are an answer, and need no message.
    static READING: Cell<bool> = const { Cell::new(false) };
}

/// A collection that is open: whether it is a mapping, and the nodes so far.
struct Open {
    mapping: bool,
    nodes: Vec<Value>,
}

fn parse(text: &str) -> Option<Value> {
    let mut bytes = text.as_bytes();
    let mut parser = Parser::new();
    parser.set_input_string(&mut bytes);
    let mut open = vec![Open { mapping: false, nodes: Vec::new() }];
    for event in parser {
        let Event { data, .. } = event.ok()?;
        let node = match data {
            EventData::Scalar { tag, value, style, .. } => {
                let kind = if style == ScalarStyle::Plain && tag.is_none() { "o" } else { "s" };
                json!({ kind: value })
            }
            EventData::Alias { anchor } => json!({ "o": format!("*{anchor}") }),
            EventData::SequenceStart { .. } | EventData::MappingStart { .. } => {
                open.push(Open { mapping: matches!(data, EventData::MappingStart { .. }), nodes: Vec::new() });
                continue;
            }
            EventData::SequenceEnd | EventData::MappingEnd => {
                let Open { mapping, nodes } = open.pop().expect("a collection that began");
                if mapping { json!({ "m": nodes.chunks(2).collect::<Vec<_>>() }) } else { json!({ "q": nodes }) }
            }
            _ => continue,
        };
        open.last_mut().expect("the list of documents").nodes.push(node);
    }
    Some(Value::Array(open.pop().expect("the list of documents").nodes))
}

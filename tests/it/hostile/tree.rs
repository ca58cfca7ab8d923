//! What a filled document must hold: what its reference document holds, with the values in it.
//!
//! A reference document is the template with a harmless token in place of each placeholder, read by the same YAML reader.

use serde_json::{Value, json};

use super::kubernetes;

/// The token for placeholder `number`: a plain word in every style.
pub(crate) fn token(number: usize) -> String {
    format!("Tok{number}xTok")
}

/// The reference document's tree with `values[n]` in place of `token(n)`, and how many tokens there were.
pub(crate) fn expected(reference: &Value, values: &[String]) -> (Value, usize) {
    let mut found = 0;
    let tree = walk(reference, &mut Vec::new(), &mut |text| {
        let (filled, count) = put(text, values);
        found += count;
        (count > 0).then_some(filled)
    });
    (tree, found)
}

/// A filled document's tree, in the form that [`expected`] gives.
pub(crate) fn actual(filled: &Value) -> Value {
    walk(filled, &mut Vec::new(), &mut |_| None)
}

/// Copies a tree. Where Kubernetes expands text, the copy holds what a container would see. `fill` then says what a scalar holds
/// with values in it; such a scalar is always a string.
fn walk(tree: &Value, path: &mut Vec<String>, fill: &mut impl FnMut(&[u8]) -> Option<Vec<u8>>) -> Value {
    if let Some(documents) = tree.as_array() {
        return documents.iter().map(|document| walk(document, path, fill)).collect();
    }
    let (kind, content) = tree.as_object().and_then(|node| node.iter().next()).expect("a node has one member");
    match (kind.as_str(), content) {
        ("m", Value::Array(pairs)) => {
            let mut copies = Vec::with_capacity(pairs.len());
            for pair in pairs {
                let key = pair[0].as_object().and_then(|key| key.values().next()).and_then(Value::as_str).unwrap_or("?");
                path.push(key.to_owned());
                copies.push(json!([pair[0], walk(&pair[1], path, fill)]));
                path.pop();
            }
            json!({ "m": copies })
        }
        ("q", Value::Array(items)) => {
            path.push("[]".to_owned());
            let copies: Vec<Value> = items.iter().map(|item| walk(item, path, fill)).collect();
            path.pop();
            json!({ "q": copies })
        }
        (_, Value::String(text)) => {
            let seen = if kubernetes::expands(path) { kubernetes::container_sees(text) } else { text.as_bytes().to_vec() };
            let filled = fill(&seen);
            let kind = if filled.is_some() { "s" } else { kind };
            json!({ kind: text_of(filled.unwrap_or(seen)) })
        }
        _ => panic!("{tree} is no node"),
    }
}

/// A JSON string, or the bytes as numbers where they are no UTF-8.
fn text_of(bytes: Vec<u8>) -> Value {
    String::from_utf8(bytes).map_or_else(|error| json!(error.as_bytes()), Value::String)
}

/// `text` with the values in place of their tokens, and how many there were.
fn put(text: &[u8], values: &[String]) -> (Vec<u8>, usize) {
    let mut filled = Vec::with_capacity(text.len());
    let mut count = 0;
    let mut rest = text;
    while let Some(at) = find(rest, b"Tok") {
        let digits = rest[at + 3..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let end = at + 3 + digits;
        if digits == 0 || !rest[end..].starts_with(b"xTok") {
            filled.extend(&rest[..at + 3]);
            rest = &rest[at + 3..];
            continue;
        }
        let number: usize = std::str::from_utf8(&rest[at + 3..end]).expect("digits").parse().expect("a small number");
        filled.extend(&rest[..at]);
        filled.extend(values[number].as_bytes());
        count += 1;
        rest = &rest[end + 4..];
    }
    filled.extend(rest);
    (filled, count)
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

#[test]
fn values_take_the_place_of_their_tokens() {
    let reference = json!([{ "m": [
        [{ "s": "a" }, { "s": "x Tok0xTok-Tok1xTokTok" }],
        [{ "s": "services" }, { "m": [[{ "s": "web" }, { "m": [[{ "s": "env" }, { "q": [{ "s": "$$K=Tok0xTok" }, { "o": "1" }] }]] }]] }],
    ] }]);
    let (tree, count) = expected(&reference, &["$(v)".to_owned(), "w".to_owned()]);
    assert_eq!(count, 3);
    let filled = json!([{ "m": [
        [{ "s": "a" }, { "s": "x $(v)-wTok" }],
        [{ "s": "services" }, { "m": [[{ "s": "web" }, { "m": [[{ "s": "env" }, { "q": [{ "s": "$$K=$$(v)" }, { "o": "1" }] }]] }]] }],
    ] }]);
    assert_eq!(actual(&filled), tree);
    let unescaped = serde_json::from_str(&filled.to_string().replace("=$$(", "=$(")).expect("JSON");
    assert_ne!(actual(&unescaped), tree);
}

//! What a filled document must hold: the reference document, which has a harmless token for each placeholder, with the values in it.

use serde_json::{Value, json};

#[path = "kubernetes.rs"]
mod kubernetes;

/// The token that stands for the placeholder `number` in a reference document. It is a plain word in every style.
pub fn token(number: usize) -> String {
    format!("Tok{number}xTok")
}

/// The tree of a reference document with the values in place of their tokens; `values[n]` belongs to `token(n)`.
/// Also how many tokens there were.
pub fn expected(reference: &Value, values: &[String]) -> (Value, usize) {
    let mut found = 0;
    let tree = walk(reference, &mut Vec::new(), &mut |text, path| {
        let count = tokens(text);
        if count == 0 {
            return None;
        }
        found += count;
        Some(string(&put(&seen(text, path), values)))
    });
    (tree, found)
}

/// The tree of a filled document, to be compared with what [`expected`] says. `reference` tells where the values went, so that
/// what Kubernetes sees is compared there and the text itself anywhere else.
pub fn actual(filled: &Value) -> Value {
    walk(filled, &mut Vec::new(), &mut |text, path| kubernetes::expands(path).then(|| string(&seen(text, path))))
}

fn string(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) => json!({ "s": text }),
        Err(_) => json!({ "bytes": bytes }),
    }
}

fn seen(text: &str, path: &[String]) -> Vec<u8> {
    if kubernetes::expands(path) { kubernetes::container_sees(text) } else { text.as_bytes().to_vec() }
}

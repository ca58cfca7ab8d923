//! The values of references as one JSON object, the file that `akt … --secrets-file` takes.

use std::fmt::Write as _;

use zeroize::Zeroizing;

/// The most bytes that a value may take once it is encoded as JSON: what `akt` accepts.
pub(super) const LARGEST: usize = 16 * 1024;

/// `values`, names with texts, as a JSON object with one line for each.
///
/// `akt` reads it with a YAML parser, so nothing is written that YAML and JSON read differently: no surrogate pairs, and an escape for each
/// character that ends a line in YAML, or that YAML refuses.
pub(crate) fn encode(values: &[(&str, &str)]) -> Zeroizing<String> {
    // The names are letters, digits and `_`; `  "": "",` and a line break surround each pair, two braces and three breaks the whole.
    let size: usize = values.iter().map(|(name, value)| name.len() + encoded(value) + 10).sum();
    // At full size from the start, so that growing leaves no copy behind.
    let mut out = Zeroizing::new(String::with_capacity(size + 5));
    out.push('{');
    for (index, (name, value)) in values.iter().enumerate() {
        let before = if index == 0 { "\n  \"" } else { ",\n  \"" };
        out.extend([before, *name, "\": \""]);
        value.chars().for_each(|c| push(&mut out, c));
        out.push('"');
    }
    out.push_str(if values.is_empty() { "}\n" } else { "\n}\n" });
    out
}

/// Whether `akt` and the Console refuse `value` for its size. They count Go's encoding, which escapes `<`, `>` and `&` as well.
pub(super) fn is_too_large(value: &str) -> bool {
    encoded(value) + value.bytes().filter(|byte| b"<>&".contains(byte)).count() * 5 + 2 > LARGEST
}

/// The bytes of `value` once encoded.
fn encoded(value: &str) -> usize {
    value
        .chars()
        .map(|c| {
            if is_short(c) {
                2
            } else if needs_escape(c) {
                6
            } else {
                c.len_utf8()
            }
        })
        .sum()
}

fn push(out: &mut String, c: char) {
    match c {
        '"' | '\\' => out.extend(['\\', c]),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        // Writing to a String can't fail.
        c if needs_escape(c) => _ = write!(out, "\\u{:04x}", u32::from(c)),
        c => out.push(c),
    }
}

fn is_short(c: char) -> bool {
    matches!(c, '"' | '\\' | '\n' | '\r' | '\t')
}

/// C0, DEL, C1 (with U+0085), the Unicode line separators, the byte order mark and the two non-characters of the basic plane.
fn needs_escape(c: char) -> bool {
    matches!(c, '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::tree::Tree;

    #[test]
    fn yaml_and_json_read_the_same() {
        let all: String = ('\0'..='\u{2fff}').chain("\u{feff}\u{fffe}\u{ffff}😀\u{10ffff}".chars()).collect();
        let long = "x: #".repeat(1000);
        let texts = ["", " a ", "a\nb\n", "\"\\/", "{{ X }}", "a\u{85}b\u{2028}c", "- x", "null", &all, &long];
        let values: Vec<(String, &str)> = texts.iter().enumerate().map(|(index, text)| (format!("N{index}"), *text)).collect();
        let values: Vec<(&str, &str)> = values.iter().map(|(name, text)| (name.as_str(), *text)).collect();
        let json = encode(&values);
        assert!(json.capacity() >= json.len() && json.len() + 20 > json.capacity(), "{} of {}", json.len(), json.capacity());
        let read: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&json).unwrap();
        let tree = Tree::read(&json).unwrap();
        let entries: Vec<_> = tree.entries(tree.root().unwrap()).collect();
        assert_eq!((read.len(), entries.len()), (values.len(), values.len()));
        for ((name, text), (key, value)) in values.iter().zip(entries) {
            assert_eq!(read[*name], **text);
            assert_eq!((tree.text(key), tree.text(value)), (*name, *text));
        }
        assert_eq!(&*encode(&[]), "{}\n");
        assert_eq!(&*encode(&[("A", "1"), ("B", "2\n")]), "{\n  \"A\": \"1\",\n  \"B\": \"2\\n\"\n}\n");
    }

    #[test]
    fn a_value_is_too_large_as_go_counts() {
        assert!(!is_too_large(&"x".repeat(LARGEST - 2)) && is_too_large(&"x".repeat(LARGEST - 1)));
        assert!(!is_too_large(&"\n".repeat(LARGEST / 2 - 1)) && is_too_large(&"\n".repeat(LARGEST / 2)));
        assert!(is_too_large(&"<".repeat(LARGEST / 6 + 1)) && !is_too_large(&"<".repeat(LARGEST / 6)));
    }
}

//! Random templates of ordinary lines: what `yaml/src/lines.rs` reads, with placeholders wherever a scalar may hold them.

use super::random::Chance;
use super::templates::{Template, Writer};

/// A random template with at least one placeholder.
pub(crate) fn template(chance: &mut Chance) -> Template {
    let mut writer = Writer::new(chance);
    writer.put_of(&["", "", "---\n", "# first {{ NOBODY_HAS_THIS }}\n\n"]);
    if writer.chance.percent(50) {
        writer.put("services:\n  web:\n    image: x\n    ");
        writer.put_of(&["env", "command", "args", "params"]);
        writer.put(":");
        let indent = 4 + writer.chance.below(2) * 2;
        ordinary_sequence(&mut writer, indent, 2);
        writer.put("\n");
    }
    let entries = 1 + writer.chance.below(4);
    ordinary_mapping(&mut writer, 0, entries, 0);
    writer.put("\nlast: ");
    writer.placeholder();
    writer.put("\n");
    writer.finish()
}

fn ordinary_mapping(writer: &mut Writer<'_>, indent: usize, entries: usize, depth: usize) {
    for entry in 0..entries {
        if entry > 0 {
            between(writer, indent);
        }
        writer.keys += 1;
        let key = format!("k{}:", writer.keys);
        writer.put(&key);
        match writer.chance.below(8) {
            0 if depth < 3 => {
                writer.put_of(&["", " # comment"]);
                writer.line(indent + 2);
                let entries = 1 + writer.chance.below(3);
                ordinary_mapping(writer, indent + 2, entries, depth + 1);
            }
            1 if depth < 3 => {
                let deeper = indent + writer.chance.below(2) * 2;
                ordinary_sequence(writer, deeper, depth + 1);
            }
            _ => {
                writer.put_of(&[" ", " ", "  "]);
                ordinary_value(writer, indent);
            }
        }
    }
}

/// Items at `indent`, each on a line of its own.
fn ordinary_sequence(writer: &mut Writer<'_>, indent: usize, depth: usize) {
    for _ in 0..1 + writer.chance.below(3) {
        between(writer, indent);
        writer.put("- ");
        if depth < 3 && writer.chance.percent(30) {
            let entries = 1 + writer.chance.below(3);
            ordinary_mapping(writer, indent + 2, entries, depth + 1);
        } else {
            ordinary_value(writer, indent);
        }
    }
}

/// The next line, at `indent`, at times behind a blank one or a comment.
fn between(writer: &mut Writer<'_>, indent: usize) {
    writer.put_of(&["", "", "", "\n", "\n# {{ NOBODY_HAS_THIS }}: between", "\n  # between"]);
    writer.line(indent);
}

/// A value in an entry at `indent`.
fn ordinary_value(writer: &mut Writer<'_>, indent: usize) {
    match writer.chance.below(9) {
        0..3 => {
            writer.put_of(&["", "", "x=", "http://h:80/", "a b ", "$"]);
            writer.placeholder();
            writer.put_of(&["", "", "-y", "/z?q=1", " it's", ":v", "#w"]);
            writer.comment();
        }
        3..6 => {
            quoted(writer);
            writer.comment();
        }
        6 => {
            writer.put("[");
            quoted(writer);
            writer.put_of(&[", ", ",", " , "]);
            quoted(writer);
            writer.put_of(&["]", " ]", "]  # comment", ", a-1]"]);
        }
        7 => {
            writer.put_of(&["|", "|-"]);
            let more = 1 + writer.chance.below(4);
            for _ in 0..1 + writer.chance.below(3) {
                writer.put_of(&["", "", "", "\n"]);
                writer.line(indent + more);
                writer.put_of(&["pre ", "K=", "- ", "# ", "'"]);
                writer.placeholder();
                writer.put_of(&["", "", " post", "$", ": x", "\""]);
            }
        }
        _ => writer.put_of(&["1", "true", "~", "plain text  # x", "\"q\\n\"", "''", "[]"]),
    }
}

fn quoted(writer: &mut Writer<'_>) {
    let (quote, parts): (&str, &[&str]) = match writer.chance.percent(50) {
        true => ("\"", &["\\n", "\\t", "\\\\", "\\\"", "k: v", " # x", "'", "$$"]),
        false => ("'", &["''", "\\", "\"", "- a", ": ", "{ ", "$(B)"]),
    };
    writer.put(quote);
    for _ in 0..1 + writer.chance.below(3) {
        if writer.chance.percent(40) {
            writer.put_of(parts);
        } else {
            writer.placeholder();
        }
    }
    writer.put(quote);
}

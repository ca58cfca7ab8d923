//! Random `.env` files: entries as people write them, with what readers disagree on in every place.

use super::readers::{EMPTY, SET};
use crate::hostile::random::Chance;

const NAMES: &[&str] = &["A", "B", "C", "DB", "DB_USER", "a.b", "x-y", "2K", "x", SET, "É", "A[0]"];

/// Names that a reference may be to: some set by some line, some by the environment, one by nothing.
const REFERRED: &[&str] = &["A", "B", "C", "DB", "DB_USER", "x", SET, SET, EMPTY, "UNSET"];

const WORDS: &[&str] = &[
    "a",
    "b1",
    "secret",
    "0",
    "x",
    "n",
    "t",
    "é",
    "http://h:80/p?q=1&r",
    "C:\\Users\\new",
    "{\"k\":\"v\"}",
    "p@ss",
    "w=1",
    "key: v",
    "it's",
    "say \"hi\"",
    "a#b",
    "#",
    "-----BEGIN KEY-----",
    "-----END KEY-----",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "export",
    "$",
    "$5",
    "$2a$10$abc",
    "%",
    "!",
    "~",
    "*",
    ",",
    ".",
    "-",
    "_",
    "+",
    "?",
    ":",
    "=",
    "/",
    "|",
    "&",
    ";",
    "<x>",
];

const ODD: &[&str] = &[
    "'", "\"", "`", "`a`", "\\", "\\\\", "\\n", "\\r", "\\t", "\\\"", "\\'", "\\$", "\\a", "\\b", "\\f", "\\v", "\\0", "\\012",
    "\\c", "\\q", "\\u", " #", " # c", "  # it's", "\t#", "\t", " ", "  ", "\n", "\r", "\r\n", "$$", "$(id)", "$(", "${", "${}",
    "${1}", "$-", "${A", "${A.b}", "${x-y}", "${A:=1}",
];

const GARBAGE: &[&str] = &[
    "garbage line",
    "=x",
    "A B=1",
    "export",
    "export A",
    "A",
    "B",
    SET,
    "UNSET",
    "'A'=1",
    "A/B=1",
    "\"",
    "'",
    "a'",
    "#",
    "# A=1",
    "# it's",
    "   ",
    "\t",
    "export =1",
    "A#B=1",
    "-",
    "MIIEvQIBADANBgkq",
    "\"k\": 1",
    "}",
    "A : 1",
    "A :1",
    "k: v",
    "k:v",
    "\\",
];

/// A reference, which may hold others.
fn reference(chance: &mut Chance, depth: usize) -> String {
    let name = chance.of(REFERRED);
    match chance.below(10) {
        0..3 => format!("${name}"),
        3..6 => format!("${{{name}}}"),
        _ => {
            let operator = chance.of(&[":-", "-", ":?", "?", ":+", "+"]);
            let word = match chance.below(4) {
                0 => String::new(),
                1 if depth < 3 => reference(chance, depth + 1),
                2 => format!("{}{}", chance.of(WORDS), chance.of(&["", "-b", " c", "?", "{}", ":-"])),
                _ => chance.of(&["d", "dflt", "a b", "x:y"]).to_owned(),
            };
            format!("${{{name}{operator}{word}}}")
        }
    }
}

/// The text of a value. `odd` is how often, in a hundred, a part of it is one that readers disagree on.
fn text(chance: &mut Chance, odd: usize) -> String {
    let mut text = String::new();
    for _ in 0..chance.below(4) + usize::from(!chance.percent(5)) {
        match chance.below(100) {
            share if share < odd => text.push_str(chance.of(ODD)),
            share if share < odd + 20 => text.push_str(&reference(chance, 0)),
            share if share < odd + 30 => text.push(' '),
            _ => text.push_str(chance.of(WORDS)),
        }
    }
    text
}

/// Text that can stand between these quotes: quotes within are escaped, most of the time.
fn within(chance: &mut Chance, quote: char) -> String {
    let odd = chance.of(&["", "", "      "]).len() * 5;
    let mut text = text(chance, odd);
    if chance.percent(90) {
        text = text.replace(quote, &format!("\\{quote}"));
    }
    if chance.percent(15) {
        text = format!("{text}\n{}", chance.of(&["B=2", "line", "", "A='x'", "x=\"y\""])).replace(quote, "");
    }
    text
}

fn entry(chance: &mut Chance) -> String {
    if chance.percent(12) {
        return chance.of(GARBAGE).to_owned();
    }
    let export = if chance.percent(8) { chance.of(&["export ", "export\t", "export  "]) } else { "" };
    let indent = if chance.percent(5) { chance.of(&[" ", "\t"]) } else { "" };
    let sign = if chance.percent(85) { "=" } else { chance.of(&[" = ", " =", "= ", ": ", "=\t", ":"]) };
    let value = match chance.below(10) {
        0..5 => {
            let odd = chance.of(&["", "   ", "      "]).len() * 4;
            text(chance, odd)
        }
        5..8 => format!("\"{}\"", within(chance, '"')),
        _ => format!("'{}'", within(chance, '\'')),
    };
    let tail = if chance.percent(80) {
        ""
    } else {
        chance.of(&[" ", " # c", "  # it's", "#c", "\t# c", "x", " x=1", "\"", " # \"q\"", "'"])
    };
    format!("{indent}{export}{}{sign}{value}{tail}", chance.of(NAMES))
}

/// One file.
pub fn file(chance: &mut Chance) -> String {
    let mut text = if chance.percent(3) { "\u{feff}".to_owned() } else { String::new() };
    let entries = 1 + chance.below(6);
    for number in 0..entries {
        text.push_str(&entry(chance));
        if number + 1 < entries || !chance.percent(15) {
            text.push('\n');
        }
    }
    if chance.percent(12) { text.replace("\r\n", "\n").replace('\n', "\r\n") } else { text }
}

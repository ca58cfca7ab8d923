//! Compares the reader of ordinary lines with the parser: what it accepts, both must read alike, event by event, spans included. It must
//! not accept what is an error.

#![allow(clippy::print_stdout, reason = "a passing test says how much it tried")]

use std::fs;
use std::path::Path;

use super::{At, Event, Sink, read_both};
use random::{Chance, seed};

#[allow(dead_code, reason = "the tests from outside use the rest")]
#[path = "../../tests/it/hostile/corpus.rs"]
mod corpus;
#[allow(dead_code, reason = "the tests from outside use the rest")]
#[path = "../../tests/it/hostile/kubernetes.rs"]
mod kubernetes;
#[allow(dead_code, reason = "the tests from outside use the rest")]
#[path = "../../tests/it/hostile/ordinary.rs"]
mod ordinary;
#[allow(dead_code, reason = "the tests from outside use the rest")]
#[path = "../../tests/it/hostile/random.rs"]
mod random;
#[allow(dead_code, reason = "the tests from outside use the rest")]
#[path = "../../tests/it/hostile/templates.rs"]
mod templates;
#[allow(dead_code, reason = "the tests from outside use the rest")]
#[path = "../../tests/it/hostile/tree.rs"]
mod tree;

/// Every event with its position, as text.
#[derive(Default)]
struct Seen(Vec<String>);

impl<'d> Sink<'d> for Seen {
    fn start(&mut self) {
        self.0.clear();
    }

    fn event(&mut self, event: Event<'d>, at: At) {
        // The parsers end a block collection at different positions, where something else begins.
        let at = if matches!(event, Event::End) { At::bytes(0..0) } else { at };
        self.0.push(format!("{event:?} {at:?}"));
    }
}

/// Whether the template `text`, with a word for each placeholder, consists of ordinary lines. If so, both must read it alike.
fn is_ordinary(text: &str) -> bool {
    let mut document = String::new();
    for (number, part) in text.split("{{").enumerate() {
        let rest = part.split_once("}}").map_or(part, |(_, rest)| rest);
        if number == 0 {
            document.push_str(part);
        } else {
            document.extend(["Zghijklmnopqrstuv", "00000001Z", rest]);
        }
    }
    let (mut parsed, mut by_lines) = (Seen::default(), Seen::default());
    let (read, taken) = read_both(&document, &mut parsed, &mut by_lines);
    if !taken {
        return false;
    }
    assert!(read.is_ok(), "{read:?} is accepted by lines in\n{document}");
    for (one, other) in by_lines.0.iter().zip(&parsed.0) {
        assert_eq!(one, other, "by lines and parsed, in\n{document}");
    }
    assert_eq!(by_lines.0.len(), parsed.0.len(), "in\n{document}");
    true
}

#[test]
fn what_sdls_are_made_of_is_ordinary() {
    let ordinary = [
        "a: b\n",
        "---\n# comment\na: b # comment\n\nc:\n  d: e\n",
        "a:\n- b\n- c\nd:\n  - e\n  # comment\n  - f: 1\n    g: 2\n  -   h: 3\n      i: 4\n",
        "a: \"{{ A }}\"\nb: '{{ B }}'\nc: {{ C }}\nd: x{{ D }}:{{ E }}#y\n",
        "a: \"b\\n\\t\\\"\\\\\"\nb: 'it''s \\ '\nc: ''\nd: \"\"\n",
        "a: |\n  b\n\n   c\n  # no comment\n# comment\nb: |-\n    {{ A }}\n    c\n\n\nc: d\n",
        "a: |\n\n\n  b\n",
        "a: [b, \"c: d\", 'e']  # comment\nb: []\nc: [ \"{{ A }}\" , b ]\n",
        "a: http://b:1/c#d\nb: -1\nc: ~\nd: 0.5\ne: b c:d # e\n",
        "a: # comment\n  b: c\n",
        "a:\nb:\n  c:\n  d:\n",
        "a:\n  - b:\n      c: d\n    e:\n    - f\n  - g\nh: é # ü\n",
        "a: b",
        "a:\n  - {{ A }}=b",
    ];
    for text in ordinary {
        assert!(is_ordinary(text), "not ordinary:\n{text}");
    }
}

#[test]
fn what_needs_the_parser_is_left_to_it() {
    let others = [
        "",
        "# comment\n",
        "a\n",
        "- a\n",
        " a: b\n",
        "a: b\n c\n",
        "a: b\n  c: d\n",
        "a:\n  b\n",
        "a: &x b\nc: *x\n",
        "a: !!str b\n",
        "%YAML 1.2\n---\na: b\n",
        "a: b\n---\nc: d\n",
        "a: b\n...\n",
        "a: {b: c}\n",
        "a: >\n  b\n",
        "a: |+\n  b\n",
        "a: |2\n  b\n",
        "a: |\nb: c\n",
        "a: |\n  b",
        "a: |\n   \n  b\n",
        "a: |\n  b\n    \nc: d\n",
        "a: b: c\n",
        "a: b:\n",
        "a: \"b\n  c\"\n",
        "a: \"b\" c\n",
        "a: \"b\"#c\n",
        "a: \"\\x41\"\n",
        "a: [b,\n  c]\n",
        "a: [b, ]\n",
        "a: [b c]\n",
        "a: [b] c\n",
        "\"a\": b\n",
        "? a\n: b\n",
        "a : b\n",
        "a:\tb\n",
        "a: b\r\n",
        "a: b\u{85}\n",
        "a: \u{2028}\n",
        "\u{feff}a: b\n",
        "a: \u{7f}\n",
        "- a: b\n",
        "a:\n  - - b\n",
        "a:\n  -\n    b\n",
        "a:\n - b\n  - c\n",
        "a:\n  - b\n - c\n",
        "a: - b\n",
        "a:\n  b: c\n - d\n",
        "a: @b\n",
        "a: `b\n",
        "a: %b\n",
        "a: *b\n",
        "{{ A }}: b\n- c\n",
        "a:\n  - b\n  c: d\n",
        "a: |\n  b\n c\n",
        "a: 'b\n",
    ];
    for text in others {
        assert!(!is_ordinary(text), "ordinary:\n{text}");
    }
}

const STARTS: &[&str] =
    &["", "", "", "", "- ", "- ", "-   ", "- - ", "-", "---", "...", "--- ", "# ", "#", "? ", "%", "!x ", "&x "];
const KEYS: &[&str] = &[
    "a: ",
    "b: ",
    "c:",
    "d:",
    "e:   ",
    "a_b-c.d/e: ",
    "0: ",
    "null: ",
    "",
    "",
    "f :",
    "\"g\": ",
    "'h': ",
    "i:j: ",
    "<<: ",
    "{{ A }}: ",
    "ü: ",
    "k:\t",
    "-l: ",
    ".m: ",
    "~: ",
    "a b: ",
    "[a]: ",
    "*x : ",
];
const VALUES: &[&str] = &[
    "",
    "",
    "",
    "a",
    "b c",
    "1",
    "-1",
    "- a",
    "--a",
    "~",
    "true",
    "a:b",
    "a: b",
    "a:",
    "a#b",
    "a #b",
    "#b",
    " # b",
    "# b",
    "\"a\"",
    "\"a\\n\\\"\\\\\\t\"",
    "\"\\x41\"",
    "\"a",
    "\"a\" b",
    "\"a\" # b",
    "\"a\"#b",
    "\"a\": b",
    "'a'",
    "'it''s'",
    "''''",
    "''",
    "'a' b",
    "'a\\b'",
    "'a",
    "|",
    "|-",
    "|",
    "|-",
    "|+",
    "|2",
    "| # c",
    ">",
    ">-",
    "[a, b]",
    "[]",
    "[a",
    "[a, \"b\", 'c']",
    "[ a ]",
    "[a, ]",
    "[,]",
    "[a: b]",
    "[\"a\": b]",
    "[a]b",
    "[a] # b",
    "[[a]]",
    "{}",
    "{a: b}",
    "{{ A }}",
    "\"{{ A }}\"",
    "'x{{ A }}y{{ B }}'",
    "{{ A }}: {{ B }}",
    "# {{ A }}",
    "$a",
    "(a)",
    "<a",
    "=a",
    "^a",
    "/a",
    ".a",
    "+a",
    "@a",
    "`a",
    "%a",
    "!a b",
    "&a b",
    "*a",
    "?a",
    "? a",
    ":a",
    ": a",
    ",a",
    "]a",
    "}a",
    "...",
    "a\tb",
    "\ta",
    "a\t",
    "é",
    "日本",
    "\u{a0}",
    "\u{85}",
    "\u{2028}",
    "\u{feff}",
    "\u{7f}",
    "a  ",
    "\"a\"  ",
    "http://a:80/b#c",
    "a, b",
    "a] b",
    "a\\",
    "\"a\\",
    "- ",
    "-",
    "-  - a",
    "x: |",
    "- x: y",
    "\"- a",
    "\\\"",
    "a'b",
    "a\"b",
];
const INDENTS: &[&str] = &["", "", "", "  ", "  ", "  ", "    ", "    ", "      ", " ", "   ", "\t"];
const ENDS: &[&str] = &["\n", "\n", "\n", "\n", "\n", "\n", "\n", "\n", "\n\n", " \n", "\n  \n", "\n      \n", "\r\n", ""];

/// A document of random lines; `wild` percent of them need not make sense in YAML.
fn random_document(chance: &mut Chance, wild: usize) -> String {
    let (mut text, mut column, mut opens) = (String::new(), 0_usize, false);
    if chance.percent(20) {
        text.push_str("---\n");
    }
    for _ in 0..1 + chance.below(8) {
        if chance.percent(wild) {
            let parts = [INDENTS, STARTS, KEYS, VALUES, ENDS].map(|parts| chance.of(parts));
            text.extend(parts);
            continue;
        }
        // The next line continues, opens a collection if the last one allows that, or goes back.
        column = match chance.below(4) {
            0 => column,
            1 => column.saturating_sub(2 * (1 + chance.below(2))),
            _ if opens => column + 2,
            _ => column,
        };
        let start = chance.of(&["", "", "- "]);
        text.extend([" ".repeat(column).as_str(), start]);
        if !start.is_empty() {
            column += 2;
        }
        let key = chance.of(&["a: ", "b: ", "c: ", ""]);
        let value = match chance.below(20) {
            0..6 => chance.of(&["", "", "", "|", "|-"]),
            6..8 => chance.of(VALUES),
            _ => chance.of(&["a", "\"b: c\"", "'d'", "{{ A }}", "\"{{ B }}\"", "e # f", "g:h#i", "[j, \"k\"]", "-1"]),
        };
        opens = value.is_empty() || value.starts_with('|');
        text.extend([key, value, chance.of(&["\n", "\n", "\n", "\n\n"])]);
    }
    text
}

#[test]
fn random_lines_are_read_as_the_parser_reads_them() {
    let documents = random::cases(60_000);
    let mut chance = Chance::new(seed(11));
    let ordinary = (0..documents).filter(|number| is_ordinary(&random_document(&mut chance, number % 5 * 15))).count();
    println!("{ordinary} of {documents} random documents are of ordinary lines");
    assert!(ordinary > documents / 20, "hardly a document was ordinary");
}

/// `text` with one or two of its lines changed, repeated, removed or added.
fn changed(text: &str, chance: &mut Chance) -> String {
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    for _ in 0..1 + chance.below(2) {
        if lines.is_empty() {
            break;
        }
        let at = chance.below(lines.len());
        match chance.below(8) {
            0 => _ = lines.remove(at),
            1 => lines[at].insert_str(0, chance.of(&[" ", "  ", "- ", "    ", "#"])),
            2 => lines[at] = lines[at].trim_start_matches(' ').to_owned(),
            3 => lines[at] = lines[at].strip_prefix("  ").unwrap_or_default().to_owned(),
            4 => {
                let line = lines[at].clone();
                lines.insert(chance.below(lines.len()), line);
            }
            5 => {
                let indent = lines[at].len() - lines[at].trim_start_matches(' ').len();
                let line = [" ".repeat(indent).as_str(), chance.of(KEYS), chance.of(VALUES), chance.of(ENDS)].concat();
                lines.insert(at, line);
            }
            6 => {
                let line = lines[at].trim_end().to_owned();
                lines[at] = [line.as_str(), chance.of(VALUES), chance.of(ENDS)].concat();
            }
            _ => {
                let places: Vec<usize> = lines[at].char_indices().map(|(place, _)| place).collect();
                let place = places.get(chance.below(places.len() + 1)).copied().unwrap_or_default();
                lines[at].insert_str(
                    place,
                    chance.of(&["\"", "'", ":", ": ", " #", "[", "]", "{", "-", "|", "\n", " ", "\\", ",", "*", "&"]),
                );
            }
        }
    }
    lines.concat()
}

#[test]
fn sdls_and_what_is_nearly_one_are_read_as_the_parser_reads_them() {
    // The folder of the program, of which this package is a part.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a folder");
    let own = ["templates", "tests/data/check", "tests/data/credential", "tests/data/sdl", "tests/data/fixtures"];
    let mut texts: Vec<String> = own
        .iter()
        .flat_map(|folder| fs::read_dir(root.join(folder)).expect("a folder of documents"))
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .map(|path| fs::read_to_string(path).expect("a document"))
        .collect();
    match corpus::documents() {
        Some(documents) => texts.extend(documents.into_iter().map(|document| document.text)),
        None => println!("skipped: the corpus of published SDLs is not here"),
    }
    let mut chance = Chance::new(seed(12));
    let whole = texts.iter().filter(|text| is_ordinary(text)).count();
    let rounds = random::cases(30_000).div_ceil(texts.len());
    let mut ordinary = 0;
    for text in &texts {
        ordinary += (0..rounds).filter(|_| is_ordinary(&changed(text, &mut chance))).count();
    }
    println!("of ordinary lines: {whole} of {} documents, {ordinary} of {} changed ones", texts.len(), rounds * texts.len());
    assert!(whole > texts.len() / 4 && ordinary > 0, "hardly a document is ordinary");
}

#[test]
fn random_templates_of_ordinary_lines_are_ordinary() {
    let mut chance = Chance::new(seed(13));
    for _ in 0..random::cases(4_000) {
        let template = ordinary::template(&mut chance);
        assert!(is_ordinary(&template.text), "not ordinary: {:?}", template.text);
    }
}

//! Random templates: every style, indentation and line end, with placeholders wherever a scalar may hold them.

use super::random::Chance;
use super::tree::token;

/// A template and the same text with tokens for its placeholders. Placeholder `n` is named `Xn`.
#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) text: String,
    pub(crate) reference: String,
    pub(crate) placeholders: usize,
}

/// A random template with 1 to about 12 placeholders.
pub(crate) fn template(chance: &mut Chance) -> Template {
    loop {
        let mut writer = Writer::new(chance);
        writer.document();
        let Template { mut text, mut reference, placeholders } = writer.finish();
        if placeholders == 0 {
            continue;
        }
        if chance.percent(15) {
            text = text.replace('\n', "\r\n");
            reference = reference.replace('\n', "\r\n");
        }
        if chance.percent(10) {
            let end = text.trim_end_matches(['\r', '\n']).len();
            let cut = text.len() - end;
            text.truncate(end);
            reference.truncate(reference.len() - cut);
        }
        if chance.percent(5) {
            text.insert(0, '\u{feff}');
            reference.insert(0, '\u{feff}');
        }
        return Template { text, reference, placeholders };
    }
}

/// Plain words that are safe at any place of a plain scalar, also in a flow collection.
const WORDS: &[&str] = &[
    "a",
    "web-1",
    "x=y",
    "http://h:80/p?q=1",
    "it's",
    "a\"b",
    "d%d",
    "z~",
    "é",
    "💡",
    "c#d",
    "$",
    "$$",
    "v:w",
    "a/b",
    "50%",
    "\\n",
];
/// More for quoted scalars and blocks.
const TEXTS: &[&str] =
    &["- a", "k: v", "# no comment", "[a, b]", "{ ", "}", "|", "&x", "*y", "a  b", "$(B)", "$(cat a)", "!", "? q", "`w`", "%"];
const ESCAPES: &[&str] =
    &["\\n", "\\t", "\\\\", "\\\"", "\\x41", "\\u00e9", "\\U0001F600", "\\0", "\\e", "\\N", "\\_", "\\L", " ", "\\ "];

const WORDS_WITHOUT_QUOTES: &[&str] = &["a", "x=y", "it's", "$", "$$", "é", "http://h:80/p"];

pub(crate) struct Writer<'a> {
    pub(crate) chance: &'a mut Chance,
    text: String,
    reference: String,
    placeholders: usize,
    pub(crate) keys: usize,
    /// Whether a tab may stand between a colon and its value. libyaml and go-yaml allow it, PyYAML does not.
    tabs: bool,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(chance: &'a mut Chance) -> Self {
        let tabs = chance.percent(15);
        Self { chance, text: String::new(), reference: String::new(), placeholders: 0, keys: 0, tabs }
    }

    pub(crate) fn finish(self) -> Template {
        Template { text: self.text, reference: self.reference, placeholders: self.placeholders }
    }

    pub(crate) fn put(&mut self, text: &str) {
        self.text.push_str(text);
        self.reference.push_str(text);
    }

    pub(crate) fn put_of(&mut self, choices: &[&str]) {
        let text = self.chance.of(choices).to_owned();
        self.put(&text);
    }

    pub(crate) fn line(&mut self, indent: usize) {
        self.put("\n");
        self.put(&" ".repeat(indent));
    }

    pub(crate) fn placeholder(&mut self) {
        let name = format!("X{}", self.placeholders);
        let text = match self.chance.below(6) {
            0 => format!("{{{{{name}}}}}"),
            1 => format!("{{{{ secrets.{name} }}}}"),
            _ => format!("{{{{ {name} }}}}"),
        };
        self.text.push_str(&text);
        self.reference.push_str(&token(self.placeholders));
        self.placeholders += 1;
    }

    /// A comment, sometimes with a placeholder that must be left alone.
    pub(crate) fn comment(&mut self) {
        match self.chance.below(8) {
            0 => self.put(" # note: 'x"),
            1 => self.put("  # {{ NOBODY_HAS_THIS }} \"y"),
            2 => self.put(" #"),
            3 => self.put("  "),
            _ => {}
        }
    }

    fn document(&mut self) {
        match self.chance.below(10) {
            0 => self.put("---\n"),
            1 => self.put("# first {{ NOBODY_HAS_THIS }}\n---  # begins\n"),
            2 => self.put("\n# first\n"),
            _ => {}
        }
        if self.chance.percent(35) {
            self.services();
        } else {
            let entries = 1 + self.chance.below(5);
            self.mapping(0, entries, 0);
        }
        self.put("\n");
        if self.chance.percent(8) {
            self.put_of(&["...\n", "---\nz: 1\n", "# last", "\n\n"]);
        }
    }

    /// The part of an SDL that Kubernetes reads.
    fn services(&mut self) {
        self.put("services:\n  web:\n    image: x");
        for field in ["env", "command", "args", "credentials", "params"] {
            if self.chance.percent(40) {
                continue;
            }
            self.line(4);
            self.put(field);
            self.put(":");
            if matches!(field, "credentials" | "params") {
                self.line(6);
                let entries = 1 + self.chance.below(2);
                self.mapping(6, entries, 2);
            } else if self.chance.percent(20) {
                self.put(" ");
                self.flow(7, 2);
            } else {
                let deeper = 4 + self.chance.below(2) * 2;
                self.line(deeper);
                let entries = 1 + self.chance.below(3);
                self.sequence(deeper, entries, 3);
            }
        }
    }

    fn mapping(&mut self, indent: usize, entries: usize, depth: usize) {
        for entry in 0..entries {
            if entry > 0 {
                self.between(indent);
            }
            self.keys += 1;
            let key = match self.chance.below(5) {
                0 => format!("\"k{}\"", self.keys),
                1 => format!("'k {}'", self.keys),
                _ => format!("k{}", self.keys),
            };
            self.put(&key);
            self.put(":");
            self.node(indent, false, depth);
        }
    }

    fn sequence(&mut self, indent: usize, entries: usize, depth: usize) {
        for entry in 0..entries {
            if entry > 0 {
                self.between(indent);
            }
            self.put("-");
            self.node(indent, true, depth);
        }
    }

    /// Blank lines and comments before the next entry at `indent`.
    fn between(&mut self, indent: usize) {
        if self.chance.percent(10) {
            self.put("\n");
        }
        if self.chance.percent(10) {
            self.line(indent);
            self.put("# {{ NOBODY_HAS_THIS }}: between");
        }
        self.line(indent);
    }

    /// The value of an entry at `indent`, from behind its `:` or `-`.
    fn node(&mut self, indent: usize, in_sequence: bool, depth: usize) {
        let deep = depth >= 3;
        match self.chance.below(12) {
            0 if !deep => {
                let more = 1 + self.chance.below(4);
                if in_sequence {
                    // A compact mapping: `- k: v`.
                    self.put(" ");
                    let entries = 1 + self.chance.below(3);
                    return self.mapping(indent + 2, entries, depth + 1);
                }
                self.line(indent + more);
                let entries = 1 + self.chance.below(3);
                self.mapping(indent + more, entries, depth + 1);
            }
            1 if !deep => {
                let more = if in_sequence { 1 + self.chance.below(3) } else { self.chance.below(4) };
                self.line(indent + more);
                let entries = 1 + self.chance.below(3);
                self.sequence(indent + more, entries, depth + 1);
            }
            2 => {
                self.put(" ");
                self.flow(indent + 1, 0);
                self.comment();
            }
            3 if self.chance.percent(20) => {
                self.put(" >-");
                self.line(indent + 1);
                self.put("no placeholder\n");
            }
            3 => self.put_of(&[" 1", " true", "", " ~", " plain text # x", " \"q\\n\""]),
            _ => {
                self.put_of(if in_sequence || !self.tabs { &[" ", " ", "  "] } else { &[" ", " \t"] });
                self.properties();
                self.scalar(indent);
            }
        }
    }

    fn properties(&mut self) {
        match self.chance.below(14) {
            0 => {
                self.keys += 1;
                let anchor = format!("&a{} ", self.keys);
                self.put(&anchor);
            }
            1 => self.put("!!str "),
            2 => {
                self.keys += 1;
                let anchor = format!("!!str &a{} ", self.keys);
                self.put(&anchor);
            }
            _ => {}
        }
    }

    /// A scalar of any style in an entry at `indent`.
    fn scalar(&mut self, indent: usize) {
        match self.chance.below(10) {
            0..3 => {
                self.plain(indent);
                self.comment();
            }
            3..5 => {
                self.double_quoted(indent);
                self.comment();
            }
            5..7 => {
                self.single_quoted(indent);
                self.comment();
            }
            _ => self.block(indent),
        }
    }

    fn plain(&mut self, indent: usize) {
        let parts = 1 + self.chance.below(3);
        let with = self.chance.below(parts);
        for part in 0..parts {
            if part > 0 {
                match self.chance.below(8) {
                    0 => self.line(indent + 2),
                    1 => {
                        self.put("\n");
                        self.line(indent + 1);
                    }
                    2..6 => self.put(" "),
                    _ => {}
                }
            }
            if part == with || self.chance.percent(40) {
                self.placeholder();
            } else {
                self.put_of(WORDS);
            }
        }
    }

    fn double_quoted(&mut self, indent: usize) {
        self.put("\"");
        for _ in 0..self.chance.below(5) + 1 {
            match self.chance.below(10) {
                0..3 => self.put_of(ESCAPES),
                3 => self.put_of(WORDS_WITHOUT_QUOTES),
                4 => self.put_of(TEXTS),
                5 if self.chance.percent(50) => self.fold(indent, &["\\", " \\"]),
                _ => self.placeholder(),
            }
        }
        self.put("\"");
    }

    fn single_quoted(&mut self, indent: usize) {
        self.put("'");
        for _ in 0..self.chance.below(4) + 1 {
            match self.chance.below(10) {
                0 => self.put("''"),
                1 => self.put_of(&["\\", "\"", "\\n", " "]),
                2..4 => self.put_of(TEXTS),
                4 if self.chance.percent(50) => self.fold(indent, &[]),
                _ => self.placeholder(),
            }
        }
        self.put("'");
    }

    /// A line break within quotes, behind one of `ends` at times.
    fn fold(&mut self, indent: usize, ends: &[&str]) {
        if !ends.is_empty() && self.chance.percent(40) {
            self.put_of(ends);
        } else if self.chance.percent(20) {
            self.put(" ");
        }
        if self.chance.percent(30) {
            self.put_of(&["\n", "\n\n", "\n    "]);
        }
        self.line(indent + 1);
        self.put_of(&["", "", "  ", "\t"]);
    }

    /// A literal or folded block, up to the end of its last line.
    fn block(&mut self, indent: usize) {
        self.put_of(&["|", "|", ">"]);
        let more = 1 + self.chance.below(4);
        let explicit = self.chance.percent(30);
        let number = more.to_string();
        match (explicit, self.chance.below(3), self.chance.percent(50)) {
            (false, chomp, _) => self.put(["", "-", "+"][chomp]),
            (true, chomp, true) => self.put(&format!("{number}{}", ["", "-", "+"][chomp])),
            (true, chomp, false) => self.put(&format!("{}{number}", ["", "-", "+"][chomp])),
        }
        self.put_of(&["", "", "", " # head: 'x", "  ", " # {{ NOBODY_HAS_THIS }}"]);
        if self.chance.percent(15) {
            self.put_of(&["\n", "\n\n"]);
        }
        let lines = 1 + self.chance.below(4);
        let with = self.chance.below(lines);
        for line in 0..lines {
            self.line(indent + more);
            if explicit || line > 0 {
                self.put_of(&["", "", "", "", "  ", "\t", " "]);
            }
            if line == with || self.chance.percent(30) {
                self.put_of(&["", "", "pre ", "K=", "- ", "# "]);
                self.placeholder();
                if self.chance.percent(20) {
                    self.placeholder();
                }
                self.put_of(&["", "", " post", "$", " ", ": x"]);
            } else {
                self.put_of(WORDS);
            }
            if self.chance.percent(12) {
                self.put_of(&["\n", "\n\n", "\n "]);
            }
        }
        if self.chance.percent(20) {
            self.put_of(&["\n", "\n\n", "\n  "]);
        }
    }

    /// A flow collection that begins here; its further lines stand at `indent` or deeper.
    fn flow(&mut self, indent: usize, depth: usize) {
        let mapping = depth != 2 && self.chance.percent(50);
        self.put(if mapping { "{" } else { "[" });
        for entry in 0..self.chance.below(3) + 1 {
            if entry > 0 {
                self.put(",");
            }
            // `{{` would begin a placeholder.
            self.put(" ");
            if self.chance.percent(15) {
                self.line(indent + 1);
            }
            if mapping {
                self.keys += 1;
                let key = format!("f{}: ", self.keys);
                self.put(&key);
            }
            match self.chance.below(8) {
                0 if depth == 0 => self.flow(indent + 1, 1),
                1..3 => self.double_quoted(indent + 1),
                3..5 => self.single_quoted(indent + 1),
                5 => self.put_of(&["1", "a b", "\"q\"", "'s'"]),
                _ => self.plain(indent + 1),
            }
        }
        self.put_of(&["", " "]);
        self.put(if mapping { " }" } else { " ]" });
    }
}

//! A file taken apart, for the rules that explain how readers differ on it.

use sdlrender::testing::{Content, DotenvFault};

use super::readers::{ours, value};

/// A line, or several where a value in quotes has them.
#[derive(Debug)]
pub struct Item {
    /// Its text, with the line break at its end.
    pub raw: String,
    /// The name that it gives a value.
    pub name: Option<String>,
    /// Why it gives none.
    pub flaw: Option<DotenvFault>,
    /// It is a name by itself.
    pub bare: bool,
    /// The fault is another name's, to which it refers.
    pub refers: bool,
}

impl Item {
    /// Its text from the first character on.
    pub fn begin(&self) -> &str {
        self.raw.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
    }

    /// The value as it is written, with its quotes and its comment.
    pub fn written(&self) -> &str {
        self.raw.split_once(['=', ':']).map_or("", |(_, value)| value).trim()
    }

    pub fn is_double(&self) -> bool {
        self.written().starts_with('"')
    }

    pub fn is_single(&self) -> bool {
        self.written().starts_with('\'')
    }

    pub fn is_plain(&self) -> bool {
        !self.bare && !self.is_double() && !self.is_single()
    }

    /// `NAME: value`.
    pub fn has_colon(&self) -> bool {
        self.raw.find(':').is_some_and(|at| !self.raw[..at].contains('='))
    }

    pub fn lines(&self) -> usize {
        self.raw.lines().count()
    }

    /// Whether it holds `${NAME` with something behind the name but the closing brace.
    pub fn has_operator(&self) -> bool {
        let behind = |rest: &str| {
            rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_').starts_with([':', '-', '+', '?'])
        };
        self.raw.split("${").skip(1).any(behind)
    }

    /// The names after each `$` and `${`.
    pub fn referred(&self) -> impl Iterator<Item = &str> {
        self.raw.split('$').skip(1).map(|rest| {
            let rest = rest.strip_prefix('{').unwrap_or(rest);
            &rest[..rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len())]
        })
    }
}

/// A file and what ours says of it.
#[derive(Debug)]
pub struct File {
    pub text: String,
    pub items: Vec<Item>,
    pub content: Content,
}

impl File {
    pub fn new(text: String) -> Self {
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let mut starts: Vec<(usize, Option<&str>)> = Content::lines(text.as_bytes()).collect();
        // What is read behind closing quotes belongs to the line.
        starts.dedup_by_key(|start| start.0);
        let mut items = Vec::new();
        for (index, &(start, name)) in starts.iter().enumerate() {
            let end = starts.get(index + 1).map_or(lines.len(), |next| next.0 - 1);
            let raw = lines[start - 1..end].concat();
            // A line behind it may show that the value has no end on its own.
            let ends = (index..starts.len()).take_while(|after| *after == index || starts[*after].1 != name || name.is_none());
            let seen = ends.map(|after| starts.get(after + 1).map_or(lines.len(), |next| next.0 - 1));
            let flaw = name.and_then(|name| {
                let mut flaws = seen.filter_map(|seen| ours(&lines[..seen].concat()).get(name)?.err().cloned());
                // A line that comes later has faults of its own.
                flaws.next().filter(|flaw| flaw.line <= start)
            });
            let bare = name.is_some() && !raw.contains(['=', ':']);
            let refers = flaw.as_ref().is_some_and(|flaw| flaw.line != start);
            let flaw = flaw.filter(|_| !bare).map(|flaw| flaw.fault);
            items.push(Item { raw, name: name.map(str::to_owned), flaw, bare, refers });
        }
        let content = ours(&text);
        Self { text, items, content }
    }

    /// The file with empty lines in place of what ours takes no value from; the item of this number stays.
    pub fn reduced(&self, kept: Option<usize>) -> String {
        let blank = |item: &Item| "\n".repeat(item.lines());
        let part = |(number, item): (usize, &Item)| match item.name.is_some() && item.flaw.is_none() || kept == Some(number) {
            true => item.raw.clone(),
            false => blank(item),
        };
        let mut text: String = self.items.iter().enumerate().map(part).collect();
        if !text.ends_with('\n') {
            text.push('\n');
        }
        text
    }

    /// What ours says of `name`.
    pub fn ours(&self, name: &str) -> Option<Result<&str, &DotenvFault>> {
        value(&self.content, name)
    }

    /// The number of the item that gives `name` the value that counts.
    pub fn giver(&self, name: &str) -> Option<usize> {
        self.items.iter().rposition(|item| !item.bare && item.name.as_deref() == Some(name))
    }
}

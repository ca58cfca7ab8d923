//! Published SDLs: where they are, and the scalars in them that can be made placeholders.

use std::fs;
use std::path::{Path, PathBuf};

/// A file of the corpus.
pub(crate) struct Document {
    pub(crate) name: String,
    pub(crate) text: String,
}

/// A value in a document that a placeholder can stand for.
pub(crate) struct Candidate {
    pub(crate) value: String,
    /// Whether the value stands in quotes.
    pub(crate) quoted: bool,
    before: String,
    after: String,
}

impl Candidate {
    /// The document with `text` in place of the value.
    pub(crate) fn with(&self, text: &str) -> String {
        format!("{}{text}{}", self.before, self.after)
    }
}

/// Every SDL in the corpus that is no template itself, or `None` where there is no corpus.
pub(crate) fn documents() -> Option<Vec<Document>> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    // The tests of `yaml/` read it, too, from one folder deeper.
    let beside = || package.ancestors().map(|folder| folder.join("shared/corpus")).find(|folder| folder.is_dir());
    let folder = std::env::var_os("SDLRENDER_CORPUS").map(PathBuf::from).or_else(beside).filter(|folder| folder.is_dir())?;
    let mut documents = Vec::new();
    collect(&folder, &mut documents);
    documents.retain(|document| !document.text.contains("{{") && !document.text.contains("{%"));
    documents.sort_by(|one, other| one.name.cmp(&other.name));
    Some(documents)
}

fn collect(folder: &Path, documents: &mut Vec<Document>) {
    for entry in fs::read_dir(folder).expect("the corpus can be listed") {
        let path = entry.expect("an entry of the corpus").path();
        let name = path.display().to_string();
        if path.is_dir() {
            collect(&path, documents);
        } else if path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
            documents.push(Document { name, text: fs::read_to_string(&path).expect("a text file") });
        } else if path.extension().is_some_and(|extension| extension == "jsonl") {
            let lines = fs::read_to_string(&path).expect("a text file");
            let rows = lines.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("a line of JSON"));
            let texts = rows.filter_map(|row| row["sdl"].as_str().map(str::to_owned)).enumerate();
            documents.extend(texts.map(|(number, text)| Document { name: format!("{name}:{}", number + 1), text }));
        }
    }
}

/// The values of `text` that a line scan finds: `key: value` and `- value`, of characters that mean nothing in any style.
/// It doesn't know YAML, so a reader has to confirm what it finds.
pub(crate) fn candidates(text: &str) -> Vec<Candidate> {
    let mut found = Vec::new();
    let mut line_start = 0;
    for line in text.split_inclusive('\n') {
        if let Some((start, end, quoted)) = value_in(line) {
            found.push(Candidate {
                value: line[start..end].to_owned(),
                quoted,
                before: text[..line_start + start].to_owned(),
                after: text[line_start + end..].to_owned(),
            });
        }
        line_start += line.len();
    }
    found
}

/// Where the value of a line begins and ends, and whether in quotes.
fn value_in(line: &str) -> Option<(usize, usize, bool)> {
    let entry = line.trim_start_matches([' ', '-']);
    let start = line.len() - entry.len();
    let start = match entry.split_once(": ") {
        Some((key, _)) if key.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c)) => start + key.len() + 2,
        Some(_) => return None,
        None if line[..start].ends_with("- ") => start,
        None => return None,
    };
    let start = start + line[start..].len() - line[start..].trim_start_matches(' ').len();
    let rest = &line[start..];
    let quote = rest.chars().next().filter(|first| matches!(first, '"' | '\''));
    let start = start + usize::from(quote.is_some());
    let length = line[start..].find(|c: char| !(c.is_ascii_alphanumeric() || "_./@=:-".contains(c)))?;
    let (value, after) = (&line[start..start + length], &line[start + length..]);
    let ends = match quote {
        Some(quote) => after.strip_prefix(quote)?,
        None => after,
    };
    let safe = value.starts_with(|c: char| c.is_ascii_alphanumeric()) && !value.ends_with(':');
    let alone = ends.trim().is_empty() || ends.trim_start() != ends && ends.trim_start().starts_with('#');
    (safe && alone).then_some((start, start + length, quote.is_some()))
}

#[test]
fn the_line_scan_finds_values() {
    let found = |line: &str| value_in(line).map(|(start, end, quoted)| (line[start..end].to_owned(), quoted));
    assert_eq!(found("  image: ghcr.io/a/b:1 # why\n"), Some(("ghcr.io/a/b:1".to_owned(), false)));
    assert_eq!(found("  - \"KEY=value\"\r\n"), Some(("KEY=value".to_owned(), true)));
    assert_eq!(found("  - a: 'b'\n"), Some(("b".to_owned(), true)));
    for line in ["key:\n", "  - a b\n", "k: \"a b\"\n", "k: a:\n", "k: \"a\n", "k: [a]\n", "\n"] {
        assert_eq!(found(line), None, "{line:?}");
    }
}

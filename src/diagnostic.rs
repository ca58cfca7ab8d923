//! Messages to the user: what is wrong, where in the template, why, and what to do next.
//!
//! Drawn as rustc draws them. A diagnostic quotes the template and names; it is never given a value.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Element, Group, Level, Renderer, Snippet};

use crate::span::line_at;

mod group;
mod table;

pub use group::grouped;
pub(crate) use table::table;

/// How serious a diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Severity {
    /// Nothing is written.
    Error,
    /// The run continues.
    Warning,
    /// Information only.
    Note,
}

/// One message to the user.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Diagnostic {
    /// How serious it is.
    pub severity: Severity,
    /// The rule that was broken, if any.
    pub rule: Option<&'static str>,
    /// What is wrong, in one line.
    pub message: String,
    /// Where.
    pub snippet: Option<Quote>,
    /// Lines shown as they are below the message: a table. Only without a snippet.
    pub lines: Vec<String>,
    /// Why, or where was looked.
    pub notes: Vec<String>,
    /// What to do next.
    pub help: Vec<String>,
}

/// A line of a template with a part of it marked.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Quote {
    /// The template's name.
    pub template: String,
    /// The line, from 1.
    pub line: usize,
    /// The line's text.
    pub text: String,
    /// The marked part, in bytes of `text`.
    pub range: Range<usize>,
    /// The text beside the mark.
    pub label: String,
    /// The column where the mark begins, in characters from 1.
    pub column: usize,
    /// The line and column, both from 1, of the first character after the mark.
    pub end: (usize, usize),
}

/// What to do about a bug.
pub(crate) const REPORT_BUG: &str = "this is a bug in sdlrender; please report it, without secret values";

/// What is quoted instead of text that may be a secret.
const HIDDEN: &str = "********";

/// Lines longer than this are quoted only in part.
const LONGEST: usize = 160;

impl Quote {
    /// Quotes the line of `text` that `range` begins in; the mark ends with the line.
    pub fn new(template: &str, text: &str, range: &Range<usize>, label: impl Into<String>) -> Self {
        Self::veiled(template, text, range, label, &[])
    }

    /// The same, with a mask instead of each range in `hidden`, which are bytes of `text`, in order.
    pub fn veiled(template: &str, text: &str, range: &Range<usize>, label: impl Into<String>, hidden: &[Range<usize>]) -> Self {
        let (line, bytes) = line_at(text, range.start);
        let quoted = &text[bytes.clone()];
        let clamp = |at: usize| {
            let mut at = at.clamp(bytes.start, bytes.end) - bytes.start;
            while !quoted.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let marked = clamp(range.start)..clamp(range.end);
        let column = quoted[..marked.start].chars().count() + 1;
        let end = match line_at(text, range.end) {
            (last, _) if last == line => (line, column + quoted[marked.clone()].chars().count()),
            (last, bytes) => {
                (last, text[bytes.start..].char_indices().take_while(|(at, _)| bytes.start + at < range.end).count() + 1)
            }
        };
        let within: Vec<Range<usize>> = hidden
            .iter()
            .filter(|it| it.start < bytes.end && it.end > bytes.start)
            .map(|it| clamp(it.start)..clamp(it.end))
            .collect();
        let (text, range) = veil(quoted, marked, &within);
        let (text, range) = shorten(&text, range);
        let (text, range) = sanitize(&text, range);
        Self { template: template.to_owned(), line, text, range, label: label.into(), column, end }
    }
}

/// `text` with a mask instead of each range in `hidden`, and the marked range in the result.
fn veil(text: &str, marked: Range<usize>, hidden: &[Range<usize>]) -> (String, Range<usize>) {
    let (mut shown, mut copied) = (String::new(), 0);
    let mut moved = marked.clone();
    for part in hidden {
        if part.end <= copied {
            continue;
        }
        let start = part.start.max(copied);
        shown.push_str(&text[copied..start]);
        let (before, after) = (shown.len(), shown.len() + HIDDEN.len());
        // An end of the mark inside a masked range moves to the edge of the mask.
        let place = |at: usize, now: usize, inside: usize| match at {
            at if at >= part.end => after + (at - part.end),
            at if at > start => inside,
            _ => now,
        };
        moved = place(marked.start, moved.start, before)..place(marked.end, moved.end, after);
        shown.push_str(HIDDEN);
        copied = part.end;
    }
    shown.push_str(&text[copied..]);
    (shown, moved)
}

/// The part of a long line around the mark.
fn shorten(text: &str, marked: Range<usize>) -> (String, Range<usize>) {
    if text.len() <= LONGEST {
        return (text.to_owned(), marked);
    }
    let boundary = |mut at: usize| {
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = boundary(marked.start.saturating_sub(LONGEST / 3));
    let end = boundary((start + LONGEST).min(text.len()));
    let moved = marked.start - start..marked.end.min(end).max(marked.start) - start;
    (text[start..end].to_owned(), moved)
}

/// Replaces control characters, which a terminal would act on.
fn sanitize(text: &str, marked: Range<usize>) -> (String, Range<usize>) {
    let clean =
        |part: &str| -> String { part.chars().map(|c| if c.is_control() && c != '\t' { '\u{fffd}' } else { c }).collect() };
    let (before, inside) = (clean(&text[..marked.start]), clean(&text[marked.clone()]));
    let range = before.len()..before.len() + inside.len();
    (before + &inside + &clean(&text[marked.end..]), range)
}

impl Diagnostic {
    /// An error without a snippet.
    pub fn error(message: impl Into<String>) -> Self {
        let (severity, message) = (Severity::Error, message.into());
        Self { severity, rule: None, message, snippet: None, lines: Vec::new(), notes: Vec::new(), help: Vec::new() }
    }

    /// A bug in this program, at `location` in its source. It says nothing else: the data at hand may be secret.
    pub fn bug(location: Option<&std::panic::Location<'_>>) -> Self {
        let place = location.map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
        Self::error(format!("internal error{place}; nothing was written")).help(REPORT_BUG)
    }

    /// A warning without a snippet.
    pub fn warning(message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(message) }
    }

    /// A note without a snippet.
    pub fn remark(message: impl Into<String>) -> Self {
        Self { severity: Severity::Note, ..Self::error(message) }
    }

    /// Adds the snippet.
    #[must_use]
    pub fn at(mut self, quote: Quote) -> Self {
        self.snippet = Some(quote);
        self
    }

    /// Adds a note.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Adds a note if there is one.
    #[must_use]
    pub fn noting(self, note: Option<String>) -> Self {
        note.into_iter().fold(self, Self::note)
    }

    /// Adds what to do next.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// The message as text, coloured if `color`, with a final line break.
    pub fn draw(&self, color: bool) -> String {
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Note => Level::NOTE,
        };
        let message = printable(&self.message);
        let notes: Vec<String> = self.notes.iter().map(|note| printable(note)).collect();
        let help: Vec<String> = self.help.iter().map(|help| printable(help)).collect();
        let title = level.primary_title(message.as_str());
        let title = match self.rule {
            Some(rule) => title.id(rule),
            None => title,
        };
        if let Some(quote) = &self.snippet {
            let annotation = AnnotationKind::Primary.span(quote.range.clone()).label(quote.label.as_str());
            let snippet = Snippet::source(quote.text.as_str()).line_start(quote.line).path(quote.template.as_str());
            let mut elements: Vec<Element<'_>> = vec![snippet.annotation(annotation).into()];
            elements.extend(notes.iter().map(|note| Level::NOTE.message(note.as_str()).into()));
            elements.extend(help.iter().map(|help| Level::HELP.message(help.as_str()).into()));
            return format!("{}\n", renderer.render(&[title.elements(elements)]));
        }
        // Drawn one by one: drawn together, they would get a gutter that belongs to a snippet.
        let draw = |title| renderer.render(&[Group::with_title(title)]) + "\n";
        let mut drawn = draw(title);
        self.lines.iter().for_each(|line| drawn.extend(["  ", printable(line).as_str(), "\n"]));
        notes.iter().for_each(|note| drawn += &draw(Level::NOTE.secondary_title(note.as_str())));
        help.iter().for_each(|help| drawn += &draw(Level::HELP.secondary_title(help.as_str())));
        drawn
    }
}

/// `text` without control characters: names and paths come from outside, and a terminal would act on them.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// `text` as one word of a command to type.
pub(crate) fn for_shell(text: &str) -> String {
    shlex::try_quote(text).map_or_else(|_| printable(text), Into::into)
}

/// The known name closest to `name`, if it is close enough that `name` may be a typo.
pub(crate) fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    /// Nobody types a longer name.
    const LONGEST: usize = 100;
    if name.len() > LONGEST {
        return None;
    }
    let (fold, letters) = (name.to_ascii_lowercase(), letters(name));
    let limit = (name.chars().count() / 3).max(1);
    // Letters that only one of the two has must be changed at least: counting them spares most names the costly comparison.
    let may_be = |other: &str| {
        other.len() <= LONGEST && !other.is_empty() && other != name && {
            let differing = letters.iter().zip(self::letters(other)).map(|(one, other)| usize::from(one.abs_diff(other)));
            // A character has up to four bytes, and one in place of another counts twice.
            let width = if name.is_ascii() && other.is_ascii() { 1 } else { 4 };
            differing.sum::<usize>() <= 2 * limit * width
        }
    };
    let scored = known.into_iter().filter(|other| may_be(other)).map(|other| {
        let distance = strsim::damerau_levenshtein(&fold, &other.to_ascii_lowercase());
        (distance, other)
    });
    scored.filter(|(distance, _)| *distance <= limit).min().map(|(_, other)| other)
}

/// How often each letter is in a name, whatever its case; other characters are counted by groups.
fn letters(name: &str) -> [u8; 32] {
    let mut counts = [0_u8; 32];
    name.bytes().for_each(|byte| counts[usize::from(byte % 32)] = counts[usize::from(byte % 32)].saturating_add(1));
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diagnostic_shows_its_line_and_what_to_do() {
        let text = "a: 1\nb: \"{{ X }}\"\n";
        let drawn = Diagnostic::error("no value for `X`")
            .at(Quote::new("t.yaml", text, &(12..13), "here"))
            .note("n")
            .help("h")
            .draw(false);
        for part in ["error: no value for `X`", "t.yaml:2:8", "b: \"{{ X }}\"", "^ here", "note: n", "help: h"] {
            assert!(drawn.contains(part), "{part} in {drawn}");
        }
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        let drawn = Diagnostic::error("x\u{1b}[31m").at(Quote::new("t", "a\u{1b}[2Jb {{ X }}", &(9..10), "")).draw(false);
        assert!(!drawn.contains('\u{1b}'), "{drawn}");
    }

    /// What counting letters passes over is never near enough.
    #[test]
    fn no_typo_is_passed_over() {
        let mut random = 1_u64;
        let mut next = |most: u64| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) % most
        };
        let mut found = 0;
        for _ in 0..4000 {
            let name: Vec<char> = (0..=next(11)).map(|_| ['A', 'b', '_', '1', 'ü', '日'][next(6) as usize]).collect();
            let mut other = name.clone();
            for _ in 0..=next(4) {
                let at = next(other.len() as u64 + 1) as usize;
                match next(3) {
                    0 => other.insert(at, ['B', 'x', 'é'][next(3) as usize]),
                    1 if at < other.len() => _ = other.remove(at),
                    _ if at + 1 < other.len() => other.swap(at, at + 1),
                    _ => {}
                }
            }
            let (name, other): (String, String) = (name.into_iter().collect(), other.into_iter().collect());
            let distance = strsim::damerau_levenshtein(&name.to_ascii_lowercase(), &other.to_ascii_lowercase());
            let is_near = name != other && !other.is_empty() && distance <= (name.chars().count() / 3).max(1);
            assert_eq!(nearest(&name, [other.as_str()]).is_some(), is_near, "{name} {other}");
            found += usize::from(is_near);
        }
        assert!(found > 500, "{found}");
    }

    #[test]
    fn a_typo_is_recognised() {
        assert_eq!(nearest("GHRC_TOKEN", ["GHCR_TOKEN", "PATH"]), Some("GHCR_TOKEN"));
        assert_eq!(nearest("ghcr_token", ["GHCR_TOKEN"]), Some("GHCR_TOKEN"));
        assert_eq!(nearest("X", ["Y_LONG", "HOME"]), None);
        assert_eq!(nearest("GEHEIMNIS_ÄÖÜ", ["GEHEIMNIS_äöü"]), Some("GEHEIMNIS_äöü"));
        assert_eq!(nearest("TOKNE", ["TOKEN"]), Some("TOKEN"));
    }
}

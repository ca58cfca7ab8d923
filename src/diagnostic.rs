//! What people read when something is wrong: the place in the template, the reason, and what to do next.
//!
//! Drawn the way rustc does it. A diagnostic quotes the template and names; it is never given a value.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Element, Group, Level, Renderer, Snippet};

use crate::span::line_at;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Nothing is written.
    Error,
    /// The work goes on.
    Warning,
    /// Nothing is wrong; what was done.
    Notice,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in one line.
    pub message: String,
    /// Where.
    pub snippet: Option<Quote>,
    /// What else is known.
    pub notes: Vec<String>,
    /// What to do next.
    pub help: Vec<String>,
}

/// A line of a template with a stretch of it marked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// The template's name.
    pub template: String,
    /// The line, from 1.
    pub line: usize,
    /// The line's text.
    pub text: String,
    /// What is marked, in bytes of `text`.
    pub range: Range<usize>,
    /// What the mark means.
    pub label: String,
}

/// A line longer than this is quoted in part.
const LONGEST: usize = 160;

impl Quote {
    /// The line of `text` at `range`, which is cut at the line's end.
    pub fn new(template: &str, text: &str, range: &Range<usize>, label: impl Into<String>) -> Self {
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
        let (text, range) = shorten(quoted, marked);
        let (text, range) = sanitize(&text, range);
        Self { template: template.to_owned(), line, text, range, label: label.into() }
    }
}

/// A window of a long line around what is marked.
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

/// Control characters could speak to the terminal; each becomes one that shows it.
fn sanitize(text: &str, marked: Range<usize>) -> (String, Range<usize>) {
    let clean =
        |part: &str| -> String { part.chars().map(|c| if c.is_control() && c != '\t' { '\u{fffd}' } else { c }).collect() };
    let (before, inside) = (clean(&text[..marked.start]), clean(&text[marked.clone()]));
    let range = before.len()..before.len() + inside.len();
    (before + &inside + &clean(&text[marked.end..]), range)
}

impl Diagnostic {
    /// An error without a place.
    pub fn error(message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, message: message.into(), snippet: None, notes: Vec::new(), help: Vec::new() }
    }

    /// This program's own fault, at `location` in its source. Nothing else is said: what it was working on may be a secret.
    pub fn fault(location: Option<&std::panic::Location<'_>>) -> Self {
        let place = location.map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
        Self::error(format!("sdlrender stopped{place}; nothing was written"))
            .help("this is a fault of sdlrender: please report the template, without values")
    }

    /// A warning without a place.
    pub fn warning(message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(message) }
    }

    /// What was done.
    pub fn notice(message: impl Into<String>) -> Self {
        Self { severity: Severity::Notice, ..Self::error(message) }
    }

    /// The same, at a place.
    #[must_use]
    pub fn at(mut self, quote: Quote) -> Self {
        self.snippet = Some(quote);
        self
    }

    /// The same, with more that is known.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// The same, with what to do next.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// The finding as text, coloured on request, with a line break at its end.
    pub fn draw(&self, color: bool) -> String {
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Notice => Level::NOTE,
        };
        let message = printable(&self.message);
        let notes: Vec<String> = self.notes.iter().map(|note| printable(note)).collect();
        let help: Vec<String> = self.help.iter().map(|help| printable(help)).collect();
        let mut groups: Vec<Group<'_>> = Vec::new();
        let title = level.primary_title(message.as_str());
        match &self.snippet {
            Some(quote) => {
                let annotation = AnnotationKind::Primary.span(quote.range.clone()).label(quote.label.as_str());
                let snippet = Snippet::source(quote.text.as_str()).line_start(quote.line).path(quote.template.as_str());
                let mut elements: Vec<Element<'_>> = vec![snippet.annotation(annotation).into()];
                elements.extend(notes.iter().map(|note| Level::NOTE.message(note.as_str()).into()));
                elements.extend(help.iter().map(|help| Level::HELP.message(help.as_str()).into()));
                groups.push(title.elements(elements));
            }
            // Without a line to hang them on, notes stand on lines of their own.
            None => {
                groups.push(Group::with_title(title));
                groups.extend(notes.iter().map(|note| Group::with_title(Level::NOTE.secondary_title(note.as_str()))));
                groups.extend(help.iter().map(|help| Group::with_title(Level::HELP.secondary_title(help.as_str()))));
            }
        }
        format!("{}\n", renderer.render(&groups))
    }
}

/// Names and paths come from outside as well: no control character of theirs reaches the terminal.
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// The known name that is nearest to `name`, if it is near enough to be a slip.
pub fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let fold = name.to_ascii_lowercase();
    let scored = known.into_iter().filter(|other| *other != name && !other.is_empty()).map(|other| {
        let distance = strsim::damerau_levenshtein(&fold, &other.to_ascii_lowercase());
        (distance, other)
    });
    let limit = (name.chars().count() / 3).max(1);
    scored.filter(|(distance, _)| *distance <= limit).min().map(|(_, other)| other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_shows_its_line_and_what_to_do() {
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

    #[test]
    fn a_slip_is_recognised() {
        assert_eq!(nearest("GHRC_TOKEN", ["GHCR_TOKEN", "PATH"]), Some("GHCR_TOKEN"));
        assert_eq!(nearest("ghcr_token", ["GHCR_TOKEN"]), Some("GHCR_TOKEN"));
        assert_eq!(nearest("X", ["Y_LONG", "HOME"]), None);
    }
}

//! Messages to the user: what is wrong, where in the template, why, and what to do next.
//!
//! Drawn as rustc draws them. A diagnostic quotes the template and names; it is never given a value.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Element, Group, Level, Renderer, Snippet};

use crate::span::LineCounter;

mod group;
mod table;
mod text;
mod typo;

pub use group::grouped;
pub(crate) use table::table;
pub(crate) use text::{for_shell, is_deceptive, path_for_shell, printable, printable_json, printable_lines};
pub(crate) use typo::{Typos, nearest};

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
    /// Quotes the line of `text` that `range` begins in, as it is.
    #[cfg(test)]
    pub(crate) fn new(template: &str, text: &str, range: &Range<usize>, label: impl Into<String>) -> Self {
        Self::veiled(template, text, range, label, &[], &LineCounter::default())
    }

    /// Quotes the line of `text` that `range` begins in, with a mask instead of each range in `hidden`, which are bytes of `text`, in order.
    /// The mark ends with the line. For [`crate::veil::Veil::quote`], which knows what to hide.
    pub(crate) fn veiled(
        template: &str,
        text: &str,
        range: &Range<usize>,
        label: impl Into<String>,
        hidden: &[Range<usize>],
        lines: &LineCounter,
    ) -> Self {
        let (line, bytes) = lines.line_at(text, range.start);
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
        let end = match lines.line_at(text, range.end) {
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

/// Replaces characters that a terminal would act on.
fn sanitize(text: &str, marked: Range<usize>) -> (String, Range<usize>) {
    let clean =
        |part: &str| -> String { part.chars().map(|c| if is_deceptive(c) && c != '\t' { '\u{fffd}' } else { c }).collect() };
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
            let (label, template) = (printable(&quote.label), printable(&quote.template));
            let annotation = AnnotationKind::Primary.span(quote.range.clone()).label(label.as_str());
            let snippet = Snippet::source(quote.text.as_str()).line_start(quote.line).path(template.as_str());
            let mut elements: Vec<Element<'_>> = vec![snippet.annotation(annotation).into()];
            elements.extend(notes.iter().map(|note| Level::NOTE.message(note.as_str()).into()));
            elements.extend(help.iter().map(|help| Level::HELP.message(help.as_str()).into()));
            let drawn = format!("{}\n", renderer.render(&[title.elements(elements)]));
            // The column in the template, not in what is left of its line.
            let shown = quote.text[..quote.range.start].chars().count() + 1;
            let place = |column| format!("{template}:{}:{column}\n", quote.line);
            return if shown == quote.column { drawn } else { drawn.replacen(&place(shown), &place(quote.column), 1) };
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
    fn the_column_is_that_of_the_template() {
        let text = format!("{}a: {{{{ X }}}}\n", "x".repeat(300));
        let hidden = std::iter::once(0..290).collect::<Vec<_>>();
        let quote = Quote::veiled("t", &text, &(303..304), "", &hidden, &LineCounter::default());
        for color in [false, true] {
            let drawn = Diagnostic::error("x").at(quote.clone()).draw(color);
            assert!(drawn.contains("t:1:304\n"), "{drawn}");
        }
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        let drawn = Diagnostic::error("x\u{1b}[31m").at(Quote::new("t", "a\u{1b}[2Jb {{ X }}", &(9..10), "")).draw(false);
        assert!(!drawn.contains('\u{1b}'), "{drawn}");
    }
}

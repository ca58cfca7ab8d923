//! Findings as programs read them: JSON, SARIF 2.1.0, and the annotations of GitHub's workflows. `check` reports rules, `list` missing
//! values, `verify` verdicts. The comparison of `diff` is there for people, too.
//!
//! Lines and columns count from 1, columns in Unicode characters; an end is the first character after it. No format quotes the template.

use crate::diagnostic::{Diagnostic, Severity, printable};
#[cfg(not(target_family = "wasm"))]
pub(crate) mod diff;
pub(crate) mod github;
pub(crate) mod json;
pub(crate) mod page;
pub(crate) mod sarif;

/// A finding with everything a report says about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reported {
    /// The rule, or what takes its place: a verdict.
    pub rule: &'static str,
    /// The file.
    pub file: String,
    /// The place in the SDL, such as `services.web.image`; may be empty.
    pub path: String,
    /// What is wrong, where and what to do.
    pub diagnostic: Diagnostic,
}

/// Lines and columns of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TextRange {
    /// Line and column where it begins.
    pub start: (usize, usize),
    /// Line and column of the first character after it.
    pub end: (usize, usize),
}

impl Reported {
    /// Its place in the file, if it has one.
    pub(crate) fn region(&self) -> Option<TextRange> {
        let quote = self.diagnostic.snippet.as_ref()?;
        Some(TextRange { start: (quote.line, quote.column), end: quote.end })
    }

    /// Whether it is an error.
    pub(crate) fn is_error(&self) -> bool {
        self.diagnostic.severity == Severity::Error
    }

    /// `error` or `warning`.
    pub(crate) fn level(&self) -> &'static str {
        if self.is_error() { "error" } else { "warning" }
    }

    /// The notes and the help in one text, without control characters.
    pub(crate) fn advice(&self) -> String {
        let parts = self.diagnostic.notes.iter().chain(&self.diagnostic.help);
        parts.map(|part| printable(part)).collect::<Vec<_>>().join("; ")
    }
}

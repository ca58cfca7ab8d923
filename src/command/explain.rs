//! `sdlrender explain RULE`: what a rule finds, why it matters, and how to put it right.

use crate::cli::Explain;
use crate::diagnostic::{Diagnostic, nearest};
use crate::error::Report;
use crate::finding::Rule;
use crate::report::page::page;
use crate::streams::Streams;

/// Prints the page of a rule.
///
/// # Errors
/// When no rule is named, or none has this name.
pub(crate) fn run(options: &Explain, streams: &mut Streams<'_>) -> Result<(), Report> {
    let all = "sdlrender check --rules lists all rules";
    let Some(id) = &options.rule else {
        let usage = Diagnostic::error("name a rule: sdlrender explain RULE");
        return Err(Report::usage(usage.help(all)));
    };
    let Some(rule) = Rule::named(id) else {
        let unknown = Diagnostic::error("there is no rule of this name");
        let unknown = match nearest(id, Rule::ALL.iter().map(|rule| rule.id())) {
            Some(meant) => unknown.help(format!("did you mean `{meant}`?")),
            None => unknown,
        };
        return Err(Report::usage(unknown.help(all)));
    };
    streams.write(page(rule).as_bytes())
}

//! All rules together: what they find in a document, at places of the template it came from.
//!
//! The rules of [`crate::sdl`] and [`crate::credential`] look at the marker document. Here their findings are traced back to the templates,
//! those that a comment allows are dropped, and texts that may be secrets are noted, so that who quotes a template can leave them out.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use crate::credential::{self, Known};
use crate::diagnostic::nearest;
use crate::finding::{Finding, Rule};
use crate::scalar::Layout;
use crate::sdl;
use crate::secret::SecretUse;
use crate::span::{Location, line_range};
use crate::splice::View;
use crate::template::{MarkerDocument, Sources};
use crate::veil::{self, Veil};

mod placeholder;
mod shell;

pub(crate) use placeholder::{Concealed, concealed};

/// A finding in a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PlacedFinding {
    /// The template's name.
    pub template: Arc<str>,
    /// The finding; its range is bytes of that template.
    pub finding: Finding,
}

/// What was found, and which texts of the templates must not be quoted.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// The findings, in the order of the templates' names and lines.
    pub placed: Vec<PlacedFinding>,
    /// Texts that may be secrets, in templates with findings: their bytes, sorted.
    hidden: BTreeMap<Arc<str>, Vec<Range<usize>>>,
}

/// When the rules look at a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// A template is checked.
    Check,
    /// A result is about to be written, at this time if its secrets are known. Warnings that concern only the template may be left out.
    Render(Option<SystemTime>),
}

/// A document that the rules look at.
pub(crate) struct Subject<'s> {
    /// The marker document.
    pub document: &'s MarkerDocument,
    /// The texts it came from.
    pub sources: &'s Sources,
    /// Its markers.
    pub layout: &'s Layout<'s>,
    /// It with its values.
    pub view: View<'s>,
    /// What is known of the value of a secret.
    pub known: &'s dyn Fn(&SecretUse) -> Option<Known<'s>>,
    /// The plain variables that are treated as secrets.
    pub concealed: &'s Concealed,
}

/// What all rules find in the SDL of `subject`, and in the texts it came from.
pub(crate) fn check(subject: &Subject<'_>, stage: Stage) -> Findings {
    let Subject { document, sources, view, .. } = subject;
    let now = if let Stage::Render(now) = stage { now } else { None };
    let texts = sdl::DecodedTexts::default();
    let (sdl, mut found) = sdl::read(view, &texts);
    for facts in credential::facts(view, &sdl) {
        found.extend(credential::check(&facts, now));
    }
    found.extend(credential::check_env_references(credential::env(view, &sdl)));
    placeholder::check(subject, &sdl, stage, &mut found);
    shell::check(subject, &sdl, &mut found);
    let in_texts = in_texts(sources);
    // If there is any finding, a line of the template is quoted, and what it must not show has to be known.
    if stage == Stage::Check || !found.is_empty() || !in_texts.is_empty() {
        found.extend(credential::check_env(credential::env(view, &sdl)));
    }
    let mut placed: BTreeMap<Arc<str>, Vec<Finding>> = BTreeMap::new();
    for finding in found {
        let Location { template, range } = document.locate_range(&finding.range);
        placed.entry(template).or_default().push(Finding { range, ..finding });
    }
    finish(placed, in_texts, sources)
}

/// What the rules find in the templates as texts, by their names.
fn in_texts(sources: &Sources) -> Vec<(Arc<str>, Vec<Finding>)> {
    let findings = |text: &str| credential::template(text).into_iter().chain(comments(text)).collect::<Vec<_>>();
    let found = sources.iter().map(|(name, text)| (name.as_str().into(), findings(text)));
    found.filter(|(_, findings)| !findings.is_empty()).collect()
}

/// What the rules find in texts that no document could be made of.
pub(crate) fn check_texts(sources: &Sources) -> Findings {
    finish(BTreeMap::new(), in_texts(sources), sources)
}

/// What the rules find in `sources`, which are `.env` files.
pub(crate) fn check_dotenv(sources: &Sources) -> Findings {
    let placed = sources.iter().map(|(name, text)| (name.as_str().into(), credential::dotenv(text))).collect();
    finish(placed, Vec::new(), sources)
}

fn finish(mut placed: BTreeMap<Arc<str>, Vec<Finding>>, in_texts: Vec<(Arc<str>, Vec<Finding>)>, sources: &Sources) -> Findings {
    for (name, more) in in_texts {
        placed.entry(name).or_default().extend(more);
    }
    let mut all = Findings::default();
    for (template, mut findings) in placed {
        credential::settle(&mut findings);
        // A loop writes the same place of the template several times.
        let mut told = HashSet::new();
        findings.retain(|it| told.insert((it.rule, it.range.clone(), it.message.clone())));
        if let Some(text) = sources.get(&*template) {
            // What is allowed to be there must still not be shown.
            all.hidden.insert(template.clone(), veil::hidden(text, &findings));
            findings.retain(|finding| !is_allowed(text, finding));
        }
        findings.sort_by_key(|finding| finding.range.start);
        all.placed.extend(findings.into_iter().map(|finding| PlacedFinding { template: template.clone(), finding }));
    }
    all
}

impl Findings {
    /// What to hide in the template called `name`, whose text this is.
    pub(crate) fn veil<'t>(&'t self, name: &str, text: &'t str) -> Veil<'t> {
        Veil::new(text, self.hidden.get(name).map(Vec::as_slice).unwrap_or_default())
    }
}

const ALLOW: &str = "sdlrender: allow";

/// The ids that a `# sdlrender: allow` in `line` names, each with its bytes in the line.
fn allowed(line: &str) -> impl Iterator<Item = (&str, Range<usize>)> {
    let start = line.find(ALLOW).filter(|at| line[..*at].trim_end().ends_with('#')).map(|at| at + ALLOW.len());
    let list = start.map_or("", |start| line[start..].split('#').next().unwrap_or_default());
    let offset = |part: &str| part.as_ptr() as usize - line.as_ptr() as usize;
    let words = list.split([',', ' ', '\t', '\r']).filter(|word| !word.is_empty());
    words.map(move |word| (word, offset(word)..offset(word) + word.len()))
}

/// Whether the line of `finding` allows it; of the first line of a block scalar, the line with its `|` or `>` may as well.
fn is_allowed(text: &str, finding: &Finding) -> bool {
    let line = line_range(text, finding.range.start);
    let allows = |line: &str| allowed(line).any(|(id, _)| id == finding.rule.id());
    if allows(&text[line.clone()]) {
        return true;
    }
    let above = line.start.checked_sub(1).map(|end| &text[line_range(text, end)]);
    above.is_some_and(|above| is_block_header(above) && allows(above))
}

/// Whether a block scalar begins after `line`.
fn is_block_header(line: &str) -> bool {
    let end = line.find(" #").map_or(line, |at| &line[..at]).trim_end();
    let end = end.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-'));
    end.ends_with(['|', '>'])
}

/// Comments that allow a rule that does not exist.
fn comments(text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for at in memchr::memmem::find_iter(text.as_bytes(), ALLOW) {
        let line = line_range(text, at);
        for (id, range) in allowed(&text[line.clone()]).filter(|(id, _)| Rule::named(id).is_none()) {
            let help = match nearest(id, Rule::ALL.iter().map(|rule| rule.id())) {
                Some(rule) => format!("did you mean `{rule}`?"),
                None => "sdlrender check --rules lists them".to_owned(),
            };
            findings.push(Finding {
                rule: Rule::UnknownRule,
                level: Rule::UnknownRule.level(),
                range: line.start + range.start..line.start + range.end,
                path: String::new(),
                message: "this comment allows a rule that does not exist".to_owned(),
                help: Some(help),
            });
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_names_ids() {
        let ids = |line| allowed(line).map(|(id, _)| id).collect::<Vec<_>>();
        assert_eq!(ids("a: b # sdlrender: allow x-y, z"), ["x-y", "z"]);
        assert_eq!(ids("# sdlrender: allow x # because"), ["x"]);
        assert_eq!(ids("a: sdlrender: allow x"), Vec::<&str>::new());
        assert!(is_block_header("  password: |-  # sdlrender: allow x") && !is_block_header("a: b"));
    }
}

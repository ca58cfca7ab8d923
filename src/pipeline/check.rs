//! The pipeline without values: finds what would go wrong later, with masks in place of secrets.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;
use std::sync::Arc;

use super::expand::{Attempt, Expanded, Input, attempt};
use super::fill::{Unfilled, attempt as fill};
use super::judge::apply;
use super::scan::Prepared;
use super::values::{SecretValues, undefined};
use crate::diagnostic::Diagnostic;
use crate::error;
use crate::finding::Rule;
use crate::report::Reported;
use crate::rules::{self, Findings, Stage};
use crate::scalar::{ScanError, scan};
use crate::template::{ExpandError, Expansion, Sources, Template};

/// What has been found in the templates so far.
#[derive(Debug, Default)]
pub(crate) struct Checked {
    /// The templates' names.
    pub(crate) files: Vec<String>,
    /// The findings, one for each rule and place.
    pub(crate) reported: Vec<Reported>,
    seen: HashSet<(String, Rule, Option<(usize, usize)>, String)>,
    /// A file could not be read.
    pub(crate) incomplete: bool,
    /// The texts of the templates and of what they include.
    pub(crate) sources: Vec<Sources>,
    /// Variables that are not set and are used in a statement of a template with errors.
    pub(crate) unset: BTreeSet<String>,
}

impl Checked {
    /// Reports that `name` can't be read.
    pub(crate) fn unreadable(&mut self, name: &str, failure: Diagnostic) {
        self.incomplete = true;
        self.add(Rule::Unreadable, String::new(), name.to_owned(), failure);
    }

    /// Checks one template.
    pub(crate) fn template(&mut self, input: &Input) {
        let template = &input.template;
        self.files.push(template.name.clone());
        let before = self.reported.len();
        // A variable that can't be read counts as not set; rendering reports it.
        let Attempt { result, missing, .. } = attempt(input);
        let sources = match result {
            Ok(expansion) => {
                let expanded = Expanded { template, expansion, missing: missing.clone() };
                self.expanded(&expanded);
                expanded.expansion.sources
            }
            Err((failure, sources)) => {
                let rule = match failure {
                    ExpandError::Violations(_) => Rule::SecretUse,
                    _ => Rule::TemplateSyntax,
                };
                self.stage(template, error::expand(&failure, &sources).into_iter().map(|diagnostic| (rule, diagnostic)));
                self.rules(template, &rules::check_texts(&sources), &sources);
                sources
            }
        };
        if self.reported[before..].iter().any(Reported::is_error) {
            self.unset.extend(missing.names().into_iter().filter(|name| is_used(&sources, name)));
        }
        self.sources.push(sources);
    }

    /// Checks the `.env` file called `name`.
    pub(crate) fn dotenv(&mut self, name: &str, text: &str) {
        self.files.push(name.to_owned());
        let sources = Sources::from([(name.to_owned(), Arc::new(text.to_owned()))]);
        let found = rules::check_dotenv(&sources);
        let rules: Vec<Rule> = found.placed.iter().map(|placed| placed.finding.rule).collect();
        for (rule, diagnostic) in rules.into_iter().zip(error::findings(&found, &sources)) {
            self.add(rule, String::new(), name.to_owned(), diagnostic);
        }
    }

    /// Adds what was found in the project's file called `name`.
    pub(crate) fn of_project(&mut self, name: &str, diagnostic: Diagnostic) {
        self.add(Rule::ProjectFile, String::new(), name.to_owned(), diagnostic);
    }

    fn expanded(&mut self, expanded: &Expanded<'_>) {
        let Expanded { template, expansion, .. } = expanded;
        let (document, sources) = (&expansion.document, &expansion.sources);
        let remarks = expansion.remarks.iter().map(|(at, text)| (Rule::ShellPlaceholder, error::remark(sources, at, text)));
        self.stage(template, remarks);
        match scan(document) {
            Ok(layout) => self.scanned(&Prepared::new(expanded, layout)),
            Err(failure) => self.unusable(template, expansion, &failure),
        }
    }

    fn scanned(&mut self, prepared: &Prepared<'_>) {
        let Prepared { template, expansion, .. } = prepared;
        let sources = &expansion.sources;
        self.stage(template, undefined(prepared, false).into_iter().map(|diagnostic| (Rule::VariableText, diagnostic)));
        let values = SecretValues::masked();
        match fill(prepared, &values, &[]) {
            Ok(filled) => self.rules(template, &apply(prepared, &values, &filled, Stage::Check), sources),
            Err(Unfilled::Value(diagnostics)) => {
                self.stage(template, diagnostics.into_iter().map(|diagnostic| (Rule::VariableText, diagnostic)));
                self.rules(template, &rules::check_texts(sources), sources);
            }
            Err(Unfilled::Template(failure)) => self.unusable(template, expansion, &failure),
            Err(Unfilled::Bug(diagnostic)) => self.unreadable(&template.name, *diagnostic),
        }
    }

    /// Reports why the document of a template can't be used.
    fn unusable(&mut self, template: &Template, expansion: &Expansion, failure: &ScanError) {
        let Expansion { document, sources, .. } = expansion;
        let ids: Vec<Rule> = match failure {
            ScanError::NotYaml { .. } => vec![Rule::NotYaml],
            ScanError::Refused(places) => places.iter().map(|(_, reason)| error::rule_of(*reason)).collect(),
        };
        self.stage(template, ids.into_iter().zip(error::scan(failure, document, sources)));
        self.rules(template, &rules::check_texts(sources), sources);
    }

    /// Adds a finding. A finding in a template that several others include is added once.
    fn add(&mut self, rule: Rule, path: String, file: String, diagnostic: Diagnostic) {
        let place = diagnostic.snippet.as_ref().map(|quote| (quote.line, quote.column));
        if self.seen.insert((file.clone(), rule, place, diagnostic.message.clone())) {
            self.reported.push(Reported {
                rule: rule.id(),
                file,
                path,
                diagnostic: Diagnostic { rule: Some(rule.id()), ..diagnostic },
            });
        }
    }

    /// Adds what a stage of the pipeline found, each under its rule.
    fn stage(&mut self, template: &Template, found: impl IntoIterator<Item = (Rule, Diagnostic)>) {
        for (rule, mut diagnostic) in found {
            let file = match &mut diagnostic.snippet {
                Some(quote) => {
                    quote.template = path_of(template, &quote.template);
                    quote.template.clone()
                }
                None => template.name.clone(),
            };
            let path = diagnostic.snippet.as_ref().map(|quote| quote.label.clone()).unwrap_or_default();
            self.add(rule, path, file, diagnostic);
        }
    }

    fn rules(&mut self, template: &Template, found: &Findings, sources: &Sources) {
        let diagnostics = error::findings(found, sources);
        let ids = found.placed.iter().map(|placed| placed.finding.rule);
        self.stage(template, ids.zip(diagnostics));
    }
}

/// Whether a statement of a template uses the variable.
fn is_used(sources: &Sources, name: &str) -> bool {
    let statements = |text: &str| text.split("{%").skip(1).any(|rest| rest.split("%}").next().unwrap_or(rest).contains(name));
    sources.values().any(|text| statements(text))
}

/// The path of the text that the template calls `name`: itself, or one that it includes.
pub(crate) fn path_of(template: &Template, name: &str) -> String {
    match template.directory() {
        _ if name == template.name => name.to_owned(),
        folder if folder == Path::new(".") => name.to_owned(),
        folder => folder.join(name).display().to_string(),
    }
}

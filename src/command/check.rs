//! `sdlrender check TEMPLATE…`: what would go wrong later, found without a secret.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use crate::cli::{Check, FindingFormat, Inputs, KeychainOptions};
use crate::command::render::{self, Values};
use crate::command::{Expanded, Prepared, Streams, chain, given, lookups, read_template};
use crate::diagnostic::{Diagnostic, Severity};
use crate::error::{self, Report};
use crate::finding::Level;
use crate::output::git::{Index, NoIndex, staged, staged_template};
use crate::report::{Reported, github, json, sarif};
use crate::rules::{self, Findings, OfDocument, OfTexts, Stage};
use crate::scalar::{ScanError, scan};
use crate::splice::Targets;
use crate::template::{Emission, ExpandError, Files, Folder, Sources, Template, expand_from};
use crate::tree::Tree;

mod files;

/// Checks the templates and writes what was found.
///
/// # Errors
/// With the exit code, when something counts; with the reason, when nothing could be checked.
pub fn run(options: &Check, streams: &mut Streams<'_>) -> anyhow::Result<()> {
    if options.rules {
        return Ok(streams.write(list().as_bytes())?);
    }
    let variables = given(&inputs(options, None))?;
    let mut checked = Checked::default();
    for template in templates(options, streams, &mut checked)? {
        checked.template(options, template, &variables)?;
    }
    checked.write(options, streams)
}

/// The rules, one a line: its id, its level, what it says.
fn list() -> String {
    let level = |level| if level == Level::Error { "error" } else { "warning" };
    rules::all().map(|(id, grave, text)| format!("{id:<24} {:<8} {text}\n", level(grave))).collect()
}

fn inputs(options: &Check, template: Option<PathBuf>) -> Inputs {
    Inputs {
        template,
        env_files: options.env_files.clone(),
        no_env_file: options.no_env_file,
        profile: options.profile.clone(),
        set: options.set.clone(),
        values: options.values.clone(),
        // No secret is needed, so nobody is asked for one.
        keychain: KeychainOptions { no_keychain: true, ..KeychainOptions::default() },
        ..Inputs::default()
    }
}

/// The templates that the options name: each as it is read, or why it can't be.
fn templates(options: &Check, streams: &mut Streams<'_>, checked: &mut Checked) -> Result<Vec<Template>, Report> {
    let mut read = Vec::new();
    if options.staged {
        let no_index = |NoIndex(why): NoIndex| {
            let help = "--staged needs a git repository; name templates or a folder to check files as they are";
            Report::usage(Diagnostic::error(format!("git can't tell what is staged: {why}")).help(help))
        };
        for path in staged(&options.templates).map_err(no_index)?.iter().filter(|path| files::is_template(path)) {
            let name = path.display().to_string();
            match staged_template(path).map_err(no_index)? {
                Ok(template) => read.extend(template),
                Err(failure) => checked.unreadable(&name, error::read(&name, &failure)),
            }
        }
        return Ok(read);
    }
    let (paths, unreadable) = files::templates(&options.templates);
    for files::Unreadable { path, error } in unreadable {
        let name = path.display().to_string();
        checked.unreadable(&name, Diagnostic::error(format!("{name} can't be read: {error}")));
    }
    if paths.is_empty() && checked.reported.is_empty() {
        let folders: Vec<String> = options.templates.iter().map(|path| path.display().to_string()).collect();
        let nothing = Diagnostic::error(format!("there is no template in {}", folders.join(", ")));
        return Err(Report::usage(
            nothing.help("a folder's templates are its *.tmpl.yaml and *.tmpl.yml; name others one by one"),
        ));
    }
    for path in paths {
        let name = path.display().to_string();
        match read_template(&inputs(options, Some(path)), streams.stdin) {
            Ok(template) => read.push(template),
            Err(report) => report.diagnostics.into_iter().for_each(|failure| checked.unreadable(&name, failure)),
        }
    }
    Ok(read)
}

/// What was checked, and what was found.
#[derive(Debug, Default)]
struct Checked {
    files: Vec<String>,
    reported: Vec<Reported>,
    told: HashSet<(String, &'static str, Option<(usize, usize)>, String)>,
    incomplete: bool,
    /// Variables that are not set and that a statement of a template with errors asks for.
    unset: BTreeSet<String>,
}

impl Checked {
    fn unreadable(&mut self, name: &str, failure: Diagnostic) {
        self.incomplete = true;
        self.add("unreadable", String::new(), name.to_owned(), failure);
    }

    /// A template that several others include is spoken of once.
    fn add(&mut self, rule: &'static str, path: String, file: String, diagnostic: Diagnostic) {
        let place = diagnostic.snippet.as_ref().map(|quote| (quote.line, quote.column));
        if self.told.insert((file.clone(), rule, place, diagnostic.message.clone())) {
            self.reported.push(Reported { rule, file, path, diagnostic: Diagnostic { rule: Some(rule), ..diagnostic } });
        }
    }

    /// Findings that stages of the rendering have, with `rule`.
    fn stage(&mut self, template: &Template, found: impl IntoIterator<Item = (&'static str, Diagnostic)>) {
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
        let ids = found.placed.iter().map(|placed| placed.finding.id);
        self.stage(template, ids.zip(diagnostics));
    }

    /// Checks one template.
    ///
    /// # Errors
    /// When the options ask for what can't be had.
    fn template(
        &mut self,
        options: &Check,
        template: Template,
        variables: &BTreeMap<String, minijinja::Value>,
    ) -> Result<(), Report> {
        self.files.push(template.name.clone());
        let chain = chain(&inputs(options, template.path.clone()), &template)?;
        // A variable that can't be read counts as one that is not set; rendering tells of it.
        let (values, presence, _) = lookups(variables.clone(), &chain);
        let missing = values.missing();
        let files: Box<dyn Files> = match options.staged {
            true => Box::new(Index::of(&template)),
            false => Box::new(Folder::of(&template)),
        };
        let before = self.reported.len();
        let sources = match expand_from(&template, values, presence, files) {
            Ok(expansion) => {
                let expanded = Expanded { template, expansion, missing: missing.clone() };
                self.expanded(&expanded);
                expanded.expansion.sources
            }
            Err((failure, sources)) => {
                let rule = match failure {
                    ExpandError::Violations(_) => "secret-use",
                    _ => "template-syntax",
                };
                self.stage(&template, error::expand(&failure, &sources).into_iter().map(|diagnostic| (rule, diagnostic)));
                self.rules(&template, &rules::check_texts(&sources), &sources);
                sources
            }
        };
        if self.reported[before..].iter().any(Reported::is_error) {
            self.unset.extend(missing.names().into_iter().filter(|name| is_asked(&sources, name)));
        }
        Ok(())
    }

    fn expanded(&mut self, expanded: &Expanded) {
        let Expanded { template, expansion, .. } = expanded;
        let (document, sources) = (&expansion.document, &expansion.sources);
        let remarks = expansion.remarks.iter().map(|(at, text)| ("shell-placeholder", error::remark(sources, at, text)));
        self.stage(template, remarks);
        let layout = match scan(document) {
            Ok(layout) => layout,
            Err(failure) => {
                let ids: Vec<&'static str> = match &failure {
                    ScanError::NotYaml { .. } => vec!["not-yaml"],
                    ScanError::Refused(places) => places.iter().map(|(_, reason)| error::rule_of(*reason)).collect(),
                };
                self.stage(template, ids.into_iter().zip(error::scan(&failure, document, sources)));
                return self.rules(template, &rules::check_texts(sources), sources);
            }
        };
        let mut prepared = Prepared { template, expansion, layout, missing: &expanded.missing };
        self.stage(template, render::undefined(&prepared, false).into_iter().map(|diagnostic| ("variable-text", diagnostic)));
        match render::splice_in(&prepared, &Values::masked()) {
            Ok((_, targets)) => {
                let tree = std::mem::take(&mut prepared.layout.tree);
                let tree = settled(tree, &prepared, &targets, false);
                self.rules(template, &rules::check(document, &tree, sources, Stage::Check), sources);
            }
            Err(report) => {
                self.stage(template, report.diagnostics.into_iter().map(|diagnostic| ("variable-text", diagnostic)));
                self.rules(template, &rules::check_texts(sources), sources);
            }
        }
    }

    /// Writes what was found.
    ///
    /// # Errors
    /// With the exit code alone, when something counts.
    fn write(&self, options: &Check, streams: &mut Streams<'_>) -> anyhow::Result<()> {
        let errors = self.reported.iter().filter(|it| it.is_error()).count();
        let warnings = self.reported.len() - errors;
        match options.format {
            FindingFormat::Human => {
                self.reported.iter().for_each(|it| (streams.warn)(&it.diagnostic));
                if !self.unset.is_empty() {
                    let remark = Diagnostic::remark(format!("{} not set, which may be why", verb(&self.unset)));
                    (streams.warn)(&remark.help("--set NAME=VALUE or --values FILE gives it, as when rendering"));
                }
                (streams.warn)(&Diagnostic::remark(summary(self.files.len(), errors, warnings)));
            }
            FindingFormat::Json => streams.write(json::write(&self.files, &self.reported)?.as_bytes())?,
            FindingFormat::Sarif => streams.write(sarif::write(&self.reported, !self.incomplete)?.as_bytes())?,
            FindingFormat::Github => streams.write(github::write(&self.reported).as_bytes())?,
        }
        let code = match () {
            () if self.incomplete => 2,
            () if errors > 0 || options.strict && warnings > 0 => 1,
            () => return Ok(()),
        };
        Err(Report { diagnostics: Vec::new(), code }.into())
    }
}

fn verb(names: &BTreeSet<String>) -> String {
    let ticked: Vec<String> = names.iter().map(|name| format!("`vars.{name}`")).collect();
    format!("{} {}", ticked.join(", "), if names.len() == 1 { "is" } else { "are" })
}

/// Whether a statement of a template names the variable.
fn is_asked(sources: &Sources, name: &str) -> bool {
    let statements = |text: &str| text.split("{%").skip(1).any(|rest| rest.split("%}").next().unwrap_or(rest).contains(name));
    sources.values().any(|text| statements(text))
}

fn summary(files: usize, errors: usize, warnings: usize) -> String {
    let count = |number: usize, what: &str| format!("{number} {what}{}", if number == 1 { "" } else { "s" });
    let found = match (errors, warnings) {
        (0, 0) => "nothing found".to_owned(),
        (errors, 0) => count(errors, "error"),
        (0, warnings) => count(warnings, "warning"),
        (errors, warnings) => format!("{}, {}", count(errors, "error"), count(warnings, "warning")),
    };
    format!("{} checked: {found}", count(files, "template"))
}

/// The path of what the template calls `name`: itself, or what it includes.
fn path_of(template: &Template, name: &str) -> String {
    match template.directory() {
        _ if name == template.name => name.to_owned(),
        folder if folder == Path::new(".") => name.to_owned(),
        folder => folder.join(name).display().to_string(),
    }
}

/// `tree`, the document's own, with the values that are known: those of variables and, with `secrets`, of secrets.
pub(super) fn settled<'f>(mut tree: Tree<'f>, prepared: &Prepared<'_>, targets: &'f Targets, secrets: bool) -> Tree<'f> {
    let (layout, emissions) = (&prepared.layout, &prepared.expansion.document.emissions);
    targets.settle(layout, &mut tree, |scalar| {
        layout.marks_of(scalar).iter().all(|mark| match emissions[mark.number] {
            Emission::Secret(_) => secrets,
            Emission::Text(_) => true,
            Emission::Undefined | Emission::Collection => false,
        })
    });
    tree
}

/// What the rules say when a template is rendered, whose tree is [`settled`]. What only concerns the template, and is no error, is for
/// `check` to say: that an image's tag moves, or a secret seems to stand in `env`.
pub(super) fn at_render(prepared: &Prepared<'_>, document: OfDocument, texts: OfTexts) -> Vec<Diagnostic> {
    const QUIET: [&str; 3] = ["image-tag", "env-secret", "unknown-rule"];
    let expansion = prepared.expansion;
    let mut found = rules::gather(&expansion.document, &prepared.layout.tree, &expansion.sources, document, texts);
    found.placed.retain(|placed| !QUIET.contains(&placed.finding.id));
    error::findings(&found, &expansion.sources)
}

/// Whether one of `found` is an error.
pub(super) fn refuses(found: &[Diagnostic]) -> bool {
    found.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
}

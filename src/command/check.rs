//! `sdlrender check TEMPLATE…`: finds what would go wrong later, without secrets.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cli::{Check, Format, Inputs, KeychainOptions};
use crate::diagnostic::{Diagnostic, grouped};
use crate::error::Report;
use crate::finding::{About, Rule};
use crate::output::index::Index;
use crate::pipeline::check::Checked;
use crate::pipeline::expand::{Input, attempt};
use crate::pipeline::files::{self, Kind};
use crate::pipeline::open::{chain, given, includes, read_template, with_project};
use crate::pipeline::profile::{profile, warn_of_typo};
use crate::pipeline::projects::{self, Projects};
use crate::pipeline::unused::unused;
use crate::project::Project;
use crate::report::{github, json, sarif};
use crate::streams::Streams;
use crate::template::{Folder, IncludeFiles, Template};

mod subjects;

use subjects::{CheckedFile, subjects};

/// Checks the templates and writes the findings.
///
/// # Errors
/// With only the exit code, if findings make the check fail; with the reason, if nothing could be checked.
pub(crate) fn run(options: &Check, streams: &mut Streams<'_>) -> Result<(), Report> {
    if options.rules {
        let list = match options.format {
            Format::Json => json::rules()?,
            Format::Human => list(),
            Format::Sarif | Format::Github => {
                let refused = Diagnostic::error("--rules supports only the formats human and json");
                return Err(Report::usage(refused.help("use --format json")));
            }
        };
        return streams.write(list.as_bytes());
    }
    let (given, profile) = (given(&inputs(options, None))?, profile(options.profile.as_deref())?);
    let (mut checked, mut projects) = (Checked::default(), Projects::default());
    let subjects = subjects(options, streams, &mut checked)?;
    let templates =
        || subjects.iter().filter_map(|subject| if let CheckedFile::Template(it) = subject { Some(it) } else { None });
    templates().for_each(|template| _ = projects.of(template.directory(), &mut checked));
    if options.env_files.is_empty() && !options.no_env_file {
        let folders = templates().map(|template| template.directory());
        warn_of_typo(options.profile.as_deref(), folders, projects.all(), streams.warn)?;
    }
    let open = |template: Template, project: Option<&Project>| -> Result<Input, Report> {
        let inputs = inputs(options, template.path.clone());
        let files: Arc<dyn IncludeFiles> = match options.staged {
            true => Arc::new(Index::of(&template)),
            false => Arc::new(Folder::of(&template)),
        };
        let given = with_project(given.clone(), project, profile.as_deref());
        Ok(Input { chain: chain(&inputs, &template, project)?, given, template, files: includes(&inputs, files) })
    };
    for subject in subjects {
        match subject {
            CheckedFile::Template(template) => {
                let project = projects.of(template.directory(), &mut checked);
                let input = open(template, project)?;
                checked.template(&input);
                checked.sources.last().into_iter().for_each(|sources| projects.has(&input.template, sources));
            }
            CheckedFile::Dotenv(name, text) => checked.dotenv(&name, &text),
            CheckedFile::Project(name, text) => projects::check(&name, &text, &mut checked),
        }
    }
    projects.unused(&mut checked, &mut |path, project| {
        let template = read_template(Some(path), streams).ok()?;
        Some(attempt(&open(template, Some(project)).ok()?).sources())
    });
    unused(&options.set, &[], checked.sources.iter(), streams.warn);
    write(&checked, options, streams)
}

/// The rules, one per line: id, level, summary.
fn list() -> String {
    let line = |About { id, level, summary, .. }: &About| format!("{id:<24} {:<8} {summary}\n", level.word());
    Rule::ALL.iter().map(|rule| line(rule.about())).collect()
}

fn inputs(options: &Check, template: Option<PathBuf>) -> Inputs {
    Inputs {
        template,
        env_files: options.env_files.clone(),
        no_env_file: options.no_env_file,
        profile: options.profile.clone(),
        set: options.set.clone(),
        only: options.only.clone(),
        values: options.values.clone(),
        // No secret is needed, so the keychain is not opened.
        keychain: KeychainOptions { no_keychain: true, ..KeychainOptions::default() },
        ..Inputs::default()
    }
}

/// Writes the findings.
///
/// # Errors
/// With only the exit code, if findings make the check fail.
fn write(checked: &Checked, options: &Check, streams: &mut Streams<'_>) -> Result<(), Report> {
    let errors = checked.reported.iter().filter(|it| it.is_error()).count();
    let warnings = checked.reported.len() - errors;
    match options.format {
        Format::Human => {
            let found = checked.reported.iter().map(|it| it.diagnostic.clone()).collect();
            grouped(found).iter().for_each(&mut *streams.warn);
            if !checked.unset.is_empty() {
                let remark = Diagnostic::remark(format!("{} not set, which may be the cause", verb(&checked.unset)));
                (streams.warn)(&remark.help("use --set NAME=VALUE or --values FILE, as when rendering"));
            }
            let remark = Diagnostic::remark(summary(&checked.files, errors, warnings));
            (streams.warn)(&match checked.reported.first() {
                Some(first) => remark.help(format!("more about a finding: sdlrender explain {}", first.rule)),
                None => remark,
            });
        }
        Format::Json => streams.write(json::write(&checked.files, &checked.reported)?.as_bytes())?,
        Format::Sarif => streams.write(sarif::write(&checked.reported, !checked.incomplete)?.as_bytes())?,
        Format::Github => streams.write(github::write(&checked.reported).as_bytes())?,
    }
    let code = match () {
        () if checked.incomplete => 2,
        () if errors > 0 || options.strict && warnings > 0 => 1,
        () => return Ok(()),
    };
    Err(Report { diagnostics: Vec::new(), code })
}

fn verb(names: &BTreeSet<String>) -> String {
    let ticked: Vec<String> = names.iter().map(|name| format!("`vars.{name}`")).collect();
    format!("{} {}", ticked.join(", "), if names.len() == 1 { "is" } else { "are" })
}

fn summary(files: &[String], errors: usize, warnings: usize) -> String {
    let count = |number: usize, what: &str| format!("{number} {what}{}", if number == 1 { "" } else { "s" });
    let found = match (errors, warnings) {
        (0, 0) => "nothing found".to_owned(),
        (errors, 0) => count(errors, "error"),
        (0, warnings) => count(warnings, "warning"),
        (errors, warnings) => format!("{}, {}", count(errors, "error"), count(warnings, "warning")),
    };
    let all_templates =
        files.iter().all(|name| !matches!(files::kind(Path::new(name)), Kind::Dotenv | Kind::Example | Kind::Project));
    format!("{} checked: {found}", count(files.len(), if all_templates { "template" } else { "file" }))
}

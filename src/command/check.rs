//! `sdlrender check TEMPLATE…`: what would go wrong later, found without a secret.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cli::{Check, FindingFormat, Inputs, KeychainOptions};
use crate::diagnostic::{Diagnostic, grouped};
use crate::error::{self, Report};
use crate::finding::{About, Rule};
use crate::output::index::{Index, NoIndex, read_each, staged, staged_at};
use crate::output::{Verdict, verdict};
use crate::pipeline::check::Checked;
use crate::pipeline::expand::Input;
use crate::pipeline::open::{chain, given, read_template};
use crate::report::{github, json, sarif};
use crate::streams::Streams;
use crate::template::{Files, Folder, Template};

mod files;

use files::Kind;

/// Checks the templates and writes what was found.
///
/// # Errors
/// With the exit code, when something counts; with the reason, when nothing could be checked.
pub(crate) fn run(options: &Check, streams: &mut Streams<'_>) -> Result<(), Report> {
    if options.rules {
        let list = match options.format {
            FindingFormat::Json => json::rules()?,
            FindingFormat::Human => list(),
            FindingFormat::Sarif | FindingFormat::Github => {
                let refused = Diagnostic::error("--rules is written as text or as JSON");
                return Err(Report::usage(refused.help("--format json")));
            }
        };
        return streams.write(list.as_bytes());
    }
    let given = given(&inputs(options, None))?;
    let mut checked = Checked::default();
    for subject in subjects(options, streams, &mut checked)? {
        let template = match subject {
            Subject::Template(template) => template,
            Subject::Dotenv(name, text) => {
                checked.dotenv(&name, &text);
                continue;
            }
        };
        let chain = chain(&inputs(options, template.path.clone()), &template)?;
        let files: Arc<dyn Files> = match options.staged {
            true => Arc::new(Index::of(&template)),
            false => Arc::new(Folder::of(&template)),
        };
        checked.template(&Input { template, files, given: given.clone(), chain });
    }
    write(&checked, options, streams)
}

/// The rules, one a line: its id, its level, what it says.
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
        values: options.values.clone(),
        // No secret is needed, so nobody is asked for one.
        keychain: KeychainOptions { no_keychain: true, ..KeychainOptions::default() },
        ..Inputs::default()
    }
}

/// What is checked.
enum Subject {
    Template(Template),
    /// The name of a `.env` file that git tracks or would add, and its text.
    Dotenv(String, String),
}

/// What the options name: each as it is read, or why it can't be.
fn subjects(options: &Check, streams: &mut Streams<'_>, checked: &mut Checked) -> Result<Vec<Subject>, Report> {
    let mut read = Vec::new();
    if options.staged {
        let no_index = |NoIndex(why): NoIndex| {
            let help = "--staged needs a git repository; name templates or a folder to check files as they are";
            Report::usage(Diagnostic::error(format!("git can't tell what is staged: {}", why.reason())).help(help))
        };
        staged_subjects(&options.templates, &mut read, checked).map_err(no_index)?;
        return Ok(read);
    }
    let here = [PathBuf::from(".")];
    let named = if options.templates.is_empty() { &here[..] } else { &options.templates };
    let (paths, unreadable) = files::templates(named);
    for files::Unreadable { path, error } in unreadable {
        let name = path.display().to_string();
        checked.unreadable(&name, Diagnostic::error(format!("{name} can't be read: {error}")));
    }
    if paths.is_empty() && checked.reported.is_empty() {
        let folders: Vec<String> = named.iter().map(|path| path.display().to_string()).collect();
        let nothing = Diagnostic::error(format!("there is no template in {}", folders.join(", ")));
        return Err(Report::usage(
            nothing.help("a folder's templates are its *.tmpl.yaml and *.tmpl.yml; name others one by one"),
        ));
    }
    for path in paths {
        let name = path.display().to_string();
        let kind = files::kind(&path);
        if matches!(kind, Kind::Dotenv | Kind::Example) {
            match std::fs::read(&path) {
                // An ignored file is where its values belong.
                Ok(_) if verdict(&path) == Verdict::Safe => {}
                Ok(content) => read.push(Subject::Dotenv(name, String::from_utf8_lossy(&content).into_owned())),
                Err(error) => checked.unreadable(&name, Diagnostic::error(format!("{name} can't be read: {error}"))),
            }
            continue;
        }
        if kind == Kind::Other && options.skip_others && !is_sdl_file(&path) {
            continue;
        }
        match read_template(Some(&path), streams) {
            Ok(template) => read.push(Subject::Template(template)),
            Err(report) => report.diagnostics.into_iter().for_each(|failure| checked.unreadable(&name, failure)),
        }
    }
    Ok(read)
}

/// Whether the file at `path` is an SDL. One that can't be read is not skipped for that.
fn is_sdl_file(path: &Path) -> bool {
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.len() > files::SDL_LIMIT => false,
        _ => std::fs::read(path).map_or(true, |content| files::is_sdl(path, &content)),
    }
}

/// What is staged: the files that `named` names, whatever they are; of its folders, and of everything if it names nothing, the templates,
/// SDLs and `.env` files.
fn staged_subjects(named: &[PathBuf], read: &mut Vec<Subject>, checked: &mut Checked) -> Result<(), NoIndex> {
    let (folders, named_files): (Vec<&Path>, Vec<&Path>) = named.iter().map(PathBuf::as_path).partition(|path| path.is_dir());
    let mut take = |path: &Path, content: Vec<u8>, kind: Kind| {
        let name = path.display().to_string();
        if matches!(kind, Kind::Dotenv | Kind::Example) {
            return read.push(Subject::Dotenv(name, String::from_utf8_lossy(&content).into_owned()));
        }
        match Template::read_from(content.as_slice()) {
            Ok(template) => {
                read.push(Subject::Template(Template { name, path: Some(path.to_owned()), text: template.text }));
            }
            Err(failure) => checked.unreadable(&name, error::read(&name, &failure)),
        }
    };
    let mut absent = Vec::new();
    for path in named_files {
        match staged_at(path)? {
            Some(staged) => take(path, staged.read()?, files::kind(path)),
            None => absent.push(path.display().to_string()),
        }
    }
    if named.is_empty() || !folders.is_empty() {
        let (known, others): (Vec<_>, Vec<_>) =
            staged(&folders)?.into_iter().partition(|staged| matches!(files::kind(&staged.path), Kind::Template | Kind::Dotenv));
        let mut found: Vec<(PathBuf, Vec<u8>, Kind)> = Vec::new();
        read_each(&known, u64::MAX >> 1, |staged, content| {
            found.push((staged.path.clone(), content, files::kind(&staged.path)));
        })?;
        read_each(&others, files::SDL_LIMIT, |staged, content| {
            if files::kind(&staged.path) == Kind::Other && files::is_sdl(&staged.path, &content) {
                found.push((staged.path.clone(), content, Kind::Template));
            }
        })?;
        // As git sorts names.
        found.sort_by(|one, other| one.0.as_os_str().cmp(other.0.as_os_str()));
        found.into_iter().for_each(|(path, content, kind)| take(&path, content, kind));
    }
    for name in absent {
        let failure = Diagnostic::error(format!("{name} is not staged"));
        checked.unreadable(&name, failure.help(format!("git add {name}; or leave out --staged to check the file as it is")));
    }
    Ok(())
}

/// Writes what was found.
///
/// # Errors
/// With the exit code only, when something counts.
fn write(checked: &Checked, options: &Check, streams: &mut Streams<'_>) -> Result<(), Report> {
    let errors = checked.reported.iter().filter(|it| it.is_error()).count();
    let warnings = checked.reported.len() - errors;
    match options.format {
        FindingFormat::Human => {
            let found = checked.reported.iter().map(|it| it.diagnostic.clone()).collect();
            grouped(found).iter().for_each(&mut *streams.warn);
            if !checked.unset.is_empty() {
                let remark = Diagnostic::remark(format!("{} not set, which may be why", verb(&checked.unset)));
                (streams.warn)(&remark.help("--set NAME=VALUE or --values FILE gives it, as when rendering"));
            }
            let remark = Diagnostic::remark(summary(&checked.files, errors, warnings));
            (streams.warn)(&match checked.reported.first() {
                Some(first) => remark.help(format!("more about a finding: sdlrender explain {}", first.rule)),
                None => remark,
            });
        }
        FindingFormat::Json => streams.write(json::write(&checked.files, &checked.reported)?.as_bytes())?,
        FindingFormat::Sarif => streams.write(sarif::write(&checked.reported, !checked.incomplete)?.as_bytes())?,
        FindingFormat::Github => streams.write(github::write(&checked.reported).as_bytes())?,
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
    let all_templates = files.iter().all(|name| !matches!(files::kind(Path::new(name)), Kind::Dotenv | Kind::Example));
    format!("{} checked: {found}", count(files.len(), if all_templates { "template" } else { "file" }))
}

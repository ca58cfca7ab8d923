//! `sdlrender trust`: allows the commands of the project's file, once they have been shown.

use std::path::Path;

use crate::cli::Trust;
use crate::diagnostic::{Diagnostic, table};
use crate::error::{self, Report};
use crate::project::trust::VARIABLE;
use crate::project::{NAME, Project};
use crate::streams::Streams;
use crate::template::folder;

/// Shows the commands, asks, and remembers the answer.
///
/// # Errors
/// When there is no project, its file can't be used, the answer is not yes, or it can't be remembered.
pub(crate) fn run(options: &Trust, streams: &mut Streams<'_>) -> Result<(), Report> {
    let project = find(options.path.as_deref().unwrap_or(Path::new(".")))?;
    let name = project.path.display().to_string();
    let failed = |failure| Report::usage(error::trust(&failure));
    if options.revoke {
        let told = if project.distrust().map_err(failed)? { "is no longer trusted" } else { "was not trusted" };
        (streams.warn)(&Diagnostic::remark(format!("{name} {told}")));
        return Ok(());
    }
    let lines = commands(&project);
    let several = |count: usize| if count == 1 { String::new() } else { "s".to_owned() };
    let shown = match lines.len().saturating_sub(1) {
        0 => Diagnostic::remark(format!("{name} has no commands, so there is nothing to trust")),
        count => Diagnostic { lines, ..Diagnostic::remark(format!("{name} has {count} command{}", several(count))) },
    };
    (streams.warn)(&shown);
    if options.show {
        return streams.write(format!("{}\n", project.digest()).as_bytes());
    }
    if shown.lines.is_empty() {
        return Ok(());
    }
    if project.is_trusted() {
        (streams.warn)(&Diagnostic::remark("they are trusted already").help("sdlrender trust --revoke takes it back"));
        return Ok(());
    }
    if !options.yes && !confirmed(streams)? {
        return Err(Report::content(vec![Diagnostic::error(format!("{name} is not trusted")).help("nothing has changed")]));
    }
    project.trust().map_err(failed)?;
    let remark = Diagnostic::remark(format!("{name} is trusted as it is now"));
    (streams.warn)(&remark.help(format!("in CI, set {VARIABLE}={}", project.digest())));
    Ok(())
}

/// Whether the commands may run; no answer means no.
fn confirmed(streams: &mut Streams<'_>) -> Result<bool, Report> {
    if !streams.can_ask() {
        let failure = Diagnostic::error("nobody can be asked: this is not a terminal");
        return Err(Report::usage(failure.help("sdlrender trust --yes, once you have read the commands")));
    }
    let answer = streams.question("Run them when their values are needed? [y/N] ").unwrap_or_default();
    Ok(["y", "yes"].iter().any(|yes| answer.eq_ignore_ascii_case(yes)))
}

/// The project at `path`.
fn find(path: &Path) -> Result<Project, Report> {
    if !path.exists() {
        let missing = Diagnostic::error(format!("there is no file or folder {}", path.display()));
        return Err(Report::usage(missing.help("sdlrender trust takes a template or a folder of the project")));
    }
    let place = if path.is_dir() { path } else { folder(path) };
    let found = Project::find(place).map_err(|failure| Report { diagnostics: error::project(&failure), code: 2 })?;
    found.ok_or_else(|| {
        let missing = Diagnostic::error(format!("there is no {NAME} in {} or in the repository above it", place.display()));
        Report::usage(missing.help("only the commands of that file need to be trusted"))
    })
}

/// The commands as a table, each as it is written in the file; what can't be seen is escaped.
fn commands(project: &Project) -> Vec<String> {
    let row = |command: &crate::project::ProjectCommand<'_>| {
        [command.name.to_owned(), command.profile.unwrap_or("any").to_owned(), format!("{:?}", command.line.words())]
    };
    let rows: Vec<_> = project.all_commands().iter().map(row).collect();
    if rows.is_empty() {
        return Vec::new();
    }
    let head = ["NAME", "PROFILE", "COMMAND"].map(str::to_owned);
    table(&std::iter::once(head).chain(rows).collect::<Vec<_>>())
}

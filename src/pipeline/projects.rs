//! The projects that the checked templates belong to: whether their files can be used, and which names in them no template uses.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::check::Checked;
use super::files;
use crate::diagnostic::{Diagnostic, Typos};
use crate::error;
use crate::project::{Project, ProjectError, check_text};
use crate::template::{Asked, Sources, Template, folder};
use crate::veil::Veil;

/// The projects so far.
#[derive(Debug, Default)]
pub(crate) struct Projects {
    of_folder: BTreeMap<PathBuf, Option<usize>>,
    known: Vec<KnownProject>,
}

#[derive(Debug)]
struct KnownProject {
    project: Project,
    asked: Asked,
    templates: BTreeSet<PathBuf>,
}

/// What a template and the texts that it includes ask for.
type ReadTemplate<'r> = &'r mut dyn FnMut(&Path, &Project) -> Option<Sources>;

impl Projects {
    /// The project of the templates in `folder`. A file that can't be used is reported once.
    pub(crate) fn of(&mut self, folder: &Path, checked: &mut Checked) -> Option<&Project> {
        let known = match self.of_folder.get(folder) {
            Some(known) => *known,
            None => {
                let known = self.found(folder, checked);
                self.of_folder.insert(folder.to_owned(), known);
                known
            }
        };
        known.map(|at| &self.known[at].project)
    }

    fn found(&mut self, folder: &Path, checked: &mut Checked) -> Option<usize> {
        let project = match Project::find(folder) {
            Ok(project) => project?,
            Err(failure) => {
                report(&failure, checked);
                return None;
            }
        };
        let same = self.known.iter().position(|known| known.project.folder == project.folder);
        Some(same.unwrap_or_else(|| {
            self.known.push(KnownProject { project, asked: Asked::default(), templates: BTreeSet::new() });
            self.known.len() - 1
        }))
    }

    /// All of them.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Project> {
        self.known.iter().map(|known| &known.project)
    }

    /// `template`, whose texts are `sources`, has been checked.
    pub(crate) fn has(&mut self, template: &Template, sources: &Sources) {
        if let Some(Some(at)) = self.of_folder.get(template.directory()) {
            let known = &mut self.known[*at];
            known.asked.add(sources);
            known.templates.extend(template.path.as_ref().and_then(|path| path.canonicalize().ok()));
        }
    }

    /// Reports the names that no template of a project uses. A template that was not checked is looked up with `read`, but only if a name
    /// is not used by those that were.
    pub(crate) fn unused(self, checked: &mut Checked, read: ReadTemplate<'_>) {
        for mut known in self.known {
            if known.unused().next().is_none() {
                continue;
            }
            let others = files::templates(std::slice::from_ref(&known.project.folder)).0;
            for path in others.iter().filter(|path| !known.templates.contains(*path)) {
                // One that belongs to a project further down uses the names of that one.
                let own = Project::find(folder(path)).is_ok_and(|own| own.is_some_and(|own| own.folder == known.project.folder));
                if let Some(sources) = own.then(|| read(path, &known.project)).flatten() {
                    known.asked.add(&sources);
                }
            }
            let name = known.project.path.display().to_string();
            let typos = Typos::default();
            for (secret, range) in known.unused() {
                let unused = Diagnostic::warning(format!("no template uses `{secret}`"));
                let help = match typos.nearest(secret, known.asked.secrets.iter().map(String::as_str)) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!("remove it, or write {{{{ {secret} }}}} where its value belongs"),
                };
                let quote = Veil::of_settings(&known.project.text, &[]).quote(&name, &range, "");
                checked.of_project(&name, unused.help(help).at(quote));
            }
        }
    }
}

impl KnownProject {
    fn unused(&self) -> impl Iterator<Item = (&str, std::ops::Range<usize>)> {
        let Asked { secrets, pinned, computes_secrets, computes_pinned, .. } = &self.asked;
        let any = !computes_secrets && !computes_pinned;
        let is_pinned = move |name: &str| pinned.iter().any(|(_, pinned)| pinned == name);
        self.project.names().filter(move |(name, _)| any && !secrets.contains(*name) && !is_pinned(name))
    }
}

/// Checks the project's file called `name`, whose content is `text`.
pub(crate) fn check(name: &str, text: &str, checked: &mut Checked) {
    checked.files.push(name.to_owned());
    let faults = check_text(text);
    report(&ProjectError::Invalid(name.into(), text.to_owned(), faults), checked);
}

fn report(failure: &ProjectError, checked: &mut Checked) {
    let name = failure.path().display().to_string();
    error::project(failure).into_iter().for_each(|diagnostic| checked.of_project(&name, diagnostic));
}

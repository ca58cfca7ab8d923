//! What is checked: files as they are, or as they are staged.

use std::path::{Path, PathBuf};

use crate::cli::Check;
use crate::diagnostic::Diagnostic;
use crate::error::{self, Report};
use crate::output::index::{NoIndex, Staged, held, read_each, staged, staged_at};
use crate::output::{GitVerdict, verdict};
use crate::pipeline::check::Checked;
use crate::pipeline::files::{self, Kind};
use crate::pipeline::open::read_template;
use crate::streams::Streams;
use crate::template::Template;

/// What is checked.
pub(super) enum CheckedFile {
    Template(Template),
    /// The name of a `.env` file that git tracks or would add, and its text.
    Dotenv(String, String),
    /// The name of a project's file, and its text.
    Project(String, String),
}

/// What the options name. Files that can't be read are reported to `checked`.
pub(super) fn subjects(options: &Check, streams: &mut Streams<'_>, checked: &mut Checked) -> Result<Vec<CheckedFile>, Report> {
    let mut read = Vec::new();
    if options.staged {
        let no_index = |NoIndex(why): NoIndex| {
            let help = "--staged needs a git repository; name templates or a folder to check files as they are";
            Report::usage(Diagnostic::error(format!("git can't list the staged files: {}", why.reason())).help(help))
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
        return Err(Report::usage(files::nothing(named)));
    }
    for path in paths {
        let name = path.display().to_string();
        let kind = files::kind(&path);
        if matches!(kind, Kind::Dotenv | Kind::Example | Kind::Project) {
            match std::fs::read(&path) {
                // An ignored file is where its values belong.
                Ok(_) if kind != Kind::Project && verdict(&path) == GitVerdict::Safe => {}
                Ok(content) => read.push(other(kind, name, &content)),
                Err(error) => checked.unreadable(&name, Diagnostic::error(format!("{name} can't be read: {error}"))),
            }
            continue;
        }
        if kind == Kind::Other && options.skip_others && !is_sdl_file(&path) {
            continue;
        }
        match read_template(Some(&path), streams) {
            Ok(template) => read.push(CheckedFile::Template(template)),
            Err(report) => report.diagnostics.into_iter().for_each(|failure| checked.unreadable(&name, failure)),
        }
    }
    Ok(read)
}

/// A file that is not a template.
fn other(kind: Kind, name: String, content: &[u8]) -> CheckedFile {
    let text = String::from_utf8_lossy(content).into_owned();
    if kind == Kind::Project { CheckedFile::Project(name, text) } else { CheckedFile::Dotenv(name, text) }
}

/// Whether the file at `path` is an SDL. One that can't be read is not skipped for that.
fn is_sdl_file(path: &Path) -> bool {
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.len() > files::SDL_LIMIT => false,
        _ => std::fs::read(path).map_or(true, |content| files::is_sdl(path, &content)),
    }
}

/// Whether the path that git gave is in the named folder.
fn is_below(folder: &Path, path: &Path) -> bool {
    let bare = folder.strip_prefix(".").unwrap_or(folder);
    bare.as_os_str().is_empty() || path.starts_with(bare)
}

/// Whether anything to check is staged in the folder, whether the next commit changes it or not.
fn holds_any(folder: &Path) -> Result<bool, NoIndex> {
    let held: Vec<Staged> = held(folder)?.into_iter().flatten().collect();
    if held.iter().any(|staged| matches!(files::kind(&staged.path), Kind::Template | Kind::Dotenv)) {
        return Ok(true);
    }
    let mut holds = false;
    read_each(&held, files::SDL_LIMIT, |staged, content| holds |= files::is_sdl(&staged.path, &content))?;
    Ok(holds)
}

/// What is staged: the files that `named` names, whatever they are; of its folders, and of everything if it names nothing, the templates,
/// SDLs and `.env` files.
fn staged_subjects(named: &[PathBuf], read: &mut Vec<CheckedFile>, checked: &mut Checked) -> Result<(), NoIndex> {
    let (folders, named_files): (Vec<&Path>, Vec<&Path>) = named.iter().map(PathBuf::as_path).partition(|path| path.is_dir());
    let mut take = |path: &Path, content: Vec<u8>, kind: Kind| {
        let name = path.display().to_string();
        if matches!(kind, Kind::Dotenv | Kind::Example | Kind::Project) {
            return read.push(other(kind, name, &content));
        }
        match Template::read_from(content.as_slice()) {
            Ok(template) => {
                read.push(CheckedFile::Template(Template { name, path: Some(path.to_owned()), text: template.text }));
            }
            Err(failure) => checked.unreadable(&name, error::read(&name, &failure)),
        }
    };
    let (mut absent, mut bare) = (Vec::new(), Vec::new());
    for path in named_files {
        match staged_at(path)? {
            Some(staged) => take(path, staged.read()?, files::kind(path)),
            None => absent.push(path.display().to_string()),
        }
    }
    if named.is_empty() || !folders.is_empty() {
        let (known, others): (Vec<_>, Vec<_>) = staged(&folders)?
            .into_iter()
            .partition(|staged| matches!(files::kind(&staged.path), Kind::Template | Kind::Dotenv | Kind::Project));
        let mut found: Vec<(PathBuf, Vec<u8>, Kind)> = Vec::new();
        read_each(&known, u64::MAX >> 1, |staged, content| {
            found.push((staged.path.clone(), content, files::kind(&staged.path)));
        })?;
        read_each(&others, files::SDL_LIMIT, |staged, content| {
            if files::kind(&staged.path) == Kind::Other && files::is_sdl(&staged.path, &content) {
                found.push((staged.path.clone(), content, Kind::Template));
            }
        })?;
        for folder in folders {
            if !found.iter().any(|(path, ..)| is_below(folder, path)) && !holds_any(folder)? {
                bare.push(folder.display().to_string());
            }
        }
        // As git sorts names.
        found.sort_by(|one, other| one.0.as_os_str().cmp(other.0.as_os_str()));
        found.into_iter().for_each(|(path, content, kind)| take(&path, content, kind));
    }
    for name in bare {
        let failure = Diagnostic::error(format!("nothing to check is staged in {name}"));
        checked.unreadable(&name, failure.help("of a folder, templates, SDLs and .env files are checked; name other files"));
    }
    for name in absent {
        let failure = Diagnostic::error(format!("{name} is not staged"));
        checked.unreadable(&name, failure.help(format!("git add {name}; or leave out --staged to check the file as it is")));
    }
    Ok(())
}

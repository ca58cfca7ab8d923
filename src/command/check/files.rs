//! Which templates `check` reads: the files that are named, and the templates in the folders that are named.

use std::io;
use std::path::{Path, PathBuf};

/// Folders without templates of the project itself.
const SKIPPED: [&str; 3] = [".git", "node_modules", "target"];

/// A folder that can't be read.
#[derive(Debug)]
pub(super) struct Unreadable {
    pub(super) path: PathBuf,
    pub(super) error: io::Error,
}

/// Whether a folder's file of this name is a template: `*.tmpl.yaml`, `*.tmpl.yml`.
pub(super) fn is_template(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    [".tmpl.yaml", ".tmpl.yml"].iter().any(|end| name.ends_with(end))
}

/// `named`, with each folder replaced by the templates in it and below, sorted by name. Links to folders are not followed.
pub(super) fn templates(named: &[PathBuf]) -> (Vec<PathBuf>, Vec<Unreadable>) {
    let (mut found, mut unreadable) = (Vec::new(), Vec::new());
    for path in named {
        if !path.is_dir() {
            found.push(path.clone());
            continue;
        }
        let before = found.len();
        walk(path, &mut found, &mut unreadable);
        found[before..].sort();
    }
    let mut seen = std::collections::HashSet::new();
    found.retain(|path| seen.insert(path.clone()));
    (found, unreadable)
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>, unreadable: &mut Vec<Unreadable>) {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return unreadable.push(Unreadable { path: folder.to_owned(), error }),
    };
    for entry in entries.flatten() {
        let path = if folder == Path::new(".") { PathBuf::from(entry.file_name()) } else { entry.path() };
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_folder && !SKIPPED.iter().any(|skipped| entry.file_name() == *skipped) {
            walk(&path, found, unreadable);
        } else if !is_folder && is_template(&path) {
            found.push(path);
        }
    }
}

//! Finds a filled SDL that a template can be made of.

use std::fs;
use std::path::{Path, PathBuf};

use super::original::FilledSdl;
use super::plan::{Selection, plan};
use crate::pipeline::files::{SDL_LIMIT, is_sdl};
use crate::template::Template;

/// The first SDL in `folder` that has something to extract.
pub(crate) fn extractable(folder: &Path) -> Option<PathBuf> {
    let names = fs::read_dir(folder).ok()?.flatten().map(|entry| PathBuf::from(entry.file_name()));
    let is_yaml = |path: &PathBuf| path.extension().is_some_and(|end| end == "yaml" || end == "yml");
    let mut names: Vec<PathBuf> = names.filter(is_yaml).collect();
    names.sort();
    names.into_iter().find(|name| has_secrets(&folder.join(name)))
}

fn has_secrets(path: &Path) -> bool {
    if !fs::metadata(path).is_ok_and(|metadata| metadata.is_file() && metadata.len() <= SDL_LIMIT) {
        return false;
    }
    let Ok(source) = Template::read(path) else { return false };
    // Other YAML is not even parsed.
    is_sdl(path, source.text.as_bytes())
        && FilledSdl::read(&source).and_then(|sdl| plan(&sdl, &Selection::default())).is_ok_and(|plan| !plan.is_empty())
}

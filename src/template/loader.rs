//! Included templates: read from the template's own folder and below, each once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::ErrorKind;

use super::{Sources, Template};

/// Reads included templates from the template's own folder and below.
pub(super) struct Loader {
    directory: PathBuf,
    read: Mutex<BTreeMap<String, (PathBuf, Arc<String>)>>,
}

impl Loader {
    pub(super) fn new(directory: &Path) -> Self {
        Self { directory: directory.to_owned(), read: Mutex::default() }
    }

    pub(super) fn load(&self, name: &str) -> Result<Option<Arc<String>>, minijinja::Error> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, text)) = read.get(name) {
            return Ok(Some(text.clone()));
        }
        let failed = |why: String| minijinja::Error::new(ErrorKind::BadInclude, why);
        let root = self.directory.canonicalize().map_err(|error| failed(error.to_string()))?;
        let path = match root.join(name).canonicalize() {
            Ok(path) => path,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(format!("{name}: {error}"))),
        };
        if !path.starts_with(&root) {
            return Err(failed(format!("{name} is outside the template's folder; only files in it and below can be included")));
        }
        let included = Template::read(&path).map_err(|error| match error {
            super::ReadError::Io(error) => failed(format!("{name}: {error}")),
            super::ReadError::Directory => failed(format!("{name} is a directory")),
            super::ReadError::Empty => failed(format!("{name} is empty")),
            super::ReadError::NotUtf8(line) => failed(format!("{name} is not UTF-8 (line {line})")),
            super::ReadError::TooLarge(_) => failed(format!("{name} is too large for a template")),
        })?;
        let text = included.text;
        read.insert(name.to_owned(), (path, text.clone()));
        Ok(Some(text))
    }

    pub(super) fn read_so_far(&self) -> (Vec<PathBuf>, Sources) {
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let paths = read.values().map(|(path, _)| path.clone()).collect();
        (paths, read.iter().map(|(name, (_, text))| (name.clone(), text.clone())).collect())
    }
}

/// Texts of includes that live as long as the guard's walk.
#[derive(Default)]
pub(super) struct Cache {
    texts: growing::Texts,
}

impl Cache {
    pub(super) fn get(&self, name: &str, loader: &Loader) -> Option<&str> {
        self.texts.get_or_insert(name, || loader.load(name).ok().flatten())
    }
}

/// A map that only grows, so that what it lends stays.
mod growing {
    use std::cell::OnceCell;
    use std::sync::Arc;

    /// A list of cells: each entry holds the next, so no entry ever moves.
    #[derive(Default)]
    pub(super) struct Texts {
        entry: OnceCell<Box<(String, Option<Arc<String>>, Texts)>>,
    }

    impl Texts {
        pub(super) fn get_or_insert(&self, name: &str, load: impl FnOnce() -> Option<Arc<String>>) -> Option<&str> {
            let mut at = self;
            while let Some(entry) = at.entry.get() {
                if entry.0 == name {
                    return entry.1.as_deref().map(String::as_str);
                }
                at = &entry.2;
            }
            at.entry.get_or_init(|| Box::new((name.to_owned(), load(), Self::default()))).1.as_deref().map(String::as_str)
        }
    }
}

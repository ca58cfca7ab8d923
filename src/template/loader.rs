//! Included templates: read from the template's folder and below, each once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::ErrorKind;

use super::{ReadError, Sources, Template, is_env_name, is_example_name, is_template};

/// Where included templates come from.
pub(crate) trait IncludeFiles: Send + Sync {
    /// The path and text of the included template `name`, if it exists.
    ///
    /// # Errors
    /// Why it can't be read, as a message without any of its content.
    fn read(&self, name: &str) -> Result<Option<(PathBuf, Arc<String>)>, String>;
}

/// A folder and its subfolders.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// The folder for the includes of `template`.
    pub(crate) fn of(template: &Template) -> Self {
        Self(template.directory().to_owned())
    }
}

/// The message for an included template that can't be used.
pub(crate) fn unusable(name: &str, error: &ReadError) -> String {
    match error {
        ReadError::Io(error) => format!("{name}: {error}"),
        ReadError::Directory => format!("{name} is a directory"),
        ReadError::Empty => format!("{name} is empty"),
        ReadError::Special => format!("{name} is not a regular file, or is in /proc, /sys or /dev"),
        ReadError::NotUtf8(line) => format!("{name} is not UTF-8 (line {line})"),
        ReadError::TooLarge(_) => format!("{name} is too large for a template"),
    }
}

/// The message for an included template outside the template's folder.
pub(crate) fn outside(name: &str) -> String {
    format!("{name} is outside the template's folder; only files in this folder and below can be included")
}

/// Why a file that gives secrets is not included: a template would show it, and git may have it.
fn refused(name: &str, path: &Path, text: &str) -> Option<String> {
    let is_dotenv = |name: &str| (is_env_name(name) || name.to_ascii_lowercase().ends_with(".env")) && !is_example_name(name);
    // The name that is written, and that of what a link leads to.
    let names = [Path::new(name), path].into_iter().filter_map(|path| path.file_name()?.to_str());
    let start = text.trim_start_matches('\u{feff}').trim_start();
    // A tool may have written something above it. What is indented is in a template.
    let is_key_line = |line: &str| {
        line.starts_with("-----BEGIN ") && line.contains("PRIVATE KEY")
            || ["AGE-SECRET-KEY-1", "PuTTY-User-Key-File-"].iter().any(|mark| line.starts_with(mark))
    };
    let is_key = start.starts_with("-----BEGIN ")
        || start.starts_with('{') && text.contains("PRIVATE KEY-----")
        || text.lines().any(is_key_line);
    let what = match () {
        () if names.into_iter().any(is_dotenv) => "is a .env file",
        () if is_key => "is a key",
        () => return None,
    };
    Some(format!(
        "{name} {what}, which is not a template: write a placeholder for each value, or {{{{ file(\"PATH\") }}}} for a whole file"
    ))
}

impl IncludeFiles for Folder {
    fn read(&self, name: &str) -> Result<Option<(PathBuf, Arc<String>)>, String> {
        let root = self.0.canonicalize().map_err(|error| error.to_string())?;
        let path = match root.join(name).canonicalize() {
            Ok(path) => path,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(format!("{name}: {error}")),
        };
        if !path.starts_with(&root) {
            return Err(outside(name));
        }
        let included = Template::read_included(&path).map_err(|error| unusable(name, &error))?;
        Ok(Some((path, included.text)))
    }
}

/// Of these files only those that are named as templates: what a template that is not trusted may include.
pub(crate) struct OnlyTemplates(pub(crate) Arc<dyn IncludeFiles>);

impl IncludeFiles for OnlyTemplates {
    fn read(&self, name: &str) -> Result<Option<(PathBuf, Arc<String>)>, String> {
        let refused =
            || format!("{name} is not named *.tmpl.yaml or *.tmpl.yml; with --only, a template can include no other file");
        // The name is looked at before the file, so nothing is said of whether that exists; a link may lead to one of another name.
        if !is_template(Path::new(name)) {
            return Err(refused());
        }
        match self.0.read(name)? {
            Some((path, _)) if !is_template(&path) => Err(refused()),
            found => Ok(found),
        }
    }
}

/// Reads included templates, each once.
pub(super) struct Loader {
    files: Arc<dyn IncludeFiles>,
    read: Mutex<BTreeMap<String, (PathBuf, Arc<String>)>>,
}

impl Loader {
    pub(super) fn new(files: Arc<dyn IncludeFiles>) -> Self {
        Self { files, read: Mutex::default() }
    }

    pub(super) fn load(&self, name: &str) -> Result<Option<Arc<String>>, minijinja::Error> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, text)) = read.get(name) {
            return Ok(Some(text.clone()));
        }
        let bad = |why: String| minijinja::Error::new(ErrorKind::BadInclude, why);
        let Some((path, text)) = self.files.read(name).map_err(bad)? else { return Ok(None) };
        if let Some(why) = refused(name, &path, &text) {
            return Err(bad(why));
        }
        read.insert(name.to_owned(), (path, text.clone()));
        Ok(Some(text))
    }

    pub(super) fn read_so_far(&self) -> (Vec<PathBuf>, Sources) {
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let paths = read.values().map(|(path, _)| path.clone()).collect();
        (paths, read.iter().map(|(name, (_, text))| (name.clone(), text.clone())).collect())
    }
}

/// The texts of includes, which live as long as the walk of the guard.
#[derive(Default)]
pub(super) struct Cache {
    texts: growing::Texts,
}

impl Cache {
    pub(super) fn get(&self, name: &str, loader: &Loader) -> Option<&str> {
        self.texts.get_or_insert(name, || loader.load(name).ok().flatten())
    }
}

/// A map that only grows, so that references into it stay valid.
mod growing {
    use std::cell::OnceCell;
    use std::sync::Arc;

    /// A linked list: each entry holds the next, so no entry ever moves.
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

//! What git must ignore from now on: the filled SDL, and the file that its values are stored in.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::error::{self, Report};
use crate::output::{GitVerdict, IGNORE, IgnoreFile, OutputError, ignore_line, verdict};
use crate::template::folder;

/// The lines that `.gitignore` lacks, by folder.
#[derive(Debug, Default)]
pub(crate) struct Unignored {
    folders: BTreeMap<PathBuf, Vec<String>>,
}

impl Unignored {
    /// Those for `files`, as far as git could commit them.
    ///
    /// # Errors
    /// When a `.gitignore` can't be read.
    pub(crate) fn of<'f>(files: impl IntoIterator<Item = &'f Path>) -> Result<Self, Report> {
        let mut folders = BTreeMap::<PathBuf, Vec<String>>::new();
        for file in files {
            let (GitVerdict::NotIgnored | GitVerdict::Tracked, Some(name)) = (verdict(file), file.file_name()) else { continue };
            let line = ignore_line(&name.to_string_lossy());
            let lines = IgnoreFile::read(folder(file)).map_err(refused)?.missing(&[line]);
            folders.entry(folder(file).to_owned()).or_default().extend(lines);
        }
        folders.retain(|_, lines| !lines.is_empty());
        Ok(Self { folders })
    }

    /// Adds them.
    ///
    /// # Errors
    /// When the system refuses.
    pub(crate) fn add(&self) -> Result<(), Report> {
        self.folders
            .iter()
            .try_for_each(|(folder, lines)| IgnoreFile::read(folder).and_then(|file| file.add(lines)).map(drop).map_err(refused))
    }

    /// What adding them means, in words; nothing if there are none.
    pub(crate) fn told(&self) -> Option<String> {
        let lines: Vec<&str> = self.folders.values().flatten().map(String::as_str).collect();
        (!lines.is_empty()).then(|| format!("add {} to {IGNORE}", lines.join(" and ")))
    }
}

fn refused((path, error): (PathBuf, std::io::Error)) -> Report {
    Report::usage(error::output(&OutputError::Io(path.strip_prefix(".").unwrap_or(&path).to_owned(), error)))
}

//! `sdlrender.toml`, the project's file: what a team says about the names in its templates. It is committed, so it never holds a value.
//!
//! [`Project::find`] looks for it beside a template and upwards to the root of the repository; [`reader`] reads it. Descriptions, profiles
//! and variables are data; its commands run only if this user has trusted the file ([`trust`]).

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read as _};
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::source::{CommandLine, SecretPurpose};
use crate::template::Given;

mod reader;
#[cfg(not(target_family = "wasm"))]
pub(crate) mod trust;

pub(crate) use reader::{FaultKind, ProjectFault, Table};

/// The name of the file.
pub(crate) const NAME: &str = "sdlrender.toml";

/// A larger file is not one that people wrote.
const SIZE_LIMIT: u64 = 1024 * 1024;

/// What the project's file says.
#[derive(Debug, Clone)]
pub(crate) struct Project {
    /// Its path, as messages show it.
    pub path: PathBuf,
    /// The absolute path of its folder, in which its commands run and to which its paths are relative.
    pub folder: PathBuf,
    /// Its text.
    pub text: String,
    said: Said,
}

/// What a text says.
#[derive(Debug, Clone, Default)]
struct Said {
    secrets: BTreeMap<String, SecretNotes>,
    profiles: BTreeMap<String, Profile>,
}

/// What is said of a name.
#[derive(Debug, Clone, Default)]
struct SecretNotes {
    /// The name's bytes in the text.
    at: Range<usize>,
    description: Option<String>,
    place: Option<String>,
    required: Option<bool>,
    command: Option<CommandLine>,
}

/// What is said of a profile.
#[derive(Debug, Clone, Default)]
struct Profile {
    secrets: BTreeMap<String, SecretNotes>,
    vars: Given,
    env_files: Option<Vec<String>>,
}

/// A command of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProjectCommand<'p> {
    /// The secret that it prints.
    pub name: &'p str,
    /// The profile that it belongs to; none: all others.
    pub profile: Option<&'p str>,
    /// The command.
    pub line: &'p CommandLine,
}

/// Why a project's file can't be used.
#[derive(Debug)]
pub(crate) enum ProjectError {
    /// It can't be read.
    Io(PathBuf, io::Error),
    /// It is larger than a file that people wrote.
    TooLarge(PathBuf),
    /// It is not UTF-8.
    NotUtf8(PathBuf),
    /// What it says is wrong: the path, the text, and what is wrong where, in the order of the text.
    Invalid(PathBuf, String, Vec<ProjectFault>),
}

impl ProjectError {
    /// The path of the file.
    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::Io(path, _) | Self::TooLarge(path) | Self::NotUtf8(path) | Self::Invalid(path, ..) => path,
        }
    }
}

/// What is wrong in the text of a project's file, in the order of the text.
pub(crate) fn check_text(text: &str) -> Vec<ProjectFault> {
    reader::read(text).err().unwrap_or_default()
}

impl Project {
    /// The file of the project that `folder` is in: the one in `folder`, or else the nearest above it that is still in the same git
    /// repository. Outside of a repository, only `folder` counts: what is above it may be anyone's.
    ///
    /// # Errors
    /// See [`ProjectError`].
    pub(crate) fn find(folder: &Path) -> Result<Option<Self>, ProjectError> {
        // A folder that does not exist has no project; what needs the folder reports it.
        let Ok(absolute) = folder.canonicalize() else { return Ok(None) };
        locate(&absolute).map(Self::read).transpose()
    }

    /// The file in `folder`, an absolute path.
    fn read(folder: &Path) -> Result<Self, ProjectError> {
        let path = folder.join(NAME);
        let here = std::env::current_dir().and_then(|here| here.canonicalize());
        let shown = here.ok().and_then(|here| Some(path.strip_prefix(here).ok()?.to_owned())).unwrap_or_else(|| path.clone());
        let mut bytes = Vec::new();
        let read = File::open(&path).and_then(|file| file.take(SIZE_LIMIT + 1).read_to_end(&mut bytes));
        match read {
            Err(error) => return Err(ProjectError::Io(shown, error)),
            Ok(_) if bytes.len() as u64 > SIZE_LIMIT => return Err(ProjectError::TooLarge(shown)),
            Ok(_) => {}
        }
        let Ok(text) = String::from_utf8(bytes) else { return Err(ProjectError::NotUtf8(shown)) };
        match reader::read(&text) {
            Ok(said) => Ok(Self { path: shown, folder: folder.to_owned(), text, said }),
            Err(faults) => Err(ProjectError::Invalid(shown, text, faults)),
        }
    }

    /// What it says of each name; with `profile`, what it says for that comes first.
    pub(crate) fn purposes(&self, profile: Option<&str>) -> BTreeMap<String, SecretPurpose> {
        let mut purposes: BTreeMap<String, SecretPurpose> = BTreeMap::new();
        for (name, entry) in self.profile(profile).iter().flat_map(|profile| &profile.secrets).chain(&self.said.secrets) {
            let purpose = purposes.entry(name.clone()).or_default();
            purpose.description = purpose.description.take().or_else(|| entry.description.clone());
            purpose.place = purpose.place.take().or_else(|| entry.place.clone());
            purpose.required = purpose.required.or(entry.required);
        }
        purposes
    }

    /// The commands of `profile`, and then those that any profile has.
    pub(crate) fn commands(&self, profile: Option<&str>) -> [Vec<(String, CommandLine)>; 2] {
        let of = |secrets: &BTreeMap<String, SecretNotes>| {
            let command = |(name, entry): (&String, &SecretNotes)| Some((name.clone(), entry.command.clone()?));
            secrets.iter().filter_map(command).collect()
        };
        [self.profile(profile).map(|profile| of(&profile.secrets)).unwrap_or_default(), of(&self.said.secrets)]
    }

    /// Every command, whatever its profile.
    pub(crate) fn all_commands(&self) -> Vec<ProjectCommand<'_>> {
        let profiles = self.said.profiles.iter().map(|(name, profile)| (Some(name.as_str()), &profile.secrets));
        let mut commands = Vec::new();
        for (profile, secrets) in std::iter::once((None, &self.said.secrets)).chain(profiles) {
            for (name, entry) in secrets {
                commands.extend(entry.command.as_ref().map(|line| ProjectCommand { name, profile, line }));
            }
        }
        commands
    }

    /// The variables of `profile`.
    pub(crate) fn vars(&self, profile: Option<&str>) -> Given {
        self.profile(profile).map(|profile| profile.vars.clone()).unwrap_or_default()
    }

    /// The `.env` files that `profile` reads instead of the usual ones, the last of which wins.
    pub(crate) fn env_files(&self, profile: Option<&str>) -> Option<Vec<PathBuf>> {
        let files = self.profile(profile)?.env_files.as_ref()?;
        let base = self.path.parent().unwrap_or(&self.folder);
        Some(files.iter().map(|file| base.join(file)).collect())
    }

    /// The profiles that it names.
    pub(crate) fn profiles(&self) -> impl Iterator<Item = &str> {
        self.said.profiles.keys().map(String::as_str)
    }

    /// Each secret that it names, once, with the first place where it does.
    pub(crate) fn names(&self) -> impl Iterator<Item = (&str, Range<usize>)> {
        let of_profiles = self.said.profiles.values().flat_map(|profile| &profile.secrets);
        let mut seen = BTreeSet::new();
        let all = self.said.secrets.iter().chain(of_profiles);
        all.filter(move |(name, _)| seen.insert(name.as_str())).map(|(name, entry)| (name.as_str(), entry.at.clone()))
    }

    fn profile(&self, name: Option<&str>) -> Option<&Profile> {
        self.said.profiles.get(name?)
    }
}

/// The folder of the file for what is in `folder`, an absolute path without links.
fn locate(folder: &Path) -> Option<&Path> {
    let has = |folder: &Path| folder.join(NAME).symlink_metadata().is_ok();
    let mut found = None;
    for above in folder.ancestors() {
        if found.is_none() && has(above) {
            found = Some(above);
        }
        if found == Some(folder) {
            return found;
        }
        if above.join(".git").symlink_metadata().is_ok() {
            return found;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_file_in_the_repository_is_found() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        let (inner, outer) = (root.join("repo/a/b"), root.join(NAME));
        std::fs::create_dir_all(&inner).unwrap();
        std::fs::write(&outer, "").unwrap();
        // Without a repository, nothing above counts.
        assert_eq!(locate(&inner), None);
        assert_eq!(locate(&root), Some(&*root));
        std::fs::create_dir(root.join("repo/.git")).unwrap();
        assert_eq!(locate(&inner), None);
        for folder in ["repo", "repo/a", "repo/a/b"] {
            std::fs::write(root.join(folder).join(NAME), "").unwrap();
            assert_eq!(locate(&inner), Some(&*root.join(folder)), "{folder}");
        }
    }
}

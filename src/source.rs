//! Where secrets come from: the sources and their order.
//!
//! `--from-command` → process environment → `.env.PROFILE.local` → `.env.PROFILE` → the profile's commands in the project's file →
//! `.env.local` → `.env` → its other commands → keychain. The first source that has a name wins. `file("…")` and `docker("…")` are looked up
//! in their own sources.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::secret::{Origin, Secret, SecretUse};

mod child;
mod command;
mod docker;
mod dotenv;
mod environment;
mod file;
mod keychain;

pub(crate) use child::Hidden;
pub(crate) use child::{chomp, read as read_value};
pub(crate) use command::{CommandError, CommandFile, CommandLine, CommandSource, LineError};
pub(crate) use docker::{Docker, DockerError, HelperError};
pub use dotenv::{Content, DotenvFault};
pub(crate) use dotenv::{Dotenv, DotenvError, Remark};
pub(crate) use environment::Environment;
pub(crate) use file::{FileError, FileFault, FileSource};
pub(crate) use keychain::{Keychain, KeychainError, KeychainSettings};

/// A place where secrets are looked up.
pub(crate) trait Source: Send + Sync {
    /// Its name in messages: `environment`, the path of a file, `command`.
    fn label(&self) -> String;

    /// Where exactly it looks for `name`, in messages about one that it does not have.
    fn places(&self, _name: &str) -> Vec<String> {
        vec![self.label()]
    }

    /// The prefix or function (`env.NAME`, `dotenv.NAME`, `file("…")`) that selects this source.
    fn origin(&self) -> Option<Origin>;

    /// Whether it has `name`, without fetching the value if that is expensive.
    ///
    /// # Errors
    /// As [`Source::get`].
    fn has(&self, name: &str) -> Result<bool, SourceError> {
        self.get(name).map(|found| found.is_some())
    }

    /// What it is, if a source in the chain of another template that is the same can be asked in its place.
    fn shared(&self) -> Option<String> {
        None
    }

    /// Where exactly it has the value of `name`, which it has.
    fn trace(&self, _name: &str) -> Trace {
        Trace::default()
    }

    /// Whether [`Source::get`] starts a program, which `list` and `is defined` must not do.
    fn runs_programs(&self) -> bool {
        false
    }

    /// The value of `name`, or `None` when this source does not have it.
    ///
    /// # Errors
    /// When the source has the name but not a usable value, or can't be read. No error holds a value.
    fn get(&self, name: &str) -> Result<Option<Secret>, SourceError>;
}

/// Where exactly a source has a value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Trace {
    /// The environment variable that has it, or names the file that does.
    pub variable: Option<String>,
    /// The file that has it.
    pub file: Option<std::path::PathBuf>,
}

/// Why a source failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SourceError {
    /// The value is not UTF-8.
    NotUtf8,
    /// A `.env` file, or a line of it, is invalid.
    Dotenv(DotenvError),
    /// A command failed.
    Command(CommandError),
    /// The commands of this file are not trusted.
    Untrusted(String),
    /// A file can't be a value.
    File(FileError),
    /// A stored login is unusable.
    Docker(DockerError),
    /// The keychain failed.
    Keychain(KeychainError),
}

/// What the project says about a name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SecretPurpose {
    /// What it is.
    pub description: Option<String>,
    /// Where people get it.
    pub place: Option<String>,
    /// Whether it needs a value even where the template has a default or asks if it is defined.
    pub required: Option<bool>,
}

impl SecretPurpose {
    /// What it is, and where people get it.
    pub(crate) fn told(&self) -> Option<String> {
        match (&self.description, &self.place) {
            (Some(what), Some(place)) => Some(format!("{what} (where: {place})")),
            (Some(what), None) => Some(what.clone()),
            (None, place) => place.as_ref().map(|place| format!("where: {place}")),
        }
    }
}

/// The commands of the project's file.
#[derive(Debug)]
pub(crate) struct ProjectCommands {
    /// The file.
    pub file: CommandFile,
    /// Those of the profile, and those of any.
    pub commands: [Vec<(String, CommandLine)>; 2],
}

/// What a [`Chain`] consists of.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    /// The names and command lines of `--from-command`.
    pub commands: Vec<(String, CommandLine)>,
    /// `.env` files, highest precedence first: those of the profile or named, and those of any profile.
    pub dotenv: [Vec<std::path::PathBuf>; 2],
    /// The commands of the project's file.
    pub project: Option<ProjectCommands>,
    /// What the project says about names.
    pub purposes: BTreeMap<String, SecretPurpose>,
    /// The time limit of a command.
    pub command_timeout: Option<Duration>,
    /// Whether the process environment is used.
    pub environment: bool,
    /// The folder that `file("…")` is relative to.
    pub directory: std::path::PathBuf,
    /// `.env.example` or the like, whose values are there to be replaced.
    pub example: Option<std::path::PathBuf>,
    /// How the keychain is used, if it is.
    pub keychain: Option<KeychainSettings>,
    /// The names that the template may have, if not all.
    pub only: Option<BTreeSet<String>>,
}

/// The sources, in the order in which they are asked.
pub(crate) struct Chain {
    sources: Vec<Arc<dyn Source>>,
    environment: Option<Arc<Environment>>,
    files: Vec<Arc<Dotenv>>,
    named: Arc<FileSource>,
    example: OnceLock<Content>,
    example_path: Option<std::path::PathBuf>,
    hidden: Hidden,
    only: Option<BTreeSet<String>>,
    purposes: BTreeMap<String, SecretPurpose>,
}

impl std::fmt::Debug for Chain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.sources.iter().map(|source| source.label())).finish()
    }
}

impl Chain {
    /// The chain described by `settings`. Nothing is read or run yet.
    pub(crate) fn new(settings: Settings) -> Self {
        let mut sources: Vec<Box<dyn Source>> = Vec::new();
        let (hidden, timeout) = (Hidden::default(), settings.command_timeout.unwrap_or(child::TIMEOUT));
        for (name, line) in settings.commands {
            sources.push(Box::new(CommandSource::new(name, line, timeout, hidden.clone())));
        }
        let environment = settings.environment.then(|| Arc::new(Environment::default()));
        sources.extend(environment.iter().map(|environment| Box::new(environment.clone()) as Box<dyn Source>));
        let (file, commands) = settings.project.map(|project| (Arc::new(project.file), project.commands)).unzip();
        let mut files = Vec::new();
        for (paths, commands) in settings.dotenv.into_iter().zip(commands.unwrap_or_default()) {
            for dotenv in paths.into_iter().map(|path| Arc::new(Dotenv::new(path))) {
                sources.push(Box::new(dotenv.clone()));
                files.push(dotenv);
            }
            for ((name, line), file) in commands.into_iter().zip(file.iter().cycle()) {
                sources.push(Box::new(CommandSource::new(name, line, timeout, hidden.clone()).of(file)));
            }
        }
        if let Some(settings) = settings.keychain {
            sources.push(Box::new(Keychain::new(settings)));
        }
        let named = Arc::new(FileSource::new(&settings.directory));
        sources.push(Box::new(named.clone()));
        let docker = Arc::new(Docker::new(timeout, hidden.clone()));
        for origin in [Origin::DockerUsername, Origin::DockerPassword] {
            sources.push(Box::new(docker::LoginPart { docker: docker.clone(), origin }));
        }
        let example = OnceLock::new();
        let sources = sources.into_iter().map(Arc::from).collect();
        let (example_path, purposes) = (settings.example, settings.purposes);
        Self { sources, environment, files, named, example, example_path, hidden, purposes, only: settings.only }
    }

    /// A chain of the given sources, in this order.
    pub(crate) fn of(sources: Vec<Box<dyn Source>>) -> Self {
        Self {
            sources: sources.into_iter().map(Arc::from).collect(),
            environment: None,
            files: Vec::new(),
            named: Arc::new(FileSource::new(".".as_ref())),
            example: OnceLock::new(),
            example_path: None,
            hidden: Hidden::default(),
            only: None,
            purposes: BTreeMap::new(),
        }
    }

    /// Whether the template may have this secret: with `--only`, no file, no stored login and nothing of the keychain, and only these names
    /// from elsewhere.
    pub(crate) fn allows(&self, usage: &SecretUse) -> bool {
        let is_open = matches!(usage.origin, Origin::Any | Origin::Environment | Origin::Dotenv);
        self.only.as_ref().is_none_or(|only| is_open && only.contains(&usage.name))
    }

    /// Asks the sources of `other` where they are the same: one keychain, which is unlocked once, and commands that each run once.
    pub(crate) fn share(&mut self, other: &Self) {
        for own in &mut self.sources {
            let same = own.shared().and_then(|what| other.sources.iter().find(|it| it.shared().as_ref() == Some(&what)));
            if let Some(same) = same {
                *own = same.clone();
            }
        }
    }

    /// The sources that are asked for a secret of this origin, in order.
    pub(crate) fn asked(&self, origin: Origin) -> impl Iterator<Item = &dyn Source> {
        let pinned = move |source: &&dyn Source| match source.origin() {
            Some(own) if own.is_by_name() => origin == Origin::Any || own == origin,
            Some(own) => own == origin,
            None => origin == Origin::Any,
        };
        self.sources.iter().map(AsRef::as_ref).filter(pinned)
    }

    /// What the project says about the secret.
    pub(crate) fn purpose(&self, usage: &SecretUse) -> Option<&SecretPurpose> {
        self.purposes.get(&usage.name).filter(|_| usage.origin.is_by_name())
    }

    /// Whether the project says that the secret needs a value.
    pub(crate) fn requires(&self, usage: &SecretUse) -> bool {
        self.purpose(usage).is_some_and(|purpose| purpose.required == Some(true))
    }

    /// Whether a source has `usage`, for `is defined`. Runs no command. An error counts as no, except in a `.env` file: a name that can't be
    /// read there is reported when its value is looked up, and must not be taken for one that is not set. The same goes for a command that
    /// is not trusted, and for a name that the project requires.
    pub(crate) fn has(&self, usage: &SecretUse) -> bool {
        let waits = |error| matches!(error, SourceError::Dotenv(_) | SourceError::Untrusted(_));
        let has = |found: Result<bool, SourceError>| found.unwrap_or_else(waits);
        self.allows(usage) && (self.requires(usage) || self.asked(usage.origin).any(|source| has(source.has(&usage.name))))
    }

    /// A plain variable, from the environment or the `.env` files. Commands and the keychain only have secrets.
    ///
    /// # Errors
    /// When the first source that has it can't give its value; with that source's label.
    pub(crate) fn variable(&self, name: &str) -> Result<Option<String>, (String, SourceError)> {
        if self.only.as_ref().is_some_and(|only| !only.contains(name)) {
            return Ok(None);
        }
        let given = |value: Option<Secret>| value.filter(|value| !value.is_empty()).map(|value| value.expose().to_owned());
        for source in self.sources.iter().filter(|source| source.origin() == Some(Origin::Environment)) {
            if let Some(value) = given(source.get(name).map_err(|error| (source.label(), error))?) {
                return Ok(Some(value));
            }
        }
        for file in &self.files {
            if let Some(value) = given(file.value(name).map_err(|error| (file.label(), error))?) {
                return Ok(Some(value));
            }
        }
        Ok(None)
    }

    /// The label of the source that has a plain variable, and where it has it.
    pub(crate) fn variable_source(&self, name: &str) -> Option<(String, Trace)> {
        let given =
            |value: Result<Option<Secret>, SourceError>| value.is_ok_and(|value| value.is_some_and(|value| !value.is_empty()));
        let environment = self.environment.iter().find(|source| given(source.get(name)));
        let environment = environment.map(|source| (source.label(), source.trace(name)));
        let file = || self.files.iter().find(|file| given(file.value(name))).map(|file| (file.label(), file.trace(name)));
        environment.or_else(file)
    }

    /// What was noticed while reading files: modes, names that are set twice.
    pub(crate) fn remarks(&self) -> Vec<(std::path::PathBuf, Remark)> {
        let dotenv = self.files.iter().flat_map(|file| file.remarks().into_iter().map(|remark| (file.path().to_owned(), remark)));
        let readable = |path: std::path::PathBuf| Some((path.clone(), dotenv::readable_by_others(&path)?));
        dotenv.chain(self.named.read_so_far().into_iter().filter_map(readable)).collect()
    }

    /// The files that gave the value of a secret.
    pub(crate) fn files_used(&self) -> Vec<std::path::PathBuf> {
        let dotenv = self.files.iter().filter(|file| file.gave()).map(|file| file.path().to_owned());
        let pointed = self.environment.iter().flat_map(|environment| environment.files_read());
        dotenv.chain(self.named.read_so_far()).chain(pointed).collect()
    }

    /// The example of a `.env` file that gives `name` this value, by its file name. What can't be read there gives none.
    pub(crate) fn example_with(&self, name: &str, value: &Secret) -> Option<&str> {
        let path = self.example_path.as_ref()?;
        let example = self.example.get_or_init(|| dotenv::example(path)).get(name).and_then(Result::ok)?;
        let same = !example.is_empty() && example.expose() == value.expose();
        path.file_name().and_then(std::ffi::OsStr::to_str).filter(|_| same)
    }

    /// The labels of the `.env` files that do not exist.
    pub(crate) fn absent(&self) -> Vec<String> {
        self.files.iter().filter(|file| !file.path().exists()).map(|file| file.label()).collect()
    }

    /// Hides these variables from every program started from now on.
    pub(crate) fn hide(&self, names: impl IntoIterator<Item = String>) {
        self.hidden.add(names);
    }

    /// The variables that are hidden from every program.
    pub(crate) fn hidden(&self) -> Vec<String> {
        self.hidden.names()
    }

    /// All names in the `.env` files and the environment, for did-you-mean.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.files.iter().flat_map(|file| file.names()).collect();
        names.extend(environment::names());
        names.retain(|name| self.only.as_ref().is_none_or(|only| only.contains(name)));
        names
    }
}

//! The files that `init` writes: a starter's template and what belongs beside it. None is ever replaced; `.gitignore` is added to.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::{ImageError, Needed, Starter};
use crate::output::IgnoreFile;

/// The template's name.
pub(crate) const TEMPLATE: &str = "deploy.tmpl.yaml";

/// A file to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewFile {
    /// Its path in the folder.
    pub path: &'static str,
    /// Its text.
    pub text: String,
}

/// What is only written if asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extra {
    /// A Makefile.
    Make,
    /// The configuration of pre-commit.
    Hook,
    /// A workflow on GitHub.
    Github,
    /// A pipeline on GitLab.
    Gitlab,
}

/// What became of the files.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Begun {
    /// The files that are new.
    pub created: Vec<&'static str>,
    /// The files that were there, and are as they were.
    pub left: Vec<&'static str>,
    /// The lines that `.gitignore` now has.
    pub ignored: Vec<String>,
}

impl Starter {
    /// The template with `image`, and the files about its names.
    ///
    /// # Errors
    /// When the image can't be in this registry.
    pub(crate) fn files(self, image: Option<&str>) -> Result<Vec<NewFile>, ImageError> {
        let mut files = vec![NewFile { path: TEMPLATE, text: self.template(image)? }];
        if let [first, others @ ..] = self.secrets() {
            let command = self.command(image);
            files.push(NewFile { path: ".env.example", text: env_example(first, others, command.is_some()) });
            files.push(NewFile { path: "sdlrender.toml", text: project(first, others, command) });
        }
        Ok(files)
    }
}

impl Extra {
    /// The file.
    pub(crate) fn file(self) -> NewFile {
        let (path, text) = match self {
            Self::Make => ("Makefile", include_str!("../../templates/Makefile")),
            Self::Hook => (".pre-commit-config.yaml", include_str!("../../templates/pre-commit-config.yaml")),
            Self::Github => (".github/workflows/sdl.yml", include_str!("../../templates/ci/github.yml")),
            Self::Gitlab => (".gitlab-ci.yml", include_str!("../../templates/ci/gitlab.yml")),
        };
        NewFile { path, text: text.to_owned() }
    }
}

/// How a `.env.example` begins.
pub(crate) const EXAMPLE: &str = "# Copy this to .env, which git ignores, and fill in the values.\n";

/// A `.env` file without values, as `list --format env-example` writes it: a name without a value is reported as missing, and one that a
/// command prints may be left out.
fn env_example(first: &Needed, others: &[Needed], is_fetched: bool) -> String {
    let lines = std::iter::once(first).chain(others).map(|Needed { name, description, place }| {
        let place = place.map_or_else(String::new, |place| format!("# {place}\n"));
        let fetched = if is_fetched { "# From a command in sdlrender.toml; a value here is used instead.\n# " } else { "" };
        format!("\n# {description}\n{place}{fetched}{name}=\n")
    });
    EXAMPLE.to_owned() + &lines.collect::<String>()
}

/// The project's file; `command` prints the first secret.
fn project(first: &Needed, others: &[Needed], command: Option<String>) -> String {
    let head = "# What the templates in this folder need. To be committed: it never holds a value.\n";
    let table = |Needed { name, description, place }: &Needed| {
        let place = place.map_or_else(String::new, |place| format!("where = \"{place}\"\n"));
        format!("\n[secrets.{name}]\ndescription = \"{description}\"\n{place}")
    };
    let command = command.map_or_else(String::new, |line| {
        let words: Vec<String> = line.split(' ').map(|word| format!("\"{word}\"")).collect();
        format!("# Runs only after `sdlrender trust`.\ncommand = [{}]\n", words.join(", "))
    });
    format!("{head}{}{command}{}", table(first), others.iter().map(table).collect::<String>())
}

/// The lines that `.gitignore` must have, in this order: a later one can undo an earlier one.
fn lines(starter: Option<Starter>) -> Vec<String> {
    let key = starter.and_then(Starter::key);
    ["deploy.yaml", ".env", ".env.*", "!.env.example"].into_iter().chain(key).map(str::to_owned).collect()
}

/// Writes into `folder` those of `files` that are not there, and adds to its `.gitignore` what is missing for `starter`.
///
/// # Errors
/// When the system refuses; with the path. What was created is removed again.
pub(crate) fn write(folder: &Path, files: &[NewFile], starter: Option<Starter>) -> Result<Begun, (PathBuf, io::Error)> {
    let ignore = IgnoreFile::read(folder)?;
    let mut written = Begun::default();
    let done = files.iter().try_for_each(|file| {
        let path = folder.join(file.path);
        match create(&path, &file.text) {
            Ok(()) => written.created.push(file.path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => written.left.push(file.path),
            Err(error) => return Err((path, error)),
        }
        Ok(())
    });
    match done.and_then(|()| ignore.add(&lines(starter))) {
        Ok(ignored) => Ok(Begun { ignored, ..written }),
        Err(failure) => {
            // They are this run's own.
            written.created.iter().for_each(|path| _ = fs::remove_file(folder.join(path)));
            Err(failure)
        }
    }
}

/// Writes a new file, with the folders above it.
fn create(path: &Path, text: &str) -> io::Result<()> {
    if let Some(above) = path.parent() {
        fs::create_dir_all(above)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes()).inspect_err(|_| _ = fs::remove_file(path))
}

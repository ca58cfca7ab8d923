//! The files that `init` writes: a starter's template and what belongs beside it. None is ever replaced; `.gitignore` is added to.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::{ImageError, Needed, Starter};

/// The template's name.
pub(crate) const TEMPLATE: &str = "deploy.tmpl.yaml";

/// Where git reads what to ignore.
pub(crate) const IGNORE: &str = ".gitignore";

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
    pub ignored: Vec<&'static str>,
}

impl Starter {
    /// The template with `image`, and the files about its names.
    ///
    /// # Errors
    /// When the image can't be in this registry.
    pub(crate) fn files(self, image: Option<&str>) -> Result<Vec<NewFile>, ImageError> {
        let mut files = vec![NewFile { path: TEMPLATE, text: self.template(image)? }];
        // A password that is fetched is not one to keep in a file.
        if !self.secrets().is_empty() && self.command(image).is_none() {
            files.push(NewFile { path: ".env.example", text: env_example(self.secrets()) });
        }
        if !self.secrets().is_empty() {
            files.push(NewFile { path: "sdlrender.toml", text: project(self.secrets()) });
        }
        Ok(files)
    }
}

impl Extra {
    /// The file, for this starter if one is known.
    pub(crate) fn file(self, starter: Option<Starter>, image: Option<&str>) -> NewFile {
        let (path, text) = match self {
            Self::Make => ("Makefile", include_str!("../../templates/Makefile")),
            Self::Hook => (".pre-commit-config.yaml", include_str!("../../templates/pre-commit-config.yaml")),
            Self::Github => (".github/workflows/sdl.yml", include_str!("../../templates/ci/github.yml")),
            Self::Gitlab => (".gitlab-ci.yml", include_str!("../../templates/ci/gitlab.yml")),
        };
        let text = match starter.and_then(|starter| Some((starter.secrets().first()?, starter.command(image)?))) {
            Some((secret, command)) => {
                let fetched = format!("\tsdlrender --from-command {}='{command}' $(TEMPLATE) -o", secret.name);
                text.replace("\tsdlrender $(TEMPLATE) -o", &fetched)
            }
            None => text.to_owned(),
        };
        NewFile { path, text }
    }
}

/// How a `.env.example` begins.
pub(crate) const EXAMPLE: &str = "# Copy this to .env, which git ignores, and fill in the values.\n";

/// A `.env` file without values, as `list --format env-example` writes it: a name without a value is reported as missing.
fn env_example(secrets: &[Needed]) -> String {
    let lines = secrets.iter().map(|Needed { name, description, place }| {
        let place = place.map_or_else(String::new, |place| format!("# {place}\n"));
        format!("\n# {description}\n{place}{name}=\n")
    });
    EXAMPLE.to_owned() + &lines.collect::<String>()
}

/// The project's file.
fn project(secrets: &[Needed]) -> String {
    let head = "# What the templates in this folder need. To be committed: it never holds a value.\n";
    let tables = secrets.iter().map(|Needed { name, description, place }| {
        let place = place.map_or_else(String::new, |place| format!("where = \"{place}\"\n"));
        format!("\n[secrets.{name}]\ndescription = \"{description}\"\n{place}required = true\n")
    });
    head.to_owned() + &tables.collect::<String>()
}

/// The lines that `.gitignore` must have, in this order: a later one can undo an earlier one.
fn lines(starter: Option<Starter>) -> Vec<&'static str> {
    let key = starter.and_then(Starter::key);
    ["deploy.yaml", ".env", ".env.*", "!.env.example"].into_iter().chain(key).collect()
}

/// Those of `wanted` that a `.gitignore` with this `text` lacks.
fn missing(text: &str, wanted: Vec<&'static str>) -> Vec<&'static str> {
    let has = |wanted: &str| text.lines().map(str::trim).any(|line| line == wanted || line.strip_prefix('/') == Some(wanted));
    let mut missing: Vec<&str> = wanted.iter().copied().filter(|line| !has(line)).collect();
    // An exception counts only below what it is an exception from.
    if missing.contains(&".env.*") && !missing.contains(&"!.env.example") {
        missing.push("!.env.example");
    }
    missing
}

/// What to add to a `.gitignore` with this `text`.
fn addition(text: &str, missing: &[&str]) -> String {
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let unfinished = if text.is_empty() || text.ends_with('\n') { "" } else { end };
    let blank = if text.is_empty() { "" } else { end };
    let lines: String = missing.iter().map(|line| format!("{line}{end}")).collect();
    format!("{unfinished}{blank}# These files contain secrets in plain text.{end}{lines}")
}

/// Writes into `folder` those of `files` that are not there, and adds to its `.gitignore` what is missing for `starter`.
///
/// # Errors
/// When the system refuses; with the path. What was created is removed again.
pub(crate) fn write(folder: &Path, files: &[NewFile], starter: Option<Starter>) -> Result<Begun, (PathBuf, io::Error)> {
    let ignore = folder.join(IGNORE);
    let text = match fs::read(&ignore) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err((ignore, error)),
    };
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
    let missing = missing(&text, lines(starter));
    let done = done.and_then(|()| {
        if missing.is_empty() {
            return Ok(());
        }
        let file = OpenOptions::new().append(true).create(true).open(&ignore);
        file.and_then(|mut file| file.write_all(addition(&text, &missing).as_bytes())).map_err(|error| (ignore, error))
    });
    match done {
        Ok(()) => Ok(Begun { ignored: missing, ..written }),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_missing_lines_are_added() {
        let all = || lines(None);
        assert_eq!(missing("", all()), all());
        assert_eq!(missing("node_modules\n/deploy.yaml\n.env\n", all()), [".env.*", "!.env.example"]);
        // It is above what it would be an exception from.
        assert_eq!(missing("!.env.example\ndeploy.yaml\n.env\n", all()), [".env.*", "!.env.example"]);
        assert!(missing("deploy.yaml\n.env \n.env.*\n!.env.example", all()).is_empty());
        assert_eq!(missing("x/deploy.yaml\n#.env\n.env.*\n", all()), ["deploy.yaml", ".env", "!.env.example"]);
    }

    #[test]
    fn what_is_added_has_the_line_ends_of_the_rest() {
        let added = |text: &str| addition(text, &[".env"]);
        assert_eq!(added(""), "# These files contain secrets in plain text.\n.env\n");
        assert_eq!(added("a\n"), "\n# These files contain secrets in plain text.\n.env\n");
        assert_eq!(added("a"), "\n\n# These files contain secrets in plain text.\n.env\n");
        assert_eq!(added("a\r\nb"), "\r\n\r\n# These files contain secrets in plain text.\r\n.env\r\n");
    }
}

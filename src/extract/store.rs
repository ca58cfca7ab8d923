//! Where extracted values are kept: the keychain, or a `.env` file that git ignores.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use zeroize::Zeroizing;

use super::dotenv;
use super::names::{StoredSecret, ValueClass};
use super::prove::copied;
use crate::cli::Inputs;
use crate::diagnostic::Diagnostic;
use crate::error::{self, Report};
use crate::output::{GitVerdict, OutputError, OutputFile, guard};
use crate::pipeline::open::{chain, project};
use crate::resolve::Resolver;
use crate::secret::{Origin, Secret, SecretUse};
use crate::source::{Dotenv, Keychain, Source as _};
use crate::template::Template;

/// A place for values.
#[derive(Debug)]
pub(crate) enum SecretStore {
    /// The keychain of the operating system.
    Keychain(Keychain),
    /// A `.env` file.
    EnvFile(PathBuf),
}

impl SecretStore {
    /// Its name in messages.
    pub(crate) fn label(&self) -> String {
        match self {
            Self::Keychain(_) => "the keychain".to_owned(),
            Self::EnvFile(path) => path.display().to_string(),
        }
    }

    /// How to give `name` another value here.
    pub(crate) fn how_to_set(&self, name: &str) -> String {
        match self {
            Self::Keychain(keychain) => format!("sdlrender set {name}{}", profile_option(keychain)),
            Self::EnvFile(path) => format!("write {name}='…' in {}", path.display()),
        }
    }

    /// How to give `names` their first values here, which `template` needs.
    pub(crate) fn how_to_set_all(&self, template: &str, names: &[&str]) -> String {
        match self {
            Self::Keychain(keychain) => format!("sdlrender set --all {template}{}", profile_option(keychain)),
            Self::EnvFile(_) => names.first().map_or_else(String::new, |name| self.how_to_set(name)),
        }
    }

    /// Checks that values can be kept here, before anything is asked or written.
    ///
    /// # Errors
    /// When the keychain fails, or the file is one that can't hold secrets.
    pub(crate) fn ready(&self) -> Result<(), Report> {
        match self {
            Self::Keychain(keychain) => match keychain.names() {
                Ok(_) | Err(crate::source::KeychainError::Locked) => Ok(()),
                Err(failure) => {
                    let (message, _) = error::keychain("NAME", &failure);
                    let help = "--to env-file stores the values in .env instead, which git must ignore";
                    Err(Report::content(vec![Diagnostic::error(message).help(help)]))
                }
            },
            // That git ignores it comes later, with [`Self::ignored`]: it may have to be told so first.
            Self::EnvFile(path) => match OutputFile::new(path, []).and_then(|_| guard(path)) {
                Ok(()) | Err(OutputError::Unsafe(_, GitVerdict::NotIgnored)) => Ok(()),
                Err(failure) => Err(unsafe_file(path, &failure)),
            },
        }
    }

    /// The file that the values are kept in, if it is one.
    pub(crate) fn file(&self) -> Option<&Path> {
        match self {
            Self::Keychain(_) => None,
            Self::EnvFile(path) => Some(path),
        }
    }

    /// Checks that git ignores the file.
    ///
    /// # Errors
    /// When git could commit it.
    pub(crate) fn ignored(&self) -> Result<(), Report> {
        self.file().map_or(Ok(()), |path| guard(path).map_err(|failure| unsafe_file(path, &failure)))
    }

    /// The value that is kept under `name`, if there is one.
    ///
    /// # Errors
    /// When it can't be read.
    pub(crate) fn get(&self, name: &str) -> Result<Option<Secret>, Report> {
        match self {
            Self::Keychain(keychain) => {
                let found = keychain.get(name).map_err(|failure| {
                    let (message, help) = error::keychain(name, &failure);
                    Report::content(vec![Diagnostic::error(message).help(help)])
                })?;
                // With a profile, the item without it is another one.
                Ok(found.filter(|(_, user)| *user == keychain.user(name)).map(|(value, _)| value))
            }
            Self::EnvFile(path) => Arc::new(Dotenv::new(path.clone())).get(name).map_err(|failure| {
                let (message, help) = error::source(name, &self.label(), &failure);
                Report::content(vec![Diagnostic::error(message).help(help)])
            }),
        }
    }

    /// The entries that have no value here yet, or with `replace` another one.
    ///
    /// # Errors
    /// When one has another value, unless `replace`.
    pub(crate) fn missing<'e>(&self, entries: &'e [StoredSecret], replace: bool) -> Result<Vec<&'e StoredSecret>, Report> {
        let (mut missing, mut other) = (Vec::new(), Vec::new());
        for entry in entries.iter().filter(|entry| entry.class != ValueClass::StandIn) {
            match self.get(&entry.name)? {
                Some(value) if value.expose() == entry.value.expose() => {}
                Some(_) if !replace => other.push(entry.name.as_str()),
                _ => missing.push(entry),
            }
        }
        if other.is_empty() {
            return Ok(missing);
        }
        let names = other.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let has = format!("{} has another value for {names}", self.label());
        Err(Report::content(vec![
            Diagnostic::error(has)
                .note("nothing was written, and nothing was stored")
                .help("--replace takes the values of the SDL; --profile NAME keeps them apart; --skip NAME leaves one out"),
        ]))
    }

    /// Warns of names that another source has, which comes first when `template` is rendered with `profile`.
    pub(crate) fn shadowed(&self, entries: &[StoredSecret], template: &Path, profile: Option<String>) -> Option<Diagnostic> {
        let own = match self {
            Self::Keychain(keychain) => keychain.label(),
            Self::EnvFile(path) => Arc::new(Dotenv::new(path.clone())).label(),
        };
        let inputs = Inputs { profile, command_timeout: 1.0, ..Inputs::default() };
        let name = template.display().to_string();
        let template = Template { name, path: Some(template.to_owned()), text: Arc::default() };
        let project = project(&template).ok()?;
        let chain = chain(&inputs, &template, project.as_ref()).ok()?;
        let resolver = Resolver::new(&chain, false);
        let first = |entry: &StoredSecret| {
            let source = resolver.locate(&SecretUse::new(Origin::Any, entry.name.as_str())).ok()?.source;
            (source != own).then(|| format!("`{}` in {source}", entry.name))
        };
        let kept = entries.iter().filter(|entry| entry.class != ValueClass::StandIn);
        let others: Vec<String> = kept.filter_map(first).collect();
        if others.is_empty() {
            return None;
        }
        let message = format!("other values come before those in {}: {}", self.label(), others.join(", "));
        Some(Diagnostic::warning(message).help("remove them there, or the SDL is rendered with them"))
    }

    /// Keeps the values of `entries`.
    ///
    /// # Errors
    /// When a value can't be kept. Of a file, nothing has changed then; the keychain may have some.
    pub(crate) fn keep(&self, entries: &[&StoredSecret]) -> Result<(), Report> {
        match self {
            Self::Keychain(keychain) => entries.iter().try_for_each(|entry| {
                keychain.set(&entry.name, copied(&entry.value)).map(drop).map_err(|failure| {
                    let (message, help) = error::keychain(&keychain.user(&entry.name), &failure);
                    Report::content(vec![Diagnostic::error(message).help(help)])
                })
            }),
            Self::EnvFile(_) if entries.is_empty() => Ok(()),
            Self::EnvFile(path) => {
                let before = read(path)?;
                let after = dotenv::with(&before, entries).map_err(|name| unwritable(path, &name))?;
                let file = OutputFile::new(path, []).map_err(|failure| Report::usage(error::output(&failure)))?;
                file.write(&after).map_err(|failure| Report::usage(error::output(&failure)))
            }
        }
    }
}

/// The option that names the keychain's profile, if it has one.
fn profile_option(keychain: &Keychain) -> String {
    let user = keychain.user("");
    user.strip_suffix('/').map_or_else(String::new, |profile| format!(" --profile {profile}"))
}

/// What the file at `path` holds, if it is there.
fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, Report> {
    match fs::read(path) {
        Ok(bytes) => Ok(Zeroizing::new(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Zeroizing::new(Vec::new())),
        Err(error) => Err(Report::usage(Diagnostic::error(format!("can't read {}: {error}", path.display())))),
    }
}

fn unwritable(path: &Path, name: &str) -> Report {
    let message = format!("the value of `{name}` can't be written to {} so that it is read as it is", path.display());
    Report::content(vec![
        Diagnostic::error(message)
            .note("nothing was stored, and no template was written")
            .help("--to keychain stores any value; or look for a quote in the file that is not closed"),
    ])
}

/// A file that can't be the place of secrets.
fn unsafe_file(path: &Path, failure: &OutputError) -> Report {
    let diagnostic = match failure {
        OutputError::Unsafe(_, verdict) => error::exposed(path, verdict).map(|warning| {
            let message = warning.message.replace(", which gave a secret", ", where the secrets are to go");
            Diagnostic { message, ..Diagnostic::error(String::new()) }
                .help(warning.help.join("; "))
                .help("or store them in the keychain: --to keychain")
        }),
        _ => None,
    };
    Report::usage(diagnostic.unwrap_or_else(|| error::output(failure)))
}

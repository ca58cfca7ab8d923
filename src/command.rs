//! The commands, and what they share: from arguments to a scanned template.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustc_hash::FxHashSet;
use zeroize::Zeroizing;

use crate::cli::Inputs;
use crate::diagnostic::Diagnostic;
use crate::error::{self, Report};
use crate::output::git::{self, Verdict};
use crate::scalar::{Layout, Mark, Scalar, scan};
use crate::secret::SecretUse;
use crate::source::{Chain, KeychainSettings, Remark, Settings};
use crate::template::{Emission, Expansion, Missing, Presence, Template, Values, expand, load_values};

pub mod check;
pub mod keychain;
pub mod list;
pub mod render;
pub mod verify;

/// The process's streams, as `main` hands them to a command.
pub struct Streams<'s> {
    /// Standard input, for a template named `-`.
    pub stdin: &'s mut dyn std::io::Read,
    /// Data.
    pub stdout: &'s mut dyn Write,
    /// Standard error, for a table beside data.
    pub stderr: &'s mut dyn Write,
    /// Warnings, one at a time.
    pub warn: &'s mut dyn FnMut(&Diagnostic),
    /// Standard output is a terminal.
    pub terminal: bool,
    /// Standard error is a terminal, so that progress may be shown on it.
    pub progress: bool,
    /// Asks a person for a secret that is not shown while it is typed, where standard input is a terminal.
    pub ask: Option<&'s mut dyn FnMut(&str) -> std::io::Result<Zeroizing<String>>>,
}

impl Streams<'_> {
    /// Writes `data` to standard output. Whoever reads may stop before the end (`sdlrender x | head -1`): that is no error.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn write(&mut self, data: &[u8]) -> Result<(), Report> {
        match self.stdout.write_all(data).and_then(|()| self.stdout.flush()) {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                Err(Report::usage(Diagnostic::error(format!("standard output can't be written: {error}"))))
            }
            _ => Ok(()),
        }
    }
}

impl std::fmt::Debug for Streams<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Streams").field("terminal", &self.terminal).finish_non_exhaustive()
    }
}

/// A template whose statements have run; no secret has been looked up.
#[derive(Debug)]
pub struct Expanded {
    /// The template.
    pub template: Template,
    /// The marker document and the texts it came from.
    pub expansion: Expansion,
    /// Variables that were asked for in vain.
    pub missing: Missing,
}

/// A template whose structure stands as well.
#[derive(Debug)]
pub struct Prepared<'e> {
    /// The template.
    pub template: &'e Template,
    /// The marker document and the texts it came from.
    pub expansion: &'e Expansion,
    /// The document's scalars with markers.
    pub layout: Layout<'e>,
    /// Variables that were asked for in vain.
    pub missing: &'e Missing,
}

impl Expanded {
    /// Reads the document's structure.
    ///
    /// # Errors
    /// When it is not YAML, or a placeholder stands where no value can go.
    pub fn prepare(&self) -> Result<Prepared<'_>, Report> {
        let Self { template, expansion, missing } = self;
        let layout = scan(&expansion.document)
            .map_err(|failure| Report::content(error::scan(&failure, &expansion.document, &expansion.sources)))?;
        Ok(Prepared { template, expansion, layout, missing })
    }
}

impl Prepared<'_> {
    /// Every marker in a scalar, with the scalar.
    pub fn marks(&self) -> impl Iterator<Item = (&Scalar, Mark, &Emission)> {
        let emissions = &self.expansion.document.emissions;
        let marks = move |scalar| self.layout.marks_of(scalar).iter().map(move |mark| (scalar, *mark, &emissions[mark.number]));
        self.layout.scalars.iter().flat_map(marks)
    }

    /// Whether the result will hold a secret.
    pub fn holds_secret(&self) -> bool {
        self.marks().any(|(_, _, emission)| matches!(emission, Emission::Secret(_)))
    }
}

/// Reads the template that `inputs` name.
///
/// # Errors
/// As a [`Report`].
pub fn read_template(inputs: &Inputs, stdin: &mut dyn std::io::Read) -> Result<Template, Report> {
    let path = inputs.template.as_deref().unwrap_or_else(|| Path::new("-"));
    let (name, read) = match path.to_str() {
        Some("-") => ("standard input".to_owned(), Template::read_from(stdin)),
        _ => (path.display().to_string(), Template::read(path)),
    };
    read.map_err(|failure| Report::usage(error::read(&name, &failure)))
}

/// The sources that `inputs` ask for. Nothing is read or run yet.
///
/// # Errors
/// When a named `.env` file is not there, or a profile's name is a path.
pub fn chain(inputs: &Inputs, template: &Template) -> Result<Arc<Chain>, Report> {
    let profile = profile(inputs.profile.as_deref())?;
    let keychain = (!inputs.keychain.no_keychain)
        .then(|| KeychainSettings { profile: profile.clone(), prompt: Duration::from_secs(inputs.keychain.keychain_timeout) });
    let mut dotenv: Vec<PathBuf> = Vec::new();
    if !inputs.env_files.is_empty() {
        for file in inputs.env_files.iter().rev() {
            if !file.exists() {
                let missing = Diagnostic::error(format!("there is no file {}", file.display()));
                return Err(Report::usage(missing.help("-e takes the path of a .env file")));
            }
            if file.is_dir() {
                let directory = Diagnostic::error(format!("{} is a directory", file.display()));
                return Err(Report::usage(directory.help("-e takes the path of a .env file")));
            }
            dotenv.push(file.clone());
        }
    } else if !inputs.no_env_file {
        let names = profile.map(|profile| format!(".env.{profile}")).into_iter().chain([".env".to_owned()]);
        names.for_each(|name| dotenv.extend(local_and_plain(template.directory(), &name)));
    }
    let command_timeout = Some(Duration::from_secs_f64(inputs.command_timeout));
    let commands = inputs.from_command.clone();
    Ok(Arc::new(Chain::new(Settings {
        commands,
        dotenv,
        command_timeout,
        environment: true,
        directory: template.directory().to_owned(),
        keychain,
    })))
}

/// The `.env` file called `name`, and before it its twin for one machine only, `name.local`, where there is one: both of the template's
/// folder, or both of the current one where that has neither.
fn local_and_plain(beside: &Path, name: &str) -> Vec<PathBuf> {
    let local = format!("{name}.local");
    let folder = if [name, &local].iter().any(|name| beside.join(name).is_file()) { beside } else { Path::new("") };
    let local = Some(folder.join(local)).filter(|local| local.is_file());
    local.into_iter().chain([folder.join(name)]).collect()
}

/// The profile that was named, or the environment's.
///
/// # Errors
/// When it is a path.
pub fn profile(named: Option<&str>) -> Result<Option<String>, Report> {
    let profile = named.map(str::to_owned).or_else(|| std::env::var("SDLRENDER_PROFILE").ok()).filter(|name| !name.is_empty());
    if profile.as_deref().is_some_and(|profile| profile.contains(['/', '\\'])) {
        return Err(Report::usage(Diagnostic::error("a profile is a name, not a path").help("--profile prod reads .env.prod")));
    }
    Ok(profile)
}

/// Runs the statements of `template`; the chain is only asked for variables and whether a secret exists, for `is defined`.
///
/// # Errors
/// When the template is not in order, or a values file can't be used.
pub fn expand_template(inputs: &Inputs, template: Template, chain: &Arc<Chain>) -> Result<Expanded, Report> {
    expand_with(template, given(inputs)?, chain)
}

/// The variables that files and options give.
///
/// # Errors
/// When a values file can't be used.
pub fn given(inputs: &Inputs) -> Result<BTreeMap<String, minijinja::Value>, Report> {
    let mut given = BTreeMap::new();
    for path in &inputs.values {
        given.extend(load_values(path).map_err(|failure| Report::usage(error::values(path, &failure)))?);
    }
    given.extend(inputs.set.iter().map(|(name, value)| (name.clone(), Values::parse(value))));
    Ok(given)
}

/// [`expand_template`] for given variables.
///
/// # Errors
/// As [`expand_template`].
pub fn expand_with(
    template: Template,
    given: BTreeMap<String, minijinja::Value>,
    chain: &Arc<Chain>,
) -> Result<Expanded, Report> {
    let (values, presence, faults) = lookups(given, chain);
    let missing = values.missing();
    let expanded = expand(&template, values, presence);
    let faults = std::mem::take(&mut *faults.lock().unwrap_or_else(PoisonError::into_inner));
    if !faults.is_empty() {
        return Err(Report::content(faults));
    }
    let expansion = expanded.map_err(|(failure, sources)| Report::content(error::expand(&failure, &sources)))?;
    Ok(Expanded { template, expansion, missing })
}

/// Keeps from other programs what the template uses as secrets.
pub fn hide_secrets(prepared: &Prepared<'_>, chain: &Chain) {
    let mut seen = FxHashSet::default();
    for (_, _, emission) in prepared.marks() {
        // A name that is used many times is one object as a rule.
        if let Emission::Secret(usage) = emission
            && seen.insert(Arc::as_ptr(usage))
        {
            chain.hide(usage.names());
        }
    }
}

/// What a template's statements may ask: variables, and whether a secret exists; and each fault of a source that gives no variable.
fn lookups(given: BTreeMap<String, minijinja::Value>, chain: &Arc<Chain>) -> (Values, Presence, Arc<Mutex<Vec<Diagnostic>>>) {
    let (for_values, for_presence) = (chain.clone(), chain.clone());
    let faults = Arc::new(Mutex::new(Vec::new()));
    let told = faults.clone();
    let variable = move |name: &str| {
        for_values.variable(name).unwrap_or_else(|(label, fault)| {
            let (message, help) = error::source(name, &label, &fault);
            let diagnostic = Diagnostic::error(message).help(help);
            let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
            if !told.contains(&diagnostic) {
                told.push(diagnostic);
            }
            None
        })
    };
    (Values::new(given, Arc::new(variable)), Arc::new(move |usage: &SecretUse| for_presence.has(usage)), faults)
}

/// Warnings about what the sources read.
pub fn warn_of_sources(chain: &Chain, warn: &mut dyn FnMut(&Diagnostic)) {
    for path in chain.files_read() {
        if git::verdict(&path) == Verdict::Tracked {
            let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
            let warning = Diagnostic::warning(format!("git tracks {}, which the template takes for a secret", path.display()));
            warn(&warning.help(format!("git rm --cached {name} && echo '/{name}' >> .gitignore; replace what was committed")));
        }
    }
    for (path, remark) in chain.remarks() {
        let path = path.strip_prefix("./").unwrap_or(&path).display().to_string();
        warn(&match remark {
            Remark::Readable(mode) => {
                Diagnostic::warning(format!("other users can read {path} (mode {mode:03o})")).help(format!("chmod 600 {path}"))
            }
            Remark::Twice(key, line) => {
                Diagnostic::warning(format!("{path}:{line}: `{key}` is set before; the last value is used"))
                    .help("remove the others")
            }
        });
    }
}

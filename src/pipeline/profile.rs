//! The profile: which one is named, and whether there is one of that name.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use crate::cli::Inputs;
use crate::diagnostic::{Diagnostic, nearest};
use crate::error::{self, Report};
use crate::project::Project;
use crate::source::{Keychain, KeychainSettings};

/// Ends of `.env.…` that are no profile's.
const OTHERS: [&str; 7] = ["local", "example", "sample", "template", "dist", "defaults", "bak"];

/// The profile that was named, or the environment's.
///
/// # Errors
/// When it is a path.
pub(crate) fn profile(named: Option<&str>) -> Result<Option<String>, Report> {
    let profile = named.map(str::to_owned).or_else(|| std::env::var("SDLRENDER_PROFILE").ok()).filter(|name| !name.is_empty());
    if profile.as_deref().is_some_and(|profile| profile.contains(['/', '\\'])) {
        return Err(Report::usage(Diagnostic::error("a profile is a name, not a path").help("--profile prod reads .env.prod")));
    }
    Ok(profile)
}

/// Refuses a profile with nothing behind it: the values would be those without a profile, which are development's as a rule. The keychain
/// is asked for its names only, which shows no prompt, and only where there is no file.
///
/// # Errors
/// When neither a file, nor the project, nor the keychain has the profile, and one of them would be asked.
pub(super) fn require(inputs: &Inputs, beside: &Path, project: Option<&Project>) -> Result<(), Report> {
    let Some(profile) = profile(inputs.profile.as_deref())? else { return Ok(()) };
    let reads_files = inputs.env_files.is_empty() && !inputs.no_env_file;
    let mut known = on_disk(beside);
    known.extend(project.iter().flat_map(|project| project.profiles()).map(str::to_owned));
    if !inputs.asks_keychain() && !reads_files || known.contains(&profile) {
        return Ok(());
    }
    let mut looked = format!("no .env.{profile} and no .env.{profile}.local {}", places(beside));
    if let Some(project) = project {
        looked += &format!("; no [profile.{profile}] in {}", project.path.display());
    }
    if inputs.asks_keychain() {
        match Keychain::new(KeychainSettings { profile: None, prompt: Duration::ZERO }).names() {
            Ok(names) => {
                known.extend(names.iter().filter_map(|name| Some(name.split_once('/')?.0.to_owned())));
                looked += &format!("; no keychain item {profile}/…");
            }
            Err(failure) => looked += &format!("; {}", error::keychain_state(&failure)),
        }
        if known.contains(&profile) {
            return Ok(());
        }
    }
    let diagnostic = Diagnostic::error(format!("there is no profile `{profile}`")).note(looked);
    Err(Report::usage(ways(&profile, known, inputs.profile.is_some(), diagnostic)))
}

/// Warns of a profile that is spelt like one that has a file beside one of the templates in `folders`, or that is in one of `projects`. For
/// `check`, which needs no value.
///
/// # Errors
/// As [`profile`].
pub(crate) fn warn_of_typo<'f>(
    named: Option<&str>,
    folders: impl Iterator<Item = &'f Path>,
    projects: impl Iterator<Item = &'f Project>,
    warn: &mut dyn FnMut(&Diagnostic),
) -> Result<(), Report> {
    let Some(profile) = profile(named)? else { return Ok(()) };
    let mut known: Vec<String> = folders.collect::<BTreeSet<_>>().into_iter().flat_map(on_disk).collect();
    known.extend(projects.flat_map(Project::profiles).map(str::to_owned));
    if !known.contains(&profile) && nearest(&profile, known.iter().map(String::as_str)).is_some() {
        let warning = Diagnostic::warning(format!("there is no .env.{profile}"));
        warn(&ways(&profile, known, named.is_some(), warning));
    }
    Ok(())
}

fn ways(profile: &str, mut known: Vec<String>, is_option: bool, diagnostic: Diagnostic) -> Diagnostic {
    let option = if is_option { "--profile " } else { "SDLRENDER_PROFILE=" };
    known.sort();
    known.dedup();
    match nearest(profile, known.iter().map(String::as_str)) {
        Some(meant) => diagnostic.help(format!("did you mean {option}{meant}?")),
        None if known.is_empty() => {
            diagnostic.help(format!("write .env.{profile}, or store its values: sdlrender set NAME --profile {profile}"))
        }
        None => diagnostic.help(format!("there is {}; for a new one, write .env.{profile}", known.join(", "))),
    }
}

fn places(beside: &Path) -> &'static str {
    if beside == Path::new(".") { "here" } else { "here or beside the template" }
}

/// The profiles with a file beside the template or here.
pub(crate) fn on_disk(beside: &Path) -> Vec<String> {
    let entries = [beside, Path::new(".")].into_iter().flat_map(|folder| std::fs::read_dir(folder).into_iter().flatten());
    let names = entries.flatten().filter(|entry| entry.path().is_file()).filter_map(|entry| entry.file_name().into_string().ok());
    let profile = |name: String| {
        let name = name.strip_prefix(".env.")?;
        let name = name.strip_suffix(".local").unwrap_or(name);
        let end = name.rsplit('.').next().unwrap_or(name);
        (!name.is_empty() && !OTHERS.contains(&end)).then(|| name.to_owned())
    };
    names.filter_map(profile).collect()
}

//! `.env.example`: every name that the templates may ask for, whatever this machine has.

use std::collections::{BTreeMap, BTreeSet};

use super::variables::names;
use crate::cli::Inputs;
use crate::diagnostic::printable;
use crate::error::Report;
use crate::pipeline::expand::{Attempt, Expanded, Input, attempt};
use crate::pipeline::open::{given, includes, project, with_project};
use crate::pipeline::profile::profile;
use crate::pipeline::scan::Prepared;
use crate::project::{NAME, Project};
use crate::scalar::scan;
use crate::source::{Chain, SecretPurpose, Settings};
use crate::starter::EXAMPLE;
use crate::template::{Asked, Emission, Folder, Sources, Template};

/// What is known of a name.
#[derive(Debug, Default)]
struct ExampleName {
    /// Whether it is not a secret.
    plain: bool,
    /// Whether a template can't be rendered without it.
    needed: bool,
    /// Whether the project has a command for it.
    command: bool,
    purpose: SecretPurpose,
}

/// A `.env.example` for `templates`: each name with what the project says of it, in the order of the templates. A name that needs no value
/// is commented out.
///
/// # Errors
/// When a values file or a project's file can't be used.
pub(crate) fn example(templates: Vec<Template>, inputs: &Inputs) -> Result<String, Report> {
    let (options, profile) = (given(inputs)?, profile(inputs.profile.as_deref())?);
    let profile = profile.as_deref();
    let mut names: Vec<String> = Vec::new();
    let mut all: BTreeMap<String, ExampleName> = BTreeMap::new();
    for template in templates {
        let project = project(&template)?;
        let purposes = project.as_ref().map(|project| project.purposes(profile)).unwrap_or_default();
        // A chain without sources: what is asked for must not depend on what this machine has.
        let chain = Chain::new(Settings { purposes: purposes.clone(), ..Settings::default() });
        let given = with_project(options.clone(), project.as_ref(), profile);
        let files = includes(inputs, std::sync::Arc::new(Folder::of(&template)));
        let found = asked(&Input { files, given, template, chain: chain.into() });
        let commands = commands(project.as_ref(), profile);
        for (name, plain, needed) in found {
            if !all.contains_key(&name) {
                names.push(name.clone());
            }
            let known = all.entry(name.clone()).or_insert(ExampleName { plain: true, ..ExampleName::default() });
            known.plain &= plain;
            known.needed |= needed;
            known.command |= commands.contains(&name) && !plain;
            if let Some(purpose) = purposes.get(&name).filter(|_| known.purpose == SecretPurpose::default()) {
                known.purpose = purpose.clone();
            }
        }
    }
    Ok(text(&names, &all))
}

fn commands(project: Option<&Project>, profile: Option<&str>) -> BTreeSet<String> {
    let commands = project.map(|project| project.commands(profile)).unwrap_or_default();
    commands.into_iter().flatten().map(|(name, _)| name).collect()
}

/// Each name that a template may ask for, in the order of its text: whether it is a plain variable, and whether it needs a value.
fn asked(input: &Input) -> Vec<(String, bool, bool)> {
    let template = &input.template;
    let Attempt { result, missing, .. } = attempt(input);
    let (sources, used) = match result {
        Ok(expansion) => {
            let expanded = Expanded { template, expansion, missing };
            let used = scan(&expanded.expansion.document).map(|layout| used(&Prepared::new(&expanded, layout), &input.chain));
            (expanded.expansion.sources, used.unwrap_or_default())
        }
        Err((_, sources)) => (sources, BTreeMap::new()),
    };
    let mut asked = Asked::default();
    asked.add(&sources);
    let from_files = asked.pinned.iter().filter(|(from, _)| from != "keychain").map(|(_, name)| name);
    let secrets: BTreeSet<&String> = asked.secrets.iter().chain(from_files).collect();
    let given = |name: &str| input.given.has(name);
    // One in a branch or a loop that was not run may be needed, unless the template asks whether it is defined.
    let is_needed = |name: &String| used.get(name).copied().unwrap_or_else(|| !asked.tested.contains(name));
    let secret = secrets.iter().map(|name| ((*name).clone(), false, is_needed(name)));
    let plain = asked.variables.iter().filter(|name| !secrets.contains(name));
    let plain = plain.map(|name| (name.clone(), true, !given(name) && used.get(name) == Some(&true)));
    let mut found: Vec<(String, bool, bool)> = secret.chain(plain).collect();
    found.sort_by_key(|(name, ..)| place(&sources, &template.name, name));
    found
}

/// The names that are used without anything set, and whether one of their uses needs a value.
fn used(prepared: &Prepared<'_>, chain: &Chain) -> BTreeMap<String, bool> {
    let mut used = BTreeMap::new();
    let Prepared { expansion, .. } = prepared;
    let mut add = |name: String, needed: bool| *used.entry(name).or_default() |= needed;
    for (_, mark, emission) in prepared.marks() {
        match emission {
            Emission::Secret(usage) => {
                for part in usage.parts() {
                    let needed = chain.requires(&part) || !part.has_default();
                    let own = part.own_names();
                    own.into_iter().for_each(|name| add(name.clone(), needed && part.origin.is_by_name() && name == part.name));
                }
            }
            Emission::Undefined => {
                let at = expansion.document.locate(mark.offset);
                let written = expansion.sources.get(&*at.template).and_then(|text| text.get(at.range.clone()));
                names(written.unwrap_or_default()).into_iter().for_each(|name| add(name, true));
            }
            Emission::Text(_) | Emission::Collection => {}
        }
    }
    used
}

/// What names are sorted by: where a template has it first, or its includes.
fn place(sources: &Sources, template: &str, name: &str) -> (bool, usize, String) {
    let is_word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let first = |text: &str| {
        let bytes = text.as_bytes();
        let whole = |at: &usize| !is_word(at.checked_sub(1).map(|before| &bytes[before])) && !is_word(bytes.get(at + name.len()));
        text.match_indices(name).map(|(at, _)| at).find(whole)
    };
    match sources.get(template).and_then(|text| first(text)) {
        Some(at) => (false, at, name.to_owned()),
        None => (true, 0, name.to_owned()),
    }
}

fn text(names: &[String], all: &BTreeMap<String, ExampleName>) -> String {
    let mut text = EXAMPLE.to_owned();
    let mut commented = true;
    for (name, known) in names.iter().filter_map(|name| Some((name, all.get(name)?))) {
        let ExampleName { plain, needed, command, purpose } = known;
        let said = [
            purpose.description.clone(),
            purpose.place.clone(),
            plain.then(|| "Not a secret.".to_owned()),
            command.then(|| format!("From a command in {NAME}; a value here is used instead.")),
            (!needed && !command).then(|| "Optional.".to_owned()),
        ];
        let said: Vec<String> = said.into_iter().flatten().map(|line| format!("# {}\n", printable(&line))).collect();
        // Names without a word stand together.
        if commented || !said.is_empty() {
            text.push('\n');
        }
        commented = !said.is_empty();
        text.extend(said);
        // An empty value is one that is set: what may be left out must not be there.
        let out = if *needed && !command { "" } else { "# " };
        text += &format!("{out}{}=\n", printable(name));
    }
    text
}

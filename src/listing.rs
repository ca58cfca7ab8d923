//! What templates need, and where each value would come from: the work of `list`. No value is shown, and no command runs.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::cli::Inputs;
use crate::diagnostic::{Diagnostic, Quote};
use crate::error::{self, Report};
use crate::pipeline::check::path_of;
use crate::pipeline::expand::{Input, expand};
use crate::pipeline::profile::profile;
use crate::pipeline::reach::reaches;
use crate::pipeline::scan::{Prepared, scan};
use crate::report::Reported;
use crate::resolve::{Located, Miss, Resolver};
use crate::secret::SecretUse;
use crate::source::SecretPurpose;
use crate::span::LineIndex;
use crate::template::{Emission, Sources};
use crate::veil::Veil;
use crate::yaml::tree::{Id, Tree};

mod example;
mod names;
mod reached;
mod table;
mod variables;

pub(crate) use example::example;
pub(crate) use names::by_name;
pub(crate) use reached::reached;
pub(crate) use table::{named, table};

use variables::ListedVariables;

/// One use of a value: a placeholder, or a part of one that is made of several secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ListedUse {
    /// The name of a secret with its source (`NAME`, `env.NAME`), or the expression of a variable (`vars.TAG`).
    pub name: String,
    /// The names that are looked up, in this order: the secret's and those of its defaults, or the expression's variables.
    pub names: Vec<String>,
    /// `secret` or `variable`; of what the template reaches for, `file` or `host`.
    pub kind: &'static str,
    /// The template that contains it.
    pub template: String,
    /// The line in it, from 1.
    pub line: usize,
    /// The place in the SDL: `services.web.credentials.password`.
    pub path: String,
    /// The services that get the value, those that an alias takes it to too.
    pub services: Vec<String>,
    /// Whether it needs no value, because the template has a default for it.
    pub optional: bool,
    /// Where the value would come from: `environment`, `command`, `default`, the path of a file; `template` for a file or
    /// a host; null if missing.
    pub source: Option<String>,
    /// How a file or a host is reached: `file()`, `include`, `docker()`, `image`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<&'static str>,
    /// The environment variable that has the value, or names the file that does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variable: Option<String>,
    /// The file that the value would be read from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// What the project says it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Where the project says people get it.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// The profile, if one is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
}

/// What was found in templates.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// The placeholders, in the order of the templates.
    pub entries: Vec<ListedUse>,
    /// Those without a value.
    pub missing: Vec<Reported>,
    /// The files and hosts that they reach for.
    pub reached: Vec<ListedUse>,
    /// Sources that could not be asked.
    pub warnings: Vec<Diagnostic>,
    /// The texts of the templates and of what they include.
    pub sources: Vec<Sources>,
}

impl Listing {
    /// Adds the placeholders of a template.
    ///
    /// # Errors
    /// When the template is invalid.
    pub(crate) fn add(&mut self, inputs: &Inputs, input: &Input) -> Result<(), Report> {
        let profile = profile(inputs.profile.as_deref())?;
        let expanded = expand(input)?;
        let sources = expanded.expansion.sources.clone();
        let prepared = scan(&expanded)?;
        let template = ListedTemplate {
            prepared: &prepared,
            resolver: Resolver::new(&input.chain, inputs.allow_empty),
            variables: ListedVariables::new(inputs, input)?,
            lines: sources.iter().map(|(name, text)| (name.as_str(), LineIndex::new(text))).collect(),
            veils: sources.iter().map(|(name, text)| (name.as_str(), Veil::new(text, &[]))).collect(),
            input,
            profile,
        };
        let tree = &prepared.layout.tree;
        let aliased = tree.has_aliases();
        let places = tree.paths(prepared.marks().map(|(scalar, _, _)| scalar.node));
        for ((scalar, mark, emission), path) in prepared.marks().zip(places) {
            let services = if aliased { services(tree, scalar.node) } else { service(&path).into_iter().collect() };
            template.placeholder(&Spot { offset: mark.offset, path, services }, emission, self);
        }
        self.reached.extend(reached::entries(reaches(&prepared), &sources));
        self.sources.push(sources);
        Ok(())
    }
}

/// A template that is being listed.
struct ListedTemplate<'t> {
    prepared: &'t Prepared<'t>,
    resolver: Resolver<'t>,
    variables: ListedVariables,
    lines: BTreeMap<&'t str, LineIndex>,
    veils: BTreeMap<&'t str, Veil<'t>>,
    input: &'t Input,
    profile: Option<String>,
}

/// Where a placeholder is.
struct Spot {
    offset: usize,
    path: String,
    services: Vec<String>,
}

impl ListedTemplate<'_> {
    fn placeholder(&self, spot: &Spot, emission: &Emission, listing: &mut Listing) {
        let (sources, document) = (&self.prepared.expansion.sources, &self.prepared.expansion.document);
        let at = document.locate(spot.offset);
        let written = sources.get(&*at.template).and_then(|text| text.get(at.range.clone())).unwrap_or_default().trim();
        let entry = ListedUse {
            name: written.to_owned(),
            names: Vec::new(),
            kind: "variable",
            template: at.template.to_string(),
            line: self.lines.get(&*at.template).map_or(0, |index| index.line(at.range.start)),
            path: spot.path.clone(),
            services: spot.services.clone(),
            optional: false,
            source: None,
            by: None,
            variable: None,
            file: None,
            description: None,
            place: None,
            profile: self.profile.clone(),
        };
        let mut entries = Vec::new();
        match emission {
            Emission::Secret(usage) => entries.extend(usage.parts().iter().map(|part| self.secret(part, entry.clone(), listing))),
            Emission::Text(_) => entries.push(self.variables.entry(written, entry, &self.input.chain)),
            Emission::Undefined | Emission::Collection => entries.push(ListedUse { names: variables::names(written), ..entry }),
        }
        for entry in entries {
            if entry.source.is_none() {
                let file = path_of(self.prepared.template, &at.template);
                let quote = self.veils.get(&*at.template).map(|veil| veil.quote(&at.template, &at.range, &*spot.path));
                listing.missing.push(no_value(&entry, file, quote));
            }
            listing.entries.push(entry);
        }
    }

    fn secret(&self, usage: &SecretUse, entry: ListedUse, listing: &mut Listing) -> ListedUse {
        let located = match self.resolver.locate(usage) {
            Ok(located) => Some(located),
            Err(Miss::Source(label, failure)) => {
                let (message, help) = error::source(&usage.name, &label, &failure);
                listing.warnings.push(Diagnostic::warning(message).help(help));
                None
            }
            Err(_) => None,
        };
        let (source, trace) = located.map(|Located { source, trace }| (source, trace)).unzip();
        let (trace, chain) = (trace.unwrap_or_default(), &self.input.chain);
        let SecretPurpose { description, place, .. } = chain.purpose(usage).cloned().unwrap_or_default();
        let optional = usage.has_default() && !chain.requires(usage);
        let shown = |path: std::path::PathBuf| path.strip_prefix("./").unwrap_or(&path).display().to_string();
        let file = trace.file.map(shown);
        ListedUse {
            name: usage.label(),
            names: usage.own_names(),
            kind: "secret",
            optional,
            source,
            variable: trace.variable,
            file,
            description,
            place,
            ..entry
        }
    }
}

/// A placeholder without a value, as a finding.
fn no_value(entry: &ListedUse, file: String, quote: Option<Quote>) -> Reported {
    let ListedUse { name, names, kind, path, description, place, .. } = entry;
    let purpose = SecretPurpose { description: description.clone(), place: place.clone(), required: None };
    let mut diagnostic = Diagnostic::error(format!("no value for `{name}`")).noting(purpose.told());
    if let [name, ..] = names.as_slice() {
        diagnostic = diagnostic.help(match *kind {
            "secret" => format!("export {name}='…', add it to .env, or sdlrender set {name}"),
            _ => format!("--set {name}=VALUE, --values FILE or the environment sets it"),
        });
    }
    let diagnostic = Diagnostic { snippet: quote, ..diagnostic };
    Reported { rule: "missing-value", file, path: path.clone(), diagnostic }
}

/// The service that a path leads into.
fn service(path: &str) -> Option<String> {
    path.strip_prefix("services.").and_then(|rest| rest.split(['.', '[']).next()).map(str::to_owned)
}

/// The services that get the node's value: the one that it is in, and those that an alias takes it to. The whole tree is walked for it.
fn services(tree: &Tree<'_>, node: Id) -> Vec<String> {
    let mut reached = vec![node];
    let mut next = 0;
    while let Some(node) = reached.get(next) {
        for alias in tree.aliases_of(*node) {
            if !reached.contains(&alias) {
                reached.push(alias);
            }
        }
        next += 1;
    }
    reached.sort();
    let mut services: Vec<String> = Vec::new();
    for path in tree.paths(reached) {
        services.extend(service(&path).filter(|service| !services.contains(service)));
    }
    services
}

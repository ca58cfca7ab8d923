//! `sdlrender list TEMPLATE`: which values a template needs and where each would come from, but never the values.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use crate::cli::{Format, List};
use crate::diagnostic::{Diagnostic, Quote, grouped, printable, table};
use crate::error::{Report, quote};
use crate::pipeline::check::path_of;
use crate::pipeline::expand::expand;
use crate::pipeline::open::{input, warn_of_sources};
use crate::pipeline::profile::profile;
use crate::pipeline::reach::{Reach, reaches};
use crate::pipeline::scan::scan;
use crate::pipeline::unused::unused;
use crate::report::{Reported, github, sarif};
use crate::resolve::{Miss, Resolver};
use crate::source::{Keychain, KeychainSettings};
use crate::span::LineIndex;
use crate::streams::Streams;
use crate::template::Emission;

/// One placeholder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ListEntry {
    /// The name of a secret with its source (`NAME`, `env.NAME`), or the expression of a variable (`vars.TAG`).
    pub name: String,
    /// `secret` or `variable`.
    pub kind: &'static str,
    /// The template that contains it.
    pub template: String,
    /// The line in it, from 1.
    pub line: usize,
    /// The place in the SDL: `services.web.credentials.password`.
    pub path: String,
    /// Where the value would come from: `environment`, `command`, `default`, the path of a `.env` file, `variables`; null if missing.
    pub source: Option<String>,
    /// The profile, if one is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
}

/// Lists the placeholders.
///
/// # Errors
/// When the template is invalid.
pub(crate) fn run(options: &List, streams: &mut Streams<'_>) -> Result<(), Report> {
    if options.stored {
        return stored(options, streams);
    }
    let input = input(&options.inputs, streams)?;
    let profile = profile(options.inputs.profile.as_deref())?;
    let expanded = expand(&input)?;
    let sources = &expanded.expansion.sources;
    unused(&options.inputs.set, &options.inputs.from_command, std::iter::once(sources), streams.warn);
    let prepared = scan(&expanded)?;
    let resolver = Resolver::new(&input.chain, options.inputs.allow_empty);
    let lines: BTreeMap<&str, LineIndex> = sources.iter().map(|(name, text)| (name.as_str(), LineIndex::new(text))).collect();
    let (mut entries, mut missing, mut warnings) = (Vec::new(), Vec::new(), Vec::new());
    let places = prepared.layout.tree.paths(prepared.marks().map(|(scalar, _, _)| scalar.node));
    for ((_, mark, emission), path) in prepared.marks().zip(places) {
        let at = prepared.expansion.document.locate(mark.offset);
        let line = lines.get(&*at.template).map_or(0, |index| index.line(at.range.start));
        let written = sources.get(&*at.template).and_then(|text| text.get(at.range.clone())).unwrap_or_default().trim();
        let mut entry = |name: String, kind, source: Option<String>| {
            if source.is_none() {
                missing.push(no_value(&name, &path, path_of(prepared.template, &at.template), quote(sources, &at, &path)));
            }
            let (template, path, profile) = (at.template.to_string(), path.clone(), profile.clone());
            entries.push(ListEntry { name, kind, template, line, path, source, profile });
        };
        match emission {
            Emission::Secret(usage) => {
                for usage in usage.parts() {
                    let source = match resolver.locate(&usage) {
                        Ok(label) => Some(label),
                        Err(Miss::Source(label, failure)) => {
                            let (message, help) = crate::error::source(&usage.name, &label, &failure);
                            warnings.push(Diagnostic::warning(message).help(help));
                            None
                        }
                        Err(_) => None,
                    };
                    entry(usage.label(), "secret", source);
                }
            }
            Emission::Text(_) => entry(written.to_owned(), "variable", Some("variables".to_owned())),
            Emission::Undefined | Emission::Collection => entry(written.to_owned(), "variable", None),
        }
    }
    grouped(warnings).iter().for_each(&mut *streams.warn);
    warn_of_sources(&input.chain, streams.warn);
    let reached = reached(&reaches(&prepared), &lines);
    if options.format != Format::Human && !reached.is_empty() {
        let remark = Diagnostic::remark("files and hosts that the template reaches for");
        (streams.warn)(&Diagnostic { lines: reached.clone(), ..remark });
    }
    match options.format {
        Format::Json => streams.write_json(&entries),
        Format::Sarif => streams.write(sarif::write_plain(&missing)?.as_bytes()),
        Format::Github => streams.write(github::write(&missing).as_bytes()),
        Format::Human => {
            let profile = profile.map(|profile| format!("profile: {}\n", printable(&profile)));
            streams.write((profile.unwrap_or_default() + &listed(&entries) + &outside(&reached)).as_bytes())
        }
    }
}

/// A placeholder without a value, as a finding.
fn no_value(name: &str, path: &str, file: String, quote: Option<Quote>) -> Reported {
    let diagnostic = Diagnostic { snippet: quote, ..Diagnostic::error(format!("no value for `{name}`")) };
    Reported { rule: "missing-value", file, path: path.to_owned(), diagnostic }
}

/// Lists the names in the keychain.
fn stored(options: &List, streams: &mut Streams<'_>) -> Result<(), Report> {
    if matches!(options.format, Format::Sarif | Format::Github) {
        let refused = Diagnostic::error("--keychain is listed as text or as JSON: names are not findings");
        return Err(Report::usage(refused.help("--format json")));
    }
    let prompt = Duration::from_secs(options.inputs.keychain.keychain_timeout);
    let names = Keychain::new(KeychainSettings { profile: None, prompt }).names();
    let names = names.map_err(|failure| {
        let (message, help) = crate::error::keychain("NAME", &failure);
        Report::content(vec![Diagnostic::error(message).help(help)])
    })?;
    let text = match options.format {
        Format::Json => return streams.write_json(&names),
        _ if names.is_empty() => "the keychain has no names\n".to_owned(),
        _ => names.iter().map(|name| printable(name) + "\n").collect(),
    };
    streams.write(text.as_bytes())
}

fn listed(entries: &[ListEntry]) -> String {
    if entries.is_empty() {
        return "the template has no placeholders\n".to_owned();
    }
    let head = ["NAME", "LINE", "PLACE", "SOURCE"].map(str::to_owned);
    let rows = entries.iter().map(|entry| {
        [
            printable(&entry.name),
            entry.line.to_string(),
            printable(&entry.path),
            entry.source.as_deref().map_or("missing".to_owned(), printable),
        ]
    });
    table(&std::iter::once(head).chain(rows).collect::<Vec<_>>()).iter().map(|line| format!("{line}\n")).collect()
}

/// A table of the files and hosts that the template reaches for; no line if there are none.
fn reached(reached: &[Reach], lines: &BTreeMap<&str, LineIndex>) -> Vec<String> {
    if reached.is_empty() {
        return Vec::new();
    }
    let head = ["FILE OR HOST", "PLACE", "REACHED BY"].map(str::to_owned);
    let rows = reached.iter().map(|Reach { name, by, at, .. }| {
        let line = lines.get(&*at.template).map_or(0, |index| index.line(at.range.start));
        [printable(name), format!("{}:{line}", printable(&at.template)), (*by).to_owned()]
    });
    table(&std::iter::once(head).chain(rows).collect::<Vec<_>>())
}

/// It below another table.
fn outside(reached: &[String]) -> String {
    let first = (!reached.is_empty()).then(String::new);
    first.iter().chain(reached).map(|line| format!("{line}\n")).collect()
}

//! `sdlrender list TEMPLATE`: which values a template needs and where each would come from. Never a value.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Serialize;

use crate::cli::{Format, List};
use crate::command::{Streams, chain, expand_template, read_template, warn_of_sources};
use crate::diagnostic::{Diagnostic, printable};
use crate::error::Report;
use crate::resolve::{Miss, Resolver};
use crate::source::{Keychain, KeychainSettings};
use crate::span::LineIndex;
use crate::template::Emission;

/// One placeholder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The name, with its pin: `NAME`, `env.NAME`; of a variable, the expression: `vars.TAG`.
    pub name: String,
    /// `secret` or `variable`.
    pub kind: &'static str,
    /// The template that holds it.
    pub template: String,
    /// The line in it, from 1.
    pub line: usize,
    /// The place in the SDL: `services.web.credentials.password`.
    pub path: String,
    /// Where the value would come from: `environment`, `command`, `default`, a `.env` file's path, `variables`; null when missing.
    pub source: Option<String>,
}

/// Lists the placeholders.
///
/// # Errors
/// When the template is not in order.
pub fn run(options: &List, streams: &mut Streams<'_>) -> anyhow::Result<()> {
    if options.stored {
        return stored(options, streams);
    }
    let template = read_template(&options.inputs, streams.stdin)?;
    let chain = chain(&options.inputs, &template)?;
    let expanded = expand_template(&options.inputs, template, &chain)?;
    let prepared = expanded.prepare()?;
    let resolver = Resolver::new(&chain, options.inputs.allow_empty);
    let sources = &prepared.expansion.sources;
    let lines: std::collections::BTreeMap<&str, LineIndex> =
        sources.iter().map(|(name, text)| (name.as_str(), LineIndex::new(text))).collect();
    let mut entries = Vec::new();
    // A fault that many placeholders meet is told once.
    let mut told = BTreeSet::new();
    let places = prepared.layout.tree.paths(prepared.marks().map(|(scalar, _, _)| scalar.node));
    for ((_, mark, emission), path) in prepared.marks().zip(places) {
        let at = prepared.expansion.document.locate(mark.offset);
        let line = lines.get(&*at.template).map_or(0, |index| index.line(at.range.start));
        let written = sources.get(&*at.template).and_then(|text| text.get(at.range.clone())).unwrap_or_default().trim();
        let (name, kind, source) = match emission {
            Emission::Secret(usage) => {
                let source = match resolver.locate(usage) {
                    Ok(label) => Some(label),
                    Err(Miss::Source(label, failure)) => {
                        let (message, help) = crate::error::source(&usage.name, &label, &failure);
                        if told.insert(message.clone()) {
                            (streams.warn)(&Diagnostic::warning(message).help(help));
                        }
                        None
                    }
                    Err(_) => None,
                };
                (usage.label(), "secret", source)
            }
            Emission::Text(_) => (written.to_owned(), "variable", Some("variables".to_owned())),
            Emission::Undefined | Emission::Collection => (written.to_owned(), "variable", None),
        };
        entries.push(Entry { name, kind, template: at.template.to_string(), line, path, source });
    }
    warn_of_sources(&chain, streams.warn);
    let text = match options.format {
        Format::Json => serde_json::to_string_pretty(&entries)? + "\n",
        Format::Human => table(&entries),
    };
    Ok(streams.write(text.as_bytes())?)
}

/// The names that the keychain has.
fn stored(options: &List, streams: &mut Streams<'_>) -> anyhow::Result<()> {
    let prompt = Duration::from_secs(options.inputs.keychain.keychain_timeout);
    let names = Keychain::new(KeychainSettings { profile: None, prompt }).names();
    let names = names.map_err(|failure| {
        let (message, help) = crate::error::keychain("NAME", &failure);
        Report::content(vec![Diagnostic::error(message).help(help)])
    })?;
    let text = match options.format {
        Format::Json => serde_json::to_string_pretty(&names)? + "\n",
        Format::Human if names.is_empty() => "no names in the keychain\n".to_owned(),
        Format::Human => names.iter().map(|name| printable(name) + "\n").collect(),
    };
    Ok(streams.write(text.as_bytes())?)
}

fn table(entries: &[Entry]) -> String {
    if entries.is_empty() {
        return "no placeholders\n".to_owned();
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
    let rows: Vec<[String; 4]> = std::iter::once(head).chain(rows).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths = [width(0), width(1), width(2)];
    rows.iter()
        .map(|[name, line, place, source]| {
            format!("{name:<0$}  {line:>1$}  {place:<2$}  {source}\n", widths[0], widths[1], widths[2])
        })
        .collect()
}

//! `sdlrender list TEMPLATE…`: which values templates need and where each would come from, but never the values.

use std::path::PathBuf;
use std::time::Duration;

use crate::cli::{Inputs, List, ListFormat};
use crate::diagnostic::{Diagnostic, grouped, printable};
use crate::error::Report;
use crate::listing::{Listing, by_name, example, named, reached, table};
use crate::pipeline::files;
use crate::pipeline::open::{input, read_template, warn_of_sources};
use crate::pipeline::profile::profile;
use crate::pipeline::unused::unused;
use crate::report::{github, sarif};
use crate::source::{Keychain, KeychainSettings};
use crate::streams::Streams;

/// Lists the placeholders.
///
/// # Errors
/// When a template is invalid or, if that is asked for, when a value is missing.
pub(crate) fn run(options: &List, streams: &mut Streams<'_>) -> Result<(), Report> {
    if options.stored {
        return stored(options, streams);
    }
    if options.by_name && !matches!(options.format, ListFormat::Human | ListFormat::Json) {
        let refused = Diagnostic::error("--by-name is listed as text or as JSON");
        return Err(Report::usage(refused.help("--format json")));
    }
    let paths = paths(options)?;
    if options.format == ListFormat::EnvExample {
        let templates = paths.iter().map(|path| read_template(Some(path), streams)).collect::<Result<_, _>>()?;
        return streams.write(example(templates, &options.inputs)?.as_bytes());
    }
    let mut listing = Listing::default();
    let mut failed: Option<Report> = None;
    for path in &paths {
        let inputs = Inputs { template: Some(path.clone()), ..options.inputs.clone() };
        let listed = input(&inputs, streams).and_then(|input| {
            listing.add(&inputs, &input)?;
            warn_of_sources(&input.chain, streams.warn);
            Ok(())
        });
        // The other templates are listed all the same.
        if let Err(report) = listed {
            let failed = failed.get_or_insert(Report { diagnostics: Vec::new(), code: report.code });
            failed.code = failed.code.max(report.code);
            failed.diagnostics.extend(report.diagnostics);
        }
    }
    unused(&options.inputs.set, &options.inputs.from_command, listing.sources.iter(), streams.warn);
    grouped(std::mem::take(&mut listing.warnings)).iter().for_each(&mut *streams.warn);
    if failed.is_none() || !listing.sources.is_empty() {
        write(options, &listing, paths.len() > 1, streams)?;
    }
    match failed {
        Some(report) => Err(report),
        None if options.require && !listing.missing.is_empty() => {
            Err(Report::content(listing.missing.into_iter().map(|missing| missing.diagnostic).collect()))
        }
        None => Ok(()),
    }
}

/// The templates that the options name.
fn paths(options: &List) -> Result<Vec<PathBuf>, Report> {
    let mut named: Vec<PathBuf> = options.inputs.template.iter().chain(&options.more).cloned().collect();
    if named.is_empty() {
        named.push(PathBuf::from("."));
    }
    let (paths, unreadable) = files::templates(&named);
    match unreadable.into_iter().next() {
        Some(files::Unreadable { path, error }) => {
            let failure = Diagnostic::error(format!("{} can't be read: {error}", path.display()));
            Err(Report::usage(failure.help(format!("`ls -ld {}` shows its permissions", path.display()))))
        }
        None if paths.is_empty() => Err(Report::usage(files::nothing(&named))),
        None => Ok(paths),
    }
}

fn write(options: &List, listing: &Listing, several: bool, streams: &mut Streams<'_>) -> Result<(), Report> {
    let outside = reached(&listing.reached);
    let all = options.format == ListFormat::Json && !options.by_name;
    if options.format != ListFormat::Human && !all && !outside.is_empty() {
        let remark = Diagnostic::remark("files and hosts that the template reaches for");
        (streams.warn)(&Diagnostic { lines: outside.clone(), ..remark });
    }
    let text = match options.format {
        ListFormat::Json if options.by_name => return streams.write_json(&by_name(&listing.entries)),
        ListFormat::Json => {
            return streams.write_json(&listing.entries.iter().chain(&listing.reached).collect::<Vec<_>>());
        }
        ListFormat::Sarif => sarif::write_plain(&listing.missing)?,
        ListFormat::Github => github::write(&listing.missing),
        _ => {
            let profile = profile(options.inputs.profile.as_deref())?;
            let head = profile.map(|profile| format!("profile: {}\n", printable(&profile))).unwrap_or_default();
            // Below the other table.
            let outside: String =
                (!outside.is_empty()).then(String::new).iter().chain(&outside).map(|line| format!("{line}\n")).collect();
            let needed = match (listing.entries.is_empty(), several) {
                (true, false) => "the template has no placeholders\n".to_owned(),
                (true, true) => "the templates have no placeholders\n".to_owned(),
                _ if options.by_name => named(&by_name(&listing.entries), several),
                _ => table(&listing.entries, several),
            };
            head + &needed + &outside
        }
    };
    streams.write(text.as_bytes())
}

/// Lists the names in the keychain.
fn stored(options: &List, streams: &mut Streams<'_>) -> Result<(), Report> {
    if !matches!(options.format, ListFormat::Human | ListFormat::Json) {
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
        ListFormat::Json => return streams.write_json(&names),
        _ if names.is_empty() => "the keychain has no names\n".to_owned(),
        _ => names.iter().map(|name| printable(name) + "\n").collect(),
    };
    streams.write(text.as_bytes())
}

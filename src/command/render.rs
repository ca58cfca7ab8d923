//! `sdlrender TEMPLATE`: the program told aloud, one line a stage.

use std::collections::HashMap;
use std::path::Path;
use std::rc::Rc;

use crate::cli::Render;
use crate::command::{Prepared, Streams, chain, expand_template, read_template, warn_of_sources};
use crate::diagnostic::{Diagnostic, nearest};
use crate::error::{self, Report, quote, remark};
use crate::output::{OutputError, Redirect, Target, guard};
use crate::proof::prove;
use crate::resolve::{Miss, Resolved, Resolver};
use crate::scalar::{Mark, Scalar};
use crate::secret::{Origin, SecretUse};
use crate::source::Chain;
use crate::splice::{Cause, Filled, Kind, Piece, splice};
use crate::template::Emission;

/// What stands in the place of a secret that is not to be seen.
pub const MASK: &str = "********";
/// The mask of a checked integer.
const INTEGER_MASK: &str = "0";

/// Renders the template and writes the result.
///
/// # Errors
/// With everything that is wrong; nothing has been written then.
pub fn run(options: &Render, streams: &mut Streams<'_>) -> anyhow::Result<()> {
    let redirect = Redirect::of_stdout().filter(|_| options.output.is_none());
    refuse_own_redirect(options, redirect.as_ref())?;
    let template = read_template(&options.inputs, streams.stdin)?;
    let chain = chain(&options.inputs, &template)?;
    let expanded = expand_template(&options.inputs, template, &chain)?;
    let prepared = expanded.prepare()?;
    let included = expanded.expansion.included.iter().find(|path| redirect.as_ref().is_some_and(|redirect| redirect.is(path)));
    if let Some(path) = included {
        return Err(Report::usage(error::output(&OutputError::IsTemplate(path.clone()))).into());
    }
    let target = target(options, &prepared)?;
    let secret = prepared.holds_secret() && !options.redact;
    guard_output(options, secret, redirect.as_ref(), streams.warn)?;
    let values = look_up(&prepared, &chain, options)?;
    warn_of_sources(&chain, streams.warn);
    prepared.expansion.remarks.iter().for_each(|(at, text)| (streams.warn)(&remark(&prepared.expansion.sources, at, text)));
    let hide = streams.terminal && secret && !options.reveal && target.is_none();
    let shown = if hide { Values::masked() } else { values };
    let filled = fill(&prepared, &shown)?;
    write(&filled, target, streams)?;
    if hide {
        (streams.warn)(
            &Diagnostic::warning("secrets are masked on a terminal")
                .help("-o deploy.yaml or > deploy.yaml writes them; --reveal shows them"),
        );
    }
    Ok(())
}

/// `sdlrender x > x` has emptied its template already; say so before "is empty" would.
fn refuse_own_redirect(options: &Render, redirect: Option<&Redirect>) -> Result<(), Report> {
    match (redirect, options.inputs.template.as_deref()) {
        (Some(redirect), Some(template)) if redirect.is(template) => {
            Err(Report::usage(error::output(&OutputError::IsTemplate(template.to_owned()))))
        }
        _ => Ok(()),
    }
}

fn target(options: &Render, prepared: &Prepared<'_>) -> Result<Option<Target>, Report> {
    let Some(path) = &options.output else { return Ok(None) };
    let templates = prepared.template.path.iter().chain(&prepared.expansion.included).map(AsRef::as_ref);
    Target::new(path, templates).map(Some).map_err(|failure| Report::usage(error::output(&failure)))
}

/// Refuses a file that git could commit, for a result with secrets.
fn guard_output(
    options: &Render,
    secret: bool,
    redirect: Option<&Redirect>,
    warn: &mut dyn FnMut(&Diagnostic),
) -> Result<(), Report> {
    let redirected: Option<&Path> = redirect.and_then(|redirect| redirect.path.as_deref());
    let Some(path) = options.output.as_deref().or(redirected).filter(|_| secret) else { return Ok(()) };
    if !options.allow_unignored {
        guard(path).map_err(|failure| Report::usage(error::output(&failure)))?;
    }
    if let Some(redirect) = redirect.filter(|redirect| redirect.mode & 0o077 != 0) {
        let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
        let warning =
            Diagnostic::warning(format!("other users can read {name} (mode {:03o}), and it holds secrets", redirect.mode));
        warn(&warning.help(format!("chmod 600 {name}; -o {name} creates it so")));
    }
    Ok(())
}

/// The values of one rendering.
#[derive(Debug)]
pub struct Values {
    found: Option<HashMap<SecretUse, Rc<Resolved>>>,
}

impl Values {
    /// A mask for each secret.
    pub fn masked() -> Self {
        Self { found: None }
    }

    fn piece<'v>(&'v self, emission: &'v Emission) -> Piece<'v> {
        match emission {
            Emission::Secret(usage) => {
                let kind = if usage.is_integer() { Kind::Integer } else { Kind::Secret };
                let mask = if usage.is_integer() { INTEGER_MASK } else { MASK };
                let found = self.found.as_ref().map(|found| found.get(&**usage).map_or("", |resolved| resolved.value.expose()));
                Piece { text: found.unwrap_or(mask), kind }
            }
            Emission::Text(text) => Piece { text, kind: Kind::Variable },
            // Reported as a miss before anything is filled.
            Emission::Undefined | Emission::Collection => Piece { text: "", kind: Kind::Variable },
        }
    }
}

/// The values that the options ask for: masks, which need no secret, or what the sources have.
fn look_up(prepared: &Prepared<'_>, chain: &Chain, options: &Render) -> Result<Values, Report> {
    if !options.redact {
        return resolve(prepared, chain, options.inputs.allow_empty);
    }
    let diagnostics = undefined(prepared);
    if diagnostics.is_empty() { Ok(Values::masked()) } else { Err(Report::content(diagnostics)) }
}

/// Looks up every secret whose marker stands in a scalar.
///
/// # Errors
/// With every miss, each name once.
pub fn resolve(prepared: &Prepared<'_>, chain: &Chain, allow_empty: bool) -> Result<Values, Report> {
    let mut resolver = Resolver::new(chain, allow_empty);
    let mut found = HashMap::new();
    // In the order of the document; the index finds the place of a name that was missed before.
    let mut misses: Vec<(SecretUse, Miss, &Scalar, Mark, usize)> = Vec::new();
    let mut missed: HashMap<String, usize> = HashMap::new();
    for (scalar, mark, emission) in prepared.marks() {
        let Emission::Secret(usage) = emission else { continue };
        if found.contains_key(&**usage) {
            continue;
        }
        match resolver.resolve(usage) {
            Ok(resolved) => _ = found.insert((**usage).clone(), resolved),
            Err(miss) => {
                // One finding a name, whatever filters are on it; a filter's own error is one more.
                let key = match &miss {
                    Miss::Filter(filter, _) => format!("{} | {filter}", usage.label()),
                    _ => usage.label(),
                };
                match missed.get(&key) {
                    Some(index) => misses[*index].4 += 1,
                    None => {
                        missed.insert(key, misses.len());
                        misses.push(((**usage).clone(), miss, scalar, mark, 1));
                    }
                }
            }
        }
    }
    // Only for did-you-mean: no run that finds everything pays for it.
    let names = if misses.is_empty() { Vec::new() } else { chain.names() };
    let mut diagnostics: Vec<Diagnostic> = misses
        .iter()
        .map(|(usage, miss, scalar, mark, count)| describe(prepared, usage, miss, scalar, *mark, *count, &names))
        .collect();
    diagnostics.extend(undefined(prepared));
    if diagnostics.is_empty() { Ok(Values { found: Some(found) }) } else { Err(Report::content(diagnostics)) }
}

fn describe(
    prepared: &Prepared<'_>,
    usage: &SecretUse,
    miss: &Miss,
    scalar: &Scalar,
    mark: Mark,
    count: usize,
    names: &[String],
) -> Diagnostic {
    let label = usage.label();
    let diagnostic = match miss {
        Miss::NotFound(asked) => missing(usage, asked, names),
        Miss::Unreached(asked, failure) => {
            let (note, help) = error::keychain(&usage.name, failure);
            if usage.origin == Origin::Any && failure.is_absence() {
                missing(usage, asked, names).note(note)
            } else {
                let missing = Diagnostic::error(format!("no value for `{label}`"));
                let looked = (!asked.is_empty()).then(|| format!("looked in: {}", asked.join(", ")));
                looked.into_iter().fold(missing, Diagnostic::note).note(note).help(help)
            }
        }
        Miss::Empty(source) => Diagnostic::error(format!("`{label}` is empty in {source}"))
            .help("an empty value counts as missing; --allow-empty takes it as it is"),
        Miss::Source(source, failure) => {
            let (message, help) = error::source(&usage.name, source, failure);
            Diagnostic::error(message).help(help)
        }
        Miss::Filter(filter, failure) => {
            Diagnostic::error(format!("the filter `{filter}` on `{label}` {}", error::filter(failure)))
        }
    };
    let diagnostic = match count {
        1 => diagnostic,
        _ => diagnostic.note(format!("it is used {count} times; this is the first")),
    };
    place(prepared, diagnostic, mark, &prepared.layout.path(scalar))
}

/// A secret that no source has.
fn missing(usage: &SecretUse, asked: &[String], names: &[String]) -> Diagnostic {
    let asked = if asked.is_empty() { "no source was asked".to_owned() } else { format!("looked in: {}", asked.join(", ")) };
    let missing = Diagnostic::error(format!("no value for `{}`", usage.label())).note(asked);
    if usage.origin == Origin::Keychain {
        return missing.help(format!("sdlrender set {} stores it", usage.name));
    }
    match nearest(&usage.name, names.iter().map(String::as_str)) {
        Some(other) => missing.help(format!("`{other}` is set: did you mean that?")),
        None => missing.help(format!("export {0}=…, or add {0}='…' to .env, or --from-command {0}='…'", usage.name)),
    }
}

/// Variables that are not set, and values that have no text, each place's first occurrence.
fn undefined(prepared: &Prepared<'_>) -> Vec<Diagnostic> {
    let mut seen: Vec<(String, usize)> = Vec::new();
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    let known = prepared.missing.names();
    for (scalar, mark, emission) in prepared.marks() {
        let (what, help) = match emission {
            Emission::Undefined => {
                ("is not set", "--set NAME=VALUE, --values FILE, or the environment gives it; | default(\"…\") makes it optional")
            }
            Emission::Collection => {
                ("is a list or a mapping, which has no text", "loop over it with {% for %}, or name one of its members")
            }
            _ => continue,
        };
        let location = prepared.expansion.document.locate(mark.offset);
        let text = prepared.expansion.sources.get(&*location.template).and_then(|text| text.get(location.range.clone()));
        let name = text.unwrap_or("a value").trim().to_owned();
        if let Some(index) = seen.iter().position(|(other, _)| *other == name) {
            seen[index].1 += 1;
            continue;
        }
        let member = known.iter().find(|known| name.ends_with(known.as_str()));
        let help = member.map_or_else(|| help.to_owned(), |member| help.replace("NAME", member));
        diagnostics.push(place(
            prepared,
            Diagnostic::error(format!("`{name}` {what}")).help(help),
            mark,
            &prepared.layout.path(scalar),
        ));
        seen.push((name, 1));
    }
    for ((_, count), diagnostic) in seen.iter().zip(&mut diagnostics).filter(|((_, count), _)| *count > 1) {
        diagnostic.notes.push(format!("it is used {count} times; this is the first"));
    }
    diagnostics
}

fn place(prepared: &Prepared<'_>, diagnostic: Diagnostic, mark: Mark, path: &str) -> Diagnostic {
    let location = prepared.expansion.document.locate(mark.offset);
    Diagnostic { snippet: quote(&prepared.expansion.sources, &location, path), ..diagnostic }
}

/// Fills the document and proves it.
///
/// # Errors
/// When a value can't be held by YAML.
pub fn fill(prepared: &Prepared<'_>, values: &Values) -> Result<Filled, Report> {
    let (document, sources) = (&prepared.expansion.document, &prepared.expansion.sources);
    let piece = |mark: Mark| values.piece(&document.emissions[mark.number]);
    let comment = |mark: Mark| match document.placeholder(mark.offset, sources) {
        Some(at) => sources[&*at.template][at.range].to_owned(),
        None => match &document.emissions[mark.number] {
            Emission::Secret(usage) => format!("{{{{ {} }}}}", usage.label()),
            Emission::Text(text) => text.replace(['\n', '\r'], " "),
            _ => String::new(),
        },
    };
    let filled = splice(document, &prepared.layout, piece, comment).map_err(|refusals| {
        let describe = |cause| match cause {
            Cause::Nul => Diagnostic::error("the value holds a NUL, which YAML can't").help("encode it: {{ NAME | b64encode }}"),
            Cause::Mixed => Diagnostic::error(
                "the value holds a `$`, and an alias uses it both where Kubernetes expands `$` and where it does not",
            )
            .help("write the placeholder in both places instead of an alias"),
        };
        Report::content(
            refusals.iter().map(|refusal| place(prepared, describe(refusal.cause), refusal.mark, &refusal.path)).collect(),
        )
    })?;
    #[cfg(feature = "faults")]
    crate::system::faults::panic();
    prove(&prepared.layout, &filled).map_err(|unproven| {
        let where_ = unproven.path.map_or_else(String::new, |path| format!(" at {path}"));
        let message = format!("the result did not prove to be the template with its values{where_}; nothing is written");
        Report::content(vec![
            Diagnostic::error(message).help("this is a fault of sdlrender: please report the template, without values"),
        ])
    })?;
    Ok(filled)
}

fn write(filled: &Filled, target: Option<Target>, streams: &mut Streams<'_>) -> Result<(), Report> {
    match target {
        Some(target) => target.write(filled.text.as_bytes()).map_err(|failure| Report::usage(error::output(&failure))),
        None => streams.write(filled.text.as_bytes()),
    }
}

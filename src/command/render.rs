//! `sdlrender TEMPLATE`: the program told aloud, one line a stage.

use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::thread;
use std::time::SystemTime;

use rustc_hash::FxHashMap as HashMap;

use crate::cli::Render;
use crate::command::{
    Expanded, Prepared, Streams, chain, check, expand_template, hide_secrets, read_template, verify, warn_of_sources,
};
use crate::diagnostic::{Diagnostic, nearest};
use crate::error::{self, Report, quote, remark};
use crate::output::{OutputError, Redirect, Target, guard};
use crate::proof::prove;
use crate::resolve::{Miss, Resolved, Resolver};
use crate::rules::{self, Stage};
use crate::scalar::{Mark, Scalar};
use crate::secret::{Origin, SecretUse};
use crate::source::Chain;
use crate::splice::{Cause, Edits, Filled, Kind, Piece, Targets, splice};
use crate::system;
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
    let opened = open(options, true, streams)?;
    let rendering = opened.render(options, streams)?;
    if options.verify {
        verify::before_writing(&rendering, &options.registries, streams)?;
    }
    let masked = if rendering.hide { Some(rendering.masked()?) } else { None };
    let shown = masked.as_ref().unwrap_or(&rendering.filled);
    Ok(rendering.write(&shown.text, streams)?)
}

/// A template whose statements have run, and what its values come from.
#[derive(Debug)]
pub struct Opened {
    expanded: Expanded,
    chain: Arc<Chain>,
    redirect: Option<Redirect>,
}

/// A document that is filled and proven, and where it may go. Nothing has been written.
#[derive(Debug)]
pub struct Rendering<'o> {
    opened: &'o Opened,
    /// The document with its values, or with masks where `--redact` asks for them.
    pub filled: Filled,
    /// Whether standard output is to get masks: a terminal shows no secrets.
    pub hide: bool,
    target: Option<Target>,
}

/// Reads the template and runs its statements. `written` says whether the result will be: only then is it looked at where to.
///
/// # Errors
/// When the template is not in order, or is what would be written to.
pub fn open(options: &Render, written: bool, streams: &mut Streams<'_>) -> Result<Opened, Report> {
    let redirect = Redirect::of_stdout().filter(|_| written && options.output.is_none());
    refuse_own_redirect(options, redirect.as_ref())?;
    let template = read_template(&options.inputs, streams.stdin)?;
    let chain = chain(&options.inputs, &template)?;
    let expanded = expand_template(&options.inputs, template, &chain)?;
    let included = expanded.expansion.included.iter().find(|path| redirect.as_ref().is_some_and(|redirect| redirect.is(path)));
    if let Some(path) = included {
        return Err(Report::usage(error::output(&OutputError::IsTemplate(path.clone()))));
    }
    Ok(Opened { expanded, chain, redirect })
}

impl Opened {
    /// Renders the template up to the point where it would be written.
    ///
    /// # Errors
    /// With everything that is wrong.
    pub fn render(&self, options: &Render, streams: &mut Streams<'_>) -> Result<Rendering<'_>, Report> {
        let prepared = self.expanded.prepare()?;
        let target = target(options, &prepared)?;
        let secret = prepared.holds_secret() && !options.redact;
        guard_output(options, secret, self.redirect.as_ref(), streams.warn)?;
        let values = look_up(&prepared, &self.chain, options)?;
        warn_of_sources(&self.chain, streams.warn);
        prepared.expansion.remarks.iter().for_each(|(at, text)| (streams.warn)(&remark(&prepared.expansion.sources, at, text)));
        let hide = streams.terminal && secret && !options.reveal && target.is_none();
        let (edits, targets) = splice_in(&prepared, &values)?;
        #[cfg(feature = "faults")]
        system::faults::panic();
        let filled = match options.no_check {
            true => assemble(&prepared, edits, &targets)?,
            false => {
                let (filled, found) = examine(prepared, edits, &targets, !options.redact)?;
                judge(found, streams.warn)?;
                filled
            }
        };
        Ok(Rendering { opened: self, filled, hide, target })
    }
}

impl Rendering<'_> {
    /// The same document with masks in place of secrets.
    ///
    /// # Errors
    /// As [`fill`].
    pub fn masked(&self) -> Result<Filled, Report> {
        fill(&self.opened.expanded.prepare()?, &Values::masked()).map(|(filled, _)| filled)
    }

    /// Writes `text`, which is the document or made of it, to where it goes.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn write(&self, text: &str, streams: &mut Streams<'_>) -> Result<(), Report> {
        match &self.target {
            Some(target) => target.write(text.as_bytes()).map_err(|failure| Report::usage(error::output(&failure)))?,
            None => streams.write(text.as_bytes())?,
        }
        if self.hide {
            (streams.warn)(
                &Diagnostic::warning("secrets are masked on a terminal")
                    .help("-o deploy.yaml or > deploy.yaml writes them; --reveal shows them"),
            );
        }
        Ok(())
    }
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
    let diagnostics = undefined(prepared, true);
    if diagnostics.is_empty() { Ok(Values::masked()) } else { Err(Report::content(diagnostics)) }
}

/// Looks up every secret whose marker stands in a scalar.
///
/// # Errors
/// With every miss, each name once.
pub fn resolve(prepared: &Prepared<'_>, chain: &Chain, allow_empty: bool) -> Result<Values, Report> {
    hide_secrets(prepared, chain);
    let mut resolver = Resolver::new(chain, allow_empty);
    let mut found = HashMap::default();
    // In the order of the document; the index finds the place of a name that was missed before.
    let mut misses: Vec<(SecretUse, Miss, &Scalar, Mark, usize)> = Vec::new();
    let mut missed: HashMap<String, usize> = HashMap::default();
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
    diagnostics.extend(undefined(prepared, true));
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
    let placed = |diagnostic| place(prepared, diagnostic, mark, &prepared.layout.path(scalar));
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
    placed(diagnostic)
}

/// A secret that no source has.
fn missing(usage: &SecretUse, asked: &[String], names: &[String]) -> Diagnostic {
    let asked = if asked.is_empty() { "no source was asked".to_owned() } else { format!("looked in: {}", asked.join(", ")) };
    let missing = Diagnostic::error(format!("no value for `{}`", usage.label())).note(asked);
    match usage.origin {
        Origin::Keychain => return missing.help(format!("sdlrender set {} stores it", usage.name)),
        Origin::File => return missing.help("the path is relative to the template's folder; ~/ is your home"),
        Origin::DockerUsername | Origin::DockerPassword => {
            return missing.help(format!("docker login {} stores one", usage.name));
        }
        _ => {}
    }
    match nearest(&usage.name, names.iter().map(String::as_str)) {
        Some(other) => missing.help(format!("`{other}` is set: did you mean that?")),
        None => missing.help(format!("export {0}=…, or add {0}='…' to .env, or --from-command {0}='…'", usage.name)),
    }
}

/// Values that have no text and, with `unset`, variables that are not set, each place's first occurrence.
pub(super) fn undefined(prepared: &Prepared<'_>, unset: bool) -> Vec<Diagnostic> {
    let mut seen: Vec<(String, usize)> = Vec::new();
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    let known = prepared.missing.names();
    for (scalar, mark, emission) in prepared.marks() {
        let (what, help) = match emission {
            Emission::Undefined if unset => {
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

/// What fills the document, and what its scalars must be then.
///
/// # Errors
/// When a value can't be held by YAML.
pub(super) fn splice_in(prepared: &Prepared<'_>, values: &Values) -> Result<(Edits, Targets), Report> {
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
    splice(document, &prepared.layout, piece, comment).map_err(|refusals| {
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
    })
}

/// Fills the document and proves it.
///
/// # Errors
/// When a value can't be held by YAML.
pub fn fill(prepared: &Prepared<'_>, values: &Values) -> Result<(Filled, Targets), Report> {
    let (edits, targets) = splice_in(prepared, values)?;
    Ok((assemble(prepared, edits, &targets)?, targets))
}

fn assemble(prepared: &Prepared<'_>, edits: Edits, targets: &Targets) -> Result<Filled, Report> {
    let filled = edits.assemble(&prepared.expansion.document, &prepared.layout);
    match prove(&prepared.layout, targets, &filled) {
        Ok(_) => Ok(filled),
        Err(unproven) => {
            let where_ = unproven.path.map_or_else(String::new, |path| format!(" at {path}"));
            let message = format!("the result did not prove to be the template with its values{where_}; nothing is written");
            Err(Report::content(vec![
                Diagnostic::error(message).help("this is a fault of sdlrender: please report the template, without values"),
            ]))
        }
    }
}

/// Fills the document, proves it, and gives what the rules say of it, of secrets too if these are `secrets`. While a large one is filled
/// and proven, the rules run aside.
fn examine<'t>(
    mut prepared: Prepared<'t>,
    edits: Edits,
    targets: &'t Targets,
    secrets: bool,
) -> Result<(Filled, Vec<Diagnostic>), Report> {
    const LARGE: usize = 256 * 1024;
    prepared.layout.tree = check::settled(std::mem::take(&mut prepared.layout.tree), &prepared, targets, secrets);
    let (prepared, stage) = (&prepared, Stage::Render(secrets.then(SystemTime::now)));
    let rules = || rules::of_document(&prepared.layout.tree, stage);
    thread::scope(|scope| {
        let large = prepared.expansion.document.text.len() >= LARGE;
        let aside = || {
            let found = rules();
            // The thread has had values in hand.
            system::scrub();
            found
        };
        let other = if large { thread::Builder::new().spawn_scoped(scope, aside).ok() } else { None };
        let filled = assemble(prepared, edits, targets)?;
        let texts = rules::of_texts(&prepared.expansion.sources);
        let document = match other.map(thread::ScopedJoinHandle::join) {
            Some(Ok(found)) => found,
            Some(Err(panic)) => std::panic::resume_unwind(panic),
            None => rules(),
        };
        Ok((filled, check::at_render(prepared, document, texts)))
    })
}

/// Refuses a result that Akash or the registry would; warnings are drawn.
fn judge(mut found: Vec<Diagnostic>, warn: &mut dyn FnMut(&Diagnostic)) -> Result<(), Report> {
    if check::refuses(&found) {
        let help = "--no-check writes it as it is";
        found.push(Diagnostic::remark("nothing was written: the result would be refused").help(help));
        return Err(Report::content(found));
    }
    found.iter().for_each(warn);
    Ok(())
}

//! `sdlrender TEMPLATE`: the program told aloud, one line a stage.

use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::SystemTime;

use crate::cli::Render;
use crate::command::{Expanded, Prepared, Streams, chain, check, expand_template, read_template, verify, warn_of_sources};
use crate::diagnostic::{Diagnostic, REPORT_BUG, grouped};
use crate::error::{self, Report, remark};
use crate::output::{OutputError, Redirect, Target, guard};
use crate::proof::prove;
use crate::rules::{self, Stage};
use crate::scalar::Mark;
use crate::source::Chain;
use crate::splice::{Cause, Edits, Filled, Targets, splice};
use crate::system;
use crate::template::Emission;

mod values;

pub(super) use values::undefined;
pub use values::{MASK, Values, resolve};
use values::{look_up, place};

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
        let remarks = prepared.expansion.remarks.iter().map(|(at, text)| remark(&prepared.expansion.sources, at, text));
        grouped(remarks.collect()).iter().for_each(&mut *streams.warn);
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
            let message = format!("internal check failed: the output does not match the template{where_}; nothing was written");
            Err(Report::content(vec![Diagnostic::error(message).help(REPORT_BUG)]))
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
        let help = "use --no-check to write it anyway";
        found.push(Diagnostic::remark("nothing was written: Akash or the registry would refuse the result").help(help));
        return Err(Report::content(found));
    }
    grouped(found).iter().for_each(warn);
    Ok(())
}

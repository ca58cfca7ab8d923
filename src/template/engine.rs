//! Runs a template in minijinja, without secrets: every value that the template writes becomes a marker.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use minijinja::machinery::ast;
use minijinja::{Environment, ErrorKind, OutputSpan, OutputSpanKind, Value};

use super::budget::{self, Excess};
use super::environment::{environment, parse};
use super::guard::{self, Violation};
use super::loader::{Cache, IncludeFiles, Loader};
use super::marker::{Emission, Nonce};
use super::object::{Record, Recorder, Root};
use super::watch::watched;
use super::{Template, Values, number};
use crate::secret::SecretUse;
use crate::span::Location;

/// The texts of templates, by name.
pub(crate) type Sources = BTreeMap<String, Arc<String>>;

/// Returns whether a source has a secret, for `is defined`, but never its value.
pub(crate) type Presence = Arc<dyn Fn(&SecretUse) -> bool + Send + Sync>;

/// An expanded template: text with a marker for each value, and where each part came from.
#[derive(Debug)]
pub(crate) struct MarkerDocument {
    /// The document.
    pub text: String,
    /// Recognises its markers.
    pub nonce: Nonce,
    /// What each marker is for, by its number.
    pub emissions: Vec<Emission>,
    spans: Vec<Stretch>,
    /// The templates that stretches come from.
    names: Vec<Arc<str>>,
}

/// A part of a document, and what wrote it.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    /// Its end in the document; it begins where the previous one ends.
    end: u32,
    /// Where it comes from: a range of bytes in the template numbered `template`.
    source: (u32, u32),
    template: u32,
    /// Whether an expression wrote it; otherwise it is text of the template.
    expression: bool,
}

/// The result of expanding a template.
#[derive(Debug)]
pub(crate) struct Expansion {
    /// The document for the YAML parser.
    pub document: MarkerDocument,
    /// The texts of the template and its includes, by name.
    pub sources: Sources,
    /// The included files.
    pub included: Vec<PathBuf>,
    /// Warnings: where, and what.
    pub remarks: Vec<(Location, String)>,
}

/// Why a template can't be expanded.
#[derive(Debug)]
pub(crate) enum ExpandError {
    /// minijinja can't parse or run it.
    Engine {
        /// Where, if known.
        at: Option<Location>,
        /// minijinja's message, which contains at most template text.
        message: String,
        /// Whether it is a syntax error.
        syntax: bool,
    },
    /// Secrets are used in unsupported ways.
    Violations(Vec<Violation>),
    /// It goes beyond the budget of a template: in what, and where, if known.
    Excess(Excess, Option<Location>),
    /// The operating system provides no random bytes.
    Random,
}

/// Runs the statements of `template` with `values` as `vars`, and writes a marker for every value.
///
/// # Errors
/// See [`ExpandError`]. It can't contain a secret, since none has been looked up.
///
/// Included templates are read from `files`.
pub(crate) fn expand(
    template: &Template,
    values: Values,
    presence: Presence,
    files: Arc<dyn IncludeFiles>,
) -> Result<Expansion, (ExpandError, Sources)> {
    let loader = Arc::new(Loader::new(files));
    let values = Arc::new(values);
    expand_with(template, &values, presence, &loader).map_err(|error| {
        let error = match error {
            ExpandError::Engine { at, message, syntax } => {
                ExpandError::Engine { at, message: values.veiled(message, &template.text), syntax }
            }
            error => error,
        };
        // With the includes read so far, so that an error in one can be shown.
        let mut sources = loader.read_so_far().1;
        sources.insert(template.name.clone(), template.text.clone());
        (error, sources)
    })
}

fn expand_with(
    template: &Template,
    values: &Arc<Values>,
    presence: Presence,
    loader: &Arc<Loader>,
) -> Result<Expansion, ExpandError> {
    let text = template.text.as_str();
    let nonce = Nonce::fresh(text).map_err(|_| ExpandError::Random)?;
    let sources = BTreeMap::from([(template.name.clone(), template.text.clone())]);
    if memchr::memmem::find(text.as_bytes(), b"{{").is_none() && memchr::memmem::find(text.as_bytes(), b"{%").is_none() {
        let document = MarkerDocument::new(text.to_owned(), nonce, Vec::new(), &template.name, &[]);
        return Ok(Expansion { document, sources, included: Vec::new(), remarks: Vec::new() });
    }

    if let Some(range) = budget::too_deep(text) {
        return Err(ExpandError::Excess(Excess::Steps, Some(Location::new(template.name.as_str(), range))));
    }
    let root = parse(text, &template.name).map_err(|error| engine_error(&error))?;
    let cache = Cache::default();
    let load = |name: &str| cache.get(name, loader);
    let found = guard::walk(&root, &template.name, text, &load);
    if let Some((excess, at)) = found.exceeded {
        return Err(ExpandError::Excess(excess, at));
    }
    if !found.violations.is_empty() {
        return Err(ExpandError::Violations(found.violations));
    }

    let recorder = Arc::new(Recorder { nonce: nonce.clone(), state: Mutex::default() });
    let mut environment = environment(&root, &recorder, &presence, budget::fuel(text));
    let run = with_numbers(&root, text, values, &recorder);
    drop(root);
    let checked = found.walked.clone();
    let (for_loader, refused, given) = (loader.clone(), recorder.clone(), values.clone());
    environment.set_loader(move |name| {
        let Some(source) = for_loader.load(name)? else { return Ok(None) };
        if let Some(range) = budget::too_deep(&source) {
            refused.lock().exceeded = Some((Excess::Steps, Some(Location::new(name, range))));
            return Err(minijinja::Error::new(ErrorKind::BadInclude, "too many steps"));
        }
        // Its name may have been computed, so that the walk has not seen it.
        let unseen = !checked.iter().any(|known| known == name);
        // A syntax error is reported when it is compiled.
        if (unseen || given.keep_texts())
            && let Ok(root) = parse(&source, name)
        {
            if unseen {
                // Without the scope around it.
                let found = guard::walk(&root, name, &source, &|_| None);
                let mut refused = refused.lock();
                refused.violations.extend(found.violations);
                refused.exceeded = refused.exceeded.take().or(found.exceeded);
            }
            return Ok(Some(with_numbers(&root, &source, &given, &refused).into_owned()));
        }
        Ok(Some(source.to_string()))
    });
    let context = Value::from_object(Root { values: values.clone(), recorder: recorder.clone(), known: Mutex::default() });
    let (rendered, mut state) = render(environment, template, run, context, &recorder)?;
    if let Some((excess, at)) = state.exceeded {
        return Err(ExpandError::Excess(excess, at));
    }
    // Before what else it shows: a run that was stopped left secrets unused.
    let rendered = match rendered {
        Err(stopped @ ExpandError::Excess(Excess::Work, _)) => return Err(stopped),
        rendered => rendered,
    };
    let unread: Vec<String> = Recorder::unread(&state).cloned().collect();
    state.unused.extend(unread);
    state.unused.retain(|name| !found.assigned.contains(name));
    let mut violations = std::mem::take(&mut state.violations);
    violations.extend(state.unused.iter().chain(&state.misused).map(|name| misuse(template, name)));
    violations.dedup();
    if !violations.is_empty() {
        return Err(ExpandError::Violations(violations));
    }
    let (mut text, spans) = rendered?;
    let own: usize = template.text.len() + loader.read_so_far().1.values().map(|text| text.len()).sum::<usize>();
    if text.len() > own + budget::ADDED {
        return Err(ExpandError::Excess(Excess::Size, None));
    }
    // The engine reserves a multiple of what it writes, and all of it would be wiped, and so touched, at the end.
    text.shrink_to_fit();
    let document = MarkerDocument::new(text, nonce, state.emissions, &template.name, &spans);
    drop(spans);
    let (included, more) = loader.read_so_far();
    let mut all = sources;
    all.extend(more);
    let remarks = shell_style(&document, &all);
    Ok(Expansion { document, sources: all, included, remarks })
}

/// The text and what wrote each part of it, or why there is none; and what was recorded.
type Rendered = (Result<(String, Vec<OutputSpan>), ExpandError>, Record);

/// What the engine makes of `text`, the text of `template` as it is run, and what was recorded meanwhile.
///
/// # Errors
/// When it can't be compiled, or does not end; those of the run itself are in the result.
fn render(
    environment: Environment<'static>,
    template: &Template,
    text: Cow<'_, str>,
    context: Value,
    recorder: &Arc<Recorder>,
) -> Result<Rendered, ExpandError> {
    let recorder = recorder.clone();
    let go = move |name: &str, text: &str| {
        let compiled = environment.template_from_named_str(name, text).map_err(|error| engine_error(&error))?;
        let rendered = compiled.render_with_spans(context);
        // Before the engine's error is freed, in which there may be secrets that the run never came to use; and that is freed here, where
        // there is room for what it holds.
        let state = std::mem::take(&mut *recorder.lock());
        Ok((rendered.map_err(|error| engine_error(&error)), state))
    };
    if budget::is_plain(&template.text) {
        return go(&template.name, &text);
    }
    let (name, text) = (template.name.clone(), text.into_owned());
    watched(text.len(), move || go(&name, &text)).unwrap_or(Err(ExpandError::Excess(Excess::Endless, None)))
}

/// The text of the template `root` as the engine runs it: it names the numbers of `values` where it wants numbers.
fn with_numbers<'t>(root: &ast::Stmt<'_>, text: &'t str, values: &Values, recorder: &Recorder) -> Cow<'t, str> {
    if !values.keep_texts() {
        return Cow::Borrowed(text);
    }
    let uses = number::uses(root, text);
    uses.renamed.iter().filter_map(|name| values.numbers(name)).for_each(|numbers| recorder.note(numbers));
    Cow::Owned(number::patched(text, &uses))
}

/// An error inside an include is wrapped in "could not render include": the cause says where and what.
fn innermost(error: &minijinja::Error) -> &minijinja::Error {
    let mut inner = error;
    while let Some(source) = std::error::Error::source(inner).and_then(|source| source.downcast_ref::<minijinja::Error>()) {
        inner = source;
    }
    inner
}

fn engine_error(error: &minijinja::Error) -> ExpandError {
    let inner = innermost(error);
    let at = inner.name().and_then(|name| inner.range().map(|range| Location::new(name, range)));
    if inner.kind() == ErrorKind::OutOfFuel {
        return ExpandError::Excess(Excess::Work, at);
    }
    if inner.detail() == Some("recursion limit exceeded") {
        return ExpandError::Excess(Excess::Depth, at);
    }
    let message = match inner.detail() {
        Some(detail) => format!("{}: {detail}", inner.kind()),
        None => inner.kind().to_string(),
    };
    ExpandError::Engine { at, message, syntax: inner.kind() == ErrorKind::SyntaxError }
}

/// A misuse that was noticed while the template ran, placed at the first occurrence of the name.
fn misuse(template: &Template, name: &str) -> Violation {
    let range = template.text.find(name).map_or(0..0, |at| at..at + name.len());
    Violation {
        template: template.name.clone(),
        range,
        message: format!("the secret `{name}` is used in an unsupported way"),
        help:
            "a secret can be written out, assigned with `set`, used in a loop, tested with `is defined`, or given to a filter for secrets"
                .to_owned(),
    }
}

/// Warnings for `${{ NAME }}`, which is how CI systems write a placeholder; here, the `$` is kept.
fn shell_style(document: &MarkerDocument, sources: &Sources) -> Vec<(Location, String)> {
    let mut remarks = Vec::new();
    for (_, location) in document.stretches().filter(|(expression, _)| *expression) {
        let Some(source) = sources.get(&*location.template) else { continue };
        let whole = placeholder_range(source, &location.range);
        if whole.start > 0 && source.as_bytes()[whole.start - 1] == b'$' && remarks.len() < 20 {
            let location = Location::new(location.template, whole.start - 1..whole.end);
            remarks.push((location, "the `$` before `{{` becomes part of the text; a placeholder is just {{ NAME }}".to_owned()));
        }
    }
    remarks
}

/// The range of the whole `{{ … }}` around an expression.
fn placeholder_range(source: &str, expression: &Range<usize>) -> Range<usize> {
    let start = source[..expression.start.min(source.len())].rfind("{{").unwrap_or(expression.start);
    let end = source.get(expression.end..).and_then(|tail| tail.find("}}")).map_or(expression.end, |at| expression.end + at + 2);
    start..end
}

impl MarkerDocument {
    /// A document of this name that no template wrote; its markers are those of `nonce`.
    pub(crate) fn written(text: String, nonce: Nonce, emissions: Vec<Emission>, name: &str) -> Self {
        Self::new(text, nonce, emissions, name, &[])
    }

    fn new(text: String, nonce: Nonce, emissions: Vec<Emission>, main: &str, written: &[OutputSpan]) -> Self {
        let mut names: Vec<Arc<str>> = vec![main.into()];
        let mut spans: Vec<Stretch> = Vec::with_capacity(written.len());
        for span in written {
            let last = spans.last().map_or(0, |last| last.template as usize);
            let number = match *names[last] == *span.name() {
                true => last,
                false => names.iter().position(|name| **name == *span.name()).unwrap_or_else(|| {
                    names.push(span.name().into());
                    names.len() - 1
                }),
            };
            debug_assert_eq!(span.output_range().start, spans.last().map_or(0, |last| last.end as usize));
            let source = span.source_range();
            spans.push(Stretch {
                end: span.output_range().end as u32,
                source: (source.start as u32, source.end as u32),
                template: number as u32,
                expression: span.kind() == OutputSpanKind::Expression,
            });
        }
        Self { text, nonce, emissions, spans, names }
    }

    /// Every part, in order: whether an expression wrote it, and where it comes from.
    fn stretches(&self) -> impl Iterator<Item = (bool, Location)> {
        self.spans.iter().map(|stretch| (stretch.expression, self.origin(stretch)))
    }

    fn origin(&self, stretch: &Stretch) -> Location {
        Location::new(self.names[stretch.template as usize].clone(), stretch.source.0 as usize..stretch.source.1 as usize)
    }

    /// The part that contains the byte `offset`, and where it begins.
    fn stretch(&self, offset: usize) -> Option<(usize, &Stretch)> {
        let index = self.spans.partition_point(|stretch| stretch.end as usize <= offset);
        let start = index.checked_sub(1).map_or(0, |before| self.spans[before].end as usize);
        Some((start, self.spans.get(index)?))
    }

    /// Where in a template the byte `offset` of the document comes from.
    pub(crate) fn locate(&self, offset: usize) -> Location {
        // An offset at the end belongs to the last part.
        let found = self.stretch(offset).or_else(|| self.stretch(self.text.len().checked_sub(1)?));
        let Some((start, stretch)) = found else {
            return Location::new(self.names[0].clone(), offset..offset + 1);
        };
        let origin = self.origin(stretch);
        if stretch.expression {
            return origin;
        }
        let start = (origin.range.start + offset.saturating_sub(start)).min(origin.range.end);
        Location::new(origin.template, start..start + 1)
    }

    /// Where in a template the bytes `range` of the document come from. If they come from several places, the first of them.
    pub(crate) fn locate_range(&self, range: &Range<usize>) -> Location {
        let first = self.locate(range.start);
        let last = if range.len() > 1 { self.locate(range.end - 1) } else { return first };
        // In a loop, later bytes of the document may come from earlier in the template.
        if last.template != first.template || last.range.end < first.range.end {
            return first;
        }
        Location::new(first.template, first.range.start..last.range.end)
    }

    /// The whole `{{ … }}` that wrote the marker at `offset`, or `None` if the marker is part of captured text.
    pub(crate) fn placeholder(&self, offset: usize, sources: &Sources) -> Option<Location> {
        let (start, stretch) = self.stretch(offset)?;
        let exact = stretch.expression && start == offset && stretch.end as usize == offset + super::MARKER_LENGTH;
        let origin = self.origin(stretch);
        let source = sources.get(&*origin.template)?;
        exact.then(|| Location::new(origin.template, placeholder_range(source, &origin.range)))
    }
}

//! minijinja, set up so that no secret enters it: every value a template writes becomes a marker.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::machinery::{ast, parse as parse_template};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{DynObject, Enumerator, Object, ObjectRepr, Rest, ValueKind};
use minijinja::{Environment, ErrorKind, Output, OutputSpan, OutputSpanKind, State, UndefinedBehavior, Value};

use super::guard::{self, Violation};
use super::marker::{Emission, Nonce};
use super::{Template, Values};
use crate::secret::{Fallback, Operation, Origin, SecretUse};
use crate::span::Location;

/// Texts of templates, by name.
pub type Sources = BTreeMap<String, Arc<str>>;

/// Tells whether some source has a secret, for `is defined`. Never gives the value.
pub type Presence = Arc<dyn Fn(&SecretUse) -> bool + Send + Sync>;

/// A template after its statements ran: text with a marker for each value, and the way back to the template.
#[derive(Debug)]
pub struct MarkerDocument {
    /// The document.
    pub text: String,
    /// How its markers are recognised.
    pub nonce: Nonce,
    /// What each marker stands for, by its number.
    pub emissions: Vec<Emission>,
    spans: Vec<OutputSpan>,
    main: Arc<str>,
}

/// A template's texts and what came of them.
#[derive(Debug)]
pub struct Expansion {
    /// The document that the YAML parser reads next.
    pub document: MarkerDocument,
    /// Text of the template and of each template it included, by name.
    pub sources: Sources,
    /// Files that were read for an `include`.
    pub included: Vec<PathBuf>,
    /// Remarks that stop nothing: where, and what.
    pub remarks: Vec<(Location, String)>,
}

/// Why a template can't be expanded.
#[derive(Debug)]
pub enum ExpandError {
    /// minijinja can't parse or run it.
    Engine {
        /// Where, if it says so.
        at: Option<Location>,
        /// What, in minijinja's words; they hold template text and plain variables at most.
        message: String,
        /// It is the syntax that is wrong.
        syntax: bool,
    },
    /// Secrets are used in ways that can't be honoured.
    Violations(Vec<Violation>),
    /// The system gives no random bytes.
    Random,
}

/// The delimiters: minijinja's own, but for comments, which would swallow `${#array[@]}` in a shell script.
fn syntax() -> SyntaxConfig {
    SyntaxConfig::builder()
        .comment_delimiters("\u{1}{#", "#}\u{1}")
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build()
        .unwrap_or_default()
}

/// Parses a template's text into minijinja's syntax tree.
pub(super) fn parse<'s>(source: &'s str, name: &'s str) -> Result<ast::Stmt<'s>, minijinja::Error> {
    parse_template(source, name, syntax())
}

/// Runs the statements of `template` with `values` as `vars`, and writes markers for every value.
///
/// # Errors
/// See [`ExpandError`]. Nothing of a secret can be in it: none has been looked up.
pub fn expand(template: &Template, values: Values, presence: Presence) -> Result<Expansion, (ExpandError, Sources)> {
    let loader = Arc::new(Loader::new(template.directory()));
    expand_with(template, values, presence, &loader).map_err(|error| {
        // What was included so far, so that a fault in it can be shown.
        let mut sources = loader.read_so_far().1;
        sources.insert(template.name.clone(), Arc::from(template.text.as_str()));
        (error, sources)
    })
}

fn expand_with(template: &Template, values: Values, presence: Presence, loader: &Arc<Loader>) -> Result<Expansion, ExpandError> {
    let text = template.text.as_str();
    let nonce = Nonce::fresh(text).map_err(|_| ExpandError::Random)?;
    let main: Arc<str> = template.name.as_str().into();
    let sources = BTreeMap::from([(template.name.clone(), Arc::from(text))]);
    if memchr::memmem::find(text.as_bytes(), b"{{").is_none() && memchr::memmem::find(text.as_bytes(), b"{%").is_none() {
        let document = MarkerDocument { text: text.to_owned(), nonce, emissions: Vec::new(), spans: Vec::new(), main };
        return Ok(Expansion { document, sources, included: Vec::new(), remarks: Vec::new() });
    }

    let root = parse(text, &template.name).map_err(|error| engine_error(&error))?;
    let cache = Cache::default();
    let load = |name: &str| cache.get(name, loader);
    let found = guard::walk(&root, &template.name, text, &load);
    if !found.violations.is_empty() {
        return Err(ExpandError::Violations(found.violations));
    }
    drop(root);

    let recorder = Arc::new(Recorder { nonce: nonce.clone(), state: Mutex::default() });
    let mut environment = environment(&recorder, &presence);
    let checked = found.walked.clone();
    let (for_loader, refused) = (loader.clone(), recorder.clone());
    environment.set_loader(move |name| {
        let Some(source) = for_loader.load(name)? else { return Ok(None) };
        if !checked.iter().any(|known| known == name) {
            // Its name was computed: walk it now, with nothing known of the names around it.
            if let Ok(root) = parse(&source, name) {
                let found = guard::walk(&root, name, &source, &|_| None);
                refused.lock().violations.extend(found.violations);
            }
        }
        Ok(Some(source.to_string()))
    });
    let context =
        Value::from_object(Root { values: Value::from_object(values), recorder: recorder.clone(), known: Mutex::default() });
    let compiled = environment.template_from_named_str(&template.name, text).map_err(|error| engine_error(&error))?;
    let rendered = compiled.render_with_spans(context);
    let mut state = std::mem::take(&mut *recorder.lock());
    state.unused.retain(|name| !found.assigned.contains(name));
    let mut violations = std::mem::take(&mut state.violations);
    violations.extend(state.unused.iter().chain(&state.misused).map(|name| misuse(template, name)));
    violations.dedup();
    if !violations.is_empty() {
        return Err(ExpandError::Violations(violations));
    }
    let (text, spans) = rendered.map_err(|error| engine_error(&error))?;
    let document = MarkerDocument { text, nonce, emissions: state.emissions, spans, main };
    let (included, more) = loader.read_so_far();
    let mut all = sources;
    all.extend(more);
    let remarks = shell_style(&document, &all);
    Ok(Expansion { document, sources: all, included, remarks })
}

fn engine_error(error: &minijinja::Error) -> ExpandError {
    // An error inside an include is wrapped in "could not render include": the cause says where and what.
    let mut inner = error;
    while let Some(source) = std::error::Error::source(inner).and_then(|source| source.downcast_ref::<minijinja::Error>()) {
        inner = source;
    }
    let at = inner.name().and_then(|name| inner.range().map(|range| Location::new(name, range)));
    let message = match inner.detail() {
        Some(detail) => format!("{}: {detail}", inner.kind()),
        None => inner.kind().to_string(),
    };
    ExpandError::Engine { at, message, syntax: inner.kind() == ErrorKind::SyntaxError }
}

/// A use that only showed while the template ran; it is placed at the name's first occurrence.
fn misuse(template: &Template, name: &str) -> Violation {
    let range = template.text.find(name).map_or(0..0, |at| at..at + name.len());
    Violation {
        template: template.name.clone(),
        range,
        message: format!("the secret `{name}` is used in a way that can't be honoured"),
        help:
            "a secret can be written, passed on with `set` or a loop, tested with `is defined`, and put through a deferred filter"
                .to_owned(),
    }
}

/// `${{ NAME }}` is how CI systems write a placeholder; here the `$` would stay.
fn shell_style(document: &MarkerDocument, sources: &Sources) -> Vec<(Location, String)> {
    let mut remarks = Vec::new();
    for span in document.spans.iter().filter(|span| span.kind() == OutputSpanKind::Expression) {
        let Some(source) = sources.get(span.name()) else { continue };
        let whole = placeholder_range(source, &span.source_range());
        if whole.start > 0 && source.as_bytes()[whole.start - 1] == b'$' && remarks.len() < 20 {
            let location = Location::new(span.name(), whole.start - 1..whole.end);
            remarks.push((location, "the `$` before `{{` is kept: a placeholder is written {{ NAME }}".to_owned()));
        }
    }
    remarks
}

/// The range of a whole `{{ … }}` around the expression in it.
fn placeholder_range(source: &str, expression: &Range<usize>) -> Range<usize> {
    let start = source[..expression.start.min(source.len())].rfind("{{").unwrap_or(expression.start);
    let end = source.get(expression.end..).and_then(|tail| tail.find("}}")).map_or(expression.end, |at| expression.end + at + 2);
    start..end
}

impl MarkerDocument {
    /// Where in a template the byte `offset` of the document comes from.
    pub fn locate(&self, offset: usize) -> Location {
        let index = self.spans.partition_point(|span| span.output_range().end <= offset);
        let Some(span) = self.spans.get(index).or(self.spans.last()) else {
            return Location::new(self.main.clone(), offset..offset + 1);
        };
        let range = match span.kind() {
            OutputSpanKind::Expression => span.source_range(),
            _ => {
                let start = span.source_range().start + offset.saturating_sub(span.output_range().start);
                let start = start.min(span.source_range().end);
                start..start + 1
            }
        };
        Location::new(span.name(), range)
    }

    /// The whole `{{ … }}` that wrote the marker at `offset`, or `None` when the marker came through captured text.
    pub fn placeholder(&self, offset: usize, sources: &Sources) -> Option<Location> {
        let index = self.spans.partition_point(|span| span.output_range().end <= offset);
        let span = self.spans.get(index)?;
        let exact = span.kind() == OutputSpanKind::Expression && span.output_range() == (offset..offset + super::MARKER_LENGTH);
        let source = sources.get(span.name())?;
        exact.then(|| Location::new(span.name(), placeholder_range(source, &span.source_range())))
    }
}

/// Reads included templates from the template's own folder and below.
struct Loader {
    directory: PathBuf,
    read: Mutex<BTreeMap<String, (PathBuf, Arc<str>)>>,
}

impl Loader {
    fn new(directory: &Path) -> Self {
        Self { directory: directory.to_owned(), read: Mutex::default() }
    }

    fn load(&self, name: &str) -> Result<Option<Arc<str>>, minijinja::Error> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, text)) = read.get(name) {
            return Ok(Some(text.clone()));
        }
        let failed = |why: String| minijinja::Error::new(ErrorKind::BadInclude, why);
        let root = self.directory.canonicalize().map_err(|error| failed(error.to_string()))?;
        let path = match root.join(name).canonicalize() {
            Ok(path) => path,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(format!("{name}: {error}"))),
        };
        if !path.starts_with(&root) {
            return Err(failed(format!("{name} is outside the template's folder; only files in it and below can be included")));
        }
        let included = Template::read(&path).map_err(|error| match error {
            super::ReadError::Io(error) => failed(format!("{name}: {error}")),
            super::ReadError::Directory => failed(format!("{name} is a directory")),
            super::ReadError::Empty => failed(format!("{name} is empty")),
            super::ReadError::NotUtf8(line) => failed(format!("{name} is not UTF-8 (line {line})")),
            super::ReadError::TooLarge(_) => failed(format!("{name} is too large for a template")),
        })?;
        let text: Arc<str> = included.text.into();
        read.insert(name.to_owned(), (path, text.clone()));
        Ok(Some(text))
    }

    fn read_so_far(&self) -> (Vec<PathBuf>, Sources) {
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let paths = read.values().map(|(path, _)| path.clone()).collect();
        (paths, read.iter().map(|(name, (_, text))| (name.clone(), text.clone())).collect())
    }
}

/// Texts of includes that live as long as the guard's walk.
#[derive(Default)]
struct Cache {
    texts: growing::Texts,
}

impl Cache {
    fn get(&self, name: &str, loader: &Loader) -> Option<&str> {
        self.texts.get_or_insert(name, || loader.load(name).ok().flatten())
    }
}

/// A map that only grows, so that what it lends stays.
mod growing {
    use std::cell::OnceCell;
    use std::sync::Arc;

    /// A list of cells: each entry holds the next, so no entry ever moves.
    #[derive(Default)]
    pub(super) struct Texts {
        entry: OnceCell<Box<(String, Option<Arc<str>>, Texts)>>,
    }

    impl Texts {
        pub(super) fn get_or_insert(&self, name: &str, load: impl FnOnce() -> Option<Arc<str>>) -> Option<&str> {
            let mut at = self;
            while let Some(entry) = at.entry.get() {
                if entry.0 == name {
                    return entry.1.as_deref();
                }
                at = &entry.2;
            }
            at.entry.get_or_init(|| Box::new((name.to_owned(), load(), Self::default()))).1.as_deref()
        }
    }
}

/// What the objects inside minijinja write down.
struct Recorder {
    nonce: Nonce,
    state: Mutex<Record>,
}

#[derive(Default)]
struct Record {
    emissions: Vec<Emission>,
    misused: Vec<String>,
    unused: Vec<String>,
    violations: Vec<Violation>,
}

impl Recorder {
    fn lock(&self) -> std::sync::MutexGuard<'_, Record> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn emit(&self, output: &mut Output, emission: Emission) -> Result<(), minijinja::Error> {
        let mut record = self.lock();
        let marker = self.nonce.marker(record.emissions.len());
        record.emissions.push(emission);
        output.write_str(&marker).map_err(minijinja::Error::from)
    }

    fn misused(&self, name: &str) {
        let mut record = self.lock();
        if !record.misused.iter().any(|known| known == name) {
            record.misused.push(name.to_owned());
        }
    }
}

fn environment(recorder: &Arc<Recorder>, presence: &Presence) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_debug(true);
    environment.set_syntax(syntax());
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    environment.remove_global("debug");
    let writer = recorder.clone();
    environment.set_formatter(move |output, _state, value| format(&writer, output, value));
    let present = presence.clone();
    environment.add_test("defined", move |value: &Value| is_present(value, &present));
    let present = presence.clone();
    environment.add_test("undefined", move |value: &Value| !is_present(value, &present));
    for name in guard::DEFERRED {
        environment.add_filter(name, move |state: &State, value: &Value, args: Rest<Value>| apply(name, state, value, args));
    }
    environment
}

fn is_present(value: &Value, presence: &Presence) -> bool {
    match value.downcast_object_ref::<SecretObject>() {
        Some(secret) => {
            secret.mark_used();
            presence(&secret.usage)
        }
        None => !value.is_undefined(),
    }
}

fn format(recorder: &Recorder, output: &mut Output, value: &Value) -> Result<(), minijinja::Error> {
    if let Some(secret) = value.downcast_object_ref::<SecretObject>() {
        secret.mark_used();
        return recorder.emit(output, Emission::Secret(secret.usage.clone()));
    }
    if value.is_undefined() {
        return recorder.emit(output, Emission::Undefined);
    }
    match value.as_str() {
        // Text captured by `set` or `super()`: its markers are in place already.
        Some(text) if recorder.nonce.occurs_in(text) => output.write_str(text).map_err(minijinja::Error::from),
        Some(text) => recorder.emit(output, Emission::Text(text.into())),
        None if value.as_object().is_some() => recorder.emit(output, Emission::Collection),
        None if value.is_none() => recorder.emit(output, Emission::Text("null".into())),
        None => recorder.emit(output, Emission::Text(text_of(value).into())),
    }
}

/// A plain value as YAML and JSON write it. minijinja prints booleans as Python does.
fn text_of(value: &Value) -> String {
    match value.kind() {
        ValueKind::Bool => value.is_true().to_string(),
        _ => value.to_string(),
    }
}

/// One of the deferred filters: carried by a secret, done at once on anything else.
fn apply(name: &'static str, state: &State, value: &Value, args: Rest<Value>) -> Result<Value, minijinja::Error> {
    let Some(secret) = value.downcast_object_ref::<SecretObject>() else { return apply_plain(name, state, value, args) };
    secret.mark_used();
    let mut usage = (*secret.usage).clone();
    usage.operations.push(operation(name, &args)?);
    Ok(Value::from_object(SecretObject::new(Arc::new(usage), secret.recorder.clone())))
}

fn operation(name: &str, args: &[Value]) -> Result<Operation, minijinja::Error> {
    let invalid = |text: &'static str| minijinja::Error::new(ErrorKind::InvalidOperation, text);
    let wanted = if matches!(name, "default" | "d" | "json") { 1 } else { 0 };
    if args.len() > wanted {
        return Err(minijinja::Error::from(ErrorKind::TooManyArguments));
    }
    Ok(match name {
        "default" | "d" => match args.first() {
            None => Operation::Default(Fallback::Text(String::new())),
            Some(value) => match value.downcast_object_ref::<SecretObject>() {
                Some(other) => {
                    other.mark_used();
                    Operation::Default(Fallback::Secret(Box::new((*other.usage).clone())))
                }
                None if value.is_undefined() || value.as_object().is_some() => {
                    return Err(invalid("the argument of `default` must be text, a number or another secret"));
                }
                None => Operation::Default(Fallback::Text(text_of(value))),
            },
        },
        "trim" => Operation::Trim,
        "b64encode" => Operation::Base64Encode,
        "b64decode" => Operation::Base64Decode,
        "urlencode" => Operation::UrlEncode,
        "json" => match args.first().and_then(Value::as_str) {
            Some(field) => Operation::Json(field.to_owned()),
            None => return Err(invalid("`json` needs the name of a field: json(\"field\")")),
        },
        "shell_quote" => Operation::ShellQuote,
        _ => Operation::Int,
    })
}

fn apply_plain(name: &str, state: &State, value: &Value, args: Rest<Value>) -> Result<Value, minijinja::Error> {
    match name {
        "default" | "d" => minijinja::filters::default(state, value, args),
        _ if value.is_undefined() => Ok(value.clone()),
        "trim" if args.is_empty() => Ok(Value::from(text_of(value).trim())),
        "int" if value.is_integer() => Ok(value.clone()),
        _ => {
            let operation = operation(name, &args)?;
            let done = operation.apply(&text_of(value)).map_err(|_| {
                minijinja::Error::new(ErrorKind::InvalidOperation, format!("the value does not fit the filter `{name}`"))
            })?;
            Ok(Values::parse_filtered(name, done.expose()))
        }
    }
}

impl Values {
    fn parse_filtered(name: &str, text: &str) -> Value {
        if name == "int" { Self::parse(text) } else { Value::from(text) }
    }
}

/// The names a template sees.
struct Root {
    values: Value,
    recorder: Arc<Recorder>,
    known: Mutex<HashMap<String, Arc<SecretUse>>>,
}

impl std::fmt::Debug for Root {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Root")
    }
}

impl Object for Root {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, name: &str) -> Option<Value> {
        let namespace = |origin| Value::from_object(Namespace { origin, recorder: self.recorder.clone() });
        match name {
            "vars" => Some(self.values.clone()),
            "secrets" => Some(namespace(Origin::Any)),
            "env" => Some(namespace(Origin::Environment)),
            "dotenv" => Some(namespace(Origin::Dotenv)),
            _ if guard::FUNCTIONS.contains(&name) => None,
            _ => {
                let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
                let usage = match known.get(name) {
                    Some(usage) => usage.clone(),
                    None => {
                        let usage = Arc::new(SecretUse::new(Origin::Any, name));
                        known.insert(name.to_owned(), usage.clone());
                        usage
                    }
                };
                Some(Value::from_object(SecretObject::new(usage, self.recorder.clone())))
            }
        }
    }
}

/// `secrets`, `env`, `dotenv`.
struct Namespace {
    origin: Origin,
    recorder: Arc<Recorder>,
}

impl std::fmt::Debug for Namespace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Namespace")
    }
}

impl Object for Namespace {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let usage = Arc::new(SecretUse::new(self.origin, key.as_str()?));
        Some(Value::from_object(SecretObject::new(usage, self.recorder.clone())))
    }
}

/// A secret as minijinja holds it: a name and filters, no value. It reports every use but those it was made for.
struct SecretObject {
    usage: Arc<SecretUse>,
    recorder: Arc<Recorder>,
    used: std::sync::atomic::AtomicBool,
}

impl SecretObject {
    fn new(usage: Arc<SecretUse>, recorder: Arc<Recorder>) -> Self {
        Self { usage, recorder, used: false.into() }
    }

    fn mark_used(&self) {
        self.used.store(true, std::sync::atomic::Ordering::Relaxed);
    }

    fn report(&self) {
        self.recorder.misused(&self.usage.name);
    }
}

impl Drop for SecretObject {
    fn drop(&mut self) {
        // Looked up, and neither written nor passed on: something took it for a plain value.
        if !*self.used.get_mut() {
            let mut record = self.recorder.lock();
            if !record.unused.contains(&self.usage.name) {
                record.unused.push(self.usage.name.clone());
            }
        }
    }
}

impl std::fmt::Debug for SecretObject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("secret")
    }
}

impl Object for SecretObject {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, _key: &Value) -> Option<Value> {
        self.report();
        None
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        self.report();
        Enumerator::NonEnumerable
    }

    fn is_true(self: &Arc<Self>) -> bool {
        self.report();
        true
    }

    fn custom_cmp(self: &Arc<Self>, _other: &DynObject) -> Option<std::cmp::Ordering> {
        self.report();
        None
    }

    // Must not return an error: formatting would panic.
    fn render(self: &Arc<Self>, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.report();
        f.write_str("secret")
    }
}

//! The minijinja environment: syntax, output, and the tests, functions and filters that a template can use.

use std::sync::Arc;

use minijinja::machinery::{ast, parse as parse_template};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, Rest, StringInput, ValueKind};
use minijinja::{Environment, ErrorKind, Output, State, UndefinedBehavior, Value};

use super::engine::Presence;
use super::marker::Emission;
use super::object::{Recorder, SecretObject, StoredLogin};
use super::{Values, budget, guard};
use crate::secret::{Fallback, Operation, Origin, Part, SecretUse};

/// The delimiters: minijinja's defaults, except for comments, which would hide `${#array[@]}` in a shell script.
pub(super) fn syntax() -> SyntaxConfig {
    SyntaxConfig::builder()
        .comment_delimiters("\u{1}{#", "#}\u{1}")
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build()
        .unwrap_or_default()
}

/// Parses the text of a template into minijinja's syntax tree.
pub(super) fn parse<'s>(source: &'s str, name: &'s str) -> Result<ast::Stmt<'s>, minijinja::Error> {
    parse_template(source, name, syntax())
}

/// Whether a template only writes names and members of names. It then needs none of the engine's built-ins nor what [`equip`] adds, which
/// take longer to set up than a small template takes to render.
fn is_plain(root: &ast::Stmt<'_>) -> bool {
    fn is_name(expression: &ast::Expr<'_>) -> bool {
        match expression {
            ast::Expr::Var(var) => !guard::FUNCTIONS.contains(&var.id),
            ast::Expr::GetAttr(attr) => is_name(&attr.expr),
            _ => false,
        }
    }
    let ast::Stmt::Template(template) = root else { return false };
    template.children.iter().all(|statement| match statement {
        ast::Stmt::EmitRaw(_) => true,
        ast::Stmt::EmitExpr(emit) => is_name(&emit.expr),
        _ => false,
    })
}

/// The environment for rendering the template `root` with a budget of `fuel`.
pub(super) fn environment(
    root: &ast::Stmt<'_>,
    recorder: &Arc<Recorder>,
    presence: &Presence,
    fuel: u64,
) -> Environment<'static> {
    let plain = is_plain(root);
    let mut environment = if plain { Environment::empty() } else { Environment::new() };
    environment.set_debug(true);
    environment.set_fuel(Some(fuel));
    environment.set_syntax(syntax());
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    let writer = recorder.clone();
    environment.set_formatter(move |output, state, value| format(&writer, output, state, value));
    if !plain {
        equip(&mut environment, recorder, presence);
    }
    environment
}

/// Adds our tests, functions and deferred filters.
fn equip(environment: &mut Environment<'_>, recorder: &Arc<Recorder>, presence: &Presence) {
    environment.remove_global("debug");
    let (read, present) = (recorder.clone(), presence.clone());
    environment.add_test("defined", move |value: &Value| is_present(&read, value, &present));
    let (read, present) = (recorder.clone(), presence.clone());
    environment.add_test("undefined", move |value: &Value| Ok(!is_present(&read, value, &present)?));
    let named = recorder.clone();
    environment.add_function(guard::FILE, move |path: &str| {
        Value::from_object(SecretObject::new(Arc::new(SecretUse::new(Origin::File, path)), named.clone()))
    });
    let stored = recorder.clone();
    environment.add_function(guard::DOCKER, move |host: &str| {
        Value::from_object(StoredLogin { host: host.to_owned(), recorder: stored.clone() })
    });
    for name in guard::DEFERRED {
        let read = recorder.clone();
        environment
            .add_filter(name, move |state: &State, value: &Value, args: Rest<Value>| apply(name, &read, state, value, args));
    }
    let read = recorder.clone();
    environment.add_filter(
        guard::JOIN,
        move |state: &mut State, value: &Value, joiner: Option<StringInput<'_>>, attribute: Option<&str>, kwargs: Kwargs| {
            let separator = joiner.as_ref().map_or("", StringInput::as_str).to_owned();
            match join(&read, value, &separator)? {
                Some(whole) => Ok(whole),
                None => minijinja::filters::join(state, value, joiner, attribute, kwargs),
            }
        },
    );
}

fn is_present(recorder: &Recorder, value: &Value, presence: &Presence) -> Result<bool, minijinja::Error> {
    Ok(match recorder.secret(value)? {
        Some(usage) => !usage.lacks_variable() && usage.parts().iter().all(|part| presence(part)),
        None => !value.is_undefined(),
    })
}

fn format(recorder: &Recorder, output: &mut Output, state: &State, value: &Value) -> Result<(), minijinja::Error> {
    if let Some(usage) = recorder.secret(value)? {
        state.consume_fuel(usage.size() as u64)?;
        return recorder.emit(output, Emission::Secret(usage));
    }
    if value.is_undefined() {
        return recorder.emit(output, Emission::Undefined);
    }
    match value.as_str() {
        // Text captured by `set` or `super()` already contains its markers.
        Some(text) if recorder.nonce.occurs_in(text) => output.write_str(text).map_err(minijinja::Error::from),
        Some(text) => {
            // In the document there is only a marker for it.
            state.consume_fuel(budget::fuel_of(text.len()))?;
            recorder.emit(output, Emission::Text(text.into()))
        }
        None if value.as_object().is_some() => recorder.emit(output, Emission::Collection),
        None if value.is_none() => recorder.emit(output, Emission::Text("null".into())),
        None if value.is_number() => {
            let text = recorder.written(value).unwrap_or_else(|| text_of(value).into());
            recorder.emit(output, Emission::Text(text))
        }
        None => recorder.emit(output, Emission::Text(text_of(value).into())),
    }
}

/// A plain value as YAML and JSON write it. minijinja writes booleans as Python does.
fn text_of(value: &Value) -> String {
    match value.kind() {
        ValueKind::Bool => value.is_true().to_string(),
        _ => value.to_string(),
    }
}

/// Applies a deferred filter: recorded on a secret, run at once on anything else.
fn apply(
    name: &'static str,
    recorder: &Arc<Recorder>,
    state: &State,
    value: &Value,
    args: Rest<Value>,
) -> Result<Value, minijinja::Error> {
    let Some(usage) = recorder.secret(value)? else { return apply_plain(name, recorder, state, value, args) };
    if usage.lacks_variable() && matches!(name, "default" | "d") {
        return apply_plain(name, recorder, state, &Value::UNDEFINED, args);
    }
    let mut usage = (*usage).clone();
    usage.operations.push(operation(name, recorder, &args)?);
    budget::check_parts(&usage)?;
    Ok(Value::from_object(SecretObject::new(Arc::new(usage), recorder.clone())))
}

/// One secret of a list, if it holds a secret.
fn join(recorder: &Arc<Recorder>, list: &Value, separator: &str) -> Result<Option<Value>, minijinja::Error> {
    let invalid = |text: &'static str| minijinja::Error::new(ErrorKind::InvalidOperation, text);
    if recorder.secret(list)?.is_some() {
        return Err(invalid("`join` makes one secret of a list: [A, \":\", B] | join"));
    }
    let Some(items) = list.as_object().and_then(|object| object.try_iter()) else { return Ok(None) };
    let items: Vec<Value> = items.collect();
    // Without a secret, the engine joins, and counts what it writes: the separator is not copied here for each item.
    let mut secrets = 0;
    for item in &items {
        secrets += usize::from(recorder.secret(item)?.is_some());
    }
    if secrets == 0 {
        return Ok(None);
    }
    let mut parts = Vec::with_capacity(2 * items.len());
    for (index, item) in items.iter().enumerate() {
        if index > 0 && !separator.is_empty() {
            parts.push(Part::Text(separator.to_owned()));
        }
        parts.push(match recorder.secret(item)? {
            Some(usage) => Part::Secret((*usage).clone()),
            None if item.is_undefined() => Part::Unset,
            None => Part::Text(text_of(item)),
        });
    }
    let Some(whole) = SecretUse::joined(parts) else { return Ok(None) };
    budget::check_parts(&whole)?;
    let plain = |item: &Value| !recorder.nonce.occurs_in(item.as_str().unwrap_or_default());
    let has_text = |item: &Value| item.as_object().is_none() || item.downcast_object_ref::<SecretObject>().is_some();
    if !items.iter().all(|item| plain(item) && has_text(item)) {
        return Err(invalid("`join` takes secrets, text and numbers"));
    }
    Ok(Some(Value::from_object(SecretObject::new(Arc::new(whole), recorder.clone()))))
}

fn operation(name: &str, recorder: &Recorder, args: &[Value]) -> Result<Operation, minijinja::Error> {
    let invalid = |text: &'static str| minijinja::Error::new(ErrorKind::InvalidOperation, text);
    let wanted = if matches!(name, "default" | "d" | "json") { 1 } else { 0 };
    if args.len() > wanted {
        return Err(minijinja::Error::from(ErrorKind::TooManyArguments));
    }
    Ok(match name {
        "default" | "d" => match args.first() {
            None => Operation::Default(Fallback::Text(String::new())),
            Some(value) => match recorder.secret(value)? {
                Some(other) => Operation::Default(Fallback::Secret(Box::new((*other).clone()))),
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

fn apply_plain(
    name: &str,
    recorder: &Recorder,
    state: &State,
    value: &Value,
    args: Rest<Value>,
) -> Result<Value, minijinja::Error> {
    match name {
        "default" | "d" => minijinja::filters::default(state, value, args),
        _ if value.is_undefined() => Ok(value.clone()),
        "trim" if args.is_empty() => Ok(Value::from(text_of(value).trim())),
        "int" if value.is_integer() => Ok(value.clone()),
        _ => {
            let operation = operation(name, recorder, &args)?;
            let done = operation.apply(&text_of(value)).map_err(|_| {
                minijinja::Error::new(ErrorKind::InvalidOperation, format!("the value is not valid for the filter `{name}`"))
            })?;
            Ok(if name == "int" { Values::parse(done.expose()) } else { Value::from(done.expose()) })
        }
    }
}

//! Plain variables (`vars.NAME`) from `--set`, `--values`, the environment and `.env`, in this order.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::Value;
use minijinja::value::{Object, ObjectRepr};

/// Looks up a variable in the environment and `.env` files.
type Lookup = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// The `vars` object of a template.
#[derive(Clone)]
pub(crate) struct Values {
    given: Arc<BTreeMap<String, Value>>,
    lookup: Lookup,
    missing: Missing,
}

/// The names of variables that were looked up but not set.
#[derive(Debug, Clone, Default)]
pub(crate) struct Missing(Arc<Mutex<Vec<String>>>);

impl Missing {
    /// Each name once, in the order in which they were looked up.
    pub(crate) fn names(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn add(&self, name: &str) {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
}

impl std::fmt::Debug for Values {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Values").field("given", &self.given.keys()).finish_non_exhaustive()
    }
}

/// Why a values file can't be used.
#[derive(Debug)]
pub(crate) enum ValuesError {
    /// It can't be read.
    Io(std::io::Error),
    /// Its extension is not `.yaml`, `.yml`, `.json` or `.toml`.
    UnknownFormat,
    /// It has a syntax error; the line, if known.
    Syntax(Option<usize>),
    /// Its root is not a mapping.
    NotAMapping,
}

/// Reads a values file: YAML, JSON or TOML, depending on its extension.
///
/// # Errors
/// See [`ValuesError`], which holds no content of the file.
pub(crate) fn load_values(path: &Path) -> Result<BTreeMap<String, Value>, ValuesError> {
    let text = std::fs::read_to_string(path).map_err(ValuesError::Io)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default().to_ascii_lowercase();
    let root: serde_json::Value = match extension.as_str() {
        "yaml" | "yml" if text.trim().is_empty() => serde_json::Value::Object(serde_json::Map::new()),
        "yaml" | "yml" => {
            let located = |error: serde_saphyr::Error| ValuesError::Syntax(error.location().map(|at| at.line() as usize));
            // `y`, `no` and `on` are text, as in go-yaml v3 for untyped data.
            let options = serde_saphyr::options! { strict_booleans: true };
            serde_saphyr::from_str_with_options(text, options).map_err(located)?
        }
        "json" => serde_json::from_str(text).map_err(|error| ValuesError::Syntax(Some(error.line())))?,
        "toml" => toml::from_str(text).map_err(|error| {
            ValuesError::Syntax(error.span().map(|span| memchr::memchr_iter(b'\n', &text.as_bytes()[..span.start]).count() + 1))
        })?,
        _ => return Err(ValuesError::UnknownFormat),
    };
    match root {
        serde_json::Value::Object(members) => Ok(members.into_iter().map(|(name, value)| (name, from_json(value))).collect()),
        _ => Err(ValuesError::NotAMapping),
    }
}

/// Converts a JSON value for minijinja. Numbers keep their type.
fn from_json(value: serde_json::Value) -> Value {
    match value {
        serde_json::Value::Null => Value::from(()),
        serde_json::Value::Bool(flag) => Value::from(flag),
        serde_json::Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(number), _, _) => Value::from(number),
            (_, Some(number), _) => Value::from(number),
            (_, _, Some(number)) => Value::from(number),
            _ => Value::from(number.to_string()),
        },
        serde_json::Value::String(text) => Value::from(text),
        serde_json::Value::Array(items) => items.into_iter().map(from_json).collect(),
        serde_json::Value::Object(members) => {
            let pairs: BTreeMap<String, Value> = members.into_iter().map(|(key, value)| (key, from_json(value))).collect();
            Value::from(pairs)
        }
    }
}

impl Values {
    /// The variables given by files and options, and a look-up for all others.
    pub(crate) fn new(given: BTreeMap<String, Value>, lookup: Arc<dyn Fn(&str) -> Option<String> + Send + Sync>) -> Self {
        Self { given: Arc::new(given), lookup, missing: Missing::default() }
    }

    /// The value of an option or an environment variable: a boolean or a number if that is written exactly as `text`, so that conditions
    /// work as expected and the text does not change; otherwise text.
    pub(crate) fn parse(text: &str) -> Value {
        match text {
            "true" => return Value::from(true),
            "false" => return Value::from(false),
            _ => {}
        }
        if let Ok(number) = text.parse::<i64>() {
            if number.to_string() == text {
                return Value::from(number);
            }
        } else if let Ok(number) = text.parse::<f64>() {
            let value = Value::from(number);
            if number.is_finite() && value.to_string() == text {
                return value;
            }
        }
        Value::from(text)
    }

    /// The names that were looked up but not set.
    pub(crate) fn missing(&self) -> Missing {
        self.missing.clone()
    }

    /// All names given by options and values files, for did-you-mean.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.given.keys().map(String::as_str)
    }
}

impl Object for Values {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, name: &str) -> Option<Value> {
        let found = self.given.get(name).cloned().or_else(|| (self.lookup)(name).map(|text| Self::parse(&text)));
        if found.is_none() {
            self.missing.add(name);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_typed_only_if_its_text_does_not_change() {
        for text in
            ["1.10", "007", "1e5", "+1", "", "yes", "null", "0x10", "-0", "nan", "inf", "1.0e3", "18446744073709551616", "5"]
        {
            assert_eq!(Values::parse(text).to_string(), text);
        }
        assert_eq!(Values::parse("3"), Value::from(3));
        assert!(Values::parse("true").is_true() && !Values::parse("false").is_true());
        assert!(Values::parse("1.10").as_str().is_some());
    }
}

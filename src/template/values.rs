//! Plain variables (`vars.NAME`) from `--set`, `--values`, the environment and `.env`, in this order.

use std::sync::{Arc, Mutex, PoisonError};

use minijinja::Value;
use minijinja::value::{Object, ObjectRepr, ValueKind};

use super::Given;
use super::given::Numbers;

/// Looks up a variable in the environment and `.env` files.
type VariableLookup = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// The `vars` object of a template.
#[derive(Clone)]
pub(crate) struct Values {
    given: Arc<Given>,
    lookup: VariableLookup,
    missing: Missing,
    /// The texts that the environment and `.env` files gave.
    found: Arc<Mutex<Vec<String>>>,
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
        f.debug_struct("Values").field("given", &self.given.texts.keys()).finish_non_exhaustive()
    }
}

impl Values {
    /// The variables given by files and options, and a look-up for all others.
    pub(crate) fn new(given: Given, lookup: Arc<dyn Fn(&str) -> Option<String> + Send + Sync>) -> Self {
        Self { given: Arc::new(given), lookup, missing: Missing::default(), found: Arc::default() }
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

    /// Whether a number is given that is written in another way than the engine would print it.
    pub(super) fn keep_texts(&self) -> bool {
        !self.given.numbers.is_empty()
    }

    /// The variable `name` with its numbers as numbers, if one of them is such.
    pub(super) fn numbers(&self, name: &str) -> Option<&Numbers> {
        self.given.numbers.get(name)
    }

    /// `message` of the engine without the text of any variable, which is not to be shown. What `template` has as well stays.
    pub(super) fn veiled(&self, message: String, template: &str) -> String {
        let mut texts = self.found.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.given.texts.values().for_each(|value| collect(value, &mut texts));
        texts.retain(|text| text.chars().count() > 2 && !template.contains(text.as_str()));
        // The longest first: one may be a part of another.
        texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
        texts.iter().fold(message, |message, text| message.replace(text.as_str(), "…"))
    }

    /// The names that were looked up but not set.
    pub(crate) fn missing(&self) -> Missing {
        self.missing.clone()
    }
}

/// Adds the texts in `value` to `texts`.
fn collect(value: &Value, texts: &mut Vec<String>) {
    match value.as_str() {
        Some(text) => texts.push(text.to_owned()),
        None if value.kind() == ValueKind::Map => {
            for key in value.try_iter().into_iter().flatten() {
                value.get_item(&key).iter().for_each(|member| collect(member, texts));
                collect(&key, texts);
            }
        }
        None if value.kind() == ValueKind::Seq => value.try_iter().into_iter().flatten().for_each(|item| collect(&item, texts)),
        None => texts.push(value.to_string()),
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
        let looked_up = || {
            let text = (self.lookup)(name)?;
            let value = Self::parse(&text);
            self.found.lock().unwrap_or_else(PoisonError::into_inner).push(text);
            Some(value)
        };
        let found = self.given.texts.get(name).cloned().or_else(looked_up);
        if found.is_none() {
            self.missing.add(name);
        }
        found
    }
}

/// The variables with their numbers as numbers.
#[derive(Debug)]
pub(super) struct AsNumbers(pub(super) Arc<Values>);

impl Object for AsNumbers {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, name: &str) -> Option<Value> {
        self.0.numbers(name).map(|numbers| numbers.value.clone()).or_else(|| self.0.get_value_by_str(name))
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

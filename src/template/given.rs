//! The variables that options and values files give: [`Given`].
//!
//! A number keeps the text that its author wrote, be it a version (`1.10`) or the beginning of a commit (`0123456`, `1234567e8`): wherever a
//! template wants text it gets that text, and where it compares or calculates the number ([`Given::numbers`]).

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use minijinja::Value;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_saphyr::Spanned;
use toml::de::{DeTable, DeValue};

use super::SIZE_LIMIT;

/// Variables, by name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Given {
    /// Each with its numbers as text, where that is not what the engine would print.
    pub(super) texts: BTreeMap<String, Value>,
    /// Those in which such a number is.
    pub(super) numbers: BTreeMap<String, Numbers>,
}

/// A variable with its numbers as numbers.
#[derive(Debug, Clone)]
pub(super) struct Numbers {
    /// The variable.
    pub(super) value: Value,
    /// Each number in it, and how it is written.
    pub(super) written: Vec<(Value, Arc<str>)>,
}

impl Given {
    fn of(members: BTreeMap<String, Datum>) -> Self {
        let mut given = Self::default();
        for (name, node) in members {
            if node.keeps_text() {
                let mut written = Vec::new();
                node.written(&mut written);
                given.numbers.insert(name.clone(), Numbers { value: node.value(true), written });
            }
            given.texts.insert(name, node.value(false));
        }
        given
    }

    /// The members of `table`, a part of the TOML document `text`.
    pub(crate) fn of_toml(table: &DeTable<'_>, text: &str) -> Self {
        Self::of(toml_members(table, text))
    }

    /// Whether `name` is given.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.texts.contains_key(name)
    }

    /// Gives `name` this value, and no other.
    pub(crate) fn insert(&mut self, name: String, value: Value) {
        self.numbers.remove(&name);
        self.texts.insert(name, value);
    }

    /// Adds the variables of `other`, which win.
    pub(crate) fn extend(&mut self, other: Self) {
        for (name, value) in other.texts {
            self.insert(name, value);
        }
        self.numbers.extend(other.numbers);
    }
}

/// Why a values file can't be used.
#[derive(Debug)]
pub(crate) enum ValuesError {
    /// It can't be read.
    Io(io::Error),
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
pub(crate) fn load_values(path: &Path) -> Result<Given, ValuesError> {
    let (mut text, file) = (String::new(), File::open(path).map_err(ValuesError::Io)?);
    file.take(SIZE_LIMIT + 1).read_to_string(&mut text).map_err(ValuesError::Io)?;
    if text.len() as u64 > SIZE_LIMIT {
        let limit = SIZE_LIMIT / (1024 * 1024);
        return Err(ValuesError::Io(io::Error::other(format!("larger than {limit} MiB"))));
    }
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default().to_ascii_lowercase();
    read_values(&text, &extension)
}

/// Reads the text of a values file with this extension, in small letters.
///
/// # Errors
/// See [`ValuesError`], which holds nothing of the text.
pub(crate) fn read_values(text: &str, extension: &str) -> Result<Given, ValuesError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let root = match extension {
        "yaml" | "yml" if text.trim().is_empty() => Datum::Mapping(BTreeMap::new()),
        "yaml" | "yml" => yaml(text)?,
        "json" => json(text)?,
        "toml" => toml(text)?,
        _ => return Err(ValuesError::UnknownFormat),
    };
    let Datum::Mapping(members) = root else { return Err(ValuesError::NotAMapping) };
    Ok(Given::of(members))
}

/// A node of a values file.
#[derive(Debug)]
enum Datum {
    Scalar(Value),
    /// A number that is written in another way than it would be printed.
    Number(String, Value),
    Sequence(Vec<Self>),
    Mapping(BTreeMap<String, Self>),
}

impl Datum {
    /// `number`, which is written as `text`; an empty text is not known.
    fn number(text: &str, number: Value) -> Self {
        match text.is_empty() || number.to_string() == text {
            true => Self::Scalar(number),
            false => Self::Number(text.to_owned(), number),
        }
    }

    /// Whether a number in it is written in another way than it would be printed.
    fn keeps_text(&self) -> bool {
        match self {
            Self::Scalar(_) => false,
            Self::Number(..) => true,
            Self::Sequence(items) => items.iter().any(Self::keeps_text),
            Self::Mapping(members) => members.values().any(Self::keeps_text),
        }
    }

    /// Adds each number in it to `written`, and how it is written.
    fn written(&self, written: &mut Vec<(Value, Arc<str>)>) {
        match self {
            Self::Scalar(value) if value.is_number() => written.push((value.clone(), value.to_string().into())),
            Self::Scalar(_) => {}
            Self::Number(text, value) => written.push((value.clone(), text.as_str().into())),
            Self::Sequence(items) => items.iter().for_each(|item| item.written(written)),
            Self::Mapping(members) => members.values().for_each(|node| node.written(written)),
        }
    }

    /// What a template sees, with each number as a number, or as its text.
    fn value(&self, numbers: bool) -> Value {
        match self {
            Self::Scalar(value) => value.clone(),
            Self::Number(_, value) if numbers => value.clone(),
            Self::Number(text, _) => Value::from(text.as_str()),
            Self::Sequence(items) => items.iter().map(|item| item.value(numbers)).collect(),
            Self::Mapping(members) => {
                members.iter().map(|(name, node)| (name.as_str(), node.value(numbers))).collect::<BTreeMap<_, _>>().into()
            }
        }
    }
}

fn yaml(text: &str) -> Result<Datum, ValuesError> {
    let located = |error: serde_saphyr::Error| ValuesError::Syntax(error.location().map(|at| at.line() as usize));
    // `y`, `no` and `on` are text, as in go-yaml v3 for untyped data.
    let options = serde_saphyr::options! { strict_booleans: true };
    let root: Yaml = serde_saphyr::from_str_with_options(text, options).map_err(located)?;
    Ok(root.node(|range| text.get(range)))
}

/// A node of YAML; where its scalars are written is known of those in a collection, which is all that counts.
enum Yaml {
    Scalar(Value),
    Number(Value),
    Sequence(Vec<Spanned<Self>>),
    Mapping(Vec<(String, Spanned<Self>)>),
}

impl Yaml {
    fn node<'t>(self, written: impl Fn(Range<usize>) -> Option<&'t str> + Copy) -> Datum {
        match self {
            Self::Scalar(value) | Self::Number(value) => Datum::Scalar(value),
            Self::Sequence(items) => Datum::Sequence(items.into_iter().map(|item| Self::inner(item, written)).collect()),
            Self::Mapping(members) => {
                Datum::Mapping(members.into_iter().map(|(name, value)| (name, Self::inner(value, written))).collect())
            }
        }
    }

    fn inner<'t>(spanned: Spanned<Self>, written: impl Fn(Range<usize>) -> Option<&'t str> + Copy) -> Datum {
        let Self::Number(number) = spanned.value else { return spanned.value.node(written) };
        // Of an alias, where its anchor is.
        let span = spanned.defined.span();
        let range = span.byte_offset().zip(span.byte_len()).map(|(start, length)| start as usize..(start + length) as usize);
        // `!!int "1"` is a number, and its text is not what it is written as.
        let plain = |text: &&str| text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
        Datum::number(range.and_then(written).map(str::trim).filter(plain).unwrap_or_default(), number)
    }
}

impl<'de> Deserialize<'de> for Yaml {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any)
    }
}

struct Any;

/// Methods that take a value of a type, and what is made of it.
macro_rules! visit {
    ($($method:ident($type:ty) $variant:ident),*) => {
        $(fn $method<E>(self, value: $type) -> Result<Yaml, E> {
            Ok(Yaml::$variant(Value::from(value)))
        })*
    };
}

impl<'de> Visitor<'de> for Any {
    type Value = Yaml;

    visit!(visit_bool(bool) Scalar, visit_str(&str) Scalar, visit_i64(i64) Number, visit_u64(u64) Number, visit_i128(i128) Number,
        visit_u128(u128) Number, visit_f64(f64) Number);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Yaml, E> {
        Ok(Yaml::Scalar(Value::from(())))
    }

    fn visit_none<E>(self) -> Result<Yaml, E> {
        Ok(Yaml::Scalar(Value::from(())))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Yaml, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Yaml, A::Error> {
        let mut all = Vec::new();
        while let Some(item) = items.next_element()? {
            all.push(item);
        }
        Ok(Yaml::Sequence(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Yaml, A::Error> {
        let mut all = Vec::new();
        while let Some(member) = members.next_entry()? {
            all.push(member);
        }
        Ok(Yaml::Mapping(all))
    }
}

fn json(text: &str) -> Result<Datum, ValuesError> {
    let failed = |error: serde_json::Error| ValuesError::Syntax(Some(error.line()));
    // Read as a whole first, which says where it is wrong, and limits its depth.
    serde_json::from_str::<serde_json::Value>(text).map_err(failed)?;
    json_node(text).map_err(failed)
}

fn json_node(text: &str) -> Result<Datum, serde_json::Error> {
    let text = text.trim();
    Ok(match text.as_bytes().first() {
        Some(b'{') => {
            let members: BTreeMap<String, &RawValue> = serde_json::from_str(text)?;
            let members = members.into_iter().map(|(name, raw)| Ok((name, json_node(raw.get())?)));
            Datum::Mapping(members.collect::<Result<_, _>>()?)
        }
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(text)?;
            Datum::Sequence(items.into_iter().map(|raw| json_node(raw.get())).collect::<Result<_, _>>()?)
        }
        Some(b'-' | b'0'..=b'9') => Datum::number(text, number(text)),
        Some(b'"') => Datum::Scalar(Value::from(serde_json::from_str::<String>(text)?)),
        Some(b't' | b'f') => Datum::Scalar(Value::from(text == "true")),
        _ => Datum::Scalar(Value::from(())),
    })
}

fn toml(text: &str) -> Result<Datum, ValuesError> {
    let failed = |error: toml::de::Error| {
        ValuesError::Syntax(error.span().map(|span| memchr::memchr_iter(b'\n', &text.as_bytes()[..span.start]).count() + 1))
    };
    Ok(Datum::Mapping(toml_members(DeTable::parse(text).map_err(failed)?.get_ref(), text)))
}

fn toml_members(table: &DeTable<'_>, text: &str) -> BTreeMap<String, Datum> {
    table.iter().map(|(name, value)| (name.get_ref().to_string(), toml_node(value.get_ref(), value.span(), text))).collect()
}

fn toml_node(value: &DeValue<'_>, range: Range<usize>, text: &str) -> Datum {
    // `1_000` is a way to write 1000.
    let written = || text.get(range).unwrap_or_default().replace('_', "");
    match value {
        DeValue::String(text) => Datum::Scalar(Value::from(text.as_ref())),
        DeValue::Boolean(flag) => Datum::Scalar(Value::from(*flag)),
        DeValue::Datetime(_) => Datum::Scalar(Value::from(written())),
        DeValue::Integer(integer) => {
            let value = i128::from_str_radix(integer.as_str(), integer.radix());
            Datum::number(&written(), value.map_or_else(|_| number(integer.as_str()), integer_of))
        }
        DeValue::Float(float) => Datum::number(&written(), number(float.as_str())),
        DeValue::Array(items) => Datum::Sequence(items.iter().map(|item| toml_node(item.get_ref(), item.span(), text)).collect()),
        DeValue::Table(table) => Datum::Mapping(toml_members(table, text)),
    }
}

/// The number that `text` is written as in JSON or TOML.
fn number(text: &str) -> Value {
    match text.parse::<i128>() {
        Ok(integer) => integer_of(integer),
        Err(_) => text.parse::<f64>().map_or_else(|_| Value::from(text), Value::from),
    }
}

/// The engine's plainest integer.
fn integer_of(integer: i128) -> Value {
    i64::try_from(integer).map_or_else(|_| Value::from(integer), Value::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(node: &Datum, name: &str) -> (String, Value) {
        let Datum::Mapping(members) = node else { panic!("no mapping") };
        (members[name].value(false).to_string(), members[name].value(true))
    }

    #[test]
    fn numbers_keep_their_text_and_are_numbers() {
        let yaml = yaml("é: ü\nA: 1.10\nB: 0123456\nC: 1234567e8  # x\nD: {e: [2.50, 3, 0x1F]}\nF: &f 1.20\nG: *f\nH: '1.10'\n")
            .unwrap();
        let json = json(r#"{"é": "ü", "A": 1.10, "C": 1234567e8, "D": {"e": [2.50, 3]}, "H": "1.10", "I": -0.50E+2}"#).unwrap();
        let toml =
            toml("A = 1.10\nC = 1234567e8\nD = {e = [2.50, 3]}\nH = '1.10'\nK = 1_000\nL = 0x1F\nM = 2025-11-20\n").unwrap();
        for node in [&yaml, &json, &toml] {
            assert_eq!(both(node, "A"), ("1.10".to_owned(), Value::from(1.1)));
            assert_eq!(both(node, "C"), ("1234567e8".to_owned(), Value::from(1234567e8)));
            assert_eq!(both(node, "H"), ("1.10".to_owned(), Value::from("1.10")));
            let Datum::Mapping(members) = node else { panic!("no mapping") };
            let inner = members["D"].value(false).get_attr("e").unwrap();
            assert_eq!(inner.get_item_by_index(0).unwrap(), Value::from("2.50"));
            assert_eq!(inner.get_item_by_index(1).unwrap(), Value::from(3));
        }
        assert_eq!(both(&yaml, "B").0, "0123456");
        assert_eq!(both(&yaml, "G"), ("1.20".to_owned(), Value::from(1.2)));
        assert_eq!(both(&json, "I"), ("-0.50E+2".to_owned(), Value::from(-50.0)));
        assert_eq!(both(&toml, "K"), ("1000".to_owned(), Value::from(1000)));
        assert_eq!(both(&toml, "L"), ("0x1F".to_owned(), Value::from(31)));
        assert_eq!(both(&toml, "M").0, "2025-11-20");
    }

    #[test]
    fn a_depth_without_end_is_refused() {
        for deep in [format!("{{\"a\": {}", "[".repeat(100_000)), format!("{{\"a\": {}1{}}}", "[".repeat(500), "]".repeat(500))] {
            assert!(matches!(json(&deep), Err(ValuesError::Syntax(_))));
        }
    }
}

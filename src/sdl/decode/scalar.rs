//! Scalars into Go's strings, numbers and bools.

use crate::finding::Rule;
use crate::go::base64;
use crate::go::scalar::{Plain, plain};
use crate::yaml::tree::{Id, NodeKind};

use super::node::{self, Meaning};
use super::value::Field;
use super::{Decoder, Null};

/// What Akash's JSON schema wants of a scalar that Go reads as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Want {
    /// Anything.
    Any,
    /// A string, or null where another rule covers it.
    Text,
    /// A string and not null.
    TextNotNull,
}

impl<'t> Decoder<'t> {
    /// The value of a scalar, a `!!binary` as its text. `Err` holds the field to return if it has none.
    fn scalar<T>(&mut self, id: Id, what: &'static str) -> Result<Plain<'t>, Field<T>> {
        if let Some(text) = self.tree.word(id) {
            return if self.enter(id) { Ok(plain(text)) } else { Err(Field::unknown(id)) };
        }
        if self.tree.is_unknown(id) {
            return Err(Field::unknown(id));
        }
        let read = self.enter(id);
        self.leave(id);
        if !read {
            return Err(Field::unknown(id));
        }
        if !matches!(self.tree.kind(id), NodeKind::Scalar(_)) {
            self.wrong_kind(id, what);
            return Err(Field::unknown(id));
        }
        match node::value(self.tree, id) {
            Ok(Meaning::Is(value)) => Ok(value),
            Ok(Meaning::Binary) => self.binary(id).map(Plain::Text).ok_or(Field::unknown(id)),
            Err(_) => {
                self.bad_tag(id);
                Err(Field::unknown(id))
            }
        }
    }

    /// The text of a `!!binary`; none if it is not base64. Go's strings hold any bytes, ours what is left of them in UTF-8.
    pub(super) fn binary(&mut self, id: Id) -> Option<&'t str> {
        match base64::decode(self.tree.text(id)) {
            Some(bytes) => Some(self.texts.keep(String::from_utf8_lossy(&bytes).into_owned())),
            None => {
                self.bad_tag(id);
                None
            }
        }
    }

    /// A scalar into a Go string: its source text, whatever it resolves to.
    pub(crate) fn text(&mut self, id: Id, want: Want) -> Field<&'t str> {
        let value = match self.scalar(id, "text") {
            Ok(value) => value,
            Err(field) => return field,
        };
        match value {
            Plain::Null => {
                if want == Want::TextNotNull {
                    self.null_value(id);
                }
                return Field { node: Some(id), value: Some("") };
            }
            Plain::Text(text) => return Field { node: Some(id), value: Some(text) },
            Plain::Bool(_) | Plain::Integer(_) | Plain::Float(_) | Plain::Date if want != Want::Any => {
                self.report.add(
                    Rule::UnquotedText,
                    id,
                    "Console reads this as a number, a date or a boolean, and wants text",
                    "put it in quotes",
                );
            }
            _ => {}
        }
        Field { node: Some(id), value: Some(self.tree.text(id)) }
    }

    /// A scalar into a Go uint32: integers in any notation, floats without their fraction; never text.
    pub(crate) fn number(&mut self, id: Id, null: Null) -> Field<u32> {
        let value = match self.scalar(id, "a whole number") {
            Ok(value) => value,
            Err(field) => return field,
        };
        let found = match value {
            Plain::Null => {
                if null == Null::Warn {
                    self.null_value(id);
                }
                Some(0)
            }
            Plain::Integer(whole) => u32::try_from(whole).ok(),
            Plain::Float(float) if float > -1.0 && float < 4_294_967_296.0 => {
                if float.fract() != 0.0 {
                    let message = format!("Akash drops the fraction of {}", self.report.quote(id));
                    self.report.add(Rule::FractionCut, id, &message, "write a whole number");
                }
                Some(float as u32)
            }
            _ => None,
        };
        if found.is_none() {
            let help = match value {
                Plain::Text(text) if text.parse::<u32>().is_ok() => {
                    format!("write {} without quotes", self.report.quote(id))
                }
                _ => "write a whole number from 0 to 4294967295, without quotes".to_owned(),
            };
            self.report.add(Rule::NotANumber, id, &format!("{} is not a whole number", self.report.quote(id)), &help);
        }
        Field { node: Some(id), value: found }
    }

    /// A scalar into a Go bool: `true` and `false`, and the words of YAML 1.1.
    pub(crate) fn flag(&mut self, id: Id) -> Field<bool> {
        let value = match self.scalar(id, "`true` or `false`") {
            Ok(value) => value,
            Err(field) => return field,
        };
        let found = match value {
            Plain::Null => {
                self.null_value(id);
                Some(false)
            }
            Plain::Bool(flag) => Some(flag),
            Plain::Text("y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON") => Some(true),
            Plain::Text("n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF") => Some(false),
            _ => None,
        };
        match (found, value) {
            (None, _) => {
                self.report.add(
                    Rule::NotAFlag,
                    id,
                    &format!("{} is neither true nor false", self.report.quote(id)),
                    "write `true` or `false`",
                );
            }
            (Some(flag), Plain::Text(_)) => {
                let message = format!("Console reads {} as text", self.report.quote(id));
                self.report.add(Rule::FlagAsWord, id, &message, &format!("write `{flag}`"));
            }
            _ => {}
        }
        Field { node: Some(id), value: found }
    }
}

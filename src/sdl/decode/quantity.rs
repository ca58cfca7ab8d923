//! Quantities of cpu, memory, storage and GPUs: `go/sdl/units.go:46-154`. Go reads each from the node's text, whatever its tag.

use crate::finding::Rule;
use crate::go::number::{float, unsigned};
use crate::go::scalar::Plain;
use crate::yaml::tree::{Id, NodeKind};

use super::node::{self, Meaning, is_number};
use super::{Decoder, Field};

/// Units of memory and storage; their case counts.
const SIZES: [(&str, u64); 12] = [
    ("Ki", 1 << 10),
    ("Mi", 1 << 20),
    ("Gi", 1 << 30),
    ("Ti", 1 << 40),
    ("Pi", 1 << 50),
    ("Ei", 1 << 60),
    ("k", 1_000),
    ("M", 1_000_000),
    ("G", 1_000_000_000),
    ("T", 1_000_000_000_000),
    ("P", 1_000_000_000_000_000),
    ("E", 1_000_000_000_000_000_000),
];

/// Which units a size may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Units {
    /// All of them.
    All,
    /// Powers of 1024 only, in which the memory of a GPU is given.
    Binary,
}

/// The text of a quantity: none if it is unknown, none within if it is null.
fn amount<'t>(decoder: &mut Decoder<'t>, id: Id) -> Option<Option<&'t str>> {
    let tree = decoder.tree;
    if tree.is_unknown(id) {
        return None;
    }
    if decoder.is_null(id) {
        return Some(None);
    }
    if !matches!(tree.kind(id), NodeKind::Scalar(_)) {
        decoder.wrong_kind(id, "a number with its unit");
        return None;
    }
    Some(Some(tree.text(id)))
}

/// Thousandths of a core.
pub(crate) fn cores(decoder: &mut Decoder<'_>, id: Id) -> Field<u64> {
    let Some(text) = amount(decoder, id) else { return Field::unknown(id) };
    let Some(text) = text else { return Field { node: Some(id), value: Some(0) } };
    match cpu(text) {
        Ok(milli) => {
            if !is_number(decoder.tree, id) && !is_plain_amount(text) {
                let help = "write it as `0.5` or `500m`";
                decoder.report.add(Rule::CpuForm, id, "Console does not accept this form of a number of cores", help);
            }
            Field { node: Some(id), value: Some(u64::from(milli)) }
        }
        Err(help) => {
            let message = format!("{} is not a number of cores", decoder.report.quote(id));
            decoder.report.add(Rule::CpuUnits, id, &message, &help);
            Field::unknown(id)
        }
    }
}

/// Digits, a fraction, letters: what the schema accepts as an amount in text.
fn is_plain_amount(text: &str) -> bool {
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    number.split_once('.').map_or_else(|| digits(number), |(whole, part)| digits(whole) && digits(part))
}

/// Bytes of memory or storage.
pub(crate) fn bytes(decoder: &mut Decoder<'_>, id: Id) -> Field<u64> {
    let found = sized(decoder, id, Units::All).unwrap_or(Field { node: Some(id), value: Some(0) });
    let text = matches!(node::value(decoder.tree, id), Ok(Meaning::Is(Plain::Text(_))));
    if found.value.is_some() && !text && float(decoder.tree.text(id)).is_some() {
        let help = "add the unit, such as `512Mi`";
        decoder.report.add(Rule::UnquotedText, id, "Console reads this as a number, and wants text with a unit", help);
    }
    found
}

/// Bytes of a GPU's memory; missing if null.
pub(crate) fn gpu_memory(decoder: &mut Decoder<'_>, id: Id) -> Field<u64> {
    sized(decoder, id, Units::Binary).unwrap_or_default()
}

/// A size; none if it is null.
fn sized(decoder: &mut Decoder<'_>, id: Id, units: Units) -> Option<Field<u64>> {
    let Some(text) = amount(decoder, id) else { return Some(Field::unknown(id)) };
    Some(match size(text?, units) {
        Ok(bytes) => Field { node: Some(id), value: Some(bytes) },
        Err(help) => {
            let help = if decoder.tree.is_filled_in(id) { "write a number and a unit, such as `512Mi`" } else { &help };
            let message = format!("{} is not a size", decoder.report.quote(id));
            decoder.report.add(Rule::Size, id, &message, help);
            Field::unknown(id)
        }
    })
}

/// A number of GPUs.
pub(crate) fn gpus(decoder: &mut Decoder<'_>, id: Id) -> Field<u64> {
    let Some(text) = amount(decoder, id) else { return Field::unknown(id) };
    let Some(text) = text else { return Field { node: Some(id), value: Some(0) } };
    let units = unsigned(text);
    if units.is_none() {
        let message = format!("{} is not a number of GPUs", decoder.report.quote(id));
        decoder.report.add(Rule::GpuUnits, id, &message, "write a whole number, such as `1`");
    }
    Field { node: Some(id), value: units }
}

/// A size in bytes.
fn size(text: &str, units: Units) -> Result<u64, String> {
    let known = if units == Units::All { &SIZES[..] } else { &SIZES[..6] };
    let found = known.iter().find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, *factor)));
    let (number, factor) = found.unwrap_or((text, 1));
    match float(number) {
        Some(number) if number < 0.0 => Err("a size can't be negative".to_owned()),
        // Beyond 64 bits Go gets another number; either is far out of range.
        Some(number) => Ok((number * factor as f64) as u64),
        None => Err(size_help(text)),
    }
}

/// What to write in place of what is not a size.
fn size_help(text: &str) -> String {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit = unit.trim();
    let letter = unit.chars().next().unwrap_or(' ').to_ascii_uppercase();
    let rest = unit.get(1..).unwrap_or("").to_ascii_lowercase();
    if float(number).is_some() && "KMGTPE".contains(letter) && matches!(rest.as_str(), "" | "b" | "i" | "ib") {
        return format!("write `{number}{letter}i`: the units are Ki, Mi, Gi, Ti and k, M, G, T, in exactly this case");
    }
    "write a number and a unit with no space between them, such as `512Mi` or `8Gi`".to_owned()
}

/// Thousandths of a core: `500m`, or cores with a fraction.
fn cpu(text: &str) -> Result<u32, String> {
    if let Some(milli) = text.strip_suffix('m') {
        let milli = unsigned(milli).and_then(|milli| u32::try_from(milli).ok());
        return milli.ok_or_else(|| "write whole thousandths of a core, such as `500m`, or cores, such as `0.5`".to_owned());
    }
    match float(text).map(|cores| cores * 1000.0) {
        Some(milli) if milli < 0.0 => Err("write a number of cores above 0, such as `0.5`".to_owned()),
        // Go truncates to 64 bits and keeps the lower 32; anything larger becomes 0.
        Some(milli) if milli < 9_223_372_036_854_775_808.0 => Ok(milli as i64 as u32),
        Some(_) => Ok(0),
        None => Err("write cores, such as `0.5` or `2`, or thousandths of a core, such as `500m`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_what_was_meant() {
        assert_eq!(size("0.5Gi", Units::All), Ok(1 << 29));
        assert_eq!(size("1e9", Units::All), Ok(1_000_000_000));
        assert_eq!(size("1k", Units::All), Ok(1000));
        assert!(size("-1Gi", Units::All).is_err());
        for (written, meant) in
            [("8gb", "`8Gi`"), ("16GB", "`16Gi`"), ("1gi", "`1Gi`"), ("1 Gi", "`1Gi`"), ("1K", "`1Ki`"), ("512m", "`512Mi`")]
        {
            assert!(size(written, Units::All).unwrap_err().contains(meant), "{written}");
        }
        assert!(size("80G", Units::Binary).unwrap_err().contains("`80Gi`"));
    }

    #[test]
    fn cores() {
        assert_eq!(cpu("0.0100001"), Ok(10));
        assert_eq!(cpu("500m"), Ok(500));
        assert_eq!(cpu("1e3"), Ok(1_000_000));
        assert_eq!(cpu("4294968"), Ok(704));
        for text in ["1.5m", "abc", "1c", "-1", "", "m", "4294967296m"] {
            assert!(cpu(text).is_err(), "{text}");
        }
    }
}

//! Quantities of cpu, memory and storage: `go/sdl/units.go:46-154`.

use super::number::{float, unsigned};

/// Units of memory and storage; Akash minds their case.
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
pub(super) enum Units {
    /// All of them.
    All,
    /// Those of 1024, which a GPU's memory is given in.
    Binary,
}

/// A size in bytes.
pub(super) fn size(text: &str, units: Units) -> Result<u64, String> {
    let known = if units == Units::All { &SIZES[..] } else { &SIZES[..6] };
    let found = known.iter().find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, *factor)));
    let (number, factor) = found.unwrap_or((text, 1));
    match float(number) {
        Some(number) if number < 0.0 => Err("a size can't be negative".to_owned()),
        // A float beyond 64 bits is some other number in Go; either is far out of range.
        Some(number) => Ok((number * factor as f64) as u64),
        None => Err(size_help(text)),
    }
}

/// What to write for a size that is none.
fn size_help(text: &str) -> String {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit = unit.trim();
    let letter = unit.chars().next().unwrap_or(' ').to_ascii_uppercase();
    let rest = unit.get(1..).unwrap_or("").to_ascii_lowercase();
    if float(number).is_some() && "KMGTPE".contains(letter) && matches!(rest.as_str(), "" | "b" | "i" | "ib") {
        return format!("write `{number}{letter}i`: the units are Ki, Mi, Gi, Ti and k, M, G, T, in this case");
    }
    "write a number and a unit without a space, such as `512Mi` or `8Gi`".to_owned()
}

/// Thousandths of a core: `500m`, or cores with a fraction.
pub(super) fn cpu(text: &str) -> Result<u32, String> {
    if let Some(milli) = text.strip_suffix('m') {
        let milli = unsigned(milli).and_then(|milli| u32::try_from(milli).ok());
        return milli.ok_or_else(|| "write whole thousandths of a core, such as `500m`, or cores, such as `0.5`".to_owned());
    }
    match float(text).map(|cores| cores * 1000.0) {
        Some(milli) if milli < 0.0 => Err("write a number of cores above 0, such as `0.5`".to_owned()),
        // Go cuts off at 64 bits and keeps the lower 32; what is beyond becomes 0.
        Some(milli) if milli < 9_223_372_036_854_775_808.0 => Ok(milli as i64 as u32),
        Some(_) => Ok(0),
        None => Err("write cores, such as `0.5` or `2`, or thousandths of a core, such as `500m`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_their_slips() {
        assert_eq!(size("0.5Gi", Units::All), Ok(1 << 29));
        assert_eq!(size("1e9", Units::All), Ok(1_000_000_000));
        assert_eq!(size("1k", Units::All), Ok(1000));
        assert!(size("-1Gi", Units::All).is_err());
        for (slip, meant) in
            [("8gb", "`8Gi`"), ("16GB", "`16Gi`"), ("1gi", "`1Gi`"), ("1 Gi", "`1Gi`"), ("1K", "`1Ki`"), ("512m", "`512Mi`")]
        {
            assert!(size(slip, Units::All).unwrap_err().contains(meant), "{slip}");
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

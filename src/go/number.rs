//! Numbers: `strconv.ParseUint`, `strconv.ParseFloat` and the integers of go-yaml's `resolve.go`.

use std::borrow::Cow;

/// Go's `strconv.ParseUint(text, 10, 64)`: digits only.
pub(crate) fn unsigned(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

/// A decimal integer as most are written: up to nine digits, the first of them not 0.
pub(crate) fn small(text: &str) -> Option<u32> {
    let digits = matches!(text.as_bytes().first(), Some(b'1'..=b'9')) && text.len() <= 9;
    let add = |sum: u32, byte: &u8| byte.is_ascii_digit().then(|| sum * 10 + u32::from(byte - b'0'));
    if digits { text.as_bytes().iter().try_fold(0, add) } else { None }
}

/// Go's `strconv.ParseFloat(text, 64)`: decimal or hexadecimal, `inf`, `nan`, single underscores between digits; none if it is too large.
pub(crate) fn float(text: &str) -> Option<f64> {
    let (negative, body) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let signed = |value: f64| if negative { -value } else { value };
    if ["inf", "infinity"].iter().any(|name| body.eq_ignore_ascii_case(name)) {
        return Some(signed(f64::INFINITY));
    }
    if text.eq_ignore_ascii_case("nan") {
        return Some(f64::NAN);
    }
    if !separated(body) {
        return None;
    }
    let plain = joined(body);
    let value = match plain.get(..2) {
        Some("0x" | "0X") => hexadecimal(&plain[2..])?,
        _ if is_decimal(&plain) => plain.parse().ok()?,
        _ => return None,
    };
    value.is_finite().then(|| signed(value))
}

/// The text without underscores. Most texts have none.
fn joined(text: &str) -> Cow<'_, str> {
    match text.as_bytes().contains(&b'_') {
        true => Cow::Owned(text.chars().filter(|c| *c != '_').collect()),
        false => Cow::Borrowed(text),
    }
}

/// Whether each underscore is between digits; a base prefix counts as one.
fn separated(body: &str) -> bool {
    if !body.as_bytes().contains(&b'_') {
        return true;
    }
    let prefixed = matches!(body.get(..2), Some("0x" | "0X" | "0o" | "0O" | "0b" | "0B"));
    let hexadecimal = matches!(body.get(..2), Some("0x" | "0X"));
    let mut last = if prefixed { '0' } else { '^' };
    for c in body.chars().skip(if prefixed { 2 } else { 0 }) {
        let digit = c.is_ascii_digit() || hexadecimal && c.is_ascii_hexdigit();
        last = match c {
            _ if digit => '0',
            '_' if last == '0' => '_',
            '_' => return false,
            _ if last == '_' => return false,
            _ => '!',
        };
    }
    last != '_'
}

/// `[digits][.digits][e[sign]digits]` with at least one digit before the exponent.
fn is_decimal(text: &str) -> bool {
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let text = text.as_bytes();
    let whole = digits(text);
    let (mut rest, mut count) = (&text[whole..], whole);
    if let [b'.', behind @ ..] = rest {
        let fraction = digits(behind);
        (rest, count) = (&behind[fraction..], count + fraction);
    }
    if let [b'e' | b'E', b'+' | b'-', power @ ..] | [b'e' | b'E', power @ ..] = rest {
        return count > 0 && !power.is_empty() && digits(power) == power.len();
    }
    count > 0 && rest.is_empty()
}

/// A hexadecimal float after its `0x`; Go requires the `p` exponent.
fn hexadecimal(text: &str) -> Option<f64> {
    let (mantissa, power) = text.split_once(['p', 'P'])?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.len() + fraction.len() == 0 {
        return None;
    }
    let mut value = 0.0_f64;
    for c in whole.chars().chain(fraction.chars()) {
        value = value * 16.0 + f64::from(c.to_digit(16)?);
    }
    let sign = power.strip_prefix(['+', '-']).unwrap_or(power);
    let size = i32::try_from(unsigned(sign)?.min(100_000)).ok()?;
    let power = if power.starts_with('-') { -size } else { size };
    let shift = i32::try_from(fraction.len().min(100_000)).ok()? * 4;
    Some(value * 2.0_f64.powi(power - shift))
}

/// A plain scalar that go-yaml resolves to an integer: 64 bits, any base, underscores anywhere, octal also as `0o17` and `017`.
pub(crate) fn integer(text: &str) -> Option<i128> {
    let plain = joined(text);
    let (negative, digits) = match plain.as_bytes().first()? {
        b'-' => (true, &plain[1..]),
        b'+' => (false, &plain[1..]),
        _ => (false, &*plain),
    };
    let (base, digits) = match digits.get(..2) {
        Some("0x" | "0X") => (16, &digits[2..]),
        Some("0b" | "0B") => (2, &digits[2..]),
        Some("0o" | "0O") => (8, &digits[2..]),
        _ if digits.len() > 1 && digits.starts_with('0') => (8, &digits[1..]),
        _ => (10, digits),
    };
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(base)) {
        return None;
    }
    let size = i128::from(u64::from_str_radix(digits, base).ok()?);
    match negative {
        true if size > 1 << 63 => None,
        true => Some(-size),
        // With a sign and more than 63 bits it is neither an int64 nor a uint64.
        false if plain.starts_with('+') && size >= 1 << 63 => None,
        false => Some(size),
    }
}

/// A plain scalar that go-yaml resolves to a float and not to an integer.
pub(crate) fn plain_float(text: &str) -> Option<f64> {
    match text {
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Some(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Some(f64::NEG_INFINITY),
        ".nan" | ".NaN" | ".NAN" => Some(f64::NAN),
        // What begins with a point goes to ParseFloat as it is; a digit or a sign goes through go-yaml's own pattern.
        _ if text.starts_with('.') => float(text),
        _ => {
            let plain = joined(text);
            let body = plain.strip_prefix(['+', '-']).unwrap_or(&plain);
            if is_decimal(body) { float(&plain) } else { None }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Go 1.26 answered.
    #[test]
    fn floats_are_read_as_go_reads_them() {
        let good = [
            ("1_23.50_0_0e+1_2", 1.235e14),
            ("0x1p-2", 0.25),
            ("0x_1p-2", 0.25),
            ("1_000", 1000.0),
            ("1e-999", 0.0),
            (".5", 0.5),
            ("5.", 5.0),
            ("+5", 5.0),
            ("0X1P3", 8.0),
            ("0x1.8p1", 3.0),
            ("inf", f64::INFINITY),
            ("+Inf", f64::INFINITY),
            ("-infinity", f64::NEG_INFINITY),
        ];
        for (text, value) in good {
            assert_eq!(float(text), Some(value), "{text}");
        }
        assert!(float("NaN").is_some_and(f64::is_nan));
        for text in ["1__0", "_1", "1_", "-nan", "1e999", "", "0x10", "1e", ".", "Infinity1", "1e+", "0x.p1", " 1", "1 "] {
            assert_eq!(float(text), None, "{text}");
        }
    }

    #[test]
    fn integers_are_read_as_go_yaml_reads_them() {
        let good = [("0o17", 15), ("017", 15), ("0x1F", 31), ("0b11", 3), ("1_000", 1000), ("+5", 5), ("-0b1", -1), ("1__0", 10)];
        for (text, value) in good {
            assert_eq!(integer(text), Some(value), "{text}");
        }
        for text in ["08", "0_8", "190:20", "0x", "0b12", "", "-", "1e3", "18446744073709551616"] {
            assert_eq!(integer(text), None, "{text}");
        }
        assert_eq!(plain_float("08"), Some(8.0));
        assert_eq!(plain_float("1.e3"), Some(1000.0));
        assert_eq!(plain_float("inf"), None);
    }
}

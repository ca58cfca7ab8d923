//! Decimal numbers of the Cosmos SDK: `LegacyNewDecFromStr` of cosmossdk.io/math.

/// 2³¹⁵, above which `math.LegacyDec` holds no number.
const BEYOND: &str = "66749594872528440074844428317798503581334516323645399060845050244444366430645017188217565216768";

/// Whether the number is negative, and its size in units of 10⁻¹⁸; if it is not a number, what to write instead, empty if the text is.
pub(crate) fn decimal(text: &str) -> Result<(bool, u128), &'static str> {
    let (minus, text) = text.strip_prefix('-').map_or((false, text), |text| (true, text));
    if text.is_empty() {
        return Err("");
    }
    let mut parts = text.split('.');
    let (whole, fraction) = (parts.next().unwrap_or(""), parts.next());
    if parts.next().is_some() {
        return Err("write at most one decimal point");
    }
    if fraction.is_some_and(|fraction| fraction.is_empty() || whole.is_empty()) {
        return Err("write digits on both sides of the decimal point");
    }
    let fraction = fraction.unwrap_or("");
    if fraction.len() > 18 {
        return Err("write at most 18 decimal places");
    }
    // Go's big.Int takes a sign of its own.
    let (again, digits) = match whole.as_bytes().first() {
        Some(b'-') => (true, &whole[1..]),
        Some(b'+') => (false, &whole[1..]),
        _ => (false, whole),
    };
    if !digits.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
        return Err("write digits only: no exponent, `_`, unit or space");
    }
    let combined = format!("{digits}{fraction}{}", "0".repeat(18 - fraction.len()));
    let combined = combined.trim_start_matches('0');
    if combined.len() > BEYOND.len() || combined.len() == BEYOND.len() && combined >= BEYOND {
        return Err("write a smaller number");
    }
    let size = if combined.is_empty() { 0 } else { combined.parse().unwrap_or(u128::MAX) };
    Ok((minus != again, size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_as_cosmos_reads_them() {
        let one = 10_u128.pow(18);
        for (text, read) in [
            ("1", (false, one)),
            ("+1", (false, one)),
            ("--1", (false, one)),
            ("-1", (true, one)),
            ("-+1", (true, one)),
            ("0.5", (false, one / 2)),
            ("00", (false, 0)),
        ] {
            assert_eq!(decimal(text), Ok(read), "{text}");
        }
        assert_eq!(decimal(&"9".repeat(70)), Ok((false, u128::MAX)));
        for text in ["", "-", ".5", "5.", "1e3", "1_000", "0x10", "1.2.3", " 1", "1.0000000000000000000", "1.-5", "٣"] {
            assert!(decimal(text).is_err(), "{text}");
        }
        assert!(decimal(&"9".repeat(78)).is_err());
    }
}

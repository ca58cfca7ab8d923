//! Durations: `time.ParseDuration`.

const MOST: u128 = 1 << 63;

/// The duration in nanoseconds: a sign, then numbers with units. None if it is not a duration.
pub(crate) fn nanoseconds(text: &str) -> Option<i64> {
    let (negative, mut rest) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if rest == "0" {
        return Some(0);
    }
    let mut sum: u128 = 0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let (whole, behind) = rest.split_at(digits(rest));
        let (fraction, behind) = match behind.strip_prefix('.') {
            Some(behind) => behind.split_at(digits(behind)),
            None => ("", behind),
        };
        let (unit, behind) = behind.split_at(behind.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(behind.len()));
        let factor = unit_factor(unit)?;
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let whole: u128 = if whole.is_empty() { 0 } else { whole.parse().ok().filter(|whole| *whole <= MOST)? };
        // Digits beyond what 63 bits hold are dropped.
        let mut part: u128 = 0;
        let mut scale = 1.0;
        for digit in fraction.bytes() {
            let next = part * 10 + u128::from(digit - b'0');
            if next > MOST {
                break;
            }
            (part, scale) = (next, scale * 10.0);
        }
        sum += whole.checked_mul(factor)? + (part as f64 * (factor as f64 / scale)) as u128;
        if sum > MOST {
            return None;
        }
        rest = behind;
    }
    if negative { Some((-(sum as i128)) as i64) } else { i64::try_from(sum).ok() }
}

fn digits(text: &str) -> usize {
    text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len())
}

fn unit_factor(unit: &str) -> Option<u128> {
    Some(match unit {
        "ns" => 1,
        "us" | "µs" | "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::nanoseconds;

    #[test]
    fn durations_are_read_as_go_reads_them() {
        for (text, read) in [
            ("1h", 3_600_000_000_000),
            ("1h30m", 5_400_000_000_000),
            ("1.5h", 5_400_000_000_000),
            ("500ms", 500_000_000),
            ("-1s", -1_000_000_000),
            ("+0", 0),
            (".5s", 500_000_000),
            ("5.s", 5_000_000_000),
        ] {
            assert_eq!(nanoseconds(text), Some(read), "{text}");
        }
        for text in ["", "1", "1d", ".s", "abc", "-", "1h ", "9999999h", "1H", "3600"] {
            assert_eq!(nanoseconds(text), None, "{text}");
        }
    }
}

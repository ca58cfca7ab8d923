//! Versions: `ParseTolerant` of blang/semver v4.

use crate::span::cut;

use super::number::unsigned;

/// Major, minor and patch, and whether a pre-release follows. None if it is not a version.
pub(crate) fn parse(text: &str) -> Option<([u64; 3], bool)> {
    let text = text.trim();
    let text = text.strip_prefix('v').unwrap_or(text);
    let mut parts: Vec<String> = text.splitn(3, '.').map(without_zeros).collect();
    if parts.len() < 3 && parts.last()?.contains(['+', '-']) {
        return None;
    }
    parts.resize(3, "0".to_owned());
    let (rest, build) = cut(&parts[2], b'+');
    let (patch, before) = cut(rest, b'-');
    let word = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let good_build = build.is_none_or(|build| build.split('.').all(word));
    let good_before = before.is_none_or(|before| before.split('.').all(|part| word(part) && no_leading_zero(part)));
    let number = |text: &str| unsigned(text).filter(|_| no_leading_zero(text));
    let numbers = [number(&parts[0])?, number(&parts[1])?, number(patch)?];
    (good_build && good_before).then_some((numbers, before.is_some()))
}

/// A part without its leading zeros; one is kept where no digit would be left.
fn without_zeros(part: &str) -> String {
    if part.len() < 2 {
        return part.to_owned();
    }
    let rest = part.trim_start_matches('0');
    if rest.starts_with(|c: char| c.is_ascii_digit()) { rest.to_owned() } else { format!("0{rest}") }
}

fn no_leading_zero(text: &str) -> bool {
    text.len() < 2 || !text.starts_with('0') || !text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn versions_are_read_tolerantly() {
        for text in ["2", "2.0", "v2.0", " 2.0.0 ", "02.00", "2.0.0+b1"] {
            assert_eq!(parse(text), Some(([2, 0, 0], false)), "{text}");
        }
        assert_eq!(parse("2.0.0-rc.1"), Some(([2, 0, 0], true)));
        assert_eq!(parse("2.0.1"), Some(([2, 0, 1], false)));
        for text in ["", "abc", "2.x", "2.0-rc", "2.0.0-", "2.0.0-01", "2.0.0+", "-2", "2.0.0.0", "99999999999999999999"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}

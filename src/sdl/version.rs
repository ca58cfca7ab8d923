//! `version`: read as blang/semver's `ParseTolerant` (v4) reads it, `go/sdl/sdl.go:41-76`.

use crate::finding::Rule;
use crate::span::cut;
use crate::tree::{Id, Kind, Tree};

use super::number::unsigned;
use super::report::Report;
use super::resolve;

/// Which of Akash's two parsers takes the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// 2.0: credentials as they are, `email` dropped.
    V2_0,
    /// 2.1 and whatever is above: credentials trimmed, `email` kept.
    V2_1,
}

/// The version that stands behind `value`; none if it is unknown or wrong.
pub(super) fn version(report: &mut Report<'_>, tree: &Tree<'_>, value: Id) -> Option<Version> {
    if tree.is_unknown(value) {
        return None;
    }
    let help = "write `version: \"2.0\"` or `version: \"2.1\"`";
    let Some((numbers, before)) = parse(resolve::raw(tree, value)) else {
        let message = format!("{} is not a version", quote(report, tree, value));
        report.add(Rule::Version, value, &message, help);
        return None;
    };
    let version = match numbers {
        [2, 0, 0] if !before => Version::V2_0,
        numbers if numbers > [2, 1, 0] || numbers == [2, 1, 0] && !before => Version::V2_1,
        _ => {
            let message = format!("Akash knows no version {}", quote(report, tree, value));
            report.add(Rule::Version, value, &message, help);
            return None;
        }
    };
    let text = matches!(resolve::resolve(tree, value), Ok(resolve::Value::Text("2.0" | "2.1")));
    if !text {
        let written = if version == Version::V2_0 { "write `version: \"2.0\"`" } else { "write `version: \"2.1\"`" };
        report.add(Rule::VersionForm, value, "Console wants the text \"2.0\" or \"2.1\"", written);
    }
    Some(version)
}

fn quote(report: &Report<'_>, tree: &Tree<'_>, value: Id) -> String {
    if matches!(tree.kind(value), Kind::Scalar(_)) { report.quote(value) } else { "a list or a mapping".to_owned() }
}

/// Major, minor and patch, and whether a pre-release stands behind them.
fn parse(text: &str) -> Option<([u64; 3], bool)> {
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

/// A part without its leading zeros, one of them kept where nothing or no digit would be left.
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

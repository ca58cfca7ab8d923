//! `version`: `go/sdl/sdl.go:41-76`.

use crate::finding::Rule;
use crate::go::scalar::Plain;
use crate::go::semver;
use crate::sdl::decode::node::{self, Meaning};
use crate::sdl::reporter::Reporter;
use crate::splice::View;
use crate::yaml::tree::{Id, NodeKind};

/// Which of Akash's two parsers reads the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    /// 2.0: credentials are kept as they are, `email` is dropped.
    V2_0,
    /// 2.1 and above: credentials are trimmed, `email` is kept.
    V2_1,
}

/// The version that `value` names; none if it is unknown or wrong.
pub(crate) fn version(report: &mut Reporter<'_>, tree: &View<'_>, value: Id) -> Option<Version> {
    if tree.is_unknown(value) {
        return None;
    }
    let help = "write `version: \"2.0\"` or `version: \"2.1\"`";
    let Some((numbers, pre_release)) = semver::parse(node::raw(tree, value)) else {
        let message = format!("{} is not a version", quote(report, tree, value));
        report.add(Rule::Version, value, &message, help);
        return None;
    };
    let version = match numbers {
        [2, 0, 0] if !pre_release => Version::V2_0,
        numbers if numbers > [2, 1, 0] || numbers == [2, 1, 0] && !pre_release => Version::V2_1,
        _ => {
            let message = format!("Akash does not support version {}", quote(report, tree, value));
            report.add(Rule::Version, value, &message, help);
            return None;
        }
    };
    if !matches!(node::value(tree, value), Ok(Meaning::Is(Plain::Text("2.0" | "2.1")))) {
        let help = if version == Version::V2_0 { "write `version: \"2.0\"`" } else { "write `version: \"2.1\"`" };
        report.add(Rule::VersionForm, value, "Console accepts only the text \"2.0\" or \"2.1\"", help);
    }
    Some(version)
}

fn quote(report: &Reporter<'_>, tree: &View<'_>, value: Id) -> String {
    if matches!(tree.kind(value), NodeKind::Scalar(_)) { report.quote(value) } else { "a list or a mapping".to_owned() }
}

//! A deployed service: `go/manifest/v2beta3/service.go:13-60`.

use crate::finding::Rule;
use crate::sdl::decode::Key;
use crate::sdl::model::service::Service;
use crate::sdl::reporter::{Reporter, Step, ticks};
use crate::span::cut;
use crate::splice::View;

pub(super) fn check<'t>(report: &mut Reporter<'t>, tree: &View<'_>, key: Key<'t>, service: &Service<'t>) {
    name(report, key);
    if service.image.value == Some("") {
        let at = service.image.node.filter(|node| !tree.range(*node).is_empty()).unwrap_or(key.id);
        let message = format!("the service {} has no image", ticks(key.name));
        report.add(Rule::ImageMissing, at, &message, "add `image: repository:tag`");
    }
    for (index, item) in service.env.items.iter().enumerate() {
        let (Some(node), Some(text)) = (item.node, item.value) else { continue };
        if let Some(help) = refused_variable(cut(text, b'=').0, text.contains('=')) {
            report.under(&[Step::Key("services"), Step::Key(key.name), Step::Key("env"), Step::Index(index)], |report| {
                report.add(Rule::EnvName, node, REFUSED, &help);
            });
        }
    }
}

/// What is said of a variable with a name that Kubernetes refuses.
pub(crate) const REFUSED: &str = "Kubernetes refuses the name of this variable";

/// What to do, where Kubernetes refuses a variable of this name; `sign` says whether a `=` follows.
pub(crate) fn refused_variable(name: &str, sign: bool) -> Option<String> {
    (!is_variable(name)).then(|| variable_help(name, sign))
}

/// `^[a-z]([-a-z0-9]*[a-z0-9])?$`, `manifest.go:13`.
fn name<'t>(report: &mut Reporter<'t>, key: Key<'t>) {
    let bytes = key.name.as_bytes();
    let inner = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-';
    let good = bytes.first().is_some_and(u8::is_ascii_lowercase) && bytes.iter().all(inner) && bytes.last() != Some(&b'-');
    if !good {
        let message = format!("{} can't be the name of a service", ticks(key.name));
        let help = "use lower-case letters, digits and `-`; begin with a letter, don't end with `-`";
        report.add(Rule::ServiceName, key.id, &message, help);
    }
}

/// `IsEnvVarName` of k8s.io/apimachinery.
fn is_variable(name: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    !name.is_empty()
        && name.bytes().all(inner)
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name != "."
        && !name.starts_with("..")
}

fn variable_help(name: &str, sign: bool) -> String {
    // The name is not shown: it may be a value that was pasted without one.
    let reason = match name {
        "" => "there is nothing before `=`",
        _ if !sign => "there is no `=`",
        _ if name.starts_with(|c: char| c.is_ascii_digit()) => "the name begins with a digit",
        _ if name != name.trim() => "there is white space around the name",
        _ if name.contains(char::is_whitespace) => "there is white space in the name",
        "." => "`.` alone is not a name",
        _ => "a name may hold letters, digits, `_`, `-` and `.`, and not begin with `..`",
    };
    format!("write `NAME=value`: {reason}")
}

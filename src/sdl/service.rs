//! `services.NAME`: `go/sdl/v2.go:194-223`, and what the manifest asks of it, `go/manifest/v2beta3/service.go:13-60`.

use crate::finding::Rule;
use crate::span::cut;
use crate::tree::{Id, Tree};

use super::credentials::{Credentials, credentials};
use super::decode::{Decoder, Key, Null, Want};
use super::expose::{Expose, expose};
use super::params::{Params, params};
use super::report::{Report, Step, ticks};
use super::value::{Field, List, Part};

/// A service.
#[derive(Debug, Default)]
pub struct Service<'t> {
    pub(super) unknown: bool,
    pub(super) image: Field<&'t str>,
    pub(super) env: List<Field<&'t str>>,
    pub(super) expose: List<Expose<'t>>,
    pub(super) params: Option<Box<Params<'t>>>,
    pub(super) credentials: Option<Box<Credentials<'t>>>,
}

impl Part for Service<'_> {
    fn unknown() -> Self {
        Self { unknown: true, image: Field::unknown_anywhere(), expose: List::unknown(), ..Self::default() }
    }
}

impl<'t> Service<'t> {
    /// The node of `image`.
    pub fn image(&self) -> Option<Id> {
        self.image.node
    }

    /// The `env` items with their numbers, empty ones left out; an alias is given as such.
    pub fn env(&self) -> impl Iterator<Item = (usize, Id)> {
        self.env.items.iter().enumerate().filter_map(|(index, item)| Some((index, item.node?)))
    }

    /// `credentials`, unless missing, null or not a mapping.
    pub fn credentials(&self) -> Option<&Credentials<'t>> {
        self.credentials.as_deref()
    }
}

const KEYS: [&str; 8] = ["image", "command", "args", "env", "expose", "dependencies", "params", "credentials"];

pub(super) fn service<'t>(decoder: &mut Decoder<'t>, _: Key<'t>, value: Id) -> Service<'t> {
    decoder.fields(value, "a mapping", Null::Warn, &KEYS, |decoder, service: &mut Service<'t>, key, value| match key.name {
        "image" => service.image = decoder.text(value, Want::Text),
        "env" => service.env = decoder.texts(value, Null::Fine),
        "expose" => service.expose = decoder.list(value, "a list", Null::Fine, expose),
        "params" => service.params = params(decoder, value).map(Box::new),
        "credentials" => service.credentials = credentials(decoder, key, value).map(Box::new),
        "dependencies" => dependencies(decoder, value),
        _ => {
            decoder.texts(value, Null::Fine);
        }
    })
}

/// A dependency; Akash reads it and makes nothing of it.
#[derive(Debug, Default)]
struct Dependency;

impl Part for Dependency {
    fn unknown() -> Self {
        Self
    }
}

fn dependencies(decoder: &mut Decoder<'_>, value: Id) {
    decoder.list(value, "a list", Null::Warn, |decoder, item| {
        decoder.fields(item, "a mapping", Null::Fine, &["service"], |decoder, _: &mut Dependency, _, value| {
            decoder.text(value, Want::TextNotNull);
        })
    });
}

/// What the manifest asks of a service that is deployed.
pub(super) fn check<'t>(report: &mut Report<'t>, tree: &Tree<'_>, key: Key<'t>, service: &Service<'t>) {
    name(report, key);
    if service.image.value == Some("") {
        let at = service.image.node.filter(|node| !tree.range(*node).is_empty()).unwrap_or(key.id);
        report.add(
            Rule::ImageMissing,
            at,
            &format!("the service {} has no image", ticks(key.name)),
            "add `image: repository:tag`",
        );
    }
    for (index, item) in service.env.items.iter().enumerate() {
        let (Some(node), Some(text)) = (item.node, item.value) else { continue };
        let (name, _) = cut(text, b'=');
        if !is_variable(name) {
            report.under(&[Step::Key("services"), Step::Key(key.name), Step::Key("env"), Step::Index(index)], |report| {
                report.add(Rule::EnvName, node, "the name of this variable is not one Kubernetes takes", &variable_help(name));
            });
        }
    }
}

/// `^[a-z]([-a-z0-9]*[a-z0-9])?$`, `manifest.go:13`.
fn name<'t>(report: &mut Report<'t>, key: Key<'t>) {
    let bytes = key.name.as_bytes();
    let inner = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-';
    let good = bytes.first().is_some_and(u8::is_ascii_lowercase) && bytes.iter().all(inner) && bytes.last() != Some(&b'-');
    if !good {
        let message = format!("{} can't be a service's name", ticks(key.name));
        report.add(
            Rule::ServiceName,
            key.id,
            &message,
            "use lower-case letters, digits and `-`; begin with a letter, end without `-`",
        );
    }
}

/// k8s.io/apimachinery `IsEnvVarName`.
fn is_variable(name: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    !name.is_empty()
        && name.bytes().all(inner)
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name != "."
        && !name.starts_with("..")
}

fn variable_help(name: &str) -> String {
    // The name may be a value that was pasted without one: it is not shown.
    let reason = match name {
        "" => "nothing stands before `=`",
        _ if name.starts_with(|c: char| c.is_ascii_digit()) => "it begins with a digit",
        _ if name != name.trim() => "white space stands around it",
        _ if name.contains(char::is_whitespace) => "it holds white space",
        _ => "it may hold letters, digits, `_`, `-` and `.`, and not begin with `..`",
    };
    format!("write `NAME=value`: {reason}")
}

//! What a template reaches for: the files it reads and the hosts it names, also in branches that are not taken.

use super::fill::fill;
use super::scan::Prepared;
use super::values::{MASK, SecretValues};
use crate::credential::{Fact, facts};
use crate::registry::reference::Reference;
use crate::sdl::{DecodedTexts, model};
use crate::secret::{Operation, Origin, SecretUse};
use crate::span::Location;
use crate::splice::View;
use crate::template::{Asked, Emission, Means};

/// A file or a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reach {
    /// Its path as it is written, or its name; of one that a statement computes, the expression.
    pub(crate) name: String,
    /// `file` or `host`.
    pub(crate) kind: &'static str,
    /// How it is reached: `file()`, `include`, `docker()`, `image`, `credentials`.
    pub(crate) by: &'static str,
    /// Where it is written.
    pub(crate) at: Location,
    /// The place in the SDL, if it is there.
    pub(crate) path: String,
}

/// All that the template reaches for, in the order of the text, each once. No source is asked.
pub(crate) fn reaches(prepared: &Prepared<'_>) -> Vec<Reach> {
    let mut asked = Asked::default();
    asked.add(&prepared.expansion.sources);
    let mut found: Vec<Reach> = Vec::new();
    let mut add = |reach: Reach| {
        if !found.iter().any(|known| (&known.name, known.by) == (&reach.name, reach.by)) {
            found.push(reach);
        }
    };
    for reached in asked.reached {
        let (kind, by) = words(reached.means);
        add(Reach { name: reached.name, kind, by, at: reached.at, path: String::new() });
    }
    // Names that statements computed, where they are known by now.
    let document = &prepared.expansion.document;
    for (scalar, mark, emission) in prepared.marks() {
        let Emission::Secret(usage) = emission else { continue };
        each(usage, &mut |usage| {
            let (kind, by) = match usage.origin {
                Origin::File => words(Means::File),
                Origin::DockerUsername | Origin::DockerPassword => words(Means::Login),
                _ => return,
            };
            let path = prepared.layout.path(scalar);
            add(Reach { name: usage.name.clone(), kind, by, at: document.locate(mark.offset), path });
        });
    }
    for name in prepared.expansion.sources.keys().filter(|name| **name != prepared.template.name) {
        let (kind, by) = words(Means::Include);
        add(Reach { name: name.clone(), kind, by, at: Location::new(name.as_str(), 0..0), path: String::new() });
    }
    registries(prepared).into_iter().for_each(add);
    found
}

fn words(means: Means) -> (&'static str, &'static str) {
    match means {
        Means::File => ("file", "file()"),
        Means::Include => ("file", "include"),
        Means::Login => ("host", "docker()"),
    }
}

/// The secret, its defaults and its parts.
fn each(usage: &SecretUse, found: &mut impl FnMut(&SecretUse)) {
    found(usage);
    usage.operations.iter().flat_map(Operation::secrets).for_each(|other| each(other, found));
}

/// The registries of the images, and the hosts of the logins.
fn registries(prepared: &Prepared<'_>) -> Vec<Reach> {
    // What can't be filled is reported when it is rendered.
    let Ok(masked) = fill(prepared, &SecretValues::masked(), &[]) else { return Vec::new() };
    let (view, texts) = (View::new(&prepared.layout, &masked, true), DecodedTexts::default());
    let sdl = model(&view, &texts);
    let document = &prepared.expansion.document;
    let reach = |name: &str, fact: &Fact<'_>, by| {
        let at = document.locate_range(&fact.range);
        Reach { name: name.to_owned(), kind: "host", by, at, path: fact.place.to_string() }
    };
    let mut found = Vec::new();
    for service in facts(&view, &sdl) {
        if let Some((image, text)) = service.image.as_ref().and_then(|image| Some((image, image.text?))) {
            let domain = Reference::parse(text).map(|reference| reference.domain.to_owned());
            let name = if text.contains(MASK) { Some(MASK.to_owned()) } else { domain.ok() };
            found.extend(name.map(|name| reach(&name, image, "image")));
        }
        if let Some((host, text)) = service.host.as_ref().and_then(|host| Some((host, host.text?))) {
            found.push(reach(text, host, "credentials"));
        }
    }
    found
}

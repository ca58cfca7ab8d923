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
pub(crate) struct ReachedPlace {
    /// Its path as it is written, or its name; of one that a statement computes, the expression.
    pub(crate) name: String,
    /// How it is reached.
    pub(crate) by: ReachedBy,
    /// Where it is written.
    pub(crate) at: Location,
}

/// How a file or a host is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReachedBy {
    /// As a template says.
    Template(Means),
    /// As the registry of an image.
    Image,
}

impl ReachedBy {
    /// `file()`, `include`, `docker()`, `image`.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Template(Means::File) => "file()",
            Self::Template(Means::Include) => "include",
            Self::Template(Means::Login) => "docker()",
            Self::Image => "image",
        }
    }

    /// `file` or `host`.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::Template(Means::File | Means::Include) => "file",
            Self::Template(Means::Login) | Self::Image => "host",
        }
    }
}

/// All that the template reaches for, in the order of the text, each once. No source is asked.
pub(crate) fn reaches(prepared: &Prepared<'_>) -> Vec<ReachedPlace> {
    let mut asked = Asked::default();
    asked.add(&prepared.expansion.sources);
    let mut found: Vec<ReachedPlace> = Vec::new();
    let mut add = |reach: ReachedPlace| {
        if !found.iter().any(|known| (&known.name, known.by) == (&reach.name, reach.by)) {
            found.push(reach);
        }
    };
    for reached in asked.reached {
        add(ReachedPlace { name: reached.name, by: ReachedBy::Template(reached.means), at: reached.at });
    }
    // Names that statements computed, where they are known by now.
    let document = &prepared.expansion.document;
    for (_, mark, emission) in prepared.marks() {
        let Emission::Secret(usage) = emission else { continue };
        each(usage, &mut |usage| {
            let by = match usage.origin {
                Origin::File => ReachedBy::Template(Means::File),
                Origin::DockerUsername | Origin::DockerPassword => ReachedBy::Template(Means::Login),
                _ => return,
            };
            add(ReachedPlace { name: usage.name.clone(), by, at: document.locate(mark.offset) });
        });
    }
    for name in prepared.expansion.sources.keys().filter(|name| **name != prepared.template.name) {
        add(ReachedPlace { name: name.clone(), by: ReachedBy::Template(Means::Include), at: Location::new(name.as_str(), 0..0) });
    }
    registries(prepared).into_iter().for_each(add);
    found
}

/// The secret, its defaults and its parts.
fn each(usage: &SecretUse, found: &mut impl FnMut(&SecretUse)) {
    found(usage);
    usage.operations.iter().flat_map(Operation::secrets).for_each(|other| each(other, found));
}

/// The registries of the images, which `verify` asks.
fn registries(prepared: &Prepared<'_>) -> Vec<ReachedPlace> {
    // What can't be filled is reported when it is rendered.
    let Ok(masked) = fill(prepared, &SecretValues::masked(), &[]) else { return Vec::new() };
    let (view, texts) = (View::new(&prepared.layout, &masked, true), DecodedTexts::default());
    let sdl = model(&view, &texts);
    let reach = |image: Fact<'_>| {
        let text = image.text?;
        let name = if text.contains(MASK) { MASK } else { Reference::parse(text).ok()?.domain };
        let at = prepared.expansion.document.locate_range(&image.range);
        Some(ReachedPlace { name: name.to_owned(), by: ReachedBy::Image, at })
    };
    facts(&view, &sdl).filter_map(|service| reach(service.image?)).collect()
}

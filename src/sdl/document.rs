//! The document as a whole: `go/sdl/sdl.go:41-76` and the section walk of `v2.go:259-309`.

use crate::diagnostic::nearest;
use crate::finding::Rule;
use crate::tree::{Id, Kind};

use super::decode::{Decoder, Key, Null};
use super::report::{Step, listed};
use super::value::{Map, Part};
use super::version::version;
use super::{Sdl, compute, deployment, endpoints, placement, reclamation, resolve, service};

const SECTIONS: [&str; 7] = ["version", "include", "services", "profiles", "deployment", "endpoints", "reclamation"];

/// Decodes the whole document; none when there is no SDL to speak of.
pub(super) fn decode<'t>(decoder: &mut Decoder<'t>) -> Option<Sdl<'t>> {
    let tree = decoder.tree;
    let root = match tree.root() {
        Some(root) if !resolve::is_null(tree, root) => root,
        _ => {
            decoder.report.add_at(
                Rule::EmptyDocument,
                0,
                "the document is empty",
                "write an SDL: `version`, `services`, `profiles`, `deployment`",
            );
            return None;
        }
    };
    if let Some(further) = tree.further() {
        let help = "keep one document to a file";
        decoder.report.add_at(Rule::FurtherDocument, further, "Akash reads the first document alone", help);
    }
    directive(decoder, root);
    if tree.is_unknown(root) {
        return None;
    }
    let Some(found) = version_node(decoder, root) else {
        decoder.report.add(Rule::NoVersion, top(decoder, root), "no `version` was found", "begin with `version: \"2.0\"`");
        // Some other kind of document is not gone through key by key.
        if tree.kind(root) != Kind::Mapping || !tree.entries(root).any(|(key, _)| SECTIONS.contains(&tree.text(key))) {
            return None;
        }
        return Some(sections(decoder, root));
    };
    let read = decoder.at(Step::Key("version"), |decoder| version(&mut decoder.report, tree, found));
    let mut sdl = sections(decoder, root);
    sdl.version = read;
    Some(sdl)
}

/// The first key of the root, so that a finding about the whole does not mark it all.
fn top(decoder: &Decoder<'_>, root: Id) -> Id {
    decoder.tree.content(root).next().unwrap_or(root)
}

/// go-yaml refuses another `%YAML` directive than 1.1 (`parserc.go`).
fn directive(decoder: &mut Decoder<'_>, root: Id) {
    let head = decoder.tree.head();
    let mut lines = head.lines().filter_map(|line| line.trim_start_matches('\u{feff}').strip_prefix("%YAML"));
    if lines.any(|version| version.split_whitespace().next() != Some("1.1")) {
        let root = top(decoder, root);
        decoder.report.add(Rule::YamlDirective, root, "Akash refuses this `%YAML` directive", "remove it");
    }
}

/// What stands behind the first node whose text is `version`, be it a key or a value.
fn version_node(decoder: &mut Decoder<'_>, root: Id) -> Option<Id> {
    let tree = decoder.tree;
    let mut content = tree.content(root);
    content.find(|id| resolve::raw(tree, *id) == "version")?;
    let value = content.next();
    if value.is_none() {
        decoder.wrong_kind(root, "a mapping");
    }
    value
}

fn sections<'t>(decoder: &mut Decoder<'t>, root: Id) -> Sdl<'t> {
    let mut sdl = Sdl::default();
    let mut seen: Vec<&str> = Vec::new();
    for (key, value) in decoder.walk(root) {
        if !SECTIONS.contains(&key.name) {
            unexpected(decoder, &mut sdl, key);
            continue;
        }
        if seen.contains(&key.name) {
            let message =
                format!("the section {} stands here twice: Akash joins them, Console refuses them", decoder.report.key(key.id));
            decoder.report.add(Rule::DuplicateSection, key.id, &message, "write one section");
        }
        seen.push(key.name);
        decoder.at(Step::Key(key.name), |decoder| section(decoder, &mut sdl, key, value));
    }
    sdl
}

fn section<'t>(decoder: &mut Decoder<'t>, sdl: &mut Sdl<'t>, key: Key<'t>, value: Id) {
    match key.name {
        "include" => {
            decoder.texts(value, Null::Warn);
        }
        "services" => section_map(decoder, &mut sdl.services, value, "a mapping of services", service::service),
        "profiles" => profiles(decoder, sdl, value),
        "deployment" => {
            sdl.deployment_key = Some(key.id);
            section_map(decoder, &mut sdl.deployment, value, "a mapping of services", deployment::placements);
        }
        "endpoints" => section_map(decoder, &mut sdl.endpoints, value, "a mapping of endpoints", endpoints::endpoint),
        "reclamation" => sdl.reclamation = Some(reclamation::reclamation(decoder, key.id, value)),
        _ => {}
    }
}

/// Decodes a section into what an earlier one of the same name left; null empties it.
fn section_map<'t, T: Part>(
    decoder: &mut Decoder<'t>,
    map: &mut Map<'t, T>,
    value: Id,
    what: &'static str,
    each: impl FnMut(&mut Decoder<'t>, Key<'t>, Id) -> T,
) {
    decoder.map_into(map, value, what, Null::Warn, each);
}

fn profiles<'t>(decoder: &mut Decoder<'t>, sdl: &mut Sdl<'t>, value: Id) {
    let (mut compute, mut placement) = (std::mem::take(&mut sdl.compute), std::mem::take(&mut sdl.placement));
    let all: Profiles = decoder.fields(value, "a mapping", Null::Warn, &["compute", "placement"], |decoder, _, key, value| {
        if key.name == "compute" {
            section_map(decoder, &mut compute, value, "a mapping of compute profiles", compute::profile);
        } else {
            section_map(decoder, &mut placement, value, "a mapping of placements", placement::placement);
        }
    });
    if all.unknown {
        (compute, placement) = (Map::unknown(), Map::unknown());
    }
    (sdl.compute, sdl.placement) = (compute, placement);
}

/// Whether `profiles` could be read.
#[derive(Debug, Default)]
struct Profiles {
    unknown: bool,
}

impl Part for Profiles {
    fn unknown() -> Self {
        Self { unknown: true }
    }
}

/// A key that Akash refuses at the top. If it is a slip of a section's name, that section is not missed as well.
fn unexpected<'t>(decoder: &mut Decoder<'t>, sdl: &mut Sdl<'t>, key: Key<'t>) {
    let meant = nearest(key.name, SECTIONS).or(match key.name {
        "deployments" => Some("deployment"),
        "service" => Some("services"),
        "profile" => Some("profiles"),
        "compute" | "placement" => Some("profiles"),
        _ => None,
    });
    match meant {
        Some("services") => sdl.services.unknown = true,
        Some("profiles") => (sdl.compute.unknown, sdl.placement.unknown) = (true, true),
        Some("deployment") => sdl.deployment.unknown = true,
        Some("endpoints") => sdl.endpoints.unknown = true,
        _ => {}
    }
    let help = match (key.name, meant) {
        ("<<", _) => "merge keys are not known at the top: write the sections out".to_owned(),
        (name, _) if name.starts_with("x-") => {
            "put the anchor where the part is first used: extension keys are not known".to_owned()
        }
        (_, Some(meant)) => format!("did you mean `{meant}`?"),
        _ => format!("known here: {}", listed(&SECTIONS)),
    };
    let message = format!("Akash refuses the key {} at the top", decoder.report.key(key.id));
    decoder.at(Step::Key(key.name), |decoder| decoder.report.add(Rule::UnknownSection, key.id, &message, &help));
}

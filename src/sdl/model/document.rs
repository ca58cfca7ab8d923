//! The document as a whole: `go/sdl/sdl.go:41-76` and the walk over its sections in `v2.go:259-309`.

use crate::diagnostic::nearest;
use crate::finding::Rule;
use crate::sdl::decode::{Decoded, Decoder, Fields, Key, Map, Mapping, Null, node};
use crate::sdl::reporter::{Step, listed};
use crate::yaml::tree::{Id, NodeKind};

use super::compute::Compute;
use super::deployment::Deployed;
use super::endpoint::Endpoint;
use super::placement::Placement;
use super::reclamation::Reclamation;
use super::service::Service;
use super::version::{Version, version};

/// An SDL, decoded.
#[derive(Debug, Default)]
pub(crate) struct Sdl<'t> {
    pub(crate) version: Option<Version>,
    pub(crate) services: Map<'t, Service<'t>>,
    pub(crate) profiles: Profiles<'t>,
    pub(crate) deployment: Map<'t, Map<'t, Deployed<'t>>>,
    pub(crate) endpoints: Map<'t, Endpoint<'t>>,
    pub(crate) reclamation: Option<Reclamation<'t>>,
    pub(crate) deployment_key: Option<Id>,
}

impl<'t> Sdl<'t> {
    /// Akash refuses any other section. One that is there twice is decoded into what the first left.
    const SECTIONS: Fields<'t, Self> = &[
        // Read before all others, wherever it is.
        ("version", |_, _, _, _| {}),
        ("include", |decoder, _, _, value| _ = decoder.texts(value, Null::Warn)),
        ("services", |decoder, sdl, _, value| {
            let service = |decoder: &mut Decoder<'t>, _, value| decoder.mapping(value, Null::Warn);
            decoder.map_into(&mut sdl.services, value, "a mapping of services", Null::Warn, service);
        }),
        ("profiles", |decoder, sdl, _, value| decoder.mapping_into(&mut sdl.profiles, value, Null::Warn)),
        ("deployment", |decoder, sdl, key, value| {
            sdl.deployment_key = Some(key.id);
            let deployed = |decoder: &mut Decoder<'t>, _, value| decoder.mapping(value, Null::Fine);
            let placements =
                |decoder: &mut Decoder<'t>, _, value| decoder.map(value, "a mapping of placements", Null::Warn, deployed);
            decoder.map_into(&mut sdl.deployment, value, "a mapping of services", Null::Warn, placements);
        }),
        ("endpoints", |decoder, sdl, _, value| {
            let endpoint = |decoder: &mut Decoder<'t>, _, value| decoder.mapping(value, Null::Fine);
            decoder.map_into(&mut sdl.endpoints, value, "a mapping of endpoints", Null::Warn, endpoint);
        }),
        ("reclamation", |decoder, sdl, key, value| {
            sdl.reclamation = Some(Reclamation { key: Some(key.id), ..decoder.mapping(value, Null::Fine) });
        }),
    ];

    fn section_names() -> impl Iterator<Item = &'static str> {
        Self::SECTIONS.iter().map(|(name, _)| *name)
    }

    /// Which of Akash's parsers reads it; none if that is not known.
    pub(crate) fn version(&self) -> Option<Version> {
        self.version
    }

    /// The services by name, in the order of the text, each with the node of its key; merge keys and aliases are followed.
    pub(crate) fn services(&self) -> impl Iterator<Item = (&'t str, Id, &Service<'t>)> {
        self.services.entries.iter().map(|(Key { name, id }, service)| (*name, *id, service))
    }

    /// Decodes a whole document; none when there is no SDL in it.
    pub(crate) fn decode(decoder: &mut Decoder<'t>) -> Option<Self> {
        let tree = decoder.tree;
        let root = match tree.root() {
            Some(root) if !node::is_null(tree, root) => root,
            _ => {
                let help = "write an SDL: `version`, `services`, `profiles`, `deployment`";
                decoder.report.add_at(Rule::EmptyDocument, 0, "the document is empty", help);
                return None;
            }
        };
        if let Some(further) = tree.further() {
            let message = "Akash reads only the first document of a file";
            decoder.report.add_at(Rule::FurtherDocument, further, message, "keep one document per file");
        }
        directive(decoder, root);
        if tree.is_unknown(root) {
            return None;
        }
        let Some(found) = version_node(decoder, root) else {
            let help = "begin with `version: \"2.0\"`";
            decoder.report.add(Rule::NoVersion, top(decoder, root), "there is no `version`", help);
            // Any other kind of document is not gone through key by key.
            let is_section = |key| Self::section_names().any(|name| name == tree.text(key));
            if tree.kind(root) != NodeKind::Mapping || !tree.entries(root).any(|(key, _)| is_section(key)) {
                return None;
            }
            return Some(Self::sections(decoder, root));
        };
        let version = decoder.at(Step::Key("version"), |decoder| version(&mut decoder.report, tree, found));
        Some(Self { version, ..Self::sections(decoder, root) })
    }

    fn sections(decoder: &mut Decoder<'t>, root: Id) -> Self {
        let mut sdl = Self::default();
        let mut seen: Vec<&str> = Vec::new();
        for (key, value) in decoder.walk(root) {
            let Some((name, read)) = Self::SECTIONS.iter().find(|(name, _)| *name == key.name) else {
                sdl.unknown_section(decoder, key);
                continue;
            };
            if seen.contains(name) {
                let name = decoder.report.quote(key.id);
                let message = format!("the section {name} is already there: Akash merges them, Console refuses them");
                decoder.report.add(Rule::DuplicateSection, key.id, &message, "write one section");
            }
            seen.push(name);
            decoder.at(Step::Key(name), |decoder| read(decoder, &mut sdl, key, value));
        }
        sdl
    }

    /// Reports a key that Akash refuses at the top level. If a section's name was meant, that section is not reported missing as well.
    fn unknown_section(&mut self, decoder: &mut Decoder<'t>, key: Key<'t>) {
        let meant = nearest(key.name, Self::section_names()).or(match key.name {
            "deployments" => Some("deployment"),
            "service" => Some("services"),
            "profile" | "compute" | "placement" => Some("profiles"),
            _ => None,
        });
        match meant {
            Some("services") => self.services.unknown = true,
            Some("profiles") => {
                (self.profiles.compute.unknown, self.profiles.placement.unknown) = (true, true);
            }
            Some("deployment") => self.deployment.unknown = true,
            Some("endpoints") => self.endpoints.unknown = true,
            _ => {}
        }
        let help = match (key.name, meant) {
            ("<<", _) => "write the sections out: merge keys don't work at the top level".to_owned(),
            (name, _) if name.starts_with("x-") => {
                "put the anchor where the part is first used: Akash has no extension keys".to_owned()
            }
            (_, Some(meant)) => format!("did you mean `{meant}`?"),
            _ => format!("possible keys: {}", listed(&Self::section_names().collect::<Vec<_>>())),
        };
        let message = format!("Akash refuses the key {} at the top level", decoder.report.quote(key.id));
        decoder.at(Step::Key(key.name), |decoder| decoder.report.add(Rule::UnknownSection, key.id, &message, &help));
    }
}

/// The first key of the root, so that a finding about the whole does not mark all of it.
fn top(decoder: &Decoder<'_>, root: Id) -> Id {
    decoder.tree.content(root).next().unwrap_or(root)
}

/// go-yaml refuses a `%YAML` directive other than 1.1 (`parserc.go`).
fn directive(decoder: &mut Decoder<'_>, root: Id) {
    let head = decoder.tree.head();
    let mut lines = head.lines().filter_map(|line| line.trim_start_matches('\u{feff}').strip_prefix("%YAML"));
    if lines.any(|version| version.split_whitespace().next() != Some("1.1")) {
        let root = top(decoder, root);
        decoder.report.add(Rule::YamlDirective, root, "Akash refuses this `%YAML` directive", "remove it");
    }
}

/// What follows the first node whose text is `version`, be it a key or a value.
fn version_node(decoder: &mut Decoder<'_>, root: Id) -> Option<Id> {
    let tree = decoder.tree;
    let mut content = tree.content(root);
    content.find(|id| node::raw(tree, *id) == "version")?;
    let value = content.next();
    if value.is_none() {
        decoder.wrong_kind(root, "a mapping");
    }
    value
}

/// `profiles`.
#[derive(Debug, Default)]
pub(crate) struct Profiles<'t> {
    pub(crate) compute: Map<'t, Compute<'t>>,
    pub(crate) placement: Map<'t, Placement<'t>>,
}

impl<'t> Mapping<'t> for Profiles<'t> {
    const FIELDS: Fields<'t, Self> = &[
        ("compute", |decoder, profiles, _, value| {
            let compute = |decoder: &mut Decoder<'t>, _, value| decoder.mapping(value, Null::Fine);
            decoder.map_into(&mut profiles.compute, value, "a mapping of compute profiles", Null::Warn, compute);
        }),
        ("placement", |decoder, profiles, _, value| {
            let placement = |decoder: &mut Decoder<'t>, _, value| decoder.mapping(value, Null::Fine);
            decoder.map_into(&mut profiles.placement, value, "a mapping of placements", Null::Warn, placement);
        }),
    ];
}

impl Decoded for Profiles<'_> {
    fn unknown() -> Self {
        Self { compute: Map::unknown(), placement: Map::unknown() }
    }
}

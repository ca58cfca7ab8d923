//! `profiles.compute.NAME.resources.storage`: `go/sdl/storage.go`.

use rustc_hash::FxHashSet as HashSet;

use crate::finding::Rule;
use crate::sdl::decode::quantity::bytes;
use crate::sdl::decode::{Decoded, Decoder, Field, Fields, Items, Key, Map, Mapping, Null, Want};
use crate::sdl::reporter::{Step, listed, ticks};
use crate::yaml::tree::{Id, NodeKind};

/// A volume.
#[derive(Debug)]
pub(crate) struct Volume<'t> {
    pub(crate) node: Option<Id>,
    /// [`DEFAULT`] where none is given.
    pub(crate) name: Field<&'t str>,
    /// Whether a name is given.
    pub(crate) named: bool,
    /// Bytes.
    pub(crate) size: Field<u64>,
    pub(crate) persistent: Option<bool>,
    pub(crate) class: Field<&'t str>,
}

impl<'t> Mapping<'t> for Volume<'t> {
    const FIELDS: Fields<'t, Self> = &[
        ("name", |decoder, volume, _, value| volume.name = decoder.text(value, Want::TextNotNull)),
        ("size", |decoder, volume, _, value| volume.size = bytes(decoder, value)),
        ("attributes", attributes),
    ];
}

impl Default for Volume<'_> {
    fn default() -> Self {
        let (name, size, class) = (Field::default(), Field::default(), Field::default());
        Self { node: None, name, named: false, size, persistent: Some(false), class }
    }
}

impl Decoded for Volume<'_> {
    fn unknown() -> Self {
        let (name, size, class) = (Field::unknown_anywhere(), Field::unknown_anywhere(), Field::unknown_anywhere());
        Self { node: None, name, named: true, size, persistent: None, class }
    }
}

/// The name of a volume without one.
pub(crate) const DEFAULT: &str = "default";
const CLASSES: [&str; 5] = ["default", "beta1", "beta2", "beta3", "ram"];

/// One mapping, whose name is ignored, or a list; Akash makes no volume of a scalar.
pub(super) fn storage<'t>(decoder: &mut Decoder<'t>, value: Id) -> Items<Volume<'t>> {
    let tree = decoder.tree;
    if tree.is_unknown(value) {
        return Items::unknown();
    }
    let items = match tree.kind(value) {
        NodeKind::Sequence => tree
            .items(value)
            .enumerate()
            .map(|(index, item)| decoder.at(Step::Index(index), |decoder| volume(decoder, item)))
            .collect(),
        NodeKind::Mapping => {
            let mut only = volume(decoder, value);
            (only.name, only.named) = (Field { node: None, value: Some(DEFAULT) }, false);
            vec![only]
        }
        NodeKind::Scalar(_) => {
            decoder.is_null(value);
            Vec::new()
        }
    };
    duplicates(decoder, &items);
    Items { node: Some(value), items: items.into(), unknown: false }
}

fn volume<'t>(decoder: &mut Decoder<'t>, item: Id) -> Volume<'t> {
    let mut volume = Volume { node: Some(item), ..decoder.mapping(item, Null::Fine) };
    volume.named = volume.name.value != Some("");
    if !volume.named {
        volume.name.value = Some(DEFAULT);
    }
    volume
}

/// Reports volumes with the name of an earlier one.
fn duplicates(decoder: &mut Decoder<'_>, volumes: &[Volume<'_>]) {
    let mut seen = HashSet::default();
    for volume in volumes {
        let (Some(name), Some(node)) = (volume.name.value, volume.name.node.filter(|_| volume.named).or(volume.node)) else {
            continue;
        };
        if !seen.insert(name) {
            let shown = volume.name.node.map_or_else(|| ticks(name), |node| decoder.report.quote(node));
            let help = match volume.named {
                true => "give each volume a name of its own",
                false => "add `name:`: a volume without one is called `default`",
            };
            decoder.report.add(Rule::VolumeDuplicate, node, &format!("another volume is called {shown}"), help);
        }
    }
}

/// `storage.go:152-209`: the attributes are compared as they are written, before `on` and `yes` become `true`.
fn attributes<'t>(decoder: &mut Decoder<'t>, volume: &mut Volume<'t>, at: Key<'t>, value: Id) {
    if decoder.is_null(value) {
        decoder.null_value(at.id);
        return;
    }
    let text = |decoder: &mut Decoder<'t>, _, value| decoder.text(value, Want::Any);
    let map: Map<'t, Field<&'t str>> = decoder.map(value, "a mapping", Null::Fine, text);
    if map.unknown {
        (volume.persistent, volume.class) = (None, Field::unknown_anywhere());
        return;
    }
    let (mut persistent, mut class) = (Field { node: None, value: Some("false") }, Field::default());
    for (key, field) in &map.entries {
        match key.name {
            "persistent" => persistent = *field,
            "class" => class = *field,
            _ => {
                let message = format!("Akash refuses the storage attribute {}", decoder.report.quote(key.id));
                let help = "remove it; possible attributes: `persistent` and `class`";
                decoder.report.add(Rule::StorageAttribute, key.id, &message, help);
            }
        }
    }
    together(decoder, at, persistent, class);
    volume.class = known_class(decoder, persistent, class);
    volume.persistent = persistent.value.and_then(|text| match text {
        "true" | "on" | "yes" => Some(true),
        "false" | "off" | "no" => Some(false),
        _ => None,
    });
    if let (None, Some(_), Some(node)) = (volume.persistent, persistent.value, persistent.node) {
        let message = format!("{} is neither `true` nor `false`", decoder.report.quote(node));
        decoder.report.add(Rule::StoragePersistent, node, &message, "write `true` or `false`, in lower case");
    }
}

/// The class, unknown if Akash does not know it.
fn known_class<'t>(decoder: &mut Decoder<'t>, persistent: Field<&'t str>, class: Field<&'t str>) -> Field<&'t str> {
    let (Some(node), Some(text)) = (class.node, class.value) else { return class };
    // An empty class is refused, unless `persistent: true` turns it into the default one.
    let known = CLASSES.contains(&text) || text.is_empty() && persistent.value.is_none_or(|text| text == "true");
    if known {
        return class;
    }
    let message = format!("Akash does not know the storage class {}", decoder.report.quote(node));
    decoder.report.add(Rule::StorageClass, node, &message, &format!("possible classes: {}", listed(&CLASSES)));
    Field::unknown_anywhere()
}

/// Whether the class and `persistent` agree.
fn together<'t>(decoder: &mut Decoder<'t>, at: Key<'t>, persistent: Field<&'t str>, class: Field<&'t str>) {
    let (Some(text), Some(name)) = (persistent.value, class.value) else { return };
    let node = persistent.node.or(class.node).unwrap_or(at.id);
    match name {
        "" => {}
        "ram" if text != "false" => {
            let message = "storage of class `ram` can't be persistent";
            decoder.report.add(Rule::StorageRam, node, message, "write `persistent: false`");
        }
        "ram" => {}
        _ if text == "false" => {
            let help = "write `persistent: true`, or remove `class`";
            decoder.report.add(Rule::StorageClassEphemeral, node, "storage that is not persistent takes no class", help);
        }
        _ if text != "true" && matches!(text, "on" | "yes" | "off" | "no") => {
            let message = format!("Console reads {} as text", decoder.report.quote(node));
            decoder.report.add(Rule::FlagAsWord, node, &message, "write `true` or `false`");
        }
        _ => {}
    }
}

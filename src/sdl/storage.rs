//! `profiles.compute.NAME.resources.storage`: `go/sdl/storage.go`.

use rustc_hash::FxHashSet as HashSet;

use crate::finding::Rule;
use crate::tree::{Id, Kind, Tree};

use super::compute::bytes;
use super::decode::{Decoder, Key, Null, Want};
use super::report::{Report, Step, listed, ticks};
use super::value::{Field, List, Map, Part};

/// A volume.
#[derive(Debug)]
pub(super) struct Volume<'t> {
    pub(super) node: Option<Id>,
    /// `default` where none is given.
    pub(super) name: Field<&'t str>,
    /// A name is written.
    pub(super) named: bool,
    size: Field<u64>,
    pub(super) persistent: Option<bool>,
    pub(super) class: Field<&'t str>,
}

impl Default for Volume<'_> {
    fn default() -> Self {
        let (name, size, class) = (Field::default(), Field::default(), Field::default());
        Self { node: None, name, named: false, size, persistent: Some(false), class }
    }
}

impl Part for Volume<'_> {
    fn unknown() -> Self {
        let (name, size, class) = (Field::unknown_anywhere(), Field::unknown_anywhere(), Field::unknown_anywhere());
        Self { node: None, name, named: true, size, persistent: None, class }
    }
}

pub(super) const DEFAULT: &str = "default";
const CLASSES: [&str; 5] = ["default", "beta1", "beta2", "beta3", "ram"];
const SIZE: (u64, u64) = (5 << 20, 32 << 40);

/// One mapping, whose name counts for nothing, or a list; of a scalar Akash makes no volume.
pub(super) fn storage<'t>(decoder: &mut Decoder<'t>, value: Id) -> List<Volume<'t>> {
    let tree = decoder.tree;
    if tree.is_unknown(value) {
        return List::unknown();
    }
    let items = match tree.kind(value) {
        Kind::Sequence => tree
            .items(value)
            .enumerate()
            .map(|(index, item)| decoder.at(Step::Index(index), |decoder| volume(decoder, item)))
            .collect(),
        Kind::Mapping => {
            let mut only = volume(decoder, value);
            (only.name, only.named) = (Field { node: None, value: Some(DEFAULT) }, false);
            vec![only]
        }
        Kind::Scalar(_) => {
            decoder.is_null(value);
            Vec::new()
        }
    };
    let mut seen = HashSet::default();
    for volume in &items {
        let (Some(name), Some(node)) = (volume.name.value, volume.name.node.filter(|_| volume.named).or(volume.node)) else {
            continue;
        };
        if !seen.insert(name) {
            let message = format!(
                "a second volume is called {}",
                volume.name.node.map_or_else(|| ticks(name), |node| decoder.report.quote(node))
            );
            let help = if volume.named {
                "give each volume a name of its own"
            } else {
                "add `name:`: a volume without one is called `default`"
            };
            decoder.report.add(Rule::VolumeDuplicate, node, &message, help);
        }
    }
    List { node: Some(value), items: items.into(), unknown: false }
}

fn volume<'t>(decoder: &mut Decoder<'t>, item: Id) -> Volume<'t> {
    let known = ["name", "size", "attributes"];
    let mut volume =
        decoder.fields(item, "a mapping", Null::Fine, &known, |decoder, volume: &mut Volume<'t>, key, value| match key.name {
            "name" => volume.name = decoder.text(value, Want::TextNotNull),
            "size" => volume.size = bytes(decoder, value),
            _ => attributes(decoder, volume, key, value),
        });
    volume.node = Some(item);
    volume.named = volume.name.value != Some("");
    if !volume.named {
        volume.name.value = Some(DEFAULT);
    }
    volume
}

/// `storage.go:152-209`: what stands together is compared as it is written, before `on` and `yes` become `true`.
fn attributes<'t>(decoder: &mut Decoder<'t>, volume: &mut Volume<'t>, at: Key<'t>, value: Id) {
    if decoder.is_null(value) {
        let help = "remove the key, or give it a value";
        decoder.report.add(Rule::NullValue, at.id, "Console refuses a key without a value", help);
        return;
    }
    let map: Map<'t, Field<&'t str>> =
        decoder.map(value, "a mapping", Null::Fine, |decoder, _, value| decoder.text(value, Want::Any));
    if map.unknown {
        (volume.persistent, volume.class) = (None, Field::unknown_anywhere());
        return;
    }
    let persistent = map.get("persistent").copied().unwrap_or(Field { node: None, value: Some("false") });
    let written = map.get("class").copied();
    let class = written.unwrap_or_default();
    together(decoder, at, persistent, class);
    let mut wrong_class = class.value.is_some_and(|class| !class.is_empty() && !CLASSES.contains(&class));
    // An empty class is none, and only `persistent: true` turns it into the default one.
    wrong_class |= written.is_some() && class.value == Some("") && persistent.value.is_some_and(|text| text != "true");
    if let (true, Some(node)) = (wrong_class, class.node) {
        let message = format!("Akash knows no storage class {}", decoder.report.quote(node));
        decoder.report.add(Rule::StorageClass, node, &message, &format!("write {}", listed(&CLASSES)));
    }
    volume.class = if wrong_class { Field::unknown_anywhere() } else { class };
    volume.persistent = persistent.value.and_then(|text| match text {
        "true" | "on" | "yes" => Some(true),
        "false" | "off" | "no" => Some(false),
        _ => None,
    });
    if let (None, Some(_), Some(node)) = (volume.persistent, persistent.value, persistent.node) {
        let message = format!("{} is not a truth value here", decoder.report.quote(node));
        decoder.report.add(Rule::StoragePersistent, node, &message, "write `true` or `false`, in lower case");
    }
    for (key, _) in &map.entries {
        if !["persistent", "class"].contains(&key.name) {
            let message = format!("Akash refuses the storage attribute {}", decoder.report.key(key.id));
            decoder.report.add(Rule::StorageAttribute, key.id, &message, "remove it; known here: `persistent` and `class`");
        }
    }
}

/// Whether the class goes with being persistent or not.
fn together<'t>(decoder: &mut Decoder<'t>, at: Key<'t>, persistent: Field<&'t str>, class: Field<&'t str>) {
    let (Some(text), Some(name)) = (persistent.value, class.value) else { return };
    let node = persistent.node.or(class.node).unwrap_or(at.id);
    match name {
        "" => {}
        "ram" if text != "false" => {
            decoder.report.add(Rule::StorageRam, node, "storage of class `ram` can't be persistent", "write `persistent: false`");
        }
        "ram" => {}
        _ if text == "false" => {
            let help = "write `persistent: true`, or remove `class`";
            decoder.report.add(Rule::StorageClassEphemeral, node, "storage that is not persistent takes no class", help);
        }
        _ if text != "true" && matches!(text, "on" | "yes" | "off" | "no") => {
            decoder.report.add(Rule::FlagAsWord, node, "Console takes this for text", "write `true` or `false`");
        }
        _ => {}
    }
}

/// What is asked of the volumes of a profile that a deployment uses.
pub(super) fn check<'t>(report: &mut Report<'t>, tree: &Tree<'_>, key: Key<'t>, storage: &List<Volume<'t>>) {
    if storage.items.is_empty() && !storage.unknown {
        let node = storage.node.filter(|node| !tree.range(*node).is_empty()).unwrap_or(key.id);
        report.add(Rule::StorageMissing, node, "the profile asks for no storage", "add `storage:` with `size:`");
    }
    for volume in &storage.items {
        let (Some(bytes), Some(node)) = (volume.size.value, volume.size.node.or(volume.node)) else { continue };
        if !(SIZE.0..=SIZE.1).contains(&bytes) {
            let node = Some(node).filter(|node| !tree.range(*node).is_empty()).unwrap_or(key.id);
            let message =
                if volume.size.node.is_some() { "this size of storage is out of range" } else { "the volume has no size" };
            report.add(Rule::StorageRange, node, message, "write from `5Mi` to `32Ti`; a number alone is bytes");
        }
    }
}

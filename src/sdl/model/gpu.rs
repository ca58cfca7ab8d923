//! `profiles.compute.NAME.resources.gpu`: `go/sdl/gpu.go`. Both the part and its attributes are walks over the keys.

use rustc_hash::FxHashSet as HashSet;

use crate::finding::Rule;
use crate::sdl::decode::node::raw;
use crate::sdl::decode::quantity::{gpu_memory, gpus};
use crate::sdl::decode::{Decoded, Decoder, Field, Fields, Key, Mapping, Null, Want};
use crate::sdl::reporter::Step;
use crate::yaml::tree::Id;

/// GPUs.
#[derive(Debug, Default)]
pub(crate) struct Gpu<'t> {
    pub(crate) key: Option<Key<'t>>,
    pub(crate) units: Field<u64>,
    /// The key `attributes`, unless null.
    pub(crate) attributes: Option<Id>,
}

impl Decoded for Gpu<'_> {
    fn unknown() -> Self {
        Self { units: Field::unknown_anywhere(), ..Self::default() }
    }
}

pub(super) fn gpu<'t>(decoder: &mut Decoder<'t>, key: Key<'t>, value: Id) -> Option<Gpu<'t>> {
    let tree = decoder.tree;
    if decoder.is_null(value) {
        decoder.null_value(key.id);
        return None;
    }
    if tree.is_unknown(value) {
        return Some(Gpu::unknown());
    }
    let mut gpu = Gpu { key: Some(key), ..Gpu::default() };
    let mut unread = false;
    for (key, value) in decoder.walk(value) {
        match key.name {
            "units" => gpu.units = gpus(decoder, value),
            "attributes" if tree.is_unknown(value) => unread = true,
            "attributes" => {
                gpu.attributes = (!decoder.is_null(value)).then_some(key.id);
                if gpu.attributes.is_some() {
                    attributes(decoder, key, value);
                }
            }
            _ => {
                let message = format!("Akash refuses the key {} in `gpu`", decoder.report.quote(key.id));
                decoder.report.add(Rule::GpuKey, key.id, &message, "remove it; possible keys: `units` and `attributes`");
                unread = true;
            }
        }
    }
    if gpu.attributes.is_none() && !unread && gpu.units.value.is_some_and(|units| units > 0) {
        let help = "add `attributes:` with `vendor:` and `nvidia:`, and `- model: …` to ask for particular ones";
        decoder.report.add(Rule::GpuAttributes, key.id, "GPUs are requested without attributes", help);
    }
    Some(gpu)
}

fn attributes<'t>(decoder: &mut Decoder<'t>, at: Key<'t>, value: Id) {
    let (mut vendor, mut other) = (false, false);
    for (key, value) in decoder.walk(value) {
        match key.name {
            "vendor" if decoder.is_null(value) => vendor = false,
            "vendor" => {
                vendor = true;
                decoder.at(Step::Key("vendor"), |decoder| vendors(decoder, key, value));
            }
            _ => {
                let message = format!("Akash refuses the GPU attribute {}", decoder.report.quote(key.id));
                decoder.report.add(Rule::GpuAttribute, key.id, &message, "remove it; the only attribute is `vendor`");
                other = true;
            }
        }
    }
    if !vendor && !other {
        let help = "add `vendor:` and below it `nvidia:`";
        decoder.report.add(Rule::GpuVendorMissing, at.id, "the GPU attributes name no vendor", help);
    }
}

/// Vendors. Akash knows one and ignores others.
#[derive(Debug, Default)]
struct Vendors {
    nvidia: bool,
    unknown: bool,
}

impl<'t> Mapping<'t> for Vendors {
    const FIELDS: Fields<'t, Self> = &[("nvidia", |decoder, vendors, _, value| {
        vendors.nvidia = true;
        models(decoder, value);
    })];
}

impl Decoded for Vendors {
    fn unknown() -> Self {
        Self { nvidia: false, unknown: true }
    }
}

fn vendors<'t>(decoder: &mut Decoder<'t>, at: Key<'t>, value: Id) {
    let found: Vendors = decoder.mapping(value, Null::Fine);
    if !found.nvidia && !found.unknown {
        let message = "Akash supports only the vendor `nvidia`: this asks for any of its models";
        decoder.report.add(Rule::GpuVendor, at.id, message, "write `nvidia:`");
    }
}

/// A model with what it must have.
#[derive(Debug, Default)]
struct Model<'t> {
    name: Field<&'t str>,
    ram: Field<u64>,
    interface: Field<&'t str>,
}

impl<'t> Mapping<'t> for Model<'t> {
    const FIELDS: Fields<'t, Self> = &[
        ("model", |decoder, model, _, value| model.name = decoder.text(value, Want::TextNotNull)),
        ("ram", |decoder, model, _, value| model.ram = gpu_memory(decoder, value)),
        ("interface", |decoder, model, _, value| model.interface = interface(decoder, value)),
    ];
}

impl Decoded for Model<'_> {
    fn unknown() -> Self {
        Self { name: Field::unknown_anywhere(), ram: Field::unknown_anywhere(), interface: Field::unknown_anywhere() }
    }
}

fn models(decoder: &mut Decoder<'_>, value: Id) {
    let mut seen = HashSet::default();
    let models = decoder
        .list(value, "a list of models", Null::Fine, |decoder, item| (item, decoder.mapping::<Model<'_>>(item, Null::Fine)));
    for (item, model) in models.items {
        let at = model.name.node.unwrap_or(item);
        let (Some(name), Some(ram), Some(interface)) = (model.name.value, model.ram.value, model.interface.value) else {
            continue;
        };
        let mut key = format!("vendor/nvidia/model/{name}");
        if model.ram.node.is_some() {
            key = format!("{key}/ram/{}Gi", ram >> 30);
        }
        if model.interface.node.is_some() {
            key = format!("{key}/interface/{interface}");
        }
        if !is_attribute_key(&key) {
            let help = "use letters, digits, `_`, `-`, `.` and `/`, at most 108 characters; a `*` only at the end";
            decoder.report.add(Rule::GpuModel, at, &format!("{} can't be the name of a model", decoder.report.quote(at)), help);
        } else if !seen.insert(key) {
            decoder.report.add(Rule::GpuDuplicate, at, "this model is already in the list", "remove one of them");
        }
    }
}

fn interface<'t>(decoder: &mut Decoder<'t>, value: Id) -> Field<&'t str> {
    let tree = decoder.tree;
    if tree.is_unknown(value) {
        return Field::unknown(value);
    }
    if decoder.is_null(value) {
        return Field::default();
    }
    let text = raw(tree, tree.target(value));
    if !matches!(text, "pcie" | "sxm") {
        let message = format!("Akash does not know the GPU interface {}", decoder.report.quote(value));
        decoder.report.add(Rule::GpuInterface, value, &message, "write `pcie` or `sxm`, in lower case");
        return Field::unknown(value);
    }
    Field { node: Some(value), value: Some(text) }
}

/// `^([a-zA-Z][\w\/\.\-]{1,126}[\w\*]?)$`, `go/node/types/attributes/v1/attribute.go:16`.
fn is_attribute_key(key: &str) -> bool {
    let bytes = key.as_bytes();
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let inner = |byte: &u8| word(byte) || b"/.-".contains(byte);
    let Some((first, rest)) = bytes.split_first() else { return false };
    let within = |bytes: &[u8]| (1..=126).contains(&bytes.len()) && bytes.iter().all(inner);
    let ends = rest.split_last().is_some_and(|(last, before)| (word(last) || *last == b'*') && within(before));
    first.is_ascii_alphabetic() && (within(rest) || ends)
}

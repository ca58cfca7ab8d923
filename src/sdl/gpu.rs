//! `profiles.compute.NAME.resources.gpu`: `go/sdl/gpu.go`. Both the part and its attributes are walks over the keys.

use rustc_hash::FxHashSet as HashSet;

use crate::finding::Rule;
use crate::tree::Id;

use super::compute::quantity_text;
use super::decode::{Decoder, Key, Null, Want};
use super::number::unsigned;
use super::report::Report;
use super::resolve::raw;
use super::units::{self, Units};
use super::value::{Field, Part};

/// What is asked of GPUs.
#[derive(Debug, Default)]
pub(super) struct Gpu<'t> {
    pub(super) key: Option<Key<'t>>,
    pub(super) units: Field<u64>,
    /// The key `attributes`, if there are any.
    attributes: Option<Id>,
}

impl Part for Gpu<'_> {
    fn unknown() -> Self {
        Self { units: Field::unknown_anywhere(), ..Self::default() }
    }
}

pub(super) fn gpu<'t>(decoder: &mut Decoder<'t>, key: Key<'t>, value: Id) -> Option<Gpu<'t>> {
    let tree = decoder.tree;
    if decoder.is_null(value) {
        decoder.report.add(
            Rule::NullValue,
            key.id,
            "Console refuses a key without a value",
            "remove the key, or give it a value",
        );
        return None;
    }
    if tree.is_unknown(value) {
        return Some(Gpu::unknown());
    }
    let mut gpu = Gpu { key: Some(key), ..Gpu::default() };
    let mut unread = false;
    for (key, value) in decoder.walk(value) {
        match key.name {
            "units" => gpu.units = count(decoder, value),
            "attributes" if tree.is_unknown(value) => unread = true,
            "attributes" => {
                gpu.attributes = (!decoder.is_null(value)).then_some(key.id);
                if gpu.attributes.is_some() {
                    attributes(decoder, key, value);
                }
            }
            _ => {
                let message = format!("Akash refuses the key {} of a GPU", decoder.report.key(key.id));
                decoder.report.add(Rule::GpuKey, key.id, &message, "remove it; known here: `units` and `attributes`");
                unread = true;
            }
        }
    }
    if gpu.attributes.is_none() && !unread && gpu.units.value.is_some_and(|units| units > 0) {
        let help = "add `attributes:` with `vendor:` and `nvidia:`, and `- model: …` to ask for certain ones";
        decoder.report.add(Rule::GpuAttributes, key.id, "GPUs are asked for without attributes", help);
    }
    Some(gpu)
}

fn count(decoder: &mut Decoder<'_>, value: Id) -> Field<u64> {
    let Some(text) = quantity_text(decoder, value) else { return Field::unknown(value) };
    let Some(text) = text else { return Field { node: Some(value), value: Some(0) } };
    let units = unsigned(text);
    if units.is_none() {
        let message = format!("{} is not a number of GPUs", decoder.report.quote(value));
        decoder.report.add(Rule::GpuUnits, value, &message, "write a whole number, such as `1`");
    }
    Field { node: Some(value), value: units }
}

fn attributes<'t>(decoder: &mut Decoder<'t>, at: Key<'t>, value: Id) {
    let (mut vendor, mut other) = (false, false);
    for (key, value) in decoder.walk(value) {
        if key.name != "vendor" {
            let message = format!("Akash refuses the GPU attribute {}", decoder.report.key(key.id));
            decoder.report.add(Rule::GpuAttribute, key.id, &message, "remove it; known here: `vendor`");
            other = true;
        } else if decoder.is_null(value) {
            vendor = false;
        } else {
            vendor = true;
            decoder.at(super::report::Step::Key("vendor"), |decoder| vendors(decoder, key, value));
        }
    }
    if !vendor && !other {
        let help = "add `vendor:` and below it `nvidia:`";
        decoder.report.add(Rule::GpuVendorMissing, at.id, "the GPU attributes name no vendor", help);
    }
}

/// Vendors; Akash knows one and passes over others.
#[derive(Debug, Default)]
struct Vendor {
    nvidia: bool,
    unknown: bool,
}

impl Part for Vendor {
    fn unknown() -> Self {
        Self { nvidia: false, unknown: true }
    }
}

fn vendors<'t>(decoder: &mut Decoder<'t>, at: Key<'t>, value: Id) {
    let found = decoder.fields(value, "a mapping", Null::Fine, &["nvidia"], |decoder, vendor: &mut Vendor, _, value| {
        vendor.nvidia = true;
        models(decoder, value);
    });
    if !found.nvidia && !found.unknown {
        let message = "Akash knows `nvidia` alone: this asks for any of its models";
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

impl Part for Model<'_> {
    fn unknown() -> Self {
        Self { name: Field::unknown_anywhere(), ram: Field::unknown_anywhere(), interface: Field::unknown_anywhere() }
    }
}

fn models<'t>(decoder: &mut Decoder<'t>, value: Id) {
    let known = ["model", "ram", "interface"];
    let mut seen = HashSet::default();
    let models = decoder.list(value, "a list of models", Null::Fine, |decoder, item| {
        let model =
            decoder.fields(item, "a mapping", Null::Fine, &known, |decoder, model: &mut Model<'t>, key, value| match key.name {
                "model" => model.name = decoder.text(value, Want::TextNotNull),
                "ram" => model.ram = ram(decoder, value),
                _ => model.interface = interface(decoder, value),
            });
        (item, model)
    });
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
            let help = "use letters, digits, `_`, `-`, `.` and `/`, at most 108 characters, and `*` at the end alone";
            decoder.report.add(Rule::GpuModel, at, &format!("{} can't be a model's name", decoder.report.quote(at)), help);
        } else if !seen.insert(key) {
            decoder.report.add(Rule::GpuDuplicate, at, "this model stands here twice", "remove one");
        }
    }
}

fn ram(decoder: &mut Decoder<'_>, value: Id) -> Field<u64> {
    let Some(text) = quantity_text(decoder, value) else { return Field::unknown(value) };
    let Some(text) = text else { return Field::default() };
    match units::size(text, Units::Binary) {
        Ok(bytes) => Field { node: Some(value), value: Some(bytes) },
        Err(help) => {
            decoder.report.bad_size(value, &help);
            Field::unknown(value)
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
        let message = format!("Akash knows no GPU interface {}", decoder.report.quote(value));
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

/// What is asked of the GPUs of a profile that a deployment uses; their number, if it is in order.
pub(super) fn check(report: &mut Report<'_>, gpu: &Gpu<'_>) -> Option<u64> {
    let units = gpu.units.value?;
    let node = gpu.units.node.or(gpu.key.map(|key| key.id))?;
    if units > 24 {
        let message = format!("{} GPUs are more than Akash allows", report.quote(node));
        report.add(Rule::GpuRange, node, &message, "write at most 24");
        return None;
    }
    if let (0, Some(attributes)) = (units, gpu.attributes) {
        let help = "add `units:` of at least 1, or remove the attributes";
        report.add(Rule::GpuWithoutUnits, attributes, "attributes of GPUs stand here, but no GPU is asked for", help);
    }
    Some(units)
}

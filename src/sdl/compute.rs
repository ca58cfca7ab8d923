//! `profiles.compute.NAME`: `go/sdl/resources.go`, `cpu.go`, `memory.go`; limits from `go/node/deployment/v1beta4/resourceunit.go`.

use crate::finding::Rule;
use crate::tree::{Id, Kind, Tree};

use super::decode::{Decoder, Key, Null, Want};
use super::gpu::{self, Gpu, gpu};
use super::number::float;
use super::report::{Report, Step};
use super::resolve::{Value, resolve};
use super::storage::{self, Volume, storage};
use super::units::{self, Units};
use super::value::{Field, List, Part};

/// A compute profile.
#[derive(Debug, Default)]
pub(super) struct Compute<'t> {
    pub(super) resources: Option<Resources<'t>>,
    pub(super) unknown: bool,
}

impl Part for Compute<'_> {
    fn unknown() -> Self {
        Self { unknown: true, ..Self::default() }
    }
}

/// What a profile asks for; none is null in Go.
#[derive(Debug, Default)]
pub(super) struct Resources<'t> {
    pub(super) cpu: Option<Quantity>,
    pub(super) gpu: Option<Box<Gpu<'t>>>,
    pub(super) memory: Option<Quantity>,
    pub(super) storage: List<Volume<'t>>,
}

impl Part for Resources<'_> {
    fn unknown() -> Self {
        let quantity = || Some(Quantity::unknown());
        Self { cpu: quantity(), gpu: Some(Box::new(Gpu::unknown())), memory: quantity(), storage: List::unknown() }
    }
}

/// Thousandths of a core, or bytes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Quantity {
    /// The key of the part it belongs to.
    pub(super) key: Option<Id>,
    pub(super) amount: Field<u64>,
    /// An attribute stands there twice.
    twice: Option<Id>,
}

impl Part for Quantity {
    fn unknown() -> Self {
        Self { amount: Field::unknown_anywhere(), ..Self::default() }
    }
}

pub(super) fn profile<'t>(decoder: &mut Decoder<'t>, _: Key<'t>, value: Id) -> Compute<'t> {
    decoder.fields(value, "a mapping", Null::Fine, &["resources"], |decoder, compute: &mut Compute<'t>, _, value| {
        compute.resources = resources(decoder, value);
    })
}

fn resources<'t>(decoder: &mut Decoder<'t>, value: Id) -> Option<Resources<'t>> {
    let null = decoder.is_null(value);
    let known = ["cpu", "gpu", "memory", "storage"];
    let resources =
        decoder.fields(value, "a mapping", Null::Fine, &known, |decoder, resources: &mut Resources<'t>, key, value| {
            let null = decoder.is_null(value);
            match key.name {
                "cpu" => resources.cpu = Some(cpu(decoder, key, value)).filter(|_| !null),
                "gpu" => resources.gpu = gpu(decoder, key, value).map(Box::new),
                "memory" => resources.memory = Some(memory(decoder, key, value)).filter(|_| !null),
                _ => resources.storage = storage(decoder, value),
            }
        });
    (!null).then_some(resources)
}

fn cpu<'t>(decoder: &mut Decoder<'t>, key: Key<'t>, value: Id) -> Quantity {
    let known = ["units", "attributes"];
    let mut cpu =
        decoder.fields(value, "a mapping", Null::Fine, &known, |decoder, cpu: &mut Quantity, key, value| match key.name {
            "units" => cpu.amount = cores(decoder, value),
            _ => cpu.twice = cpu_attributes(decoder, value),
        });
    cpu.key = Some(key.id);
    cpu
}

fn cores(decoder: &mut Decoder<'_>, value: Id) -> Field<u64> {
    let Some(text) = quantity_text(decoder, value) else { return Field::unknown(value) };
    let Some(text) = text else { return Field { node: Some(value), value: Some(0) } };
    match units::cpu(text) {
        Ok(milli) => {
            let number = matches!(resolve(decoder.tree, value), Ok(Value::Integer(_) | Value::Float(_)));
            if !number && !is_plain_amount(text) {
                decoder.report.add(
                    Rule::CpuForm,
                    value,
                    "Console does not take this number of cores",
                    "write it such as `0.5` or `500m`",
                );
            }
            Field { node: Some(value), value: Some(u64::from(milli)) }
        }
        Err(help) => {
            let message = format!("{} is not a number of cores", decoder.report.quote(value));
            decoder.report.add(Rule::CpuUnits, value, &message, &help);
            Field::unknown(value)
        }
    }
}

/// Digits, a fraction, letters: what the schema takes for an amount in text.
fn is_plain_amount(text: &str) -> bool {
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    number.split_once('.').map_or_else(|| digits(number), |(whole, part)| digits(whole) && digits(part))
}

/// The text of a quantity, which Go reads from the node whatever its kind and tag: none if unknown, none within if null.
pub(super) fn quantity_text<'t>(decoder: &mut Decoder<'t>, value: Id) -> Option<Option<&'t str>> {
    let tree = decoder.tree;
    if tree.is_unknown(value) {
        return None;
    }
    if decoder.is_null(value) {
        return Some(None);
    }
    if !matches!(tree.kind(value), Kind::Scalar(_)) {
        decoder.wrong_kind(value, "a number with its unit");
        return None;
    }
    Some(Some(tree.text(value)))
}

/// `cpu.go`: a walk over the keys, of which it knows one.
fn cpu_attributes<'t>(decoder: &mut Decoder<'t>, value: Id) -> Option<Id> {
    let (mut seen, mut twice) = (false, None);
    if decoder.is_null(value) || decoder.tree.is_unknown(value) {
        return None;
    }
    for (key, value) in decoder.walk(value) {
        if key.name != "arch" {
            let message = format!("Akash refuses the cpu attribute {}", decoder.report.key(key.id));
            let help =
                if key.name == "<<" { "write the attributes out: they can't be merged" } else { "remove it; `arch` is known" };
            decoder.report.add(Rule::CpuAttribute, key.id, &message, help);
            continue;
        }
        decoder.text(value, Want::Any);
        if seen {
            twice = Some(key.id);
        }
        seen = true;
    }
    twice
}

fn memory<'t>(decoder: &mut Decoder<'t>, key: Key<'t>, value: Id) -> Quantity {
    let mut memory = decoder.fields(value, "a mapping", Null::Fine, &["size"], |decoder, memory: &mut Quantity, _, value| {
        memory.amount = bytes(decoder, value);
    });
    memory.key = Some(key.id);
    memory
}

/// A size of memory or storage.
pub(super) fn bytes(decoder: &mut Decoder<'_>, value: Id) -> Field<u64> {
    let Some(text) = quantity_text(decoder, value) else { return Field::unknown(value) };
    let Some(text) = text else { return Field { node: Some(value), value: Some(0) } };
    match units::size(text, Units::All) {
        Ok(bytes) => {
            if !matches!(resolve(decoder.tree, value), Ok(Value::Text(_))) && float(text).is_some() {
                decoder.report.add(Rule::UnquotedText, value, "Console takes this for a number", "add the unit, such as `512Mi`");
            }
            Field { node: Some(value), value: Some(bytes) }
        }
        Err(help) => {
            decoder.report.bad_size(value, &help);
            Field::unknown(value)
        }
    }
}

/// Sums of a profile that is in order; a part that is unknown or out of range is none.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    pub(super) cpu: Option<u64>,
    pub(super) gpu: Option<u64>,
    pub(super) memory: Option<u64>,
}

const MEMORY: (u64, u64) = (1 << 20, 2 << 40);
const CPU: (u64, u64) = (10, 384_000);

/// What is asked of a profile that a deployment uses.
pub(super) fn check<'t>(report: &mut Report<'t>, tree: &Tree<'_>, key: Key<'t>, compute: &Compute<'t>) -> Sums {
    if compute.unknown {
        return Sums::default();
    }
    let path = [Step::Key("profiles"), Step::Key("compute"), Step::Key(key.name), Step::Key("resources")];
    let mut sums = Sums::default();
    report.under(&path, |report| {
        let Some(resources) = &compute.resources else {
            report.add(
                Rule::ResourcesMissing,
                key.id,
                "the profile has no resources: Akash's parser crashes",
                "add `resources:` with `cpu`, `memory` and `storage`",
            );
            return;
        };
        let missing = |report: &mut Report<'t>, id, name, help| {
            report.add(id, key.id, &format!("the profile asks for no {name}"), help);
        };
        match &resources.cpu {
            Some(cpu) => {
                if let Some(twice) = cpu.twice {
                    report.add(Rule::CpuAttribute, twice, "the attribute `arch` stands here twice", "remove one");
                }
                sums.cpu = range(report, tree, cpu, CPU, (Rule::CpuRange, "this number of cores", "write from `0.01` to `384`"));
            }
            None => missing(report, Rule::CpuMissing, "cpu", "add `cpu:` with `units:`"),
        }
        match &resources.memory {
            Some(memory) => {
                let words = (Rule::MemoryRange, "this size of memory", "write from `1Mi` to `2Ti`; a number alone is bytes");
                sums.memory = range(report, tree, memory, MEMORY, words);
            }
            None => missing(report, Rule::MemoryMissing, "memory", "add `memory:` with `size:`"),
        }
        sums.gpu = resources.gpu.as_ref().map_or(Some(0), |gpu| gpu::check(report, gpu));
        storage::check(report, tree, key, &resources.storage);
    });
    sums
}

/// The amount, if it lies between the two.
fn range(
    report: &mut Report<'_>,
    tree: &Tree<'_>,
    quantity: &Quantity,
    (least, most): (u64, u64),
    (rule, what, help): (Rule, &str, &str),
) -> Option<u64> {
    let amount = quantity.amount.value?;
    if (least..=most).contains(&amount) {
        return Some(amount);
    }
    let node = quantity.amount.node.filter(|node| !tree.range(*node).is_empty()).or(quantity.key)?;
    let message = match quantity.amount.node {
        Some(_) => format!("{what} is out of range"),
        None => format!("{what} is missing"),
    };
    report.add(rule, node, &message, help);
    None
}

//! `profiles.compute.NAME`: `go/sdl/resources.go`, `cpu.go`, `memory.go`.

use crate::finding::Rule;
use crate::sdl::decode::quantity::{bytes, cores};
use crate::sdl::decode::{Decoded, Decoder, Field, Fields, Items, Key, Mapping, Null, Want};
use crate::yaml::tree::Id;

use super::gpu::{Gpu, gpu};
use super::storage::{Volume, storage};

/// A compute profile.
#[derive(Debug, Default)]
pub(crate) struct Compute<'t> {
    /// None is null in Go.
    pub(crate) resources: Option<Resources<'t>>,
    pub(crate) unknown: bool,
}

impl<'t> Mapping<'t> for Compute<'t> {
    const FIELDS: Fields<'t, Self> =
        &[("resources", |decoder, compute, _, value| compute.resources = unless_null(decoder, value, Null::Warn))];
}

impl Decoded for Compute<'_> {
    fn unknown() -> Self {
        Self { unknown: true, ..Self::default() }
    }
}

/// What a profile asks for.
#[derive(Debug, Default)]
pub(crate) struct Resources<'t> {
    pub(crate) cpu: Option<Cpu>,
    pub(crate) gpu: Option<Box<Gpu<'t>>>,
    pub(crate) memory: Option<Memory>,
    pub(crate) storage: Items<Volume<'t>>,
}

impl<'t> Mapping<'t> for Resources<'t> {
    const FIELDS: Fields<'t, Self> = &[
        ("cpu", |decoder, resources, key, value| {
            resources.cpu = unless_null(decoder, value, Null::Fine).map(|cpu| Cpu { key: Some(key.id), ..cpu });
        }),
        ("gpu", |decoder, resources, key, value| resources.gpu = gpu(decoder, key, value).map(Box::new)),
        ("memory", |decoder, resources, key, value| {
            resources.memory = unless_null(decoder, value, Null::Fine).map(|memory| Memory { key: Some(key.id), ..memory });
        }),
        ("storage", |decoder, resources, _, value| resources.storage = storage(decoder, value)),
    ];
}

impl Decoded for Resources<'_> {
    fn unknown() -> Self {
        let (cpu, gpu, memory) = (Cpu::unknown(), Box::new(Gpu::unknown()), Memory::unknown());
        Self { cpu: Some(cpu), gpu: Some(gpu), memory: Some(memory), storage: Items::unknown() }
    }
}

/// A mapping; none if it is null.
fn unless_null<'t, T: Mapping<'t>>(decoder: &mut Decoder<'t>, value: Id, null: Null) -> Option<T> {
    let is_null = decoder.is_null(value);
    let part = decoder.mapping(value, null);
    (!is_null).then_some(part)
}

/// Cores.
#[derive(Debug, Default)]
pub(crate) struct Cpu {
    pub(crate) key: Option<Id>,
    /// Thousandths of a core.
    pub(crate) units: Field<u64>,
    /// The second key `arch`, if there is one.
    pub(crate) duplicate: Option<Id>,
}

impl<'t> Mapping<'t> for Cpu {
    const FIELDS: Fields<'t, Self> = &[
        ("units", |decoder, cpu, _, value| cpu.units = cores(decoder, value)),
        ("attributes", |decoder, cpu, _, value| cpu.duplicate = cpu_attributes(decoder, value)),
    ];
}

impl Decoded for Cpu {
    fn unknown() -> Self {
        Self { units: Field::unknown_anywhere(), ..Self::default() }
    }
}

/// `cpu.go`: a walk over pairs, of whatever collection, that knows one key. Gives the second of them.
fn cpu_attributes(decoder: &mut Decoder<'_>, value: Id) -> Option<Id> {
    let (mut seen, mut duplicate) = (false, None);
    if decoder.is_null(value) || decoder.tree.is_unknown(value) {
        return None;
    }
    // What is left over in a list is not looked at.
    let (pairs, _) = decoder.pairs(value);
    for (Key { name, id }, value) in pairs {
        if name == "arch" {
            decoder.text(value, Want::Any);
            duplicate = if seen { Some(id) } else { None };
            seen = true;
            continue;
        }
        let message = format!("Akash refuses the cpu attribute {}", decoder.report.quote(id));
        let help = match name {
            "<<" => "write the attributes out: they can't be merged",
            _ => "remove it; the only attribute is `arch`",
        };
        decoder.report.add(Rule::CpuAttribute, id, &message, help);
    }
    duplicate
}

/// Memory.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    pub(crate) key: Option<Id>,
    /// Bytes.
    pub(crate) size: Field<u64>,
}

impl<'t> Mapping<'t> for Memory {
    const FIELDS: Fields<'t, Self> = &[("size", |decoder, memory, _, value| memory.size = bytes(decoder, value))];
}

impl Decoded for Memory {
    fn unknown() -> Self {
        Self { size: Field::unknown_anywhere(), ..Self::default() }
    }
}

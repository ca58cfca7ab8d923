//! A compute profile that a deployment uses: limits from `go/node/deployment/v1beta4/resourceunit.go`.

use crate::finding::Rule;
use crate::sdl::decode::{Field, Items, Key};
use crate::sdl::model::compute::Compute;
use crate::sdl::model::gpu::Gpu;
use crate::sdl::model::storage::Volume;
use crate::sdl::reporter::{Reporter, Step};
use crate::splice::View;
use crate::yaml::tree::Id;

/// What a replica takes; a part that is unknown or out of range is none.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    /// Thousandths of a core.
    pub(super) cpu: Option<u64>,
    pub(super) gpu: Option<u64>,
    /// Bytes.
    pub(super) memory: Option<u64>,
}

/// Least and most of thousandths of a core, and of bytes.
const CPU: (u64, u64) = (10, 384_000);
const MEMORY: (u64, u64) = (1 << 20, 2 << 40);
const VOLUME: (u64, u64) = (5 << 20, 32 << 40);

/// Checks the profile, and sums it up.
pub(super) fn check<'t>(report: &mut Reporter<'t>, tree: &View<'_>, key: Key<'t>, compute: &Compute<'t>) -> Sums {
    if compute.unknown {
        return Sums::default();
    }
    let path = [Step::Key("profiles"), Step::Key("compute"), Step::Key(key.name), Step::Key("resources")];
    let mut sums = Sums::default();
    report.under(&path, |report| {
        let Some(resources) = &compute.resources else {
            let message = "the profile has no resources, which crashes Akash's parser";
            let help = "add `resources:` with `cpu`, `memory` and `storage`";
            report.add(Rule::ResourcesMissing, key.id, message, help);
            return;
        };
        match &resources.cpu {
            Some(cpu) => {
                if let Some(second) = cpu.duplicate {
                    report.add(Rule::CpuAttribute, second, "the attribute `arch` is already there", "remove one of them");
                }
                let words = ("the number of cores", "write from `0.01` to `384`");
                sums.cpu = range(report, tree, (cpu.key, cpu.units), CPU, Rule::CpuRange, words);
            }
            None => report.add(Rule::CpuMissing, key.id, "the profile has no `cpu`", "add `cpu:` with `units:`"),
        }
        match &resources.memory {
            Some(memory) => {
                let words = ("the size of memory", "write from `1Mi` to `2Ti`; a number without a unit is in bytes");
                sums.memory = range(report, tree, (memory.key, memory.size), MEMORY, Rule::MemoryRange, words);
            }
            None => report.add(Rule::MemoryMissing, key.id, "the profile has no `memory`", "add `memory:` with `size:`"),
        }
        sums.gpu = resources.gpu.as_ref().map_or(Some(0), |gpu| gpus(report, gpu));
        storage(report, tree, key, &resources.storage);
    });
    sums
}

/// The amount, if it is between the two.
fn range(
    report: &mut Reporter<'_>,
    tree: &View<'_>,
    (key, field): (Option<Id>, Field<u64>),
    (least, most): (u64, u64),
    rule: Rule,
    (what, help): (&str, &str),
) -> Option<u64> {
    let amount = field.value?;
    if (least..=most).contains(&amount) {
        return Some(amount);
    }
    let node = field.node.filter(|node| !tree.range(*node).is_empty()).or(key)?;
    let is = if field.node.is_some() { "out of range" } else { "missing" };
    report.add(rule, node, &format!("{what} is {is}"), help);
    None
}

/// The number of GPUs, if it can be.
fn gpus(report: &mut Reporter<'_>, gpu: &Gpu<'_>) -> Option<u64> {
    let units = gpu.units.value?;
    let node = gpu.units.node.or(gpu.key.map(|key| key.id))?;
    if units > 24 {
        let message = format!("{} GPUs are more than Akash allows", report.quote(node));
        report.add(Rule::GpuRange, node, &message, "write at most 24");
        return None;
    }
    if let (0, Some(attributes)) = (units, gpu.attributes) {
        let help = "add `units:` of at least 1, or remove the attributes";
        report.add(Rule::GpuWithoutUnits, attributes, "there are GPU attributes, but no GPU is requested", help);
    }
    Some(units)
}

fn storage<'t>(report: &mut Reporter<'t>, tree: &View<'_>, key: Key<'t>, storage: &Items<Volume<'t>>) {
    if storage.items.is_empty() && !storage.unknown {
        let node = storage.node.filter(|node| !tree.range(*node).is_empty()).unwrap_or(key.id);
        report.add(Rule::StorageMissing, node, "the profile has no `storage`", "add `storage:` with `size:`");
    }
    for volume in &storage.items {
        let (Some(bytes), Some(node)) = (volume.size.value, volume.size.node.or(volume.node)) else { continue };
        if !(VOLUME.0..=VOLUME.1).contains(&bytes) {
            let node = Some(node).filter(|node| !tree.range(*node).is_empty()).unwrap_or(key.id);
            let message = match volume.size.node {
                Some(_) => "the size of this volume is out of range",
                None => "the volume has no size",
            };
            report.add(Rule::StorageRange, node, message, "write from `5Mi` to `32Ti`; a number without a unit is in bytes");
        }
    }
}

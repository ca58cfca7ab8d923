//! Totals and prices of each placement: `go/node/deployment/v1beta4/resourceunits.go:57-79`, `group_validation.go`, `groupspec.go`.

use rustc_hash::FxHashMap as HashMap;

use crate::finding::Rule;
use crate::sdl::Version;
use crate::sdl::decode::Key;
use crate::sdl::model::deployment::Deployed;
use crate::sdl::model::price::Price;
use crate::sdl::reporter::{Reporter, Step, ticks};
use crate::yaml::tree::Id;

use super::compute::Sums;

/// The placements that are used.
pub(super) struct Groups<'t> {
    version: Option<Version>,
    groups: Vec<Group<'t>>,
    /// The index of each placement's group.
    places: HashMap<&'t str, usize>,
    /// The first denomination.
    denomination: Option<(&'t str, Id)>,
}

struct Group<'t> {
    placement: Key<'t>,
    units: Vec<ResourceUnit<'t>>,
    /// The index of a unit by its profile: version 2.1 merges services that share one.
    bound: HashMap<&'t str, usize>,
}

struct ResourceUnit<'t> {
    sums: Sums,
    count: Option<u32>,
    /// Each service's count, or where it is missing.
    counts: Vec<Count<'t>>,
}

struct Count<'t> {
    service: Key<'t>,
    count: Option<u32>,
    node: Id,
}

impl<'t> Groups<'t> {
    pub(super) fn new(version: Option<Version>) -> Self {
        Self { version, groups: Vec::new(), places: HashMap::default(), denomination: None }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    pub(super) fn add(
        &mut self,
        report: &mut Reporter<'t>,
        (service, placement): (Key<'t>, Key<'t>),
        deployed: &Deployed<'t>,
        sums: Sums,
    ) {
        if placement.name.is_empty() {
            report.add(Rule::PlacementName, placement.id, "the placement has no name", "write a name before the `:`");
        }
        let at = *self.places.entry(placement.name).or_insert(self.groups.len());
        if at == self.groups.len() {
            self.groups.push(Group { placement, units: Vec::new(), bound: HashMap::default() });
        }
        let group = &mut self.groups[at];
        let node = deployed.count.node.unwrap_or(placement.id);
        let count = Count { service, count: deployed.count.value, node };
        let profile = deployed.profile.value.filter(|_| self.version == Some(Version::V2_1));
        match profile.and_then(|profile| group.bound.get(profile)) {
            Some(unit) => {
                let unit = &mut group.units[*unit];
                unit.count = unit.count.zip(count.count).map(|(sum, count)| sum.wrapping_add(count));
                unit.counts.push(count);
            }
            None => {
                if let Some(profile) = profile {
                    group.bound.insert(profile, group.units.len());
                }
                group.units.push(ResourceUnit { sums, count: count.count, counts: vec![count] });
            }
        }
    }

    /// Checks that the whole document has one denomination; two within a placement crash Akash's parser.
    pub(super) fn price(&mut self, report: &mut Reporter<'t>, price: &Price<'t>) {
        let (Some(denomination), Some(node)) = (price.denom.value, price.denom.node) else { return };
        match self.denomination {
            None => self.denomination = Some((denomination, node)),
            Some((first, other)) if first != denomination => {
                let message = format!("the prices are in {} and in {}", report.quote(other), report.quote(node));
                report.add(Rule::DenomMixed, node, &message, "use one denomination for all prices");
            }
            Some(_) => {}
        }
    }

    pub(super) fn check(&self, report: &mut Reporter<'t>) {
        for group in &self.groups {
            group.check(report);
        }
    }
}

/// The most that a placement may hold: thousandths of a core, GPUs, bytes.
const CPU: u128 = 19_200_000;
const GPU: u128 = 1_200;
const MEMORY: u128 = 100 << 40;

impl<'t> Group<'t> {
    fn check(&self, report: &mut Reporter<'t>) {
        let placement = Step::Key(self.placement.name);
        let none = self.units.iter().all(|unit| unit.count == Some(0));
        let mut first = None;
        for Count { service, count, node } in self.units.iter().flat_map(|unit| &unit.counts) {
            let path = [Step::Key("deployment"), Step::Key(service.name), placement];
            first = first.or(Some(path));
            if *count == Some(0) {
                let help = "write `count: 1` or more";
                report.under(&path, |report| match none {
                    true => report.add(Rule::CountZero, *node, "the placement has no replicas", help),
                    false => report.add_lower(Rule::CountZero, *node, "Console wants at least one replica", help),
                });
            }
        }
        let path = first.unwrap_or([placement; 3]);
        report.under(&path, |report| {
            let sum = |part: fn(&Sums) -> Option<u64>| -> u128 {
                let amounts = self.units.iter().filter_map(|unit| Some(u128::from(part(&unit.sums)?) * u128::from(unit.count?)));
                amounts.sum()
            };
            let all = [
                (Rule::TotalCpu, sum(|sums| sums.cpu) > CPU, "19200 cores"),
                (Rule::TotalGpu, sum(|sums| sums.gpu) > GPU, "1200 GPUs"),
                (Rule::TotalMemory, sum(|sums| sums.memory) > MEMORY, "100 Ti of memory"),
            ];
            for (id, above, limit) in all {
                if above {
                    let name = ticks(self.placement.name);
                    let message = format!("the placement {name} requests more than {limit} in total");
                    let help = "request less, lower `count`, or spread the services over more placements";
                    report.add(id, self.placement.id, &message, help);
                }
            }
        });
    }
}

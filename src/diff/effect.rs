//! What an update does to each service.
//!
//! A provider builds a pod of a service's image, command, arguments, environment, ports and mounts (akash-network/provider,
//! cluster/kube/builder/workload.go); Kubernetes replaces its pods when one of these changes. A login goes to a secret of its own, which is
//! read when an image is pulled. Resources, counts, prices and the kinds of endpoints are what the lease is for: they are fixed until there
//! is another one.

use rustc_hash::FxHashMap;

use super::place::{DiffStep, Leaf};
use super::{Pair, State};

/// What an update does to a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Effect {
    /// Nothing: its pods go on.
    None,
    /// Its pods go on, and the new login is used when its image is pulled next.
    Pull,
    /// Its pods are replaced.
    Restart,
}

/// What a difference does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DiffOutcome {
    /// An update does this to the service.
    Update(Effect),
    /// An update does not do it: only a new deployment does.
    Redeploy,
}

/// A service and what an update does to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServiceEffect {
    /// Its name.
    pub name: String,
    /// What the update does.
    pub effect: Effect,
}

/// What becomes of each service, and which of `pairs` only a new deployment changes.
pub(super) fn outcomes(pairs: &[Pair<'_>]) -> (Vec<ServiceEffect>, Vec<bool>) {
    let mut services: Vec<ServiceEffect> = Vec::new();
    let named = |pair: &Pair<'_>| match keys(pair.steps).as_slice() {
        [Some("services"), Some(name), ..] => Some((*name).to_owned()),
        _ => None,
    };
    for name in pairs.iter().filter_map(named) {
        if services.iter().all(|service| service.name != name) {
            services.push(ServiceEffect { name, effect: Effect::None });
        }
    }
    let facts = PlaceCounts::of(pairs);
    let fixed = pairs.iter().map(|pair| match facts.outcome(pair) {
        _ if pair.state == State::Same => false,
        DiffOutcome::Redeploy => true,
        DiffOutcome::Update(effect) => {
            let name = named(pair);
            let service = services.iter_mut().find(|service| Some(&service.name) == name.as_ref());
            service.into_iter().for_each(|service| service.effect = service.effect.max(effect));
            false
        }
    });
    let fixed = fixed.collect();
    (services, fixed)
}

/// The keys of the first steps, none for another kind of step.
fn keys(steps: &[DiffStep]) -> Vec<Option<&str>> {
    steps.iter().take(6).map(DiffStep::key).collect()
}

/// How many places each service and each part of one has, and how many of these only one document has.
struct PlaceCounts<'p>(FxHashMap<(&'p str, &'p str), (usize, usize)>);

impl<'p> PlaceCounts<'p> {
    fn of(pairs: &'p [Pair<'_>]) -> Self {
        let mut facts = Self(FxHashMap::default());
        for pair in pairs {
            let [Some("services"), Some(name), Some(part), ..] = keys(pair.steps)[..] else { continue };
            for part in ["", part] {
                let (all, single) = facts.0.entry((name, part)).or_default();
                *all += 1;
                *single += usize::from(matches!(pair.state, State::New | State::Gone));
            }
        }
        facts
    }

    /// Whether only one of the documents has the service, or this part of it.
    fn is_single(&self, service: &'p str, part: &'p str) -> bool {
        self.0.get(&(service, part)).is_some_and(|(all, single)| all == single)
    }

    fn outcome(&self, pair: &'p Pair<'_>) -> DiffOutcome {
        match keys(pair.steps).as_slice() {
            [Some("services"), Some(name), ..] if self.is_single(name, "") => DiffOutcome::Redeploy,
            [Some("services"), Some(name), Some(part), rest @ ..] => self.of_part(pair, name, part, rest),
            [Some("profiles" | "deployment" | "endpoints" | "reclamation"), ..] => DiffOutcome::Redeploy,
            _ => DiffOutcome::Update(Effect::None),
        }
    }

    fn of_part(&self, pair: &Pair<'_>, service: &'p str, part: &'p str, rest: &[Option<&str>]) -> DiffOutcome {
        let is_80 = |leaf: Option<&Leaf<'_>>| leaf.is_some_and(|leaf| leaf.text() == "80");
        DiffOutcome::Update(match (part, rest) {
            ("image" | "command" | "args" | "env" | "params", _) => Effect::Restart,
            // The pod names the secret that holds the login; what is in it does not matter to the pod.
            ("credentials", _) if self.is_single(service, part) => Effect::Restart,
            ("credentials", _) => Effect::Pull,
            ("expose", [_, Some("http_options"), ..]) => Effect::None,
            ("expose", [_, Some("to" | "proto"), ..]) => return DiffOutcome::Redeploy,
            // Port 80 is an HTTP endpoint, any other a port.
            ("expose", [_, Some("as"), ..]) if is_80(pair.old) || is_80(pair.new) => return DiffOutcome::Redeploy,
            ("expose", [_, Some("as"), ..]) => Effect::None,
            ("expose", [_, Some("port"), ..]) if pair.state != State::Changed => return DiffOutcome::Redeploy,
            ("expose", _) => Effect::Restart,
            _ => Effect::None,
        })
    }
}

//! `deployment.SERVICE.PLACEMENT` and what it refers to: `go/sdl/v2.go:340-401`.

use rustc_hash::{FxBuildHasher, FxHashMap as HashMap};

use crate::finding::Rule;
use crate::tree::{Id, Tree};

use super::compute::{self, Sums};
use super::decode::{Decoder, Key, Null, Want};
use super::endpoints::unknown_help;
use super::group::Groups;
use super::report::{Report, Step, ticks};
use super::value::{Field, Map, Part};
use super::{Sdl, credentials, expose, mounts, pricing, service};

/// Where a service goes: which profile, how often.
#[derive(Debug, Default)]
pub(super) struct Deployed<'t> {
    pub(super) profile: Field<&'t str>,
    pub(super) count: Field<u32>,
}

impl Part for Deployed<'_> {
    fn unknown() -> Self {
        Self { profile: Field::unknown_anywhere(), count: Field::unknown_anywhere() }
    }
}

pub(super) fn placements<'t>(decoder: &mut Decoder<'t>, _: Key<'t>, value: Id) -> Map<'t, Deployed<'t>> {
    decoder.map(value, "a mapping of placements", Null::Warn, |decoder, _, value| {
        decoder.fields(
            value,
            "a mapping",
            Null::Fine,
            &["profile", "count"],
            |decoder, deployed: &mut Deployed<'t>, key, value| {
                if key.name == "profile" {
                    deployed.profile = decoder.text(value, Want::Text);
                } else {
                    deployed.count = decoder.number(value, Null::Fine);
                }
            },
        )
    })
}

/// What is asked of the deployment and of all that it uses.
pub(super) fn check<'t>(report: &mut Report<'t>, tree: &'t Tree<'t>, sdl: &Sdl<'t>) {
    let mut groups = Groups::new(sdl.version);
    // Of each compute profile, once it is looked at.
    let mut sums: Vec<Option<Sums>> = vec![None; sdl.compute.entries.len()];
    for (key, placements) in &sdl.deployment.entries {
        for (placement, deployed) in &placements.entries {
            report.under(&[Step::Key("deployment"), Step::Key(key.name), Step::Key(placement.name)], |report| {
                let amounts = refers(report, tree, sdl, &mut sums, (*key, *placement), deployed);
                groups.add(report, (*key, *placement), deployed, amounts);
                if let Some(coin) = deployed.profile.value.and_then(|profile| price(sdl, *placement, profile)) {
                    groups.price(report, coin);
                }
            });
        }
    }
    groups.check(report);
    if groups.is_empty() && !sdl.deployment.unknown && sdl.deployment.entries.iter().all(|(_, placements)| !placements.unknown) {
        let help = "add `deployment:` with `SERVICE:`, below it `PLACEMENT:`, below it `profile:` and `count:`";
        match sdl.deployment_key {
            Some(key) => report
                .under(&[Step::Key("deployment")], |report| report.add(Rule::NoDeployment, key, "no service is deployed", help)),
            None => report.add_at(Rule::NoDeployment, 0, "no service is deployed", help),
        }
    }
    services(report, tree, sdl);
}

fn price<'s, 't>(sdl: &'s Sdl<'t>, placement: Key<'t>, profile: &str) -> Option<&'s pricing::Coin<'t>> {
    sdl.placement.get(placement.name)?.pricing.get(profile)
}

/// Everything that an entry refers to must be there; gives what a replica takes.
fn refers<'t>(
    report: &mut Report<'t>,
    tree: &'t Tree<'t>,
    sdl: &Sdl<'t>,
    sums: &mut [Option<Sums>],
    (key, placement): (Key<'t>, Key<'t>),
    deployed: &Deployed<'t>,
) -> Sums {
    let service = sdl.services.entry(key.name);
    if service.is_none() && !sdl.services.unknown {
        let message = format!("no service is called {}", ticks(key.name));
        report.add(Rule::NoService, key.id, &message, &unknown_help(key.name, sdl.services.names(), "`services`"));
    }
    let infra = sdl.placement.get(placement.name);
    if infra.is_none() && !sdl.placement.unknown {
        let message = format!("no placement is called {}", ticks(placement.name));
        report.add(
            Rule::NoPlacement,
            placement.id,
            &message,
            &unknown_help(placement.name, sdl.placement.names(), "`profiles.placement`"),
        );
    }
    let Some(profile) = deployed.profile.value else { return Sums::default() };
    let node = deployed.profile.node.filter(|node| !tree.range(*node).is_empty()).unwrap_or(placement.id);
    let named = |report: &Report<'t>| match deployed.profile.node {
        Some(node) if !profile.is_empty() => report.quote(node),
        _ => "(none)".to_owned(),
    };
    let found = sdl.compute.place(profile);
    if found.is_none() && !sdl.compute.unknown {
        let message = format!("no compute profile is called {}", named(report));
        report.add(Rule::NoCompute, node, &message, &unknown_help(profile, sdl.compute.names(), "`profiles.compute`"));
    }
    if let Some(infra) = infra {
        match infra.pricing.entry(profile) {
            Some((price, coin)) => {
                let path = [
                    Step::Key("profiles"),
                    Step::Key("placement"),
                    Step::Key(placement.name),
                    Step::Key("pricing"),
                    Step::Key(price.name),
                ];
                report.under(&path, |report| pricing::check(report, *price, coin));
            }
            // Without the profile itself its price is not missed as well.
            None if infra.pricing.unknown || found.is_none() && !sdl.compute.unknown => {}
            None => {
                let message = format!("the placement {} has no price for {}", ticks(placement.name), named(report));
                let help =
                    unknown_help(profile, infra.pricing.names(), &format!("`profiles.placement.{}.pricing`", placement.name));
                report.add(Rule::NoPricing, node, &message, &help);
            }
        }
    }
    let Some(found) = found else { return Sums::default() };
    let (profile, compute) = &sdl.compute.entries[found];
    if let Some((key, service)) = service {
        mounts::check(report, sdl.version, (*key, service), compute);
    }
    *sums[found].get_or_insert_with(|| compute::check(report, tree, *profile, compute))
}

/// What is asked of the services: those that are deployed by Akash, the others by Console alone.
fn services<'t>(report: &mut Report<'t>, tree: &'t Tree<'t>, sdl: &Sdl<'t>) {
    let mut hosts: HashMap<&str, usize> = HashMap::with_capacity_and_hasher(sdl.services.entries.len(), FxBuildHasher);
    let mut global = sdl.services.unknown || sdl.deployment.unknown;
    // The first that is deployed.
    let mut any = None;
    for (key, service) in &sdl.services.entries {
        let deployed = sdl.deployment.get(key.name).filter(|placements| !placements.entries.is_empty() || placements.unknown);
        let placements = deployed.map_or(1, |placements| placements.entries.len().max(1));
        report.under(&[Step::Key("services"), Step::Key(key.name)], |report| {
            if deployed.is_none() {
                if !sdl.deployment.unknown {
                    let message =
                        format!("the service {} is not deployed: Akash ignores it, Console refuses it", ticks(key.name));
                    report.add(
                        Rule::ServiceNotDeployed,
                        key.id,
                        &message,
                        &unknown_help(key.name, sdl.deployment.names(), "`deployment`"),
                    );
                }
                return;
            }
            any.get_or_insert(*key);
            service::check(report, tree, *key, service);
            if let Some(login) = &service.credentials {
                credentials::check(report, *key, login, sdl.version);
            }
            expose::check(report, tree, *key, service);
            global |= service.unknown || service.expose.unknown;
            for (index, expose) in service.expose.items.iter().enumerate() {
                global |= expose.to.unknown || expose.to.items.iter().any(|to| to.global.value != Some(false));
                let times = placements * expose.to.items.len().max(1);
                for host in &expose.accept.items {
                    let (Some(node), Some(name)) = (host.node, host.value) else { continue };
                    let before = *hosts.entry(name).and_modify(|count| *count += times).or_insert(times) - times;
                    let help = match (before, expose.to.items.len()) {
                        (1.., _) => "a host name may stand once in the whole document",
                        (_, 2..) => "write one entry below `to:`: each takes the host names for itself",
                        _ if placements > 1 => "deploy the service to one placement, or do without `accept`",
                        _ => continue,
                    };
                    report.under(
                        &[
                            Step::Key("services"),
                            Step::Key(key.name),
                            Step::Key("expose"),
                            Step::Index(index),
                            Step::Key("accept"),
                        ],
                        |report| {
                            let message = format!("the host name {} is taken already", report.quote(node));
                            report.add(Rule::AcceptDuplicate, node, &message, help);
                        },
                    );
                }
            }
        });
    }
    if let Some(first) = any.filter(|_| !global) {
        let help = "add `to:` with `- global: true` to an `expose` entry";
        report.under(&[Step::Key("services")], |report| {
            report.add(Rule::NoGlobalService, first.id, "no deployed service is exposed to the world", help);
        });
    }
}

//! `deployment.SERVICE.PLACEMENT` and what it refers to: `go/sdl/v2.go:340-401`.

use crate::finding::Rule;
use crate::sdl::Sdl;
use crate::sdl::decode::Key;
use crate::sdl::model::deployment::Deployed;
use crate::sdl::model::price::Price;
use crate::sdl::reporter::{Reporter, Step, ticks};
use crate::splice::View;

use super::compute::{self, Sums};
use super::totals::Groups;
use super::{accept, credentials, expose, mounts, placement, service, unknown_name};

/// Checks the deployment and everything it uses.
pub(super) fn check<'t>(report: &mut Reporter<'t>, tree: &'t View<'t>, sdl: &Sdl<'t>) {
    let mut groups = Groups::new(sdl.version);
    // Of each compute profile, once it has been checked.
    let mut sums: Vec<Option<Sums>> = vec![None; sdl.profiles.compute.entries.len()];
    for (key, placements) in &sdl.deployment.entries {
        for (placement, deployed) in &placements.entries {
            report.under(&[Step::Key("deployment"), Step::Key(key.name), Step::Key(placement.name)], |report| {
                let amounts = refers(report, tree, sdl, &mut sums, (*key, *placement), deployed);
                groups.add(report, (*key, *placement), deployed, amounts);
                if let Some(price) = deployed.profile.value.and_then(|profile| price(sdl, *placement, profile)) {
                    groups.price(report, price);
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

fn price<'s, 't>(sdl: &'s Sdl<'t>, placement: Key<'t>, profile: &str) -> Option<&'s Price<'t>> {
    sdl.profiles.placement.get(placement.name)?.pricing.get(profile)
}

/// Checks that everything an entry refers to is there. Gives what a replica takes.
fn refers<'t>(
    report: &mut Reporter<'t>,
    tree: &'t View<'t>,
    sdl: &Sdl<'t>,
    sums: &mut [Option<Sums>],
    (key, placement): (Key<'t>, Key<'t>),
    deployed: &Deployed<'t>,
) -> Sums {
    let service = sdl.services.entry(key.name);
    if service.is_none() && !sdl.services.unknown {
        let message = format!("there is no service {}", ticks(key.name));
        report.add(Rule::NoService, key.id, &message, &unknown_name(report, key.name, sdl.services.names(), "`services`"));
    }
    let infra = sdl.profiles.placement.get(placement.name);
    if infra.is_none() && !sdl.profiles.placement.unknown {
        let message = format!("there is no placement {}", ticks(placement.name));
        report.add(
            Rule::NoPlacement,
            placement.id,
            &message,
            &unknown_name(report, placement.name, sdl.profiles.placement.names(), "`profiles.placement`"),
        );
    }
    let Some(profile) = deployed.profile.value else { return Sums::default() };
    let node = deployed.profile.node.filter(|node| !tree.range(*node).is_empty()).unwrap_or(placement.id);
    let named = |report: &Reporter<'t>| match deployed.profile.node {
        Some(node) if !profile.is_empty() => report.quote(node),
        _ => "(none)".to_owned(),
    };
    let found = sdl.profiles.compute.place(profile);
    if found.is_none() && !sdl.profiles.compute.unknown {
        let message = format!("there is no compute profile {}", named(report));
        report.add(
            Rule::NoCompute,
            node,
            &message,
            &unknown_name(report, profile, sdl.profiles.compute.names(), "`profiles.compute`"),
        );
    }
    if let Some(infra) = infra {
        match infra.pricing.entry(profile) {
            Some((key, price)) => {
                let path = [
                    Step::Key("profiles"),
                    Step::Key("placement"),
                    Step::Key(placement.name),
                    Step::Key("pricing"),
                    Step::Key(key.name),
                ];
                report.under(&path, |report| placement::price(report, *key, price));
            }
            // If the profile is missing, its price is not reported missing as well.
            None if infra.pricing.unknown || found.is_none() && !sdl.profiles.compute.unknown => {}
            None => {
                let message = format!("the placement {} has no price for {}", ticks(placement.name), named(report));
                let help = unknown_name(
                    report,
                    profile,
                    infra.pricing.names(),
                    &format!("`profiles.placement.{}.pricing`", placement.name),
                );
                report.add(Rule::NoPricing, node, &message, &help);
            }
        }
    }
    let Some(found) = found else { return Sums::default() };
    let (profile, compute) = &sdl.profiles.compute.entries[found];
    if let Some((key, service)) = service {
        mounts::check(report, tree, sdl.version, (*key, service), compute);
    }
    *sums[found].get_or_insert_with(|| compute::check(report, tree, *profile, compute))
}

/// Checks the services: Akash those that are deployed, Console all of them.
fn services<'t>(report: &mut Reporter<'t>, tree: &'t View<'t>, sdl: &Sdl<'t>) {
    let mut hosts = accept::Hosts::default();
    hosts.reserve(sdl.services.entries.len());
    let mut global = sdl.services.unknown || sdl.deployment.unknown;
    // The first that is deployed.
    let mut any = None;
    for (key, service) in &sdl.services.entries {
        let deployed = sdl.deployment.get(key.name).filter(|placements| !placements.entries.is_empty() || placements.unknown);
        report.under(&[Step::Key("services"), Step::Key(key.name)], |report| {
            let Some(placements) = deployed else {
                if !sdl.deployment.unknown {
                    let name = ticks(key.name);
                    let message = format!("the service {name} is not deployed: Akash ignores it, Console refuses it");
                    let help = unknown_name(report, key.name, sdl.deployment.names(), "`deployment`");
                    report.add(Rule::ServiceNotDeployed, key.id, &message, &help);
                }
                return;
            };
            any.get_or_insert(*key);
            service::check(report, tree, *key, service);
            if let Some(login) = &service.credentials {
                credentials::check(report, *key, login, sdl.version);
            }
            expose::check(report, tree, *key, service);
            accept::once(report, &mut hosts, (*key, service), placements.entries.len().max(1));
            global |= service.unknown || service.expose.unknown;
            global |= service
                .expose
                .items
                .iter()
                .any(|expose| expose.to.unknown || expose.to.items.iter().any(|to| to.global.value != Some(false)));
        });
    }
    if let Some(first) = any.filter(|_| !global) {
        let help = "add `to:` with `- global: true` to an `expose` entry";
        report.under(&[Step::Key("services")], |report| {
            report.add(Rule::NoGlobalService, first.id, "no deployed service is reachable from outside", help);
        });
    }
}

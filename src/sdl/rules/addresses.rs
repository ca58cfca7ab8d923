//! `endpoints` and the leased addresses that exposes use: `go/sdl/v2.go:316-338, 403-459, 540-549`.

use rustc_hash::{FxHashMap as HashMap, FxHashSet as HashSet};

use crate::finding::Rule;
use crate::sdl::Sdl;
use crate::sdl::decode::Key;
use crate::sdl::model::expose::{Expose, To};
use crate::sdl::reporter::{Reporter, Step, ticks};
use crate::splice::View;

use super::unknown_name;

/// `^[[:lower:]]+[[:lower:]-_\d]+$`
fn is_name(name: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
    name.len() > 1 && name.starts_with(|c: char| c.is_ascii_lowercase()) && name.bytes().all(inner)
}

/// Checks the endpoints themselves, and each address that a port leases.
pub(super) fn check<'t>(report: &mut Reporter<'t>, tree: &View<'_>, sdl: &Sdl<'t>) {
    for (key, endpoint) in &sdl.endpoints.entries {
        report.under(&[Step::Key("endpoints"), Step::Key(key.name)], |report| {
            if !is_name(key.name) {
                let message = format!("{} can't be the name of an endpoint", ticks(key.name));
                let help = "use at least two lower-case letters, digits, `-` and `_`; begin with a letter";
                report.add(Rule::EndpointName, key.id, &message, help);
            }
            let node = endpoint.kind.node.filter(|node| !tree.range(*node).is_empty()).unwrap_or(key.id);
            match endpoint.kind.value {
                Some("") => report.add(Rule::EndpointKind, node, "the endpoint has no kind", "add `kind: ip`"),
                Some("ip") | None => {}
                Some(_) => {
                    let message = format!("Akash does not support endpoints of kind {}", report.quote(node));
                    report.add(Rule::EndpointKind, node, &message, "write `kind: ip`");
                }
            }
        });
    }
    addresses(report, sdl);
}

/// The endpoints that are used, and each address, port and protocol.
#[derive(Default)]
struct AddressUses<'t> {
    used: HashSet<&'t str>,
    /// An address is unknown, so that no endpoint is reported as unused.
    unknown: bool,
    /// By what Go tells ports apart, and the service that has it.
    go: HashMap<(&'t str, u32, &'t str), &'t str>,
    /// By what Console tells them apart.
    console: HashSet<(&'t str, u32, String)>,
}

fn addresses<'t>(report: &mut Reporter<'t>, sdl: &Sdl<'t>) {
    let mut uses = AddressUses { unknown: sdl.services.unknown || sdl.deployment.unknown, ..AddressUses::default() };
    for (key, service) in &sdl.services.entries {
        uses.unknown |= service.unknown || service.expose.unknown;
        for (index, expose) in service.expose.items.iter().enumerate() {
            uses.unknown |= expose.to.unknown;
            for (at, to) in expose.to.items.iter().enumerate() {
                let path = [
                    Step::Key("services"),
                    Step::Key(key.name),
                    Step::Key("expose"),
                    Step::Index(index),
                    Step::Key("to"),
                    Step::Index(at),
                ];
                report.under(&path, |report| address(report, sdl, &mut uses, *key, expose, to));
            }
        }
    }
    let unused = sdl.endpoints.entries.iter().filter(|(key, _)| !uses.unknown && !uses.used.contains(key.name));
    for (key, _) in unused {
        report.under(&[Step::Key("endpoints"), Step::Key(key.name)], |report| {
            let message = format!("no deployed service uses the endpoint {}", ticks(key.name));
            report.add(Rule::EndpointUnused, key.id, &message, "name it in a `to:` with `ip:` and `global: true`, or remove it");
        });
    }
}

fn address<'t>(
    report: &mut Reporter<'t>,
    sdl: &Sdl<'t>,
    uses: &mut AddressUses<'t>,
    service: Key<'t>,
    expose: &Expose<'t>,
    to: &To<'t>,
) {
    let Some(ip) = to.ip.value else {
        uses.unknown = true;
        return;
    };
    let (Some(node), false) = (to.ip.node.or(to.node), ip.is_empty()) else { return };
    let placements = match sdl.deployment.get(service.name) {
        Some(placements) if placements.unknown => 1,
        Some(placements) => placements.entries.len(),
        None => usize::from(sdl.deployment.unknown),
    };
    if placements == 0 {
        return;
    }
    uses.used.insert(ip);
    if to.global.value == Some(false) {
        let node = to.global.node.unwrap_or(node);
        report.add(Rule::IpNotGlobal, node, "an address can only be leased for a global port", "add `global: true` beside `ip`");
    }
    if sdl.endpoints.get(ip).is_none() && !sdl.endpoints.unknown {
        let message = format!("there is no endpoint {}", report.quote(node));
        report.add(Rule::IpUnknown, node, &message, &unknown_name(report, ip, sdl.endpoints.names(), "`endpoints`"));
    }
    let (Some(external), Some(proto), Some(port)) = (expose.external.value, expose.proto.value, expose.port.value) else {
        return;
    };
    let at = expose.external.node.or(expose.port.node).unwrap_or(node);
    if let Some(other) = uses.go.insert((ip, external, proto), service.name) {
        let message = format!("the service {} already uses this address and port", ticks(other));
        let help = match expose.external.node {
            None => "add `as:`: without it Akash takes all ports of an address for the same port",
            Some(_) => "give each its own `as`, or its own endpoint",
        };
        report.add(Rule::IpPortTaken, at, &message, help);
    } else if placements > 1 {
        let message =
            format!("the service {} has {placements} placements, and each would use this address and port", ticks(service.name));
        report.add(Rule::IpPortTaken, at, &message, "deploy the service to one placement, or do without `ip`");
    } else {
        let outside = if expose.external.node.is_some() { external } else { port };
        let proto = if proto.is_empty() { "TCP".to_owned() } else { proto.to_uppercase() };
        if !uses.console.insert((ip, outside, proto)) {
            report.add(Rule::IpPortConsole, at, "Console considers this address and port taken", "give each its own port");
        }
    }
}

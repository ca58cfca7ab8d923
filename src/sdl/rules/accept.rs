//! `accept`: each host name must be an RFC 1123 subdomain in the manifest (`go/manifest/v2beta3/helpers.go`), and once in all of it.

use rustc_hash::FxHashMap as HashMap;

use crate::finding::Rule;
use crate::sdl::decode::{Field, Items, Key};
use crate::sdl::model::expose::HOST_HELP;
use crate::sdl::model::service::Service;
use crate::sdl::reporter::{Reporter, Step};

/// Checks the host names of a deployed service's port.
pub(super) fn check(report: &mut Reporter<'_>, hosts: &Items<Field<&str>>) {
    for host in &hosts.items {
        let (Some(node), Some(text)) = (host.node, host.value) else { continue };
        if !is_host_name(text) {
            let message = format!("{} is not a host name that can be served", report.quote(node));
            report.add(Rule::AcceptHost, node, &message, HOST_HELP);
        }
    }
}

/// `IsDNS1123Subdomain` of k8s.io/apimachinery: labels of lower-case letters, digits and `-`, 253 characters in all.
fn is_host_name(text: &str) -> bool {
    let label = |label: &[u8]| {
        let inner = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-';
        !label.is_empty() && label.iter().all(inner) && !label.starts_with(b"-") && !label.ends_with(b"-")
    };
    text.len() <= 253 && text.as_bytes().split(|byte| *byte == b'.').all(label)
}

/// How often the manifest holds each host name so far.
pub(super) type Hosts<'t> = HashMap<&'t str, usize>;

/// Checks that a deployed service's host names are not taken: each placement and each entry of `to` takes them once.
pub(super) fn once<'t>(
    report: &mut Reporter<'t>,
    hosts: &mut Hosts<'t>,
    (key, service): (Key<'t>, &Service<'t>),
    placements: usize,
) {
    for (index, expose) in service.expose.items.iter().enumerate() {
        let times = placements * expose.to.items.len().max(1);
        for host in &expose.accept.items {
            let (Some(node), Some(name)) = (host.node, host.value) else { continue };
            let before = *hosts.entry(name).and_modify(|count| *count += times).or_insert(times) - times;
            let help = match (before, expose.to.items.len()) {
                (1.., _) => "each host name may appear once in the whole document",
                (_, 2..) => "write one entry below `to:`: each takes the host names for itself",
                _ if placements > 1 => "deploy the service to one placement, or do without `accept`",
                _ => continue,
            };
            let path = [Step::Key("services"), Step::Key(key.name), Step::Key("expose"), Step::Index(index), Step::Key("accept")];
            report.under(&path, |report| {
                let message = format!("the host name {} is already taken", report.quote(node));
                report.add(Rule::AcceptDuplicate, node, &message, help);
            });
        }
    }
}

//! The ports of a deployed service: `go/manifest/v2beta3/serviceexpose.go:47-75`, and their HTTP options.

use crate::finding::Rule;
use crate::sdl::decode::Key;
use crate::sdl::model::http::HttpOptions;
use crate::sdl::model::service::Service;
use crate::sdl::reporter::{Reporter, Step, listed};
use crate::splice::View;
use crate::yaml::tree::Id;

use super::accept;

pub(super) fn check<'t>(report: &mut Reporter<'t>, tree: &View<'_>, key: Key<'t>, service: &Service<'t>) {
    for (index, expose) in service.expose.items.iter().enumerate() {
        report.under(&[Step::Key("services"), Step::Key(key.name), Step::Key("expose"), Step::Index(index)], |report| {
            let here = expose.node.unwrap_or(key.id);
            if expose.port.value.is_some_and(|port| port == 0 || port > 65_535) {
                let message = match expose.port.node {
                    Some(node) => format!("{} is not a port", report.quote(node)),
                    None => "there is no `port`".to_owned(),
                };
                let at = expose.port.node.filter(|node| !tree.range(*node).is_empty()).unwrap_or(here);
                report.add(Rule::PortRange, at, &message, "write `port:` with a number from 1 to 65535");
            }
            if let (Some(node), Some(proto)) = (expose.proto.node, expose.proto.value) {
                protocol(report, node, proto);
            }
            if let Some(options) = &expose.http {
                http_options(report, options);
            }
            accept::check(report, &expose.accept);
        });
    }
}

/// `go/manifest/v2beta3/parse.go`: in upper or lower case; nothing means TCP.
fn protocol(report: &mut Reporter<'_>, node: Id, proto: &str) {
    match proto.to_uppercase().as_str() {
        "TCP" | "UDP" if matches!(proto, "tcp" | "udp" | "TCP" | "UDP") => {}
        "TCP" | "UDP" | "" => {
            report.add(Rule::ProtoForm, node, "Console accepts only TCP, UDP, tcp and udp", "write `tcp` or `udp`");
        }
        _ => {
            let message = format!("Akash does not support the protocol {}", report.quote(node));
            report.add(Rule::Proto, node, &message, "write `tcp` or `udp`; HTTP is TCP, with `as: 80`");
        }
    }
}

const CASES: [&str; 10] = ["error", "timeout", "500", "502", "503", "504", "403", "404", "429", "off"];

/// `go/sdl/v2.go:94-167`.
fn http_options(report: &mut Reporter<'_>, options: &HttpOptions<'_>) {
    let limits = [
        ("max_body_size", options.max_body_size, 104_857_600, "bytes"),
        ("proxy_buffer_size", options.proxy_buffer_size, 1_048_576, "bytes"),
        ("read_timeout", options.read_timeout, 60_000, "milliseconds"),
        ("send_timeout", options.send_timeout, 60_000, "milliseconds"),
    ];
    for (name, field, limit, unit) in limits {
        if let (Some(node), Some(_)) = (field.node, field.value.filter(|number| *number > limit)) {
            let message = format!("`{name}` is above its limit");
            report.add(Rule::HttpOptionLimit, node, &message, &format!("write at most {limit} ({unit})"));
        }
    }
    let cases = &options.next_cases.items;
    for case in cases {
        let (Some(node), Some(text)) = (case.node, case.value) else { continue };
        if text == "off" && cases.len() > 1 {
            let message = "`off` can't be combined with other cases";
            report.add(Rule::NextCaseOff, node, message, "keep `off` by itself, or remove it");
        } else if !CASES.contains(&text) {
            let message = format!("{} is not a case for the next try", report.quote(node));
            report.add(Rule::NextCase, node, &message, &format!("possible cases: {}", listed(&CASES)));
        }
    }
}

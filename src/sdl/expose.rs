//! `services.NAME.expose[]`: `go/sdl/v2.go:94-186`, `expose.go`, `go/manifest/v2beta3/serviceexpose.go:47-75`.

use crate::finding::Rule;
use crate::tree::{Id, Tree};

use super::accept;
use super::decode::{Decoder, Key, Null, Want};
use super::http::{self, HttpOptions, http_options};
use super::report::{Report, Step};
use super::service::Service;
use super::value::{Field, List, Part};

/// A port that is exposed.
#[derive(Debug, Default)]
pub(super) struct Expose<'t> {
    /// Where the item stands.
    pub(super) node: Option<Id>,
    pub(super) port: Field<u32>,
    pub(super) external: Field<u32>,
    pub(super) proto: Field<&'t str>,
    pub(super) to: List<To<'t>>,
    pub(super) accept: List<Field<&'t str>>,
    http: Option<Box<HttpOptions<'t>>>,
}

impl Part for Expose<'_> {
    fn unknown() -> Self {
        let proto = Field::unknown_anywhere();
        let (port, external) = (Field::unknown_anywhere(), Field::unknown_anywhere());
        Self { port, external, proto, to: List::unknown(), ..Self::default() }
    }
}

/// To whom it is exposed.
#[derive(Debug, Default)]
pub(super) struct To<'t> {
    pub(super) node: Option<Id>,
    pub(super) global: Field<bool>,
    pub(super) ip: Field<&'t str>,
}

impl Part for To<'_> {
    fn unknown() -> Self {
        Self { node: None, global: Field::unknown_anywhere(), ip: Field::unknown_anywhere() }
    }
}

pub(super) fn expose<'t>(decoder: &mut Decoder<'t>, item: Id) -> Expose<'t> {
    let known = ["port", "as", "proto", "to", "accept", "http_options"];
    let mut expose =
        decoder.fields(item, "a mapping", Null::Fine, &known, |decoder, expose: &mut Expose<'t>, key, value| match key.name {
            "port" => expose.port = decoder.number(value, Null::Fine),
            "as" => expose.external = external(decoder, value),
            "proto" => expose.proto = decoder.text(value, Want::TextNotNull),
            "to" => expose.to = decoder.list(value, "a list", Null::Warn, to),
            "accept" => expose.accept = accept::hosts(decoder, value),
            _ => expose.http = Some(Box::new(http_options(decoder, value))),
        });
    expose.node = Some(item);
    expose
}

fn external(decoder: &mut Decoder<'_>, value: Id) -> Field<u32> {
    let external = decoder.number(value, Null::Fine);
    if external.node.is_some() && external.value.is_some_and(|port| port == 0 || port > 65_535) {
        let message = format!("Console refuses the port {}", decoder.report.quote(value));
        decoder.report.add(Rule::AsRange, value, &message, "write a port from 1 to 65535, or leave `as` out");
    }
    external
}

fn to<'t>(decoder: &mut Decoder<'t>, item: Id) -> To<'t> {
    let known = ["service", "global", "http_options", "ip"];
    let mut to = decoder.fields(item, "a mapping", Null::Fine, &known, |decoder, to: &mut To<'t>, key, value| match key.name {
        "global" => to.global = decoder.flag(value),
        "ip" => to.ip = decoder.text(value, Want::TextNotNull),
        "service" => {
            decoder.text(value, Want::TextNotNull);
        }
        _ => {
            http_options(decoder, value);
            let help = "move it beside `port`";
            decoder.report.add(
                Rule::UnusedKey,
                key.id,
                "Akash makes nothing of `http_options` in here, and Console refuses it",
                help,
            );
        }
    });
    to.node = Some(item);
    to
}

/// What is asked of the ports of a deployed service.
pub(super) fn check<'t>(report: &mut Report<'t>, tree: &Tree<'_>, key: Key<'t>, service: &Service<'t>) {
    for (index, expose) in service.expose.items.iter().enumerate() {
        report.under(&[Step::Key("services"), Step::Key(key.name), Step::Key("expose"), Step::Index(index)], |report| {
            let here = expose.node.unwrap_or(key.id);
            if expose.port.value.is_some_and(|port| port == 0 || port > 65_535) {
                let message = match expose.port.node {
                    Some(node) => format!("{} is not a port", report.quote(node)),
                    None => "no port is named".to_owned(),
                };
                let at = expose.port.node.filter(|node| !tree.range(*node).is_empty()).unwrap_or(here);
                report.add(Rule::PortRange, at, &message, "write `port:` with a number from 1 to 65535");
            }
            if let (Some(node), Some(proto)) = (expose.proto.node, expose.proto.value) {
                protocol(report, node, proto);
            }
            if let Some(options) = &expose.http {
                http::check(report, options);
            }
            accept::check(report, &expose.accept);
        });
    }
}

/// `go/manifest/v2beta3/parse.go`: upper case or lower, nothing is TCP.
fn protocol(report: &mut Report<'_>, node: Id, proto: &str) {
    match proto.to_uppercase().as_str() {
        "TCP" | "UDP" if matches!(proto, "tcp" | "udp" | "TCP" | "UDP") => {}
        "TCP" | "UDP" | "" => {
            report.add(Rule::ProtoForm, node, "Console knows TCP, UDP, tcp and udp alone", "write `tcp` or `udp`");
        }
        _ => {
            let message = format!("Akash knows no protocol {}", report.quote(node));
            report.add(Rule::Proto, node, &message, "write `tcp` or `udp`; HTTP is TCP, with `as: 80`");
        }
    }
}

//! `services.NAME.expose[]`: `go/sdl/v2.go:94-186`, `expose.go`.

use crate::finding::Rule;
use crate::go::url::Url;
use crate::sdl::decode::{Decoded, Decoder, Field, Fields, Items, Mapping, Null, Want};
use crate::yaml::tree::Id;

use super::http::HttpOptions;

/// A port that is exposed.
#[derive(Debug, Default)]
pub(crate) struct Expose<'t> {
    /// The node of the item.
    pub(crate) node: Option<Id>,
    pub(crate) port: Field<u32>,
    pub(crate) external: Field<u32>,
    pub(crate) proto: Field<&'t str>,
    pub(crate) to: Items<To<'t>>,
    pub(crate) accept: Items<Field<&'t str>>,
    pub(crate) http: Option<Box<HttpOptions<'t>>>,
}

impl<'t> Mapping<'t> for Expose<'t> {
    const FIELDS: Fields<'t, Self> = &[
        ("port", |decoder, expose, _, value| expose.port = decoder.number(value, Null::Fine)),
        ("as", |decoder, expose, _, value| expose.external = external(decoder, value)),
        ("proto", |decoder, expose, _, value| expose.proto = decoder.text(value, Want::TextNotNull)),
        ("to", |decoder, expose, _, value| expose.to = decoder.list(value, "a list", Null::Warn, To::decode)),
        ("accept", |decoder, expose, _, value| expose.accept = hosts(decoder, value)),
        ("http_options", |decoder, expose, _, value| expose.http = Some(Box::new(decoder.mapping(value, Null::Warn)))),
    ];
}

impl Decoded for Expose<'_> {
    fn unknown() -> Self {
        let proto = Field::unknown_anywhere();
        let (port, external) = (Field::unknown_anywhere(), Field::unknown_anywhere());
        Self { port, external, proto, to: Items::unknown(), ..Self::default() }
    }
}

impl<'t> Expose<'t> {
    pub(super) fn decode(decoder: &mut Decoder<'t>, item: Id) -> Self {
        Self { node: Some(item), ..decoder.mapping(item, Null::Fine) }
    }
}

fn external(decoder: &mut Decoder<'_>, value: Id) -> Field<u32> {
    let external = decoder.number(value, Null::Fine);
    if external.node.is_some() && external.value.is_some_and(|port| port == 0 || port > 65_535) {
        let message = format!("Console refuses the port {}", decoder.report.quote(value));
        decoder.report.add(Rule::AsRange, value, &message, "write a port from 1 to 65535, or leave `as` out");
    }
    external
}

/// Host names. Go parses each as `http://NAME` when it reads the SDL.
fn hosts<'t>(decoder: &mut Decoder<'t>, value: Id) -> Items<Field<&'t str>> {
    let mut hosts = decoder.texts(value, Null::Warn);
    for host in &mut hosts.items {
        let (Some(node), Some(text)) = (host.node, host.value) else { continue };
        // A bare name, as nearly all are.
        let bare = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
        if !bare && Url::parse_request(text.as_bytes()).is_none() {
            let message = format!("{} is not a host name", decoder.report.quote(node));
            decoder.report.add(Rule::AcceptHost, node, &message, HOST_HELP);
            host.value = None;
        }
    }
    hosts
}

/// What to write in `accept`.
pub(crate) const HOST_HELP: &str =
    "write a bare host name in lower case, such as `app.example.com`: no scheme, port, path or `*`";

/// To whom a port is exposed.
#[derive(Debug, Default)]
pub(crate) struct To<'t> {
    pub(crate) node: Option<Id>,
    pub(crate) global: Field<bool>,
    pub(crate) ip: Field<&'t str>,
}

impl<'t> Mapping<'t> for To<'t> {
    const FIELDS: Fields<'t, Self> = &[
        ("service", |decoder, _, _, value| _ = decoder.text(value, Want::TextNotNull)),
        ("global", |decoder, to, _, value| to.global = decoder.flag(value)),
        ("http_options", |decoder, _, key, value| {
            decoder.mapping::<HttpOptions<'_>>(value, Null::Warn);
            let message = "`http_options` has no effect here, and Console refuses it";
            decoder.report.add(Rule::UnusedKey, key.id, message, "move it up, beside `port`");
        }),
        ("ip", |decoder, to, _, value| to.ip = decoder.text(value, Want::TextNotNull)),
    ];
}

impl Decoded for To<'_> {
    fn unknown() -> Self {
        Self { node: None, global: Field::unknown_anywhere(), ip: Field::unknown_anywhere() }
    }
}

impl<'t> To<'t> {
    fn decode(decoder: &mut Decoder<'t>, item: Id) -> Self {
        Self { node: Some(item), ..decoder.mapping(item, Null::Fine) }
    }
}

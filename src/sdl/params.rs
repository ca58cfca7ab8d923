//! `services.NAME.params`: `go/sdl/v2.go:188-192`.

use crate::finding::Rule;
use crate::tree::Id;

use super::decode::{Decoder, Null, Want};
use super::report::listed;
use super::value::{Field, Map, Part};

/// The parameters of a service.
#[derive(Debug, Default)]
pub(super) struct Params<'t> {
    pub(super) storage: Map<'t, Mount<'t>>,
    pub(super) tee: Field<&'t str>,
}

impl Part for Params<'_> {
    fn unknown() -> Self {
        Self { storage: Map::unknown(), ..Self::default() }
    }
}

/// Where a volume is mounted.
#[derive(Debug, Default)]
pub(super) struct Mount<'t> {
    pub(super) path: Field<&'t str>,
    pub(super) read_only: Field<bool>,
}

impl Part for Mount<'_> {
    fn unknown() -> Self {
        Self { path: Field::unknown_anywhere(), read_only: Field::unknown_anywhere() }
    }
}

/// Permissions that the schema names; Akash's Go parser takes any text.
const PERMISSIONS: [&str; 3] = ["deployment", "logs", "events"];

#[derive(Debug, Default)]
struct Permissions;

impl Part for Permissions {
    fn unknown() -> Self {
        Self
    }
}

pub(super) fn params<'t>(decoder: &mut Decoder<'t>, value: Id) -> Option<Params<'t>> {
    let null = decoder.is_null(value);
    let known = ["storage", "permissions", "tee"];
    let params =
        decoder.fields(value, "a mapping", Null::Warn, &known, |decoder, params: &mut Params<'t>, key, value| match key.name {
            "storage" => {
                params.storage = decoder.map(value, "a mapping of volumes", Null::Warn, |decoder, _, value| mount(decoder, value))
            }
            "tee" => params.tee = decoder.text(value, Want::TextNotNull),
            _ => permissions(decoder, value),
        });
    (!null).then_some(params)
}

fn mount<'t>(decoder: &mut Decoder<'t>, value: Id) -> Mount<'t> {
    decoder.fields(value, "a mapping", Null::Fine, &["mount", "readOnly"], |decoder, mount: &mut Mount<'t>, key, value| {
        if key.name == "mount" {
            mount.path = decoder.text(value, Want::Text);
        } else {
            mount.read_only = decoder.flag(value);
        }
    })
}

fn permissions(decoder: &mut Decoder<'_>, value: Id) {
    decoder.fields(value, "a mapping", Null::Warn, &["read"], |decoder, _: &mut Permissions, _, value| {
        for item in decoder.texts(value, Null::Warn).items {
            let (Some(node), Some(text)) = (item.node, item.value) else { continue };
            if !PERMISSIONS.contains(&text) {
                let message = format!("Console knows no permission {}", decoder.report.quote(node));
                decoder.report.add(Rule::Permission, node, &message, &format!("write {}", listed(&PERMISSIONS)));
            }
        }
    });
}

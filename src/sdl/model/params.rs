//! `services.NAME.params`: `go/sdl/v2.go:188-192`.

use crate::finding::Rule;
use crate::sdl::decode::{Decoded, Decoder, Field, Fields, Map, Mapping, Null, Want};
use crate::sdl::reporter::listed;
use crate::yaml::tree::Id;

/// The parameters of a service.
#[derive(Debug, Default)]
pub(crate) struct Params<'t> {
    pub(crate) storage: Map<'t, Mount<'t>>,
    pub(crate) tee: Field<&'t str>,
}

impl<'t> Mapping<'t> for Params<'t> {
    const FIELDS: Fields<'t, Self> = &[
        ("storage", |decoder, params, _, value| {
            let mount = |decoder: &mut Decoder<'t>, _, value| decoder.mapping(value, Null::Fine);
            params.storage = decoder.map(value, "a mapping of volumes", Null::Warn, mount);
        }),
        ("permissions", |decoder, _, _, value| _ = decoder.mapping::<Permissions>(value, Null::Warn)),
        ("tee", |decoder, params, _, value| params.tee = decoder.text(value, Want::TextNotNull)),
    ];
}

impl Decoded for Params<'_> {
    fn unknown() -> Self {
        Self { storage: Map::unknown(), ..Self::default() }
    }
}

/// The parameters; none if they are null.
pub(super) fn params<'t>(decoder: &mut Decoder<'t>, value: Id) -> Option<Params<'t>> {
    let null = decoder.is_null(value);
    let params = decoder.mapping(value, Null::Warn);
    (!null).then_some(params)
}

/// Where a volume is mounted.
#[derive(Debug, Default)]
pub(crate) struct Mount<'t> {
    pub(crate) path: Field<&'t str>,
    pub(crate) read_only: Field<bool>,
}

impl<'t> Mapping<'t> for Mount<'t> {
    const FIELDS: Fields<'t, Self> = &[
        ("mount", |decoder, mount, _, value| mount.path = decoder.text(value, Want::Text)),
        ("readOnly", |decoder, mount, _, value| mount.read_only = decoder.flag(value)),
    ];
}

impl Decoded for Mount<'_> {
    fn unknown() -> Self {
        Self { path: Field::unknown_anywhere(), read_only: Field::unknown_anywhere() }
    }
}

/// What a service may ask of its provider.
#[derive(Debug, Default)]
struct Permissions;

impl<'t> Mapping<'t> for Permissions {
    const FIELDS: Fields<'t, Self> = &[("read", |decoder, _, _, value| read(decoder, value))];
}

impl Decoded for Permissions {
    fn unknown() -> Self {
        Self
    }
}

/// What the schema accepts; Akash's Go parser takes any text.
const READABLE: [&str; 3] = ["deployment", "logs", "events"];

fn read(decoder: &mut Decoder<'_>, value: Id) {
    for item in decoder.texts(value, Null::Warn).items {
        let (Some(node), Some(text)) = (item.node, item.value) else { continue };
        if !READABLE.contains(&text) {
            let message = format!("Console does not know the permission {}", decoder.report.quote(node));
            decoder.report.add(Rule::Permission, node, &message, &format!("possible values: {}", listed(&READABLE)));
        }
    }
}

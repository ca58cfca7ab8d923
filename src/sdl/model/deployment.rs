//! `deployment.SERVICE.PLACEMENT`: `go/sdl/v2.go:340-401`.

use crate::sdl::decode::{Decoded, Field, Fields, Mapping, Null, Want};

/// Where a service goes: which profile, how many replicas.
#[derive(Debug, Default)]
pub(crate) struct Deployed<'t> {
    pub(crate) profile: Field<&'t str>,
    pub(crate) count: Field<u32>,
}

impl<'t> Mapping<'t> for Deployed<'t> {
    const FIELDS: Fields<'t, Self> = &[
        ("profile", |decoder, deployed, _, value| deployed.profile = decoder.text(value, Want::Text)),
        ("count", |decoder, deployed, _, value| deployed.count = decoder.number(value, Null::Fine)),
    ];
}

impl Decoded for Deployed<'_> {
    fn unknown() -> Self {
        Self { profile: Field::unknown_anywhere(), count: Field::unknown_anywhere() }
    }
}

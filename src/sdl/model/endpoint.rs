//! `endpoints.NAME`: `go/sdl/v2.go:316-338`.

use crate::sdl::decode::{Decoded, Field, Fields, Mapping, Want};

/// An endpoint.
#[derive(Debug, Default)]
pub(crate) struct Endpoint<'t> {
    pub(crate) kind: Field<&'t str>,
}

impl<'t> Mapping<'t> for Endpoint<'t> {
    const FIELDS: Fields<'t, Self> = &[("kind", |decoder, endpoint, _, value| endpoint.kind = decoder.text(value, Want::Text))];
}

impl Decoded for Endpoint<'_> {
    fn unknown() -> Self {
        Self { kind: Field::unknown_anywhere() }
    }
}

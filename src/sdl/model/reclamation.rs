//! `reclamation`: `go/sdl/reclamation.go:16-29`.

use crate::sdl::decode::{Decoded, Field, Fields, Mapping, Want};
use crate::yaml::tree::Id;

/// How long a provider must leave a lease alone.
#[derive(Debug, Default)]
pub(crate) struct Reclamation<'t> {
    pub(crate) key: Option<Id>,
    pub(crate) window: Field<&'t str>,
}

impl<'t> Mapping<'t> for Reclamation<'t> {
    const FIELDS: Fields<'t, Self> = &[("min_window", |decoder, part, _, value| part.window = decoder.text(value, Want::Text))];
}

impl Decoded for Reclamation<'_> {
    fn unknown() -> Self {
        Self { key: None, window: Field::unknown_anywhere() }
    }
}

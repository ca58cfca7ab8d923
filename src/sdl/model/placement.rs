//! `profiles.placement.NAME`: `go/sdl/placement.go`.

use crate::sdl::decode::{Decoded, Decoder, Field, Fields, Map, Mapping, Null, Want};

use super::price::{Price, price};

/// A placement profile.
#[derive(Debug, Default)]
pub(crate) struct Placement<'t> {
    pub(crate) pricing: Map<'t, Price<'t>>,
}

impl<'t> Mapping<'t> for Placement<'t> {
    const FIELDS: Fields<'t, Self> = &[
        ("attributes", |decoder, _, _, value| {
            let text = |decoder: &mut Decoder<'t>, _, value| decoder.text(value, Want::Any);
            let _: Map<'t, Field<&'t str>> = decoder.map(value, "a mapping", Null::Warn, text);
        }),
        ("signedBy", |decoder, _, _, value| _ = decoder.mapping::<Signed>(value, Null::Warn)),
        ("pricing", |decoder, placement, _, value| {
            placement.pricing = decoder.map(value, "a mapping of prices", Null::Fine, price);
        }),
    ];
}

impl Decoded for Placement<'_> {
    fn unknown() -> Self {
        Self { pricing: Map::unknown() }
    }
}

/// Who must have signed a provider's attributes; Akash does not check the addresses.
#[derive(Debug, Default)]
struct Signed;

impl<'t> Mapping<'t> for Signed {
    const FIELDS: Fields<'t, Self> = &[
        ("allOf", |decoder, _, _, value| _ = decoder.texts(value, Null::Warn)),
        ("anyOf", |decoder, _, _, value| _ = decoder.texts(value, Null::Warn)),
    ];
}

impl Decoded for Signed {
    fn unknown() -> Self {
        Self
    }
}

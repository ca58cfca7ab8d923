//! `profiles.placement.NAME`: `go/sdl/placement.go`; its prices are in `pricing.rs`.

use crate::tree::Id;

use super::decode::{Decoder, Key, Null, Want};
use super::pricing::{Coin, coin};
use super::value::{Field, Map, Part};

/// A placement profile.
#[derive(Debug, Default)]
pub(super) struct Placement<'t> {
    pub(super) pricing: Map<'t, Coin<'t>>,
}

impl Part for Placement<'_> {
    fn unknown() -> Self {
        Self { pricing: Map::unknown() }
    }
}

/// Who must have signed a provider's attributes; Akash asks nothing of the addresses.
#[derive(Debug, Default)]
struct Signed;

impl Part for Signed {
    fn unknown() -> Self {
        Self
    }
}

pub(super) fn placement<'t>(decoder: &mut Decoder<'t>, _: Key<'t>, value: Id) -> Placement<'t> {
    let known = ["attributes", "signedBy", "pricing"];
    decoder.fields(value, "a mapping", Null::Fine, &known, |decoder, placement: &mut Placement<'t>, key, value| match key.name {
        "pricing" => placement.pricing = decoder.map(value, "a mapping of prices", Null::Fine, coin),
        "attributes" => {
            let _: Map<'t, Field<&'t str>> =
                decoder.map(value, "a mapping", Null::Warn, |decoder, _, value| decoder.text(value, Want::Any));
        }
        _ => {
            decoder.fields(value, "a mapping", Null::Warn, &["allOf", "anyOf"], |decoder, _: &mut Signed, _, value| {
                decoder.texts(value, Null::Warn);
            });
        }
    })
}

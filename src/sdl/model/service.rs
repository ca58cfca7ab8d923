//! `services.NAME`: `go/sdl/v2.go:194-223`.

use crate::sdl::decode::{Decoded, Field, Fields, Items, Mapping, Null, Want, Written};

use super::credentials::{Credentials, credentials};
use super::expose::Expose;
use super::params::{Params, params};

/// A service.
#[derive(Debug, Default)]
pub(crate) struct Service<'t> {
    pub(crate) unknown: bool,
    pub(crate) image: Field<&'t str>,
    pub(crate) env: Items<Field<&'t str>>,
    pub(crate) expose: Items<Expose<'t>>,
    pub(crate) params: Option<Box<Params<'t>>>,
    pub(crate) credentials: Option<Box<Credentials<'t>>>,
}

impl<'t> Mapping<'t> for Service<'t> {
    const FIELDS: Fields<'t, Self> = &[
        ("image", |decoder, service, _, value| service.image = decoder.text(value, Want::Text)),
        ("command", |decoder, _, _, value| _ = decoder.texts(value, Null::Fine)),
        ("args", |decoder, _, _, value| _ = decoder.texts(value, Null::Fine)),
        ("env", |decoder, service, _, value| service.env = decoder.texts(value, Null::Fine)),
        ("expose", |decoder, service, _, value| {
            service.expose = decoder.list(value, "a list", Null::Fine, Expose::decode);
        }),
        // Akash reads dependencies and does nothing with them.
        ("dependencies", |decoder, _, _, value| {
            _ = decoder.list(value, "a list", Null::Warn, |decoder, item| decoder.mapping::<Dependency>(item, Null::Fine));
        }),
        ("params", |decoder, service, _, value| service.params = params(decoder, value).map(Box::new)),
        ("credentials", |decoder, service, key, value| {
            service.credentials = credentials(decoder, key, value).map(Box::new);
        }),
    ];
}

impl Decoded for Service<'_> {
    fn unknown() -> Self {
        Self { unknown: true, image: Field::unknown_anywhere(), expose: Items::unknown(), ..Self::default() }
    }
}

impl<'t> Service<'t> {
    /// `image`.
    pub(crate) fn image(&self) -> Option<Written<'t>> {
        self.image.scalar()
    }

    /// The items of `env` with their indexes, null ones left out.
    pub(crate) fn env(&self) -> impl Iterator<Item = (usize, Written<'t>)> {
        self.env.items.iter().enumerate().filter_map(|(index, item)| Some((index, item.scalar()?)))
    }

    /// `credentials`, unless missing, null or not a mapping.
    pub(crate) fn credentials(&self) -> Option<&Credentials<'t>> {
        self.credentials.as_deref()
    }
}

/// A dependency.
#[derive(Debug, Default)]
struct Dependency;

impl<'t> Mapping<'t> for Dependency {
    const FIELDS: Fields<'t, Self> = &[("service", |decoder, _, _, value| _ = decoder.text(value, Want::TextNotNull))];
}

impl Decoded for Dependency {
    fn unknown() -> Self {
        Self
    }
}

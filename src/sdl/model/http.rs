//! `services.NAME.expose[].http_options`: `go/sdl/v2.go:94-167`.

use crate::sdl::decode::{Decoded, Field, Fields, Items, Mapping, Null};

/// Options of the HTTP proxy.
#[derive(Debug, Default)]
pub(crate) struct HttpOptions<'t> {
    pub(crate) max_body_size: Field<u32>,
    pub(crate) proxy_buffer_size: Field<u32>,
    pub(crate) read_timeout: Field<u32>,
    pub(crate) send_timeout: Field<u32>,
    pub(crate) next_cases: Items<Field<&'t str>>,
}

impl<'t> Mapping<'t> for HttpOptions<'t> {
    const FIELDS: Fields<'t, Self> = &[
        ("max_body_size", |decoder, options, _, value| options.max_body_size = decoder.number(value, Null::Warn)),
        ("proxy_buffer_size", |decoder, options, _, value| options.proxy_buffer_size = decoder.number(value, Null::Warn)),
        ("read_timeout", |decoder, options, _, value| options.read_timeout = decoder.number(value, Null::Warn)),
        ("send_timeout", |decoder, options, _, value| options.send_timeout = decoder.number(value, Null::Warn)),
        ("next_tries", |decoder, _, _, value| _ = decoder.number(value, Null::Warn)),
        ("next_timeout", |decoder, _, _, value| _ = decoder.number(value, Null::Warn)),
        ("next_cases", |decoder, options, _, value| options.next_cases = decoder.texts(value, Null::Warn)),
    ];
}

impl Decoded for HttpOptions<'_> {
    fn unknown() -> Self {
        Self::default()
    }
}

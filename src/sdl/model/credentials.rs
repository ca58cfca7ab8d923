//! `services.NAME.credentials`: `go/sdl/v2.go:205-223`. Whether they can work is for [`crate::credential`] to say.

use crate::finding::Rule;
use crate::sdl::decode::{Decoded, Decoder, Field, Fields, Key, Mapping, Null, Want, Written};
use crate::yaml::tree::{Id, NodeKind};

/// A registry login.
#[derive(Debug, Default)]
pub(crate) struct Credentials<'t> {
    /// The key `credentials`.
    pub(crate) key: Option<Id>,
    pub(crate) host: Field<&'t str>,
    pub(crate) username: Field<&'t str>,
    pub(crate) password: Field<&'t str>,
    pub(crate) email: Field<&'t str>,
}

impl<'t> Mapping<'t> for Credentials<'t> {
    const FIELDS: Fields<'t, Self> = &[
        ("host", |decoder, login, _, value| login.host = decoder.text(value, Want::Text)),
        ("email", |decoder, login, _, value| login.email = decoder.text(value, Want::Text)),
        ("username", |decoder, login, _, value| login.username = decoder.text(value, Want::Text)),
        ("password", |decoder, login, _, value| login.password = decoder.text(value, Want::Text)),
    ];
}

impl Decoded for Credentials<'_> {
    fn unknown() -> Self {
        Self::default()
    }
}

impl<'t> Credentials<'t> {
    /// `host`.
    pub(crate) fn host(&self) -> Option<Written<'t>> {
        self.host.scalar()
    }

    /// `username`.
    pub(crate) fn username(&self) -> Option<Written<'t>> {
        self.username.scalar()
    }

    /// `password`.
    pub(crate) fn password(&self) -> Option<Written<'t>> {
        self.password.scalar()
    }
}

/// The login; none if it is missing, unknown or not a mapping.
pub(crate) fn credentials<'t>(decoder: &mut Decoder<'t>, key: Key<'t>, value: Id) -> Option<Credentials<'t>> {
    if decoder.is_null(value) {
        let help = "give `host`, `username` and `password`, or remove the key";
        decoder.report.add(
            Rule::CredentialsNull,
            key.id,
            "the credentials are empty, so the image is pulled without a login",
            help,
        );
        return None;
    }
    if decoder.tree.is_unknown(value) {
        return None;
    }
    let mut login: Credentials<'t> = decoder.mapping(value, Null::Fine);
    login.key = Some(key.id);
    (decoder.tree.kind(value) == NodeKind::Mapping).then_some(login)
}

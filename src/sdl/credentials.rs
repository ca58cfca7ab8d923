//! `services.NAME.credentials`: presence, `go/sdl/v2.go:205-223`. Whether they can work is not this file's matter.

use crate::finding::Rule;
use crate::tree::Id;

use super::Version;
use super::decode::{Decoder, Key, Null, Want};
use super::report::{Report, Step};
use super::value::{Field, Part};

/// A registry login.
#[derive(Debug, Default)]
pub struct Credentials<'t> {
    /// The key `credentials`.
    pub key: Option<Id>,
    /// It could be read.
    known: bool,
    pub(super) host: Field<&'t str>,
    pub(super) username: Field<&'t str>,
    pub(super) password: Field<&'t str>,
    pub(super) email: Field<&'t str>,
}

impl Part for Credentials<'_> {
    fn unknown() -> Self {
        Self::default()
    }
}

impl Credentials<'_> {
    /// The node of `host`.
    pub fn host(&self) -> Option<Id> {
        self.host.node
    }

    /// The node of `username`.
    pub fn username(&self) -> Option<Id> {
        self.username.node
    }

    /// The node of `password`.
    pub fn password(&self) -> Option<Id> {
        self.password.node
    }

    /// The node of `email`.
    pub fn email(&self) -> Option<Id> {
        self.email.node
    }
}

pub(super) fn credentials<'t>(decoder: &mut Decoder<'t>, key: Key<'t>, value: Id) -> Option<Credentials<'t>> {
    let tree = decoder.tree;
    if decoder.is_null(value) {
        let help = "give `host`, `username` and `password`, or remove the key";
        decoder.report.add(Rule::CredentialsNull, key.id, "no login is sent: the credentials are empty", help);
        return None;
    }
    if tree.is_unknown(value) {
        return None;
    }
    let known = tree.kind(value) == crate::tree::Kind::Mapping;
    let names = ["host", "email", "username", "password"];
    let mut credentials =
        decoder.fields(value, "a mapping", Null::Fine, &names, |decoder, login: &mut Credentials<'t>, key, value| {
            let text = decoder.text(value, Want::Text);
            match key.name {
                "host" => login.host = text,
                "email" => login.email = text,
                "username" => login.username = text,
                _ => login.password = text,
            }
        });
    credentials.key = Some(key.id);
    credentials.known = known;
    known.then_some(credentials)
}

/// What Akash asks of the login of a deployed service; Go trims each before it looks whether it is empty.
pub(super) fn check<'t>(report: &mut Report<'t>, key: Key<'t>, login: &Credentials<'t>, version: Option<Version>) {
    let at = login.key.unwrap_or(key.id);
    let missing = [
        (Rule::CredentialsNoHost, "host", login.host, "add `host:`, the registry's address, such as `ghcr.io`"),
        (Rule::CredentialsNoUsername, "username", login.username, "add `username:`"),
        (Rule::CredentialsNoPassword, "password", login.password, "add `password:`, as a placeholder"),
    ];
    report.under(&[Step::Key("services"), Step::Key(key.name), Step::Key("credentials")], |report| {
        for (id, name, field, help) in missing {
            // Go's TrimSpace and Rust's trim agree on what white space is.
            if field.value.is_some_and(|text| text.trim().is_empty()) {
                report.add(id, at, &format!("the credentials have no {name}"), help);
            }
        }
        if let (Some(email), Some(Version::V2_0)) = (login.email.node, version) {
            let help = "remove it, or write `version: \"2.1\"`";
            report.add(Rule::CredentialsEmail, email, "version 2.0 drops the e-mail address, yet Console sends it", help);
        }
    });
}

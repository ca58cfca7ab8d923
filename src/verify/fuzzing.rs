//! What the fuzz targets call: readers of what registries send, and what must hold of it.

use zeroize::Zeroizing;

use super::Login;
use super::challenge::Challenge;
use super::client::HttpResponse;
use super::manifest::{Child, Configuration, Manifest};
use super::origin::{HttpOrigin, resolve, shown};
use super::said::Sentence;
use super::{login, pace, refusal};
use crate::secret::Secret;

/// Reads the login that a registry asks for, and follows the addresses in it.
pub fn challenge(data: &[u8]) {
    let Ok(header) = std::str::from_utf8(data) else { return };
    let origin = HttpOrigin { authority: "registry.example".to_owned(), plain: false };
    let follow = |location: &str| {
        let Some((next, path)) = resolve(&origin, location) else { return };
        assert!(path.starts_with('/') && !next.authority.contains(['@', '/']) && !next.authority.is_empty(), "an address");
        assert!(shown(&next.authority).len() <= next.authority.len(), "a host for messages");
    };
    follow(header);
    let Some(challenge) = Challenge::choose([header]) else { return };
    assert!(challenge.is_met_like(&challenge), "a challenge is met by itself");
    if let Challenge::Bearer { realm, .. } = &challenge {
        follow(realm);
    }
    let bare = challenge.clone().without_scope();
    assert!(challenge.is_met_like(&bare) && challenge.at("team/app").error() == bare.error(), "the same without a scope");
}

/// Reads what a registry serves as each kind of manifest, and as a refusal.
pub fn manifest(body: &[u8]) {
    for kind in super::manifest::ACCEPT.split(", ") {
        served(body, kind);
    }
    refused(body);
}

fn served(body: &[u8], kind: &str) {
    if let Ok(Manifest::Index(children)) = Manifest::parse(body, kind) {
        let chosen = Child::choose(&children);
        assert!(chosen.is_none_or(|chosen| !chosen.descriptor.is_here() || children.contains(chosen)), "an entry of the index");
    }
    Configuration::parse(body);
}

fn refused(body: &[u8]) {
    const PASSWORD: &str = "p@ss word/1";
    let Ok(text) = std::str::from_utf8(body) else { return };
    let answer = HttpResponse::of(403, text);
    drop(login::token_in(&answer));
    assert!(pace::reset(&answer).is_none(), "no header says when");
    let said = Sentence::of(&answer);
    refusal::says_expired(&said);
    let secret = |text: &str| Secret::new(Zeroizing::new(text.to_owned()));
    let login = Login { host: secret("r.io"), username: secret("reader"), password: secret(PASSWORD), secret_username: true };
    let told = said.shown(Some(&login)).unwrap_or_default();
    assert!(told.chars().count() <= 300 && !told.contains(char::is_control), "a sentence for messages");
    assert!(!told.to_lowercase().contains(PASSWORD) && !told.contains("reader"), "the login is hidden");
}

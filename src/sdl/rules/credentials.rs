//! The login of a deployed service: what must be there, `go/sdl/v2.go:391-401`.

use crate::finding::Rule;
use crate::sdl::Version;
use crate::sdl::decode::Key;
use crate::sdl::model::credentials::Credentials;
use crate::sdl::reporter::{Reporter, Step};

/// Go trims each part before it looks whether it is empty.
pub(super) fn check<'t>(report: &mut Reporter<'t>, key: Key<'t>, login: &Credentials<'t>, version: Option<Version>) {
    let at = login.key.unwrap_or(key.id);
    let parts = [
        (Rule::CredentialsNoHost, "host", login.host, "add `host:`, the address of the registry, such as `ghcr.io`"),
        (Rule::CredentialsNoUsername, "username", login.username, "add `username:`"),
        (Rule::CredentialsNoPassword, "password", login.password, "add `password:`, as a placeholder"),
    ];
    report.under(&[Step::Key("services"), Step::Key(key.name), Step::Key("credentials")], |report| {
        for (rule, name, field, help) in parts {
            // Go's TrimSpace and Rust's trim agree on what white space is.
            if field.value.is_some_and(|text| text.trim().is_empty()) {
                report.add(rule, at, &format!("the credentials have no {name}"), help);
            }
        }
        if let (Some(email), Some(Version::V2_0)) = (login.email.node, version) {
            let message = "version 2.0 drops the e-mail address, but Console sends it";
            report.add(Rule::CredentialsEmail, email, message, "remove it, or write `version: \"2.1\"`");
        }
    });
}

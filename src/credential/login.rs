//! `image` and `credentials`: what can be checked without a secret.

use crate::finding::{Finding, Rule};
use crate::registry::host::{Match, serves, suggestion};
use crate::registry::{Reference as ImageReference, Registry, token};
use crate::sdl::Version;

use super::filling::resolve;
use super::reference::{SecretReference, reference};
use super::slot::is_template;
use super::stand_in::is_unfilled;
use super::{Fact, Facts, console, shell};

/// Checks both. Gives the registry of the image.
pub(super) fn check(facts: &Facts<'_>, findings: &mut Vec<Finding>) -> Registry {
    let image = facts.image.as_ref().and_then(|field| image(field, findings));
    if let (Some(field), Some(image)) = (&facts.host, &image) {
        let shown = facts.image.as_ref().is_some_and(|field| !field.placeholder);
        findings.extend(host(field, image, shown, facts.version));
    }
    let registry = image.map_or(Registry::Other, |image| Registry::of(image.domain));
    if let Some(field) = &facts.username {
        username(field, registry, findings);
    }
    if let Some(field) = &facts.password {
        password(field, registry, findings);
    }
    registry
}

/// The reference that `field` holds, if it is one.
fn image<'t>(field: &Fact<'t>, findings: &mut Vec<Finding>) -> Option<ImageReference<'t>> {
    let text = field.text.filter(|text| !text.is_empty())?;
    // What is left of a shell is told as such.
    if !field.placeholder && shell::variables(text).next().is_some() {
        return None;
    }
    match ImageReference::parse(text) {
        Err(reason) => {
            let help = format!("{reason}; for example `ghcr.io/team/app:1.0`");
            findings.push(field.finding(Rule::ImageName, "this is not an image reference, so nothing can be pulled", help));
            None
        }
        Ok(image) => {
            let help =
                "name a version, such as `:1.0`, or a digest: a node that has an image of this name does not pull it again";
            let message = match (&image.tag, &image.digest) {
                (_, Some(_)) => None,
                (None, None) => Some("the image has no tag, which means `latest`: whatever was pushed last, or is cached"),
                (Some(tag), None) => (*tag == "latest").then_some("the tag `latest` is whatever was pushed last, or is cached"),
            };
            findings.extend(message.map(|message| field.finding(Rule::ImageTag, message, help)));
            Some(image)
        }
    }
}

/// `shown` says whether the name of the image may be quoted: what comes from a placeholder may be a secret.
fn host(field: &Fact<'_>, image: &ImageReference<'_>, shown: bool, version: Option<Version>) -> Option<Finding> {
    let text = field.text?;
    let trimmed = text.trim();
    // An empty host is for another rule: Akash's parser refuses it. What is left of a shell is told as such.
    if trimmed.is_empty() || !field.placeholder && shell::variables(text).next().is_some() {
        return None;
    }
    let write = || match shown {
        true => format!("write `host: \"{}\"`", suggestion(image)),
        false => "write the registry that the name of the image begins with".to_owned(),
    };
    if serves(trimmed, image) != Match::Yes {
        let name = quoted(field, trimmed).map_or("this host".to_owned(), |host| format!("`{host}`"));
        let repository = if shown { format!("`{}`", image.repository()) } else { "this image".to_owned() };
        let message = format!("{name} is never used for {repository}: it would be pulled without a login");
        let help = reason(trimmed, image).map_or_else(write, |reason| format!("{}: {reason}", write()));
        return Some(field.finding(Rule::HostMismatch, message, help));
    }
    // Version 2.1 trims the host. Under 2.0 it reaches kubelet as it is, which drops a login whose host it can't read.
    let strays = text.len() != trimmed.len() && version == Some(Version::V2_0);
    strays.then(|| {
        let message = "there is white space around the host: version 2.0 keeps it, and Kubernetes drops the login";
        field.finding(Rule::HostWhitespace, message, format!("{}, without white space, or use version 2.1", write()))
    })
}

/// Why a host that seems right isn't.
fn reason(host: &str, image: &ImageReference<'_>) -> Option<&'static str> {
    let yes = |host: &str| serves(host, image) == Match::Yes;
    let bare = host.split_once("://").map_or(host, |(_, bare)| bare);
    let labels = bare.split('/').next().unwrap_or(bare);
    let reasons = [
        (yes(&format!("{host}/")), "the slash at the end is needed"),
        (yes(&host.to_ascii_lowercase()), "host names are matched case-sensitively"),
        (host.contains("://") && yes(bare), "only `https://` and `http://` are recognised"),
        (labels.contains(':') && yes(labels.split(':').next().unwrap_or(labels)), "a port is part of the name, even `:443`"),
        (image.domain.contains(':') && image.domain.split(':').next() == Some(labels), "the port is part of the name"),
        (
            image.domain.ends_with(&format!(".{labels}")) || image.domain.ends_with(&format!("-{labels}")),
            "a parent domain does not match",
        ),
        (yes(labels), "what follows the host must be the beginning of the image's path"),
    ];
    reasons.into_iter().find_map(|(applies, reason)| applies.then_some(reason))
}

/// The host as it may be shown: nothing before an `@`, no query, none at all if it looks like a token or comes from a placeholder.
fn quoted(field: &Fact<'_>, host: &str) -> Option<String> {
    let shown = host.rsplit('@').next().unwrap_or(host);
    let shown = shown.split(['?', '#']).next().unwrap_or(shown);
    let fine = !field.placeholder && !shown.is_empty() && shown.len() <= 255 && token::scan(shown).is_empty();
    fine.then(|| shown.escape_debug().to_string())
}

fn username(field: &Fact<'_>, registry: Registry, findings: &mut Vec<Finding>) {
    let Some(text) = field.text.map(str::trim).filter(|text| !text.is_empty()) else { return };
    console::check(field, findings);
    // The Console resolves its own, and what is left of a shell is told as such.
    if text.starts_with("ac-") || !field.placeholder && shell::variables(text).next().is_some() {
        return;
    }
    if let Some(found) = reference(text).filter(|_| !field.placeholder) {
        findings.push(unresolved(field, found, "username", "REGISTRY_USER"));
    } else if !field.placeholder && is_unfilled(text, None, true) {
        let message = "this only stands for a username, and nothing fills it in";
        findings.push(field.finding(
            Rule::StandInValue,
            message,
            "write the name itself, or a placeholder such as `{{ REGISTRY_USER }}`",
        ));
    } else if text.contains(':') && reference(text).is_none() {
        let help = "write only the name: the registry takes what follows a colon for the password";
        let message = "there is a colon in the username, which is where the password begins";
        findings.push(field.finding(Rule::UsernameColon, message, help));
    } else if let Some(expected) = registry.expected_username(text) {
        let message = format!("{} does not accept this username", registry.name());
        findings.push(field.finding(Rule::UsernameExpected, message, format!("write {expected}")));
    }
}

fn password(field: &Fact<'_>, registry: Registry, findings: &mut Vec<Finding>) {
    console::check(field, findings);
    let Some(text) = field.text.filter(|_| !field.placeholder).map(str::trim) else { return };
    if text.is_empty() || console::is_meant(text) || shell::variables(text).next().is_some() {
        return;
    }
    let name = registry.password_placeholder();
    let write = format!("write `password: \"{{{{ {name} }}}}\"`");
    if let Some(found) = reference(text) {
        findings.push(unresolved(field, found, "password", name));
    } else if is_template(text) {
        let message = "this is a stand-in for a password, and nothing fills it in";
        findings.push(field.finding(Rule::StandInPassword, message, write));
    } else {
        let name = token::kind(text).map_or("a password", token::Token::name);
        let help = format!("{write} and give the value when rendering; revoke the old one if others have seen the file");
        findings.push(field.finding(Rule::LiteralPassword, format!("{name} is written in the template"), help));
    }
}

/// A reference that is written in the template as `key`; `name` is for a placeholder in its place.
fn unresolved(field: &Fact<'_>, found: &SecretReference, key: &str, name: &str) -> Finding {
    let help = format!("write `{key}: \"{{{{ {name} }}}}\"`; {}", resolve(name, found));
    field.finding(Rule::UnresolvedReference, format!("this is {}, not the secret", found.what), help)
}

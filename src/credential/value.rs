//! A password whose value is known: what can be said about it without showing it.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::finding::{Finding, Rule};
use crate::registry::Registry;
use crate::registry::token::{self, Token};

use super::reference::reference;
use super::stand_in::is_unfilled;
use super::{Fact, Facts};

/// The minimum length of a password in the schema, which Console enforces (`go/sdl/sdl-input.schema.yaml`).
const CONSOLE_LENGTH: usize = 6;

/// A password that is valid for less than this may expire before the image is pulled.
const SOON: Duration = Duration::from_secs(60 * 60);

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

pub(super) fn check(facts: &Facts<'_>, registry: Registry, now: SystemTime, findings: &mut Vec<Finding>) {
    let Some((field, text)) = facts.password.as_ref().and_then(|field| Some((field, field.text?.trim()))) else { return };
    // An empty one is for another rule: Akash's parser refuses it. Console resolves its references; others, and stand-ins, are told as such.
    if text.is_empty() || text.starts_with("ac-secret://") || is_unfilled(text, None, false) || reference(text).is_some() {
        return;
    }
    let username = facts.username.as_ref().and_then(|field| field.text).map(str::trim);
    let kind = token::kind(text);

    findings.extend(ecr(field, text, registry, kind, now));
    match registry {
        Registry::Ghcr if kind == Some(Token::GitHubFineGrained) => {
            let help = "create a personal access token (classic) with the scope `read:packages`";
            findings.push(field.finding(Rule::GhcrFineGrainedToken, "a fine-grained GitHub token can't read packages", help));
        }
        Registry::DockerHub if !text.starts_with("dckr_") && !is_uuid(text) => {
            let help = "create an access token that can only read, and use it instead of the account's password";
            findings.push(field.finding(Rule::DockerHubPassword, "this is not a Docker Hub access token", help));
        }
        Registry::Google => findings.extend(google(field, text, username)),
        _ => {}
    }
    if text.chars().count() < CONSOLE_LENGTH {
        let help = "use an access token: they are longer";
        findings.push(field.finding(Rule::PasswordShort, "Akash's Console refuses a password of fewer than 6 characters", help));
    }
}

fn ecr(field: &Fact<'_>, text: &str, registry: Registry, kind: Option<Token>, now: SystemTime) -> Option<Finding> {
    let refresh = "get a new one with `aws ecr get-login-password`";
    if kind == Some(Token::EcrAuthorization) || registry == Registry::Ecr && text.starts_with("AWS:") {
        let message = "this is ECR's whole authorization token: the username `AWS`, a colon and the password";
        let help = "give what `aws ecr get-login-password` prints, or decode the token and give what follows the colon";
        return Some(field.finding(Rule::EcrAuthorizationToken, message, help));
    }
    if registry == Registry::Ecr && kind == Some(Token::AwsKey) {
        return Some(field.finding(
            Rule::AwsAccessKey,
            "this is the ID of an AWS access key, which no registry accepts",
            refresh,
        ));
    }
    let end = token::ecr_end(text)?;
    match end.duration_since(now) {
        Err(past) => {
            let message = format!("the ECR password expired {} ago", span(past.duration()));
            Some(field.finding(Rule::EcrPasswordExpired, message, refresh))
        }
        Ok(left) if left.is_zero() => Some(field.finding(Rule::EcrPasswordExpired, "the ECR password has just expired", refresh)),
        Ok(left) if left <= SOON => {
            let message = format!("the ECR password expires in {}", span(left));
            let help = format!("{refresh}; a pod that moves after that can't pull its image");
            Some(field.finding(Rule::EcrPasswordExpires, message, help))
        }
        Ok(_) => None,
    }
}

/// A length of time in words.
fn span(length: Duration) -> String {
    let minutes = length.as_secs().div_ceil(60);
    let (count, unit) = match minutes {
        0..120 => (minutes, "minute"),
        120..2880 => (minutes / 60, "hour"),
        _ => (minutes / 1440, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

fn decode(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(vec![0; base64::decoded_len_estimate(text.len())]);
    let length = BASE64.decode_slice(text, &mut bytes).ok()?;
    bytes.truncate(length);
    Some(bytes)
}

fn is_uuid(text: &str) -> bool {
    let parts: Vec<usize> = text.split('-').map(str::len).collect();
    parts == [8, 4, 4, 4, 12] && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// The one member of a Google key that is read. Borrowed where it can be, so that nothing is copied.
#[derive(Deserialize)]
struct GoogleKey<'k> {
    #[serde(rename = "type", borrow, default)]
    kind: Option<Cow<'k, str>>,
}

fn google(field: &Fact<'_>, text: &str, username: Option<&str>) -> Option<Finding> {
    let json =
        |text: &str| serde_json::from_str::<GoogleKey<'_>>(text).ok().map(|key| key.kind.as_deref() == Some("service_account"));
    let decoded = || decode_wrapped(text);
    match username? {
        "_json_key" => match json(text) {
            Some(true) => None,
            Some(false) => Some(kind(field)),
            None if decoded().is_some_and(|bytes| std::str::from_utf8(&bytes).is_ok_and(|text| json(text).is_some())) => {
                let help = "write `username: _json_key_base64`, or give the key without base64";
                Some(field.finding(Rule::GoogleKey, "the key is in base64, and `_json_key` expects it as JSON", help))
            }
            None => {
                let help = "give the whole JSON file of the service account's key";
                Some(field.finding(Rule::GoogleKey, "this is not JSON, and `_json_key` expects JSON", help))
            }
        },
        "_json_key_base64" => {
            let inside = decoded().and_then(|bytes| json(std::str::from_utf8(&bytes).ok()?));
            match inside {
                Some(true) => None,
                Some(false) => Some(kind(field)),
                None => {
                    let help =
                        "give the service account's JSON file through the filter `b64encode`, or write `username: _json_key`";
                    Some(field.finding(Rule::GoogleKey, "this is not JSON in base64, and `_json_key_base64` expects that", help))
                }
            }
        }
        "oauth2accesstoken" if json(text) == Some(true) => {
            let help = "write `username: _json_key`, or give what `gcloud auth print-access-token` prints";
            Some(field.finding(
                Rule::GoogleTokenKind,
                "this is a service-account key, and `oauth2accesstoken` expects an access token",
                help,
            ))
        }
        _ => None,
    }
}

fn kind(field: &Fact<'_>) -> Finding {
    let help = "give the JSON file of a service account's key, whose `type` is `service_account`";
    field.finding(Rule::GoogleKeyKind, "this is JSON, but not the key of a service account", help)
}

/// Whether `text` is an object or a list in JSON.
pub(super) fn is_json(text: &str) -> bool {
    text.starts_with(['{', '[']) && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

/// Whether `text` is base64, line breaks aside.
pub(super) fn is_base64_lines(text: &str) -> bool {
    decode_wrapped(text).is_some()
}

/// Decodes base64 with line breaks in it, as `base64` prints it.
fn decode_wrapped(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    if !text.contains(char::is_whitespace) {
        return decode(text);
    }
    let mut joined = Zeroizing::new(String::with_capacity(text.len()));
    joined.extend(text.split_whitespace());
    decode(&joined)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_said_in_the_unit_that_fits() {
        let cases = [(1, "1 minute"), (61, "2 minutes"), (3600, "60 minutes"), (7200, "2 hours"), (200_000, "2 days")];
        for (seconds, text) in cases {
            assert_eq!(span(Duration::from_secs(seconds)), text);
        }
    }
}

//! What an answer without a manifest means, by its status and what the registry says.

use super::client::HttpResponse;
use super::pace::reset;
use super::said::Sentence;
use super::verdict::{Denial, Party, Verdict};
use crate::registry::Registry as Kind;

/// Words of registries that say that a token has expired (Amazon ECR in its old wording and its new one, and others).
const EXPIRED: [&str; 8] = [
    "token has expired",
    "token is expired",
    "token expired",
    "jwt expired",
    "expired token",
    "credentials have expired",
    "password has expired",
    "request is expired",
];

/// Words of a refusal.
const REFUSED: [&str; 8] =
    ["not allowed", "not permitted", "not authorized", "isn't allowed", "blocked", "denied", "rejected", "forbidden"];

/// Words that say no more than the status does.
const NOTHING: [&str; 12] = [
    "",
    "denied",
    "unauthorized",
    "forbidden",
    "access denied",
    "access forbidden",
    "permission denied",
    "authentication required",
    "requested access to the resource is denied",
    "insufficient_scope",
    "401 unauthorized",
    "403 forbidden",
];

/// Whether the server says that the token has expired.
pub(super) fn says_expired(said: &Sentence) -> bool {
    said.has(&EXPIRED)
}

/// Whether the server refuses the address that the request came from (Azure's firewall, GitHub's list of allowed addresses).
pub(super) fn blames_address(said: &Sentence) -> bool {
    let list = said.has(&["allow list", "allowlist", "whitelist"]);
    (said.has_word("ip") || said.has_word("ips")) && (list || said.has(&REFUSED))
}

/// Whether a rule about images forbids to pull this one (Harbor, Xray).
fn is_policy(said: &Sentence) -> bool {
    said.has(&["blocking policy", "configured policy", "blocked by policy", "policy violation", "violates policy"])
}

/// Whether the owner has not paid.
fn is_unpaid(said: &Sentence) -> bool {
    said.has(&["billing to be enabled", "billing is disabled", "billing account", "payment required", "requires payment"])
}

/// Whether the registry says that the password is not a token of its own: Amazon ECR, with status 400.
fn is_no_token(answer: &HttpResponse, said: &Sentence) -> bool {
    answer.status == 400 && said.has(&["authorization token is invalid", "authorization token is not valid"])
}

/// What the registry misses in a login that it took.
pub(super) fn denial(said: &Sentence) -> Denial {
    match () {
        () if said.has(&["does not match expected scopes", "insufficient scope", "required scope"]) => Denial::Scope,
        () if said.has(&["saml"]) => Denial::SingleSignOn,
        () if said.has(&["has not been used in project", "api is disabled", "it is disabled"]) => Denial::ApiOff,
        () if said.has(&["not authorized to perform", "permission \"", "permission '", "permission `", "permission(s)"]) => {
            Denial::Permission
        }
        () if said.is_one_of(&NOTHING) => Denial::Unsaid,
        () => Denial::Told,
    }
}

/// The verdict that only the status and the sentence decide, whatever the login. None for the others: a refused login, a missing right.
pub(super) fn told(answer: &HttpResponse, said: &Sentence, party: &Party) -> Option<Verdict> {
    let page_of_nginx = said.has(&["no required ssl certificate was sent", "the ssl certificate error"]);
    Some(match answer.status {
        400 if page_of_nginx => Verdict::ClientCertificate(party.clone()),
        401 | 403 if blames_address(said) => Verdict::AddressBlocked(party.clone()),
        403 if is_policy(said) => Verdict::Policy(party.clone()),
        403 if is_unpaid(said) => Verdict::PaymentRequired(party.clone()),
        402 => Verdict::PaymentRequired(party.clone()),
        412 => Verdict::Policy(party.clone()),
        451 => Verdict::Legal(party.clone()),
        429 => Verdict::RateLimited { party: party.clone(), until: reset(answer), with_login: false },
        status @ 500.. => Verdict::ServerFault(party.clone(), status),
        _ => return None,
    })
}

/// Whether the password is refused as such, by a status other than 401 and 403.
pub(super) fn refuses_password(answer: &HttpResponse, said: &Sentence) -> bool {
    is_no_token(answer, said)
}

/// The verdict on a manifest that is not there. The repository is there only where the registry tells a missing one from a missing tag.
pub(super) fn missing(answer: &HttpResponse, domain: &str) -> Verdict {
    let codes = codes(answer);
    let has = |code: &str| codes.iter().any(|one| one == code);
    match () {
        () if has("NAME_UNKNOWN") => Verdict::NoRepository,
        () if has("MANIFEST_UNKNOWN") && Kind::of(domain).tells_missing_repositories() => Verdict::NoTag,
        () => Verdict::NoImage,
    }
}

/// Whether the answer has an error as only a registry sends it.
pub(super) fn is_of_a_registry(answer: &HttpResponse) -> bool {
    !codes(answer).is_empty()
}

/// The error codes in an answer (OCI distribution specification, "Error Codes").
fn codes(answer: &HttpResponse) -> Vec<String> {
    let Ok(json) = serde_json::from_slice::<serde_json::Value>(&answer.body) else { return Vec::new() };
    let errors = json.get("errors").and_then(|errors| errors.as_array());
    errors.into_iter().flatten().filter_map(|error| error.get("code")?.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Sentence {
        Sentence::of(&HttpResponse::of(403, text))
    }

    #[test]
    fn what_registries_say_is_understood() {
        for text in [
            "Your authorization token has expired. Reauthenticate and try again.",
            "Your Authorization Token has expired. Please run 'aws ecr get-login' to fetch a new one.",
        ] {
            assert!(says_expired(&said(text)), "{text}");
        }
        for text in [
            "client with IP '203.0.113.7' is not allowed access, refer https://aka.ms/acr/firewall to grant access",
            "Although you appear to have the correct authorization credentials, the `o` organization has an IP allow list enabled",
            "Your IP address 203.0.113.7 is blocked",
            "Access from this IP is forbidden",
        ] {
            assert!(blames_address(&said(text)), "{text}");
        }
        for text in ["requested access to the resource is denied", "pipeline is not allowed", "the ship is blocked"] {
            assert!(!blames_address(&said(text)), "{text}");
        }
        for (status, text, verdict) in [
            (403, "Artifact download request rejected: app was not downloaded due to the download blocking policy", "policy"),
            (403, "This API method requires billing to be enabled. Please enable billing on project p", "payment-required"),
            (402, "", "payment-required"),
            (412, "", "policy"),
            (451, "", "legal"),
            (400, "No required SSL certificate was sent", "client-certificate"),
        ] {
            let told = told(&HttpResponse::of(status, text), &said(text), &Party::Registry);
            assert_eq!(told.map(|verdict| verdict.id()), Some(verdict), "{text}");
        }
        for (text, denial_) in [
            ("permission_denied: The token provided does not match expected scopes.", Denial::Scope),
            ("Resource protected by organization SAML enforcement. You must grant your token access", Denial::SingleSignOn),
            ("Artifact Registry API has not been used in project p before or it is disabled.", Denial::ApiOff),
            ("User: arn:aws:iam::1:user/u is not authorized to perform: ecr:BatchGetImage on resource: r", Denial::Permission),
            ("Permission \"artifactregistry.repositories.downloadArtifacts\" denied on resource", Denial::Permission),
            ("requested access to the resource is denied", Denial::Unsaid),
            ("Denied.", Denial::Unsaid),
            ("", Denial::Unsaid),
            ("The owner of this namespace is suspended", Denial::Told),
        ] {
            assert_eq!(denial(&said(text)), denial_, "{text}");
        }
    }
}

//! What an answer without a manifest means, by its status and what the registry says.

use super::client::HttpResponse;
use super::pace::reset;
use super::said::Sentence;
use super::verdict::{Denial, Party, Verdict};
use crate::registry::Registry as Kind;

/// Words of a refusal.
const REFUSED: [&str; 15] = [
    "not allow",
    "not permit",
    "not authori",
    "not accept",
    "not in the",
    "no access",
    "blocked",
    "banned",
    "denied",
    "denies",
    "rejected",
    "refused",
    "restrict",
    "forbidden",
    "forbids",
];

/// Words that say that something is wrong with it.
const WRONG: [&str; 8] =
    ["invalid", "not valid", "incorrect", "wrong", "malformed", "bad ", "could not be decoded", "unable to decode"];

/// What GitLab's token server says to a token without the scope of its registry.
const NO_ABILITY: &str = "access forbidden";

/// What a login consists of, in words.
const LOGIN: [&str; 6] = ["token", "credential", "password", "username", "user name", "login"];

/// Words for what a login that was taken may lack.
const RIGHTS: [&str; 6] =
    ["not authorized to perform", "permission", "privilege", "unauthorized to access", "pull access", "not a member"];

/// Whether the server says that the token has expired. Of one that is "invalid or expired" it doesn't.
pub(super) fn says_expired(said: &Sentence) -> bool {
    let open =
        said.has(&["or expired", "or has expired", "expired or", "may have expired", "might have expired", "may be expired"]);
    let secret = said.has(&LOGIN)
        || said.has(&["session", "secret", "account", "signature", "request is", "request has"])
        || said.has_word(&["jwt", "key"]);
    said.has_word(&["expired"]) && secret && !open && !is_unpaid(said)
}

/// Whether the server refuses the address that the request came from (Azure's firewall, GitHub's list of allowed addresses).
pub(super) fn blames_address(said: &Sentence) -> bool {
    let list = said.has(&["allow list", "allowlist", "allow-list", "whitelist", "blacklist", "denylist", "deny list"]);
    let address = said.has_word(&["ip", "ips", "ipv4", "ipv6"]) || said.has_address();
    let network = said.has(&["network access", "network rule", "firewall rule", "outside the network"]);
    let place =
        ["your address", "source address", "client address", "remote address", "your country", "your location", "your region"];
    (address || network || said.has(&place)) && (list || said.has(&REFUSED) || said.has(&["disabled"]))
}

/// Whether a rule about images forbids to pull this one (Harbor, Xray, Nexus). What lacks a policy that allows it lacks a right.
fn is_policy(said: &Sentence) -> bool {
    let strict = [
        "block",
        "violat",
        "forbid",
        "prevent",
        "cannot be pulled",
        "not be pulled",
        "prohibit",
        "rejected",
        "not comply",
        "denied by",
        "not allowed by",
    ];
    let rules = ["policy", "policies", "curation", "vulnerab", "malware", "malicious"];
    let rule = (said.has(&rules) || said.has_word(&["xray"])) && said.has(&strict) && !said.has(&["not authorized to perform"]);
    rule || said.has(&["quarantin", "is not signed", "projectpolicyviolation"])
}

/// Whether the owner has not paid.
fn is_unpaid(said: &Sentence) -> bool {
    let owed =
        ["billing", "payment required", "requires payment", "requires a payment", "unpaid", "past due", "overdue", "invoice"];
    let plan = said.has(&["subscription", "licen", "your plan"]) || said.has_word(&["trial"]);
    said.has(&owed) || plan && said.has(&["expired", "ended", "inactive", "not active", "suspended", "cancel"])
}

/// Whether there are too many requests, by a status that doesn't say so.
fn is_limited(answer: &HttpResponse, said: &Sentence) -> bool {
    let words = [
        "rate limit",
        "rate-limit",
        "too many requests",
        "toomanyrequests",
        "quota exceeded",
        "rate exceeded",
        "throttl",
        "too many failed",
    ];
    let spent = said.has_word(&["quota", "limit"]) && said.has(&["exceed", "reached"]);
    spent || said.has(&words) || has_code(answer, &["TOOMANYREQUESTS"])
}

/// Whether the law forbids it.
fn is_legal(said: &Sentence) -> bool {
    said.has(&["legal reasons", "takedown", "export control", "trade control", "sanctions"]) || said.has_word(&["dmca"])
}

/// Whether a certificate of the client is missing (nginx with 400, IIS with 403).
fn wants_certificate(said: &Sentence) -> bool {
    let certificate = said.has(&["ssl certificate", "tls certificate", "client certificate"]);
    certificate && said.has(&["no required", "certificate error", "required", "was not", "missing"])
}

/// Whether the server says that the login is wrong, whatever the image: Amazon ECR does, with status 400.
pub(super) fn refuses_login(said: &Sentence) -> bool {
    said.has(&LOGIN) && said.has(&WRONG) && !said.has(&["scope"])
}

/// The status that says what the answer means: Amazon ECR says with 400 what others say with 401, some with 400 that a name is invalid.
pub(super) fn status(answer: &HttpResponse, said: &Sentence) -> u16 {
    match answer.status {
        400 if refuses_login(said) || says_expired(said) || has_code(answer, &["DENIED", "UNAUTHORIZED"]) => 401,
        400 if has_code(answer, &["NAME_INVALID", "NAME_UNKNOWN", "MANIFEST_UNKNOWN", "TAG_INVALID"]) => 404,
        status => status,
    }
}

/// Whether the server says that it took the login, since it names what is missing. GitLab's token server does so with two words: a wrong
/// password it answers with 401.
pub(super) fn takes_login(answer: &HttpResponse, said: &Sentence) -> bool {
    let named = matches!(denial(said), Denial::SingleSignOn | Denial::ApiOff | Denial::Permission);
    let scope = denial(said) == Denial::Scope && (answer.status == 403 || !said.is(NO_ABILITY));
    (named || scope) && !refuses_login(said)
}

/// What the registry misses in a login that it took.
pub(super) fn denial(said: &Sentence) -> Denial {
    match () {
        () if said.is(NO_ABILITY) || said.has_word(&["scope", "scopes"]) => Denial::Scope,
        () if said.has(&["single sign-on", "single sign on"]) || said.has_word(&["saml", "sso"]) => Denial::SingleSignOn,
        () if said.is_nothing() => Denial::Unsaid,
        () if said.has_word(&["api"]) && said.has(&["has not been used", "disabled", "not enabled"]) => Denial::ApiOff,
        () if said.has(&RIGHTS) => Denial::Permission,
        () => Denial::Told,
    }
}

/// The verdict that only the status and the sentence decide, whatever the login. None for the others: a refused login, a missing right.
pub(super) fn told(answer: &HttpResponse, said: &Sentence, party: &Party) -> Option<Verdict> {
    let refused = matches!(answer.status, 400 | 401 | 403);
    let limited = || Verdict::RateLimited { party: party.clone(), until: reset(answer), with_login: false };
    Some(match answer.status {
        429 => limited(),
        402 => Verdict::PaymentRequired(party.clone()),
        412 => Verdict::Policy(party.clone()),
        451 => Verdict::Legal(party.clone()),
        503 if is_limited(answer, said) => limited(),
        status @ 500.. => Verdict::ServerFault(party.clone(), status),
        _ if !refused => return None,
        _ if is_limited(answer, said) => limited(),
        _ if blames_address(said) => Verdict::AddressBlocked(party.clone()),
        _ if wants_certificate(said) => Verdict::ClientCertificate(party.clone()),
        _ if is_policy(said) => Verdict::Policy(party.clone()),
        _ if is_legal(said) => Verdict::Legal(party.clone()),
        _ if is_unpaid(said) => Verdict::PaymentRequired(party.clone()),
        _ => return None,
    })
}

/// The verdict on a manifest that is not there. The repository is there only where the registry tells a missing one from a missing tag.
pub(super) fn missing(answer: &HttpResponse, said: &Sentence, domain: &str) -> Verdict {
    let codes = codes(answer);
    let has = |code: &str| codes.iter().any(|one| one == code);
    // What may be another cause, or another part of the image's name.
    let image = ["manifest", "image", "tag", "artifact", "digest", "reference", " or ", "may "];
    let repository = said.has(&["repository", "project"]) && said.has(&["not found", "not exist", "not known"]);
    match () {
        () if has("NAME_UNKNOWN") || has("NAME_INVALID") => Verdict::NoRepository,
        () if has("MANIFEST_UNKNOWN") && Kind::of(domain).tells_missing_repositories() => Verdict::NoTag,
        // Harbor's word for all that is missing is NOT_FOUND; the sentence says what.
        () if repository && !has("MANIFEST_UNKNOWN") && !said.has(&image) => Verdict::NoRepository,
        () => Verdict::NoImage,
    }
}

/// Whether the answer has an error as only a registry sends it.
pub(super) fn is_of_a_registry(answer: &HttpResponse) -> bool {
    !codes(answer).is_empty()
}

/// Whether the answer has one of these error codes.
fn has_code(answer: &HttpResponse, wanted: &[&str]) -> bool {
    codes(answer).iter().any(|code| wanted.contains(&code.as_str()))
}

/// The error codes in an answer, in capitals (OCI distribution specification, "Error Codes").
fn codes(answer: &HttpResponse) -> Vec<String> {
    let Ok(json) = serde_json::from_slice::<serde_json::Value>(&answer.body) else { return Vec::new() };
    let errors = json.get("errors").and_then(|errors| errors.as_array());
    errors.into_iter().flatten().filter_map(|error| error.get("code")?.as_str().map(str::to_ascii_uppercase)).collect()
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

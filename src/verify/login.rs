//! Logging in to a registry: Basic, or a token from the server that the registry names (the token authentication of distribution).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use zeroize::{Zeroize as _, Zeroizing};

use super::challenge::Challenge;
use super::client::{Answer, Authorization, CLOSED, Client, Request, Run};
use super::origin::{Origin, resolve, shown};
use super::verdict::{Party, Verdict};
use super::{DOCKER_HUB_API, Login};
use crate::registry::reference::DOCKER_HUB;

/// The largest accepted answer of a token server, in bytes.
const TOKEN_LIMIT: usize = 256 * 1024;

/// A registry that was reached.
#[derive(Debug, Clone)]
pub(super) struct Registry {
    pub(super) origin: Origin,
    /// The login that it requires, if it said so at once.
    pub(super) challenge: Option<Challenge>,
}

impl Registry {
    /// Connects to the registry of `domain`, as written in images, and finds out which login it requires. Sends no credentials.
    pub(super) fn reach(client: &Client, domain: &str, run: &mut Run) -> Result<Self, Verdict> {
        let authority = if domain == DOCKER_HUB { DOCKER_HUB_API.to_owned() } else { domain.to_ascii_lowercase() };
        let secure = Origin { authority, plain: false };
        let failed = match Self::ask(client, &secure, run) {
            Ok(registry) => return Ok(registry),
            Err(verdict) => verdict,
        };
        let may_be_plain = client.may_be_plain(&secure.authority);
        let doubtful = match &failed {
            Verdict::NotTls(_) => true,
            Verdict::Unreachable(_, why) => why == CLOSED || may_be_plain,
            _ => false,
        };
        if !doubtful {
            return Err(failed);
        }
        // Plain HTTP may be allowed, or may explain what is wrong.
        let plain = Origin { plain: true, ..secure };
        match Self::ask(client, &plain, run) {
            Ok(registry) if may_be_plain => Ok(registry),
            Ok(_) => Err(Verdict::PlainHttp(Party::Registry)),
            // If HTTP is allowed, its error is more helpful than the one for TLS.
            Err(verdict) if may_be_plain && !matches!(verdict, Verdict::Unreachable(..)) => Err(verdict),
            Err(_) => Err(failed),
        }
    }

    fn ask(client: &Client, origin: &Origin, run: &mut Run) -> Result<Self, Verdict> {
        let answer = client.send(&request(origin, Party::Registry, "/v2/", None, false), run)?;
        let challenge = if answer.status == 401 { challenge(&answer) } else { None };
        Ok(Self { origin: origin.clone(), challenge })
    }
}

/// The login that `answer` requires.
pub(super) fn challenge(answer: &Answer) -> Option<Challenge> {
    let asked = answer.headers.get_all("www-authenticate").iter().filter_map(|value| value.to_str().ok());
    Challenge::choose(asked)
}

fn request<'r>(
    origin: &'r Origin,
    party: Party,
    path: &'r str,
    authorization: Option<&'r Authorization>,
    patient: bool,
) -> Request<'r> {
    Request { origin, party, head: false, path, accept: "application/json", authorization, limit: TOKEN_LIMIT, patient }
}

/// The authorization for requests to the repository `path`: meets `challenge` with `login`, or anonymously without one.
///
/// # Errors
/// With the verdict, when the login fails.
pub(super) fn authorize(
    client: &Client,
    registry: &Registry,
    challenge: Option<&Challenge>,
    path: &str,
    login: Option<&Login>,
    run: &mut Run,
) -> Result<Option<Authorization>, Verdict> {
    match (challenge, login) {
        (None, _) | (Some(Challenge::Basic), None) => Ok(None),
        (Some(Challenge::Basic), Some(login)) => Ok(basic(&registry.origin, login)),
        (Some(Challenge::Bearer { realm, service }), login) => {
            token(client, registry, realm, service.as_deref(), path, login, run).map(Some)
        }
    }
}

/// Whether the registry accepts the login, regardless of what it may read.
pub(super) fn accepts(
    client: &Client,
    registry: &Registry,
    challenge: &Challenge,
    login: &Login,
    run: &mut Run,
) -> Result<bool, Verdict> {
    let answer = match challenge {
        Challenge::Basic => {
            let authorization = basic(&registry.origin, login);
            client.send(&request(&registry.origin, Party::Registry, "/v2/", authorization.as_ref(), true), run)?
        }
        Challenge::Bearer { realm, service } => {
            ask_for_token(client, registry, realm, service.as_deref(), None, Some(login), run)?.0
        }
    };
    Ok(answer.status == 200)
}

/// `Basic` with base64 of `username:password` (RFC 7617).
fn basic(origin: &Origin, login: &Login) -> Option<Authorization> {
    // Allocated at full size, so that growing leaves no copy behind.
    let (username, password) = login.trimmed();
    let mut pair = Zeroizing::new(String::with_capacity(username.len() + password.len() + 1));
    pair.push_str(username);
    pair.push(':');
    pair.push_str(password);
    let mut value = Zeroizing::new(String::with_capacity(pair.len().div_ceil(3) * 4 + 6));
    value.push_str("Basic ");
    STANDARD.encode_string(pair.as_bytes(), &mut value);
    Authorization::new(origin, &value)
}

fn token(
    client: &Client,
    registry: &Registry,
    realm: &str,
    service: Option<&str>,
    path: &str,
    login: Option<&Login>,
    run: &mut Run,
) -> Result<Authorization, Verdict> {
    let (answer, party) = ask_for_token(client, registry, realm, service, Some(path), login, run)?;
    match (answer.status, login) {
        (200, _) => read_token(&answer, &registry.origin)
            .ok_or_else(|| Verdict::NotARegistry(party, "its answer contains no token".to_owned())),
        (400 | 401 | 403, None) => Err(Verdict::LoginNeeded),
        (400 | 401 | 403, Some(login)) => {
            if super::lookup::says_expired(&answer) {
                return Err(Verdict::ExpiredToken(login.end()));
            }
            // Some refuse to issue a token if the login may not read the repository: ask for one without a repository.
            let (answer, _) = ask_for_token(client, registry, realm, service, None, Some(login), run)?;
            Err(if answer.status == 200 { Verdict::NoAccess } else { login.refused() })
        }
        (429, _) => Err(Verdict::RateLimited(super::client::reset(&answer))),
        (status @ 500.., _) => Err(Verdict::ServerFault(party, status)),
        (status, _) => Err(Verdict::NotARegistry(party, format!("HTTP {status} instead of a token"))),
    }
}

/// Asks the token server. The credentials are sent only in the Authorization header, never in the address or a body.
fn ask_for_token(
    client: &Client,
    registry: &Registry,
    realm: &str,
    service: Option<&str>,
    path: Option<&str>,
    login: Option<&Login>,
    run: &mut Run,
) -> Result<(Answer, Party), Verdict> {
    let nowhere = || Verdict::NotARegistry(Party::Registry, "it names no valid token server".to_owned());
    let (origin, mut address) = resolve(&registry.origin, realm).ok_or_else(nowhere)?;
    let same = origin.authority == registry.origin.authority;
    let party = if same { Party::Registry } else { Party::Other(shown(&origin.authority)) };
    if login.is_some() && !client.trusts_realm(&registry.origin.authority, &origin.authority) {
        return Err(Verdict::ForeignRealm(shown(&origin.authority)));
    }
    if origin.plain && !client.may_be_plain(&origin.authority) {
        return Err(Verdict::PlainHttp(party));
    }
    let scope = path.map(|path| format!("repository:{path}:pull"));
    for (name, value) in [("service", service), ("scope", scope.as_deref())] {
        if let Some(value) = value {
            address.push(if address.contains('?') { '&' } else { '?' });
            address.push_str(name);
            address.push('=');
            encode(value, &mut address);
        }
    }
    let authorization = login.and_then(|login| basic(&origin, login));
    let answer = client.send(&request(&origin, party.clone(), &address, authorization.as_ref(), true), run)?;
    match answer.left {
        Some(host) if login.is_some() && answer.status != 200 => Err(Verdict::ForeignRedirect(host)),
        _ => Ok((answer, party)),
    }
}

/// Percent-encodes a value for a query.
fn encode(value: &str, into: &mut String) {
    for byte in value.bytes() {
        match byte {
            byte if byte.is_ascii_alphanumeric() || b"-._~:/".contains(&byte) => into.push(char::from(byte)),
            byte => into.push_str(&format!("%{byte:02X}")),
        }
    }
}

#[derive(Deserialize)]
struct Token {
    token: Option<String>,
    access_token: Option<String>,
}

impl Drop for Token {
    fn drop(&mut self) {
        self.token.zeroize();
        self.access_token.zeroize();
    }
}

fn read_token(answer: &Answer, registry: &Origin) -> Option<Authorization> {
    let token: Token = serde_json::from_slice(&answer.body).ok()?;
    let text = token.token.as_ref().or(token.access_token.as_ref()).filter(|token| !token.is_empty())?;
    let mut value = Zeroizing::new(String::with_capacity(text.len() + 7));
    value.push_str("Bearer ");
    value.push_str(text);
    Authorization::new(registry, &value)
}

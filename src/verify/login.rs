//! Logging in to a registry: Basic, or a token from the server that the registry names (the token authentication of distribution).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use zeroize::{Zeroize as _, Zeroizing};

use super::challenge::Challenge;
use super::client::{Authorization, CLOSED, Client, HttpRequest, HttpResponse, ImageRun};
use super::origin::{HttpOrigin, encode, resolve, shown};
use super::said::Sentence;
use super::verdict::{LoginState, Party, Verdict};
use super::{DOCKER_HUB_API, Login, refusal};
use crate::registry::reference::DOCKER_HUB;

/// The largest accepted answer of a token server, in bytes.
const TOKEN_LIMIT: usize = 256 * 1024;

/// A registry that was reached.
#[derive(Debug, Clone)]
pub(super) struct ReachedRegistry {
    pub(super) origin: HttpOrigin,
    /// The login that it requires, if it said so at once.
    pub(super) challenge: Option<Challenge>,
    /// Whether there is something at `/v2/`, as every registry has.
    pub(super) has_door: bool,
}

impl ReachedRegistry {
    /// Connects to the registry of `domain`, as written in images, and finds out which login it requires. Sends no credentials.
    pub(super) fn reach(client: &Client, domain: &str, run: &mut ImageRun) -> Result<Self, Verdict> {
        let authority = if domain == DOCKER_HUB { DOCKER_HUB_API.to_owned() } else { domain.to_ascii_lowercase() };
        let secure = HttpOrigin { authority, plain: false };
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
        let plain = HttpOrigin { plain: true, ..secure };
        match Self::ask(client, &plain, run) {
            Ok(registry) if may_be_plain => Ok(registry),
            Ok(_) => Err(Verdict::PlainHttp(Party::Registry)),
            // If HTTP is allowed, its error is more helpful than the one for TLS.
            Err(verdict) if may_be_plain && !matches!(verdict, Verdict::Unreachable(..)) => Err(verdict),
            Err(_) => Err(failed),
        }
    }

    fn ask(client: &Client, origin: &HttpOrigin, run: &mut ImageRun) -> Result<Self, Verdict> {
        let answer = client.send(&request(origin, Party::Registry, "/v2/", None, false), run)?;
        // A scope at the door is only an example: GHCR has one for `user/image`.
        let challenge = if answer.status == 401 { challenge(&answer).map(Challenge::without_scope) } else { None };
        Ok(Self { origin: origin.clone(), challenge, has_door: !matches!(answer.status, 404 | 410) })
    }
}

/// The login that `answer` requires.
pub(super) fn challenge(answer: &HttpResponse) -> Option<Challenge> {
    let asked = answer.headers.get_all("www-authenticate").iter().filter_map(|value| value.to_str().ok());
    Challenge::choose(asked)
}

fn request<'r>(
    origin: &'r HttpOrigin,
    party: Party,
    path: &'r str,
    authorization: Option<&'r Authorization>,
    patient: bool,
) -> HttpRequest<'r> {
    let accept = "application/json";
    HttpRequest {
        registry: origin,
        origin,
        party,
        head: false,
        path,
        accept,
        authorization,
        limit: TOKEN_LIMIT,
        patient,
        follow: true,
    }
}

/// What is needed to log in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Door<'d> {
    pub(super) client: &'d Client,
    pub(super) registry: &'d ReachedRegistry,
    pub(super) login: Option<&'d Login>,
}

/// What a token is wanted for.
#[derive(Debug, Clone, Copy)]
pub(super) enum TokenScope<'s> {
    /// To do this with a repository: `pull`, `pull,push`.
    Repository(&'s str, &'static str),
    /// Only to log in.
    None,
}

impl Door<'_> {
    /// The authorization for requests to the repository `path`: meets `challenge` with the login, or anonymously without one.
    ///
    /// # Errors
    /// With the verdict, when the login fails.
    pub(super) fn authorize(
        &self,
        challenge: Option<&Challenge>,
        path: &str,
        run: &mut ImageRun,
    ) -> Result<Option<Authorization>, Verdict> {
        match (challenge, self.login) {
            (None, _) | (Some(Challenge::Basic), None) => Ok(None),
            (Some(Challenge::Basic), Some(login)) => Ok(basic(&self.registry.origin, login)),
            (Some(challenge), _) => self.token(challenge, path, run).map(Some),
        }
    }

    /// Whether the door, `/v2/`, opens for the login, and only for it: what lets everyone in proves nothing. None if that can't be told.
    ///
    /// # Errors
    /// With the verdict, when there is no answer.
    pub(super) fn opens(&self, challenge: &Challenge, run: &mut ImageRun) -> Result<Option<bool>, Verdict> {
        let Some(login) = self.login else { return Ok(None) };
        match challenge {
            Challenge::Basic => {
                if self.registry.challenge.is_none() {
                    return Ok(None);
                }
                let authorization = basic(&self.registry.origin, login);
                Ok(Some(self.knock(authorization.as_ref(), run)?.status == 200))
            }
            Challenge::Bearer { .. } => {
                let (answer, _) = self.ask_for_token(challenge, TokenScope::None, Some(login), run)?;
                if answer.status != 200 {
                    return Ok(Some(false));
                }
                let (anyone, _) = self.ask_for_token(challenge, TokenScope::None, None, run)?;
                Ok((anyone.status != 200).then_some(true))
            }
        }
    }

    /// Asks at the door.
    pub(super) fn knock(&self, authorization: Option<&Authorization>, run: &mut ImageRun) -> Result<HttpResponse, Verdict> {
        self.client.send(&request(&self.registry.origin, Party::Registry, "/v2/", authorization, true), run)
    }

    fn token(&self, challenge: &Challenge, path: &str, run: &mut ImageRun) -> Result<Authorization, Verdict> {
        let (answer, party) = self.ask_for_token(challenge, TokenScope::Repository(path, "pull"), self.login, run)?;
        if answer.status == 200 {
            let garbage = || Verdict::NotARegistry(party, "its answer contains no token".to_owned());
            let authorization = read_token(&answer, &self.registry.origin).ok_or_else(garbage)?;
            run.login = self.login.map(|_| LoginState::Accepted);
            return Ok(authorization);
        }
        run.said = Sentence::of(&answer);
        if let Some(verdict) = refusal::told(&answer, &run.said, &party) {
            return Err(verdict);
        }
        let status = answer.status;
        let Some(login) = self.login else {
            return Err(match status {
                400 | 401 | 403 => Verdict::LoginNeeded,
                status => Verdict::NotARegistry(party, format!("HTTP {status} instead of a token")),
            });
        };
        if !matches!(status, 400 | 401 | 403) {
            return Err(Verdict::NotARegistry(party, format!("HTTP {status} instead of a token")));
        }
        if refusal::says_expired(&run.said) {
            return Err(Verdict::ExpiredToken(login.end()));
        }
        // Some refuse to issue a token if the login may not read the repository: ask for one without a repository.
        let opens = if refusal::takes_login(&answer, &run.said) { Some(true) } else { self.opens(challenge, run)? };
        match opens {
            Some(true) => {
                run.login = Some(LoginState::Accepted);
                Err(Verdict::NoAccess(refusal::denial(&run.said)))
            }
            None if status == 403 => Err(Verdict::NoAccess(refusal::denial(&run.said))),
            _ => Err(login.refused()),
        }
    }

    /// Asks the token server for a token for `scope`, with `login`. The credentials are sent only in the Authorization header, never in the
    /// address or a body.
    ///
    /// # Errors
    /// With the verdict, when there is no answer, or when the credentials don't belong there.
    pub(super) fn ask_for_token(
        &self,
        challenge: &Challenge,
        scope: TokenScope<'_>,
        login: Option<&Login>,
        run: &mut ImageRun,
    ) -> Result<(HttpResponse, Party), Verdict> {
        let (client, registry) = (self.client, self.registry);
        let nowhere = || Verdict::NotARegistry(Party::Registry, "it names no valid token server".to_owned());
        let Challenge::Bearer { realm, service, scope: wanted, .. } = challenge else { return Err(nowhere()) };
        // containerd does not take one without a host.
        let whole = ["https://", "http://"]
            .iter()
            .any(|scheme| realm.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
        let (origin, mut address) = resolve(&registry.origin, realm).filter(|_| whole).ok_or_else(nowhere)?;
        let same = origin.authority == registry.origin.authority;
        let party = if same { Party::Registry } else { Party::Other(shown(&origin.authority)) };
        if login.is_some() && !client.trusts_realm(&registry.origin.authority, &origin.authority) {
            return Err(Verdict::ForeignRealm(shown(&origin.authority)));
        }
        client.stays_outside(&registry.origin, &origin)?;
        if origin.plain && !client.may_be_plain(&origin.authority) {
            return Err(Verdict::PlainHttp(party));
        }
        client.tell_of_port(&registry.origin, &origin, run);
        let scope = match scope {
            TokenScope::Repository(path, actions) => Some(format!("repository:{path}:{actions}")),
            TokenScope::None => None,
        };
        // What the registry itself wants at the image, as containerd asks for it.
        let wanted = wanted.as_deref().filter(|_| scope.is_some());
        for (name, value) in [("service", service.as_deref()), ("scope", scope.as_deref()), ("scope", wanted)] {
            if let Some(value) = value {
                address.push(if address.contains('?') { '&' } else { '?' });
                address.push_str(name);
                address.push('=');
                encode(value, "-._~:/", &mut address);
            }
        }
        let authorization = login.and_then(|login| basic(&origin, login));
        let request = request(&origin, party.clone(), &address, authorization.as_ref(), true);
        let answer = client.send(&HttpRequest { registry: &registry.origin, ..request }, run)?;
        match answer.left {
            Some(host) if login.is_some() && answer.status != 200 => Err(Verdict::ForeignRedirect(host)),
            _ => Ok((answer, party)),
        }
    }
}

/// `Basic` with base64 of `username:password` (RFC 7617).
fn basic(origin: &HttpOrigin, login: &Login) -> Option<Authorization> {
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

#[derive(Deserialize)]
struct IssuedToken {
    token: Option<String>,
    access_token: Option<String>,
}

impl Drop for IssuedToken {
    fn drop(&mut self) {
        self.token.zeroize();
        self.access_token.zeroize();
    }
}

/// The token in an answer of a token server.
pub(super) fn token_in(answer: &HttpResponse) -> Option<Zeroizing<String>> {
    let mut token: IssuedToken = serde_json::from_slice(&answer.body).ok()?;
    token.token.take().or_else(|| token.access_token.take()).filter(|token| !token.is_empty()).map(Zeroizing::new)
}

fn read_token(answer: &HttpResponse, registry: &HttpOrigin) -> Option<Authorization> {
    let text = token_in(answer)?;
    let mut value = Zeroizing::new(String::with_capacity(text.len() + 7));
    value.push_str("Bearer ");
    value.push_str(&text);
    Authorization::new(registry, &value)
}

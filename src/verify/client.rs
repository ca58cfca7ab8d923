//! Requests to registries: redirects, retries and time limits.
//!
//! An [`Authorization`] belongs to one host, and no other host gets it: neither the target of a redirect nor a token server.

use std::collections::HashSet;
use std::io::Read as _;
use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime};

use ureq::Agent;
use ureq::http::{HeaderMap, HeaderValue, header};
use zeroize::Zeroizing;

use super::agents::{Agents, private};
use super::fault::Fault;
use super::origin::{HttpOrigin, host_of, is_loopback, resolve, shown};
use super::pace::{jitter, reset};
use super::proxy::Proxies;
use super::realm::is_known;
use super::said::Sentence;
use super::verdict::{CertificateFault, LoginState, Party, Verdict, Warning};
use super::zone::{Zone, Zones};
use super::{Options, SetupError};

/// The number of concurrent requests to one registry, and so of open connections to it.
pub(super) const CONNECTIONS: usize = 10;

/// What is allocated for an answer at once, in bytes. Few are larger.
const USUAL: usize = 256 * 1024;

/// How often a request is retried if the server is busy or fails.
const REPEATS: u32 = 2;

/// How long to wait before a retry if the server doesn't say; doubled each time.
const PAUSE: Duration = Duration::from_millis(250);

const REDIRECTS: usize = 5;

/// The reason given if a server closes the connection.
pub(super) const CLOSED: &str = "connection closed";

/// The value of an Authorization header, and the only origin that may get it.
pub(super) struct Authorization {
    origin: HttpOrigin,
    value: HeaderValue,
}

impl Authorization {
    /// `value` for only `origin`; none if it is not valid in a header.
    pub(super) fn new(origin: &HttpOrigin, value: &Zeroizing<String>) -> Option<Self> {
        let mut value = HeaderValue::from_str(value).ok()?;
        value.set_sensitive(true);
        Some(Self { origin: origin.clone(), value })
    }
}

impl std::fmt::Debug for Authorization {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authorization").field("origin", &self.origin).finish_non_exhaustive()
    }
}

/// A request.
#[derive(Debug)]
pub(super) struct HttpRequest<'r> {
    /// The registry that leads there.
    pub(super) registry: &'r HttpOrigin,
    pub(super) origin: &'r HttpOrigin,
    /// The party that the origin belongs to.
    pub(super) party: Party,
    /// Only headers (HEAD).
    pub(super) head: bool,
    /// Path and query.
    pub(super) path: &'r str,
    pub(super) accept: &'static str,
    pub(super) authorization: Option<&'r Authorization>,
    /// The largest accepted body, in bytes.
    pub(super) limit: usize,
    /// Whether to retry if the server is busy or fails.
    pub(super) patient: bool,
    /// Whether to follow redirects.
    pub(super) follow: bool,
}

/// An answer.
pub(super) struct HttpResponse {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Zeroizing<Vec<u8>>,
    /// The other host that redirects led to.
    pub(super) left: Option<String>,
}

impl std::fmt::Debug for HttpResponse {
    // The body may be a token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpResponse").field("status", &self.status).finish_non_exhaustive()
    }
}

impl HttpResponse {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// An answer of only a status and a body.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(super) fn of(status: u16, body: &str) -> Self {
        Self { status, headers: HeaderMap::new(), body: Zeroizing::new(body.as_bytes().to_vec()), left: None }
    }
}

/// One look-up: its time limit, and what it found on its way.
#[derive(Debug)]
pub(super) struct ImageRun {
    pub(super) limit: Duration,
    pub(super) end: Instant,
    pub(super) warnings: Vec<Warning>,
    /// What became of the login; none as long as that is unknown.
    pub(super) login: Option<LoginState>,
    /// What the server said with its last refusal.
    pub(super) said: Sentence,
}

impl ImageRun {
    pub(super) fn new(limit: Duration) -> Self {
        Self { limit, end: Instant::now() + limit, warnings: Vec::new(), login: None, said: Sentence::default() }
    }

    pub(super) fn warn(&mut self, warning: Warning) {
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }
}

/// Sends requests to any host.
#[derive(Debug)]
pub(super) struct Client {
    /// Trusts the public authorities.
    public: Agents,
    /// Trusts those of SSL_CERT_FILE.
    private: Option<Agents>,
    proxies: Proxies,
    zones: Zones,
    insecure: Vec<String>,
    trusted_realms: Vec<String>,
    /// Hosts whose certificate is trusted only because of SSL_CERT_FILE.
    private_hosts: Mutex<HashSet<String>>,
}

impl Client {
    pub(super) fn new(options: &Options) -> Result<Self, SetupError> {
        let variable = |name: &str| std::env::var(name).ok();
        let proxies = Proxies::read(variable).map_err(SetupError::Proxy)?;
        let zones = Zones::default();
        let public = Agents::public(&proxies, &zones);
        let private = private(std::env::var_os("SSL_CERT_FILE"), &proxies, &zones)?;
        Ok(Self {
            public,
            private,
            proxies,
            zones,
            insecure: options.insecure.clone(),
            trusted_realms: options.trusted_realms.clone(),
            private_hosts: Mutex::default(),
        })
    }

    /// Whether plain HTTP is allowed for `authority`.
    pub(super) fn may_be_plain(&self, authority: &str) -> bool {
        is_loopback(authority) || self.insecure.iter().any(|host| host == authority || host == host_of(authority))
    }

    /// Whether credentials for the registry at `authority` may be sent to a token server at `realm`: it has the same name, or is a parent
    /// domain or subdomain, or the user trusts it. A sibling is not trusted: `a.azurecr.io` and `b.azurecr.io` belong to different people.
    pub(super) fn trusts_realm(&self, authority: &str, realm: &str) -> bool {
        let (registry, server) = (host_of(authority).to_ascii_lowercase(), host_of(realm).to_ascii_lowercase());
        let below =
            |inner: &str, outer: &str| outer.contains('.') && inner.strip_suffix(outer).is_some_and(|rest| rest.ends_with('.'));
        let numeric = registry.parse::<std::net::IpAddr>().is_ok();
        registry == server
            || !numeric && (below(&registry, &server) || below(&server, &registry))
            || is_known(&registry, &server)
            || self.trusted_realms.iter().any(|host| host == realm || *host == server)
    }

    /// Sends `request`, follows redirects, and retries while there is time if the server is busy.
    ///
    /// # Errors
    /// With the verdict, when there is no answer.
    pub(super) fn send(&self, request: &HttpRequest<'_>, run: &mut ImageRun) -> Result<HttpResponse, Verdict> {
        let mut repeats = 0;
        loop {
            let answer = self.follow(request, run)?;
            let busy = answer.status == 429 || (500..=504).contains(&answer.status) && answer.status != 501;
            if !busy || !request.patient || repeats == REPEATS {
                return Ok(answer);
            }
            let pause = reset(&answer).map_or(PAUSE * 2_u32.pow(repeats), |at| {
                at.duration_since(SystemTime::now()).unwrap_or_default().max(Duration::from_millis(50))
            });
            let pause = pause + jitter(PAUSE);
            // Don't wait if the retry would be after the time limit.
            if Instant::now() + pause >= run.end {
                return Ok(answer);
            }
            std::thread::sleep(pause);
            repeats += 1;
        }
    }

    fn follow(&self, request: &HttpRequest<'_>, run: &mut ImageRun) -> Result<HttpResponse, Verdict> {
        let mut origin = request.origin.clone();
        let mut path = request.path.to_owned();
        let mut left = None;
        for _ in 0..=REDIRECTS {
            let party = left.clone().map_or_else(|| request.party.clone(), Party::Other);
            let mut answer = self.exchange(request, &origin, &path, &party, run)?;
            let moved = request.follow && matches!(answer.status, 301 | 302 | 303 | 307 | 308);
            let location = answer.header("location").filter(|_| moved);
            let Some(location) = location else {
                answer.left = left;
                return Ok(answer);
            };
            let garbage = || Verdict::NotARegistry(party.clone(), "it redirects to an invalid address".to_owned());
            let (next, target) = resolve(&origin, location).ok_or_else(garbage)?;
            self.stays_outside(request.registry, &next)?;
            if next.plain && !origin.plain && !self.may_be_plain(&next.authority) {
                return Err(Verdict::PlainHttp(Party::Other(shown(&next.authority))));
            }
            if next.authority != request.origin.authority {
                left = Some(shown(&next.authority));
            }
            self.tell_of_port(request.registry, &next, run);
            (origin, path) = (next, target);
        }
        Err(Verdict::NotARegistry(request.party.clone(), "too many redirects".to_owned()))
    }

    /// Sends one request and returns its answer.
    fn exchange(
        &self,
        request: &HttpRequest<'_>,
        origin: &HttpOrigin,
        path: &str,
        party: &Party,
        run: &mut ImageRun,
    ) -> Result<HttpResponse, Verdict> {
        let authorization = request.authorization.filter(|authorization| authorization.origin == *origin);
        if authorization.is_some() && origin.plain {
            run.warn(Warning::Clear(party.clone()));
        }
        let limit = self.limit(request.registry, origin);
        let mut private = set(&self.private_hosts).contains(&origin.authority);
        let mut again = true;
        loop {
            let agents = self.private.as_ref().filter(|_| private).unwrap_or(&self.public);
            let fault = match attempt(self.agent(agents, origin, limit), request, origin, path, authorization, run) {
                Ok(answer) => {
                    if private {
                        set(&self.private_hosts).insert(origin.authority.clone());
                        run.warn(Warning::PrivateAuthority(party.clone()));
                    }
                    return Ok(answer);
                }
                Err(fault) => fault,
            };
            match fault {
                Fault::Certificate(CertificateFault::UnknownIssuer | CertificateFault::SelfSigned)
                    if !private && self.private.is_some() =>
                {
                    private = true;
                }
                // The server may have closed a connection that was kept open.
                Fault::Closed if again => again = false,
                fault => return Err(self.verdict(fault, origin, party, request.limit, run)),
            }
        }
    }

    /// The innermost zone in which `origin` may be that `registry` leads to: its own. Its own host, and one that the user trusts, may be
    /// anywhere.
    fn limit(&self, registry: &HttpOrigin, origin: &HttpOrigin) -> Zone {
        let (own, host) = (host_of(&registry.authority), host_of(&origin.authority));
        let trusted = || self.trusted_realms.iter().any(|trusted| *trusted == origin.authority || trusted == host);
        if own.eq_ignore_ascii_case(host) || trusted() { Zone::Machine } else { self.zones.of(&registry.authority) }
    }

    /// Refuses `next`, which `registry` leads to, if its address or its name says that it is further inside. Other names are looked up first.
    pub(super) fn stays_outside(&self, registry: &HttpOrigin, next: &HttpOrigin) -> Result<(), Verdict> {
        match Zone::of_host(&next.authority) {
            Some(zone) if zone > self.limit(registry, next) => Err(Verdict::PrivateAddress(shown(&next.authority))),
            _ => Ok(()),
        }
    }

    /// Warns when `registry`, which is not on this machine, leads to another port of its host: another program may listen there.
    pub(super) fn tell_of_port(&self, registry: &HttpOrigin, next: &HttpOrigin, run: &mut ImageRun) {
        let same = host_of(&registry.authority).eq_ignore_ascii_case(host_of(&next.authority));
        if same && registry.authority != next.authority && self.zones.of(&registry.authority) != Zone::Machine {
            run.warn(Warning::OtherPort(shown(&next.authority)));
        }
    }

    /// The proxy for `origin`, if there is one.
    fn proxy<'a>(&self, agents: &'a Agents, origin: &HttpOrigin) -> Option<&'a Agent> {
        let proxied = if origin.plain { &agents.plain_proxy } else { &agents.secure_proxy };
        proxied.as_ref().filter(|_| !self.proxies.is_exempt(origin))
    }

    fn agent<'a>(&self, agents: &'a Agents, origin: &HttpOrigin, limit: Zone) -> &'a Agent {
        self.proxy(agents, origin).unwrap_or_else(|| agents.direct(limit))
    }

    fn verdict(&self, fault: Fault, origin: &HttpOrigin, party: &Party, limit: usize, run: &ImageRun) -> Verdict {
        let party = party.clone();
        let proxied = self.proxy(&self.public, origin).is_some();
        match fault {
            Fault::Unresolved if proxied => Verdict::Proxy("its host does not resolve".to_owned()),
            Fault::Unreachable(why) if proxied => Verdict::Proxy(why),
            Fault::Unresolved => Verdict::Unresolved(party),
            Fault::Unreachable(why) => Verdict::Unreachable(party, why),
            Fault::Proxy(why) if why.contains(" 407") => Verdict::ProxyLogin(self.proxies.variable(origin.plain)),
            Fault::Proxy(why) => Verdict::Proxy(why),
            Fault::ClientCertificate => Verdict::ClientCertificate(party),
            Fault::Certificate(fault) => Verdict::Certificate(party, fault),
            Fault::NotTls => Verdict::NotTls(party),
            Fault::Inside => Verdict::PrivateAddress(shown(&origin.authority)),
            Fault::Closed => Verdict::Unreachable(party, CLOSED.to_owned()),
            Fault::Garbage(what) => Verdict::NotARegistry(party, what.to_owned()),
            Fault::TooLarge => Verdict::TooLarge(party, limit),
            Fault::TimedOut => Verdict::TimedOut(party, run.limit),
        }
    }
}

fn attempt(
    agent: &Agent,
    request: &HttpRequest<'_>,
    origin: &HttpOrigin,
    path: &str,
    authorization: Option<&Authorization>,
    run: &ImageRun,
) -> Result<HttpResponse, Fault> {
    let left = run.end.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(Fault::TimedOut);
    }
    let scheme = if origin.plain { "http" } else { "https" };
    let address = format!("{scheme}://{}{path}", origin.authority);
    let builder = if request.head { agent.head(&address) } else { agent.get(&address) };
    let mut builder = builder.header(header::ACCEPT, request.accept);
    if let Some(authorization) = authorization {
        builder = builder.header(header::AUTHORIZATION, &authorization.value);
    }
    let response = builder.config().timeout_global(Some(left)).build().call().map_err(Fault::of)?;
    let (parts, body) = response.into_parts();
    // Allocated at once, so that reading a token leaves no copies behind.
    let mut content = Zeroizing::new(Vec::with_capacity(if request.head { 0 } else { request.limit.min(USUAL) + 1 }));
    let limit = request.limit as u64;
    body.into_reader().take(limit + 1).read_to_end(&mut content).map_err(|error| Fault::of(error.into()))?;
    if content.len() > request.limit {
        return Err(Fault::TooLarge);
    }
    Ok(HttpResponse { status: parts.status.as_u16(), headers: parts.headers, body: content, left: None })
}

/// Locks a set, which is consistent even if a thread panicked.
fn set<T>(lock: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

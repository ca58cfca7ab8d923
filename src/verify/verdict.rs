//! The verdict on an image: one for each cause of a failed pull, with its message and what to do about it.

use std::time::{Duration, SystemTime};

use zeroize::Zeroizing;

use crate::registry::reference::ReferenceError;

/// The result of looking up the image of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// A provider can pull it.
    Ready,
    /// The image is not a valid image reference.
    InvalidImage(ReferenceError),
    /// The password is a Console reference (`ac-secret://`), so it is not available here.
    KeptElsewhere,
    /// `credentials.host` does not match the image, and it can't be pulled without credentials.
    HostMismatch {
        /// The host that would match it.
        suggestion: String,
    },
    /// The registry's host does not resolve.
    Unresolved(Party),
    /// No connection is possible; the reason of the operating system.
    Unreachable(Party, String),
    /// The proxy set in the environment gives no connection.
    Proxy(String),
    /// The certificate is not trusted.
    Certificate(Party, CertificateFault),
    /// It answers neither in TLS nor in HTTP.
    NotTls(Party),
    /// It speaks HTTP without TLS, which is not allowed for this host.
    PlainHttp(Party),
    /// No answer within the time limit.
    TimedOut(Party, Duration),
    /// Wrong username or password.
    WrongCredentials {
        /// The password is a Google access token, which is valid for an hour but does not contain its expiry.
        short_lived: bool,
    },
    /// The password is an expired token; since when, if known.
    ExpiredToken(Option<SystemTime>),
    /// The login is accepted, but may not read this repository, or the repository does not exist.
    NoAccess,
    /// The registry requires a login: the image is private or does not exist.
    LoginNeeded,
    /// The repository does not exist.
    NoRepository,
    /// The repository exists; the tag or digest does not.
    NoTag,
    /// The image does not exist; the registry does not say whether the repository does.
    NoImage,
    /// Too many requests; when the limit resets, if the registry says so.
    RateLimited(Option<SystemTime>),
    /// The registry wants the credentials sent to a host with an unrelated name.
    ForeignRealm(String),
    /// The registry redirects to a host that asks for credentials.
    ForeignRedirect(String),
    /// The server failed with this status.
    ServerFault(Party, u16),
    /// The server does not speak the registry protocol: what it did instead.
    NotARegistry(Party, String),
    /// The manifest does not match its digest.
    WrongDigest,
    /// It can be pulled, but is not a container image.
    NotAnImage,
    /// `linux/amd64` is not among its platforms.
    NoAmd64(Vec<Platform>),
}

/// The recipient of a request.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Party {
    /// The registry of the image.
    Registry,
    /// Another host that the registry referred to.
    Other(String),
}

/// What is wrong with a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CertificateFault {
    /// It has expired.
    Expired,
    /// It is not valid yet.
    NotYetValid,
    /// It is for another name.
    WrongName,
    /// It is not signed by a trusted authority.
    UnknownIssuer,
    /// Anything else.
    Invalid,
}

/// An operating system and an architecture.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Platform(pub String);

/// A warning about an image that can be pulled, or about a login.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Warning {
    /// The image can be pulled without the credentials.
    Public,
    /// `credentials.host` does not match the image, which can be pulled without credentials.
    Unused {
        /// The host that would match it.
        suggestion: String,
    },
    /// Credentials were sent to this host over HTTP without TLS.
    Clear(Party),
    /// The registry speaks HTTP without TLS; providers pull over TLS.
    PlainRegistry,
    /// The certificate is trusted only because of SSL_CERT_FILE.
    PrivateAuthority(Party),
    /// The password is a token that expires at this time.
    Ends(SystemTime),
    /// The registry redirects to another host, which was sent no credentials.
    Redirected(String),
    /// The registry does not say which platform the image is for.
    PlatformUnknown,
}

/// The names of a service that its messages use; none of them is secret.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Names<'n> {
    /// The image as written in the template.
    pub image: &'n str,
    /// Its registry.
    pub registry: &'n str,
    /// `credentials.host`, if there are credentials.
    pub host: Option<&'n str>,
}

impl Party {
    fn name<'n>(&'n self, names: &Names<'n>) -> &'n str {
        match self {
            Self::Registry => names.registry,
            Self::Other(host) => host,
        }
    }
}

impl CertificateFault {
    fn reason(self) -> &'static str {
        match self {
            Self::Expired => "has expired",
            Self::NotYetValid => "is not valid yet",
            Self::WrongName => "is for another name",
            Self::UnknownIssuer => "is not signed by a trusted authority",
            Self::Invalid => "is not valid",
        }
    }
}

/// A time in human-readable form, in UTC.
pub(crate) fn time(at: SystemTime) -> String {
    // `httpdate` panics on years after 9999, which no registry sends.
    let limit = SystemTime::UNIX_EPOCH + Duration::from_secs(253_402_300_799);
    httpdate::fmt_http_date(at.clamp(SystemTime::UNIX_EPOCH, limit))
}

/// Shown instead of a host name that contains a secret.
const ANOTHER_HOST: &str = "another host";

fn hide(text: &mut String, secrets: &[&str], word: &str) {
    let fold = text.to_ascii_lowercase();
    if secrets.iter().any(|secret| fold.contains(&*Zeroizing::new(secret.to_ascii_lowercase()))) {
        word.clone_into(text);
    }
}

impl Party {
    fn conceal(&mut self, secrets: &[&str]) {
        if let Self::Other(host) = self {
            hide(host, secrets, ANOTHER_HOST);
        }
    }
}

impl Platform {
    pub(super) fn conceal(&mut self, secrets: &[&str]) {
        hide(&mut self.0, secrets, "unknown/unknown");
    }
}

impl Warning {
    /// Hides whatever contains one of `secrets`: a server may have sent one as the name of a host.
    pub(super) fn conceal(&mut self, secrets: &[&str]) {
        match self {
            Self::Clear(party) | Self::PrivateAuthority(party) => party.conceal(secrets),
            Self::Redirected(host) => hide(host, secrets, ANOTHER_HOST),
            Self::Public | Self::Unused { .. } | Self::PlainRegistry | Self::Ends(_) | Self::PlatformUnknown => {}
        }
    }
}

impl Verdict {
    /// Hides whatever contains one of `secrets`: a server may have sent one as the name of a host or a platform.
    pub(super) fn conceal(&mut self, secrets: &[&str]) {
        match self {
            Self::Unresolved(party)
            | Self::Unreachable(party, _)
            | Self::Certificate(party, _)
            | Self::NotTls(party)
            | Self::PlainHttp(party)
            | Self::TimedOut(party, _)
            | Self::ServerFault(party, _)
            | Self::NotARegistry(party, _) => party.conceal(secrets),
            Self::ForeignRealm(host) | Self::ForeignRedirect(host) => hide(host, secrets, ANOTHER_HOST),
            Self::NoAmd64(platforms) => platforms.iter_mut().for_each(|platform| platform.conceal(secrets)),
            _ => {}
        }
    }

    /// Whether a provider can pull it.
    pub(crate) fn is_ready(&self) -> bool {
        *self == Self::Ready
    }

    /// A stable name for programs.
    pub(crate) fn id(&self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::InvalidImage(_) => "invalid-image",
            Self::KeptElsewhere => "kept-elsewhere",
            Self::HostMismatch { .. } => "host-mismatch",
            Self::Unresolved(_) => "unresolved-host",
            Self::Unreachable(..) => "unreachable",
            Self::Proxy(_) => "proxy",
            Self::Certificate(..) => "certificate",
            Self::NotTls(_) => "not-tls",
            Self::PlainHttp(_) => "plain-http",
            Self::TimedOut(..) => "timed-out",
            Self::WrongCredentials { .. } => "wrong-credentials",
            Self::ExpiredToken(_) => "expired-token",
            Self::NoAccess => "no-access",
            Self::LoginNeeded => "login-needed",
            Self::NoRepository => "no-repository",
            Self::NoTag => "no-tag",
            Self::NoImage => "no-image",
            Self::RateLimited(_) => "rate-limited",
            Self::ForeignRealm(_) => "foreign-realm",
            Self::ForeignRedirect(_) => "foreign-redirect",
            Self::ServerFault(..) => "server-fault",
            Self::NotARegistry(..) => "not-a-registry",
            Self::WrongDigest => "wrong-digest",
            Self::NotAnImage => "not-an-image",
            Self::NoAmd64(_) => "no-amd64",
        }
    }

    /// What is wrong, in one line; empty if nothing is.
    pub(crate) fn reason(&self, names: &Names<'_>) -> String {
        let registry = names.registry;
        match self {
            Self::Ready => String::new(),
            Self::InvalidImage(error) => format!("`{}` is not a valid image reference: {error}", names.image),
            Self::KeptElsewhere => "the password is a reference that only the Console can resolve".to_owned(),
            Self::HostMismatch { .. } => {
                let host = names.host.unwrap_or_default();
                format!("credentials.host `{host}` does not match {}, which can't be pulled without credentials", names.image)
            }
            Self::Unresolved(party) => format!("the host {} does not resolve", party.name(names)),
            Self::Unreachable(party, why) => format!("can't connect to {}: {why}", party.name(names)),
            Self::Proxy(why) => format!("can't connect to {registry} through the proxy: {why}"),
            Self::Certificate(party, fault) => format!("the certificate of {} {}", party.name(names), fault.reason()),
            Self::NotTls(party) => format!("{} does not speak TLS", party.name(names)),
            Self::PlainHttp(party) => format!("{} uses plain HTTP", party.name(names)),
            Self::TimedOut(party, limit) => format!("{} did not answer within {} s", party.name(names), limit.as_secs_f32()),
            Self::WrongCredentials { .. } => format!("{registry} rejects the username or the password"),
            Self::ExpiredToken(Some(at)) => format!("the token expired on {}", time(*at)),
            Self::ExpiredToken(None) => format!("{registry} says that the token has expired"),
            Self::NoAccess => {
                format!("the login works, but can't read {}, or this repository does not exist on {registry}", names.image)
            }
            Self::LoginNeeded => format!("{registry} requires a login for {}: it is private or does not exist", names.image),
            Self::NoRepository => format!("repository not found on {registry}: {}", names.image),
            Self::NoTag => format!("the repository exists, but not this tag or digest: {}", names.image),
            Self::NoImage => format!("image not found on {registry}: {}", names.image),
            Self::RateLimited(Some(at)) => format!("{registry} received too many requests; its limit resets by {}", time(*at)),
            Self::RateLimited(None) => format!("{registry} received too many requests and does not say when its limit resets"),
            Self::ForeignRealm(host) => format!("{registry} wants the credentials sent to {host}; they were not sent"),
            Self::ForeignRedirect(host) => format!("{registry} redirects to {host}, which requires credentials; none were sent"),
            Self::ServerFault(party, status) => format!("{} failed: HTTP {status}", party.name(names)),
            Self::NotARegistry(party, what) => format!("{} does not behave like a registry: {what}", party.name(names)),
            Self::WrongDigest => "the manifest does not match its digest".to_owned(),
            Self::NotAnImage => format!("{} can be pulled, but is not a container image", names.image),
            Self::NoAmd64(platforms) => {
                let list: Vec<&str> = platforms.iter().map(|platform| platform.0.as_str()).collect();
                let list = if list.is_empty() { "none".to_owned() } else { list.join(", ") };
                format!("the image is not available for linux/amd64, which providers run; available: {list}")
            }
        }
    }

    /// What to do next; empty if nothing is wrong.
    pub(crate) fn help(&self, names: &Names<'_>) -> String {
        let registry = names.registry;
        match self {
            Self::Ready => String::new(),
            Self::InvalidImage(_) => "write REGISTRY/REPOSITORY:TAG, as in ghcr.io/my-org/app:1.4.2".to_owned(),
            Self::KeptElsewhere => "to verify it here, use a placeholder for the password".to_owned(),
            Self::HostMismatch { suggestion } => format!("write host: {suggestion}"),
            Self::Unresolved(_) => "check the host name for typos, and this machine's DNS".to_owned(),
            Self::Unreachable(..) => {
                "check the host, the port and the firewall; a provider must reach it from the internet".to_owned()
            }
            Self::Proxy(_) => "check HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY".to_owned(),
            Self::Certificate(_, CertificateFault::UnknownIssuer) => {
                "providers trust only public authorities; for a private one, set SSL_CERT_FILE here and ask the provider to trust it"
                    .to_owned()
            }
            Self::Certificate(..) => "renew the certificate; a provider refuses it, too".to_owned(),
            Self::NotTls(_) => "check that this is the host and port of the registry".to_owned(),
            Self::PlainHttp(_) => {
                format!("set up TLS on the registry; --insecure {registry} allows plain HTTP here, but not on the provider")
            }
            Self::TimedOut(..) => "--timeout SECONDS waits longer".to_owned(),
            Self::WrongCredentials { short_lived: true } => {
                "a Google access token is valid for about an hour: get a new one with `gcloud auth print-access-token`, or use a key"
                    .to_owned()
            }
            Self::WrongCredentials { short_lived: false } => {
                "check both with `docker login`, and replace the wrong one".to_owned()
            }
            Self::ExpiredToken(_) => {
                "get a new one; --from-command NAME='CMD' gets one during each render".to_owned()
            }
            Self::NoAccess => {
                "give the account or the token permission to pull this repository, and check its name for typos".to_owned()
            }
            Self::LoginNeeded => "if it is private, add credentials to the service; if not, check its name for typos".to_owned(),
            Self::NoRepository => "check the name for typos, and that the image has been pushed".to_owned(),
            Self::NoTag => "check the tag for typos, and that it has been pushed".to_owned(),
            Self::NoImage => "check the name and the tag for typos, and that the image has been pushed".to_owned(),
            Self::RateLimited(_) => "try again later; with a login, the limit is usually higher".to_owned(),
            Self::ForeignRealm(host) => format!("if {host} is the login server of this registry, use --trust-realm {host}"),
            Self::ForeignRedirect(host) => format!("use the host that has the image: {host}"),
            Self::ServerFault(..) => "try again later, and check the status page of the registry".to_owned(),
            Self::NotARegistry(..) => "check that this is the host of the registry, not of its web page".to_owned(),
            Self::WrongDigest => "a proxy or cache may be broken: pull the image over another network and compare".to_owned(),
            Self::NotAnImage => "use the tag of an image, not of a chart, a signature or another artifact".to_owned(),
            Self::NoAmd64(_) => {
                "build it for linux/amd64, too: docker buildx build --platform linux/amd64,linux/arm64".to_owned()
            }
        }
    }
}

impl Warning {
    /// A stable name for programs.
    pub(crate) fn id(&self) -> &'static str {
        match self {
            Self::Public => "public-image",
            Self::Unused { .. } => "unused-credentials",
            Self::Clear(_) => "credentials-in-clear",
            Self::PlainRegistry => "plain-http",
            Self::PrivateAuthority(_) => "private-authority",
            Self::Ends(_) => "token-ends",
            Self::Redirected(_) => "redirected",
            Self::PlatformUnknown => "platform-unknown",
        }
    }

    /// The warning, in one line.
    pub(crate) fn reason(&self, names: &Names<'_>) -> String {
        match self {
            Self::Public => format!("{} is public: it can be pulled without the credentials", names.image),
            Self::Unused { .. } => {
                let host = names.host.unwrap_or_default();
                format!("credentials.host `{host}` does not match {}, so the credentials are not used", names.image)
            }
            Self::Clear(party) => format!("the credentials were sent to {} over plain HTTP", party.name(names)),
            Self::PlainRegistry => format!("{} uses plain HTTP, but providers pull over TLS", names.registry),
            Self::PrivateAuthority(party) => {
                format!("the certificate of {} is trusted only because of SSL_CERT_FILE", party.name(names))
            }
            Self::Ends(at) => format!("the token in the credentials expires on {}", time(*at)),
            Self::Redirected(host) => format!("{} redirects to {host}, which was sent no credentials", names.registry),
            Self::PlatformUnknown => format!("the registry does not say which platform {} is for", names.image),
        }
    }

    /// What to do about it.
    pub(crate) fn help(&self) -> String {
        match self {
            Self::Public => "remove them: what is not in the SDL can't leak".to_owned(),
            Self::Unused { suggestion } => format!("remove them, or write host: {suggestion}"),
            Self::Clear(_) => "anyone in between can read them: set up TLS on the registry, then replace them".to_owned(),
            Self::PlainRegistry => "set up TLS on the registry".to_owned(),
            Self::PrivateAuthority(_) => "a provider that does not trust this authority can't pull the image".to_owned(),
            Self::Ends(_) => "after that, a provider can't pull the image again, for example when the container moves".to_owned(),
            Self::Redirected(_) => "make sure that a provider can reach that host, too".to_owned(),
            Self::PlatformUnknown => "make sure that it is built for linux/amd64".to_owned(),
        }
    }
}

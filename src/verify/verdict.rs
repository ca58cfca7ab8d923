//! What became of an image: each cause of a failed pull is a verdict of its own, with what to do about it.

use std::time::{Duration, SystemTime};

use zeroize::Zeroizing;

use crate::registry::reference::ReferenceError;

/// What the look-up of one service's image came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// A provider can pull it.
    Ready,
    /// The image is no image reference.
    InvalidImage(ReferenceError),
    /// The password is a reference that the Console keeps (`ac-secret://`): there is nothing to log in with here.
    KeptElsewhere,
    /// `credentials.host` does not serve the image, and without credentials it can't be pulled.
    HostMismatch {
        /// The host that would serve it.
        suggestion: String,
    },
    /// The registry's host does not resolve.
    Unresolved(Party),
    /// No connection can be made; the system's reason.
    Unreachable(Party, String),
    /// The proxy that the environment names gives no connection.
    Proxy(String),
    /// The certificate is not one to trust.
    Certificate(Party, CertificateFault),
    /// It answers, and neither in TLS nor in HTTP.
    NotTls(Party),
    /// It speaks HTTP without TLS, which is not allowed for this host.
    PlainHttp(Party),
    /// No answer within the time limit.
    TimedOut(Party, Duration),
    /// Wrong username or password.
    WrongCredentials {
        /// The password is an access token of Google, which lives an hour and does not say until when.
        short_lived: bool,
    },
    /// The password is a token whose time is over; since when, where that is known.
    ExpiredToken(Option<SystemTime>),
    /// The login is right, and the registry does not let it read this repository (or does not say that there is none).
    NoAccess,
    /// Without credentials the registry does not show it: it is private, or not there.
    LoginNeeded,
    /// The repository is not there.
    NoRepository,
    /// The repository is there; the tag or digest is not.
    NoTag,
    /// It is not there; the registry does not say what of it is missing.
    NoImage,
    /// Too many requests; when the limit ends, where the registry says so.
    RateLimited(Option<SystemTime>),
    /// The registry wants the credentials sent to a host that is not its own.
    ForeignRealm(String),
    /// The registry redirects to a host that asks for credentials.
    ForeignRedirect(String),
    /// The server has a fault of its own: the status.
    ServerFault(Party, u16),
    /// What answers does not speak the registry protocol: what it did instead.
    NotARegistry(Party, String),
    /// The manifest is not what its digest says.
    WrongDigest,
    /// It can be pulled, and is nothing a container could be started from.
    NotAnImage,
    /// No `linux/amd64` among the platforms.
    NoAmd64(Vec<Platform>),
}

/// Whom a request was for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Party {
    /// The registry of the image.
    Registry,
    /// Another host that the registry sent us to.
    Other(String),
}

/// What is wrong with a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateFault {
    /// Its time is over.
    Expired,
    /// Its time has not come.
    NotYetValid,
    /// It is for another name.
    WrongName,
    /// No authority that is trusted has signed it.
    UnknownIssuer,
    /// Anything else.
    Invalid,
}

/// An operating system and an architecture.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Platform(pub String);

/// Something to know of an image that can be pulled, or of a login.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Warning {
    /// The image can be pulled without the credentials.
    Public,
    /// `credentials.host` does not serve the image; it was pulled without.
    Unused {
        /// The host that would serve it.
        suggestion: String,
    },
    /// Credentials went over HTTP without TLS, to this host.
    Clear(Party),
    /// The registry speaks HTTP without TLS; providers pull over TLS.
    PlainRegistry,
    /// The certificate is trusted through SSL_CERT_FILE only.
    PrivateAuthority(Party),
    /// The password is a token that ends at this time.
    Ends(SystemTime),
    /// The registry sends to another host, to which no credentials went.
    Redirected(String),
    /// The registry does not say for which platform the image is.
    PlatformUnknown,
}

/// The words in which a verdict speaks of a service, none of them secret.
#[derive(Debug, Clone, Copy)]
pub struct Names<'n> {
    /// The image as the template writes it.
    pub image: &'n str,
    /// Its registry.
    pub registry: &'n str,
    /// `credentials.host`, where there are credentials.
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
            Self::UnknownIssuer => "is signed by no authority that is trusted",
            Self::Invalid => "is not valid",
        }
    }
}

/// A time as people read it, in UTC.
pub fn time(at: SystemTime) -> String {
    // Years that a date can't be written for don't come from any registry; `httpdate` refuses them.
    let limit = SystemTime::UNIX_EPOCH + Duration::from_secs(253_402_300_799);
    httpdate::fmt_http_date(at.clamp(SystemTime::UNIX_EPOCH, limit))
}

/// What stands where a server says a secret aloud.
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
    /// Takes out whatever holds one of `secrets`: a server may have named a host so.
    pub(super) fn conceal(&mut self, secrets: &[&str]) {
        match self {
            Self::Clear(party) | Self::PrivateAuthority(party) => party.conceal(secrets),
            Self::Redirected(host) => hide(host, secrets, ANOTHER_HOST),
            Self::Public | Self::Unused { .. } | Self::PlainRegistry | Self::Ends(_) | Self::PlatformUnknown => {}
        }
    }
}

impl Verdict {
    /// Takes out whatever holds one of `secrets`: a server may have named a host or a platform so.
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
    pub fn is_ready(&self) -> bool {
        *self == Self::Ready
    }

    /// A stable name for programs.
    pub fn id(&self) -> &'static str {
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

    /// What is wrong, in one line; nothing when nothing is.
    pub fn reason(&self, names: &Names<'_>) -> String {
        let registry = names.registry;
        match self {
            Self::Ready => String::new(),
            Self::InvalidImage(error) => format!("`{}` is no image reference: {error}", names.image),
            Self::KeptElsewhere => "the password is a reference that only the Console can read".to_owned(),
            Self::HostMismatch { .. } => {
                let host = names.host.unwrap_or_default();
                format!("credentials.host `{host}` does not serve {}, and without credentials it can't be pulled", names.image)
            }
            Self::Unresolved(party) => format!("the host {} does not resolve", party.name(names)),
            Self::Unreachable(party, why) => format!("{} can't be reached: {why}", party.name(names)),
            Self::Proxy(why) => format!("the proxy gives no connection to {registry}: {why}"),
            Self::Certificate(party, fault) => format!("the certificate of {} {}", party.name(names), fault.reason()),
            Self::NotTls(party) => format!("{} does not speak TLS", party.name(names)),
            Self::PlainHttp(party) => format!("{} speaks plain HTTP", party.name(names)),
            Self::TimedOut(party, limit) => format!("{} gave no answer within {} s", party.name(names), limit.as_secs_f32()),
            Self::WrongCredentials { .. } => format!("{registry} refuses the username or the password"),
            Self::ExpiredToken(Some(at)) => format!("the token has expired: {}", time(*at)),
            Self::ExpiredToken(None) => format!("{registry} says that the token has expired"),
            Self::NoAccess => {
                format!("the login is right, but may not read {}, or {registry} has no such repository", names.image)
            }
            Self::LoginNeeded => format!("{registry} does not show {} without a login: it is private, or not there", names.image),
            Self::NoRepository => format!("{registry} has no such repository: {}", names.image),
            Self::NoTag => format!("the repository is there, the tag or digest is not: {}", names.image),
            Self::NoImage => format!("{registry} has no such image: {}", names.image),
            Self::RateLimited(Some(at)) => {
                format!("{registry} has had too many requests; its limit ends {} at the latest", time(*at))
            }
            Self::RateLimited(None) => format!("{registry} has had too many requests, and does not say when its limit ends"),
            Self::ForeignRealm(host) => format!("{registry} wants the credentials sent to {host}; they were not"),
            Self::ForeignRedirect(host) => format!("{registry} redirects to {host}, which asks for credentials; it got none"),
            Self::ServerFault(party, status) => format!("{} has a fault of its own: HTTP {status}", party.name(names)),
            Self::NotARegistry(party, what) => format!("{} does not answer as a registry: {what}", party.name(names)),
            Self::WrongDigest => "the manifest is not the one that its digest names".to_owned(),
            Self::NotAnImage => format!("{} can be pulled, but is no container image", names.image),
            Self::NoAmd64(platforms) => {
                let list: Vec<&str> = platforms.iter().map(|platform| platform.0.as_str()).collect();
                let list = if list.is_empty() { "none".to_owned() } else { list.join(", ") };
                format!("the image is not there for linux/amd64, which providers run; it is for: {list}")
            }
        }
    }

    /// What to do next; nothing when nothing is wrong.
    pub fn help(&self, names: &Names<'_>) -> String {
        let registry = names.registry;
        match self {
            Self::Ready => String::new(),
            Self::InvalidImage(_) => "write REGISTRY/REPOSITORY:TAG, as in ghcr.io/my-org/app:1.4.2".to_owned(),
            Self::KeptElsewhere => "put the secret into a placeholder to have it verified here".to_owned(),
            Self::HostMismatch { suggestion } => format!("write host: {suggestion}"),
            Self::Unresolved(_) => "look for a slip in the name; ask the name servers of this network".to_owned(),
            Self::Unreachable(..) => {
                "look at the host, the port and the firewall; a provider must reach it from outside".to_owned()
            }
            Self::Proxy(_) => "look at HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY".to_owned(),
            Self::Certificate(_, CertificateFault::UnknownIssuer) => {
                "providers trust public authorities only; for a private one set SSL_CERT_FILE, and ask the provider to trust it"
                    .to_owned()
            }
            Self::Certificate(..) => "renew the certificate; a provider refuses it as well".to_owned(),
            Self::NotTls(_) => "is it the registry's host and port?".to_owned(),
            Self::PlainHttp(_) => {
                format!("give the registry a certificate; --insecure {registry} allows plain HTTP here, not on the provider")
            }
            Self::TimedOut(..) => "--timeout SECONDS waits longer".to_owned(),
            Self::WrongCredentials { short_lived: true } => {
                "an access token of Google lives about an hour: get a new one, gcloud auth print-access-token, or use a key"
                    .to_owned()
            }
            Self::WrongCredentials { short_lived: false } => {
                "log in by hand to see which of the two it is: docker login; then renew it".to_owned()
            }
            Self::ExpiredToken(_) => {
                "get a new one as late as you can: --from-command NAME='CMD' does it while rendering".to_owned()
            }
            Self::NoAccess => {
                "give the account or the token the right to pull this repository; look for a slip in its name".to_owned()
            }
            Self::LoginNeeded => "add credentials to the service if it is private; look for a slip in its name".to_owned(),
            Self::NoRepository => "look for a slip in its name; has it been pushed?".to_owned(),
            Self::NoTag => "look for a slip in the tag; has it been pushed?".to_owned(),
            Self::NoImage => "look for a slip in its name and its tag; has it been pushed?".to_owned(),
            Self::RateLimited(_) => "wait until then; a login has a limit of its own, higher than without".to_owned(),
            Self::ForeignRealm(host) => format!("if {host} is the registry's own login server, say so: --trust-realm {host}"),
            Self::ForeignRedirect(host) => format!("name the image by the host that has it: {host}"),
            Self::ServerFault(..) => "try again later; the registry's status page may say more".to_owned(),
            Self::NotARegistry(..) => "is it the registry's host, and not its web page's?".to_owned(),
            Self::WrongDigest => "a proxy or cache may be broken: pull it again from elsewhere and compare".to_owned(),
            Self::NotAnImage => "name the tag of an image, not of a chart, a signature or another artifact".to_owned(),
            Self::NoAmd64(_) => "build it for linux/amd64 too: docker buildx build --platform linux/amd64,linux/arm64".to_owned(),
        }
    }
}

impl Warning {
    /// A stable name for programs.
    pub fn id(&self) -> &'static str {
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

    /// What to know.
    pub fn reason(&self, names: &Names<'_>) -> String {
        match self {
            Self::Public => format!("{} is public: it can be pulled without the credentials", names.image),
            Self::Unused { .. } => {
                let host = names.host.unwrap_or_default();
                format!("credentials.host `{host}` does not serve {}: the credentials are not used", names.image)
            }
            Self::Clear(party) => format!("the credentials went over plain HTTP to {}", party.name(names)),
            Self::PlainRegistry => format!("{} speaks plain HTTP; providers pull over TLS", names.registry),
            Self::PrivateAuthority(party) => {
                format!("the certificate of {} is trusted through SSL_CERT_FILE only", party.name(names))
            }
            Self::Ends(at) => format!("the token in the credentials ends {}", time(*at)),
            Self::Redirected(host) => format!("{} redirects to {host}; no credentials went there", names.registry),
            Self::PlatformUnknown => format!("the registry does not say for which platform {} is", names.image),
        }
    }

    /// What to do about it.
    pub fn help(&self) -> String {
        match self {
            Self::Public => "leave them out: what is not in the SDL can't leak".to_owned(),
            Self::Unused { suggestion } => format!("leave them out, or write host: {suggestion}"),
            Self::Clear(_) => "anyone on the way can read them: replace them when the registry has a certificate".to_owned(),
            Self::PlainRegistry => "give the registry a certificate".to_owned(),
            Self::PrivateAuthority(_) => "a provider that does not trust that authority can't pull".to_owned(),
            Self::Ends(_) => "a pod that moves to another machine after that can't be pulled again".to_owned(),
            Self::Redirected(_) => "a provider must reach that host too".to_owned(),
            Self::PlatformUnknown => "make sure that it is built for linux/amd64".to_owned(),
        }
    }
}

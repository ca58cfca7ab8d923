//! The verdict on an image: one for each cause of a failed pull.

use std::time::{Duration, SystemTime};

use zeroize::Zeroizing;

use super::origin::host_of;
use super::platform::{AMD64, Platform};
use crate::registry::reference::ReferenceError;
use crate::registry::token::ShortLived;

mod help;
mod reason;
mod warning;

pub(crate) use warning::{Proof, Warning};

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
    /// The proxy that this variable names wants a login of its own.
    ProxyLogin(&'static str),
    /// The certificate is not trusted.
    Certificate(Party, CertificateFault),
    /// It wants a certificate of its client.
    ClientCertificate(Party),
    /// It answers neither in TLS nor in HTTP.
    NotTls(Party),
    /// It speaks HTTP without TLS, which is not allowed for this host.
    PlainHttp(Party),
    /// No answer within the time limit.
    TimedOut(Party, Duration),
    /// Wrong username or password.
    WrongCredentials {
        /// The password is a token that ends soon, and does not say when.
        short_lived: Option<ShortLived>,
    },
    /// The password is an expired token; since when, if known.
    ExpiredToken(Option<SystemTime>),
    /// The registry does not take the token that its own token server has just issued.
    InvalidToken,
    /// The login is accepted, but may not read this repository, or the repository does not exist.
    NoAccess(Denial),
    /// The registry requires a login: the image is private or does not exist.
    LoginNeeded,
    /// It refuses, and asks for no login: a firewall, or a filter of requests.
    Forbidden(Party),
    /// It refuses the address that the request comes from.
    AddressBlocked(Party),
    /// It wants to be paid.
    PaymentRequired(Party),
    /// A rule of the registry forbids to pull this image.
    Policy(Party),
    /// It may not serve this for legal reasons.
    Legal(Party),
    /// The repository does not exist.
    NoRepository,
    /// The repository exists; the tag or digest does not.
    NoTag,
    /// The image does not exist; the registry does not say whether the repository does.
    NoImage,
    /// The index exists, but not the manifest that it has for a provider.
    ChildGone {
        /// The digest of that manifest.
        digest: String,
    },
    /// A part of the image does not exist.
    BlobGone(ImagePart, String),
    /// The parts of the image contradict each other.
    Broken(String),
    /// Too many requests.
    RateLimited {
        /// Who refuses them.
        party: Party,
        /// When the limit resets, if it says so.
        until: Option<SystemTime>,
        /// A login is in use already.
        with_login: bool,
    },
    /// The registry wants the credentials sent to a host with an unrelated name.
    ForeignRealm(String),
    /// The registry redirects to a host that asks for credentials.
    ForeignRedirect(String),
    /// The registry leads to this host, which is on this machine or in a private network.
    PrivateAddress(String),
    /// The server failed with this status.
    ServerFault(Party, u16),
    /// The server does not speak the registry protocol: what it did instead.
    NotARegistry(Party, String),
    /// An answer is larger than this many bytes.
    TooLarge(Party, usize),
    /// The manifest is served as another type than it is.
    WrongType(String),
    /// The manifest is of Docker's schema 1.
    Schema1,
    /// The manifest does not match its digest.
    WrongDigest,
    /// It is a chart, a signature or another artifact.
    NotAnImage,
    /// `linux/amd64` is not among its platforms.
    NoAmd64(Vec<Platform>),
    /// A provider pulls it, but it is built for another platform.
    WrongPlatform(Platform),
}

/// The recipient of a request.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Party {
    /// The registry of the image.
    Registry,
    /// Another host that the registry referred to.
    Other(String),
}

/// A part of an image, besides its manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ImagePart {
    /// What it runs, and for which platform it is.
    Configuration,
    /// A part of its files.
    Layer,
}

/// What a login lacks that may not read a repository, as the registry says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Denial {
    /// It doesn't say.
    Unsaid,
    /// The token lacks a scope.
    Scope,
    /// The token is not authorised for an organisation's single sign-on.
    SingleSignOn,
    /// The interface is turned off in the project.
    ApiOff,
    /// A permission, which it names.
    Permission,
    /// Something else, which it says.
    Told,
}

/// What became of a service's login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LoginState {
    /// It was asked for, sent, and taken.
    Accepted,
    /// There is none.
    Anonymous,
    /// Nobody asked for it, so it was not sent.
    NotAsked,
    /// It was sent, and refused.
    Refused,
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
    /// It is signed with its own key.
    SelfSigned,
    /// Anything else.
    Invalid,
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

impl Names<'_> {
    /// Whether `authority` is the registry's host.
    fn is_own(&self, authority: &str) -> bool {
        host_of(authority).eq_ignore_ascii_case(host_of(self.registry))
    }
}

impl Party {
    fn name<'n>(&'n self, names: &Names<'n>) -> &'n str {
        match self {
            Self::Registry => names.registry,
            Self::Other(host) => host,
        }
    }

    fn conceal(&mut self, secrets: &[&str]) {
        if let Self::Other(host) = self {
            hide(host, secrets, ANOTHER_HOST);
        }
    }
}

impl LoginState {
    /// A stable name for programs.
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::Accepted => "ok",
            Self::Anonymous => "anonymous",
            Self::NotAsked => "not-asked",
            Self::Refused => "refused",
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
    let is_in = |secret: &&str| !secret.is_empty() && fold.contains(&*Zeroizing::new(secret.to_ascii_lowercase()));
    if secrets.iter().any(is_in) {
        word.clone_into(text);
    }
}

impl Platform {
    pub(super) fn conceal(&mut self, secrets: &[&str]) {
        hide(&mut self.name, secrets, "unknown/unknown");
    }
}

impl Verdict {
    /// Hides whatever contains one of `secrets`: a server may have sent one as the name of a host or a platform.
    pub(super) fn conceal(&mut self, secrets: &[&str]) {
        match self {
            Self::Unresolved(party)
            | Self::Unreachable(party, _)
            | Self::Certificate(party, _)
            | Self::ClientCertificate(party)
            | Self::NotTls(party)
            | Self::PlainHttp(party)
            | Self::TimedOut(party, _)
            | Self::Forbidden(party)
            | Self::AddressBlocked(party)
            | Self::PaymentRequired(party)
            | Self::Policy(party)
            | Self::Legal(party)
            | Self::RateLimited { party, .. }
            | Self::ServerFault(party, _)
            | Self::NotARegistry(party, _)
            | Self::TooLarge(party, _) => party.conceal(secrets),
            Self::ForeignRealm(host) | Self::ForeignRedirect(host) | Self::PrivateAddress(host) => {
                hide(host, secrets, ANOTHER_HOST)
            }
            Self::NoAmd64(platforms) => platforms.iter_mut().for_each(|platform| platform.conceal(secrets)),
            Self::WrongPlatform(platform) => platform.conceal(secrets),
            Self::WrongType(kind) => hide(kind, secrets, "another type"),
            Self::ChildGone { digest } | Self::BlobGone(_, digest) => hide(digest, secrets, "another digest"),
            _ => {}
        }
    }

    /// Whether a provider can pull it.
    pub(crate) fn is_ready(&self) -> bool {
        *self == Self::Ready
    }

    /// Whether the image exists, if that is known.
    pub(crate) fn found(&self) -> Option<bool> {
        match self {
            Self::Ready | Self::WrongDigest | Self::NotAnImage | Self::NoAmd64(_) | Self::WrongPlatform(_) => Some(true),
            Self::BlobGone(..) | Self::Broken(_) | Self::WrongType(_) | Self::Schema1 => Some(true),
            Self::NoRepository | Self::NoTag | Self::NoImage | Self::ChildGone { .. } => Some(false),
            _ => None,
        }
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
            Self::ProxyLogin(_) => "proxy-login",
            Self::Certificate(..) => "certificate",
            Self::ClientCertificate(_) => "client-certificate",
            Self::NotTls(_) => "not-tls",
            Self::PlainHttp(_) => "plain-http",
            Self::TimedOut(..) => "timed-out",
            Self::WrongCredentials { .. } => "wrong-credentials",
            Self::ExpiredToken(_) => "expired-token",
            Self::InvalidToken => "invalid-token",
            Self::NoAccess(_) => "no-access",
            Self::LoginNeeded => "login-needed",
            Self::Forbidden(_) => "forbidden",
            Self::AddressBlocked(_) => "address-blocked",
            Self::PaymentRequired(_) => "payment-required",
            Self::Policy(_) => "policy",
            Self::Legal(_) => "legal",
            Self::NoRepository => "no-repository",
            Self::NoTag => "no-tag",
            Self::NoImage | Self::ChildGone { .. } => "no-image",
            Self::BlobGone(..) => "missing-blob",
            Self::Broken(_) => "broken-image",
            Self::RateLimited { .. } => "rate-limited",
            Self::ForeignRealm(_) => "foreign-realm",
            Self::ForeignRedirect(_) => "foreign-redirect",
            Self::PrivateAddress(_) => "private-address",
            Self::ServerFault(..) => "server-fault",
            Self::NotARegistry(..) => "not-a-registry",
            Self::TooLarge(..) => "too-large",
            Self::WrongType(_) => "wrong-type",
            Self::Schema1 => "schema-1",
            Self::WrongDigest => "wrong-digest",
            Self::NotAnImage => "not-an-image",
            Self::NoAmd64(_) | Self::WrongPlatform(_) => "no-amd64",
        }
    }
}

//! What is wrong, in words.

use super::{CertificateFault, ImagePart, Names, Verdict, time};
use crate::verify::platform::Platform;

impl CertificateFault {
    fn reason(self) -> &'static str {
        match self {
            Self::Expired => "has expired",
            Self::NotYetValid => "is not valid yet",
            Self::WrongName => "is for another name",
            Self::UnknownIssuer => "is not signed by a trusted authority",
            Self::SelfSigned => "is self-signed",
            Self::Invalid => "is not valid",
        }
    }
}

impl Verdict {
    /// What is wrong, in one line; empty if nothing is.
    pub(crate) fn reason(&self, names: &Names<'_>) -> String {
        let (registry, image) = (names.registry, names.image);
        match self {
            Self::Ready => String::new(),
            Self::InvalidImage(error) => format!("`{image}` is not a valid image reference: {error}"),
            Self::KeptElsewhere => "the password is a reference that only the Console can resolve".to_owned(),
            Self::HostMismatch { .. } => {
                let host = names.host.unwrap_or_default();
                format!("credentials.host `{host}` does not match {image}, which can't be pulled without credentials")
            }
            Self::Unresolved(party) => format!("the host {} does not resolve", party.name(names)),
            Self::Unreachable(party, why) => format!("can't connect to {}: {why}", party.name(names)),
            Self::Proxy(why) => format!("can't connect to {registry} through the proxy: {why}"),
            Self::ProxyLogin(_) => format!("can't connect to {registry}: the proxy requires a login of its own (HTTP 407)"),
            Self::Certificate(party, fault) => format!("the certificate of {} {}", party.name(names), fault.reason()),
            Self::ClientCertificate(party) => {
                format!("{} accepts only clients with a certificate, which no provider has", party.name(names))
            }
            Self::NotTls(party) => format!("{} does not speak TLS", party.name(names)),
            Self::PlainHttp(party) => format!("{} uses plain HTTP", party.name(names)),
            Self::TimedOut(party, limit) => format!("{} did not answer within {} s", party.name(names), limit.as_secs_f32()),
            Self::WrongCredentials { .. } => format!("{registry} rejects the username or the password"),
            Self::ExpiredToken(Some(at)) => format!("the token expired on {}", time(*at)),
            Self::ExpiredToken(None) => format!("{registry} says that the token has expired"),
            Self::InvalidToken => format!("{registry} rejects the token that its own token server has just issued"),
            Self::NoAccess(_) => {
                format!("the login works, but can't read {image}, or this repository does not exist on {registry}")
            }
            Self::LoginNeeded => format!("{registry} requires a login for {image}: it is private or does not exist"),
            Self::Forbidden(party) => format!("{} refuses the request without asking for a login (HTTP 403)", party.name(names)),
            Self::AddressBlocked(party) => format!("{} does not allow requests from this address", party.name(names)),
            Self::PaymentRequired(party) => format!("{} requires a payment", party.name(names)),
            Self::Policy(party) => format!("a policy of {} forbids pulling {image}", party.name(names)),
            Self::Legal(party) => format!("{} does not serve {image} for legal reasons", party.name(names)),
            Self::NoRepository => format!("repository not found on {registry}: {image}"),
            Self::NoTag => format!("the repository exists, but not this tag or digest: {image}"),
            Self::NoImage => format!("image not found on {registry}: {image}"),
            Self::ChildGone { digest } => {
                format!("image not found for {}: the index of {image} points at a deleted manifest, {digest}", super::AMD64)
            }
            Self::BlobGone(ImagePart::Configuration, digest) => format!("the configuration of {image} was deleted: {digest}"),
            Self::BlobGone(ImagePart::Layer, digest) => format!("a layer of {image} was deleted: {digest}"),
            Self::Broken(what) => format!("{image} is damaged: {what}"),
            Self::RateLimited { party, until: Some(at), .. } => {
                format!("{} received too many requests; its limit resets by {}", party.name(names), time(*at))
            }
            Self::RateLimited { party, until: None, .. } => {
                format!("{} received too many requests and does not say when its limit resets", party.name(names))
            }
            Self::ForeignRealm(host) => format!("{registry} wants the credentials sent to {host}; they were not sent"),
            Self::ForeignRedirect(host) => format!("{registry} redirects to {host}, which requires credentials; none were sent"),
            Self::PrivateAddress(host) if names.is_own(host) => {
                format!("the address of {host} changed to one on this machine or in a private network; nothing was sent there")
            }
            Self::PrivateAddress(host) => {
                format!("{registry} leads to {host}, which is on this machine or in a private network; nothing was sent there")
            }
            Self::ServerFault(party, status) => format!("{} failed: HTTP {status}", party.name(names)),
            Self::NotARegistry(party, what) => format!("{} does not behave like a registry: {what}", party.name(names)),
            Self::TooLarge(party, limit) => {
                format!("an answer of {} is too large: more than {} KiB", party.name(names), limit / 1024)
            }
            Self::WrongType(kind) if kind.is_empty() => {
                format!("{registry} serves the manifest of {image} without a Content-Type")
            }
            Self::WrongType(kind) => format!("{registry} serves the manifest of {image} as `{kind}`, which it is not"),
            Self::Schema1 => format!("{image} has a manifest of schema 1, which containerd does not pull any more"),
            Self::WrongDigest => "the manifest does not match its digest".to_owned(),
            Self::NotAnImage => format!("{image} is not a container image"),
            Self::NoAmd64(platforms) => {
                let list: Vec<&str> = platforms.iter().map(Platform::name).collect();
                let list = if list.is_empty() { "none".to_owned() } else { list.join(", ") };
                format!("the image is not available for {}, which providers run; available: {list}", super::AMD64)
            }
            Self::WrongPlatform(platform) => {
                let name = platform.name();
                format!("{image} is built for {name}: a provider, which runs {}, can pull it but not start it", super::AMD64)
            }
        }
    }
}

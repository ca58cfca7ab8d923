//! Warnings: what is right now, and may not be so later.

use std::time::SystemTime;

use super::{ANOTHER_HOST, Names, Party, hide, time};
use crate::registry::Registry as Kind;
use crate::registry::token::ShortLived;

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
    /// The credentials could also write.
    CanPush(Proof),
    /// Credentials were sent to this host over HTTP without TLS.
    Clear(Party),
    /// The registry speaks HTTP without TLS; providers pull over TLS.
    PlainRegistry,
    /// The certificate is trusted only because of SSL_CERT_FILE.
    PrivateAuthority(Party),
    /// The password is a token that expires at this time.
    Ends(SystemTime),
    /// The password is a token that expires soon, and does not say when.
    EndsSoon(ShortLived),
    /// The registry redirects to another host, which was sent no credentials.
    Redirected(String),
    /// The registry leads to this other port of its own host.
    OtherPort(String),
    /// The registry does not say which platform the image is for.
    PlatformUnknown,
}

/// How it is known that a login could write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Proof {
    /// The token that it got says so.
    Token,
    /// It got a token when one for writing was asked for. The token says nothing.
    Granted,
}

impl Warning {
    /// Hides whatever contains one of `secrets`: a server may have sent one as the name of a host.
    pub(in crate::verify) fn conceal(&mut self, secrets: &[&str]) {
        match self {
            Self::Clear(party) | Self::PrivateAuthority(party) => party.conceal(secrets),
            Self::Redirected(host) | Self::OtherPort(host) => hide(host, secrets, ANOTHER_HOST),
            Self::Public
            | Self::Unused { .. }
            | Self::CanPush(_)
            | Self::PlainRegistry
            | Self::Ends(_)
            | Self::EndsSoon(_)
            | Self::PlatformUnknown => {}
        }
    }

    /// A stable name for programs.
    pub(crate) fn id(&self) -> &'static str {
        match self {
            Self::Public => "public-image",
            Self::Unused { .. } => "unused-credentials",
            Self::CanPush(_) => "can-push",
            Self::Clear(_) => "credentials-in-clear",
            Self::PlainRegistry => "plain-http",
            Self::PrivateAuthority(_) => "private-authority",
            Self::Ends(_) | Self::EndsSoon(_) => "token-ends",
            Self::Redirected(_) => "redirected",
            Self::OtherPort(_) => "other-port",
            Self::PlatformUnknown => "platform-unknown",
        }
    }

    /// The warning, in one line.
    pub(crate) fn reason(&self, names: &Names<'_>) -> String {
        let (registry, image) = (names.registry, names.image);
        match self {
            Self::Public => format!("{image} is public: it can be pulled without the credentials"),
            Self::Unused { .. } => {
                let host = names.host.unwrap_or_default();
                format!("credentials.host `{host}` does not match {image}, so the credentials are not used")
            }
            Self::CanPush(Proof::Token) => format!("the credentials for {registry} could also push, not only pull"),
            Self::CanPush(Proof::Granted) => {
                format!("the token server of {registry} also grants these credentials a token to push")
            }
            Self::Clear(party) => format!("the credentials were sent to {} over plain HTTP", party.name(names)),
            Self::PlainRegistry => format!("{registry} uses plain HTTP, but providers pull over TLS"),
            Self::PrivateAuthority(party) => {
                format!("the certificate of {} is trusted only because of SSL_CERT_FILE", party.name(names))
            }
            Self::Ends(at) => format!("the token in the credentials expires on {}", time(*at)),
            Self::EndsSoon(ShortLived::Google) => {
                "the Google access token in the credentials expires within an hour of its creation".to_owned()
            }
            Self::EndsSoon(ShortLived::GitHub) => {
                "the GitHub token in the credentials is that of a workflow or an app: it expires with the job, or within hours"
                    .to_owned()
            }
            Self::EndsSoon(ShortLived::GitLabJob) => "the GitLab token in the credentials expires when its job ends".to_owned(),
            Self::Redirected(host) => format!("{registry} redirects to {host}, which was sent no credentials"),
            Self::OtherPort(host) => format!("{registry} leads to {host}, another port of the same host"),
            Self::PlatformUnknown => format!("the registry does not say which platform {image} is for"),
        }
    }

    /// What to do about it.
    pub(crate) fn help(&self, names: &Names<'_>) -> String {
        let kind = Kind::of(names.registry);
        match self {
            // Docker Hub limits anonymous pulls by address, and a provider's address is shared.
            Self::Public if kind == Kind::DockerHub => {
                "keep them only for Docker Hub's higher limit on pulls, with a token that can only read public repositories"
                    .to_owned()
            }
            Self::Public => "remove them: what is not in the SDL can't leak".to_owned(),
            Self::Unused { suggestion } => format!("remove them, or write host: {suggestion}"),
            Self::CanPush(_) => format!("a provider sees them: use {}", kind.read_only_login()),
            Self::Clear(_) => "anyone in between can read them: set up TLS on the registry, then replace them".to_owned(),
            Self::PlainRegistry => "set up TLS on the registry".to_owned(),
            Self::PrivateAuthority(_) => "a provider that does not trust this authority can't pull the image".to_owned(),
            Self::Ends(_) => "after that, a provider can't pull the image again, for example when the container moves".to_owned(),
            Self::EndsSoon(token) => {
                let lasting = match token {
                    ShortLived::Google => "a service account's key (`_json_key`)".to_owned(),
                    ShortLived::GitHub => Kind::Ghcr.read_only_login().to_owned(),
                    ShortLived::GitLabJob => Kind::GitLab.read_only_login().to_owned(),
                };
                format!("after that, a provider can't pull the image again; what lasts is {lasting}")
            }
            Self::Redirected(_) => "make sure that a provider can reach that host, too".to_owned(),
            Self::OtherPort(_) => "make sure that the registry's owner runs what listens there".to_owned(),
            Self::PlatformUnknown => "make sure that it is built for linux/amd64".to_owned(),
        }
    }
}

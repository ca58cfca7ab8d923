//! What to do about it, in words. Advice names the host that it is about, and never contradicts what the registry says.

use super::{CertificateFault, Denial, Names, Party, Verdict};
use crate::registry::Registry as Kind;
use crate::registry::token::ShortLived;

impl Denial {
    fn help(self, kind: Kind) -> String {
        match (self, kind) {
            (Self::Scope, Kind::Ghcr) => "create a token (classic) with the scope `read:packages`".to_owned(),
            (Self::Scope, Kind::GitLab) => "create a token with the scope `read_registry`".to_owned(),
            (Self::Scope, _) => "create a token with the scope to pull images".to_owned(),
            (Self::SingleSignOn, Kind::Ghcr) => {
                "authorise the token for the organisation: https://github.com/settings/tokens, Configure SSO".to_owned()
            }
            (Self::SingleSignOn, _) => "authorise the token for the organisation's single sign-on".to_owned(),
            (Self::ApiOff, _) => "enable the API in that project, then wait a few minutes".to_owned(),
            (Self::Permission, Kind::Google) => {
                "give the account the role `roles/artifactregistry.reader` on the repository, and check its name for typos"
                    .to_owned()
            }
            (Self::Permission, _) => "give the account that permission, and check the repository's name for typos".to_owned(),
            (Self::Told, _) => {
                "do what it says; if that is done, check the account's permission and the repository's name".to_owned()
            }
            (Self::Unsaid, Kind::Ghcr) => {
                "the token needs the scope `read:packages`, and its owner access to the package; check the name for typos"
                    .to_owned()
            }
            (Self::Unsaid, _) => {
                "give the account or the token permission to pull this repository, and check its name for typos".to_owned()
            }
        }
    }
}

impl Verdict {
    /// What to do next; empty if nothing is wrong.
    pub(crate) fn help(&self, names: &Names<'_>) -> String {
        let kind = Kind::of(names.registry);
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
            Self::ProxyLogin(variable) => {
                format!("write it into the variable: {variable}=http://USER:PASSWORD@HOST:PORT, percent-encoded")
            }
            Self::Certificate(_, CertificateFault::UnknownIssuer) => {
                "providers trust only public authorities; for a private one, set SSL_CERT_FILE here and ask the provider to trust it"
                    .to_owned()
            }
            Self::Certificate(_, CertificateFault::SelfSigned) => {
                "providers trust only public authorities: get a certificate from one; to go on here, set SSL_CERT_FILE to this one"
                    .to_owned()
            }
            Self::Certificate(_, CertificateFault::WrongName) => {
                "get a certificate for this name, or write the name that it is for; a provider refuses it, too".to_owned()
            }
            Self::Certificate(_, CertificateFault::NotYetValid) => {
                "check this machine's clock, then the certificate; a provider refuses it, too".to_owned()
            }
            Self::Certificate(..) => "renew the certificate; a provider refuses it, too".to_owned(),
            Self::ClientCertificate(_) => "let the registry accept a username and a password instead".to_owned(),
            Self::NotTls(_) => "check that this is the host and port of the registry".to_owned(),
            Self::PlainHttp(party) => {
                let host = party.name(names);
                format!("set up TLS on {host}; --insecure {host} allows plain HTTP here, but not on the provider")
            }
            Self::TimedOut(..) => "--timeout SECONDS waits longer".to_owned(),
            Self::WrongCredentials { short_lived: Some(ShortLived::Google) } => {
                "a Google access token is valid for about an hour: get a new one with `gcloud auth print-access-token`, or use a key"
                    .to_owned()
            }
            Self::WrongCredentials { short_lived: Some(ShortLived::GitHub) } => {
                format!("a token of a workflow or an app is valid for some hours at most: use {}", Kind::Ghcr.read_only_login())
            }
            Self::WrongCredentials { short_lived: Some(ShortLived::GitLabJob) } => {
                format!("a job's token is valid only while the job runs: use {}", Kind::GitLab.read_only_login())
            }
            Self::WrongCredentials { short_lived: None } if kind == Kind::Ecr => {
                "the username is `AWS`, the password what `aws ecr get-login-password` prints for the registry's region".to_owned()
            }
            Self::WrongCredentials { short_lived: None } => "check both with `docker login`, and replace the wrong one".to_owned(),
            Self::ExpiredToken(_) => {
                "get a new one; --from-command NAME='CMD' gets one during each render".to_owned()
            }
            Self::InvalidToken => {
                "the registry's owner must check its clock, and the issuer, service and certificate of its token server".to_owned()
            }
            Self::NoAccess(denial) => denial.help(kind),
            Self::LoginNeeded => "if it is private, add credentials to the service; if not, check its name for typos".to_owned(),
            Self::Forbidden(_) => {
                "a firewall or a filter may be in between: no login helps; ask the registry's owner to let providers in".to_owned()
            }
            Self::AddressBlocked(_) => {
                "allow every address, or a public endpoint: a provider's address is not known before the lease".to_owned()
            }
            Self::PaymentRequired(_) => "check the plan and the invoices of the registry's account".to_owned(),
            Self::Policy(_) => "meet the policy, for example with an image without known vulnerabilities, or ask its owner".to_owned(),
            Self::Legal(_) => "use another image or registry".to_owned(),
            Self::NoRepository => "check the name for typos, and that the image has been pushed".to_owned(),
            Self::NoTag => "check the tag for typos, and that it has been pushed".to_owned(),
            Self::NoImage => "check the name and the tag for typos, and that the image has been pushed".to_owned(),
            Self::ChildGone { .. } | Self::BlobGone(..) => {
                "push the image again, and keep clean-up jobs from deleting untagged parts of it".to_owned()
            }
            Self::Broken(_) => "build and push the image again".to_owned(),
            Self::RateLimited { until, with_login, .. } => {
                let when = if until.is_some() { "wait until then" } else { "try again later" };
                match with_login {
                    true => format!("{when}; the limit is that of this account"),
                    false => format!("{when}; with a login, the limit is usually higher"),
                }
            }
            Self::ForeignRealm(host) => format!("if {host} is the login server of this registry, use --trust-realm {host}"),
            Self::ForeignRedirect(host) => format!("use the host that has the image: {host}"),
            Self::PrivateAddress(host) if names.is_own(host) => "check the DNS records of this name, and try again".to_owned(),
            Self::PrivateAddress(host) => {
                format!("a provider can't reach it either; if you trust it, use --trust-realm {host}")
            }
            Self::ServerFault(Party::Registry, _) => "try again later, and check the status page of the registry".to_owned(),
            Self::ServerFault(Party::Other(host), _) => format!("try again later, and check {host}"),
            Self::NotARegistry(..) => "check that this is the host of the registry, not of its web page".to_owned(),
            Self::TooLarge(..) => "containerd does not take such a manifest: build the image with fewer parts".to_owned(),
            Self::WrongType(_) => {
                "a proxy or a static web server in between may set it: the registry must send the manifest's own media type".to_owned()
            }
            Self::Schema1 => "pull it with an old docker and push it again, or build it again".to_owned(),
            Self::WrongDigest => "a proxy or cache may be broken: pull the image over another network and compare".to_owned(),
            Self::NotAnImage => "use the tag of an image, not of a chart, a signature or another artifact".to_owned(),
            Self::NoAmd64(_) | Self::WrongPlatform(_) => {
                "build it for linux/amd64, too: docker buildx build --platform linux/amd64,linux/arm64".to_owned()
            }
        }
    }
}

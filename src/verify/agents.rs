//! The HTTP agents: what they trust, and the proxies that they use.

use std::ffi::OsString;
use std::path::PathBuf;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use ureq::Agent;
use ureq::unversioned::transport::{ConnectProxyConnector, Connector as _, TcpConnector};

use super::SetupError;
use super::client::CONNECTIONS;
use super::proxy::Proxies;
use super::tls::Tls;
use super::zone::{GuardedNames, Zone, Zones};

/// HTTP agents that trust the same certificates.
#[derive(Debug)]
pub(super) struct Agents {
    /// Without a proxy, each with the innermost zone that it reaches.
    direct: [(Zone, Agent); 3],
    pub(super) secure_proxy: Option<Agent>,
    pub(super) plain_proxy: Option<Agent>,
}

impl Agents {
    /// Those that trust the public authorities.
    pub(super) fn public(proxies: &Proxies, zones: &Zones) -> Self {
        Self::trusting(&Tls::public(), proxies, zones)
    }

    /// The one that uses no proxy and reaches no host further inside than `limit`.
    pub(super) fn direct(&self, limit: Zone) -> &Agent {
        let [(_, first), others @ ..] = &self.direct;
        others.iter().find(|(zone, _)| *zone == limit).map_or(first, |(_, agent)| agent)
    }

    fn trusting(tls: &Tls, proxies: &Proxies, zones: &Zones) -> Self {
        let build = |proxy: Option<ureq::Proxy>, limit: Zone| {
            let config = Agent::config_builder()
                .proxy(proxy)
                .max_redirects(0)
                .http_status_as_error(false)
                .max_idle_connections(CONNECTIONS * 20)
                .max_idle_connections_per_host(CONNECTIONS)
                .user_agent(concat!("sdlrender/", env!("CARGO_PKG_VERSION")))
                .build();
            let connector = ConnectProxyConnector::default().chain(TcpConnector::default()).chain(tls.clone());
            Agent::with_parts(config, connector, GuardedNames::new(zones, limit))
        };
        Self {
            direct: [Zone::Public, Zone::Private, Zone::Machine].map(|limit| (limit, build(None, limit))),
            // What is looked up here is the proxy.
            secure_proxy: proxies.secure.clone().map(|proxy| build(Some(proxy), Zone::Machine)),
            plain_proxy: proxies.plain.clone().map(|proxy| build(Some(proxy), Zone::Machine)),
        }
    }
}

/// Those that trust the certificates in the file that SSL_CERT_FILE names, if it is set.
///
/// # Errors
/// When the file can't be read.
pub(super) fn private(file: Option<OsString>, proxies: &Proxies, zones: &Zones) -> Result<Option<Agents>, SetupError> {
    let Some(path) = file.filter(|path| !path.is_empty()).map(PathBuf::from) else { return Ok(None) };
    let text = std::fs::read(&path).map_err(|error| SetupError::Authorities(path.clone(), error.kind()))?;
    let certificates = CertificateDer::pem_slice_iter(&text).filter_map(Result::ok).collect();
    Ok(Tls::private(certificates).map(|tls| Agents::trusting(&tls, proxies, zones)))
}

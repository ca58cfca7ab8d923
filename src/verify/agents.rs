//! The HTTP agents: what they trust, and the proxies that they use.

use std::ffi::OsString;
use std::path::PathBuf;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use ureq::Agent;
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{ConnectProxyConnector, Connector as _, TcpConnector};

use super::SetupError;
use super::client::CONNECTIONS;
use super::proxy::Proxies;
use super::tls::Tls;

/// HTTP agents that trust the same certificates.
#[derive(Debug)]
pub(super) struct Agents {
    pub(super) direct: Agent,
    pub(super) secure_proxy: Option<Agent>,
    pub(super) plain_proxy: Option<Agent>,
}

impl Agents {
    /// Those that trust the public authorities.
    pub(super) fn public(proxies: &Proxies) -> Self {
        Self::trusting(&Tls::public(), proxies)
    }

    fn trusting(tls: &Tls, proxies: &Proxies) -> Self {
        let build = |proxy: Option<ureq::Proxy>| {
            let config = Agent::config_builder()
                .proxy(proxy)
                .max_redirects(0)
                .http_status_as_error(false)
                .max_idle_connections(CONNECTIONS * 20)
                .max_idle_connections_per_host(CONNECTIONS)
                .user_agent(concat!("sdlrender/", env!("CARGO_PKG_VERSION")))
                .build();
            let connector = ConnectProxyConnector::default().chain(TcpConnector::default()).chain(tls.clone());
            Agent::with_parts(config, connector, DefaultResolver::default())
        };
        Self {
            direct: build(None),
            secure_proxy: proxies.secure.clone().map(|proxy| build(Some(proxy))),
            plain_proxy: proxies.plain.clone().map(|proxy| build(Some(proxy))),
        }
    }
}

/// Those that trust the certificates in the file that SSL_CERT_FILE names, if it is set.
///
/// # Errors
/// When the file can't be read.
pub(super) fn private(file: Option<OsString>, proxies: &Proxies) -> Result<Option<Agents>, SetupError> {
    let Some(path) = file.filter(|path| !path.is_empty()).map(PathBuf::from) else { return Ok(None) };
    let text = std::fs::read(&path).map_err(|error| SetupError::Authorities(path.clone(), error.kind()))?;
    let certificates = CertificateDer::pem_slice_iter(&text).filter_map(Result::ok).collect();
    Ok(Tls::private(certificates).map(|tls| Agents::trusting(&tls, proxies)))
}

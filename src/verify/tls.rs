//! TLS: which certificates are trusted, and what is told of the others.
//!
//! ureq's own connector trusts authorities and nothing else. A certificate that its owner signed with itself is an authority, which a client
//! in Go accepts as a server's certificate too if it is told to trust it: containerd does. Here as well.

use std::fmt;
use std::io::{self, Read as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{ResolvesClientCert, WebPkiServerVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::sign::CertifiedKey;
use rustls::{
    AlertDescription, CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, RootCertStore, SignatureScheme,
    StreamOwned,
};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout, Transport, TransportAdapter,
};

/// Makes TLS connections that trust the same certificates.
#[derive(Clone)]
pub(super) struct Tls(Arc<ClientConfig>);

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}

impl Tls {
    /// Trusts the public authorities. They are built in: a provider trusts only these, whatever this machine trusts.
    pub(super) fn public() -> Self {
        let built = Self::trusting(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() }, Vec::new());
        // It fails only without any authority, or without a version of TLS that ring has.
        built.expect("the built-in authorities are many, and ring has all versions of TLS")
    }

    /// Trusts `certificates`: as authorities, and as what they are. None if there are none.
    pub(super) fn private(certificates: Vec<CertificateDer<'static>>) -> Option<Self> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(certificates.iter().cloned());
        Self::trusting(roots, certificates)
    }

    fn trusting(roots: RootCertStore, known: Vec<CertificateDer<'static>>) -> Option<Self> {
        let provider = Arc::new(ring::default_provider());
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build().ok()?;
        let builder = ClientConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions().ok()?;
        let verifier = Verifier { authorities: verifier, known, provider };
        let config = builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth();
        Some(Self(Arc::new(config)))
    }
}

/// Checks certificates as [`WebPkiServerVerifier`] does, and says which one is of its own making.
#[derive(Debug)]
struct Verifier {
    authorities: Arc<WebPkiServerVerifier>,
    known: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let error = match self.authorities.verify_server_cert(certificate, intermediates, name, ocsp, now) {
            Ok(verified) => return Ok(verified),
            Err(rustls::Error::InvalidCertificate(error)) => error,
            Err(error) => return Err(error),
        };
        let is_authority = is_authority(&error);
        if is_authority && self.known.iter().any(|known| known.as_ref() == certificate.as_ref()) {
            // It was valid now, which is checked before what it may be used for; its name was not looked at yet.
            rustls::client::verify_server_name(&ParsedCertificate::try_from(certificate)?, name)?;
            return Ok(ServerCertVerified::assertion());
        }
        // An authority of the same name with another key gives a bad signature.
        let unknown = matches!(error, CertificateError::UnknownIssuer | CertificateError::BadSignature);
        let own = is_authority || unknown && self.signs_itself(certificate, name, now);
        Err(rustls::Error::InvalidCertificate(if own { CertificateError::ApplicationVerificationFailure } else { error }))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

impl Verifier {
    /// Whether `certificate` would be trusted if it were an authority itself, whatever its name.
    fn signs_itself(&self, certificate: &CertificateDer<'_>, name: &ServerName<'_>, now: UnixTime) -> bool {
        let mut roots = RootCertStore::empty();
        if roots.add(certificate.clone().into_owned()).is_err() {
            return false;
        }
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), self.provider.clone()).build();
        match verifier.map(|verifier| verifier.verify_server_cert(certificate, &[], name, &[], now)) {
            Ok(Err(rustls::Error::InvalidCertificate(error))) => {
                matches!(error, CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. })
                    || is_authority(&error)
            }
            Ok(Ok(_)) => true,
            _ => false,
        }
    }
}

/// Whether a certificate was refused as a server's because it is an authority's. rustls has no name of its own for that error of webpki.
fn is_authority(error: &CertificateError) -> bool {
    matches!(error, CertificateError::Other(other) if format!("{other:?}").contains("CaUsedAsEndEntity"))
}

/// Has no certificate for a server, and knows whether one was wanted: TLS 1.2 has no word of its own for a refusal because of that.
#[derive(Debug)]
struct WantsCertificate(AtomicBool);

impl ResolvesClientCert for WantsCertificate {
    fn resolve(&self, _hints: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.0.store(true, Ordering::Relaxed);
        None
    }

    fn has_certs(&self) -> bool {
        false
    }
}

impl WantsCertificate {
    /// The error that says so, if a connection failed after a certificate was wanted.
    fn explain(&self, error: io::Error) -> io::Error {
        let alert = |error: &rustls::Error| matches!(error, rustls::Error::AlertReceived(AlertDescription::HandshakeFailure));
        let failed = error.get_ref().and_then(|inner| inner.downcast_ref()).is_some_and(alert);
        match failed && self.0.load(Ordering::Relaxed) {
            true => io::Error::other(rustls::Error::AlertReceived(AlertDescription::CertificateRequired)),
            false => error,
        }
    }
}

impl<In: Transport> Connector<In> for Tls {
    type Out = Either<In, Encrypted>;

    fn connect(&self, details: &ConnectionDetails<'_>, chained: Option<In>) -> Result<Option<Self::Out>, ureq::Error> {
        let Some(transport) = chained else { return Ok(None) };
        if !details.needs_tls() || transport.is_tls() {
            return Ok(Some(Either::A(transport)));
        }
        let host = details.uri.host().unwrap_or_default();
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let name = ServerName::try_from(host.to_owned()).map_err(|_| ureq::Error::BadUri(String::new()))?;
        let wanted = Arc::new(WantsCertificate(AtomicBool::new(false)));
        let mut config = ClientConfig::clone(&self.0);
        config.client_auth_cert_resolver = wanted.clone();
        let mut connection = ClientConnection::new(Arc::new(config), name)?;
        let mut socket = TransportAdapter::new(transport.boxed(), details.current_time.clone());
        socket.set_timeout(details.timeout);
        connection.complete_io(&mut socket).map_err(|error| wanted.explain(error))?;
        let buffers = LazyBuffers::new(details.config.input_buffer_size(), details.config.output_buffer_size());
        Ok(Some(Either::B(Encrypted { buffers, stream: StreamOwned::new(connection, socket) })))
    }
}

/// A TLS connection.
pub(super) struct Encrypted {
    buffers: LazyBuffers,
    stream: StreamOwned<ClientConnection, TransportAdapter>,
}

impl fmt::Debug for Encrypted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Encrypted")
    }
}

impl Transport for Encrypted {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
        self.stream.get_mut().set_timeout(timeout);
        let output = &self.buffers.output()[..amount];
        Ok(self.stream.write_all(output)?)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
        self.stream.get_mut().set_timeout(timeout);
        let amount = self.stream.read(self.buffers.input_append_buf())?;
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    fn is_open(&mut self) -> bool {
        self.stream.get_mut().get_mut().is_open()
    }

    fn is_tls(&self) -> bool {
        true
    }
}

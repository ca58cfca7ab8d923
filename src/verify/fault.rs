//! Network errors, classified.

use std::io::{self, ErrorKind};

use rustls::{AlertDescription, CertificateError};

use super::verdict::CertificateFault;
use super::zone::InsideAddress;

/// Why a request got no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    Unresolved,
    Unreachable(String),
    Proxy(String),
    Certificate(CertificateFault),
    NotTls,
    /// The server wants a certificate of its client.
    ClientCertificate,
    /// The connection was closed too early.
    Closed,
    TimedOut,
    /// The answer is larger than accepted.
    TooLarge,
    /// The host is on this machine or in a private network, and must not be.
    Inside,
    /// The answer is not HTTP.
    Garbage(&'static str),
}

impl Fault {
    pub(super) fn of(error: ureq::Error) -> Self {
        match error {
            ureq::Error::Timeout(_) => Self::TimedOut,
            ureq::Error::HostNotFound => Self::Unresolved,
            ureq::Error::Io(error) => Self::of_io(&error),
            ureq::Error::Rustls(error) => Self::of_tls(&error),
            ureq::Error::Tls(_) | ureq::Error::TlsRequired => Self::NotTls,
            ureq::Error::ConnectProxyFailed(why) => Self::Proxy(why),
            ureq::Error::ConnectionFailed => Self::Unreachable("none of its addresses answers".to_owned()),
            ureq::Error::BodyExceedsLimit(_) | ureq::Error::LargeResponseHeader(..) => Self::TooLarge,
            ureq::Error::BadUri(_) | ureq::Error::Http(_) => Self::Garbage("it sent an invalid address"),
            _ => Self::Garbage("its answer is not HTTP"),
        }
    }

    fn of_io(error: &io::Error) -> Self {
        if let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            return Self::of_tls(tls);
        }
        if error.get_ref().is_some_and(|inner| inner.is::<InsideAddress>()) {
            return Self::Inside;
        }
        match error.kind() {
            ErrorKind::TimedOut | ErrorKind::WouldBlock => Self::TimedOut,
            ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
                Self::Closed
            }
            // The standard library has no kind for a failed look-up: recognised by this text with a C library, by these codes on Windows.
            _ if error.raw_os_error().is_none() && error.to_string().contains("lookup address") => Self::Unresolved,
            _ if cfg!(windows) && matches!(error.raw_os_error(), Some(11_001 | 11_002 | 11_004)) => Self::Unresolved,
            ErrorKind::ConnectionRefused => Self::Unreachable("connection refused".to_owned()),
            // The reason of the operating system contains no value.
            _ if error.raw_os_error().is_some() => Self::Unreachable(error.to_string()),
            _ => Self::Garbage("its answer is not HTTP"),
        }
    }

    fn of_tls(error: &rustls::Error) -> Self {
        match error {
            rustls::Error::InvalidCertificate(error) => Self::Certificate(match error {
                CertificateError::Expired | CertificateError::ExpiredContext { .. } => CertificateFault::Expired,
                CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => CertificateFault::NotYetValid,
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                    CertificateFault::WrongName
                }
                CertificateError::UnknownIssuer | CertificateError::BadSignature => CertificateFault::UnknownIssuer,
                // Which only our verifier says.
                CertificateError::ApplicationVerificationFailure => CertificateFault::SelfSigned,
                _ => CertificateFault::Invalid,
            }),
            rustls::Error::AlertReceived(
                AlertDescription::CertificateRequired | AlertDescription::BadCertificate | AlertDescription::UnknownCA,
            ) => Self::ClientCertificate,
            rustls::Error::AlertReceived(alert) => Self::Unreachable(format!("it refuses the TLS connection: {alert:?}")),
            _ => Self::NotTls,
        }
    }
}

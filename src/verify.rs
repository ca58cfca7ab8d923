//! Checks, before a lease is paid for, that a provider can pull the image of each service: with the credentials that kubelet would use, the
//! login of the registry, and the same requests for the image.
//!
//! It pulls only manifests and the configuration of the image that a provider would take. It writes nothing. A secret is sent only in the
//! Authorization header, and only to the host that it belongs to.

use std::io;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use crate::registry::token;
use crate::secret::Secret;

// What an image consists of.
pub(crate) mod platform;

mod manifest;

// The way to a host.
mod origin;

mod zone;

mod proxy;

mod tls;

mod agents;

mod fault;

mod pace;

mod realm;

mod client;

// Logging in, and what comes of it.
mod challenge;

mod said;

pub(crate) mod verdict;

mod refusal;

mod login;

mod rights;

mod lookup;

mod content;

// From a document to outcomes.
pub(crate) mod services;

mod work;

pub(crate) mod pin;

#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;

use platform::Platform;
pub(crate) use proxy::NotAProxy;
use verdict::{LoginState, Names, Verdict, Warning};
pub(crate) use work::verify;

/// The host that serves the images of Docker Hub (`docker.io` is a web page).
const DOCKER_HUB_API: &str = "registry-1.docker.io";

/// A service of the rendered document.
#[derive(Debug)]
pub(crate) struct ServiceLogin {
    /// Its name.
    pub name: String,
    /// Its image, as rendered.
    pub image: Secret,
    /// Its credentials, if any.
    pub login: Option<Login>,
    /// The image for messages, with masks instead of secrets.
    pub shown_image: String,
    /// `credentials.host` for messages, with masks instead of secrets.
    pub shown_host: Option<String>,
}

impl ServiceLogin {
    /// Whether its image contains a secret.
    fn hides_image(&self) -> bool {
        self.shown_image != self.image.expose()
    }
}

/// A service's credentials, as rendered.
#[derive(Debug)]
pub(crate) struct Login {
    /// The host, trimmed if the SDL version requires it.
    pub host: Secret,
    /// The username.
    pub username: Secret,
    /// The password.
    pub password: Secret,
    /// Whether the username comes from a placeholder, and so must not be shown.
    pub secret_username: bool,
}

impl Login {
    /// The username and password, trimmed as the provider does.
    fn trimmed(&self) -> (&str, &str) {
        (self.username.expose().trim(), self.password.expose().trim())
    }

    /// When the password expires, if it says so.
    fn end(&self) -> Option<SystemTime> {
        token::end(self.password.expose())
    }

    /// The warning that the password expires, if it says so or is known to.
    fn expiry(&self) -> Option<Warning> {
        let soon = || token::short_lived(self.password.expose()).map(Warning::EndsSoon);
        self.end().map(Warning::Ends).or_else(soon)
    }

    /// The verdict on a login that was refused.
    fn refused(&self) -> Verdict {
        match self.end() {
            Some(at) if at <= SystemTime::now() => Verdict::ExpiredToken(Some(at)),
            _ => Verdict::WrongCredentials { short_lived: token::short_lived(self.password.expose()) },
        }
    }

    fn equals(&self, other: &Self) -> bool {
        self.host.expose() == other.host.expose() && self.trimmed() == other.trimmed()
    }
}

/// Options of [`verify`].
#[derive(Debug, Clone)]
pub(crate) struct Options {
    /// Whether every layer is asked for, too.
    pub layers: bool,
    /// The time limit for looking up one image, including retries.
    pub timeout: Duration,
    /// Hosts, with or without a port, for which plain HTTP is allowed. It is always allowed for this machine.
    pub insecure: Vec<String>,
    /// Hosts of token servers that may get credentials although the registry has an unrelated name.
    pub trusted_realms: Vec<String>,
}

/// An image that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Image {
    /// The digest of its manifest or index.
    pub digest: String,
    /// Its platforms, sorted; empty if the registry doesn't say.
    pub platforms: Vec<Platform>,
}

/// The result for one service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// The registry for messages: its name, unless the image contains a secret.
    pub registry: String,
    /// Whether kubelet would use the credentials.
    pub with_login: bool,
    /// What became of the login; none if that is unknown.
    pub login: Option<LoginState>,
    /// The verdict.
    pub verdict: Verdict,
    /// The warnings.
    pub warnings: Vec<Warning>,
    /// The image, if it exists.
    pub image: Option<Image>,
    /// What the server said with its refusal, without the login.
    pub said: Option<String>,
}

impl Outcome {
    /// Hides the password, which the server may have sent back as the name of a host or a platform.
    fn conceal(&mut self, password: &str) {
        let secrets = [password];
        self.verdict.conceal(&secrets);
        self.warnings.iter_mut().for_each(|warning| warning.conceal(&secrets));
        self.image.iter_mut().flat_map(|image| &mut image.platforms).for_each(|platform| platform.conceal(&secrets));
    }

    /// The names that the messages on `service` use.
    pub(crate) fn names<'n>(&'n self, service: &'n ServiceLogin) -> Names<'n> {
        Names { image: &service.shown_image, registry: &self.registry, host: service.shown_host.as_deref() }
    }
}

/// Why nothing can be verified at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SetupError {
    /// A variable for a proxy is invalid.
    Proxy(NotAProxy),
    /// The file in SSL_CERT_FILE can't be read.
    Authorities(PathBuf, io::ErrorKind),
}

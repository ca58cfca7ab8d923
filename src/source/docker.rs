//! Stored logins: `docker("ghcr.io").username` and `.password`, with a path where a registry has several.
//!
//! Read as the tools that store them do: from the registry's helper in `credHelpers`, else from the helper in `credsStore`, else from
//! `auths`. The crate `docker_credential` reads Docker's file, but it keeps passwords in plain strings, gives a helper unlimited time and
//! the whole environment, mistakes an identity token for a password, and takes the login of any path of a host.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use zeroize::Zeroizing;

use super::child::Hidden;
use super::{Source, SourceError};
use crate::secret::{Origin, Secret};

mod config;
mod helper;

use config::{Candidate, ServerName};
use helper::HelperAnswer;
pub(crate) use helper::HelperError;

/// The username of Azure's identity tokens.
const AZURE: &str = "00000000-0000-0000-0000-000000000000";

/// The stored logins. Each host or path is looked up once.
pub(crate) struct Docker {
    timeout: Duration,
    hidden: Hidden,
    logins: Mutex<HashMap<String, Result<Option<Arc<DockerLogin>>, DockerError>>>,
}

/// The usernames or the passwords of the logins, as a source.
#[derive(Debug)]
pub(super) struct LoginPart {
    pub(super) docker: Arc<Docker>,
    pub(super) origin: Origin,
}

struct DockerLogin {
    username: Secret,
    password: Secret,
}

/// Why a stored login is unusable. Holds nothing of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DockerError {
    /// A place of logins can't be read: its name, and the reason.
    Config(String, String),
    /// A place of logins is not JSON: its name.
    Syntax(String),
    /// The login to this host is an identity token, which must be exchanged for access; an SDL needs a password.
    IdentityToken(String),
    /// The same, and it is Azure's.
    AzureToken(String),
    /// The stored login to this host is not `username:password` in base64.
    Auth(String),
    /// A credential helper failed.
    Helper(Box<HelperError>),
}

impl std::fmt::Debug for Docker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Docker")
    }
}

impl Docker {
    pub(super) fn new(timeout: Duration, hidden: Hidden) -> Self {
        Self { timeout, hidden, logins: Mutex::default() }
    }

    fn login(&self, asked: &str) -> Result<Option<Arc<DockerLogin>>, DockerError> {
        let mut logins = self.logins.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = logins.get(asked) {
            return known.clone();
        }
        let found = self.look_up(asked).map(|found| found.map(Arc::new));
        logins.insert(asked.to_owned(), found.clone());
        found
    }

    fn look_up(&self, asked: &str) -> Result<Option<DockerLogin>, DockerError> {
        for place in config::places() {
            let Some(config) = place.read()? else { continue };
            let mut absent = None;
            for candidate in config.candidates(asked) {
                if let Some(helper) = config.helper(asked).filter(|_| absent.is_none()) {
                    match self.ask(helper, &candidate, asked) {
                        Err(DockerError::Helper(failure)) if failure.is_absent => absent = Some(failure),
                        Ok(None) => {}
                        found => return found,
                    }
                }
                for entry in candidate.entries {
                    if let Some(login) = stored(entry, asked)? {
                        return Ok(Some(login));
                    }
                }
            }
            // A helper that is not installed has no login; it is told where nothing else has one.
            if let Some(failure) = absent {
                return Err(DockerError::Helper(failure));
            }
        }
        Ok(None)
    }

    fn ask(&self, helper: &str, candidate: &Candidate<'_>, asked: &str) -> Result<Option<DockerLogin>, DockerError> {
        for name in &candidate.names {
            match helper::ask(helper, name, self.timeout, &self.hidden)
                .map_err(|failure| DockerError::Helper(Box::new(failure)))?
            {
                HelperAnswer::Login(username, password) => return Ok(Some(DockerLogin { username, password })),
                HelperAnswer::Token => return Err(token(asked, "")),
                HelperAnswer::Nothing => {}
            }
        }
        Ok(None)
    }
}

/// The login in an entry of `auths`, if there is one.
fn stored(entry: &Value, asked: &str) -> Result<Option<DockerLogin>, DockerError> {
    let text = |key: &str| entry.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let decoded = text("auth").map(|auth| decoded(auth).ok_or_else(|| DockerError::Auth(asked.to_owned())));
    if text("identitytoken").is_some() {
        let username = decoded.and_then(Result::ok).map(|login| login.username);
        return Err(token(asked, username.as_ref().map_or("", Secret::expose)));
    }
    if let (Some(username), Some(password)) = (text("username"), text("password")) {
        return Ok(Some(DockerLogin { username: secret(username), password: secret(password) }));
    }
    match decoded.transpose()? {
        Some(login) if login.password.is_empty() && login.username.expose() == AZURE => Err(token(asked, AZURE)),
        login => Ok(login),
    }
}

/// `username:password` in base64.
fn decoded(auth: &str) -> Option<DockerLogin> {
    let mut bytes = Zeroizing::new(vec![0; base64::decoded_len_estimate(auth.len())]);
    let length = STANDARD.decode_slice(auth, &mut bytes).ok()?;
    let text = std::str::from_utf8(&bytes[..length]).ok()?;
    let (username, password) = text.trim_end_matches('\0').split_once(':')?;
    Some(DockerLogin { username: secret(username), password: secret(password) })
}

fn token(asked: &str, username: &str) -> DockerError {
    let host = ServerName::of(asked).host;
    let azure = username == AZURE || [".azurecr.io", ".azurecr.cn", ".azurecr.us"].iter().any(|end| host.ends_with(end));
    if azure { DockerError::AzureToken(host) } else { DockerError::IdentityToken(asked.to_owned()) }
}

fn secret(text: &str) -> Secret {
    Secret::new(Zeroizing::new(text.to_owned()))
}

impl Source for LoginPart {
    fn label(&self) -> String {
        "docker login".to_owned()
    }

    fn places(&self, name: &str) -> Vec<String> {
        let place = |place: config::ConfigPlace| match place.read() {
            Ok(Some(config)) => match config.others(name).as_slice() {
                [] => place.name(),
                others => format!("{} (with logins to {} only)", place.name(), others.join(", ")),
            },
            _ => format!("{} (not there)", place.name()),
        };
        config::places().into_iter().map(place).collect()
    }

    fn origin(&self) -> Option<Origin> {
        Some(self.origin)
    }

    fn has(&self, name: &str) -> Result<bool, SourceError> {
        let holds = |entry: &&Value| ["auth", "identitytoken", "username"].iter().any(|key| entry.get(key).is_some());
        for place in config::places() {
            let Some(config) = place.read().map_err(SourceError::Docker)? else { continue };
            // A helper is run only when the value is needed.
            if config.helper(name).is_some() || config.candidates(name).iter().any(|one| one.entries.iter().any(holds)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn runs_programs(&self) -> bool {
        true
    }

    fn get(&self, name: &str) -> Result<Option<Secret>, SourceError> {
        let login = self.docker.login(name).map_err(SourceError::Docker)?;
        Ok(login.map(|login| {
            let part = if self.origin == Origin::DockerUsername { &login.username } else { &login.password };
            secret(part.expose())
        }))
    }
}

//! Logins stored by `docker login`: `docker("ghcr.io").username` and `.password`.
//!
//! Read as Docker's client does: from the registry's helper in `credHelpers`, else from the helper in `credsStore`, else from `auths` in
//! `config.json`. The crate `docker_credential` does the same, but it keeps passwords in plain strings, gives a helper unlimited time and
//! the whole environment, and mistakes an identity token for a password.

use std::collections::HashMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use zeroize::Zeroizing;

use super::child::{self, Ended, Hidden};
use super::{Source, SourceError};
use crate::secret::{Origin, Secret};

/// The server name under which Docker stores a login to Docker Hub.
const HUB: &str = "https://index.docker.io/v1/";

/// The logins stored by Docker's client. Each host is looked up once.
pub(crate) struct Docker {
    timeout: Duration,
    hidden: Hidden,
    logins: Mutex<HashMap<String, Result<Option<Arc<Login>>, DockerError>>>,
}

/// The usernames or the passwords of the logins, as a source.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) docker: Arc<Docker>,
    pub(super) origin: Origin,
}

struct Login {
    username: Secret,
    password: Secret,
}

/// Why a stored login is unusable. Holds nothing of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DockerError {
    /// `config.json` can't be read: its path, and the reason.
    Config(PathBuf, String),
    /// `config.json` is not JSON.
    Syntax(PathBuf),
    /// The login to this host is an identity token, which must be exchanged for access; an SDL needs a password.
    IdentityToken(String),
    /// The stored login to this host is not `username:password` in base64.
    Auth(String),
    /// A credential helper failed: its name, and the reason.
    Helper(String, String),
}

impl std::fmt::Debug for Docker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Docker")
    }
}

/// The host of a server name in `config.json`: without scheme and path, and one name for Docker Hub.
fn host(server: &str) -> &str {
    let bare = server.trim().trim_start_matches("https://").trim_start_matches("http://");
    match bare.split('/').next().unwrap_or(bare) {
        "docker.io" | "registry-1.docker.io" => "index.docker.io",
        host => host,
    }
}

impl Docker {
    pub(super) fn new(timeout: Duration, hidden: Hidden) -> Self {
        Self { timeout, hidden, logins: Mutex::default() }
    }

    fn login(&self, asked: &str) -> Result<Option<Arc<Login>>, DockerError> {
        let mut logins = self.logins.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = logins.get(asked) {
            return known.clone();
        }
        let found = self.look_up(asked).map(|found| found.map(Arc::new));
        logins.insert(asked.to_owned(), found.clone());
        found
    }

    fn look_up(&self, asked: &str) -> Result<Option<Login>, DockerError> {
        let Some(config) = config()? else { return Ok(None) };
        let (server, stored) = stored(&config, asked);
        if let Some(helper) = helper(&config, asked) {
            // A helper finds a login only under the exact name used for `docker login`.
            let mut names = server.into_iter().map(str::to_owned).collect::<Vec<_>>();
            names.extend(match host(asked) {
                "index.docker.io" => vec![HUB.to_owned()],
                host => vec![host.to_owned(), format!("https://{host}")],
            });
            names.dedup();
            for name in names {
                if let Some(login) = self.ask(helper, &name, asked)? {
                    return Ok(Some(login));
                }
            }
        }
        let Some(stored) = stored else { return Ok(None) };
        let text = |key: &str| stored.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        if text("identitytoken").is_some() {
            return Err(DockerError::IdentityToken(asked.to_owned()));
        }
        if let (Some(username), Some(password)) = (text("username"), text("password")) {
            return Ok(Some(Login { username: secret(username), password: secret(password) }));
        }
        let Some(auth) = text("auth") else { return Ok(None) };
        let broken = || DockerError::Auth(asked.to_owned());
        let mut bytes = Zeroizing::new(vec![0; base64::decoded_len_estimate(auth.len())]);
        let length = STANDARD.decode_slice(auth, &mut bytes).map_err(|_| broken())?;
        let text = std::str::from_utf8(&bytes[..length]).map_err(|_| broken())?;
        let (username, password) = text.trim_end_matches('\0').split_once(':').ok_or_else(broken)?;
        Ok(Some(Login { username: secret(username), password: secret(password) }))
    }

    /// Asks a helper for the login to `server`. The protocol (github.com/docker/docker-credential-helpers, README): the server name in,
    /// JSON out.
    fn ask(&self, helper: &str, server: &str, asked: &str) -> Result<Option<Login>, DockerError> {
        let program = format!("docker-credential-{helper}");
        let failed = |why: String| DockerError::Helper(program.clone(), why);
        let call = child::Call { program: &program, arguments: &["get".to_owned()], input: server, hears: true };
        let child::Ran { status, output, .. } = child::run(&call, self.timeout, &self.hidden).map_err(|ended| match ended {
            Ended::NotStarted(why) => failed(why),
            Ended::TimedOut => failed(format!("it did not finish within {} s", self.timeout.as_secs_f32())),
            Ended::TooLong => failed("it printed more than 1 MiB".to_owned()),
        })?;
        if !status.success() {
            // What every helper prints when it has no login. Anything else it prints may be sensitive.
            let said = String::from_utf8_lossy(&output);
            let unknown = said.contains("credentials not found") || said.contains("could not be found");
            return if unknown { Ok(None) } else { Err(failed("it exited with an error".to_owned())) };
        }
        let answer: Value = serde_json::from_slice(&output).map_err(|_| failed("its output is not JSON".to_owned()))?;
        let text = |key: &str| answer.get(key).and_then(Value::as_str).unwrap_or_default();
        match (text("Username"), text("Secret")) {
            ("<token>", _) => Err(DockerError::IdentityToken(asked.to_owned())),
            (_, "") => Ok(None),
            (username, password) => Ok(Some(Login { username: secret(username), password: secret(password) })),
        }
    }
}

fn secret(text: &str) -> Secret {
    Secret::new(Zeroizing::new(text.to_owned()))
}

/// Docker's `config.json`, if it exists.
fn config() -> Result<Option<Rc<Value>>, DockerError> {
    let folder = std::env::var_os("DOCKER_CONFIG").filter(|folder| !folder.is_empty()).map(PathBuf::from);
    let Some(folder) = folder.or_else(|| Some(std::env::home_dir()?.join(".docker"))) else { return Ok(None) };
    let path = folder.join("config.json");
    match std::fs::read(&path).map(Zeroizing::new) {
        Ok(bytes) => serde_json::from_slice(&bytes).map(|value| Some(Rc::new(value))).map_err(|_| DockerError::Syntax(path)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(DockerError::Config(path, error.to_string())),
    }
}

/// The helper that stores the login to `asked`.
fn helper<'c>(config: &'c Value, asked: &str) -> Option<&'c str> {
    let helpers = config.get("credHelpers").and_then(Value::as_object).into_iter().flatten();
    let own = helpers.filter(|(server, _)| host(server) == host(asked)).find_map(|(_, helper)| helper.as_str());
    own.or_else(|| config.get("credsStore").and_then(Value::as_str)).filter(|helper| !helper.is_empty())
}

/// The entry of `auths` for `asked`, with its server name.
fn stored<'c>(config: &'c Value, asked: &str) -> (Option<&'c str>, Option<&'c Value>) {
    let auths = config.get("auths").and_then(Value::as_object).into_iter().flatten();
    let mut fitting = auths.filter(|(server, _)| host(server) == host(asked));
    fitting.next().map_or((None, None), |(server, entry)| (Some(server.as_str()), Some(entry)))
}

impl Source for Part {
    fn label(&self) -> String {
        "docker login".to_owned()
    }

    fn origin(&self) -> Option<Origin> {
        Some(self.origin)
    }

    fn has(&self, name: &str) -> Result<bool, SourceError> {
        let Some(config) = config().map_err(SourceError::Docker)? else { return Ok(false) };
        // A helper is run only when the value is needed.
        Ok(stored(&config, name).1.is_some() || helper(&config, name).is_some())
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

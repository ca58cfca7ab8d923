//! Where the tools store logins, and which of those that are there is meant.
//!
//! Docker reads `DOCKER_AUTH_CONFIG` and then its `config.json`; podman, skopeo and buildah read the file that `REGISTRY_AUTH_FILE` names, or
//! `$DOCKER_CONFIG/config.json`, or else `auth.json` in two folders and then Docker's file. The places here are these, in that order.

use std::ffi::OsString;
use std::path::PathBuf;

use serde_json::Value;
use zeroize::Zeroizing;

use super::DockerError;
use crate::secret::AUTH_CONFIG;

/// The server name under which Docker stores a login to Docker Hub.
pub(super) const HUB: &str = "https://index.docker.io/v1/";

/// A place that may hold logins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ConfigPlace {
    /// The variable [`AUTH_CONFIG`].
    Variable,
    /// A file.
    File(PathBuf),
}

/// The places, in the order in which they are asked.
pub(super) fn places() -> Vec<ConfigPlace> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let folder = |name: &str| set(name).map(PathBuf::from);
    let home = std::env::home_dir();
    let mut files = Vec::new();
    let docker = folder("DOCKER_CONFIG");
    match (folder("REGISTRY_AUTH_FILE"), &docker) {
        (Some(file), _) => files.push(file),
        (None, Some(_)) => {}
        (None, None) => {
            let configuration = folder("XDG_CONFIG_HOME").or_else(|| Some(home.as_ref()?.join(".config")));
            let folders = folder("XDG_RUNTIME_DIR").into_iter().chain(configuration);
            files.extend(folders.map(|folder| folder.join("containers/auth.json")));
        }
    }
    files.extend(docker.or_else(|| Some(home?.join(".docker"))).map(|folder| folder.join("config.json")));
    let variable = set(AUTH_CONFIG).map(|_: OsString| ConfigPlace::Variable);
    variable.into_iter().chain(files.into_iter().map(ConfigPlace::File)).collect()
}

impl ConfigPlace {
    /// Its name in messages.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Variable => AUTH_CONFIG.to_owned(),
            Self::File(path) => path.display().to_string(),
        }
    }

    /// What it holds, if it is there.
    ///
    /// # Errors
    /// When it can't be read, or is not JSON.
    pub(super) fn read(&self) -> Result<Option<Config>, DockerError> {
        let bytes = match self {
            Self::Variable => std::env::var_os(AUTH_CONFIG).unwrap_or_default().into_encoded_bytes(),
            Self::File(path) => match std::fs::read(path) {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(DockerError::Config(self.name(), error.to_string())),
            },
        };
        let bytes = Zeroizing::new(bytes);
        // podman leaves an empty file where all logins were removed.
        if bytes.trim_ascii().is_empty() {
            return Ok(None);
        }
        serde_json::from_slice(&bytes).map(|value| Some(Config(value))).map_err(|_| DockerError::Syntax(self.name()))
    }
}

/// What a place holds: `auths`, `credHelpers` and `credsStore`.
pub(super) struct Config(Value);

/// A registry, or a part of it by path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ServerName {
    /// The host, with its port: one name for Docker Hub.
    pub(super) host: String,
    /// The path, without slashes around it; empty for all of the registry.
    pub(super) path: String,
}

impl ServerName {
    /// The scope of a server name: `ghcr.io`, `https://index.docker.io/v1/`, `registry.gitlab.com/acme/shop`.
    pub(super) fn of(server: &str) -> Self {
        let server = server.trim();
        let bare = server.strip_prefix("https://").or_else(|| server.strip_prefix("http://")).unwrap_or(server);
        let (host, path) = bare.split_once('/').unwrap_or((bare, ""));
        let host = match host.to_ascii_lowercase().as_str() {
            "docker.io" | "registry-1.docker.io" => "index.docker.io".to_owned(),
            host => host.to_owned(),
        };
        // The version of the registry's interface, which names no part of it.
        let path = Some(path.trim_matches('/')).filter(|path| !matches!(*path, "v1" | "v2")).unwrap_or_default();
        // A tag or a digest, of an image reference.
        let path = path.split(['@', ':']).next().unwrap_or_default();
        Self { host, path: path.to_owned() }
    }

    /// It and the scopes around it, the narrowest first.
    fn widening(&self) -> impl Iterator<Item = &str> {
        fn wider<'p>(path: &&'p str) -> Option<&'p str> {
            let around = || path.rsplit_once('/').map_or("", |(wider, _)| wider);
            (!path.is_empty()).then(around)
        }
        std::iter::successors(Some(self.path.as_str()), wider)
    }
}

/// What may hold the login for a scope: the entries of `auths`, and the names by which a helper knows it.
#[derive(Debug)]
pub(super) struct Candidate<'c> {
    /// The entries, the one with the asked name first.
    pub(super) entries: Vec<&'c Value>,
    /// The names for a helper, which finds a login only under the exact name used for `docker login`.
    pub(super) names: Vec<String>,
}

impl Config {
    /// The candidates for the server `asked`, the narrowest scope first. No entry for another path is among them.
    pub(super) fn candidates(&self, asked: &str) -> Vec<Candidate<'_>> {
        let scope = ServerName::of(asked);
        let candidate = |path: &str| {
            let mut found: Vec<_> = self.auths().filter(|(_, own, _)| own.host == scope.host && own.path == path).collect();
            found.sort_by_key(|(server, ..)| *server != asked.trim());
            let mut names: Vec<String> = found.iter().map(|(server, ..)| (*server).to_owned()).collect();
            if path.is_empty() {
                names.extend(match scope.host.as_str() {
                    "index.docker.io" => vec![HUB.to_owned()],
                    host => vec![host.to_owned(), format!("https://{host}")],
                });
            }
            let mut seen = Vec::new();
            names.retain(|name| {
                !seen.contains(name) && {
                    seen.push(name.clone());
                    true
                }
            });
            Candidate { entries: found.into_iter().map(|(.., entry)| entry).collect(), names }
        };
        scope.widening().map(candidate).collect()
    }

    /// The helper that stores the logins to the host of `asked`.
    pub(super) fn helper(&self, asked: &str) -> Option<&str> {
        let host = ServerName::of(asked).host;
        let helpers = self.0.get("credHelpers").and_then(Value::as_object).into_iter().flatten();
        let own = helpers.filter(|(server, _)| ServerName::of(server).host == host).find_map(|(_, helper)| helper.as_str());
        own.or_else(|| self.0.get("credsStore").and_then(Value::as_str)).filter(|helper| !helper.is_empty())
    }

    /// The other paths of the host of `asked` that have a login here.
    pub(super) fn others(&self, asked: &str) -> Vec<&str> {
        let host = ServerName::of(asked).host;
        self.auths().filter(|(_, own, _)| own.host == host && !own.path.is_empty()).map(|(server, ..)| server).collect()
    }

    fn auths(&self) -> impl Iterator<Item = (&str, ServerName, &Value)> {
        let auths = self.0.get("auths").and_then(Value::as_object).into_iter().flatten();
        auths.map(|(server, entry)| (server.as_str(), ServerName::of(server), entry))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_has_one_scope_however_it_is_written() {
        for (server, host, path) in [
            ("ghcr.io", "ghcr.io", ""),
            ("https://ghcr.io/", "ghcr.io", ""),
            ("https://GHCR.io/v2/", "ghcr.io", ""),
            ("docker.io", "index.docker.io", ""),
            ("https://index.docker.io/v1/", "index.docker.io", ""),
            ("docker.io/acme", "index.docker.io", "acme"),
            ("localhost:5000/a/b/", "localhost:5000", "a/b"),
            ("http://h/v1/x", "h", "v1/x"),
        ] {
            assert_eq!(ServerName::of(server), ServerName { host: host.to_owned(), path: path.to_owned() }, "{server}");
        }
        let scope = ServerName::of("h/a/b/c");
        assert_eq!(scope.widening().collect::<Vec<_>>(), ["a/b/c", "a/b", "a", ""]);
        assert_eq!(ServerName::of("h").widening().collect::<Vec<_>>(), [""]);
    }

    #[test]
    fn the_longest_path_comes_first_and_no_other_one_is_there() {
        let text = r#"{"auths": {"h": 1, "https://h": 2, "h/a": 3, "h/a/b": 4, "h/a/bc": 5, "h/x": 6, "g/a/b": 7}}"#;
        let config = Config(serde_json::from_str(text).unwrap());
        let entries = |asked: &str| -> Vec<u64> {
            config.candidates(asked).iter().flat_map(|one| &one.entries).filter_map(|entry| entry.as_u64()).collect()
        };
        assert_eq!(entries("h/a/b"), [4, 3, 1, 2]);
        assert_eq!(entries("h/a/b/c"), [4, 3, 1, 2]);
        assert_eq!(entries("h/a/bcd"), [3, 1, 2]);
        assert_eq!(entries("h"), [1, 2]);
        assert_eq!(entries("https://h"), [2, 1]);
        assert_eq!(entries("i/a/b"), [0_u64; 0]);
    }
}

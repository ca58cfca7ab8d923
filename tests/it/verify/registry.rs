//! Debian's `docker-registry` on loopback: with TLS, and a login by htpasswd or by token.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use super::authority::{Authority, Time};
use super::images::Made;
use crate::support::Folder;

/// A process of a test's own. It ends with the test process, however that ends: a shell waits for its standard input to close.
pub struct Running(Child);

impl Running {
    pub fn start(command: &str, folder: &Path, variables: &[(&str, &str)]) -> Self {
        let script = format!("{command} >server.log 2>&1 & pid=$!; read -r _; kill $pid; wait $pid");
        let mut shell = Command::new("sh");
        shell.args(["-c", &script]).current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        Self(shell.envs(variables.iter().copied()).spawn().expect("a shell"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port()
}

/// Waits until something listens at `port`.
pub fn wait_for(port: u16, log: &Path) {
    let end = Instant::now() + Duration::from_secs(60);
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        let said = || std::fs::read_to_string(log).unwrap_or_default();
        assert!(Instant::now() < end, "nothing listens at {port}: {}", said());
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A registry, its folder and its process.
pub struct Registry {
    pub port: u16,
    folder: Folder,
    _running: Running,
}

/// The names that the registries' certificate is for.
pub const NAMES: [&str; 6] = [
    "127.0.0.1",
    "localhost",
    "registry-1.docker.io",
    "123456789012.dkr.ecr.us-east-1.amazonaws.com",
    "distribution.example",
    "confused.example",
];

impl Registry {
    /// Starts one with `auth`, the part of its configuration that says who may do what, over the storage at `storage`. `files`
    /// are written beside the configuration.
    pub fn start(authority: &Authority, storage: &Path, auth: &str, files: &[(&str, &str)]) -> Self {
        Self::of("docker-registry", authority, storage, auth, files)
    }

    /// The same, of this program: any version of distribution.
    pub fn of(program: &str, authority: &Authority, storage: &Path, auth: &str, files: &[(&str, &str)]) -> Self {
        let folder = Folder::new();
        let certified = authority.certify(&NAMES, Time::Now);
        folder.file("tls.pem", &certified.certificate);
        folder.file("tls.key", &certified.key);
        files.iter().for_each(|(name, content)| _ = folder.file(name, content));
        let port = free_port();
        let storage = storage.display();
        folder.file(
            "config.yml",
            format!(
                "version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {storage}}}}}\nhttp: {{addr: \
                 '127.0.0.1:{port}', tls: {{certificate: tls.pem, key: tls.key}}}}\n{auth}"
            ),
        );
        // No traces are sent anywhere.
        let settings = [("OTEL_TRACES_EXPORTER", "none"), ("REGISTRY_STORAGE_DELETE_ENABLED", "true")];
        let running = Running::start(&format!("{program} serve config.yml"), folder.path(), &settings);
        wait_for(port, &folder.path().join("server.log"));
        Self { port, folder, _running: running }
    }

    /// `127.0.0.1:PORT`
    pub fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        self.folder.read("server.log")
    }
}

/// An htpasswd file for these users, made by the real `htpasswd`.
pub fn htpasswd(users: &[(&str, &str)]) -> String {
    users
        .iter()
        .map(|(user, password)| {
            let mut made = Command::new("htpasswd")
                .args(["-niB", "-C", "4", user])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .expect("htpasswd");
            made.stdin.take().expect("a pipe").write_all(password.as_bytes()).expect("a password");
            let mut line = String::new();
            made.stdout.take().expect("a pipe").read_to_string(&mut line).expect("a line");
            made.wait().expect("an end");
            line.trim().to_owned() + "\n"
        })
        .collect()
}

/// Puts `made` under `repository:tag` through the registry's API, with this Authorization header.
pub fn push(registry: &Registry, authority: &Authority, authorization: &str, repository: &str, tag: &str, made: &Made) {
    Access::new(format!("https://{}", registry.host()), Some(authority), authorization).push(repository, tag, made);
}

/// Writes to a registry.
pub struct Access {
    agent: Agent,
    base: String,
    authorization: String,
}

impl Access {
    /// The registry at `base`, an address, with this Authorization header.
    pub fn new(base: String, authority: Option<&Authority>, authorization: &str) -> Self {
        let mut config = Agent::config_builder().proxy(None);
        if let Some(authority) = authority {
            let root = Certificate::from_pem(authority.pem().as_bytes()).expect("a certificate");
            config = config.tls_config(TlsConfig::builder().root_certs(RootCerts::new_with_certs(&[root])).build());
        }
        Self { agent: config.build().new_agent(), base, authorization: authorization.to_owned() }
    }

    /// Puts `made` under `repository:tag`.
    pub fn push(&self, repository: &str, tag: &str, made: &Made) {
        let base = format!("{}/v2/{repository}", self.base);
        let (header, value) = ("Authorization", self.authorization.as_str());
        for blob in &made.blobs {
            let begun = self.agent.post(format!("{base}/blobs/uploads/")).header(header, value).send_empty();
            let begun = begun.expect("an upload");
            let location = begun.headers()["location"].to_str().expect("an address").to_owned();
            let location = if location.starts_with('/') { format!("{}{location}", self.base) } else { location };
            let and = if location.contains('?') { '&' } else { '?' };
            let put = self.agent.put(format!("{location}{and}digest={}", blob.digest)).header(header, value);
            put.header("Content-Type", "application/octet-stream").send(&blob.content[..]).expect("a blob");
        }
        let last = made.manifests.len() - 1;
        for (number, manifest) in made.manifests.iter().enumerate() {
            let name = if number == last { tag } else { &manifest.digest };
            let put = self.agent.put(format!("{base}/manifests/{name}")).header(header, value);
            put.header("Content-Type", manifest.kind).send(&manifest.content[..]).expect("a manifest");
        }
    }

    /// Deletes `manifests/DIGEST` or `blobs/DIGEST`.
    pub fn delete(&self, repository: &str, what: &str) {
        let address = format!("{}/v2/{repository}/{what}", self.base);
        self.agent.delete(address).header("Authorization", &self.authorization).call().expect("it is deleted");
    }
}

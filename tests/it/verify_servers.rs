//! `sdlrender verify` against servers that misbehave, at hosts of any name: a proxy leads each name to a server of the test's own.
//! All on loopback; every case is searched for its secrets.

mod answers;
mod busy;
mod found;
mod inside;
mod login;
mod rights;
mod time;
pub mod way;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};

use crate::support::Folder;
use crate::verify::authority::{Authority, Certified, Time};
use crate::verify::case::{Case, warnings};
use crate::verify::images::{self, Made};
use crate::verify::registry::{Running, free_port, wait_for};
use crate::verify::server::{Asked, Reply, Server, proxy};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;

pub const PASSWORD: &str = "hunter2-hunter2-hunter2";
pub const NOW: Duration = Duration::ZERO;

pub fn pair() -> String {
    format!("Basic {}", STANDARD.encode(format!("reader:{PASSWORD}")))
}

pub fn basic() -> Reply {
    Reply::status(401).with("WWW-Authenticate", "Basic realm=\"r\"")
}

/// What a registry answers for `made` under any name, to whoever asks.
pub fn serve(made: &Made, asked: &Asked) -> Reply {
    let path = asked.path.split('?').next().unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or_default();
    if asked.path == "/v2/" {
        return Reply::json(200, "{}");
    }
    let manifest = made.manifests.iter().find(|manifest| manifest.digest == name).unwrap_or(made.top());
    let blob = made.blobs.iter().find(|blob| blob.digest == name);
    let found = if asked.path.contains("/blobs/") { blob } else { Some(manifest) };
    match found {
        Some(blob) => Reply::Http(200, vec![("Content-Type", blob.kind.to_owned())], blob.content.clone())
            .with("Docker-Content-Digest", blob.digest.clone()),
        None => Reply::json(404, r#"{"errors":[{"code":"BLOB_UNKNOWN"}]}"#),
    }
}

/// The same, for the one login.
pub fn guarded(made: &Made, asked: &Asked) -> Reply {
    if asked.header("authorization") == pair() { serve(made, asked) } else { basic() }
}

/// A plain server on loopback, and a case with the login there.
pub fn plain(handler: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> (Server, Case<'static>) {
    let server = Server::start(None, NOW, handler);
    let case = Case::new(format!("{}/app:1", server.host())).login(server.host(), "reader", PASSWORD);
    (server, case)
}

/// An authority, where its certificate lies, and servers behind a proxy.
pub struct Net {
    pub authority: Authority,
    pub folder: Folder,
    pub routes: Vec<(String, SocketAddr)>,
}

impl Net {
    pub fn new() -> Self {
        let authority = Authority::new();
        let folder = Folder::new();
        folder.file("ca.pem", authority.pem());
        Self { authority, folder, routes: Vec::new() }
    }

    /// A TLS server at `host`, which is a name without a port.
    pub fn host(&mut self, host: &str, handler: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Server {
        let server = Server::start(Some(&self.authority.certify(&[host], Time::Now)), NOW, handler);
        self.routes.push((format!("{host}:443"), server.address));
        server
    }

    pub fn case<'c>(&self, case: Case<'c>) -> Case<'c> {
        let routes: Vec<(&str, SocketAddr)> = self.routes.iter().map(|(host, to)| (host.as_str(), *to)).collect();
        let at = format!("http://{}", proxy(&routes).0);
        let ca = self.folder.path().join("ca.pem").display().to_string();
        case.set("HTTPS_PROXY", at.clone()).set("HTTP_PROXY", at).set("SSL_CERT_FILE", ca)
    }
}

pub fn no_authorization(server: &Server) {
    assert!(server.asked().iter().all(|asked| asked.header("authorization").is_empty()), "{:?}", server.asked());
}

pub fn bearer(realm: &str) -> Reply {
    Reply::status(401).with("WWW-Authenticate", format!("Bearer realm=\"{realm}\",service=\"s\""))
}

/// A registry that takes the token `t`.
pub fn with_token(realm: String) -> impl Fn(&Asked) -> Reply + Send + Sync + 'static {
    move |asked| match asked.header("authorization") {
        "Bearer t" => serve(&images::index(&["linux/amd64"]), asked),
        _ => bearer(&realm),
    }
}

pub fn unix_now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("a clock").as_secs()
}

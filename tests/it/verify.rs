//! `sdlrender verify` against real registries: Debian's `docker-registry` with a login by htpasswd and by token, `skopeo`, and the
//! AWS CLI. All on loopback; every case is searched for its secrets.

pub(crate) mod authority;
pub(crate) mod case;
pub(crate) mod images;
mod real_basic;
mod real_sdl;
mod real_token;
pub(crate) mod registry;
pub(crate) mod server;
pub(crate) mod tokens;

use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, OnceLock};

use crate::support::{Folder, Ran, require};
use authority::Authority;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use case::{Case, warnings};
use registry::{Registry, Running, free_port, htpasswd, push, wait_for};
use serde_json::Value;
use server::Server;
use tokens::{ISSUER, SERVICE, Signer, User};

/// A password with everything that an encoding could trip over.
const ODD: &str = "p@ss:w%rd/ü+\"x'=&$y{z}#0123456789";
const PASSWORD: &str = "hunter2-hunter2-hunter2";

const USERS: &[User] = &[
    User {
        name: Some("reader"),
        password: PASSWORD,
        repositories: &["team/app", "team/arm", "team/multi", "team/chart", "team/gone"],
        push: false,
    },
    User { name: Some("narrow"), password: PASSWORD, repositories: &["team/multi"], push: false },
    User { name: Some("odd"), password: ODD, repositories: &["team/app"], push: false },
    User { name: None, password: "", repositories: &["open/app"], push: false },
];

/// Two registries over one storage.
struct World {
    authority: Authority,
    basic: Registry,
    token: Registry,
    tokens: Server,
    ca: String,
    storage: PathBuf,
    _folder: Folder,
}

/// The registries, started once; none when a program is missing.
fn world() -> Option<&'static World> {
    static WORLD: OnceLock<Option<World>> = OnceLock::new();
    WORLD.get_or_init(start).as_ref()
}

fn start() -> Option<World> {
    if !["docker-registry", "htpasswd"].map(require).into_iter().all(|there| there) {
        return None;
    }
    let authority = Authority::new();
    let folder = Folder::new();
    let ca = folder.file("ca.pem", authority.pem()).display().to_string();
    let storage = folder.path().join("storage");
    let users = htpasswd(&[("reader", PASSWORD), ("odd", ODD)]);
    let auth = "auth: {htpasswd: {realm: test, path: htpasswd}}\n";
    let basic = Registry::start(&authority, &storage, auth, &[("htpasswd", &users)]);
    let login = format!("Basic {}", STANDARD.encode(format!("reader:{PASSWORD}")));
    let multi = images::index(&["linux/amd64", "linux/arm64", "unknown/unknown"]);
    let images = [
        ("team/app", "1", images::single("linux/amd64")),
        ("team/app", "latest", images::single("linux/amd64")),
        ("team/arm", "1", images::single("linux/arm64")),
        ("team/multi", "1", multi.clone()),
        ("team/multi", "arm", images::index(&["linux/arm64", "linux/riscv64", "windows/amd64"])),
        ("team/chart", "1", images::chart()),
        ("open/app", "1", multi),
    ];
    images.iter().for_each(|(repository, tag, made)| push(&basic, &authority, &login, repository, tag, made));
    let signer = Arc::new(Signer::new());
    let tokens = tokens::start(signer.clone(), USERS);
    let realm = format!("http://{}/token", tokens.host());
    let auth =
        format!("auth: {{token: {{realm: '{realm}', service: {SERVICE}, issuer: {ISSUER}, rootcertbundle: signer.pem}}}}\n");
    let token = Registry::start(&authority, &storage, &auth, &[("signer.pem", &signer.pem)]);
    Some(World { authority, basic, token, tokens, ca, storage, _folder: folder })
}

impl World {
    /// A case at the registry with htpasswd.
    fn basic<'c>(&self, image: &str, user: &'c str, password: &str) -> Case<'c> {
        let host = self.basic.host();
        self.trusting(Case::new(format!("{host}/{image}")).login(host, user, password))
    }

    /// A case at the registry with tokens.
    fn token<'c>(&self, image: &str, user: &'c str, password: &str) -> Case<'c> {
        let host = self.token.host();
        self.trusting(Case::new(format!("{host}/{image}")).login(host, user, password))
    }

    fn trusting<'c>(&self, case: Case<'c>) -> Case<'c> {
        case.set("SSL_CERT_FILE", &self.ca)
    }
}

/// Runs a test with the registries, where they can be started.
fn with(test: impl FnOnce(&World)) {
    if let Some(world) = world() {
        test(world);
    }
}

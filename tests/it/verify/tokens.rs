//! A token server for a registry with token authentication: it checks a password and signs what a user may do.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rcgen::{CertificateParams, KeyPair};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use serde_json::json;

use super::server::{Asked, Reply, Server};

/// Who may read what. `None` is anyone.
pub struct User {
    pub name: Option<&'static str>,
    pub password: &'static str,
    pub repositories: &'static [&'static str],
    /// Whether it may write there, too.
    pub push: bool,
}

/// Signs tokens.
pub struct Signer {
    key: EcdsaKeyPair,
    der: Vec<u8>,
    /// The certificate that the registry trusts.
    pub pem: String,
}

pub const ISSUER: &str = "test-tokens";
pub const SERVICE: &str = "test-registry";

impl Signer {
    pub fn new() -> Self {
        let pair = KeyPair::generate().expect("a key");
        let certificate = CertificateParams::new(Vec::new()).expect("no names").self_signed(&pair).expect("a certificate");
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pair.serialize_der(), &SystemRandom::new());
        Self { key: key.expect("a key"), der: certificate.der().to_vec(), pem: certificate.pem() }
    }

    /// A token that lets `user` do something with a repository, if there is one.
    pub fn token(&self, user: &str, granted: Option<(&str, &[&str])>) -> String {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs();
        let access: Vec<_> =
            granted.iter().map(|(name, actions)| json!({"type": "repository", "name": name, "actions": actions})).collect();
        let header = json!({"typ": "JWT", "alg": "ES256", "x5c": [STANDARD.encode(&self.der)]});
        let claims = json!({
            "iss": ISSUER, "sub": user, "aud": SERVICE, "exp": now + 300, "nbf": now - 60, "iat": now, "jti": "1", "access": access,
        });
        let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", part(&header), part(&claims));
        let signature = self.key.sign(&SystemRandom::new(), text.as_bytes()).expect("a signature");
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// Starts the server on plain loopback HTTP.
pub fn start(signer: Arc<Signer>, users: &'static [User]) -> Server {
    Server::start(None, Duration::ZERO, move |asked| answer(&signer, users, asked))
}

/// What a token server answers.
pub fn answer(signer: &Signer, users: &[User], asked: &Asked) -> Reply {
    let pair = asked.header("authorization").strip_prefix("Basic ").map(|text| STANDARD.decode(text).unwrap_or_default());
    let pair = pair.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let user = users.iter().find(|user| match (&pair, user.name) {
        (Some(pair), Some(name)) => pair.split_once(':') == Some((name, user.password)),
        (None, None) => true,
        _ => false,
    });
    let Some(user) = user else {
        return Reply::json(401, r#"{"errors":[{"code":"UNAUTHORIZED","message":"incorrect username or password"}]}"#);
    };
    let path = asked.path.replace("%3A", ":").replace("%2F", "/").replace("%2C", ",");
    let wanted = path.split(['?', '&']).find_map(|part| part.strip_prefix("scope=repository:"));
    let granted = wanted.and_then(|scope| scope.split_once(':')).filter(|(name, _)| user.repositories.contains(name));
    let actions: Vec<&str> =
        granted.iter().flat_map(|(_, actions)| actions.split(',')).filter(|action| *action == "pull" || user.push).collect();
    let granted = granted.map(|(name, _)| (name, &actions[..]));
    Reply::json(200, &json!({"token": signer.token(user.name.unwrap_or_default(), granted)}).to_string())
}

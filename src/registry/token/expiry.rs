//! When a token expires, if the token itself says so.

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::Deserialize;
use zeroize::Zeroizing;

/// The longest token that is examined, in bytes.
const LIMIT: usize = 64 * 1024;

#[derive(Deserialize)]
struct Ecr {
    expiration: u64,
}

#[derive(Deserialize)]
struct Jwt {
    exp: f64,
}

/// The expiry contained in `password`: `expiration` in an AWS ECR password (base64 of JSON), or `exp` in a JSON Web Token, such as those of
/// Azure and Google's identity tokens. Google's `ya29.` tokens contain none.
pub(crate) fn end(password: &str) -> Option<SystemTime> {
    let password = password.trim();
    if password.len() > LIMIT {
        return None;
    }
    let seconds = jwt(password).or_else(|| ecr(password))?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

fn ecr(password: &str) -> Option<u64> {
    let json = Zeroizing::new(STANDARD.decode(password).ok()?);
    serde_json::from_slice::<Ecr>(&json).ok().map(|token| token.expiration)
}

fn jwt(password: &str) -> Option<u64> {
    let mut parts = password.split('.');
    let (Some(_), Some(claims), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else { return None };
    let json = Zeroizing::new(URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok()?);
    let token = serde_json::from_slice::<Jwt>(&json).ok()?;
    // `exp` is a NumericDate: seconds, which may have a fraction (RFC 7519, section 2).
    (token.exp.is_finite() && token.exp >= 0.0 && token.exp < 1e12).then_some(token.exp as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(password: &str) -> Option<u64> {
        end(password).map(|at| at.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs())
    }

    #[test]
    fn tokens_say_when_they_end() {
        let ecr = STANDARD.encode(r#"{"payload":"x","datakey":"y","version":"2","type":"DATA_KEY","expiration":1700000000}"#);
        assert_eq!(seconds(&ecr), Some(1_700_000_000));
        assert_eq!(seconds(&format!("{ecr}\n")), Some(1_700_000_000));
        let jwt = |claims: &str| format!("eyJhbGciOiJSUzI1NiJ9.{}.c2ln", URL_SAFE_NO_PAD.encode(claims));
        assert_eq!(seconds(&jwt(r#"{"exp":1700000001}"#)), Some(1_700_000_001));
        assert_eq!(seconds(&jwt(r#"{"exp":1700000001.5}"#)), Some(1_700_000_001));
    }

    #[test]
    fn other_passwords_say_nothing() {
        for password in ["", "hunter2", "ya29.a0AfH6.x", "a.b.c", "dckr_pat_x", "eyJhIjoxfQ==", "eyJh.eyJleHAiOi0xfQ.x"] {
            assert_eq!(seconds(password), None, "{password}");
        }
    }
}

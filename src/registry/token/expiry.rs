//! What a token says about itself: when it expires and, in a JSON Web Token of a token server, what it is for.

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{Token, kind};

/// The longest token that is examined, in bytes.
const LIMIT: usize = 64 * 1024;

/// How every ECR password begins: `{"payload":"` in base64.
const ECR: &str = "eyJwYXlsb2FkIjoi";

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

#[derive(Deserialize)]
struct Expiry {
    exp: f64,
}

/// A kind of token that ends soon after it was made, and does not say when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ShortLived {
    /// A Google access token, after an hour: `ya29.…`
    Google,
    /// A GitHub token of a workflow (`GITHUB_TOKEN`) or an app, with the job or after some hours: `ghs_…`, `ghu_…`
    GitHub,
    /// A GitLab job token (`CI_JOB_TOKEN`), with the job: `glcbt-…`
    GitLabJob,
}

/// Whether `password` is a token that ends soon.
pub(crate) fn short_lived(password: &str) -> Option<ShortLived> {
    let password = password.trim();
    match kind(password) {
        Some(Token::GoogleAccess) => Some(ShortLived::Google),
        Some(Token::GitHubApp) if password.starts_with("ghs_") || password.starts_with("ghu_") => Some(ShortLived::GitHub),
        None if password.starts_with("glcbt-") => Some(ShortLived::GitLabJob),
        _ => None,
    }
}

/// The expiry contained in `password`: that of an AWS ECR password, or `exp` in a JSON Web Token, such as those of Azure and Google's
/// identity tokens. Google's `ya29.` tokens contain none.
pub(crate) fn end(password: &str) -> Option<SystemTime> {
    jwt_end(password).or_else(|| ecr_end(password))
}

/// The expiry of an AWS ECR password, which is JSON in base64 with a member `expiration` in seconds. None if `password` isn't that.
pub(crate) fn ecr_end(password: &str) -> Option<SystemTime> {
    let password = password.trim();
    if password.len() > LIMIT || !password.starts_with(ECR) {
        return None;
    }
    let mut json = Zeroizing::new(vec![0; base64::decoded_len_estimate(password.len())]);
    let length = BASE64.decode_slice(password, &mut json).ok()?;
    json.truncate(length);
    // Read by hand: a parser would copy the key into memory that nobody wipes.
    let at = memchr::memmem::rfind(&json, b"\"expiration\"")? + b"\"expiration\"".len();
    let digits = json[at..].iter().skip_while(|byte| matches!(byte, b':' | b' ' | b'"')).take_while(|byte| byte.is_ascii_digit());
    let mut seconds = None;
    for digit in digits {
        seconds = Some(seconds.unwrap_or(0u64).checked_mul(10)?.checked_add(u64::from(digit - b'0'))?);
    }
    at_second(seconds?)
}

fn jwt_end(password: &str) -> Option<SystemTime> {
    let token = serde_json::from_slice::<Expiry>(&claims(password)?).ok()?;
    // `exp` is a NumericDate: seconds, which may have a fraction (RFC 7519, section 2).
    (token.exp.is_finite() && token.exp >= 0.0 && token.exp < 1e12).then_some(token.exp as u64).and_then(at_second)
}

fn at_second(seconds: u64) -> Option<SystemTime> {
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

/// The claims of a JSON Web Token, as JSON. Its signature is not checked. None if `token` isn't one.
pub(crate) fn claims(token: &str) -> Option<Zeroizing<Vec<u8>>> {
    let token = token.trim();
    let mut parts = token.split('.');
    let (Some(_), Some(claims), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else { return None };
    if token.len() > LIMIT {
        return None;
    }
    URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok().map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(password: &str) -> Option<u64> {
        end(password).map(|at| at.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs())
    }

    #[test]
    fn tokens_say_when_they_end() {
        let ecr = BASE64.encode(r#"{"payload":"x","datakey":"y","version":"2","type":"DATA_KEY","expiration":1700000000}"#);
        assert_eq!(seconds(&ecr), Some(1_700_000_000));
        assert_eq!(seconds(&format!(" {ecr}\n")), Some(1_700_000_000));
        assert_eq!(seconds(ecr.trim_end_matches('=')), Some(1_700_000_000));
        let jwt = |claims: &str| format!("eyJhbGciOiJSUzI1NiJ9.{}.c2ln", URL_SAFE_NO_PAD.encode(claims));
        assert_eq!(seconds(&jwt(r#"{"exp":1700000001}"#)), Some(1_700_000_001));
        assert_eq!(seconds(&jwt(r#"{"exp":1700000001.5}"#)), Some(1_700_000_001));
    }

    #[test]
    fn tokens_of_jobs_and_apps_end_soon() {
        let body = "8Kq2Zr5Tn1Xw7Lb4Vd9Sg3Hm6Pc0Yf2Jk5Qa";
        for (prefix, expected) in [
            ("ghs_", Some(ShortLived::GitHub)),
            ("ghu_", Some(ShortLived::GitHub)),
            ("gho_", None),
            ("ghp_", None),
            ("ya29.", Some(ShortLived::Google)),
            ("glcbt-64_", Some(ShortLived::GitLabJob)),
            ("glpat-", None),
        ] {
            assert_eq!(short_lived(&format!(" {prefix}{body}\n")), expected, "{prefix}");
        }
    }

    #[test]
    fn other_passwords_say_nothing() {
        for password in ["", "hunter2", "ya29.a0AfH6.x", "a.b.c", "dckr_pat_x", "eyJhIjoxfQ==", "eyJh.eyJleHAiOi0xfQ.x"] {
            assert_eq!(seconds(password), None, "{password}");
        }
        for json in [r#"{"payload":"x"}"#, r#"{"payload":"x","expiration":99999999999999999999}"#, r#"{"expiration":1}"#] {
            assert_eq!(seconds(&BASE64.encode(json)), None, "{json}");
        }
        assert_eq!(seconds("eyJwYXlsb2FkIjoi!"), None);
    }
}

//! Tokens that must be found, and texts that only resemble them. The tokens are generated from a fixed sequence.

use super::*;

/// `length` random-looking characters from `alphabet`.
fn random(length: usize, alphabet: &str) -> String {
    let alphabet: Vec<char> = alphabet.chars().collect();
    let mut state = 88_172_645_463_325_252u64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    (0..length).map(|_| alphabet[(next() % alphabet.len() as u64) as usize]).collect()
}

const ALNUM: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

fn samples() -> Vec<(Token, String)> {
    let url = format!("{ALNUM}_-");
    let base64 = format!("{ALNUM}+/");
    let encode = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let key = random(64, &base64);
    let pem = format!("-----BEGIN RSA PRIVATE KEY-----\n{key}\n{key}\n-----END RSA PRIVATE KEY-----");
    let account =
        format!(r#"{{"type":"service_account","project_id":"p","private_key":"{}"}}"#, pem.repeat(2).replace('\n', "\\n"));
    let ecr = encode(&format!(r#"{{"payload":"{}","datakey":"x","version":"2","type":"DATA_KEY"}}"#, random(200, ALNUM)));
    vec![
        (Token::GitHubClassic, format!("ghp_{}", random(36, ALNUM))),
        (Token::GitHubApp, format!("gho_{}", random(36, ALNUM))),
        (Token::GitHubApp, format!("ghu_{}", random(36, ALNUM))),
        (Token::GitHubApp, format!("ghs_{}", random(36, ALNUM))),
        (Token::GitHubApp, format!("ghs_{}.{}.{}", random(40, &url), random(90, &url), random(43, &url))),
        (Token::GitHubFineGrained, format!("github_pat_{}_{}", random(22, ALNUM), random(59, ALNUM))),
        (Token::DockerPersonal, format!("dckr_pat_{}", random(27, &url))),
        (Token::DockerOrganization, format!("dckr_oat_{}", random(32, &url))),
        (Token::GitLabPersonal, format!("glpat-{}", random(20, &url))),
        (Token::GitLabPersonal, format!("glpat-{}.{}", random(40, &url), random(9, "0123456789abcdefghijklmnop"))),
        (Token::GitLabDeploy, format!("gldt-{}", random(20, &url))),
        (Token::AwsKey, format!("AKIA{}", random(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))),
        (Token::AwsKey, format!("ASIA{}", random(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))),
        (Token::EcrAuthorization, encode(&format!("AWS:{ecr}"))),
        (Token::EcrPassword, ecr),
        (Token::AzureRegistry, format!("{}+ACRA{}", random(42, &base64), random(5, ALNUM))),
        (Token::GoogleAccess, format!("ya29.{}", random(180, &url))),
        (Token::GoogleKey, encode(&account)),
        (Token::PrivateKey, encode(&pem)),
        (Token::PrivateKey, pem),
    ]
}

#[test]
fn every_shape_is_found_anywhere() {
    for (token, text) in samples() {
        let surroundings = [
            ("", ""),
            ("password: ", "\n"),
            ("  - TOKEN=", "\n"),
            ("# was '", "' once\n"),
            ("url: https://user:", "@host/x"),
            ("- \"--auth=a,", "\""),
            ("x: \"a\\n", "\\n\""),
            ("{{ NAME | default('", "') }}"),
            ("It is ", ". "),
        ];
        for (before, after) in surroundings {
            let whole = format!("{before}{text}{after}");
            assert_eq!(scan(&whole), [(token, before.len()..before.len() + text.len())], "{token:?} in {before:?} … {after:?}");
        }
        assert_eq!(kind(&format!(" {text}\n")), Some(token));
        assert_eq!(scan(&format!("ac-secret://{text}")), [], "{token:?}");
    }
}

#[test]
fn service_account_keys_are_distinguished_from_other_keys() {
    let key = random(64, ALNUM);
    let json = format!(
        "{{\n  \"type\": \"service_account\",\n  \"private_key_id\": \"1\",\n  \"private_key\": \"-----BEGIN PRIVATE KEY-----\\n{key}\\n-----END PRIVATE KEY-----\\n\"\n}}"
    );
    let found = scan(&json);
    assert_eq!(found.iter().map(|(token, _)| *token).collect::<Vec<_>>(), [Token::GoogleKey]);
    let indented = format!("a: |\n  -----BEGIN PRIVATE KEY-----\n  {key}\n  -----END PRIVATE KEY-----\nb: c\n");
    let found = scan(&indented);
    assert_eq!((found.len(), found[0].0), (1, Token::PrivateKey));
    assert!(indented[found[0].1.clone()].ends_with("-----END PRIVATE KEY-----"));
}

#[test]
fn text_that_only_resembles_a_token_is_ignored() {
    let alnum = random(60, ALNUM);
    let cases = [
        "password: ghp_abc123...  # GitHub Personal Access Token".to_owned(),
        format!("ghp_{}", "x".repeat(36)),
        "glpat-your-token-goes-here-please".to_owned(),
        "gldt-XXXXXXXXXXXXXXXXXXXX".to_owned(),
        "dckr_pat_YOUR_DOCKER_HUB_TOKEN_GOES_HERE".to_owned(),
        "AKIAIOSFODNN7EXAMPLE".to_owned(),
        format!("AKIA{}", "X".repeat(16)),
        format!("x{alnum}ghp_{alnum}"),
        format!("sha256:{}", "0a".repeat(32)),
        "-----BEGIN PRIVATE KEY-----\n{{ KEY }}\n-----END PRIVATE KEY-----".to_owned(),
        "-----BEGIN PRIVATE KEY-----\\n...\\n-----END PRIVATE KEY-----\\n".to_owned(),
        format!("-----BEGIN CERTIFICATE-----\n{alnum}\n-----END CERTIFICATE-----"),
        format!("-----BEGIN PUBLIC KEY-----\n{alnum}\n-----END PUBLIC KEY-----"),
        r#"{"type": "service_account", "private_key": "{{ KEY }}"}"#.to_owned(),
        format!("eyJhbGciOiJIUzI1NiJ9.{alnum}.{alnum}"),
        format!("{alnum}+ACRA12"),
        "ya29.".to_owned(),
        "ghp_".to_owned(),
    ];
    for case in cases {
        assert_eq!(scan(&case), [], "{case}");
    }
}

/// The slow way: every position, without jumps.
#[test]
fn jumps_miss_nothing() {
    let samples = samples();
    for pad in 0..64 {
        for (token, text) in &samples {
            let whole = format!("{}{} {text}", "a".repeat(pad % 7), " b".repeat(pad));
            let start = whole.len() - text.len();
            assert_eq!(scan(&whole), [(*token, start..whole.len())], "{token:?} behind {pad}");
        }
    }
}

/// Doubling the text about doubles the time, whatever it contains.
#[test]
fn long_texts_take_linear_time() {
    let nasty = [
        "a",
        "ghp_",
        "-----BEGIN PRIVATE KEY-----",
        "PRIVATE KEY",
        "+ACRA",
        "AKIA/",
        "eyJwYXlsb2FkIjoi",
        "LS0tLS1CRUdJTi/",
        "a b ",
    ];
    for piece in nasty {
        let text = piece.repeat(1_000_000 / piece.len());
        let start = std::time::Instant::now();
        let found = scan(&text).len();
        assert!(start.elapsed() < std::time::Duration::from_secs(5), "{piece}: {:?}, {found} found", start.elapsed());
    }
}

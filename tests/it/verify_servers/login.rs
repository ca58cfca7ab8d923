//! Token servers, and tokens that end.

use super::*;

#[test]
fn a_foreign_token_server_gets_no_credentials_unless_it_is_trusted() {
    let mut net = Net::new();
    let foreign = net.host("login.elsewhere.example", |asked| match asked.header("authorization") {
        authorization if authorization == pair() => Reply::json(200, r#"{"token":"t"}"#),
        _ => Reply::status(401),
    });
    let registry = net.host("registry.example", with_token("https://login.elsewhere.example/token".to_owned()));
    let case = net.case(Case::new("registry.example/app:1").login("registry.example", "reader", PASSWORD));
    let parts =
        ["wants the credentials sent to login.elsewhere.example; they were not sent", "--trust-realm login.elsewhere.example"];
    case.expect("foreign-realm", &parts);
    no_authorization(&foreign);
    case.argument(&["--trust-realm", "login.elsewhere.example"]).expect("ready", &[]);
    assert!(foreign.asked().iter().any(|asked| asked.header("authorization") == pair()));
    assert!(registry.asked().iter().all(|asked| !asked.header("authorization").starts_with("Basic")));
}

#[test]
fn a_token_server_without_tls_gets_no_credentials() {
    let mut net = Net::new();
    let clear = Server::start(None, NOW, |_| Reply::json(200, r#"{"token":"t"}"#));
    net.routes.push(("registry.example:80".to_owned(), clear.address));
    let _registry = net.host("registry.example", with_token("http://registry.example/token".to_owned()));
    let case = net.case(Case::new("registry.example/app:1").login("registry.example", "reader", PASSWORD));
    case.expect("plain-http", &["uses plain HTTP"]);
    assert!(clear.asked().is_empty());
}

#[test]
fn advice_names_the_host_that_it_is_about() {
    let mut net = Net::new();
    let clear = Server::start(None, NOW, |_| Reply::json(200, r#"{"token":"t"}"#));
    net.routes.push(("auth.img.example:80".to_owned(), clear.address));
    let _registry = net.host("img.example", with_token("http://auth.img.example/token".to_owned()));
    let case = net.case(Case::new("img.example/app:1").login("img.example", "reader", PASSWORD));
    let entry = case.expect("plain-http", &["auth.img.example uses plain HTTP", "--insecure auth.img.example "]);
    assert!(!entry["help"].as_str().unwrap().contains("--insecure img"), "{entry:#}");
    // And it leads where it says.
    case.argument(&["--insecure", "auth.img.example"]).expect("ready", &["over plain HTTP"]);
}

#[test]
fn a_login_that_was_not_asked_for_or_proves_nothing_is_not_ok() {
    // The door asks, but the image is for anyone: whatever the login is, nobody looked at it.
    let (_server, case) = plain(|asked| match (asked.path.as_str(), asked.header("authorization")) {
        ("/v2/", authorization) if authorization != pair() => basic(),
        _ => serve(&images::single("linux/amd64"), asked),
    });
    let entry = case.clone().expect("ready", &["can be pulled without the credentials"]);
    assert_eq!(entry["login"], "ok");
    let wrong = Case { password: "wrong-wrong-wrong".to_owned(), ..case };
    assert_eq!(wrong.expect("ready", &[])["login"], "not-asked");
    // The token server gives anyone a token for nothing, and refuses this login for the image.
    let (_server, case) = plain(|asked| match asked.path.as_str() {
        path if path.starts_with("/token") && path.contains("scope=") => Reply::status(401),
        path if path.starts_with("/token") => Reply::json(200, r#"{"token":"t"}"#),
        _ => bearer(&format!("http://{}/token", asked.header("host"))),
    });
    assert_eq!(case.expect("wrong-credentials", &[])["login"], "refused");
}

#[test]
fn advice_on_a_rate_limit_fits_the_login() {
    let limited = |asked: &Asked| match asked.path.as_str() {
        "/v2/" => Reply::status(200),
        _ => Reply::json(429, r#"{"errors":[{"code":"TOOMANYREQUESTS","message":"You have reached your pull rate limit."}]}"#),
    };
    let (server, case) = plain(limited);
    let with = case.argument(&["--timeout", "5"]).expect("rate-limited", &["reached your pull rate limit", "try again later"]);
    assert!(!with["help"].as_str().unwrap().contains("with a login"), "{with:#}");
    let without = Case::new(format!("{}/app:1", server.host())).argument(&["--timeout", "5"]);
    without.expect("rate-limited", &["with a login, the limit is usually higher"]);
}

#[test]
fn a_token_server_that_redirects_elsewhere() {
    let mut net = Net::new();
    let other = net.host("other.example", |_| Reply::status(401));
    let _registry = net.host("registry.example", |asked| match asked.path.as_str() {
        path if path.starts_with("/token") => Reply::status(302).with("Location", "https://other.example/"),
        _ => bearer("https://registry.example/token"),
    });
    let case = net.case(Case::new("registry.example/app:1").login("registry.example", "reader", PASSWORD));
    case.expect("foreign-redirect", &["other.example"]);
    no_authorization(&other);
}

#[test]
fn a_token_server_that_gives_no_token() {
    let (_server, case) = plain(|asked| match asked.path.as_str() {
        path if path.starts_with("/token") => Reply::json(200, r#"{"token":""}"#),
        _ => bearer(&format!("http://{}/token", asked.header("host"))),
    });
    case.expect("not-a-registry", &["its answer contains no token"]);
}

#[test]
fn a_token_server_that_refuses_the_repository_and_not_the_login() {
    let (_server, case) = plain(|asked| match asked.path.as_str() {
        path if path.starts_with("/token") && path.contains("scope=") => Reply::json(403, r#"{"errors":[{"code":"DENIED"}]}"#),
        path if path.starts_with("/token") => Reply::json(200, r#"{"access_token":"t"}"#),
        _ => bearer(&format!("http://{}/token", asked.header("host"))),
    });
    case.expect("no-access", &[]);
}

#[test]
fn a_token_server_with_a_rate_limit() {
    let (_server, case) = plain(|asked| match asked.path.as_str() {
        path if path.starts_with("/token") => Reply::status(429).with("Retry-After", "600"),
        _ => bearer(&format!("http://{}/token", asked.header("host"))),
    });
    case.expect("rate-limited", &["its limit resets"]);
}

#[test]
fn docker_hub_logs_in_at_its_own_host() {
    let mut net = Net::new();
    let login = net.host("auth.docker.io", |asked| match asked.header("authorization") {
        authorization if authorization == pair() => Reply::json(200, r#"{"token":"t"}"#),
        _ => Reply::status(401),
    });
    let hub = net.host("registry-1.docker.io", with_token("https://auth.docker.io/token".to_owned()));
    let case = net.case(Case::new("team/app:1").login("https://index.docker.io/v1/", "reader", PASSWORD));
    let entry = case.expect("ready", &["docker.io"]);
    assert_eq!(entry["registry"], "docker.io");
    assert!(hub.asked().iter().any(|asked| asked.path.starts_with("/v2/team/app/manifests/")));
    assert!(login.asked().iter().any(|asked| asked.path.contains("scope=repository:team/app:pull")), "{:?}", login.asked());
    // Without its last slash the host is another one, and the pull anonymous.
    let case = net.case(Case::new("team/app:1").login("https://index.docker.io/v1", "reader", PASSWORD));
    case.expect("host-mismatch", &["write host: https://index.docker.io/v1/"]);
}

// Tokens that end.

fn ecr(end: u64) -> String {
    let padding = "x".repeat(200);
    STANDARD.encode(format!(r#"{{"payload":"{padding}","datakey":"y","version":"2","type":"DATA_KEY","expiration":{end}}}"#))
}

fn jwt(end: u64) -> String {
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.c2lnbmF0dXJl", part(r#"{"alg":"RS256","typ":"JWT"}"#), part(&format!(r#"{{"iss":"acr","exp":{end}}}"#)))
}

#[test]
fn a_token_that_has_expired_by_its_own_word() {
    for token in [ecr(unix_now() - 60), jwt(unix_now() - 60)] {
        let (server, _) = plain(|_| basic());
        let case = Case::new(format!("{}/app:1", server.host())).login(server.host(), "AWS", token);
        case.expect("expired-token", &["the token expired on ", "--from-command"]);
    }
}

#[test]
fn a_token_that_has_expired_by_the_registry_s_word() {
    let (_server, case) = plain(|asked| match (asked.method.as_str(), asked.header("authorization")) {
        (_, "") => basic(),
        ("HEAD", _) => Reply::status(403),
        _ => Reply::json(
            403,
            r#"{"errors":[{"code":"DENIED","message":"Your authorization token has expired. Reauthenticate and try again."}]}"#,
        ),
    });
    case.expect("expired-token", &["says that the token has expired"]);
}

#[test]
fn a_token_that_will_end_is_said() {
    for token in [ecr(unix_now() + 43_000), jwt(unix_now() + 3_600)] {
        let expected = format!("Basic {}", STANDARD.encode(format!("AWS:{token}")));
        let server = Server::start(None, NOW, move |asked| match asked.header("authorization") {
            authorization if authorization == expected => serve(&images::single("linux/amd64"), asked),
            _ => basic(),
        });
        let case = Case::new(format!("{}/app:1", server.host())).login(server.host(), "AWS", token);
        let entry = case.expect("ready", &["the token in the credentials expires on"]);
        assert!(warnings(&entry).contains(&"token-ends"), "{entry:#}");
    }
}

#[test]
fn a_google_access_token_is_told_to_be_short_lived() {
    let token = format!("ya29.{}", "a0AfB-x9_Q".repeat(12));
    let (server, _) = plain(|_| basic());
    let case = Case::new(format!("{}/app:1", server.host())).login(server.host(), "oauth2accesstoken", token.clone());
    case.expect("wrong-credentials", &["valid for about an hour"]);
    let expected = format!("Basic {}", STANDARD.encode(format!("oauth2accesstoken:{token}")));
    let (server, _) = plain(move |asked| match asked.header("authorization") {
        authorization if authorization == expected => serve(&images::single("linux/amd64"), asked),
        _ => basic(),
    });
    let case = Case::new(format!("{}/app:1", server.host())).login(server.host(), "oauth2accesstoken", token);
    let entry = case.expect("ready", &["expires within an hour"]);
    assert!(warnings(&entry).contains(&"token-ends"), "{entry:#}");
}

//! `sdlrender verify` against servers that misbehave, at hosts of any name: a proxy leads each name to a server of the test's own.
//! All on loopback; every case is searched for its secrets.

mod support;

#[path = "verify/authority.rs"]
mod authority;
#[path = "verify/case.rs"]
mod case;
#[path = "verify/images.rs"]
mod images;
#[path = "verify/server.rs"]
mod server;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};

use authority::{Authority, Time};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use case::{Case, warnings};
use images::Made;
use serde_json::Value;
use server::{Asked, Reply, Server, proxy};
use support::Folder;

const PASSWORD: &str = "hunter2-hunter2-hunter2";
const NOW: Duration = Duration::ZERO;

fn pair() -> String {
    format!("Basic {}", STANDARD.encode(format!("reader:{PASSWORD}")))
}

fn basic() -> Reply {
    Reply::status(401).with("WWW-Authenticate", "Basic realm=\"r\"")
}

/// What a registry answers for `made` under any name, to whoever asks.
fn serve(made: &Made, asked: &Asked) -> Reply {
    let name = asked.path.rsplit('/').next().unwrap_or_default();
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
fn guarded(made: &Made, asked: &Asked) -> Reply {
    if asked.header("authorization") == pair() { serve(made, asked) } else { basic() }
}

/// A plain server on loopback, and a case with the login there.
fn plain(handler: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> (Server, Case<'static>) {
    let server = Server::start(None, NOW, handler);
    let case = Case::new(format!("{}/app:1", server.host())).login(server.host(), "reader", PASSWORD);
    (server, case)
}

/// An authority, where its certificate lies, and servers behind a proxy.
struct Net {
    authority: Authority,
    folder: Folder,
    routes: Vec<(String, SocketAddr)>,
}

impl Net {
    fn new() -> Self {
        let authority = Authority::new();
        let folder = Folder::new();
        folder.file("ca.pem", authority.pem());
        Self { authority, folder, routes: Vec::new() }
    }

    /// A TLS server at `host`, which is a name without a port.
    fn host(&mut self, host: &str, handler: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Server {
        let server = Server::start(Some(&self.authority.certify(&[host], Time::Now)), NOW, handler);
        self.routes.push((format!("{host}:443"), server.address));
        server
    }

    fn case<'c>(&self, case: Case<'c>) -> Case<'c> {
        let routes: Vec<(&str, SocketAddr)> = self.routes.iter().map(|(host, to)| (host.as_str(), *to)).collect();
        let at = format!("http://{}", proxy(&routes).0);
        let ca = self.folder.path().join("ca.pem").display().to_string();
        case.set("HTTPS_PROXY", at.clone()).set("HTTP_PROXY", at).set("SSL_CERT_FILE", ca)
    }
}

fn no_authorization(server: &Server) {
    assert!(server.asked().iter().all(|asked| asked.header("authorization").is_empty()), "{:?}", server.asked());
}

// The way to the host.

#[test]
fn a_host_that_does_not_resolve() {
    let case = Case::new("no-such-host.invalid/app:1").login("no-such-host.invalid", "reader", PASSWORD);
    case.expect("unresolved-host", &["no-such-host.invalid does not resolve"]);
}

#[test]
fn a_host_that_refuses() {
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let case = Case::new(format!("{address}/app:1")).login(address.clone(), "reader", PASSWORD);
    case.expect("unreachable", &[&format!("{address} can't be reached"), "refuses the connection"]);
}

#[test]
fn bad_certificates_are_told_apart() {
    let net = Net::new();
    let ca = net.folder.path().join("ca.pem").display().to_string();
    for (name, time, words) in [
        ("127.0.0.1", Time::Past, "has expired"),
        ("127.0.0.1", Time::Future, "is not valid yet"),
        ("other.example", Time::Now, "is for another name"),
    ] {
        let server = Server::start(Some(&net.authority.certify(&[name], time)), NOW, |_| Reply::status(200));
        let case = Case::new(format!("{}/app:1", server.host())).login(server.host(), "reader", PASSWORD);
        let parts = [&format!("the certificate of {} {words}", server.host())[..]];
        case.set("SSL_CERT_FILE", ca.clone()).expect("certificate", &parts);
        assert!(server.asked().is_empty());
    }
}

#[test]
fn plain_http_on_this_machine() {
    let (_server, case) = plain(|asked| guarded(&images::single("linux/amd64"), asked));
    let entry = case.expect("ready", &["speaks plain HTTP", "the credentials went over plain HTTP"]);
    assert_eq!(warnings(&entry), ["plain-http", "credentials-in-clear"]);
}

#[test]
fn plain_http_elsewhere_gets_no_credentials() {
    let server = Server::start(None, NOW, |asked| guarded(&images::single("linux/amd64"), asked));
    let mut net = Net::new();
    net.routes.push(("plain.example:5000".to_owned(), server.address));
    let case = net.case(Case::new("plain.example:5000/app:1").login("plain.example:5000", "reader", PASSWORD));
    case.expect("plain-http", &["plain.example:5000 speaks plain HTTP", "--insecure plain.example:5000"]);
    no_authorization(&server);
    let entry = case.argument(&["--insecure", "plain.example"]).expect("ready", &[]);
    assert!(warnings(&entry).contains(&"credentials-in-clear"), "{entry:#}");
}

#[test]
fn a_host_that_hangs_ends_at_the_time_limit() {
    let (server, case) = plain(|_| Reply::Hang);
    let begun = Instant::now();
    case.argument(&["--timeout", "1"]).expect("timed-out", &[&format!("{} gave no answer within 1 s", server.host())]);
    // One that does not even greet: connections are taken and left alone.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap().to_string();
    let case = Case::new(format!("{address}/app:1")).login(address.clone(), "reader", PASSWORD);
    case.argument(&["--timeout", "1"]).expect("timed-out", &[&format!("{address} gave no answer within 1 s")]);
    // Four runs.
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
}

#[test]
fn a_manifest_that_hangs_ends_at_the_time_limit() {
    let (server, case) = plain(|asked| if asked.path == "/v2/" { Reply::status(200) } else { Reply::Hang });
    case.argument(&["--timeout", "1"]).expect("timed-out", &[&server.host()]);
}

#[test]
fn a_body_that_never_ends_is_cut() {
    let big = vec![b' '; 5 * 1024 * 1024];
    let (_server, case) = plain(move |asked| match asked.method.as_str() {
        "HEAD" => Reply::status(200),
        _ if asked.path == "/v2/" => Reply::status(200),
        _ => Reply::Http(200, Vec::new(), big.clone()),
    });
    case.expect("not-a-registry", &["too large"]);
}

#[test]
fn garbage_is_no_registry() {
    let mut net = Net::new();
    let _server = net.host("garbage.example", |_| Reply::Raw(b"\x00\xff\xfe nothing at all\r\n\r\n".to_vec()));
    let case = net.case(Case::new("garbage.example/app:1").login("garbage.example", "reader", PASSWORD));
    case.expect("not-a-registry", &["garbage.example does not answer as a registry", "not HTTP"]);
}

#[test]
fn a_web_page_is_no_registry() {
    let page = || Reply::Http(200, vec![("Content-Type", "text/html".to_owned())], b"<html>hello</html>".to_vec());
    let (_server, case) = plain(move |_| page());
    case.expect("not-a-registry", &["its manifest can't be understood"]);
}

#[test]
fn a_connection_that_is_closed() {
    let (_server, case) = plain(|_| Reply::Raw(Vec::new()));
    case.expect("unreachable", &["closes the connection"]);
}

#[test]
fn a_proxy_that_refuses() {
    let net = Net::new();
    let case = net.case(Case::new("elsewhere.example/app:1").login("elsewhere.example", "reader", PASSWORD));
    case.expect("proxy", &["the proxy gives no connection to elsewhere.example", "502"]);
}

#[test]
fn a_proxy_variable_that_names_none_is_a_usage_error() {
    let folder = Folder::new();
    let case = Case::new("ghcr.io/o/a:1").set("HTTPS_PROXY", "ftp://user:hunter2-hunter2-hunter2@proxy");
    let ran = case.run(&folder, &["verify"]);
    assert!(!ran.stderr.contains(PASSWORD));
    ran.fails(2, &["HTTPS_PROXY names no proxy"]);
    let case = Case::new("ghcr.io/o/a:1").set("SSL_CERT_FILE", "/no/such/file");
    case.run(&folder, &["verify"]).fails(2, &["SSL_CERT_FILE=/no/such/file can't be read"]);
}

// Busy and broken servers.

/// A registry whose first `count` answers to HEAD are `reply`.
fn busy(count: usize, reply: impl Fn() -> Reply + Send + Sync + 'static) -> (Server, Case<'static>) {
    let heads = AtomicUsize::new(0);
    plain(move |asked| {
        let head = asked.method == "HEAD" && asked.header("authorization") == pair();
        if head && heads.fetch_add(1, Ordering::SeqCst) < count {
            return reply();
        }
        guarded(&images::single("linux/amd64"), asked)
    })
}

#[test]
fn too_many_requests_are_repeated_when_it_says() {
    let (server, case) = busy(1, || Reply::status(429).with("Retry-After", "1"));
    let begun = Instant::now();
    case.run(&Folder::new(), &["verify"]).ok();
    assert!(begun.elapsed() >= Duration::from_millis(900), "{:?}", begun.elapsed());
    assert_eq!(
        server.asked().iter().filter(|asked| asked.method == "HEAD" && asked.header("authorization") == pair()).count(),
        2
    );
}

#[test]
fn a_rate_limit_is_named_with_its_end() {
    for (header, value) in [
        ("Retry-After", "3600".to_owned()),
        ("Retry-After", httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(3600))),
        ("X-RateLimit-Reset", (unix_now() + 3600).to_string()),
    ] {
        let (_server, case) = busy(usize::MAX, move || Reply::status(429).with(header, value.clone()));
        let begun = Instant::now();
        let entry = case.expect("rate-limited", &["its limit ends ", " GMT"]);
        let said = entry["reason"].as_str().unwrap().split_once("ends ").unwrap().1;
        let end = httpdate::parse_http_date(said).unwrap().duration_since(SystemTime::now()).unwrap();
        assert!((3590..=3600).contains(&end.as_secs()), "{said}");
        assert!(begun.elapsed() < Duration::from_secs(5), "waited in vain");
    }
}

#[test]
fn a_rate_limit_without_an_end_is_repeated_a_few_times() {
    let (server, case) = busy(usize::MAX, || Reply::status(429));
    let ran = case.run(&Folder::new(), &["verify"]);
    assert!(ran.stderr.contains("does not say when"), "{}", ran.stderr);
    let heads = server.asked().iter().filter(|asked| asked.method == "HEAD" && asked.header("authorization") == pair()).count();
    assert_eq!(heads, 3);
}

#[test]
fn a_broken_server_is_asked_again_and_then_named() {
    let (_server, case) = busy(2, || Reply::status(503));
    case.run(&Folder::new(), &["verify"]).ok();
    let (_server, case) = busy(usize::MAX, || Reply::status(500));
    case.expect("server-fault", &["HTTP 500"]);
}

// Redirects.

#[test]
fn a_redirect_to_another_host_gets_no_credentials() {
    let mut net = Net::new();
    let other = net.host("other.example", |_| basic());
    let _registry = net.host("registry.example", |asked| match asked.path.as_str() {
        "/v2/" => basic(),
        path => Reply::status(307).with("Location", format!("https://other.example{path}")),
    });
    let case = net.case(Case::new("registry.example/app:1").login("registry.example", "reader", PASSWORD));
    case.expect("foreign-redirect", &["redirects to other.example", "it got none"]);
    assert!(!other.asked().is_empty());
    no_authorization(&other);
}

#[test]
fn a_configuration_may_lie_on_another_host() {
    let mut net = Net::new();
    let storage = net.host("storage.example", |asked| serve(&images::single("linux/amd64"), asked));
    let _registry = net.host("registry.example", |asked| match asked.path.as_str() {
        path if path.contains("/blobs/") => {
            Reply::status(302).with("Location", format!("https://storage.example{path}?signed=1"))
        }
        _ => guarded(&images::single("linux/amd64"), asked),
    });
    // A path with a query must still find its blob.
    let case = net.case(Case::new("registry.example/app:1").login("registry.example", "reader", PASSWORD));
    let entry = case.expect("ready", &[]);
    assert!(!storage.asked().is_empty(), "{entry:#}");
    no_authorization(&storage);
}

#[test]
fn a_redirect_on_the_same_host_keeps_the_login() {
    let (_server, case) = plain(|asked| match asked.path.strip_prefix("/moved") {
        Some(_) => guarded(&images::single("linux/amd64"), asked),
        None if asked.path == "/v2/" => basic(),
        None => Reply::status(308).with("Location", format!("/moved{}", asked.path)),
    });
    case.expect("ready", &[]);
}

#[test]
fn a_redirect_away_from_tls_is_refused() {
    let mut net = Net::new();
    let clear = Server::start(None, NOW, |asked| serve(&images::single("linux/amd64"), asked));
    net.routes.push(("clear.example:80".to_owned(), clear.address));
    let _registry = net.host("registry.example", |asked| match asked.path.as_str() {
        "/v2/" => basic(),
        path => Reply::status(302).with("Location", format!("http://clear.example{path}")),
    });
    let case = net.case(Case::new("registry.example/app:1").login("registry.example", "reader", PASSWORD));
    case.expect("plain-http", &["clear.example speaks plain HTTP"]);
    assert!(clear.asked().is_empty());
}

#[test]
fn redirects_without_end() {
    let (_server, case) = plain(|asked| Reply::status(302).with("Location", asked.path.clone()));
    case.expect("not-a-registry", &["redirects without end"]);
}

// Token servers.

fn bearer(realm: &str) -> Reply {
    Reply::status(401).with("WWW-Authenticate", format!("Bearer realm=\"{realm}\",service=\"s\""))
}

/// A registry that takes the token `t`.
fn with_token(realm: String) -> impl Fn(&Asked) -> Reply + Send + Sync + 'static {
    move |asked| match asked.header("authorization") {
        "Bearer t" => serve(&images::index(&["linux/amd64"]), asked),
        _ => bearer(&realm),
    }
}

#[test]
fn a_foreign_token_server_gets_no_credentials_unless_it_is_trusted() {
    let mut net = Net::new();
    let foreign = net.host("login.elsewhere.example", |asked| match asked.header("authorization") {
        authorization if authorization == pair() => Reply::json(200, r#"{"token":"t"}"#),
        _ => Reply::status(401),
    });
    let registry = net.host("registry.example", with_token("https://login.elsewhere.example/token".to_owned()));
    let case = net.case(Case::new("registry.example/app:1").login("registry.example", "reader", PASSWORD));
    let parts = ["wants the credentials sent to login.elsewhere.example; they were not", "--trust-realm login.elsewhere.example"];
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
    case.expect("plain-http", &["speaks plain HTTP"]);
    assert!(clear.asked().is_empty());
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
    case.expect("not-a-registry", &["it gives no token"]);
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
    case.expect("rate-limited", &["its limit ends"]);
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

fn unix_now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs()
}

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
        case.expect("expired-token", &["the token has expired: ", "--from-command"]);
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
        let entry = case.expect("ready", &["the token in the credentials ends"]);
        assert!(warnings(&entry).contains(&"token-ends"), "{entry:#}");
    }
}

// What is there.

#[test]
fn what_is_missing_is_named_where_the_registry_says() {
    for (body, verdict) in [
        (r#"{"errors":[{"code":"NAME_UNKNOWN"}]}"#, "no-repository"),
        (r#"{"errors":[{"code":"MANIFEST_UNKNOWN"}]}"#, "no-tag"),
        ("<html>404</html>", "no-image"),
    ] {
        let (_server, case) = plain(move |asked| match asked.header("authorization") {
            "" => basic(),
            _ if asked.path == "/v2/" => Reply::status(200),
            _ => Reply::json(404, body),
        });
        case.expect(verdict, &[]);
    }
}

#[test]
fn a_login_that_is_right_and_may_not_read() {
    let (_server, case) = plain(|asked| match (asked.header("authorization"), asked.path.as_str()) {
        ("", _) => basic(),
        (_, "/v2/") => Reply::status(200),
        _ => Reply::json(403, r#"{"errors":[{"code":"DENIED"}]}"#),
    });
    case.expect("no-access", &["the login is right"]);
}

#[test]
fn a_manifest_that_is_not_its_digest() {
    let (_server, case) = plain(|asked| match serve(&images::single("linux/amd64"), asked) {
        Reply::Http(200, headers, mut body) if asked.method == "GET" && asked.path != "/v2/" => {
            body.push(b' ');
            Reply::Http(200, headers, body)
        }
        other => other,
    });
    case.expect("wrong-digest", &[]);
}

#[test]
fn an_image_that_is_no_reference() {
    Case::new("https://ghcr.io/o/a").expect("invalid-image", &["`https://ghcr.io/o/a` is no image reference"]);
}

#[test]
fn a_password_that_the_console_keeps() {
    let case = Case::new("ghcr.io/o/a:1").login("ghcr.io", "reader", "ac-secret://ghcr-token-name");
    case.expect("kept-elsewhere", &["only the Console can read"]);
}

#[test]
fn a_registry_that_says_the_secret_aloud() {
    // In a realm, in a redirect, as a platform, in its errors.
    let said = PASSWORD;
    let (_server, case) = plain(move |asked| match asked.header("authorization") {
        "" => basic(),
        _ => Reply::json(403, &format!(r#"{{"errors":[{{"code":"{said}","message":"{said}"}}]}}"#)),
    });
    case.expect("wrong-credentials", &[]);
    let (_server, case) = plain(move |_| bearer(&format!("https://{said}.example/token")));
    case.expect("foreign-realm", &["another host"]);
    let (_server, case) = plain(move |asked| guarded(&images::index(&[&format!("linux/{said}")]), asked));
    case.expect("no-amd64", &[]);
}

#[test]
fn a_secret_in_the_image_stays_hidden() {
    let folder = Folder::new();
    let template = "version: \"2.0\"\nservices:\n  web:\n    image: \"{{ HOST }}/app:1\"\n";
    folder.file("t.yaml", template);
    let ran = folder.run(&["verify", "t.yaml"], &[("HOST", "secret-name.invalid")]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stdout.contains("********/app:1"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("secret-name") && !ran.stderr.contains("secret-name"), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn a_document_without_services() {
    let folder = Folder::new();
    folder.file("t.yaml", "version: \"2.0\"\n");
    folder.run(&["verify", "t.yaml"], &[]).fails(1, &["no services"]);
    folder.run(&["t.yaml", "--insecure", "x"], &[]).fails(2, &["--verify"]);
}

// How long it takes.

/// A template of `count` services, each with its own repository and the same login.
fn many(count: usize, host: &str) -> String {
    let service = |number: usize| {
        let login = format!("{{host: \"{host}\", username: \"{{{{ U }}}}\", password: \"{{{{ P }}}}\"}}");
        format!("  s{number}:\n    image: {host}/team/app{number}:1\n    credentials: {login}\n")
    };
    format!("version: \"2.0\"\nservices:\n{}", (0..count).map(service).collect::<String>())
}

fn measure(what: &str, made: Made, tls: bool) {
    let delay = Duration::from_millis(100);
    let net = Net::new();
    let certified = net.authority.certify(&["127.0.0.1"], Time::Now);
    let scheme = if tls { "https" } else { "http" };
    let handler = move |asked: &Asked| match (asked.header("authorization"), asked.path.starts_with("/token")) {
        (authorization, true) if authorization == pair() => Reply::json(200, r#"{"token":"t"}"#),
        (_, true) => Reply::status(401),
        ("Bearer t", _) => serve(&made, asked),
        _ => bearer(&format!("{scheme}://{}/token", asked.header("host"))),
    };
    let server = Server::start(tls.then_some(&certified), delay, handler);
    let folder = Folder::new();
    folder.file("t.yaml", many(50, &server.host()));
    let ca = net.folder.path().join("ca.pem").display().to_string();
    let begun = Instant::now();
    let variables = [("U", "reader"), ("P", PASSWORD), ("SSL_CERT_FILE", ca.as_str())];
    let out = folder.run(&["verify", "--format", "json", "t.yaml"], &variables).ok();
    let took = begun.elapsed();
    let entries: Value = serde_json::from_str(&out).unwrap();
    assert!(entries.as_array().unwrap().iter().all(|entry| entry["verdict"] == "ready"), "{entries:#}");
    let (requests, connections) = (server.asked().len(), server.connections());
    let trips = took.as_secs_f64() / delay.as_secs_f64();
    println!(
        "{what}: 50 services in {trips:.1} round trips' time ({:.2} each), {requests} requests over at most {connections} connections",
        trips / 50.0
    );
    assert!(trips / 50.0 <= 3.0, "{trips}");
    assert!(connections <= 11, "{connections}");
    // Reaching it once; then token, headers, manifest, perhaps the configuration; and whether it is public: one more token.
    assert!(requests <= 1 + 50 * 5 + 1, "{requests}");
}

#[test]
fn fifty_services_take_a_few_round_trips_each() {
    measure("indexes, plain", images::index(&["linux/amd64", "linux/arm64"]), false);
    measure("indexes, TLS", images::index(&["linux/amd64", "linux/arm64"]), true);
    measure("single images, TLS", images::single("linux/amd64"), true);
}

#[test]
fn fifty_services_at_a_host_that_hangs_end_at_one_time_limit() {
    let server = Server::start(None, NOW, |_| Reply::Hang);
    let folder = Folder::new();
    folder.file("t.yaml", many(50, &server.host()));
    let begun = Instant::now();
    let ran = folder.run(&["verify", "--timeout", "2", "t.yaml"], &[("U", "reader"), ("P", PASSWORD)]);
    let took = begun.elapsed();
    println!("50 services at a host that hangs, --timeout 2: ended after {:.1} s", took.as_secs_f64());
    assert_eq!(ran.code, Some(1));
    assert_eq!(ran.stderr.matches(&format!("{} gave no answer within 2 s", server.host())).count(), 50, "{}", ran.stderr);
    assert!(took < Duration::from_secs(4), "{took:?}");
    Case::new("").login("", "reader", PASSWORD).keeps_secrets(&(ran.stdout + &ran.stderr));
}

//! How long it takes, and over how many connections.

use super::*;

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
    let entries: Value = serde_json::from_str(&out).expect("JSON");
    assert!(entries.as_array().expect("a list").iter().all(|entry| entry["verdict"] == "ready"), "{entries:#}");
    let (requests, connections) = (server.asked().len(), server.connections());
    let trips = took.as_secs_f64() / delay.as_secs_f64();
    println!(
        "{what}: 50 services in {trips:.1} round trips' time ({:.2} each), {requests} requests over at most {connections} connections",
        trips / 50.0
    );
    assert!(trips / 50.0 <= 3.0, "{trips}");
    assert!(connections <= 11, "{connections}");
    // Reaching it once; then token, headers, manifest, perhaps an index's manifest, the configuration; whether it is public, and whether
    // the login could push: two more tokens.
    assert!(requests <= 1 + 50 * 7 + 1, "{requests}");
}

#[test]
fn fifty_services_take_a_few_round_trips_each() {
    measure("indexes, plain", images::index(&["linux/amd64", "linux/arm64"]), false);
    measure("indexes, TLS", images::index(&["linux/amd64", "linux/arm64"]), true);
    measure("single images, TLS", images::single("linux/amd64"), true);
}

#[test]
fn fifty_services_at_a_host_that_hangs_end_at_one_time_limit() {
    // From the first connection on, or only at the images.
    hang("from the start", |_| Reply::Hang);
    hang("at each image", |asked| if asked.path == "/v2/" { Reply::status(200) } else { Reply::Hang });
}

fn hang(what: &str, handler: impl Fn(&Asked) -> Reply + Send + Sync + 'static) {
    let server = Server::start(None, NOW, handler);
    let folder = Folder::new();
    folder.file("t.yaml", many(50, &server.host()));
    let begun = Instant::now();
    let ran = folder.run(&["verify", "--timeout", "2", "t.yaml"], &[("U", "reader"), ("P", PASSWORD)]);
    let took = begun.elapsed();
    println!("50 services at a host that hangs {what}, --timeout 2: ended after {:.1} s", took.as_secs_f64());
    assert_eq!(ran.code, Some(1));
    // Once for all services.
    let said = format!(" and 40 more: {} did not answer within 2 s", server.host());
    assert_eq!(ran.stderr.matches(&said).count(), 1, "{}", ran.stderr);
    // One limit, not one for each round of connections.
    assert!(took < Duration::from_secs(8), "{took:?}");
    Case::new("").login("", "reader", PASSWORD).keeps_secrets(&(ran.stdout + &ran.stderr));
}

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
    // the login could push: three more tokens, as these say nothing.
    assert!(requests <= 1 + 50 * 8 + 1, "{requests}");
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

#[test]
fn twenty_registries_that_hang_take_one_time_limit() {
    let silent: Vec<Server> = (0..20).map(|_| Server::start(None, NOW, |_| Reply::Hang)).collect();
    let images: Vec<Server> = (0..20)
        .map(|_| Server::start(None, NOW, |asked| if asked.path == "/v2/" { Reply::status(200) } else { Reply::Hang }))
        .collect();
    for (what, servers) in [("from the start", &silent), ("at each image", &images)] {
        let folder = Folder::new();
        let hosts: Vec<String> = servers.iter().map(Server::host).collect();
        folder.file("t.yaml", spread(200, &hosts));
        let begun = Instant::now();
        let ran = folder.run(&["verify", "--timeout", "3", "--format", "json", "t.yaml"], &[("U", "reader"), ("P", PASSWORD)]);
        let took = begun.elapsed();
        println!("200 services over 20 registries that hang {what}, --timeout 3: ended after {:.1} s", took.as_secs_f64());
        assert_eq!(ran.stdout.matches("\"timed-out\"").count(), 200, "{}", ran.stderr);
        // Linux ends such a wait on a socket up to a quarter of a second late, and 200 threads have to be started.
        assert!(took < Duration::from_secs(6), "{took:?}");
    }
}

#[test]
fn a_repository_that_hangs_fails_no_other() {
    let made = images::index(&["linux/amd64"]);
    let (server, _) = plain(move |asked| match asked.path.contains("/app7/") {
        true => Reply::Hang,
        false => guarded(&made, asked),
    });
    let folder = Folder::new();
    folder.file("t.yaml", many(40, &server.host()));
    let out = folder.run(&["verify", "--timeout", "2", "--format", "json", "t.yaml"], &[("U", "reader"), ("P", PASSWORD)]).stdout;
    let entries: Vec<Value> = serde_json::from_str(&out).expect("JSON");
    for entry in &entries {
        let expected = if entry["service"] == "s7" { "timed-out" } else { "ready" };
        assert_eq!(entry["verdict"], expected, "{entry:#}");
    }
}

#[test]
fn two_hundred_services_over_twenty_registries() {
    let delay = Duration::from_millis(100);
    let made = images::index(&["linux/amd64", "linux/arm64"]);
    let handler = move |asked: &Asked| match (asked.header("authorization"), asked.path.starts_with("/token")) {
        (authorization, true) if authorization == pair() => Reply::json(200, r#"{"token":"t"}"#),
        (_, true) => Reply::status(401),
        ("Bearer t", _) => serve(&made, asked),
        _ => bearer(&format!("http://{}/token", asked.header("host"))),
    };
    let servers: Vec<Server> = (0..20).map(|_| Server::start(None, delay, handler.clone())).collect();
    let hosts: Vec<String> = servers.iter().map(Server::host).collect();
    let folder = Folder::new();
    folder.file("t.yaml", spread(200, &hosts));
    let begun = Instant::now();
    let out = folder.run(&["verify", "--format", "json", "t.yaml"], &[("U", "reader"), ("P", PASSWORD)]).ok();
    let trips = begun.elapsed().as_secs_f64() / delay.as_secs_f64();
    let entries: Vec<Value> = serde_json::from_str(&out).expect("JSON");
    assert!(entries.len() == 200 && entries.iter().all(|entry| entry["verdict"] == "ready"));
    let connections = servers.iter().map(Server::connections).max().unwrap_or_default();
    println!(
        "200 services over 20 registries in {trips:.1} round trips' time ({:.2} each), at most {connections} connections each",
        trips / 200.0
    );
    assert!(trips / 200.0 <= 3.0 && connections <= 11, "{trips} {connections}");
}

/// Where a registry sends without an end.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Endless {
    /// At the first answer of all.
    Door,
    Token,
    Manifest,
    /// With a refusal.
    Refusal,
    /// In the headers.
    Headers,
}

/// A registry sends without an end: memory stays small, and so does the time.
#[test]
#[cfg(target_os = "linux")]
fn memory_stays_small_while_a_registry_streams_without_end() {
    for (place, verdict) in [
        (Endless::Door, "too-large"),
        (Endless::Token, "too-large"),
        (Endless::Manifest, "too-large"),
        (Endless::Refusal, "forbidden"),
        (Endless::Headers, "too-large"),
    ] {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                std::thread::spawn(move || stream_on(stream, place));
            }
        });
        let folder = Folder::new();
        folder.file("t.yaml", many(50, &host));
        let arguments = ["verify", "--timeout", "20", "--format", "json", "t.yaml"];
        let mut child = folder.sdlrender(&arguments, &[("U", "reader"), ("P", PASSWORD)]);
        let output = std::fs::File::create(folder.path().join("out.json")).expect("a file");
        let mut child = child.stdout(output).stderr(std::process::Stdio::null()).spawn().expect("it starts");
        let (mut most, begun) = (0, Instant::now());
        while child.try_wait().expect("a child").is_none() {
            let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
            let peak =
                status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.trim().parse().ok());
            most = most.max(peak.unwrap_or(0_u64));
            std::thread::sleep(Duration::from_millis(20));
        }
        let took = begun.elapsed().as_secs_f64();
        println!("50 services at a registry that streams without end, {place:?}: {} MB at most, {took:.1} s", most / 1024);
        // Ten connections with at most 4 MiB each, which grow by doubling.
        assert!((1..160 * 1024).contains(&most), "{place:?}: {most} kB");
        let said = folder.read("out.json");
        assert_eq!(said.matches(&format!("\"verdict\": \"{verdict}\"")).count(), 50, "{place:?}: {said}");
    }
}

/// Answers as a registry does, but without an end at `place`.
fn stream_on(mut stream: std::net::TcpStream, place: Endless) {
    use std::io::{BufRead as _, BufReader, Write as _};
    let mut reader = BufReader::new(stream.try_clone().expect("a socket"));
    let address = stream.local_addr().expect("an address");
    loop {
        let mut first = String::new();
        if reader.read_line(&mut first).unwrap_or(0) == 0 {
            return;
        }
        let mut line = String::new();
        while reader.read_line(&mut line).unwrap_or(0) > 2 {
            line.clear();
        }
        let door = first.contains(" /v2/ ");
        let short = match place {
            Endless::Door => false,
            Endless::Token | Endless::Manifest | Endless::Refusal | Endless::Headers => door,
        };
        let asks = format!("WWW-Authenticate: Bearer realm=\"http://{address}/token\"\r\n");
        if short {
            let (status, header) = if place == Endless::Token { (401, asks.as_str()) } else { (200, "") };
            let _ = write!(stream, "HTTP/1.1 {status} X\r\n{header}Content-Length: 0\r\n\r\n");
            continue;
        }
        let status = if place == Endless::Refusal { 403 } else { 200 };
        let _ = write!(stream, "HTTP/1.1 {status} X\r\nTransfer-Encoding: chunked\r\n");
        if first.starts_with("HEAD") && place != Endless::Headers {
            let _ = stream.write_all(b"\r\n");
            continue;
        }
        let piece = match place {
            Endless::Headers => format!("X-Filler: {}\r\n", "x".repeat(0x1000)),
            _ => format!("1000\r\n{}\r\n", " ".repeat(0x1000)),
        };
        let begin = if place == Endless::Headers { "" } else { "\r\n" };
        let _ = stream.write_all(begin.as_bytes());
        while stream.write_all(piece.as_bytes()).is_ok() {}
        return;
    }
}

/// A template of `count` services, each with its own repository, spread over `hosts`.
fn spread(count: usize, hosts: &[String]) -> String {
    let service = |number: usize| {
        let host = &hosts[number % hosts.len()];
        let login = format!("{{host: \"{host}\", username: \"{{{{ U }}}}\", password: \"{{{{ P }}}}\"}}");
        format!("  s{number}:\n    image: {host}/team/app{number}:1\n    credentials: {login}\n")
    };
    format!("version: \"2.0\"\nservices:\n{}", (0..count).map(service).collect::<String>())
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

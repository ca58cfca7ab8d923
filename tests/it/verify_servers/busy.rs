//! Busy and broken servers: repeats, rate limits, redirects.

use super::*;

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
        ("RateLimit-Remaining", "0;w=3600".to_owned()),
    ] {
        let (_server, case) = busy(usize::MAX, move || Reply::status(429).with(header, value.clone()));
        let begun = Instant::now();
        let entry = case.expect("rate-limited", &["its limit resets ", " GMT"]);
        let said = entry["reason"].as_str().unwrap().split_once("resets by ").unwrap().1;
        let end = httpdate::parse_http_date(said).unwrap().duration_since(SystemTime::now()).unwrap();
        assert!((3590..=3600).contains(&end.as_secs()), "{said}");
        assert!(begun.elapsed() < Duration::from_secs(20), "waited in vain");
    }
}

#[test]
fn a_rate_limit_without_an_end_is_repeated_a_few_times() {
    let (server, case) = busy(usize::MAX, || Reply::status(429));
    let ran = case.run(&Folder::new(), &["verify"]);
    assert!(ran.stderr.contains("does not say when its limit resets"), "{}", ran.stderr);
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
    case.expect("foreign-redirect", &["redirects to other.example", "none were sent"]);
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
fn an_image_that_lies_on_another_host_is_warned_of() {
    let mut net = Net::new();
    let storage = net.host("storage.example", |asked| serve(&images::single("linux/amd64"), asked));
    let _registry = net.host("registry.example", |asked| match (asked.path.as_str(), asked.header("authorization")) {
        (_, authorization) if authorization != pair() => basic(),
        ("/v2/", _) => Reply::status(200),
        (path, _) => Reply::status(307).with("location", format!("https://storage.example{path}")),
    });
    let case = net.case(Case::new("registry.example/app:1").login("registry.example", "reader", PASSWORD));
    let entry = case.expect("ready", &["redirects to storage.example, which was sent no credentials"]);
    assert!(warnings(&entry).contains(&"redirected"), "{entry:#}");
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
    case.expect("plain-http", &["clear.example uses plain HTTP"]);
    assert!(clear.asked().is_empty());
}

#[test]
fn redirects_without_end() {
    let (_server, case) = plain(|asked| Reply::status(302).with("Location", asked.path.clone()));
    case.expect("not-a-registry", &["too many redirects"]);
}

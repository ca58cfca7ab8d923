//! Verdicts on the way to a host: names, certificates, plain HTTP, silence, garbage, proxies.

use super::*;

#[test]
fn a_host_that_does_not_resolve() {
    let case = Case::new("no-such-host.invalid/app:1").login("no-such-host.invalid", "reader", PASSWORD);
    case.expect("unresolved-host", &["no-such-host.invalid does not resolve"]);
}

#[test]
fn a_host_that_refuses() {
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let case = Case::new(format!("{address}/app:1")).login(address.clone(), "reader", PASSWORD);
    case.expect("unreachable", &[&format!("can't connect to {address}"), "connection refused"]);
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
    let entry = case.expect("ready", &["uses plain HTTP", "over plain HTTP"]);
    assert_eq!(warnings(&entry), ["credentials-in-clear", "plain-http"]);
}

#[test]
fn plain_http_elsewhere_gets_no_credentials() {
    let server = Server::start(None, NOW, |asked| guarded(&images::single("linux/amd64"), asked));
    let mut net = Net::new();
    net.routes.push(("plain.example:5000".to_owned(), server.address));
    let case = net.case(Case::new("plain.example:5000/app:1").login("plain.example:5000", "reader", PASSWORD));
    case.expect("plain-http", &["plain.example:5000 uses plain HTTP", "--insecure plain.example:5000"]);
    no_authorization(&server);
    let entry = case.argument(&["--insecure", "plain.example"]).expect("ready", &[]);
    assert!(warnings(&entry).contains(&"credentials-in-clear"), "{entry:#}");
}

#[test]
fn a_host_that_hangs_ends_at_the_time_limit() {
    let (server, case) = plain(|_| Reply::Hang);
    let begun = Instant::now();
    case.argument(&["--timeout", "1"]).expect("timed-out", &[&format!("{} did not answer within 1 s", server.host())]);
    // One that does not even greet: connections are taken and left alone.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap().to_string();
    let case = Case::new(format!("{address}/app:1")).login(address.clone(), "reader", PASSWORD);
    case.argument(&["--timeout", "1"]).expect("timed-out", &[&format!("{address} did not answer within 1 s")]);
    // Four runs.
    assert!(begun.elapsed() < Duration::from_secs(16), "{:?}", begun.elapsed());
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
    case.expect("too-large", &["is too large: more than 4096 KiB"]);
}

#[test]
fn garbage_is_no_registry() {
    let mut net = Net::new();
    let _server = net.host("garbage.example", |_| Reply::Raw(b"\x00\xff\xfe nothing at all\r\n\r\n".to_vec()));
    let case = net.case(Case::new("garbage.example/app:1").login("garbage.example", "reader", PASSWORD));
    case.expect("not-a-registry", &["garbage.example does not behave like a registry", "not HTTP"]);
}

#[test]
fn a_server_of_another_protocol() {
    // It greets, whoever comes.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            use std::io::{Read as _, Write as _};
            let _ = stream.write_all(b"SSH-2.0-OpenSSH_9.2\r\n");
            let _ = stream.read_to_end(&mut Vec::new());
        }
    });
    let mut net = Net::new();
    net.routes.push(("ssh.example:22".to_owned(), address));
    let case = net.case(Case::new("ssh.example:22/app:1").login("ssh.example:22", "reader", PASSWORD));
    case.expect("not-tls", &["ssh.example:22 does not speak TLS", "the host and port of the registry"]);
}

#[test]
fn a_web_page_is_no_registry() {
    let page = || Reply::Http(200, vec![("Content-Type", "text/html".to_owned())], b"<html>hello</html>".to_vec());
    let (_server, case) = plain(move |_| page());
    case.expect("not-a-registry", &["it sent an invalid manifest"]);
}

#[test]
fn a_connection_that_is_closed() {
    let (_server, case) = plain(|_| Reply::Raw(Vec::new()));
    case.expect("unreachable", &["connection closed"]);
}

#[test]
fn a_proxy_that_refuses() {
    let net = Net::new();
    let case = net.case(Case::new("elsewhere.example/app:1").login("elsewhere.example", "reader", PASSWORD));
    case.expect("proxy", &["can't connect to elsewhere.example through the proxy", "502"]);
}

#[test]
fn a_proxy_that_wants_a_login_of_its_own() {
    let proxy = Server::start(None, NOW, |_| Reply::status(407).with("Proxy-Authenticate", "Basic realm=\"p\""));
    let case = Case::new("elsewhere.example/app:1").set("https_proxy", format!("http://{}", proxy.host()));
    case.expect("proxy-login", &["requires a login of its own", "https_proxy=http://USER:PASSWORD@HOST:PORT"]);
}

#[test]
fn exceptions_of_the_proxy_are_those_of_go() {
    // Without the proxy, these names have no address.
    let mut net = Net::new();
    let _server = net.host("a.registry.example", |asked| guarded(&images::single("linux/amd64"), asked));
    let case = net.case(Case::new("a.registry.example/app:1").login("a.registry.example", "reader", PASSWORD));
    for exception in ["registry.example:80", "other.example,.a.registry.example", "10.0.0.0/8"] {
        case.clone().set("NO_PROXY", exception).expect("ready", &[]);
    }
    for exception in ["registry.example", ".registry.example", "x,*.registry.example", "a.registry.example:443", "*"] {
        case.clone().set("NO_PROXY", exception).expect("unresolved-host", &[]);
    }
}

/// What `openssl req -x509` makes: a certificate that is an authority's and a server's at once.
pub fn self_signed(name: &str, authority: bool) -> (Folder, Server) {
    let folder = Folder::new();
    let mut openssl = std::process::Command::new("openssl");
    openssl.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]);
    openssl
        .args(["-keyout", "key.pem", "-out", "cert.pem", "-subj", "/CN=registry", "-addext"])
        .arg(format!("subjectAltName=IP:{name}"));
    openssl.args(["-addext", if authority { "basicConstraints=critical,CA:TRUE" } else { "basicConstraints=CA:FALSE" }]);
    let ran = openssl.current_dir(folder.path()).output().expect("openssl");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let certified = Certified { certificate: folder.read("cert.pem"), key: folder.read("key.pem") };
    let server = Server::start(Some(&certified), NOW, |asked| guarded(&images::single("linux/amd64"), asked));
    (folder, server)
}

#[test]
fn a_certificate_of_its_own_making_is_told_and_can_be_trusted() {
    if !crate::support::require("openssl") {
        return;
    }
    for authority in [true, false] {
        let (folder, server) = self_signed("127.0.0.1", authority);
        let case = Case::new(format!("{}/app:1", server.host())).login(server.host(), "reader", PASSWORD);
        case.clone().expect("certificate", &["is self-signed", "set SSL_CERT_FILE to this one"]);
        assert!(server.asked().is_empty());
        let ca = folder.path().join("cert.pem").display().to_string();
        let entry = case.clone().set("SSL_CERT_FILE", ca).expect("ready", &[]);
        assert_eq!(warnings(&entry), ["private-authority"], "{entry:#}");
        // Another one of its own making is not this one; and this one is for its name only.
        let (other, _) = self_signed("127.0.0.1", authority);
        case.set("SSL_CERT_FILE", other.path().join("cert.pem").display().to_string()).expect("certificate", &["is self-signed"]);
        let (folder, server) = self_signed("127.0.0.2", authority);
        let case = Case::new(format!("{}/app:1", server.host())).login(server.host(), "reader", PASSWORD);
        let ca = folder.path().join("cert.pem").display().to_string();
        case.set("SSL_CERT_FILE", ca).expect("certificate", &["is for another name"]);
        assert!(server.asked().is_empty());
    }
}

#[test]
fn a_server_that_wants_a_certificate_of_its_client() {
    if !crate::support::require("openssl") {
        return;
    }
    let (folder, _) = self_signed("127.0.0.1", false);
    let ca = folder.path().join("cert.pem").display().to_string();
    for version in ["-tls1_2", "-tls1_3"] {
        let port = free_port();
        let serve = format!("openssl s_server -accept 127.0.0.1:{port} -cert cert.pem -key key.pem -Verify 1 -www {version}");
        let _running = Running::start(&serve, folder.path(), &[]);
        wait_for(port, &folder.path().join("server.log"));
        let case = Case::new(format!("127.0.0.1:{port}/app:1")).set("SSL_CERT_FILE", ca.clone());
        case.expect("client-certificate", &["accepts only clients with a certificate"]);
    }
}

#[test]
fn a_proxy_variable_that_names_none_is_a_usage_error() {
    let folder = Folder::new();
    let case = Case::new("ghcr.io/o/a:1").set("HTTPS_PROXY", "ftp://user:hunter2-hunter2-hunter2@proxy");
    let ran = case.run(&folder, &["verify"]);
    assert!(!ran.stderr.contains(PASSWORD));
    ran.fails(2, &["HTTPS_PROXY is not a valid proxy address"]);
    let case = Case::new("ghcr.io/o/a:1").set("SSL_CERT_FILE", "/no/such/file");
    case.run(&folder, &["verify"]).fails(2, &["can't read SSL_CERT_FILE=/no/such/file"]);
}

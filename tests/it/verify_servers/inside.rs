//! A registry on the internet leads neither to this machine nor to a private network, and to another port of its host only with a word.

use super::*;

/// Addresses that lead to `port` of this machine, or into a private network, in every way to write them.
fn inside(port: u16) -> Vec<String> {
    let hosts =
        ["127.0.0.1", "localhost", "a.localhost", "[::1]", "[::ffff:127.0.0.1]", "127.1", "2130706433", "0x7f000001", "0.0.0.0"];
    let here = hosts.iter().flat_map(|host| ["http", "https"].map(|scheme| format!("{scheme}://{host}:{port}/token")));
    let near = [
        "http://169.254.169.254/latest/meta-data",
        "https://10.0.0.1/token",
        "https://192.168.0.1/",
        "https://[fe80::1]/",
        "https://[fd00::1]/",
    ];
    here.chain(near.map(str::to_owned)).collect()
}

fn is_unasked(server: &Server, address: &str) {
    assert!(server.asked().is_empty(), "{address}: {:?}", server.asked());
}

#[test]
fn a_token_server_is_not_on_this_machine_or_in_a_private_network() {
    let here = Server::start(None, NOW, |_| Reply::json(200, r#"{"token":"t"}"#));
    for address in inside(here.address.port()) {
        let mut net = Net::new();
        let _registry = net.host("registry.example", with_token(address.clone()));
        let anonymous = net.case(Case::new("registry.example/app:1"));
        anonymous.expect("private-address", &["nothing was sent there"]);
        let login = net.case(Case::new("registry.example/app:1").login("registry.example", "reader", PASSWORD));
        login.expect("foreign-realm", &[]);
        is_unasked(&here, &address);
    }
}

#[test]
fn a_redirect_does_not_lead_there_either() {
    let here = Server::start(None, NOW, |_| Reply::json(200, "{}"));
    for address in inside(here.address.port()) {
        let mut net = Net::new();
        let to = address.clone();
        let _registry = net.host("registry.example", move |asked| match asked.path.as_str() {
            "/v2/" => Reply::status(200),
            _ => Reply::status(307).with("Location", to.clone()),
        });
        let case = net.case(Case::new("registry.example/app:1"));
        case.expect("private-address", &["registry.example leads to ", "nothing was sent there"]);
        is_unasked(&here, &address);
    }
}

#[test]
fn a_name_that_leads_there_is_refused_where_it_is_looked_up() {
    use std::net::ToSocketAddrs as _;
    // Debian's second name of the loopback interface, or the machine's own, which leads there on many.
    let own = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let leads_here = |name: &&str| {
        (*name, 1)
            .to_socket_addrs()
            .is_ok_and(|found| found.map(|address| address.ip().is_loopback()).reduce(|a, b| a && b) == Some(true))
    };
    let Some(name) = ["ip6-localhost", own.trim()].into_iter().filter(|name| *name != "localhost").find(leads_here) else {
        return crate::support::skipped("no name but `localhost` leads to this machine");
    };
    let location = format!("https://{name}:1/");
    let mut net = Net::new();
    let _registry = net.host("registry.example", move |asked| match asked.path.as_str() {
        "/v2/" => Reply::status(200),
        _ => Reply::status(307).with("Location", location.clone()),
    });
    let case = net.case(Case::new("registry.example/app:1")).set("NO_PROXY", name);
    case.clone().expect("private-address", &[&format!("registry.example leads to {name}:1"), &format!("--trust-realm {name}:1")]);
    // Whom the user trusts is asked.
    case.argument(&["--trust-realm", name]).expect("unreachable", &["connection refused"]);
}

#[test]
fn another_port_of_its_host_is_told() {
    let mut net = Net::new();
    let tokens = net.host("registry.example", |asked| match asked.header("authorization") {
        authorization if authorization == pair() => Reply::json(200, r#"{"token":"t"}"#),
        _ => Reply::status(401),
    });
    net.routes[0].0 = "registry.example:8443".to_owned();
    let _registry = net.host("registry.example", with_token("https://registry.example:8443/token".to_owned()));
    let case = net.case(Case::new("registry.example/app:1").login("registry.example", "reader", PASSWORD));
    let entry = case.expect("ready", &["registry.example leads to registry.example:8443, another port of the same host"]);
    assert!(warnings(&entry).contains(&"other-port"), "{entry:#}");
    assert!(!tokens.asked().is_empty());
}

#[test]
fn a_redirect_to_another_port_is_told() {
    let mut net = Net::new();
    let _other = net.host("registry.example", |asked| serve(&images::single("linux/amd64"), asked));
    net.routes[0].0 = "registry.example:8443".to_owned();
    let _registry = net.host("registry.example", |asked| match asked.path.contains("/blobs/") {
        true => Reply::status(307).with("Location", format!("https://registry.example:8443{}", asked.path)),
        false => serve(&images::single("linux/amd64"), asked),
    });
    let entry = net.case(Case::new("registry.example/app:1")).expect("ready", &["registry.example:8443, another port"]);
    assert!(warnings(&entry).contains(&"other-port"), "{entry:#}");
}

#[test]
fn a_registry_on_this_machine_may_lead_to_another_port() {
    let tokens = Server::start(None, NOW, |_| Reply::json(200, r#"{"token":"t"}"#));
    let realm = format!("http://{}/token", tokens.host());
    let (_server, case) = plain(with_token(realm));
    let entry = case.expect("ready", &[]);
    assert!(!warnings(&entry).contains(&"other-port"), "{entry:#}");
}

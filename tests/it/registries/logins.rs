//! Who may read: go-containerregistry's registry, distribution 3 with a token server, and nginx in front of a registry.

use std::sync::Arc;

use super::Row;
use crate::support::{Folder, require};
use crate::verify::authority::{Authority, Time};
use crate::verify::case::Case;
use crate::verify::images;
use crate::verify::registry::{Access, Registry, Running, free_port, htpasswd, wait_for};
use crate::verify::tokens::{self, ISSUER, SERVICE, Signer, User};
use crate::verify_servers::{Net, way};

const PASSWORD: &str = "hunter2-hunter2-hunter2";
const GGCR: &str = "go-containerregistry";
const DISTRIBUTION: &str = "distribution 3";
const CACHE: &str = "distribution 3 as a cache";
const NGINX: &str = "nginx";
const ANY: &str = "any";

const USERS: &[User] = &[
    User { name: Some("reader"), password: PASSWORD, repositories: &["team/app", "team/nothing"], push: false },
    User { name: Some("writer"), password: PASSWORD, repositories: &["team/app"], push: true },
    User { name: Some("narrow"), password: PASSWORD, repositories: &["other/app"], push: false },
];

/// Runs the rows; whether all could be.
pub fn rows(run: &mut dyn FnMut(Row)) -> bool {
    let there = ["crane", "nginx", "registry", "htpasswd"].map(require);
    if !there.into_iter().all(|there| there) {
        return false;
    }
    let folder = Folder::new();
    let port = free_port();
    let _open = Running::start(&format!("crane registry serve --address 127.0.0.1:{port}"), folder.path(), &[]);
    wait_for(port, &folder.path().join("server.log"));
    let host = format!("127.0.0.1:{port}");
    let made = images::index(&["linux/amd64", "linux/arm64"]);
    let access = Access::new(format!("http://{host}"), None, "");
    ["team/app", "open/app", "plain/app", "blocked/app"].iter().for_each(|name| access.push(name, "1", &made));
    open(&host, run);
    cache(&host, run);
    nginx(port, run);
    distribution(run);
    self_signed(run)
}

fn open(host: &str, run: &mut dyn FnMut(Row)) {
    let case = |image: &str| Case::new(format!("{host}/{image}"));
    run(Row::new(GGCR, "no login asked for, none given", case("team/app:1"), "ready").login("anonymous"));
    let given = case("team/app:1").login(host, "reader", "wrong-wrong-wrong");
    run(Row::new(GGCR, "no login asked for, a wrong one given", given, "ready")
        .login("not-asked")
        .warns(&["public-image"])
        .says(&["can be pulled without"]));
    run(Row::new(GGCR, "missing tag", case("team/app:2"), "no-image"));
    run(Row::new(GGCR, "missing repository", case("team/nothing:1"), "no-repository"));
}

/// distribution in front of another registry. It says the same of a missing repository as of a missing tag.
fn cache(behind: &str, run: &mut dyn FnMut(Row)) {
    let (authority, folder) = (Authority::new(), Folder::new());
    let ca = folder.file("ca.pem", authority.pem()).display().to_string();
    let upstream = format!("proxy: {{remoteurl: 'http://{behind}'}}\n");
    let registry = Registry::of("registry", &authority, &folder.path().join("storage"), &upstream, &[]);
    let case = |image: &str| Case::new(format!("{}/{image}", registry.host())).set("SSL_CERT_FILE", ca.clone());
    run(Row::new(CACHE, "image of the other registry", case("team/app:1"), "ready").login("anonymous"));
    run(Row::new(CACHE, "missing tag", case("team/app:2"), "no-image"));
    run(Row::new(CACHE, "missing repository", case("team/nothing:1"), "no-image"));
}

/// Certificates as `openssl req -x509` makes them.
fn self_signed(run: &mut dyn FnMut(Row)) -> bool {
    if !require("openssl") {
        return false;
    }
    for (authority, situation, trusted) in [
        (true, "self-signed certificate of an authority", "the same, with it in SSL_CERT_FILE"),
        (false, "self-signed certificate of a server", "the same, with it in SSL_CERT_FILE"),
    ] {
        let (folder, server) = way::self_signed("127.0.0.1", authority);
        let case = Case::new(format!("{}/app:1", server.host())).login(server.host(), "reader", PASSWORD);
        let others = folder.file("other.pem", Authority::new().pem()).display().to_string();
        run(Row::new(ANY, situation, case.clone().set("SSL_CERT_FILE", others), "certificate").says(&["is self-signed"]));
        let ca = folder.path().join("cert.pem").display().to_string();
        run(Row::new(ANY, trusted, case.set("SSL_CERT_FILE", ca), "ready").login("ok"));
    }
    true
}

/// `/v2/` is open to everyone; folders are not.
fn nginx(behind: u16, run: &mut dyn FnMut(Row)) {
    let (authority, folder) = (Authority::new(), Folder::new());
    let certified = authority.certify(&["127.0.0.1"], Time::Now);
    let ca = folder.file("ca.pem", authority.pem()).display().to_string();
    folder.file("tls.pem", &certified.certificate);
    folder.file("tls.key", &certified.key);
    folder.file("htpasswd", htpasswd(&[("reader", PASSWORD)]));
    let (port, client) = (free_port(), free_port());
    let path = folder.path().display();
    let pass =
        format!("proxy_pass http://127.0.0.1:{behind}; proxy_set_header Authorization ''; proxy_set_header Host $http_host;");
    folder.file(
        "nginx.conf",
        format!(
            "pid {path}/pid; error_log {path}/error.log; daemon off; events {{}}\n\
             http {{ access_log off; client_body_temp_path {path}; proxy_temp_path {path}; fastcgi_temp_path {path};\n\
             uwsgi_temp_path {path}; scgi_temp_path {path};\n\
             server {{ listen 127.0.0.1:{port};\n\
             location / {{ {pass} }}\n\
             location /v2/team/ {{ auth_basic registry; auth_basic_user_file {path}/htpasswd; {pass} }}\n\
             location /v2/blocked/ {{ return 403; }}\n\
             location /v2/paid/ {{ return 402; }}\n\
             location /v2/plain/ {{ {pass} proxy_hide_header Content-Type; add_header Content-Type text/plain; }} }}\n\
             server {{ listen 127.0.0.1:{client} ssl; ssl_certificate {path}/tls.pem; ssl_certificate_key {path}/tls.key;\n\
             ssl_client_certificate {path}/ca.pem; ssl_verify_client on; location / {{ {pass} }} }} }}\n"
        ),
    );
    // As root it would work as another user, who may not read this folder.
    let user = " -g 'user root;'";
    let _running = Running::start(&format!("nginx -p {path} -c {path}/nginx.conf{user}"), folder.path(), &[]);
    wait_for(port, &folder.path().join("server.log"));
    let host = format!("127.0.0.1:{port}");
    let case = |image: &str, password: &str| Case::new(format!("{host}/{image}")).login(host.clone(), "reader", password);
    run(Row::new(NGINX, "`/v2/` open, the repository behind a login: right", case("team/app:1", PASSWORD), "ready")
        .login("ok")
        .of_second_login());
    let wrong = case("team/app:1", "wrong-wrong-wrong");
    run(Row::new(NGINX, "`/v2/` open, the repository behind a login: wrong", wrong, "wrong-credentials").login("refused"));
    run(Row::new(NGINX, "`/v2/` open, the repository behind a login: missing tag", case("team/app:2", PASSWORD), "no-image")
        .login("ok"));
    let anonymous = Case::new(format!("{host}/team/app:1"));
    run(Row::new(NGINX, "`/v2/` open, the repository behind a login: none given", anonymous, "login-needed"));
    let parts = ["without asking for a login", "403 Forbidden"];
    run(Row::new(NGINX, "403 without a challenge", case("blocked/app:1", PASSWORD), "forbidden").says(&parts));
    run(Row::new(NGINX, "402", case("paid/app:1", PASSWORD), "payment-required").says(&["402 Payment Required"]));
    run(Row::new(NGINX, "manifest as `text/plain`", case("plain/app:1", PASSWORD), "wrong-type").says(&["as `text/plain`"]));
    let host = format!("127.0.0.1:{client}");
    let case = Case::new(format!("{host}/team/app:1")).set("SSL_CERT_FILE", ca);
    run(Row::new(NGINX, "a certificate of the client wanted", case, "client-certificate").says(&["No required SSL certificate"]));
}

fn distribution(run: &mut dyn FnMut(Row)) {
    let (mut net, folder) = (Net::new(), Folder::new());
    let (signer, other) = (Arc::new(Signer::new()), Arc::new(Signer::new()));
    // At names, since crane takes no token server at an address of this machine.
    let mut start = |host: &str, signs: Arc<Signer>| {
        let realm = format!("auth.{host}");
        let server = net.host(&realm, move |asked| tokens::answer(&signs, USERS, asked));
        let auth = format!(
            "auth: {{token: {{realm: 'https://{realm}/token', service: {SERVICE}, issuer: {ISSUER}, rootcertbundle: signer.pem}}}}\n"
        );
        let files = [("signer.pem", signer.pem.as_str())];
        let registry = Registry::of("registry", &net.authority, &folder.path().join("storage"), &auth, &files);
        net.routes.push((format!("{host}:443"), ([127, 0, 0, 1], registry.port).into()));
        (registry, server)
    };
    let (registry, _server) = start("distribution.example", signer.clone());
    let _confused = start("confused.example", other);
    let authorization = format!("Bearer {}", signer.token("pusher", Some(("team/app", &["pull", "push"]))));
    let made = images::index(&["linux/amd64", "linux/arm64"]);
    Access::new(format!("https://{}", registry.host()), Some(&net.authority), &authorization).push("team/app", "1", &made);
    let at = |host: &str, image: &str, user: &'static str, password: &str| {
        net.case(Case::new(format!("{host}/{image}")).login(host, user, password))
    };
    let case = |image: &str, user: &'static str, password: &str| at("distribution.example", image, user, password);
    let ready = Row::new(DISTRIBUTION, "token of a login that may read", case("team/app:1", "reader", PASSWORD), "ready");
    run(ready.login("ok"));
    let writer = Row::new(DISTRIBUTION, "token of a login that may write", case("team/app:1", "writer", PASSWORD), "ready");
    run(writer.login("ok").warns(&["can-push"]).says(&["could also push"]));
    let narrow =
        Row::new(DISTRIBUTION, "token of a login that may not read", case("team/app:1", "narrow", PASSWORD), "no-access");
    run(narrow.login("ok"));
    let wrong = case("team/app:1", "reader", "wrong-wrong-wrong");
    let parts = ["incorrect username or password"];
    run(Row::new(DISTRIBUTION, "wrong password at the token server", wrong, "wrong-credentials").login("refused").says(&parts));
    run(Row::new(DISTRIBUTION, "missing tag", case("team/app:2", "reader", PASSWORD), "no-image"));
    run(Row::new(DISTRIBUTION, "missing repository", case("team/nothing:1", "reader", PASSWORD), "no-image"));
    let confused = at("confused.example", "team/app:1", "reader", PASSWORD);
    run(Row::new(DISTRIBUTION, "token of a token server with another key", confused, "invalid-token"));
}

//! What the hosted registries answer, replayed at their own names: a proxy leads each name to a server of the test's own.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Row;
use crate::verify::case::Case;
use crate::verify::images;
use crate::verify::server::{Asked, Reply, Server};
use crate::verify_servers::{Net, PASSWORD, basic, bearer, guarded, pair, serve, with_token};

const ECR: &str = "123456789012.dkr.ecr.us-east-1.amazonaws.com";

/// An answer with one error.
pub fn error(status: u16, code: &str, message: &str) -> Reply {
    Reply::json(status, &serde_json::json!({"errors": [{"code": code, "message": message}]}).to_string())
}

/// A registry at its own name, and servers beside it.
pub struct Scene {
    pub net: Net,
    servers: Vec<Server>,
}

impl Scene {
    pub fn new() -> Self {
        Self { net: Net::new(), servers: Vec::new() }
    }

    pub fn host(mut self, name: &str, handler: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        self.servers.push(self.net.host(name, handler));
        self
    }

    pub fn case(&self, image: &str, user: &'static str) -> Case<'static> {
        let host = image.split('/').next().unwrap_or_default();
        self.net.case(Case::new(image).login(host, user, PASSWORD))
    }
}

/// A registry that takes a Basic login, and then answers this.
fn after_login(
    user: &str,
    reply: impl Fn() -> Reply + Send + Sync + 'static,
) -> impl Fn(&Asked) -> Reply + Send + Sync + 'static {
    let expected = format!("Basic {}", STANDARD.encode(format!("{user}:{PASSWORD}")));
    move |asked| match (asked.header("authorization") == expected, asked.path.as_str()) {
        (false, _) => basic(),
        (true, "/v2/") => Reply::json(200, "{}"),
        (true, _) => reply(),
    }
}

/// A registry whose own token server, at `/token`, takes the login; the manifest is then answered with `reply`.
fn after_token(
    host: &'static str,
    reply: impl Fn() -> Reply + Send + Sync + 'static,
) -> impl Fn(&Asked) -> Reply + Send + Sync + 'static {
    move |asked| match (asked.path.starts_with("/token"), asked.header("authorization")) {
        (true, authorization) if authorization.is_empty() || authorization == pair() => Reply::json(200, r#"{"token":"t"}"#),
        (true, _) => Reply::status(401),
        (false, "Bearer t") if asked.path != "/v2/" => reply(),
        (false, "Bearer t") => Reply::json(200, "{}"),
        _ => bearer(&format!("https://{host}/token")),
    }
}

/// Runs the rows.
pub fn rows(run: &mut dyn FnMut(Row)) -> bool {
    ecr(run);
    tokens(run);
    missing(run);
    statuses(run);
    realms(run);
    true
}

fn ecr(run: &mut dyn FnMut(Row)) {
    let kind = "Amazon ECR (replay)";
    let image = format!("{ECR}/app:1");
    // ECR refuses what is no token at the door as well.
    for (situation, status, message, verdict, parts) in [
        (
            "password that is not a token",
            400,
            "Your Authorization Token is invalid.",
            "wrong-credentials",
            &["get-login-password"][..],
        ),
        (
            "old token",
            403,
            "Your authorization token has expired. Reauthenticate and try again.",
            "expired-token",
            &["--from-command"],
        ),
        (
            "old token, in the old words",
            403,
            "Your Authorization Token has expired. Please run 'aws ecr get-login --no-include-email' to fetch a new one.",
            "expired-token",
            &["--from-command"],
        ),
    ] {
        let scene = Scene::new().host(ECR, move |asked| match asked.header("authorization") {
            "" => basic(),
            _ => error(status, "DENIED", message),
        });
        run(Row::new(kind, situation, scene.case(&image, "AWS"), verdict).login("refused").says(parts));
    }
    let words = "User: arn:aws:iam::123456789012:user/ci is not authorized to perform: ecr:BatchGetImage on resource: app";
    let scene = Scene::new().host(ECR, after_login("AWS", move || error(403, "DENIED", words)));
    let row = Row::new(kind, "no right to pull", scene.case(&image, "AWS"), "no-access");
    run(row.login("ok").says(&["ecr:BatchGetImage", "that permission"]));
    let scene = Scene::new().host(ECR, after_login("AWS", || error(404, "MANIFEST_UNKNOWN", "Requested image not found")));
    run(Row::new(kind, "missing tag", scene.case(&image, "AWS"), "no-tag").says(&["Requested image not found"]));
    let words = "The repository with name 'app' does not exist in the registry with id '123456789012'";
    let scene = Scene::new().host(ECR, after_login("AWS", move || error(404, "NAME_UNKNOWN", words)));
    run(Row::new(kind, "missing repository", scene.case(&image, "AWS"), "no-repository"));
}

fn tokens(run: &mut dyn FnMut(Row)) {
    let words = "client with IP '203.0.113.7' is not allowed access. Refer https://aka.ms/acr/firewall to grant access.";
    let parts = ["203.0.113.7", "a provider's address is not known"];
    let azure = "Azure (replay)";
    let scene = Scene::new().host("team.azurecr.io", move |asked| match asked.path.starts_with("/oauth2/token") {
        true => error(403, "DENIED", words),
        false => bearer("https://team.azurecr.io/oauth2/token"),
    });
    run(Row::new(azure, "firewall, at the token server", scene.case("team.azurecr.io/app:1", "reader"), "address-blocked")
        .says(&parts));
    let scene = Scene::new().host("team.azurecr.io", after_token("team.azurecr.io", move || error(403, "DENIED", words)));
    run(Row::new(azure, "firewall, at the manifest", scene.case("team.azurecr.io/app:1", "reader"), "address-blocked")
        .says(&parts));

    let github = "GitHub (replay)";
    for (situation, words, parts) in [
        (
            "token without the scope",
            "permission_denied: The token provided does not match expected scopes.",
            &["match expected scopes", "with the scope `read:packages`"][..],
        ),
        (
            "organisation with SAML",
            "Resource protected by organization SAML enforcement. You must grant your OAuth token access to this organization.",
            &["SAML enforcement", "Configure SSO"],
        ),
    ] {
        let scene =
            Scene::new().host("ghcr.io", move |asked| match (asked.path.starts_with("/token"), asked.header("authorization")) {
                (true, _) if asked.path.contains("scope=") => error(403, "DENIED", words),
                (true, authorization) if authorization == pair() => Reply::json(200, r#"{"token":"t"}"#),
                (true, _) => Reply::status(401),
                _ => bearer("https://ghcr.io/token"),
            });
        run(Row::new(github, situation, scene.case("ghcr.io/o/app:1", "reader"), "no-access").login("ok").says(parts));
    }

    let google = "Artifact Registry (replay)";
    let words = "Artifact Registry API has not been used in project p before or it is disabled. Enable it, then retry.";
    let scene = Scene::new().host("us-docker.pkg.dev", after_token("us-docker.pkg.dev", move || error(403, "DENIED", words)));
    let row = Row::new(google, "API turned off", scene.case("us-docker.pkg.dev/p/r/app:1", "reader"), "no-access");
    run(row.says(&["has not been used in project", "enable the API"]));
    let words = "Unauthenticated request. Unauthenticated requests do not have permission \"artifactregistry.repositories.downloadArtifacts\" on resource \"projects/p\" (or it may not exist)";
    let scene = Scene::new().host("us-docker.pkg.dev", after_token("us-docker.pkg.dev", move || error(403, "DENIED", words)));
    let anonymous = scene.net.case(Case::new("us-docker.pkg.dev/p/r/app:1"));
    run(Row::new(google, "no login", anonymous, "login-needed").login("anonymous").says(&["downloadArtifacts"]));
}

/// What is said of what is missing: whether the repository is there, only some tell.
fn missing(run: &mut dyn FnMut(Row)) {
    const KNOWN: &str = "The named manifest is not known to the registry.";
    for (name, situation, host, code, words, verdict) in [
        ("JFrog (replay)", "missing repository, or missing tag", "r.example", "MANIFEST_UNKNOWN", KNOWN, "no-image"),
        (
            "olareg (replay)",
            "missing repository, or missing tag",
            "r.example",
            "MANIFEST_UNKNOWN",
            "manifest unknown",
            "no-image",
        ),
        ("Harbor (replay)", "missing tag", "r.example", "NOT_FOUND", "artifact p/app:1 not found", "no-image"),
        ("Harbor (replay)", "missing repository", "r.example", "NOT_FOUND", "repository p/app not found", "no-repository"),
        (
            "Azure (replay)",
            "missing tag",
            "team.azurecr.io",
            "MANIFEST_UNKNOWN",
            "manifest tagged by \"1\" is not found",
            "no-tag",
        ),
        (
            "Azure (replay)",
            "missing repository",
            "team.azurecr.io",
            "NAME_UNKNOWN",
            "repository \"p/app\" is not found",
            "no-repository",
        ),
    ] {
        let scene = Scene::new().host(host, after_login("reader", move || error(404, code, words)));
        run(Row::new(name, situation, scene.case(&format!("{host}/p/app:1"), "reader"), verdict)
            .login("ok")
            .says(&[&words[..8]]));
    }
    // Docker Hub gives anyone a token for what is public; that the login is needed all the same, only its limit says.
    let hub = |asked: &Asked| match asked.header("authorization") {
        "Bearer t" => serve(&images::index(&["linux/amd64"]), asked),
        _ => bearer("https://auth.docker.io/token"),
    };
    let scene = Scene::new()
        .host("auth.docker.io", |asked| match (asked.header("authorization"), asked.path.contains("push")) {
            (authorization, false) if authorization.is_empty() || authorization == pair() => {
                Reply::json(200, r#"{"token":"t","access_token":"t"}"#)
            }
            _ => Reply::status(401),
        })
        .host("registry-1.docker.io", hub)
        .host("index.docker.io", hub);
    let case = scene.net.case(Case::new("docker.io/team/app:1").login("https://index.docker.io/v1/", "reader", PASSWORD));
    run(Row::new("Docker Hub (replay)", "public image, with a login", case, "ready")
        .login("ok")
        .warns(&["public-image"])
        .says(&["Docker Hub's higher limit"]));
}

fn statuses(run: &mut dyn FnMut(Row)) {
    let words = "current image with \"Pending\" status of vulnerability scanning cannot be pulled due to configured policy";
    let scene = Scene::new().host("harbor.example", after_login("reader", move || error(412, "PROJECTPOLICYVIOLATION", words)));
    let row =
        Row::new("Harbor (replay)", "policy against vulnerabilities", scene.case("harbor.example/p/app:1", "reader"), "policy");
    run(row.says(&["vulnerability scanning"]));
    let any = "any (replay)";
    for (status, verdict) in [(402, "payment-required"), (451, "legal")] {
        let scene = Scene::new().host("r.example", after_login("reader", move || error(status, "DENIED", "ask the owner")));
        let situation = if status == 402 { "402 after the login" } else { "451" };
        run(Row::new(any, situation, scene.case("r.example/app:1", "reader"), verdict).says(&["ask the owner"]));
    }
    let old =
        r#"{"schemaVersion":1,"name":"app","tag":"1","architecture":"amd64","fsLayers":[{"blobSum":"sha256:00"}],"history":[]}"#;
    let kind = "application/vnd.docker.distribution.manifest.v1+prettyjws";
    let scene = Scene::new().host(
        "r.example",
        after_login("reader", move || Reply::Http(200, vec![("Content-Type", kind.to_owned())], old.as_bytes().to_vec())),
    );
    run(Row::new(any, "manifest of schema 1", scene.case("r.example/app:1", "reader"), "schema-1"));
    let scene = Scene::new().host(
        "r.example",
        after_login("reader", || {
            let kind = "application/vnd.oci.image.manifest.v1+json".to_owned();
            Reply::Http(200, vec![("Content-Type", kind)], vec![b' '; 5 * 1024 * 1024])
        }),
    );
    run(Row::new(any, "manifest of 5 MiB", scene.case("r.example/app:1", "reader"), "too-large"));
    let scene = Scene::new().host("r.example", |asked| match asked.method.as_str() {
        "HEAD" => Reply::status(405),
        _ => guarded(&images::single("linux/amd64"), asked),
    });
    run(Row::new(any, "no HEAD", scene.case("r.example/app:1", "reader"), "ready"));
    let words =
        "Artifact download request rejected: app:1 was not downloaded due to the download blocking policy configured in Xray";
    let scene = Scene::new().host("r.example", after_login("reader", move || error(403, "DENIED", words)));
    run(Row::new("JFrog (replay)", "policy of Xray", scene.case("r.example/app:1", "reader"), "policy").says(&["Xray"]));
    let words = "The owner of this namespace has been suspended";
    let scene = Scene::new().host("r.example", after_login("reader", move || error(403, "DENIED", words)));
    run(Row::new(any, "owner suspended", scene.case("r.example/app:1", "reader"), "no-access").says(&["do what it says"]));
    let page = || Reply::Http(404, vec![("Content-Type", "text/html".to_owned())], b"<html><title>404</title></html>".to_vec());
    let scene = Scene::new().host("r.example", move |_| page());
    run(Row::new(any, "web server that is not a registry", scene.case("r.example/app:1", "reader"), "not-a-registry"));
    // A second challenge, at the image.
    let scene = Scene::new()
        .host("auth.r.example", |asked| match asked.header("authorization") {
            authorization if authorization == pair() => Reply::json(200, r#"{"token":"t"}"#),
            _ => Reply::status(401),
        })
        .host("r.example", |asked| match (asked.path.as_str(), asked.header("authorization")) {
            ("/v2/", _) => basic(),
            (_, "Bearer t") => serve(&images::index(&["linux/amd64"]), asked),
            _ => bearer("https://auth.r.example/token"),
        });
    run(Row::new(any, "Basic at the door, a token at the image", scene.case("r.example/app:1", "reader"), "ready")
        .login("ok")
        .of_second_login());
}

fn realms(run: &mut dyn FnMut(Row)) {
    for (name, registry, realm) in [
        ("DigitalOcean (replay)", "registry.digitalocean.com", "api.digitalocean.com"),
        ("Alibaba (replay)", "registry.cn-hangzhou.aliyuncs.com", "dockerauth.cn-hangzhou.aliyuncs.com"),
        ("any (replay)", "r.example", "login.elsewhere.example"),
    ] {
        let scene = Scene::new()
            .host(realm, |asked| match asked.header("authorization") {
                authorization if authorization == pair() => Reply::json(200, r#"{"token":"t"}"#),
                _ => Reply::status(401),
            })
            .host(registry, with_token(format!("https://{realm}/auth")));
        let case = scene.case(&format!("{registry}/team/app:1"), "reader");
        match name {
            // Another client would send the login wherever it is told to.
            "any (replay)" => {
                let row = Row::new(name, "token server with an unrelated name", case, "foreign-realm");
                run(row.unasked().says(&["--trust-realm login.elsewhere.example"]));
            }
            _ => run(Row::new(name, "token server of another name", case, "ready").login("ok")),
        }
    }
}

//! What the hosted registries' tokens tell, replayed: whether a login could also push, and when it ends.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::Row;
use super::replays::{Scene, error};
use crate::verify::case::Case;
use crate::verify::images;
use crate::verify::server::{Asked, Reply};
use crate::verify_servers::{PASSWORD, basic, bearer, serve, unix_now};

/// A JSON Web Token.
fn jwt(claims: &str) -> String {
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.c2lnbmF0dXJl", part(r#"{"alg":"RS256","typ":"JWT"}"#), part(claims))
}

/// The claims of a token for `team/app`.
fn access(actions: &str) -> String {
    format!(
        r#"{{"access":[{{"type":"repository","name":"team/app","actions":{actions},"meta":{{}}}}],"exp":{}}}"#,
        unix_now() + 300
    )
}

/// A login of a registry: its username and password.
type Pair = (&'static str, String);

/// A token server at `path` that issues `token` to a login, and a registry that takes it. Whoever has another login is answered `refusal`.
fn issuing(
    realm: String,
    pair: &Pair,
    token: String,
    refusal: impl Fn() -> Reply + Send + Sync + 'static,
) -> impl Fn(&Asked) -> Reply + Clone + Send + Sync + 'static {
    let path = format!("/{}", realm.splitn(4, '/').nth(3).unwrap_or_default());
    let login = format!("Basic {}", STANDARD.encode(format!("{}:{}", pair.0, pair.1)));
    let refusal = std::sync::Arc::new(refusal);
    move |asked| match (asked.path.split('?').next() == Some(&path), asked.header("authorization")) {
        (true, authorization) if authorization == login => Reply::json(200, &format!(r#"{{"access_token":"{token}"}}"#)),
        (true, _) => refusal(),
        (false, authorization) if authorization == format!("Bearer {token}") => serve(&images::index(&["linux/amd64"]), asked),
        (false, _) => bearer(&realm),
    }
}

/// Runs the rows.
pub fn rows(run: &mut dyn FnMut(Row)) -> bool {
    pushes(run);
    ends(run);
    gitlab(run);
    true
}

/// The registry at its own name, whose token server may have another one.
fn scene(host: &str, realm: &str, answer: impl Fn(&Asked) -> Reply + Clone + Send + Sync + 'static) -> Scene {
    let server = realm.split('/').nth(2).unwrap_or_default();
    let mut scene = Scene::new();
    if server != host {
        scene = scene.host(server, answer.clone());
    }
    if host == "registry-1.docker.io" {
        // The name that crane uses.
        scene = scene.host("index.docker.io", answer.clone());
    }
    scene.host(host, answer)
}

fn pushes(run: &mut dyn FnMut(Row)) {
    let unauthorized = || error(401, "UNAUTHORIZED", "incorrect username or password");
    let pair = ("reader", PASSWORD.to_owned());
    for (name, registry, host, realm, help) in [
        ("Docker Hub", "docker.io", "registry-1.docker.io", "https://auth.docker.io/token", "permission Read-only"),
        ("GitLab", "registry.gitlab.com", "registry.gitlab.com", "https://gitlab.com/jwt/auth", "the scope `read_registry`"),
        ("Azure", "team.azurecr.io", "team.azurecr.io", "https://team.azurecr.io/oauth2/token", "`_repositories_pull`"),
        ("Harbor", "harbor.example", "harbor.example", "https://harbor.example/service/token", "can only pull this repository"),
        ("Quay", "quay.io", "quay.io", "https://quay.io/v2/auth", "can only pull this repository"),
    ] {
        for (situation, actions, warns) in [
            ("token that may also push", r#"["pull","push"]"#, &["can-push"][..]),
            ("token that may do everything", r#"["*"]"#, &["can-push"]),
            ("token that may only pull", r#"["pull"]"#, &[]),
        ] {
            // Only some have a word for everything.
            if actions.contains('*') && name != "Harbor" {
                continue;
            }
            let scene = scene(host, realm, issuing(realm.to_owned(), &pair, jwt(&access(actions)), unauthorized));
            let login = if name == "Docker Hub" { "https://index.docker.io/v1/" } else { registry };
            let case = scene.net.case(Case::new(format!("{registry}/team/app:1")).login(login, "reader", PASSWORD));
            let wrong = Case { password: "wrong-wrong-wrong".to_owned(), ..case.clone() };
            let row = Row::new(replayed(name), situation, case, "ready").login("ok").warns(warns);
            run(if warns.is_empty() { row } else { row.says(&[help]) });
            if warns.is_empty() {
                let row = Row::new(replayed(name), "wrong password", wrong, "wrong-credentials");
                run(row.login("refused").says(&["incorrect username or password"]));
            }
        }
    }
}

fn replayed(name: &str) -> &'static str {
    match name {
        "Docker Hub" => "Docker Hub (replay)",
        "GitLab" => "GitLab (replay)",
        "Azure" => "Azure (replay)",
        "Harbor" => "Harbor (replay)",
        _ => "Quay (replay)",
    }
}

/// Logins that end.
fn ends(run: &mut dyn FnMut(Row)) {
    let random = "8Kq2Zr5Tn1Xw7Lb4Vd9Sg3Hm6Pc0Yf2Jk5Qa";
    let soon = unix_now() + 10_800;
    let at = httpdate::fmt_http_date(std::time::UNIX_EPOCH + std::time::Duration::from_secs(soon));
    let end: &'static str = String::leak(at);
    let refresh = |end: u64| jwt(&format!(r#"{{"grant_type":"refresh_token","iss":"Azure Container Registry","exp":{end}}}"#));
    let zero = "00000000-0000-0000-0000-000000000000";
    let realm = |host: &str| format!("https://{host}/token");
    for (name, situation, host, pair, warns, says) in [
        (
            "Artifact Registry (replay)",
            "access token, `ya29.…`",
            "europe-docker.pkg.dev",
            ("oauth2accesstoken", format!("ya29.{random}")),
            &["token-ends"][..],
            "expires within an hour",
        ),
        (
            "Artifact Registry (replay)",
            "identity token that ends in three hours",
            "europe-docker.pkg.dev",
            ("oauth2accesstoken", jwt(&format!(r#"{{"iss":"https://accounts.google.com","exp":{soon}}}"#))),
            &["token-ends"],
            end,
        ),
        (
            "Azure (replay)",
            "refresh token that ends in three hours",
            "team.azurecr.io",
            (zero, refresh(soon)),
            &["token-ends"],
            end,
        ),
        (
            "GitHub (replay)",
            "token of a workflow, `ghs_…`",
            "ghcr.io",
            ("reader", format!("ghs_{random}")),
            &["token-ends"],
            "expires with the job, or within hours",
        ),
        (
            "GitLab (replay)",
            "token of a job, `glcbt-…`",
            "registry.gitlab.com",
            ("gitlab-ci-token", format!("glcbt-64_{random}")),
            &["token-ends"],
            "expires when its job ends",
        ),
        (
            "GitLab (replay)",
            "deploy token that only reads, opaque",
            "registry.gitlab.com",
            ("gitlab+deploy-token-1", format!("gldt-{random}")),
            &[],
            "ready",
        ),
    ] {
        let scene = scene(host, &realm(host), issuing(realm(host), &pair, "opaque".to_owned(), || Reply::status(401)));
        let case = scene.net.case(Case::new(format!("{host}/team/app:1")).login(host, pair.0, pair.1));
        run(Row::new(name, situation, case, "ready").login("ok").warns(warns).says(&[says]));
    }
    // The same, when they have ended.
    for (name, situation, host, pair, verdict, says) in [
        (
            "Artifact Registry (replay)",
            "old access token, `ya29.…`",
            "europe-docker.pkg.dev",
            ("oauth2accesstoken", format!("ya29.{random}")),
            "wrong-credentials",
            "gcloud auth print-access-token",
        ),
        (
            "Azure (replay)",
            "old refresh token",
            "team.azurecr.io",
            (zero, refresh(unix_now() - 60)),
            "expired-token",
            "the token expired on",
        ),
        (
            "GitHub (replay)",
            "old token of a workflow, `ghs_…`",
            "ghcr.io",
            ("reader", format!("ghs_{random}")),
            "wrong-credentials",
            "only the scope `read:packages`",
        ),
        (
            "GitLab (replay)",
            "old token of a job, `glcbt-…`",
            "registry.gitlab.com",
            ("gitlab-ci-token", format!("glcbt-64_{random}")),
            "wrong-credentials",
            "only while the job runs",
        ),
    ] {
        let nobody = ("nobody", String::new());
        let scene =
            scene(host, &realm(host), issuing(realm(host), &nobody, "opaque".to_owned(), || error(403, "DENIED", "denied")));
        let case = scene.net.case(Case::new(format!("{host}/team/app:1")).login(host, pair.0, pair.1));
        run(Row::new(name, situation, case, verdict).login("refused").says(&[says]));
    }
    // Amazon's tell it themselves, and a password is enough.
    let padding = "x".repeat(200);
    let text = format!(r#"{{"payload":"{padding}","datakey":"y","version":"2","type":"DATA_KEY","expiration":{soon}}}"#);
    let password = STANDARD.encode(text);
    let login = format!("Basic {}", STANDARD.encode(format!("AWS:{password}")));
    let host = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
    let scene = Scene::new().host(host, move |asked| match asked.header("authorization") {
        authorization if authorization == login => serve(&images::index(&["linux/amd64"]), asked),
        _ => basic(),
    });
    let case = scene.net.case(Case::new(format!("{host}/team/app:1")).login(host, "AWS", password));
    run(Row::new("Amazon ECR (replay)", "token that ends in three hours", case, "ready")
        .login("ok")
        .warns(&["token-ends"])
        .says(&[end]));
}

/// GitLab's token server answers a login that it does not know with 401, and one without the scope of the registry with 403.
fn gitlab(run: &mut dyn FnMut(Row)) {
    let (host, realm) = ("registry.gitlab.com", "https://gitlab.com/jwt/auth");
    let nobody = ("nobody", String::new());
    let image = "registry.gitlab.com/team/app:1";
    let denied = issuing(realm.to_owned(), &nobody, String::new(), || error(403, "DENIED", "access forbidden"));
    let scene = scene(host, realm, denied);
    let row = Row::new("GitLab (replay)", "token without the scope", scene.case(image, "reader"), "no-access");
    run(row.login("ok").says(&["access forbidden", "the scope `read_registry`"]));
}

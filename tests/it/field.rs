//! What people ran into elsewhere, in a whole SDL: each case as it came, with its right outcome.

use crate::support::Folder;
use serde_json::Value;

/// An SDL with this username and password, and this entry of `env`.
fn sdl(image: &str, username: &str, password: &str, env: &str) -> String {
    let host = image.split('/').next().unwrap_or_default();
    format!(
        "version: \"2.0\"
services:
  web:
    image: {image}
    credentials:
      host: https://{host}
      username: {username}
      password: {password}
    env:
      - {env}
    expose:
      - port: 3000
        as: 80
        to:
          - global: true
profiles:
  compute:
    web:
      resources:
        cpu:
          units: 0.5
        memory:
          size: 512Mi
        storage:
          size: 1Gi
  placement:
    akash:
      pricing:
        web:
          denom: uakt
          amount: 1000
deployment:
  web:
    akash:
      profile: web
      count: 1
"
    )
}

const IMAGE: &str = "ghcr.io/acme-labs/shop:2.3.1";
const PASSWORD: &str = "\"DB_PASSWORD={{ DB_PASSWORD }}\"";
const ENV_FILE: &str = "GHCR_USER=octo-dev\nGHCR_TOKEN=ghp_0123456789abcdefghijABCDEFGHIJ012345\nDB_PASSWORD=x1\n";

fn folder(template: &str, env_file: (&str, &str)) -> Folder {
    let folder = Folder::judged();
    folder.file("deploy.tmpl.yaml", template);
    crate::support::set_mode(&folder.file(env_file.0, env_file.1), 0o600);
    folder
}

/// The service of a rendering that must have succeeded.
#[track_caller]
fn web(folder: &Folder, arguments: &[&str], variables: &[(&str, &str)]) -> Value {
    let text = folder.run(&[&["--no-keychain", "deploy.tmpl.yaml"], arguments].concat(), variables).ok();
    let read: Value = serde_saphyr::from_str(&text).expect("YAML");
    read["services"]["web"].clone()
}

/// 28, a name with a dash.
#[test]
fn a_name_with_a_dash_is_told_how_it_is_written() {
    let folder = folder(&sdl(IMAGE, "\"{{ GHCR_USER }}\"", "\"{{ ghcr-token }}\"", PASSWORD), (".env", ENV_FILE));
    let given = [("ghcr-token", "ghp_x1234567")];
    folder.run(&["--no-keychain", "deploy.tmpl.yaml"], &given).fails(1, &["secrets[\"ghcr-token\"]", "deploy.tmpl.yaml:8"]);
    folder.file("deploy.tmpl.yaml", sdl(IMAGE, "\"{{ GHCR_USER }}\"", "\"{{ secrets[\"ghcr-token\"] }}\"", PASSWORD));
    assert_eq!(web(&folder, &[], &given)["credentials"]["password"], "ghp_x1234567");
}

/// 29, base64 of `user:token`.
#[test]
fn basic_authentication_needs_no_shell() {
    for expression in ["(GHCR_USER ~ \":\" ~ GHCR_TOKEN) | b64encode", "[GHCR_USER, \":\", GHCR_TOKEN] | join | b64encode"] {
        let entry = format!("AUTH={{{{ {expression} }}}}");
        let folder = folder(&sdl(IMAGE, "\"{{ GHCR_USER }}\"", "\"{{ GHCR_TOKEN }}\"", &entry), (".env", ENV_FILE));
        let wanted = "AUTH=b2N0by1kZXY6Z2hwXzAxMjM0NTY3ODlhYmNkZWZnaGlqQUJDREVGR0hJSjAxMjM0NQ==";
        assert_eq!(web(&folder, &[], &[])["env"][0], wanted);
    }
}

/// 34, a pipe in `--from-command`.
#[test]
fn a_pipe_is_no_argument() {
    let template = sdl(IMAGE, "\"{{ GHCR_USER }}\"", "\"{{ GHCR_TOKEN }}\"", PASSWORD);
    let folder = folder(&template, (".env", "GHCR_USER=octo-dev\nDB_PASSWORD=x1\n"));
    folder.file("tok.json", "{\"token\":\"ghp_fromjson123\"}");
    for line in [
        r#"GHCR_TOKEN=cat tok.json | python3 -c "import json,sys;print(json.load(sys.stdin)[\"token\"])""#,
        "GHCR_TOKEN=echo ghp_abc | tr a b",
        "GHCR_TOKEN=echo $GHP",
    ] {
        folder
            .run(&["--no-keychain", "--from-command", line, "deploy.tmpl.yaml"], &[])
            .fails(2, &["the command for `GHCR_TOKEN` has", "there is no shell", "sh -c '…'"]);
    }
    let line = "GHCR_TOKEN=sh -c 'echo ghp_abcdefgh | tr a b'";
    assert_eq!(web(&folder, &["--from-command", line], &[])["credentials"]["password"], "ghp_bbcdefgh");
}

/// 38, `.env.local` of a Next.js app.
#[test]
fn env_local_is_read() {
    let template = sdl(IMAGE, "\"{{ GHCR_USER }}\"", "\"{{ GHCR_TOKEN }}\"", PASSWORD);
    let folder = folder(&template, (".env.local", "GHCR_USER=octo-dev\nGHCR_TOKEN=ghp_x1234567\nDB_PASSWORD=fromlocal\n"));
    let web = web(&folder, &[], &[]);
    assert_eq!((&web["credentials"]["password"], &web["env"][0]), (&"ghp_x1234567".into(), &"DB_PASSWORD=fromlocal".into()));
}

/// 53, podman's `auth.json`.
#[test]
fn a_login_of_podman_is_found() {
    let stored = |part| format!("'{{{{ docker(\"ghcr.io\").{part} }}}}'");
    let folder = folder(&sdl(IMAGE, &stored("username"), &stored("password"), PASSWORD), (".env", ENV_FILE));
    let file = folder.file("run/containers/auth.json", r#"{"auths":{"ghcr.io":{"auth":"b2N0by1kZXY6Z2hwX3BvZG1hbjEyMw=="}}}"#);
    let (run, file) = (folder.path().join("run").display().to_string(), file.display().to_string());
    for variables in [
        vec![("XDG_RUNTIME_DIR", run.as_str())],
        vec![("REGISTRY_AUTH_FILE", file.as_str())],
        vec![("XDG_RUNTIME_DIR", run.as_str()), ("REGISTRY_AUTH_FILE", file.as_str())],
    ] {
        let login = &web(&folder, &[], &variables)["credentials"];
        assert_eq!((&login["username"], &login["password"]), (&"octo-dev".into(), &"ghp_podman123".into()));
    }
}

/// 55, two logins of one host.
#[test]
fn a_login_of_another_path_is_not_taken() {
    let stored = |part| format!("'{{{{ docker(\"registry.gitlab.com/acme/shop\").{part} }}}}'");
    let image = "registry.gitlab.com/acme/shop:2.3.1";
    let folder = folder(&sdl(image, &stored("username"), &stored("password"), PASSWORD), (".env", ENV_FILE));
    let other = r#""registry.gitlab.com/acme/other": {"auth": "Z2l0bGFiK2RlcGxveS10b2tlbi0xOmdsZHQtb3RoZXI="}"#;
    let own = r#""registry.gitlab.com/acme/shop": {"auth": "Z2l0bGFiK2RlcGxveS10b2tlbi0yOmdsZHQtc2hvcDEyMw=="}"#;
    folder.file(".docker/config.json", format!("{{\"auths\": {{{other}, {own}}}}}"));
    let login = &web(&folder, &[], &[])["credentials"];
    assert_eq!((&login["username"], &login["password"]), (&"gitlab+deploy-token-2".into(), &"gldt-shop123".into()));
    folder.file(".docker/config.json", format!("{{\"auths\": {{{other}}}}}"));
    folder.run(&["--no-keychain", "deploy.tmpl.yaml"], &[]).fails(
        1,
        &[
            "no value for `docker(\"registry.gitlab.com/acme/shop\").username`",
            "with logins to registry.gitlab.com/acme/other only",
        ],
    );
}

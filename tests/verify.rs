//! `sdlrender verify` against real registries: Debian's `docker-registry` with a login by htpasswd and by token, `skopeo`, and the
//! AWS CLI. All on loopback; every case is searched for its secrets.

mod support;

#[path = "verify/authority.rs"]
mod authority;
#[path = "verify/case.rs"]
mod case;
#[path = "verify/images.rs"]
mod images;
#[path = "verify/registry.rs"]
mod registry;
#[path = "verify/server.rs"]
mod server;
#[path = "verify/tokens.rs"]
mod tokens;

use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, OnceLock};

use authority::Authority;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use case::{Case, warnings};
use registry::{Registry, Running, free_port, htpasswd, push, wait_for};
use serde_json::Value;
use server::Server;
use support::{Folder, Ran, require};
use tokens::{ISSUER, SERVICE, Signer, User};

/// A password with everything that an encoding could trip over.
const ODD: &str = "p@ss:w%rd/ü+\"x'=&$y{z}#0123456789";
const PASSWORD: &str = "hunter2-hunter2-hunter2";

const USERS: &[User] = &[
    User {
        name: Some("reader"),
        password: PASSWORD,
        repositories: &["team/app", "team/arm", "team/multi", "team/chart", "team/gone"],
    },
    User { name: Some("narrow"), password: PASSWORD, repositories: &["team/multi"] },
    User { name: Some("odd"), password: ODD, repositories: &["team/app"] },
    User { name: None, password: "", repositories: &["open/app"] },
];

/// Two registries over one storage.
struct World {
    authority: Authority,
    basic: Registry,
    token: Registry,
    tokens: Server,
    ca: String,
    storage: PathBuf,
    _folder: Folder,
}

/// The registries, started once; none when a program is missing.
fn world() -> Option<&'static World> {
    static WORLD: OnceLock<Option<World>> = OnceLock::new();
    WORLD.get_or_init(start).as_ref()
}

fn start() -> Option<World> {
    if !["docker-registry", "htpasswd"].map(require).into_iter().all(|there| there) {
        return None;
    }
    let authority = Authority::new();
    let folder = Folder::new();
    let ca = folder.file("ca.pem", authority.pem()).display().to_string();
    let storage = folder.path().join("storage");
    let users = htpasswd(&[("reader", PASSWORD), ("odd", ODD)]);
    let auth = "auth: {htpasswd: {realm: test, path: htpasswd}}\n";
    let basic = Registry::start(&authority, &storage, auth, &[("htpasswd", &users)]);
    let login = format!("Basic {}", STANDARD.encode(format!("reader:{PASSWORD}")));
    let multi = images::index(&["linux/amd64", "linux/arm64", "unknown/unknown"]);
    let images = [
        ("team/app", "1", images::single("linux/amd64")),
        ("team/app", "latest", images::single("linux/amd64")),
        ("team/arm", "1", images::single("linux/arm64")),
        ("team/multi", "1", multi.clone()),
        ("team/multi", "arm", images::index(&["linux/arm64", "linux/riscv64", "windows/amd64"])),
        ("team/chart", "1", images::chart()),
        ("open/app", "1", multi),
    ];
    images.iter().for_each(|(repository, tag, made)| push(&basic, &authority, &login, repository, tag, made));
    let signer = Arc::new(Signer::new());
    let tokens = tokens::start(signer.clone(), USERS);
    let realm = format!("http://{}/token", tokens.host());
    let auth =
        format!("auth: {{token: {{realm: '{realm}', service: {SERVICE}, issuer: {ISSUER}, rootcertbundle: signer.pem}}}}\n");
    let token = Registry::start(&authority, &storage, &auth, &[("signer.pem", &signer.pem)]);
    Some(World { authority, basic, token, tokens, ca, storage, _folder: folder })
}

impl World {
    /// A case at the registry with htpasswd.
    fn basic<'c>(&self, image: &str, user: &'c str, password: &str) -> Case<'c> {
        let host = self.basic.host();
        self.trusting(Case::new(format!("{host}/{image}")).login(host, user, password))
    }

    /// A case at the registry with tokens.
    fn token<'c>(&self, image: &str, user: &'c str, password: &str) -> Case<'c> {
        let host = self.token.host();
        self.trusting(Case::new(format!("{host}/{image}")).login(host, user, password))
    }

    fn trusting<'c>(&self, case: Case<'c>) -> Case<'c> {
        case.set("SSL_CERT_FILE", &self.ca)
    }
}

/// Runs a test with the registries, where they can be started.
fn with(test: impl FnOnce(&World)) {
    if let Some(world) = world() {
        test(world);
    }
}

const DIGEST_OF_NOTHING: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

#[test]
fn basic_ready() {
    with(|world| {
        let entry = world.basic("team/app:1", "reader", PASSWORD).expect("ready", &["linux/amd64", "ok", "yes"]);
        assert_eq!(entry["digest"], images::single("linux/amd64").top().digest);
        assert_eq!(entry["platforms"], serde_json::json!(["linux/amd64"]));
        assert_eq!((entry["login"].as_str(), entry["found"].as_bool()), (Some("ok"), Some(true)));
        assert_eq!(warnings(&entry), ["private-authority"]);
    });
}

#[test]
fn basic_without_a_tag_is_latest() {
    with(|world| _ = world.basic("team/app", "reader", PASSWORD).expect("ready", &[]));
}

#[test]
fn basic_odd_password() {
    with(|world| _ = world.basic("team/app:1", "odd", ODD).expect("ready", &[]));
}

#[test]
fn basic_white_space_around_the_password_is_trimmed_as_the_provider_does() {
    with(|world| _ = world.basic("team/app:1", "reader", &format!(" {PASSWORD}\n")).expect("ready", &[]));
}

#[test]
fn basic_wrong_password() {
    with(|world| {
        let parts = ["refuses the username or the password", &world.basic.host(), "refused"];
        world.basic("team/app:1", "reader", "wrong-wrong-wrong").expect("wrong-credentials", &parts);
    });
}

#[test]
fn basic_wrong_username() {
    with(|world| _ = world.basic("team/app:1", "nobody", PASSWORD).expect("wrong-credentials", &[]));
}

#[test]
fn basic_anonymous() {
    with(|world| {
        let image = format!("{}/team/app:1", world.basic.host());
        world.trusting(Case::new(image)).expect("login-needed", &["private, or not there", "add credentials"]);
    });
}

#[test]
fn basic_host_without_its_port_does_not_match() {
    with(|world| {
        let image = format!("{}/team/app:1", world.basic.host());
        let case = world.trusting(Case::new(image).login("127.0.0.1", "reader", PASSWORD));
        case.expect("host-mismatch", &["`127.0.0.1` does not serve", &format!("write host: {}", world.basic.host())]);
    });
}

#[test]
fn basic_host_of_another_registry_does_not_match() {
    with(|world| {
        let image = format!("{}/team/app:1", world.basic.host());
        let case = world.trusting(Case::new(image).login("https://ghcr.io", "reader", PASSWORD));
        case.expect("host-mismatch", &["`https://ghcr.io` does not serve"]);
    });
}

#[test]
fn basic_host_with_white_space_is_dropped_by_kubelet() {
    with(|world| {
        let host = world.basic.host();
        let case = world.trusting(Case::new(format!("{host}/team/app:1")).login(format!("{host} "), "reader", PASSWORD));
        case.expect("host-mismatch", &[]);
    });
}

#[test]
fn basic_host_with_a_path_prefix_matches() {
    with(|world| {
        let host = world.basic.host();
        let case =
            world.trusting(Case::new(format!("{host}/team/app:1")).login(format!("https://{host}/team"), "reader", PASSWORD));
        case.expect("ready", &[]);
    });
}

#[test]
fn basic_no_such_tag() {
    with(|world| _ = world.basic("team/app:2", "reader", PASSWORD).expect("no-tag", &["the tag or digest is not", "no"]));
}

#[test]
fn basic_no_such_digest() {
    with(|world| {
        world.basic(&format!("team/app@{DIGEST_OF_NOTHING}"), "reader", PASSWORD).expect("no-tag", &[]);
    });
}

#[test]
fn basic_no_such_repository() {
    // This registry says MANIFEST_UNKNOWN for a repository that is not there, too.
    with(|world| _ = world.basic("team/nothing:1", "reader", PASSWORD).expect("no-tag", &[]));
}

#[test]
fn basic_by_digest() {
    with(|world| {
        let digest = images::single("linux/amd64").top().digest.clone();
        let entry = world.basic(&format!("team/app:1@{digest}"), "reader", PASSWORD).expect("ready", &[]);
        assert_eq!(entry["digest"], digest);
    });
}

#[test]
fn basic_arm64_only() {
    with(|world| {
        let entry = world.basic("team/arm:1", "reader", PASSWORD).expect("no-amd64", &["linux/arm64", "docker buildx"]);
        assert_eq!(entry["platforms"], serde_json::json!(["linux/arm64"]));
    });
}

#[test]
fn basic_index_without_amd64() {
    with(|world| {
        let parts = ["linux/arm64, linux/riscv64, windows/amd64"];
        world.basic("team/multi:arm", "reader", PASSWORD).expect("no-amd64", &parts);
    });
}

#[test]
fn basic_index() {
    with(|world| {
        let entry = world.basic("team/multi:1", "reader", PASSWORD).expect("ready", &[]);
        assert_eq!(entry["platforms"], serde_json::json!(["linux/amd64", "linux/arm64"]));
    });
}

#[test]
fn basic_chart() {
    with(|world| _ = world.basic("team/chart:1", "reader", PASSWORD).expect("not-an-image", &["no container image"]));
}

#[test]
fn basic_untrusted_authority() {
    with(|world| {
        let host = world.basic.host();
        let case = Case::new(format!("{host}/team/app:1")).login(host, "reader", PASSWORD);
        case.expect("certificate", &["signed by no authority", "SSL_CERT_FILE"]);
    });
}

#[test]
fn token_ready() {
    with(|world| {
        let entry = world.token("team/multi:1", "reader", PASSWORD).expect("ready", &[]);
        assert_eq!(entry["login"], "ok");
        // The token server speaks plain HTTP, on this machine.
        assert_eq!(warnings(&entry), ["private-authority", "credentials-in-clear"]);
    });
}

#[test]
fn token_single_platform() {
    with(|world| _ = world.token("team/app:1", "reader", PASSWORD).expect("ready", &["linux/amd64"]));
}

#[test]
fn token_odd_password() {
    with(|world| _ = world.token("team/app:1", "odd", ODD).expect("ready", &[]));
}

#[test]
fn token_wrong_password() {
    with(|world| _ = world.token("team/app:1", "reader", "wrong-wrong-wrong").expect("wrong-credentials", &[]));
}

#[test]
fn token_no_right_to_this_repository() {
    with(|world| {
        let parts = ["the login is right, but may not read", "the right to pull this repository"];
        world.token("team/app:1", "narrow", PASSWORD).expect("no-access", &parts);
    });
}

#[test]
fn token_no_such_tag() {
    with(|world| _ = world.token("team/app:2", "reader", PASSWORD).expect("no-tag", &[]));
}

#[test]
fn token_arm64_only() {
    with(|world| _ = world.token("team/arm:1", "reader", PASSWORD).expect("no-amd64", &["linux/arm64"]));
}

#[test]
fn token_anonymous_private() {
    with(|world| {
        let image = format!("{}/team/app:1", world.token.host());
        world.trusting(Case::new(image)).expect("login-needed", &[]);
    });
}

#[test]
fn token_anonymous_public() {
    with(|world| {
        let entry = world.trusting(Case::new(format!("{}/open/app:1", world.token.host()))).expect("ready", &["anonymous"]);
        assert_eq!(entry["login"], "anonymous");
    });
}

#[test]
fn token_public_image_with_a_login_that_is_not_needed() {
    with(|world| {
        let users: &'static [User] = &[
            User { name: Some("reader"), password: PASSWORD, repositories: &["open/app"] },
            User { name: None, password: "", repositories: &["open/app"] },
        ];
        let signer = Arc::new(Signer::new());
        let tokens = tokens::start(signer.clone(), users);
        let auth = format!(
            "auth: {{token: {{realm: 'http://{}/t?x=1', service: {SERVICE}, issuer: {ISSUER}, rootcertbundle: signer.pem}}}}\n",
            tokens.host()
        );
        let registry = Registry::start(&world.authority, &world.storage, &auth, &[("signer.pem", &signer.pem)]);
        let host = registry.host();
        let case = world.trusting(Case::new(format!("{host}/open/app:1")).login(host, "reader", PASSWORD));
        let entry = case.expect("ready", &["can be pulled without the credentials"]);
        assert!(warnings(&entry).contains(&"public-image"), "{entry:#}");
        assert!(tokens.asked().iter().all(|asked| asked.path.starts_with("/t?x=1&service=")), "{:?}", tokens.asked());
        assert!(!registry.log().contains(PASSWORD));
    });
}

#[test]
fn token_public_image_and_a_host_that_does_not_match() {
    with(|world| {
        let image = format!("{}/open/app:1", world.token.host());
        let case = world.trusting(Case::new(image).login("https://ghcr.io", "reader", PASSWORD));
        let entry = case.expect("ready", &["the credentials are not used"]);
        assert!(warnings(&entry).contains(&"unused-credentials"), "{entry:#}");
        assert_eq!(entry["login"], "anonymous");
    });
}

#[test]
fn the_username_and_password_are_in_no_address() {
    with(|world| {
        world.token("team/app:1", "odd", ODD).expect("ready", &[]);
        for asked in world.tokens.asked().iter().filter(|asked| asked.header("user-agent").starts_with("sdlrender")) {
            assert!(!asked.path.contains("odd") && !asked.path.contains("account"), "{asked:?}");
        }
    });
}

#[test]
fn a_failed_image_among_good_ones() {
    with(|world| {
        let folder = Folder::new();
        let host = world.basic.host();
        let service = |name: &str, image: &str| {
            format!(
                "  {name}:\n    image: {host}/{image}\n    credentials: {{host: \"{host}\", username: \"{{{{ U }}}}\", password: \"{{{{ P }}}}\"}}\n"
            )
        };
        let services = ["team/app:1", "team/multi:1", "team/app:9"].map(|image| service(&image.replace(['/', ':'], "-"), image));
        folder.file("t.yaml", format!("version: \"2.0\"\nservices:\n{}", services.concat()));
        let variables = [("U", "reader"), ("P", PASSWORD), ("SSL_CERT_FILE", world.ca.as_str())];
        let ran = folder.run(&["verify", "t.yaml"], &variables);
        assert_eq!(ran.code, Some(1));
        assert_eq!(ran.stdout.lines().count(), 4, "{}", ran.stdout);
        assert_eq!(ran.stderr.matches("error:").count(), 1, "{}", ran.stderr);
        assert!(ran.stderr.contains("error: team-app-9: the repository is there"), "{}", ran.stderr);
    });
}

/// Renders what `case` says with `arguments`, in a folder where git ignores `deploy.yaml`.
fn render(case: &Case<'_>, arguments: &[&str]) -> (Folder, Ran) {
    let folder = Folder::new();
    let ran = case.run(&folder, arguments);
    (folder, ran)
}

#[test]
fn render_verifies_before_it_writes() {
    with(|world| {
        let good = world.basic("team/app:1", "reader", PASSWORD);
        let (folder, ran) = render(&good, &["--verify", "-o", "deploy.yaml"]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert!(ran.stderr.contains("SERVICE") && folder.read("deploy.yaml").contains(PASSWORD));
        let bad = world.basic("team/app:2", "reader", PASSWORD);
        let (folder, ran) = render(&bad, &["--verify", "-o", "deploy.yaml"]);
        ran.fails(1, &["the tag or digest is not"]);
        assert_eq!(folder.names(), ["deploy.tmpl.yaml"]);
    });
}

#[test]
fn pin_prints_what_was_verified() {
    with(|world| {
        let case = world.basic("team/multi:1", "reader", PASSWORD);
        let digest = images::index(&["linux/amd64", "linux/arm64", "unknown/unknown"]).top().digest.clone();
        let (_, plain) = render(&case, &[]);
        let (_, pinned) = render(&case, &["verify", "--pin"]);
        assert_eq!(pinned.code, Some(0), "{}", pinned.stderr);
        assert_eq!(pinned.stdout, plain.stdout.replace("team/multi:1", &format!("team/multi@{digest}")));
        assert!(pinned.stderr.contains("SERVICE"));
        let (folder, written) = render(&case, &["verify", "--pin", "-o", "deploy.yaml"]);
        assert_eq!((written.code, written.stdout.as_str()), (Some(0), ""), "{}", written.stderr);
        assert_eq!(folder.read("deploy.yaml"), pinned.stdout);
    });
}

#[test]
fn pin_writes_nothing_when_an_image_is_not_ready_and_nothing_that_git_could_commit() {
    with(|world| {
        let bad = world.basic("team/arm:1", "reader", PASSWORD);
        let (folder, ran) = render(&bad, &["verify", "--pin", "-o", "deploy.yaml"]);
        ran.fails(1, &["linux/arm64"]);
        assert_eq!(folder.names(), ["deploy.tmpl.yaml"]);
        if require("git") {
            let good = world.basic("team/app:1", "reader", PASSWORD);
            let folder = Folder::new();
            assert!(Command::new("git").args(["init", "-q"]).current_dir(folder.path()).status().expect("git").success());
            good.run(&folder, &["verify", "--pin", "-o", "deploy.yaml"]).fails(2, &["git does not ignore"]);
            assert_eq!(folder.names(), [".git", "deploy.tmpl.yaml"]);
        }
    });
}

#[test]
fn skopeo_reads_the_image_with_the_rendered_credentials() {
    if !require("skopeo") {
        return;
    }
    with(|world| {
        for case in [world.basic("team/app:1", "odd", ODD), world.token("team/app:1", "odd", ODD)] {
            case.expect("ready", &[]);
            let (folder, ran) = render(&case, &["-o", "deploy.yaml"]);
            assert_eq!(ran.code, Some(0), "{}", ran.stderr);
            // As Akash's provider lays them out for kubelet: a dockerconfigjson keyed by the host as written.
            let text = folder.read("deploy.yaml");
            let services = sdlrender::verify::services::read(&text, &text).expect("a document");
            let login = services[0].login.as_ref().expect("credentials");
            let (user, password) = (login.username.expose(), login.password.expose());
            let auth = STANDARD.encode(format!("{user}:{password}"));
            let config =
                serde_json::json!({"auths": {login.host.expose(): {"username": user, "password": password, "auth": auth}}});
            let file = folder.file("auth.json", config.to_string());
            let certificates = folder.file("certs/ca.crt", world.authority.pem());
            let inspected = Command::new("skopeo")
                .args(["inspect", "--authfile"])
                .arg(file)
                .arg("--cert-dir")
                .arg(certificates.parent().expect("a folder"))
                .arg(format!("docker://{}", services[0].image.expose()))
                .output()
                .expect("skopeo");
            assert!(inspected.status.success(), "{}", String::from_utf8_lossy(&inspected.stderr));
            let seen: Value = serde_json::from_slice(&inspected.stdout).expect("JSON");
            assert_eq!(seen["Digest"], images::single("linux/amd64").top().digest);
        }
    });
}

/// `aws ecr get-login-password` against moto's server, as the command of a placeholder, for an image at an ECR host.
#[test]
fn ecr_password_from_the_aws_cli() {
    if !["aws", "moto_server", "docker-registry", "htpasswd"].map(require).into_iter().all(|there| there) {
        return;
    }
    with(|world| {
        let folder = Folder::new();
        let port = free_port();
        let moto = format!("moto_server -H 127.0.0.1 -p {port}");
        let _moto = Running::start(&moto, folder.path(), &[]);
        wait_for(port, &folder.path().join("server.log"));
        let command = format!("aws ecr get-login-password --region us-east-1 --endpoint-url http://127.0.0.1:{port}");
        let keys =
            [("AWS_ACCESS_KEY_ID", "testing"), ("AWS_SECRET_ACCESS_KEY", "testing"), ("AWS_EC2_METADATA_DISABLED", "true")];
        let said = Command::new("sh").args(["-c", &command]).envs(keys).output().expect("a shell");
        let password = String::from_utf8(said.stdout).expect("text").trim().to_owned();
        assert!(!password.is_empty(), "{}", String::from_utf8_lossy(&said.stderr));
        // A registry that takes it, at the name that ECR gives its registries.
        let users = htpasswd(&[("AWS", &password), ("pusher", PASSWORD)]);
        let auth = "auth: {htpasswd: {realm: ecr, path: htpasswd}}\n";
        let registry = Registry::start(&world.authority, &folder.path().join("s"), auth, &[("htpasswd", &users)]);
        let login = format!("Basic {}", STANDARD.encode(format!("pusher:{PASSWORD}")));
        push(&registry, &world.authority, &login, "app", "1", &images::single("linux/amd64"));
        let host = "123456789012.dkr.ecr.us-east-1.amazonaws.com";
        let (proxy, seen) = server::proxy(&[(&format!("{host}:443"), ([127, 0, 0, 1], registry.port).into())]);
        let mut case = world.trusting(Case::new(format!("{host}/app:1")).login(format!("https://{host}"), "AWS", password));
        case = case.set("REGISTRY_USER", "AWS").set("HTTPS_PROXY", format!("http://{proxy}"));
        case = case.argument(&["--from-command", &format!("REGISTRY_PASSWORD={command}")]);
        keys.iter().for_each(|(name, value)| case.variables.push((name, (*value).to_owned())));
        case.expect("ready", &["linux/amd64"]);
        assert!(seen.lock().expect("a lock").iter().all(|asked| asked.path == format!("{host}:443")));
    });
}

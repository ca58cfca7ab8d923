//! What comes of the SDL: written, pinned, read by skopeo; and ECR's password from the AWS CLI.

use super::*;
use crate::hostile::events;

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
        assert!(ran.stderr.contains("error: team-app-9: image not found"), "{}", ran.stderr);
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
        ran.fails(1, &["image not found"]);
        assert_eq!(folder.names(), ["deploy.tmpl.yaml"]);
    });
}

#[test]
fn pin_prints_what_was_verified() {
    with(|world| {
        let case = world.basic("team/multi:1", "reader", PASSWORD);
        let digest = images::index(&["linux/amd64", "linux/arm64", "unknown/unknown"]).top().digest.clone();
        let (_, plain) = render(&case, &[]);
        let (_, pinned) = render(&case, &["verify", "--no-check", "--pin"]);
        assert_eq!(pinned.code, Some(0), "{}", pinned.stderr);
        assert_eq!(pinned.stdout, plain.stdout.replace("team/multi:1", &format!("team/multi@{digest}")));
        assert!(pinned.stderr.contains("SERVICE"));
        let (folder, written) = render(&case, &["verify", "--no-check", "--pin", "-o", "deploy.yaml"]);
        assert_eq!((written.code, written.stdout.as_str()), (Some(0), ""), "{}", written.stderr);
        assert_eq!(folder.read("deploy.yaml"), pinned.stdout);
    });
}

#[test]
fn pin_writes_nothing_when_an_image_is_not_ready_and_nothing_that_git_could_commit() {
    with(|world| {
        let bad = world.basic("team/arm:1", "reader", PASSWORD);
        let (folder, ran) = render(&bad, &["verify", "--no-check", "--pin", "-o", "deploy.yaml"]);
        ran.fails(1, &["linux/arm64"]);
        assert_eq!(folder.names(), ["deploy.tmpl.yaml"]);
        if require("git") {
            let good = world.basic("team/app:1", "reader", PASSWORD);
            let folder = Folder::new();
            assert!(Command::new("git").args(["init", "-q"]).current_dir(folder.path()).status().expect("git").success());
            good.run(&folder, &["verify", "--no-check", "--pin", "-o", "deploy.yaml"]).fails(2, &["git does not ignore"]);
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
            let document = events::read(&folder.read("deploy.yaml")).expect("a document");
            let of = |path: &[&str]| events::text_at(&document, &[&["services", "web"], path].concat()).expect("a scalar");
            let login = |key| of(&["credentials", key]);
            let (host, user, password) = (login("host"), login("username"), login("password"));
            let auth = STANDARD.encode(format!("{user}:{password}"));
            let config = serde_json::json!({"auths": {host: {"username": user, "password": password, "auth": auth}}});
            let file = folder.file("auth.json", config.to_string());
            let certificates = folder.file("certs/ca.crt", world.authority.pem());
            let inspected = Command::new("skopeo")
                .args(["inspect", "--authfile"])
                .arg(file)
                .arg("--cert-dir")
                .arg(certificates.parent().expect("a folder"))
                .arg(format!("docker://{}", of(&["image"])))
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
        let keys = [
            ("AWS_ACCESS_KEY_ID", "testing"),
            ("AWS_SECRET_ACCESS_KEY", "testing"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("NO_PROXY", "127.0.0.1"),
        ];
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

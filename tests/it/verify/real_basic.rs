//! A registry with htpasswd: every verdict it can give.

use super::*;

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
        let parts = ["rejects the username or the password", &world.basic.host(), "refused"];
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
        world.trusting(Case::new(image)).expect("login-needed", &["it is private or does not exist", "add credentials"]);
    });
}

#[test]
fn basic_host_without_its_port_does_not_match() {
    with(|world| {
        let image = format!("{}/team/app:1", world.basic.host());
        let case = world.trusting(Case::new(image).login("127.0.0.1", "reader", PASSWORD));
        case.expect("host-mismatch", &["`127.0.0.1` does not match", &format!("write host: {}", world.basic.host())]);
    });
}

#[test]
fn basic_host_of_another_registry_does_not_match() {
    with(|world| {
        let image = format!("{}/team/app:1", world.basic.host());
        let case = world.trusting(Case::new(image).login("https://ghcr.io", "reader", PASSWORD));
        case.expect("host-mismatch", &["`https://ghcr.io` does not match"]);
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
    // This registry says the same of a repository that is not there.
    with(|world| _ = world.basic("team/app:2", "reader", PASSWORD).expect("no-image", &["image not found", "manifest unknown"]));
}

#[test]
fn basic_no_such_digest() {
    with(|world| {
        world.basic(&format!("team/app@{DIGEST_OF_NOTHING}"), "reader", PASSWORD).expect("no-image", &[]);
    });
}

#[test]
fn basic_no_such_repository() {
    with(|world| _ = world.basic("team/nothing:1", "reader", PASSWORD).expect("no-image", &[]));
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
    with(|world| _ = world.basic("team/chart:1", "reader", PASSWORD).expect("not-an-image", &["not a container image"]));
}

#[test]
fn basic_untrusted_authority() {
    with(|world| {
        let host = world.basic.host();
        let case = Case::new(format!("{host}/team/app:1")).login(host, "reader", PASSWORD);
        case.expect("certificate", &["not signed by a trusted authority", "SSL_CERT_FILE"]);
    });
}

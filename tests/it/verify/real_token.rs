//! A registry with token authentication.

use super::*;

#[test]
fn token_ready() {
    with(|world| {
        let entry = world.token("team/multi:1", "reader", PASSWORD).expect("ready", &[]);
        assert_eq!(entry["login"], "ok");
        // The token server uses plain HTTP, on this machine.
        assert_eq!(warnings(&entry), ["credentials-in-clear", "private-authority"]);
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
        let parts = ["the login works, but can't read", "permission to pull this repository"];
        world.token("team/app:1", "narrow", PASSWORD).expect("no-access", &parts);
    });
}

#[test]
fn token_no_such_tag() {
    with(|world| _ = world.token("team/app:2", "reader", PASSWORD).expect("no-image", &[]));
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
            User { name: Some("reader"), password: PASSWORD, repositories: &["open/app"], push: false },
            User { name: None, password: "", repositories: &["open/app"], push: false },
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

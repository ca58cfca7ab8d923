//! What is there and what is not, and what stays hidden.

use super::*;

#[test]
fn what_is_missing_is_named_where_the_registry_says() {
    for (body, verdict) in [
        (r#"{"errors":[{"code":"NAME_UNKNOWN"}]}"#, "no-repository"),
        // Many say this of a repository that is not there, too.
        (r#"{"errors":[{"code":"MANIFEST_UNKNOWN"}]}"#, "no-image"),
        ("<html>404</html>", "no-image"),
    ] {
        let (_server, case) = plain(move |asked| match asked.header("authorization") {
            "" => basic(),
            _ if asked.path == "/v2/" => Reply::status(200),
            _ => Reply::json(404, body),
        });
        case.expect(verdict, &[]);
    }
}

#[test]
fn a_login_that_is_right_and_may_not_read() {
    let (_server, case) = plain(|asked| match (asked.header("authorization"), asked.path.as_str()) {
        ("", _) => basic(),
        (_, "/v2/") => Reply::status(200),
        _ => Reply::json(403, r#"{"errors":[{"code":"DENIED"}]}"#),
    });
    case.expect("no-access", &["the login works"]);
}

#[test]
fn a_manifest_that_is_not_its_digest() {
    let (_server, case) = plain(|asked| match serve(&images::index(&["linux/amd64"]), asked) {
        Reply::Http(200, headers, mut body) if asked.method == "GET" && asked.path != "/v2/" => {
            body.push(b' ');
            Reply::Http(200, headers, body)
        }
        other => other,
    });
    case.expect("wrong-digest", &[]);
}

#[test]
fn a_manifest_without_a_type() {
    let (_server, case) = plain(|asked| match guarded(&images::single("linux/amd64"), asked) {
        Reply::Http(200, _, body) => Reply::Http(200, Vec::new(), body),
        other => other,
    });
    case.expect("wrong-type", &["serves the manifest of ", " without a Content-Type"]);
}

#[test]
fn a_digest_that_is_answered_with_another() {
    let wanted = images::single("linux/arm64").top().digest.clone();
    let (server, _) = plain(|asked| guarded(&images::index(&["linux/amd64"]), asked));
    let case = Case::new(format!("{}/app@{wanted}", server.host())).login(server.host(), "reader", PASSWORD);
    case.expect("wrong-digest", &["does not match its digest"]);
}

#[test]
fn an_image_that_is_no_reference() {
    Case::new("https://ghcr.io/o/a").expect("invalid-image", &["`https://ghcr.io/o/a` is not a valid image reference"]);
}

#[test]
fn a_password_that_the_console_keeps() {
    let case = Case::new("ghcr.io/o/a:1").login("ghcr.io", "reader", "ac-secret://ghcr-token-name");
    case.expect("kept-elsewhere", &["only the Console can resolve"]);
}

#[test]
fn a_registry_that_says_the_secret_aloud() {
    // In a realm, in a redirect, as a platform, in its errors.
    let said = PASSWORD;
    let (_server, case) = plain(move |asked| match asked.header("authorization") {
        "" => basic(),
        _ => Reply::json(403, &format!(r#"{{"errors":[{{"code":"{said}","message":"{said}"}}]}}"#)),
    });
    case.expect("wrong-credentials", &[]);
    let (_server, case) = plain(move |_| bearer(&format!("https://{said}.example/token")));
    case.expect("foreign-realm", &["another host"]);
    let (_server, case) = plain(move |asked| guarded(&images::index(&[&format!("linux/{said}")]), asked));
    case.expect("no-amd64", &[]);
}

#[test]
fn a_secret_in_the_image_stays_hidden() {
    let folder = Folder::new();
    let template = "version: \"2.0\"\nservices:\n  web:\n    image: \"{{ HOST }}/app:1\"\n";
    folder.file("t.yaml", template);
    let ran = folder.run(&["verify", "t.yaml"], &[("HOST", "secret-name.invalid")]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stdout.contains("********/app:1"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("secret-name") && !ran.stderr.contains("secret-name"), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn a_document_without_services() {
    let folder = Folder::new();
    folder.file("t.yaml", "version: \"2.0\"\n");
    folder.run(&["verify", "t.yaml"], &[]).fails(1, &["no services"]);
    folder.run(&["t.yaml", "--insecure", "x"], &[]).fails(2, &["--verify"]);
}

#[test]
fn a_registry_that_knows_no_head() {
    let (_server, case) = plain(|asked| match asked.method.as_str() {
        "HEAD" => Reply::status(405),
        _ => guarded(&images::single("linux/amd64"), asked),
    });
    case.expect("ready", &[]);
}

#[test]
fn a_registry_that_asks_for_the_login_only_at_the_image() {
    let (_server, case) = plain(|asked| match asked.path.as_str() {
        "/v2/" => Reply::status(200),
        _ => guarded(&images::single("linux/amd64"), asked),
    });
    case.expect("ready", &["ok"]);
}

#[test]
fn an_image_in_a_block_and_an_alias_of_it_are_both_pinned() {
    let made = images::single("linux/amd64");
    let digest = made.top().digest.clone();
    let (server, _) = plain(move |asked| serve(&made, asked));
    let image = format!("{}/app", server.host());
    let template =
        format!("version: \"2.0\"\nservices:\n  web:\n    image: &image |-\n      {image}:1\n  api:\n    image: *image\n");
    let folder = Folder::new();
    folder.file("t.yaml", &template);
    let pinned = folder.run(&["verify", "--no-check", "--pin", "t.yaml"], &[]).ok();
    let pin = format!("{image}@{digest}");
    assert_eq!(pinned, template.replace(&format!("{image}:1"), &pin).replace("*image", &pin));
}

/// Runs the program on a terminal of its own; what it writes there.
fn on_a_terminal(folder: &Folder, arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let script = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";
    let mut python = std::process::Command::new("python3");
    python.args(["-c", script, env!("CARGO_BIN_EXE_sdlrender")]).args(arguments).current_dir(folder.path());
    let ran = python.envs(variables.iter().copied()).stdin(std::process::Stdio::null()).output().expect("python3");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stdout));
    String::from_utf8_lossy(&ran.stdout).into_owned()
}

#[test]
fn progress_is_for_terminals_and_a_terminal_sees_no_secret() {
    let (_server, case) = plain(|asked| guarded(&images::single("linux/amd64"), asked));
    let folder = Folder::new();
    let ran = case.run(&folder, &["verify"]);
    assert!(!ran.stderr.contains("verifying") && !ran.stderr.contains('\r'), "{}", ran.stderr);
    if !crate::support::require("python3") {
        return;
    }
    let variables = [("REGISTRY_USER", "reader"), ("REGISTRY_PASSWORD", PASSWORD)];
    let shown = on_a_terminal(&folder, &["verify", "deploy.tmpl.yaml"], &variables);
    assert!(shown.contains("verifying 1 image") && shown.contains("1 of 1 image verified: web"), "{shown}");
    case.keeps_secrets(&shown);
    let shown = on_a_terminal(&folder, &["verify", "--no-check", "--pin", "deploy.tmpl.yaml"], &variables);
    assert!(shown.contains("/app@sha256:") && shown.contains("********"), "{shown}");
    case.keeps_secrets(&shown);
    let shown = on_a_terminal(&folder, &["verify", "--no-check", "--pin", "--reveal", "deploy.tmpl.yaml"], &variables);
    assert!(shown.contains(PASSWORD), "{shown}");
}

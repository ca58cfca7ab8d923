//! `docker("HOST")` and `docker("HOST/PATH")`: which of the stored logins is meant, where they are looked for, and what helpers say.

use std::path::Path;

use crate::support::{Folder, Ran, set_mode};

/// `auth` of a login, as the tools write it.
fn auth(login: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(login)
}

/// A file with logins: servers, and `username:password`.
fn auths(logins: &[(&str, &str)]) -> String {
    let entries = logins.iter().map(|(server, login)| format!("\"{server}\": {{\"auth\": \"{}\"}}", auth(login)));
    format!("{{\"auths\": {{{}}}}}", entries.collect::<Vec<_>>().join(", "))
}

/// The username and the password for `server`.
fn login(folder: &Folder, server: &str, variables: &[(&str, &str)]) -> Ran {
    folder.file("t.yaml", format!("a: \"{{{{ docker('{server}').username }}}} {{{{ docker('{server}').password }}}}\"\n"));
    folder.run(&["t.yaml", "--no-keychain"], variables)
}

#[track_caller]
fn finds(folder: &Folder, server: &str, variables: &[(&str, &str)], wanted: &str) {
    assert_eq!(login(folder, server, variables).ok(), format!("a: \"{wanted}\"\n"), "{server}");
}

/// A helper in `bin`, and PATH with it.
fn helper(folder: &Folder, name: &str, script: &str) -> String {
    let path = folder.file(&format!("bin/docker-credential-{name}"), format!("#!/bin/sh\n{script}\n"));
    set_mode(&path, 0o700);
    format!("{}:{}", folder.path().join("bin").display(), std::env::var("PATH").expect("a PATH"))
}

#[test]
fn the_longest_path_wins_and_never_another_one() {
    let folder = Folder::new();
    let logins = [
        ("registry.gitlab.com/acme/other", "u1:other"),
        ("registry.gitlab.com/acme/shop", "u2:shop"),
        ("registry.gitlab.com/acme/shop/web", "u3:web"),
        ("registry.gitlab.com/acme", "u4:acme"),
        ("https://quay.io", "u5:quay"),
        ("quay.io/one", "u6:one"),
        ("https://index.docker.io/v1/", "u7:hub"),
        ("docker.io/team", "u8:team"),
        ("localhost:5000/x", "u9:x"),
    ];
    folder.file(".docker/config.json", auths(&logins));
    for (server, wanted) in [
        ("registry.gitlab.com/acme/shop", "u2 shop"),
        ("https://registry.gitlab.com/acme/shop/", "u2 shop"),
        ("registry.gitlab.com/acme/shop/web/site", "u3 web"),
        ("registry.gitlab.com/acme/shop/website", "u2 shop"),
        ("registry.gitlab.com/acme/shopping", "u4 acme"),
        ("registry.gitlab.com/acme", "u4 acme"),
        ("quay.io", "u5 quay"),
        ("quay.io/one", "u6 one"),
        ("quay.io/two", "u5 quay"),
        ("docker.io", "u7 hub"),
        ("index.docker.io", "u7 hub"),
        ("docker.io/team/app", "u8 team"),
        ("docker.io/others/app", "u7 hub"),
        ("localhost:5000/x/y", "u9 x"),
        ("docker.io/team/app:1.2", "u8 team"),
        ("localhost:5000/x/y@sha256:0a1b", "u9 x"),
    ] {
        finds(&folder, server, &[], wanted);
    }
    for server in ["registry.gitlab.com", "registry.gitlab.com/else", "registry.gitlab.com/acm"] {
        let said = login(&folder, server, &[]).fails(1, &["no value for", "(with logins to registry.gitlab.com/acme", "only)"]);
        assert!(!said.contains("u1"), "{said}");
    }
    login(&folder, "localhost", &[]).fails(1, &["no value for"]);
    login(&folder, "localhost:5000/y", &[])
        .fails(1, &["podman login localhost:5000/y, or for all of the registry docker login localhost:5000"]);
}

#[test]
fn a_missing_login_is_told_once_with_its_own_command() {
    let folder = Folder::new();
    let part = |server: &str, part: &str| format!("{part}: {{{{ docker('{server}').{part} }}}}\n");
    let servers = ["ghcr.io", "registry.gitlab.com/acme/shop:1.0", "quay.io"];
    let template: String = servers.iter().map(|server| part(server, "username") + &part(server, "password")).collect();
    folder.file("t.yaml", template.replace("username:", "- u:").replace("\npassword:", "\n- p:"));
    let said = folder.run(&["t.yaml"], &[]).fails(1, &["no value for `docker(\"ghcr.io\").username`"]);
    assert_eq!(said.matches("error:").count(), servers.len(), "{said}");
    assert_eq!(said.matches("this affects 2 placeholders").count(), servers.len(), "{said}");
    for command in [
        "docker login ghcr.io\n",
        "podman login registry.gitlab.com/acme/shop, or for all of the registry docker login registry.gitlab.com\n",
        "docker login quay.io\n",
    ] {
        assert!(said.contains(&format!("help: {command}")), "{said}");
    }
}

#[test]
fn places_are_asked_in_the_order_of_the_tools() {
    let folder = Folder::new();
    let at = |name: &str| folder.path().join(name).display().to_string();
    folder.file(".docker/config.json", auths(&[("ghcr.io", "docker:d"), ("only.docker", "docker:d")]));
    finds(&folder, "ghcr.io", &[], "docker d");
    folder.file(".config/containers/auth.json", auths(&[("ghcr.io", "home:h"), ("only.home", "home:h")]));
    finds(&folder, "ghcr.io", &[], "home h");
    folder.file("xdg/containers/auth.json", auths(&[("ghcr.io", "xdg:x")]));
    let xdg = at("xdg");
    finds(&folder, "ghcr.io", &[("XDG_CONFIG_HOME", &xdg)], "xdg x");
    folder.file("run/containers/auth.json", auths(&[("ghcr.io", "run:r")]));
    let run = at("run");
    let runtime = ("XDG_RUNTIME_DIR", run.as_str());
    finds(&folder, "ghcr.io", &[runtime], "run r");
    finds(&folder, "only.home", &[runtime], "home h");
    finds(&folder, "only.docker", &[runtime], "docker d");
    // A file that is named takes the place of podman's two, and so does Docker's folder.
    folder.file("named.json", auths(&[("ghcr.io", "named:n")]));
    let named = at("named.json");
    let file = ("REGISTRY_AUTH_FILE", named.as_str());
    finds(&folder, "ghcr.io", &[runtime, file], "named n");
    finds(&folder, "only.docker", &[runtime, file], "docker d");
    login(&folder, "only.home", &[runtime, file]).fails(1, &[&named, "docker login only.home"]);
    folder.file("other/config.json", auths(&[("ghcr.io", "other:o")]));
    let other = at("other");
    let docker = ("DOCKER_CONFIG", other.as_str());
    finds(&folder, "ghcr.io", &[runtime, docker], "other o");
    login(&folder, "only.home", &[runtime, docker]).fails(1, &[&at("other/config.json")]);
    finds(&folder, "ghcr.io", &[runtime, docker, file], "named n");
    // As GitLab's runners set it.
    let text = auths(&[("ghcr.io", "variable:secret-of-the-runner")]);
    let variable = ("DOCKER_AUTH_CONFIG", text.as_str());
    finds(&folder, "ghcr.io", &[runtime, docker, file, variable], "variable secret-of-the-runner");
    finds(&folder, "only.docker", &[variable], "docker d");
}

#[test]
fn a_place_that_cannot_be_read_is_named() {
    let folder = Folder::new();
    let said = login(&folder, "ghcr.io", &[("DOCKER_AUTH_CONFIG", "/builds/secret-path/config.json")])
        .fails(1, &["DOCKER_AUTH_CONFIG is not valid JSON", "it must hold the JSON itself", "REGISTRY_AUTH_FILE names a file"]);
    assert!(!said.contains("secret-path"), "{said}");
    assert_eq!(said.matches("error:").count(), 1, "{said}");
    let bad = folder.file("bad.json", "{").display().to_string();
    login(&folder, "ghcr.io", &[("REGISTRY_AUTH_FILE", &bad)]).fails(1, &[&format!("{bad} is not valid JSON")]);
    let gone = folder.path().join("gone.json").display().to_string();
    login(&folder, "ghcr.io", &[("REGISTRY_AUTH_FILE", &gone)])
        .fails(1, &[&format!("looked in: {gone} (not there), "), "config.json (not there)", "docker login ghcr.io"]);
    folder.file(".docker/config.json", "");
    login(&folder, "ghcr.io", &[]).fails(1, &["no value for"]);
}

#[test]
fn a_helper_that_has_nothing_leaves_it_to_auths() {
    let folder = Folder::new();
    let path = helper(&folder, "empty", "echo 'credentials not found in native keychain'; exit 1");
    let with = |store: &str| format!("{{\"credsStore\": \"{store}\", {}", &auths(&[("ghcr.io", "kept:k")])[1..]);
    folder.file(".docker/config.json", with("empty"));
    finds(&folder, "ghcr.io", &[("PATH", &path)], "kept k");
    login(&folder, "quay.io", &[("PATH", &path)]).fails(1, &["no value for"]);
    // One that is not installed has nothing either, but is told where nothing else has a login.
    folder.file(".docker/config.json", with("not-installed"));
    finds(&folder, "ghcr.io", &[], "kept k");
    login(&folder, "quay.io", &[]).fails(1, &["docker-credential-not-installed gave no login to quay.io"]);
    // A helper knows a login by the name that was used for it.
    let script = "read -r name; case $name in https://gitlab.example/acme/shop) echo '{\"Username\":\"u\",\"Secret\":\"s\"}';; *) echo 'credentials not found in native keychain'; exit 1;; esac";
    let path = helper(&folder, "exact", script);
    folder.file(".docker/config.json", r#"{"credsStore": "exact", "auths": {"https://gitlab.example/acme/shop": {}}}"#);
    finds(&folder, "gitlab.example/acme/shop/web", &[("PATH", &path)], "u s");
    login(&folder, "gitlab.example/acme/other", &[("PATH", &path)]).fails(1, &["no value for"]);
}

#[test]
fn a_helper_that_fails_is_heard() {
    let folder = Folder::new();
    for (script, shown) in [
        ("echo 'The stub received bad data.'; exit 1", "it exited with code 1 and said: The stub received bad data."),
        (
            "printf '\\033[31mpass not initialized\\033[0m\\a\\n' >&2; exit 3",
            "it exited with code 3 and said: pass not initialized",
        ),
        ("echo out; echo err >&2; exit 1", "said: out; err"),
        ("echo '{\"Secret\":\"canary-7c91d0\"}'; echo 'token: canary-7c91d0' >&2; exit 1", "said: token: …"),
        ("echo canary-7c91d0; echo 'not JSON today' >&2", "its output is not JSON and said: not JSON today"),
        ("yes 'a long story' >&2 & sleep 0.2; kill $!; exit 1", "a long story"),
        ("kill -9 $$", "it was killed by a signal"),
    ] {
        let path = helper(&folder, "failing", script);
        folder.file(".docker/config.json", format!("{{\"credsStore\": \"failing\", {}", &auths(&[("ghcr.io", "kept:k")])[1..]));
        let said = login(&folder, "ghcr.io", &[("PATH", &path)]).fails(
            1,
            &[
                "docker-credential-failing gave no login to ghcr.io: ",
                shown,
                "run it by hand: echo ghcr.io | docker-credential-failing get",
            ],
        );
        assert!(!said.contains("canary") && said.len() < 1500 && !said.contains('\u{1b}'), "{said}");
    }
}

/// Docker's own helpers: one without a session to ask says why on standard output; one without a store has an empty login.
#[test]
fn the_real_helpers_are_heard() {
    let there = ["docker-credential-secretservice", "docker-credential-pass"].map(crate::support::require);
    if !there.into_iter().all(|there| there) {
        return;
    }
    let (folder, path) = (Folder::new(), std::env::var("PATH").expect("a PATH"));
    folder.file(".docker/config.json", r#"{"credsStore": "secretservice"}"#);
    let heard = [
        "docker-credential-secretservice gave no login to ghcr.io: it exited with code 1 and said: ",
        "D-Bus",
        "run it by hand: echo ghcr.io | docker-credential-secretservice get",
    ];
    login(&folder, "ghcr.io", &[("PATH", &path)]).fails(1, &heard);
    folder.file(".docker/config.json", r#"{"credsStore": "pass"}"#);
    login(&folder, "ghcr.io", &[("PATH", &path)]).fails(1, &["no value for", "docker login ghcr.io"]);
}

#[test]
fn a_helper_and_what_it_started_end_at_the_limit() {
    let folder = Folder::new();
    let path = helper(&folder, "slow", "sleep 300 & echo $! > pid; wait");
    folder.file(".docker/config.json", r#"{"credHelpers": {"ghcr.io": "slow"}}"#);
    folder.file("t.yaml", "a: \"{{ docker('ghcr.io').password }}\"\n");
    folder
        .run(&["t.yaml", "--command-timeout", "0.3"], &[("PATH", &path)])
        .fails(1, &["docker-credential-slow gave no login to ghcr.io: it did not finish within 0.3 s"]);
    let pid = folder.read("pid");
    let start = std::time::Instant::now();
    while Path::new("/proc").join(pid.trim()).exists() {
        assert!(start.elapsed() < std::time::Duration::from_secs(5), "it still runs");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

#[test]
fn an_identity_token_of_azure_leads_to_one_that_is_a_password() {
    let folder = Folder::new();
    let zero = "00000000-0000-0000-0000-000000000000";
    let login = |entry: &str| {
        folder.file(".docker/config.json", format!("{{\"auths\": {{{entry}}}}}"));
        login(&folder, "acme.azurecr.io", &[])
    };
    let azure = ["an identity token of Azure", "az acr login --name acme --expose-token", zero];
    login(&format!("\"acme.azurecr.io\": {{\"auth\": \"{}\", \"identitytoken\": \"eyJ-canary\"}}", auth(&format!("{zero}:"))))
        .fails(1, &azure);
    login("\"acme.azurecr.io\": {\"identitytoken\": \"eyJ-canary\"}").fails(1, &azure);
    login(&format!("\"acme.azurecr.io\": {{\"auth\": \"{}\"}}", auth(&format!("{zero}:")))).fails(1, &azure);
    // What --expose-token prints is a password.
    let given = login(&format!("\"acme.azurecr.io\": {{\"auth\": \"{}\"}}", auth(&format!("{zero}:eyJx"))));
    assert_eq!(given.ok(), format!("a: \"{zero} eyJx\"\n"));
    let path = helper(&folder, "acr", "echo '{\"Username\":\"<token>\",\"Secret\":\"eyJ-canary\"}'");
    folder.file(".docker/config.json", r#"{"credsStore": "acr"}"#);
    self::login(&folder, "acme.azurecr.io", &[("PATH", &path)]).fails(1, &azure);
    self::login(&folder, "ghcr.io", &[("PATH", &path)]).fails(1, &["is an identity token, which", "create an access token"]);
}

#[test]
fn other_programs_do_not_get_the_logins_of_the_environment() {
    let folder = Folder::new();
    let text = auths(&[("ghcr.io", "variable:secret-of-the-runner")]);
    folder.file("t.yaml", "a: \"{{ ASKED }}\"\nb: \"{{ ['x', USER, docker('ghcr.io').password] | join }}\"\n");
    let print = "ASKED=sh -c 'echo ${DOCKER_AUTH_CONFIG:-none}'";
    let given = [("DOCKER_AUTH_CONFIG", text.as_str()), ("USER", "u")];
    assert_eq!(folder.run(&["t.yaml", "--from-command", print], &given).ok(), "a: \"none\"\nb: \"xusecret-of-the-runner\"\n");
    // Where no placeholder is about logins, it is not this program's.
    folder.file("t.yaml", "a: \"{{ ASKED }}\"\n");
    assert!(folder.run(&["t.yaml", "--from-command", print], &given).ok().contains("auths"));
}

#[test]
fn list_finds_logins_without_asking_a_helper() {
    let folder = Folder::new();
    let path = helper(&folder, "asked", "touch asked; exit 1");
    folder.file(
        "t.yaml",
        "a: \"{{ docker('ghcr.io').password }}\"\nb: \"{{ docker('h/a').password }}\"\nc: \"{{ docker('h/b').password }}\"\n",
    );
    folder.file(".docker/config.json", auths(&[("h/a", "u:p")]));
    folder.file(".config/containers/auth.json", r#"{"credHelpers": {"ghcr.io": "asked"}}"#);
    let shown = folder.run(&["list", "t.yaml"], &[("PATH", &path)]).ok();
    let rows = shown.lines().skip(1).take_while(|line| !line.is_empty());
    let rows: Vec<&str> = rows.map(|row| row.split_whitespace().last().unwrap_or_default()).collect();
    assert_eq!(rows, ["login", "login", "missing"]);
    assert!(!folder.names().contains(&"asked".to_owned()));
}

#[test]
fn systemd_s_credentials_are_a_source_beside_files_that_variables_name() {
    let folder = Folder::new();
    folder.file("t.yaml", "a: \"{{ TOKEN }}\"\n");
    folder.file("credentials/TOKEN", "of-systemd\n");
    folder.file("token", "of-a-file\n");
    folder.file(".env", "TOKEN=of-dotenv\n");
    let (directory, file) =
        (folder.path().join("credentials").display().to_string(), folder.path().join("token").display().to_string());
    let credentials = ("CREDENTIALS_DIRECTORY", directory.as_str());
    let value = |variables: &[(&str, &str)]| folder.run(&["t.yaml"], variables).ok();
    assert_eq!(value(&[credentials]), "a: \"of-systemd\"\n");
    assert_eq!(value(&[credentials, ("TOKEN_FILE", &file)]), "a: \"of-a-file\"\n");
    assert_eq!(value(&[credentials, ("TOKEN", "itself")]), "a: \"itself\"\n");
    assert!(folder.run(&["list", "t.yaml"], &[credentials]).ok().contains("environment"));
    folder
        .file("t.yaml", "a: \"{{ env.TOKEN }} {{ OTHER | default('none') }} {{ secrets['../token'] | default('outside') }}\"\n");
    assert_eq!(value(&[credentials]), "a: \"of-systemd none outside\"\n");
    folder.file("credentials/TOKEN", [0xff]);
    folder.file("t.yaml", "a: \"{{ TOKEN }}\"\n");
    folder.run(&["t.yaml"], &[credentials]).fails(1, &["credentials/TOKEN is not UTF-8"]);
}

/// Random files, and what skopeo, which reads them with podman's own library, finds in them.
#[test]
fn skopeo_finds_the_same_logins() {
    if !crate::support::require("skopeo") {
        return;
    }
    const SERVERS: [&str; 9] = [
        "h.example",
        "h.example/a",
        "h.example/a/b",
        "h.example/a/bc",
        "h.example/x",
        "g.example",
        "https://g.example/v1/",
        "docker.io/t",
        "https://index.docker.io/v1/",
    ];
    const ASKED: [&str; 10] = [
        "h.example",
        "h.example/a",
        "h.example/a/b/c",
        "h.example/a/bcd",
        "h.example/x/y",
        "h.example/z",
        "g.example",
        "g.example/q",
        "docker.io",
        "docker.io/t/u",
    ];
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    let (mut found, mut compared) = (0, 0);
    for round in 0..6 {
        let folder = Folder::new();
        let mut count = 0;
        for file in ["run/containers/auth.json", ".config/containers/auth.json", ".docker/config.json"] {
            let mut logins = Vec::new();
            for server in SERVERS {
                count += 1;
                if random() % 4 == 0 {
                    logins.push((server, format!("u{count}:p")));
                }
            }
            let logins: Vec<(&str, &str)> = logins.iter().map(|(server, login)| (*server, login.as_str())).collect();
            folder.file(file, auths(&logins));
        }
        let run = folder.path().join("run").display().to_string();
        let variables = [("XDG_RUNTIME_DIR", run.as_str())];
        for asked in ASKED {
            let mut skopeo = std::process::Command::new("skopeo");
            skopeo.args(["login", "--get-login", asked]).env_clear().env("HOME", folder.path()).envs(variables);
            let theirs = Ran::from(skopeo.env("PATH", std::env::var("PATH").expect("a PATH")).output().expect("skopeo starts"));
            folder.file("t.yaml", format!("a: \"{{{{ docker('{asked}').username }}}}\"\n"));
            let ours = folder.run(&["t.yaml", "--no-keychain"], &variables);
            let ours = if ours.code == Some(0) { ours.ok() } else { ours.fails(1, &["no value for"]) };
            let theirs = theirs.code.filter(|code| *code == 0).map(|_| theirs.stdout.trim().to_owned());
            match theirs {
                Some(user) => assert_eq!(ours, format!("a: \"{user}\"\n"), "round {round}, {asked}"),
                None => assert!(ours.contains("no value for"), "round {round}, {asked}: {ours}"),
            }
            compared += 1;
            found += usize::from(ours.starts_with("a: "));
        }
    }
    assert!(found > compared / 3 && found < compared, "{found} of {compared}");
}

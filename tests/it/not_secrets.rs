//! What is not a secret is not written as one: references that nobody resolved, stand-ins, characters that nobody sees in a login, what is left
//! of a shell, plain variables in a secret's place. Made from what people ran into elsewhere.

use crate::support::{Folder, Ran};

const TEMPLATE: &str = "\
version: \"2.0\"
services:
  web:
    image: ghcr.io/acme-labs/shop:2.3.1
    credentials:
      host: https://ghcr.io
      username: \"{{ GHCR_USER }}\"
      password: \"{{ GHCR_TOKEN }}\"
    env:
      - \"DB_PASSWORD={{ DB_PASSWORD }}\"
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
";

const USER: &str = "      username: \"{{ GHCR_USER }}\"\n";
const PASSWORD: &str = "      password: \"{{ GHCR_TOKEN }}\"\n";
const ITEM: &str = "      - \"DB_PASSWORD={{ DB_PASSWORD }}\"\n";

/// A folder with the template, `changes` made in it.
#[track_caller]
fn folder(changes: &[(&str, &str)]) -> Folder {
    let folder = Folder::judged();
    let mut text = TEMPLATE.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    folder.file("t.yaml", text);
    folder
}

/// Renders with these for the user, the token and the password of the database.
fn with(folder: &Folder, user: &str, token: &str, database: &str) -> Ran {
    folder.run(&["t.yaml"], &[("GHCR_USER", user), ("GHCR_TOKEN", token), ("DB_PASSWORD", database)])
}

fn token() -> String {
    format!("ghp_{}", "0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0uV1wX")
}

#[test]
fn an_unresolved_reference_is_told_with_the_command_that_resolves_it() {
    let folder = folder(&[]);
    folder.file(".env", "GHCR_USER=octo-dev\nGHCR_TOKEN=op://Engineering/ghcr/token\nDB_PASSWORD=op://Engineering/db/password\n");
    let told =
        folder.run(&["t.yaml"], &[]).fails(1, &["error[unresolved-reference]", "warning[unresolved-reference]", "1Password"]);
    assert!(told.contains("--from-command GHCR_TOKEN='op read op://…'") && told.contains("t.yaml:8:"), "{told}");
    assert!(!told.contains("Engineering"), "{told}");
    for (value, command) in [
        ("ref+vault://secret/ghcr#/token", "vals get"),
        ("ENC[AES256_GCM,data:81js,iv:x,tag:y,type:str]", "sops -d --extract '[\\\"GHCR_TOKEN\\\"]' FILE"),
        ("encrypted:BDb7t3QkTRp2GhT9", "dotenvx get GHCR_TOKEN"),
        ("vault:secret/data/ghcr#token", "vault kv get"),
        ("${GHCR_PAT}", "'CMD'"),
        ("$GHCR_PAT_", "'CMD'"),
        ("$(gh auth token)", "'CMD'"),
        ("{{ GHCR_PAT }}", "'CMD'"),
        ("ENC[PKCS7,MIIBygYJKoZIhvcN]", "eyaml"),
        ("ENC(G6N718UuyPE5bHyWKyuLQSm02auQPUtm)", "'CMD'"),
        ("${{ secrets.GHCR_PAT }}", "'CMD'"),
        ("$env:GHCR_PAT", "'CMD'"),
        ("%env(GHCR_PAT)%", "'CMD'"),
        ("#{GhcrPat}#", "'CMD'"),
        ("@GHCR_PAT@", "'CMD'"),
        ("__GHCR_PAT__", "'CMD'"),
        ("octo-${GHCR_PAT}", "'CMD'"),
    ] {
        for password in [value.to_owned(), format!(" {value}\n"), format!("\"{value}\"")] {
            let told = with(&folder, "octo-dev", &password, "x1").fails(1, &["unresolved-reference", command]);
            assert!(!told.contains("warning["), "{told}");
        }
        with(&folder, value, &token(), "x1").fails(1, &["unresolved-reference", "GHCR_USER"]);
        let ran = with(&folder, "octo-dev", &token(), value);
        assert!(ran.code == Some(0) && ran.stderr.contains("warning[unresolved-reference]"), "{}", ran.stderr);
    }
}

#[test]
fn where_a_secret_is_kept_is_not_the_secret_of_a_login() {
    let folder = folder_of_a_local_registry();
    for (value, help) in [
        ("/run/secrets/ghcr", "GHCR_TOKEN_FILE names a file to read; or --from-command GHCR_TOKEN='cat PATH'"),
        ("~/.config/ghcr-token", "GHCR_TOKEN_FILE"),
        ("./token", "GHCR_TOKEN_FILE"),
        ("env:GHCR_PAT", "'CMD'"),
        ("file:/run/secrets/ghcr", "'CMD'"),
        ("secretRef:ghcr-token", "'CMD'"),
        ("pass:registries/ghcr", "'CMD'"),
        ("bws://ghcr", "'CMD'"),
    ] {
        let told = with(&folder, "octo-dev", value, "x1").fails(1, &["error[unresolved-reference]", help]);
        assert!(!told.contains("registries"), "{told}");
        // The container may look it up.
        let ran = with(&folder, "octo-dev", &token(), value);
        assert!(ran.code == Some(0) && ran.stderr.is_empty(), "{}", ran.stderr);
    }
    for value in ["/Ab3+cd/9x==", "pass:word!", "AWS:eyJwYXlsb2Fk", "a.b/c@d#e", "pa${x}y"] {
        assert_eq!(with(&folder, "octo-dev", value, "x1").code, Some(0), "{value}");
    }
}

#[test]
fn a_reference_is_told_whatever_source_and_filter_it_comes_through() {
    let reference = "op://Engineering/ghcr/token";
    let change = |to: &str| folder(&[(PASSWORD, &format!("      password: \"{to}\"\n"))]);
    let known = [("GHCR_USER", "u"), ("DB_PASSWORD", "x1")];
    let command = format!("GHCR_TOKEN=printf {reference}");
    change("{{ GHCR_TOKEN }}").run(&["t.yaml", "--from-command", &command], &known).fails(1, &["unresolved-reference"]);
    let filtered = change("{{ GHCR_TOKEN | b64encode }}");
    filtered.run(&["t.yaml"], &[known[0], known[1], ("GHCR_TOKEN", reference)]).fails(1, &["unresolved-reference"]);
    let file = change("{{ file('token') }}");
    file.file("token", format!("{reference}\n"));
    file.run(&["t.yaml"], &known).fails(1, &["`file(\"token\")` is a reference", "--from-command NAME="]);
    change("{{ GHCR_TOKEN | default('changeme') }}").run(&["t.yaml"], &known).fails(1, &["stand-in-value"]);
    // A part of a secret made of several is looked at by itself.
    let joined = folder(&[
        (ITEM, "      - \"BASIC_AUTH={{ [GHCR_USER, ':', GHCR_TOKEN] | join | b64encode }}\"\n"),
        (PASSWORD, "      password: \"{{ T }}\"\n"),
    ]);
    let ran = joined.run(&["t.yaml"], &[known[0], ("GHCR_TOKEN", reference), ("T", &token())]);
    assert!(
        ran.code == Some(0) && ran.stderr.contains("warning[unresolved-reference]: the value of `GHCR_TOKEN`"),
        "{}",
        ran.stderr
    );
    // Written out, `check` says it.
    let ran = change(reference).run(&["check", "t.yaml"], &[]);
    assert!(ran.code == Some(1) && ran.stderr.contains("error[unresolved-reference]"), "{}", ran.stderr);
    let item = folder(&[(ITEM, "      - DB_PASSWORD=op://Engineering/db/password\n")]);
    assert!(item.run(&["check", "t.yaml"], &[]).stderr.contains("warning[unresolved-reference]"));
}

#[test]
fn a_stand_in_is_not_written_as_a_login() {
    let folder = folder(&[]);
    let values = [
        "<your token here>",
        "changeme",
        "YOUR_GITHUB_TOKEN",
        "null",
        "undefined",
        "***",
        "xxxxxxxxxx",
        "ghp_xxxxxxxxxxxx",
        "(your token)",
        "paste-token-here",
        "enter your token",
        "ghp_your_token",
        "ghcr_token",
        "example",
        "••••••••",
    ];
    for value in values {
        with(&folder, "octo-dev", value, "x1").fails(1, &["error[stand-in-value]", "the value of `GHCR_TOKEN`"]);
    }
    for value in ["<user>", "your-username", "changeme"] {
        with(&folder, value, &token(), "x1").fails(1, &["error[stand-in-value]", "the value of `GHCR_USER`"]);
    }
    for value in ["changeme", "<password>"] {
        let ran = with(&folder, "octo-dev", &token(), value);
        assert!(ran.code == Some(0) && ran.stderr.contains("warning[stand-in-value]"), "{}", ran.stderr);
    }
    // A weak login is one.
    let local = folder_of_a_local_registry();
    for (user, password) in [("test", "test12"), ("x", "hunter2"), ("me@example.com", "password"), ("null", "correct horse")] {
        let ran = with(&local, user, password, "test");
        assert!(ran.code == Some(0) && !ran.stderr.contains("stand-in"), "{}", ran.stderr);
    }
}

fn folder_of_a_local_registry() -> Folder {
    folder(&[("ghcr.io/acme-labs", "registry.example.com/acme"), ("https://ghcr.io", "https://registry.example.com")])
}

#[test]
fn the_value_of_the_example_is_not_the_secret() {
    let folder = folder_of_a_local_registry();
    folder.file(".env.example", "GHCR_USER=octo-dev\nGHCR_TOKEN=s3cr3t-of-nobody\nDB_PASSWORD=postgres-dev\n");
    with(&folder, "octo-dev", "s3cr3t-of-nobody", "x1")
        .fails(1, &["error[stand-in-value]", "`GHCR_TOKEN` is the one in .env.example"]);
    let ran = with(&folder, "octo-dev", "another-one", "postgres-dev");
    assert!(ran.code == Some(0) && ran.stderr.contains("warning[stand-in-value]"), "{}", ran.stderr);
    assert_eq!(with(&folder, "octo-dev", "another-one", "another").stderr, "");
    folder.file(".env.sample", "GHCR_TOKEN=of-the-sample-file\n");
    assert_eq!(with(&folder, "octo-dev", "of-the-sample-file", "x1").stderr, "", "one example is enough");
    std::fs::remove_file(folder.path().join(".env.example")).unwrap();
    with(&folder, "octo-dev", "of-the-sample-file", "x1").fails(1, &["`GHCR_TOKEN` is the one in .env.sample"]);
    // A bare name has no value there, whatever the environment has.
    folder.file(".env.example", "GHCR_USER\nGHCR_TOKEN\nDB_PASSWORD=\n");
    assert_eq!(with(&folder, "octo-dev", "another-one", "x1").stderr, "");
}

#[test]
fn characters_that_nobody_sees_in_a_login_are_told() {
    let folder = folder_of_a_local_registry();
    for (value, parts) in [
        ("ghp_abcdefg\n", ["login-whitespace", "a line break at the end", "{{ GHCR_TOKEN | trim }}"]),
        ("ghp_abcdefg\r", ["login-whitespace", "a carriage return at the end", "| trim"]),
        ("ghp_abcdefg\r\n", ["login-whitespace", "a line break at the end", "| trim"]),
        (" ghp_abcdefg", ["login-whitespace", "a blank at the beginning", "| trim"]),
        ("ghp_abcdefg\u{a0}", ["login-whitespace", "a blank at the end", "| trim"]),
        ("\u{feff}ghp_abcdefg", ["login-whitespace", "an invisible character", "remove it where `GHCR_TOKEN` is set"]),
        ("ghp_abcdefg\u{200b}\n", ["login-whitespace", "a line break at the end", "remove it where"]),
        ("ghp_abc\u{200b}defg", ["login-whitespace", "an invisible character in", "remove it where"]),
        ("ghp_abc\u{a0}defg", ["login-whitespace", "a blank that is no space", "remove it where"]),
        ("ghp_abcdefg\\n", ["login-whitespace", "`\\n` at the end of the password, as text", "remove it where"]),
        ("\"ghp_abcdefg\",", ["login-quotes", "quotes around the password", "where `GHCR_TOKEN` is set"]),
        ("\"ghp_abcdefg\"", ["login-quotes", "quotes around the password", "where `GHCR_TOKEN` is set"]),
        ("'ghp_abcdefg'", ["login-quotes", "quotes around the password", "where `GHCR_TOKEN` is set"]),
        ("$'ghp_abcdefg'", ["login-quotes", "quotes around the password", "where `GHCR_TOKEN` is set"]),
        ("one-line\ntwo-lines", ["password-lines", "several lines", "one line"]),
        ("tab\tinside", ["login-whitespace", "control character", "one line"]),
    ] {
        with(&folder, "octo-dev", value, "x1").fails(1, &parts);
    }
    with(&folder, "octo-dev\n", "ghp_abcdefg", "x1").fails(1, &["login-whitespace", "the username", "{{ GHCR_USER | trim }}"]);
    with(&folder, "'octo-dev'", "ghp_abcdefg", "x1").fails(1, &["login-quotes", "the username"]);
    // Not in `env`, where it may be meant.
    assert_eq!(with(&folder, "octo-dev", "ghp_abcdefg", " \"x1\"\n").code, Some(0));
}

#[test]
fn what_a_shell_passes_over_behind_a_login_is_told() {
    let folder = folder_of_a_local_registry();
    for (value, part) in [
        ("ghp_abcdefg // bot", "a comment behind the password"),
        ("ghp_abcdefg  # bot", "a comment behind the password"),
        ("ghp_abcdefg; export OTHER=x", "another setting behind the password"),
        ("ghp_abcdefg OTHER_1=x", "another setting behind the password"),
        ("ghp_abcdefg;OTHER=x", "another setting behind the password"),
        ("ghp_abcdefg\\", "a `\\` at the end of the password"),
    ] {
        let ran = with(&folder, "octo-dev", value, "x1");
        let told = ["warning[login-whitespace]: there is ", part, "remove it where `GHCR_TOKEN` is set"];
        assert!(ran.code == Some(0) && told.iter().all(|told| ran.stderr.contains(told)), "{value}: {}", ran.stderr);
    }
    for value in ["correct horse battery staple", "a;b=c", "a # b"] {
        let told = with(&folder, "octo-dev", value, "x1").stderr;
        assert_eq!(told.contains("login-whitespace"), value == "a # b", "{told}");
    }
}

#[test]
fn a_key_may_have_lines_and_version_2_1_trims() {
    let folder = folder_of_a_local_registry();
    let key = "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n";
    for value in [key, "{\n \"type\": \"service_account\"\n}\n"] {
        assert_eq!(with(&folder, "octo-dev", value, "x1").code, Some(0), "{value}");
    }
    let text = folder.read("t.yaml").replace("version: \"2.0\"", "version: \"2.1\"");
    folder.file("t.yaml", &text);
    for value in ["ghp_abcdefg\n", " ghp_abcdefg\r\n"] {
        assert_eq!(with(&folder, " octo-dev", value, "x1").code, Some(0), "{value:?}");
    }
    with(&folder, "octo-dev", "'ghp_abcdefg'\n", "x1").fails(1, &["login-quotes"]);
    with(&folder, "octo-dev", "ghp_abcdefg\u{200b}", "x1").fails(1, &["login-whitespace"]);
    folder.file("t.yaml", text.replace("2.1", "2.0").replace(PASSWORD, "      password: \"{{ GHCR_TOKEN | trim }}\"\n"));
    assert_eq!(with(&folder, "octo-dev", " ghp_abcdefg\r\n", "x1").code, Some(0));
}

#[test]
fn what_is_left_of_a_shell_is_told_one_by_one_with_the_line_to_write() {
    let changes = [
        ("shop:2.3.1", "shop:${TAG}"),
        (USER, "      username: ${GHCR_USER}\n"),
        (PASSWORD, "      password: $GHCR_TOKEN\n"),
        (
            ITEM,
            "      - DB_PASSWORD=$DB_PASSWORD\n      - URL=http://${HOST:-localhost}/\n    command: [sh, -c, 'echo ${HOME} $PATH']\n",
        ),
        ("count: 1", "count: ${COUNT}"),
        ("https://ghcr.io", "https://${REGISTRY}"),
    ];
    let folder = folder(&changes);
    let told = folder
        .run(&["check", "t.yaml"], &[])
        .fails(1, &["error[shell-variable]: `${GHCR_USER}`", "error[shell-variable]: `$GHCR_TOKEN`"]);
    for part in [
        "write `username: \"{{ GHCR_USER }}\"`",
        "write `password: \"{{ GHCR_TOKEN }}\"`",
        "warning[shell-variable]: `$DB_PASSWORD`",
        "write `- \"DB_PASSWORD={{ DB_PASSWORD }}\"`",
        "write `{{ HOST | default(\"…\") }}` in place of `${HOST:-…}`",
        "write `{{ vars.TAG }}` in place of `${TAG}`",
        "write `count: {{ vars.COUNT }}`",
        "error[shell-variable]: `${REGISTRY}`",
        "t.yaml:7:17",
    ] {
        assert!(told.contains(part), "`{part}` is not in:\n{told}");
    }
    assert!(
        !told.contains("HOME")
            && !told.contains("literal-password")
            && !told.contains("host-mismatch")
            && !told.contains("stand-in"),
        "{told}"
    );
    let values = [("GHCR_USER", "octo-dev"), ("GHCR_TOKEN", "hunter2hunter2")];
    folder.run(&["t.yaml"], &values).fails(1, &["error[shell-variable]", "nothing was written"]);
}

#[test]
fn quotes_inside_an_item_of_env_reach_the_container() {
    let folder = folder(&[(ITEM, "      - DB_PASSWORD=\"{{ DB_PASSWORD }}\"\n")]);
    let ran = folder.run(&["check", "t.yaml"], &[]);
    assert!(ran.code == Some(0) && ran.stderr.contains("warning[env-quotes]"), "{}", ran.stderr);
    assert!(ran.stderr.contains("write `- \"DB_PASSWORD={{ DB_PASSWORD }}\"`"), "{}", ran.stderr);
    let rendered = with(&folder, "octo-dev", &token(), "x1");
    assert!(
        rendered.stderr.contains("warning[env-quotes]") && rendered.stdout.contains("DB_PASSWORD=\\\"x1\\\""),
        "{rendered:?}"
    );
    // Where it is not all there is within the quotes, or a filter makes it, what to write instead would lose something.
    for value in ["{{ DB_PASSWORD }}x", "{{ DB_PASSWORD | urlencode }}"] {
        let folder = self::folder(&[(ITEM, &format!("      - DB_PASSWORD=\"{value}\"\n"))]);
        let ran = folder.run(&["check", "t.yaml"], &[]);
        assert!(ran.stderr.contains("put the quotes around the whole item"), "{value}: {}", ran.stderr);
    }
}

#[test]
fn a_variable_is_refused_by_its_name_before_its_value_is_known() {
    for (item, reason) in [
        ("KEY = {{ X }}", "white space around the name"),
        ("\"KEY: {{ X }}\"", "there is no `=`"),
        ("export KEY={{ X }}", "white space in the name"),
        ("2KEY={{ X }}", "begins with a digit"),
        ("={{ X }}", "nothing before `=`"),
        (".={{ X }}", "`.`"),
    ] {
        let folder = folder(&[(ITEM, &format!("      - {item}\n"))]);
        folder.run(&["check", "t.yaml"], &[]).fails(1, &["error[env-name]", "t.yaml:10:", reason]);
        let known = [("GHCR_USER", "u"), ("GHCR_TOKEN", &*token()), ("X", "x1")];
        let told = folder.run(&["t.yaml"], &known).fails(1, &["error[env-name]"]);
        assert_eq!(told.matches("env-name]").count(), 1, "{told}");
    }
    // What is filled in before the `=` may hold one itself: `OPTIONS=-a` and what follows.
    for item in [
        "\"{{ X }}\"",
        "\"{{ X }} -b=c\"",
        "\"{{ X }}=a\"",
        "\"KEY_{{ X }}=a\"",
        "KEY={{ X }}",
        "a.b-c={{ X }}",
        "\".{{ X }}=a\"",
    ] {
        let folder = folder(&[(ITEM, &format!("      - {item}\n"))]);
        let checked = folder.run(&["check", "t.yaml"], &[]);
        assert!(checked.code == Some(0) && !checked.stderr.contains("env-name"), "{item}: {}", checked.stderr);
    }
}

#[test]
fn a_secret_in_an_address_is_to_be_encoded() {
    let folder = folder(&[(ITEM, "      - \"URL=postgres://app:{{ DB_PASSWORD }}@db/app\"\n")]);
    let ran = folder.run(&["check", "t.yaml"], &[]);
    assert!(ran.code == Some(0) && ran.stderr.contains("warning[url-unencoded]"), "{}", ran.stderr);
    assert!(ran.stderr.contains("write `{{ DB_PASSWORD | urlencode }}`"), "{}", ran.stderr);
    // Rendered, only a value that needs it is told.
    assert!(with(&folder, "octo-dev", &token(), "p@ss/word1").stderr.contains("url-unencoded"));
    assert_eq!(with(&folder, "octo-dev", &token(), "plain-word1").stderr, "");
    let text = folder.read("t.yaml");
    for fine in ["{{ DB_PASSWORD | urlencode }}@db", "x@db/{{ DB_PASSWORD }}", "x@db/?at=@&x={{ DB_PASSWORD }}@"] {
        folder.file("t.yaml", text.replace("{{ DB_PASSWORD }}@db", fine));
        assert!(!folder.run(&["check", "t.yaml"], &[]).stderr.contains("url-unencoded"), "{fine}");
    }
}

#[test]
fn the_console_s_references_are_valid_in_a_login() {
    let login = |user: &str, password: &str| {
        let folder =
            folder(&[(USER, &format!("      username: \"{user}\"\n")), (PASSWORD, &format!("      password: \"{password}\"\n"))]);
        folder.run(&["check", "t.yaml"], &[])
    };
    assert!(login("ac-secret://GHCR_USER", "ac-secret://GHCR_TOKEN").stderr.contains("nothing found"));
    for (user, password) in [("ac-secret:/GHCR_USER", "ac-secret://A"), ("ac-secret://A", "ac-secret:GHCR_TOKEN")] {
        let ran = login(user, password);
        assert!(ran.code == Some(1) && ran.stderr.contains("error[console-reference]"), "{}", ran.stderr);
    }
    assert!(login("ac-foo", "ac-secret://A").stderr.contains("warning[console-reference]"));
}

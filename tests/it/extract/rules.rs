//! Each class of value and each rule, from outside: an SDL, the template that is made of it, and the `.env` file.

use crate::support::{Folder, Ran};

/// An SDL with these lines below its service `web`.
pub(super) fn sdl(lines: &str) -> String {
    format!(
        "version: \"2.0\"\nservices:\n  web:\n    image: ghcr.io/acme/web:1.0.0\n{lines}    expose: [{{port: 80, to: [{{global: true}}]}}]\n\
         profiles:\n  compute: {{web: {{resources: {{cpu: {{units: 1}}, memory: {{size: 1Gi}}, storage: {{size: 1Gi}}}}}}}}\n  \
         placement: {{akash: {{pricing: {{web: {{denom: uact, amount: 1}}}}}}}}\ndeployment: {{web: {{akash: {{profile: web, count: 1}}}}}}\n"
    )
}

/// Runs `extract` on an SDL with these lines; gives the folder and what it left.
fn extracted(lines: &str, options: &[&str]) -> (Folder, Ran) {
    let folder = Folder::judged();
    folder.file("deploy.yaml", sdl(lines));
    let arguments: Vec<&str> = ["extract", "deploy.yaml", "--to", "env-file", "--yes"].iter().chain(options).copied().collect();
    let ran = folder.run(&arguments, &[]);
    (folder, ran)
}

/// The lines of the new template that differ from those of the SDL, and the `.env` file.
#[track_caller]
fn made(lines: &str, options: &[&str]) -> (Vec<String>, String) {
    let (folder, ran) = extracted(lines, options);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let before = folder.read("deploy.yaml");
    assert_eq!(before, sdl(lines), "the SDL is as it was");
    let template = folder.read("deploy.tmpl.yaml");
    let new =
        template.lines().filter(|line| !before.lines().any(|old| old == *line)).map(|line| line.trim().to_owned()).collect();
    let names = folder.names();
    (new, if names.contains(&".env".to_owned()) { folder.read(".env") } else { String::new() })
}

#[test]
fn a_login_becomes_two_placeholders_named_after_its_registry() {
    let lines = "    credentials:\n      host: https://ghcr.io\n      username: acme-bot\n      password: hunter2-Xk3v9 # why\n";
    let (new, env) = made(lines, &[]);
    assert_eq!(new, ["username: \"{{ GHCR_USERNAME }}\"", "password: \"{{ GHCR_TOKEN }}\" # why"]);
    assert_eq!(env, "GHCR_USERNAME='acme-bot'\nGHCR_TOKEN='hunter2-Xk3v9'\n");
    // What it leaves renders to what was there.
    let (folder, _) = extracted(lines, &[]);
    assert_eq!(
        folder.run(&["deploy.tmpl.yaml"], &[]).ok(),
        sdl(lines).replace("acme-bot", "\"acme-bot\"").replace("hunter2-Xk3v9", "\"hunter2-Xk3v9\"")
    );
}

#[test]
fn a_username_that_everybody_has_stays() {
    let lines = |image: &str, username: &str| {
        format!("    credentials:\n      host: {image}\n      username: {username}\n      password: hunter2-Xk3v9\n")
    };
    let host = "123456789012.dkr.ecr.us-east-1.amazonaws.com";
    let folder = Folder::judged();
    folder.file("deploy.yaml", sdl(&lines(host, "AWS")).replace("ghcr.io/acme", host));
    folder.run(&["extract", "deploy.yaml", "--to", "env-file", "--yes"], &[]).ok();
    assert_eq!(folder.read(".env"), "ECR_PASSWORD='hunter2-Xk3v9'\n");
    assert!(folder.read("deploy.tmpl.yaml").contains("username: AWS\n"));
}

#[test]
fn a_stand_in_becomes_a_placeholder_and_is_not_stored() {
    let (new, env) =
        made("    env:\n      - API_KEY=<your key>\n      - ALLOW_EMPTY_PASSWORD=yes\n      - EMPTY_PASSWORD=\n", &[]);
    assert_eq!((new, env.as_str()), (vec!["- \"API_KEY={{ API_KEY }}\"".to_owned()], ""));
    let (_, ran) = extracted("    env:\n      - API_KEY=<your key>\n      - DB_PASSWORD=admin\n", &[]);
    for part in
        ["API_KEY      stand-in: to be set", "DB_PASSWORD  weak secret: choose a new one", "write DB_PASSWORD='…' in .env"]
    {
        assert!(ran.stderr.contains(part), "{part} is not in {}", ran.stderr);
    }
}

#[test]
fn of_an_address_only_the_password_is_cut_out() {
    let (new, env) = made(
        "    env:\n      - 'DATABASE_URL=postgres://app:p%40ss-Xk3v9%2F@db:5432/app?a=b@c'\n      - MQ_URL=amqp://u:raw@Xk3v9QmZ@mq\n",
        &[],
    );
    assert_eq!(
        new,
        [
            "- 'DATABASE_URL=postgres://app:{{ DATABASE_PASSWORD | urlencode }}@db:5432/app?a=b@c'",
            "- \"MQ_URL=amqp://u:{{ MQ_PASSWORD }}@mq\"",
        ]
    );
    assert_eq!(env, "DATABASE_PASSWORD='p@ss-Xk3v9/'\nMQ_PASSWORD='raw@Xk3v9QmZ'\n");
}

#[test]
fn equal_values_are_one_secret_and_the_plan_says_so() {
    let lines = "    env:\n      - DATABASE_URL=postgres://app:Xk3v9%40QmZ81@db/app\n      - POSTGRES_PASSWORD=Xk3v9@QmZ81\n";
    let (new, env) = made(lines, &[]);
    assert!(new[0].contains("{{ POSTGRES_PASSWORD | urlencode }}") && new[1].contains("{{ POSTGRES_PASSWORD }}"), "{new:?}");
    assert_eq!(env, "POSTGRES_PASSWORD='Xk3v9@QmZ81'\n");
    let (_, ran) = extracted(lines, &[]);
    assert!(
        ran.stderr.contains("`POSTGRES_PASSWORD` is one secret for equal values, also of DATABASE_PASSWORD"),
        "{}",
        ran.stderr
    );
}

#[test]
fn tokens_and_repeated_passwords_are_found_in_args() {
    let token = "ghp_aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5";
    let lines = format!(
        "    command: [\"sh\", \"-c\", \"login --token {token} $(HOST)\"]\n    args:\n      - --requirepass\n      - Xk3v9QmZ81ab\n    env:\n      - REDIS_PASSWORD=Xk3v9QmZ81ab\n"
    );
    let (new, env) = made(&lines, &[]);
    assert_eq!(
        new,
        [
            "command: [\"sh\", \"-c\", \"login --token {{ GITHUB_TOKEN }} $(HOST)\"]",
            "- \"{{ REDIS_PASSWORD }}\"",
            "- \"REDIS_PASSWORD={{ REDIS_PASSWORD }}\"",
        ]
    );
    assert_eq!(env, format!("GITHUB_TOKEN='{token}'\nREDIS_PASSWORD='Xk3v9QmZ81ab'\n"));
}

#[test]
fn what_the_container_sees_is_stored() {
    let lines = "    env:\n      - A_PASSWORD=Xk3v9$$QmZ$a\n      - C_PASSWORD=Xk3v9-$(HOME)\n    credentials:\n      host: https://ghcr.io\n      username: acme-bot\n      password: raw$$Xk3v9$(X)\n";
    let (folder, ran) = extracted(lines, &[]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let env = folder.read(".env");
    for line in ["A_PASSWORD='Xk3v9$QmZ$a'", "GHCR_TOKEN='raw$$Xk3v9$(X)'"] {
        assert!(env.lines().any(|one| one == line), "{line} is not in {env}");
    }
    assert!(!env.contains("C_PASSWORD"), "{env}");
    assert!(ran.stderr.contains("services.web.env[1] stays as it is: it has `$(NAME)` in it"), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("services.web.env[0] will be rendered with other `$`: the container sees the same"),
        "{}",
        ran.stderr
    );
    let rendered = folder.run(&["deploy.tmpl.yaml", "--no-check"], &[]).ok();
    for part in ["A_PASSWORD=Xk3v9$QmZ$a\"", "C_PASSWORD=Xk3v9-$(HOME)\n", "\"raw$$Xk3v9$(X)\""] {
        assert!(rendered.contains(part), "{part} is not in {rendered}");
    }
}

#[test]
fn one_name_with_two_values_gets_the_services_names() {
    let two = sdl("    env: [\"DB_PASSWORD=Xk3v9QmZ81-one\"]\n")
        .replace("profiles:", "  my-api:\n    image: ghcr.io/acme/api:1\n    env: [\"DB_PASSWORD=Xk3v9QmZ81-two\"]\nprofiles:");
    let folder = Folder::judged();
    folder.file("deploy.yaml", two);
    folder.run(&["extract", "deploy.yaml", "--to", "env-file", "--yes"], &[]).ok();
    assert_eq!(folder.read(".env"), "WEB_DB_PASSWORD='Xk3v9QmZ81-one'\nMY_API_DB_PASSWORD='Xk3v9QmZ81-two'\n");
}

#[test]
fn a_value_that_is_there_once_more_stops_it_with_its_line() {
    let (folder, ran) =
        extracted("    # Xk3v9QmZ81ab was the old one\n    env: [DB_PASSWORD=Xk3v9QmZ81ab, \"B={{ x }}\"]\n", &[]);
    ran.fails(1, &["the value of `DB_PASSWORD` is here as well", "deploy.yaml:5:7", "--skip DB_PASSWORD", "nothing was stored"]);
    assert_eq!(folder.names(), ["deploy.yaml"]);
    let token = "ghp_aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5";
    let (folder, ran) = extracted(&format!("    # {token}\n    env: [DB_PASSWORD=Xk3v9QmZ81ab]\n"), &[]);
    let said = ran.fails(1, &["a GitHub personal access token is here, which is not a value", "deploy.yaml:5:7"]);
    assert!(!said.contains(token));
    assert_eq!(folder.names(), ["deploy.yaml"]);
}

/// The line that is shown may hold others.
#[test]
fn the_line_of_what_is_there_once_more_shows_no_value() {
    for (line, shown) in [
        ("# Xk3v9QmZ81ab, https://bot:canary-a81f@h/", "# ********, https://********:********@h/"),
        ("# Xk3v9QmZ81ab API_PASSWORD=canary-a81f", "# ******** API_PASSWORD=********"),
        ("# password: canary-a81f Xk3v9QmZ81ab", "# password: ********"),
        ("command: [sh, -c, 'curl https://bot:canary-a81f@h/ -d Xk3v9QmZ81ab']", "curl https://********:********@h/ -d ********"),
        ("args: ['-d Xk3v9QmZ81ab --password canary-a81f']", "-d ******** --password ********"),
    ] {
        let (_, ran) = extracted(&format!("    {line}\n    env: [DB_PASSWORD=Xk3v9QmZ81ab]\n"), &[]);
        let said = ran.fails(1, &["the value of `DB_PASSWORD` is here as well", shown]);
        assert!(!said.contains("canary") && !said.contains("Xk3v9QmZ81ab"), "{said}");
    }
}

#[test]
fn text_that_a_template_would_act_on_stays_text() {
    let lines = "    env:\n      - DB_PASSWORD=Xk3v9QmZ81ab\n      - FORMAT={{ .Names }}\n      - \"JSON={{DB_PASSWORD=x\"\n";
    let (folder, ran) = extracted(lines, &[]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let rendered = folder.run(&["deploy.tmpl.yaml"], &[]).ok();
    assert_eq!(rendered, sdl(lines).replace("DB_PASSWORD=Xk3v9QmZ81ab", "\"DB_PASSWORD=Xk3v9QmZ81ab\""));
}

#[test]
fn only_what_is_asked_for_is_extracted() {
    let lines = "    env:\n      - A_PASSWORD=Xk3v9QmZ81-a\n      - B_PASSWORD=Xk3v9QmZ81-b\n";
    assert_eq!(made(lines, &["--only", "A_PASSWORD"]).1, "A_PASSWORD='Xk3v9QmZ81-a'\n");
    assert_eq!(made(lines, &["--skip", "A_PASSWORD"]).1, "B_PASSWORD='Xk3v9QmZ81-b'\n");
    let (folder, ran) = extracted(lines, &["--skip", "A_PASWORD"]);
    ran.fails(2, &["nothing that can be extracted is named `A_PASWORD`", "did you mean A_PASSWORD?"]);
    assert_eq!(folder.names(), ["deploy.yaml"]);
}

#[test]
fn variables_of_a_shell_become_placeholders_if_that_is_asked_for() {
    let lines = "    env:\n      - LOG_LEVEL=${LOG_LEVEL:-info}\n      - \"DB_PASSWORD=${DB_PASSWORD}\"\n    args: [\"--tag\", $TAG, '${X:-it''s}']\n";
    let (new, env) = made(lines, &["--from-envsubst"]);
    assert_eq!(
        new,
        [
            "- \"LOG_LEVEL={{ LOG_LEVEL | default('info') }}\"",
            "- \"DB_PASSWORD={{ DB_PASSWORD }}\"",
            "args: [\"--tag\", \"{{ TAG }}\", '{{ X | default('it\\'s') }}']",
        ]
    );
    assert_eq!(env, "");
    let (folder, ran) = extracted(lines, &[]);
    assert!(ran.stderr.contains("it is a variable of a shell; --from-envsubst makes a placeholder of it"), "{}", ran.stderr);
    assert_eq!((ran.code, folder.names()), (Some(0), vec!["deploy.yaml".to_owned()]));
    let (folder, ran) = extracted("    env: [\"A=${B}\"]\n    args: [\"${C:-it's}\"]\n", &["--from-envsubst"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(folder.run(&["deploy.tmpl.yaml"], &[("B", "b-value")]).ok().contains("[\"A=b-value\"]\n    args: [\"it's\"]"));
}

#[test]
fn a_dry_run_shows_a_masked_diff_and_keeps_nothing() {
    let folder = Folder::judged();
    let text = sdl("    env:\n      - A_PASSWORD=Xk3v9QmZ81-a\n      - 'B_PASSWORD=Xk3v9''QmZ81-b'\n      - C_KEY=<key>\n");
    folder.file("deploy.yaml", &text);
    let ran = folder.run(&["extract", "deploy.yaml", "--dry-run", "--skip", "B_PASSWORD"], &[]);
    let shown = ran.stdout.clone();
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    for line in [
        "--- deploy.yaml",
        "+++ deploy.tmpl.yaml",
        "@@ -3,9 +3,9 @@",
        "-      - A_PASSWORD=********",
        "+      - \"A_PASSWORD={{ A_PASSWORD }}\"",
        "       - ********",
        "-      - C_KEY=********",
        "+      - \"C_KEY={{ C_KEY }}\"",
    ] {
        assert!(shown.lines().any(|one| one == line), "{line} is not in {shown}");
    }
    assert!(!shown.contains("Xk3v9") && !ran.stderr.contains("Xk3v9"));
    assert_eq!(folder.names(), ["deploy.yaml"]);
}

#[test]
fn it_asks_or_is_told_and_never_overwrites() {
    let folder = Folder::judged();
    folder.file("deploy.yaml", sdl("    env: [DB_PASSWORD=Xk3v9QmZ81ab]\n"));
    folder.run(&["extract", "deploy.yaml", "--to", "env-file"], &[]).fails(2, &["no terminal", "--yes", "--dry-run"]);
    assert_eq!(folder.names(), ["deploy.yaml"]);
    folder.file("deploy.tmpl.yaml", "mine\n");
    folder.run(&["extract", "deploy.yaml", "--to", "env-file", "--yes"], &[]).fails(2, &["deploy.tmpl.yaml is there already"]);
    assert_eq!((folder.read("deploy.tmpl.yaml").as_str(), folder.names().len()), ("mine\n", 2));
    folder.run(&["extract", "deploy.yaml", "--to", "env-file", "--yes", "-o", "new/x.yaml"], &[]).fails(2, &["mkdir -p new"]);
    folder.run(&["extract", "deploy.yaml", "--to", "env-file", "--yes", "-o", "x.yaml"], &[]).ok();
    assert_eq!(folder.names(), [".env", "deploy.tmpl.yaml", "deploy.yaml", "x.yaml"]);
}

#[test]
fn nothing_to_extract_is_no_error_and_what_is_not_yaml_is_one() {
    let (folder, ran) = extracted("    env: [LOG_LEVEL=info]\n", &[]);
    assert!(ran.stderr.contains("there is nothing to extract from deploy.yaml; nothing was written"), "{}", ran.stderr);
    assert_eq!((ran.code, folder.names()), (Some(0), vec!["deploy.yaml".to_owned()]));
    let (_, ran) = extracted("    env: [DB_PASSWORD=Xk3v9QmZ81ab\n", &[]);
    ran.fails(1, &["deploy.yaml:"]);
}

//! `list` for teams and CI: several templates, what is missing, `.env.example`, and what a value touches.

use std::process::Command;

use serde_json::{Value, json};

use crate::support::schema::assert_valid;
use crate::support::{Folder, Ran, require, set_mode};

const PROJECT: &str = "[secrets.GHCR_TOKEN]\ndescription = \"GitHub token with read:packages\"\nwhere = \"https://github.com/settings/tokens\"\n\
    [secrets.ECR_PASSWORD]\ncommand = [\"aws\", \"ecr\", \"get-login-password\"]\n";

/// Two templates, one of them in a folder, with an anchor that takes a login to another service.
fn folder() -> Folder {
    let folder = Folder::new();
    folder.file(
        "web.tmpl.yaml",
        "services:\n  web:\n    image: ghcr.io/acme/web:{{ vars.TAG }}\n    credentials: &login\n      username: acme\n      password: \"{{ GHCR_TOKEN }}\"\n    \
         env:\n      - &dsn \"DSN={{ SENTRY_DSN | default('none') }}\"\n  worker:\n    credentials: *login\n    env:\n      - *dsn\n      - \"KEY={{ API_KEY | default(OLD_KEY) }}\"\n",
    );
    folder.file(
        "jobs/jobs.tmpl.yaml",
        "services:\n  cron:\n    credentials:\n      password: \"{{ env.GHCR_TOKEN }}\"\n    env:\n      - \"A={{ ECR_PASSWORD }}\"\n\
         {% if DEBUG_TOKEN is defined %}      - \"B={{ DEBUG_TOKEN }}\"\n{% endif %}      - \"C={{ keychain.K }}\"\n      - \"N={{ vars.COUNT | default(1) }}\"\n",
    );
    folder.file("sdlrender.toml", PROJECT);
    std::fs::create_dir(folder.path().join(".git")).expect("a folder");
    folder
}

fn list(folder: &Folder, arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
    folder.run(&[&["list", "--no-keychain"], arguments].concat(), variables)
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| panic!("no JSON: {text}"))
}

#[test]
fn folders_and_several_templates_are_listed_together() {
    let folder = folder();
    let names = |text: &str| -> Vec<String> {
        let found = parsed(text);
        let name =
            |entry: &Value| format!("{} {}", entry["template"].as_str().expect("text"), entry["name"].as_str().expect("text"));
        found.as_array().expect("a list").iter().map(name).collect()
    };
    let all = names(&list(&folder, &["--format", "json"], &[]).ok());
    assert_eq!(all.len(), 8, "{all:?}");
    assert_eq!((all[0].as_str(), all[4].as_str()), ("jobs/jobs.tmpl.yaml env.GHCR_TOKEN", "web.tmpl.yaml vars.TAG"));
    assert_eq!(names(&list(&folder, &[".", "--format", "json"], &[]).ok()), all);
    let turned = names(&list(&folder, &["web.tmpl.yaml", "jobs", "--format", "json"], &[]).ok());
    assert_eq!(turned, [&all[4..], &all[..4]].concat());
    // People see which template it is, if there are several.
    let several = list(&folder, &[], &[]).ok();
    assert!(several.starts_with("NAME ") && several.contains("TEMPLATE") && several.contains("jobs/jobs.tmpl.yaml"), "{several}");
    let one = list(&folder, &["web.tmpl.yaml"], &[]).ok();
    assert!(
        !one.contains("TEMPLATE") && one.contains("GitHub token with read:packages (where: https://github.com/settings/tokens)"),
        "{one}"
    );
    std::fs::create_dir(folder.path().join("empty")).expect("a folder");
    list(&folder, &["empty"], &[]).fails(2, &["no templates in empty"]);
    // One that is invalid does not hide the others.
    folder.file("bad.tmpl.yaml", "a: {{ X ! }}\n");
    let ran = list(&folder, &[".", "--format", "json"], &[]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stderr.contains("bad.tmpl.yaml:1:"), "{}", ran.stderr);
    assert_eq!(names(&ran.stdout), all);
}

#[test]
fn a_name_of_any_length_is_listed() {
    let folder = Folder::new();
    let name = "A".repeat(70_000);
    folder.file("t.yaml", format!("a: {{{{ {name} }}}}\n"));
    let ran = list(&folder, &["t.yaml"], &[]);
    assert!(ran.code == Some(0) && ran.stdout.contains(&name), "{}", ran.stderr);
}

#[test]
fn a_file_is_named_as_a_template_names_it() {
    let folder = Folder::new();
    folder.file("t.yaml", "a: \"{{ file('d\\\"q') }}\"\n");
    let ran = list(&folder, &["t.yaml"], &[]);
    assert!(ran.stdout.contains(r#"file("d\"q")"#), "{}", ran.stdout);
}

#[test]
fn what_is_required_and_missing_fails() {
    let folder = folder();
    let given = [("GHCR_TOKEN", "a-token-of-ours"), ("ECR_PASSWORD", "x"), ("TAG", "1"), ("API_KEY", "y")];
    let ran = list(&folder, &["--require", "web.tmpl.yaml"], &[("TAG", "1"), ("OLD_KEY", "z")]);
    assert_eq!(ran.code, Some(1));
    for part in ["error: no value for `GHCR_TOKEN`", "web.tmpl.yaml:6:", "read:packages (where: https", "export GHCR_TOKEN='…'"]
    {
        assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
    }
    assert!(ran.stdout.contains("missing") && !ran.stderr.contains("SENTRY_DSN"), "{}", ran.stderr);
    list(&folder, &["--require", "web.tmpl.yaml"], &given).ok();
    // Without the option, what is missing is only shown.
    assert_eq!(list(&folder, &["web.tmpl.yaml"], &[]).code, Some(0));
    // A command that may not run gives no value, whatever the format.
    let untrusted = [("GHCR_TOKEN", "x")];
    folder.file("jobs/jobs.tmpl.yaml", "a: \"{{ ECR_PASSWORD }}\"\n");
    let ran = list(&folder, &["jobs", "--require", "--format", "github"], &untrusted);
    assert!(ran.code == Some(1) && ran.stdout.starts_with("::error file=jobs/jobs.tmpl.yaml,line=1,"), "{}", ran.stdout);
    assert!(ran.stderr.contains("has not been trusted"), "{}", ran.stderr);
    folder.run(&["trust", "--yes"], &[]).ok();
    let shown = list(&folder, &["jobs", "--require"], &untrusted).ok();
    assert!(shown.contains("command in sdlrender.toml"), "{shown}");
    // A default does not do for what the project requires.
    folder.file("jobs/jobs.tmpl.yaml", "a: \"{{ SENTRY_DSN | default('x') }}\"\n");
    list(&folder, &["jobs", "--require"], &[]).ok();
    folder.file("sdlrender.toml", "[secrets.SENTRY_DSN]\nrequired = true\n");
    assert_eq!(list(&folder, &["jobs", "--require"], &[]).code, Some(1));
}

#[test]
fn json_says_where_exactly_a_value_is() {
    let folder = Folder::new();
    folder.file(
        "t.yaml",
        "a: \"{{ A }}\"\nb: \"{{ B }}\"\nc: \"{{ C }}\"\nd: \"{{ D | default(A) }}\"\ne: \"{{ file('key.json') }}\"\nf: \"{{ env.A }}{{ D | default('x') }}\"\n\
         g: \"{{ vars.S }}-{{ vars.T }}\"\nh: {{ vars.U | default(1) }}\ni: \"{{ vars.V }}{{ vars.W }}\"\nj: \"{{ vars.NONE }}\"\nk: \"{{ vars.P }}\"\n",
    );
    folder.file("sdlrender.toml", "[profile.prod.vars]\nP = 1\n[secrets.A]\ndescription = \"what it is\"\n");
    let secret = folder.file("secret", "of-b-a-secret");
    folder.file("key.json", "{}");
    folder.file("v.toml", "T = 1\n");
    for (name, text) in [(".env", "C=of-c\nW=of-w-a-text\n"), ("secret", "of-b-a-secret"), ("key.json", "{}")] {
        set_mode(&folder.file(name, text), 0o600);
    }
    let arguments = ["t.yaml", "--format", "json", "--set", "S=1", "--values", "v.toml", "--profile", "prod"];
    let secret = secret.display().to_string();
    let text = list(&folder, &arguments, &[("A", "of-a-a-secret"), ("B_FILE", &secret), ("V", "of-v")]).ok();
    let found = parsed(&text);
    assert_valid("list", &found);
    let all = found.as_array().expect("a list");
    let entry = |path: &str| {
        let found: Vec<Value> = all.iter().filter(|entry| entry["path"] == path).cloned().collect();
        found.iter().map(|it| json!([it["names"], it["source"], it["variable"], it["file"], it["optional"]])).collect::<Vec<_>>()
    };
    let none = Value::Null;
    for (path, wanted) in [
        ("a", vec![json!([["A"], "environment", "A", none, false])]),
        ("b", vec![json!([["B"], "environment", "B_FILE", secret, false])]),
        ("c", vec![json!([["C"], ".env", none, ".env", false])]),
        ("d", vec![json!([["D", "A"], "environment", "A", none, true])]),
        ("e", vec![json!([[], "file", none, "key.json", false])]),
        ("f", vec![json!([["A"], "environment", "A", none, false]), json!([["D"], "default", none, none, true])]),
        ("g", vec![json!([["S"], "--set", none, none, false]), json!([["T"], "v.toml", none, "v.toml", false])]),
        ("h", vec![json!([["U"], "default", none, none, true])]),
        ("i", vec![json!([["V"], "environment", "V", none, false]), json!([["W"], ".env", none, ".env", false])]),
        ("j", vec![json!([["NONE"], none, none, none, false])]),
        ("k", vec![json!([["P"], "sdlrender.toml", none, "sdlrender.toml", false])]),
    ] {
        assert_eq!(entry(path), wanted, "{path}");
    }
    assert_eq!((&all[0]["description"], &all[0]["profile"]), (&json!("what it is"), &json!("prod")));
    for value in ["of-a-a-secret", "of-b-a-secret", "of-c", "of-v", "of-w"] {
        assert!(!text.contains(value), "{text}");
    }
}

#[test]
fn by_name_a_value_leads_to_all_that_it_touches() {
    let folder = folder();
    let found = parsed(&list(&folder, &["--by-name", "--format", "json", "web.tmpl.yaml", "jobs"], &[]).ok());
    assert_valid("list-by-name", &found);
    let of = |name: &str| {
        found.as_array().expect("a list").iter().find(|one| one["name"] == name).cloned().unwrap_or_else(|| panic!("{name}"))
    };
    let token = of("GHCR_TOKEN");
    assert_eq!(token["services"], json!(["web", "worker", "cron"]), "{token:#}");
    assert_eq!(token["where"], "https://github.com/settings/tokens");
    let places: Vec<(&Value, &Value)> =
        token["places"].as_array().expect("places").iter().map(|one| (&one["template"], &one["path"])).collect();
    let (web, cron) = (json!("services.web.credentials.password"), json!("services.cron.credentials.password"));
    assert_eq!(places, [(&json!("web.tmpl.yaml"), &web), (&json!("jobs/jobs.tmpl.yaml"), &cron)]);
    assert_eq!(of("SENTRY_DSN")["services"], json!(["web", "worker"]));
    // A fallback is a name of its own.
    assert_eq!((&of("API_KEY")["services"], &of("OLD_KEY")["services"]), (&json!(["worker"]), &json!(["worker"])));
    let shown = list(&folder, &["--by-name", "web.tmpl.yaml"], &[]).ok();
    let row = shown.lines().find(|line| line.starts_with("GHCR_TOKEN")).unwrap_or_else(|| panic!("{shown}"));
    assert!(
        row.contains("web, worker") && row.contains("services.web.credentials.password") && row.contains("missing"),
        "{shown}"
    );
    list(&folder, &["--by-name", "--format", "sarif"], &[]).fails(2, &["--format json"]);
}

const EXAMPLE: &str = "\
# Copy this to .env, which git ignores, and fill in the values.

# GitHub token with read:packages
# https://github.com/settings/tokens
GHCR_TOKEN=

# From a command in sdlrender.toml; a value here is used instead.
# ECR_PASSWORD=

# Optional.
# DEBUG_TOKEN=

# Not a secret.
# Optional.
# COUNT=

# Not a secret.
TAG=

# Optional.
# SENTRY_DSN=

# Optional.
# API_KEY=

# Optional.
# OLD_KEY=
";

#[test]
fn an_example_of_env_has_every_name_and_is_the_same_everywhere() {
    let folder = folder();
    let example = |arguments: &[&str], variables: &[(&str, &str)]| {
        list(&folder, &[&["--format", "env-example"], arguments].concat(), variables).ok()
    };
    assert_eq!(example(&[], &[]), EXAMPLE);
    // Whatever this machine has.
    set_mode(&folder.file(".env", "GHCR_TOKEN=a-value-here\nTAG=2\n"), 0o600);
    assert_eq!(example(&["."], &[("DEBUG_TOKEN", "set-to-something"), ("API_KEY", "likewise-set")]), EXAMPLE);
    // What a profile or an option gives is not asked for.
    assert!(example(&["--set", "TAG=1"], &[]).contains("# Optional.\n# TAG=\n"));
    // What the project requires is.
    folder.file("sdlrender.toml", "[secrets.DEBUG_TOKEN]\nrequired = true\n");
    assert!(example(&[], &[]).contains("\nDEBUG_TOKEN=\n"));
    // In a loop or a branch that is not run here, a name may be needed.
    folder.file("web.tmpl.yaml", "a:\n{% for port in vars.PORTS.list %}- \"{{ port }}{{ X }}\"\n{% endfor %}");
    let text = example(&["web.tmpl.yaml"], &[]);
    assert!(text.contains("# Optional.\n# PORTS=\n\nX=\n"), "{text}");
}

/// What `init` writes is what the templates need, and `check` has nothing to say of its project's file.
#[test]
fn a_new_project_has_no_drift() {
    for registry in ["ghcr", "docker-hub", "gcr", "artifact-registry", "acr", "gitlab", "generic"] {
        let folder = Folder::judged();
        folder.run(&["init", registry], &[]).ok();
        let example = folder.names().contains(&".env.example".to_owned()).then(|| folder.read(".env.example"));
        if let Some(example) = example {
            assert_eq!(list(&folder, &["--format", "env-example", "."], &[]).ok(), example, "{registry}");
        }
        let checked = folder.run(&["check", "--format", "json"], &[]);
        assert!(!checked.stdout.contains("project-file"), "{registry}: {}", checked.stdout);
    }
}

/// As the documentation says: a pipeline that fails when the file is not what the templates need.
#[test]
fn drift_of_env_example_is_a_difference() {
    if !require("diff") {
        return;
    }
    let folder = folder();
    let bin = std::path::Path::new(env!("CARGO_BIN_EXE_sdlrender")).parent().expect("a folder").display().to_string();
    let shell = |line: &str| {
        let path = format!("{bin}:{}", std::env::var("PATH").unwrap_or_default());
        let mut command = Command::new("sh");
        command.args(["-c", line]).current_dir(folder.path()).env_clear().env("PATH", path).env("HOME", folder.path());
        Ran::from(command.output().expect("a start"))
    };
    shell("sdlrender list --format env-example . > .env.example").ok();
    assert_eq!(shell("sdlrender list --format env-example . | diff - .env.example").ok(), "");
    // The copy is a valid .env file whose names have no value yet.
    std::fs::copy(folder.path().join(".env.example"), folder.path().join(".env")).expect("a copy");
    set_mode(&folder.path().join(".env"), 0o600);
    let ran = list(&folder, &["--require", "web.tmpl.yaml"], &[]);
    assert!(ran.code == Some(1) && ran.stderr.contains("GHCR_TOKEN"), "{}", ran.stderr);
    let web = folder.read("web.tmpl.yaml");
    folder.file("web.tmpl.yaml", format!("{web}x: \"{{{{ NEW_ONE }}}}\"\n"));
    let ran = shell("sdlrender list --format env-example . | diff - .env.example");
    assert!(ran.code == Some(1) && ran.stdout.contains("< NEW_ONE="), "{}", ran.stdout);
}

//! The templates, examples and pages that come with the program: templates render and Akash's own code accepts the result; what the pages
//! tell people to type works.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{Folder, Ran, node, require, set_mode};
use serde_json::{Value, json};

const EXAMPLES: [&str; 3] = ["ecr", "gcr-json-key", "nextjs-redis"];

/// A made-up key of a service account, as it is downloaded.
const KEY: &str = "examples/gcr-json-key/google-key.example.json";

/// The line by which an editor finds Akash's schema. The address is the one that Akash's own library gives
/// (github.com/akash-network/chain-sdk, the example of the template tag `yaml`); the Console serves the schema of its SDL builder there.
const SCHEMA: &str = "# yaml-language-server: $schema=https://console.akash.network/sdl-schema.yaml\n";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn bytes(path: impl AsRef<Path>) -> Vec<u8> {
    fs::read(root().join(path.as_ref())).expect("a file of the repository")
}

/// Copies a file of the repository, for the owner's eyes only.
fn copy(folder: &Folder, from: &str, to: &str) {
    let path = folder.file(to, bytes(from));
    set_mode(&path, 0o600);
}

/// Every shipped template's path in the repository.
fn shipped() -> Vec<String> {
    let entries = fs::read_dir(root().join("templates")).expect("the templates");
    let names = entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
    let mut all: Vec<String> =
        names.filter(|name| name.ends_with(".tmpl.yaml")).map(|name| format!("templates/{name}")).collect();
    let entries = fs::read_dir(root().join("examples")).expect("the examples");
    let names = entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
    all.extend(names.map(|name| format!("examples/{name}/deploy.tmpl.yaml")).filter(|path| root().join(path).exists()));
    all.sort();
    all
}

/// Renders a template in a folder of its own; there must be nothing to say about it.
fn render(folder: &Folder, arguments: &[&str]) -> String {
    let arguments = [&["deploy.tmpl.yaml"], arguments].concat();
    let ran = folder.run(&arguments, &[]);
    assert_eq!(ran.stderr, "");
    let text = ran.ok();
    let left = text.lines().find(|line| !line.trim_start().starts_with('#') && line.contains("{{"));
    assert_eq!(left, None, "a placeholder is left");
    text
}

/// A shipped template with the made-up credentials of the tests.
fn with_credentials(template: &str) -> String {
    let folder = Folder::judged();
    copy(&folder, template, "deploy.tmpl.yaml");
    copy(&folder, "tests/data/fixtures/credentials.env", "credentials.env");
    copy(&folder, KEY, "google-key.json");
    render(&folder, &["-e", "credentials.env"])
}

/// An example with the made-up values beside it.
fn with_its_own(example: &str) -> String {
    let folder = Folder::judged();
    copy(&folder, &format!("examples/{example}/deploy.tmpl.yaml"), "deploy.tmpl.yaml");
    match example {
        "gcr-json-key" => copy(&folder, KEY, "google-key.json"),
        _ => copy(&folder, &format!("examples/{example}/.env.example"), ".env"),
    }
    match example {
        "ecr" => render(&folder, &["--from-command", "ECR_PASSWORD=printf made-up"]),
        _ => render(&folder, &[]),
    }
}

fn read(text: &str) -> Value {
    serde_saphyr::from_str(text).expect("YAML")
}

#[test]
fn nothing_is_left_out_of_these_tests() {
    let shipped = shipped();
    assert!(shipped.len() >= 12, "{shipped:?}");
    for example in EXAMPLES {
        assert!(shipped.contains(&format!("examples/{example}/deploy.tmpl.yaml")), "{example}");
    }
    assert_eq!(shipped.iter().filter(|path| path.starts_with("examples/")).count(), EXAMPLES.len());
}

#[test]
fn every_shipped_template_names_akashs_schema_and_every_example_is_complete() {
    for template in shipped() {
        assert!(bytes(&template).starts_with(SCHEMA.as_bytes()), "{template}");
    }
    for example in EXAMPLES {
        for file in ["Makefile", "README.md", ".gitignore"] {
            assert!(root().join("examples").join(example).join(file).is_file(), "{example}: {file}");
        }
    }
}

/// Their Makefiles render, and a second time nothing else is asked for.
#[cfg(unix)]
#[test]
fn every_makefile_checks_and_renders() {
    if !require("make") {
        return;
    }
    for example in EXAMPLES {
        let folder = Folder::judged();
        for file in ["Makefile", "deploy.tmpl.yaml", ".gitignore"] {
            copy(&folder, &format!("examples/{example}/{file}"), file);
        }
        match example {
            "gcr-json-key" => copy(&folder, KEY, "google-key.json"),
            _ => copy(&folder, &format!("examples/{example}/.env.example"), ".env"),
        }
        // In place of AWS's program.
        folder.file("bin/aws", "#!/bin/sh\necho made-up\n");
        set_mode(&folder.path().join("bin/aws"), 0o755);
        let built = Path::new(env!("CARGO_BIN_EXE_sdlrender")).parent().expect("a folder");
        let path = format!("{}/bin:{}:{}", folder.path().display(), built.display(), std::env::var("PATH").expect("PATH"));
        let mut make = Command::new("make");
        make.args(["--silent", "check", "render"]).current_dir(folder.path()).env_clear().env("PATH", path);
        Ran::from(make.env("HOME", folder.path()).output().expect("make starts")).ok();
        assert_eq!(read(&folder.read("deploy.yaml"))["version"], "2.0", "{example}");
    }
}

#[test]
fn every_shipped_template_renders() {
    for template in shipped() {
        let text = with_credentials(&template);
        let source = String::from_utf8(bytes(&template)).expect("UTF-8");
        // Comments come out as they are.
        for comment in source.lines().filter(|line| line.trim_start().starts_with('#')) {
            assert!(text.lines().any(|line| line == comment), "{template}: {comment}");
        }
        assert_eq!(read(&text)["version"], "2.0", "{template}");
    }
}

#[test]
fn every_example_renders_with_its_own_values() {
    for example in EXAMPLES {
        with_its_own(example);
    }
    let ecr = read(&with_its_own("ecr"));
    assert_eq!(ecr["services"]["api"]["credentials"]["password"], "made-up");
    assert_eq!(ecr["services"]["api"]["env"][1], "DATABASE_URL=postgres://app:made-up-password@db.example.com:5432/app");
    let redis = read(&with_its_own("nextjs-redis"));
    assert_eq!(redis["services"]["web"]["image"], "ghcr.io/my-org/nextjs-app:1.4.2");
    assert_eq!(redis["services"]["web"]["env"][1], "SESSION_SECRET=made-up $ession # secret");
    assert_eq!(redis["services"]["web"]["env"][2], "REDIS_URL=redis://:made-up%20p%40ss%2Fword@redis:6379");
    assert_eq!(redis["services"]["redis"]["env"][0], "REDIS_PASSWORD=made-up p@ss/word");
    assert_eq!(redis["services"]["redis"]["args"][1], "$(REDIS_PASSWORD)");
}

#[test]
fn the_credentials_are_those_of_the_env_file() {
    for (template, service, username, password) in [
        ("docker-hub", "app", "my-login", "dckr_pat_exampleexampleexampleexampl"),
        ("ghcr", "app", "my-login", "ghp_exampleexampleexampleexampleexample0"),
        (
            "aws-ecr",
            "app",
            "AWS",
            "eyJwYXlsb2FkIjoibWFkZS11cCIsImRhdGFrZXkiOiJtYWRlLXVwIiwidmVyc2lvbiI6IjIiLCJ0eXBlIjoiREFUQV9LRVkiLCJleHBpcmF0aW9uIjo0MTAyNDQ0ODAwfQ==",
        ),
        ("azure-acr", "app", "akash-pull", "exampleexampleexampleexampleexampleexample+ACRA00000"),
        ("gitlab", "app", "gitlab+deploy-token-1", "gldt-exampleexampleexampl"),
        ("generic", "app", "robot$pull", "made-up-password"),
        ("multi-service", "backend", "my-login", "dckr_pat_exampleexampleexampleexampl"),
    ] {
        let credentials =
            &read(&with_credentials(&format!("templates/{template}.tmpl.yaml")))["services"][service]["credentials"];
        assert_eq!((&credentials["username"], &credentials["password"]), (&json!(username), &json!(password)), "{template}");
    }
}

#[test]
fn a_json_key_arrives_whole() {
    for template in [
        "templates/google-gcr.tmpl.yaml",
        "templates/google-artifact-registry.tmpl.yaml",
        "examples/gcr-json-key/deploy.tmpl.yaml",
    ] {
        let sdl = read(&with_credentials(template));
        let credentials = &sdl["services"]["app"]["credentials"];
        assert_eq!(credentials["username"], "_json_key");
        let password = credentials["password"].as_str().expect("a string");
        assert!(password.starts_with("{\n  \"type\"") && password.ends_with('}'), "{template}: trimmed, and its lines kept");
        let key: Value = serde_json::from_str(password).expect("JSON");
        assert_eq!(
            key["private_key"],
            "-----BEGIN PRIVATE KEY-----\nTUFERSBVUCBGT1IgVEhJUyBFWEFNUExF\n-----END PRIVATE KEY-----\n"
        );
        assert_eq!(key.as_object().expect("an object").len(), 11);
    }
}

#[test]
fn a_password_with_every_trap_arrives_in_each_place() {
    let sdl = read(&with_credentials("templates/multi-service.tmpl.yaml"));
    // Kubernetes turns `$$` into `$` and expands `$(HOME)`: there the value is escaped.
    assert_eq!(sdl["services"]["database"]["env"][2], r#"POSTGRES_PASSWORD=p@ss: "word" #1 $$$ $$(HOME) /?&"#);
    let url = "DATABASE_URL=postgres://app:p%40ss%3A%20%22word%22%20%231%20%24%24%20%24%28HOME%29%20%2F%3F%26@database:5432/app";
    assert_eq!(sdl["services"]["backend"]["env"][0], url);
}

#[test]
fn akash_takes_every_rendered_sdl() {
    let Some(judge) = node::installed("akash", &["verdict.mjs"]) else { return };
    let mut documents: Vec<(String, String)> =
        shipped().into_iter().map(|template| (template.clone(), with_credentials(&template))).collect();
    documents.extend(EXAMPLES.map(|example| (format!("examples/{example} with its own values"), with_its_own(example))));
    // The judge must be able to say no.
    documents.push(("broken".to_owned(), documents[0].1.replace("profiles:", "profile:")));
    let lines: Vec<Value> = documents.iter().map(|(id, text)| json!({ "id": id, "yaml": text })).collect();
    for (answer, (id, _)) in node::answers(&judge.join("verdict.mjs"), &lines).iter().zip(&documents) {
        assert_eq!((answer["id"].as_str(), answer["ok"].as_bool()), (Some(id.as_str()), Some(id != "broken")), "{answer}");
    }
}

/// `check` has nothing to say of them, and an editor underlines nothing.
#[test]
fn every_shipped_template_is_clean() {
    let folder = Folder::new();
    for template in shipped() {
        copy(&folder, &template, &template);
    }
    let ran = folder.run(&["check", "--strict", "."], &[]);
    assert_eq!(ran.stderr, format!("note: {} templates checked: nothing found\n", shipped().len()));
    ran.ok();
    let Some(editor) = node::installed("editor", &["sarif.mjs", "yaml.mjs"]) else { return };
    // The schema that the Console serves comes from this package. Nothing is fetched from the net.
    let Some(akash) = node::installed("akash", &["verdict.mjs"]) else { return };
    let schema = akash.join("node_modules/@akashnetwork/chain-sdk/dist/sdl-schema.yaml");
    let line = format!("# yaml-language-server: $schema=file://{}\n", schema.display());
    let text = |template: &String| String::from_utf8(bytes(template)).expect("UTF-8").replace(SCHEMA, &line);
    let mut texts: Vec<Value> = shipped().iter().map(|template| text(template).into()).collect();
    // It must be able to say no.
    let wrong = text(&shipped()[0]).replace("pricing:", "prices:");
    // The forms of docs/templates.md, the valid ones first.
    let forms = [
        "a: \"{{ NAME }}\"\nb: '{{ NAME | default(\"x\") }}'\nc: \"a-{{ NAME }}\"\n",
        "a: |-\n  {{ NAME | trim }}\n",
        "env:\n  - KEY={{ NAME }}\nport: {{ vars.PORT }}\n",
        "a: {{ NAME }}-x\n",
        "- {{ vars.NAME }}=x\n",
        "{% if vars.X %}\na: b\n{% endif %}\n",
    ];
    texts.extend(forms.map(Value::from));
    texts.push(wrong.into());
    let answers = node::answers(&editor.join("yaml.mjs"), &texts);
    let (of_wrong, answers) = answers.split_last().expect("an answer");
    assert_ne!(of_wrong, &json!([]));
    let (answers, of_forms) = answers.split_at(shipped().len());
    let valid: Vec<bool> = of_forms.iter().map(|answer| *answer == json!([])).collect();
    assert_eq!(valid, [true, true, true, false, false, false], "{of_forms:?}");
    for (answer, template) in answers.iter().zip(shipped()) {
        assert_eq!(answer, &json!([]), "{template}");
    }
}

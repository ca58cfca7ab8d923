//! What is written: the SDL, and the values.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::Value;

use super::{made, resolved, tree};
use crate::hostile::values::hostile;
use crate::support::oracle::Oracle;
use crate::support::{Folder, node, require};

/// Ways to write an item of `env` around a placeholder.
const ITEMS: [&str; 13] = [
    "N={{ X }}",
    "\"N={{ X }}\"",
    "'N={{ X }}'",
    "\"N=a://u:{{ X }}@h/$(HOME)\"",
    "\"N={{ X }}{{ X }}$\"",
    "|\n        N={{ X }}",
    "|-\n        N=a\n        {{ X }}\n        b",
    ">-\n        N={{ X }}\n\n        b",
    ">-\n        N={{ X }}$  ",
    ">\n        N={{ X }}",
    "|+\n        N={{ X }}\n\n",
    "|2-\n          N={{ X }} \t\n         ",
    "\"N={{ X | b64encode }}:{{ X | urlencode }}\"",
];

/// An SDL that has each of `values`, as the variable `X0` and so on, in an item of `env` of this form, and in a login.
fn template(form: &str, count: usize) -> String {
    let item = |at: usize| format!("      - {}\n", form.replace("N=", &format!("N{at}=")).replace(" X ", &format!(" X{at} ")));
    let login = |at: usize| format!("  s{at}:\n    credentials:\n      username: u\n      password: {{{{ X{at} }}}}\n");
    let (env, logins): (String, String) = ((0..count).map(item).collect(), (0..count).map(login).collect());
    format!("services:\n  web:\n    env:\n{env}{logins}")
}

#[test]
fn the_console_makes_what_a_render_holds() {
    let folder = Folder::new();
    let values: Vec<String> = hostile().into_iter().filter(|value| !value.contains('\0') && value.len() < 4096).collect();
    assert!(values.len() > 100);
    let (mut sdls, mut maps, mut wanted, mut objects) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    // Fewer than fifty, each of which is used in two kinds of place.
    for (form, chunk) in ITEMS.iter().flat_map(|form| values.chunks(49).map(move |chunk| (form, chunk))) {
        let names: Vec<String> = (0..chunk.len()).map(|at| format!("X{at}")).collect();
        let variables: Vec<(&str, &str)> = names.iter().map(String::as_str).zip(chunk.iter().map(String::as_str)).collect();
        folder.file("t.yaml", template(form, chunk.len()));
        let rendered = folder.run(&["t.yaml", "--allow-empty", "--no-keychain"], &variables).ok();
        let made = made(&folder, &variables, &["--allow-empty", "--no-check"]);
        assert_eq!(made.values.len(), 2 * chunk.len());
        assert_eq!(resolved(&tree(&made.sdl), &made.values), tree(&rendered), "{form}");
        wanted.push(rendered);
        sdls.push(made.sdl);
        maps.push(made.json);
        objects.push(made.values);
    }
    // akt reads the values with go-yaml; the Console reads the SDL with js-yaml.
    for reading in Oracle::GoYaml.read(&maps).iter().flatten().zip(&objects) {
        let (Ok(read), object) = reading else { panic!("{reading:?}") };
        let pairs = object.iter().map(|(name, value)| serde_json::json!([{ "s": name }, { "s": value }]));
        let mut read = read[0]["m"].as_array().expect("a mapping").clone();
        read.sort_by_key(|pair| pair[0]["s"].as_str().unwrap_or_default().to_owned());
        assert_eq!(read, pairs.collect::<Vec<_>>());
    }
    let read = Oracle::JsYaml.read(&sdls).zip(Oracle::JsYaml.read(&wanted));
    for ((sdl, rendered), object) in read.iter().flat_map(|(sdls, wanted)| sdls.iter().zip(wanted)).zip(&objects) {
        let (Ok(sdl), Ok(rendered)) = (sdl, rendered) else { panic!("{sdl:?} {rendered:?}") };
        assert_eq!(&resolved(sdl, object), rendered);
    }
}

/// The templates that are shipped.
fn shipped() -> Vec<std::path::PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut folders = vec![root.join("templates"), root.join("examples")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            match path.is_dir() {
                true => folders.push(path),
                false if path.to_string_lossy().ends_with(".tmpl.yaml") => found.push(path),
                false => {}
            }
        }
    }
    found
}

#[test]
fn every_registry_s_template_can_go_to_the_console() {
    let templates = shipped();
    assert!(templates.len() >= 9);
    let mut sdls = Vec::new();
    for path in templates {
        let folder = Folder::new();
        folder.file("t.yaml", std::fs::read_to_string(&path).expect("a template"));
        let listed: Value = serde_json::from_str(&folder.run(&["list", "t.yaml", "--format", "json"], &[]).stdout).expect("JSON");
        let entries = listed.as_array().expect("a list");
        let canary = |name: &str, run: &str| format!("canary$$(A)-{run}-{}", name.to_lowercase());
        let (mut options, mut names) = (vec!["--no-check".to_owned(), "--no-env-file".to_owned()], Vec::new());
        for entry in entries {
            let name = entry["name"].as_str().expect("a name");
            match (name.strip_prefix("vars."), name.strip_prefix("file(\"").and_then(|rest| rest.strip_suffix("\")"))) {
                (Some(name), _) => options.extend(["--set".to_owned(), format!("{}=1", name.split(' ').next().unwrap_or(name))]),
                (_, Some(file)) => {
                    folder.file(file, canary("file", "1"));
                }
                _ => names.push(name.to_owned()),
            }
        }
        let options: Vec<&str> = options.iter().map(String::as_str).collect();
        let run = |number: &str| {
            let values: Vec<String> = names.iter().map(|name| canary(name, number)).collect();
            let variables: Vec<(&str, &str)> = names.iter().map(String::as_str).zip(values.iter().map(String::as_str)).collect();
            let rendered = folder.run(&[&["t.yaml", "--no-keychain"], &options[1..]].concat(), &variables).ok();
            (made(&folder, &variables, &options), rendered)
        };
        let ((one, rendered), (other, _)) = (run("1"), run("2"));
        let name = path.display();
        assert!(rendered.contains("canary") && !one.sdl.contains("canary"), "{name}");
        assert_eq!(resolved(&tree(&one.sdl), &one.values), tree(&rendered), "{name}");
        // What is committed says nothing of the values, and needs none.
        assert_eq!(one.sdl, other.sdl, "{name}");
        let arguments = [&["console", "t.yaml", "--no-keychain"], options.as_slice()].concat();
        assert_eq!(folder.run(&arguments, &[]).ok(), one.sdl, "{name}");
        // `check` has nothing against it.
        folder.file("console.yaml", &one.sdl);
        let checked = folder.run(&["check", "console.yaml"], &[]);
        assert_eq!(checked.code, Some(0), "{name}: {}", checked.stderr);
        sdls.push(serde_json::json!({ "id": name.to_string(), "yaml": one.sdl }));
    }
    // Nor has Akash's JavaScript SDK, which the Console checks an SDL with.
    let Some(judge) = node::installed("akash", &["verdict.mjs"]) else { return };
    for answer in node::answers(&judge.join("verdict.mjs"), &sdls) {
        assert_eq!(answer["ok"], true, "{answer}");
    }
}

const SMALL: &str = "\
services:
  web:
    credentials: {host: ghcr.io, username: bot, password: '{{ TOKEN }}'}
    env:
      - LEVEL=info  # {{ COMMENT }}
      - URL=db://u:{{ PASS }}@h
      - GH={{ TOKEN }}
      - |-  # {{ COMMENT }}
        NOTE={{ PASS }}
";

#[test]
fn every_other_byte_stays() {
    let folder = Folder::new();
    folder.file("t.yaml", SMALL);
    let made = made(&folder, &[("TOKEN", "canary-1$$"), ("PASS", "canary-2")], &["--no-check"]);
    let expected = SMALL
        .replace("'{{ TOKEN }}'", "'ac-secret://WEB_TOKEN'")
        .replace("URL=db://u:{{ PASS }}@h", "URL=ac-secret://URL")
        .replace("GH={{ TOKEN }}", "GH=ac-secret://WEB_GH")
        .replace("NOTE={{ PASS }}", "NOTE=ac-secret://PASS");
    assert_eq!(made.sdl, expected);
    let json = "{\n  \"WEB_TOKEN\": \"canary-1$$\",\n  \"URL\": \"db://u:canary-2@h\",\n  \"WEB_GH\": \"canary-1$$$\",\n  \"PASS\": \"canary-2\"\n}\n";
    assert_eq!(made.json, json.replace("$$$", "$$$$").replace("canary-1$$$$", "canary-1$$$"));
}

#[test]
fn names_are_shared_where_the_values_are() {
    let folder = Folder::new();
    let template = "services:\n  web: &web\n    env: [\"A={{ A }}\", \"B=x{{ A }}\", \"C={{ B | default('d') }}\"]\n  my-api:\n    \
                    <<: *web\n  db:\n    env: [\"B=y{{ A }}\", \"A={{ env.A }}\", \"D={{ vars.D_SECRET }}\", \"E={{ A }}\"]\n";
    folder.file("t.yaml", template);
    let variables = [("A", "value-of-a"), ("D_SECRET", "value-of-d")];
    let made = made(&folder, &variables, &["--no-check"]);
    let names: Vec<&str> =
        made.sdl.split("ac-secret://").skip(1).map(|rest| rest.split('"').next().unwrap_or_default()).collect();
    assert_eq!(names, ["WEB_A", "WEB_B", "WEB_C", "DB_B", "DB_A", "D_SECRET", "WEB_A"], "{}", made.sdl);
    assert_eq!(
        (made.values["WEB_B"].as_str(), made.values["DB_B"].as_str(), made.values["WEB_C"].as_str()),
        ("xvalue-of-a", "yvalue-of-a", "d")
    );
}

#[test]
fn a_template_without_secrets_is_its_own_sdl() {
    let folder = Folder::new();
    folder.file("t.yaml", "services: {web: {env: [\"A={{ vars.A }}\", B]}}\n");
    let made = made(&folder, &[], &["--set", "A=1", "--no-check"]);
    assert_eq!((made.sdl.as_str(), made.json.as_str()), ("services: {web: {env: [\"A=1\", B]}}\n", "{}\n"));
}

#[test]
fn secrets_go_only_where_git_ignores_them() {
    if !require("git") {
        return;
    }
    let folder = Folder::new();
    folder.file("t.yaml", SMALL);
    folder.file(".gitignore", "ignored.json\n");
    let git = |arguments: &[&str]| {
        assert!(
            std::process::Command::new("git").args(arguments).current_dir(folder.path()).output().expect("git").status.success()
        );
    };
    git(&["init", "--quiet"]);
    let variables = [("TOKEN", "canary-1"), ("PASS", "canary-2")];
    let console = |options: &[&str]| folder.run(&[&["console", "t.yaml", "--no-check"], options].concat(), &variables);
    console(&["--secrets", "open.json", "--sdl", "sdl.yaml"]).fails(2, &["git does not ignore open.json"]);
    assert_eq!(folder.names(), [".git", ".gitignore", "t.yaml"]);
    assert_eq!(console(&["--secrets", "ignored.json", "--sdl", "sdl.yaml"]).ok(), "");
    let mode = std::fs::metadata(folder.path().join("ignored.json")).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(folder.read("ignored.json").contains("canary-2") && !folder.read("sdl.yaml").contains("canary"));
    console(&["--secrets", "open.json", "--allow-unignored"]).ok();
    console(&["--secrets", "t.yaml", "--allow-unignored"]).fails(2, &["t.yaml"]);
    console(&["--sdl", "t.yaml"]).fails(2, &["t.yaml"]);
    for same in [["--sdl", "-", "--secrets", "-"], ["--sdl", "x", "--secrets", "x"]] {
        console(&same).fails(2, &["can't go to the same place", "--sdl deploy.console.yaml --secrets -"]);
    }
    // Redirected, as with `>`.
    let open = std::fs::File::create(folder.path().join("out.json")).expect("a file");
    let output = folder.sdlrender(&["console", "t.yaml", "--no-check", "--secrets", "-"], &variables).stdout(open).output();
    let output = output.expect("the program starts");
    assert_eq!((output.status.code(), folder.read("out.json").as_str()), (Some(2), ""));
}

#[test]
fn a_terminal_shows_masks() {
    if !require("script") {
        return;
    }
    let folder = Folder::new();
    folder.file("t.yaml", SMALL);
    for (option, shown) in [("", false), (" --reveal", true)] {
        let line = format!("{} console t.yaml --no-check --no-keychain --secrets -{option}", env!("CARGO_BIN_EXE_sdlrender"));
        let mut script = std::process::Command::new("timeout");
        script.args(["20", "script", "--quiet", "--return", "--command", &line, "/dev/null"]).current_dir(folder.path());
        script.envs([("TOKEN", "canary-1"), ("PASS", "canary-2"), ("TERM", "xterm")]).stdin(std::process::Stdio::null());
        let output = script.output().expect("script starts");
        let text = String::from_utf8_lossy(&output.stdout).replace('\r', "");
        assert_eq!((output.status.code(), text.contains("canary")), (Some(0), shown), "{text}");
        assert_eq!(text.contains("\"URL\": \"********\""), !shown, "{text}");
    }
}

//! `diff`: what an update would change, and never a secret.
#![cfg(unix)]

use serde_json::Value;

use crate::hostile::values::hostile;
use crate::support::schema::assert_valid;
use crate::support::{Folder, Ran, set_mode};

const TEMPLATE: &str = "\
version: \"2.0\"
services:
  web:
    image: ghcr.io/o/web:1
    credentials: {host: ghcr.io, username: bot, password: '{{ TOKEN }}'}
    env:
      - LEVEL=info
      - \"URL=db://u:{{ PASS }}@db\"
      - KEY={{ KEY }}
    args: [run, \"--x={{ KEY }}\"]
    expose:
      - {port: 8080, as: 80, to: [{global: true}], accept: [a.example]}
  db:
    image: postgres:17
    env: [\"PASS={{ PASS }}\"]
    expose: [{port: 5432, to: [{service: web}]}]
profiles:
  compute:
    web: {resources: {cpu: {units: 1}, memory: {size: 1Gi}, storage: [{size: 1Gi}]}}
    db: {resources: {cpu: {units: 1}, memory: {size: 1Gi}, storage: [{size: 1Gi}]}}
  placement:
    dc: {pricing: {web: {denom: uact, amount: 100}, db: {denom: uact, amount: 100}}}
deployment:
  web: {dc: {profile: web, count: 1}}
  db: {dc: {profile: db, count: 1}}
";

const VALUES: [(&str, &str); 3] = [("TOKEN", "canary-token-1"), ("PASS", "canary/$$pass-1"), ("KEY", "canary-key-1")];

/// A folder with the template and what it was deployed as.
fn deployed() -> Folder {
    let folder = Folder::new();
    folder.file("deploy.tmpl.yaml", TEMPLATE);
    let rendered = folder.run(&["deploy.tmpl.yaml", "--no-keychain"], &VALUES).ok();
    set_mode(&folder.file("deploy.yaml", rendered), 0o600);
    folder
}

/// Compares; neither the old nor the new values may be in what is said.
#[track_caller]
fn diff(folder: &Folder, options: &[&str], changed: &[(&str, &str)]) -> Ran {
    let of = |name: &str, old| changed.iter().find(|(other, _)| *other == name).map_or(old, |(_, new)| *new);
    let variables: Vec<(&str, &str)> = VALUES.iter().map(|(name, old)| (*name, of(name, old))).collect();
    let ran = folder.run(&[&["diff", "deploy.tmpl.yaml", "--no-keychain"], options].concat(), &variables);
    for (_, value) in VALUES.iter().chain(changed).filter(|(_, value)| value.len() > 5) {
        let quoted = serde_json::to_string(value).expect("JSON");
        for value in [value, quoted.trim_matches('"')] {
            assert!(!ran.stdout.contains(value) && !ran.stderr.contains(value), "{}{}", ran.stdout, ran.stderr);
        }
    }
    ran
}

/// The comparison as JSON, which is as its schema says.
#[track_caller]
fn compared(folder: &Folder, changed: &[(&str, &str)]) -> Value {
    let ran = diff(folder, &["--format", "json"], changed);
    let json: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}{}", ran.stdout, ran.stderr));
    assert_valid("diff", &json);
    assert_eq!(ran.code, Some(i32::from(json["different"] == true)), "{}", ran.stderr);
    json
}

/// The places that differ, as `PATH STATE`, and the effects on services that are not `none`.
fn summary(json: &Value) -> (Vec<String>, Vec<String>) {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let list = |name: &str| json[name].as_array().expect("a list").clone();
    let mark = |place: &Value| if place["redeploy"] == true { " *" } else { "" };
    let differing = list("places").into_iter().filter(|place| place["state"] != "same");
    let places = differing.map(|place| format!("{} {}{}", text(&place["path"]), text(&place["state"]), mark(&place)));
    let services = list("services").into_iter().filter(|service| service["effect"] != "none");
    (places.collect(), services.map(|service| format!("{} {}", text(&service["name"]), text(&service["effect"]))).collect())
}

#[test]
fn what_was_rendered_is_the_same() {
    let folder = deployed();
    let same = diff(&folder, &[], &[]);
    assert_eq!((same.code, same.stdout.as_str(), same.stderr.as_str()), (Some(0), "32 places are the same\n", ""));
    // Neither comments, nor quotes, nor the order of keys are a difference.
    let text = folder.read("deploy.yaml").replace("image: postgres:17", "image: 'postgres:17'  # a comment");
    let text = text.replace("    image: ghcr.io/o/web:1\n", "").replace("    args:", "    image: ghcr.io/o/web:1\n    args:");
    folder.file("deploy.yaml", text.replace("count: 1", "count: \"1\""));
    assert_eq!(diff(&folder, &[], &[]).ok(), "32 places are the same\n");
    // By another name, and from standard input.
    std::fs::rename(folder.path().join("deploy.yaml"), folder.path().join("was.yaml")).expect("renamed");
    assert_eq!(diff(&folder, &["was.yaml"], &[]).ok(), "32 places are the same\n");
    let input = std::fs::File::open(folder.path().join("was.yaml")).expect("a file");
    let output = folder.sdlrender(&["diff", "deploy.tmpl.yaml", "-", "--no-keychain"], &VALUES).stdin(input).output();
    assert!(output.expect("the program starts").status.success());
}

#[test]
fn a_secret_that_changed_is_named_and_not_shown() {
    let folder = deployed();
    for (name, places, services) in [
        ("PASS", vec!["services.web.env.URL changed", "services.db.env.PASS changed"], vec!["web restart", "db restart"]),
        ("KEY", vec!["services.web.env.KEY changed", "services.web.args[1] changed"], vec!["web restart"]),
        ("TOKEN", vec!["services.web.credentials.password changed"], vec!["web pull"]),
    ] {
        let json = compared(&folder, &[(name, "canary-the-new-one")]);
        assert_eq!(
            summary(&json),
            (places.iter().map(|it| (*it).to_owned()).collect(), services.iter().map(|it| (*it).to_owned()).collect())
        );
        let secrets = json["places"].as_array().expect("a list").iter().filter(|place| place["secret"] == true);
        assert!(
            secrets.clone().count() == 5
                && secrets.clone().all(|place| place["deployed"].is_null() && place["template"].is_null())
        );
        let text = diff(&folder, &[], &[(name, "canary-the-new-one")]);
        assert_eq!(text.code, Some(1));
        assert!(text.stdout.contains("changed  (a secret)  (a secret)\n"), "{}", text.stdout);
    }
    // What is said does not depend on the values, their lengths among it.
    let said: Vec<String> = ["canary-2", "canary-$$(A)\n: #", &"canary".repeat(500)]
        .iter()
        .map(|new| diff(&folder, &[], &[("KEY", new)]).stdout)
        .collect();
    assert!(said.iter().all(|text| *text == said[0]), "{said:?}");
}

#[test]
fn hostile_values_are_compared_exactly() {
    let folder = Folder::new();
    let values: Vec<String> = hostile().into_iter().filter(|value| !value.contains('\0') && value.len() < 4096).collect();
    let items = |count: usize| (0..count).map(|at| format!("      - \"X{at}=a{{{{ X{at} }}}}\"\n")).collect::<String>();
    folder.file("t.tmpl.yaml", format!("services:\n  web:\n    env:\n{}", items(values.len())));
    let names: Vec<String> = (0..values.len()).map(|at| format!("X{at}")).collect();
    let run = |arguments: &[&str], changed: &str| {
        let value = |at: usize| values[at].clone() + changed;
        let all: Vec<(String, String)> = (0..values.len()).map(|at| (names[at].clone(), value(at))).collect();
        let all: Vec<(&str, &str)> = all.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        folder.run(&[arguments, &["--no-keychain", "--allow-empty"]].concat(), &all)
    };
    set_mode(&folder.file("t.yaml", run(&["t.tmpl.yaml"], "").ok()), 0o600);
    assert_eq!(run(&["diff", "t.tmpl.yaml"], "").ok(), format!("{} places are the same\n", values.len()));
    let changed = run(&["diff", "t.tmpl.yaml", "--format", "json"], "x");
    let json: Value = serde_json::from_str(&changed.stdout).expect("JSON");
    assert!(json["places"].as_array().expect("a list").iter().all(|place| place["state"] == "changed"));
}

#[test]
fn plain_text_is_shown_and_what_may_have_been_a_secret_is_not() {
    let folder = deployed();
    let edited = TEMPLATE
        .replace("ghcr.io/o/web:1", "ghcr.io/o/web:2")
        .replace("LEVEL=info", "LEVEL=debug")
        .replace("      - KEY={{ KEY }}\n", "      - KEY=plain\n      - NEW=1\n")
        .replace("[run, \"--x={{ KEY }}\"]", "[serve]")
        .replace("username: bot", "username: robot");
    folder.file("deploy.tmpl.yaml", edited);
    let json = compared(&folder, &[]);
    let place = |path: &str| {
        let places = json["places"].as_array().expect("a list");
        let place = places.iter().find(|place| place["path"] == path).unwrap_or_else(|| panic!("no {path}"));
        (place["state"].as_str().expect("text").to_owned(), place["deployed"].clone(), place["template"].clone())
    };
    let told = |state: &str, deployed: Option<&str>, template: Option<&str>| {
        (state.to_owned(), Value::from(deployed), Value::from(template))
    };
    assert_eq!(place("services.web.image"), told("changed", Some("ghcr.io/o/web:1"), Some("ghcr.io/o/web:2")));
    assert_eq!(place("services.web.env.LEVEL"), told("changed", None, Some("debug")));
    assert_eq!(place("services.web.env.KEY"), told("changed", None, None));
    assert_eq!(place("services.web.env.NEW"), told("new", None, Some("1")));
    assert_eq!(place("services.web.args[0]"), told("changed", None, Some("serve")));
    assert_eq!(place("services.web.args[1]"), told("gone", None, None));
    assert_eq!(place("services.web.credentials.username"), told("changed", None, Some("robot")));
    assert_eq!(place("services.db.image"), told("same", Some("postgres:17"), Some("postgres:17")));
    // A secret that the template has no more, in a place where it does not belong, is known as one of the others.
    let text = folder
        .read("deploy.yaml")
        .replace("postgres:17", "postgres:canary-key-1")
        .replace("8080", "ghp_0123456789abcdefghijABCDEFGHIJ012345");
    folder.file("deploy.yaml", text.replace("a.example", "canary-token-1"));
    folder.file("deploy.tmpl.yaml", TEMPLATE);
    let text = diff(&folder, &["--all"], &[]);
    assert!(!text.stdout.contains("ghp_") && text.stdout.contains("(not shown)"), "{}", text.stdout);
}

#[test]
fn a_whole_item_of_env_is_not_taken_for_a_name() {
    let folder = Folder::new();
    folder.file("t.tmpl.yaml", "services: {web: {env: [\"{{ LINE }}\", \"A=1\"]}}\n");
    for (line, other) in [("canary=whole", "canary=other"), ("canary0whole", "canary0other"), ("canary0whole==", "canary0=x")] {
        let rendered = folder.run(&["t.tmpl.yaml", "--no-keychain"], &[("LINE", line)]).ok();
        set_mode(&folder.file("t.yaml", rendered), 0o600);
        let compare = |line: &str| folder.run(&["diff", "t.tmpl.yaml", "--no-keychain", "--all"], &[("LINE", line)]);
        let (same, changed) = (compare(line), compare(other));
        assert_eq!((same.code, changed.code), (Some(0), Some(1)), "{}{}", same.stdout, changed.stderr);
        assert!(!(same.stdout + &changed.stdout).contains("canary"), "{}", changed.stderr);
    }
    // Nor if the template has it no more.
    set_mode(&folder.file("t.yaml", "services: {web: {env: [\"canary0whole==\", \"A=1\"]}}\n"), 0o600);
    folder.file("t.tmpl.yaml", "services: {web: {env: [\"A=1\"]}}\n");
    let gone = folder.run(&["diff", "t.tmpl.yaml", "--no-keychain"], &[]);
    assert!(gone.stdout.contains("services.web.env[0]  gone") && !gone.stdout.contains("canary"), "{}", gone.stdout);
}

#[test]
fn an_update_does_what_kubernetes_and_akash_make_of_it() {
    let cases: &[(&str, &str, &[&str], &[&str])] = &[
        ("web:1", "web:2", &["services.web.image changed"], &["web restart"]),
        ("username: bot", "username: robot", &["services.web.credentials.username changed"], &["web pull"]),
        (
            "    credentials: {host: ghcr.io, username: bot, password: '{{ TOKEN }}'}\n",
            "",
            &[
                "services.web.credentials.host gone",
                "services.web.credentials.username gone",
                "services.web.credentials.password gone",
            ],
            &["web restart"],
        ),
        ("LEVEL=info", "LEVELS=info", &["services.web.env.LEVELS new", "services.web.env.LEVEL gone"], &["web restart"]),
        ("[run,", "[walk,", &["services.web.args[0] changed"], &["web restart"]),
        ("port: 8080", "port: 8081", &["services.web.expose[0].port changed"], &["web restart"]),
        ("a.example", "b.example", &["services.web.expose[0].accept[0] changed"], &["web restart"]),
        ("as: 80", "as: 81", &["services.web.expose[0].as changed *"], &[]),
        ("global: true", "global: false", &["services.web.expose[0].to[0].global changed *"], &[]),
        (
            ", accept: [a.example]",
            ", accept: [a.example], http_options: {max_body_size: 1}",
            &["services.web.expose[0].http_options.max_body_size new"],
            &[],
        ),
        (
            "size: 1Gi}, storage",
            "size: 2Gi}, storage",
            &["profiles.compute.web.resources.memory.size changed *", "profiles.compute.db.resources.memory.size changed *"],
            &[],
        ),
        (
            "web: {denom: uact, amount: 100}",
            "web: {denom: uact, amount: 200}",
            &["profiles.placement.dc.pricing.web.amount changed *"],
            &[],
        ),
        ("profile: db, count: 1", "profile: db, count: 2", &["deployment.db.dc.count changed *"], &[]),
        ("  db:\n    image", "  database:\n    image", &[], &[]),
    ];
    for (old, new, places, services) in cases {
        let folder = deployed();
        let edited = TEMPLATE.replace(old, new);
        assert_ne!(edited, TEMPLATE);
        folder.file("deploy.tmpl.yaml", edited);
        let json = compared(&folder, &[]);
        let (found, effects) = summary(&json);
        if places.is_empty() {
            assert!(
                !found.is_empty() && found.iter().all(|place| place.ends_with(" *")) && effects.is_empty(),
                "{found:?} {effects:?}"
            );
        } else {
            assert_eq!((found.as_slice(), effects.as_slice()), (&places.map_owned()[..], &services.map_owned()[..]), "{new}");
        }
        assert_eq!(json["redeploy"], found.iter().any(|place| place.ends_with(" *")));
    }
}

/// `&str`s as texts.
trait Owned {
    fn map_owned(&self) -> Vec<String>;
}

impl Owned for &[&str] {
    fn map_owned(&self) -> Vec<String> {
        self.iter().map(|text| (*text).to_owned()).collect()
    }
}

#[test]
fn variables_in_another_order_are_another_pod() {
    let folder = deployed();
    let text =
        folder.read("deploy.yaml").replace("      - LEVEL=info\n", "").replace("    args:", "      - LEVEL=info\n    args:");
    folder.file("deploy.yaml", text);
    let (places, services) = summary(&compared(&folder, &[]));
    assert_eq!((places, services), (vec!["services.web.env changed".to_owned()], vec!["web restart".to_owned()]));
    let text = diff(&folder, &[], &[]).stdout;
    assert!(text.contains("services.web.env  changed  (another order)  (another order)\n"), "{text}");
    // One that is new or gone changes no order.
    folder.file("deploy.tmpl.yaml", TEMPLATE.replace("      - LEVEL=info\n", "      - NEW=1\n"));
    let (places, _) = summary(&compared(&folder, &[]));
    assert_eq!(places, ["services.web.env.NEW new", "services.web.env.LEVEL gone"]);
}

/// An item is what it was wherever it is in its list.
#[test]
fn what_is_put_in_front_of_others_changes_none_of_them() {
    let cases: &[(&str, &str, &[&str], &[&str])] = &[
        (
            "      - {port: 8080, as: 80,",
            "      - {port: 22, to: [{service: db}]}\n      - {port: 8080, as: 80,",
            &["services.web.expose[0].port new *", "services.web.expose[0].to[0].service new *"],
            &[],
        ),
        ("[run,", "[first, run,", &["services.web.args[0] new"], &["web restart"]),
        ("[run, ", "[", &["services.web.args[0] gone"], &["web restart"]),
        ("[a.example]", "[b.example, a.example]", &["services.web.expose[0].accept[0] new"], &["web restart"]),
        ("to: [{service: web}]", "to: [{global: true}, {service: web}]", &["services.db.expose[0].to[0].global new *"], &[]),
    ];
    for (old, new, places, services) in cases {
        let folder = deployed();
        folder.file("deploy.tmpl.yaml", TEMPLATE.replace(old, new));
        let json = compared(&folder, &[]);
        assert_eq!(summary(&json), (places.map_owned(), services.map_owned()), "{new}");
    }
    // Akash sorts what is exposed; arguments it does not.
    let folder = Folder::new();
    let exposed = |first: &str, second: &str| format!("services: {{web: {{args: [x], expose: [{first}, {second}]}}}}\n");
    let (one, other) = ("{port: 80, proto: TCP, to: [{global: true}]}", "{port: 81, as: 81, proto: udp}");
    folder.file("t.tmpl.yaml", exposed(one, other));
    set_mode(&folder.file("t.yaml", exposed(other, &one.replace("proto: TCP, ", "proto: tcp, "))), 0o600);
    let ran = folder.run(&["diff", "t.tmpl.yaml", "--no-keychain", "--format", "json"], &[]);
    let json: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(summary(&json).0, ["services.web.expose[0].proto changed *"]);
    folder.file("t.tmpl.yaml", "services: {web: {args: [a, b]}}\n");
    folder.file("t.yaml", "services: {web: {args: [b, a]}}\n");
    let ran = folder.run(&["diff", "t.tmpl.yaml", "--no-keychain"], &[]);
    assert!(ran.code == Some(1) && ran.stdout.contains("args[0]  new") && ran.stdout.contains("args[1]  gone"), "{}", ran.stdout);
}

#[test]
fn aliases_and_merge_keys_are_what_they_stand_for() {
    let folder = Folder::new();
    let template =
        "services:\n  a: &a\n    env: &e [\"X={{ X }}\", L=1]\n    image: i\n  b:\n    <<: *a\n    image: j\n  c: {env: *e}\n";
    folder.file("t.tmpl.yaml", template);
    let written = "services:\n  a: {env: [\"X=canary-x\", L=1], image: i}\n  b: {image: j, env: [\"X=canary-x\", L=1]}\n  c: {env: [\"X=canary-x\", L=1]}\n";
    set_mode(&folder.file("t.yaml", written), 0o600);
    let compare = |value: &str| folder.run(&["diff", "t.tmpl.yaml", "--no-keychain", "--format", "json"], &[("X", value)]);
    assert_eq!(compare("canary-x").code, Some(0), "{}", compare("canary-x").stdout);
    let json: Value = serde_json::from_str(&compare("canary-y").stdout).expect("JSON");
    assert_eq!(summary(&json).1, ["a restart", "b restart", "c restart"]);
    // More than anyone would wait for.
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    (1..9).for_each(|level| bomb += &format!("a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 10].join(", ")));
    folder.file("t.yaml", bomb);
    compare("canary-x").fails(2, &["too many places to compare"]);
}

#[test]
fn trouble_is_told_from_a_difference() {
    let folder = deployed();
    folder.run(&["diff", "deploy.tmpl.yaml", "--no-keychain"], &[]).fails(2, &["TOKEN", "PASS", "KEY"]);
    diff(&folder, &["gone.yaml"], &[]).fails(2, &["there is no gone.yaml to compare with", "sdlrender diff TEMPLATE DEPLOYED"]);
    folder.file("bad.yaml", "a: [canary-token-1\n");
    diff(&folder, &["bad.yaml"], &[]).fails(2, &["bad.yaml is not YAML: line", "DEPLOYED is the SDL that was sent to Akash"]);
    folder.file("plain.yaml", TEMPLATE);
    folder.run(&["diff", "plain.yaml"], &[]).fails(2, &["which SDL was deployed?", "sdlrender diff TEMPLATE DEPLOYED"]);
    folder.run(&["diff", "-", "-"], &[]).fails(2, &["can't both be standard input"]);
    folder.file("broken.tmpl.yaml", "a: {{ X\n");
    folder.run(&["diff", "broken.tmpl.yaml", "deploy.yaml"], &[]).fails(2, &["broken.tmpl.yaml"]);
    diff(&folder, &["--redact"], &[]).fails(2, &["--redact"]);
}

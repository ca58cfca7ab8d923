//! The rules on logins and open secrets, case by case: `tests/data/credential/*.yaml`.
//!
//! A line that should be reported ends in `#! id …`. `#set NAME value` gives a placeholder's value, `#now` the time, in seconds since
//! 1970; a value that is not given stays unknown. `@github@` and its like become tokens, so that none stands in this repository.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use base64::Engine;

use super::{
    Fact, Filling, Known, check, check_characters, check_env, check_env_references, check_fillings, env, facts, settle, template,
};
use crate::finding::{Finding, Level, Rule};
use crate::scalar::marking::{marked, marks};
use crate::sdl::{DecodedTexts, model};
use crate::span::LineIndex;
use crate::splice::{Filled, View};

/// Numbers that are the same in every run.
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }

    fn text(&mut self, length: usize) -> String {
        const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        (0..length).map(|_| char::from(ALPHABET[self.below(ALPHABET.len())])).collect()
    }
}

/// What stands for a token in a case.
fn tokens() -> BTreeMap<&'static str, String> {
    let mut numbers = Seeded(88_172_645_463_325_252);
    let encode = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let ecr = encode(&format!(
        r#"{{"payload":"{}","datakey":"k","version":"2","type":"DATA_KEY","expiration":1700000000}}"#,
        numbers.text(120)
    ));
    let pem = numbers.text(64);
    let key = format!(
        r#"{{"type":"service_account","private_key_id":"1","private_key":"-----BEGIN PRIVATE KEY-----\n{pem}\n-----END PRIVATE KEY-----\n"}}"#
    );
    BTreeMap::from([
        ("@github@", format!("ghp_{}", numbers.text(36))),
        ("@fine@", format!("github_pat_{}", numbers.text(82))),
        ("@docker@", format!("dckr_pat_{}", numbers.text(27))),
        ("@gitlab@", format!("glpat-{}", numbers.text(20))),
        ("@aws@", "AKIAQ7R2ZJ5WM3T4XK6B".to_owned()),
        ("@authorization@", encode(&format!("AWS:{ecr}"))),
        ("@decoded@", format!("AWS:{ecr}")),
        ("@ecr@", ecr),
        ("@google64@", encode(&key)),
        ("@google@", key),
        ("@word@", numbers.text(24)),
    ])
}

/// The placeholders in a scalar, which is written like this at `range`.
fn fillings<'v>(written: &str, range: &Range<usize>, values: &'v BTreeMap<String, String>) -> Vec<Filling<'v>> {
    let names = written.split("{{ ").skip(1).filter_map(|rest| rest.split(" }}").next());
    let filling = |name: &str| {
        let known = values.get(name).map(|text| Known { text, bare: text, example: None });
        Filling { range: range.clone(), label: name.to_owned(), name: Some(name.to_owned()), plain: true, known }
    };
    names.map(filling).collect()
}

/// A scalar with `{{` in it is a placeholder, unknown unless `values` has all of it.
fn findings(text: &str, values: &BTreeMap<String, String>, now: Option<u64>) -> Vec<Finding> {
    let tree = marked(text, |_, scalar| scalar.contains("{{"));
    let value = |id| {
        let mut filled = tree.text(id).to_owned();
        for (name, value) in values {
            filled = filled.replace(&format!("{{{{ {name} }}}}"), value);
        }
        (!filled.contains("{{")).then_some((id, filled))
    };
    let filled = Filled::of(marks(&tree).into_iter().filter_map(value));
    let view = View::filled(&tree, &filled);
    let mut findings = template(text);
    let texts = DecodedTexts::default();
    let sdl = model(&view, &texts);
    findings.extend(check_env(env(&view, &sdl)));
    findings.extend(check_env_references(env(&view, &sdl)));
    let fillings = |field: &Fact<'_>| fillings(&text[field.range.clone()], &field.range, values);
    for field in env(&view, &sdl) {
        check_fillings(&field, &fillings(&field), &mut findings);
    }
    for facts in facts(&view, &sdl) {
        findings.extend(check(&facts, now.map(|now| UNIX_EPOCH + Duration::from_secs(now))));
        check_characters(&facts, fillings, &mut findings);
        for field in [&facts.username, &facts.password].into_iter().flatten() {
            check_fillings(field, &fillings(field), &mut findings);
        }
    }
    settle(&mut findings);
    findings
}

/// Findings as lines and ids.
fn places(text: &str, findings: &[Finding]) -> BTreeSet<(usize, &'static str)> {
    let lines = LineIndex::new(text);
    findings.iter().map(|finding| (lines.line(finding.range.start), finding.rule.id())).collect()
}

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/credential");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("cases").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
}

#[test]
fn every_case_is_reported_where_it_says() {
    let mut reported = BTreeSet::new();
    for file in cases() {
        let mut text = std::fs::read_to_string(&file).expect("a case");
        for (name, token) in tokens() {
            text = text.replace(name, &token);
        }
        let now = text.lines().find_map(|line| line.strip_prefix("#now ")).map(|now| now.parse().expect("seconds"));
        let set = text.lines().filter_map(|line| line.strip_prefix("#set ")?.split_once(' '));
        let values: BTreeMap<String, String> = set.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        // The values are not the template's: a `#set` line would be found to hold a token.
        let text: String =
            text.lines().map(|line| if line.starts_with("#set ") { "#\n".to_owned() } else { format!("{line}\n") }).collect();
        let expected: BTreeSet<(usize, String)> = text
            .lines()
            .enumerate()
            .filter_map(|(index, line)| Some((index + 1, line.split_once("#! ")?.1)))
            .flat_map(|(line, ids)| ids.split_whitespace().map(move |id| (line, id.to_owned())))
            .collect();
        let findings = findings(&text, &values, now);
        let found: BTreeSet<(usize, String)> =
            places(&text, &findings).into_iter().map(|(line, id)| (line, id.to_owned())).collect();
        assert_eq!(found, expected, "{}\n{findings:#?}", file.display());
        reported.extend(findings.iter().map(|finding| finding.rule.id()));
    }
    let from = Rule::LiteralPassword as usize;
    let rules = &Rule::ALL[from..=Rule::PasswordShort as usize];
    let silent: Vec<&str> = rules.iter().map(|rule| rule.id()).filter(|id| !reported.contains(id)).collect();
    assert!(silent.is_empty(), "no case shows {silent:?}");
}

#[test]
fn the_host_that_would_serve_is_named() {
    let cases = [
        ("https://index.docker.io/v1", "team/app:1", "https://index.docker.io/v1/", "slash"),
        ("GHCR.IO", "ghcr.io/o/a:1", "https://ghcr.io", "case-sensitively"),
        ("ghcr.io:443", "ghcr.io/o/a:1", "https://ghcr.io", "port"),
        ("azurecr.io", "team.azurecr.io/a:1", "https://team.azurecr.io", "parent"),
        ("pkg.dev", "us-docker.pkg.dev/p/r/a:1", "https://us-docker.pkg.dev", "parent"),
        ("reg.example.com", "reg.example.com:5000/a:1", "reg.example.com:5000", "port"),
        ("oci://ghcr.io", "ghcr.io/o/a:1", "https://ghcr.io", "recognised"),
        ("https://ghcr.io/other", "ghcr.io/o/a:1", "https://ghcr.io", "path"),
    ];
    for (host, image, right, why) in cases {
        let text = format!("services: {{web: {{image: \"{image}\", credentials: {{host: \"{host}\"}}}}}}\n");
        let findings = findings(&text, &BTreeMap::new(), None);
        let [finding] = findings.as_slice() else { panic!("{host}: {findings:?}") };
        let help = finding.help.as_deref().unwrap_or("");
        assert_eq!((finding.rule.id(), finding.path.as_str()), ("host-mismatch", "services.web.credentials.host"));
        assert!(
            finding.message.contains(host) && help.contains(&format!("`host: \"{right}\"`")) && help.contains(why),
            "{finding:?}"
        );
    }
}

#[test]
fn what_aliases_share_is_told_once_and_tokens_by_their_name() {
    let token = &tokens()["@github@"];
    let login = format!("&l {{host: ghcr.io, username: u, password: {token}}}");
    let text = format!(
        "services:\n  a: {{image: ghcr.io/o/a:1, credentials: {login}}}\n  b: {{image: ghcr.io/o/b:1, credentials: *l}}\n"
    );
    let findings = findings(&text, &BTreeMap::new(), None);
    let [finding] = findings.as_slice() else { panic!("{findings:?}") };
    assert_eq!((finding.rule.id(), finding.path.as_str()), ("literal-password", "services.a.credentials.password"));
    assert!(finding.message.contains("GitHub") && finding.help.as_deref().is_some_and(|help| help.contains("GHCR_TOKEN")));
}

/// A secret anywhere in a document, written or filled in, is in no finding's words.
#[test]
fn no_finding_shows_a_secret() {
    let mut numbers = Seeded(1_234_567);
    let images =
        ["team/app", "ghcr.io/o/a:latest", "gcr.io/p/a", "1.dkr.ecr.us-east-1.amazonaws.com/r", "team.azurecr.io/a", "Bad Image"];
    let tokens: Vec<String> = tokens().into_values().collect();
    let mut total = 0;
    for round in 0..600 {
        let token = &tokens[numbers.below(tokens.len())];
        let secrets: Vec<String> = (0..6)
            .map(|_| {
                let length = 12 + numbers.below(40);
                match numbers.below(4) {
                    0 => format!("AWS:{}", numbers.text(length)),
                    1 => format!("{}${{x", numbers.text(length)),
                    2 => token.clone(),
                    _ => numbers.text(length),
                }
            })
            .collect();
        let image = images[numbers.below(images.len())];
        let username = ["AWS", "_json_key", "_json_key_base64", "oauth2accesstoken", "a:b"][numbers.below(5)];
        let quote = |text: &str| text.replace('\'', "''");
        let [password, user, env, url, host, comment] = [0, 1, 2, 3, 4, 5].map(|index| quote(&secrets[index]));
        let user = if round % 2 == 0 { username.to_owned() } else { user };
        let host = if round % 3 == 0 {
            "ghcr.io:443".to_owned()
        } else {
            format!("https://u:{host}@ghcr.io{}", ["", ":443", "?t=1"][round % 3])
        };
        let body = if round % 2 == 0 { "{{ P }}" } else { &password };
        let host = if round % 5 == 0 { "{{ P }}".to_owned() } else { host };
        // A secret that a placeholder makes part of an image's name.
        let image = if round % 7 == 0 { "{{ I }}" } else { image };
        let text = format!(
            "version: \"2.0\"\n# {comment}\nservices:\n  web:\n    image: '{image}'\n    credentials:\n      host: '{host}'\n      username: '{user}'\n      password: '{body}'\n    env:\n      - 'DB_PASSWORD={env}'\n      - 'TOKEN={env}'\n      - '{env}={url}'\n      - 'DATABASE_URL=postgres://u:{url}@h/d'\n"
        );
        let lower = secrets[3].to_lowercase().replace(['$', '{', ':', '=', '+', '"'], "");
        let values = BTreeMap::from([("P".to_owned(), secrets[0].clone()), ("I".to_owned(), format!("{lower}.io/{lower}"))]);
        let found = findings(&text, &values, Some(1_700_000_000 - numbers.below(7200) as u64));
        total += found.len();
        for finding in &found {
            let secrets = secrets.iter().chain([&lower]);
            let words = format!("{} {} {}", finding.message, finding.path, finding.help.as_deref().unwrap_or(""));
            for secret in secrets {
                let parts = secret.as_bytes().windows(10).map(|part| std::str::from_utf8(part).expect("ASCII"));
                let shown = parts.filter(|part| words.contains(part)).count();
                assert_eq!(shown, 0, "{} shows a secret", finding.rule.id());
            }
        }
    }
    assert!(total > 2000, "{total} findings");
}

fn corpus() -> Option<PathBuf> {
    let folder = std::env::var_os("SDLRENDER_CORPUS").map(PathBuf::from);
    let folder = folder.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"));
    let found = folder.join("verdicts.jsonl").is_file();
    if !found {
        // Not `eprintln!`: the test runner would keep it to itself.
        let _ = writeln!(std::io::stderr(), "skipped: {} is not there", folder.display());
    }
    found.then_some(folder)
}

/// Published SDLs: an error stands only where a login is written out.
#[test]
fn published_documents_raise_no_false_alarm() {
    let Some(folder) = corpus() else { return };
    let verdicts = std::fs::read_to_string(folder.join("verdicts.jsonl")).expect("verdicts");
    let (mut files, mut by_id) = (0, BTreeMap::<&str, usize>::new());
    for line in verdicts.lines() {
        let verdict: serde_json::Value = serde_json::from_str(line).expect("a verdict");
        if verdict["valid"] != true {
            continue;
        }
        let name = verdict["file"].as_str().expect("a file's name");
        let text = std::fs::read_to_string(folder.join(name)).expect("a document");
        let found = findings(&text, &BTreeMap::new(), None);
        let login = text.contains("credentials:") && text.contains("password:");
        let errors: Vec<&Finding> = found.iter().filter(|finding| finding.level == Level::Error).collect();
        assert!(errors.is_empty() || login, "{name}: {errors:#?}");
        if std::env::var_os("SDLRENDER_TEST_SHOW").is_some() {
            let lines = LineIndex::new(&text);
            for finding in &found {
                let line = lines.line(finding.range.start);
                let _ = writeln!(
                    std::io::stderr(),
                    "{name}:{line}: {} | {}",
                    finding.rule.id(),
                    text.lines().nth(line - 1).unwrap_or("").trim()
                );
            }
        }
        files += 1;
        for finding in found {
            *by_id.entry(finding.rule.id()).or_default() += 1;
        }
    }
    let _ = writeln!(std::io::stderr(), "{files} accepted documents: {by_id:?}");
    assert!(files > 100);
}

//! Generated SDLs with hostile values in every style, with logins to all seven registries: extracted and rendered, each is the same again.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sdlrender::testing::extract;

use super::tree::fault;
use crate::hostile::random::{Chance, cases, seed, value as random_value};
use crate::hostile::values::hostile;

/// A registry's image, host and username.
const REGISTRIES: [(&str, &str, &str); 7] = [
    ("docker.io/acme/web:1", "https://index.docker.io/v1/", "acme"),
    ("ghcr.io/acme/web:1", "https://ghcr.io", "acme-bot"),
    ("europe-docker.pkg.dev/acme/r/web:1", "https://europe-docker.pkg.dev", "_json_key"),
    ("123456789012.dkr.ecr.us-east-1.amazonaws.com/web:1", "https://123456789012.dkr.ecr.us-east-1.amazonaws.com", "AWS"),
    ("acme.azurecr.io/web:1", "https://acme.azurecr.io", "acme-puller"),
    ("registry.gitlab.com/acme/web:1", "https://registry.gitlab.com", "gitlab+deploy-token-1"),
    ("registry.example.net:5000/web:1", "registry.example.net:5000", "puller"),
];

/// Variables whose values are secrets, and some whose values are not.
const VARIABLES: [&str; 9] = [
    "DB_PASSWORD",
    "JWT_SECRET",
    "API_KEY",
    "SESSION_SECRET",
    "GREETING",
    "LOG_FORMAT",
    "my.app-secret",
    "WALLET_MNEMONIC",
    "TOKEN",
];

/// `text` in double quotes.
fn double(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}') => {
                _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out + "\""
}

/// `text` as a scalar in one of the styles that can hold it.
fn scalar(chance: &mut Chance, text: &str, indent: usize) -> String {
    let printable = text
        .chars()
        .all(|c| c == '\n' || !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'));
    let word = |c: char| c.is_ascii_alphanumeric() || "_-./=$:@%+{}()\"'".contains(c);
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(word) && !text.ends_with(':');
    let lines = text.split('\n').all(|line| !line.trim().is_empty() && line.trim() == line);
    match chance.below(5) {
        0 if plain => text.to_owned(),
        1 if printable && !text.contains('\n') => format!("'{}'", text.replace('\'', "''")),
        2 if printable && lines => {
            let pad = " ".repeat(indent + 2);
            let ending = ["", "-", "+"][chance.below(3)];
            let body: String = text.split('\n').map(|line| format!("{pad}{line}\n")).collect();
            format!("|{ending}\n{}", body.trim_end_matches('\n'))
        }
        3 if printable && lines && !text.contains('\n') => format!(">-\n{}{text}", " ".repeat(indent + 2)),
        _ => double(text),
    }
}

/// `text` for the password of an address.
fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |out, byte| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out + &char::from(byte).to_string(),
        _ => format!("{out}%{byte:02X}"),
    })
}

fn service(chance: &mut Chance, number: usize, values: &mut impl FnMut(&mut Chance) -> String, out: &mut String) {
    let (image, host, username) = REGISTRIES[chance.below(REGISTRIES.len())];
    _ = writeln!(out, "  svc-{number}:\n    image: {image}");
    if chance.percent(70) {
        let password = values(chance);
        _ = writeln!(out, "    credentials:\n      host: {host}\n      username: {username} # who");
        _ = writeln!(out, "      password: {}", scalar(chance, &password, 6));
    }
    _ = writeln!(out, "    env:");
    let anchor = chance.percent(10);
    for at in 0..1 + chance.below(4) {
        let value = values(chance);
        let item = match chance.below(5) {
            0 => format!("DATABASE_URL=postgres://app:{}@db:5432/app?x=y", encoded(&value)),
            1 => format!("CACHE_URL=redis://:{}@cache", value.replace(['?', '#', ' ', '\n'], "")),
            2 => format!("CONFIG={{\"password\": {}}}", double(&value)),
            _ => format!("{}={value}", VARIABLES[chance.below(VARIABLES.len())]),
        };
        let name = if anchor && at == 0 { format!("&a{number} ") } else { String::new() };
        _ = writeln!(out, "      - {name}{}", scalar(chance, &item, 6));
        if chance.percent(10) {
            _ = writeln!(out, "      # a comment about {{{{ nothing }}}} and $$");
        }
    }
    if anchor {
        _ = writeln!(out, "      - *a{number}");
    }
    if chance.percent(40) {
        let value = values(chance);
        let token = "ghp_aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5";
        let arguments = [format!("--token={token}$(SUFFIX)"), value, "$$HOME $(cat /x) ${A:-b}".to_owned()];
        let arguments: Vec<String> = arguments.iter().map(|one| double(one)).collect();
        _ = writeln!(out, "    args: [{}]", arguments.join(", "));
    }
    _ = writeln!(out, "    expose: [{{port: 80, to: [{{global: true}}]}}]");
}

fn sdl(chance: &mut Chance, hostile: &[String]) -> String {
    let mut used: Vec<String> = Vec::new();
    let mut values = |chance: &mut Chance| {
        let value = match chance.below(10) {
            0 if !used.is_empty() => used[chance.below(used.len())].clone(),
            1 => format!("Xk3v9-{:016x}", chance.next()),
            2 => random_value(chance, hostile),
            3..5 => format!("p{}w{:08x}", hostile[chance.below(hostile.len())], chance.next() >> 32),
            _ => hostile[chance.below(hostile.len())].clone(),
        };
        used.push(value.clone());
        value
    };
    let mut out = String::from("---\nversion: \"2.0\"\nservices:\n");
    for number in 0..1 + chance.below(3) {
        service(chance, number, &mut values, &mut out);
    }
    out += "profiles:\n  compute: {}\n  placement: {}\ndeployment: {}\n";
    if chance.percent(10) { out.replace('\n', "\r\n") } else { out }
}

#[test]
fn generated_sdls_with_hostile_values_are_the_same_after_extract_and_render() {
    let hostile = hostile();
    let (mut extracted, mut nothing, mut faults) = (0, 0, Vec::new());
    let mut stopped: BTreeMap<String, usize> = BTreeMap::new();
    for case in 0..cases(10_000) {
        let text = sdl(&mut Chance::new(seed(0x0e87_7ac7) + case as u64), &hostile);
        match extract(&text) {
            Ok((_, values)) if values.is_empty() => nothing += 1,
            Ok((template, values)) => {
                extracted += 1;
                faults.extend(fault(&text, &template, &values).map(|fault| format!("case {case}: {fault}")));
            }
            Err(report) => {
                let message = report.diagnostics[0].message.clone();
                // The value stands in the SDL once more, which is told.
                if !message.ends_with("is here as well") && !message.ends_with("which is not a value") {
                    faults.push(format!("case {case}: {message}"));
                }
                *stopped.entry(message.split('`').next().unwrap_or_default().to_owned()).or_default() += 1;
            }
        }
    }
    println!("{extracted} extracted, {nothing} with nothing to extract, {stopped:?}");
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.iter().take(20).cloned().collect::<Vec<_>>().join("\n"));
    assert!(extracted * 10 > cases(10_000) * 6, "only {extracted} were extracted");
}

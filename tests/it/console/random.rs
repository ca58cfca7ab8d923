//! Random templates with random values: the Console makes of each what a render holds, and its SDL says nothing of the values.

#![allow(clippy::print_stdout, reason = "a passing test says how much it tried")]

use std::fmt::Write as _;

use super::{made, resolved, tree};
use crate::hostile::random::{self, Chance, cases, seed};
use crate::hostile::values::hostile;
use crate::support::Folder;
use crate::support::oracle::Oracle;

/// How many secrets there are.
const SECRETS: usize = 6;

/// A value, with one of the secrets in it, or two.
fn value(chance: &mut Chance) -> String {
    let secret = |chance: &mut Chance| {
        let filter = chance.of(&["", "", "", " | b64encode", " | urlencode", " | default(S0)", " | trim"]);
        format!("{{{{ {}S{}{filter} }}}}", chance.of(&["", "", "secrets.", "env."]), chance.below(SECRETS))
    };
    match chance.below(6) {
        0 => format!("{}://u:{}@h/$(HOME)", chance.of(&["db", "https"]), secret(chance)),
        1 => secret(chance) + &secret(chance),
        2 => format!("{}$", secret(chance)),
        _ => secret(chance),
    }
}

/// A scalar that holds `text`, in some style; `indent` is that of a block's lines.
fn scalar(chance: &mut Chance, text: &str, indent: &str) -> String {
    match chance.below(7) {
        0 => format!("'{}'", text.replace('\'', "''")),
        1 => format!("|\n{indent}{text}"),
        2 => format!(">-\n{indent}{text}"),
        3 => format!("!!str \"{text}\""),
        _ => format!("\"{text}\""),
    }
}

/// An SDL, as far as the Console resolves references in it.
fn template(chance: &mut Chance) -> String {
    let mut text = "version: \"2.0\"\nservices:\n".to_owned();
    let count = 1 + chance.below(4);
    for service in 0..count {
        let (anchor, earlier) = (format!("&s{service} "), chance.below(service.max(1)));
        let _ = writeln!(text, "  {}{service}: {anchor}", chance.of(&["web", "my-api", "db"]));
        if service > 0 && chance.percent(30) {
            let _ = writeln!(text, "    <<: *s{earlier}");
        }
        if chance.percent(60) {
            let (username, password) = (value(chance), value(chance));
            let username = if chance.percent(50) { "bot".to_owned() } else { scalar(chance, &username, "        ") };
            let password = scalar(chance, &password, "        ");
            let _ = writeln!(
                text,
                "    credentials: &c{service}\n      host: ghcr.io\n      username: {username}\n      password: {password}"
            );
        }
        if service > 0 && chance.percent(20) && text.contains(&format!("&e{earlier}\n")) {
            let _ = writeln!(text, "    env: *e{earlier}");
            continue;
        }
        let _ = writeln!(text, "    env: &e{service}");
        for item in 0..1 + chance.below(5) {
            let name = chance.of(&["TOKEN", "URL", "A.B", "x-y", "S0", "S1"]);
            let text_of = match chance.below(4) {
                0 => format!("{name}{item}=plain # $(HOME)"),
                _ => format!("{name}{item}={}", value(chance)),
            };
            let item = scalar(chance, &text_of, "        ");
            let _ = writeln!(text, "      - {item}  {}", if item.contains('\n') { "" } else { "# {{ COMMENT }}" });
        }
    }
    text
}

#[test]
fn random_templates_go_to_the_console() {
    let (seed, wanted, hostile) = (seed(7), cases(400), hostile());
    let (mut sdls, mut maps, mut rendered, mut references) = (Vec::new(), Vec::new(), Vec::new(), 0);
    let folder = Folder::new();
    for number in 0..wanted {
        let mut chance = Chance::new(seed.wrapping_mul(0x0100_0001).wrapping_add(number as u64));
        let template = template(&mut chance);
        let mut values = || -> Vec<(String, String)> {
            let fits = |value: &String| !value.contains('\0') && value.len() < 2000;
            let value = |chance: &mut Chance| {
                std::iter::repeat_with(|| random::value(chance, &hostile)).find(fits).expect("one that fits")
            };
            (0..SECRETS).map(|at| (format!("S{at}"), value(&mut chance))).collect()
        };
        let (one, other) = (values(), values());
        folder.file("t.yaml", &template);
        let run = |values: &[(String, String)]| {
            let variables: Vec<(&str, &str)> = values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            (
                made(&folder, &variables, &["--allow-empty", "--no-check"]),
                variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Vec<_>>(),
            )
        };
        let ((first, variables), (second, _)) = (run(&one), run(&other));
        assert_eq!(first.sdl, second.sdl, "{template}");
        for (_, value) in one.iter().chain(&other).filter(|(_, value)| value.len() >= 8 && !template.contains(value)) {
            assert!(!first.sdl.contains(value.as_str()), "{template}\n{value}");
        }
        let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let whole = folder.run(&["t.yaml", "--allow-empty", "--no-keychain"], &variables).ok();
        assert_eq!(resolved(&tree(&first.sdl), &first.values), tree(&whole), "{template}\n{}", first.sdl);
        references += first.values.len();
        sdls.push(first.sdl);
        maps.push(first.values);
        rendered.push(whole);
    }
    let read = Oracle::JsYaml.read(&sdls).zip(Oracle::JsYaml.read(&rendered));
    for ((sdl, whole), values) in read.iter().flat_map(|(sdls, whole)| sdls.iter().zip(whole)).zip(&maps) {
        let (Ok(sdl), Ok(whole)) = (sdl, whole) else { panic!("{sdl:?} {whole:?}") };
        assert_eq!(&resolved(sdl, values), whole);
    }
    println!("{references} references in {wanted} templates");
}

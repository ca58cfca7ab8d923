//! What the fuzz targets in `fuzz/` call: readers of texts from outside, and what must hold of whatever they read.
//!
//! A function returns when all is well, and panics when something does not hold.

use std::ffi::OsString;

use zeroize::Zeroizing;

use crate::credential;
use crate::diagnostic::REPORT_BUG;
use crate::facade::{Document, Problem};
use crate::registry::host::{Match, serves, suggestion};
use crate::registry::reference::Reference;
use crate::source::Content;
use crate::template::read_values;
use crate::yaml::judge;

#[cfg(feature = "verify")]
pub use crate::verify::fuzzing::{challenge, manifest};

/// Lets panics pass that only mean that the judge refuses a text; any other goes to the fuzzer's own hook, which ends the process.
pub fn begin() {
    let end = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !judge::is_reading() {
            end(info);
        }
    }));
}

/// The parts of an input, which 0xFF separates: no text has that byte.
fn parts(data: &[u8]) -> Option<Vec<&str>> {
    data.split(|byte| *byte == 0xff).map(|part| std::str::from_utf8(part).ok()).collect()
}

/// `problems` are about the input, and none of them shows one of `secrets`.
fn are_honest(problems: &[Problem], secrets: &[&str]) {
    for problem in problems {
        assert!(!problem.help().iter().any(|help| help == REPORT_BUG), "a bug is reported");
        let drawn = problem.to_string();
        assert!(!secrets.iter().any(|secret| drawn.contains(secret)), "a secret is shown");
        assert!(!drawn.chars().any(|c| c.is_control() && c != '\n' && c != '\t'), "a control character is shown");
    }
}

/// A value that no template has by chance, so that it can be looked for.
const CANARY: &str = "canary-5f1e9c";

/// Fills a template with the values after it: each name gets one of them. A result is proven by the program itself, which reports a bug
/// where it can't.
pub fn splice(data: &[u8]) {
    let Some(parts) = parts(data) else { return };
    let (template, values) = (parts[0], &parts[1..]);
    let canaries: Vec<String> = values.iter().map(|value| format!("{value}{CANARY}")).collect();
    let secrets: Vec<&str> = if template.contains(CANARY) { Vec::new() } else { vec![CANARY] };
    for rules in [true, false] {
        let document = Document::new(template).allow_empty().variable("V", values.first().unwrap_or(&"1"));
        let document = if rules { document } else { document.without_rules() };
        let given: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
        let given = if rules { canaries.clone() } else { given };
        let rendered = document.render(move |name| {
            let at = name.bytes().map(usize::from).sum::<usize>() % given.len().max(1);
            given.get(at).map(|value| Zeroizing::new(value.clone()))
        });
        match rendered {
            Ok(rendered) => are_honest(rendered.warnings(), if rules { &secrets } else { &[] }),
            Err(problems) => are_honest(&problems, if rules { &secrets } else { &[] }),
        }
    }
}

/// Checks a template.
pub fn check(data: &[u8]) {
    let Ok(template) = std::str::from_utf8(data) else { return };
    are_honest(&Document::new(template).check(), &[]);
}

/// Reads a `.env` file.
pub fn dotenv(text: &[u8]) {
    let environment = |name: &str| (name.len() % 3 == 1).then(|| OsString::from("of the environment"));
    let content = Content::read(text, &environment);
    let mut size = 0;
    for name in content.names() {
        match content.get(name) {
            Some(Ok(value)) => size += value.expose().len(),
            Some(Err(flaw)) => assert!(flaw.line > 0, "a flaw is on a line"),
            None => panic!("a name without a value"),
        }
    }
    assert!(size <= text.len() + (1 << 20) + 18 * text.len(), "references grow the file");
    let Ok(text) = std::str::from_utf8(text) else { return };
    for finding in credential::dotenv(text) {
        assert!(text.get(finding.range).is_some(), "a finding is about a part of the text");
    }
}

/// Reads an image reference, and asks whether the credentials of the host after it serve it.
pub fn reference(data: &[u8]) {
    let Some(parts) = parts(data) else { return };
    let (image, host) = (parts[0], parts.get(1).copied().unwrap_or_default());
    let Ok(reference) = Reference::parse(image) else { return };
    serves(host, &reference);
    // The grammar takes `[:]` for an address, which no host can be.
    let suits = reference.domain.starts_with('[') || serves(&suggestion(&reference), &reference) == Match::Yes;
    assert!(suits, "the suggested host serves the image");
    let tag = reference.tag.map_or_else(String::new, |tag| format!(":{tag}"));
    let digest = reference.digest.map_or_else(String::new, |digest| format!("@{digest}"));
    let whole = format!("{}{tag}{digest}", reference.repository());
    assert_eq!(Reference::parse(&whole).as_ref(), Ok(&reference), "a reference in full is itself");
}

/// Reads a values file, as each of its formats.
pub fn values(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for extension in ["yaml", "json", "toml"] {
        // An error holds nothing of the text.
        let _ = read_values(text, extension);
    }
}

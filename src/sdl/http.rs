//! `services.NAME.expose[].http_options`: `go/sdl/v2.go:94-167`.

use crate::finding::Rule;
use crate::tree::Id;

use super::decode::{Decoder, Null};
use super::report::{Report, listed};
use super::value::{Field, List, Part};

/// Options of the HTTP proxy, those with a limit.
#[derive(Debug, Default)]
pub(super) struct HttpOptions<'t> {
    limited: [Field<u32>; 4],
    next_cases: List<Field<&'t str>>,
}

impl Part for HttpOptions<'_> {
    fn unknown() -> Self {
        Self::default()
    }
}

/// The limits, and what they count.
const LIMITS: [(&str, u32, &str); 4] = [
    ("max_body_size", 104_857_600, "bytes"),
    ("proxy_buffer_size", 1_048_576, "bytes"),
    ("read_timeout", 60_000, "milliseconds"),
    ("send_timeout", 60_000, "milliseconds"),
];

const CASES: [&str; 10] = ["error", "timeout", "500", "502", "503", "504", "403", "404", "429", "off"];

pub(super) fn http_options<'t>(decoder: &mut Decoder<'t>, value: Id) -> HttpOptions<'t> {
    let [body, buffer, read, send] = LIMITS.map(|(name, ..)| name);
    let known = [body, buffer, read, send, "next_tries", "next_timeout", "next_cases"];
    decoder.fields(value, "a mapping", Null::Warn, &known, |decoder, options: &mut HttpOptions<'t>, key, value| {
        if key.name == "next_cases" {
            options.next_cases = decoder.texts(value, Null::Warn);
            return;
        }
        let number = decoder.number(value, Null::Warn);
        if let Some(at) = LIMITS.iter().position(|(name, ..)| *name == key.name) {
            options.limited[at] = number;
        }
    })
}

/// What is asked of a deployed service's options.
pub(super) fn check(report: &mut Report<'_>, options: &HttpOptions<'_>) {
    for ((name, limit, unit), field) in LIMITS.iter().zip(options.limited) {
        if let (Some(node), Some(_)) = (field.node, field.value.filter(|number| number > limit)) {
            let message = format!("`{name}` is above the limit");
            report.add(Rule::HttpOptionLimit, node, &message, &format!("write at most {limit} ({unit})"));
        }
    }
    let cases = &options.next_cases.items;
    for case in cases {
        let (Some(node), Some(text)) = (case.node, case.value) else { continue };
        if text == "off" && cases.len() > 1 {
            report.add(Rule::NextCaseOff, node, "`off` stands beside other cases", "leave `off` alone, or remove it");
        } else if !CASES.contains(&text) {
            let message = format!("{} is not a case for the next try", report.quote(node));
            report.add(Rule::NextCase, node, &message, &format!("known: {}", listed(&CASES)));
        }
    }
}

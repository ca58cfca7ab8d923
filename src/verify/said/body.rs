//! The texts in the body of a refusal, whatever it is written in: JSON, a page, plain text.

use serde_json::Value;
use zeroize::Zeroizing;

/// The most that is read of a body, in bytes.
const MOST: usize = 64 * 1024;

/// How deep a text may lie in JSON.
const DEPTH: usize = 6;

/// The members of JSON that hold a text or lead to one, in small letters and in the order in which they are believed: `errors` is that of
/// the OCI distribution specification ("Error Codes"), `error_description` of RFC 6749, `detail` and `title` of RFC 9457. The others are
/// what token servers, clouds and proxies use instead.
const MEMBERS: [&str; 15] = [
    "errors",
    "message",
    "msg",
    "error_description",
    "description",
    "error_message",
    "errormessage",
    "detail",
    "details",
    "reason",
    "error",
    "title",
    "fault",
    "faultstring",
    "code",
];

/// The elements of a page that hold a text, in the order in which they are believed: first those of the clouds' XML.
const ELEMENTS: [&str; 6] = ["message", "details", "title", "h1", "h2", "p"];

/// The texts in `body`.
pub(super) fn texts(body: &[u8]) -> Vec<Zeroizing<String>> {
    let text = Zeroizing::new(String::from_utf8_lossy(&body[..body.len().min(MOST)]).into_owned());
    let text = text.trim_start_matches('\u{feff}').trim();
    let mut found = Vec::new();
    match serde_json::from_str::<Value>(text) {
        Ok(json) => of_json(&json, 0, &mut found),
        Err(_) if text.starts_with('<') => of_page(text, &mut found),
        Err(_) => found.push(Zeroizing::new(text.to_owned())),
    }
    found
}

fn of_json(json: &Value, depth: usize, found: &mut Vec<Zeroizing<String>>) {
    match json {
        Value::String(text) => found.push(Zeroizing::new(text.clone())),
        Value::Array(items) if depth < DEPTH => items.iter().for_each(|item| of_json(item, depth + 1, found)),
        Value::Object(members) if depth < DEPTH => {
            for wanted in MEMBERS {
                let named = members.iter().filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
                named.for_each(|(_, value)| of_json(value, depth + 1, found));
            }
        }
        _ => {}
    }
}

fn of_page(page: &str, found: &mut Vec<Zeroizing<String>>) {
    // Only ASCII is folded, so that places stay the same.
    let fold = Zeroizing::new(page.to_ascii_lowercase());
    for element in ELEMENTS {
        let (open, close) = (format!("<{element}"), format!("</{element}"));
        let mut rest = 0;
        while let Some(start) = fold[rest..].find(&open).map(|at| rest + at + open.len()) {
            rest = start;
            // Another element may begin with the same letters.
            let Some(inside) = fold[start..].find('>').map(|at| start + at + 1) else { break };
            if !fold[start..].starts_with(['>', ' ', '\t', '\r', '\n', '/']) {
                continue;
            }
            let end = fold[inside..].find(&close).map_or(page.len(), |at| inside + at);
            found.push(without_markup(&page[inside..end]));
            rest = end;
        }
    }
}

/// The text of a piece of a page: without tags, and with the characters that entities represent.
fn without_markup(piece: &str) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(piece.len()));
    let mut rest = piece;
    while let Some(at) = rest.find(['<', '&']) {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = if rest.starts_with('<') { '>' } else { ';' };
        let Some(length) = rest.find(end).filter(|length| end == '>' || *length <= 8) else {
            text.push_str(&rest[..1]);
            rest = &rest[1..];
            continue;
        };
        if end == ';' {
            match entity(&rest[1..length]) {
                Some(c) => text.push(c),
                None => text.push_str(&rest[..=length]),
            }
        } else {
            text.push(' ');
        }
        rest = &rest[length + 1..];
    }
    text.push_str(rest);
    text
}

fn entity(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" | "ldquo" | "rdquo" => Some('"'),
        "apos" | "lsquo" | "rsquo" => Some('\''),
        "nbsp" => Some(' '),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_in_every_kind_of_body() {
        for (body, expected) in [
            (r#"{"errors":[{"code":"A","message":"b","detail":{"Reason":"c"}}]}"#, &["b", "c", "A"][..]),
            (r#"{"errors":[{"code":"A","detail":[{"Type":"repository","Name":"n"}]},"d"]}"#, &["A", "d"]),
            (r#"{"Error":{"Code":7,"Message":"m"},"title":"t","detail":"d"}"#, &["d", "m", "t"]),
            (r#"[{"msg":"m"}]"#, &["m"]),
            (r#""only this""#, &["only this"]),
            ("{\"errors\":null}", &[]),
            (
                "\u{feff}<!DOCTYPE html><HTML><Title lang=en>4&#48;3</Title><header>x</header><p>a <b>b</b> &amp; &lt;c&gt; &x; & d",
                &["403", "a  b  & <c> &x; & d"],
            ),
            ("<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>No.</Message></Error>", &["No."]),
            ("<titles><title", &[]),
            ("plain", &["plain"]),
            ("", &[""]),
        ] {
            let found: Vec<String> = texts(body.as_bytes()).into_iter().map(|text| text.to_string()).collect();
            assert_eq!(found, expected, "{body}");
        }
        assert_eq!(*texts(b"caf\xe9")[0], "caf\u{fffd}");
    }
}

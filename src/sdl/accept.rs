//! `services.NAME.expose[].accept`: host names. Each is parsed as `http://NAME` by Go's net/url when the SDL is read
//! (`go/sdl/expose.go`), and must be an RFC 1123 subdomain in the manifest (`go/manifest/v2beta3/helpers.go`).

use crate::finding::Rule;
use crate::tree::Id;

use super::decode::{Decoder, Null};
use super::report::Report;
use super::value::{Field, List};

const HELP: &str = "write a bare host name in lower case, such as `app.example.com`: no scheme, port, path or `*`";

pub(super) fn hosts<'t>(decoder: &mut Decoder<'t>, value: Id) -> List<Field<&'t str>> {
    let mut hosts = decoder.texts(value, Null::Warn);
    for host in &mut hosts.items {
        let (Some(node), Some(text)) = (host.node, host.value) else { continue };
        if !is_url_rest(text) {
            let message = format!("{} is not a host name", decoder.report.quote(node));
            decoder.report.add(Rule::AcceptHost, node, &message, HELP);
            host.value = None;
        }
    }
    hosts
}

/// What is asked of a deployed service's host names.
pub(super) fn check(report: &mut Report<'_>, hosts: &List<Field<&str>>) {
    for host in &hosts.items {
        let (Some(node), Some(text)) = (host.node, host.value) else { continue };
        if !is_host_name(text) {
            let message = format!("{} is not a host name that can be served", report.quote(node));
            report.add(Rule::AcceptHost, node, &message, HELP);
        }
    }
}

/// k8s.io/apimachinery `IsDNS1123Subdomain`: labels of lower-case letters, digits and `-`, 253 characters in all.
fn is_host_name(text: &str) -> bool {
    let label = |label: &[u8]| {
        let inner = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-';
        !label.is_empty() && label.iter().all(inner) && !label.starts_with(b"-") && !label.ends_with(b"-")
    };
    text.len() <= 253 && text.as_bytes().split(|byte| *byte == b'.').all(label)
}

/// Whether Go's `url.ParseRequestURI` takes `http://` and `text`.
fn is_url_rest(text: &str) -> bool {
    // A bare name, as nearly all are.
    if text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-')) {
        return true;
    }
    if text.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
        return false;
    }
    // A query may hold anything.
    let rest = text.split('?').next().unwrap_or("");
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (user, host) = authority.rsplit_once('@').map_or(("", authority), |(user, host)| (user, host));
    let user_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(&byte);
    user.bytes().all(user_byte) && escapes(user, |_| true) && escapes(path, |_| true) && is_host(host)
}

/// The host and port of an authority, as `parseHost` takes them.
fn is_host(host: &str) -> bool {
    let port = match host.strip_prefix('[') {
        Some(rest) => match rest.rfind(']') {
            Some(end) => &rest[end + 1..],
            None => return false,
        },
        None => host.rfind(':').map_or("", |at| &host[at..]),
    };
    let good_port = port.is_empty() || port.strip_prefix(':').is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit()));
    let byte = |byte: u8| byte >= 0x80 || byte.is_ascii_alphanumeric() || b"!$&'()*+,;=:[]<>\"-._~%".contains(&byte);
    // A percent sign may stand for a byte beyond ASCII, or for itself.
    good_port && host.bytes().all(byte) && escapes(host, |code| code >= 0x80 || code == b'%')
}

/// Whether each percent sign begins an escape whose byte is `allowed`.
fn escapes(text: &str, allowed: impl Fn(u8) -> bool) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'%', bytes).all(|at| {
        let code = text.get(at + 1..at + 3).filter(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()));
        code.and_then(|code| u8::from_str_radix(code, 16).ok()).is_some_and(&allowed)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Go's net/url answered.
    #[test]
    fn urls_are_parsed_as_go_parses_them() {
        let good =
            ["", "a:80", "a/b", "a%ff", "[::1]", "a@b", "a?b c", "<x>", "é", "*.a.b", "a:", "::1", "a:1:2", "a%25b", "\"", "a,b"];
        for text in good {
            assert!(is_url_rest(text), "{text}");
        }
        let bad = ["a b", "a:b", "a/%zz", "a%41", "[::1", "a b@c", "#x", "a#b", "a\\b", "{x}", "a\tb", "a|b", "a^b", "`"];
        for text in bad {
            assert!(!is_url_rest(text), "{text}");
        }
    }
}

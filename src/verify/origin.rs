//! Hosts: the target of a request, and the target of an address sent by a server.

/// A host with its port, and whether it is used without TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HttpOrigin {
    pub(super) authority: String,
    pub(super) plain: bool,
}

/// Resolves `location` relative to `origin`: an origin, and a path with its query.
pub(super) fn resolve(origin: &HttpOrigin, location: &str) -> Option<(HttpOrigin, String)> {
    let (plain, rest) = match location.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => (false, rest),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => (true, rest),
        Some(_) if !location.starts_with('/') => return None,
        _ => match location.strip_prefix("//") {
            Some(rest) => (origin.plain, rest),
            None if location.starts_with('/') => {
                return Some((origin.clone(), without_fragment(location).to_owned()));
            }
            None => return None,
        },
    };
    let rest = without_fragment(rest);
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    // An address with a username and password is refused: credentials from a server are never sent on.
    let host = host_of(authority);
    let valid = !host.is_empty()
        && (!host.contains(':') || host.starts_with('[') && host.ends_with(']'))
        && authority.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte));
    let default = if plain { ":80" } else { ":443" };
    let authority = authority.strip_suffix(default).filter(|_| !origin.authority.ends_with(default)).unwrap_or(authority);
    valid.then(|| (HttpOrigin { authority: authority.to_ascii_lowercase(), plain }, path))
}

fn without_fragment(text: &str) -> &str {
    text.split_once('#').map_or(text, |(text, _)| text)
}

/// A host sent by a server, for messages: shortened, and only characters that host names consist of.
pub(super) fn shown(authority: &str) -> String {
    authority.chars().filter(|c| c.is_ascii_alphanumeric() || ".-:[]".contains(*c)).take(80).collect()
}

/// Percent-encodes a value for a query, all but letters, digits and the bytes in `plain`.
pub(super) fn encode(value: &str, plain: &str, into: &mut String) {
    for byte in value.bytes() {
        match byte {
            byte if byte.is_ascii_alphanumeric() || plain.as_bytes().contains(&byte) => into.push(char::from(byte)),
            byte => into.push_str(&format!("%{byte:02X}")),
        }
    }
}

/// The host of an authority, without its port.
pub(super) fn host_of(authority: &str) -> &str {
    match authority.rfind(':') {
        Some(colon) if !authority[colon..].contains(']') => &authority[..colon],
        _ => authority,
    }
}

/// Whether `authority` is this machine.
pub(super) fn is_loopback(authority: &str) -> bool {
    let host = host_of(authority);
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(authority: &str, plain: bool) -> HttpOrigin {
        HttpOrigin { authority: authority.to_owned(), plain }
    }

    #[test]
    fn addresses_are_resolved() {
        let from = origin("r.io:5000", false);
        let cases = [
            ("/v2/x?y#z", Some((origin("r.io:5000", false), "/v2/x?y"))),
            ("https://R.io:5000/x", Some((origin("r.io:5000", false), "/x"))),
            ("https://a.io:443/x", Some((origin("a.io", false), "/x"))),
            ("http://a.io:80", Some((origin("a.io", true), "/"))),
            ("HTTP://a.io:443/x", Some((origin("a.io:443", true), "/x"))),
            ("//a.io/x", Some((origin("a.io", false), "/x"))),
            ("https://a.io?x=1", Some((origin("a.io", false), "/?x=1"))),
            ("https://[::1]:1/x", Some((origin("[::1]:1", false), "/x"))),
            ("https://user:secret@a.io/x", None),
            ("https://", None),
            ("//:443/x", None),
            ("https://:8080/x", None),
            ("https://a.io:80:443/x", None),
            ("https://[::1]x/", None),
            ("https://a.io\\@b.io/", None),
            ("ftp://a.io/x", None),
            ("x/y", None),
            ("", None),
        ];
        for (location, expected) in cases {
            let expected = expected.map(|(origin, path)| (origin, path.to_owned()));
            assert_eq!(resolve(&from, location), expected, "{location}");
        }
    }

    #[test]
    fn this_machine_is_recognised() {
        for host in ["localhost", "LOCALHOST:1", "127.0.0.1:5000", "127.9.9.9", "[::1]:5000"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["localhost.example.com", "128.0.0.1", "127.0.0.1.example.com", "[::2]", "ghcr.io"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}

//! URLs: `net/url`, and hosts with ports: `net.SplitHostPort`.

/// The parts of a URL that Akash and kubelet look at, decoded.
pub(crate) struct Url {
    /// With the port.
    pub(crate) host: Vec<u8>,
    pub(crate) path: Vec<u8>,
}

impl Url {
    /// `url.Parse` of `https://` and `text`; none where that gives an error.
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        let (text, fragment) = cut(text, b'#');
        if fragment.iter().any(u8::is_ascii_control) {
            return None;
        }
        unescape(fragment)?;
        Self::without_fragment(text)
    }

    /// `url.ParseRequestURI` of `http://` and `text`, which takes `#` for any other character; none where that gives an error.
    pub(crate) fn parse_request(text: &[u8]) -> Option<Self> {
        Self::without_fragment(text)
    }

    fn without_fragment(text: &[u8]) -> Option<Self> {
        if text.iter().any(u8::is_ascii_control) {
            return None;
        }
        // A query may hold anything.
        let (text, _query) = cut(text, b'?');
        let (authority, path) = text.split_at(memchr::memchr(b'/', text).unwrap_or(text.len()));
        let host = match memchr::memrchr(b'@', authority) {
            Some(at) => {
                let user = &authority[..at];
                let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(byte);
                if !user.iter().all(plain) {
                    return None;
                }
                unescape(user)?;
                &authority[at + 1..]
            }
            None => authority,
        };
        Some(Self { host: host_name(host)?, path: unescape(path)? })
    }
}

fn cut(text: &[u8], at: u8) -> (&[u8], &[u8]) {
    memchr::memchr(at, text).map_or((text, b"".as_slice()), |index| (&text[..index], &text[index + 1..]))
}

/// Decodes `%XX`; none when a `%` is not followed by two hexadecimal digits.
fn unescape(text: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::with_capacity(text.len());
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        plain.push(match byte {
            b'%' => {
                let mut digit = || bytes.next().and_then(|digit| char::from(*digit).to_digit(16));
                let (high, low) = (digit()?, digit()?);
                (high * 16 + low) as u8
            }
            byte => *byte,
        });
    }
    Some(plain)
}

/// Decodes a host with its port; none where Go refuses it: characters beyond those of RFC 3986, an escape of an ASCII character,
/// a port that is not a number, brackets that don't close.
fn host_name(host: &[u8]) -> Option<Vec<u8>> {
    let port = match host.strip_prefix(b"[") {
        Some(_) => memchr::memrchr(b']', host)? + 1,
        None => memchr::memrchr(b':', host).unwrap_or(host.len()),
    };
    let digits = match &host[port..] {
        [] => &[],
        [b':', digits @ ..] => digits,
        _ => return None,
    };
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || !byte.is_ascii() || b"!$&'()*+,;=:[]<>\"-_.~%".contains(byte);
    let escapes = |text: &[u8]| text.windows(3).any(|three| three[0] == b'%' && three[1] < b'8' && three != b"%25");
    if !digits.iter().all(u8::is_ascii_digit) || !host.iter().all(allowed) || escapes(host) {
        return None;
    }
    unescape(host)
}

/// Host and port as `net.SplitHostPort` gives them; where that fails, all of it is the host.
pub(crate) fn split_port(host: &[u8]) -> (&[u8], &[u8]) {
    let whole = (host, b"".as_slice());
    let Some(colon) = memchr::memrchr(b':', host) else { return whole };
    let (name, port) = (&host[..colon], &host[colon + 1..]);
    let bracket = |text: &[u8]| text.contains(&b'[') || text.contains(&b']');
    match name {
        [b'[', address @ .., b']'] if !bracket(address) && !bracket(port) => (address, port),
        _ if bracket(host) || name.contains(&b':') => whole,
        _ => (name, port),
    }
}

#[cfg(test)]
mod tests {
    use super::Url;

    /// What Go's net/url answered.
    #[test]
    fn requests_are_parsed_as_go_parses_them() {
        let good =
            ["", "a:80", "a/b", "a%ff", "[::1]", "a@b", "a?b c", "<x>", "é", "*.a.b", "a:", "::1", "a:1:2", "a%25b", "\"", "a,b"];
        for text in good {
            assert!(Url::parse_request(text.as_bytes()).is_some(), "{text}");
        }
        let bad = ["a b", "a:b", "a/%zz", "a%41", "[::1", "a b@c", "#x", "a#b", "a\\b", "{x}", "a\tb", "a|b", "a^b", "`"];
        for text in bad {
            assert!(Url::parse_request(text.as_bytes()).is_none(), "{text}");
        }
    }
}

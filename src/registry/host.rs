//! Which `credentials.host` matches which image: the algorithm of kubelet (`pkg/credentialprovider/keyring.go`, `Add` and `Lookup`).
//!
//! Akash's provider writes the host unchanged into a Kubernetes secret; kubelet turns it into a key and looks for keys that match the image.
//! Without a match, kubelet pulls anonymously, so the error looks like a missing image.

use super::reference::{DOCKER_HUB, Reference};

/// The key that matches every image on Docker Hub, and images whose registry has neither a dot nor a port.
const DEFAULT_KEY: &[u8] = b"index.docker.io";

/// What kubelet does with the credentials of a host for an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// It uses them.
    Yes,
    /// It does not use them.
    No,
    /// It drops them, because the host is not a valid URL.
    Ignored,
}

/// Whether kubelet uses credentials for `host` when it pulls `image`. The caller trims the host for SDL version 2.1.
///
/// Kubelets built with different versions of Go differ on brackets in a host name; this is the older behaviour, which accepts more.
pub fn serves(host: &str, image: &Reference<'_>) -> Match {
    let bare = host.strip_prefix("https://").or_else(|| host.strip_prefix("http://")).unwrap_or(host);
    // The usual case: the registry itself, without characters that are special in a URL or a glob.
    if bare == image.domain && bare.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-')) {
        return Match::Yes;
    }
    let Some(mut url) = Url::parse(bare.as_bytes()) else { return Match::Ignored };
    // `/v1/` and `/v2/` are the paths of registry APIs; without the final slash, they are ordinary paths.
    if url.path.starts_with(b"/v1/") || url.path.starts_with(b"/v2/") {
        url.path.drain(..3);
    }
    if url.path == b"/" {
        url.path.clear();
    }
    let key = [url.host, url.path].concat();
    let repository = image.repository();
    let matched = match (Url::parse(&key), Url::parse(repository.as_bytes())) {
        (Some(glob), Some(target)) => glob.matches(&target),
        _ => false,
    };
    let default = image.domain == DOCKER_HUB || !image.domain.contains(['.', ':']);
    if matched || default && key == DEFAULT_KEY { Match::Yes } else { Match::No }
}

/// The recommended host for `image`, in the form used in its registry's documentation: `https://index.docker.io/v1/`, `https://ghcr.io`.
pub fn suggestion(image: &Reference<'_>) -> String {
    match image.domain {
        DOCKER_HUB => "https://index.docker.io/v1/".to_owned(),
        domain if domain.contains(':') || domain == "localhost" => domain.to_owned(),
        domain => format!("https://{domain}"),
    }
}

/// The parts of a URL that kubelet uses, decoded.
struct Url {
    /// With the port.
    host: Vec<u8>,
    path: Vec<u8>,
}

impl Url {
    /// Parses what follows `https://` as Go's `net/url` does; none if that gives an error.
    fn parse(text: &[u8]) -> Option<Self> {
        let (text, fragment) = cut(text, b'#');
        if text.iter().any(u8::is_ascii_control) {
            return None;
        }
        unescape(fragment)?;
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

    /// Whether this key matches `target`: the same number of labels, each matching as a glob; the same port; and a path that begins with the
    /// key's (`URLsMatch`).
    fn matches(&self, target: &Self) -> bool {
        let ((name, port), (target_name, target_port)) = (split_port(&self.host), split_port(&target.host));
        let (mut globs, mut labels) = (name.split(|byte| *byte == b'.'), target_name.split(|byte| *byte == b'.'));
        let same = loop {
            match (globs.next(), labels.next()) {
                (None, None) => break true,
                (Some(pattern), Some(label)) if glob(pattern, label) => {}
                _ => break false,
            }
        };
        port == target_port && same && target.path.starts_with(&self.path)
    }
}

fn cut(text: &[u8], at: u8) -> (&[u8], &[u8]) {
    memchr::memchr(at, text).map_or((text, b"".as_slice()), |index| (&text[..index], &text[index + 1..]))
}

/// Decodes `%XX`; none if a `%` is not followed by two hexadecimal digits.
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

/// Decodes a host with its port; none if Go refuses it: characters not allowed by RFC 3986, an escaped ASCII character, a port that is not a
/// number, unclosed brackets.
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

/// The host and port according to Go's `net.SplitHostPort`; if that gives an error, all of it is the host.
fn split_port(host: &[u8]) -> (&[u8], &[u8]) {
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

/// One step of a glob.
enum Step {
    /// `*`
    Any,
    /// One of these ranges: `[a-z0]`, or a literal character.
    One(Vec<(u8, u8)>),
}

/// Whether `label` matches `pattern` according to Go's `filepath.Match`. Of its special characters, a host can contain only `*` and `[a-z]`:
/// `?` begins a query, and `\` and `^` are refused. A label of an image is ASCII.
fn glob(pattern: &[u8], label: &[u8]) -> bool {
    let Some(steps) = steps(pattern) else { return false };
    let (mut step, mut at) = (0, 0);
    // Where to continue after a mismatch: after the last `*`, which matches one more byte each time.
    let mut retry = None;
    loop {
        match steps.get(step) {
            Some(Step::Any) => {
                step += 1;
                retry = Some((step, at));
                continue;
            }
            Some(Step::One(ranges)) if label.get(at).is_some_and(|byte| within(ranges, *byte)) => {
                (step, at) = (step + 1, at + 1);
                continue;
            }
            None if at == label.len() => return true,
            _ => {}
        }
        match retry {
            Some((behind, from)) if from < label.len() => {
                retry = Some((behind, from + 1));
                (step, at) = (behind, from + 1);
            }
            _ => return false,
        }
    }
}

fn within(ranges: &[(u8, u8)], byte: u8) -> bool {
    ranges.iter().any(|(low, high)| (*low..=*high).contains(&byte))
}

/// The steps of a glob; none if a class is invalid: unclosed, empty, or a range without an end.
fn steps(pattern: &[u8]) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut rest = pattern;
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        steps.push(match first {
            b'*' => Step::Any,
            b'[' => {
                let mut ranges = Vec::new();
                loop {
                    let low = *rest.first()?;
                    rest = &rest[1..];
                    match low {
                        b']' if !ranges.is_empty() => break,
                        b']' | b'-' => return None,
                        _ => {}
                    }
                    let mut high = low;
                    if let [b'-', end, ..] = rest {
                        (high, rest) = (*end, &rest[2..]);
                        if matches!(high, b']' | b'-') {
                            return None;
                        }
                    }
                    ranges.push((low, high));
                }
                Step::One(ranges)
            }
            byte => Step::One(vec![(*byte, *byte)]),
        });
    }
    Some(steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(host: &str, image: &str) -> Match {
        serves(host, &Reference::parse(image).unwrap())
    }

    #[test]
    fn hosts_match_images_as_in_kubelet() {
        let (yes, no, ignored) = (Match::Yes, Match::No, Match::Ignored);
        let ecr = "123456789012.dkr.ecr.us-east-1.amazonaws.com/r:1";
        let cases = [
            ("https://index.docker.io/v1/", "team/app", yes),
            ("https://index.docker.io/v1", "team/app", no),
            ("https://index.docker.io/v1/team", "team/app", no),
            ("https://index.docker.io/v1/", "ghcr.io/o/a", no),
            ("https://index.docker.io/v1/", "localhost/a", yes),
            ("index.docker.io", "localhost:5000/a", no),
            ("docker.io/te", "team/app", yes),
            ("registry-1.docker.io", "team/app", no),
            ("http://ghcr.io/v2/", "ghcr.io/o/a", yes),
            ("https://ghcr.io/v2", "ghcr.io/o/a", no),
            ("https://ghcr.io/v2/o/", "ghcr.io/o/a", yes),
            ("ghcr.io//", "ghcr.io/o/a", no),
            ("GHCR.IO", "ghcr.io/o/a", no),
            ("HTTPS://ghcr.io", "ghcr.io/o/a", no),
            ("ghcr.io:443", "ghcr.io/o/a", no),
            ("user:pa%3Ass@ghcr.io#x", "ghcr.io/o/a", yes),
            ("us er@ghcr.io", "ghcr.io/o/a", ignored),
            ("ghcr.io ", "ghcr.io/o/a", ignored),
            ("ghcr.io\n", "ghcr.io/o/a", ignored),
            ("ghcr.io:port", "ghcr.io/o/a", ignored),
            ("gh%63r.io", "ghcr.io/o/a", ignored),
            ("ghcr.io/%6f", "ghcr.io/o/a", yes),
            ("ghcr.io/%6", "ghcr.io/o/a", ignored),
            ("", "ghcr.io/o/a", no),
            ("*", "ghcr.io/o/a", no),
            ("*.*", "ghcr.io/o/a", yes),
            ("*.dkr.ecr.*.amazonaws.com", ecr, yes),
            ("*9012.dkr.ecr.us-*-1.amazonaws.com", ecr, yes),
            ("*9013.dkr.ecr.us-*-1.amazonaws.com", ecr, no),
            ("1234567890[0-9][2-5].dkr.ecr.us-east-1.amazonaws.com", ecr, yes),
            ("us-[a-z]*.pkg.dev", "us-docker.pkg.dev/p/r/a", yes),
            ("us-[e-z]*.pkg.dev", "us-docker.pkg.dev/p/r/a", no),
            ("us-[a-*.pkg.dev", "us-docker.pkg.dev/p/r/a", no),
            ("reg.example.com:5*", "reg.example.com:5000/a", ignored),
            ("[::1]:5000", "[::1]:5000/a", yes),
            ("[::1", "[::1]:5000/a", ignored),
        ];
        for (host, image, expected) in cases {
            assert_eq!(verdict(host, image), expected, "{host:?} for {image:?}");
        }
    }

    #[test]
    fn suggested_hosts_match() {
        let images =
            ["a", "docker.io/o/a", "ghcr.io/o/a", "GHCR.io/o/a", "localhost/a", "reg.example.com:5000/a", "[::1]:5000/a"];
        for image in images {
            let reference = Reference::parse(image).unwrap();
            assert_eq!(serves(&suggestion(&reference), &reference), Match::Yes, "{image}");
        }
    }
}

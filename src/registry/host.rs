//! Which `credentials.host` matches which image: the algorithm of kubelet (`pkg/credentialprovider/keyring.go`, `Add` and `Lookup`).
//!
//! Akash's provider writes the host unchanged into a Kubernetes secret; kubelet turns it into a key and looks for keys that match the image.
//! Without a match, kubelet pulls anonymously, so the error looks like a missing image.

use crate::go::pattern;
use crate::go::url::{Url, split_port};

use super::reference::{DOCKER_HUB, Reference};

/// The key that matches every image on Docker Hub, and images whose registry has neither a dot nor a port.
const DEFAULT_KEY: &[u8] = b"index.docker.io";

/// What kubelet does with the credentials of a host for an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Match {
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
pub(crate) fn serves(host: &str, image: &Reference<'_>) -> Match {
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
        (Some(glob), Some(target)) => covers(&glob, &target),
        _ => false,
    };
    let default = image.domain == DOCKER_HUB || !image.domain.contains(['.', ':']);
    if matched || default && key == DEFAULT_KEY { Match::Yes } else { Match::No }
}

/// The recommended host for `image`, in the form used in its registry's documentation: `https://index.docker.io/v1/`, `https://ghcr.io`.
pub(crate) fn suggestion(image: &Reference<'_>) -> String {
    match image.domain {
        DOCKER_HUB => "https://index.docker.io/v1/".to_owned(),
        domain if domain.contains(':') || domain == "localhost" => domain.to_owned(),
        domain => format!("https://{domain}"),
    }
}

/// Whether the key `glob` serves `target`: the same number of labels, each matching; the same port; a path that begins like the key's
/// (`URLsMatch`).
fn covers(glob: &Url, target: &Url) -> bool {
    let ((name, port), (target_name, target_port)) = (split_port(&glob.host), split_port(&target.host));
    let (mut globs, mut labels) = (name.split(|byte| *byte == b'.'), target_name.split(|byte| *byte == b'.'));
    let same = loop {
        match (globs.next(), labels.next()) {
            (None, None) => break true,
            (Some(glob), Some(label)) if pattern::matches(glob, label) => {}
            _ => break false,
        }
    };
    port == target_port && same && target.path.starts_with(&glob.path)
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

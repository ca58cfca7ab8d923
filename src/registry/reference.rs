//! Image references, normalised as by the `reference` package of the distribution project, which kubelet and containerd use.

use std::borrow::Cow;
use std::fmt;

use crate::span::cut;

/// The registry of an image without one.
pub(crate) const DOCKER_HUB: &str = "docker.io";

/// The longest path of a repository, in bytes (`RepositoryNameTotalLengthMax`).
const PATH_LIMIT: usize = 255;

/// An image reference with its full registry and repository: `nginx` is `docker.io/library/nginx`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference<'i> {
    /// The registry, with its port if it has one: `docker.io`, `ghcr.io`, `localhost:5000`. `index.docker.io` is `docker.io`.
    pub domain: &'i str,
    /// The repository in the registry: `library/nginx`.
    pub path: Cow<'i, str>,
    /// The tag, if there is one.
    pub tag: Option<&'i str>,
    /// The digest with its algorithm, if there is one: `sha256:…`.
    pub digest: Option<&'i str>,
}

/// Why a text is not a valid image reference. Kubelet reports `InvalidImageName`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReferenceError {
    /// It is empty.
    Empty,
    /// It begins with a scheme: `https://`, `docker://`.
    Scheme,
    /// It contains white space.
    Whitespace,
    /// The repository contains an upper-case letter.
    Uppercase,
    /// The repository is longer than 255 bytes.
    TooLong,
    /// It is 64 hexadecimal digits, which would be the identifier of an image.
    Identifier,
    /// The tag does not consist of 1 to 128 letters, digits, `_`, `.` and `-`, or begins with `.` or `-`.
    Tag,
    /// The digest is not `sha256`, `sha384` or `sha512` with the right number of lower-case hexadecimal digits.
    Digest,
    /// It contains a character in the wrong place.
    Format,
}

impl fmt::Display for ReferenceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "it is empty",
            Self::Scheme => "it must not begin with a scheme",
            Self::Whitespace => "it contains white space",
            Self::Uppercase => "the repository must be lower case",
            Self::TooLong => "the repository is longer than 255 bytes",
            Self::Identifier => "64 hexadecimal digits can't be a repository",
            Self::Tag => "a tag is up to 128 letters, digits, `_`, `.` and `-`",
            Self::Digest => "a digest is `sha256:` and 64 lower-case hexadecimal digits",
            Self::Format => "it is not `[REGISTRY/]REPOSITORY[:TAG][@DIGEST]`",
        })
    }
}

impl<'i> Reference<'i> {
    /// Parses `image` as kubelet does (`ParseNormalizedNamed` of github.com/distribution/reference).
    ///
    /// # Errors
    /// See [`ReferenceError`].
    pub(crate) fn parse(image: &'i str) -> Result<Self, ReferenceError> {
        if image.is_empty() {
            return Err(ReferenceError::Empty);
        }
        if image.len() == 64 && image.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(ReferenceError::Identifier);
        }
        let (domain, library, rest) = split(image);
        let (name, digest) = cut(rest, b'@');
        let (path, tag) = cut(name, b':');
        // The package looks for the colon first, so the algorithm of a digest counts as part of the name here.
        if has_capital(cut(rest, b':').0) {
            return Err(ReferenceError::Uppercase);
        }
        // A registry that is not a valid domain (`a_b.c/d`) becomes part of the repository.
        let path = if library.is_empty() { Cow::Borrowed(path) } else { Cow::Owned(format!("{library}{path}")) };
        let whole = if is_domain(domain) { Cow::Borrowed(&*path) } else { Cow::Owned(format!("{domain}/{path}")) };
        if !is_path(&whole) {
            return Err(match image {
                _ if image.contains("://") => ReferenceError::Scheme,
                _ if image.contains(char::is_whitespace) => ReferenceError::Whitespace,
                _ => ReferenceError::Format,
            });
        }
        if tag.is_some_and(|tag| !is_tag(tag)) {
            return Err(if image.contains(char::is_whitespace) { ReferenceError::Whitespace } else { ReferenceError::Tag });
        }
        if whole.len() > PATH_LIMIT {
            return Err(ReferenceError::TooLong);
        }
        if digest.is_some_and(|digest| !is_digest(digest)) {
            return Err(ReferenceError::Digest);
        }
        Ok(Self { domain, path, tag, digest })
    }

    /// Registry and repository, for which credentials are looked up: `docker.io/library/nginx`.
    pub(crate) fn repository(&self) -> String {
        format!("{}/{}", self.domain, self.path)
    }
}

fn has_capital(text: &str) -> bool {
    match text.is_ascii() {
        true => text.bytes().any(|byte| byte.is_ascii_uppercase()),
        false => text.chars().any(char::is_uppercase),
    }
}

/// The registry, the implied prefix of the repository, and the rest (`splitDockerDomain`).
fn split(image: &str) -> (&str, &'static str, &str) {
    let names_registry =
        |first: &str| first == "localhost" || first.bytes().any(|byte| matches!(byte, b'.' | b':')) || has_capital(first);
    let (domain, rest) = match cut(image, b'/') {
        ("index.docker.io", Some(rest)) => (DOCKER_HUB, rest),
        (first, Some(rest)) if names_registry(first) => (first, rest),
        _ => (DOCKER_HUB, image),
    };
    let library = if domain == DOCKER_HUB && cut(rest, b'/').1.is_none() { "library/" } else { "" };
    (domain, library, rest)
}

/// Whether `text` is a host, optionally with a port: labels of letters, digits and inner hyphens, or an IPv6 address in brackets.
fn is_domain(text: &str) -> bool {
    let (host, port) = match text.rfind(':') {
        Some(colon) if !text[colon..].contains(']') => (&text[..colon], Some(&text[colon + 1..])),
        _ => (text, None),
    };
    if port.is_some_and(|port| port.is_empty() || !port.bytes().all(|byte| byte.is_ascii_digit())) {
        return false;
    }
    if let Some(address) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        return !address.is_empty() && address.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b':');
    }
    host.as_bytes().split(|byte| *byte == b'.').all(|label| {
        !label.is_empty()
            && !label.starts_with(b"-")
            && !label.ends_with(b"-")
            && label.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
    })
}

/// Whether `text` is components separated by `/`: lower-case letters and digits, separated by `.`, `_`, `__` or hyphens.
fn is_path(text: &str) -> bool {
    let inner = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    text.as_bytes().split(|byte| *byte == b'/').all(|component| {
        let mut rest = component;
        // Words separated by separators, without one at either end.
        loop {
            let word = rest.iter().take_while(|byte| inner(byte)).count();
            let length = rest[word..].iter().take_while(|byte| !inner(byte)).count();
            let separator = &rest[word..word + length];
            if word == 0 || !(matches!(separator, b"" | b"." | b"_" | b"__") || separator.iter().all(|byte| *byte == b'-')) {
                return false;
            }
            if length == 0 {
                return true;
            }
            rest = &rest[word + length..];
        }
    })
}

fn is_tag(text: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.len() <= 128
        && text.bytes().next().is_some_and(word)
        && text.bytes().all(|byte| word(byte) || matches!(byte, b'.' | b'-'))
}

fn is_digest(text: &str) -> bool {
    let digits = match text.split_once(':') {
        Some(("sha256", digits)) if digits.len() == 64 => digits,
        Some(("sha384", digits)) if digits.len() == 96 => digits,
        Some(("sha512", digits)) if digits.len() == 128 => digits,
        _ => return false,
    };
    digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn omitted_parts_are_filled_in() {
        let cases = [
            ("nginx", "docker.io/library/nginx", None),
            ("nginx:1.27", "docker.io/library/nginx", Some("1.27")),
            ("team/app", "docker.io/team/app", None),
            ("docker.io/nginx", "docker.io/library/nginx", None),
            ("index.docker.io/team/app:1", "docker.io/team/app", Some("1")),
            ("ghcr.io/o/a:v1.0_x-y", "ghcr.io/o/a", Some("v1.0_x-y")),
            ("localhost/a", "localhost/a", None),
            ("localhost:5000", "docker.io/library/localhost", Some("5000")),
            ("localhost:5000/a:2", "localhost:5000/a", Some("2")),
            ("[::1]:5000/a", "[::1]:5000/a", None),
            ("GHCR.io/o/a", "GHCR.io/o/a", None),
            ("Team/app", "Team/app", None),
            ("a_b.c/d", "a_b.c/d", None),
            ("r.io/a__b/c--d/e.f_g", "r.io/a__b/c--d/e.f_g", None),
        ];
        for (image, repository, tag) in cases {
            let reference = Reference::parse(image).unwrap_or_else(|error| panic!("{image}: {error}"));
            assert_eq!((reference.repository().as_str(), reference.tag), (repository, tag), "{image}");
        }
        let digest = format!("sha256:{}", "0a".repeat(32));
        let image = format!("quay.io/o/a:1@{digest}");
        let reference = Reference::parse(&image).unwrap();
        assert_eq!((reference.tag, reference.digest), (Some("1"), Some(&*digest)));
    }

    #[test]
    fn references_that_kubelet_refuses_are_refused() {
        let long = format!("r.io/{}", "a".repeat(256));
        let identifier = "0a".repeat(32);
        let cases = [
            ("", ReferenceError::Empty),
            ("https://docker.io/x/y", ReferenceError::Scheme),
            ("docker.io/x/y:tag ", ReferenceError::Whitespace),
            ("ghcr.io/O/a", ReferenceError::Uppercase),
            ("x@SHA256:00", ReferenceError::Uppercase),
            (&long, ReferenceError::TooLong),
            (&identifier, ReferenceError::Identifier),
            ("nginx:", ReferenceError::Tag),
            ("nginx:-1", ReferenceError::Tag),
            ("nginx@sha256:00", ReferenceError::Digest),
            ("nginx@", ReferenceError::Digest),
            ("ghcr.io/", ReferenceError::Format),
            ("ghcr.io//a", ReferenceError::Format),
            ("a..b", ReferenceError::Format),
            ("a___b", ReferenceError::Format),
            ("-a", ReferenceError::Format),
            ("host:port/a", ReferenceError::Format),
        ];
        for (image, error) in cases {
            assert_eq!(Reference::parse(image), Err(error), "{image}");
        }
    }
}

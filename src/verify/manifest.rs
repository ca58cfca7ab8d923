//! Manifests, indexes and configurations of images (OCI image specification; Docker's schema 2 is equivalent).

use ring::digest::{SHA256, SHA384, SHA512, digest};
use serde::Deserialize;

use super::verdict::Platform;

/// What containerd accepts when it resolves an image.
pub(super) const ACCEPT: &str = "application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, \
                                 application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json";

/// The media types of image configurations. A manifest with another one is a chart, a signature or another artifact.
const CONFIGURATIONS: [&str; 2] = ["application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"];

/// The largest accepted manifest, in bytes: the least that registries must support (OCI distribution specification, "Pushing Manifests").
pub(super) const MANIFEST_LIMIT: usize = 4 * 1024 * 1024;

/// The relevant part of a manifest.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Manifest {
    /// One image for each of these platforms; none for an entry without one.
    Index(Vec<Option<Platform>>),
    /// One image: the digest of its configuration, which contains the platform.
    Image(String),
    /// Anything else that a registry can store.
    Artifact,
}

#[derive(Deserialize)]
struct Json {
    manifests: Option<Vec<Entry>>,
    config: Option<Descriptor>,
}

#[derive(Deserialize)]
struct Entry {
    platform: Option<Configuration>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    media_type: String,
    digest: String,
}

#[derive(Deserialize)]
struct Configuration {
    os: String,
    architecture: String,
    variant: Option<String>,
}

impl Manifest {
    /// Reads a manifest; none if it is invalid.
    pub(super) fn parse(body: &[u8]) -> Option<Self> {
        let json: Json = serde_json::from_slice(body).ok()?;
        if let Some(entries) = json.manifests {
            return Some(Self::Index(entries.into_iter().map(|entry| entry.platform.map(Platform::of)).collect()));
        }
        let config = json.config?;
        let image = CONFIGURATIONS.contains(&config.media_type.as_str());
        Some(if image && is_digest(&config.digest) { Self::Image(config.digest) } else { Self::Artifact })
    }
}

/// The platform in the configuration of an image, if there is one.
pub(super) fn platform(configuration: &[u8]) -> Option<Platform> {
    serde_json::from_slice(configuration).ok().map(Platform::of)
}

impl Platform {
    /// What providers run.
    pub(crate) const AMD64: &'static str = "linux/amd64";

    fn of(configuration: Configuration) -> Self {
        // It is shown on a terminal: keep only characters that such names consist of.
        let word = |text: &str| -> String {
            text.chars().filter(|c| c.is_ascii_alphanumeric() || "._-".contains(*c)).take(24).collect()
        };
        let name = format!("{}/{}", word(&configuration.os), word(&configuration.architecture));
        Self(match configuration.variant.as_deref().map(word).filter(|variant| !variant.is_empty()) {
            Some(variant) => format!("{name}/{variant}"),
            None => name,
        })
    }

    /// Whether a provider can run it.
    pub(crate) fn is_amd64(&self) -> bool {
        self.0 == Self::AMD64 || self.0.starts_with("linux/amd64/")
    }

    /// Whether this is the platform that attestations have in an index.
    pub(super) fn is_unknown(&self) -> bool {
        self.0.starts_with("unknown/")
    }
}

/// Whether `text` is a digest in one of the registered algorithms.
pub(super) fn is_digest(text: &str) -> bool {
    let length = match text.split_once(':') {
        Some(("sha256", hex)) if hex.len() == 64 => hex,
        Some(("sha384", hex)) if hex.len() == 96 => hex,
        Some(("sha512", hex)) if hex.len() == 128 => hex,
        _ => return false,
    };
    length.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Whether `content` has `expected` as its digest.
pub(super) fn has_digest(content: &[u8], expected: &str) -> bool {
    let algorithm = match expected.split_once(':') {
        Some(("sha256", _)) => &SHA256,
        Some(("sha384", _)) => &SHA384,
        Some(("sha512", _)) => &SHA512,
        _ => return false,
    };
    expected.split_once(':').is_some_and(|(_, hex)| hex == hexadecimal(digest(algorithm, content).as_ref()))
}

/// The `sha256` digest of `content`.
pub(super) fn digest_of(content: &[u8]) -> String {
    format!("sha256:{}", hexadecimal(digest(&SHA256, content).as_ref()))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_manifests_are_distinguished() {
        let digest = digest_of(b"");
        assert_eq!(digest, "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert!(has_digest(b"", &digest) && !has_digest(b"x", &digest) && !has_digest(b"", "md5:x"));
        let image = |kind: &str| format!(r#"{{"config":{{"mediaType":"{kind}","digest":"{digest}"}},"layers":[]}}"#);
        assert_eq!(Manifest::parse(image(CONFIGURATIONS[0]).as_bytes()), Some(Manifest::Image(digest.clone())));
        let chart = image("application/vnd.cncf.helm.config.v1+json");
        assert_eq!(Manifest::parse(chart.as_bytes()), Some(Manifest::Artifact));
        let index = br#"{"manifests":[{"platform":{"os":"linux","architecture":"arm64","variant":"v8"}},{}]}"#;
        assert_eq!(Manifest::parse(index), Some(Manifest::Index(vec![Some(Platform("linux/arm64/v8".to_owned())), None])));
        for garbage in ["", "[]", "{}", "<html>", r#"{"config":1}"#] {
            assert_eq!(Manifest::parse(garbage.as_bytes()), None, "{garbage}");
        }
    }

    #[test]
    fn only_amd64_runs_on_a_provider() {
        let name = |json: &str| platform(json.as_bytes()).unwrap();
        assert!(name(r#"{"os":"linux","architecture":"amd64"}"#).is_amd64());
        assert!(!name(r#"{"os":"windows","architecture":"amd64"}"#).is_amd64());
        assert!(!name(r#"{"os":"linux","architecture":"arm64"}"#).is_amd64());
        assert_eq!(name(r#"{"os":"lin\u001bux","architecture":"a/b"}"#).0, "linux/ab");
        assert_eq!(platform(b"{}"), None);
    }
}

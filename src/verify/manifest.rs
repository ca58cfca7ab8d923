//! Manifests, indexes and configurations of images (OCI image specification; Docker's schema 2 is equivalent), read as containerd does.

use ring::digest::{SHA256, SHA384, SHA512, digest};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::platform::{Platform, WrittenPlatform};

const INDEXES: [&str; 2] =
    ["application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json"];

const MANIFESTS: [&str; 2] =
    ["application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json"];

/// What containerd accepts when it resolves an image.
pub(super) const ACCEPT: &str = "application/vnd.docker.distribution.manifest.v2+json, application/vnd.docker.distribution.manifest.list.v2+json, \
                                 application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, */*";

/// The media types of image configurations. A manifest with another one is a chart, a signature or another artifact.
const CONFIGURATIONS: [&str; 2] = ["application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"];

/// How the media types of layers begin.
const LAYERS: [&str; 2] = ["application/vnd.oci.image.layer.", "application/vnd.docker.image.rootfs."];

/// The largest accepted manifest, in bytes: the least that registries must support (OCI distribution specification, "Pushing Manifests"),
/// and the most that containerd takes.
pub(super) const MANIFEST_LIMIT: usize = 4 * 1024 * 1024;

/// The relevant part of a manifest.
#[derive(Debug, PartialEq)]
pub(super) enum Manifest {
    /// Several images, of which the platform decides.
    Index(Vec<Child>),
    /// One image.
    Image {
        /// Its configuration.
        configuration: Descriptor,
        /// Its layers, from the lowest.
        layers: Vec<Descriptor>,
    },
    /// Anything else that a registry can store.
    Artifact,
}

/// Why there is no manifest that containerd takes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Defect {
    /// It is not a manifest at all.
    Invalid,
    /// It is a manifest of Docker's schema 1.
    Schema1,
    /// It is not what it is served as.
    WrongType,
}

/// One entry of an index.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Child {
    pub(super) descriptor: Descriptor,
    /// None if the index doesn't say.
    pub(super) platform: Option<Platform>,
}

/// What refers to a content.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Descriptor {
    #[serde(default)]
    pub(super) media_type: String,
    #[serde(default)]
    pub(super) digest: String,
    #[serde(default)]
    pub(super) size: Option<u64>,
    /// Other places of the content; a registry need not have it then.
    #[serde(default)]
    urls: Option<Vec<IgnoredAny>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Json {
    media_type: Option<String>,
    manifests: Option<Vec<Entry>>,
    config: Option<Descriptor>,
    layers: Option<Vec<Descriptor>>,
    fs_layers: Option<Vec<IgnoredAny>>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(flatten)]
    descriptor: Descriptor,
    platform: Option<WrittenPlatform>,
}

impl Manifest {
    /// Reads what was served as `kind`: a media type, perhaps with parameters.
    ///
    /// # Errors
    /// When containerd would refuse it, see [`Defect`].
    pub(super) fn parse(body: &[u8], kind: &str) -> Result<Self, Defect> {
        let kind = bare(kind);
        let json: Json = serde_json::from_slice(body).map_err(|_| Defect::Invalid)?;
        if json.fs_layers.is_some_and(|layers| !layers.is_empty()) {
            return Err(Defect::Schema1);
        }
        let entries = json.manifests.unwrap_or_default();
        let layers = json.layers.unwrap_or_default();
        let says = json.media_type.as_deref().unwrap_or_default();
        if INDEXES.contains(&kind) {
            if json.config.is_some() || !layers.is_empty() || MANIFESTS.contains(&says) {
                return Err(Defect::WrongType);
            }
            let child =
                |entry: Entry| Child { descriptor: entry.descriptor, platform: entry.platform.as_ref().map(Platform::of) };
            return Ok(Self::Index(entries.into_iter().map(child).collect()));
        }
        if !entries.is_empty() || INDEXES.contains(&says) {
            return Err(Defect::WrongType);
        }
        let Some(configuration) = json.config else {
            return Err(if MANIFESTS.contains(&kind) || MANIFESTS.contains(&says) { Defect::WrongType } else { Defect::Invalid });
        };
        if !MANIFESTS.contains(&kind) {
            return Err(Defect::WrongType);
        }
        let image = CONFIGURATIONS.contains(&configuration.media_type.as_str())
            && is_digest(&configuration.digest)
            && layers
                .iter()
                .all(|layer| LAYERS.iter().any(|kind| layer.media_type.starts_with(kind)) && is_digest(&layer.digest));
        Ok(if image { Self::Image { configuration, layers } } else { Self::Artifact })
    }
}

/// A media type without its parameters.
pub(super) fn bare(kind: &str) -> &str {
    kind.split_once(';').map_or(kind, |(kind, _)| kind).trim()
}

impl Child {
    /// The entry that containerd takes on `linux/amd64`: the first of the best platform, and only without one an entry that has none.
    pub(super) fn choose(children: &[Self]) -> Option<&Self> {
        let fitting = children.iter().filter(|child| child.platform.as_ref().is_none_or(Platform::is_amd64));
        fitting.min_by_key(|child| match &child.platform {
            Some(platform) => (false, platform.fit()),
            None => (true, None),
        })
    }
}

impl Descriptor {
    /// Whether the registry must have it.
    pub(super) fn is_here(&self) -> bool {
        self.urls.as_ref().is_none_or(Vec::is_empty)
    }

    /// Whether `content` is what it refers to.
    pub(super) fn fits(&self, content: &[u8]) -> bool {
        has_digest(content, &self.digest) && self.size.is_none_or(|size| size == content.len() as u64)
    }
}

/// The relevant part of an image's configuration.
#[derive(Debug)]
pub(super) struct Configuration {
    /// None if it doesn't say.
    pub(super) platform: Option<Platform>,
    /// The number of layers that it lists.
    pub(super) layers: usize,
}

#[derive(Deserialize)]
struct ConfigurationJson {
    #[serde(flatten)]
    platform: WrittenPlatform,
    rootfs: Option<RootFs>,
}

#[derive(Deserialize)]
struct RootFs {
    diff_ids: Option<Vec<IgnoredAny>>,
}

impl Configuration {
    /// Reads a configuration; none if it is invalid.
    pub(super) fn parse(body: &[u8]) -> Option<Self> {
        let json: ConfigurationJson = serde_json::from_slice(body).ok()?;
        let said = !json.platform.os.is_empty() || !json.platform.architecture.is_empty();
        let layers = json.rootfs.and_then(|rootfs| rootfs.diff_ids).map_or(0, |layers| layers.len());
        Some(Self { platform: said.then(|| Platform::of(&json.platform)), layers })
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

    const MANIFEST: &str = MANIFESTS[0];
    const INDEX: &str = INDEXES[0];

    fn digest() -> String {
        digest_of(b"")
    }

    fn manifest(configuration: &str, layer: &str) -> String {
        let digest = digest();
        format!(
            r#"{{"config":{{"mediaType":"{configuration}","digest":"{digest}","size":2}},"layers":[{{"mediaType":"{layer}","digest":"{digest}"}}]}}"#
        )
    }

    #[test]
    fn kinds_of_manifests_are_distinguished() {
        assert_eq!(digest(), "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert!(has_digest(b"", &digest()) && !has_digest(b"x", &digest()) && !has_digest(b"", "md5:x"));
        let layer = "application/vnd.oci.image.layer.v1.tar+zstd";
        let image = manifest(CONFIGURATIONS[0], layer);
        let read = Manifest::parse(image.as_bytes(), "application/vnd.oci.image.manifest.v1+json; charset=utf-8");
        let Ok(Manifest::Image { configuration, layers }) = read else { panic!("{read:?}") };
        assert_eq!((configuration.size, layers.len()), (Some(2), 1));
        let artifacts = [
            manifest("application/vnd.cncf.helm.config.v1+json", layer),
            // A signature has an image's configuration.
            manifest(CONFIGURATIONS[0], "application/vnd.dev.cosign.simplesigning.v1+json"),
        ];
        for artifact in artifacts {
            assert_eq!(Manifest::parse(artifact.as_bytes(), MANIFEST), Ok(Manifest::Artifact));
        }
        for (body, kind, defect) in [
            ("", MANIFEST, Defect::Invalid),
            ("[]", MANIFEST, Defect::Invalid),
            ("<html>", "text/html", Defect::Invalid),
            ("{}", "application/json", Defect::Invalid),
            (r#"{"config":1}"#, MANIFEST, Defect::Invalid),
            ("{}", MANIFEST, Defect::WrongType),
            (&image, "text/plain", Defect::WrongType),
            (&image, "", Defect::WrongType),
            (&image, INDEX, Defect::WrongType),
            (r#"{"manifests":[{}]}"#, MANIFEST, Defect::WrongType),
            (r#"{"schemaVersion":1,"fsLayers":[{"blobSum":"x"}]}"#, "text/plain", Defect::Schema1),
        ] {
            assert_eq!(Manifest::parse(body.as_bytes(), kind), Err(defect), "{body} as {kind}");
        }
        assert_eq!(Manifest::parse(b"{}", INDEX), Ok(Manifest::Index(Vec::new())));
    }

    #[test]
    fn the_entry_that_containerd_takes_is_chosen() {
        let index = |platforms: &[&str]| {
            let entries: Vec<String> = platforms
                .iter()
                .enumerate()
                .map(|(number, platform)| match platform.split_once('/') {
                    Some((os, architecture)) => {
                        format!(r#"{{"digest":"{number}","platform":{{"os":"{os}","architecture":"{architecture}"}}}}"#)
                    }
                    None => format!(r#"{{"digest":"{number}"}}"#),
                })
                .collect();
            Manifest::parse(format!(r#"{{"manifests":[{}]}}"#, entries.join(",")).as_bytes(), INDEX)
        };
        for (platforms, chosen) in [
            (&["linux/arm64", "linux/amd64", "linux/amd64"][..], Some("1")),
            (&["linux/386", "linux/AMD64"], Some("1")),
            (&["", "linux/386"], Some("1")),
            (&["unknown/unknown", "", ""], Some("1")),
            (&["linux/arm64", "windows/amd64"], None),
            (&[], None),
        ] {
            let Ok(Manifest::Index(children)) = index(platforms) else { panic!("{platforms:?}") };
            assert_eq!(Child::choose(&children).map(|child| child.descriptor.digest.as_str()), chosen, "{platforms:?}");
        }
    }

    #[test]
    fn a_configuration_says_its_platform_and_its_layers() {
        let read = |json: &str| Configuration::parse(json.as_bytes()).map(|it| (it.platform.map(|it| it.name), it.layers));
        let full = r#"{"os":"linux","architecture":"arm64","variant":"v8","rootfs":{"type":"layers","diff_ids":["a","b"]}}"#;
        assert_eq!(read(full), Some((Some("linux/arm64/v8".to_owned()), 2)));
        assert_eq!(read("{}"), Some((None, 0)));
        assert_eq!(read("[]"), None);
    }
}

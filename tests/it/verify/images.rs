//! Images as a registry keeps them: small, made here.

use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";
const CONFIGURATION: &str = "application/vnd.oci.image.config.v1+json";

/// A content with its digest and media type.
#[derive(Debug, Clone)]
pub struct Blob {
    pub kind: &'static str,
    pub digest: String,
    pub content: Vec<u8>,
}

impl Blob {
    pub fn new(kind: &'static str, content: Vec<u8>) -> Self {
        let hex: String = digest(&SHA256, &content).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        Self { kind, digest: format!("sha256:{hex}"), content }
    }

    fn json(kind: &'static str, value: &Value) -> Self {
        Self::new(kind, value.to_string().into_bytes())
    }

    fn descriptor(&self) -> Value {
        json!({"mediaType": self.kind, "digest": self.digest, "size": self.content.len()})
    }
}

/// Blobs, and manifests of which the last is what a tag names.
#[derive(Debug, Clone)]
pub struct Made {
    pub blobs: Vec<Blob>,
    pub manifests: Vec<Blob>,
}

impl Made {
    pub fn top(&self) -> &Blob {
        self.manifests.last().expect("a manifest")
    }
}

/// An image for one platform, `linux/arm64`, `linux/amd64/v3` or the like.
pub fn single(platform: &str) -> Made {
    // An empty tar archive is two blocks of zeroes.
    let layer = Blob::new(LAYER, vec![0; 1024]);
    image(platform, std::slice::from_ref(&layer), std::slice::from_ref(&layer))
}

/// What is kept as an image is, and is none: a chart of Helm.
pub fn chart() -> Made {
    let content = Blob::new("application/vnd.cncf.helm.chart.content.v1.tar+gzip", b"not looked at".to_vec());
    let configuration = Blob::json("application/vnd.cncf.helm.config.v1+json", &json!({"name": "app", "version": "1.0.0"}));
    let manifest = json!({
        "schemaVersion": 2, "mediaType": MANIFEST, "config": configuration.descriptor(), "layers": [content.descriptor()],
    });
    Made { blobs: vec![content, configuration], manifests: vec![Blob::json(MANIFEST, &manifest)] }
}

/// A platform as JSON.
pub fn platform(name: &str) -> Value {
    let parts: Vec<&str> = name.split('/').collect();
    match parts.as_slice() {
        [os, architecture] => json!({"os": os, "architecture": architecture}),
        [os, architecture, variant] => json!({"os": os, "architecture": architecture, "variant": variant}),
        _ => panic!("os/architecture[/variant], not {name}"),
    }
}

/// An image whose configuration has the layers `told`, and whose manifest has the layers `kept`.
fn image(name: &str, told: &[Blob], kept: &[Blob]) -> Made {
    let mut configuration = platform(name);
    let digests: Vec<&str> = told.iter().map(|layer| layer.digest.as_str()).collect();
    configuration["config"] = json!({});
    configuration["rootfs"] = json!({"type": "layers", "diff_ids": digests});
    let configuration = Blob::json(CONFIGURATION, &configuration);
    let layers: Vec<Value> = kept.iter().map(Blob::descriptor).collect();
    let manifest = json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": configuration.descriptor(), "layers": layers});
    Made { blobs: [kept, &[configuration]].concat(), manifests: vec![Blob::json(MANIFEST, &manifest)] }
}

/// An index of one image a platform.
pub fn index(platforms: &[&str]) -> Made {
    index_of(platforms.iter().map(|name| (single(name), Some(platform(name)))))
}

/// An index of these, each with what the index says of its platform.
pub fn index_of(entries: impl IntoIterator<Item = (Made, Option<Value>)>) -> Made {
    let mut made = Made { blobs: Vec::new(), manifests: Vec::new() };
    let mut descriptors = Vec::new();
    for (one, platform) in entries {
        let mut entry = one.top().descriptor();
        if let Some(platform) = platform {
            entry["platform"] = platform;
        }
        descriptors.push(entry);
        made.blobs.extend(one.blobs);
        made.manifests.extend(one.manifests);
    }
    made.manifests.push(Blob::json(INDEX, &json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": descriptors})));
    made
}

/// An image for one platform, that differs from every other by its label.
pub fn labelled(name: &str, label: &str) -> Made {
    // An archive of one empty file of this name.
    let mut header = [0; 512];
    header[..label.len()].copy_from_slice(label.as_bytes());
    for (at, text) in [(100, "0000644\0"), (108, "0000000\0"), (116, "0000000\0"), (124, "00000000000\0"), (136, "00000000000\0")]
    {
        header[at..at + text.len()].copy_from_slice(text.as_bytes());
    }
    header[148..156].fill(b' ');
    header[156] = b'0';
    header[257..265].copy_from_slice(b"ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let layer = Blob::new(LAYER, [&header[..], &[0; 1024]].concat());
    image(name, std::slice::from_ref(&layer), std::slice::from_ref(&layer))
}

/// An image whose configuration has fewer layers than its manifest.
pub fn unequal() -> Made {
    let layer = Blob::new(LAYER, vec![0; 1024]);
    image("linux/amd64", &[], &[layer])
}

/// An image that is only a configuration.
pub fn layerless() -> Made {
    image("linux/amd64", &[], &[])
}

/// An index with Docker's media types, and images with them.
pub fn docker(platforms: &[&str]) -> Made {
    let names = [
        ("application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json"),
        ("application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json"),
        ("application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"),
        ("application/vnd.oci.image.layer.v1.tar", "application/vnd.docker.image.rootfs.diff.tar"),
    ];
    let translate = |blob: &Blob, digests: &[(String, String, usize, usize)]| {
        let mut text = String::from_utf8(blob.content.clone()).expect("JSON");
        names.iter().for_each(|(oci, docker)| text = text.replace(oci, docker));
        for (old, new, size, now) in digests {
            let mut value: Value = serde_json::from_str(&text).expect("JSON");
            for entry in value["manifests"].as_array_mut().into_iter().flatten().filter(|entry| entry["digest"] == *old.as_str())
            {
                assert_eq!(entry["size"], *size);
                (entry["digest"], entry["size"]) = (json!(new), json!(now));
            }
            text = value.to_string();
        }
        let kind = names.iter().find(|(oci, _)| *oci == blob.kind).map_or(blob.kind, |(_, docker)| docker);
        Blob::new(kind, text.into_bytes())
    };
    let made = index(platforms);
    let (mut manifests, mut digests) = (Vec::new(), Vec::new());
    for manifest in &made.manifests {
        let translated = translate(manifest, &digests);
        digests.push((manifest.digest.clone(), translated.digest.clone(), manifest.content.len(), translated.content.len()));
        manifests.push(translated);
    }
    Made { blobs: made.blobs, manifests }
}

/// What `cosign sign` keeps beside an image: a layer of its own kind under an image's configuration.
pub fn signature() -> Made {
    let layer = Blob::new("application/vnd.dev.cosign.simplesigning.v1+json", b"{}".to_vec());
    image("linux/amd64", std::slice::from_ref(&layer), std::slice::from_ref(&layer))
}

/// What `oras push` keeps.
pub fn artifact() -> Made {
    let content = Blob::new("text/plain", b"hello".to_vec());
    let configuration = Blob::new("application/vnd.oci.empty.v1+json", b"{}".to_vec());
    let manifest = json!({
        "schemaVersion": 2, "mediaType": MANIFEST, "artifactType": "application/x-note",
        "config": configuration.descriptor(), "layers": [content.descriptor()],
    });
    Made { blobs: vec![content, configuration], manifests: vec![Blob::json(MANIFEST, &manifest)] }
}

/// An index that gets the size of its manifest wrong.
pub fn missized() -> Made {
    let one = single("linux/amd64");
    let mut entry = one.top().descriptor();
    entry["platform"] = platform("linux/amd64");
    entry["size"] = json!(one.top().content.len() + 1);
    let index = Blob::json(INDEX, &json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": [entry]}));
    Made { blobs: one.blobs, manifests: [one.manifests, vec![index]].concat() }
}

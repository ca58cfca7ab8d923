//! Images as a registry keeps them: small, made here.

use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
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

/// An image for one platform, `linux/arm64` or the like.
pub fn single(platform: &str) -> Made {
    with_configuration(platform, CONFIGURATION)
}

/// What is kept as an image is, and is none.
pub fn chart() -> Made {
    with_configuration("linux/amd64", "application/vnd.cncf.helm.config.v1+json")
}

fn with_configuration(platform: &str, kind: &'static str) -> Made {
    let (os, architecture) = platform.split_once('/').expect("os/architecture");
    // An empty tar archive is two blocks of zeroes.
    let layer = Blob::new("application/vnd.oci.image.layer.v1.tar", vec![0; 1024]);
    let root = json!({"type": "layers", "diff_ids": [layer.digest]});
    let configuration = Blob::json(kind, &json!({"os": os, "architecture": architecture, "config": {}, "rootfs": root}));
    let manifest = json!({
        "schemaVersion": 2, "mediaType": MANIFEST, "config": configuration.descriptor(), "layers": [layer.descriptor()],
    });
    Made { blobs: vec![layer, configuration], manifests: vec![Blob::json(MANIFEST, &manifest)] }
}

/// An index of one image a platform.
pub fn index(platforms: &[&str]) -> Made {
    let mut made = Made { blobs: Vec::new(), manifests: Vec::new() };
    let mut entries = Vec::new();
    for platform in platforms {
        let one = single(platform);
        let (os, architecture) = platform.split_once('/').expect("os/architecture");
        let mut entry = one.top().descriptor();
        entry["platform"] = json!({"os": os, "architecture": architecture});
        entries.push(entry);
        made.blobs.extend(one.blobs);
        made.manifests.extend(one.manifests);
    }
    made.manifests.push(Blob::json(INDEX, &json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries})));
    made
}

"""The image: the static binary, its licences and nothing else, as an OCI layout in a tar."""

import hashlib
import json
import time

import pack
import targets

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"


def name(version, target):
    return f"sdlrender-{version}-{targets.debian(target)}.oci.tar"


def write(stage, version, target, path):
    """The image for one target, from what `stage` holds, named by its version."""
    blobs = {}

    def blob(content, media):
        digest = hashlib.sha256(content).hexdigest()
        blobs[digest] = content
        return {"mediaType": media, "digest": f"sha256:{digest}", "size": len(content)}

    doc = "usr/share/doc/sdlrender"
    files = {folder: (None, 0o755) for folder in ("usr", "usr/bin", "usr/share", "usr/share/doc", doc, "work")}
    # `--from-command` and `run` may need a place for files.
    files["tmp"] = (None, 0o1777)
    files["usr/bin/sdlrender"] = ((stage / "sdlrender").read_bytes(), 0o755)
    for text in ("THIRD-PARTY.txt", "LICENSE-MIT", "LICENSE-APACHE"):
        files[f"{doc}/{text}"] = ((stage / text).read_bytes(), 0o644)
    layer = pack.tar(files)
    created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(pack.epoch()))
    labels = {
        "org.opencontainers.image.title": "sdlrender",
        "org.opencontainers.image.version": version,
        "org.opencontainers.image.licenses": "MIT OR Apache-2.0",
    }
    config = {
        "architecture": targets.debian(target),
        "os": "linux",
        "created": created,
        "config": {"Entrypoint": ["/usr/bin/sdlrender"], "Env": ["PATH=/usr/bin"], "WorkingDir": "/work", "Labels": labels},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]},
        "history": [{"created": created, "created_by": "dist/build"}],
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": blob(encoded(config), "application/vnd.oci.image.config.v1+json"),
        "layers": [blob(pack.compressed(layer), "application/vnd.oci.image.layer.v1.tar+gzip")],
        "annotations": labels,
    }
    named = {**blob(encoded(manifest), MANIFEST), "annotations": {"org.opencontainers.image.ref.name": version}}
    files = {"blobs": (None, 0o755), "blobs/sha256": (None, 0o755)}
    files["index.json"] = (encoded({"schemaVersion": 2, "mediaType": INDEX, "manifests": [named]}), 0o644)
    files["oci-layout"] = (encoded({"imageLayoutVersion": "1.0.0"}), 0o644)
    files.update({f"blobs/sha256/{digest}": (content, 0o644) for digest, content in blobs.items()})
    path.write_bytes(pack.tar(files))


def encoded(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()

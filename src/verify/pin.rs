//! `--pin`: replaces the tags of a filled document's images with the verified digests.

use zeroize::Zeroizing;

use crate::sdl::{DecodedTexts, model};
use crate::splice::{Replacement, View};

/// `image` with `digest` instead of its tag: `ghcr.io/o/a:1` becomes `ghcr.io/o/a@sha256:…`.
pub(crate) fn pinned(image: &str, digest: &str) -> String {
    let name = image.split_once('@').map_or(image, |(name, _)| name);
    let last = name.rfind('/').map_or(0, |slash| slash + 1);
    let end = name[last..].find(':').map_or(name.len(), |colon| last + colon);
    format!("{}@{digest}", &name[..end])
}

/// What replaces the image of each service; `digests` has one for each, in the order of the text. An image that several services share
/// is replaced once.
pub(crate) fn pins(view: &View<'_>, digests: &[String]) -> Vec<Replacement> {
    let texts = DecodedTexts::default();
    let sdl = model(view, &texts);
    let mut pins: Vec<Replacement> = Vec::new();
    for ((_, _, service), digest) in sdl.services().zip(digests) {
        let Some(image) = service.image() else { continue };
        let (node, text) = (image.id, Zeroizing::new(pinned(image.text.unwrap_or_default(), digest)));
        if pins.iter().any(|pin| pin.node == node) {
            continue;
        }
        pins.push(Replacement { node, text, secret: view.holds_secret(node) });
    }
    pins.sort_by_key(|pin| pin.node);
    pins
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn a_tag_gives_way_to_the_digest() {
        for (image, name) in [
            ("nginx", "nginx"),
            ("nginx:1", "nginx"),
            ("localhost:5000/a", "localhost:5000/a"),
            ("localhost:5000/a:1", "localhost:5000/a"),
            ("ghcr.io/o/a:1@sha256:00", "ghcr.io/o/a"),
        ] {
            assert_eq!(pinned(image, DIGEST), format!("{name}@{DIGEST}"), "{image}");
        }
    }
}

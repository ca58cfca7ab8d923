//! Reads the image and credentials of each service from a rendered document.

use zeroize::Zeroizing;

use super::{Login, Service};
use crate::secret::Secret;
use crate::tree::{Id, Kind, Tree};

/// The SDL version in which credentials are trimmed.
const TRIMMING: &str = "2.1";

/// The tree of `text`; none if it is not YAML, which a proven document always is.
pub(super) fn tree(text: &str) -> Option<Tree<'_>> {
    Tree::read(text, |_| false).ok()
}

/// The name and the image node, if any, of each service, in the order of the document.
pub(super) fn images(tree: &Tree<'_>) -> Vec<(String, Option<Id>)> {
    let services = tree.root().and_then(|root| get(tree, root, "services"));
    let entries = services.into_iter().flat_map(|services| tree.entries(services));
    entries.map(|(name, service)| (tree.text(name).to_owned(), get(tree, service, "image"))).collect()
}

/// The services in `filled`. `masked` is the same document with masks instead of secrets, for texts that are shown.
pub fn read(filled: &str, masked: &str) -> Option<Vec<Service>> {
    let (filled, masked) = (tree(filled)?, tree(masked)?);
    let version = filled.root().and_then(|root| get(&filled, root, "version"));
    let trims = version.is_some_and(|version| filled.text(version) == TRIMMING);
    let services = |tree: &Tree<'_>| -> Vec<(Id, Id)> {
        let services = tree.root().and_then(|root| get(tree, root, "services"));
        services.into_iter().flat_map(|services| tree.entries(services)).collect()
    };
    let pairs = services(&filled).into_iter().zip(services(&masked));
    let service = |((name, service), (_, shown)): ((Id, Id), (Id, Id))| {
        let text = |tree: &Tree<'_>, from: Id, key: &str| get(tree, from, key).map(|id| tree.text(id).to_owned());
        let secret = |from: Id, key: &str| {
            let text = get(&filled, from, key).map_or("", |id| filled.text(id));
            Secret::new(Zeroizing::new(text.to_owned()))
        };
        let credentials = get(&filled, service, "credentials").filter(|id| filled.kind(*id) == Kind::Mapping);
        let login = credentials.map(|from| {
            let host = get(&filled, from, "host").map_or("", |id| filled.text(id));
            let host = if trims { host.trim() } else { host };
            let host = Secret::new(Zeroizing::new(host.to_owned()));
            Login { host, username: secret(from, "username"), password: secret(from, "password") }
        });
        Service {
            name: filled.text(name).to_owned(),
            image: secret(service, "image"),
            login,
            shown_image: text(&masked, shown, "image").unwrap_or_default(),
            shown_host: get(&masked, shown, "credentials").and_then(|from| text(&masked, from, "host")),
        }
    };
    Some(pairs.map(service).collect())
}

/// The value of `key` in a mapping, or in a mapping merged into it (`<<`).
fn get(tree: &Tree<'_>, mapping: Id, key: &str) -> Option<Id> {
    let own = tree.entries(mapping).find(|(name, _)| tree.text(*name) == key).map(|(_, value)| value);
    own.or_else(|| {
        let merged = tree.entries(mapping).filter(|(name, _)| tree.text(*name) == "<<").map(|(_, value)| value);
        let mut each = merged.flat_map(|value| match tree.kind(value) {
            Kind::Sequence => tree.items(value).collect(),
            _ => vec![value],
        });
        each.find_map(|value| get(tree, value, key))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = "\
version: \"2.0\"
base: &base
  image: ghcr.io/o/base:1
services:
  a: {image: ghcr.io/o/a:1, credentials: {host: ' ghcr.io ', username: u, password: \"p\\tq\"}}
  b:
    <<: *base
    credentials:
  c: {}
";

    #[test]
    fn services_are_read_including_merged_mappings() {
        let services = read(DOCUMENT, &DOCUMENT.replace("p\\tq", "***")).unwrap();
        let images: Vec<&str> = services.iter().map(|service| service.image.expose()).collect();
        assert_eq!(images, ["ghcr.io/o/a:1", "ghcr.io/o/base:1", ""]);
        let login = services[0].login.as_ref().unwrap();
        assert_eq!((login.host.expose(), login.password.expose()), (" ghcr.io ", "p\tq"));
        assert!(services[1].login.is_none());
        let later = DOCUMENT.replace("2.0", "2.1");
        assert_eq!(read(&later, &later).unwrap()[0].login.as_ref().unwrap().host.expose(), "ghcr.io");
    }
}

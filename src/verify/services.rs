//! The services of a filled document, as Akash reads them.

use zeroize::Zeroizing;

use super::work::KEPT_ELSEWHERE;
use super::{Login, ServiceLogin};
use crate::credential::{Fact, facts};
use crate::registry::host::{Match, serves};
use crate::registry::reference::Reference;
use crate::sdl::{DecodedTexts, Version, model};
use crate::secret::Secret;
use crate::splice::View;
use crate::veil::loginless;

/// The services of `filled`, in the order of the text. `masked` is the same document with masks in place of secrets: what may be shown.
pub(crate) fn read(filled: &View<'_>, masked: &View<'_>) -> Vec<ServiceLogin> {
    let texts = DecodedTexts::default();
    let (sdl, shown) = (model(filled, &texts), model(masked, &texts));
    let logins = sdl.services().map(|(name, _, service)| (name, service.credentials().is_some()));
    let each = logins.zip(facts(filled, &sdl)).zip(facts(masked, &shown));
    each.map(|(((name, login), real), shown)| {
        let trims = real.version == Some(Version::V2_1);
        let login = login.then(|| {
            let host = text(real.host.as_ref());
            let host = if trims { host.trim() } else { host };
            Login {
                host: secret(host),
                username: secret(text(real.username.as_ref())),
                password: secret(text(real.password.as_ref())),
                secret_username: text(real.username.as_ref()) != text(shown.username.as_ref()),
            }
        });
        ServiceLogin {
            name: name.to_owned(),
            image: secret(text(real.image.as_ref())),
            login,
            shown_image: loginless(text(shown.image.as_ref())),
            shown_host: shown.host.as_ref().map(|host| text(Some(host)).to_owned()),
        }
    })
    .collect()
}

/// The registries that are sent a login, each once. One whose name holds a secret is not named.
pub(crate) fn logged_in_to(services: &[ServiceLogin]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for service in services {
        let (Some(login), Ok(image)) = (&service.login, Reference::parse(service.image.expose())) else { continue };
        let name = if service.hides_image() { "a registry whose name is a secret" } else { image.domain };
        let is_sent =
            serves(login.host.expose(), &image) == Match::Yes && !login.password.expose().trim().starts_with(KEPT_ELSEWHERE);
        if is_sent && !found.iter().any(|known| known == name) {
            found.push(name.to_owned());
        }
    }
    found
}

fn text<'t>(fact: Option<&Fact<'t>>) -> &'t str {
    fact.and_then(|fact| fact.text).unwrap_or_default()
}

fn secret(text: &str) -> Secret {
    Secret::new(Zeroizing::new(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::tree::Tree;

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

    fn services(document: &str) -> Vec<ServiceLogin> {
        let tree = Tree::read(document).unwrap();
        read(&View::of(&tree), &View::of(&tree))
    }

    #[test]
    fn services_are_read_with_what_is_merged_into_them() {
        let found = services(DOCUMENT);
        let images: Vec<&str> = found.iter().map(|service| service.image.expose()).collect();
        assert_eq!(images, ["ghcr.io/o/a:1", "ghcr.io/o/base:1", ""]);
        let login = found[0].login.as_ref().unwrap();
        assert_eq!((login.host.expose(), login.password.expose()), (" ghcr.io ", "p\tq"));
        assert!(found[1].login.is_none());
    }

    #[test]
    fn a_host_is_trimmed_where_check_says_so() {
        for (version, host) in [("2.1", "ghcr.io"), ("2.1.0", "ghcr.io"), ("2.0.0", " ghcr.io ")] {
            let found = services(&DOCUMENT.replace("2.0", version));
            assert_eq!(found[0].login.as_ref().unwrap().host.expose(), host, "{version}");
        }
    }
}

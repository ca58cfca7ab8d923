//! Starters: the templates that `init` writes, and what belongs beside each.

use clap::ValueEnum;

use crate::registry::Registry;
use crate::registry::reference::{Reference, ReferenceError};

mod files;

pub(crate) use files::{Begun, EXAMPLE, Extra, TEMPLATE, write};

/// A starter, named after the registry that its image is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Starter {
    /// GitHub Container Registry: ghcr.io
    #[value(alias = "github")]
    Ghcr,
    /// Docker Hub: docker.io
    #[value(alias = "dockerhub")]
    DockerHub,
    /// Google Container Registry: gcr.io
    #[value(alias = "google-gcr")]
    Gcr,
    /// Google Artifact Registry: REGION-docker.pkg.dev
    #[value(aliases = ["google-artifact-registry", "gar"])]
    ArtifactRegistry,
    /// Amazon ECR: ACCOUNT.dkr.ecr.REGION.amazonaws.com
    #[value(alias = "aws-ecr")]
    Ecr,
    /// Azure Container Registry: NAME.azurecr.io
    #[value(alias = "azure-acr")]
    Acr,
    /// GitLab: registry.gitlab.com, or your own
    Gitlab,
    /// Any other: Harbor, Nexus, Quay, your own
    #[value(alias = "other")]
    Generic,
}

/// A secret that a starter needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Needed {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub description: &'static str,
    /// Where to get it.
    pub place: Option<&'static str>,
}

/// What is known of a starter.
struct StarterText {
    template: &'static str,
    /// The image in its template.
    image: &'static str,
    secrets: &'static [Needed],
    /// The file that holds its password.
    key: Option<&'static str>,
}

/// Why an image can't be written into a starter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ImageError {
    /// It is not an image reference.
    Invalid(ReferenceError),
    /// It is in this other registry.
    Elsewhere(Starter),
}

macro_rules! template {
    ($name:literal) => {
        include_str!(concat!("../templates/", $name, ".tmpl.yaml"))
    };
}

const fn needed(name: &'static str, description: &'static str, place: Option<&'static str>) -> Needed {
    Needed { name, description, place }
}

impl Starter {
    /// The starter for `image`.
    ///
    /// # Errors
    /// When it is not an image reference.
    pub(crate) fn of(image: &str) -> Result<Self, ReferenceError> {
        let domain = Reference::parse(image)?.domain;
        Ok(match Registry::of(domain) {
            Registry::DockerHub => Self::DockerHub,
            Registry::Ghcr => Self::Ghcr,
            Registry::Google if domain.ends_with(".pkg.dev") => Self::ArtifactRegistry,
            Registry::Google => Self::Gcr,
            Registry::Ecr => Self::Ecr,
            Registry::Azure => Self::Acr,
            Registry::GitLab => Self::Gitlab,
            Registry::Other => Self::Generic,
        })
    }

    /// Its name on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ghcr => "ghcr",
            Self::DockerHub => "docker-hub",
            Self::Gcr => "gcr",
            Self::ArtifactRegistry => "artifact-registry",
            Self::Ecr => "ecr",
            Self::Acr => "acr",
            Self::Gitlab => "gitlab",
            Self::Generic => "generic",
        }
    }

    /// The image in its template.
    pub(crate) fn image(self) -> &'static str {
        self.about().image
    }

    /// The secrets that its template needs.
    pub(crate) fn secrets(self) -> &'static [Needed] {
        self.about().secrets
    }

    /// The file that its template reads the password from, if it does.
    pub(crate) fn key(self) -> Option<&'static str> {
        self.about().key
    }

    /// Its template, with `image` and what follows from it.
    ///
    /// # Errors
    /// When it can't be in this registry.
    pub(crate) fn template(self, image: Option<&str>) -> Result<String, ImageError> {
        let about = self.about();
        let Some(image) = image else { return Ok(about.template.to_owned()) };
        let domain = Reference::parse(image).map_err(ImageError::Invalid)?.domain;
        let starter = Self::of(image).map_err(ImageError::Invalid)?;
        // GitLab's registry can be anywhere.
        if starter != self && !(self == Self::Gitlab && starter == Self::Generic) {
            return Err(ImageError::Elsewhere(starter));
        }
        let text = about.template.replace("the image, the port,", "the port,");
        let text = text.replace(&format!("image: \"{}\"", about.image), &format!("image: \"{image}\""));
        Ok(match self {
            // One address for every image.
            Self::DockerHub => text,
            _ => {
                let old = about.image.split('/').next().unwrap_or_default();
                let text = text.replace(&format!("host: \"https://{old}\""), &format!("host: \"https://{domain}\""));
                match self {
                    Self::Acr => text.replace("myregistry", domain.split('.').next().unwrap_or_default()),
                    Self::Ecr => text.replace(REGION, region(domain)),
                    _ => text,
                }
            }
        })
    }

    /// The command that prints its password, if that is not one to store.
    pub(crate) fn command(self, image: Option<&str>) -> Option<String> {
        let domain = image.and_then(|image| Some(Reference::parse(image).ok()?.domain)).unwrap_or_default();
        (self == Self::Ecr).then(|| format!("aws ecr get-login-password --region {}", region(domain)))
    }

    fn about(self) -> StarterText {
        let (template, image, secrets, key): (_, _, &[Needed], _) = match self {
            Self::Ghcr => (
                template!("ghcr"),
                "ghcr.io/my-org/my-app:1.0.0",
                const {
                    &[
                        needed("GHCR_USERNAME", "the GitHub login that the token belongs to", None),
                        needed(
                            "GHCR_TOKEN",
                            "a personal access token (classic) with only the scope read:packages",
                            Some("https://github.com/settings/tokens"),
                        ),
                    ]
                },
                None,
            ),
            Self::DockerHub => (
                template!("docker-hub"),
                "docker.io/my-org/my-app:1.0.0",
                const {
                    &[
                        needed("DOCKERHUB_USERNAME", "your Docker ID, in lower case", None),
                        needed(
                            "DOCKERHUB_TOKEN",
                            "a personal access token with the permission Read-only",
                            Some("https://app.docker.com/settings/personal-access-tokens"),
                        ),
                    ]
                },
                None,
            ),
            Self::Gcr => (template!("google-gcr"), "gcr.io/my-project/my-app:1.0.0", &[], Some("google-key.json")),
            Self::ArtifactRegistry => (
                template!("google-artifact-registry"),
                "us-central1-docker.pkg.dev/my-project/my-repo/my-app:1.0.0",
                &[],
                Some("google-key.json"),
            ),
            Self::Ecr => (
                template!("aws-ecr"),
                "123456789012.dkr.ecr.us-east-1.amazonaws.com/my-app:1.0.0",
                const { &[needed("ECR_PASSWORD", "what `aws ecr get-login-password` prints; it lasts 12 hours", None)] },
                None,
            ),
            Self::Acr => (
                template!("azure-acr"),
                "myregistry.azurecr.io/my-app:1.0.0",
                const {
                    &[
                        needed("ACR_USERNAME", "the name of a token with the scope map _repositories_pull", None),
                        needed("ACR_PASSWORD", "one of that token's two passwords", None),
                    ]
                },
                None,
            ),
            Self::Gitlab => (
                template!("gitlab"),
                "registry.gitlab.com/my-group/my-project/my-app:1.0.0",
                const {
                    &[
                        needed("GITLAB_USERNAME", "the deploy token's username", None),
                        needed("GITLAB_TOKEN", "a deploy token with only the scope read_registry", None),
                    ]
                },
                None,
            ),
            Self::Generic => (
                template!("generic"),
                "registry.example.com:5000/my-team/my-app:1.0.0",
                const {
                    &[
                        needed("REGISTRY_USERNAME", "the name of an account that can only pull", None),
                        needed("REGISTRY_PASSWORD", "its password or token", None),
                    ]
                },
                None,
            ),
        };
        StarterText { template, image, secrets, key }
    }
}

/// The region in the templates for Amazon.
const REGION: &str = "us-east-1";

/// The region in the domain of an image on Amazon: the label that ends in a number.
fn region(domain: &str) -> &str {
    let is_region = |label: &&str| label.contains('-') && label.ends_with(|c: char| c.is_ascii_digit());
    domain.split('.').find(is_region).unwrap_or(REGION)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_starter_is_found_by_its_own_image_and_has_its_names() {
        for starter in Starter::value_variants() {
            assert_eq!(Starter::of(starter.image()), Ok(*starter));
            assert_eq!(starter.to_possible_value().unwrap().get_name(), starter.name());
            let template = starter.template(None).unwrap();
            assert!(template.contains(&format!("image: \"{}\"", starter.image())), "{}", starter.name());
            for needed in starter.secrets() {
                assert!(template.contains(&format!("{{{{ {} }}}}", needed.name)), "{}", needed.name);
            }
            let key = starter.key().is_some_and(|key| template.contains(&format!("file(\"{key}\")")));
            assert_eq!(key, starter.secrets().is_empty(), "{}", starter.name());
        }
    }

    #[test]
    fn the_image_decides_host_account_and_region() {
        for (image, starter, host, others) in [
            ("ghcr.io/acme/web:2", Starter::Ghcr, "https://ghcr.io", &[][..]),
            ("acme/web:2", Starter::DockerHub, "https://index.docker.io/v1/", &[]),
            ("eu.gcr.io/p/a:1", Starter::Gcr, "https://eu.gcr.io", &[]),
            ("europe-west1-docker.pkg.dev/p/r/a:1", Starter::ArtifactRegistry, "https://europe-west1-docker.pkg.dev", &[]),
            (
                "210987654321.dkr.ecr.eu-west-1.amazonaws.com/a:1",
                Starter::Ecr,
                "https://210987654321.dkr.ecr.eu-west-1.amazonaws.com",
                &["--region eu-west-1'"],
            ),
            ("acme.azurecr.io/a:1", Starter::Acr, "https://acme.azurecr.io", &["--registry acme "]),
            ("registry.acme.io:5050/g/a:1", Starter::Generic, "https://registry.acme.io:5050", &[]),
        ] {
            assert_eq!(Starter::of(image), Ok(starter), "{image}");
            let text = starter.template(Some(image)).unwrap();
            let (image_line, host_line) = (format!("image: \"{image}\""), format!("host: \"{host}\""));
            for wanted in [image_line.as_str(), &host_line].iter().chain(others) {
                assert_eq!(text.matches(wanted).count(), 1, "{wanted} in {text}");
            }
            assert!(!text.contains(starter.image()), "{text}");
        }
        assert_eq!(Starter::Ghcr.template(Some("gcr.io/p/a:1")), Err(ImageError::Elsewhere(Starter::Gcr)));
        assert!(Starter::Gitlab.template(Some("registry.acme.io/g/a:1")).unwrap().contains("host: \"https://registry.acme.io\""));
        assert!(matches!(Starter::Ghcr.template(Some("https://ghcr.io/a")), Err(ImageError::Invalid(_))));
    }
}

//! Recognises registries by their domains, and knows which usernames they expect.

use std::borrow::Cow;

use crate::span::cut;

use super::reference::DOCKER_HUB;

/// A registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Registry {
    /// Docker Hub: `docker.io`.
    DockerHub,
    /// GitHub Container Registry: `ghcr.io`.
    Ghcr,
    /// Google Container Registry and Artifact Registry: `gcr.io`, `*.gcr.io`, `*.pkg.dev`.
    Google,
    /// Amazon ECR, private and public: `ACCOUNT.dkr.ecr.REGION.amazonaws.com`, `public.ecr.aws`.
    Ecr,
    /// Azure Container Registry: `*.azurecr.io`.
    Azure,
    /// GitLab: `registry.gitlab.com`. Self-hosted ones can't be recognised by name.
    GitLab,
    /// Any other.
    Other,
}

impl Registry {
    /// The registry at `domain`, the [`domain`](super::reference::Reference::domain) of an image. Ignores case and port.
    pub(crate) fn of(domain: &str) -> Self {
        let domain = cut(domain, b':').0;
        let lower = match domain.bytes().any(|byte| byte.is_ascii_uppercase()) {
            true => Cow::Owned(domain.to_ascii_lowercase()),
            false => Cow::Borrowed(domain),
        };
        let domain: &str = &lower;
        let labels: Vec<&str> = domain.split('.').collect();
        match labels.as_slice() {
            _ if domain == DOCKER_HUB => Self::DockerHub,
            ["ghcr", "io"] => Self::Ghcr,
            ["gcr", "io"] | [_, "gcr", "io"] | [_, "pkg", "dev"] => Self::Google,
            [_, "dkr", "ecr" | "ecr-fips", _, "amazonaws", "com"] | [_, "dkr", "ecr", _, "amazonaws", "com", "cn"] => Self::Ecr,
            [_, "dkr-ecr" | "dkr-ecr-fips", _, "on", "aws"] | ["public", "ecr", "aws"] => Self::Ecr,
            [.., "azurecr", "io" | "cn" | "us"] => Self::Azure,
            ["registry", "gitlab", "com"] => Self::GitLab,
            _ => Self::Other,
        }
    }

    /// Its name in messages.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::DockerHub => "Docker Hub",
            Self::Ghcr => "GitHub Container Registry",
            Self::Google => "Google's registry",
            Self::Ecr => "Amazon ECR",
            Self::Azure => "Azure Container Registry",
            Self::GitLab => "GitLab's registry",
            Self::Other => "the registry",
        }
    }

    /// The usernames to use instead of `username`, if the registry accepts only certain names and this is not one of them.
    pub(crate) fn expected_username(self, username: &str) -> Option<&'static str> {
        let (known, expected): (&[&str], _) = match self {
            // Google's credential helper puts its version into the name that it uses: `_dcgcr_2_2_1_token`.
            Self::Google if username.starts_with("_dcgcr_") && username.ends_with("_token") => return None,
            // The names that begin with an underscore and end in `token` are used by Google's credential helpers.
            Self::Google => (
                &["_json_key", "_json_key_base64", "oauth2accesstoken", "_dcgcloud_token", "_dcgcr_token", "_token"],
                "`_json_key` for a service-account key, `_json_key_base64` for one in base64, `oauth2accesstoken` for an access token",
            ),
            Self::Ecr => (&["AWS"], "`AWS`, in capitals, for every account"),
            _ => return None,
        };
        (!known.contains(&username)).then_some(expected)
    }

    /// Whether it tells a missing repository (`NAME_UNKNOWN`, or no access) from a missing tag (`MANIFEST_UNKNOWN`). The registries that
    /// people run themselves say the latter for both: distribution, JFrog, olareg.
    pub(crate) fn tells_missing_repositories(self) -> bool {
        matches!(self, Self::DockerHub | Self::Ghcr | Self::Ecr | Self::Azure)
    }

    /// The login that can only pull, in words: what to make instead of one that can do more.
    pub(crate) fn read_only_login(self) -> &'static str {
        match self {
            Self::DockerHub => {
                "an access token with the permission Read-only: https://app.docker.com/settings/personal-access-tokens"
            }
            Self::Ghcr => "a token (classic) with only the scope `read:packages`: https://github.com/settings/tokens",
            Self::Google => "the key of a service account with only the role `roles/artifactregistry.reader`",
            Self::Ecr => "a password of an identity with only the policy `AmazonEC2ContainerRegistryPullOnly`",
            Self::Azure => "a token with the scope map `_repositories_pull`, or a principal with the role `AcrPull`",
            Self::GitLab => "a deploy token with only the scope `read_registry`",
            Self::Other => "an account or a token that can only pull this repository",
        }
    }

    /// The name of the placeholder for the username in the starter templates.
    pub(crate) fn username_placeholder(self) -> &'static str {
        match self {
            Self::DockerHub => "DOCKERHUB_USERNAME",
            Self::Ghcr => "GHCR_USERNAME",
            Self::Google => "GOOGLE_USERNAME",
            Self::Ecr => "ECR_USERNAME",
            Self::Azure => "ACR_USERNAME",
            Self::GitLab => "GITLAB_USERNAME",
            Self::Other => "REGISTRY_USERNAME",
        }
    }

    /// The name of the placeholder for the password in the starter templates.
    pub(crate) fn password_placeholder(self) -> &'static str {
        match self {
            Self::DockerHub => "DOCKERHUB_TOKEN",
            Self::Ghcr => "GHCR_TOKEN",
            Self::Google => "GOOGLE_KEY",
            Self::Ecr => "ECR_PASSWORD",
            Self::Azure => "ACR_PASSWORD",
            Self::GitLab => "GITLAB_TOKEN",
            Self::Other => "REGISTRY_PASSWORD",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_are_recognised() {
        let cases = [
            ("docker.io", Registry::DockerHub),
            ("ghcr.io", Registry::Ghcr),
            ("GHCR.io", Registry::Ghcr),
            ("gcr.io", Registry::Google),
            ("eu.gcr.io", Registry::Google),
            ("us-central1-docker.pkg.dev", Registry::Google),
            ("123456789012.dkr.ecr.us-east-1.amazonaws.com", Registry::Ecr),
            ("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", Registry::Ecr),
            ("123456789012.dkr-ecr.us-east-1.on.aws", Registry::Ecr),
            ("public.ecr.aws", Registry::Ecr),
            ("team.azurecr.io", Registry::Azure),
            ("registry.gitlab.com", Registry::GitLab),
            ("registry.gitlab.com:443", Registry::GitLab),
            ("registry.example.com:5000", Registry::Other),
            ("mygcr.io", Registry::Other),
            ("ghcr.io.example.com", Registry::Other),
        ];
        for (domain, registry) in cases {
            assert_eq!(Registry::of(domain), registry, "{domain}");
        }
    }

    #[test]
    fn only_google_and_amazon_require_certain_usernames() {
        assert_eq!(Registry::Google.expected_username("_json_key_base64"), None);
        assert_eq!(Registry::Google.expected_username("_dcgcr_2_2_1_token"), None);
        assert!(Registry::Google.expected_username("_dcgcr_2_2_1").is_some());
        assert!(Registry::Google.expected_username("me@example.com").is_some());
        assert!(Registry::Ecr.expected_username("aws").is_some());
        assert_eq!(Registry::Ecr.expected_username("AWS"), None);
        assert_eq!(Registry::Ghcr.expected_username("anyone"), None);
    }
}

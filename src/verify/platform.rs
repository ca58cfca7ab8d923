//! Platforms, and which of them a provider's containerd takes on `linux/amd64`.

use serde::Deserialize;

/// What providers run.
pub(crate) const AMD64: &str = "linux/amd64";

/// An operating system and an architecture.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Platform {
    /// For messages: only characters that such names consist of.
    pub(super) name: String,
    fit: Option<Fit>,
}

/// How well a platform fits a provider; the better first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// `linux/amd64`
    Amd64,
    /// `linux/386`, which amd64 runs, too.
    I386,
}

/// A platform as a configuration or an index has it.
#[derive(Deserialize)]
pub(super) struct WrittenPlatform {
    #[serde(default)]
    pub(super) os: String,
    #[serde(default)]
    pub(super) architecture: String,
    variant: Option<String>,
}

impl Platform {
    /// Reads a platform.
    pub(super) fn of(written: &WrittenPlatform) -> Self {
        let word = |text: &str| -> String {
            text.chars().filter(|c| c.is_ascii_alphanumeric() || "._-".contains(*c)).take(24).collect()
        };
        let mut name = format!("{}/{}", word(&written.os), word(&written.architecture));
        let variant = written.variant.as_deref().unwrap_or_default();
        if !variant.is_empty() {
            name.push('/');
            name.push_str(&word(variant));
        }
        Self { name, fit: fit(&written.os, &written.architecture, variant) }
    }

    /// For messages: `linux/arm64/v8`.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// How well it fits a provider, if a provider takes it.
    pub(super) fn fit(&self) -> Option<Fit> {
        self.fit
    }

    /// Whether a provider takes it.
    pub(crate) fn is_amd64(&self) -> bool {
        self.fit.is_some()
    }

    /// Whether this is the platform that attestations have in an index.
    pub(super) fn is_unknown(&self) -> bool {
        self.name.starts_with("unknown/")
    }
}

/// As containerd normalises a platform and compares it (its package `platforms`): other spellings are taken; a variant such as `v3`, which
/// promises instructions that not every machine has, is not.
fn fit(os: &str, architecture: &str, variant: &str) -> Option<Fit> {
    if !os.is_empty() && !os.eq_ignore_ascii_case("linux") {
        return None;
    }
    match (architecture.to_ascii_lowercase().as_str(), variant.to_ascii_lowercase().as_str()) {
        ("amd64" | "x86_64" | "x86-64", "" | "v1") => Some(Fit::Amd64),
        ("386", "") | ("i386", _) => Some(Fit::I386),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_containerd_takes_on_amd64_is_taken() {
        let platform = |json: &str| Platform::of(&serde_json::from_str(json).unwrap());
        for (json, fit, name) in [
            (r#"{"os":"linux","architecture":"amd64"}"#, Some(Fit::Amd64), "linux/amd64"),
            (r#"{"os":"Linux","architecture":"AMD64"}"#, Some(Fit::Amd64), "Linux/AMD64"),
            (r#"{"os":"linux","architecture":"x86_64","variant":"v1"}"#, Some(Fit::Amd64), "linux/x86_64/v1"),
            (r#"{"architecture":"x86-64"}"#, Some(Fit::Amd64), "/x86-64"),
            (r#"{"os":"linux","architecture":"386"}"#, Some(Fit::I386), "linux/386"),
            (r#"{"os":"linux","architecture":"i386"}"#, Some(Fit::I386), "linux/i386"),
            (r#"{"os":"linux","architecture":"amd64","variant":"v3"}"#, None, "linux/amd64/v3"),
            (r#"{"os":"windows","architecture":"amd64"}"#, None, "windows/amd64"),
            (r#"{"os":"linux","architecture":"arm64","variant":"v8"}"#, None, "linux/arm64/v8"),
            (r#"{"os":"lin\u001bux","architecture":"a/b"}"#, None, "linux/ab"),
            ("{}", None, "/"),
        ] {
            assert_eq!((platform(json).fit(), platform(json).name()), (fit, name), "{json}");
        }
    }
}

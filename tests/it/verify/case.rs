//! One run of `verify`: a template, what is in it, what must come out, and what must not.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::support::{Folder, Ran};

/// A service with an image and, where there is a host, credentials.
#[derive(Debug, Clone)]
pub struct Case<'c> {
    pub image: String,
    pub host: Option<String>,
    pub user: &'c str,
    pub password: String,
    pub arguments: Vec<String>,
    pub variables: Vec<(&'c str, String)>,
}

impl<'c> Case<'c> {
    pub fn new(image: impl Into<String>) -> Self {
        Self { image: image.into(), host: None, user: "", password: String::new(), arguments: Vec::new(), variables: Vec::new() }
    }

    pub fn login(mut self, host: impl Into<String>, user: &'c str, password: impl Into<String>) -> Self {
        (self.host, self.user, self.password) = (Some(host.into()), user, password.into());
        self
    }

    pub fn argument(mut self, arguments: &[&str]) -> Self {
        self.arguments.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        self
    }

    pub fn set(mut self, name: &'c str, value: impl Into<String>) -> Self {
        self.variables.push((name, value.into()));
        self
    }

    /// The template of the case.
    pub fn template(&self) -> String {
        let mut text = format!("version: \"2.0\"\nservices:\n  web:\n    image: \"{}\"\n", self.image);
        if let Some(host) = &self.host {
            text.push_str(&format!(
                "    credentials:\n      host: \"{host}\"\n      username: \"{{{{ REGISTRY_USER }}}}\"\n      password: \"{{{{ REGISTRY_PASSWORD }}}}\"\n"
            ));
        }
        text
    }

    /// Runs `sdlrender ARGUMENTS… deploy.tmpl.yaml` in `folder`, and sees that no secret came out.
    pub fn run(&self, folder: &Folder, arguments: &[&str]) -> Ran {
        folder.file("deploy.tmpl.yaml", self.template());
        let mut all: Vec<&str> = arguments.to_vec();
        all.push("deploy.tmpl.yaml");
        all.extend(self.arguments.iter().map(String::as_str));
        let mut variables: Vec<(&str, &str)> = self.variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
        if self.host.is_some() && !self.variables.iter().any(|(name, _)| name.starts_with("REGISTRY_")) {
            variables.push(("REGISTRY_USER", self.user));
            if !self.password.is_empty() {
                variables.push(("REGISTRY_PASSWORD", &self.password));
            }
        }
        let ran = folder.run(&all, &variables);
        if !arguments.contains(&"--pin") && arguments.first() == Some(&"verify") {
            self.keeps_secrets(&ran.stdout);
        }
        self.keeps_secrets(&ran.stderr);
        ran
    }

    /// No form of the password stands in `text`.
    pub fn keeps_secrets(&self, text: &str) {
        if self.password.is_empty() {
            return;
        }
        let password = self.password.as_str();
        let pair = format!("{}:{password}", self.user);
        let encoded: String = password
            .bytes()
            .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
            .collect();
        for secret in [password.to_owned(), STANDARD.encode(&pair), STANDARD.encode(password), encoded, pair] {
            assert!(!text.contains(&secret), "a secret came out: {}", text.replace(&secret, "<<<HERE>>>"));
            assert!(!text.to_lowercase().contains(&secret.to_lowercase()), "a secret came out in other letters");
        }
    }

    /// Verifies for programs and for people: both must say `verdict`, and the words of `parts` must be among what people read.
    #[track_caller]
    pub fn expect(&self, verdict: &str, parts: &[&str]) -> Value {
        let folder = Folder::new();
        let json = self.run(&folder, &["verify", "--format", "json"]);
        let entries: Value =
            serde_json::from_str(&json.stdout).unwrap_or_else(|_| panic!("no JSON: {}{}", json.stdout, json.stderr));
        crate::support::schema::assert_valid("verify", &entries);
        let entry = entries[0].clone();
        assert_eq!(entry["verdict"], verdict, "{entry:#}");
        let code = if verdict == "ready" { 0 } else { 1 };
        assert_eq!(json.code, Some(code), "{entry:#}");
        let human = self.run(&folder, &["verify"]);
        assert_eq!(human.code, Some(code), "{}", human.stderr);
        assert!(human.stdout.starts_with("SERVICE"), "{}", human.stdout);
        for part in parts {
            let said = human.stderr.contains(part) || human.stdout.contains(part);
            assert!(said, "`{part}` is not in:\n{}{}", human.stdout, human.stderr);
        }
        assert_eq!(human.stderr.contains("error:"), code == 1, "{}", human.stderr);
        assert_eq!(folder.names(), ["deploy.tmpl.yaml"], "something was written");
        entry
    }
}

/// The warnings of a JSON entry.
pub fn warnings(entry: &Value) -> Vec<&str> {
    entry["warnings"].as_array().expect("a list").iter().filter_map(|warning| warning["warning"].as_str()).collect()
}

//! Whether a login could do more than pull: asked of its own token server, and never with a write.

use serde::Deserialize;

use super::challenge::Challenge;
use super::client::ImageRun;
use super::login::{Door, TokenScope, token_in};
use super::verdict::Proof;
use crate::registry::Registry as Kind;
use crate::registry::token::claims;

/// What a token of a token server says about itself (distribution's token authentication, "Claim Set").
#[derive(Deserialize)]
struct Claims {
    access: Option<Vec<Access>>,
}

#[derive(Deserialize)]
struct Access {
    #[serde(default)]
    name: String,
    #[serde(default)]
    actions: Option<Vec<String>>,
}

/// What the token server says besides the token (RFC 6749, section 5.1).
#[derive(Deserialize)]
struct Grant {
    scope: Option<String>,
}

impl Door<'_> {
    /// Whether the login could push to the repository `path` at the registry `domain`. None if not, or if that can't be told.
    pub(super) fn can_push(&self, challenge: &Challenge, domain: &str, path: &str, run: &mut ImageRun) -> Option<Proof> {
        let login = self.login.filter(|_| matches!(challenge, Challenge::Bearer { .. }))?;
        let (answer, _) = self.ask_for_token(challenge, TokenScope::Repository(path, "pull,push"), Some(login), run).ok()?;
        if answer.status != 200 {
            return None;
        }
        let token = token_in(&answer)?;
        if let Some(claims) = claims(&token) {
            let claims: Claims = serde_json::from_slice(&claims).ok()?;
            let actions =
                claims.access?.into_iter().filter(|access| access.name == path).flat_map(|access| access.actions).flatten();
            return actions.into_iter().any(|action| action == "push" || action == "*").then_some(Proof::Token);
        }
        let scope = serde_json::from_slice::<Grant>(&answer.body).ok().and_then(|grant| grant.scope);
        match scope {
            Some(scope) => scope.contains("push").then_some(Proof::Token),
            // GHCR's tokens are not read here, and it grants one for whatever is asked.
            None => (Kind::of(domain) != Kind::Ghcr).then_some(Proof::Granted),
        }
    }
}

//! Whether a login could do more than pull: asked of its own token server, and never with a write.

use std::hash::{BuildHasher as _, RandomState};

use serde::Deserialize;

use super::challenge::Challenge;
use super::client::{HttpResponse, ImageRun};
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

/// Whether one of these actions writes.
fn writes<'a>(actions: impl IntoIterator<Item = &'a str>) -> bool {
    actions.into_iter().any(|action| matches!(action.trim(), "push" | "*"))
}

impl Door<'_> {
    /// Whether the login could push to the repository `path` at the registry `domain`. None if not, or if that can't be told.
    pub(super) fn can_push(&self, challenge: &Challenge, domain: &str, path: &str, run: &mut ImageRun) -> Option<Proof> {
        let granted = self.grant(challenge, path, "pull,push", run).filter(is_granted)?;
        let token = token_in(&granted)?;
        if let Some(claims) = claims(&token) {
            let claims: Claims = serde_json::from_slice(&claims).ok()?;
            let actions =
                claims.access?.into_iter().filter(|access| access.name == path).flat_map(|access| access.actions).flatten();
            let actions: Vec<String> = actions.collect();
            return writes(actions.iter().map(String::as_str)).then_some(Proof::Token);
        }
        if let Some(scope) = serde_json::from_slice::<Grant>(&granted.body).ok().and_then(|grant| grant.scope) {
            return is_for_writing(&scope, path).then_some(Proof::Token);
        }
        // GHCR grants a token for whatever is asked. It is the login in another form.
        if Kind::of(domain) == Kind::Ghcr {
            return None;
        }
        // The token says nothing. That it was granted does, if the server refuses what the login may not do: some grant a token for anything
        // at all, others for what is left of what was asked. Nobody has a repository of this name.
        let nobody_s = format!("{:016x}/{:016x}", RandomState::new().hash_one(path), RandomState::new().hash_one(path));
        let elsewhere = self.grant(challenge, &nobody_s, "push", run)?.status;
        let proves = matches!(elsewhere, 400 | 401 | 403 | 404) && is_granted(&self.grant(challenge, path, "push", run)?);
        proves.then_some(Proof::Granted)
    }

    /// What the token server answers if the login wants a token for this; none if it doesn't answer.
    fn grant(&self, challenge: &Challenge, path: &str, actions: &'static str, run: &mut ImageRun) -> Option<HttpResponse> {
        let login = self.login.filter(|_| matches!(challenge, Challenge::Bearer { .. }))?;
        let scope = TokenScope::Repository(path, actions);
        self.ask_for_token(challenge, scope, Some(login), run).ok().map(|(answer, _)| answer)
    }
}

fn is_granted(answer: &HttpResponse) -> bool {
    answer.status == 200
}

/// Whether `scope`, a list of scopes, allows to push to the repository `path`.
fn is_for_writing(scope: &str, path: &str) -> bool {
    scope.split_whitespace().any(|one| {
        let actions =
            one.strip_prefix("repository:").and_then(|rest| rest.strip_prefix(path)).and_then(|rest| rest.strip_prefix(':'));
        actions.is_some_and(|actions| writes(actions.split(',')))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_says_what_it_is_for() {
        for (scope, writing) in [
            ("repository:team/push:pull", false),
            ("repository:team/push:pull,push", true),
            ("repository:team/push:*", true),
            ("repository:other:push repository:team/push:pull", false),
            ("registry:catalog:* repository:team/push:push", true),
            ("push", false),
        ] {
            assert_eq!(is_for_writing(scope, "team/push"), writing, "{scope}");
        }
    }
}

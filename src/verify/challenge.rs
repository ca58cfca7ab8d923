//! The login that a registry requires: the `WWW-Authenticate` header (RFC 9110, section 11.6.1).

/// How to log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Challenge {
    /// Username and password with every request.
    Basic,
    /// A token from `realm` for `service` (the token authentication of distribution).
    Bearer {
        /// The address of the token server.
        realm: String,
        /// The service that the token is for.
        service: Option<String>,
        /// What the token must allow, if the registry says so.
        scope: Option<String>,
        /// What is wrong with the token that was sent.
        error: Option<String>,
    },
}

impl Challenge {
    /// The supported challenge in `headers`, preferring a token to a password as containerd does; none if no challenge is supported.
    pub(super) fn choose<'h>(headers: impl IntoIterator<Item = &'h str>) -> Option<Self> {
        let mut basic = None;
        for (scheme, parameters) in headers.into_iter().map(challenge) {
            let get = |name: &str| parameters.iter().rfind(|(key, _)| key == name).map(|(_, value)| value.clone());
            match scheme.as_str() {
                // Without a realm it leads nowhere, but containerd looks no further.
                "bearer" => {
                    let realm = get("realm").unwrap_or_default();
                    return Some(Self::Bearer { realm, service: get("service"), scope: get("scope"), error: get("error") });
                }
                "basic" => basic = Some(Self::Basic),
                _ => {}
            }
        }
        basic
    }

    /// The same without a scope.
    pub(super) fn without_scope(mut self) -> Self {
        if let Self::Bearer { scope, .. } = &mut self {
            *scope = None;
        }
        self
    }

    /// The same without a scope that any look-up of the repository `path` asks for.
    pub(super) fn at(self, path: &str) -> Self {
        match &self {
            Self::Bearer { scope: Some(scope), .. } if *scope == format!("repository:{path}:pull") => self.without_scope(),
            _ => self,
        }
    }

    /// What is wrong with the token that was sent: `invalid_token`, `insufficient_scope` (RFC 6750, section 3.1).
    pub(super) fn error(&self) -> Option<&str> {
        match self {
            Self::Bearer { error, .. } => error.as_deref(),
            Self::Basic => None,
        }
    }

    /// Whether `other` is met by the same login: the same kind, at the same token server for the same service and scope.
    pub(super) fn is_met_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Basic, Self::Basic) => true,
            (
                Self::Bearer { realm, service, scope, .. },
                Self::Bearer { realm: other_realm, service: other_service, scope: other_scope, .. },
            ) => realm == other_realm && service == other_service && (other_scope.is_none() || scope == other_scope),
            _ => false,
        }
    }
}

/// What `headers` say about a refusal, in words (RFC 6750, section 3).
pub(super) fn descriptions<'h>(headers: impl IntoIterator<Item = &'h str>) -> impl Iterator<Item = String> {
    let parameters = headers.into_iter().flat_map(|header| challenge(header).1);
    parameters.filter(|(name, _)| name == "error_description").map(|(_, text)| text)
}

type Parameters = Vec<(String, String)>;

/// The challenge in a header: its scheme and the names of its parameters in small letters. containerd reads no second one in the same header,
/// and stops at what it does not expect, even at a space around `=`.
fn challenge(header: &str) -> (String, Parameters) {
    let (scheme, mut rest) = word(header);
    let mut parameters = Vec::new();
    loop {
        let (name, behind) = word(rest.trim_start_matches(SPACE));
        let Some(value) = behind.strip_prefix('=').filter(|_| !name.is_empty()) else { break };
        let (value, behind) = value_of(value);
        parameters.push((name.to_ascii_lowercase(), value));
        let Some(behind) = behind.trim_start_matches(SPACE).strip_prefix(',') else { break };
        rest = behind;
    }
    (scheme.to_ascii_lowercase(), parameters)
}

const SPACE: [char; 4] = [' ', '\t', '\r', '\n'];

/// The token (RFC 9110, section 5.6.2) that `text` begins with, which may be empty, and what follows it.
fn word(text: &str) -> (&str, &str) {
    let end = |c: char| !c.is_ascii_graphic() || "()<>@,;:\\\"/[]?={}".contains(c);
    text.split_at(text.find(end).unwrap_or(text.len()))
}

/// A token or a quoted string, and what follows it. A string without an end is empty.
fn value_of(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let (value, behind) = word(text);
        return (value.to_owned(), behind);
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (value, &quoted[at + 1..]),
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            other => value.push(other),
        }
    }
    (String::new(), "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bearer(realm: &str, service: Option<&str>) -> Option<Challenge> {
        Some(Challenge::Bearer { realm: realm.to_owned(), service: service.map(str::to_owned), scope: None, error: None })
    }

    #[test]
    fn registries_ask_in_many_ways() {
        let cases = [
            (r#"Bearer realm="https://a.io/t",service="s",scope="repository:x:pull,push""#, bearer("https://a.io/t", Some("s"))),
            (r#"bearer realm="https://a.io/t" ,  service="s \"q\"" , ERROR=x"#, bearer("https://a.io/t", Some("s \"q\""))),
            (r#"BEARER Realm="https://a.io/t""#, bearer("https://a.io/t", None)),
            (r#"Bearer realm="https://a.io/1",realm="https://a.io/2""#, bearer("https://a.io/2", None)),
            // What containerd makes of it, and so fails.
            ("Bearer realm=https://a.io/t", bearer("https", None)),
            (r#"Bearer realm = "https://a.io/t""#, bearer("", None)),
            ("Bearer", bearer("", None)),
            (r#"Bearer realm="unfinished"#, bearer("", None)),
            (r#"Basic realm="r", Bearer realm="https://a.io/t""#, Some(Challenge::Basic)),
            (r#"Negotiate, Basic realm="r""#, None),
            (r#"Basic realm="https://r/",service="ecr.amazonaws.com""#, Some(Challenge::Basic)),
            ("BASIC", Some(Challenge::Basic)),
            ("Negotiate abc==", None),
            ("", None),
            ("=,\"\\", None),
        ];
        for (header, expected) in cases {
            let mut found = Challenge::choose([header]);
            if let Some(Challenge::Bearer { scope, error, .. }) = &mut found {
                (*scope, *error) = (None, None);
            }
            assert_eq!(found, expected, "{header}");
        }
        let full = Challenge::choose([r#"Bearer realm="r",scope="repository:x:pull,push",error="invalid_token""#]);
        let Some(Challenge::Bearer { scope, error, .. }) = full else { panic!("{full:?}") };
        assert_eq!((scope.as_deref(), error.as_deref()), (Some("repository:x:pull,push"), Some("invalid_token")));
        assert_eq!(Challenge::choose(["Basic", r#"Bearer realm="https://a.io/t""#]), bearer("https://a.io/t", None));
    }
}

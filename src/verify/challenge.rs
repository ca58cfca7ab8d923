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
    /// The supported challenge in `headers`, preferring a token to a password; none if no challenge is supported.
    pub(super) fn choose<'h>(headers: impl IntoIterator<Item = &'h str>) -> Option<Self> {
        let mut basic = None;
        for (scheme, parameters) in headers.into_iter().flat_map(challenges) {
            if scheme.eq_ignore_ascii_case("bearer") {
                let get = |name: &str| parameters.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, v)| v.clone());
                if let Some(realm) = get("realm") {
                    return Some(Self::Bearer { realm, service: get("service"), scope: get("scope"), error: get("error") });
                }
            } else if scheme.eq_ignore_ascii_case("basic") {
                basic = Some(Self::Basic);
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
    let parameters = headers.into_iter().flat_map(challenges).flat_map(|(_, parameters)| parameters);
    parameters.filter(|(name, _)| name.eq_ignore_ascii_case("error_description")).map(|(_, text)| text)
}

type Parameters = Vec<(String, String)>;

/// The challenges in one header: schemes, each with its parameters. The list ends at a syntax error.
fn challenges(header: &str) -> Vec<(String, Parameters)> {
    let mut found: Vec<(String, Parameters)> = Vec::new();
    let mut rest = header;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"!#$%&'*+-.^_`|~".contains(c)).unwrap_or(rest.len());
        let (word, behind) = rest.split_at(length);
        if word.is_empty() {
            return found;
        }
        let Some(value) = behind.trim_start_matches([' ', '\t']).strip_prefix('=') else {
            found.push((word.to_owned(), Vec::new()));
            rest = behind;
            continue;
        };
        let Some((_, parameters)) = found.last_mut() else { return found };
        let Some((text, behind)) = value_of(value.trim_start_matches([' ', '\t'])) else { return found };
        parameters.push((word.to_owned(), text));
        rest = behind;
    }
}

/// A token or a quoted string, and what follows it.
fn value_of(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let length = text.find([' ', '\t', ',']).unwrap_or(text.len());
        return Some((text[..length].to_owned(), &text[length..]));
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, &quoted[at + 1..])),
            '\\' => value.push(characters.next()?.1),
            other => value.push(other),
        }
    }
    None
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
            (r#"bearer realm=https://a.io/t , service = "s \"q\"" , error="x""#, bearer("https://a.io/t", Some("s \"q\""))),
            (r#"Basic realm="r", Bearer realm="https://a.io/t""#, bearer("https://a.io/t", None)),
            (r#"Basic realm="https://r/",service="ecr.amazonaws.com""#, Some(Challenge::Basic)),
            ("BASIC", Some(Challenge::Basic)),
            ("Bearer", None),
            (r#"Bearer realm="unfinished"#, None),
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

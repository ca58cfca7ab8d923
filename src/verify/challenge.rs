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
                    return Some(Self::Bearer { realm, service: get("service") });
                }
            } else if scheme.eq_ignore_ascii_case("basic") {
                basic = Some(Self::Basic);
            }
        }
        basic
    }
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
        Some(Challenge::Bearer { realm: realm.to_owned(), service: service.map(str::to_owned) })
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
            assert_eq!(Challenge::choose([header]), expected, "{header}");
        }
        assert_eq!(Challenge::choose(["Basic", r#"Bearer realm="https://a.io/t""#]), bearer("https://a.io/t", None));
    }
}

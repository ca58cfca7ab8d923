//! Whether a login could also push: what token servers tell of it, and those that tell nothing.

use super::*;

/// What a token server does with a scope that the login has only a part of.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Manner {
    /// It refuses.
    Strict,
    /// It grants what is left, and refuses if nothing is.
    Rest,
    /// It grants a token, whatever is left.
    Lenient,
}

/// How it tells what a token is for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Telling {
    /// Not at all.
    Nothing,
    /// In the token, as distribution, Docker Hub, GitLab, Harbor, Quay and Azure do.
    Claims,
    /// Beside it, as RFC 6749 says.
    Scope,
}

/// Which repositories the login may push to.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Right {
    Reader,
    Writer,
    /// To any.
    Owner,
}

/// Its name is an action's, so that nobody mistakes the one for the other.
const REPOSITORY: &str = "team/push";

fn part(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

fn answer(manner: Manner, telling: Telling, right: Right, asked: &Asked) -> Reply {
    let path = asked.path.replace("%3A", ":").replace("%2F", "/").replace("%2C", ",");
    match (path.starts_with("/token"), asked.header("authorization")) {
        (true, authorization) if authorization != pair() => Reply::status(401),
        (true, _) => {
            let scope = path.split(['?', '&']).find_map(|part| part.strip_prefix("scope=repository:")).unwrap_or_default();
            let (name, wanted) = scope.split_once(':').unwrap_or_default();
            let may = |action: &&str| match right {
                Right::Reader => name == REPOSITORY && *action == "pull",
                Right::Writer => name == REPOSITORY,
                Right::Owner => true,
            };
            let wanted: Vec<&str> = wanted.split(',').filter(|action| !action.is_empty()).collect();
            let given: Vec<&str> = wanted.iter().copied().filter(may).collect();
            let refuses = match manner {
                Manner::Strict => given.len() < wanted.len(),
                Manner::Rest => given.is_empty(),
                Manner::Lenient => false,
            };
            if refuses {
                return Reply::json(403, r#"{"errors":[{"code":"DENIED","message":"denied"}]}"#);
            }
            let access =
                serde_json::json!({"access": [{"type": "repository", "name": name, "actions": given}], "exp": unix_now() + 60});
            let token = match telling {
                Telling::Claims => format!("{}.{}.c2ln", part(r#"{"alg":"RS256"}"#), part(&access.to_string())),
                Telling::Nothing | Telling::Scope => "DockerToken.0f8e".to_owned(),
            };
            let mut body = serde_json::json!({"access_token": token, "expires_in": 60});
            if telling == Telling::Scope {
                body["scope"] = format!("repository:{name}:{}", given.join(",")).into();
            }
            Reply::json(200, &body.to_string())
        }
        (false, authorization) if authorization.starts_with("Bearer ") => serve(&images::index(&["linux/amd64"]), asked),
        _ => bearer(&format!("http://{}/token", asked.header("host"))),
    }
}

#[test]
fn a_login_that_could_also_push_is_told_where_that_is_known() {
    for telling in [Telling::Nothing, Telling::Claims, Telling::Scope] {
        for manner in [Manner::Strict, Manner::Rest, Manner::Lenient] {
            for right in [Right::Reader, Right::Writer, Right::Owner] {
                let (server, _) = plain(move |asked| answer(manner, telling, right, asked));
                let image = format!("{}/{REPOSITORY}:1", server.host());
                let entry = Case::new(image).login(server.host(), "reader", PASSWORD).expect("ready", &[]);
                // One that grants everything without a word can't be told from one whose login may do everything.
                let told = right != Right::Reader
                    && (telling != Telling::Nothing || right == Right::Writer && manner != Manner::Lenient);
                assert_eq!(warnings(&entry).contains(&"can-push"), told, "{telling:?} {manner:?} {right:?} {entry:#}");
                // Nothing is written, and only the token server is asked.
                assert!(server.asked().iter().all(|asked| matches!(asked.method.as_str(), "GET" | "HEAD")));
                let asked = server.asked();
                let mut pushes = asked.iter().filter(|asked| asked.path.contains("pull%2Cpush") || asked.path.ends_with("push"));
                assert!(pushes.all(|asked| asked.path.starts_with("/token")), "{asked:#?}");
            }
        }
    }
}

#[test]
fn a_token_server_that_fails_when_asked_about_others_proves_nothing() {
    let (_server, case) = plain(|asked| match (asked.path.starts_with("/token"), asked.path.contains("app")) {
        (true, false) if asked.path.contains("scope") => Reply::status(500),
        (true, _) if asked.header("authorization") == pair() => Reply::json(200, r#"{"token":"t"}"#),
        (true, _) => Reply::status(401),
        _ if asked.header("authorization") == "Bearer t" => serve(&images::index(&["linux/amd64"]), asked),
        _ => bearer(&format!("http://{}/token", asked.header("host"))),
    });
    let entry = case.expect("ready", &[]);
    assert!(!warnings(&entry).contains(&"can-push"), "{entry:#}");
}

//! The same refusal in other words, with other statuses and in other bodies: the verdict and the sentence stay the same.

use super::*;

/// Where a registry refuses.
#[derive(Clone, Copy, PartialEq)]
enum Stage {
    /// At the manifest, after a password.
    Basic,
    /// At the manifest, after a token.
    Token,
    /// At the token server, whatever is asked.
    TokenServer,
    /// At the manifest; nobody is asked for a login.
    Open,
}

use Stage::{Basic, Open, Token, TokenServer};

/// Sentences, where and with which statuses they are said, and the verdict.
struct Kind {
    verdict: &'static str,
    stages: Vec<Stage>,
    statuses: Vec<u16>,
    sentences: Vec<&'static str>,
}

fn kinds() -> Vec<Kind> {
    let text = include_str!("../../data/verify/refusals.txt");
    let mut kinds: Vec<Kind> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let Some(heading) = line.strip_prefix("= ") else {
            kinds.last_mut().expect("a heading").sentences.push(line);
            continue;
        };
        let parts: Vec<&str> = heading.split(" | ").collect();
        let stages = parts[1].split(' ').map(|name| match name {
            "basic" => Basic,
            "token" => Token,
            "token-server" => TokenServer,
            "open" => Open,
            other => panic!("no stage `{other}`"),
        });
        let statuses = parts[2].split(' ').map(|status| status.parse().expect("a status"));
        kinds.push(Kind { verdict: parts[0], stages: stages.collect(), statuses: statuses.collect(), sentences: Vec::new() });
    }
    kinds
}

/// Bodies that say `sentence`.
fn bodies(sentence: &str) -> Vec<(&'static str, String)> {
    let json = serde_json::to_string(sentence).expect("JSON");
    let escaped = sentence.replace('&', "&amp;").replace('<', "&lt;").replace('\'', "&#39;").replace('"', "&quot;");
    let (of_json, page) = ("application/json", "text/html; charset=utf-8");
    vec![
        (of_json, format!(r#"{{"errors":[{{"code":"DENIED","message":{json}}}]}}"#)),
        (of_json, format!(r#"{{"errors":[{{"code":"denied","message":"denied","detail":{json}}}]}}"#)),
        (
            of_json,
            format!(r#"{{"errors":[{{"message":"Forbidden"}},{{"code":"UNKNOWN","message":{json},"detail":{{"name":"x"}}}}]}}"#),
        ),
        (of_json, format!(r#"{{"errors":[{json}]}}"#)),
        (of_json, format!(r#"{{"message":{json}}}"#)),
        (of_json, format!(r#"{{"__type":"AccessDeniedException","Message":{json}}}"#)),
        (of_json, format!(r#"{{"error":{{"code":403,"message":{json},"status":"PERMISSION_DENIED"}}}}"#)),
        (of_json, format!(r#"{{"error":"access_denied","error_description":{json}}}"#)),
        ("application/problem+json", format!(r#"{{"type":"about:blank","title":"Forbidden","detail":{json}}}"#)),
        (of_json, format!("\u{feff}{json}")),
        (page, format!("<!DOCTYPE html>\n<HTML><HEAD><TITLE>{escaped}</TITLE></HEAD><BODY><h1>403</h1></BODY></HTML>")),
        (
            page,
            format!(
                "<html><head><title>403 Forbidden</title></head><body><h1>Error</h1><p class=\"x\">{escaped}</p></body></html>"
            ),
        ),
        (
            "application/xml",
            format!(
                "<?xml version='1.0' encoding='UTF-8'?>\n<Error><Code>AccessDenied</Code><Message>{escaped}</Message></Error>"
            ),
        ),
        ("text/plain", format!("{sentence}\n")),
        // As HTTP/1.1 servers without a type send it.
        ("", sentence.to_owned()),
    ]
}

/// One case: how its registry answers, and what must come of it.
struct Variant {
    stage: Stage,
    status: u16,
    kind: &'static str,
    body: String,
    challenge: Option<String>,
    verdict: &'static str,
    said: String,
}

impl Variant {
    fn reply(&self, asked: &Asked) -> Reply {
        let mut headers = Vec::new();
        if !self.kind.is_empty() {
            headers.push(("content-type", self.kind.to_owned()));
        }
        headers
            .extend(self.challenge.iter().map(|challenge| ("www-authenticate", challenge.replace("HOST", asked.header("host")))));
        Reply::Http(self.status, headers, self.body.clone().into_bytes())
    }
}

/// The number of the case that is asked for: its repository is `team/cN`.
fn number(asked: &Asked) -> Option<usize> {
    let path = asked.path.replace("%2F", "/").replace("%3A", ":");
    let digits: String = path.split_once("team/c")?.1.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// A registry that answers each repository as its variant says.
fn registry(stage: Stage, variants: Vec<Variant>) -> (Server, std::sync::Arc<Vec<Variant>>) {
    let variants = std::sync::Arc::new(variants);
    let known = variants.clone();
    let server = Server::start(None, NOW, move |asked| {
        let variant = number(asked).and_then(|number| known.get(number));
        let realm = format!("http://{}/token", asked.header("host"));
        let asks = asked.path.starts_with("/token");
        let authorization = asked.header("authorization");
        match (stage, variant) {
            (Open, None) => Reply::json(200, "{}"),
            (Open, Some(variant)) => variant.reply(asked),
            (Basic, None) if authorization == pair() => Reply::json(200, "{}"),
            (Basic, Some(variant)) if authorization == pair() => variant.reply(asked),
            (Basic, _) => basic(),
            (TokenServer, Some(variant)) if asks => variant.reply(asked),
            // Without a repository it says no more.
            (TokenServer, None) if asks => Reply::status(401),
            (Token, _) if asks && authorization == pair() => Reply::json(200, r#"{"token":"t"}"#),
            (Token, _) if asks => Reply::status(401),
            (Token, Some(variant)) if authorization == "Bearer t" => variant.reply(asked),
            (Token, None) if authorization == "Bearer t" => Reply::json(200, "{}"),
            _ => bearer(&realm),
        }
    });
    (server, variants)
}

/// Verifies all of them in one run.
fn judge(stage: Stage, variants: Vec<Variant>) {
    let (server, variants) = registry(stage, variants);
    let (host, folder) = (server.host(), Folder::new());
    let mut text = "version: \"2.0\"\nservices:\n".to_owned();
    for number in 0..variants.len() {
        let login = format!("{{host: \"{host}\", username: \"{{{{ U }}}}\", password: \"{{{{ P }}}}\"}}");
        text.push_str(&format!("  s{number}:\n    image: {host}/team/c{number}:1\n    credentials: {login}\n"));
    }
    folder.file("t.yaml", text);
    let ran = folder.run(&["verify", "--timeout", "60", "--format", "json", "t.yaml"], &[("U", "reader"), ("P", PASSWORD)]);
    let entries: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("no JSON: {}", ran.stderr));
    crate::support::schema::assert_valid("verify", &entries);
    Case::new("").login("", "reader", PASSWORD).keeps_secrets(&ran.stdout);
    let mut faults = Vec::new();
    for (variant, entry) in variants.iter().zip(entries.as_array().expect("a list")) {
        let said = entry["said"].as_str().unwrap_or_default();
        let expected: String = variant.said.chars().take(299).collect();
        if entry["verdict"] != variant.verdict || !said.starts_with(&expected) || said.is_empty() != expected.is_empty() {
            faults.push(format!(
                "{} {said:?} of HTTP {} {}\n   {} {expected:?}",
                entry["verdict"], variant.status, variant.body, variant.verdict
            ));
        }
    }
    println!("{} answers, {} wrong", variants.len(), faults.len());
    assert!(faults.is_empty() && entries.as_array().map(Vec::len) == Some(variants.len()), "{}", faults.join("\n"));
}

#[test]
fn the_same_refusal_has_one_verdict_in_whatever_words_it_comes() {
    let kinds = kinds();
    for stage in [Basic, Token, TokenServer, Open] {
        let mut variants = Vec::new();
        for Kind { verdict, statuses, sentences, .. } in kinds.iter().filter(|kind| kind.stages.contains(&stage)) {
            for (sentence, status) in
                sentences.iter().flat_map(|sentence| statuses.iter().map(move |status| (*sentence, *status)))
            {
                // A busy registry is asked again, which takes its time.
                let count = if matches!(status, 429 | 500..=504) { usize::from(stage == Basic) } else { usize::MAX };
                for (kind, body) in bodies(sentence).into_iter().take(count) {
                    let said = sentence.to_owned();
                    variants.push(Variant { stage, status, kind, body, challenge: None, verdict, said });
                }
            }
        }
        assert!(variants.iter().all(|variant| variant.stage == stage));
        judge(stage, variants);
    }
}

#[test]
fn an_answer_without_a_sentence_is_judged_by_its_status_codes_and_headers() {
    let code = |code: &str| format!(r#"{{"errors":[{{"code":"{code}"}}]}}"#);
    let described = |scheme: &str, error: &str| {
        Some(format!(
            r#"{scheme} realm="http://HOST/token",service="s",error="{error}",error_description="the token lacks a scope""#
        ))
    };
    let page =
        "<html>\r\n<head><title>403 Forbidden</title></head>\r\n<body><center><h1>403 Forbidden</h1></center></body></html>";
    let rows: Vec<(Stage, u16, String, Option<String>, &'static str, &str)> = vec![
        (Basic, 401, String::new(), None, "no-access", ""),
        (Basic, 403, String::new(), None, "no-access", ""),
        (Basic, 403, page.to_owned(), None, "no-access", "403 Forbidden"),
        (Basic, 403, "<html>".to_owned(), None, "no-access", ""),
        (Basic, 403, "{".to_owned(), None, "no-access", "{"),
        (Basic, 403, "[]".to_owned(), None, "no-access", ""),
        (Basic, 400, code("UNAUTHORIZED"), None, "no-access", "UNAUTHORIZED"),
        (Basic, 402, String::new(), None, "payment-required", ""),
        (Basic, 412, String::new(), None, "policy", ""),
        (Basic, 451, String::new(), None, "legal", ""),
        (Basic, 404, String::new(), None, "no-image", ""),
        (Basic, 404, page.replace("403 Forbidden", "404 Not Found"), None, "no-image", "404 Not Found"),
        (Basic, 404, code("NAME_UNKNOWN"), None, "no-repository", "NAME_UNKNOWN"),
        (Basic, 404, code("name_unknown"), None, "no-repository", "name_unknown"),
        (Basic, 404, code("NAME_INVALID"), None, "no-repository", "NAME_INVALID"),
        (Basic, 400, code("NAME_INVALID"), None, "no-repository", "NAME_INVALID"),
        (Basic, 400, code("MANIFEST_UNKNOWN"), None, "no-image", "MANIFEST_UNKNOWN"),
        (Basic, 404, code("NOT_FOUND"), None, "no-image", "NOT_FOUND"),
        (Basic, 403, code("TOOMANYREQUESTS"), None, "rate-limited", "TOOMANYREQUESTS"),
        (Basic, 403, code("PROJECTPOLICYVIOLATION"), None, "policy", "PROJECTPOLICYVIOLATION"),
        (Basic, 400, String::new(), None, "not-a-registry", ""),
        (Basic, 418, "I'm a teapot".to_owned(), None, "not-a-registry", "I'm a teapot"),
        (Token, 401, String::new(), described("Bearer", "insufficient_scope"), "no-access", "the token lacks a scope"),
        (Token, 403, code("DENIED"), described("bearer", "insufficient_scope"), "no-access", "the token lacks a scope"),
        (TokenServer, 401, String::new(), None, "wrong-credentials", ""),
        (TokenServer, 400, r#"{"error":"invalid_grant"}"#.to_owned(), None, "wrong-credentials", "invalid_grant"),
        // GitLab, for a right token without the scope of the registry; a wrong one.
        (
            TokenServer,
            403,
            r#"{"errors":[{"code":"DENIED","message":"access forbidden"}]}"#.to_owned(),
            None,
            "no-access",
            "access forbidden",
        ),
        (
            TokenServer,
            401,
            r#"{"errors":[{"code":"UNAUTHORIZED","message":"HTTP Basic: Access denied."}]}"#.to_owned(),
            None,
            "wrong-credentials",
            "HTTP Basic",
        ),
        // GitHub, for a wrong token.
        (
            TokenServer,
            403,
            r#"{"errors":[{"code":"DENIED","message":"denied"}]}"#.to_owned(),
            None,
            "wrong-credentials",
            "denied",
        ),
        (
            TokenServer,
            404,
            r#"{"errors":[{"code":"UNAVAILABLE","message":"registry not enabled"}]}"#.to_owned(),
            None,
            "not-a-registry",
            "registry not enabled",
        ),
        (Open, 401, String::new(), None, "not-a-registry", ""),
        (Open, 403, String::new(), None, "forbidden", ""),
        (Open, 403, page.to_owned(), Some("Negotiate".to_owned()), "forbidden", "403 Forbidden"),
    ];
    for stage in [Basic, Token, TokenServer, Open] {
        let these = rows.iter().filter(|row| row.0 == stage).cloned();
        judge(
            stage,
            these
                .map(|(stage, status, body, challenge, verdict, said)| Variant {
                    stage,
                    status,
                    kind: "text/html",
                    body,
                    challenge,
                    verdict,
                    said: said.to_owned(),
                })
                .collect(),
        );
    }
}

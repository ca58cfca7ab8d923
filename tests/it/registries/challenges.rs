//! How registries ask for a login, replayed: several headers, several challenges in one, other letters. containerd's reading decides.

use super::Row;
use super::replays::Scene;
use crate::verify::images;
use crate::verify::server::{Asked, Reply};
use crate::verify_servers::{pair, serve};

const ANY: &str = "any (replay)";
const TOKEN: &str = r#"Bearer realm="https://r.example/token",service="s""#;

const BASIC: &str = "Basic realm=\"r\"";
const TOKEN_AND_BASIC: &str = r#"Bearer realm="https://r.example/token",service="s", Basic realm="r""#;

/// A registry that asks in these headers, and takes a password, or only a token of its own server.
fn asking(headers: &'static [&'static str], password: bool) -> impl Fn(&Asked) -> Reply + Send + Sync + 'static {
    move |asked| match (asked.path.starts_with("/token"), asked.header("authorization")) {
        (true, authorization) if authorization == pair() => Reply::json(200, r#"{"token":"t"}"#),
        (true, _) => Reply::status(401),
        (false, "Bearer t") => serve(&images::index(&["linux/amd64"]), asked),
        (false, authorization) if password && authorization == pair() => serve(&images::index(&["linux/amd64"]), asked),
        _ => headers.iter().fold(Reply::status(401), |reply, header| reply.with("www-authenticate", *header)),
    }
}

/// Runs the rows.
pub fn rows(run: &mut dyn FnMut(Row)) -> bool {
    let (all, alone): (fn(Row) -> Row, fn(Row) -> Row) = (|row| row, Row::of_second_login);
    // What containerd, crane and skopeo read in the same way, and where the last two try something else.
    for (situation, headers, password, verdict, judged) in [
        ("asks in two headers: Negotiate, Basic", &["Negotiate", BASIC][..], true, "ready", all),
        ("asks in two headers: a token, which it takes, and Basic", &[TOKEN, BASIC], false, "ready", all),
        ("asks in two headers: Basic, and a token, which it takes", &[BASIC, TOKEN], false, "ready", alone),
        ("asks in one header: a token, which it takes, and Basic", &[TOKEN_AND_BASIC], false, "ready", all),
        ("asks in one header: Negotiate, Basic", &["Negotiate, Basic realm=\"r\""], true, "not-a-registry", alone),
        ("asks in capitals", &["BASIC REALM=\"r\""], true, "ready", all),
        ("asks only with a scheme", &["Basic"], true, "ready", all),
        ("asks without quotes", &["bearer realm=https://r.example/token,service=s"], false, "not-a-registry", all),
        ("asks with spaces around `=`", &[r#"Bearer realm = "https://r.example/token""#], false, "not-a-registry", all),
        ("asks for a token of a server without a host", &[r#"Bearer realm="/token",service="s""#], false, "not-a-registry", all),
        ("asks for a token without saying where, and Basic", &["Bearer service=\"s\"", BASIC], true, "not-a-registry", all),
        ("asks only for Negotiate", &["Negotiate", "NTLM"], true, "not-a-registry", alone),
    ] {
        let scene = Scene::new().host("r.example", asking(headers, password));
        let row = Row::new(ANY, situation, scene.case("r.example/app:1", "reader"), verdict);
        run(judged(row));
    }
    true
}

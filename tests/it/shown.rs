//! Nothing of a secret is in what is shown: many ways to fail, in every format, with canaries as values, in files, in variables and written in
//! the template itself. As they are, in base64 and percent-encoded.

use crate::support::{Folder, Ran, assert_silent};

mod characters;
mod includes;
mod words;

/// What must never be shown. Each is in one kind of place.
const VALUE: &str = "canary/value 71c0";
const LITERAL: &str = "canary-literal+5b1e";
const USER: &str = "canary-user-90aa";
const VARIABLE: &str = "canary-variable=37d2";
const ARGUMENT: &str = "canary-argument~e4f1";
const CANARIES: [&str; 5] = [VALUE, LITERAL, USER, VARIABLE, ARGUMENT];

const BASE: &str = include_str!("../data/check/clean.tmpl.yaml");

/// Where a literal must not be quoted, in lines of which each is also about something else.
fn lines() -> Vec<String> {
    let lines = [
        "password: «L»",
        "password:«L»",
        "password «L»",
        "password: [«L»]",
        "password: &p «L»",
        "credentials: [ghcr.io, «U», «L»]",
        "credentials: {host:ghcr.io,username:«U»,password:«L»}",
        "DB_PASSWORD «L»",
        "x: {password:«L»: \"{{ A }}\"}",
        "x: {DB_PASSWORD=«L»: 1, password: {«L»}}",
        "env: [[DB_PASSWORD, «L»], {name: API_KEY, value: «L»}]",
        "x: «U»:«L»@tcp(db:3306)/x",
        "image: «U»:«L»@ghcr.io/a/b:1",
        "password: \"«L»\" # «L»: no",
        "password: '{{ A | default(\"«L»\") }}«L»'",
        "credentials: {host: ghcr.io, username: «U», password: «L»}",
        "DB_PASSWORD: «L»",
        "env: [\"API_KEY=«L»\", \"DB_PASSWORD={{ A }}«L»\"]",
        "x: https://«U»:«L»@example.com/x?token=«L»",
        "x: postgres://app:«L»{{ A }}@db/x",
        "x: \"{\\\"private_key\\\": \\\"«L»\\\"}\"",
        "x: [--password, «L»]",
        "x: \"Authorization: Bearer «L»\"",
        "secret: |\n  a\n  «L»",
        "secret: \"a\n  «L»\"",
        "# password: «L»",
    ];
    lines.map(|line| line.replace("«L»", LITERAL).replace("«U»", USER)).into()
}

/// Templates that are wrong at the line, each in another way; at its end `«»` is where the fault is.
const FAULTS: [&str; 14] = [
    "«» {{ ABSENT }}",
    "«» {{ A | upper }}",
    "«» {{ A | nosuch(\"x\") }}",
    "«» {{ .X }}",
    "«» {{ vars.ABSENT }}",
    "«» {{ file('gone') }}",
    "«» {{ vars.V | int }}",
    "«» {{ vars.V.x.y }}",
    "«» {{ vars.V() }}",
    "«» {{ A | int }}",
    "«»\n x: [",
    "«»\n\tx: 1",
    "«»\n{% include vars.V %}",
    "«»\n{{ A }}: 1",
];

fn texts() -> Vec<String> {
    let mut texts = Vec::new();
    for line in lines() {
        let indented = line.replace('\n', "\n    ");
        for fault in FAULTS {
            texts.push(format!("services:\n  web:\n    {}\n", fault.replace("«»", &indented)));
            texts.push(format!("{}\n", fault.replace("«»", &line)));
        }
        // An SDL with the line where it does not belong, so that rules have something to say.
        texts.push(BASE.replace("    image:", &format!("    {indented}\n    imagee:")));
    }
    // What is neither a template nor YAML.
    texts.extend([
        format!("{LITERAL}\n"),
        format!("TAG=v1\nexport OTHER={LITERAL}\nDB_PASSWORD='{LITERAL}\n{LITERAL}'\n"),
        format!("-----BEGIN PRIVATE KEY-----\n{LITERAL}\n\t{LITERAL}: {{\n-----END PRIVATE KEY-----\n"),
        format!("{{\"type\": \"service_account\",\n\"private_key\": \"{LITERAL}\",\n\t\"x\": [\n"),
        format!("{{\"auths\": {{\"ghcr.io\": {{\"auth\": \"{LITERAL}\"}}}},,}}\n"),
        // Base64 ends as a setting begins, and an address may have a setting in it.
        "Y2FuYXJ5LWxpdGVyYWwrNWIxZWNhbmFyeQ==\n".to_owned(),
        format!("postgres://{USER}:{LITERAL}@db/x?sslmode=require\n"),
        format!("bob: {LITERAL}\n"),
        format!("machine ghcr.io login {USER} password {LITERAL}\n"),
    ]);
    texts
}

const COMMANDS: [&[&str]; 12] = [
    &["t.yaml"],
    &["t.yaml", "--redact"],
    &["t.yaml", "--strict"],
    &["check", "t.yaml"],
    &["check", "t.yaml", "--format", "json"],
    &["check", "t.yaml", "--format", "sarif"],
    &["check", "t.yaml", "--format", "github"],
    &["list", "t.yaml"],
    &["list", "t.yaml", "--format", "json"],
    &["list", "t.yaml", "--format", "sarif"],
    &["list", "t.yaml", "--format", "github"],
    &["verify", "t.yaml", "--format", "json", "--timeout", "1"],
];

#[track_caller]
fn is_silent(ran: &Ran, about: &str) {
    for text in [&ran.stdout, &ran.stderr] {
        let shown = CANARIES.iter().find(|canary| text.contains(**canary));
        assert!(shown.is_none(), "{shown:?} is shown for\n{about}\nin\n{text}");
        assert_silent(text, CANARIES.into_iter());
    }
}

fn folder() -> Folder {
    let folder = Folder::judged();
    crate::support::set_mode(&folder.file(".env", format!("V={VARIABLE}\nA={VALUE}\n")), 0o600);
    folder
}

#[test]
fn no_canary_is_in_the_output_of_any_error() {
    let folder = folder();
    let (mut failed, texts) = (0, texts());
    let every = if crate::hostile::random::is_full() { 1 } else { 5 };
    for (at, text) in texts.iter().enumerate() {
        folder.file("t.yaml", text);
        for command in COMMANDS.iter().skip(at % every).step_by(every) {
            let arguments =
                [*command, if command[0] == "check" { &["--set", "V=canary-variable=37d2"][..] } else { &[] }].concat();
            let ran = folder.run(&arguments, &[]);
            failed += usize::from(ran.code != Some(0));
            // A result has its literals; only what is said about it must not.
            let rendered = ran.code == Some(0) && command[0] == "t.yaml";
            let ran = if rendered { Ran { stdout: String::new(), ..ran } } else { ran };
            is_silent(&ran, &format!("{arguments:?}\n{text}"));
        }
    }
    assert!(failed * every >= texts.len() * COMMANDS.len() / 2, "{failed} of {}", texts.len());
}

//! Characters that a terminal acts on, or that change what is read: none of a template, a file's name, a key, a helper or a registry gets there.

use std::process::{Command, Stdio};

use crate::support::{Folder, Ran, require};
use crate::verify::case::Case;
use crate::verify::server::Reply;
use crate::verify_servers::plain;

/// One of each: an escape sequence, C1, DEL, an override, an isolate, a mark, a character without a width, a tag.
const EVIL: [&str; 8] = ["\u{1b}]0;x\u{7}", "\u{9b}31m", "\u{7f}", "\u{202e}", "\u{2066}", "\u{200f}", "\u{feff}", "\u{e0041}"];

fn is_deceptive(c: char) -> bool {
    c.is_control() && !matches!(c, '\n' | '\t')
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

#[track_caller]
fn is_clean(ran: &Ran, about: &str) {
    for text in [&ran.stdout, &ran.stderr] {
        let found: Vec<char> = text.chars().filter(|c| is_deceptive(*c)).collect();
        assert!(found.is_empty(), "{found:?} for {about:?} in\n{text:?}");
    }
}

const FORMATS: [&[&str]; 9] = [
    &["check"],
    &["check", "--format", "json"],
    &["check", "--format", "sarif"],
    &["check", "--format", "github"],
    &["list"],
    &["list", "--format", "json"],
    &["list", "--format", "sarif"],
    &["list", "--format", "github"],
    &["verify", "--timeout", "1"],
];

#[test]
fn none_comes_from_a_template_or_the_name_of_a_file() {
    for evil in EVIL {
        let folder = Folder::judged();
        let texts = [
            format!("a: \"{evil}{{{{ ABSENT }}}}\"\n"),
            format!(
                "services:\n  w{evil}b:\n    im{evil}age: nginx\n    env: [\"A{evil}=hunter2\", \"{{{{ secrets['N{evil}'] }}}}\"]\n"
            ),
            format!("# {evil}\na: \"{{{{ vars['X{evil}'] }}}} {{{{ ABSENT | nosuch('{evil}') }}}}\"\n"),
            format!("a: [{evil}\n"),
            format!("a: \"{{{{ file('gone{evil}') }}}} {{{{ docker('ghcr.io{evil}').password }}}}\"\n"),
            format!("{{% include 'gone{evil}' %}}\n"),
            format!(
                "version: \"2.0\"\nservices:\n  web: {{image: \"ghcr.io/o/{evil}:1\", credentials: {{host: \"h{evil}\", username: u, password: \"{{{{ A }}}}\"}}}}\n"
            ),
        ];
        let name = format!("t{evil}.yaml");
        for text in texts {
            folder.file("t.yaml", &text);
            folder.file(&name, &text);
            for file in ["t.yaml", &name] {
                for format in FORMATS {
                    is_clean(&folder.run(&[format, &[file]].concat(), &[("A", "hunter2hunter2")]), &text);
                }
                is_clean(&folder.run(&[file], &[]), &text);
            }
        }
        for arguments in [
            vec!["gone\u{202e}.yaml"],
            vec!["t.yaml", "-e", evil],
            vec!["t.yaml", "--profile", evil],
            vec!["t.yaml", evil],
            vec!["explain", evil],
        ] {
            is_clean(&folder.run(&arguments, &[]), evil);
        }
    }
}

#[test]
fn none_comes_from_a_helper() {
    let folder = Folder::new();
    folder.file("t.yaml", "a: \"{{ docker('ghcr.io').password }}\"\n");
    for evil in EVIL {
        let helper = folder.file("bin/docker-credential-evil", format!("#!/bin/sh\nprintf 'no{evil}pe' >&2\nexit 1\n"));
        crate::support::set_mode(&helper, 0o755);
        folder.file(".docker/config.json", r#"{"credsStore": "evil"}"#);
        let path = format!("{}:/usr/bin:/bin", folder.path().join("bin").display());
        let ran = folder.run(&["t.yaml"], &[("PATH", &path)]);
        assert!(ran.stderr.contains("and said: no"), "{}", ran.stderr);
        is_clean(&ran, evil);
    }
}

#[test]
fn none_comes_from_a_registry() {
    for evil in EVIL {
        let body = serde_json::json!({ "errors": [{ "code": "DENIED", "message": format!("no{evil}pe") }] }).to_string();
        let (_server, case) = plain(move |asked| match asked.path.as_str() {
            "/v2/" => Reply::status(200),
            _ => Reply::json(403, &body).with("WWW-Authenticate", format!("Basic realm=\"{evil}\"")),
        });
        let folder = Folder::new();
        for arguments in [
            &["verify"][..],
            &["verify", "--format", "json"],
            &["verify", "--format", "sarif"],
            &["verify", "--format", "github"],
        ] {
            let ran = Case::run(&case, &folder, arguments);
            assert_eq!(ran.code, Some(1), "{ran:?}");
            is_clean(&ran, evil);
        }
    }
}

/// On a terminal a result is looked at, so it is shown as harmlessly as a message.
#[cfg(target_os = "linux")]
#[test]
fn none_of_a_result_reaches_a_terminal() {
    if !require("script") {
        return;
    }
    let folder = Folder::new();
    folder.file("t.yaml", "a: \"{{ A }}\" # x\u{202e}y\n");
    for arguments in ["", "--reveal"] {
        let line = format!("{} --no-check t.yaml {arguments}", env!("CARGO_BIN_EXE_sdlrender"));
        let mut script = Command::new("timeout");
        script.args(["20", "script", "--quiet", "--return", "--command", &line, "/dev/null"]).current_dir(folder.path());
        let output =
            script.env("A", "se\u{2066}cret-9").env("NO_COLOR", "1").stdin(Stdio::null()).output().expect("script starts");
        let shown = String::from_utf8_lossy(&output.stdout).replace('\r', "");
        assert!(shown.contains("# x\u{fffd}y") && !shown.chars().any(is_deceptive), "{shown:?}");
    }
    // Elsewhere it is as it is.
    assert!(folder.run(&["t.yaml"], &[("A", "x")]).ok().ends_with("# x\u{202e}y\n"));
}

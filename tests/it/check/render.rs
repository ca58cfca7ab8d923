//! The rules before a result is written.

use super::{is_discreet, sdl, token};
use crate::support::Folder;

const VALUES: [(&str, &str); 4] = [("USER", "u"), ("TOKEN", "canary-of-twenty-letters"), ("PASSWORD", "canary"), ("PORT", "80")];

fn values<'v>(name: &'v str, value: &'v str) -> Vec<(&'v str, &'v str)> {
    VALUES.into_iter().filter(|(other, _)| *other != name).chain([(name, value)]).collect()
}

#[test]
fn a_result_that_would_be_refused_is_not_written() {
    let folder = Folder::judged();
    folder.file("t.yaml", sdl("ghcr.io/o/app:1").replace("512Mi", "512mb"));
    folder.file("out.yaml", "old\n");
    let stderr = folder.run(&["t.yaml", "-o", "out.yaml"], &VALUES).fails(1, &["error[size]", "`512mb`", "--no-check"]);
    assert!(!stderr.contains("canary"), "{stderr}");
    assert_eq!(folder.read("out.yaml"), "old\n");
    folder.run(&["t.yaml"], &VALUES).fails(1, &["512Mi"]);
    assert!(folder.run(&["--no-check", "t.yaml"], &VALUES).ok().contains("512mb"));
    // Masks, too, are written only for a valid SDL.
    folder.run(&["--redact", "t.yaml"], &[("PORT", "80")]).fails(1, &["512Mi"]);
}

#[test]
fn a_template_that_is_not_an_sdl_says_how_to_write_it() {
    let folder = Folder::judged();
    folder.file("t.yaml", "a: \"{{ TOKEN }}\"\n");
    folder.run(&["t.yaml"], &VALUES).fails(1, &["version", "use --no-check to write it anyway"]);
    assert_eq!(folder.run(&["t.yaml", "--no-check"], &VALUES).ok(), "a: \"canary-of-twenty-letters\"\n");
}

#[test]
fn a_rule_on_a_value_is_checked_and_the_value_is_not_shown() {
    let folder = Folder::judged();
    let text = sdl("gcr.io/p/app:1").replace("https://ghcr.io", "{{ HOST }}").replace("{{ USER }}", "_json_key");
    folder.file("t.yaml", &text);
    let mut given = values("TOKEN", "canary-that-is-no-json");
    given.push(("HOST", "canary.example.com"));
    let ran = folder.run(&["t.yaml"], &given);
    is_discreet(&ran);
    ran.fails(1, &["error[google-key]", "error[host-mismatch]", "services.web.credentials.password"]);
    // Without the value nothing is known.
    folder.run(&["t.yaml", "--redact"], &given).ok();
    folder.run(&["check", "--strict", "t.yaml"], &given).ok();
    // A warning is told, and the result is written.
    folder.file("g.yaml", sdl("ghcr.io/o/app:1"));
    let fine = format!("github_pat_{}", "0aB1cD2eF3gH4iJ5kL6mN7".to_owned() + "_" + &"x9Y8z7W6v5U4".repeat(5)[..59]);
    let ran = folder.run(&["g.yaml"], &values("TOKEN", &fine));
    assert!(ran.stderr.contains("ghcr-fine-grained-token") && !ran.stderr.contains(&fine[..14]), "{}", ran.stderr);
    assert!(ran.ok().contains(&fine));
}

#[test]
fn a_secret_is_text_whatever_it_looks_like() {
    let folder = Folder::judged();
    // Written plain, it comes out in quotes.
    folder.file("t.yaml", sdl("ghcr.io/o/app:1").replace("\"{{ USER }}\"", "{{ USER }}"));
    for user in ["123", "true", "null", "~"] {
        folder.run(&["t.yaml"], &values("USER", user)).ok();
    }
    folder.file("n.yaml", sdl("ghcr.io/o/app:1").replace("count: 1", "count: {{ COUNT }}"));
    folder.run(&["n.yaml"], &[&VALUES[..], &[("COUNT", "1")]].concat()).fails(1, &["error[not-a-number]"]);
    folder.file("n.yaml", sdl("ghcr.io/o/app:1").replace("count: 1", "count: {{ COUNT | int }}"));
    folder.run(&["n.yaml"], &[&VALUES[..], &[("COUNT", "1")]].concat()).ok();
    folder.file("n.yaml", sdl("ghcr.io/o/app:1").replace("count: 1", "count: {{ vars.COUNT }}"));
    folder.run(&["n.yaml"], &[&VALUES[..], &[("COUNT", "1")]].concat()).ok();
    folder.run(&["n.yaml"], &[&VALUES[..], &[("COUNT", "many")]].concat()).fails(1, &["error[not-a-number]"]);
}

#[test]
fn what_a_template_may_mean_is_left_to_check() {
    let folder = Folder::judged();
    folder.file("t.yaml", sdl("ghcr.io/o/app").replace("- PORT=", "- API_KEY=canary-key\n      - PORT="));
    let ran = folder.run(&["t.yaml"], &VALUES);
    assert_eq!(ran.stderr, "");
    ran.ok();
    let ran = folder.run(&["check", "t.yaml"], &[]);
    assert!(ran.stderr.contains("env-secret") && ran.stderr.contains("image-tag"), "{}", ran.stderr);
}

#[test]
fn a_token_in_the_template_is_refused_unless_it_is_allowed() {
    let folder = Folder::judged();
    let text = format!("{}# old: {}", sdl("ghcr.io/o/app:1"), token());
    folder.file("t.yaml", format!("{text}\n"));
    let ran = folder.run(&["t.yaml"], &VALUES);
    is_discreet(&ran);
    ran.fails(1, &["token-in-template"]);
    folder.file("t.yaml", format!("{text} # sdlrender: allow token-in-template\n"));
    assert!(folder.run(&["t.yaml"], &VALUES).ok().contains(&token()));
}

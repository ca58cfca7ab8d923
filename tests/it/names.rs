//! Names that nobody has: a profile with nothing behind it, and what an option gives that no template asks for.

use crate::support::Folder;
use serde_json::Value;

fn folder(template: &str) -> Folder {
    let folder = Folder::new();
    folder.file("t.yaml", template);
    crate::support::set_mode(&folder.file(".env", "X=of-development\n"), 0o600);
    folder
}

#[test]
fn a_profile_with_nothing_behind_it_is_not_rendered() {
    let folder = folder("a: \"{{ X }}\"\n");
    for name in [".env.prod", ".env.staging.local", ".env.local", ".env.example", ".env.dev.example"] {
        crate::support::set_mode(&folder.file(name, "X=of-another\n"), 0o600);
    }
    for (arguments, variables) in [
        (vec!["t.yaml", "--profile", "prdo", "--no-keychain"], vec![]),
        (vec!["t.yaml", "--profile", "prdo"], vec![]),
        (vec!["t.yaml", "--profile", "prdo", "--redact"], vec![]),
        (vec!["t.yaml", "--profile", "prdo"], vec![("X", "of the environment")]),
        (vec!["list", "t.yaml", "--profile", "prdo"], vec![]),
        (vec!["t.yaml", "--profile", "prdo", "-e", ".env"], vec![]),
    ] {
        let said = folder.run(&arguments, &variables);
        said.fails(
            2,
            &["there is no profile `prdo`", "no .env.prdo and no .env.prdo.local here", "did you mean --profile prod?"],
        );
    }
    let said = folder.run(&["t.yaml"], &[("SDLRENDER_PROFILE", "prdo")]);
    said.fails(2, &["there is no profile `prdo`", "did you mean SDLRENDER_PROFILE=prod?", "no keychain (no D-Bus session)"]);
    folder.run(&["t.yaml", "--profile", "qa"], &[]).fails(2, &["there is prod, staging; for a new one, write .env.qa"]);
    for profile in ["local", "example", "dev"] {
        folder.run(&["t.yaml", "--profile", profile], &[]).fails(2, &["there is no profile"]);
    }
    // What exists is used; where neither files nor the keychain are asked, there is nothing to be mistaken for.
    for profile in ["prod", "staging"] {
        assert_eq!(folder.run(&["t.yaml", "--profile", profile], &[]).ok(), "a: \"of-another\"\n");
    }
    let alone = ["t.yaml", "--profile", "prdo", "--no-env-file", "--no-keychain"];
    assert_eq!(folder.run(&alone, &[("X", "x")]).ok(), "a: \"x\"\n");
    let checked = folder.run(&["check", "t.yaml", "--profile", "prdo"], &[]);
    assert!(
        checked.stderr.contains("warning: there is no .env.prdo") && checked.stderr.contains("--profile prod?"),
        "{}",
        checked.stderr
    );
}

#[test]
fn a_profile_may_lie_beside_the_template() {
    let folder = Folder::new();
    folder.file("in/t.yaml", "a: \"{{ X }}\"\n");
    folder.file("in/.env.prod", "X=beside\n");
    assert_eq!(folder.run(&["in/t.yaml", "--profile", "prod"], &[]).ok(), "a: \"beside\"\n");
    folder
        .run(&["in/t.yaml", "--profile", "prodd"], &[])
        .fails(2, &["here or beside the template", "did you mean --profile prod?"]);
}

#[test]
fn list_shows_the_profile() {
    let folder = folder("a: \"{{ X }}\"\n");
    folder.file(".env.prod", "X=of-prod\n");
    assert!(folder.run(&["list", "t.yaml", "--profile", "prod"], &[]).ok().starts_with("profile: prod\nNAME"));
    assert!(folder.run(&["list", "t.yaml"], &[("SDLRENDER_PROFILE", "prod")]).ok().starts_with("profile: prod\n"));
    assert!(folder.run(&["list", "t.yaml"], &[]).ok().starts_with("NAME"));
    let profile = |variables: &[(&str, &str)]| {
        let text = folder.run(&["list", "t.yaml", "--format", "json"], variables).ok();
        serde_json::from_str::<Value>(&text).expect("JSON")[0]["profile"].clone()
    };
    assert_eq!(profile(&[("SDLRENDER_PROFILE", "prod")]), "prod");
    assert_eq!(profile(&[]), Value::Null);
}

#[test]
fn a_name_that_no_template_asks_for_is_told() {
    let template = "a: \"{{ X }}\"\nb: \"{{ vars.TAG | default('d') }}\"\n{% if vars.PROD %}\nc: \"{{ OTHER | default('') }} {{ secrets['odd-name'] }}\"\n{% endif %}\n";
    for (option, given, parts) in [
        ("--set", "TAGG=1", vec!["no placeholder uses `vars.TAGG`, which --set gives", "did you mean --set TAG=…?"]),
        ("--set", "X=1", vec!["no placeholder uses `vars.X`", "{{ X }} is a secret", "write {{ vars.X }}"]),
        ("--set", "QUITE_ANOTHER=1", vec!["no placeholder uses `vars.QUITE_ANOTHER`", "remove the option"]),
        (
            "--from-command",
            "OTHRE=touch ran",
            vec!["no placeholder uses `OTHRE`, so its command is not run", "did you mean --from-command OTHER=…?"],
        ),
        ("--from-command", "TAG=touch ran", vec!["no placeholder uses `TAG`", "{{ vars.TAG }} is a plain variable"]),
    ] {
        let folder = folder(template);
        for arguments in [vec!["t.yaml", option, given], vec!["list", "t.yaml", option, given]] {
            let ran = folder.run(&arguments, &[]);
            assert!(parts.iter().all(|part| ran.stderr.contains(part)), "{given}: {}", ran.stderr);
            assert_eq!(ran.stderr.matches("warning:").count(), 1, "{}", ran.stderr);
            ran.ok();
        }
        assert_eq!(folder.names(), [".env", "t.yaml"]);
    }
    // In a branch that is not taken, computed, or in an included template: it is asked for.
    for (template, arguments) in [
        (template, vec!["--set", "PROD=", "--from-command", "OTHER=touch ran", "--from-command", "odd-name=touch ran"]),
        (
            "{% for n in ['A'] %}\na: \"{{ secrets[n] }}\"\n{% endfor %}\n",
            vec!["--from-command", "A=printf x", "--from-command", "B=touch ran"],
        ),
        ("a: \"{{ vars['TAG'] }}{{ vars[X1 | default('TAG') if false else 'T2'] }}\"\n", vec!["--set", "TAG=1", "--set", "T2=2"]),
        ("{% set v = vars %}\na: \"{{ v.TAG }}\"\n", vec!["--set", "TAG=1"]),
        (
            "a: 1\n{% if vars.ON %}\n{% include \"part.yaml\" %}\n{% endif %}\n",
            vec!["--set", "ON=", "--set", "PART=1", "--from-command", "P=touch ran"],
        ),
    ] {
        let folder = folder(template);
        folder.file("part.yaml", "b: \"{{ vars.PART }} {{ P }}\"\n");
        let ran = folder.run(&[&["t.yaml"], &arguments[..]].concat(), &[]);
        assert!(!ran.stderr.contains("no placeholder uses"), "{template}: {}", ran.stderr);
    }
}

#[test]
fn a_typo_is_told_beside_the_error_it_leads_to() {
    let folder = folder("a: \"{{ X }} {{ vars.TAG }} {{ TOKEN }}\"\n");
    folder.run(&["t.yaml", "--set", "TAGG=1", "--from-command", "TOKNE=touch ran"], &[]).fails(
        1,
        &["`vars.TAG` is not set", "did you mean --set TAG=…?", "no value for `TOKEN`", "did you mean --from-command TOKEN=…?"],
    );
}

#[test]
fn a_check_of_several_templates_tells_what_none_of_them_asks_for() {
    let folder = folder("a: \"{{ vars.ONE }}\"\n");
    folder.file("other.yaml", "a: \"{{ vars.TWO }}\"\n");
    let ran = folder.run(&["check", "t.yaml", "other.yaml", "--set", "ONE=1", "--set", "TWO=2", "--set", "TOO=3"], &[]);
    assert!(
        ran.stderr.contains("no placeholder uses `vars.TOO`") && ran.stderr.matches("no placeholder uses").count() == 1,
        "{}",
        ran.stderr
    );
}

//! A secret made of several: `[USER, ":", TOKEN] | join` and `USER ~ ":" ~ TOKEN`.

use crate::support::Folder;
use serde_json::Value;

const GIVEN: [(&str, &str); 3] = [("USER", "octo-dev"), ("TOKEN", "ghp_x\"1: #2"), ("PORT", "54")];

fn run(template: &str, arguments: &[&str], variables: &[(&str, &str)]) -> crate::support::Ran {
    let folder = Folder::new();
    folder.file("t.yaml", template);
    folder.run(&[&["t.yaml"], arguments].concat(), variables)
}

/// What `expression` renders to; the variable `HOST` is set.
#[track_caller]
fn value(expression: &str) -> String {
    let ran = run(&format!("a: \"{{{{ {expression} }}}}\"\n"), &["--set", "HOST=db: x\n- y"], &GIVEN);
    assert!(ran.stderr.is_empty() || ran.stderr.contains("no placeholder uses `vars.HOST`"), "{}", ran.stderr);
    let read: Value = serde_saphyr::from_str(&ran.ok()).expect("YAML");
    read["a"].as_str().expect("a string").to_owned()
}

#[test]
fn parts_become_one_text() {
    for (expression, wanted) in [
        ("[USER, ':', TOKEN] | join", "octo-dev:ghp_x\"1: #2"),
        ("USER ~ ':' ~ TOKEN", "octo-dev:ghp_x\"1: #2"),
        ("[USER, TOKEN] | join(':')", "octo-dev:ghp_x\"1: #2"),
        ("[USER] | join(':')", "octo-dev"),
        ("['a', USER] | join", "aocto-dev"),
        ("'a' ~ USER", "aocto-dev"),
        ("USER ~ USER", "octo-devocto-dev"),
        ("(USER ~ '/') ~ (TOKEN ~ PORT)", "octo-dev/ghp_x\"1: #254"),
        ("[USER ~ ':', [TOKEN, PORT] | join('@')] | join", "octo-dev:ghp_x\"1: #2@54"),
        // Filters of the whole, and of its parts.
        ("[USER, ':', TOKEN] | join | b64encode", "b2N0by1kZXY6Z2hwX3giMTogIzI="),
        ("(USER ~ ':' ~ TOKEN) | b64encode", "b2N0by1kZXY6Z2hwX3giMTogIzI="),
        ("'postgres://' ~ USER ~ ':' ~ TOKEN | urlencode ~ '@db'", "postgres://octo-dev:ghp_x%221%3A%20%232@db"),
        ("[USER, TOKEN | b64encode] | join('.') | urlencode", "octo-dev.Z2hwX3giMTogIzI%3D"),
        ("[USER, TOKEN | b64encode] | join('.') | b64encode | b64decode", "octo-dev.Z2hwX3giMTogIzI="),
        // Variables and numbers are text, whatever they hold.
        ("[vars.HOST, USER, 8, true] | join('|')", "db: x\n- y|octo-dev|8|true"),
        ("vars.HOST ~ USER ~ 8", "db: x\n- yocto-dev8"),
        ("vars.HOST ~ 8", "db: x\n- y8"),
        ("[1, vars.HOST] | join", "1db: x\n- y"),
        // Defaults of a part and of the whole.
        ("[ABSENT | default('a'), TOKEN | default('b')] | join('-')", "a-ghp_x\"1: #2"),
        ("[ABSENT | default(USER), PORT] | join('-')", "octo-dev-54"),
        ("[USER, ABSENT] | join | default('none')", "none"),
        ("ABSENT | default(USER ~ ':' ~ PORT)", "octo-dev:54"),
        ("ABSENT | default([USER, PORT] | join(':')) | b64encode", "b2N0by1kZXY6NTQ="),
        ("secrets.USER ~ env.PORT", "octo-dev54"),
        ("USER ~ ':' ~ TOKEN if true else PORT", "octo-dev:ghp_x\"1: #2"),
    ] {
        assert_eq!(value(expression), wanted, "{expression}");
    }
}

#[test]
fn a_joined_secret_can_be_passed_on() {
    let template = "{% set pair = USER ~ ':' ~ PORT %}
{% set parts = [USER, PORT] %}
a: \"{{ pair | b64encode }}\"
b: \"{{ parts | join('/') }}\"
c: \"{{ pair }}\"
{% if pair is defined %}
d: 1
{% endif %}
{% if (USER ~ ABSENT) is defined %}
e: 1
{% endif %}
f:
{% for one in [USER ~ 1, PORT ~ 2] %}
- \"{{ one }}\"
{% endfor %}
";
    let rendered = "a: \"b2N0by1kZXY6NTQ=\"\nb: \"octo-dev/54\"\nc: \"octo-dev:54\"\nd: 1\nf:\n- \"octo-dev1\"\n- \"542\"\n";
    assert_eq!(run(template, &[], &GIVEN).ok(), rendered);
    // Set and left unused, it is no fault.
    assert_eq!(run("{% set pair = USER ~ ABSENT %}\na: 1\n", &[], &GIVEN).ok(), "a: 1\n");
    // A joined number is one.
    assert_eq!(run("a: {{ (PORT ~ 32) | int }}\n", &[], &GIVEN).ok(), "a: 5432\n");
}

#[test]
fn every_part_that_is_missing_is_reported() {
    for expression in ["[FIRST, ':', USER, SECOND] | join | b64encode", "FIRST ~ ':' ~ USER ~ SECOND"] {
        let said = run(&format!("a: \"{{{{ {expression} }}}}\"\nb: \"{{{{ FIRST }}}}\"\n"), &[], &GIVEN)
            .fails(1, &["2 secrets have no value", "FIRST", "SECOND"]);
        assert!(!said.contains("USER "), "{said}");
        let row = said.lines().find(|line| line.trim_start().starts_with("FIRST")).expect("a row");
        assert!(row.trim_end().ends_with('2'), "both places count: {said}");
    }
    run("a: \"{{ [USER, EMPTY] | join }}\"\n", &[], &[("USER", "u"), ("EMPTY", "")])
        .fails(1, &["`EMPTY` is empty in environment"]);
    run("a: \"{{ [USER | json('x'), TOKEN] | join }}\"\n", &[], &GIVEN)
        .fails(1, &["the filter `json` on `USER` failed: the value is not JSON"]);
    run("a: \"{{ (USER ~ ':' ~ TOKEN) | int }}\"\n", &[], &GIVEN)
        .fails(1, &["the filter `int` on `[USER, …, TOKEN] | join` failed: the value is not a decimal integer"]);
    run("a: \"{{ USER ~ docker('ghcr.io').password }}\"\n", &[], &GIVEN)
        .fails(1, &["no value for `docker(\"ghcr.io\").password`"]);
}

#[test]
fn a_variable_that_is_not_set_does_not_vanish() {
    for expression in [
        "[vars.GONE, USER] | join",
        "vars.GONE ~ USER",
        "USER ~ ':' ~ vars.GONE",
        "(vars.GONE ~ USER) | b64encode",
        "vars.GONE ~ 'x'",
    ] {
        run(&format!("a: \"{{{{ {expression} }}}}\"\n"), &[], &GIVEN).fails(1, &["is not set", "--set GONE=VALUE"]);
    }
    run("{% set p = [vars.GONE, USER, ABSENT] | join %}\na: \"{{ p }}\"\n", &[], &GIVEN)
        .fails(1, &["`p` is not set", "no value for `ABSENT`"]);
    assert_eq!(run("a: \"{{ [vars.GONE, USER] | join | default('d') }}\"\n", &[], &GIVEN).ok(), "a: \"d\"\n");
    assert_eq!(run("a: \"{{ vars.GONE | default('d') ~ USER }}\"\n", &[], &GIVEN).ok(), "a: \"docto-dev\"\n");
}

#[test]
fn masks_and_list_show_the_parts_and_no_value() {
    let folder = Folder::new();
    folder.file("t.yaml", "a: \"{{ [USER, ':', TOKEN] | join | b64encode }}\"\nb: \"x-{{ USER ~ ABSENT ~ (GONE | default('d')) }}\"\nc: {{ (PORT ~ 0) | int }}\n");
    assert_eq!(folder.run(&["t.yaml", "--redact"], &[]).ok(), "a: \"********\"\nb: \"x-********\"\nc: 0\n");
    let shown = folder.run(&["list", "t.yaml", "--no-keychain"], &GIVEN).ok();
    let rows: Vec<Vec<&str>> = shown.lines().skip(1).map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(
        rows,
        [
            vec!["USER", "1", "a", "environment"],
            vec!["TOKEN", "1", "a", "environment"],
            vec!["USER", "2", "b", "environment"],
            vec!["ABSENT", "2", "b", "missing"],
            vec!["GONE", "2", "b", "default"],
            vec!["PORT", "3", "c", "environment"],
        ]
    );
    let checked = folder.run(&["check", "t.yaml"], &[]);
    assert!(!checked.stderr.contains("secret-use"), "{}", checked.stderr);
}

#[test]
fn what_would_give_another_text_is_refused() {
    for (template, part) in [
        ("a: \"{{ (USER ~ ':') | upper }}\"\n", "the filter `upper` can't be used"),
        ("a: \"{{ [USER, TOKEN] | join | length }}\"\n", "the filter `length` can't be used"),
        ("a: \"{{ [USER, TOKEN] | first }}\"\n", "the filter `first` can't be used"),
        ("a: \"{{ [USER, TOKEN] | b64encode }}\"\n", "can't be used on the list"),
        ("a: \"{{ [USER, TOKEN] ~ 'x' }}\"\n", "can't be used with `~`"),
        ("{% set l = [USER] %}\na: \"{{ l ~ 'x' }}\"\n", "can't be used with `~`"),
        ("a: \"{{ USER | join }}\"\n", "join makes one secret of a list"),
        ("a: \"{{ (USER ~ ':') | join }}\"\n", "join makes one secret of a list"),
        ("a: \"{{ [USER, [TOKEN]] | join }}\"\n", "used in an unsupported way"),
        ("a: \"{{ [USER] | join(TOKEN) }}\"\n", "can't be used as an argument"),
        ("{% if USER ~ 'x' == 'yx' %}\na: 1\n{% endif %}\n", "in a comparison"),
        ("{% if (USER ~ 'x') %}\na: 1\n{% endif %}\n", "as a condition"),
        ("{% set t = USER ~ 'x' %}\n{% if t == 'yx' %}\na: 1\n{% endif %}\n", "in a comparison"),
        ("{% for c in USER ~ 'x' %}\n- \"{{ c }}\"\n{% endfor %}\n", "used in an unsupported way"),
        ("a: \"{{ (USER ~ TOKEN)[:3] }}\"\n", "in a slice"),
        ("a: \"{{ (USER ~ TOKEN)[0] }}\"\n", "used in an unsupported way"),
        ("a: \"{{ secrets[USER ~ TOKEN] }}\"\n", "as a key"),
        ("a: \"{{ file(USER ~ '.json') }}\"\n", "as an argument of a function"),
        ("{% set t %}x{{ USER }}{% endset %}\na: \"{{ t ~ TOKEN }}\"\n", "can't be used with `~`"),
        ("{% set t %}x{{ USER }}{% endset %}\na: \"{{ [t, TOKEN] | join }}\"\n", "`join` takes secrets"),
        ("{{ USER ~ 'x' }}: 1\n", "a placeholder can't be in a mapping key"),
        ("a: \"{{ USER + ':' }}\"\n", "[A, B] | join"),
    ] {
        let said = run(template, &[], &GIVEN).fails(1, &[part]);
        assert!(!said.contains("octo-dev"), "{said}");
    }
}

#[test]
fn a_name_with_other_characters_is_told_how_it_is_written() {
    for (written, wanted) in [
        ("ghcr-token", "secrets[\"ghcr-token\"]"),
        ("ghcr-token-2", "secrets[\"ghcr-token-2\"]"),
        ("my-ghcr-token", "secrets[\"my-ghcr-token\"]"),
        ("ghcr-token | b64encode", "secrets[\"ghcr-token\"]"),
        ("secrets.ghcr-token", "secrets[\"ghcr-token\"]"),
        ("env.ghcr-token", "env[\"ghcr-token\"]"),
        ("vars.ghcr-token", "vars[\"ghcr-token\"]"),
        ("ghcr.token", "secrets[\"ghcr.token\"]"),
    ] {
        let said = run(&format!("a: \"{{{{ {written} }}}}\"\n"), &[], &[]).fails(1, &[wanted]);
        assert_eq!(said.matches("error:").count(), 1, "{said}");
    }
    let given = [("ghcr-token", "t1"), ("ghcr.token", "t2"), ("2CAPTCHA_KEY", "t3")];
    for (written, wanted) in [
        ("secrets[\"ghcr-token\"]", "t1"),
        ("env['ghcr-token']", "t1"),
        ("secrets['ghcr.token']", "t2"),
        ("secrets['2CAPTCHA_KEY']", "t3"),
    ] {
        assert_eq!(run(&format!("a: \"{{{{ {written} }}}}\"\n"), &[], &given).ok(), format!("a: \"{wanted}\"\n"));
    }
    run("a: \"{{ GHCR_TOKEN - 1 }}\"\n", &[], &[]).fails(1, &["in arithmetic"]);
}

#[test]
fn a_name_written_as_in_another_tool_is_told_as_it_is_written_here() {
    for (written, told) in [
        ("2CAPTCHA_KEY", "written {{ secrets[\"2CAPTCHA_KEY\"] }}"),
        ("2CAPTCHA_KEY | trim", "written {{ secrets[\"2CAPTCHA_KEY\"] }}"),
        (".TOKEN", "write {{ TOKEN }}"),
        ("$TOKEN", "write {{ TOKEN }}"),
        ("${TOKEN}", "write {{ TOKEN }}"),
        ("env('TOKEN')", "write {{ env.TOKEN }}"),
        ("lookup('env', 'TOKEN')", "write {{ TOKEN }}"),
        ("secret('TOKEN')", "write {{ TOKEN }}"),
        ("keychain('TOKEN')", "write {{ keychain.TOKEN }}"),
        ("var('TAG')", "write {{ vars.TAG }}"),
        ("now('TOKEN')", "the functions are file, docker"),
        (".Values.token", "write a placeholder as {{ NAME }}"),
    ] {
        let folder = Folder::new();
        folder.file("t.yaml", format!("a: \"x\"\nb: \"{{{{ {written} }}}}\"\n"));
        folder.run(&["t.yaml"], &[("TOKEN", "t")]).fails(1, &["t.yaml:2:", told]);
    }
}

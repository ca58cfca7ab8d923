//! Numbers of values files: text is written as its author wrote it, and what is compared or calculated is a number.

use crate::support::Folder;

/// What a template gives with these variables in YAML, and in JSON and TOML where these can hold them.
#[track_caller]
fn rendered(template: &str, yaml: &str, json: Option<&str>, toml: Option<&str>, wanted: &str) {
    let folder = Folder::new();
    folder.file("t.yaml", template);
    folder.file("v.yaml", yaml);
    for (name, values) in [("v.yaml", Some(yaml)), ("v.json", json), ("v.toml", toml)] {
        let Some(values) = values else { continue };
        folder.file(name, values);
        // The line break behind a statement goes with it.
        assert_eq!(folder.run(&["t.yaml", "--values", name], &[]).ok().trim_end(), wanted.trim_end(), "{name}: {values}");
    }
}

#[test]
fn a_tag_is_the_text_that_was_written() {
    for tag in [
        "58467965",
        "20190612073634",
        "1.10",
        "1.0",
        "0.50",
        "1234567e8",
        "12e-3",
        "1E5",
        "-0.10",
        "123456789012345678901234567890",
    ] {
        let (json, toml) = (format!("{{\"TAG\": {tag}}}"), format!("TAG = {tag}\n"));
        // TOML's integers have 64 bits.
        let toml = (tag.len() < 20).then_some(toml.as_str());
        let yaml = format!("TAG: {tag}\n");
        rendered("a: x:{{ vars.TAG }}\n", &yaml, Some(&json), toml, &format!("a: x:{tag}\n"));
    }
    for tag in ["0123456", "0o17", "0x1F", "1_000", "2025-11-20", "1e5", ".5", "+1", "12:30"] {
        rendered("a: x:{{ vars.TAG }}\n", &format!("TAG: {tag}\n"), None, None, &format!("a: x:{tag}\n"));
    }
    rendered("a: x:{{ vars.TAG }}\n", "TAG: 2025-11-20", None, Some("TAG = 2025-11-20"), "a: x:2025-11-20\n");
}

#[test]
fn the_text_stays_wherever_text_is_wanted() {
    let values = (
        "V: 1.10\nL: [1.10, 2, 0.50]\nM: {a: {b: 2.0e1}}\n",
        "{\"V\": 1.10, \"L\": [1.10, 2, 0.50], \"M\": {\"a\": {\"b\": 2.0e1}}}",
    );
    let toml = "V = 1.10\nL = [1.10, 2, 0.50]\nM = {a = {b = 2.0e1}}\n";
    for (template, wanted) in [
        ("a: {{ vars.V | trim }} {{ vars.V | default('x') }} {{ 'v' ~ vars.V }}\n", "a: 1.10 1.10 v1.10\n"),
        ("a: {% for one in vars.L %}{{ one }} {% endfor %}\n", "a: 1.10 2 0.50 \n"),
        ("{% set v = vars.V %}a: {{ v }} {{ vars['V'] }} {{ vars.M.a.b }}\n", "a: 1.10 1.10 2.0e1\n"),
        ("a: {{ vars.V | b64encode }} {{ vars.V if vars.V == '1.10' else 'no' }}\n", "a: MS4xMA== 1.10\n"),
    ] {
        rendered(template, values.0, Some(values.1), Some(toml), wanted);
    }
}

#[test]
fn a_number_stays_a_number_in_conditions_loops_and_sums() {
    let values = (
        "V: 1.10\nN: 3\nZ: 0.00\nL: [0.50, 1.10, 2]\nM: [{n: a, s: 2.50}]\n",
        "{\"V\": 1.10, \"N\": 3, \"Z\": 0.00, \"L\": [0.50, 1.10, 2], \"M\": [{\"n\": \"a\", \"s\": 2.50}]}",
    );
    let toml = "V = 1.10\nN = 3\nZ = 0.00\nL = [0.50, 1.10, 2]\nM = [{n = 'a', s = 2.50}]\n";
    for (template, wanted) in [
        ("a: {% if vars.V > 1.05 and vars.V < 2 %}{{ vars.V }}{% endif %}\n", "a: 1.10\n"),
        ("a: {% if vars.Z %}x{% else %}{{ vars.Z }}{% endif %}\n", "a: 0.00\n"),
        ("a: {{ vars.V + 1 }} {{ vars.N * 2 }} {{ vars.V | round }}\n", "a: 2.1 6 1.0\n"),
        ("a: {% for i in range(vars.N) %}{{ i }}{% endfor %}\n", "a: 012\n"),
        ("a: {% for one in vars.L if one > 0.75 %}{{ one }} {% endfor %}\n", "a: 1.10 2 \n"),
        ("a: {% for one in vars.M %}{% if one.s > 1 %}{{ one.n }}{{ one.s }}{% endif %}{% endfor %}\n", "a: a2.50\n"),
        ("a: {% set v = vars.V %}{% if v > 1 %}{{ v }}{% endif %}\n", "a: 1.10\n"),
    ] {
        rendered(template, values.0, Some(values.1), Some(toml), wanted);
    }
}

#[test]
fn an_include_sees_the_same_numbers_and_errors_point_at_the_template() {
    let folder = Folder::new();
    folder.file("v.yaml", "V: 1.10\nL: [1]\n");
    folder.file("part.yaml", "b: {% if vars.V >= 1.1 %}{{ vars.V }}{% endif %}\n");
    folder.file("t.yaml", "a: {{ vars.V }}\n{% include 'part.yaml' %}\n");
    assert_eq!(folder.run(&["t.yaml", "--values", "v.yaml"], &[]).ok(), "a: 1.10\nb: 1.10");
    folder.file("t.yaml", "a: {% if vars.V + vars.L %}x{% endif %}\n");
    let told = folder.run(&["t.yaml", "--values", "v.yaml"], &[]).fails(1, &["t.yaml:1:"]);
    assert!(told.contains("vars.V + vars.L") && !told.contains("_n_s"), "{told}");
    // What an option gives wins, whole.
    folder.file("t.yaml", "a: {% if vars.V > 1.05 %}x{% else %}{{ vars.V }}{% endif %}\n");
    assert_eq!(folder.run(&["t.yaml", "--values", "v.yaml", "--set", "V=0.5"], &[]).ok(), "a: 0.5");
}

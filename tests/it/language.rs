//! The template language: statements, filters, comments, and what happens to everything else: nothing.

use crate::support::Folder;
use serde_json::Value;

/// Renders `template` without a warning.
#[track_caller]
fn render(template: &str, arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let folder = Folder::new();
    folder.file("t.yaml", template);
    let ran = folder.run(&[&["t.yaml"], arguments].concat(), variables);
    assert_eq!(ran.stderr, "");
    ran.ok()
}

#[track_caller]
fn renders(template: &str, variables: &[(&str, &str)], wanted: &str) {
    assert_eq!(render(template, &[], variables), wanted, "{template}");
}

#[test]
fn a_file_without_placeholders_comes_out_byte_for_byte() {
    for text in [
        "a: 1\n",
        "a: 1",
        "a:   'x'   # note   \n\n\n# end",
        "a: 1\r\nb: |\r\n  x\r\n",
        "\u{feff}a: ä\n---\nb: 2\n...\n",
        "a: $(X) ${Y} $$ %d {# no comment #}\n",
        "a: &x {b: [1, 2]}\nc: *x\n<<: *x\n",
        "- \"\\u0041\\\n  b\"\n- >-\n\n   folded\n\n\n",
    ] {
        renders(text, &[], text);
    }
}

#[test]
fn what_surrounds_a_placeholder_stays_as_it_is() {
    let template = "# note\na:   '{{ X }}'   # {x}\n\nb : [ \"{{ X }}\",2 ]   \n\n\nc: >-\n   x\n   {{ X }}\n\n# end";
    renders(template, &[("X", "v")], &template.replace("{{ X }}", "v"));
}

#[test]
fn windows_line_ends_stay() {
    let template = "a: \"{{ X }}\"\r\n{% if vars.B %}\r\nb: {{ vars.B }}\r\n{% endif %}\r\nc: |\r\n  {{ K }}\r\nd: 1\r\n";
    let text = render(template, &["--set", "B=2"], &[("X", "v"), ("K", "one\ntwo")]);
    assert_eq!(text, "a: \"v\"\r\nb: 2\r\nc: |\r\n  one\r\n  two\r\nd: 1\r\n");
}

#[test]
fn conditions_and_loops_leave_no_trace() {
    let template = "a: 1\n{% if vars.ON %}\nb: 2\n{% elif vars.N > 2 %}\nb: 3\n{% else %}\nb: 4\n{% endif %}\nc:\n  {% for n in range(2) %}\n  - {{ n }}\n  {% endfor %}\n";
    let with = |b: u8| format!("a: 1\nb: {b}\nc:\n  - 0\n  - 1\n");
    assert_eq!(render(template, &["--set", "ON=true"], &[]), with(2));
    assert_eq!(render(template, &["--set", "ON=false", "--set", "N=3"], &[]), with(3));
    assert_eq!(render(template, &["--set", "ON=false", "--set", "N=2"], &[]), with(4));
}

#[test]
fn secrets_can_be_written_in_loops_and_passed_on() {
    renders(
        "{% for s in [A, env.B] %}\n- \"{{ loop.index }}{{ s }}\"\n{% endfor %}\n",
        &[("A", "x"), ("B", "y")],
        "- \"1x\"\n- \"2y\"\n",
    );
    renders("{% set t = A %}\na: \"{{ t }} {{ t | b64encode }}\"\n", &[("A", "x")], "a: \"x eA==\"\n");
    renders("{% set t %}u:{{ A }}{% endset %}\na: \"{{ t }}\"\n", &[("A", "x")], "a: \"u:x\"\n");
    let folder = Folder::new();
    folder.file("v.yaml", "names: [ONE, TWO]\n");
    folder.file("t.yaml", "{% for name in vars.names %}\n- \"{{ secrets[name] }}\"\n{% endfor %}\n");
    assert_eq!(folder.run(&["t.yaml", "--values", "v.yaml"], &[("ONE", "1"), ("TWO", "2")]).ok(), "- \"1\"\n- \"2\"\n");
}

#[test]
fn templates_include_others() {
    let folder = Folder::new();
    folder.file("in/t.yaml", "a: 1\n{% include \"parts/b.yaml\" %}\nc: 3\n");
    folder.file("in/parts/b.yaml", "b: \"{{ X }}\"\n");
    assert_eq!(folder.run(&["in/t.yaml"], &[("X", "v")]).ok(), "a: 1\nb: \"v\"\nc: 3\n");
    folder.file("in/t.yaml", "a: 1\n{% include \"none.yaml\" ignore missing %}\n");
    assert_eq!(folder.run(&["in/t.yaml"], &[]).ok(), "a: 1\n");
}

#[test]
fn raw_text_is_left_alone() {
    renders("a: \"{% raw %}{{ .Names }} {%d}{% endraw %} {{ X }}\"\n", &[("X", "v")], "a: \"{{ .Names }} {%d} v\"\n");
}

#[test]
fn a_placeholder_in_a_comment_is_neither_looked_up_nor_filled() {
    let template = "# {{ ABSENT }} {{ABSENT|int}} {{ vars.ABSENT }} {{ X }}\na: \"{{ X }}\" # {{ X | trim }}\n";
    renders(template, &[("X", "v")], "# {{ ABSENT }} {{ABSENT|int}} {{ vars.ABSENT }} {{ X }}\na: \"v\" # {{ X | trim }}\n");
}

#[test]
fn a_brace_and_a_hash_are_plain_text() {
    renders("a: \"${#array[@]} {# x #} {{ X }}\"\n", &[("X", "v")], "a: \"${#array[@]} {# x #} v\"\n");
}

#[test]
fn filters_do_what_their_names_say() {
    let json = r#"{"user": "u", "deep": {"n": [1, "two"]}, "on": true}"#;
    for (expression, value, wanted) in [
        ("X | trim", " v \n", "v"),
        ("X | b64encode", "user:p@ss", "dXNlcjpwQHNz"),
        ("X | b64decode", "dXNlcjpwQHNz", "user:p@ss"),
        ("X | urlencode", "p@ss word/ä~", "p%40ss%20word%2F%C3%A4~"),
        ("X | json('user')", json, "u"),
        ("X | json('deep.n.1')", json, "two"),
        ("X | json('on')", json, "true"),
        ("X | shell_quote", "it's", r"'it'\''s'"),
        ("X | default('d')", "v", "v"),
        ("ABSENT | default('d')", "v", "d"),
        ("ABSENT | default(X)", "v", "v"),
        ("ABSENT | default(X) | b64encode", "v", "dg=="),
        ("ABSENT | default('d') | b64encode", "v", "ZA=="),
        ("EMPTY | default('d')", "v", "d"),
        ("X | trim | b64encode | urlencode", " user:p@s ", "dXNlcjpwQHM%3D"),
        ("vars.ABSENT | default('d')", "v", "d"),
        ("vars.X | urlencode", "a b", "a%20b"),
        ("vars.X | upper", "v", "V"),
    ] {
        let text = render(&format!("a: \"{{{{ {expression} }}}}\"\n"), &[], &[("X", value), ("EMPTY", "")]);
        let read: Value = serde_saphyr::from_str(&text).expect("YAML");
        assert_eq!(read["a"], wanted, "{expression}");
    }
}

#[test]
fn a_checked_integer_is_a_number_where_nothing_is_around_it() {
    let port = [("PORT", "8080\n")];
    renders("a: {{ PORT | int }}\n", &port, "a: 8080\n");
    renders("a: [{{ PORT | int }}, 1]\n", &port, "a: [8080, 1]\n");
    renders("a: \"{{ PORT | int }}\"\n", &port, "a: \"8080\"\n");
    renders("a: {{ ABSENT | default(80) | int }}\n", &[], "a: 80\n");
    renders("a: {{ PORT }}\n", &[("PORT", "8080")], "a: \"8080\"\n");
}

#[test]
fn whether_a_secret_is_there_can_be_asked() {
    let template =
        "{% if X is defined %}\na: \"{{ X }}\"\n{% else %}\nb: 1\n{% endif %}\n{% if Y is undefined %}\nc: 1\n{% endif %}\n";
    renders(template, &[("X", "v")], "a: \"v\"\nc: 1\n");
    renders(template, &[("Y", "v")], "b: 1\n");
    // A command counts, and does not run for the question.
    let folder = Folder::new();
    folder.file("t.yaml", "{% if X is defined %}\na: 1\n{% endif %}\n");
    assert_eq!(folder.run(&["t.yaml", "--from-command", "X=touch ran"], &[]).ok(), "a: 1\n");
    assert_eq!(folder.names(), ["t.yaml"]);
    renders("{% if vars.X is defined %}\na: 1\n{% else %}\na: 2\n{% endif %}\n", &[], "a: 2\n");
}

#[test]
fn a_dollar_is_escaped_where_kubernetes_expands_it() {
    let template = "services:\n  web:\n    env:\n      - \"A={{ X }}\"\n      - \"B=$(HOME) {{ X }}\"\n    command: [\"{{ X }}\"]\n    args:\n      - '{{ X }}'\n    credentials:\n      password: \"{{ X }}\"\n";
    let text = render(template, &[], &[("X", "$(a) $$ $b $")]);
    let escaped = "$$(a) $$$ $b $";
    let read: Value = serde_saphyr::from_str(&text).expect("YAML");
    let web = &read["services"]["web"];
    assert_eq!(web["env"][0], format!("A={escaped}"));
    assert_eq!(web["env"][1], format!("B=$(HOME) {escaped}"));
    assert_eq!((&web["command"][0], &web["args"][0]), (&escaped.into(), &escaped.into()));
    assert_eq!(web["credentials"]["password"], "$(a) $$ $b $");
}

#[test]
fn a_dollar_before_a_placeholder_is_kept_with_a_warning() {
    let folder = Folder::new();
    folder.file("t.yaml", "a: 1\nb: \"${{ X }}\"\n");
    let ran = folder.run(&["t.yaml"], &[("X", "v")]);
    for part in ["warning: the `$` before `{{` becomes part of the text", "t.yaml:2"] {
        assert!(ran.stderr.contains(part), "{}", ran.stderr);
    }
    assert_eq!(ran.ok(), "a: 1\nb: \"$v\"\n");
}

#[test]
fn a_value_of_several_lines_fits_its_block() {
    let key = [("K", "{\n  \"a\": 1\n}\n")];
    renders("a:\n  b: |-\n    {{ K | trim }}\nc: 1\n", &key, "a:\n  b: |-\n    {\n      \"a\": 1\n    }\nc: 1\n");
    renders("a: \"{{ K }}\"\n", &key, "a: \"{\\n  \\\"a\\\": 1\\n}\\n\"\n");
    for template in
        ["a: |\n  {{ K }}\n", "a: |-\n  {{ K }}\n", "a: |+\n  {{ K }}\n", "a: '{{ K }}'\n", "a: {{ K }}\n", "a: >\n  {{ K }}\n"]
    {
        let read: Value = serde_saphyr::from_str(&render(template, &[], &key)).expect("YAML");
        let text = read["a"].as_str().expect("a string");
        assert!(text.starts_with("{\n  \"a\": 1\n}\n"), "{template}: {text:?}");
    }
}

#[test]
fn a_value_is_never_read_as_a_template() {
    renders("a: \"{{ X }}\"\n", &[("X", "{{ Y }} {% raw %}"), ("Y", "no")], "a: \"{{ Y }} {% raw %}\"\n");
}

//! YAML as Akash's parser reads it: documents on which parsers part ways, and places where a value once went wrong.

use crate::support::{Folder, fill};

/// The smallest SDL, with `changed` in place of `line`.
fn sdl(line: &str, changed: &str) -> String {
    let base = include_str!("../data/check/smallest.yaml");
    assert_eq!(base.matches(line).count(), 1, "{line:?}");
    base.replace(line, changed)
}

/// What Akash's parser refuses is refused by `check` and not written by a render.
#[track_caller]
fn is_refused(text: &str) {
    let folder = Folder::judged();
    folder.file("t.tmpl.yaml", text);
    let told = folder.run(&["check", "t.tmpl.yaml"], &[]).fails(1, &[]);
    assert!(told.contains("error[not-yaml]") || told.contains("error[yaml-ambiguous]"), "{told}");
    folder.run(&["--no-check", "t.tmpl.yaml"], &[("X", "value")]).fails(1, &[]);
}

#[test]
fn lines_of_white_space_with_a_tab_are_refused_outside_scalars() {
    let image = "    image: ghcr.io/team/app:1.0\n";
    for line in ["\t\n", "  \t\n", "      \t  \n"] {
        is_refused(&sdl(image, &format!("    image: \"ghcr.io/team/app:1.0\"\n{line}")));
        is_refused(&sdl(image, &format!("    image: \"ghcr.io/team/app:{{{{ X }}}}\"\n{line}")));
    }
    is_refused(&sdl("      - port: 80\n", "      -\tport: 80\n"));
    is_refused(&(include_str!("../data/check/smallest.yaml").to_owned() + "\t"));
    // Between two comments go-yaml passes over any white space.
    let folder = Folder::judged();
    folder.file("t.tmpl.yaml", sdl(image, &format!("{image}    # one\n  \t\n    # two\n")));
    folder.run(&["check", "--strict", "t.tmpl.yaml"], &[]).ok();
    // It looks for the second within fewer than 512 bytes, which the line break before counts among.
    let apart = |end: &str, count: usize| sdl(image, &format!("{image}    # one{end}  \t{}\n    # two\n", " ".repeat(count)));
    for (end, count) in [("\n", 502), ("\r\n", 501)] {
        folder.file("t.tmpl.yaml", apart(end, count));
        folder.run(&["check", "--strict", "t.tmpl.yaml"], &[]).ok();
        is_refused(&apart(end, count + 1));
    }
}

#[test]
fn a_plain_scalar_swallows_such_lines_and_a_quoted_one_is_not_left_with_them() {
    for line in ["        \t", " \t ", "\t"] {
        let template = format!("a: {{{{ X }}}}\n{line}\nb: 1\n");
        // go-yaml refuses a tab before the indentation of a plain scalar is reached.
        if let Ok(filled) = fill(&template, &[("X", "v: #")]) {
            assert_eq!(filled, "a: \"v: #\"\n\nb: 1\n");
        }
    }
    assert_eq!(fill("a: {{ X }}\n        \t\nb: 1\n", &[("X", "v")]).as_deref(), Ok("a: \"v\"\n\nb: 1\n"));
    let several = fill("a: {{ X }}\n   \t\n  \n        \t\t\nb: 1\n", &[("X", "v")]);
    assert_eq!(several.as_deref(), Ok("a: \"v\"\n\n  \n\nb: 1\n"));
}

#[test]
fn a_block_scalar_can_be_the_whole_document() {
    let filled = |template: &str, value: &str| fill(template, &[("X", value)]).expect("a value");
    assert_eq!(filled("|-\n {{ X }}\n", "a\tb"), "|-\n a\tb\n");
    assert_eq!(filled("|-\n {{ X }}\n", "a\rb"), "\"a\\rb\"\n");
    assert_eq!(filled(">\n {{ X }}", "a\rb"), "\"a\\rb\"");
    assert_eq!(filled("--- # |\n>-\n  {{ X }}\n", "a\u{7}"), "--- # |\n\"a\\x07\"\n");
    // Most parsers refuse such a block at the start of its lines.
    assert_eq!(filled("|\n{{ X }}\n", "a"), "\"a\\n\"\n");
}

#[test]
fn a_block_scalar_may_end_a_document_with_a_byte_order_mark() {
    for template in ["\u{feff}a: 1\nb: |\n  {{ X }}", "\u{feff}b: >+\r\n  x\r\n  {{ X }}", "\u{feff}|-\n {{ X }}"] {
        assert_eq!(fill(template, &[("X", "value")]).as_deref(), Ok(&*template.replace("{{ X }}", "value")));
    }
}

#[test]
fn a_document_may_end_in_the_indentation_of_a_block_scalar() {
    for template in ["a: |\n    {{ X }}\n   ", "a: |\n    {{ X }}\n    ", "a: >\n  {{ X }}\n ", "a: |+\n    {{ X }}\n   "] {
        assert_eq!(fill(template, &[("X", "value")]).as_deref(), Ok(&*template.replace("{{ X }}", "value")), "{template:?}");
    }
    // Spaces behind the indentation are content.
    for block in ["|\n  text\n    ", "|+\n text\n  ", "|-\n  text\n    ", ">\n  text\n     "] {
        let template = format!("b: \"{{{{ X }}}}\"\na: {block}");
        assert_eq!(fill(&template, &[("X", "value")]), Ok(template.replace("{{ X }}", "value")), "{template:?}");
    }
}

#[test]
fn a_block_scalar_in_quotes_leaves_no_line_break_that_was_not_there() {
    for (template, result) in [
        ("a: |\n  {{ X }}", "a: \"one\\r\""),
        ("a: |\r\n  {{ X }}", "a: \"one\\r\""),
        ("a: |\r\n  {{ X }}\r\nb: c\r\n", "a: \"one\\r\\n\"\r\nb: c\r\n"),
    ] {
        assert_eq!(fill(template, &[("X", "one\r")]).as_deref(), Ok(result), "{template:?}");
    }
}

/// Behind the start of a file, go-yaml takes it for an ordinary character, so that a line of nothing else is a text without a key.
#[test]
fn a_byte_order_mark_is_one_at_the_start_only() {
    let base = include_str!("../data/check/smallest.yaml");
    let refused = ["", "\n", "# a comment\n", "---\na: b\n", "  \n", "\u{feff}\n"];
    for behind in refused {
        is_refused(&format!("{base}\u{feff}{behind}"));
    }
    is_refused(&format!("\u{feff}\u{feff}{base}"));
    is_refused(&sdl("    image: ghcr.io/team/app:1.0\n", "\u{feff}    # {{ X }}\n    image: ghcr.io/team/app:1.0\n"));
    // Here it begins a key, so that the section has another name.
    let folder = Folder::judged();
    folder.file("t.yaml", format!("# one\n\u{feff}{base}"));
    folder.run(&["check", "t.yaml"], &[]).fails(1, &["unknown-section"]);
    let comment = sdl("    image: ghcr.io/team/app:1.0\n", "    image: ghcr.io/team/app:1.0 # \u{feff}\n");
    folder.file("t.yaml", format!("\u{feff}{comment}"));
    folder.run(&["check", "--strict", "t.yaml"], &[]).ok();
    assert_eq!(
        fill("a: \"{{ X }}\"\nb: x\u{feff}\u{e000}\n", &[("X", "\u{feff}")]).as_deref(),
        Ok("a: \"\\uFEFF\"\nb: x\u{feff}\u{e000}\n")
    );
}

#[test]
fn a_placeholder_behind_a_block_s_header_is_in_a_comment() {
    for template in ["a: | # {{ X }}", "a: | # {{ X }}\n", "a: >- # {{ X }}\n\nb: 1\n", "a: | # {{ X }}\n  {{ X }}\n"] {
        let filled = fill(template, &[("X", "value")]).expect("a value");
        assert!(filled.starts_with(&template[..template.find("}}").expect("a placeholder") + 2]), "{filled:?}");
        assert_eq!(filled.matches("value").count(), template.matches("{{ X }}").count() - 1, "{filled:?}");
    }
}

#[test]
fn a_lone_carriage_return_in_a_block_is_a_line_break() {
    for template in
        ["a: |\r\n  one\r  {{ X }}\r\n  three\r\nb: 1\r\n", "a: |\n  one\r  {{ X }}\n", "a: >\r\n  {{ X }}\r  two\r\n"]
    {
        for value in ["v", "v\nw", "", "v\r", "\u{85}"] {
            let filled = fill(template, &[("X", value)]);
            assert!(filled.is_ok(), "{template:?} with {value:?}: {filled:?}");
        }
    }
}

#[test]
fn only_the_first_document_can_be_wrong() {
    let base = include_str!("../data/check/smallest.yaml");
    for further in ["---\na: [\n", "---\na: b\nc: d\n\t@\n", "...\n%YAML 1.2\n---\n{a: b\n", "---\na: b\n"] {
        let folder = Folder::judged();
        folder.file("t.tmpl.yaml", format!("{base}{further}"));
        let told = folder.run(&["check", "t.tmpl.yaml"], &[]);
        assert_eq!(told.code, Some(0), "{further:?}: {}", told.stderr);
        assert!(told.stderr.contains("warning[further-document]"), "{further:?}: {}", told.stderr);
    }
    // Three tokens behind it go-yaml has not seen that the third, alone on its line, is no key.
    for further in ["-\nb\nc\n", "?\nb\nc\n"] {
        let folder = Folder::new();
        folder.file("t.yaml", format!("{{\"a\": 1}}\n{further}"));
        folder.run(&["check", "t.yaml"], &[]).fails(1, &["no `version`"]);
    }
    // Placeholders in a document that can't be read stay as they were written.
    let template = "a: {{ X }}\n---\nb: {{ X }}\nc: [\n";
    assert_eq!(fill(template, &[("X", "v")]).as_deref(), Ok("a: \"v\"\n---\nb: {{ X }}\nc: [\n"));
    assert_eq!(fill("a: {{ X }}\n---\nb: {{ X }}\n", &[("X", "v")]).as_deref(), Ok("a: \"v\"\n---\nb: \"v\"\n"));
}

#[test]
fn an_escape_that_go_yaml_does_not_know_is_refused_where_it_is() {
    let image = "    image: ghcr.io/team/app:1.0\n";
    let command = |text: &str| sdl(image, &format!("{image}    command: [\"one\", \"{text}\"]\n"));
    let folder = Folder::judged();
    folder.file("t.yaml", command("two\\/three"));
    folder.run(&["check", "t.yaml"], &[]).fails(1, &["error[not-yaml]", "t.yaml:5:26"]);
    // A line break of several bytes can be escaped.
    folder.file("t.yaml", command("two\\\u{2028}  three"));
    folder.run(&["check", "t.yaml"], &[]).ok();
}

#[test]
fn a_document_that_parsers_read_in_two_ways_takes_no_value() {
    // go-yaml ends the plain scalar at U+0085, other parsers go on.
    for template in ["a: \"{{ X }}\"\nb: one\u{85}two\n", "a: {{ X }}\n*x : 1\n"] {
        assert!(fill(template, &[("X", "v")]).is_err(), "{template:?}");
    }
}

#[test]
fn depth_is_no_danger() {
    let nested = |depth: usize| format!("a: {}{}\n", "[".repeat(depth), "]".repeat(depth));
    let folder = Folder::new();
    for (depth, words) in
        [(900, "no `version`"), (9_000, "no `version`"), (20_000, "not valid YAML"), (200_000, "not valid YAML")]
    {
        folder.file("t.yaml", nested(depth));
        folder.run(&["check", "t.yaml"], &[]).fails(1, &[words]);
    }
    // Many collections beside each other are not deep.
    folder.file("t.yaml", format!("a:\n{}", "- []\n".repeat(20_000)));
    folder.run(&["check", "t.yaml"], &[]).fails(1, &["no `version`"]);
}

//! Files from reports of people who fill secrets into files, and others of the same kinds: the value that was meant, or what is said.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::readers::ours;
use crate::support::Folder;

const CANARY: &str = "canary-7c1e9a52";

/// A folder with a template that asks for X, and `.env` for its owner's eyes only.
fn folder(env: impl AsRef<[u8]>) -> Folder {
    let folder = Folder::new();
    folder.file("t.yaml", "a: \"{{ X }}\"\n");
    lay(&folder, ".env", env);
    folder
}

fn lay(folder: &Folder, name: &str, env: impl AsRef<[u8]>) {
    fs::set_permissions(folder.file(name, env), fs::Permissions::from_mode(0o600)).expect("a mode");
}

/// What X is in `.env`; nothing must be said.
#[track_caller]
fn reads(env: impl AsRef<[u8]>, wanted: &str) {
    reads_with(env, &[], wanted);
}

#[track_caller]
fn reads_with(env: impl AsRef<[u8]>, variables: &[(&str, &str)], wanted: &str) {
    let ran = folder(&env).run(&["t.yaml"], variables);
    assert_eq!(ran.stderr, "", "{}", String::from_utf8_lossy(env.as_ref()));
    let read: Value = serde_saphyr::from_str(&ran.ok()).expect("YAML");
    assert_eq!(read["a"], wanted, "{}", String::from_utf8_lossy(env.as_ref()));
}

/// X can't be had from `.env`: `parts` are said, once, and nothing of the value. Other names can.
#[track_caller]
fn refuses(env: &str, parts: &[&str]) {
    let folder = folder(format!("{env}OTHER=fine\n"));
    let stderr = folder.run(&["t.yaml"], &[]).fails(1, parts);
    assert!(!stderr.contains(CANARY), "{stderr}");
    assert_eq!(stderr.matches("error: ").count(), 1, "{stderr}");
    let listed = folder.run(&["list", "t.yaml"], &[]);
    assert!(listed.stderr.contains(parts[0]), "{}", listed.stderr);
    folder.file("t.yaml", "a: \"{{ OTHER }}\"\n");
    assert_eq!(folder.run(&["t.yaml"], &[]).ok(), "a: \"fine\"\n", "{env}");
}

/// The cases that were handed in, by number.
#[test]
fn reported_files_give_what_their_owners_meant() {
    // 02
    reads("X={\"host\":\"db\",\"user\":\"app\",\"pass\":\"p1\"}\n", "{\"host\":\"db\",\"user\":\"app\",\"pass\":\"p1\"}");
    // 03
    reads("NEXT_PUBLIC_TITLE=My Cool Shop\nX=x1\n", "x1");
    reads("X=My Cool Shop\n", "My Cool Shop");
    // 06
    reads("DB=shopdb\nDB_USER=alice\nX=postgres://$DB_USER:pw@db/$DB\n", "postgres://alice:pw@db/shopdb");
    // 07
    reads("X=${REGISTRY_USER:-octo-dev}\n", "octo-dev");
    reads_with("X=${REGISTRY_USER:-octo-dev}\n", &[("REGISTRY_USER", "me")], "me");
    // 16
    reads("2CAPTCHA_KEY=abc\nsentry-dsn=https://k@o1.example.io/1\nX=x1\n", "x1");
    // 24
    reads("X='Let\\'s go $5!'\n", "Let's go $5!");
    // 25
    reads("X=ghp_x12345  # it's rotated monthly\nOTHER=1\n", "ghp_x12345");
    // 65
    reads("export FOO_BAR=test\nX=$FOO_BAR\n", "test");
}

/// Case 19.
#[test]
fn the_last_of_a_repeated_name_wins() {
    let folder = folder("X=ghp_old0000\nY=1\n# rotated\nX=ghp_new1111\n");
    let ran = folder.run(&["t.yaml"], &[]);
    assert!(ran.stderr.contains(".env:4: `X` was set before; the last value is used"), "{}", ran.stderr);
    assert_eq!(ran.ok(), "a: \"ghp_new1111\"\n");
    // A reference is to what stood before it.
    reads("A=1\nX=$A\nA=2\n", "1");
    refuses("X=1\nX='2\n", &[".env:2 (`X`)", "not closed"]);
}

/// Case 38.
#[test]
fn the_local_file_of_a_next_js_app_is_read() {
    let folder = Folder::new();
    folder.file("t.yaml", "a: \"{{ X }}\"\n");
    lay(&folder, ".env.local", "X=fromlocal\n");
    assert_eq!(folder.run(&["t.yaml"], &[]).ok(), "a: \"fromlocal\"\n");
}

/// Case 73: what is wrong with a file is told once, with the number of places.
#[test]
fn a_fault_is_told_once_and_not_once_a_placeholder() {
    let folder = Folder::new();
    let placeholders: String = (1..=40).map(|number| format!("- \"{{{{ A{number} }}}}\"\n")).collect();
    folder.file("t.yaml", placeholders);
    lay(
        &folder,
        ".env",
        "TITLE=My Shop\n".to_owned() + &(1..=40).map(|number| format!("A{number}=v{number}\n")).collect::<String>(),
    );
    assert!(folder.run(&["t.yaml"], &[]).ok().contains("\"v40\""));
    // A whole file, a name that others refer to, a name that is used often.
    let names = |value: &str| (1..=40).map(|number| format!("A{number}={value}\n")).collect::<String>();
    lay(&folder, ".env", b"\xff\xfeA\x001\0=\x001\0");
    let told = folder.run(&["t.yaml"], &[]).fails(1, &[".env is UTF-16", "this affects 40 placeholders"]);
    assert_eq!(told.matches("error: ").count(), 1, "{told}");
    lay(&folder, ".env", "BASE=\"open\n".to_owned() + &names("$BASE/x"));
    let told = folder
        .run(&["t.yaml"], &[])
        .fails(1, &[".env:1 (`BASE`)", "`A1` refers to `BASE`", "this affects 40 placeholders, of `A1`"]);
    assert_eq!(told.matches("error: ").count(), 1, "{told}");
    let listed = folder.run(&["list", "t.yaml"], &[]);
    assert_eq!(listed.stderr.matches("warning: ").count(), 1, "{}", listed.stderr);
    folder.file("t.yaml", "- \"{{ A1 }}\"\n".repeat(40));
    lay(&folder, ".env", "A1=p$nothing\n");
    let told = folder.run(&["t.yaml"], &[]).fails(1, &[".env:1 (`A1`)", "it is used 40 times"]);
    assert_eq!(told.matches("error: ").count(), 1, "{told}");
}

#[test]
fn forms_of_entries_are_read() {
    for (env, wanted) in [
        ("X=v", "v"),
        ("\u{feff}X=v\r\n", "v"),
        ("export X=v\n", "v"),
        ("export\tX = v \r\n", "v"),
        ("  X=v\n", "v"),
        ("X: v\n", "v"),
        ("X=a b  c  # note # more\n", "a b  c"),
        ("X=a#b\n", "a#b"),
        ("X=#fff\n", "#fff"),
        ("X='a # b' # c\n", "a # b"),
        ("X=\"a\" # it's \"c\"\n", "a"),
        ("X=\"\"\nX=v\n#X=w\n", "v"),
        ("X=C:\\Users\\new\\table\n", "C:\\Users\\new\\table"),
        ("X='C:\\Users\\new'\n", "C:\\Users\\new"),
        ("X=\"C:\\Users\"\n", "C:\\Users"),
        ("X=\"a\\r\\nb\\tc\"\n", "a\r\nb\tc"),
        ("X=\"a\\\\nb \\\"q\\\" it's \\$5\"\n", "a\\nb \"q\" it's $5"),
        ("X='say \"hi\", it\\'s'\n", "say \"hi\", it's"),
        ("X=it's \"q\"\n", "it's \"q\""),
        ("X='a\nb=1\n# c\n'\n", "a\nb=1\n# c\n"),
        ("X=\"-----BEGIN KEY-----\nMIIE\n-----END KEY-----\"\n", "-----BEGIN KEY-----\nMIIE\n-----END KEY-----"),
        ("X=p$5$$\n", ""),
        ("X=a$5!$%$\n", "a$5!$%$"),
        ("X='$A ${A} $(a) $$'\n", "$A ${A} $(a) $$"),
        ("X=(a$5) $(echo b\n", "(a$5) $(echo b"),
        ("X=\"a$\\nb\\\\$5\"\n", "a$\nb\\$5"),
        ("X=YWJj==\n", "YWJj=="),
        ("X=v\n-----END KEY-----\n", "v"),
        ("X=é ü\u{a0}\n", "é ü"),
    ] {
        if wanted.is_empty() {
            refuses(env, &[".env:1 (`X`)", "`$$`"]);
        } else if env.starts_with("X=\"\"\n") {
            assert_eq!(folder(env).run(&["t.yaml"], &[]).ok(), "a: \"v\"\n");
        } else {
            reads(env, wanted);
        }
    }
    // A comment may hold anything.
    reads(b"# caf\xe9\nX=v # caf\xe9\nY=\xff\n", "v");
    reads(b"X='v' # caf\xe9\n", "v");
}

#[test]
fn odd_names_can_be_asked_for() {
    let folder = folder("2CAPTCHA=a\nsentry-dsn=b\nspring.name=c\nÜ=d\nA[0]=e\n");
    let names = ["2CAPTCHA", "sentry-dsn", "spring.name", "Ü", "A[0]"];
    let template: String = names.iter().map(|name| format!("- \"{{{{ secrets['{name}'] }}}}\"\n")).collect();
    folder.file("t.yaml", template);
    assert_eq!(folder.run(&["t.yaml"], &[]).ok(), "- \"a\"\n- \"b\"\n- \"c\"\n- \"d\"\n- \"e\"\n");
}

#[test]
fn a_bare_name_has_the_environment_s_value() {
    let folder = folder("X\nexport Y\nZ");
    folder.file("t.yaml", "a: \"{{ dotenv.X }}{{ dotenv.Y }}{{ dotenv.Z }}\"\n");
    assert_eq!(folder.run(&["t.yaml"], &[("X", "1"), ("Y", "2"), ("Z", "3")]).ok(), "a: \"123\"\n");
    folder.run(&["t.yaml"], &[("X", "1"), ("Y", "2")]).fails(1, &["no value for `dotenv.Z`"]);
    // Within quotes that do not close as they should, it is text.
    lay(&folder, ".env", "T='a\nX\nb' c\n");
    folder.file("t.yaml", "a: \"{{ dotenv.X }}\"\n");
    folder.run(&["t.yaml"], &[("X", "1")]).fails(1, &["no value for `dotenv.X`"]);
}

#[test]
fn references_are_compose_s() {
    let before = "SET=v\nEMPTY=\n";
    for (written, wanted) in [
        ("$SET", "v"),
        ("${SET}s $SET-s $SET.s", "vs v-s v.s"),
        ("\"<$SET>\\n\"", "<v>\n"),
        ("a${EMPTY}b", "ab"),
        ("${NONE:-d}", "d"),
        ("${NONE-d}", "d"),
        ("${SET:-d}${SET-d}", "vv"),
        ("a${EMPTY:-d}${EMPTY-d}", "ad"),
        ("a${NONE:-}", "a"),
        ("${NONE:-$SET}", "v"),
        ("${NONE:-${NIL:-${SET}!}?}", "v!?"),
        ("${SET:?must be set}${EMPTY?must}x", "vx"),
        ("a${SET:+s}${SET+s}${EMPTY:+s}${EMPTY+s}${NONE:+s}${NONE+s}", "asss"),
        ("\"${NONE:-a b # c}\"", "a b # c"),
        ("\"${NONE:-\\\"q\\\"}\"", "\"q\""),
        ("${NONE:-a:-b}", "a:-b"),
        ("${NONE-}${NONE:-http://h:1/?a=b}", "http://h:1/?a=b"),
    ] {
        reads(format!("{before}X={written}\n"), wanted);
    }
    // The environment comes before the lines; what comes in is not read again.
    reads_with("SET=v\nX=$SET\n", &[("SET", "e$SET")], "e$SET");
    reads("A='$B'\nB=b\nX=$A\n", "$B");
    refuses("X=$LATER\nLATER=1\n", &[".env:1 (`X`)", "is set neither"]);
}

#[test]
fn what_readers_disagree_on_is_refused_for_that_name_only() {
    for (env, parts) in [
        (format!("X='{CANARY}\n"), ["not closed", "single quotes"]),
        (format!("X=\"{CANARY}\\\"\n"), ["not closed", "single quotes"]),
        (format!("X='{CANARY}'s\n"), ["after the closing quote", "one pair of quotes"]),
        (format!("X=p$none{CANARY}\n"), ["is set neither", "${NAME:-}"]),
        (format!("X=\"${{none}}{CANARY}\"\n"), ["is set neither", "single quotes"]),
        (format!("X=p@$$w0rd{CANARY}\n"), ["`$$`", "single quotes"]),
        (format!("X=\"p@$$w0rd{CANARY}\"\n"), ["`$$`", "single quotes"]),
        (format!("X=\"p@$\\$w0rd{CANARY}\"\n"), ["`$$`", "single quotes"]),
        (format!("X=p\\$w0rd{CANARY}\n"), ["`\\$` outside quotes", "single quotes"]),
        (format!("X=\"C:\\bin\\{CANARY}\"\n"), ["control character", "single quotes"]),
        (format!("X=\"\\033{CANARY}\"\n"), ["control character", "single quotes"]),
        (format!("X= # {CANARY}\n"), ["a `#` follows `= `", "NAME=''"]),
        (format!("X={CANARY}\t# c\n"), ["a `#` follows a tab", "space"]),
        (format!("X=`{CANARY}`\n"), ["backquotes", "--from-command"]),
        (format!("X=a\r{CANARY}\n"), ["carriage return", "LF"]),
        (format!("X='a\r\n{CANARY}'\n"), ["carriage return", "LF"]),
        (format!("X=$(op read {CANARY})\n"), ["no command is run", "--from-command"]),
        (format!("X=\"$(cat {CANARY})\"\n"), ["no command is run", "file(\"PATH\")"]),
        (format!("X=${{none:?{CANARY}}}\n"), ["requires a variable", "environment"]),
        (format!("X=${{A:={CANARY}}}\n"), ["`${` without a valid reference", "${NAME:-default}"]),
        (format!("X=${{A:-{CANARY}\n"), ["`${` without a valid reference", "${NAME:-default}"]),
        (format!("X=${{A:-{{{CANARY}}}}}\n"), ["`${` without a valid reference", "single quotes"]),
        (format!("SET=1\nX=${{SET-${{}}{CANARY}}}\n"), ["`${` without a valid reference", "single quotes"]),
        (format!("SET=1\nX=${{SET:}}{CANARY}\n"), ["`${` without a valid reference", "single quotes"]),
        (format!("X=${{NONE:}}{CANARY}\n"), ["`${` without a valid reference", "single quotes"]),
        (format!("a-b=1\nX=${{a-b}}{CANARY}\n"), ["a name with a `-`", "rename"]),
        ("X=-----BEGIN KEY-----\nMIICanary/+=\n-----END KEY-----\n".to_owned(), ["continue on the next line", "quotes"]),
        (format!("X={{\n  \"a\": \"{CANARY}\"\n}}\n"), ["continue on the next line", "quotes"]),
        (format!("Y='a\nX={CANARY}' b\n"), ["in quotes that starts on line 1", "one pair"]),
        (format!("Y='a\nb' X={CANARY}\n"), ["in quotes that starts on line 1", "one pair"]),
        (format!("Y='a\nW=1111111111\nX={CANARY}\nb' c\n"), ["in quotes that starts on line 1", "one pair"]),
        (format!("Y='{CANARY}\nX=$Y\n"), ["(`Y`)", "`X` refers to `Y`"]),
    ] {
        let parts = [".env:", parts[0], parts[1]];
        refuses(&env, &parts);
    }
    let folder = folder(b"X=a\xff\nOTHER=fine\n");
    folder.run(&["t.yaml"], &[]).fails(1, &[".env:1 (`X`) is not UTF-8"]);
}

#[test]
fn the_name_of_a_reference_may_be_part_of_the_value_and_is_not_shown() {
    for env in [format!("X=p${CANARY}\n").replace('-', "_"), format!("X=\"${{{CANARY}}}\"\n").replace('-', "_")] {
        let stderr = folder(env).run(&["t.yaml"], &[]).fails(1, &[".env:1 (`X`)", "is set neither"]);
        assert!(!stderr.contains("canary"), "{stderr}");
    }
}

#[test]
fn a_line_that_gives_no_name_a_value_is_passed_over() {
    for line in [CANARY, "a line of words", "=x", "'A'=1", "A/B=1", "\"", "export", "MIIE+/x="] {
        reads(format!("{line}\nX=v\n"), "v");
        reads(format!("X=v\n{line}\n"), "v");
    }
    let stderr = folder(format!("{CANARY} {CANARY}\n")).run(&["t.yaml"], &[]).fails(1, &["no value for `X`"]);
    assert!(!stderr.contains(CANARY), "{stderr}");
}

#[test]
fn a_name_on_a_line_of_another_form_is_pointed_out() {
    let told = ".env:2: `X` has no value from this line, which is not of the form X='value'";
    for line in [
        "set X=v",
        "declare -x X=\"v\"",
        "X+=v",
        "X ?= v",
        "$env:X = \"v\"",
        "\"X\": \"v\",",
        "setenv X=v",
        "X v",
        "let X=\"v\";",
    ] {
        folder(format!("A=1\n{line}\n")).run(&["t.yaml"], &[]).fails(1, &["no value for `X`", told]);
        // The template's default would be written otherwise, in silence.
        let folder = folder(format!("A=1\n{line}\n"));
        folder.file("t.yaml", "a: \"{{ X | default('d') }}\"\n");
        let ran = folder.run(&["t.yaml"], &[]);
        assert!(ran.code == Some(0) && ran.stderr.contains(told), "{line}: {}", ran.stderr);
    }
    for line in ["# X=v", "set X=v\nX=w", "X=w\nset X=v"] {
        let folder = folder(format!("A=1\n{line}\n"));
        folder.file("t.yaml", "a: \"{{ X | default('d') }}\"\n");
        let ran = folder.run(&["t.yaml"], &[]);
        assert!(ran.code == Some(0) && !ran.stderr.contains("line"), "{line}: {}", ran.stderr);
    }
}

/// A longer word is nobody's name, and may be a value.
#[test]
fn a_name_on_a_line_of_another_form_is_no_longer_than_64_characters() {
    for (length, told) in [(64, true), (65, false)] {
        let name = "N".repeat(length);
        for line in [format!("set {name}=v"), format!("{name} v")] {
            let folder = folder(format!("A=1\n{line}\n"));
            folder.file("t.yaml", format!("a: \"{{{{ {name} | default('d') }}}}\"\n"));
            let ran = folder.run(&["t.yaml"], &[]);
            assert!(ran.code == Some(0) && ran.stderr.contains("has no value from this line") == told, "{line}: {}", ran.stderr);
        }
    }
}

#[test]
fn an_unclosed_quote_takes_no_other_name_with_it() {
    for (env, wanted) in [
        ("TITLE=\"My shop\nX=v\n", "v"),
        ("TITLE=\"My shop\nX=\"v\"\nY=\"w\"\n", "v"),
        ("TITLE='Don't panic'\nX='v'\n", "v"),
        ("TITLE='My\nX='v'\n", "v"),
        ("X='v'\nTITLE='My\n", "v"),
    ] {
        reads(env, wanted);
    }
}

#[test]
fn a_name_that_is_refused_is_not_taken_for_one_that_is_not_set() {
    let folder = folder("X='open\nTAG='open\n");
    folder.file("t.yaml", "a: \"{% if X is defined %}{{ X }}{% else %}none{% endif %}\"\n");
    folder.run(&["t.yaml"], &[]).fails(1, &[".env:1 (`X`)"]);
    folder.file("t.yaml", "a: \"{{ X | default('none') }}\"\n");
    folder.run(&["t.yaml"], &[]).fails(1, &[".env:1 (`X`)"]);
    // A variable, too; the value of another file would be one that was not meant.
    lay(&folder, ".env.local", "TAG='open\n");
    lay(&folder, ".env", "TAG=old\n");
    for template in ["a: \"{{ vars.TAG }}\"\n", "a: \"{{ vars.TAG | default('x') }}{{ vars.TAG }}\"\n"] {
        folder.file("t.yaml", template);
        let stderr = folder.run(&["t.yaml"], &[]).fails(1, &[".env.local:1 (`TAG`)", "not closed"]);
        assert_eq!(stderr.matches("error: ").count(), 1, "{stderr}");
    }
}

#[test]
fn values_that_double_are_bounded() {
    let doubling = format!("A=xxxxxxxxxx\n{}S='x'\n", "A=$A$A\n".repeat(40));
    let folder = folder(&doubling);
    folder.file("t.yaml", "a: \"{{ S }}\"\n");
    assert_eq!(folder.run(&["t.yaml"], &[]).ok(), "a: \"x\"\n");
    folder.file("t.yaml", "a: \"{{ A }}\"\n");
    folder.run(&["t.yaml"], &[]).fails(1, &["(`A`)", "more than 1 MiB", "A=$A$A"]);
    // So are defaults within defaults, and files.
    let nested = |depth: usize| format!("X={}x{}\n", "${A:-".repeat(depth), "}".repeat(depth));
    reads(nested(32), "x");
    refuses(&nested(33), &[".env:1 (`X`)", "`${` without a valid reference"]);
    refuses(
        &format!("X={}x{}\n", "${A:-".repeat(10_000), "}".repeat(10_000)),
        &[".env:1 (`X`)", "`${` without a valid reference"],
    );
    refuses(
        &format!("V=v\nX={}x{}\n", "${V:+".repeat(10_000), "}".repeat(10_000)),
        &[".env:2 (`X`)", "`${` without a valid reference"],
    );
    let large = "# comment\n".repeat(110_000);
    folder.file(".env", large);
    folder.run(&["t.yaml"], &[]).fails(1, &[".env is larger than 1 MiB"]);
}

#[test]
fn a_file_that_can_t_be_read_says_why() {
    let folder = Folder::new();
    folder.file("t.yaml", "a: \"{{ X }}\"\n");
    std::os::unix::fs::symlink(".env", folder.path().join(".env")).expect("a link to itself");
    folder.run(&["t.yaml"], &[]).fails(1, &["can't read .env: ", "symbolic links", "--no-env-file"]);
}

#[test]
fn a_usual_file_costs_nothing_and_no_file_much() {
    let usual: String = (0..40).map(|number| format!("NAME_{number}=\"value-{number}-${{NAME_0:-x}}\" # c\n")).collect();
    let start = Instant::now();
    (0..100).for_each(|_| drop(ours(&usual)));
    println!("a file of 40 names: {:.0?}", start.elapsed() / 100);
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    for part in [
        "A='x\n",
        "A=\"x\nB='y\n",
        "A='x' y\n",
        "A='\\'\n",
        "A=\"${A:-\n",
        "A=${B:-${B:-\n",
        "A=${A:+${A:+\n",
        "A=-----BEGIN X\nabc\n",
        "A=-----BEGIN X\n",
        "A={\n",
        "A=`\n",
        "A=x\t\t\t#\n",
        "A=$",
        "A=\"$\\",
        "$(",
        "\\",
        "\n",
        " ",
        "export ",
        "é",
        "A=xxxxxxxx\nB=$A$A$A$A$A$A$A$A\nA=$B$B$B$B$B$B$B\n",
    ] {
        for start in ["", "A=", "A=\""] {
            let text = start.to_owned() + &part.repeat(256 * 1024 / part.len());
            let begun = Instant::now();
            drop(ours(&text));
            assert!(begun.elapsed() < Duration::from_secs(3), "{start:?} {part:?}: {:?}", begun.elapsed());
        }
    }
}

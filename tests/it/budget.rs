//! A template is a program, and has a budget: a loop, an include or an expression that goes on for too long is an error that says where, and
//! soon.
#![cfg(unix)]

use std::process::Command;

use crate::support::{Folder, Ran, fill};

/// Runs the program, which must end by itself, and soon: ten seconds of a processor are enough for a build without optimizations, whatever else
/// the machine does. Without a budget, these run for minutes or overflow the stack.
#[track_caller]
fn run(folder: &Folder, arguments: &[&str]) -> Ran {
    let program = folder.sdlrender(arguments, &[("A", "canary-1d94"), ("X", "canary-77e0")]);
    let mut shell = Command::new("sh");
    shell.args(["-c", "ulimit -t 10; exec \"$@\"", "sh"]).arg(program.get_program()).args(program.get_args());
    shell.env_clear().envs(program.get_envs().filter_map(|(name, value)| Some((name, value?)))).current_dir(folder.path());
    let ran = Ran::from(shell.output().expect("a shell starts"));
    assert!(ran.code.is_some(), "a signal ended it: {}", ran.stderr);
    assert!(!ran.stderr.contains("canary-"), "{}", ran.stderr);
    ran
}

#[track_caller]
fn refuses(template: &str, parts: &[&str]) {
    let folder = Folder::new();
    folder.file("t.tmpl.yaml", template);
    run(&folder, &["t.tmpl.yaml"]).fails(1, parts);
    run(&folder, &["list", "t.tmpl.yaml"]).fails(1, parts);
    let ran = run(&folder, &["check", "t.tmpl.yaml"]);
    assert!(ran.code == Some(1) && ran.stderr.contains("template-syntax"), "{}", ran.stderr);
}

#[test]
fn a_loop_has_a_budget() {
    let parts = ["the template runs for too long", "--> t.tmpl.yaml:2:", "range"];
    refuses("a: 1\n{% for a in range(10000) %}{% for b in range(10000) %}x{% endfor %}{% endfor %}\n", &parts);
    // One that writes nothing.
    let three =
        "{% for a in range(1000) %}{% for b in range(1000) %}{% for c in range(1000) %}{% endfor %}{% endfor %}{% endfor %}";
    refuses(&format!("a: 1\n{three}\n"), &parts[..1]);
    // One whose text is only a marker in the document.
    refuses("a: 1\n{% set t = \"x\" * 100000 %}{% for a in range(100000) %}- \"{{ t }}\"\n{% endfor %}\n", &parts[..2]);
}

#[test]
fn a_text_that_grows_has_a_budget() {
    let parts = ["the template runs for too long"];
    for expression in [
        "\"x\" * 1000000000",
        "\"x\" | indent(1000000000)",
        "\"%1000000000d\" | format(1)",
        "range(1) | batch(1000000000, 1) | list",
    ] {
        refuses(&format!("a: \"{{{{ {expression} }}}}\"\n"), &parts);
    }
    let twice = "{% set n = namespace(x=\"aaaaaaaaaa\") %}{% for i in range(40) %}{% set n.x = n.x ~ n.x %}{% endfor %}a: 1\n";
    refuses(twice, &parts);
}

/// The engine counts its instructions: one of them can do more than it counts.
#[test]
fn a_single_instruction_has_a_budget() {
    let set = |body: &str, times: usize| body.repeat(times);
    let twice = set("{% set l = l + l %}", 40);
    refuses(&format!("{{% set l = [0, 0] %}}{twice}a: {{{{ l | length }}}}\n"), &["runs for too long, or takes too much memory"]);
    let pairs = set("{% set l = [l, l] %}{% set m = [m, m] %}", 40);
    let equal = format!("{{% set l = [] %}}{{% set m = [] %}}{pairs}a: {{{{ l == m }}}}\n");
    refuses(&equal, &["runs for too long, or takes too much memory"]);
    // What stands between the items is not copied for each of them before it is counted.
    refuses("a: {{ range(100000) | join(\"a\" * 100000) }}\n", &["the template runs for too long"]);
}

/// What is nested too deeply to be freed on a usual stack.
#[test]
fn lists_in_lists_do_not_overflow_the_stack() {
    let folder = Folder::new();
    let nested = |step: &str, times: usize, used: &str| {
        format!("{{% set n = namespace(l=[]) %}}{{% for i in range({times}) %}}{step}{{% endfor %}}a: {{{{ {used} }}}}\n")
    };
    for (step, times, used) in [
        ("{% set n.l = [n.l] %}", 45_000, "1"),
        ("{% set n.l = {\"a\": n.l} %}", 40_000, "1"),
        ("{% set n.l = [[[[[[[[[[n.l]]]]]]]]]] %}", 20_000, "1"),
        ("{% set n.l = [n.l] %}", 30_000, "(n.l ~ \"\") | length"),
        ("{% set n.l = [n.l] %}", 90_000, "1"),
    ] {
        folder.file("t.tmpl.yaml", nested(step, times, used));
        let ran = run(&folder, &["t.tmpl.yaml"]);
        let is_told = ran.code == Some(1) && ran.stderr.contains("the template runs for too long");
        assert!(ran.code == Some(0) || is_told, "{step} {times}: {}", ran.stderr);
    }
}

#[test]
fn includes_have_a_budget() {
    let folder = Folder::new();
    folder.file("itself.yaml", "{% include \"itself.yaml\" %}{% include \"itself.yaml\" %}\n");
    let parts = ["the templates include one another more than 1000 times", "does one of them include itself?"];
    run(&folder, &["itself.yaml"]).fails(1, &parts);
    // Each twice the next: none includes itself.
    for number in 0..30 {
        let next = number + 1;
        folder.file(&format!("{number}.yaml"), format!("{{% include \"{next}.yaml\" %}}{{% include \"{next}.yaml\" %}}\n"));
    }
    folder.file("30.yaml", "a: 1\n");
    run(&folder, &["0.yaml"]).fails(1, &parts);
    // Each once, in one another.
    for number in 0..30 {
        folder.file(&format!("deep{number}.yaml"), format!("{{% include \"deep{}.yaml\" %}}\n", number + 1));
    }
    folder.file("deep30.yaml", "a: 1\n");
    run(&folder, &["deep0.yaml"]).ok();
    for number in 30..300 {
        folder.file(&format!("deep{number}.yaml"), format!("{{% include \"deep{}.yaml\" %}}\n", number + 1));
    }
    folder.file("deep300.yaml", "a: 1\n");
    run(&folder, &["deep0.yaml"]).fails(1, &["nested too deeply", "--> deep", "does a template include itself?"]);
    // By a name that nobody foresees.
    for number in 0..30 {
        let once = format!("{{% include {} ~ \".yaml\" %}}\n", number + 1);
        folder.file(&format!("{number}.yaml"), once.repeat(2));
    }
    run(&folder, &["0.yaml"]).fails(1, &["the template runs for too long"]);
    folder.file("loop.yaml", "{% for i in range(100000) %}{% include \"30.yaml\" %}{% endfor %}\n");
    run(&folder, &["loop.yaml"]).fails(1, &["the template runs for too long"]);
}

/// What comes before a step, the step, and what comes after all.
const CHAINS: [(&str, &str, &str); 16] = [
    ("{% if ", "not ", "vars.x %}{% endif %}a: 1\n"),
    ("a: \"{{ ", "-", "1 }}\"\n"),
    ("a: \"{{ X", " | trim", " }}\"\n"),
    ("a: \"{{ vars.X", " | trim", " }}\"\n"),
    ("a: \"{{ 1", " + 1", " }}\"\n"),
    ("a: \"{{ 2", " ** 1", " }}\"\n"),
    ("a: \"{{ A", " ~ A", " }}\"\n"),
    ("a: \"{{ vars", ".a", " }}\"\n"),
    ("a: \"{{ vars", "[\"a\"]", " }}\"\n"),
    ("a: \"{{ vars.a", "[1:2]", " }}\"\n"),
    ("a: \"{{ vars.x", "()", " }}\"\n"),
    ("a: \"{{ 1", " if vars.x else 1", " }}\"\n"),
    ("a: \"{{ vars.x", " is defined", " }}\"\n"),
    ("{% if vars.x", " and vars.x", " %}{% endif %}a: 1\n"),
    ("{% if vars.x %}", "{% elif vars.y %}", "{% endif %}a: 1\n"),
    ("{% set x = vars.x", " or vars.x", " %}a: 1\n"),
];

#[test]
fn a_chain_of_50000_steps_is_refused() {
    for (before, step, behind) in CHAINS {
        let folder = Folder::new();
        folder.file("t.tmpl.yaml", format!("{before}{}{behind}", step.repeat(50_000)));
        run(&folder, &["t.tmpl.yaml"]).fails(1, &["has more than 250 steps", "--> t.tmpl.yaml:1:", "{% set %}"]);
        // In an include, whose name is known or not.
        folder.file("include.yaml", "{% include \"t.tmpl.yaml\" %}\n");
        run(&folder, &["include.yaml"]).fails(1, &["has more than 250 steps", "--> t.tmpl.yaml:1:"]);
        folder.file("include.yaml", "{% include \"t\" ~ \".tmpl.yaml\" %}\n");
        run(&folder, &["include.yaml"]).fails(1, &["has more than 250 steps", "--> t.tmpl.yaml:1:"]);
    }
    for (open, close) in [("(", ")"), ("[", "]"), ("{\"a\": ", "}"), ("A | default(", ")")] {
        let (open, close) = (open.repeat(50_000), close.repeat(50_000));
        let folder = Folder::new();
        folder.file("t.tmpl.yaml", format!("a: \"{{{{ {open}1{close} }}}}\"\n"));
        run(&folder, &["t.tmpl.yaml"]).fails(1, &["has more than 250 steps"]);
    }
    for statement in ["if vars.x", "for a in [1]"] {
        let folder = Folder::new();
        folder.file("t.tmpl.yaml", format!("{{% {statement} %}}").repeat(50_000));
        run(&folder, &["t.tmpl.yaml"]).fails(1, &["maximum recursion"]);
    }
}

/// What is let through needs no more stack than a thread of a library's user has, without optimizations too: this test's has 2 MiB.
#[test]
fn a_chain_that_is_let_through_fits_the_stack() {
    for (before, step, behind) in CHAINS {
        let uses = behind.contains("endif") || step.contains("if ");
        let most = if uses { 80 } else { 240 };
        let template = format!("{before}{}{behind}", step.repeat(most / step.split_whitespace().count().max(1)));
        // It may be refused for what it does, but not end the process.
        let _ = fill(&template, &[("A", "1"), ("X", "2")]);
    }
    let nested = format!("{}a: 1\n{}", "{% if true %}".repeat(140), "{% endif %}".repeat(140));
    assert_eq!(fill(&nested, &[]).as_deref().map(str::trim), Ok("a: 1"));
}

#[test]
fn a_secret_has_a_budget() {
    // Of parts: each round doubles them.
    let twice = "{% set a = A ~ A %}".to_owned() + &"{% set a = a ~ a %}".repeat(30) + "a: \"{{ a }}\"\n";
    let folder = Folder::new();
    folder.file("t.yaml", twice);
    assert_eq!(run(&folder, &["t.yaml"]).code, Some(1));
    let joined = "{% set a = [A, A] | join %}".to_owned() + &"{% set a = [a, a] | join %}".repeat(30) + "a: \"{{ a }}\"\n";
    folder.file("t.yaml", joined);
    run(&folder, &["t.yaml"]).fails(1, &["a secret can have at most 250 parts and filters"]);
    // Of bytes: each filter makes it longer.
    folder.file("t.yaml", format!("a: \"{{{{ A{} }}}}\"\n", " | b64encode".repeat(120)));
    run(&folder, &["t.yaml"]).fails(1, &["`A` and the other secrets are more than 16 MiB"]);
    // Of bytes in the result.
    folder.file("large", "x".repeat(500_000));
    folder.file("t.yaml", "{% for i in range(1000) %}- \"{{ file(\"large\") }}\"\n{% endfor %}");
    run(&folder, &["t.yaml"]).fails(1, &["the result would be more than 16 MiB larger than the template"]);
}

#[test]
fn a_large_template_is_within_its_budget() {
    let service = |number: usize| format!("- name: s{number}\n  token: \"{{{{ A }}}}\"\n  port: {{{{ {number} + 1 }}}}\n");
    let template: String = (0..5000).map(service).collect();
    let filled = fill(&template, &[("A", "canary")]).expect("a result");
    assert!(filled.contains("port: 5000\n") && !filled.contains("{{"));
    let loops = "{% for i in range(50) %}{% for j in range(50) %}- \"{{ A }}-{{ i }}-{{ j }}\"\n{% endfor %}{% endfor %}";
    assert_eq!(fill(loops, &[("A", "canary")]).expect("a result").lines().count(), 2500);
    let list: Vec<String> = (0..500).map(|port| format!("{{\"name\": \"s{port}\", \"port\": {port}}}")).collect();
    let list = format!("{{% for s in [{}] %}}- {{{{ s.port }}}}\n{{% endfor %}}", list.join(", "));
    assert_eq!(fill(&list, &[]).expect("a result").lines().count(), 500);
}

/// 4,000 names that are missing, and 4,000 that are there.
#[test]
fn what_was_meant_is_found_soon() {
    let folder = Folder::new();
    let mut random = 1_u64;
    let mut name = |number: usize| {
        let mut letters = String::new();
        for _ in 0..20 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            letters.push(char::from(b'A' + (random >> 40) as u8 % 10));
        }
        format!("N{number:05}_{letters}")
    };
    let template: String = (0..4000).map(|number| format!("a{number}: \"{{{{ {} }}}}\"\n", name(number))).collect();
    let names: String = (0..4000).map(|number| format!("{}=x\n", name(number))).collect();
    folder.file("t.yaml", template + "typo: \"{{ TOKNE }}\"\n");
    folder.file("many.env", names + "TOKEN=x\n");
    run(&folder, &["-e", "many.env", "--no-keychain", "t.yaml"]).fails(1, &["4001 secrets have no value"]);
    folder.file("t.yaml", "typo: \"{{ TOKNE }}\"\n");
    run(&folder, &["-e", "many.env", "--no-keychain", "t.yaml"]).fails(1, &["`TOKEN` is set: did you mean that?"]);
    // Nor are an option's names among the variables, or those of services.
    let variables: String = (0..4000).map(|number| format!("a{number}: {{{{ vars.{} }}}}\n", name(number))).collect();
    folder.file("t.yaml", variables);
    let set: Vec<String> = (0..4000).map(|number| format!("--set={}=1", name(number))).collect();
    let arguments: Vec<&str> = set.iter().map(String::as_str).chain(["t.yaml"]).collect();
    assert!(run(&folder, &arguments).stderr.contains("no placeholder uses `vars.N00000_"));
    let mut service = |number: usize| name(number).to_lowercase().replace('_', "-");
    let services: String = (0..800).map(|number| format!("  {}: {{image: x}}\n", service(number))).collect();
    let deployed: String = (0..800).map(|number| format!("  {}: {{}}\n", service(number))).collect();
    folder.file("t.tmpl.yaml", format!("version: \"2.0\"\nservices:\n{services}deployment:\n{deployed}"));
    assert!(run(&folder, &["check", "t.tmpl.yaml"]).stderr.contains("[service-not-deployed]"));
}

//! What the Console would not take is refused, before any secret is looked up.

use crate::support::Folder;

/// Runs `console` on a service with these lines, each secret from a command that leaves a trace.
fn refused(lines: &str, parts: &[&str]) {
    let folder = Folder::new();
    let lines: String = lines.lines().map(|line| format!("    {line}\n")).collect();
    folder.file("t.yaml", format!("services:\n  web:\n{lines}"));
    let arguments = ["console", "t.yaml", "--no-check", "--secrets", "-", "--sdl", "sdl.yaml", "--from-command", "S=touch asked"];
    let said = folder.run(&arguments, &[("T", "canary-canary")]).fails(1, parts);
    assert!(said.contains("--> t.yaml:"), "{said}");
    assert_eq!(folder.names(), ["t.yaml"]);
}

#[test]
fn a_secret_is_refused_where_no_reference_is_resolved() {
    let only = "only";
    let variable = "{{ vars.NAME }}";
    refused("image: \"ghcr.io/o/a:{{ S }}\"", &["the Console takes no secret in an image", only, variable, "services.web.image"]);
    refused("credentials: {host: \"{{ S }}\"}", &["no secret in a login's host", only, variable]);
    refused("args: [\"--key={{ S }}\"]", &["no secret in `command` and `args`", "write $(NAME) here"]);
    refused("command: [sh, -c, \"{{ S }}\"]", &["no secret in `command` and `args`"]);
    refused("expose: [{port: \"{{ S | int }}\"}]", &["the Console takes no secret here", variable]);
    refused("credentials: {email: \"{{ S }}\"}", &["the Console takes no secret here"]);
    refused("env: {A: \"{{ S }}\"}", &["the Console takes no secret here"]);
    // By an alias.
    refused("env: [&x \"A={{ S }}\"]\nargs: [*x]", &["no secret in `command` and `args`"]);
    refused("env: &e [\"A={{ S }}\"]\nargs: *e", &["no secret in `command` and `args`"]);
    refused("env: [&x \"A={{ S }}\"]\ncredentials: {password: *x}", &["an alias uses this as an item of `env` and in a login"]);
}

#[test]
fn a_secret_after_the_first_document_is_refused() {
    let folder = Folder::new();
    folder.file("t.yaml", "services: {}\n---\nservices: {web: {env: [\"A={{ S }}\"]}}\n");
    folder.run(&["console", "t.yaml", "--no-check"], &[]).fails(1, &["the Console takes no secret here", "t.yaml:3"]);
}

#[test]
fn the_name_of_a_variable_is_in_the_template() {
    for item in ["{{ S }}", "{{ S }}=1", "A{{ S }}=1", "{{ S }}={{ S }}", "A {{ S }}", "A{{ S | int }}={{ S }}"] {
        refused(&format!("env: [\"{item}\"]"), &["the name of this variable is part of a secret", "NAME={{ NAME }}"]);
    }
    let folder = Folder::new();
    folder.file("t.yaml", "services: {web: {env: [\"{{ vars.K }}_X={{ S }}\"]}}\n");
    let arguments = ["console", "t.yaml", "--no-check", "--set", "K=A"];
    assert_eq!(folder.run(&arguments, &[]).ok(), "services: {web: {env: [\"A_X=ac-secret://S\"]}}\n");
    // A `=` in a variable ends the name, as it does in the container.
    let arguments = ["console", "t.yaml", "--no-check", "--set", "K=A=b"];
    assert_eq!(folder.run(&arguments, &[]).ok(), "services: {web: {env: [\"A=ac-secret://A\"]}}\n");
}

#[test]
fn what_the_template_says_itself_must_not_be_taken_for_a_reference() {
    refused("env: [\"A=ac-secret://A\", \"B={{ S }}\"]", &["this reference has no value here", "write a placeholder instead"]);
    refused("credentials: {username: ac-secret://A}", &["this reference has no value here"]);
    refused("env: [MODE=ac-dc]", &["a value that begins with `ac-` must be a reference", "change the value"]);
    refused("credentials: {password: \"ac-secret://a b\"}", &["a value that begins with `ac-` must be a reference"]);
    refused("env: [\"MODE=ac-secret:/{{ vars.X | default('x') }}\"]", &["a value that begins with `ac-` must be a reference"]);
    let folder = Folder::new();
    let plain =
        "services: {web: {image: ac-x, env: [ac-x, \"A=x ac-y\", \"B=AC-x\"], args: [ac-z], credentials: {host: ac-h}}}\n";
    folder.file("t.yaml", plain);
    assert_eq!(folder.run(&["console", "t.yaml", "--no-check"], &[]).ok(), plain);
}

#[test]
fn the_console_s_limits_are_kept() {
    let folder = Folder::new();
    let template = |count: usize| {
        let items: String = (0..count).map(|at| format!("      - N{at}={{{{ S }}}}-{at}\n")).collect();
        format!("services:\n  web:\n    env:\n{items}")
    };
    folder.file("t.yaml", template(100));
    folder.run(&["console", "t.yaml", "--no-check"], &[]).ok();
    folder.file("t.yaml", template(101));
    folder.run(&["console", "t.yaml", "--no-check"], &[]).fails(1, &["the SDL has 101 secrets, and the Console takes 100"]);
    folder.file("t.yaml", template(1));
    let secrets = ["console", "t.yaml", "--no-check", "--secrets", "-"];
    folder.run(&secrets, &[("S", &"x".repeat(16 * 1024 - 4))]).ok();
    let said = folder.run(&secrets, &[("S", &"x".repeat(16 * 1024 - 3))]);
    said.fails(1, &["the value of `N0` is too large for the Console", "services.web.env[0]", "16 KiB"]);
    let comment = format!("# {}\n", "x".repeat(512 * 1024));
    folder.file("t.yaml", comment + &template(1));
    folder.run(&["console", "t.yaml", "--no-check"], &[]).fails(1, &["the SDL has ", "the Console takes 524288"]);
}

#[test]
fn the_rules_hold_for_the_console_too() {
    let folder = Folder::judged();
    let sdl = include_str!("../../../templates/ghcr.tmpl.yaml");
    folder.file("t.yaml", sdl);
    let console = |token: &str, options: &[&str]| {
        let arguments = [&["console", "t.yaml", "--secrets", "-", "--no-keychain"], options].concat();
        folder.run(&arguments, &[("GHCR_USERNAME", "someone"), ("GHCR_TOKEN", token)])
    };
    console("dckr_pat_aaaaaaaaaaaaaaaaaaaaaaaaaaa", &[]).fails(1, &["nothing was written"]);
    console("dckr_pat_aaaaaaaaaaaaaaaaaaaaaaaaaaa", &["--no-check"]).ok();
    folder.run(&["console", "t.yaml", "--secrets", "-", "--no-keychain"], &[]).fails(1, &["GHCR_USERNAME", "GHCR_TOKEN"]);
}

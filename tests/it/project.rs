//! `sdlrender.toml`: where it is found, what it says, what it must not hold, and when its commands run.

use std::process::{Command, Stdio};

use crate::support::{Folder, Ran, require};

mod check;
mod managers;
mod trust;

const TWO: &str = "a: \"{{ GHCR_TOKEN }}\"\nb: \"{{ DB_PASSWORD }}\"\n";

const DESCRIBED: &str = "[secrets.GHCR_TOKEN]\ndescription = \"GitHub token with read:packages\"\nwhere = \"https://github.com/settings/tokens\"\n\
    [secrets.DB_PASSWORD]\ndescription = \"of the database\"\n";

fn folder(template: &str, project: &str) -> Folder {
    let folder = Folder::new();
    folder.file("t.tmpl.yaml", template);
    folder.file("sdlrender.toml", project);
    folder
}

/// Renders without the keychain.
fn render(folder: &Folder, arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
    folder.run(&[&["t.tmpl.yaml", "--no-keychain"], arguments].concat(), variables)
}

#[test]
fn what_is_missing_is_described() {
    let folder = folder(TWO, DESCRIBED);
    let said = render(&folder, &[], &[("DB_PASSWORD", "x")]).fails(1, &["no value for `GHCR_TOKEN`"]);
    assert!(
        said.contains("note: GHCR_TOKEN: GitHub token with read:packages (where: https://github.com/settings/tokens)"),
        "{said}"
    );
    let said = render(&folder, &[], &[]).fails(1, &["2 secrets have no value"]);
    assert!(said.contains("read:packages (where: https") && said.contains("note: DB_PASSWORD: of the database\n"), "{said}");
    // A file or a login of the same name is not the secret.
    folder.file("t.tmpl.yaml", "a: \"{{ file('GHCR_TOKEN') }}\"\n");
    let said = render(&folder, &[], &[]).fails(1, &[]);
    assert!(!said.contains("read:packages"), "{said}");
}

#[test]
fn it_is_found_upwards_but_not_beyond_the_repository() {
    let folder = Folder::new();
    folder.file("outer/repo/a/t.tmpl.yaml", TWO);
    folder.file("outer/sdlrender.toml", DESCRIBED);
    let said = |at: &str| {
        let mut command = folder.sdlrender(&["--no-keychain", "t.tmpl.yaml"], &[]);
        Ran::from(command.current_dir(folder.path().join(at)).output().expect("a start")).fails(1, &["2 secrets"])
    };
    assert!(!said("outer/repo/a").contains("read:packages"), "without a repository, what is above may be anyone's");
    std::fs::create_dir(folder.path().join("outer/repo/.git")).expect("a folder");
    assert!(!said("outer/repo/a").contains("read:packages"), "it is outside of the repository");
    std::fs::rename(folder.path().join("outer/sdlrender.toml"), folder.path().join("outer/repo/sdlrender.toml")).expect("a name");
    assert!(said("outer/repo/a").contains("read:packages"));
    // The nearest counts, as a whole; a `.git` may be a file, as in a worktree.
    folder.file("outer/repo/a/sdlrender.toml", "");
    assert!(!said("outer/repo/a").contains("read:packages"));
    folder.file("outer/repo/a/sdlrender.toml", DESCRIBED);
    folder.file("outer/repo/a/.git", "gitdir: elsewhere\n");
    assert!(said("outer/repo/a").contains("read:packages"));
    // From elsewhere, it is the template's folder that counts.
    let elsewhere = folder.run(&["--no-keychain", "outer/repo/a/t.tmpl.yaml"], &[]);
    elsewhere.fails(1, &["read:packages"]);
}

#[test]
fn a_typo_is_an_error_with_its_line() {
    for (text, parts) in [
        (
            "[secrets.A]\ndescripton = \"x\"\n",
            &["unknown key `descripton`", "sdlrender.toml:2:1", "did you mean `description`?"][..],
        ),
        ("[secret.A]\n", &["unknown key `secret`", "sdlrender.toml:1:2", "did you mean `secrets`?"]),
        ("[profiles.prod.vars]\n", &["unknown key `profiles`", "did you mean `profile`?"]),
        ("[profile.prod]\nvar = 1\n", &["unknown key `var`", "did you mean `vars`?"]),
        ("[profile.prod]\nproviders = 1\n", &["unknown key `providers`", "[profile.NAME] may have secrets, vars, env_files"]),
        ("[vars]\nTAG = 1\n", &["unknown key `vars`", "[profile.NAME.vars]"]),
        ("[secrets.A]\ncommand = \"op read x\"\n", &["`command` has the wrong type", "command = [\"op\", \"read\""]),
        ("[secrets.A]\nrequired = \"yes\"\n", &["`required` has the wrong type", "required = true"]),
        ("[secrets.A\n", &["syntax error in sdlrender.toml", "sdlrender.toml:1:"]),
        ("[secrets.A]\n[secrets.A]\n", &["syntax error in sdlrender.toml", "duplicate key", "sdlrender.toml:2:"]),
        ("[secrets.\"A B\"]\n", &["`A B` can't be the name of a secret"]),
        ("[profile.\"../x\"]\n", &["`../x` can't be the name of a profile"]),
    ] {
        render(&folder(TWO, text), &[], &[]).fails(2, parts);
    }
    // All at once.
    render(&folder(TWO, "a = 1\n[secrets.A]\nb = 1\n"), &[], &[]).fails(2, &["unknown key `a`", "unknown key `b`"]);
    let bytes = Folder::new();
    bytes.file("t.tmpl.yaml", TWO);
    bytes.file("sdlrender.toml", b"# \xff\n");
    render(&bytes, &[], &[]).fails(2, &["sdlrender.toml is not UTF-8"]);
    bytes.file("sdlrender.toml", "#".repeat(1 << 21));
    render(&bytes, &[], &[]).fails(2, &["sdlrender.toml is larger than 1 MiB"]);
    std::fs::remove_file(bytes.path().join("sdlrender.toml")).expect("it is there");
    std::fs::create_dir(bytes.path().join("sdlrender.toml")).expect("a folder");
    render(&bytes, &[], &[]).fails(2, &["can't read sdlrender.toml"]);
}

#[test]
fn a_value_is_refused_and_not_shown() {
    const VALUE: &str = "hunter2-canary";
    for text in [
        format!("[secrets.A]\nvalue = \"{VALUE}\"\n"),
        format!("[secrets.A]\nDefault = \"{VALUE}\"\n"),
        format!("[secrets]\nA = \"{VALUE}\"\n"),
        format!("[profile.p.secrets]\nA = [\"{VALUE}\"]\n"),
        format!("[secrets.A]\n[profile.p.vars]\nA = \"{VALUE}\"\n"),
        format!("[profile.p.secrets.A]\n[profile.p.vars]\nA = \"{VALUE}\"\n"),
        format!("[secrets.A]\nvalue = \"\"\"\n{VALUE}\n\"\"\"\n"),
    ] {
        let said = render(&folder(TWO, &text), &[], &[])
            .fails(2, &["sdlrender.toml has a value for `A`", "must not hold a value", "sdlrender set A"]);
        assert!(!said.contains(VALUE), "{said}");
    }
    // A value in the place of something else is not shown either.
    for text in [format!("[secrets.A]\nsekret = \"{VALUE}\"\n"), format!("[secrets.A]\ncommand = \"echo {VALUE}\"\n")] {
        let said = render(&folder(TWO, &text), &[], &[]).fails(2, &[]);
        assert!(!said.contains(VALUE), "{said}");
    }
    let token = format!("ghp_{}", "a1B2c3D4e5F6".repeat(3));
    for text in [
        format!("# {token}\n"),
        format!("[secrets.A]\ndescription = \"{token}\"\n"),
        format!("[secrets.A]\ncommand = [\"echo\", \"{token}\"]\n"),
    ] {
        let said = render(&folder(TWO, &text), &[], &[]).fails(2, &["sdlrender.toml holds a GitHub personal access token"]);
        assert!(!said.contains(&token[4..]), "{said}");
    }
}

/// Whatever is wrong with a line, what else is in it is not shown.
#[test]
fn the_line_that_is_wrong_shows_no_value() {
    let token = |end: &str| format!("ghp_{}{end}", "a1B2c3D4e5F6".repeat(3));
    for (text, canary) in [
        ("[secrets.A]\nwhere = \"https://bot:canary-5b0e@h/\" x\n", "canary"),
        ("[secrets.A]\ncommand = [\"curl\", \"https://bot:canary-5b0e@h/\"] x\n", "canary"),
        ("[secrets.A]\npassword = \"canary-5b0e\" x\n", "canary"),
        ("[profile.p.vars]\nDB_PASSWORD = \"canary-5b0e\" A = 3\n", "canary"),
        ("[secrets]\nA = {value = \"x\", where = \"https://bot:canary-5b0e@h/\"}\n", "canary"),
        ("[secrets.A]\nrequired = \"yes\" # password: canary-5b0e\n", "canary"),
        (&format!("[secrets.A]\nwhere = \"{} {}\"\n", token(""), token("zz")), "a1B2c3D4"),
    ] {
        let said = render(&folder(TWO, text), &[], &[]).fails(2, &["sdlrender.toml", "********"]);
        assert!(!said.contains(canary), "{said}");
    }
}

const PROD: &str =
    "[secrets.A]\ncommand = [\"printf\", \"from-any\"]\n[profile.prod.secrets.A]\ncommand = [\"printf\", \"from-profile\"]\n";

#[test]
fn what_this_machine_sets_comes_before_the_project_s_commands() {
    let folder = folder("a: \"{{ A }}\"\n", PROD);
    folder.run(&["trust", "--yes"], &[]).ok();
    let got = |arguments: &[&str], variables: &[(&str, &str)]| render(&folder, arguments, variables).ok();
    let profile = &["--profile", "prod"][..];
    assert_eq!(got(&[], &[]), "a: \"from-any\"\n");
    assert_eq!(got(profile, &[]), "a: \"from-profile\"\n");
    folder.file(".env", "A=dotenv\n");
    crate::support::set_mode(&folder.path().join(".env"), 0o600);
    assert_eq!(got(&[], &[]), "a: \"dotenv\"\n");
    // What is of no profile is not a value of this one.
    assert_eq!(got(profile, &[]), "a: \"from-profile\"\n");
    folder.file(".env.prod", "A=dotenv-prod\n");
    crate::support::set_mode(&folder.path().join(".env.prod"), 0o600);
    assert_eq!(got(profile, &[]), "a: \"dotenv-prod\"\n");
    assert_eq!(got(profile, &[("A", "environment")]), "a: \"environment\"\n");
    let option = &[profile, &["--from-command", "A=printf option"]].concat()[..];
    assert_eq!(got(option, &[("A", "environment")]), "a: \"option\"\n");
    // Files that are named are the profile's.
    folder.file("x.env", "A=named\n");
    assert_eq!(got(&[profile, &["-e", "x.env"]].concat(), &[]), "a: \"named\"\n");
    assert_eq!(got(&[profile, &["--no-env-file"]].concat(), &[]), "a: \"from-profile\"\n");
    // A placeholder for one source does not get it.
    folder.file("t.tmpl.yaml", "a: \"{{ env.A }}\"\n");
    render(&folder, &[], &[]).fails(1, &["no value for `env.A`"]);
}

#[test]
fn a_profile_has_variables_and_files() {
    let project = "[profile.prod]\nenv_files = [\"one.env\", \"conf/two.env\"]\n[profile.prod.vars]\nTAG = 1.10\nPORTS = [80, 443]\n[profile.test]\n";
    let folder =
        folder("a: {{ vars.TAG }}\nb:\n{% for port in vars.PORTS %}- \"{{ port }}{{ A }}{{ B }}\"\n{% endfor %}", project);
    // The profile is there, although nothing else names it; the files need not be.
    let said = render(&folder, &["--profile", "prod"], &[]).fails(1, &["2 secrets have no value"]);
    assert!(said.contains("no conf/two.env, one.env here"), "{said}");
    for (name, text) in [
        ("one.env", "A=1\nB=1\n"),
        ("conf/two.env", "B=2\n"),
        (".env", "A=wrong\nB=wrong\nTAG=wrong\n"),
        (".env.prod", "A=wrong\n"),
    ] {
        crate::support::set_mode(&folder.file(name, text), 0o600);
    }
    let got = |arguments: &[&str], variables: &[(&str, &str)]| {
        render(&folder, &[&["--profile", "prod"], arguments].concat(), variables).ok()
    };
    let text = "a: 1.10\nb:\n- \"8012\"\n- \"44312\"\n";
    assert_eq!(got(&[], &[]), text);
    assert_eq!(got(&[], &[("TAG", "of-the-environment")]), text);
    folder.file("values.toml", "TAG = 'of-a-file'\n");
    assert_eq!(got(&["--values", "values.toml"], &[]), text.replace("1.10", "of-a-file"));
    assert_eq!(got(&["--values", "values.toml", "--set", "TAG=2"], &[]), text.replace("1.10", "2"));
    // From a folder below, the paths are still the project's.
    folder.file("below/t.tmpl.yaml", "a: \"{{ A }}\"\n");
    std::fs::create_dir(folder.path().join(".git")).expect("a folder");
    let mut below = folder.sdlrender(&["--no-keychain", "--profile", "prod", "t.tmpl.yaml"], &[]);
    assert_eq!(Ran::from(below.current_dir(folder.path().join("below")).output().expect("a start")).ok(), "a: \"1\"\n");
    // Another profile, or none, has none of it.
    folder.file("t.tmpl.yaml", "a: {{ vars.TAG }}\n");
    assert_eq!(render(&folder, &[], &[]).ok(), "a: wrong\n");
    assert_eq!(render(&folder, &["--profile", "test"], &[]).ok(), "a: wrong\n");
    let said =
        render(&folder, &["--profile", "prdo"], &[]).fails(2, &["there is no profile `prdo`", "did you mean --profile prod?"]);
    assert!(said.contains("no [profile.prdo] in sdlrender.toml"), "{said}");
}

#[test]
fn what_is_required_needs_a_value_whatever_the_template_says() {
    let folder = folder(
        "a: \"{{ A | default('weak') }}\"\n{% if B is defined %}b: \"{{ B }}\"\n{% endif %}",
        "[secrets.A]\nrequired = true\n[secrets.B]\nrequired = true\n[profile.dev.secrets]\nA.required = false\nB.required = false\n",
    );
    render(&folder, &[], &[]).fails(1, &["2 secrets have no value", "A ", "B "]);
    render(&folder, &[], &[("B", "1")])
        .fails(1, &["no value for `A`", "sdlrender.toml requires `A`, so the template's default is not used"]);
    render(&folder, &[], &[("A", "1")]).fails(1, &["no value for `B`"]);
    assert_eq!(render(&folder, &[], &[("A", "1"), ("B", "2")]).ok(), "a: \"1\"\nb: \"2\"\n");
    assert_eq!(render(&folder, &["--profile", "dev"], &[]).ok(), "a: \"weak\"\n");
}

#[test]
fn without_it_nothing_changes_and_standard_input_has_one_too() {
    let folder = folder("a: \"{{ GHCR_TOKEN }}\"\n", DESCRIBED);
    let mut command = folder.sdlrender(&["--no-keychain", "-"], &[]);
    let template = std::fs::File::open(folder.path().join("t.tmpl.yaml")).expect("a template");
    Ran::from(command.stdin(Stdio::from(template)).output().expect("a start")).fails(1, &["read:packages"]);
    std::fs::remove_file(folder.path().join("sdlrender.toml")).expect("it is there");
    let said = render(&folder, &[], &[]).fails(1, &["no value for `GHCR_TOKEN`"]);
    assert!(!said.contains("sdlrender.toml") && !said.contains("read:packages"), "{said}");
}

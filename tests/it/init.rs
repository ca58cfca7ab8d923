//! `init`: what it writes passes `check` and renders, whatever was there stays, and it asks only at a terminal.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::{Folder, Ran, require, set_mode};

/// Each registry: its name, an image in it, the host of its credentials, and the names of its secrets.
const REGISTRIES: [(&str, &str, &str, &[&str]); 8] = [
    ("ghcr", "ghcr.io/acme/web:2.1", "https://ghcr.io", &["GHCR_TOKEN", "GHCR_USERNAME"]),
    ("docker-hub", "acme/web:2.1", "https://index.docker.io/v1/", &["DOCKERHUB_TOKEN", "DOCKERHUB_USERNAME"]),
    ("gcr", "eu.gcr.io/acme/web:2.1", "https://eu.gcr.io", &[]),
    ("artifact-registry", "europe-west1-docker.pkg.dev/acme/apps/web:2.1", "https://europe-west1-docker.pkg.dev", &[]),
    (
        "ecr",
        "210987654321.dkr.ecr.eu-west-1.amazonaws.com/web:2.1",
        "https://210987654321.dkr.ecr.eu-west-1.amazonaws.com",
        &["ECR_PASSWORD"],
    ),
    ("acr", "acme.azurecr.io/web:2.1", "https://acme.azurecr.io", &["ACR_PASSWORD", "ACR_USERNAME"]),
    ("gitlab", "registry.gitlab.com/acme/web:2.1", "https://registry.gitlab.com", &["GITLAB_TOKEN", "GITLAB_USERNAME"]),
    ("generic", "registry.acme.io:5050/web:2.1", "https://registry.acme.io:5050", &["REGISTRY_PASSWORD", "REGISTRY_USERNAME"]),
];

const KEY: &str = include_str!("../../examples/gcr-json-key/google-key.example.json");

/// A folder in which git works.
fn repository() -> Folder {
    let folder = Folder::judged();
    let git = Command::new("git").args(["init", "-q"]).current_dir(folder.path()).env("HOME", folder.path()).status();
    assert!(git.expect("git starts").success());
    folder
}

/// Runs a line that `init` told somebody to type, by a shell that finds this program, and a made-up `aws`.
fn typed(folder: &Folder, line: &str, values: &[(&str, &str)]) -> Ran {
    folder.file("bin/aws", "#!/bin/sh\necho made-up\n");
    set_mode(&folder.path().join("bin/aws"), 0o755);
    let built = Path::new(env!("CARGO_BIN_EXE_sdlrender")).parent().expect("a folder");
    let path = format!("{}/bin:{}:{}", folder.path().display(), built.display(), std::env::var("PATH").expect("PATH"));
    let mut shell = Command::new("sh");
    shell.args(["-ec", line]).current_dir(folder.path()).env_clear().env("PATH", path).env("HOME", folder.path());
    Ran::from(shell.envs(values.iter().copied()).stdin(Stdio::null()).output().expect("sh starts"))
}

/// The made-up values of the names.
fn values(names: &'static [&'static str]) -> Vec<(&'static str, &'static str)> {
    names.iter().map(|name| (*name, if name.ends_with("USERNAME") { "my-login" } else { "made-up-password" })).collect()
}

/// The names in a `.env.example`.
fn example_names(text: &str) -> Vec<String> {
    let lines = text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('='));
    let mut names: Vec<String> = lines.map(|(name, _)| name.to_owned()).collect();
    names.sort();
    names
}

#[test]
fn what_is_written_passes_check_and_renders_by_the_two_commands() {
    if !require("git") {
        return;
    }
    for (registry, image, host, names) in REGISTRIES {
        for arguments in [&["init", registry][..], &["init", "--image", image], &["init", registry, "--image", image]] {
            let folder = repository();
            let ran = folder.run(arguments, &[]);
            let said = ran.stderr.clone();
            assert_eq!(ran.ok(), "");
            let strict = folder.run(&["check", "--strict", "."], &[]);
            assert_eq!(
                (strict.code, strict.stderr.as_str()),
                (Some(0), "note: 1 template checked: nothing found\n"),
                "{registry}"
            );

            let commands: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix("  ")).collect();
            assert_eq!(commands.len(), 2, "{said}");
            if names.is_empty() {
                let key = folder.file("google-key.json", KEY);
                set_mode(&key, 0o600);
            }
            // `set --all` has nothing to ask for, as the environment has every value; but the command is to be asked for Amazon's.
            let given = if registry == "ecr" { Vec::new() } else { values(names) };
            for command in commands {
                // There is no terminal to answer at.
                let command = &command.replace("sdlrender trust", "sdlrender trust --yes");
                let told = typed(&folder, command, &given);
                assert_eq!(told.code, Some(0), "{registry}: {command}: {}", told.stderr);
            }
            let sdl: Value = serde_saphyr::from_str(&folder.read("deploy.yaml")).expect("YAML");
            let app = &sdl["services"]["app"];
            let is_given = arguments.contains(&"--image");
            assert_eq!(app["image"] == image, is_given, "{registry}: {}", app["image"]);
            assert!(app["credentials"]["host"] == host || !is_given, "{registry}: {}", app["credentials"]["host"]);
            let password = app["credentials"]["password"].as_str().expect("a string");
            let wanted = match registry {
                "ecr" => "made-up",
                _ if names.is_empty() => KEY.trim(),
                _ => "made-up-password",
            };
            assert_eq!(password, wanted, "{registry}");
            // Git would commit nothing of it but what is meant to be committed.
            let added = typed(&folder, "git add -A -n .", &[]).ok();
            for secret in ["deploy.yaml'", "google-key.json'", ".env'"] {
                assert!(!added.contains(secret), "{added}");
            }
            assert!(added.contains("deploy.tmpl.yaml'") && added.contains(".gitignore'"), "{added}");
        }
    }
}

#[test]
fn the_files_beside_it_name_what_the_template_needs() {
    for (registry, _, _, names) in REGISTRIES {
        let folder = Folder::judged();
        folder.run(&["init", registry], &[]).ok();
        let listed = folder.run(&["list", "--no-keychain", "--format", "json", "deploy.tmpl.yaml"], &[]).ok();
        let listed: Vec<Value> = serde_json::from_str(&listed).expect("JSON");
        let values = listed.iter().filter(|entry| entry["kind"] == "secret" || entry["kind"] == "variable");
        let mut needed: Vec<&str> = values.filter_map(|entry| entry["name"].as_str()).collect();
        needed.retain(|name| !name.starts_with("file("));
        needed.sort_unstable();
        assert_eq!(needed, names, "{registry}");
        let written = folder.names();
        let has = |name: &str| written.iter().any(|written| written == name);
        assert_eq!(has("sdlrender.toml"), !names.is_empty(), "{registry}");
        if !names.is_empty() {
            let table: toml::Table = folder.read("sdlrender.toml").parse().expect("TOML");
            assert_eq!(table.keys().collect::<Vec<_>>(), ["secrets"]);
            let secrets = table["secrets"].as_table().expect("a table");
            let mut described: Vec<&String> = secrets.keys().collect();
            described.sort();
            assert_eq!(described, names, "{registry}");
            for (name, entry) in secrets {
                let entry = entry.as_table().expect("a table");
                assert!(entry["description"].as_str().is_some_and(|text| text.len() > 10), "{name}");
                // The template says whether a name is needed: it has no default there, until somebody writes one.
                assert!(!entry.contains_key("required"), "{name}");
                assert!(entry.keys().all(|key| ["description", "where", "command"].contains(&key.as_str())), "{name}");
            }
        }
        assert_eq!(has(".env.example"), !names.is_empty(), "{registry}");
        if has(".env.example") {
            // What is fetched is not kept in a file.
            let stored = if registry == "ecr" { &[][..] } else { names };
            assert_eq!(example_names(&folder.read(".env.example")), stored, "{registry}");
            let listed = folder.run(&["list", "--format", "env-example", "deploy.tmpl.yaml"], &[]).ok();
            assert_eq!(folder.read(".env.example"), listed, "{registry}");
        }
    }
}

#[test]
fn nothing_that_is_there_is_replaced() {
    let folder = Folder::judged();
    for name in [".env.example", "sdlrender.toml", "Makefile"] {
        folder.file(name, "mine\n");
    }
    folder.file(".gitignore", "node_modules/\n/.env\r\n!.env.example");
    let said = folder.run(&["init", "ghcr", "--make"], &[]);
    for kept in [".env.example", "sdlrender.toml", "Makefile"] {
        assert!(said.stderr.contains(&format!("kept     {kept}, which was there already")), "{}", said.stderr);
        assert_eq!(folder.read(kept), "mine\n");
    }
    assert!(said.stderr.contains("created  deploy.tmpl.yaml"), "{}", said.stderr);
    let ignore = folder.read(".gitignore");
    assert!(ignore.starts_with("node_modules/\n/.env\r\n!.env.example\r\n"), "{ignore:?}");
    let added: Vec<&str> = ignore.lines().skip(3).filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    assert_eq!(added, ["deploy.yaml", ".env.*", "!.env.example"]);

    // Again: the template is there, so nothing at all is written.
    let template = folder.read("deploy.tmpl.yaml");
    folder.run(&["init", "ecr"], &[]).fails(2, &["deploy.tmpl.yaml is there already, so nothing was written", "init --make"]);
    assert_eq!((folder.read("deploy.tmpl.yaml"), folder.read(".gitignore")), (template, ignore));
    // What is added later needs no registry, and leaves the rest.
    let before = folder.read("deploy.tmpl.yaml");
    let said = folder.run(&["init", "--hook", "--ci", "gitlab"], &[]).stderr;
    assert_eq!(said, "created  .pre-commit-config.yaml\ncreated  .gitlab-ci.yml\n");
    assert_eq!(folder.read("deploy.tmpl.yaml"), before);
}

#[test]
fn an_sdl_with_secrets_is_what_a_template_is_made_of() {
    let folder = Folder::judged();
    let filled = include_str!("../data/onramp/deploy.yaml");
    folder.file("sdl.yml", filled);
    folder.file("compose.yaml", "services: {web: {environment: {DB_PASSWORD: kT9vQm2xLw8rZp4c}}}\n");
    for registry in [&["init", "ghcr"][..], &["init"]] {
        let said = folder
            .run(registry, &[])
            .fails(2, &["sdl.yml is an SDL with secrets", "sdlrender extract sdl.yml", "init ghcr --print"]);
        assert!(!said.contains("kT9vQm2xLw8rZp4c"), "{said}");
        assert_eq!(folder.names(), ["compose.yaml", "sdl.yml"]);
    }
    folder.run(&["init", "ghcr", "--print"], &[]).ok();
    // Where a template is, the SDL may have been rendered from it.
    folder.file("other.tmpl.yaml", "a: 1\n");
    folder.run(&["init", "ghcr"], &[]).ok();
    // Without secrets, there is nothing to extract.
    let folder = Folder::judged();
    folder.file("deploy.yaml", filled.replace("kT9vQm2xLw8rZp4c", "\"\"").replace("username: my-org", "username: \"\""));
    folder.run(&["init", "ghcr"], &[]).ok();
}

/// What is written later in the template decides: a default makes a name optional.
#[test]
fn a_default_that_is_written_later_counts() {
    let folder = Folder::judged();
    folder.run(&["init", "ghcr"], &[]).ok();
    let token = ("GHCR_TOKEN", concat!("ghp_", "7Rz2pQ9vLk4XwT1bNc8sYd3mHf6jAe0GuViO"));
    folder.run(&["deploy.tmpl.yaml"], &[token]).fails(1, &["no value for `GHCR_USERNAME`", "the GitHub login"]);
    let template = folder.read("deploy.tmpl.yaml").replace("{{ GHCR_USERNAME }}", "{{ GHCR_USERNAME | default('octocat') }}");
    folder.file("deploy.tmpl.yaml", template);
    assert!(folder.run(&["deploy.tmpl.yaml"], &[token]).ok().contains("username: \"octocat\""));
}

#[test]
fn a_link_or_a_folder_in_the_way_is_not_written_through() {
    let folder = Folder::judged();
    let elsewhere = folder.file("elsewhere", "mine\n");
    #[cfg(unix)]
    std::os::unix::fs::symlink(&elsewhere, folder.path().join("sdlrender.toml")).expect("a link");
    #[cfg(unix)]
    std::os::unix::fs::symlink(folder.path().join("nowhere"), folder.path().join("Makefile")).expect("a link");
    folder.run(&["init", "ghcr", "--make"], &[]).ok();
    assert_eq!(std::fs::read_to_string(elsewhere).expect("a file"), "mine\n");
    assert!(!folder.path().join("nowhere").exists());
}

/// Where a later file can't be written, the earlier ones are removed again.
#[test]
fn a_failure_leaves_the_folder_as_it_was() {
    for (path, arguments) in [(".github", &["init", "ghcr", "--ci", "github"][..]), (".gitignore/x", &["init", "ghcr"])] {
        let folder = Folder::judged();
        folder.file(path, "a file\n");
        let before = folder.names();
        let said = folder.run(arguments, &[]).fails(2, &["can't write .git"]);
        assert!(said.contains("nothing was written"), "{said}");
        assert_eq!(folder.names(), before);
    }
}

#[test]
fn without_a_registry_all_are_named_and_nothing_is_asked() {
    let folder = Folder::judged();
    let said = folder.run(&["init"], &[]).fails(2, &["name the registry that the image is in, or the image"]);
    for (registry, ..) in REGISTRIES {
        assert!(said.contains(registry), "{said}");
    }
    folder.run(&["init", "--print"], &[]).fails(2, &["registries:"]);
    folder
        .run(&["init", "gcr", "--image", "ghcr.io/acme/web:1"], &[])
        .fails(2, &["is not an image of gcr", "its registry is ghcr"]);
    folder.run(&["init", "--image", "https://ghcr.io/acme/web:1"], &[]).fails(2, &["is not an image: it must not begin"]);
    folder.run(&["init", "gchr"], &[]).fails(2, &["ghcr"]);
    assert_eq!(folder.names(), [""; 0]);
}

#[test]
fn print_writes_to_standard_output_only() {
    let folder = Folder::judged();
    for (registry, image, _, _) in REGISTRIES {
        let ran = folder.run(&["init", registry, "--image", image, "--print"], &[]);
        assert_eq!(ran.stderr, "");
        let text = ran.ok();
        assert!(text.contains(&format!("image: \"{image}\"")), "{text}");
    }
    let hook = folder.run(&["init", "--hook", "--print"], &[]).ok();
    assert!(hook.contains("- id: sdlrender-check") && !hook.contains("services:"), "{hook}");
    assert_eq!(folder.names(), [""; 0]);
    // A pipe of the two: print, and check what comes.
    let printed = folder.run(&["init", "ghcr", "--print"], &[]).ok();
    let mut check = folder.sdlrender(&["check", "--strict", "-"], &[]);
    let mut check = check.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a start");
    check.stdin.take().expect("a pipe").write_all(printed.as_bytes()).expect("a reader");
    assert!(check.wait().expect("an end").success());
}

#[test]
fn makefile_hook_and_jobs_run() {
    if !require("git") || !require("make") {
        return;
    }
    for (registry, image, _, names) in REGISTRIES {
        let folder = repository();
        folder.run(&["init", "--image", image, "--make", "--hook", "--ci", "github"], &[]).ok();
        folder.run(&["init", "--ci", "gitlab"], &[]).ok();
        if names.is_empty() {
            let key = folder.file("google-key.json", KEY);
            set_mode(&key, 0o600);
        }
        // Only one of them has a command to trust.
        typed(&folder, "test ! -e sdlrender.toml || sdlrender trust --yes", &[]).ok();
        typed(&folder, "make --silent check render", &values(names)).ok();
        assert!(folder.read("deploy.yaml").contains(image), "{registry}");
        // What the hook and the jobs run, but for what installs the program.
        let yaml = |name: &str| serde_saphyr::from_str::<Value>(&folder.read(name)).expect("YAML");
        let hook = yaml(".pre-commit-config.yaml")["repos"][0]["hooks"][0]["entry"].as_str().map(str::to_owned);
        typed(&folder, &format!("git add . && {} $(git ls-files)", hook.expect("an entry")), &[]).ok();
        let github = yaml(".github/workflows/sdl.yml")["jobs"]["check"]["steps"].clone();
        let gitlab = yaml(".gitlab-ci.yml")["sdl-check"]["script"].clone();
        let github = github.as_array().expect("steps").iter().filter_map(|step| step["run"].as_str());
        let gitlab = gitlab.as_array().expect("lines").iter().filter_map(Value::as_str);
        let lines: Vec<&str> = github.chain(gitlab).filter(|line| line.starts_with("sdlrender ")).collect();
        assert_eq!(lines.len(), 2, "{lines:?}");
        for line in lines {
            typed(&folder, line, &[]).ok();
        }
    }
}

/// The hook as its users have it: it stops a commit with a token, and no other.
#[test]
fn the_hook_stops_a_commit_with_a_token() {
    if !require("git") || !require("pre-commit") {
        return;
    }
    let folder = repository();
    folder.run(&["init", "ghcr", "--hook"], &[]).ok();
    let commit = "git add . && git -c user.name=n -c user.email=n@example.com commit -qm x";
    typed(&folder, &format!("rm -r bin && pre-commit install && {commit}"), &[]).ok();
    let template = folder.read("deploy.tmpl.yaml").replace("{{ GHCR_TOKEN }}", "ghp_exampleexampleexampleexampleexample0");
    folder.file("deploy.tmpl.yaml", template);
    let ran = typed(&folder, commit, &[]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let said = ran.stdout + &ran.stderr;
    assert!(said.contains("literal-password") && !said.contains("ghp_example"), "{said}");
}

/// Runs `sdlrender init` at a pseudo-terminal, where `answers` are typed; gives the exit code and what the terminal showed.
#[cfg(target_os = "linux")]
fn at_terminal(folder: &Folder, arguments: &str, answers: &str) -> (Option<i32>, String) {
    let line = format!("{} init {arguments}", env!("CARGO_BIN_EXE_sdlrender"));
    let mut script = Command::new("timeout");
    script.args(["20", "script", "--quiet", "--return", "--command", &line, "/dev/null"]).current_dir(folder.path());
    script.env("TERM", "dumb").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut script = script.spawn().expect("script starts");
    script.stdin.take().expect("a pipe").write_all(answers.as_bytes()).expect("a reader");
    let output = script.wait_with_output().expect("an end");
    (output.status.code(), String::from_utf8_lossy(&output.stdout).replace('\r', ""))
}

#[cfg(target_os = "linux")]
#[test]
fn at_a_terminal_it_asks_for_what_is_not_said() {
    if !require("script") {
        return;
    }
    for (arguments, answers, image) in [
        ("", "\n\n", "ghcr.io/my-org/my-app:1.0.0"),
        ("", "docker-hub\nacme/web:3\n", "acme/web:3"),
        // What can't be is asked again.
        ("", "gchr\nghcr\nhttps://x\ngcr.io/p/a:1\nghcr.io/acme/web:3\n", "ghcr.io/acme/web:3"),
        // Nothing is left to ask.
        ("ghcr", "", "ghcr.io/my-org/my-app:1.0.0"),
        ("--image ghcr.io/acme/web:4", "", "ghcr.io/acme/web:4"),
    ] {
        let folder = Folder::judged();
        let (code, shown) = at_terminal(&folder, arguments, answers);
        assert_eq!(code, Some(0), "{arguments} {answers:?}: {shown}");
        assert_eq!(shown.contains("Registry: "), !answers.is_empty(), "{shown}");
        assert!(folder.read("deploy.tmpl.yaml").contains(&format!("image: \"{image}\"")), "{shown}");
    }
    // Ctrl-D: nothing was written.
    let folder = Folder::judged();
    let (code, shown) = at_terminal(&folder, "", "ghcr\n\u{4}");
    assert_eq!(code, Some(2), "{shown}");
    assert!(shown.contains("no answer, so nothing was written"), "{shown}");
    assert_eq!(folder.names(), [""; 0]);
}

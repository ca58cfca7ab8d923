//! The GitHub action, and the examples for GitHub and GitLab: their steps are taken from the files and run here, with a release that lies in
//! a folder. What belongs to the hosts (`uses:` of others, secrets, permissions) is only read.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::{Folder, Ran, require};

const VERSION: &str = env!("CARGO_PKG_VERSION");
const TOKEN: &str = "ghp_exampleexampleexampleexampleexample0";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn yaml(path: &str) -> Value {
    serde_saphyr::from_str(&std::fs::read_to_string(root().join(path)).expect("a file")).expect("YAML")
}

/// A release in a folder: the archive of this program for this machine, and its digest. Compressed little, as a debug build is large.
fn release(folder: &Folder) -> String {
    let name = format!("sdlrender-{VERSION}-{}-unknown-linux-musl", std::env::consts::ARCH);
    let script = format!(
        "mkdir -p release/v{VERSION} {name} && cp \"$PROGRAM\" {name}/sdlrender && tar -I 'gzip -1' -cf release/v{VERSION}/{name}.tar.gz {name}\n\
         rm -r {name} && cd release/v{VERSION} && sha256sum {name}.tar.gz > SHA256SUMS && cut -d' ' -f1 SHA256SUMS"
    );
    let mut command = Command::new("bash");
    command.args(["-ec", &script]).current_dir(folder.path()).env("PROGRAM", env!("CARGO_BIN_EXE_sdlrender"));
    Ran::from(command.output().expect("bash starts")).ok().trim().to_owned()
}

/// A folder with a template and a git repository, as a job has it.
fn project() -> Folder {
    let folder = Folder::new();
    folder.file("deploy.tmpl.yaml", std::fs::read(root().join("templates/ghcr.tmpl.yaml")).expect("a template"));
    folder.file(".gitignore", "deploy.yaml\n/.bin/\n/release/\n/installed/\n/.sdlrender/\nsdlrender.tar.gz\npath\n");
    std::fs::create_dir_all(folder.path().join(".bin")).expect("a folder");
    #[cfg(unix)]
    std::os::unix::fs::symlink(root().join("tests/data/pages/stand-in"), folder.path().join(".bin/provider-services"))
        .expect("a link");
    let git = Command::new("git").args(["init", "-q"]).current_dir(folder.path()).status();
    assert!(git.expect("git starts").success());
    folder
}

/// Runs a script as a runner does, with only these variables and `installed` on PATH.
fn run(folder: &Folder, script: &str, variables: &[(&str, &str)]) -> Ran {
    let mut command = Command::new("timeout");
    command.args(["60", "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]).current_dir(folder.path()).env_clear();
    let path = std::env::var("PATH").unwrap_or_default();
    command.env("PATH", format!("{0}/.bin:{0}/installed:{path}", folder.path().display())).env("HOME", folder.path());
    Ran::from(command.envs(variables.iter().copied()).output().expect("timeout starts"))
}

/// The step of the action whose name begins so, with its variables filled in from `values`: expressions to text.
fn step(folder: &Folder, name: &str, values: &[(&str, &str)], more: &[(&str, &str)]) -> Ran {
    let action = yaml("action.yml");
    let steps = action["runs"]["steps"].as_array().expect("steps");
    let step = steps.iter().find(|step| step["name"].as_str().is_some_and(|own| own.starts_with(name))).expect("the step");
    let script = step["run"].as_str().expect("a script");
    assert!(!script.contains("${{"), "an expression in a script is code from outside: {script}");
    let variables = step["env"].as_object().expect("variables").iter().map(|(name, value)| {
        let mut text = value.as_str().expect("text").to_owned();
        for (expression, value) in values {
            text = text.replace(&format!("${{{{ {expression} }}}}"), value);
        }
        assert!(!text.contains("${{"), "the test has no value for {text}");
        (name.clone(), text)
    });
    let variables: Vec<(String, String)> = variables.collect();
    let variables: Vec<(&str, &str)> =
        variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain(more.iter().copied()).collect();
    run(folder, script, &variables)
}

fn install(folder: &Folder, version: &str, reference: &str) -> Ran {
    let server = format!("file://{}", folder.path().display());
    let values = [
        ("github.action_path", root().to_str().expect("a path")),
        ("inputs.version", version),
        ("github.action_ref", reference),
        ("github.server_url", &server),
        ("inputs.repository || github.action_repository", "there"),
        ("runner.temp", folder.path().to_str().expect("a path")),
    ];
    std::fs::create_dir_all(folder.path().join("there/releases")).expect("a folder");
    #[cfg(unix)]
    let _ = std::os::unix::fs::symlink(folder.path().join("release"), folder.path().join("there/releases/download"));
    let to = folder.path().join("path");
    step(folder, "Install", &values, &[("GITHUB_PATH", to.to_str().expect("a path"))])
}

fn check(folder: &Folder, templates: &str, strict: &str, sarif: &str) -> Ran {
    let values = [
        ("github.action_path", root().to_str().expect("a path")),
        ("inputs.check", templates),
        ("inputs.strict", strict),
        ("inputs.sarif", sarif),
    ];
    let path = format!("{}/sdlrender:{}", folder.path().display(), std::env::var("PATH").unwrap_or_default());
    step(folder, "Check", &values, &[("PATH", &path)])
}

fn able() -> bool {
    cfg!(target_os = "linux") && ["bash", "curl", "git", "tar", "sha256sum", "timeout"].iter().all(|program| require(program))
}

#[test]
fn the_action_installs_what_the_digest_names() {
    if !able() {
        return;
    }
    let folder = project();
    release(&folder);
    assert!(install(&folder, "", &format!("v{VERSION}")).ok().contains(VERSION));
    assert_eq!(folder.read("path"), format!("{}/sdlrender\n", folder.path().display()));
    assert!(install(&folder, VERSION, "main").ok().contains(VERSION));
    install(&folder, "", "main").fails(2, &["`main`, which is not one"]);

    // Another archive than the one that SHA256SUMS names.
    let folder = project();
    release(&folder);
    let archive = format!("release/v{VERSION}/sdlrender-{VERSION}-{}-unknown-linux-musl.tar.gz", std::env::consts::ARCH);
    let mut bytes = std::fs::read(folder.path().join(&archive)).expect("the archive");
    bytes.push(0);
    folder.file(&archive, bytes);
    install(&folder, VERSION, "").fails(1, &["nothing was installed"]);
    assert!(!folder.path().join("sdlrender").exists() && !folder.path().join("path").exists());
}

#[test]
fn the_action_checks_with_annotations_and_sarif() {
    if !able() {
        return;
    }
    let folder = project();
    release(&folder);
    install(&folder, VERSION, "").ok();
    let ran = check(&folder, "deploy.tmpl.yaml", "true", "out.sarif");
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let good = folder.read("deploy.tmpl.yaml");
    folder.file("deploy.tmpl.yaml", good.replace("https://ghcr.io", "https://gcr.io"));
    let ran = check(&folder, "deploy.tmpl.yaml .", "false", "out.sarif");
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(ran.stdout.contains("::error file=deploy.tmpl.yaml"), "{}", ran.stdout);
    let sarif: Value = serde_json::from_str(&folder.read("out.sarif")).expect("SARIF");
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "host-mismatch");
    // A warning counts only with `strict`.
    folder.file("deploy.tmpl.yaml", good.replace(":1.0.0", ":latest"));
    assert_eq!(check(&folder, ".", "false", "").code, Some(0));
    assert_eq!(check(&folder, ".", "true", "").code, Some(1));
}

/// The variables that the hosts' secrets become.
const SECRETS: [(&str, &str); 5] = [
    ("GHCR_USERNAME", "my-login"),
    ("GHCR_TOKEN", TOKEN),
    ("AKASH_DSEQ", "1234"),
    ("AKASH_PROVIDER", "akash1example"),
    ("AKASH_KEY_NAME", "deployer"),
];

#[test]
fn the_workflow_for_github_deploys_and_leaves_nothing() {
    if !able() {
        return;
    }
    let folder = project();
    folder.file("installed/.keep", "");
    folder.program("installed/sdlrender");
    let workflow = yaml("examples/github-actions/deploy.yml");
    let inputs = yaml("action.yml")["inputs"].as_object().expect("inputs").clone();
    let mut runs = 0;
    for step in ["check", "deploy"].iter().flat_map(|job| workflow["jobs"][job]["steps"].as_array().expect("steps").clone()) {
        if step["uses"].as_str().is_some_and(|uses| uses.contains("sdlrender@")) {
            let given = step["with"].as_object().expect("inputs");
            assert!(given.keys().all(|name| inputs.contains_key(name)), "{step}");
            assert!(step["uses"].as_str().is_some_and(|uses| uses.ends_with(&format!("@v{VERSION}"))), "{step}");
        }
        if let Some(script) = step["run"].as_str() {
            let asked = step["env"].as_object().expect("variables");
            assert!(SECRETS.iter().all(|(name, _)| asked.contains_key(*name)), "{asked:?}");
            let deploy = asked["DEPLOY"].as_str().expect("text");
            let variables = |deploy| SECRETS.into_iter().chain([("DEPLOY", deploy)]).collect::<Vec<_>>();
            let ran = run(&folder, script, &variables(deploy));
            assert!(!format!("{ran:?}").contains(TOKEN));
            assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
            // The step fails where one of its commands does.
            assert_ne!(run(&folder, script, &variables("false\ntrue")).code, Some(0));
            runs += 1;
        }
    }
    assert_eq!(runs, 1);
    assert!(!folder.path().join("deploy.yaml").exists());
}

#[test]
fn the_jobs_for_gitlab_install_check_and_deploy() {
    if !able() {
        return;
    }
    let jobs = yaml("examples/gitlab-ci/gitlab-ci.yml");
    assert_eq!(jobs["variables"]["SDLRENDER_VERSION"], VERSION);
    let lines = |job: &str, part: &str| {
        let lines = jobs[job][part].as_array().expect("lines").iter().map(|line| line.as_str().expect("text"));
        lines.collect::<Vec<_>>().join("\n").replace("x86_64-", &format!("{}-", std::env::consts::ARCH))
    };
    let folder = project();
    let digest = release(&folder);
    let releases = format!("file://{}/release", folder.path().display());
    let variables = [("SDLRENDER_VERSION", VERSION), ("SDLRENDER_RELEASES", &releases), ("SDLRENDER_SHA256", &digest)];
    // GitLab makes one `$` of two.
    let deploy = jobs["deploy"]["variables"]["DEPLOY"].as_str().expect("text").replace("$$", "$");
    let variables: Vec<(&str, &str)> = variables.into_iter().chain(SECRETS).chain([("DEPLOY", deploy.as_str())]).collect();
    for job in ["check", "deploy"] {
        assert_eq!(jobs[job]["extends"], ".sdlrender");
        let ran = run(&folder, &format!("{}\n{}", lines(".sdlrender", "before_script"), lines(job, "script")), &variables);
        assert_eq!(ran.code, Some(0), "{job}: {}{}", ran.stdout, ran.stderr);
        assert!(!format!("{ran:?}").contains(TOKEN));
    }
    assert!(!folder.path().join("deploy.yaml").exists());
    // Another archive is not unpacked.
    let other = variables.iter().map(|(name, value)| if *name == "SDLRENDER_SHA256" { (*name, TOKEN) } else { (*name, *value) });
    assert_ne!(run(&folder, &lines(".sdlrender", "before_script"), &other.collect::<Vec<_>>()).code, Some(0));
}

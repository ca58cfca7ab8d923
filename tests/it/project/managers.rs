//! The recipes of docs/managers.md, with the real programs.

use super::*;
use crate::support::is_offered;

const TOKEN: &str = "a-token-in-a-manager $x 'q' \"d\"";

/// The blocks of this language in a section of the page.
fn blocks(heading: &str, language: &str) -> Vec<String> {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/managers.md")).expect("the page");
    let (_, section) = page.split_once(&format!("\n## {heading}\n")).unwrap_or_else(|| panic!("no section {heading}"));
    let section = section.split("\n## ").next().expect("a section");
    let opening = format!("```{language}\n");
    section.split(&opening).skip(1).filter_map(|rest| rest.split_once("```")).map(|(block, _)| block.to_owned()).collect()
}

/// A project with the template of the page, for which git is a repository.
fn project(recipe: &str) -> Folder {
    let folder = folder("password: \"{{ GHCR_TOKEN }}\"\n", recipe);
    crate::support::set_mode(folder.path(), 0o700);
    folder
}

/// Runs a script of the page in the folder, with these variables besides those of a test.
#[track_caller]
fn shell(folder: &Folder, script: &str, variables: &[(&str, &str)]) -> String {
    let mut command = Command::new("sh");
    command.args(["-ec", script]).current_dir(folder.path()).env_clear().env("HOME", folder.path()).env("TOKEN", TOKEN);
    let bin = std::path::Path::new(env!("CARGO_BIN_EXE_sdlrender")).parent().expect("a folder").display();
    command.env("PATH", format!("{bin}:{}", std::env::var("PATH").unwrap_or_default())).envs(variables.iter().copied());
    Ran::from(command.output().expect("a shell")).ok()
}

/// The page's template gets `TOKEN`, from a folder below the project as well, and an error if the manager does not have it.
#[track_caller]
fn gives_the_token(folder: &Folder, variables: &[(&str, &str)]) {
    folder.run(&["trust", "--yes"], &[]).ok();
    let wanted = format!("password: {}\n", serde_json::to_string(TOKEN).expect("text"));
    assert_eq!(render(folder, &[], variables).ok(), wanted);
    let recipe = folder.read("sdlrender.toml");
    let other = recipe.replace("ghcr-token", "other").replace("[\"GHCR_TOKEN\"]", "[\"OTHER\"]");
    folder.file("sdlrender.toml", other.replace("\"get\", \"GHCR_TOKEN\"", "\"get\", \"OTHER\""));
    folder.run(&["trust", "--yes"], &[]).ok();
    render(folder, &[], variables).fails(1, &["the command for `GHCR_TOKEN` failed"]);
    folder.file("sdlrender.toml", recipe);
}

#[test]
fn pass() {
    if !["pass", "gpg"].map(require).into_iter().all(|there| there) {
        return;
    }
    let recipes = blocks("pass", "toml");
    let folder = project(&recipes[0]);
    let key = "gpg --batch --quiet --passphrase '' --quick-gen-key test@example.com default default never\npass init test@example.com\n";
    shell(&folder, &format!("{key}{}", blocks("pass", "sh")[0]), &[]);
    gives_the_token(&folder, &[]);
    shell(&folder, "printf '%s\\nlogin: acme\\n' \"$TOKEN\" | pass insert --multiline --force acme/ghcr-token", &[]);
    folder.file("sdlrender.toml", &recipes[1]);
    folder.run(&["trust", "--yes"], &[]).ok();
    assert!(render(&folder, &[], &[]).ok().contains("a-token-in-a-manager"));
    // The agent that gpg started for this store ends with it.
    shell(&folder, "gpgconf --kill gpg-agent", &[]);
}

#[test]
fn sops() {
    if !["sops", "age-keygen"].map(require).into_iter().all(|there| there) {
        return;
    }
    let folder = project(&blocks("sops", "toml")[0]);
    let keys = folder.path().join("keys.txt").display().to_string();
    let scripts = blocks("sops", "sh");
    let recipient = shell(&folder, "age-keygen -o keys.txt 2>/dev/null; age-keygen -y keys.txt", &[]);
    let variables = [("SOPS_AGE_KEY_FILE", keys.as_str())];
    shell(&folder, &scripts[0], &[("RECIPIENT", recipient.trim())]);
    assert!(!folder.read("secrets.yaml").contains("a-token") && folder.read("secrets.yaml").contains("ENC["));
    gives_the_token(&folder, &variables);
    // All values at once.
    std::fs::remove_file(folder.path().join("sdlrender.toml")).expect("it is there");
    std::fs::rename(folder.path().join("t.tmpl.yaml"), folder.path().join("deploy.tmpl.yaml")).expect("a name");
    let whole = scripts[1].replace("sdlrender deploy", "sdlrender --no-check deploy");
    shell(&folder, &whole, &variables);
    assert!(folder.read("deploy.yaml").contains("a-token-in-a-manager"));
}

#[test]
fn secretspec() {
    if !is_offered("secretspec") {
        return;
    }
    let folder = project(&blocks("secretspec", "toml")[0]);
    let declared = "[project]\nname = \"acme\"\nrevision = \"1.0\"\n[profiles.default]\nGHCR_TOKEN = {description = \"pulls\", required = true}\n";
    folder.file("secretspec.toml", declared);
    let variables = [("SECRETSPEC_PROVIDER", "dotenv:.store")];
    shell(&folder, &blocks("secretspec", "sh")[0], &variables);
    gives_the_token(&folder, &variables);
}

#[test]
fn fnox() {
    if !["fnox", "age-keygen"].map(is_offered).into_iter().all(|there| there) {
        return;
    }
    let folder = project(&blocks("fnox", "toml")[0]);
    let keys = folder.path().join("keys.txt").display().to_string();
    let recipient = shell(&folder, "age-keygen -o keys.txt 2>/dev/null; age-keygen -y keys.txt", &[]);
    let variables = [("FNOX_AGE_KEY_FILE", keys.as_str())];
    shell(&folder, &blocks("fnox", "sh")[0], &[("RECIPIENT", recipient.trim())]);
    assert!(!folder.read("fnox.toml").contains("a-token"));
    gives_the_token(&folder, &variables);
    // A name without a value.
    let declared = folder.read("fnox.toml").replace("GHCR_TOKEN", "ANOTHER") + "GHCR_TOKEN = { provider = \"age\" }\n";
    folder.file("fnox.toml", declared);
    folder.run(&["trust", "--yes"], &[]).ok();
    render(&folder, &[], &variables).fails(1, &["`GHCR_TOKEN` is empty in command in sdlrender.toml"]);
}

#[cfg(target_os = "linux")]
#[test]
fn aws_secrets_manager() {
    use crate::verify::registry::{Running, free_port, wait_for};
    if !["aws", "moto_server"].map(require).into_iter().all(|there| there) {
        return;
    }
    let folder = project(&blocks("AWS Secrets Manager", "toml")[0]);
    let port = free_port();
    let _moto = Running::start(&format!("moto_server -H 127.0.0.1 -p {port}"), folder.path(), &[]);
    wait_for(port, &folder.path().join("server.log"));
    let endpoint = format!("http://127.0.0.1:{port}");
    let variables = [
        ("AWS_ACCESS_KEY_ID", "testing"),
        ("AWS_SECRET_ACCESS_KEY", "testing"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_ENDPOINT_URL", &endpoint),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("NO_PROXY", "127.0.0.1"),
    ];
    let script = format!("printf %s \"$TOKEN\" | {}", blocks("AWS Secrets Manager", "sh")[0]);
    shell(&folder, &script, &variables);
    gives_the_token(&folder, &variables);
}

/// The recipes of programs that no test runs are at least files that can be read, of commands and nothing else.
#[test]
fn every_recipe_is_a_valid_file() {
    let mut recipes = 0;
    for heading in ["pass", "sops", "AWS Secrets Manager", "1Password", "Vault and OpenBao", "secretspec", "fnox"] {
        for recipe in blocks(heading, "toml") {
            let ran = project(&recipe).run(&["trust", "--show"], &[]);
            assert!(ran.code == Some(0) && ran.stderr.contains("has 1 command\n"), "{heading}: {}", ran.stderr);
            recipes += 1;
        }
    }
    let whole = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/project.md")).expect("the page");
    let (_, example) = whole.split_once("```toml\n").expect("an example");
    let example = example.split("```").next().expect("its end");
    let folder = folder("a: \"{{ GHCR_TOKEN }}{{ ECR_PASSWORD }}\"\n", example);
    let said = render(&folder, &["--profile", "prod"], &[]).fails(1, &["no value for `GHCR_TOKEN`"]);
    assert!(recipes == 8 && said.contains("read:packages"), "{said}");
}

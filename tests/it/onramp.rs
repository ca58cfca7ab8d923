//! From a clone with a leaked SDL to a committed template and a deployment that was handed over, as somebody types it at a terminal. The README
//! shows what that prints; `PAGES=overwrite cargo test --test it onramp` writes it anew.
#![cfg(target_os = "linux")]

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::support::keyring::{Keyring, Start};
use crate::support::{Folder, require, set_mode};

/// The SDL that somebody committed.
const LEAKED: &str = include_str!("../data/onramp/deploy.yaml");
/// The secret in it.
const SECRET: &str = "kT9vQm2xLw8rZp4c";
/// What the README shows it after.
const SHOWN_AFTER: &str =
    "<!-- not run: tests/it/onramp.rs types these at a terminal, and compares what is printed -->\n```console\n";
/// The README says so.
const MINUTES: Duration = Duration::from_secs(120);

/// A clone, `app`, of a repository with the SDL, and a home.
struct Clone {
    folder: Folder,
    keyring: Option<Keyring>,
}

impl Clone {
    fn new(keyring: Option<Keyring>) -> Self {
        let folder = Folder::judged();
        folder.file(
            "home/.gitconfig",
            "[user]\n\tname = Somebody\n\temail = somebody@example.com\n[init]\n\tdefaultBranch = main\n",
        );
        folder.file("made/deploy.yaml", LEAKED);
        let player = folder.file("bin/provider-services", include_str!("../data/onramp/provider-services"));
        set_mode(&player, 0o700);
        std::fs::create_dir(folder.path().join("tmp")).expect("a folder");
        let clone = Self { folder, keyring };
        for step in ["git init -q made", "git -C made add .", "git -C made commit -qm Deploy", "git clone -q made app"] {
            let done = clone.command("sh").args(["-c", step]).current_dir(clone.folder.path()).output().expect("sh starts");
            assert!(done.status.success(), "{step}: {done:?}");
        }
        std::fs::remove_dir_all(clone.folder.path().join("made")).expect("it is there");
        clone
    }

    fn app(&self) -> PathBuf {
        self.folder.path().join("app")
    }

    /// `program` in the clone, with an environment of its own. Ended after a minute.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new("timeout");
        command.args(["--foreground", "60", program]).env_clear().stdin(Stdio::null());
        if self.app().is_dir() {
            command.current_dir(self.app());
        }
        command.envs(self.keyring.iter().flat_map(Keyring::variables));
        let path = std::env::var("PATH").unwrap_or_default();
        let built = Path::new(env!("CARGO_BIN_EXE_sdlrender")).parent().expect("a folder").display().to_string();
        let folder = self.folder.path();
        command.env("PATH", format!("{}:{built}:{path}", folder.join("bin").display()));
        command.env("HOME", folder.join("home")).env("TMPDIR", folder.join("tmp")).env("TERM", "dumb");
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_DATE"), "2026-05-04T12:00:00Z");
        }
        command
    }

    /// Types `line` at a terminal, and `y` if that asks; gives what the terminal shows.
    fn types(&self, line: &str) -> String {
        let step = self.folder.file("step", line);
        let mut script = self.command("script");
        script.args(["-qec", &format!("exec sh {}", step.display()), "/dev/null"]);
        let mut child = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("script starts");
        let mut keys = child.stdin.take().expect("a pipe");
        let (mut screen, mut shown, mut part) = (child.stdout.take().expect("a pipe"), Vec::new(), [0; 4096]);
        let mut asked = false;
        while let Ok(count @ 1..) = screen.read(&mut part) {
            shown.extend_from_slice(&part[..count]);
            if shown.ends_with(b"Type y or n: ") && !std::mem::replace(&mut asked, true) {
                keys.write_all(b"y\r").expect("somebody reads");
            }
        }
        let shown = String::from_utf8_lossy(&shown).replace('\r', "");
        let code = child.wait().expect("it ends").code();
        assert_eq!(code, Some(0), "{line}:\n{shown}");
        shown
    }

    fn git(&self, arguments: &[&str]) -> Output {
        let output = self.command("git").args(arguments).output().expect("git starts");
        assert!(output.status.success(), "git {arguments:?}: {output:?}");
        output
    }

    /// The git objects that hold the secret.
    fn leaking(&self) -> Vec<String> {
        let all = self.git(&["cat-file", "--batch-all-objects", "--batch-check=%(objectname)"]);
        let names = String::from_utf8(all.stdout).expect("names");
        let kind = |name: &str| String::from_utf8(self.git(&["cat-file", "-t", name]).stdout).expect("a word");
        let leaks = |name: &&str| holds(&self.git(&["cat-file", kind(name).trim(), name]).stdout);
        assert!(names.lines().count() >= 6, "two commits with their trees and files: {names}");
        names.lines().filter(leaks).map(str::to_owned).collect()
    }
}

fn holds(content: &[u8]) -> bool {
    content.windows(SECRET.len()).any(|part| part == SECRET.as_bytes())
}

/// The files below `folder` that hold the secret.
fn found(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"));
    let below = |entry: std::fs::DirEntry| match entry.file_type().expect("a kind") {
        kind if kind.is_dir() => found(&entry.path()),
        kind if kind.is_file() && holds(&std::fs::read(entry.path()).expect("a file")) => vec![entry.path()],
        _ => Vec::new(),
    };
    entries.flat_map(below).collect()
}

/// The five commands; gives what the terminal shows.
fn walked(clone: &Clone, extract: &str) -> String {
    let commands = [
        extract,
        "git rm -q deploy.yaml",
        "git add .gitignore deploy.tmpl.yaml",
        "git commit -qm 'The template in place of the filled SDL'",
        "sdlrender run deploy.tmpl.yaml -- provider-services tx deployment create {} --from wallet",
    ];
    let start = Instant::now();
    let shown = commands.iter().map(|line| format!("$ {line}\n{}", clone.types(line))).collect::<String>();
    assert!(start.elapsed() < MINUTES, "{:?}", start.elapsed());
    assert!(!holds(shown.as_bytes()), "{shown}");
    // What `extract` advises is what was typed.
    for advised in [": git rm deploy.yaml\n", ": git add .gitignore deploy.tmpl.yaml ", ": sdlrender run deploy.tmpl.yaml -- "] {
        assert!(shown.contains(advised), "{advised}: {shown}");
    }
    // It was handed over as it was before, but for the quotes.
    let filled = LEAKED.replace(SECRET, &format!("\"{SECRET}\"")).replace("username: my-org", "username: \"my-org\"");
    let mut digest = clone.command("sha256sum").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("sha256sum starts");
    digest.stdin.take().expect("a pipe").write_all(filled.as_bytes()).expect("somebody reads");
    let digest = String::from_utf8(digest.wait_with_output().expect("an end").stdout).expect("a digest");
    assert_eq!(clone.folder.read("home/read"), digest.repeat(2), "{filled}");
    shown
}

/// The template is committed and nothing else is left; the secret is in `stores` and in what was committed before.
fn left(clone: &Clone, stores: &[&str]) {
    let status = String::from_utf8(clone.git(&["status", "--short"]).stdout).expect("names");
    assert_eq!(status, "");
    let committed = String::from_utf8(clone.git(&["ls-tree", "--name-only", "HEAD"]).stdout).expect("names");
    assert_eq!(committed, ".gitignore\ndeploy.tmpl.yaml\n");
    let stores: Vec<PathBuf> = stores.iter().map(|store| clone.app().join(store)).collect();
    assert_eq!(found(clone.folder.path()), stores);
    if let Some(keyring) = &clone.keyring {
        let (_, home) = keyring.variables().into_iter().find(|(name, _)| name == "HOME").expect("a home");
        assert_eq!(found(&home), Vec::<PathBuf>::new(), "the keyring's own files are encrypted");
    }
    // The one exception: the old commit stays in the history, and `extract` has said so.
    let old = String::from_utf8(clone.git(&["rev-parse", "HEAD~1:deploy.yaml"]).stdout).expect("a name");
    assert_eq!(clone.leaking(), [old.trim()]);
}

#[test]
fn five_commands_with_the_keychain_as_the_readme_shows() {
    if !["git", "script", "timeout", "sha256sum"].iter().all(|program| require(program)) {
        return;
    }
    let Some(keyring) = Keyring::new(Start::Unlocked) else { return };
    let clone = Clone::new(Some(keyring));
    let shown = walked(&clone, "sdlrender extract deploy.yaml");
    left(&clone, &[]);
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let page = std::fs::read_to_string(&readme).expect("the README");
    let (before, behind) = page.split_once(SHOWN_AFTER).expect("the block");
    let (_, behind) = behind.split_once("```\n").expect("the end of the block");
    let made = format!("{before}{SHOWN_AFTER}{shown}```\n{behind}");
    if std::env::var_os("PAGES").is_some_and(|word| word == "overwrite") {
        std::fs::write(&readme, &made).expect("the README can be written");
    }
    let page = std::fs::read_to_string(&readme).expect("the README");
    assert!(page == made, "the README does not show what is printed: PAGES=overwrite cargo test --test it onramp\n{shown}");
}

#[test]
fn five_commands_with_a_file() {
    if !["git", "script", "timeout", "sha256sum"].iter().all(|program| require(program)) {
        return;
    }
    let clone = Clone::new(None);
    walked(&clone, "sdlrender extract deploy.yaml --to env-file");
    left(&clone, &[".env"]);
    // The last of them checks: what Akash would refuse is not handed over.
    let template = clone.folder.read("app/deploy.tmpl.yaml");
    clone.folder.file("app/deploy.tmpl.yaml", template.replace("size: 1Gi", "size: 1 pint"));
    std::fs::remove_file(clone.folder.path().join("home/read")).expect("it was read");
    let run = ["run", "deploy.tmpl.yaml", "--", "provider-services", "tx", "deployment", "create", "{}"];
    let refused = clone.command("sdlrender").args(run).output().expect("a start");
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    assert!(!clone.folder.path().join("home/read").exists());
}

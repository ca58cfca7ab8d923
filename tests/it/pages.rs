//! The README and the pages in `docs/`: what they tell people to type works, what they say is printed is printed, and links lead somewhere.
//!
//! Each page gets an empty git repository. Its blocks are used in order:
//!
//! - `sh` is run by `sh -e`, and must succeed;
//! - `text` right after one is what that printed, to the letter;
//! - `yaml`, `toml` and `json` are read by a parser.
//!
//! A comment in the line before a block changes that. `<!-- file: NAME -->` also writes the block to a file, which later commands use.
//! `<!-- not run: REASON -->` leaves it out, `<!-- exit: 1 -->` expects that code, `<!-- input: TEXT -->` is its standard input. What a
//! page needs beforehand is in `tests/data/pages/PAGE.sh`; `# with a keychain` in its first line gives it one. Programs that need an account or a network are played by `tests/data/pages/stand-in`.

use std::path::Path;
use std::process::Command;

#[cfg(target_os = "linux")]
use crate::support::keyring::{Keyring, Start};
use crate::support::{Folder, require};

mod links;
mod picture;
mod rules;

/// Programs that are played, because the real ones need more than a test has.
const PLAYED: [&str; 20] = [
    "provider-services",
    "akt",
    "aws",
    "op",
    "pass",
    "vault",
    "sops",
    "az",
    "gh",
    "docker",
    "podman",
    "cargo",
    "apt",
    "dpkg",
    "brew",
    "nix",
    "skopeo",
    "create",
    "send-manifest",
    "sudo",
];
/// How long a block may take.
const SECONDS: &str = "60";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The README and every page of `docs/`.
fn pages() -> Vec<String> {
    let docs = std::fs::read_dir(root().join("docs")).expect("the pages");
    let names = docs.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
    let mut pages: Vec<String> = names.filter(|name| name.ends_with(".md")).map(|name| format!("docs/{name}")).collect();
    pages.push("README.md".to_owned());
    pages.sort();
    pages
}

fn text(page: &str) -> String {
    std::fs::read_to_string(root().join(page)).expect("a page")
}

/// A fenced block of a page.
#[derive(Debug)]
struct Block {
    line: usize,
    language: String,
    content: String,
    /// What the comment before it says: a word and the rest.
    note: Option<(String, String)>,
}

impl Block {
    fn note(&self, word: &str) -> Option<&str> {
        self.note.as_ref().filter(|(own, _)| own == word).map(|(_, rest)| rest.as_str())
    }
}

fn blocks(page: &str) -> Vec<Block> {
    let (mut found, mut before) = (Vec::new(), "");
    let text = text(page);
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        if let Some(language) = line.trim_start().strip_prefix("```") {
            let indent = line.len() - line.trim_start().len();
            let inner = lines.by_ref().map(|(_, line)| line).take_while(|line| line.trim_start() != "```");
            let content = inner.map(|line| format!("{}\n", line.get(indent..).unwrap_or_default())).collect();
            let note = before
                .trim()
                .strip_prefix("<!--")
                .and_then(|note| note.strip_suffix("-->"))
                .and_then(|note| note.split_once(": "));
            let note = note.map(|(word, rest)| (word.trim().to_owned(), rest.trim().to_owned()));
            found.push(Block { line: number + 1, language: language.to_owned(), content, note });
        }
        before = line;
    }
    found
}

/// A folder for a page, in which its commands are run.
struct Place {
    folder: Folder,
    path: String,
    #[cfg(target_os = "linux")]
    keyring: Option<Keyring>,
}

impl Place {
    /// The folder of `page`, with what it needs; `None` where a program is missing, which is said.
    fn new(page: &str) -> Option<Self> {
        let folder = Folder::new();
        #[cfg(unix)]
        for name in PLAYED {
            let stand_in = root().join("tests/data/pages/stand-in");
            std::fs::create_dir_all(folder.path().join(".home/bin")).expect("a folder");
            std::os::unix::fs::symlink(&stand_in, folder.path().join(".home/bin").join(name)).expect("a link");
        }
        let built = Path::new(env!("CARGO_BIN_EXE_sdlrender")).parent().expect("a folder").display().to_string();
        let played = folder.path().join(".home/bin").display().to_string();
        let path = format!("{played}:{built}:{}", std::env::var("PATH").unwrap_or_default());
        let stem = Path::new(page).file_stem().expect("a name").to_string_lossy().to_lowercase();
        let setup = std::fs::read_to_string(root().join(format!("tests/data/pages/{stem}.sh"))).unwrap_or_default();
        #[cfg(target_os = "linux")]
        let keyring = match setup.starts_with("# with a keychain") {
            true => Some(Keyring::new(Start::Unlocked)?),
            false => None,
        };
        let place = Self {
            folder,
            path,
            #[cfg(target_os = "linux")]
            keyring,
        };
        place.run(&format!("git init -q\necho /.home > .git/info/exclude\n{setup}"), &format!("{stem}.sh"), (0, ""));
        Some(place)
    }

    /// Runs `script` with `input`; it must end with `code`. Gives what it printed on both streams.
    #[track_caller]
    fn run(&self, script: &str, place: &str, (code, input): (i32, &str)) -> String {
        // What the pages presuppose: the values that the starters ask for, and the key that signs.
        let token = concat!("ghp_", "7Rz2pQ9vLk4XwT1bNc8sYd3mHf6jAe0GuViO");
        let mut command = Command::new("timeout");
        command.args([SECONDS, "bash", "-ec", &format!("exec 2>&1\n{script}")]).current_dir(self.folder.path()).env_clear();
        command
            .env("PATH", &self.path)
            .env("HOME", self.folder.path().join(".home"))
            .env("LC_ALL", "C.UTF-8")
            .env("ROOT", root());
        command.envs([
            ("GHCR_USERNAME", "my-login"),
            ("GHCR_TOKEN", token),
            ("AKASH_KEY_NAME", "wallet"),
            ("AKASH_DSEQ", "1"),
            ("AKASH_PROVIDER", "akash1example"),
        ]);
        #[cfg(target_os = "linux")]
        if let Some(keyring) = &self.keyring {
            command.envs(keyring.variables());
        }
        let given = self.folder.file(".home/input", input);
        command.stdin(std::fs::File::open(given).expect("a file"));
        let output = command.output().expect("timeout starts");
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.code() == Some(code), "{place} ends with {}:\n{script}\n{printed}", output.status);
        assert!(!printed.contains(token) || script.contains("sdlrender get"), "{place} shows a secret:\n{printed}");
        printed
    }
}

/// Whether `content` is what its language says.
fn parses(language: &str, content: &str) -> bool {
    match language {
        "yaml" => serde_saphyr::from_str::<serde_json::Value>(content).is_ok(),
        "toml" => content.parse::<toml::Table>().is_ok(),
        "json" => serde_json::from_str::<serde_json::Value>(content).is_ok(),
        _ => true,
    }
}

/// Uses all blocks of a page; gives how many commands were run.
fn used(page: &str) -> usize {
    let blocks = blocks(page);
    let mut place = None;
    let (mut runs, mut printed) = (0, None);
    for block in &blocks {
        let at = format!("{page}:{}", block.line);
        if block.note("not run").is_some_and(|reason| reason.len() > 10) {
            printed = None;
            continue;
        }
        let languages = ["sh", "text", "yaml", "toml", "json", "rust", "make", "dotenv", "dockerfile"];
        assert!(languages.contains(&block.language.as_str()), "{at}: the block has no language, or one that nothing checks");
        assert!(parses(&block.language, &block.content), "{at}: not valid {}", block.language);
        if place.is_none() {
            place = Place::new(page);
        }
        let Some(place) = &place else { return runs };
        if let Some(name) = block.note("file") {
            place.folder.file(name, &block.content);
            crate::support::set_mode(&place.folder.path().join(name), 0o600);
        }
        match block.language.as_str() {
            "sh" => {
                let code = block.note("exit").map_or(0, |code| code.parse().expect("a number"));
                printed = Some(place.run(&block.content, &at, (code, block.note("input").unwrap_or_default())));
                runs += 1;
            }
            "text" => {
                let printed = printed.take().unwrap_or_else(|| panic!("{at}: there is no command before this text"));
                assert_eq!(printed.trim_end(), block.content.trim_end(), "{at}: this is not what the command prints");
            }
            _ => {}
        }
    }
    runs
}

#[cfg(unix)]
#[test]
fn every_command_of_every_page_works() {
    if !require("git") || !require("timeout") {
        return;
    }
    let only = std::env::var("PAGE").unwrap_or_default();
    let failed = std::sync::Mutex::new(Vec::new());
    let mut runs = 0;
    for page in pages().into_iter().filter(|page| page.contains(&only)) {
        match std::panic::catch_unwind(|| used(&page)) {
            Ok(more) => runs += more,
            Err(_) => failed.lock().expect("a lock").push(page),
        }
    }
    assert_eq!(failed.into_inner().expect("a lock"), Vec::<String>::new());
    assert!(runs >= 25 || !only.is_empty(), "only {runs} blocks were run");
}

/// What is left out has a reason, and most is not left out. What another test runs is not.
#[test]
fn few_blocks_are_left_out() {
    let all: Vec<Block> = pages().iter().flat_map(|page| blocks(page)).filter(|block| block.language == "sh").collect();
    let is_left = |block: &&Block| block.note("not run").is_some_and(|reason| !reason.starts_with("tests/it/"));
    let left = all.iter().filter(is_left).count();
    assert!(left * 4 < all.len(), "{left} of {} blocks of commands are not run", all.len());
}

//! What the tests share: rendering in-process, running the binary, and programs that may not be installed.

use std::collections::HashMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Mutex;

use sdlrender::{Document, Problem};

pub mod findings;
#[cfg(target_os = "linux")]
pub mod keyring;
pub mod node;
pub mod oracle;
pub mod schema;

/// Renders `template` with exactly these secrets and nothing of the environment.
pub fn fill(template: &str, values: &[(&str, &str)]) -> Result<String, String> {
    let values: HashMap<String, String> = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let document = Document::new(template).named("t.yaml").without_rules().allow_empty();
    let rendered = document.render(move |name| values.get(name).map(|value| value.clone().into()));
    let told = |problems: Vec<Problem>| problems.iter().map(ToString::to_string).collect::<String>();
    rendered.map(|rendered| rendered.as_str().to_owned()).map_err(told)
}

/// Whether `program` is on PATH. Where it is not, says so aloud, or fails when SDLRENDER_TEST_REQUIRE=all.
pub fn require(program: &str) -> bool {
    let found = is_there(program);
    if !found {
        skipped(&format!("{program} is not installed"));
    }
    found
}

/// The same for a program that `.ci/run` does not install, because it takes too long to build: without it, no test fails.
#[cfg(unix)]
pub fn is_offered(program: &str) -> bool {
    let found = is_there(program);
    if !found {
        say_skipped(&format!("{program} is not installed"));
    }
    found
}

fn is_there(program: &str) -> bool {
    std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).any(|folder| folder.join(program).is_file())
}

/// Says aloud that a test is skipped, or fails when SDLRENDER_TEST_REQUIRE=all.
pub fn skipped(why: &str) {
    assert!(std::env::var_os("SDLRENDER_TEST_REQUIRE").is_none_or(|all| all != "all"), "{why}");
    say_skipped(why);
}

/// Says aloud that a test is skipped: one that nobody can require.
pub fn say_skipped(why: &str) {
    // Not `eprintln!`: the test runner would keep it to itself.
    let _ = writeln!(std::io::stderr(), "skipped: {why}");
}

/// Whether strace is there and may trace. Where it is or may not, says so aloud, as [`require`] does.
#[cfg(target_os = "linux")]
pub fn may_trace() -> bool {
    if !require("strace") {
        return false;
    }
    let mut probe = Command::new("strace");
    probe.args(["-qq", "-e", "inject=getpid:error=ENOSYS", "-o", "/dev/null", "true"]).stderr(Stdio::null());
    let may = probe.status().is_ok_and(|status| status.success());
    if !may {
        skipped("strace may not trace here");
    }
    may
}

/// Sets the mode of a file, where files have one.
pub fn set_mode(path: &Path, mode: u32) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("a new mode");
    }
    let _ = (path, mode);
}

/// A folder that is removed when dropped.
pub struct Folder {
    folder: tempfile::TempDir,
    /// Values that lie in `.env` files here.
    laid: Mutex<Vec<String>>,
    judged: bool,
}

impl Folder {
    /// A folder for templates that need not be SDLs: they are rendered with `--no-check`.
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder"), laid: Mutex::default(), judged: false }
    }

    /// A folder for SDLs, which are judged when they are rendered.
    pub fn judged() -> Self {
        Self { judged: true, ..Self::new() }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A copy of the program. Another process makes it: what this one has open for writing is open in every child that a test starts in that
    /// moment, too, and can't be run until that has become its own program.
    #[cfg(unix)]
    pub fn program(&self, name: &str) -> PathBuf {
        let copy = self.path().join(name);
        let copied = Command::new("cp").arg(env!("CARGO_BIN_EXE_sdlrender")).arg(&copy).status();
        assert!(copied.expect("cp starts").success());
        copy
    }

    /// Writes a file, with the folders above it.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        if name.starts_with(".env") {
            let text = String::from_utf8_lossy(content.as_ref()).into_owned();
            let values =
                text.lines().filter_map(|line| line.split_once('=')).map(|(_, value)| value.trim_matches(['\'', '"', ' ']));
            self.laid.lock().expect("a lock").extend(values.map(str::to_owned));
        }
        std::fs::create_dir_all(path.parent().expect("a name in the folder")).expect("a folder");
        std::fs::write(&path, content).expect("a file");
        path
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).expect("a file that can be read")
    }

    /// Every name in the folder, sorted.
    pub fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.path()).expect("a folder");
        let mut names: Vec<String> =
            entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// The program, to be run in this folder with an environment of nothing but PATH, HOME and `variables`.
    pub fn sdlrender(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sdlrender"));
        // A word of small letters is a subcommand.
        let subcommand = arguments.first().is_some_and(|first| first.bytes().all(|byte| byte.is_ascii_lowercase()));
        if !self.judged && !subcommand {
            command.arg("--no-check");
        }
        command.args(arguments).current_dir(self.path()).env_clear().env("HOME", self.path());
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.envs(variables.iter().copied()).stdin(Stdio::null());
        command
    }

    /// Runs the program to its end. Whatever the test is about, no value it was given may be in what it says.
    #[track_caller]
    pub fn run(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
        let ran = Ran::from(self.sdlrender(arguments, variables).output().expect("the program starts"));
        let laid = self.laid.lock().expect("a lock");
        // What these hold is a path or an address, which a message may name.
        let public = |name: &str| {
            ["_FILE", "_PROXY", "_CONFIG", "_DIR", "_DIRECTORY", "_HOME", "_PROFILE"]
                .iter()
                .any(|end| name.to_uppercase().ends_with(end))
        };
        let secrets = variables.iter().filter(|(name, _)| !public(name));
        let values = secrets.map(|(_, value)| *value).chain(laid.iter().map(String::as_str));
        assert_silent(&ran.stderr, values);
        ran
    }
}

/// No value of eight bytes or more may be in `text`, be it as it is, as base64 or percent-encoded.
#[track_caller]
pub fn assert_silent<'v>(text: &str, values: impl Iterator<Item = &'v str>) {
    use base64::Engine as _;
    for value in values.filter(|value| value.len() >= 8) {
        let percent: String = value.bytes().fold(String::new(), |out, byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out + &char::from(byte).to_string(),
            _ => format!("{out}%{byte:02X}"),
        });
        let base64 = base64::engine::general_purpose::STANDARD.encode(value);
        for shown in [value, &percent, base64.trim_end_matches('=')] {
            assert!(!text.contains(shown), "a value is shown in:\n{text}");
        }
    }
}

/// What a run left.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Ran {
    /// It must have succeeded; gives its standard output.
    #[track_caller]
    pub fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "{}", self.stderr);
        self.stdout
    }

    /// It must have failed with `code`, with nothing on standard output and each of `parts` in its message.
    #[track_caller]
    pub fn fails(self, code: i32, parts: &[&str]) -> String {
        assert_eq!((self.code, self.stdout.as_str()), (Some(code), ""), "{}", self.stderr);
        for part in parts {
            assert!(self.stderr.contains(part), "`{part}` is not in:\n{}", self.stderr);
        }
        self.stderr
    }
}

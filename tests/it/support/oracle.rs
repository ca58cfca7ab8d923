//! YAML readers of other languages that say what a document holds: go-yaml v3 (which Akash uses), PyYAML, libyaml and js-yaml.
//!
//! Each is a small program under `tests/oracle/yaml` that answers a line of JSON with a line of JSON; `go/main.go` there
//! describes the protocol. One that can't be had is skipped, which is said aloud, or a failure where
//! `SDLRENDER_TEST_REQUIRE=all` is set.

use std::collections::hash_map::DefaultHasher;
use std::ffi::OsString;
use std::fs::{self, File};
use std::hash::{Hash, Hasher};
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::require;

/// The longest one process may take for all the documents it is given.
const LIMIT: Duration = Duration::from_secs(300);

/// What one document holds: a list of trees, or why the reader refuses it.
pub(crate) type Reading = Result<Value, String>;

/// A YAML reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::enum_variant_names)] // their names end so
pub(crate) enum Oracle {
    /// gopkg.in/yaml.v3.
    GoYaml,
    /// PyYAML's own reader, in Python.
    PyYaml,
    /// libyaml, which PyYAML's other reader is made of.
    LibYaml,
    /// js-yaml 4.
    JsYaml,
}

impl Oracle {
    pub(crate) const ALL: [Self; 4] = [Self::GoYaml, Self::PyYaml, Self::LibYaml, Self::JsYaml];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::GoYaml => "go-yaml",
            Self::PyYaml => "PyYAML",
            Self::LibYaml => "libyaml",
            Self::JsYaml => "js-yaml",
        }
    }

    /// Reads every document, in one process; `None` where this reader can't be had, which was said aloud.
    ///
    /// # Panics
    /// When the reader breaks down, answers out of order or takes longer than [`LIMIT`].
    pub(crate) fn read<S: AsRef<str>>(self, documents: &[S]) -> Option<Vec<Reading>> {
        self.ask(documents, false)
    }

    /// [`Oracle::read`] of the first YAML document of each text only; go-yaml can be asked for that.
    pub(crate) fn read_first<S: AsRef<str>>(self, documents: &[S]) -> Option<Vec<Reading>> {
        assert_eq!(self, Self::GoYaml);
        self.ask(documents, true)
    }

    fn ask<S: AsRef<str>>(self, documents: &[S], first: bool) -> Option<Vec<Reading>> {
        let start = self.command()?;
        let mut input = String::new();
        for (id, document) in documents.iter().enumerate() {
            input.push_str(&json!({ "id": id, "yaml": document.as_ref(), "first": first }).to_string());
            input.push('\n');
        }
        let output = converse(self, start, input);
        let answers: Vec<Reading> = output.lines().enumerate().map(|(id, line)| self.answer(id, line)).collect();
        assert_eq!(answers.len(), documents.len(), "{self:?} did not answer for every document");
        Some(answers)
    }

    fn answer(self, id: usize, line: &str) -> Reading {
        let mut answer: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{self:?} said {line:?}: {error}"));
        assert_eq!(answer["id"], id, "{self:?} answers out of order");
        match answer.get("error").and_then(Value::as_str) {
            Some(error) => Err(error.to_owned()),
            None => Ok(answer["tree"].take()),
        }
    }

    /// How to start it: built once a process, and once a machine for the same sources.
    fn command(self) -> Option<&'static Start> {
        static COMMANDS: [OnceLock<Option<Start>>; 4] = [const { OnceLock::new() }; 4];
        let prepared = COMMANDS[self as usize].get_or_init(|| {
            let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/yaml");
            match self {
                Self::GoYaml => go_yaml(&sources.join("go")),
                Self::PyYaml => python(&sources.join("tree.py"), "SafeLoader"),
                Self::LibYaml => python(&sources.join("tree.py"), "CSafeLoader"),
                Self::JsYaml => js_yaml(&sources.join("js")),
            }
        });
        prepared.as_ref()
    }
}

/// How an oracle is started.
struct Start {
    program: PathBuf,
    arguments: Vec<OsString>,
}

fn go_yaml(sources: &Path) -> Option<Start> {
    if !require("go") {
        return None;
    }
    let folder = built("go-yaml", sources, &["go.mod", "go.sum", "main.go"], |folder| {
        let mut build = Command::new("go");
        build.args(["build", "-buildvcs=false", "-o", "oracle", "."]).env("GOWORK", "off").current_dir(folder);
        build
    })?;
    Some(Start { program: folder.join("oracle"), arguments: Vec::new() })
}

fn js_yaml(sources: &Path) -> Option<Start> {
    if !require("node") || !require("npm") {
        return None;
    }
    let folder = built("js-yaml", sources, &[".npmrc", "package.json", "package-lock.json", "tree.js"], |folder| {
        let mut install = Command::new("npm");
        install.args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"]).current_dir(folder);
        install
    })?;
    Some(Start { program: PathBuf::from("node"), arguments: vec![folder.join("tree.js").into()] })
}

/// PyYAML with this one of its readers.
fn python(program: &Path, loader: &str) -> Option<Start> {
    if !require("python3") {
        return None;
    }
    let import = Command::new("python3").args(["-c", &format!("from yaml import {loader}")]).output().expect("python3 starts");
    if !import.status.success() {
        return absent(&format!("PyYAML with {loader} is not installed"));
    }
    Some(Start { program: PathBuf::from("python3"), arguments: vec![program.into(), loader.into()] })
}

/// Copies `files` to a folder that is named after their content, and runs `command` there unless an earlier test did.
/// Tests that run at the same time wait for each other.
pub(crate) fn built(name: &str, sources: &Path, files: &[&str], command: impl Fn(&Path) -> Command) -> Option<PathBuf> {
    let mut hasher = DefaultHasher::new();
    let contents: Vec<Vec<u8>> = files.iter().map(|file| fs::read(sources.join(file)).expect("the oracle's source")).collect();
    contents.hash(&mut hasher);
    let root = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let folder = root.join(format!("{name}-{:016x}", hasher.finish()));
    let ready = folder.join("ready");

    let lock = File::create(root.join(format!("{name}.lock"))).expect("a lock file under the target directory");
    lock.lock().expect("the lock of the oracle's folder");
    if !ready.exists() {
        fs::create_dir_all(&folder).expect("a folder under the target directory");
        for (file, content) in files.iter().zip(&contents) {
            fs::write(folder.join(file), content).expect("a copy of the oracle's source");
        }
        let output = command(&folder).output().expect("the oracle's build starts");
        if !output.status.success() {
            return absent(&format!("{name} can't be built: {}", String::from_utf8_lossy(&output.stderr).trim()));
        }
        File::create(&ready).expect("a file under the target directory");
    }
    Some(folder)
}

fn absent<T>(what: &str) -> Option<T> {
    super::skipped(what);
    None
}

/// Hands `input` to a process and returns what it says. Both directions flow at once, so neither can block the other.
fn converse(oracle: Oracle, start: &Start, input: String) -> String {
    let mut child = Command::new(&start.program)
        .args(&start.arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{oracle:?} does not start: {error}"));
    let mut stdin = BufWriter::new(child.stdin.take().expect("a pipe"));
    let mut stdout = child.stdout.take().expect("a pipe");
    // A process that ended early shows in its answers, so a failed write says nothing more.
    let writer = thread::spawn(move || stdin.write_all(input.as_bytes()).and_then(|()| stdin.flush()).is_ok());
    let (sender, receiver) = mpsc::channel();
    let reader = thread::spawn(move || {
        let mut output = String::new();
        let result = stdout.read_to_string(&mut output).map(|_| output);
        sender.send(result).is_ok()
    });
    let Ok(output) = receiver.recv_timeout(LIMIT) else {
        child.kill().expect("the oracle can be ended");
        child.wait().expect("the oracle ends");
        panic!("{oracle:?} took longer than {LIMIT:?}");
    };
    writer.join().expect("the writing thread");
    reader.join().expect("the reading thread");
    let status = child.wait().expect("the oracle ends");
    assert!(status.success(), "{oracle:?} ended with {status}");
    output.expect("UTF-8 from the oracle")
}

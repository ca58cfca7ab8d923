//! Readers of `.env` files: ours, and those it is compared with. `tests/oracle/dotenv/go/main.go` describes their protocol.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::thread;

use sdlrender::testing::{Content, DotenvFault};
use serde_json::{Value, json};

use crate::support::oracle::built;
use crate::support::{node, require, skipped};

/// Two variables that cargo gives every test: one with a value, one that is empty. No other is looked up.
pub const SET: &str = "CARGO_PKG_NAME";
pub const EMPTY: &str = "CARGO_PKG_VERSION_PRE";

/// What a reader says of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// Names and values; python gives a name none where it is by itself on a line.
    pub values: BTreeMap<String, Option<String>>,
    /// The file is refused; the values are those before the line that is.
    pub refused: bool,
}

impl Reading {
    pub fn of(&self, name: &str) -> Option<&str> {
        self.values.get(name)?.as_deref()
    }
}

/// Another reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reader {
    /// compose-go.
    Compose,
    /// dotenv with dotenv-expand.
    Node,
    /// python-dotenv.
    Python,
    /// dotenvy.
    Dotenvy,
}

impl Reader {
    pub const ALL: [Self; 4] = [Self::Compose, Self::Node, Self::Python, Self::Dotenvy];

    /// What it says of each text; `None` where it can't be had, which was said.
    pub fn read(self, texts: &[String]) -> Option<Vec<Reading>> {
        if self == Self::Dotenvy {
            return Some(texts.iter().map(|text| dotenvy(text)).collect());
        }
        static STARTS: [OnceLock<Option<Vec<PathBuf>>>; 3] = [const { OnceLock::new() }; 3];
        let start = STARTS[self as usize].get_or_init(|| self.start()).as_ref()?;
        let question = |(id, text): (usize, &String)| json!({ "id": id, "text": text }).to_string() + "\n";
        let input: String = texts.iter().enumerate().map(question).collect();
        let mut child = Command::new(&start[0])
            .args(&start[1..])
            .env_clear()
            .env(SET, std::env::var_os(SET).expect("cargo runs the tests"))
            .env(EMPTY, std::env::var_os(EMPTY).expect("cargo runs the tests"))
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{self:?} does not start: {error}"));
        let mut stdin = child.stdin.take().expect("a pipe");
        // Both directions flow at once, so neither can block the other.
        let writer = thread::spawn(move || stdin.write_all(input.as_bytes()));
        let mut output = String::new();
        child.stdout.take().expect("a pipe").read_to_string(&mut output).expect("text");
        writer.join().expect("the writing thread").expect("it reads to the end");
        assert!(child.wait().expect("it ends").success(), "{self:?}");
        let readings: Vec<Reading> = output.lines().map(reading).collect();
        assert_eq!(readings.len(), texts.len(), "{self:?} did not answer for every file");
        Some(readings)
    }

    /// The program and its arguments, built or installed where it was not before.
    fn start(self) -> Option<Vec<PathBuf>> {
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/dotenv");
        match self {
            Self::Compose => {
                if !require("go") {
                    return None;
                }
                let folder = built("compose-dotenv", &sources.join("go"), &["go.mod", "go.sum", "main.go"], |folder| {
                    let mut build = Command::new("go");
                    build.args(["build", "-buildvcs=false", "-o", "oracle", "."]).env("GOWORK", "off").current_dir(folder);
                    build
                })?;
                Some(vec![folder.join("oracle")])
            }
            Self::Node => Some(vec!["node".into(), node::installed("dotenv", &["read.js"])?.join("read.js")]),
            Self::Python => {
                if !require("python3") {
                    return None;
                }
                let folder = built("python-dotenv", &sources, &["requirements.txt", "read.py"], |folder| {
                    let mut install = Command::new("sh");
                    let steps = "python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt";
                    install.args(["-c", steps]).current_dir(folder);
                    install
                })?;
                Some(vec![folder.join("venv/bin/python"), folder.join("read.py")])
            }
            Self::Dotenvy => None,
        }
    }
}

fn reading(line: &str) -> Reading {
    let answer: Value = serde_json::from_str(line).expect("JSON");
    let values = answer["values"].as_object().expect("an object").iter();
    Reading {
        values: values.map(|(name, value)| (name.clone(), value.as_str().map(str::to_owned))).collect(),
        refused: answer.get("error").is_some(),
    }
}

/// dotenvy's reading: it gives the first value of a name that is repeated.
fn dotenvy(text: &str) -> Reading {
    let mut reading = Reading::default();
    for entry in dotenvy::from_read_iter(text.as_bytes()) {
        match entry {
            Ok((name, value)) => _ = reading.values.entry(name).or_insert(Some(value)),
            Err(_) => reading.refused = true,
        }
    }
    reading
}

/// Ours.
pub fn ours(text: &str) -> Content {
    Content::read(text.as_bytes(), &|name| -> Option<OsString> { [SET, EMPTY].contains(&name).then(|| std::env::var_os(name))? })
}

/// The value of `name` in `content`, or why it has none.
pub fn value<'c>(content: &'c Content, name: &str) -> Option<Result<&'c str, &'c DotenvFault>> {
    Some(content.get(name)?.map(|secret| secret.expose()).map_err(|flaw| &flaw.fault))
}

/// The readers that can be had, which must be all where the tests are told so.
pub fn present() -> Vec<Reader> {
    let present: Vec<Reader> = Reader::ALL.into_iter().filter(|reader| reader.read(&["A=1".to_owned()]).is_some()).collect();
    if present.len() < Reader::ALL.len() {
        skipped("not every reader of .env files can be had");
    }
    present
}

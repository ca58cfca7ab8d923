//! What `verify` says of a registry, and what another client does there: a table of situations, kept in `docs/registries.md`.
//!
//! Each "ready" is followed by a pull with containerd, which is what providers run, and so is each "not ready". `REGISTRIES=overwrite` writes
//! the table anew.

mod contents;
mod judge;
mod logins;
mod replays;

use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

use crate::support::Folder;
use crate::verify::case::Case;
use judge::{Containerd, Pull};

/// Between these lines of `docs/registries.md` is the table.
const MARKS: [&str; 2] = ["<!-- the table: written by tests/it/registries.rs -->\n", "<!-- the end of the table -->\n"];

/// One situation.
struct Row {
    registry: &'static str,
    situation: &'static str,
    case: Case<'static>,
    verdict: &'static str,
    /// Words that must be in the reason, the help, what the registry says, or a warning.
    parts: Vec<&'static str>,
    /// What became of the login, where the row is about it.
    login: Option<&'static str>,
    /// What the other client must do.
    pull: Pull,
}

impl Row {
    /// A situation in which the other client pulls if `verify` says "ready", and fails if not.
    fn new(registry: &'static str, situation: &'static str, case: Case<'static>, verdict: &'static str) -> Self {
        let pull = if verdict == "ready" { Pull::Done } else { Pull::Failed };
        Self { registry, situation, case, verdict, parts: Vec::new(), login: None, pull }
    }

    fn says(mut self, parts: &[&'static str]) -> Self {
        self.parts = parts.to_vec();
        self
    }

    fn login(mut self, login: &'static str) -> Self {
        self.login = Some(login);
        self
    }

    /// The other client does this, although the verdict is another: the row says why.
    fn pulled(mut self, pull: Pull) -> Self {
        self.pull = pull;
        self
    }

    /// Looks the image up and pulls it; the line of the table. What went wrong goes to `faults`.
    fn run(&self, judge: Option<&Containerd>, faults: &mut Vec<String>) -> String {
        let mut fault = |what: String| faults.push(format!("{}, {}: {what}", self.registry, self.situation));
        let ran = self.case.run(&Folder::new(), &["verify", "--format", "json"]);
        let entry: Value = serde_json::from_str(&ran.stdout).unwrap_or_default();
        crate::support::schema::assert_valid("verify", &entry);
        let entry = &entry[0];
        if entry["verdict"] != self.verdict {
            fault(format!("{} instead of {}: {}{}", entry["verdict"], self.verdict, entry, ran.stderr));
        }
        for part in &self.parts {
            if !entry.to_string().contains(part) {
                fault(format!("`{part}` is not in {entry:#}"));
            }
        }
        if self.login.is_some_and(|login| entry["login"] != login) {
            fault(format!("LOGIN is {}", entry["login"]));
        }
        let pulled = judge.filter(|_| self.pull != Pull::Untried).map(|judge| judge.pull(&self.case));
        if let Some((pull, said)) = pulled.filter(|(pull, _)| *pull != self.pull) {
            fault(format!("containerd: {pull:?} instead of {:?}: {said}", self.pull));
        }
        format!("| {} | {} | `{}` | {} |\n", self.registry, self.situation, self.verdict, self.pull.words())
    }
}

#[test]
fn what_verify_says_is_what_another_client_does() {
    let judge = Containerd::start();
    let (mut lines, mut faults) = (String::new(), Vec::new());
    let mut complete = true;
    // What is started for a group of rows ends with it.
    for group in [contents::rows, logins::rows, replays::rows] {
        match group(&mut |row| lines += &row.run(judge.as_ref(), &mut faults)) {
            true => {}
            false => complete = false,
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    if !complete {
        return;
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/registries.md");
    let text = std::fs::read_to_string(&path).expect("docs/registries.md");
    let (before, rest) = text.split_once(MARKS[0]).expect("the beginning of the table");
    let (table, after) = rest.split_once(MARKS[1]).expect("the end of the table");
    let mut written = String::from("\n| registry | situation | verdict | containerd |\n|---|---|---|---|\n");
    let _ = writeln!(written, "{lines}");
    if std::env::var_os("REGISTRIES").is_some_and(|what| what == "overwrite") {
        std::fs::write(&path, format!("{before}{}{written}{}{after}", MARKS[0], MARKS[1])).expect("it is written");
    } else {
        assert_eq!(table, written, "run with REGISTRIES=overwrite and review");
    }
}

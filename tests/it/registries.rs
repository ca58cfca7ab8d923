//! What `verify` says of a registry, and what other clients do there: a table of situations, kept in `docs/registries.md`.
//!
//! Each "ready" is followed by a pull with containerd, which is what providers run, crane and skopeo, and so is each "not ready".
//! `REGISTRIES=overwrite` writes the table anew.

mod challenges;
mod contents;
mod judge;
mod logins;
mod replays;
mod rights;

use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

use crate::support::Folder;
use crate::verify::case::{Case, warnings};
use judge::{Judges, Pull};

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
    /// The warnings, but for those that all of a test's servers earn.
    warns: Vec<&'static str>,
    /// What the other clients must do: containerd, crane, skopeo.
    pulls: [Pull; 3],
}

impl Row {
    /// A situation in which each other client pulls if `verify` says "ready", and fails if not.
    fn new(registry: &'static str, situation: &'static str, case: Case<'static>, verdict: &'static str) -> Self {
        let pull = if verdict == "ready" { Pull::Done } else { Pull::Failed };
        Self { registry, situation, case, verdict, parts: Vec::new(), login: None, warns: Vec::new(), pulls: [pull; 3] }
    }

    fn says(mut self, parts: &[&'static str]) -> Self {
        self.parts = parts.to_vec();
        self
    }

    fn warns(mut self, warns: &[&'static str]) -> Self {
        self.warns = warns.to_vec();
        self
    }

    fn login(mut self, login: &'static str) -> Self {
        self.login = Some(login);
        self
    }

    /// containerd does this, although the verdict is another: the row or the page says why.
    fn pulled(mut self, pull: Pull) -> Self {
        self.pulls[0] = pull;
        self
    }

    /// Other clients would send the login wherever they are told to.
    fn unasked(mut self) -> Self {
        self.pulls = [Pull::Untried; 3];
        self
    }

    /// It is about what an image contains. crane and skopeo copy whatever is there, and choose from an index in another way.
    fn of_contents(mut self) -> Self {
        self.pulls[1..].fill(Pull::Untried);
        self
    }

    /// The image asks for another login than the door: containerd answers, others may not.
    fn of_second_login(self) -> Self {
        self.of_contents()
    }

    /// Looks the image up and pulls it; the line of the table. What went wrong goes to `faults`.
    fn run(&self, judges: &Judges, faults: &mut Vec<String>) -> String {
        let mut fault = |what: String| faults.push(format!("{}, {}: {what}", self.registry, self.situation));
        let ran = self.case.run(&Folder::new(), &["verify", "--format", "json"]);
        let Ok(entry) = serde_json::from_str::<Value>(&ran.stdout) else {
            fault(format!("no JSON: {}{}", ran.stdout, ran.stderr));
            return String::new();
        };
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
        let mut warned = warnings(entry);
        warned.retain(|warning| !["private-authority", "plain-http", "credentials-in-clear"].contains(warning));
        if warned != self.warns {
            fault(format!("the warnings are {warned:?} instead of {:?}", self.warns));
        }
        let pulled = judges.pull(&self.case, self.pulls.map(|pull| pull != Pull::Untried));
        for ((name, expected), pulled) in Judges::NAMES.iter().zip(self.pulls).zip(pulled) {
            if let Some((pull, said)) = pulled.filter(|(pull, _)| *pull != expected) {
                fault(format!("{name}: {pull:?} instead of {expected:?}: {said}"));
            }
        }
        let pulls = self.pulls.map(Pull::words).join(" | ");
        let found: Vec<String> = [self.verdict].iter().chain(&self.warns).map(|id| format!("`{id}`")).collect();
        format!("| {} | {} | {} | {pulls} |\n", self.registry, self.situation, found.join(", "))
    }
}

#[test]
fn what_verify_says_is_what_other_clients_do() {
    let judges = Judges::start();
    let (mut lines, mut faults) = (String::new(), Vec::new());
    let mut complete = true;
    // What is started for a group of rows ends with it.
    for group in [contents::rows, logins::rows, replays::rows, rights::rows, challenges::rows] {
        match group(&mut |row| lines += &row.run(&judges, &mut faults)) {
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
    let mut written =
        format!("\n| registry | situation | verdict, warnings | {} |\n|---|---|---|---|---|---|\n", Judges::NAMES.join(" | "));
    let _ = writeln!(written, "{lines}");
    if std::env::var_os("REGISTRIES").is_some_and(|what| what == "overwrite") {
        std::fs::write(&path, format!("{before}{}{written}{}{after}", MARKS[0], MARKS[1])).expect("it is written");
    } else {
        assert_eq!(table, written, "run with REGISTRIES=overwrite and review");
    }
}

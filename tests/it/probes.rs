//! Documents that were run through Akash's own parser, `tests/data/akash`: `check` agrees with it, and by the right rule.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::Folder;
use crate::support::findings::reported;

const PROBES: &str = include_str!("../data/akash/probes.jsonl");

/// What Akash's parser does not look at: whether a login reaches its image, whether it is written out, and what is around it.
const OF_LOGINS: [&str; 3] = ["host-mismatch", "literal-password", "login-whitespace"];

#[test]
fn every_probe_is_judged_as_akash_does_and_by_the_right_rule() {
    let folder = Folder::new();
    let probes: Vec<Value> = PROBES.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert!(probes.len() >= 334, "{} probes", probes.len());
    let files: Vec<String> = (0..probes.len()).map(|number| format!("{number}.yaml")).collect();
    for (file, probe) in files.iter().zip(&probes) {
        folder.file(file, probe["sdl"].as_str().expect("a document"));
    }
    let reported = reported(&folder, &files, Some("error"));
    let mut wrong = Vec::new();
    for (file, probe) in files.iter().zip(&probes) {
        let expected: BTreeSet<String> =
            probe["rules"].as_array().expect("rules").iter().map(|rule| rule.as_str().expect("an id").to_owned()).collect();
        let found = reported.get(file).cloned().unwrap_or_default();
        let accepted = found.iter().all(|rule| OF_LOGINS.contains(&rule.as_str()));
        if found != expected || accepted != (probe["akash"] == "OK") {
            wrong.push(format!("{}: Akash says `{}`; expected {expected:?}, found {found:?}", probe["id"], probe["detail"]));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), probes.len(), wrong.join("\n"));
}

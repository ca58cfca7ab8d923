//! What `check` reports, for tests that have many documents.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Folder;

/// The rules that `sdlrender check` reports for each of `files`, all or those of one level. A file without any is left out.
pub fn reported(folder: &Folder, files: &[String], level: Option<&str>) -> BTreeMap<String, BTreeSet<String>> {
    let mut arguments = vec!["check", "--format", "json"];
    arguments.extend(files.iter().map(String::as_str));
    let ran = folder.run(&arguments, &[]);
    let found: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr));
    super::schema::assert_valid("check", &found);
    let mut by_file = BTreeMap::<String, BTreeSet<String>>::new();
    for finding in found["findings"].as_array().expect("findings") {
        let word = |field: &str| finding[field].as_str().expect("text").to_owned();
        if level.is_none_or(|level| level == word("level")) {
            by_file.entry(word("file")).or_default().insert(word("rule"));
        }
    }
    by_file
}

//! `docs/rules.md` is made from the rules. To write it anew:
//!
//!     PAGES=overwrite cargo test --test it pages::rules

use std::fmt::Write as _;

use serde_json::Value;

use super::root;
use crate::support::Folder;

const HEAD: &str = "\
# Rules

What [`check`](checking.md) and rendering look for. `sdlrender explain RULE` prints the same, and a comment, `# sdlrender: allow RULE`, allows
a rule in its line where that is possible. A test writes this page from the rules.

An **error** is something that Akash refuses, an image that can't be pulled, or a credential in plain text; a **warning** something that only
the Console refuses, that Akash drops without a word, or that is unwise.

| rule | level | finds |
|---|---|---|
";

/// The page as the program has it now.
fn made() -> String {
    let printed = Folder::new().run(&["check", "--rules", "--format", "json"], &[]).ok();
    let document: Value = serde_json::from_str(&printed).expect("JSON");
    let rules = document["rules"].as_array().expect("a list");
    let of = |rule: &Value, key: &str| rule[key].as_str().unwrap_or_default().to_owned();
    let mut page = HEAD.to_owned();
    for rule in rules {
        let levels: Vec<&str> = rule["levels"].as_array().expect("levels").iter().filter_map(Value::as_str).collect();
        let (id, summary) = (of(rule, "id"), of(rule, "summary").replace('|', "\\|"));
        _ = writeln!(page, "| [`{id}`](#{id}) | {} | {summary} |", levels.join(" or "));
    }
    for rule in rules {
        let (id, why, refused) = (of(rule, "id"), of(rule, "why"), of(rule, "refusedBy"));
        _ = write!(page, "\n## {id}\n\n{why}\n\nRefused by {refused}\n");
        let (bad, good) = (of(rule, "bad"), of(rule, "good"));
        // An example may be words, or text that is not YAML on purpose.
        for (title, example) in [("Bad", bad), ("Good", good)].iter().filter(|(_, example)| !example.is_empty()) {
            _ = write!(
                page,
                "\n{title}:\n\n<!-- not run: an example, which its own test checks -->\n```yaml\n{}\n```\n",
                example.trim_end()
            );
        }
    }
    page
}

#[test]
fn the_page_is_made_from_the_rules() {
    let (path, made) = (root().join("docs/rules.md"), made());
    if std::env::var_os("PAGES").is_some_and(|word| word == "overwrite") {
        std::fs::write(&path, &made).expect("the page");
    }
    let page = std::fs::read_to_string(path).expect("the page");
    assert!(page == made, "docs/rules.md is not what the rules say: PAGES=overwrite cargo test --test it pages::rules");
}

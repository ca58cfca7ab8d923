//! `sdlrender explain` and the list of rules.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::Folder;

#[test]
fn a_page_is_printed_and_a_wrong_name_is_told() {
    let folder = Folder::new();
    let page = folder.run(&["explain", "image-tag"], &[]).ok();
    for part in ["image-tag (warning)\n", "    image: ghcr.io/team/app\n", "# sdlrender: allow image-tag\n", "Source: Kubernetes"]
    {
        assert!(page.contains(part), "`{part}` is not in:\n{page}");
    }
    assert!(folder.run(&["explain", "count-zero"], &[]).ok().starts_with("count-zero (error or warning)\n"));
    let list = "sdlrender check --rules lists all rules";
    folder.run(&["explain", "image-tags"], &[]).fails(2, &["there is no rule of this name", "did you mean `image-tag`?", list]);
    folder.run(&["explain"], &[]).fails(2, &["sdlrender explain RULE", list]);
}

#[test]
fn the_rules_are_listed_for_programs() {
    let folder = Folder::new();
    let list: Value = serde_json::from_str(&folder.run(&["check", "--rules", "--format", "json"], &[]).ok()).expect("JSON");
    let rules = list["rules"].as_array().expect("rules");
    let listed = folder.run(&["check", "--rules"], &[]).ok();
    assert_eq!(rules.len(), listed.lines().count());
    let names = ["bad", "good", "help", "id", "levels", "refusedBy", "source", "summary", "why"];
    for rule in rules {
        let members: Vec<&String> = rule.as_object().expect("an object").keys().collect();
        assert_eq!(members.iter().map(|name| name.as_str()).collect::<BTreeSet<_>>(), BTreeSet::from(names));
    }
    let zero = rules.iter().find(|rule| rule["id"] == "count-zero").expect("the rule");
    assert_eq!(zero["levels"], serde_json::json!(["error", "warning"]));
    let page = folder.run(&["explain", "count-zero"], &[]).ok();
    assert_eq!(zero["help"], page);
    folder.run(&["check", "--rules", "--format", "sarif"], &[]).fails(2, &["--format json"]);
}

#[test]
fn a_report_says_once_how_to_learn_more() {
    let folder = Folder::new();
    folder.file("t.yaml", include_str!("../../data/check/smallest.yaml").replace("ghcr.io/team/app:1.0", "ghcr.io/team/app"));
    let ran = folder.run(&["check", "t.yaml"], &[]);
    assert_eq!(ran.stderr.matches("sdlrender explain").count(), 1, "{}", ran.stderr);
    assert!(ran.stderr.ends_with("help: more about a finding: sdlrender explain image-tag\n"), "{}", ran.stderr);
}

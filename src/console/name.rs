//! The names of references. They depend on the template only, never on a value: the SDL that holds them may be committed.

use std::collections::{BTreeMap, BTreeSet};

use super::ReferenceDraft;
use crate::credential::LONGEST_REFERENCE as LONGEST;

/// A name for each of `drafts`: equal where they ask for the same name and have the same content, different otherwise.
pub(super) fn assign(drafts: &[ReferenceDraft]) -> Vec<String> {
    let wanted: Vec<String> = drafts.iter().map(|draft| valid(&draft.wanted)).collect();
    let same = |one: usize, other: usize| wanted[one] == wanted[other] && drafts[one].content == drafts[other].content;
    let first: Vec<usize> = (0..drafts.len()).map(|at| (0..at).find(|earlier| same(*earlier, at)).unwrap_or(at)).collect();
    let mut contents: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for (at, name) in wanted.iter().enumerate() {
        contents.entry(name).or_default().insert(first[at]);
    }
    let is_alone = |at: usize| contents.get(wanted[at].as_str()).is_some_and(|asking| asking.len() == 1);
    // Names that are asked for once stay as they are, whatever is made up for the others.
    let mut taken: BTreeSet<String> =
        contents.iter().filter(|(_, asking)| asking.len() == 1).map(|(name, _)| (*name).to_owned()).collect();
    let mut names: Vec<String> = Vec::with_capacity(drafts.len());
    for (at, draft) in drafts.iter().enumerate() {
        let name = match first[at] {
            earlier if earlier < at => names[earlier].clone(),
            _ if is_alone(at) => wanted[at].clone(),
            _ => made_up(draft, &wanted[at]).find(|name| !taken.contains(name)).unwrap_or_default(),
        };
        taken.insert(name.clone());
        names.push(name);
    }
    names
}

/// Names for a draft whose own is asked for by others, too: `WEB_TOKEN`, `WEB_REGISTRY_PASSWORD`, `WEB_TOKEN_2`, and so on without end.
fn made_up(draft: &ReferenceDraft, wanted: &str) -> impl Iterator<Item = String> {
    let service = draft.service.to_ascii_uppercase();
    let of_service = format!("{service}_{wanted}");
    let numbered = of_service.clone();
    let first = [valid(&of_service), valid(&format!("{service}_{}", draft.place))];
    first.into_iter().chain((2_usize..).map(move |number| {
        let suffix = format!("_{number}");
        let mut name = valid(&numbered);
        name.truncate(LONGEST - suffix.len());
        name + &suffix
    }))
}

/// `text` as a name that the Console accepts: letters, digits and `_`, not beginning with a digit.
fn valid(text: &str) -> String {
    let fits = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let begins = !text.starts_with(|c: char| c.is_ascii_digit()) && !text.is_empty();
    let start = if begins { None } else { Some('_') };
    start.into_iter().chain(text.chars().map(fits)).take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Makeup, ReferenceDraft};
    use super::*;
    use crate::yaml::tree::Tree;

    /// Drafts of services, asked names, and contents, in this order.
    fn names(drafts: &[(&str, &str, &str)]) -> Vec<String> {
        let node = Tree::read("a").unwrap().root().unwrap();
        let draft = |(service, wanted, content): &(&str, &str, &str)| ReferenceDraft {
            node,
            key: None,
            service: (*service).to_owned(),
            wanted: (*wanted).to_owned(),
            place: "REGISTRY_PASSWORD".to_owned(),
            content: Makeup::of_text(content),
        };
        assign(&drafts.iter().map(draft).collect::<Vec<_>>())
    }

    #[test]
    fn a_name_has_one_content() {
        assert_eq!(names(&[("web", "TOKEN", "x"), ("api", "TOKEN", "x"), ("api", "URL", "x")]), ["TOKEN", "TOKEN", "URL"]);
        assert_eq!(names(&[("web", "TOKEN", "x"), ("my-api", "TOKEN", "y")]), ["WEB_TOKEN", "MY_API_TOKEN"]);
        let three = [("web", "T", "x"), ("web", "T", "y"), ("web", "T", "z"), ("web", "T", "x"), ("api", "WEB_T", "y")];
        assert_eq!(names(&three), ["WEB_REGISTRY_PASSWORD", "WEB_T_2", "WEB_T_3", "WEB_REGISTRY_PASSWORD", "WEB_T"]);
    }

    #[test]
    fn names_are_what_the_console_accepts() {
        let long = "a".repeat(80);
        for name in names(&[
            ("w", "1.x-y", "a"),
            ("w", "", "b"),
            ("w", &long, "c"),
            ("v", &long, "d"),
            ("v", &long, "e"),
            ("v", &long, "f"),
        ]) {
            let rest = name.strip_prefix(|c: char| c.is_ascii_alphabetic() || c == '_').expect("a first letter");
            assert!(rest.len() < LONGEST && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'), "{name}");
        }
        assert_eq!(names(&[("w", "1.x-y", "a"), ("w", "é", "b")]), ["_1_x_y", "_"]);
    }
}

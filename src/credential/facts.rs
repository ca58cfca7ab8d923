//! Facts of a document's services, read from its tree.

use std::collections::HashSet;

use crate::scalar::Style;
use crate::tree::{Id, Kind, Tree};

use super::{Facts, Field};

/// The facts of every service of the document, those that aliases and merges (`<<`) bring along included.
pub fn facts<'t>(tree: &'t Tree<'_>) -> Vec<Facts<'t>> {
    let Some(root) = tree.root() else { return Vec::new() };
    let version = get(tree, root, "version").filter(|id| !tree.is_unknown(*id)).map(|id| tree.text(id));
    let Some(services) = get(tree, root, "services") else { return Vec::new() };
    let service = |(key, value): &(Id, Id)| {
        let path = format!("services.{}", tree.text(*key));
        let field = |id: Id, path: String| field(tree, id, path);
        let member = |of: Id, key: &str, path: &str| get(tree, of, key).and_then(|id| field(id, format!("{path}.{key}")));
        let login = get(tree, *value, "credentials");
        let in_login = |key: &str| login.and_then(|login| member(login, key, &format!("{path}.credentials")));
        let env = get(tree, *value, "env").into_iter().flat_map(|env| tree.items(env)).enumerate();
        Facts {
            version,
            image: member(*value, "image", &path),
            host: in_login("host"),
            username: in_login("username"),
            password: in_login("password"),
            env: env.filter_map(|(index, item)| field(item, format!("{path}.env[{index}]"))).collect(),
        }
    };
    entries(tree, services).iter().map(service).collect()
}

/// The scalar at `id`; none when it is another kind of node, or null.
fn field<'t>(tree: &'t Tree<'_>, id: Id, path: String) -> Option<Field<'t>> {
    let Kind::Scalar(style) = tree.kind(id) else { return None };
    let placeholder = tree.marked().binary_search(&tree.target(id)).is_ok();
    let text = (!tree.is_unknown(id)).then(|| tree.text(id));
    let null = style == Style::Plain && !placeholder && matches!(text, Some("" | "~" | "null" | "Null" | "NULL"));
    (!null).then(|| Field { text, range: tree.range(id), path, placeholder })
}

/// The value of `key` in a mapping.
fn get(tree: &Tree<'_>, mapping: Id, key: &str) -> Option<Id> {
    entries(tree, mapping).into_iter().find_map(|(at, value)| (tree.text(at) == key).then_some(value))
}

/// Keys and values of a mapping, then what its merges add (YAML 1.1's `<<`, which go-yaml follows): the first of a name counts.
fn entries(tree: &Tree<'_>, mapping: Id) -> Vec<(Id, Id)> {
    let mut entries: Vec<(Id, Id)> = Vec::new();
    let (mut names, mut seen) = (HashSet::new(), HashSet::new());
    let mut waiting = vec![mapping];
    while let Some(mapping) = waiting.pop() {
        // An anchor may stand in what it names.
        if !seen.insert(tree.target(mapping)) {
            continue;
        }
        let mut merges = Vec::new();
        for (key, value) in tree.entries(mapping) {
            if tree.text(key) == "<<" && tree.kind(key) == Kind::Scalar(Style::Plain) {
                match tree.kind(value) {
                    Kind::Sequence => merges.extend(tree.items(value)),
                    _ => merges.push(value),
                }
            } else if names.insert(tree.text(key)) {
                entries.push((key, value));
            }
        }
        waiting.extend(merges.into_iter().rev());
    }
    entries
}

//! By name: the places and the services that each value goes to, which is what a change of it affects.

use serde::Serialize;

use super::ListedUse;

/// A name, and where its value goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct NameUses {
    /// The name that is looked up; for a file or a login, as written in the template.
    pub name: String,
    /// `secret` or `variable`.
    pub kind: &'static str,
    /// The services that get the value.
    pub services: Vec<String>,
    /// What the project says it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Where the project says people get it.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Where the value goes, in the order of the templates.
    pub places: Vec<ValuePlace>,
}

/// A place that a value goes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ValuePlace {
    /// The template.
    pub template: String,
    /// The line in it, from 1.
    pub line: usize,
    /// The place in the SDL.
    pub path: String,
    /// The services that get the value from there.
    pub services: Vec<String>,
    /// Where the value would come from; null if missing.
    pub source: Option<String>,
}

/// The names in `entries`, in the order in which they are used first.
pub(crate) fn by_name(entries: &[ListedUse]) -> Vec<NameUses> {
    let mut names: Vec<NameUses> = Vec::new();
    for entry in entries {
        let keys = if entry.names.is_empty() { std::slice::from_ref(&entry.name) } else { &entry.names[..] };
        for key in keys {
            let known = names.iter().position(|name| name.name == *key && name.kind == entry.kind);
            let at = known.unwrap_or_else(|| {
                let ListedUse { kind, description, place, .. } = entry.clone();
                names.push(NameUses { name: key.clone(), kind, services: Vec::new(), description, place, places: Vec::new() });
                names.len() - 1
            });
            let name = &mut names[at];
            for service in &entry.services {
                if !name.services.contains(service) {
                    name.services.push(service.clone());
                }
            }
            let ListedUse { template, line, path, services, source, .. } = entry.clone();
            name.places.push(ValuePlace { template, line, path, services, source });
        }
    }
    names
}

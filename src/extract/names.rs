//! One secret for each value: its name, and the places that share it.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::find::{FoundKind, FoundSecret};
use crate::credential::is_weak;
use crate::secret::Secret;

/// A secret that is to be stored, or a name whose value is to be set.
#[derive(Debug)]
pub(crate) struct StoredSecret {
    /// Its name.
    pub(crate) name: String,
    /// What its value is.
    pub(crate) class: ValueClass,
    /// Its value; of a stand-in what is written now.
    pub(crate) value: Secret,
    /// Other names that the same value would have had.
    pub(crate) linked: Vec<String>,
}

/// What the value of an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueClass {
    /// A secret.
    Literal,
    /// A secret that is easily guessed.
    Weak,
    /// A text that stands for a secret.
    StandIn,
}

/// Names that mean something else in a template.
const TAKEN: [&str; 26] = [
    "vars",
    "secrets",
    "env",
    "dotenv",
    "keychain",
    "file",
    "docker",
    "range",
    "dict",
    "namespace",
    "loop",
    "self",
    "super",
    "true",
    "false",
    "none",
    "True",
    "False",
    "None",
    "and",
    "or",
    "not",
    "in",
    "is",
    "if",
    "else",
];

/// A name as a template can use it.
fn usable(name: &str) -> String {
    let mut plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if plain.starts_with(|c: char| c.is_ascii_digit()) || plain.is_empty() {
        plain.insert(0, '_');
    }
    plain.truncate(100);
    if TAKEN.contains(&plain.as_str()) { plain.to_ascii_uppercase() + "_VALUE" } else { plain }
}

/// The entries for `found`, whose values are `values`; and for each of `found`, which entry is its own.
///
/// Equal values of one name are one secret. So are equal passwords under several names, which then have the name of the first that is not
/// made up. Different values of one name get their services' names before it.
pub(crate) fn entries(found: &[FoundSecret], values: &[Zeroizing<String>]) -> (Vec<StoredSecret>, Vec<usize>) {
    // Groups of equal values that may be one secret; the first member gives the name.
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (index, one) in found.iter().enumerate() {
        let same = |other: &usize| {
            let other_one = &found[*other];
            let linked = one.kind.is_password() && other_one.kind.is_password() && !is_stand_in(one) && !is_stand_in(other_one);
            values[index] == values[*other]
                && one.stand_in == other_one.stand_in
                && (one.name == other_one.name && one.kind.is_password() == other_one.kind.is_password() || linked)
        };
        match groups.iter_mut().find(|group| group.iter().any(same)) {
            Some(group) => group.push(index),
            None => groups.push(vec![index]),
        }
    }
    let leader = |group: &[usize]| *group.iter().min_by_key(|index| (made_up(&found[**index]), **index)).unwrap_or(&group[0]);
    let mut names: Vec<String> = groups.iter().map(|group| usable(&found[leader(group)].name)).collect();
    part(&mut names, |number| groups[number].first().and_then(|index| found[*index].service.as_deref()));
    let mut own = vec![0; found.len()];
    let entries = groups.iter().zip(names).enumerate().map(|(number, (group, name))| {
        group.iter().for_each(|index| own[*index] = number);
        let first = &found[group[0]];
        let value = &values[group[0]];
        let mut linked: Vec<String> = group
            .iter()
            .map(|index| usable(&found[*index].name))
            .filter(|other| *other != name && *other != usable(&found[leader(group)].name))
            .collect();
        linked.sort();
        linked.dedup();
        let weak = first.kind != FoundKind::Username && is_weak(value);
        let class = if first.stand_in {
            ValueClass::StandIn
        } else if weak {
            ValueClass::Weak
        } else {
            ValueClass::Literal
        };
        StoredSecret { name, class, value: Secret::new(value.clone()), linked }
    });
    let entries = entries.collect();
    (entries, own)
}

fn is_stand_in(found: &FoundSecret) -> bool {
    found.stand_in
}

/// How far a name is from what the author called the value.
fn made_up(found: &FoundSecret) -> u8 {
    match found.kind {
        FoundKind::Variable => 0,
        FoundKind::Password | FoundKind::Username => 1,
        FoundKind::Address => 2,
        FoundKind::Token => 3,
    }
}

/// Gives each of several equal names its service's name, and a number where that is not enough.
fn part<'s>(names: &mut [String], service: impl Fn(usize) -> Option<&'s str>) {
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    names.iter().for_each(|name| *count.entry(name.clone()).or_default() += 1);
    for (number, name) in names.iter_mut().enumerate().filter(|(_, name)| count[*name] > 1) {
        if let Some(service) = service(number) {
            *name = usable(&format!("{}_{name}", service.to_ascii_uppercase()));
        }
    }
    let mut taken: Vec<String> = Vec::new();
    for name in names {
        let plain = name.clone();
        let mut number = 2;
        while taken.contains(name) {
            *name = format!("{plain}_{number}");
            number += 1;
        }
        taken.push(name.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::tree::Tree;

    fn named(list: &[(&str, &str, FoundKind, &str)]) -> Vec<(String, Vec<usize>)> {
        let tree = Tree::read("a").unwrap();
        let found: Vec<FoundSecret> = list
            .iter()
            .map(|(name, service, kind, _)| FoundSecret {
                node: tree.root().unwrap(),
                range: 0..0,
                kind: *kind,
                name: (*name).to_owned(),
                service: Some((*service).to_owned()),
                stand_in: false,
            })
            .collect();
        let values: Vec<_> = list.iter().map(|(.., value)| Zeroizing::new((*value).to_owned())).collect();
        let (entries, own) = entries(&found, &values);
        let uses = |number| own.iter().enumerate().filter(move |(_, own)| **own == number).map(|(index, _)| index).collect();
        entries.iter().enumerate().map(|(number, entry)| (entry.name.clone(), uses(number))).collect()
    }

    #[test]
    fn equal_values_are_one_secret_and_different_ones_have_different_names() {
        use FoundKind::{Address, Password, Username, Variable};
        let name = |name: &str, uses: &[usize]| (name.to_owned(), uses.to_vec());
        assert_eq!(
            named(&[("DATABASE_PASSWORD", "web", Address, "x"), ("POSTGRES_PASSWORD", "db", Variable, "x")]),
            [name("POSTGRES_PASSWORD", &[0, 1])]
        );
        assert_eq!(
            named(&[("TOKEN", "web", Variable, "x"), ("TOKEN", "my-db", Variable, "y"), ("TOKEN", "api", Variable, "x")]),
            [name("WEB_TOKEN", &[0, 2]), name("MY_DB_TOKEN", &[1])]
        );
        assert_eq!(named(&[("A", "s", Variable, "1"), ("A", "s", Variable, "2")]), [name("S_A", &[0]), name("S_A_2", &[1])]);
        // A user may be called as the password is.
        assert_eq!(
            named(&[("GHCR_USERNAME", "web", Username, "x"), ("GHCR_TOKEN", "web", Password, "x")]),
            [name("GHCR_USERNAME", &[0]), name("GHCR_TOKEN", &[1])]
        );
        assert_eq!(
            named(&[("1-a.b", "s", Variable, "1"), ("env", "s", Variable, "2")]),
            [name("_1_a_b", &[0]), name("ENV_VALUE", &[1])]
        );
    }
}

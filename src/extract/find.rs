//! Where the secrets of a filled SDL are: in logins, in `env`, in addresses, and tokens of known shapes anywhere.

use std::ops::Range;

use crate::credential::{
    self, Fact, Facts, PartRole, is_weak, names_secret, shell_variables, worth_of_addresses, worth_of_login, worth_of_variable,
};
use crate::registry::{Reference, Registry, token};
use crate::sdl::{DecodedTexts, model};
use crate::splice::{View, container_sees};
use crate::yaml::tree::{Id, NodeKind, Tree};

/// A part of a scalar that becomes a placeholder. Holds no value.
#[derive(Debug, Clone)]
pub(crate) struct FoundSecret {
    /// The scalar.
    pub(crate) node: Id,
    /// The part, in bytes of the scalar's text.
    pub(crate) range: Range<usize>,
    /// What it is.
    pub(crate) kind: FoundKind,
    /// The name that fits it best.
    pub(crate) name: String,
    /// The service that it is in, if it is in one.
    pub(crate) service: Option<String>,
    /// It only stands for a secret.
    pub(crate) stand_in: bool,
}

/// What a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FoundKind {
    /// The password of a registry.
    Password,
    /// The username for a registry.
    Username,
    /// The value of a variable, or a part of it.
    Variable,
    /// The password in an address.
    Address,
    /// A token of a known shape.
    Token,
}

impl FoundKind {
    /// Whether one secret may be used for several of these: it is a password, and whoever has two that are equal means one.
    pub(crate) fn is_password(self) -> bool {
        !matches!(self, Self::Username)
    }
}

/// The parts of `tree`, an SDL, that belong in secrets, in the order of the text; none overlaps another.
pub(crate) fn find(tree: &Tree<'_>) -> Vec<FoundSecret> {
    let (view, texts) = (View::of(tree), DecodedTexts::default());
    let sdl = model(&view, &texts);
    let mut found = Vec::new();
    for facts in credential::facts(&view, &sdl) {
        login(&facts, &mut found);
    }
    for field in credential::env(&view, &sdl) {
        variable(tree, &field, &mut found);
    }
    let scalars = scalars(tree);
    for (node, service) in &scalars {
        anywhere(tree, *node, service.as_deref(), &mut found);
    }
    repeated(tree, &scalars, &mut found);
    // The first that was found of those that overlap: it is the one with the best name.
    let mut apart: Vec<FoundSecret> = Vec::with_capacity(found.len());
    for one in found {
        let meets = |other: &FoundSecret| {
            other.node == one.node && other.range.start < one.range.end && one.range.start < other.range.end
        };
        if !apart.iter().any(meets) {
            apart.push(one);
        }
    }
    apart.sort_by_key(|one| (one.node, one.range.start));
    apart
}

/// Items of `env` that are secrets by their names, and have text beside a `$(NAME)`, which Kubernetes fills in: they can't be cut out.
pub(crate) fn referring(tree: &Tree<'_>) -> Vec<Id> {
    let (view, texts) = (View::of(tree), DecodedTexts::default());
    let sdl = model(&view, &texts);
    let refers = |field: &Fact<'_>| {
        let (name, value) = field.text?.split_once('=')?;
        let whole = value.starts_with("$(") && value.find(')') == Some(value.len() - 1);
        let is_one = names_secret(name) && !whole && !container_sees(value).references.is_empty();
        is_one.then_some(field.node)
    };
    credential::env(&view, &sdl).filter_map(|field| refers(&field)).collect()
}

/// The registries that have a login with a password written in `tree`, as `docker login` names them, each once.
pub(crate) fn registries(tree: &Tree<'_>) -> Vec<String> {
    let (view, texts) = (View::of(tree), DecodedTexts::default());
    let sdl = model(&view, &texts);
    let logins = credential::facts(&view, &sdl).filter(|facts| facts.password.as_ref().is_some_and(|field| field.text.is_some()));
    let domain = |facts: Facts<'_>| Some(Reference::parse(facts.image?.text?).ok()?.domain.to_owned());
    let mut found: Vec<String> = logins.filter_map(domain).collect();
    found.sort();
    found.dedup();
    found
}

/// The registry that a service's image is pulled from.
fn registry(facts: &Facts<'_>) -> Registry {
    let image = facts.image.as_ref().and_then(|field| Reference::parse(field.text?).ok());
    let host = facts.host.as_ref().and_then(|field| field.text).unwrap_or_default();
    let host = host.trim().trim_start_matches("https://").trim_start_matches("http://").split('/').next().unwrap_or_default();
    let of_host = Registry::of(if host == "index.docker.io" { "docker.io" } else { host });
    match image.map(|image| Registry::of(image.domain)) {
        Some(Registry::Other) | None => of_host,
        Some(registry) => registry,
    }
}

fn login(facts: &Facts<'_>, found: &mut Vec<FoundSecret>) {
    let registry = registry(facts);
    for (field, username) in [(&facts.username, true), (&facts.password, false)] {
        let Some((field, text)) = field.as_ref().and_then(|field| Some((field, field.text?))) else { continue };
        // What ends a block scalar is not a part of the value; what is around the value is, if it is written so.
        let end = text.trim_end_matches('\n').len();
        // A name that the registry gives to everyone.
        let fixed = matches!(registry, Registry::Google | Registry::Ecr) && registry.expected_username(text.trim()).is_none();
        let Some(stand_in) = worth_of_login(&text[..end], username).filter(|_| !(username && fixed)) else { continue };
        let name = if username { registry.username_placeholder() } else { registry.password_placeholder() };
        found.push(FoundSecret {
            node: field.node,
            range: 0..end,
            kind: if username { FoundKind::Username } else { FoundKind::Password },
            name: name.to_owned(),
            service: Some(field.place.service.to_owned()),
            stand_in,
        });
    }
}

fn variable(tree: &Tree<'_>, field: &Fact<'_>, found: &mut Vec<FoundSecret>) {
    let text = tree.text(field.node);
    let Some((variable, value)) = text.split_once('=') else { return };
    let start = variable.len() + 1;
    let end = value.trim_end_matches('\n').len();
    for part in worth_of_variable(variable, &value[..end]) {
        let (kind, name) = match &part.role {
            PartRole::Whole => (FoundKind::Variable, variable.to_owned()),
            PartRole::Address => (FoundKind::Address, of_address(variable)),
            PartRole::Member(member) => (FoundKind::Variable, of_member(variable, member)),
        };
        found.push(FoundSecret {
            node: field.node,
            range: start + part.range.start..start + part.range.end,
            kind,
            name,
            service: Some(field.place.service.to_owned()),
            stand_in: part.stand_in,
        });
    }
}

/// The name of a member of the value of `variable`: `CONFIG_PASSWORD`.
fn of_member(variable: &str, member: &str) -> String {
    let capitals = !variable.bytes().any(|byte| byte.is_ascii_lowercase());
    let member = member.trim_start_matches('-');
    format!("{variable}_{}", if capitals { member.to_ascii_uppercase() } else { member.to_owned() })
}

/// The name of the password in an address with this scheme: `REDIS_PASSWORD`.
fn of_scheme(before: &str) -> String {
    let scheme = before.rsplit_once("://").map_or("", |(scheme, _)| scheme);
    let scheme = scheme.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default().to_ascii_uppercase();
    match scheme.as_str() {
        "" | "HTTP" | "HTTPS" => "URL_PASSWORD".to_owned(),
        "POSTGRES" | "POSTGRESQL" => "POSTGRES_PASSWORD".to_owned(),
        scheme => format!("{scheme}_PASSWORD"),
    }
}

/// The name of the password in the address that is the value of `variable`: `DATABASE_PASSWORD` for `DATABASE_URL`.
fn of_address(variable: &str) -> String {
    let upper = variable.to_ascii_uppercase();
    let ends = ["_CONNECTION_STRING", "_CONNECTION_URL", "_URL", "_URI", "_DSN", "_ADDRESS", "_HOST"];
    let end = ends.iter().find(|end| upper.ends_with(**end)).map_or(0, |end| end.len());
    let base = &variable[..variable.len() - end];
    if base.is_empty() { "PASSWORD".to_owned() } else { format!("{base}_PASSWORD") }
}

/// Tokens and passwords of addresses in any scalar.
fn anywhere(tree: &Tree<'_>, node: Id, service: Option<&str>, found: &mut Vec<FoundSecret>) {
    let text = tree.text(node);
    let mut add = |range, kind, name: &str, stand_in| {
        let (service, name) = (service.map(str::to_owned), name.to_owned());
        found.push(FoundSecret { node, range, kind, name, service, stand_in });
    };
    for (token, range) in token::scan(text) {
        add(range, FoundKind::Token, token.placeholder(), false);
    }
    for part in worth_of_addresses(text).into_iter().filter(|part| !part.stand_in) {
        // A reference to a variable of a shell is not a password.
        if shell_variables(&text[part.range.clone()]).next().is_none() {
            let name = of_scheme(&text[..part.range.start]);
            add(part.range, FoundKind::Address, &name, false);
        }
    }
}

/// Items of `command` and `args` that are a password which was found elsewhere: `redis-server --requirepass PASSWORD`.
fn repeated(tree: &Tree<'_>, scalars: &[(Id, Option<String>)], found: &mut Vec<FoundSecret>) {
    /// Shorter words may be equal by chance.
    const SHORTEST: usize = 8;
    let mut more = Vec::new();
    for (node, service) in scalars {
        let text = tree.text(*node);
        let same =
            |one: &&FoundSecret| one.kind.is_password() && !one.stand_in && tree.text(one.node)[one.range.clone()] == *text;
        if text.len() < SHORTEST || is_weak(text) || found.iter().any(|one| one.node == *node) {
            continue;
        }
        if let Some(known) = found.iter().find(same).filter(|_| is_run(tree, *node)) {
            let (range, service) = (0..text.len(), service.clone());
            more.push(FoundSecret {
                node: *node,
                range,
                kind: FoundKind::Token,
                name: known.name.clone(),
                service,
                stand_in: false,
            });
        }
    }
    found.extend(more);
}

/// Whether the scalar is in `command` or `args`.
pub(crate) fn is_run(tree: &Tree<'_>, node: Id) -> bool {
    let path = tree.path(node);
    let mut keys = path.split('.');
    let service = keys.next() == Some("services");
    service && keys.nth(1).is_some_and(|key| ["command", "args"].contains(&key.split('[').next().unwrap_or_default()))
}

/// Every scalar that is a value, not a key, with the service that it is in.
fn scalars(tree: &Tree<'_>) -> Vec<(Id, Option<String>)> {
    let mut scalars = Vec::new();
    let Some(root) = tree.root() else { return scalars };
    // Each node with its depth, and the names that lead to it as far as they matter.
    let mut open: Vec<(Id, usize, bool, Option<String>)> = vec![(root, 0, false, None)];
    while let Some((node, depth, within, service)) = open.pop() {
        if tree.is_alias(node) {
            continue;
        }
        match tree.kind(node) {
            NodeKind::Scalar(_) => scalars.push((node, service)),
            NodeKind::Sequence => open.extend(tree.items(node).map(|item| (item, depth + 1, false, service.clone()))),
            NodeKind::Mapping => open.extend(tree.entries(node).map(|(key, value)| {
                let own = within.then(|| tree.text(key).to_owned());
                (value, depth + 1, depth == 0 && tree.text(key) == "services", own.or_else(|| service.clone()))
            })),
        }
    }
    scalars.sort_by_key(|(node, _)| *node);
    scalars
}

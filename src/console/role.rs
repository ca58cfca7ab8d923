//! What each scalar of an SDL is used for, by way of every alias and merge key.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::yaml::tree::{Id, NodeKind, Tree};

/// What a scalar is, as far as references are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Role {
    /// An item of `env`.
    Env,
    /// `credentials.username`.
    Username,
    /// `credentials.password`.
    Password,
    /// `credentials.host`.
    Host,
    /// `image`.
    Image,
    /// An item of `command` or `args`.
    Command,
    /// Anything else.
    Other,
}

/// One use of a scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Use<'t> {
    /// The service.
    pub(super) service: &'t str,
    /// What it is there.
    pub(super) role: Role,
}

/// Where the walk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum RolePlace<'t> {
    Root,
    Services,
    Service(&'t str),
    Login(&'t str),
    /// A list of a service's scalars, or one of them.
    Part(Use<'t>),
}

/// The uses of each scalar of the first document, in the order of the text.
pub(super) fn uses<'t>(tree: &'t Tree<'_>) -> FxHashMap<Id, Vec<Use<'t>>> {
    let mut walk = RoleWalk { tree, seen: FxHashSet::default(), uses: FxHashMap::default() };
    if let Some(root) = tree.root() {
        walk.node(root, RolePlace::Root);
    }
    walk.uses
}

struct RoleWalk<'w, 'd> {
    tree: &'w Tree<'d>,
    /// A node is walked once for each place that it is used in, however many aliases lead there.
    seen: FxHashSet<(Id, RolePlace<'w>)>,
    uses: FxHashMap<Id, Vec<Use<'w>>>,
}

impl<'w> RoleWalk<'w, '_> {
    fn node(&mut self, id: Id, place: RolePlace<'w>) {
        let (tree, id) = (self.tree, self.tree.target(id));
        if !self.seen.insert((id, place)) {
            return;
        }
        match tree.kind(id) {
            NodeKind::Scalar(_) => {
                let used = if let RolePlace::Part(used) = place { used } else { Use { service: "", role: Role::Other } };
                self.uses.entry(id).or_default().push(used);
            }
            NodeKind::Sequence => {
                let inside = if let RolePlace::Part(used) = place { RolePlace::Part(used) } else { other("") };
                tree.items(id).for_each(|item| self.node(item, inside));
            }
            NodeKind::Mapping => {
                for (key, value) in tree.entries(id) {
                    match tree.text(key) {
                        "<<" => self.merged(value, place),
                        name => self.node(value, below(place, name)),
                    }
                }
            }
        }
    }

    /// What is merged belongs to the enclosing mapping: one mapping, or a list of them.
    fn merged(&mut self, id: Id, place: RolePlace<'w>) {
        match self.tree.kind(id) {
            NodeKind::Sequence => self.tree.items(id).for_each(|item| self.node(item, place)),
            _ => self.node(id, place),
        }
    }
}

fn other(service: &str) -> RolePlace<'_> {
    RolePlace::Part(Use { service, role: Role::Other })
}

/// The place of the value of `key` in a mapping at `place`.
fn below<'t>(place: RolePlace<'t>, key: &'t str) -> RolePlace<'t> {
    let part = |service, role| RolePlace::Part(Use { service, role });
    match (place, key) {
        (RolePlace::Root, "services") => RolePlace::Services,
        (RolePlace::Services, name) => RolePlace::Service(name),
        (RolePlace::Service(service), "credentials") => RolePlace::Login(service),
        (RolePlace::Service(service), "env") => part(service, Role::Env),
        (RolePlace::Service(service), "command" | "args") => part(service, Role::Command),
        (RolePlace::Service(service), "image") => part(service, Role::Image),
        (RolePlace::Login(service), "username") => part(service, Role::Username),
        (RolePlace::Login(service), "password") => part(service, Role::Password),
        (RolePlace::Login(service), "host") => part(service, Role::Host),
        (RolePlace::Service(service) | RolePlace::Login(service), _) => other(service),
        // A mapping where a scalar belongs.
        (RolePlace::Part(used), _) => other(used.service),
        (RolePlace::Root, _) => other(""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aliases_and_merge_keys_are_followed() {
        let text = "services:\n  a: &a\n    env: &e [A=1, &x B=2]\n    credentials: &c {host: h, username: u, password: p}\n  \
                    b:\n    <<: *a\n    args: [*x]\n    env: *e\n  c:\n    credentials:\n      <<: [*c]\nprofiles: {x: *x}\n";
        let tree = Tree::read(text).unwrap();
        let mut told: Vec<String> = Vec::new();
        for (id, uses) in uses(&tree) {
            let mut all: Vec<String> = uses.iter().map(|used| format!("{}:{:?}", used.service, used.role)).collect();
            all.sort();
            told.push(format!("{} {}", tree.text(id), all.join(" ")));
        }
        told.sort();
        let want = [
            "A=1 a:Env b:Env",
            "B=2 :Other a:Env b:Command b:Env",
            "h a:Host b:Host c:Host",
            "p a:Password b:Password c:Password",
            "u a:Username b:Username c:Username",
        ];
        assert_eq!(told, want);
    }
}

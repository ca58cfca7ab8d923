//! The facts of a document's services, as its SDL has them.

use crate::scalar::Style;
use crate::sdl::Sdl;
use crate::tree::{Id, Kind, Tree};

use super::{Facts, Field, Place};

/// The facts of every service of `sdl`, which was read from `tree`.
pub fn facts<'t>(tree: &'t Tree<'_>, sdl: &Sdl<'t>) -> Vec<Facts<'t>> {
    let services = sdl.services().map(|(name, _, service)| {
        let place = |key, item| Place { service: name, key, item };
        let member = |id: Option<Id>, key| field(tree, id?, place(key, None));
        let login = service.credentials();
        Facts {
            version: sdl.version(),
            image: member(service.image(), "image"),
            host: member(login.and_then(|login| login.host()), "credentials.host"),
            username: member(login.and_then(|login| login.username()), "credentials.username"),
            password: member(login.and_then(|login| login.password()), "credentials.password"),
            env: service.env().filter_map(|(index, item)| field(tree, item, place("env", Some(index)))).collect(),
        }
    });
    services.collect()
}

/// The scalar at `id`; none when it is another kind of node, or null.
fn field<'t>(tree: &'t Tree<'_>, id: Id, place: Place<'t>) -> Option<Field<'t>> {
    let Kind::Scalar(style) = tree.kind(id) else { return None };
    let placeholder = tree.is_filled_in(id);
    let text = (!tree.is_unknown(id)).then(|| tree.text(id));
    let null = style == Style::Plain && !placeholder && matches!(text, Some("" | "~" | "null" | "Null" | "NULL"));
    (!null).then(|| Field { text, range: tree.range(id), place, placeholder })
}

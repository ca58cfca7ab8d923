//! The facts of a document's services, as its SDL has them.

use crate::yaml::Style;
use crate::sdl::{Sdl, is_null_word};
use crate::tree::{Id, Kind, Tree};

use super::{Facts, Field, Place};

/// The facts of every service of `sdl`, which was read from `tree`.
pub fn facts<'t>(tree: &'t Tree<'_>, sdl: &Sdl<'t>) -> impl Iterator<Item = Facts<'t>> {
    sdl.services().map(move |(name, _, service)| {
        let place = |key| Place { service: name, key, item: None };
        let member = |id: Option<Id>, key| field(tree, id?, place(key));
        let login = service.credentials();
        Facts {
            version: sdl.version(),
            image: member(service.image(), "image"),
            host: member(login.and_then(|login| login.host()), "credentials.host"),
            username: member(login.and_then(|login| login.username()), "credentials.username"),
            password: member(login.and_then(|login| login.password()), "credentials.password"),
        }
    })
}

/// The items of `env` of every service of `sdl`, which was read from `tree`.
pub fn env<'t>(tree: &'t Tree<'_>, sdl: &Sdl<'t>) -> impl Iterator<Item = Field<'t>> {
    sdl.services().flat_map(move |(name, _, service)| {
        let place = |index| Place { service: name, key: "env", item: Some(index) };
        service.env().filter_map(move |(index, item)| field(tree, item, place(index)))
    })
}

/// The scalar at `id`; none when it is another kind of node, or null.
fn field<'t>(tree: &'t Tree<'_>, id: Id, place: Place<'t>) -> Option<Field<'t>> {
    let Kind::Scalar(style) = tree.kind(id) else { return None };
    let placeholder = tree.is_filled_in(id);
    let text = (!tree.is_unknown(id)).then(|| tree.text(id));
    let null = style == Style::Plain && !placeholder && text.is_some_and(is_null_word);
    (!null).then(|| Field { text, range: tree.range(id), place, placeholder })
}

//! The facts about a document's services, as its SDL has them.

use std::ops::Deref;

use crate::go::scalar::is_null_word;
use crate::sdl::{Sdl, Written};
use crate::splice::View;
use crate::yaml::Style;
use crate::yaml::tree::NodeKind;

use super::{Fact, Facts, ServicePlace};

/// The facts about every service of `sdl`, which was read from `tree`.
pub(crate) fn facts<'t>(tree: &'t View<'_>, sdl: &Sdl<'t>) -> impl Iterator<Item = Facts<'t>> {
    sdl.services().map(move |(name, _, service)| {
        let place = |key| ServicePlace { service: name, key, item: None };
        let member = |scalar: Option<Written<'t>>, key| fact(tree, scalar?, place(key));
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
pub(crate) fn env<'t>(tree: &'t View<'_>, sdl: &Sdl<'t>) -> impl Iterator<Item = Fact<'t>> {
    sdl.services().flat_map(move |(name, _, service)| {
        let place = |index| ServicePlace { service: name, key: "env", item: Some(index) };
        service.env().filter_map(move |(index, item)| fact(tree, item, place(index)))
    })
}

/// The fact that a scalar is; none if it is null, or another kind of node.
fn fact<'t>(tree: &'t View<'_>, Written { id, text }: Written<'t>, place: ServicePlace<'t>) -> Option<Fact<'t>> {
    let NodeKind::Scalar(style) = tree.kind(id) else { return None };
    let placeholder = tree.is_filled_in(id);
    let null = style == Style::Plain && !placeholder && is_null_word(tree.text(id));
    // As it is written: a name that a placeholder gives is not shown, nor judged.
    let written: &'t str = Deref::deref(tree).text(id);
    let variable = place.item.and_then(|_| written.split_once('=')).map(|(name, _)| name);
    (!null).then(|| Fact { text, node: tree.target(id), variable, range: tree.range(id), place, placeholder })
}

//! Rules that hold parts of an SDL against each other: what Akash asks of a document once it is decoded.

use crate::splice::View;

use super::Sdl;
use super::reporter::{Reporter, ticks};

mod accept;
mod addresses;
mod compute;
mod credentials;
mod deployment;
mod expose;
mod mounts;
mod placement;
mod reclamation;
mod service;
mod tee;
mod totals;

pub(crate) use service::{REFUSED, refused_variable};

/// Checks a whole document.
pub(crate) fn check<'t>(report: &mut Reporter<'t>, tree: &'t View<'t>, sdl: &Sdl<'t>) {
    reclamation::check(report, sdl);
    addresses::check(report, tree, sdl);
    tee::check(report, sdl);
    deployment::check(report, tree, sdl);
}

/// What to write in place of a name that nothing has.
fn unknown_name<'n>(report: &Reporter<'_>, name: &str, names: impl Iterator<Item = &'n str>, section: &str) -> String {
    match report.typos.nearest(name, names) {
        Some(meant) => format!("did you mean {}?", ticks(meant)),
        None => format!("add it to {section}"),
    }
}

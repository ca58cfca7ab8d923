//! The facts of a document's services, as its SDL has them.

use crate::scalar::Style;
use crate::sdl::Sdl;
use crate::tree::{Id, Kind, Tree};

use super::{Facts, Field};

/// The facts of every service of `sdl`, which was read from `tree`.
pub fn facts<'t>(tree: &'t Tree<'_>, sdl: &Sdl<'t>) -> Vec<Facts<'t>> {
    let services = sdl.services().map(|(name, _, service)| {
        let field = |id: Option<Id>, place: &str| field(tree, id?, || format!("services.{name}.{place}"));
        let login = service.credentials();
        let env = service.env().filter_map(|(index, item)| self::field(tree, item, || format!("services.{name}.env[{index}]")));
        Facts {
            version: sdl.version(),
            image: field(service.image(), "image"),
            host: field(login.and_then(|login| login.host()), "credentials.host"),
            username: field(login.and_then(|login| login.username()), "credentials.username"),
            password: field(login.and_then(|login| login.password()), "credentials.password"),
            env: env.collect(),
        }
    });
    services.collect()
}

/// The scalar at `id`; none when it is another kind of node, or null.
fn field<'t>(tree: &'t Tree<'_>, id: Id, path: impl FnOnce() -> String) -> Option<Field<'t>> {
    let Kind::Scalar(style) = tree.kind(id) else { return None };
    let placeholder = tree.is_filled_in(id);
    let text = (!tree.is_unknown(id)).then(|| tree.text(id));
    let null = style == Style::Plain && !placeholder && matches!(text, Some("" | "~" | "null" | "Null" | "NULL"));
    (!null).then(|| Field { text, range: tree.range(id), path: path(), placeholder })
}

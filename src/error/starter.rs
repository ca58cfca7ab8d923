//! Words for a project that can't be begun.

use std::io;
use std::path::Path;

use clap::ValueEnum as _;

use crate::diagnostic::{Diagnostic, path_for_shell, printable};
use crate::starter::{ImageError, Starter};

/// Neither a registry nor an image is named.
pub(crate) fn no_registry() -> Diagnostic {
    let names: Vec<&str> = Starter::value_variants().iter().map(|starter| starter.name()).collect();
    Diagnostic::error("name the registry that the image is in, or the image")
        .note(format!("registries: {}", names.join(", ")))
        .help("sdlrender init ghcr, or sdlrender init --image ghcr.io/my-org/my-app:1.0.0")
}

/// An image that can't be written into a template for `starter`.
pub(crate) fn image(image: &str, error: &ImageError, starter: Option<Starter>) -> Diagnostic {
    let image = printable(image);
    match error {
        ImageError::Invalid(why) => Diagnostic::error(format!("`{image}` is not an image: {why}"))
            .help("name it as `docker pull` does: ghcr.io/my-org/my-app:1.0.0"),
        ImageError::Elsewhere(other) => {
            let named = starter.map_or("this registry", Starter::name);
            Diagnostic::error(format!("`{image}` is not an image of {named}"))
                .help(format!("its registry is {}; without REGISTRY, --image decides", other.name()))
        }
    }
}

/// The template is there.
pub(crate) fn begun(template: &str) -> Diagnostic {
    Diagnostic::error(format!("{template} is there already, so nothing was written"))
        .help("to add to the project: sdlrender init --make, --hook or --ci github")
        .help("to see a starter: sdlrender init ghcr --print")
}

/// An SDL is there that a template can be made of.
pub(crate) fn filled(sdl: &Path) -> Diagnostic {
    let name = path_for_shell(sdl);
    Diagnostic::error(format!("{name} is an SDL with secrets, so no starter was written"))
        .help(format!("make the template of it: sdlrender extract {name}"))
        .help("to begin with a starter all the same: sdlrender init ghcr --print > deploy.tmpl.yaml")
}

/// A file can't be written.
pub(crate) fn not_begun(path: &Path, error: &io::Error) -> Diagnostic {
    let path = path.strip_prefix(".").unwrap_or(path).display();
    Diagnostic::error(format!("can't write {path}: {error}")).help("nothing was written: what was created was removed again")
}

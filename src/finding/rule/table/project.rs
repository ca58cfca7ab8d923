//! Rules on the project's file.

macro_rules! project {
    ([$next:ident $($rest:ident)*] $($before:tt)*) => { $next! { [$($rest)*] $($before)*

    ProjectFile("project-file") Error or Warning {
        summary: "sdlrender.toml is malformed, holds a value, or describes a secret that no template uses",
        why: "A key that is not known is a typo: the description or the command would never be used. The file is committed, so a value \
            in it would be in git's history for good. An error; a name that no template uses is a warning.",
        refused_by: "sdlrender itself, except for a name that no template uses.",
        source: "sdlrender: docs/project.md",
        place: ExamplePlace::Described("a part of sdlrender.toml"),
        bad: "secrets.GHCR_TOKEN.descripton = \"GitHub token with read:packages\"",
        good: "secrets.GHCR_TOKEN.description = \"GitHub token with read:packages\"",
    }
    } };
}

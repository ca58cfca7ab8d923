//! Which files are templates, SDLs, `.env` files or a project's file, by their names, and the templates in folders.

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};

use crate::diagnostic::Diagnostic;
use crate::project;
use crate::template::{is_env_name, is_example_name, is_template};
use crate::yaml::tree::{NodeKind, Tree};

/// Folders without templates of the project itself.
const SKIPPED: [&str; 3] = [".git", "node_modules", "target"];

/// A larger file is not an SDL, for which Akash's limit is lower.
pub(crate) const SDL_LIMIT: u64 = 1024 * 1024;

/// A folder that can't be read.
#[derive(Debug)]
pub(crate) struct Unreadable {
    /// The folder.
    pub(crate) path: PathBuf,
    /// Why.
    pub(crate) error: io::Error,
}

/// What kind of file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A template, or an SDL: a template without placeholders.
    Template,
    /// A `.env` file with values: not one that only shows which names there are.
    Dotenv,
    /// An example of a `.env` file.
    Example,
    /// A project's file.
    Project,
    /// Something else, by its name.
    Other,
}

/// The kind of the file at `path`, by its name.
pub(crate) fn kind(path: &Path) -> Kind {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    match () {
        () if is_template(path) => Kind::Template,
        () if name == project::NAME => Kind::Project,
        () if is_env_name(&name) && is_example_name(&name) => Kind::Example,
        () if is_env_name(&name) => Kind::Dotenv,
        () => Kind::Other,
    }
}

/// Whether the file at `path` with this `content` is an SDL: a YAML document that has `services` and `deployment`. A text that only quotes
/// one is not. What is not UTF-8 counts as well: it can't be checked, which must be said.
pub(crate) fn is_sdl(path: &Path, content: &[u8]) -> bool {
    let text = text(content);
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().starts_with('{') {
        return ["services", "deployment"].iter().all(|key| is_flow_key(text, key));
    }
    let has = |wanted: &str| text.lines().any(|line| key(line).as_deref() == Some(wanted));
    let is_named = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("yaml") || end.eq_ignore_ascii_case("yml"));
    // In another file, each line that is not indented must be one of YAML.
    let is_yaml = |line: &str| {
        let begins = |start: &str| line.starts_with(start);
        line.trim().is_empty() || [" ", "\t", "#", "---", "...", "{%", "%YAML"].into_iter().any(begins) || key(line).is_some()
    };
    has("services") && has("deployment") && (is_named || text.lines().all(is_yaml)) || has_members(text)
}

/// Whether `text` is YAML with both members, however it is written: all indented, or with `? services`.
fn has_members(text: &str) -> bool {
    let members = ["services", "deployment"];
    let Some(tree) = members.iter().all(|member| text.contains(member)).then(|| Tree::read(text).ok()).flatten() else {
        return false;
    };
    let root = tree.root().filter(|root| tree.kind(*root) == NodeKind::Mapping);
    root.is_some_and(|root| members.iter().all(|member| tree.entries(root).any(|(key, _)| tree.text(key) == *member)))
}

/// `content` as text; YAML may be in UTF-16, which PowerShell's `>` writes.
fn text(content: &[u8]) -> Cow<'_, str> {
    let wide = |bytes: &[u8], read: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| read([pair[0], pair[1]])).collect();
        Cow::Owned(String::from_utf16_lossy(&units))
    };
    match content {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        _ => String::from_utf8_lossy(content),
    }
}

/// Whether a mapping in braces has the key, in quotes or not.
fn is_flow_key(text: &str, key: &str) -> bool {
    text.match_indices(key).any(|(at, _)| {
        let before = text[..at].trim_end_matches(['"', '\'']);
        let after = text[at + key.len()..].trim_start_matches(['"', '\'']).trim_start();
        after.starts_with(':') && (before.is_empty() || before.ends_with([' ', '\t', '\n', '{', ',']))
    })
}

/// The key with which a line of a mapping begins, if it is not indented; also behind an anchor or a tag.
fn key(line: &str) -> Option<Cow<'_, str>> {
    let (key, rest) = line.split_once(':').filter(|(key, _)| !key.starts_with(['&', '!'])).or_else(|| {
        let behind = line.trim_start_matches(['&', '!']);
        if behind.len() < line.len() { behind.split_once(' ')?.1.split_once(':') } else { None }
    })?;
    let is_key = (rest.is_empty() || rest.starts_with([' ', '\t', '\r'])) && !key.starts_with([' ', '\t', '#', '-']);
    let key = key.trim_end();
    is_key.then(|| key.trim_matches(['"', '\'']).into()).filter(|key: &Cow<'_, str>| !key.is_empty() && !key.contains(' '))
}

/// `named`, with each folder replaced by the templates in it and below, sorted by name. Links to folders are not followed.
pub(crate) fn templates(named: &[PathBuf]) -> (Vec<PathBuf>, Vec<Unreadable>) {
    let (mut found, mut unreadable) = (Vec::new(), Vec::new());
    for path in named {
        if !path.is_dir() {
            found.push(path.clone());
            continue;
        }
        let before = found.len();
        walk(path, &mut found, &mut unreadable);
        found[before..].sort();
    }
    let mut seen = std::collections::HashSet::new();
    found.retain(|path| seen.insert(path.clone()));
    (found, unreadable)
}

/// That there are no templates in `named`.
pub(crate) fn nothing(named: &[PathBuf]) -> Diagnostic {
    let folders: Vec<String> = named.iter().map(|path| path.display().to_string()).collect();
    let nothing = Diagnostic::error(format!("no templates in {}", folders.join(", ")));
    nothing.help("in a folder, templates are named *.tmpl.yaml or *.tmpl.yml; pass other files by name")
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>, unreadable: &mut Vec<Unreadable>) {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return unreadable.push(Unreadable { path: folder.to_owned(), error }),
    };
    for entry in entries.flatten() {
        let path = if folder == Path::new(".") { PathBuf::from(entry.file_name()) } else { entry.path() };
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_folder && !SKIPPED.iter().any(|skipped| entry.file_name() == *skipped) {
            walk(&path, found, unreadable);
        } else if !is_folder && kind(&path) == Kind::Template {
            found.push(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_by_names() {
        let cases = [
            ("a/deploy.tmpl.yaml", Kind::Template),
            ("deploy.yaml", Kind::Other),
            (".env", Kind::Dotenv),
            ("a/.env.prod.local", Kind::Dotenv),
            (".envrc", Kind::Dotenv),
            (".ENV", Kind::Dotenv),
            (".Env.Example", Kind::Example),
            (".env.prod.example", Kind::Example),
            (".env.sample", Kind::Example),
            (".env/bin/python", Kind::Other),
            ("a/sdlrender.toml", Kind::Project),
            ("prod.env", Kind::Other),
        ];
        for (path, expected) in cases {
            assert_eq!(kind(Path::new(path)), expected, "{path}");
        }
    }

    #[test]
    fn an_sdl_is_told_by_its_keys() {
        let sdl = "version: \"2.0\"\nservices:\n  web:\n    image: x\ndeployment:\n  web: {}\n";
        let is = |name: &str, text: &str| is_sdl(Path::new(name), text.as_bytes());
        for name in ["deploy.yaml", "deploy", "deploy.sdl", "x.yaml.bak"] {
            assert!(is(name, sdl) && is(name, &sdl.replace('\n', "\r\n")), "{name}");
            assert!(!is(name, &sdl.replace("deployment", "volumes")), "{name}");
            assert!(!is(name, &sdl.replace('\n', "\n  ")), "{name}");
            assert!(is(name, "{\"services\": {}, \"deployment\": {}}"), "{name}");
        }
        assert!(is("deploy", &format!("# a comment\n---\n{{% if x %}}\n\"services\":\n{sdl}")));
        // In braces, behind an anchor, in another encoding.
        assert!(is("deploy", "{services: {web: {}}, version: \"2.0\", deployment : {}}"));
        assert!(!is("a.json", "{\"a\": \"services and deployment\"}"));
        assert!(is("deploy.yaml", &sdl.replace("services:", "&s services:").replace("deployment:", "!!str deployment:")));
        let wide: Vec<u8> = [0xfeff].into_iter().chain(sdl.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        assert!(is_sdl(Path::new("deploy.yaml"), &wide));
        assert!(is_sdl(Path::new("deploy.yaml"), &[sdl.as_bytes(), b"x: \xff\n"].concat()));
        let indented = format!("  {}", sdl.trim_end().replace('\n', "\n  "));
        let asked = sdl.replace("services:", "? services\n:").replace("deployment:", "? \"deployment\"\n:");
        assert!(is("deploy.yaml", &indented) && is("deploy", &asked));
        // Documentation that shows one.
        assert!(!is("README.md", &format!("# Deploying\n\nAn SDL:\n\n```yaml\n{sdl}```\n")));
        assert!(!is("notes.txt", &format!("An SDL looks like this.\n{sdl}")));
        // In a file of YAML it is one, broken or not.
        assert!(is("deploy.yaml", &format!("An SDL looks like this.\n{sdl}")));
    }
}

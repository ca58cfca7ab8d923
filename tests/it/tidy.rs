//! Checks on the sources that no lint makes: the order of modules, the length of files, licences.

use std::path::{Path, PathBuf};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The modules of the library, in the order in which `lib.rs` lists them. The package in `yaml/` is one of them.
fn order() -> Vec<String> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).expect("lib.rs");
    let module = |line: &str| Some(line.trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';')?.to_owned());
    let package = |line: &str| Some(line.strip_prefix("use sdlrender_")?.split_once(" as ")?.1.strip_suffix(';')?.to_owned());
    let name = |line: &str| module(line).or_else(|| package(line));
    text.lines().filter_map(name).collect()
}

/// The modules that a line of code names: `use crate::x::…`, `crate::x::…`. Documentation may link to any module.
fn named(line: &str) -> impl Iterator<Item = &str> {
    let code = if line.trim_start().starts_with("//") { "" } else { line };
    code.split("crate::").skip(1).map(|rest| rest.split(|c: char| !c.is_ascii_lowercase()).next().unwrap_or_default())
}

#[test]
fn the_house_is_in_order() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = package.join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    assert!(files.len() > 20);
    sources(&package.join("yaml/src"), &mut files);
    let order = order();
    let place = |module: &str| order.iter().position(|one| one == module);
    let mut faults = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a source file");
        let name = file.strip_prefix(&root).or_else(|_| file.strip_prefix(package)).expect("a file of this package");
        let name = name.display().to_string();
        let mut fault = |what: &str| faults.push(format!("{name}: {what}"));
        if !text.starts_with("//!") {
            fault("does not begin with `//!`");
        }
        let is_test = name.ends_with("tests.rs") || name.contains("/tests/") || name.ends_with("agreement.rs");
        if text.lines().count() > 400 && !is_test {
            fault("is longer than 400 lines");
        }
        let own = name.split(['/', '.']).next().unwrap_or_default();
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        if let Some(own) = place(own).filter(|_| !is_test) {
            for module in code.lines().flat_map(named) {
                match place(module) {
                    Some(used) if used > own => fault(&format!("uses `{module}`, which comes later in lib.rs")),
                    _ => {}
                }
            }
        }
        let commands = code.lines().any(|line| line.contains("crate::command::") && !line.trim_start().starts_with("//"));
        if own == "command" && commands {
            fault("a command uses another command");
        }
        let unsafe_words: &[&str] =
            if name == "system.rs" || name.starts_with("system/") { &[] } else { &["unsafe ", "unsafe_code"] };
        for word in ["process::exit", "todo!", "dbg!"].iter().chain(unsafe_words) {
            if text.contains(word) {
                fault(word);
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Checks licences and denied crates as `cargo deny` does, for machines that do not have it.
#[test]
fn dependencies_are_those_that_may_be_used() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let rules: toml::Table = std::fs::read_to_string(folder.join("deny.toml")).expect("deny.toml").parse().expect("TOML");
    let allowed: Vec<&str> =
        rules["licenses"]["allow"].as_array().expect("a list").iter().filter_map(|name| name.as_str()).collect();
    let denied: Vec<&str> =
        rules["bans"]["deny"].as_array().expect("a list").iter().filter_map(|rule| rule["crate"].as_str()).collect();
    // The licence of a package whose manifest names none, from the file that `cargo deny` checks.
    let clarified = rules["licenses"]["clarify"].as_array().expect("a list");
    let clarified = |name: &str| clarified.iter().find(|one| one["crate"].as_str() == Some(name))?["expression"].as_str();
    // What is built for some system, without what is only in the lock file.
    let tree = ["tree", "--locked", "--target", "all", "--edges", "normal,build", "--prefix", "none", "--format", "{p}|{l}"];
    let tree = std::process::Command::new(env!("CARGO")).args(tree).current_dir(folder).output().expect("cargo starts");
    let tree = String::from_utf8(tree.stdout).expect("text");
    let packages: Vec<(&str, &str)> = tree
        .lines()
        .filter_map(|line| line.split_once('|'))
        .filter_map(|(package, licence)| Some((package.split(' ').next()?, licence)))
        .collect();
    assert!(packages.len() > 50);
    for (name, licence) in packages {
        let licence = match licence.trim_end_matches("(*)").trim_end() {
            "" => clarified(name).unwrap_or_default(),
            licence => licence,
        };
        assert!(!denied.contains(&name), "{name} is refused in deny.toml");
        // A list of alternatives, each of which may be several licences at once.
        let alternatives = licence.replace(" OR ", "/").replace(['(', ')'], "");
        let fits = |alternative: &str| alternative.split(" AND ").all(|one| allowed.contains(&one.trim()));
        let parts: Vec<&str> = alternatives.split('/').collect();
        assert!(parts.iter().any(|alternative| fits(alternative)), "{name}: {licence}");
    }
}

/// A file that no `mod` names is not compiled, and its tests never run.
#[test]
fn every_file_of_tests_is_compiled() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    let mut files = Vec::new();
    sources(&folder, &mut files);
    assert!(files.len() > 20);
    let read = |path: &Path| std::fs::read_to_string(path).unwrap_or_default();
    for file in files.iter().filter(|file| !file.ends_with("it/main.rs")) {
        let own = file.with_extension("").file_name().expect("a name").to_string_lossy().into_owned();
        let above = file.parent().expect("a folder");
        // `a/mod.rs` is named beside `a`; `a/b.rs` in `a.rs` or `a/mod.rs`; a file of the folder itself in `main.rs`.
        let (name, above) = match own == "mod" {
            true => (above.file_name().expect("a name").to_string_lossy().into_owned(), above.parent().expect("a folder")),
            false => (own, above),
        };
        let parents = if above == folder {
            [above.join("main.rs"), PathBuf::new()]
        } else {
            [above.with_extension("rs"), above.join("mod.rs")]
        };
        let named = parents.iter().any(|parent| {
            read(parent)
                .lines()
                .any(|line| line.strip_suffix(&format!("mod {name};")).is_some_and(|before| !before.contains("//")))
        });
        assert!(named, "{} is in no `mod`", file.display());
    }
}

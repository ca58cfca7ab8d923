//! The pictures in `docs/pictures` show what the program prints now.

use std::path::Path;
use std::process::{Command, Stdio};

use super::root;
use crate::support::{Folder, require, set_mode};

/// What `commands` print, each after its own line, as `docs/pictures/make` shows it.
fn printed(commands: &str) -> String {
    let folder = Folder::new();
    for (name, file) in [("deploy.tmpl.yaml", "deploy.tmpl.yaml"), (".env", "dotenv"), (".gitignore", ".gitignore")] {
        let project = root().join("docs/pictures/project");
        folder.file(name, std::fs::read(project.join(file)).expect("a file of the pictures' project"));
    }
    set_mode(&folder.path().join(".env"), 0o600);
    let built = Path::new(env!("CARGO_BIN_EXE_sdlrender")).parent().expect("a folder");
    let path = format!("{}:{}", built.display(), std::env::var("PATH").unwrap_or_default());
    let run = |script: &str| {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("exec 2>&1\n{script}")]).current_dir(folder.path()).env_clear();
        let output = command.env("PATH", &path).env("HOME", folder.path()).stdin(Stdio::null()).output().expect("sh starts");
        String::from_utf8(output.stdout).expect("text")
    };
    run("git init -q");
    commands.lines().map(|line| format!("$ {line}\n{}", run(line))).collect()
}

/// The text of an SVG that freeze made: one `<text>` a line, in pieces of one colour.
fn shown(picture: &str) -> String {
    let mut lines = String::new();
    for element in picture.split("<text").skip(1) {
        let (element, _) = element.split_once("</text>").expect("an end");
        let mut line = String::new();
        let (_, mut rest) = element.split_once('>').expect("an end");
        while let Some((text, tag)) = rest.split_once('<') {
            line += text;
            rest = tag.split_once('>').expect("an end").1;
        }
        line += rest;
        lines += line.replace('\u{a0}', " ").trim_end();
        lines.push('\n');
    }
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#34;", "\""), ("&#39;", "'"), ("&apos;", "'"), ("&amp;", "&")]
        .iter()
        .fold(lines, |lines, (code, character)| lines.replace(code, character))
}

#[cfg(unix)]
#[test]
fn a_picture_shows_what_is_printed() {
    if !require("git") {
        return;
    }
    let folder = root().join("docs/pictures");
    let entries = std::fs::read_dir(&folder).expect("the pictures").map(|entry| entry.expect("an entry").path());
    let scripts: Vec<_> = entries.filter(|path| path.extension().is_some_and(|extension| extension == "sh")).collect();
    assert!(scripts.len() >= 2);
    for script in scripts {
        let picture = std::fs::read_to_string(script.with_extension("svg")).expect("a picture: docs/pictures/make");
        assert!(picture.len() < 60_000 && !picture.contains("@font-face"), "{} is too large", script.display());
        let expected: String = printed(&std::fs::read_to_string(&script).expect("commands"))
            .lines()
            .map(|line| format!("{}\n", line.trim_end()))
            .collect();
        assert_eq!(shown(&picture).trim(), expected.trim(), "{} is old: docs/pictures/make", script.display());
    }
}

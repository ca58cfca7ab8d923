//! `.gitignore`: lines are added to it, none is changed.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Where git reads what to ignore in a folder.
pub(crate) const IGNORE: &str = ".gitignore";

/// The `.gitignore` of a folder.
#[derive(Debug)]
pub(crate) struct IgnoreFile {
    path: PathBuf,
    text: String,
}

impl IgnoreFile {
    /// That of `folder`, which need not be there yet.
    ///
    /// # Errors
    /// When it can't be read; with its path.
    pub(crate) fn read(folder: &Path) -> Result<Self, (PathBuf, io::Error)> {
        let path = folder.join(IGNORE);
        match fs::read(&path) {
            Ok(bytes) => Ok(Self { path, text: String::from_utf8_lossy(&bytes).into_owned() }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self { path, text: String::new() }),
            Err(error) => Err((path, error)),
        }
    }

    /// Adds those of `wanted` that it lacks, and gives them.
    ///
    /// # Errors
    /// When the system refuses; with its path.
    pub(crate) fn add(&self, wanted: &[String]) -> Result<Vec<String>, (PathBuf, io::Error)> {
        let missing = self.missing(wanted);
        if !missing.is_empty() {
            let file = OpenOptions::new().append(true).create(true).open(&self.path);
            let added = file.and_then(|mut file| file.write_all(addition(&self.text, &missing).as_bytes()));
            added.map_err(|error| (self.path.clone(), error))?;
        }
        Ok(missing)
    }

    /// Those of `wanted` that it lacks.
    pub(crate) fn missing(&self, wanted: &[String]) -> Vec<String> {
        missing(&self.text, wanted)
    }
}

/// The line that makes git ignore the file `name` in its folder: what a pattern would take for its own is escaped.
pub(crate) fn ignore_line(name: &str) -> String {
    let special = |c: char| matches!(c, '*' | '?' | '[' | '\\');
    let mut pattern: String = name.chars().flat_map(|c| special(c).then_some('\\').into_iter().chain([c])).collect();
    if pattern.ends_with(' ') {
        pattern.insert(pattern.len() - 1, '\\');
    }
    format!("/{pattern}")
}

/// Those of `wanted` that a `.gitignore` with this `text` lacks. A name without a slash counts for the same with one before it, and the
/// other way around.
fn missing(text: &str, wanted: &[String]) -> Vec<String> {
    let plain = |line: &str| line.strip_prefix('/').unwrap_or(line).to_owned();
    let has = |wanted: &str| text.lines().any(|line| plain(line.trim()) == plain(wanted));
    let mut missing: Vec<String> = wanted.iter().filter(|line| !has(line)).cloned().collect();
    let lacks = |missing: &[String], line: &str| missing.iter().any(|it| it == line);
    // An exception counts only below what it is an exception from.
    if lacks(&missing, ".env.*") && !lacks(&missing, "!.env.example") {
        missing.push("!.env.example".to_owned());
    }
    missing
}

/// What to add to a `.gitignore` with this `text`.
fn addition(text: &str, missing: &[String]) -> String {
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let unfinished = if text.is_empty() || text.ends_with('\n') { "" } else { end };
    let blank = if text.is_empty() { "" } else { end };
    let lines: String = missing.iter().map(|line| format!("{line}{end}")).collect();
    format!("{unfinished}{blank}# These files contain secrets in plain text.{end}{lines}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_missing_lines_are_added() {
        let all: Vec<String> = ["deploy.yaml", ".env", ".env.*", "!.env.example"].map(str::to_owned).into();
        let missing = |text: &str| missing(text, &all);
        assert_eq!(missing(""), all);
        assert_eq!(missing("node_modules\n/deploy.yaml\n.env\n"), [".env.*", "!.env.example"]);
        // It is above what it would be an exception from.
        assert_eq!(missing("!.env.example\ndeploy.yaml\n.env\n"), [".env.*", "!.env.example"]);
        assert!(missing("deploy.yaml\n.env \n.env.*\n!.env.example").is_empty());
        assert_eq!(missing("x/deploy.yaml\n#.env\n.env.*\n"), ["deploy.yaml", ".env", "!.env.example"]);
        assert!(super::missing(".env\n", &["/.env".to_owned()]).is_empty());
    }

    #[test]
    fn what_is_added_has_the_line_ends_of_the_rest() {
        let added = |text: &str| addition(text, &[".env".to_owned()]);
        assert_eq!(added(""), "# These files contain secrets in plain text.\n.env\n");
        assert_eq!(added("a\n"), "\n# These files contain secrets in plain text.\n.env\n");
        assert_eq!(added("a"), "\n\n# These files contain secrets in plain text.\n.env\n");
        assert_eq!(added("a\r\nb"), "\r\n\r\n# These files contain secrets in plain text.\r\n.env\r\n");
    }
}

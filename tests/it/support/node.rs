//! Programs of npm that judge what comes out, installed once for the same sources.

use std::collections::hash_map::DefaultHasher;
use std::fs::{self, File};
use std::hash::{Hash as _, Hasher as _};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::require;

/// The folder with `scripts` of `tests/oracle/NAME` and the packages they need; none where node or npm is missing.
pub fn installed(name: &str, scripts: &[&str]) -> Option<PathBuf> {
    if !require("node") || !require("npm") {
        return None;
    }
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle").join(name);
    let files = [&[".npmrc", "package.json", "package-lock.json"], scripts].concat();
    let contents: Vec<Vec<u8>> = files.iter().map(|file| fs::read(source.join(file)).expect("a file of the oracle")).collect();
    let mut hasher = DefaultHasher::new();
    contents.hash(&mut hasher);
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let folder = target.join(format!("{name}-{:016x}", hasher.finish()));
    let lock = File::create(target.join(format!("{name}.lock"))).expect("a lock file");
    lock.lock().expect("the lock");
    if !folder.join("ready").exists() {
        fs::create_dir_all(&folder).expect("a folder");
        for (file, content) in files.iter().zip(&contents) {
            fs::write(folder.join(file), content).expect("a copy");
        }
        let install = ["ci", "--no-audit", "--no-fund", "--ignore-scripts"];
        let done = Command::new("npm").args(install).current_dir(&folder).output().expect("npm starts");
        if !done.status.success() {
            let why = format!("{name}'s packages can't be installed: {}", String::from_utf8_lossy(&done.stderr).trim());
            assert!(std::env::var_os("SDLRENDER_TEST_REQUIRE").is_none_or(|all| all != "all"), "{why}");
            writeln!(std::io::stderr(), "skipped: {why}").expect("standard error");
            return None;
        }
        File::create(folder.join("ready")).expect("a file");
    }
    Some(folder)
}

/// What `script` answers to each of `lines`, both JSON.
pub fn answers(script: &Path, lines: &[serde_json::Value]) -> Vec<serde_json::Value> {
    let mut child = Command::new("node").arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("node starts");
    let input: String = lines.iter().map(|line| line.to_string() + "\n").collect();
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let answers: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(answers.len(), lines.len(), "{:?}", output.status);
    answers
}

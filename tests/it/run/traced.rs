//! What the launcher does to the file system, from the system calls that it makes.

use super::*;
use crate::support::may_trace;

/// The system calls of `run`, from its start to the start of the command; each with its files' names.
pub(super) fn calls(folder: &Folder, rules: &[&str]) -> Option<Vec<String>> {
    if !may_trace() {
        return None;
    }
    let log = tempfile::NamedTempFile::new().expect("a file");
    let program = folder.sdlrender(&["run", "--no-check", "t.yaml", "--", "cat", "{}"], &[TOKEN]);
    let mut strace = Command::new("strace");
    strace.args(["-f", "-y", "-qq", "-s", "400", "-o"]).arg(log.path());
    rules.iter().for_each(|rule| _ = strace.args(["-e", rule]));
    strace.arg(program.get_program()).args(program.get_args()).current_dir(folder.path()).env_clear();
    strace.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?)))).stdin(Stdio::null());
    let ran = Ran::from(strace.output().expect("strace starts"));
    assert_eq!(ran.ok(), RENDERED);
    let text = std::fs::read_to_string(log.path()).expect("a log");
    let calls: Vec<String> = text.lines().map(str::to_owned).collect();
    // The first is the start of the program, the second that of the command.
    let started = |call: &String| call.contains(" execve(") && call.contains("/cat\"");
    let end = calls.iter().position(started).expect("the command is started");
    Some(calls[..end].to_vec())
}

#[test]
fn nothing_is_written_to_any_file() {
    let folder = folder();
    let Some(calls) = calls(&folder, &[]) else { return };
    let of = |names: &[&str]| -> Vec<&String> {
        let is = |call: &&String| {
            names.iter().any(|name| call.split_whitespace().nth(1).is_some_and(|it| it.starts_with(&format!("{name}("))))
        };
        calls.iter().filter(is).collect()
    };
    let opened = of(&["open", "openat", "openat2", "creat"]);
    assert!(opened.len() > 3, "{calls:?}");
    for call in opened {
        for flag in ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TMPFILE"] {
            assert!(!call.contains(flag), "{call}");
        }
    }
    let named =
        ["mkdir", "mkdirat", "mknod", "mknodat", "link", "linkat", "symlink", "symlinkat", "rename", "renameat", "renameat2"];
    assert_eq!(of(&named), Vec::<&String>::new());
    let written = of(&["write", "writev", "pwrite64", "pwritev", "sendto", "sendmsg", "sendfile", "splice", "copy_file_range"]);
    let to_memory: Vec<_> =
        written.iter().filter(|call| call.contains("</memfd:sdlrender>") || call.contains("memfd:sdlrender")).collect();
    assert_eq!(to_memory.len(), 1, "{written:?}");
    assert!(to_memory[0].contains(TOKEN.1));
    // Nothing else is written that holds the secret; nor is it in an argument or the environment of the command.
    assert_eq!(calls.iter().filter(|call| call.contains(TOKEN.1) && !call.contains("read(")).count(), 1);
    assert_eq!(folder.names(), ["t.yaml"]);
}

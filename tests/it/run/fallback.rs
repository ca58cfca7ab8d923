//! Without files in memory: a file that only its owner can read, which is gone when the command ends, however that is.

use super::*;
use crate::support::may_trace;

/// `run` on a system without files in memory.
fn without_memory(folder: &Folder, command: &[&str]) -> Option<Command> {
    if !may_trace() {
        return None;
    }
    let rule = "inject=memfd_create:error=ENOSYS";
    let arguments = [&["run", "--no-check", "t.yaml", "--"], command].concat();
    let program = folder.sdlrender(&arguments, &[TOKEN]);
    let mut strace = Command::new("strace");
    strace.args(["-qq", "-e", "trace=memfd_create", "-e", rule, "-o", "/dev/null"]);
    strace.arg(program.get_program()).args(program.get_args()).current_dir(folder.path()).env_clear();
    strace.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?)))).stdin(Stdio::null());
    std::fs::create_dir_all(folder.path().join("runtime")).expect("a folder");
    strace.env("XDG_RUNTIME_DIR", folder.path().join("runtime"));
    Some(strace)
}

/// What is left where the file was.
fn left(folder: &Folder) -> usize {
    std::fs::read_dir(folder.path().join("runtime")).expect("a folder").count()
}

#[test]
fn the_file_is_its_owner_s_and_gone_at_the_end() {
    let folder = folder();
    let script = "cat {}; stat -c %a {} $(dirname {}) $(dirname $(dirname {})); env | grep -c TOKEN; exit 7";
    let Some(mut command) = without_memory(&folder, &["sh", "-c", script]) else { return };
    let ran = Ran::from(command.output().expect("a start"));
    assert_eq!((ran.code, ran.stdout), (Some(7), format!("{RENDERED}600\n700\n700\n0\n")));
    assert!(ran.stderr.contains("note: until the command ends, {} is the file "), "{}", ran.stderr);
    assert!(ran.stderr.contains("there is no file in memory: "), "{}", ran.stderr);
    assert_eq!(left(&folder), 0);
}

#[test]
fn without_a_runtime_folder_the_temporary_one_is_used() {
    let folder = folder();
    let Some(mut command) = without_memory(&folder, &["sh", "-c", "echo {}"]) else { return };
    let temporary = folder.path().join("temporary");
    std::fs::create_dir(&temporary).expect("a folder");
    command.env("XDG_RUNTIME_DIR", folder.path().join("nowhere")).env("TMPDIR", &temporary);
    let ran = Ran::from(command.output().expect("a start"));
    assert!(ran.stdout.starts_with(&temporary.display().to_string()), "{ran:?}");
    assert_eq!(std::fs::read_dir(&temporary).expect("a folder").count(), 0);
    let Some(mut command) = without_memory(&folder, &["sh", "-c", "echo {}"]) else { return };
    command.env("XDG_RUNTIME_DIR", "/nowhere").env("TMPDIR", "/nowhere");
    let said =
        Ran::from(command.output().expect("a start")).fails(2, &["can't write a file for the command in /nowhere", "TMPDIR"]);
    assert!(!said.contains(TOKEN.1));
}

/// A signal goes on to the command; when that ends, the file is removed, and the signal that ended it ends the launcher.
#[test]
fn a_signal_leaves_nothing() {
    for (signal, number) in [("INT", 2), ("TERM", 15), ("HUP", 1), ("QUIT", 3)] {
        let folder = folder();
        // The shell's parent is the launcher.
        let script = "echo $PPID > pid; cat {} > copy; touch ready; exec sleep 20";
        let Some(mut command) = without_memory(&folder, &["sh", "-c", script]) else { return };
        // In a session of its own: no terminal has sent the signal.
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.stderr(Stdio::null()).spawn().expect("a start");
        until("the command was never started", || folder.path().join("ready").exists());
        assert_eq!((left(&folder), folder.read("copy")), (1, RENDERED.to_owned()));
        let sent = Command::new("kill").args([format!("-{signal}"), folder.read("pid").trim().to_owned()]).status();
        assert!(sent.expect("kill starts").success());
        // strace ends as what it traced.
        assert_eq!(child.wait().expect("an end").signal(), Some(number), "{signal}");
        assert_eq!(left(&folder), 0, "{signal}");
    }
}

/// A command that handles the signal decides how it ends.
#[test]
fn a_command_that_handles_a_signal_ends_as_it_likes() {
    let folder = folder();
    let script = "trap 'exit 5' TERM; echo $PPID > pid; : {}; touch ready; while :; do sleep 0.05; done";
    let Some(mut command) = without_memory(&folder, &["sh", "-c", script]) else { return };
    let mut child = command.stderr(Stdio::null()).spawn().expect("a start");
    until("the command was never started", || folder.path().join("ready").exists());
    let sent = Command::new("kill").args(["-TERM", folder.read("pid").trim()]).status();
    assert!(sent.expect("kill starts").success());
    assert_eq!(child.wait().expect("an end").code(), Some(5));
    assert_eq!(left(&folder), 0);
}

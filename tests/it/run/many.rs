//! Many runs at once, each with a secret of its own.

use std::fs::File;
use std::os::fd::OwnedFd;
use std::process::Child;

use super::*;

/// All commands are there at the same time before the first of them reads its SDL.
#[test]
fn many_runs_at_once_do_not_meet() {
    let count = if std::env::var_os("SDLRENDER_TEST_FULL").is_some() { 1000 } else { 100 };
    let folder = folder();
    let (gate, keeper) = std::io::pipe().expect("a pipe");
    let gate = OwnedFd::from(gate);
    let value = |number: usize| format!("canary-{number:08}");
    let script = "touch ready/$1; read line; cat {} {}";
    std::fs::create_dir(folder.path().join("ready")).expect("a folder");
    let start = |number: usize| -> Child {
        let name = number.to_string();
        let arguments = ["run", "--no-check", "--no-keychain", "t.yaml", "--", "sh", "-c", script, "sh", &name];
        let mut command = folder.sdlrender(&arguments, &[("TOKEN", &value(number))]);
        let out = File::create(folder.path().join(format!("{number}.out"))).expect("a file");
        command.stdin(gate.try_clone().expect("a pipe")).stdout(out).spawn().expect("a start")
    };
    let started = Instant::now();
    let mut children: Vec<Child> = (0..count).map(start).collect();
    let ready = || std::fs::read_dir(folder.path().join("ready")).expect("a folder").count();
    while ready() < count {
        assert!(started.elapsed() < Duration::from_secs(300), "{} of {count} were started", ready());
        std::thread::sleep(Duration::from_millis(20));
    }
    drop(keeper);
    for child in &mut children {
        assert!(child.wait().expect("an end").success());
    }
    let _ = writeln!(std::io::stderr(), "{count} commands at once, started within {:.1} s", started.elapsed().as_secs_f32());
    for number in 0..count {
        assert_eq!(folder.read(&format!("{number}.out")), RENDERED.replace(TOKEN.1, &value(number)).repeat(2));
    }
}

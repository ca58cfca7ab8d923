//! The keychain, against a real GNOME Keyring: the source, the commands, and every way in which a server has none.
#![cfg(target_os = "linux")]

use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::keyring::{Keyring, Start, with_items};
use crate::support::{Folder, Ran, require};

const CANARY: &str = "canary-7fe1c0aa";
const ELSEWHERE: &str = "on a server or in CI, give the value in the environment, in .env or with --from-command";

/// What stands in the folder of each test.
fn folder(template: &str) -> Folder {
    let folder = Folder::new();
    folder.file("t.yaml", template);
    folder
}

/// Runs the program in the keyring's session.
fn run(keyring: &Keyring, folder: &Folder, arguments: &[&str], stdin: &str) -> Ran {
    let mut command = keyring.command(env!("CARGO_BIN_EXE_sdlrender"));
    if arguments[0].ends_with(".yaml") {
        // A template that is no SDL.
        command.arg("--no-check");
    }
    command.args(arguments).current_dir(folder.path()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    // It may end without having read.
    let _ = child.stdin.take().expect("a pipe").write_all(stdin.as_bytes());
    Ran::from(child.wait_with_output().expect("the program ends"))
}

fn item(name: &str) -> [&str; 4] {
    ["service", "sdlrender", "username", name]
}

#[test]
fn what_is_set_is_rendered_and_read_and_removed() {
    let Some(keyring) = Keyring::new(Start::Unlocked) else { return };
    let folder = folder("a: \"{{ X }}\"\nb: \"{{ keychain.X }}\"\n");
    let set = run(&keyring, &folder, &["set", "X"], &format!("{CANARY}\n"));
    assert_eq!((set.code, set.stdout.as_str()), (Some(0), ""), "{}", set.stderr);
    assert!(set.stderr.contains("stored `X` in the keychain") && set.stderr.contains("line break"), "{}", set.stderr);
    assert!(!set.stderr.contains(CANARY));
    assert_eq!(run(&keyring, &folder, &["get", "X"], "").ok(), CANARY);
    assert_eq!(run(&keyring, &folder, &["t.yaml"], "").ok(), format!("a: \"{CANARY}\"\nb: \"{CANARY}\"\n"));
    assert_eq!(
        run(&keyring, &folder, &["t.yaml", "--no-keychain"], "").fails(1, &["no value for `X`"]).matches("no keychain").count(),
        0
    );
    let again = run(&keyring, &folder, &["set", "X"], "other");
    assert!(again.stderr.contains("replaced `X`") && !again.stderr.contains("line break"), "{}", again.stderr);
    assert_eq!(run(&keyring, &folder, &["get", "X"], "").ok(), "other");
    assert_eq!(run(&keyring, &folder, &["list", "--keychain"], "").ok(), "X\n");
    let names = run(&keyring, &folder, &["list", "--keychain", "--format", "json"], "").ok();
    assert_eq!(names, "[\n  \"X\"\n]\n");
    crate::support::schema::assert_valid("list-keychain", &serde_json::from_str(&names).expect("JSON"));
    assert!(run(&keyring, &folder, &["list", "t.yaml"], "").ok().contains("keychain\n"));
    assert!(run(&keyring, &folder, &["rm", "X"], "").stderr.contains("removed `X`"));
    run(&keyring, &folder, &["get", "X"], "").fails(1, &["the keychain has no `X`"]);
    run(&keyring, &folder, &["rm", "X"], "").fails(1, &["the keychain has no `X`"]);
    run(&keyring, &folder, &["t.yaml"], "").fails(1, &["no value for `X`", "looked in: environment, keychain; no .env here"]);
}

#[test]
fn another_program_reads_what_is_set_and_the_other_way_round() {
    let Some(keyring) = Keyring::new(Start::Unlocked) else { return };
    let folder = folder("a: \"{{ X }}\"\n");
    run(&keyring, &folder, &["set", "X"], CANARY).ok();
    assert_eq!(keyring.look_up(&item("X")).as_deref(), Some(CANARY));
    keyring.store(&item("X"), "theirs");
    assert_eq!(run(&keyring, &folder, &["get", "X"], "").ok(), "theirs");
    keyring.store(&item("Y"), "y");
    let set = run(&keyring, &folder, &["set", "Y"], "ours");
    assert!(set.stderr.contains("replaced"), "{}", set.stderr);
    assert_eq!(keyring.look_up(&item("Y")).as_deref(), Some("ours"));
}

#[test]
fn a_profile_comes_first_and_is_stored_apart() {
    let Some(keyring) = Keyring::new(Start::Unlocked) else { return };
    let folder = folder("a: \"{{ X }}\"\n");
    run(&keyring, &folder, &["set", "X"], "plain").ok();
    let none = run(&keyring, &folder, &["t.yaml", "--profile", "prod"], "");
    none.fails(2, &["there is no profile `prod`", "no keychain item prod/…", "sdlrender set NAME --profile prod"]);
    run(&keyring, &folder, &["set", "X", "--profile", "prod"], "profile").ok();
    run(&keyring, &folder, &["t.yaml", "--profile", "prdo"], "")
        .fails(2, &["there is no profile `prdo`", "did you mean --profile prod?"]);
    run(&keyring, &folder, &["t.yaml", "--profile", "prod", "--no-keychain"], "").fails(2, &["there is no profile `prod`"]);
    assert_eq!(keyring.look_up(&item("prod/X")).as_deref(), Some("profile"));
    assert_eq!(run(&keyring, &folder, &["t.yaml", "--profile", "prod"], "").ok(), "a: \"profile\"\n");
    assert_eq!(run(&keyring, &folder, &["t.yaml"], "").ok(), "a: \"plain\"\n");
    run(&keyring, &folder, &["rm", "X", "--profile", "prod"], "").ok();
    assert_eq!(run(&keyring, &folder, &["get", "X", "--profile", "prod"], "").ok(), "plain");
}

/// The user chooses the profile, not the template.
#[test]
fn a_template_does_not_choose_the_profile() {
    let Some(keyring) = Keyring::new(Start::Unlocked) else { return };
    let folder = folder("a: \"{{ keychain['prod/X'] }}\"\n");
    run(&keyring, &folder, &["set", "X", "--profile", "prod"], CANARY).ok();
    for template in ["keychain['prod/X']", "secrets['prod/X']", "secrets['pr' ~ 'od/X']"] {
        folder.file("t.yaml", format!("a: \"{{{{ {template} }}}}\"\n"));
        let parts = ["`prod/X` is an item of the profile `prod`, which was not asked for", "--profile prod"];
        run(&keyring, &folder, &["t.yaml"], "").fails(1, &parts);
        run(&keyring, &folder, &["set", "Y", "--profile", "dev"], "other").ok();
        run(&keyring, &folder, &["t.yaml", "--profile", "dev"], "").fails(1, &parts);
        assert_eq!(run(&keyring, &folder, &["t.yaml", "--profile", "prod"], "").ok(), format!("a: \"{CANARY}\"\n"));
        assert!(run(&keyring, &folder, &["list", "t.yaml"], "").ok().contains("missing"));
    }
    folder.file("t.yaml", "a: \"{{ keychain['prod/X'] | default('none') }}\"\n");
    assert_eq!(run(&keyring, &folder, &["t.yaml"], "").ok(), "a: \"none\"\n");
    folder.file("t.yaml", "a: \"{% if keychain['prod/X'] is defined %}there{% endif %}\"\n");
    assert_eq!(run(&keyring, &folder, &["t.yaml"], "").ok(), "a: \"\"\n");
    // With --only, not even its own.
    folder.file("t.yaml", "a: \"{{ X }}\"\n");
    run(&keyring, &folder, &["t.yaml", "--profile", "prod"], "").ok();
    let ran = run(&keyring, &folder, &["t.yaml", "--only", "X"], "");
    assert!(ran.code == Some(1) && !ran.stderr.contains("keychain"), "{}", ran.stderr);
    let command = format!("X={} get X --profile prod", env!("CARGO_BIN_EXE_sdlrender"));
    assert_eq!(
        run(&keyring, &folder, &["t.yaml", "--only", "X", "--from-command", &command], "").ok(),
        format!("a: \"{CANARY}\"\n")
    );
}

#[test]
fn a_key_of_many_lines_comes_from_a_file() {
    let Some(keyring) = Keyring::new(Start::Unlocked) else { return };
    let folder = folder("a: \"{{ KEY }}\"\n");
    let key = format!("{{\n  \"private_key\": \"{}\"\n}}", "abc/+=\\n".repeat(300));
    folder.file("key.json", format!("{key}\n"));
    let set = run(&keyring, &folder, &["set", "KEY", "--from-file", "key.json"], "");
    assert!(set.code == Some(0) && set.stderr.contains("line break"), "{}", set.stderr);
    assert_eq!(run(&keyring, &folder, &["get", "KEY"], "").ok(), key);
    run(&keyring, &folder, &["set", "KEY", "--from-file", "none"], "").fails(2, &["can't read none"]);
    folder.file("large", vec![b'x'; 1024 * 1024 + 1]);
    run(&keyring, &folder, &["set", "KEY", "--from-file", "large"], "").fails(2, &["larger than 1 MiB"]);
    folder.file("bytes", [0xff]);
    run(&keyring, &folder, &["set", "KEY", "--from-file", "bytes"], "").fails(2, &["not UTF-8"]);
}

#[test]
fn a_value_is_never_an_argument() {
    let folder = folder("");
    for arguments in
        [vec!["set", "X=canary-7fe1c0aa"], vec!["set", "X", CANARY], vec!["get", "X", CANARY], vec!["rm", "X", "y", CANARY]]
    {
        let said = folder.run(&arguments, &[]).fails(2, &["error:"]);
        assert!(!said.contains(CANARY), "{said}");
    }
    folder.run(&["set", "X"], &[]).fails(2, &["the value of `X` is empty"]);
}

#[test]
fn without_a_session_a_miss_is_an_ordinary_one() {
    let folder = folder("a: \"{{ X }}\"\n");
    let said =
        folder.run(&["t.yaml"], &[]).fails(1, &["no value for `X`", "looked in: environment; no .env here", "export X='…'"]);
    assert!(said.contains("no keychain (no D-Bus session)"), "{said}");
    assert_eq!(folder.run(&["t.yaml"], &[("X", "x")]).ok(), "a: \"x\"\n");
    folder.file("d.yaml", "a: \"{{ X | default('d') }}\"\n");
    assert_eq!(folder.run(&["d.yaml"], &[]).ok(), "a: \"d\"\n");
    folder.file("k.yaml", "a: \"{{ keychain.X }}\"\n");
    folder.run(&["k.yaml"], &[]).fails(1, &["no value for `keychain.X`", "no D-Bus session", ELSEWHERE]);
    folder.run(&["get", "X"], &[]).fails(1, &["no D-Bus session", ELSEWHERE]);
    let nowhere = [("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus")];
    folder.run(&["get", "X"], &nowhere).fails(1, &["no D-Bus session", ELSEWHERE]);
}

#[test]
fn nothing_keeps_secrets() {
    let Some(keyring) = Keyring::bus() else { return };
    let folder = folder("a: \"{{ X }}\"\n");
    run(&keyring, &folder, &["get", "X"], "").fails(1, &["no keyring is running", "org.freedesktop.secrets", ELSEWHERE]);
    run(&keyring, &folder, &["t.yaml"], "").fails(1, &["no value for `X`", "no keyring is running"]);
}

#[test]
fn a_keyring_that_was_never_unlocked_is_told_from_one_without_the_name() {
    let Some(keyring) = Keyring::new(Start::Untouched) else { return };
    let folder = folder("a: \"{{ X }}\"\n");
    for arguments in [["get", "X"], ["rm", "X"], ["set", "X"]] {
        run(&keyring, &folder, &arguments, "x").fails(1, &["no keychain has been created yet", ELSEWHERE]);
    }
    run(&keyring, &folder, &["t.yaml"], "").fails(1, &["no value for `X`", "none created yet"]);
}

#[test]
fn a_locked_keyring_says_so_and_what_other_sources_have_is_rendered() {
    let Some(mut keyring) = Keyring::new(Start::Unlocked) else { return };
    let folder = folder("a: \"{{ X }}\"\n");
    keyring.store(&item("X"), CANARY);
    let locked = |keyring: &Keyring| {
        for arguments in [["get", "X"], ["set", "X"], ["rm", "X"]] {
            run(keyring, &folder, &arguments, "x").fails(1, &["the keychain is locked", ELSEWHERE]);
        }
        run(keyring, &folder, &["t.yaml"], "").fails(
            1,
            &["no value for `X`", "looked in: environment; no .env here; keychain locked", "on a desktop, unlock the keyring"],
        );
        // Whether it is there can be told without a prompt.
        assert!(run(keyring, &folder, &["list", "t.yaml", "--keychain-timeout", "0"], "").ok().contains("keychain\n"));
        folder.file(".env", "X='x'\n");
        assert_eq!(run(keyring, &folder, &["t.yaml"], "").ok(), "a: \"x\"\n");
        std::fs::remove_file(folder.path().join(".env")).expect("a file");
    };
    keyring.lock();
    locked(&keyring);
    keyring.stop();
    keyring.start(Start::WrongPassword);
    locked(&keyring);
    keyring.stop();
    keyring.start(Start::Unlocked);
    assert_eq!(run(&keyring, &folder, &["get", "X"], "").ok(), CANARY);
}

#[test]
fn a_frozen_keyring_costs_five_seconds_once() {
    let Some(keyring) = Keyring::new(Start::Unlocked) else { return };
    let folder = folder("a: \"{{ X }}{{ Y }}\"\n");
    keyring.store(&item("X"), CANARY);
    keyring.freeze();
    let began = Instant::now();
    let said = run(&keyring, &folder, &["t.yaml"], "").fails(1, &["keychain not answering (within 5 s)", "--no-keychain"]);
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    assert!(said.contains("2 secrets have no value") && said.contains("\n  X ") && said.contains("\n  Y "), "{said}");
}

#[test]
fn a_prompt_that_nobody_answers_is_given_up() {
    let Some(keyring) = Keyring::new(Start::Unlocked) else { return };
    let folder = folder("a: \"{{ X }}{{ Y }}\"\n");
    keyring.store(&item("X"), CANARY);
    keyring.lock();
    keyring.ignore_prompts();
    let began = Instant::now();
    let within = ["t.yaml", "--keychain-timeout", "1"];
    run(&keyring, &folder, &within, "").fails(1, &["prompt not answered within 1 s", "--keychain-timeout"]);
    assert!((1..4).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
    let at_once = ["t.yaml", "--keychain-timeout", "0"];
    run(&keyring, &folder, &at_once, "").fails(1, &["keychain locked", "unlock the keyring"]);
}

#[test]
fn two_items_for_one_name_are_not_chosen_between() {
    let Some(keyring) = Keyring::new(Start::Unlocked) else { return };
    let folder = folder("a: \"{{ X }}\"\n");
    keyring.store(&[&item("X")[..], &["for", "one"]].concat(), "one");
    assert_eq!(run(&keyring, &folder, &["get", "X"], "").ok(), "one");
    keyring.store(&[&item("X")[..], &["for", "two"]].concat(), "two");
    run(&keyring, &folder, &["get", "X"], "").fails(1, &["2 items with service `sdlrender` and username `X`", "sdlrender rm X"]);
    run(&keyring, &folder, &["t.yaml"], "").fails(1, &["no value for `X`", "2 items"]);
    // The one that has nothing but the two attributes is meant.
    keyring.store(&item("X"), "plain");
    assert_eq!(run(&keyring, &folder, &["get", "X"], "").ok(), "plain");
    assert!(run(&keyring, &folder, &["rm", "X"], "").stderr.contains("X"));
}

#[test]
fn a_name_in_another_attribute_is_pointed_out() {
    let Some(keyring) = Keyring::new(Start::Unlocked) else { return };
    let folder = folder("a: \"{{ X }}\"\n");
    keyring.store(&["service", "sdlrender", "account", "X"], CANARY);
    run(&keyring, &folder, &["get", "X"], "")
        .fails(1, &["has `X` in the attribute `account`, not in `username`", "sdlrender set X"]);
    run(&keyring, &folder, &["t.yaml"], "").fails(1, &["no value for `X`", "has `X` in the attribute `account`"]);
}

#[test]
fn on_a_terminal_a_value_is_asked_for_and_masked() {
    let Some(keyring) = Keyring::new(Start::Unlocked) else { return };
    if !require("script") {
        return;
    }
    let folder = folder("a: \"{{ X }}\"\nb: \"{{ Y }}\"\nc: \"{{ env.Z }}\"\n");
    let program = env!("CARGO_BIN_EXE_sdlrender");
    let typed = |command: &str, lines: &[&str]| {
        let mut script = keyring.command("script");
        script.args(["-qec", &format!("{program} {command}"), "/dev/null"]).current_dir(folder.path());
        let mut child = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("script starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        for line in lines {
            // Typed once the echo is off.
            std::thread::sleep(Duration::from_millis(700));
            let _ = stdin.write_all(format!("{line}\r").as_bytes());
        }
        let output = child.wait_with_output().expect("script ends");
        drop(stdin);
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let said = typed("set --all t.yaml", &[CANARY, "second"]);
    assert!(said.contains("Value of X (not shown)") && said.contains("stored `Y`") && !said.contains(CANARY), "{said}");
    assert_eq!(keyring.look_up(&item("X")).as_deref(), Some(CANARY));
    assert_eq!(keyring.look_up(&item("Y")).as_deref(), Some("second"));
    assert!(keyring.look_up(&item("Z")).is_none());
    let said = typed("get X", &[]);
    assert!(said.contains("********") && !said.contains(CANARY), "{said}");
    assert!(typed("get X --reveal", &[]).contains(CANARY));
    // Nobody is asked for what can't be stored.
    let unset = format!("env -u DBUS_SESSION_BUS_ADDRESS {program}");
    let mut script = keyring.command("script");
    script.args(["-qec", &format!("{unset} set Z"), "/dev/null"]).current_dir(folder.path());
    let ran = Ran::from(script.env("XDG_RUNTIME_DIR", "/nowhere").output().expect("script starts"));
    assert!(ran.stdout.contains("no D-Bus session") && !ran.stdout.contains("Value of"), "{}", ran.stdout);
}

#[test]
fn a_command_can_be_run_with_items() {
    let folder = folder("a: \"{{ X }}\"\n");
    let Some(output) = with_items(&[("X", CANARY)], &mut folder.sdlrender(&["t.yaml"], &[])) else { return };
    assert_eq!(Ran::from(output).ok(), format!("a: \"{CANARY}\"\n"));
}

#[test]
fn a_value_among_the_options_is_not_repeated() {
    let folder = Folder::new();
    for arguments in [["set", "X", "--hunter2"], ["set", "--hunter2", "X"]] {
        let said = folder.run(&arguments, &[]).fails(2, &["unexpected argument"]);
        assert!(!said.contains("hunter2"), "{said}");
    }
}

#[test]
fn a_value_is_read_into_no_file_that_git_could_commit() {
    if !require("git") {
        return;
    }
    let folder = Folder::new();
    let init = std::process::Command::new("git").args(["init", "-q"]).current_dir(folder.path()).status();
    assert!(init.expect("git starts").success());
    let out = std::fs::File::create(folder.path().join("out")).expect("a file");
    let mut command = folder.sdlrender(&["get", "X"], &[]);
    let ran = Ran::from(command.stdout(out).output().expect("the program starts"));
    ran.fails(2, &["git does not ignore", "--allow-unignored"]);
}

/// The thread that talks to the keychain takes no signal, which the main thread holds back until the file is whole.
#[test]
fn a_signal_while_the_result_is_written_waits_for_its_end() {
    let Some(keyring) = Keyring::new(Start::Unlocked) else { return };
    if !require("strace") {
        return;
    }
    keyring.store(&item("X"), CANARY);
    for (signal, number) in [("TERM", 15), ("HUP", 1), ("INT", 2)] {
        let folder = folder("a: \"{{ X }}\"\n");
        folder.file("out.yaml", "old\n");
        let log = folder.path().join("log");
        // The file is synced for a second; strace ends as the program does.
        let rules = ["trace=openat,fsync", "inject=fsync:delay_enter=1000000:when=1"];
        let mut strace = keyring.command("strace");
        strace.args(["-f", "-qq", "-o"]).arg(&log).args(["-e", rules[0], "-e", rules[1]]);
        strace.args([env!("CARGO_BIN_EXE_sdlrender"), "--no-check", "t.yaml", "-o", "out.yaml"]).current_dir(folder.path());
        let mut child = strace.spawn().expect("strace starts");
        let start = Instant::now();
        let process = loop {
            assert!(start.elapsed() < Duration::from_secs(20), "nothing is written");
            std::thread::sleep(Duration::from_millis(5));
            let log = std::fs::read_to_string(&log).unwrap_or_default();
            if let Some(line) = log.lines().find(|line| line.contains("O_TMPFILE")) {
                break line.split(' ').next().expect("a number").to_owned();
            }
        };
        std::thread::sleep(Duration::from_millis(100));
        let sent = std::process::Command::new("kill").args([&format!("-{signal}"), &process]).status().expect("kill starts");
        assert!(sent.success());
        // What runs it ends as it does.
        assert_eq!(child.wait().expect("an end").signal(), Some(number), "{signal}");
        assert_eq!(folder.names(), ["log", "out.yaml", "t.yaml"], "{signal}");
        assert_eq!(folder.read("out.yaml"), format!("a: \"{CANARY}\"\n"), "{signal}");
    }
}

/// What a shell does with a job at a terminal, and the terminal's state before, while and after it asks.
const SHELL: &str = r#"
import os, pty, signal, sys, termios, time
how, program = sys.argv[1], sys.argv[2:]
master, slave = pty.openpty()
os.setsid()
import fcntl
fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
shown = b""
def hidden():
    return not termios.tcgetattr(slave)[3] & termios.ECHO
def wait(what, done):
    global shown
    os.set_blocking(master, False)
    end = time.time() + 20
    while not done():
        if time.time() > end:
            sys.exit(f"{what}: never; shown: {shown}")
        try:
            shown += os.read(master, 4096)
        except BlockingIOError:
            time.sleep(0.005)
def asked(times):
    return lambda: shown.count(b"not shown") == times and hidden()
child = os.fork()
if child == 0:
    os.setpgid(0, 0)
    os.tcsetpgrp(slave, os.getpid())
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    for number in range(3):
        os.dup2(slave, number)
    os.execv(program[0], program)
wait("asked", asked(1))
os.write(master, b"wrong")
time.sleep(0.1)
if how == "stop":
    os.write(master, b"\x1a")
    _, status = os.waitpid(child, os.WUNTRACED)
    if not os.WIFSTOPPED(status) or hidden():
        sys.exit(f"stopped: {status}, hidden: {hidden()}")
    os.tcsetpgrp(slave, os.getpgrp())
    os.write(master, b"typed at the shell\n")
    time.sleep(0.1)
    os.tcsetpgrp(slave, child)
    os.killpg(child, signal.SIGCONT)
    wait("asked again", asked(2))
    # An arrow, Home and the marks around what is pasted are not text.
    os.write(master, b"\x1b[200~canary-7fe1c0x\x1b[Dx\x1b[201~\x1bOH\x7f\x7faa\n")
elif how == "pause":
    # The shell shows what is typed, as before the program, and later gives the terminal back.
    os.kill(child, signal.SIGSTOP)
    os.waitpid(child, os.WUNTRACED)
    os.tcsetpgrp(slave, os.getpgrp())
    shows = termios.tcgetattr(slave)
    shows[3] |= termios.ECHO | termios.ICANON
    termios.tcsetattr(slave, termios.TCSANOW, shows)
    os.tcsetpgrp(slave, child)
    os.killpg(child, signal.SIGCONT)
    wait("asked again", asked(2))
    os.write(master, b"canary-7fe1c0aa\n")
elif how == "long":
    for _ in range(70):
        os.write(master, b"canary-7fe1c0aa" * 64)
        time.sleep(0.01)
    os.write(master, b"\n")
elif how == "interrupt":
    os.write(master, b"\x03")
elif how == "kill":
    os.write(master, b"\x15")
    os.write(master, b"canary-7fe1c0aa\n")
else:
    os.kill(child, getattr(signal, how))
_, status = os.waitpid(child, 0)
wait("shown", lambda: True)
if hidden():
    sys.exit("the terminal is left hidden")
sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}")
if b"canary" in shown:
    sys.exit("the answer is shown")
"#;

/// `set X` at a terminal that is treated like this; gives the exit code, negative for a signal.
fn at_a_terminal(keyring: &Keyring, how: &str) -> i32 {
    let mut python = keyring.command("python3");
    python.args(["-c", SHELL, how, env!("CARGO_BIN_EXE_sdlrender"), "set", "X"]);
    let ran = Ran::from(python.output().expect("python3 starts"));
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{how}");
    ran.stdout.parse().expect("a code")
}

/// Whatever ends or stops it at its hidden prompt, the terminal shows again what is typed.
#[test]
fn a_terminal_is_given_back_and_asks_again() {
    let Some(keyring) = Keyring::new(Start::Unlocked) else { return };
    if !require("python3") {
        return;
    }
    for (how, code) in [("interrupt", -2), ("SIGTERM", -15), ("SIGHUP", -1), ("SIGQUIT", -3)] {
        assert_eq!(at_a_terminal(&keyring, how), code, "{how}");
        assert_eq!(keyring.look_up(&item("X")), None);
    }
    assert_eq!(at_a_terminal(&keyring, "long"), 2);
    assert_eq!(keyring.look_up(&item("X")), None);
    for how in ["stop", "pause", "kill"] {
        assert_eq!(at_a_terminal(&keyring, how), 0, "{how}");
        assert_eq!(keyring.look_up(&item("X")).as_deref(), Some(CANARY), "{how}");
        run(&keyring, &folder(""), &["rm", "X"], "").ok();
    }
}

/// libdbus tries each address of a list in turn; one kind runs a program.
#[test]
fn an_address_that_runs_a_program_is_refused() {
    let folder = folder("a: \"{{ X }}\"\n");
    let ran = folder.path().join("ran");
    let touch = format!("unixexec:path=/usr/bin/touch,argv1={}", ran.display());
    let launcher = folder.file("bin/dbus-launch", format!("#!/bin/sh\ntouch {}\n", ran.display()));
    crate::support::set_mode(&launcher, 0o755);
    let path = format!("{}:{}", folder.path().join("bin").display(), std::env::var("PATH").expect("a path"));
    folder.file("run/bus", "not a socket");
    let runtime = folder.path().join("run").display().to_string();
    for address in [
        touch.clone(),
        format!("unix:path=/nowhere;{touch}"),
        format!("tcp:host=127.0.0.1,port=1;;{touch};"),
        format!(";{touch}"),
        "autolaunch:".to_owned(),
        "unix:path=/nowhere;autolaunch:".to_owned(),
        String::new(),
    ] {
        let variables = [("DBUS_SESSION_BUS_ADDRESS", address.as_str()), ("PATH", path.as_str()), ("XDG_RUNTIME_DIR", &runtime)];
        for arguments in [&["t.yaml"][..], &["get", "X"], &["list", "--keychain"]] {
            let tried = Ran::from(folder.sdlrender(arguments, &variables).output().expect("the program starts"));
            assert!(tried.code != Some(0) && !ran.exists(), "{address} {arguments:?}: {}", tried.stderr);
        }
    }
}

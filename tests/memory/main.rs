//! No secret stays: the release binary is stopped at its last system call, be it its end or the start of the command that takes its place, and
//! everything it can read, registers included, is searched for the secret and for every piece of it of twelve bytes.
//!
//! Needs gdb, and to be root or the owner of a machine that lets one look into one's own processes. Takes a release build.
#![cfg(target_os = "linux")]

#[allow(dead_code, reason = "the other tests use the rest")]
#[path = "../it/support/mod.rs"]
mod support;

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use support::{Folder, require};

mod commands;
mod outcome;
mod search;

use outcome::{HANDED, LATE, OUTCOMES, Outcome, VERIFIED};
use search::Pieces;

/// The release build with its faults, which these tests are built beside; none, which was said, where there is no gdb.
fn binary() -> Option<&'static Path> {
    require("gdb").then_some(Path::new(env!("CARGO_BIN_EXE_sdlrender")))
}

/// Where a secret comes from.
struct Origin {
    name: &'static str,
    /// What the template asks for.
    placeholder: &'static str,
    /// Lays the secret there: options, and variables of the environment.
    lay: fn(&Folder, &str) -> (Vec<String>, Vec<(String, String)>),
}

const ORIGINS: &[Origin] = &[
    Origin { name: "environment", placeholder: "SECRET", lay: |_, secret| (vec![], vec![("SECRET".into(), secret.into())]) },
    Origin {
        name: "dotenv",
        placeholder: "SECRET",
        lay: |folder, secret| {
            private(&folder.file(".env", format!("OTHER=1\nSECRET='{secret}'\n")));
            (vec![], vec![])
        },
    },
    Origin {
        name: "command",
        placeholder: "SECRET",
        lay: |folder, secret| {
            let file = folder.file("printed", format!("{secret}\n"));
            (vec!["--from-command".into(), format!("SECRET=cat {}", file.display())], vec![])
        },
    },
    Origin {
        name: "file",
        placeholder: "file('secret')",
        lay: |folder, secret| {
            private(&folder.file("secret", secret));
            (vec![], vec![])
        },
    },
    Origin {
        name: "a file that a variable names",
        placeholder: "SECRET",
        lay: |folder, secret| {
            let file = folder.file("secret", format!("{secret}\n"));
            (vec![], vec![("SECRET_FILE".into(), file.display().to_string())])
        },
    },
    Origin {
        name: "docker's helper",
        placeholder: "docker('ghcr.io').password",
        lay: |folder, secret| {
            // What a helper prints; the real ones are tried elsewhere.
            let answer = format!("{{\"ServerURL\":\"ghcr.io\",\"Username\":\"user\",\"Secret\":\"{secret}\"}}");
            let answer = folder.file("answer", answer);
            let helper = folder.file("bin/docker-credential-test", format!("#!/bin/sh\nexec cat {}\n", answer.display()));
            std::fs::set_permissions(&helper, std::fs::Permissions::from_mode(0o700)).expect("a mode");
            folder.file(".docker/config.json", r#"{"credsStore": "test"}"#);
            let path = format!("{}:{}", folder.path().join("bin").display(), std::env::var("PATH").expect("a path"));
            (vec![], vec![("PATH".into(), path)])
        },
    },
];

fn private(path: &Path) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).expect("a mode");
}

/// Random text that no program holds by chance.
fn secret(length: usize, seed: u64) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    (0..length)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            char::from(LETTERS[(state >> 33) as usize % LETTERS.len()])
        })
        .collect()
}

/// A signal to another thread is no end: the main thread stops the others before memory is wiped, and then raises the signal for itself.
#[cfg(target_arch = "x86_64")]
const RAISED: &str = "condition 1 $orig_rax != 234 || $rdi == $rsi";
#[cfg(target_arch = "aarch64")]
const RAISED: &str = "condition 1 $x8 != 131 || $x0 == $x1";

/// gdb, which runs the program to `exit_group`, or to the `execve` of `run`, and writes what it holds then, memory and registers, as a core
/// file.
fn debugger(folder: &Folder, outcome: &Outcome, arguments: &[String], variables: &[(String, String)]) -> (Command, PathBuf) {
    let words: Vec<&str> = outcome.is_run().then_some("run").into_iter().chain(arguments.iter().map(String::as_str)).collect();
    debugged(folder, outcome.redirect, &words, variables, None)
}

/// [`debugger`] for these words; before the start, gdb reads `script`.
fn debugged(
    folder: &Folder,
    redirect: &str,
    words: &[&str],
    variables: &[(String, String)],
    script: Option<&Path>,
) -> (Command, PathBuf) {
    let wrapper = folder.file("wrapper", format!("#!/bin/bash\nexec \"$@\" {redirect}\n"));
    std::fs::set_permissions(&wrapper, std::fs::Permissions::from_mode(0o700)).expect("a mode");
    let core = folder.path().join("core");
    let mut gdb = Command::new("timeout");
    gdb.args(["60", "gdb", "-nx", "-batch", "-ex", "set pagination off", "-ex", "handle SIGPIPE nostop noprint pass"]);
    gdb.args(["-ex", &format!("set exec-wrapper {}", wrapper.display())]);
    gdb.args([
        "-ex",
        "set use-coredump-filter off",
        "-ex",
        "set dump-excluded-mappings on",
        "-ex",
        "catch syscall exit_group tgkill tkill execve",
        "-ex",
        RAISED,
    ]);
    // The last two stop other threads.
    for signal in ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR2", "SIGSEGV"] {
        gdb.args(["-ex", &format!("handle {signal} nostop noprint pass")]);
    }
    gdb.args(script.iter().flat_map(|script| ["-x".as_ref(), script.as_os_str()]));
    gdb.args(["-ex", "run", "-ex", &format!("gcore {}", core.display()), "-ex", "kill", "--args"]);
    gdb.arg(binary().expect("asked for before")).args(words).current_dir(folder.path());
    gdb.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", folder.path());
    gdb.envs(variables.iter().map(|(name, value)| (name, value))).stdin(Stdio::null());
    (gdb, core)
}

/// The core file of a run that went as it should.
fn searched(outcome: &Outcome, output: &std::process::Output, core: &Path) -> Vec<u8> {
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("Saved corefile"), "{}:\n{said}", outcome.name);
    outcome.check(&said);
    dumped(core)
}

fn dumped(core: &Path) -> Vec<u8> {
    let held = std::fs::read(core).expect("a core file");
    assert!(held.len() > 500_000, "a core file of {} bytes", held.len());
    held
}

/// The keychain, with the secret in it: a session bus and a real keyring around the whole case.
fn left_by_keychain(outcome: &Outcome, length: usize, fault: Option<&str>) -> Option<usize> {
    let folder = Folder::new();
    let secret = secret(length, length as u64 * 37);
    folder.file("t.tmpl.yaml", outcome.template.replace("{{ SECRET", "{{ keychain.SECRET"));
    let mut arguments = vec!["t.tmpl.yaml".to_owned()];
    arguments.extend(outcome.options.iter().map(|option| (*option).to_owned()));
    let fault = fault.or(outcome.fault).map(|fault| ("SDLRENDER_FAULT".to_owned(), fault.to_owned()));
    let (mut gdb, core) = debugger(&folder, outcome, &arguments, &Vec::from_iter(fault));
    let output = support::keyring::with_items(&[("SECRET", &secret)], &mut gdb)?;
    Some(Pieces::of(&secret).count_in(&searched(outcome, &output, &core)))
}

/// Runs one case; says how many pieces of the secret were left.
fn left(origin: &Origin, outcome: &Outcome, length: usize, fault: Option<&str>) -> usize {
    left_shifted(origin, outcome, length, fault, 0)
}

/// [`left`], with so many bytes more of environment before what it holds.
fn left_shifted(origin: &Origin, outcome: &Outcome, length: usize, fault: Option<&str>, shift: usize) -> usize {
    let folder = Folder::new();
    let secret = secret(length, length as u64 * 31 + origin.name.len() as u64);
    let template = outcome.template.replace("{{ SECRET", &format!("{{{{ {}", origin.placeholder));
    folder.file("t.tmpl.yaml", template);
    let (mut arguments, mut variables) = (origin.lay)(&folder, &secret);
    arguments.extend(["t.tmpl.yaml".to_owned()]);
    arguments.extend(outcome.options.iter().map(|option| (*option).to_owned()));
    variables.extend((shift > 0).then(|| ("SHIFT".to_owned(), "x".repeat(shift))));
    variables.extend(fault.or(outcome.fault).map(|fault| ("SDLRENDER_FAULT".to_owned(), fault.to_owned())));
    let (mut gdb, core) = debugger(&folder, outcome, &arguments, &variables);
    let output = gdb.output().expect("gdb starts");
    Pieces::of(&secret).count_in(&searched(outcome, &output, &core))
}

#[test]
fn no_piece_of_a_secret_is_left_at_exit() {
    if binary().is_none() {
        return;
    }
    let mut faults = Vec::new();
    let mut cases = 0;
    for origin in ORIGINS {
        for outcome in OUTCOMES {
            for length in [40, 2000] {
                cases += 1;
                let left = left(origin, outcome, length, None);
                if left > 0 {
                    faults.push(format!("{} × {} × {length}: {left} pieces left", origin.name, outcome.name));
                }
            }
        }
    }
    for outcome in OUTCOMES {
        for length in [40, 2000] {
            // What is missing has been said.
            let Some(left) = left_by_keychain(outcome, length, None) else { continue };
            cases += 1;
            if left > 0 {
                faults.push(format!("keychain × {} × {length}: {left} pieces left", outcome.name));
            }
        }
    }
    let _ = writeln!(std::io::stderr(), "memory searched in {cases} cases");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Where the environment stands decides which of it is read along with something else, in a register's whole width, and what of the stack
/// such a register is saved over.
#[test]
fn no_piece_is_left_wherever_the_environment_stands() {
    if binary().is_none() {
        return;
    }
    let outcome = OUTCOMES.iter().find(|outcome| outcome.name == "a template error").expect("the shortest way");
    let faults: Vec<usize> = (0..64).filter(|shift| left_shifted(&ORIGINS[0], outcome, 40, None, *shift) > 0).collect();
    assert!(faults.is_empty(), "pieces left with a shift of {faults:?} bytes");
}

/// A command that prints the secret and goes on: at the time limit, what has been read of it goes as well.
#[test]
fn no_piece_is_left_of_a_command_that_does_not_end() {
    if binary().is_none() {
        return;
    }
    let origin = Origin {
        name: "a command that does not end",
        placeholder: "SECRET",
        lay: |folder, secret| {
            let file = folder.file("printed", secret);
            // What it starts is ended as well; what leaves the group keeps the pipe open.
            let script = format!("SECRET=sh -c 'cat {}; setsid sleep 3 & sleep 20'", file.display());
            (vec!["--from-command".into(), script], vec![])
        },
    };
    for length in [40, 2000] {
        assert_eq!(left(&origin, &LATE, length, None), 0, "{length}");
    }
}

/// The command that takes the program's place finds nothing but the file in memory, and no variable that the template uses as a secret.
#[test]
fn no_piece_is_left_when_a_command_takes_its_place() {
    if binary().is_none() {
        return;
    }
    for length in [40, 2000] {
        for origin in ORIGINS {
            assert_eq!(left(origin, &HANDED, length, None), 0, "{} × {length}", origin.name);
        }
        // What is missing has been said.
        assert_eq!(left_by_keychain(&HANDED, length, None).unwrap_or(0), 0, "keychain × {length}");
    }
    assert!(left(&ORIGINS[0], &HANDED, 2000, Some("keep")) > 0, "nothing found without wiping");
}

/// A registry on this machine that takes the user's login with `secret`, or nobody's, for its one image.
fn registry(secret: &str, lets_in: bool) -> std::net::SocketAddr {
    use std::io::{BufRead as _, BufReader};
    const IMAGE: &str = r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:DIGEST","size":SIZE},"layers":[]}"#;
    const CONFIG: &str = r#"{"architecture":"amd64","os":"linux"}"#;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let digest = Command::new("sh").args(["-c", &format!("printf %s '{CONFIG}' | sha256sum")]).output().expect("sha256sum");
    let digest = String::from_utf8_lossy(&digest.stdout)[..64].to_owned();
    let image = IMAGE.replace("DIGEST", &digest).replace("SIZE", &CONFIG.len().to_string());
    let login = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("user:{secret}"));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (image, login) = (image.clone(), login.clone());
            std::thread::spawn(move || {
                let mut lines = BufReader::new(stream.try_clone().expect("a stream")).lines().map_while(Result::ok);
                while let Some(first) = lines.next() {
                    let headers: Vec<String> = lines.by_ref().take_while(|line| !line.is_empty()).collect();
                    let is_in = lets_in && headers.iter().any(|header| header.ends_with(&login));
                    let (status, kind, body) = match () {
                        () if !is_in => ("401 Unauthorized\r\nWww-Authenticate: Basic realm=\"test\"", "text/plain", ""),
                        () if first.contains("/manifests/") => ("200 OK", "application/vnd.oci.image.manifest.v1+json", &*image),
                        () if first.contains("/blobs/") => ("200 OK", "application/octet-stream", CONFIG),
                        () => ("200 OK", "application/json", "{}"),
                    };
                    let body = if first.starts_with("HEAD") { "" } else { body };
                    let length = body.len();
                    let answer = format!("HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n{body}");
                    if (&stream).write_all(answer.as_bytes()).is_err() {
                        return;
                    }
                }
            });
        }
    });
    address
}

/// Looks an image up with the secret; says how many pieces of it are left, and how many of it as base64, as it was sent.
fn left_by_registry(outcome: &Outcome, length: usize, fault: Option<&str>) -> [usize; 2] {
    let folder = Folder::new();
    let secret = secret(length, length as u64 * 41);
    let address = registry(&secret, outcome.name != "verify, refused").to_string();
    folder.file("t.tmpl.yaml", outcome.template.replace("https://ghcr.io", &address).replace("ghcr.io", &address));
    let mut arguments = vec!["verify".to_owned(), "t.tmpl.yaml".to_owned()];
    arguments.extend(outcome.options.iter().map(|option| (*option).to_owned()));
    let mut variables = vec![("SECRET".to_owned(), secret.clone())];
    variables.extend(fault.map(|fault| ("SDLRENDER_FAULT".to_owned(), fault.to_owned())));
    let (mut gdb, core) = debugger(&folder, outcome, &arguments, &variables);
    let held = searched(outcome, &gdb.output().expect("gdb starts"), &core);
    let sent = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("user:{secret}"));
    [&secret, &sent].map(|text| Pieces::of(text).count_in(&held))
}

/// `verify` hands the secret to a registry.
#[test]
fn no_piece_is_left_of_what_a_registry_was_sent() {
    if binary().is_none() {
        return;
    }
    let mut faults = Vec::new();
    for outcome in VERIFIED {
        for length in [40, 2000] {
            let left = left_by_registry(outcome, length, None);
            if left != [0, 0] {
                faults.push(format!("{} × {length}: {left:?} pieces left, as it is and as base64", outcome.name));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn what_is_not_wiped_is_found() {
    if binary().is_none() {
        return;
    }
    for origin in ORIGINS {
        assert!(left(origin, &OUTCOMES[0], 2000, Some("keep")) > 0, "{}: nothing found without wiping", origin.name);
    }
    // What was sent is base64, which is wiped by itself.
    let [left_as_it_is, _] = left_by_registry(&VERIFIED[0], 2000, Some("keep"));
    assert!(left_as_it_is > 0, "verify: nothing found without wiping");
    let signals = OUTCOMES.iter().filter(|outcome| outcome.options.iter().any(|option| option.contains("kill -")));
    for outcome in signals {
        assert!(left(&ORIGINS[0], outcome, 2000, Some("keep")) > 0, "{}: nothing found without wiping", outcome.name);
    }
    if let Some(left) = left_by_keychain(&OUTCOMES[0], 2000, Some("keep")) {
        assert!(left > 0, "keychain: nothing found without wiping");
    }
}

//! A real keyring for one test: a D-Bus session and a GNOME Keyring of its own, in a temporary home, ended with the test.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use super::{Folder, require};

/// The programs that this takes.
const PROGRAMS: [&str; 6] = ["dbus-daemon", "gnome-keyring-daemon", "gdbus", "secret-tool", "timeout", "env"];
/// What unlocks the keyring.
const PASSWORD: &str = "the keyring's own";

/// How the keyring's daemon is started.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// Unlocked, as by a login.
    Unlocked,
    /// Not unlocked by anyone.
    Untouched,
    /// With a password that is not the keyring's.
    WrongPassword,
}

/// A session with a keyring in it.
pub struct Keyring {
    home: Folder,
    address: String,
    bus: Child,
    daemon: Option<Child>,
}

impl Keyring {
    /// A new keyring, started so; `None` where a program is missing, which is said aloud.
    pub fn new(start: Start) -> Option<Self> {
        let mut keyring = Self::bus()?;
        keyring.start(start);
        Some(keyring)
    }

    /// A session in which nothing keeps secrets, and nothing is started by itself.
    pub fn bus() -> Option<Self> {
        if !PROGRAMS.iter().all(|program| require(program)) {
            return None;
        }
        let home = Folder::new();
        let socket = home.path().join("bus");
        let address = format!("unix:path={}", socket.display());
        let prompter = home.file("prompter", "#!/bin/sh\nexit 1\n");
        fs::set_permissions(&prompter, fs::Permissions::from_mode(0o700)).expect("a mode");
        let service = format!("[D-BUS Service]\nName=org.gnome.keyring.SystemPrompter\nExec={}\n", prompter.display());
        let services = home.file("services/prompter.service", service);
        let services = services.parent().expect("a folder").display();
        let configuration = format!(
            "<busconfig><type>session</type><listen>{address}</listen><servicedir>{services}</servicedir><policy context='default'>\
             <allow send_destination='*' eavesdrop='true'/><allow eavesdrop='true'/><allow own='*'/></policy></busconfig>"
        );
        let configuration = home.file("bus.conf", configuration);
        let mut bus = Command::new("dbus-daemon");
        bus.arg("--nofork").arg("--config-file").arg(configuration).stdout(Stdio::null()).stderr(Stdio::null());
        let bus = bus.spawn().expect("dbus-daemon starts");
        let keyring = Self { home, address, bus, daemon: None };
        within(10, "the session's socket", || socket.exists());
        Some(keyring)
    }

    /// Starts the keyring's daemon, after the one before was stopped.
    pub fn start(&mut self, start: Start) {
        // By itself, so that its number is the daemon's own.
        let mut daemon = self.joined(Command::new("gnome-keyring-daemon"));
        daemon.args(["--foreground", "--components=secrets"]).stdout(Stdio::null()).stderr(Stdio::null());
        if start != Start::Untouched {
            daemon.arg("--unlock");
        }
        let mut daemon = daemon.stdin(Stdio::piped()).spawn().expect("gnome-keyring-daemon starts");
        let password = if start == Start::WrongPassword { "another" } else { PASSWORD };
        daemon.stdin.take().expect("a pipe").write_all(password.as_bytes()).expect("the daemon reads");
        self.daemon = Some(daemon);
        let wait = self.command("gdbus").args(["wait", "--session", "--timeout", "10", "org.freedesktop.secrets"]).status();
        assert!(wait.expect("gdbus starts").success(), "the keyring comes up");
    }

    /// Ends the keyring's daemon.
    pub fn stop(&mut self) {
        if let Some(mut daemon) = self.daemon.take() {
            let _ = daemon.kill();
            let _ = daemon.wait();
        }
    }

    /// Stops the daemon from doing anything: it keeps its name in the session and answers nobody.
    pub fn freeze(&self) {
        let daemon = self.daemon.as_ref().expect("a daemon");
        assert!(Command::new("kill").args(["-STOP", &daemon.id().to_string()]).status().expect("kill starts").success());
    }

    /// From now on a prompt waits for an answer that nobody gives. (Otherwise it can't be shown, as where there is no display.)
    pub fn ignore_prompts(&self) {
        fs::write(self.home.path().join("prompter"), "#!/bin/sh\nexec sleep 5\n").expect("a file");
    }

    /// Locks the keyring.
    pub fn lock(&self) {
        let object = ["--session", "-d", "org.freedesktop.secrets", "-o", "/org/freedesktop/secrets"];
        let lock = ["-m", "org.freedesktop.Secret.Service.Lock", "['/org/freedesktop/secrets/collection/login']"];
        let done = self.command("gdbus").arg("call").args(object).args(lock).stdout(Stdio::null()).status();
        assert!(done.expect("gdbus starts").success());
    }

    /// Stores `value` as another program would, with these attributes.
    pub fn store(&self, attributes: &[&str], value: &str) {
        let mut store = self.command("secret-tool");
        let mut store =
            store.args(["store", "--label=item"]).args(attributes).stdin(Stdio::piped()).spawn().expect("secret-tool");
        store.stdin.take().expect("a pipe").write_all(value.as_bytes()).expect("secret-tool reads");
        assert!(store.wait().expect("secret-tool ends").success());
    }

    /// What another program finds with these attributes.
    pub fn look_up(&self, attributes: &[&str]) -> Option<String> {
        let output = self.command("secret-tool").arg("lookup").args(attributes).output().expect("secret-tool starts");
        output.status.success().then(|| String::from_utf8(output.stdout).expect("UTF-8"))
    }

    /// The variables with which a program joins this session.
    pub fn variables(&self) -> Vec<(String, PathBuf)> {
        let home = self.home.path();
        let folders = ["DATA", "CONFIG", "CACHE"].map(|kind| (format!("XDG_{kind}_HOME"), home.join(kind)));
        let session = [("DBUS_SESSION_BUS_ADDRESS", Path::new(&self.address)), ("HOME", home), ("XDG_RUNTIME_DIR", home)];
        let session = session.map(|(name, value)| (name.to_owned(), value.to_owned()));
        folders.into_iter().chain(session).collect()
    }

    /// A command in this session, with nothing else in its environment but PATH. Ended after a minute.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new("timeout");
        command.args(["--foreground", "--kill-after=1", "60"]).arg(program);
        self.joined(command)
    }

    fn joined(&self, mut command: Command) -> Command {
        command.stdin(Stdio::null()).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).envs(self.variables());
        command
    }
}

impl Drop for Keyring {
    fn drop(&mut self) {
        self.stop();
        let _ = self.bus.kill();
        let _ = self.bus.wait();
    }
}

/// Runs `command` in a session whose unlocked keyring has `items` (name and value), and gives what it printed. `None` where a program is
/// missing. Its environment, folder and standard input stay as `command` has them but for the session's own variables.
pub fn with_items(items: &[(&str, &str)], command: &mut Command) -> Option<Output> {
    let keyring = Keyring::new(Start::Unlocked)?;
    for (name, value) in items {
        keyring.store(&["service", "sdlrender", "username", name], value);
    }
    Some(command.envs(keyring.variables()).output().expect("the command starts"))
}

/// Waits until `done`.
fn within(seconds: u64, what: &str, done: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(seconds);
    while !done() {
        assert!(Instant::now() < deadline, "{what} did not come up");
        std::thread::sleep(Duration::from_millis(5));
    }
}

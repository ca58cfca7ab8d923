//! Other clients: containerd, started for the tests, which is what providers run, and crane and skopeo, which share no code with it.

use std::io::Read as _;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::support::{Folder, require, skipped};
use crate::verify::case::Case;
use crate::verify::registry::Running;

/// What a client did with an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pull {
    /// It pulled and unpacked it.
    Done,
    /// It did not.
    Failed,
    /// Not tried: the row says why.
    Untried,
}

impl Pull {
    /// For the table.
    pub fn words(self) -> &'static str {
        match self {
            Self::Done => "pulls",
            Self::Failed => "fails",
            Self::Untried => "–",
        }
    }
}

/// What crane and skopeo need beside their arguments.
const CONFIGURATION: &str = "config.json";

/// The clients, in the order of the table's columns; those that are not installed are left out.
pub struct Judges {
    containerd: Option<Containerd>,
    crane: bool,
    skopeo: bool,
}

impl Judges {
    pub const NAMES: [&'static str; 3] = ["containerd", "crane", "skopeo"];

    pub fn start() -> Self {
        Self { containerd: Containerd::start(), crane: require("crane"), skopeo: require("skopeo") }
    }

    /// What each of them does with the image of `case`, and what it says; none of one that is not there or that `wanted` leaves out.
    pub fn pull(&self, case: &Case<'_>, wanted: [bool; 3]) -> [Option<(Pull, String)>; 3] {
        std::thread::scope(|scope| {
            let containerd = scope.spawn(|| self.containerd.as_ref().filter(|_| wanted[0]).map(|judge| judge.pull(case)));
            let crane = scope.spawn(|| (self.crane && wanted[1]).then(|| crane(case)));
            let skopeo = scope.spawn(|| (self.skopeo && wanted[2]).then(|| skopeo(case)));
            [containerd, crane, skopeo].map(|judge| judge.join().expect("a judge"))
        })
    }
}

/// The variables of a client that is started for `case` in `folder`, and nothing else.
fn client(program: &str, case: &Case<'_>, folder: &Folder) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("HOME", folder.path()).env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.envs(case.variables.iter().map(|(name, value)| (*name, value))).current_dir(folder.path());
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

/// crane takes its login from Docker's file.
fn crane(case: &Case<'_>) -> (Pull, String) {
    let folder = Folder::new();
    if case.host.is_some() {
        let host = match case.image.split('/').next().unwrap_or_default() {
            "docker.io" => "https://index.docker.io/v1/",
            host => host,
        };
        let auth = STANDARD.encode(format!("{}:{}", case.user.trim(), case.password.trim()));
        folder.file(CONFIGURATION, serde_json::json!({"auths": {host: {"auth": auth}}}).to_string());
    }
    let mut command = client("crane", case, &folder);
    command.env("DOCKER_CONFIG", folder.path()).args(["pull", "--platform", "linux/amd64", &case.image, "image.tar"]);
    judged(command)
}

fn skopeo(case: &Case<'_>) -> (Pull, String) {
    let folder = Folder::new();
    let mut command = client("skopeo", case, &folder);
    command.args(["--insecure-policy", "--override-os", "linux", "--override-arch", "amd64", "copy"]);
    if case.host.is_some() {
        command.args(["--src-creds", &format!("{}:{}", case.user.trim(), case.password.trim())]);
    } else {
        command.arg("--src-no-creds");
    }
    // It speaks plain HTTP only where nothing is verified.
    if !case.variables.iter().any(|(name, _)| *name == "SSL_CERT_FILE") {
        command.arg("--src-tls-verify=false");
    }
    command.args([&format!("docker://{}", case.image), "dir:image"]);
    judged(command)
}

fn judged(mut command: Command) -> (Pull, String) {
    let (done, said) = wait(command.spawn().expect("a client"), 20);
    (if done { Pull::Done } else { Pull::Failed }, said)
}

/// A running containerd.
struct Containerd {
    folder: Folder,
    _running: Running,
    /// One pull at a time, each from nothing.
    turn: Mutex<u32>,
}

impl Containerd {
    /// Starts it; none where it is not installed, or where it may not unpack an image.
    fn start() -> Option<Self> {
        if ![require("containerd"), require("ctr")].into_iter().all(|there| there) {
            return None;
        }
        let id = Command::new("id").arg("-u").output().expect("id");
        if id.stdout != b"0\n" {
            skipped("containerd needs the rights of root");
            return None;
        }
        let folder = Folder::new();
        let path = folder.path().display().to_string();
        let others =
            ["overlayfs", "btrfs", "aufs", "devmapper", "zfs"].map(|name| format!("\"io.containerd.snapshotter.v1.{name}\""));
        let config = format!(
            "version = 2\nroot = \"{path}/root\"\nstate = \"{path}/state\"\ndisabled_plugins = [\"io.containerd.grpc.v1.cri\", {}]\n\
             [grpc]\naddress = \"{path}/c.sock\"\n",
            others.join(", ")
        );
        folder.file("config.toml", config);
        let running = Running::start("containerd -c config.toml", folder.path(), &[]);
        let end = Instant::now() + Duration::from_secs(30);
        let judge = Self { folder, _running: running, turn: Mutex::new(0) };
        while !judge.ctr(&["version"], &[]).is_ok_and(|child| wait(child, 10).0) {
            assert!(Instant::now() < end, "containerd: {}", judge.folder.read("server.log"));
            std::thread::sleep(Duration::from_millis(50));
        }
        Some(judge)
    }

    fn ctr(&self, arguments: &[&str], variables: &[(&str, String)]) -> std::io::Result<std::process::Child> {
        let mut command = Command::new("ctr");
        command.arg("--address").arg(self.folder.path().join("c.sock")).args(arguments);
        command.envs(variables.iter().map(|(name, value)| (*name, value))).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()
    }

    /// Pulls and unpacks the image of `case` for linux/amd64 with its login, as kubelet would where the host matches. And what it said.
    fn pull(&self, case: &Case<'_>) -> (Pull, String) {
        let mut turn = self.turn.lock().expect("a lock");
        *turn += 1;
        // What one pull leaves in its namespace, another would not fetch again.
        let namespace = format!("n{turn}");
        let set = |name: &str| case.variables.iter().find(|(one, _)| *one == name).map(|(_, value)| value.clone());
        let mut arguments: Vec<String> =
            ["--namespace", &namespace, "images", "pull", "--snapshotter", "native"].map(str::to_owned).into();
        match set("SSL_CERT_FILE") {
            // It would speak plain HTTP to this machine unless told otherwise.
            Some(ca) if case.image.starts_with("127.0.0.1") => {
                let host = case.image.split('/').next().unwrap_or_default();
                let hosts = format!("{namespace}/{host}/hosts.toml");
                self.folder.file(&hosts, format!("server = \"https://{host}\"\n[host.\"https://{host}\"]\nca = \"{ca}\"\n"));
                arguments.extend(["--hosts-dir".to_owned(), self.folder.path().join(&namespace).display().to_string()]);
            }
            Some(ca) => arguments.extend(["--tlscacert".to_owned(), ca]),
            None => arguments.push("--plain-http".to_owned()),
        }
        if case.host.is_some() {
            // As the provider gives it to kubelet.
            arguments.extend(["--user".to_owned(), format!("{}:{}", case.user.trim(), case.password.trim())]);
        }
        arguments.push(if case.image.rsplit('/').next().is_some_and(|name| name.contains([':', '@'])) {
            case.image.clone()
        } else {
            format!("{}:latest", case.image)
        });
        let proxies: Vec<(&str, String)> = case.variables.iter().filter(|(name, _)| name.ends_with("_PROXY")).cloned().collect();
        let borrowed: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let (done, said) = wait(self.ctr(&borrowed, &proxies).expect("ctr"), 20);
        (if done { Pull::Done } else { Pull::Failed }, said)
    }
}

/// Waits for a child, for at most so many seconds: whether it succeeded, and what it said.
fn wait(mut child: std::process::Child, seconds: u64) -> (bool, String) {
    let end = Instant::now() + Duration::from_secs(seconds);
    let status = loop {
        match child.try_wait().expect("a child") {
            Some(status) => break Some(status),
            None if Instant::now() > end => {
                let _ = child.kill();
                let _ = child.wait();
                break None;
            }
            None => std::thread::sleep(Duration::from_millis(10)),
        }
    };
    let mut said = String::new();
    let _ = child.stderr.take().expect("a pipe").read_to_string(&mut said);
    (status.is_some_and(|status| status.success()), said)
}

//! Proves a pull before a lease is paid for: for each service the credentials that kubelet would use, the registry's own login, and
//! the image as a provider would pull it.
//!
//! Nothing is pulled but manifests and, for an image without an index, its configuration; nothing is written. A secret travels in the
//! Authorization header of the host that it belongs to and nowhere else.

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::{Duration, SystemTime};

use crate::registry::host::{Match, serves, suggestion};
use crate::registry::reference::Reference;
use crate::registry::token::{self, Token};
use crate::secret::Secret;

mod challenge;
mod client;
mod fault;
mod login;
mod lookup;
mod manifest;
mod origin;
pub mod pin;
mod proxy;
pub mod services;
pub mod verdict;

use client::{CONNECTIONS, Client, Run};
use login::Registry;
use lookup::Lookup;
pub use proxy::NotAProxy;
use verdict::{Names, Platform, Verdict, Warning};

/// The host that serves the Docker Hub's images (`docker.io` is a web page).
const DOCKER_HUB_API: &str = "registry-1.docker.io";

/// What a registry is called whose name holds a secret.
const HIDDEN: &str = "the registry";

/// What a password begins with that the Console keeps.
const KEPT_ELSEWHERE: &str = "ac-secret://";

/// A service of the rendered document.
#[derive(Debug)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// Its image, as rendered.
    pub image: Secret,
    /// Its credentials, where it has any.
    pub login: Option<Login>,
    /// The image as it may be shown: a mask stands where a secret does.
    pub shown_image: String,
    /// `credentials.host` as it may be shown.
    pub shown_host: Option<String>,
}

/// A service's credentials, as rendered.
#[derive(Debug)]
pub struct Login {
    /// The host, trimmed where the document's version has it so.
    pub host: Secret,
    /// The username.
    pub username: Secret,
    /// The password.
    pub password: Secret,
}

impl Login {
    /// Username and password as the provider hands them on: trimmed.
    fn trimmed(&self) -> (&str, &str) {
        (self.username.expose().trim(), self.password.expose().trim())
    }

    /// When the password ends, where it says so.
    fn end(&self) -> Option<SystemTime> {
        token::end(self.password.expose())
    }

    /// The verdict on a login that was refused.
    fn refused(&self) -> Verdict {
        match self.end() {
            Some(at) if at <= SystemTime::now() => Verdict::ExpiredToken(Some(at)),
            _ => {
                let short_lived = token::kind(self.password.expose()) == Some(Token::GoogleAccess);
                Verdict::WrongCredentials { short_lived }
            }
        }
    }

    fn equals(&self, other: &Self) -> bool {
        self.host.expose() == other.host.expose() && self.trimmed() == other.trimmed()
    }
}

/// How to verify.
#[derive(Debug, Clone)]
pub struct Options {
    /// How long the look-up of one image may take, repeats included.
    pub timeout: Duration,
    /// Hosts, with or without a port, that may speak plain HTTP. This machine always may.
    pub insecure: Vec<String>,
    /// Hosts of token servers that may get credentials though the registry has another name.
    pub trusted_realms: Vec<String>,
}

/// An image that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// The digest of its manifest or index.
    pub digest: String,
    /// The platforms it is there for, sorted; none when the registry doesn't say.
    pub platforms: Vec<Platform>,
}

/// What became of one service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The registry as it may be shown: by name unless the image holds a secret.
    pub registry: String,
    /// Whether kubelet would use the credentials.
    pub with_login: bool,
    /// The verdict.
    pub verdict: Verdict,
    /// What else to know.
    pub warnings: Vec<Warning>,
    /// The image, where it is there.
    pub image: Option<Image>,
}

impl Outcome {
    /// A server that was given the password may say it aloud, as a host or a platform.
    fn conceal(&mut self, password: &str) {
        let secrets = [password];
        self.verdict.conceal(&secrets);
        self.warnings.iter_mut().for_each(|warning| warning.conceal(&secrets));
        self.image.iter_mut().flat_map(|image| &mut image.platforms).for_each(|platform| platform.conceal(&secrets));
    }

    /// The words in which the verdict on `service` speaks.
    pub fn names<'n>(&'n self, service: &'n Service) -> Names<'n> {
        Names { image: &service.shown_image, registry: &self.registry, host: service.shown_host.as_deref() }
    }
}

/// Why nothing can be verified at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SetupError {
    /// A variable that should name a proxy doesn't.
    Proxy(NotAProxy),
    /// The file that SSL_CERT_FILE names can't be read.
    Authorities(PathBuf, io::ErrorKind),
}

/// One piece of work.
#[derive(Debug, Clone, Copy)]
enum Task {
    /// The look-up of a service's image.
    Image(usize),
    /// Whether it can be pulled without the credentials.
    Public(usize),
}

type Reached = Arc<Mutex<Option<Result<Registry, Verdict>>>>;

/// What the workers share.
struct Work<'w> {
    services: &'w [Service],
    client: Client,
    limit: Duration,
    /// Each registry is reached once; who comes meanwhile waits for that.
    registries: Mutex<HashMap<String, Reached>>,
}

/// Verifies `services`, several at once over a bounded number of connections. `done` hears the number of each that is finished.
/// Services with the same image and credentials are looked up once.
///
/// # Errors
/// When the environment's settings can't be used.
pub fn verify(services: &[Service], options: &Options, done: &mut dyn FnMut(usize)) -> Result<Vec<Outcome>, SetupError> {
    let work = Work { services, client: Client::new(options)?, limit: options.timeout, registries: Mutex::default() };
    let twins: Vec<usize> = (0..services.len()).map(|index| work.twin(index)).collect();
    let firsts = || (0..services.len()).filter(|index| twins[*index] == *index);
    let public = firsts().filter(|index| services[*index].login.is_some()).map(Task::Public);
    let tasks: Vec<Task> = firsts().map(Task::Image).chain(public).collect();
    let mut outcomes: Vec<Option<Outcome>> = services.iter().map(|_| None).collect();
    let mut open = vec![false; services.len()];
    let next = Mutex::new(tasks.iter());
    let (sender, receiver) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..CONNECTIONS.min(tasks.len()) {
            let (sender, next, work) = (sender.clone(), &next, &work);
            scope.spawn(move || {
                loop {
                    let Some(task) = next.lock().unwrap_or_else(PoisonError::into_inner).next().copied() else { return };
                    let (outcome, public) = match task {
                        Task::Image(index) => (Some(work.image(index)), false),
                        Task::Public(index) => (None, work.public(index)),
                    };
                    if sender.send((task, outcome, public)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        for (task, outcome, public) in receiver {
            match task {
                Task::Image(index) => {
                    outcomes[index] = outcome;
                    twins.iter().enumerate().filter(|(_, twin)| **twin == index).for_each(|(index, _)| done(index));
                }
                Task::Public(index) => open[index] = public,
            }
        }
    });
    let finish = |index: usize| {
        let twin = twins[index];
        // Every first of its kind was a task, and each task has sent its outcome.
        let mut outcome = outcomes[twin].clone()?;
        if open[twin] && outcome.with_login && outcome.verdict.is_ready() {
            outcome.warnings.push(Warning::Public);
        }
        outcome.warnings.sort();
        Some(outcome)
    };
    Ok((0..services.len()).filter_map(finish).collect())
}

impl Work<'_> {
    /// The first service with the same image and credentials.
    fn twin(&self, index: usize) -> usize {
        let service = &self.services[index];
        let same = |other: &Service| {
            other.image.expose() == service.image.expose()
                && other.shown_image == service.shown_image
                && match (&other.login, &service.login) {
                    (Some(one), Some(other)) => one.equals(other),
                    (one, other) => one.is_none() && other.is_none(),
                }
        };
        self.services[..index].iter().position(same).unwrap_or(index)
    }

    fn image(&self, index: usize) -> Outcome {
        let service = &self.services[index];
        let mut run = Run::new(self.limit);
        let mut outcome = Outcome {
            registry: HIDDEN.to_owned(),
            with_login: false,
            verdict: Verdict::Ready,
            warnings: Vec::new(),
            image: None,
        };
        let reference = match Reference::parse(service.image.expose()) {
            Ok(reference) => reference,
            Err(error) => return Outcome { verdict: Verdict::InvalidImage(error), registry: String::new(), ..outcome },
        };
        let hidden = service.shown_image != service.image.expose();
        if !hidden {
            reference.domain.clone_into(&mut outcome.registry);
        }
        let used = service.login.as_ref().filter(|login| serves(login.host.expose(), &reference) == Match::Yes);
        let unused = service.login.is_some() && used.is_none();
        let suggestion = || if hidden { "the registry's, as in the image".to_owned() } else { suggestion(&reference) };
        outcome.with_login = used.is_some();
        if used.is_some_and(|login| login.password.expose().trim().starts_with(KEPT_ELSEWHERE)) {
            return Outcome { verdict: Verdict::KeptElsewhere, ..outcome };
        }
        let found = self.registry(reference.domain, &mut run).map_err(|verdict| (verdict, None)).and_then(|registry| {
            Lookup { client: &self.client, registry: &registry, reference: &reference, login: used }.run(&mut run)
        });
        (outcome.verdict, outcome.image) = match found {
            Ok(image) => (Verdict::Ready, Some(image)),
            Err((Verdict::LoginNeeded | Verdict::NoRepository | Verdict::NoTag | Verdict::NoImage, _)) if unused => {
                (Verdict::HostMismatch { suggestion: suggestion() }, None)
            }
            Err(found) => found,
        };
        outcome.warnings = run.warnings;
        if let Some(login) = used {
            outcome.conceal(login.trimmed().1);
        }
        if unused && outcome.verdict.is_ready() {
            outcome.warnings.push(Warning::Unused { suggestion: suggestion() });
        }
        if let Some(end) = used.and_then(Login::end).filter(|_| outcome.verdict.is_ready()) {
            outcome.warnings.push(Warning::Ends(end));
        }
        outcome
    }

    fn public(&self, index: usize) -> bool {
        let mut run = Run::new(self.limit);
        let Ok(reference) = Reference::parse(self.services[index].image.expose()) else { return false };
        self.registry(reference.domain, &mut run).is_ok_and(|registry| {
            Lookup { client: &self.client, registry: &registry, reference: &reference, login: None }.is_public(&mut run)
        })
    }

    /// The registry of `domain`, reached once for all.
    fn registry(&self, domain: &str, run: &mut Run) -> Result<Registry, Verdict> {
        let reached = {
            let mut registries = self.registries.lock().unwrap_or_else(PoisonError::into_inner);
            registries.entry(domain.to_owned()).or_default().clone()
        };
        let mut reached = reached.lock().unwrap_or_else(PoisonError::into_inner);
        run.restart();
        let registry = reached.get_or_insert_with(|| Registry::reach(&self.client, domain, run)).clone();
        // Over which way it is reached holds for everyone.
        if registry.as_ref().is_ok_and(|registry| registry.origin.plain) {
            run.warn(Warning::PlainRegistry);
        }
        registry
    }
}

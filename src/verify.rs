//! Checks, before a lease is paid for, that a provider can pull the image of each service: with the credentials that kubelet would use, the
//! login of the registry, and the same requests for the image.
//!
//! It pulls only manifests and, for an image without an index, its configuration. It writes nothing. A secret is sent only in the
//! Authorization header, and only to the host that it belongs to.

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
pub(crate) mod pin;
mod proxy;
pub(crate) mod services;
pub(crate) mod verdict;

use client::{CONNECTIONS, Client, Run};
use login::Registry;
use lookup::Lookup;
pub(crate) use proxy::NotAProxy;
use verdict::{Names, Platform, Verdict, Warning};

/// The host that serves the images of Docker Hub (`docker.io` is a web page).
const DOCKER_HUB_API: &str = "registry-1.docker.io";

/// Shown instead of a registry whose name contains a secret.
const HIDDEN: &str = "the registry";

/// The prefix of references to secrets that the Console stores.
const KEPT_ELSEWHERE: &str = "ac-secret://";

/// A service of the rendered document.
#[derive(Debug)]
pub(crate) struct Service {
    /// Its name.
    pub name: String,
    /// Its image, as rendered.
    pub image: Secret,
    /// Its credentials, if any.
    pub login: Option<Login>,
    /// The image for messages, with masks instead of secrets.
    pub shown_image: String,
    /// `credentials.host` for messages, with masks instead of secrets.
    pub shown_host: Option<String>,
}

/// A service's credentials, as rendered.
#[derive(Debug)]
pub(crate) struct Login {
    /// The host, trimmed if the SDL version requires it.
    pub host: Secret,
    /// The username.
    pub username: Secret,
    /// The password.
    pub password: Secret,
}

impl Login {
    /// The username and password, trimmed as the provider does.
    fn trimmed(&self) -> (&str, &str) {
        (self.username.expose().trim(), self.password.expose().trim())
    }

    /// When the password expires, if it says so.
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

/// Options of [`verify`].
#[derive(Debug, Clone)]
pub(crate) struct Options {
    /// The time limit for looking up one image, including retries.
    pub timeout: Duration,
    /// Hosts, with or without a port, for which plain HTTP is allowed. It is always allowed for this machine.
    pub insecure: Vec<String>,
    /// Hosts of token servers that may get credentials although the registry has an unrelated name.
    pub trusted_realms: Vec<String>,
}

/// An image that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Image {
    /// The digest of its manifest or index.
    pub digest: String,
    /// Its platforms, sorted; empty if the registry doesn't say.
    pub platforms: Vec<Platform>,
}

/// The result for one service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// The registry for messages: its name, unless the image contains a secret.
    pub registry: String,
    /// Whether kubelet would use the credentials.
    pub with_login: bool,
    /// The verdict.
    pub verdict: Verdict,
    /// The warnings.
    pub warnings: Vec<Warning>,
    /// The image, if it exists.
    pub image: Option<Image>,
}

impl Outcome {
    /// Hides the password, which the server may have sent back as the name of a host or a platform.
    fn conceal(&mut self, password: &str) {
        let secrets = [password];
        self.verdict.conceal(&secrets);
        self.warnings.iter_mut().for_each(|warning| warning.conceal(&secrets));
        self.image.iter_mut().flat_map(|image| &mut image.platforms).for_each(|platform| platform.conceal(&secrets));
    }

    /// The names that the messages on `service` use.
    pub(crate) fn names<'n>(&'n self, service: &'n Service) -> Names<'n> {
        Names { image: &service.shown_image, registry: &self.registry, host: service.shown_host.as_deref() }
    }
}

/// Why nothing can be verified at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SetupError {
    /// A variable for a proxy is invalid.
    Proxy(NotAProxy),
    /// The file in SSL_CERT_FILE can't be read.
    Authorities(PathBuf, io::ErrorKind),
}

/// A task for a worker.
#[derive(Debug, Clone, Copy)]
enum Task {
    /// Look up the image of this service.
    Image(usize),
    /// Find out whether it can be pulled without credentials.
    Public(usize),
}

type Reached = Arc<Mutex<Option<Result<Registry, Verdict>>>>;

/// The state shared by all workers.
struct Work<'w> {
    services: &'w [Service],
    client: Client,
    limit: Duration,
    /// The registries. Each is contacted once, while other workers that need it wait.
    registries: Mutex<HashMap<String, Reached>>,
}

/// Verifies `services` concurrently, with a limited number of connections. Calls `done` with the index of each finished service. Services
/// with the same image and credentials are looked up once.
///
/// # Errors
/// When the settings in the environment are invalid.
pub(crate) fn verify(services: &[Service], options: &Options, done: &mut dyn FnMut(usize)) -> Result<Vec<Outcome>, SetupError> {
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
        // Each first service of its kind was a task, which has sent its outcome.
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
        let suggestion = || if hidden { "the host in the image".to_owned() } else { suggestion(&reference) };
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

    /// The registry of `domain`, contacted only once.
    fn registry(&self, domain: &str, run: &mut Run) -> Result<Registry, Verdict> {
        let reached = {
            let mut registries = self.registries.lock().unwrap_or_else(PoisonError::into_inner);
            registries.entry(domain.to_owned()).or_default().clone()
        };
        let mut reached = reached.lock().unwrap_or_else(PoisonError::into_inner);
        run.restart();
        let registry = reached.get_or_insert_with(|| Registry::reach(&self.client, domain, run)).clone();
        // This warning is for every service that uses it.
        if registry.as_ref().is_ok_and(|registry| registry.origin.plain) {
            run.warn(Warning::PlainRegistry);
        }
        registry
    }
}

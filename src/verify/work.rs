//! The look-ups of all services at once: each registry by workers of its own, so that a slow one costs only its own time.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread::Scope;
use std::time::Duration;

use super::challenge::Challenge;
use super::client::{CONNECTIONS, Client, ImageRun};
use super::login::{Door, ReachedRegistry};
use super::lookup::{Lookup, NotReady, Session};
use super::verdict::{LoginState, Verdict, Warning};
use super::{Image, Login, Options, Outcome, ServiceLogin, SetupError};
use crate::registry::host::{Match, serves, suggestion};
use crate::registry::reference::Reference;
use crate::system::{HeldSignals, scrub};

/// Shown instead of a registry whose name contains a secret.
const HIDDEN: &str = "the registry";

/// The prefix of references to secrets that the Console stores.
pub(super) const KEPT_ELSEWHERE: &str = "ac-secret://";

/// The most look-ups at once at a registry that does not answer in time.
const WAITING: usize = 100;

/// The state shared by all workers.
struct Work<'w> {
    services: &'w [ServiceLogin],
    client: Client,
    limit: Duration,
    layers: bool,
}

/// One look-up.
struct Job<'w> {
    index: usize,
    reference: Reference<'w>,
    /// The credentials that kubelet would use.
    used: Option<&'w Login>,
    /// What is known before the registry is asked.
    outcome: Outcome,
}

/// What is left to do at one registry.
struct Queue<'w> {
    jobs: Mutex<std::vec::IntoIter<Job<'w>>>,
    /// Whether the registry has let a look-up wait in vain.
    slow: AtomicBool,
}

type Sender = mpsc::Sender<(usize, Outcome)>;

/// Verifies `services` concurrently, with a limited number of connections to each registry. Calls `done` with the index of each finished
/// service. Services with the same image and credentials are looked up once.
///
/// # Errors
/// When the settings in the environment are invalid.
pub(crate) fn verify(
    services: &[ServiceLogin],
    options: &Options,
    done: &mut dyn FnMut(usize),
) -> Result<Vec<Outcome>, SetupError> {
    let work = Work { services, client: Client::new(options)?, limit: options.timeout, layers: options.layers };
    let twins: Vec<usize> = (0..services.len()).map(|index| work.twin(index)).collect();
    let mut outcomes: Vec<Option<Outcome>> = services.iter().map(|_| None).collect();
    let mut finish = |index: usize, outcome: Outcome| {
        outcomes[index] = Some(outcome);
        twins.iter().enumerate().filter(|(_, twin)| **twin == index).for_each(|(index, _)| done(index));
    };
    let mut registries: BTreeMap<&str, Vec<Job<'_>>> = BTreeMap::new();
    for index in (0..services.len()).filter(|index| twins[*index] == *index) {
        match work.job(index) {
            Ok(job) => registries.entry(job.reference.domain).or_default().push(job),
            Err(outcome) => finish(index, *outcome),
        }
    }
    let queues: Vec<(&str, Queue<'_>)> = registries.into_iter().map(|(domain, jobs)| (domain, Queue::new(jobs))).collect();
    let (sender, receiver) = mpsc::channel();
    std::thread::scope(|scope| {
        // A signal is for the main thread, which can end with everything wiped; threads inherit that.
        let held = HeldSignals::new();
        for (domain, queue) in &queues {
            let (work, sender) = (&work, sender.clone());
            scope.spawn(move || {
                work.registry(domain, queue, scope, &sender);
                scrub();
            });
        }
        drop((sender, held));
        receiver.into_iter().for_each(|(index, outcome)| finish(index, outcome));
    });
    // Each first service of its kind has its outcome.
    Ok(twins.iter().filter_map(|twin| outcomes[*twin].clone()).collect())
}

impl<'w> Work<'w> {
    /// The first service with the same image and credentials.
    fn twin(&self, index: usize) -> usize {
        let service = &self.services[index];
        let same = |other: &ServiceLogin| {
            other.image.expose() == service.image.expose()
                && other.shown_image == service.shown_image
                && match (&other.login, &service.login) {
                    (Some(one), Some(other)) => one.equals(other),
                    (one, other) => one.is_none() && other.is_none(),
                }
        };
        self.services[..index].iter().position(same).unwrap_or(index)
    }

    /// What there is to look up for a service.
    ///
    /// # Errors
    /// With the outcome, when no registry need be asked.
    fn job(&self, index: usize) -> Result<Job<'w>, Box<Outcome>> {
        let service = &self.services[index];
        let mut outcome = Outcome {
            registry: HIDDEN.to_owned(),
            with_login: false,
            login: None,
            verdict: Verdict::Ready,
            warnings: Vec::new(),
            image: None,
            said: None,
        };
        let reference = match Reference::parse(service.image.expose()) {
            Ok(reference) => reference,
            Err(error) => {
                return Err(Box::new(Outcome { verdict: Verdict::InvalidImage(error), registry: String::new(), ..outcome }));
            }
        };
        if !service.hides_image() {
            reference.domain.clone_into(&mut outcome.registry);
        }
        let used = service.login.as_ref().filter(|login| serves(login.host.expose(), &reference) == Match::Yes);
        outcome.with_login = used.is_some();
        if used.is_some_and(|login| login.password.expose().trim().starts_with(KEPT_ELSEWHERE)) {
            return Err(Box::new(Outcome { verdict: Verdict::KeptElsewhere, ..outcome }));
        }
        Ok(Job { index, reference, used, outcome })
    }

    /// Reaches the registry of `domain`, and looks up what is in its queue.
    fn registry<'s>(&'s self, domain: &str, queue: &'s Queue<'w>, scope: &'s Scope<'s, '_>, sender: &Sender) {
        let mut run = ImageRun::new(self.limit);
        match ReachedRegistry::reach(&self.client, domain, &mut run) {
            Ok(registry) => {
                if registry.origin.plain {
                    run.warn(Warning::PlainRegistry);
                }
                for _ in 0..CONNECTIONS.min(queue.len()) {
                    self.worker(registry.clone(), run.warnings.clone(), queue, scope, sender.clone());
                }
            }
            Err(verdict) => {
                while let Some(job) = queue.next() {
                    let index = job.index;
                    let _ = sender.send((index, self.outcome(job, Err((verdict.clone(), None)), &run)));
                }
            }
        }
    }

    fn worker<'s>(
        &'s self,
        registry: ReachedRegistry,
        warnings: Vec<Warning>,
        queue: &'s Queue<'w>,
        scope: &'s Scope<'s, '_>,
        sender: Sender,
    ) {
        scope.spawn(move || {
            while let Some(job) = queue.next() {
                let index = job.index;
                let outcome = self.image(job, &registry, warnings.clone());
                // What is left may wait in vain as well: all of it at once, not one after the other.
                if matches!(outcome.verdict, Verdict::TimedOut(..)) && !queue.slow.swap(true, Ordering::Relaxed) {
                    for _ in 0..WAITING.min(queue.len()) {
                        self.worker(registry.clone(), warnings.clone(), queue, scope, sender.clone());
                    }
                }
                if sender.send((index, outcome)).is_err() {
                    break;
                }
            }
            scrub();
        });
    }

    fn image(&self, job: Job<'w>, registry: &ReachedRegistry, warnings: Vec<Warning>) -> Outcome {
        let mut run = ImageRun { warnings, ..ImageRun::new(self.limit) };
        let mut session = Session::default();
        let lookup = Lookup { client: &self.client, registry, reference: &job.reference, login: job.used, layers: self.layers };
        let found = lookup.run(&mut session, &mut run);
        if found.is_ok() && job.used.is_some() {
            self.examine(&lookup, &session, &mut run);
        }
        self.outcome(job, found, &run)
    }

    /// Finds out whether a login that works is needed, and whether it could do more than it should. Asks within the same time limit.
    fn examine(&self, lookup: &Lookup<'_>, session: &Session, run: &mut ImageRun) {
        let mut aside = ImageRun { end: run.end, ..ImageRun::new(self.limit) };
        if (Lookup { login: None, ..*lookup }).is_public(&mut aside) {
            run.warn(Warning::Public);
            // Then the image proves nothing of the login.
            let basic = session.asked == Some(Challenge::Basic);
            if run.login == Some(LoginState::Accepted) && basic && lookup.is_taken(session, &mut aside) != Some(true) {
                run.login = Some(LoginState::NotAsked);
            }
        }
        let door = Door { client: lookup.client, registry: lookup.registry, login: lookup.login };
        let (domain, path) = (lookup.reference.domain, &*lookup.reference.path);
        if let Some(proof) = session.asked.as_ref().and_then(|asked| door.can_push(asked, domain, path, &mut aside)) {
            run.warn(Warning::CanPush(proof));
        }
    }

    /// The outcome of a look-up.
    fn outcome(&self, job: Job<'w>, found: Result<Image, NotReady>, run: &ImageRun) -> Outcome {
        let (service, used, mut outcome) = (&self.services[job.index], job.used, job.outcome);
        let unused = service.login.is_some() && used.is_none();
        let hidden = service.hides_image();
        let suggestion = || if hidden { "the host in the image".to_owned() } else { suggestion(&job.reference) };
        (outcome.verdict, outcome.image) = match found {
            Ok(image) => (Verdict::Ready, Some(image)),
            Err((Verdict::LoginNeeded | Verdict::NoRepository | Verdict::NoTag | Verdict::NoImage, _)) if unused => {
                (Verdict::HostMismatch { suggestion: suggestion() }, None)
            }
            Err((Verdict::RateLimited { party, until, .. }, image)) => {
                (Verdict::RateLimited { party, until, with_login: used.is_some() }, image)
            }
            Err(found) => found,
        };
        let ready = outcome.verdict.is_ready();
        outcome.login = match &outcome.verdict {
            Verdict::WrongCredentials { .. } | Verdict::ExpiredToken(_) => Some(LoginState::Refused),
            Verdict::LoginNeeded | Verdict::HostMismatch { .. } => Some(LoginState::Anonymous),
            _ => run.login,
        };
        outcome.warnings.clone_from(&run.warnings);
        // What the registry says may name the image, which is not to be shown.
        outcome.said = if ready || hidden { None } else { run.said.shown(service.login.as_ref()) };
        if let Some(login) = &service.login {
            outcome.conceal(login.trimmed().1);
        }
        if unused && ready {
            outcome.warnings.push(Warning::Unused { suggestion: suggestion() });
        }
        if let Some(login) = used.filter(|_| ready) {
            outcome.warnings.extend(login.expiry());
        }
        outcome.warnings.sort();
        outcome
    }
}

impl<'w> Queue<'w> {
    fn new(jobs: Vec<Job<'w>>) -> Self {
        Self { jobs: Mutex::new(jobs.into_iter()), slow: AtomicBool::new(false) }
    }

    fn next(&self) -> Option<Job<'w>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).next()
    }

    fn len(&self) -> usize {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use zeroize::Zeroizing;

    use super::*;
    use crate::secret::Secret;

    /// Run with kubelet's own code; the rule `host-mismatch` of `check` is held against it, too.
    const TABLE: &str = include_str!("../../tests/data/kubelet/host-matching.tsv");

    #[test]
    fn the_login_that_kubelet_would_use_is_used() {
        let secret = |text: &str| Secret::new(Zeroizing::new(text.to_owned()));
        let options = Options { layers: false, timeout: Duration::ZERO, insecure: Vec::new(), trusted_realms: Vec::new() };
        let mut rows = 0;
        for line in TABLE.lines().skip(1) {
            let cells: Vec<String> = line.split('\t').map(|cell| cell.replace("\\n", "\n")).collect();
            let login = Login { host: secret(&cells[0]), username: secret("u"), password: secret("p"), secret_username: false };
            let services = [ServiceLogin {
                name: "web".to_owned(),
                image: secret(&cells[1]),
                login: Some(login),
                shown_image: cells[1].clone(),
                shown_host: None,
            }];
            let work = Work { services: &services, client: Client::new(&options).unwrap(), limit: Duration::ZERO, layers: false };
            let used = work.job(0).ok().map(|job| job.used.is_some());
            let expected = match cells[2].as_str() {
                "IMAGE-ERR" => None,
                verdict => Some(verdict.starts_with("MATCH")),
            };
            assert_eq!(used, expected, "{line}");
            rows += 1;
        }
        assert!(rows >= 86, "{rows}");
    }
}

//! The keychain of the operating system, as a source and for `set`, `get` and `rm`.
//!
//! An item has two attributes: service `sdlrender`, and as username the name or `PROFILE/NAME`. Other tools can read and write it, too:
//! `secret-tool store --label='sdlrender: NAME' service sdlrender username NAME`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::{Source, SourceError};
use crate::secret::{Origin, Secret};
use crate::system;

#[cfg(all(feature = "keychain", any(target_vendor = "apple", windows)))]
#[path = "keychain/native.rs"]
mod store;
#[cfg(all(feature = "keychain", unix, not(target_vendor = "apple")))]
#[path = "keychain/secret_service.rs"]
mod store;
#[cfg(not(all(feature = "keychain", any(unix, windows))))]
#[path = "keychain/none.rs"]
mod store;

use store::Store;

/// The attribute `service` of every item.
pub(crate) const SERVICE: &str = "sdlrender";

/// The time limit for the keychain to answer, apart from prompts.
const ANSWER: Duration = Duration::from_secs(5);

/// Why the keychain gives no value. Holds no value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(any(target_vendor = "apple", windows), allow(dead_code, reason = "some are the Secret Service's"))]
pub(crate) enum KeychainError {
    /// This build of the program has no keychain support.
    #[allow(dead_code, reason = "only such a build says so")]
    NotBuilt,
    /// There is no D-Bus session.
    NoSession,
    /// No program in the D-Bus session provides a keychain.
    NoService,
    /// There is no default keychain yet: it is created when it is first unlocked.
    NeverUnlocked,
    /// An item has the name, but in this attribute instead of `username`.
    Misnamed(String),
    /// It is locked, and the prompt was dismissed or could not be shown.
    Locked,
    /// It is locked, and its prompt was not answered within this time.
    NobodyAnswered(Duration),
    /// It did not answer within this time.
    NoAnswer(Duration),
    /// The name begins with this profile, which was not asked for.
    OtherProfile(String),
    /// This many items have the name.
    Ambiguous(usize),
    /// The value is not UTF-8.
    NotUtf8,
    /// It failed for another reason: the operating system's.
    Refused(String),
}

impl KeychainError {
    /// Whether there is no such value, so that a default applies, rather than one that can't be read.
    pub(crate) fn is_absence(&self) -> bool {
        matches!(
            self,
            Self::NotBuilt | Self::NoSession | Self::NoService | Self::NeverUnlocked | Self::Misnamed(_) | Self::OtherProfile(_)
        )
    }

    /// Whether it concerns one item, rather than the keychain.
    pub(crate) fn is_of_one_item(&self) -> bool {
        matches!(self, Self::Misnamed(_) | Self::Ambiguous(_) | Self::NotUtf8 | Self::OtherProfile(_))
    }
}

/// How the keychain is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeychainSettings {
    /// Look for `PROFILE/NAME` first.
    pub profile: Option<String>,
    /// The time limit for a person to answer a prompt, in whole seconds. If 0, no prompt is shown.
    pub prompt: Duration,
}

/// The keychain. It is opened once, when the first name is looked up, in a thread of its own, so that waiting for it has a time limit.
#[derive(Debug)]
pub(crate) struct Keychain {
    settings: KeychainSettings,
    worker: Mutex<Option<Worker>>,
}

/// The name of an item in the keychain.
fn user(profile: Option<&str>, name: &str) -> String {
    profile.map_or_else(|| name.to_owned(), |profile| format!("{profile}/{name}"))
}

impl Keychain {
    /// The keychain, not yet opened.
    pub(crate) fn new(settings: KeychainSettings) -> Self {
        Self { settings, worker: Mutex::new(None) }
    }

    /// The name of the item that [`Keychain::set`] stores: `NAME`, or `PROFILE/NAME`.
    pub(crate) fn user(&self, name: &str) -> String {
        user(self.settings.profile.as_deref(), name)
    }

    /// The items that may have the value of `name`, in the order in which they are asked.
    ///
    /// # Errors
    /// When it is the name of an item of another profile: a template does not choose the profile.
    fn users(&self, name: &str) -> Result<Vec<String>, KeychainError> {
        let profile = self.settings.profile.as_deref();
        match name.split_once('/') {
            Some((own, _)) if profile == Some(own) => Ok(vec![name.to_owned()]),
            Some((other, _)) => Err(KeychainError::OtherProfile(other.to_owned())),
            None => Ok(profile.map(|_| self.user(name)).into_iter().chain([name.to_owned()]).collect()),
        }
    }

    fn ask(&self, task: Task) -> Result<Answer, KeychainError> {
        let mut worker = self.worker.lock().unwrap_or_else(PoisonError::into_inner);
        if worker.is_none() {
            *worker = Some(Worker::start(self.settings.prompt)?);
        }
        match &mut *worker {
            Some(worker) => worker.ask(task, self.settings.prompt),
            None => Err(KeychainError::NoService),
        }
    }

    /// Stores `value` as `name`; returns whether it replaced another value. May prompt to unlock the keychain.
    ///
    /// # Errors
    /// See [`KeychainError`].
    pub(crate) fn set(&self, name: &str, value: Secret) -> Result<bool, KeychainError> {
        let value = Arc::new(Mutex::new(Some(value)));
        let answer = self.ask(Task::Set(self.user(name), value.clone()));
        // The thread may be left waiting for its prompt, but not with the value.
        *value.lock().unwrap_or_else(PoisonError::into_inner) = None;
        answer.map(|answer| matches!(answer, Answer::Count(1..)))
    }

    /// The value of `name`, and the name of its item. May prompt to unlock the keychain.
    ///
    /// # Errors
    /// See [`KeychainError`].
    pub(crate) fn get(&self, name: &str) -> Result<Option<(Secret, String)>, KeychainError> {
        match self.ask(Task::Get(self.users(name)?))? {
            Answer::Found(value, user) => Ok(Some((value, user))),
            _ => Ok(None),
        }
    }

    /// Whether there is an item for `name`, locked or not. Does not prompt.
    ///
    /// # Errors
    /// See [`KeychainError`].
    pub(crate) fn has(&self, name: &str) -> Result<bool, KeychainError> {
        self.ask(Task::Has(self.users(name)?)).map(|answer| matches!(answer, Answer::Count(1..)))
    }

    /// Removes every item for `name`; returns how many there were. May prompt to unlock the keychain.
    ///
    /// # Errors
    /// See [`KeychainError`].
    pub(crate) fn remove(&self, name: &str) -> Result<usize, KeychainError> {
        match self.ask(Task::Remove(self.user(name)))? {
            Answer::Count(count) => Ok(count),
            _ => Ok(0),
        }
    }

    /// The names of all items, sorted. Does not prompt.
    ///
    /// # Errors
    /// See [`KeychainError`].
    pub(crate) fn names(&self) -> Result<Vec<String>, KeychainError> {
        match self.ask(Task::List)? {
            Answer::Names(mut names) => {
                names.sort();
                Ok(names)
            }
            _ => Ok(Vec::new()),
        }
    }
}

impl Source for Keychain {
    fn label(&self) -> String {
        "keychain".to_owned()
    }

    fn origin(&self) -> Option<Origin> {
        Some(Origin::Keychain)
    }

    fn has(&self, name: &str) -> Result<bool, SourceError> {
        Self::has(self, name).map_err(SourceError::Keychain)
    }

    fn get(&self, name: &str) -> Result<Option<Secret>, SourceError> {
        Self::get(self, name).map(|found| found.map(|(value, _)| value)).map_err(SourceError::Keychain)
    }
}

/// A value to be stored. Whoever stores it can take it back.
type StoredValue = Arc<Mutex<Option<Secret>>>;

/// A task for the thread. Names are those of items.
enum Task {
    /// The value of the first of these items that exists.
    Get(Vec<String>),
    Has(Vec<String>),
    Set(String, StoredValue),
    Remove(String),
    List,
}

enum Answer {
    Nothing,
    Found(Secret, String),
    Count(usize),
    Names(Vec<String>),
}

enum Reply {
    /// A prompt is shown; the time limit for a person applies.
    Prompting,
    /// The prompt was answered.
    Prompted,
    Done(Result<Answer, KeychainError>),
}

/// Tells the waiting thread that a prompt is shown.
struct Prompting<'r>(&'r Sender<Reply>);

impl Prompting<'_> {
    /// Runs `ask`, which may show a prompt. It is no error if nobody is waiting any more.
    fn during<T>(&self, ask: impl FnOnce() -> T) -> T {
        let _ = self.0.send(Reply::Prompting);
        let result = ask();
        let _ = self.0.send(Reply::Prompted);
        result
    }
}

/// The thread that talks to the keychain.
#[derive(Debug)]
struct Worker {
    tasks: Option<Sender<(Task, Sender<Reply>)>>,
    thread: Option<JoinHandle<()>>,
    /// Set after it did not answer: it is not asked again.
    given_up: Option<KeychainError>,
}

impl Worker {
    fn start(prompt: Duration) -> Result<Self, KeychainError> {
        let (tasks, receiver) = mpsc::channel();
        let serve = move || {
            // The hook has reported the panic; the waiting thread sees the channel close.
            let _ = catch_unwind(AssertUnwindSafe(|| serve(&receiver, prompt)));
            system::scrub();
        };
        // A signal is for the main thread, which holds it back while it writes.
        let _held = system::HeldSignals::new();
        let thread = thread::Builder::new().name("keychain".to_owned()).spawn(serve);
        let thread = thread.map_err(|error| KeychainError::Refused(error.to_string()))?;
        Ok(Self { tasks: Some(tasks), thread: Some(thread), given_up: None })
    }

    fn ask(&mut self, task: Task, prompt: Duration) -> Result<Answer, KeychainError> {
        if let Some(error) = &self.given_up {
            return Err(error.clone());
        }
        let (reply, replies) = mpsc::channel();
        if let Some(tasks) = &self.tasks {
            // Fails only if the thread has ended, which the wait below notices.
            let _ = tasks.send((task, reply));
        }
        let (mut limit, mut late) = (ANSWER, KeychainError::NoAnswer(ANSWER));
        let error = loop {
            match replies.recv_timeout(limit) {
                // Without time for a prompt, the thread answers by itself.
                Ok(Reply::Prompting) if !prompt.is_zero() => (limit, late) = (prompt, KeychainError::NobodyAnswered(prompt)),
                Ok(Reply::Prompting) => {}
                Ok(Reply::Prompted) => (limit, late) = (ANSWER, KeychainError::NoAnswer(ANSWER)),
                Ok(Reply::Done(result)) => return result,
                Err(RecvTimeoutError::Timeout) => break late,
                Err(RecvTimeoutError::Disconnected) => break KeychainError::Refused("it stopped responding".to_owned()),
            }
        };
        self.given_up = Some(error.clone());
        Err(error)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.tasks = None;
        // Without tasks, the thread wipes its stack and ends. If it did not answer, the process ends without waiting for it.
        if self.given_up.is_none()
            && let Some(thread) = self.thread.take()
        {
            let _ = thread.join();
        }
    }
}

#[inline(never)]
fn serve(tasks: &Receiver<(Task, Sender<Reply>)>, prompt: Duration) {
    let mut store = None;
    while let Ok((task, reply)) = tasks.recv() {
        let began = Instant::now();
        // Opened only once, even if that fails.
        let store = store.get_or_insert_with(|| Store::open(prompt, began + ANSWER));
        let done = match store {
            Ok(store) => perform(store, task, &Prompting(&reply)),
            Err(error) => Err(error.clone()),
        };
        let done = done.map_err(|error| match error {
            KeychainError::NoAnswer(_) => KeychainError::NoAnswer(began.elapsed()),
            other => other,
        });
        // After each task, since the thread may be left behind during the next.
        system::scrub();
        let _ = reply.send(Reply::Done(done));
    }
}

fn perform(store: &Store, task: Task, prompting: &Prompting<'_>) -> Result<Answer, KeychainError> {
    match task {
        Task::Get(users) => {
            for user in users {
                if let Some(value) = store.get(&user, prompting)? {
                    let value = Secret::from_bytes(Zeroizing::new(value)).map_err(|_| KeychainError::NotUtf8)?;
                    return Ok(Answer::Found(value, user));
                }
            }
            Ok(Answer::Nothing)
        }
        Task::Has(users) => {
            for user in users {
                if store.has(&user)? {
                    return Ok(Answer::Count(1));
                }
            }
            Ok(Answer::Count(0))
        }
        Task::Set(user, value) => store.set(&user, &value, prompting).map(|replaced| Answer::Count(usize::from(replaced))),
        Task::Remove(user) => store.remove(&user, prompting).map(Answer::Count),
        Task::List => store.names().map(Answer::Names),
    }
}

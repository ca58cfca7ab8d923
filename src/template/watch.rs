//! A run of the engine, watched from outside. The engine counts its instructions, but not all that one of them may do: comparing lists in
//! lists, adding lists, freeing what is nested a hundred thousand times.

/// How much processor time a run may take; and one more second for each of these bytes of its text.
#[cfg(not(target_family = "wasm"))]
const SECONDS: u64 = if cfg!(debug_assertions) { 5 } else { 2 };
#[cfg(not(target_family = "wasm"))]
const BYTES_A_SECOND: u64 = 4 * 1024 * 1024;

/// How much memory a run may take, in bytes.
#[cfg(not(target_family = "wasm"))]
const MEMORY: u64 = 1024 * 1024 * 1024;

/// The stack for a run. What the engine's budget lets nest needs less than half of it to be compared, written or freed.
#[cfg(not(target_family = "wasm"))]
const STACK: usize = 1024 * 1024 * 1024;

/// What `run` gives, for a template of `bytes` bytes. None if it does not end: it is left behind, and no longer waited for.
#[cfg(not(target_family = "wasm"))]
pub(super) fn watched<T: Send + 'static>(bytes: usize, run: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    use std::sync::mpsc::{RecvTimeoutError, channel};
    use std::sync::{Arc, Mutex, PoisonError};
    use std::time::Duration;

    const PAUSE: Duration = Duration::from_millis(5);
    let (limit, before) = (Duration::from_secs(SECONDS + bytes as u64 / BYTES_A_SECOND), Used::now());
    let (sender, result) = channel();
    let work = Arc::new(Mutex::new(Some(run)));
    let taken = work.clone();
    let thread = {
        // The thread starts with this mask: signals are for the main thread.
        let _held = crate::system::HeldSignals::new();
        std::thread::Builder::new().stack_size(STACK).spawn(move || {
            let run = taken.lock().unwrap_or_else(PoisonError::into_inner).take();
            let _ = sender.send(run.map(|run| run()));
        })
    };
    let Ok(thread) = thread else {
        // There is no room for the stack: as deep as this one goes.
        let run = work.lock().unwrap_or_else(PoisonError::into_inner).take();
        return run.map(|run| run());
    };
    loop {
        match result.recv_timeout(PAUSE) {
            Ok(done) => {
                let _ = thread.join();
                return done;
            }
            Err(RecvTimeoutError::Timeout) if before.is_within(limit) => {}
            Err(RecvTimeoutError::Timeout) => return None,
            // It panicked: so does this thread, as if it had run here.
            Err(RecvTimeoutError::Disconnected) => match thread.join() {
                Err(panic) => std::panic::resume_unwind(panic),
                Ok(()) => return None,
            },
        }
    }
}

/// Without threads, nothing can be watched.
#[cfg(target_family = "wasm")]
pub(super) fn watched<T>(_bytes: usize, run: impl FnOnce() -> T) -> Option<T> {
    Some(run())
}

/// What this process has used so far.
#[cfg(not(target_family = "wasm"))]
struct Used {
    time: std::time::Duration,
    memory: u64,
}

#[cfg(not(target_family = "wasm"))]
impl Used {
    fn now() -> Self {
        Self { time: Self::time(), memory: Self::memory() }
    }

    fn is_within(&self, limit: std::time::Duration) -> bool {
        Self::time().saturating_sub(self.time) < limit && Self::memory().saturating_sub(self.memory) < MEMORY
    }

    /// Processor time: a busy machine is not the template's fault.
    #[cfg(unix)]
    fn time() -> std::time::Duration {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
        std::time::Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs() as u32)
    }

    #[cfg(not(unix))]
    fn time() -> std::time::Duration {
        use std::sync::OnceLock;
        use std::time::Instant;
        static START: OnceLock<Instant> = OnceLock::new();
        START.get_or_init(Instant::now).elapsed()
    }

    /// Pages that are there, as Linux tells; elsewhere only the time counts.
    fn memory() -> u64 {
        const PAGE: u64 = 4096;
        let told = if cfg!(target_os = "linux") { std::fs::read_to_string("/proc/self/statm").ok() } else { None };
        told.and_then(|told| told.split(' ').nth(1)?.parse().ok()).map_or(0, |pages: u64| pages * PAGE)
    }
}

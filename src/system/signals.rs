//! The signals that end the process.

/// Blocks the signals that end a process (Ctrl-C, hang-up, termination) in this thread while it exists. They take effect when it is dropped.
/// A thread that is started meanwhile blocks them for good.
#[derive(Debug)]
pub struct HeldSignals {
    #[cfg(unix)]
    before: libc::sigset_t,
}

impl HeldSignals {
    /// Blocks them in this thread.
    pub fn new() -> Self {
        Self {
            #[cfg(unix)]
            before: super::block_signals(),
        }
    }
}

impl Default for HeldSignals {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(unix)]
impl Drop for HeldSignals {
    fn drop(&mut self) {
        super::restore_signals(&self.before);
    }
}

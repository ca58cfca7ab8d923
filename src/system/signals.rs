//! The signals that would end the process while a temporary file is there, or a command runs.

/// Blocks the signals that end a process (Ctrl-C, hang-up, termination) in this thread while it exists, so that no temporary file or
/// command is left behind. They take effect when it is dropped. A thread that is started meanwhile blocks them for good.
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

    /// Whether one has come and is held back.
    pub fn waits(&self) -> bool {
        #[cfg(unix)]
        return super::signal_waits();
        #[cfg(not(unix))]
        false
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

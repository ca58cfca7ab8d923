//! The signals that would end the process while a temporary file is there.

/// Blocks the signals that end a process (Ctrl-C, hang-up, termination) while it exists, so that no temporary file is left behind. They
/// take effect when it is dropped.
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

//! What a check found: a stable id, how bad it is, where, and what to write instead.

use std::ops::Range;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Akash's Go parser accepts it, yet something will be lost, refused elsewhere, or unsafe.
    Warning,
    /// Akash's Go parser rejects it, the pull can't work, or a credential lies open.
    Error,
}

/// One finding. It never quotes a value that may be a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule: stable, lower-case words with hyphens, such as `size-suffix`.
    pub id: &'static str,
    /// How bad it is.
    pub level: Level,
    /// Bytes of the checked document.
    pub range: Range<usize>,
    /// The place in the SDL: `profiles.compute.web.resources.memory.size`.
    pub path: String,
    /// What is wrong, in one line.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

//! What a check found: the rule, how bad it is, where, and what to write instead.

use std::ops::Range;

mod rule;

pub(crate) use rule::{About, ExamplePlace, Rule};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// Akash's Go parser accepts it, but something is lost, refused elsewhere or unsafe.
    Warning,
    /// Akash's Go parser rejects it, the image can't be pulled, or a credential is exposed.
    Error,
}

impl Level {
    /// `error` or `warning`.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// One finding. It never quotes a value that may be a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    /// The rule.
    pub rule: Rule,
    /// How bad it is: one of the rule's levels.
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

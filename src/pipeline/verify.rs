//! Stage 7, where it is asked for: the images are looked up as a provider would pull them, with the credentials that were filled in.

use crate::cli::{Format, Registries};

#[cfg(not(feature = "verify"))]
#[path = "verify/none.rs"]
mod stage;
#[cfg(feature = "verify")]
mod stage;

pub(super) use stage::verify;

/// What the images are looked up for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The result is only written if every image can be pulled.
    Condition,
    /// The answer itself, in this format.
    Answer(Format),
    /// The result, with each image's tag replaced by its digest.
    Pin,
}

/// How images are looked up.
#[derive(Debug)]
pub(crate) struct Verification<'r> {
    /// What for.
    pub(crate) purpose: Purpose,
    /// How registries are reached.
    pub(crate) registries: &'r Registries,
}

//! Stage 7, if asked for: looks up the images as a provider would pull them, with the credentials that were filled in.

use crate::cli::{Format, Registries};

#[cfg(not(feature = "verify"))]
#[path = "verify/none.rs"]
mod stage;
#[cfg(feature = "verify")]
mod stage;

pub(super) use stage::verify;

/// Why the images are looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To write the result only if every image can be pulled.
    Condition,
    /// To print the answer in this format.
    Answer(Format),
    /// To write the result with each image's tag replaced by its digest.
    Pin,
}

/// Why and how images are looked up.
#[derive(Debug)]
pub(crate) struct Verification<'r> {
    /// Why.
    pub(crate) purpose: Purpose,
    /// How to reach registries.
    pub(crate) registries: &'r Registries,
}

//! The whole program, stage by stage: [`render`] is the one way from a template to its result, whichever command asks for it.
//!
//! [`open`] reads the template and says where values come from; [`expand`] runs its statements; [`scan`] finds the scalars that hold
//! placeholders; [`values`] asks the sources; [`fill`] writes the values into the document and proves the result; [`judge`] applies the
//! rules; [`verify`] looks the images up, where that is asked for; [`write`] takes the result to standard output or a file. [`check`] is the
//! same way with masks for values, and reports instead of writing.

pub(crate) mod check;
pub(crate) mod expand;
pub(crate) mod fill;
pub(crate) mod judge;
#[cfg(not(target_family = "wasm"))]
pub(crate) mod open;
#[cfg(not(target_family = "wasm"))]
pub(crate) mod profile;
#[cfg(not(target_family = "wasm"))]
mod run;
pub(crate) mod scan;
#[cfg(not(target_family = "wasm"))]
pub(crate) mod unused;
pub(crate) mod values;
#[cfg(not(target_family = "wasm"))]
pub(crate) mod verify;
#[cfg(not(target_family = "wasm"))]
pub(crate) mod write;

#[cfg(not(target_family = "wasm"))]
pub(crate) use run::{Request, render};

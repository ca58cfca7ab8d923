//! The whole program, stage by stage: every command that renders a template calls [`render`].
//!
//! [`open`] reads the template and lists the sources; [`expand`] runs its statements; [`scan`] finds the scalars that hold
//! placeholders; [`values`] asks the sources; [`fill`] writes the values into the document and proves the result; [`judge`] applies the
//! rules; [`verify`] looks up the images, if asked to; [`mod@write`] writes the result to standard output or a file. [`check`] runs the same
//! stages with masks for values, and reports instead of writing; [`console`] ends in two documents for
//! Akash's Console, and [`diff`] in a comparison with what was deployed.

pub(crate) mod check;
#[cfg(not(target_family = "wasm"))]
pub(crate) mod console;
#[cfg(not(target_family = "wasm"))]
pub(crate) mod diff;
pub(crate) mod expand;
#[cfg(not(target_family = "wasm"))]
pub(crate) mod files;
pub(crate) mod fill;
pub(crate) mod judge;
#[cfg(not(target_family = "wasm"))]
pub(crate) mod open;
#[cfg(not(target_family = "wasm"))]
pub(crate) mod profile;
#[cfg(not(target_family = "wasm"))]
pub(crate) mod projects;
#[cfg(not(target_family = "wasm"))]
pub(crate) mod reach;
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
pub(crate) use run::{Request, finish, render};

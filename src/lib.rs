//! Renders Akash SDL templates: takes a committed template, gives the final SDL. Every secret is a string, and every other byte stays.
//!
//! [`Document`] is the library: it checks a template without secrets, and renders it with the secrets that the caller gives.
//!
//! The modules are listed in the order in which data passes through them, and a module uses only those listed before it. ARCHITECTURE.md
//! says what each is for.
#![warn(missing_docs, unreachable_pub, clippy::print_stdout, clippy::print_stderr)]
// A part of some modules is only there for a feature, or for what WebAssembly does not have; the whole is checked with all of them.
#![cfg_attr(any(not(feature = "keychain"), not(feature = "verify")), allow(dead_code, unused_imports, unreachable_pub))]

// Used by all stages.
#[doc(hidden)]
pub mod system;

mod span;

mod diagnostic;

// From a template to its values.
mod secret;

mod template;

use sdlrender_yaml as yaml;

mod scalar;

mod source;

mod resolve;

// From values to a proven document.
mod splice;

mod proof;

// What the document is checked against.
mod finding;

mod go;

mod registry;

mod sdl;

mod credential;

mod veil;

mod rules;

// The same document for Akash's Console, and beside what was deployed.
#[cfg(not(target_family = "wasm"))]
mod console;

#[cfg(not(target_family = "wasm"))]
mod diff;

#[cfg(all(feature = "verify", not(target_family = "wasm")))]
mod verify;

// What people and programs read about it.
mod report;

#[cfg(not(target_family = "wasm"))]
mod output;

#[cfg(not(target_family = "wasm"))]
mod handover;

#[cfg(not(target_family = "wasm"))]
mod starter;

mod project;

mod error;

// From the command line to the stages.
#[cfg(not(target_family = "wasm"))]
mod cli;

#[cfg(not(target_family = "wasm"))]
mod streams;

mod pipeline;

mod facade;

#[cfg(not(target_family = "wasm"))]
mod listing;

#[cfg(not(target_family = "wasm"))]
mod extract;

#[cfg(not(target_family = "wasm"))]
mod complete;

#[cfg(not(target_family = "wasm"))]
mod front;

#[cfg(not(target_family = "wasm"))]
mod command;

/// For the fuzz targets of this package.
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;

pub use facade::{Document, Problem, Rendered};

/// The parts of the program that its `main` uses.
#[cfg(not(target_family = "wasm"))]
#[doc(hidden)]
pub mod program {
    pub use crate::cli::Cli;
    pub use crate::command::{on_panic, run, start};
    pub use crate::complete::{VARIABLE as COMPLETE, complete};
    pub use crate::diagnostic::{Diagnostic, Severity, grouped};
    pub use crate::front::{first_steps, unknown_word};
    pub use crate::handover::Handover;
    pub use crate::output::Redirect;
    pub use crate::streams::Streams;
    pub use crate::system;
}

/// For this package's own tests.
#[doc(hidden)]
pub mod testing {
    #[cfg(not(target_family = "wasm"))]
    pub use crate::extract::{Extracted, in_memory as extract};
    pub use crate::source::{Content, DotenvFault};
}

/// The Rust examples of the README and of docs/library.md are tests.
#[cfg(doctest)]
mod pages {
    #[doc = include_str!("../README.md")]
    struct Readme;
    #[doc = include_str!("../docs/library.md")]
    struct Library;
}

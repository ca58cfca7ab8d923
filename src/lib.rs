//! Renders Akash SDL templates: a committed template in, the final SDL out, every secret a string and every other byte as it was.
//!
//! [`Document`] is the library: it checks a template without any secret, and renders it with those that its caller gives.
//!
//! The modules are listed in the order in which data passes through them, and a module uses only those listed before it. ARCHITECTURE.md
//! says what each is for.
#![warn(missing_docs, unreachable_pub, clippy::print_stdout, clippy::print_stderr)]
// A part of some modules is only there for a feature, or for what WebAssembly does not have; the whole is checked with all of them.
#![cfg_attr(any(not(feature = "keychain"), not(feature = "verify")), allow(dead_code, unused_imports, unreachable_pub))]

// What all stages use.
#[doc(hidden)]
pub mod system;

mod span;

mod diagnostic;

// From a template to its values.
mod secret;

mod template;

mod yaml;

mod scalar;

mod source;

mod resolve;

// From values to a proven document.
mod splice;

mod proof;

// What the document is held against.
mod finding;

mod go;

mod registry;

mod sdl;

mod credential;

mod rules;

#[cfg(all(feature = "verify", not(target_family = "wasm")))]
mod verify;

// What people and programs read of it.
mod report;

#[cfg(not(target_family = "wasm"))]
mod output;

mod error;

// From the command line to the stages.
#[cfg(not(target_family = "wasm"))]
mod cli;

#[cfg(not(target_family = "wasm"))]
mod streams;

mod pipeline;

mod facade;

#[cfg(not(target_family = "wasm"))]
mod command;

pub use facade::{Document, Problem, Rendered};

/// What the program is made of, for its `main`.
#[cfg(not(target_family = "wasm"))]
#[doc(hidden)]
pub mod program {
    pub use crate::cli::Cli;
    pub use crate::command::{on_panic, run};
    pub use crate::diagnostic::{Diagnostic, grouped};
    pub use crate::output::Redirect;
    pub use crate::streams::Streams;
    pub use crate::system;
}

/// For this package's own tests.
#[doc(hidden)]
pub mod testing {
    pub use crate::source::{Content, DotenvFault};
}

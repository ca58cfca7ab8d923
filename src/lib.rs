//! Renders Akash SDL templates: a committed template in, the final SDL out.
//!
//! The modules stand in the order in which data walks through them. A [`template`] is read and expanded into a marker document;
//! [`scalar`] finds the YAML scalars that hold markers; [`source`] and [`resolve`] look the values up; [`splice`] writes them into
//! the document, each in its scalar's own style where that style can carry it, and [`proof`] parses the result once more;
//! [`output`] takes it to standard output or a file that git ignores; [`verify`] proves, when asked, that a provider can pull the
//! document's images. A module uses only what stands before it.
#![warn(missing_docs, unreachable_pub, clippy::print_stdout, clippy::print_stderr)]

pub mod system;

pub mod span;

pub mod secret;

pub mod template;

mod yaml;

pub mod scalar;

pub mod finding;

mod go;

pub mod registry;

pub mod source;

pub mod resolve;

pub mod splice;

pub mod proof;

pub mod output;

pub mod verify;

pub mod diagnostic;

pub mod sdl;

pub mod credential;

pub mod rules;

pub mod report;

pub mod error;

pub mod cli;

pub mod streams;

mod pipeline;

mod facade;

pub use facade::{Document, Problem, Rendered};

/// For this package's own tests.
#[doc(hidden)]
pub mod testing {
    pub use crate::source::{Content, DotenvFault};
}

pub mod command;

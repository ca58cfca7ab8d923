//! The commands, a file each: from their options to the pipeline.

pub mod check;
pub mod keychain;
pub mod list;
pub mod render;
pub mod verify;

//! `extract`: from a filled SDL to a template and stored secrets, and back.

mod generated;
mod published;
#[cfg(unix)]
mod rules;
#[cfg(target_os = "linux")]
mod stores;
mod tree;

//! The table of all rules, a file a section.

#[macro_use]
mod compute;
#[macro_use]
mod credential;
#[macro_use]
mod deployment;
#[macro_use]
mod document;
#[macro_use]
mod expose;
#[macro_use]
mod placement;
#[macro_use]
mod project;
#[macro_use]
mod service;
#[macro_use]
mod storage;
#[macro_use]
mod template;
#[macro_use]
mod value;
#[macro_use]
mod yaml;

//! `extract`: from a filled SDL to a template and stored secrets, and back.

mod generated;
mod published;
mod tree;

//! The SDL as Akash decodes it: one struct per part of the document, with the keys it knows and what reads each.
//!
//! A field is a line in its struct and a line in its `FIELDS`. Rules on a single value are where the value is read; rules that hold parts
//! of the document against each other are in [`super::rules`].

pub(crate) mod compute;
pub(crate) mod credentials;
pub(crate) mod deployment;
pub(crate) mod document;
pub(crate) mod endpoint;
pub(crate) mod expose;
pub(crate) mod gpu;
pub(crate) mod http;
pub(crate) mod params;
pub(crate) mod placement;
pub(crate) mod price;
pub(crate) mod reclamation;
pub(crate) mod service;
pub(crate) mod storage;
pub(crate) mod version;

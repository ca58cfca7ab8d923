//! What Go makes of a text: its standard library and the libraries that Akash's parser and Kubernetes are built with.
//!
//! Akash's verdict on an SDL rests on these readings, so each follows Go where Rust would read otherwise. Nothing here looks at a document.

pub(crate) mod base64;
pub(crate) mod decimal;
pub(crate) mod duration;
pub(crate) mod number;
pub(crate) mod pattern;
pub(crate) mod scalar;
pub(crate) mod semver;
pub(crate) mod url;

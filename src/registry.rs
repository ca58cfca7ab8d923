//! Facts about container registries: image references, which `credentials.host` matches which image, and the usernames and passwords that
//! each registry expects.
//!
//! Nothing here reads a document; the rules on credentials do.

pub(crate) mod host;
pub(crate) mod kind;
pub(crate) mod reference;
pub(crate) mod token;

pub(crate) use kind::Registry;
pub(crate) use reference::Reference;

//! Facts about container registries: image references, which `credentials.host` matches which image, and the usernames and passwords that
//! each registry expects.
//!
//! Nothing here reads a document; the rules on credentials do.

pub mod host;
pub mod kind;
pub mod reference;
pub mod token;

pub use kind::Registry;
pub use reference::Reference;

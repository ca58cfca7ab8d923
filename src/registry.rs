//! What is known of container registries: image references, which `credentials.host` reaches which image, and what each registry
//! expects of a username and a password.
//!
//! Nothing here looks at a document; the rules on credentials apply it to one.

pub mod host;
pub mod kind;
pub mod reference;
pub mod token;

pub use kind::Registry;
pub use reference::Reference;

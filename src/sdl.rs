//! The SDL and its rules: what Akash's own Go parser rejects is an error, what only its JSON schema and Console refuse, or what Go
//! loses in silence, is a warning.
//!
//! The document is decoded the way go-yaml decodes it into Akash's types ([`model`]), then its parts are held against each other.
//! Places such as `go/sdl/v2.go:194` are of akash-network/chain-sdk at 55f1c683. A value that is not known yet satisfies any rule,
//! and so does what could not be read: one fault is told once. No finding quotes a credential, an `env` item, an argument, or a scalar
//! that a placeholder stands or stood in.

use crate::finding::{Finding, Level};
use crate::tree::{Id, Tree};

mod accept;
mod compute;
mod credentials;
mod decode;
mod deployment;
mod document;
mod endpoints;
mod entries;
mod expose;
mod gpu;
mod group;
mod http;
mod mounts;
mod number;
mod params;
mod placement;
mod pricing;
mod reclamation;
mod report;
mod resolve;
mod rules;
mod service;
mod storage;
mod tee;
mod units;
mod value;
mod version;

pub use credentials::Credentials;
pub use rules::RULES;
pub use service::Service;
pub use version::Version;

pub(crate) use resolve::is_null_word;

use decode::{Decoder, Key};
use value::Map;

/// An SDL, decoded.
#[derive(Debug, Default)]
pub struct Sdl<'t> {
    version: Option<Version>,
    services: Map<'t, Service<'t>>,
    compute: Map<'t, compute::Compute<'t>>,
    placement: Map<'t, placement::Placement<'t>>,
    deployment: Map<'t, Map<'t, deployment::Deployed<'t>>>,
    endpoints: Map<'t, endpoints::Endpoint<'t>>,
    reclamation: Option<reclamation::Reclamation<'t>>,
    deployment_key: Option<Id>,
}

impl<'t> Sdl<'t> {
    /// Which of Akash's parsers takes it; none if that is not known.
    pub fn version(&self) -> Option<Version> {
        self.version
    }

    /// The services by name, in the order of the text, each with the node of its key; merge keys and aliases are followed.
    pub fn services(&self) -> impl Iterator<Item = (&'t str, Id, &Service<'t>)> {
        self.services.entries.iter().map(|(Key { name, id }, service)| (*name, *id, service))
    }
}

/// The SDL in `tree`, as far as it can be read; empty if there is none.
pub fn model<'t>(tree: &'t Tree<'_>) -> Sdl<'t> {
    document::decode(&mut Decoder::new(tree)).unwrap_or_default()
}

/// What is wrong with the SDL in `tree`, in the order of the text.
pub fn check(tree: &Tree<'_>) -> Vec<Finding> {
    read(tree).1
}

/// The SDL in `tree`, as far as it can be read, and what is wrong with it, in the order of the text.
pub fn read<'t>(tree: &'t Tree<'_>) -> (Sdl<'t>, Vec<Finding>) {
    let mut decoder = Decoder::new(tree);
    let sdl = document::decode(&mut decoder);
    let mut report = decoder.report;
    if let Some(sdl) = &sdl {
        report.path.clear();
        if let Some(reclamation) = &sdl.reclamation {
            reclamation::check(&mut report, reclamation);
        }
        endpoints::check(&mut report, tree, sdl);
        tee::check(&mut report, sdl);
        deployment::check(&mut report, tree, sdl);
    }
    let mut findings = report.findings;
    findings.sort_by_key(|finding| finding.range.start);
    (sdl.unwrap_or_default(), findings)
}

/// What is wrong with the SDL in `text`, which holds no placeholders.
pub fn check_text(text: &str) -> Vec<Finding> {
    match crate::yaml::tree::Tree::read(text) {
        Ok(tree) => check(&Tree::of(&tree)),
        Err(error) => vec![Finding {
            id: "not-yaml",
            level: Level::Error,
            range: error.offset..error.offset,
            path: String::new(),
            message: format!("this is not YAML: {}", error.message),
            help: None,
        }],
    }
}

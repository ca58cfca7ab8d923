//! The SDL and its rules: what Akash's own Go parser rejects is an error; what only its JSON schema and Console refuse, or what Go drops
//! without a word, is a warning.
//!
//! The document is decoded the way go-yaml decodes it into Akash's types ([`decode`] into [`model`]), then its parts are held against
//! each other ([`rules`]). Places such as `go/sdl/v2.go:194` are in akash-network/chain-sdk at 55f1c683. A value that is not known is
//! accepted by every rule, and so is what could not be read, so that each mistake is reported once. No finding quotes a credential, an
//! `env` item, an argument, or a scalar that comes from a placeholder.

use crate::finding::Finding;
#[cfg(test)]
use crate::finding::Rule;
use crate::splice::View;

mod decode;
mod model;
mod reporter;
mod rules;

#[cfg(test)]
mod tests;

pub(crate) use decode::{DecodedTexts, Written};
pub(crate) use model::document::Sdl;
pub(crate) use model::version::Version;
pub(crate) use rules::{REFUSED, refused_variable};

use decode::Decoder;

/// The SDL in `tree`, as far as it can be read; empty if there is none.
pub(crate) fn model<'t>(tree: &'t View<'_>, texts: &'t DecodedTexts) -> Sdl<'t> {
    Sdl::decode(&mut Decoder::new(tree, texts)).unwrap_or_default()
}

/// What is wrong with the SDL in `tree`, in the order of the text.
#[cfg(test)]
pub(crate) fn check(tree: &View<'_>) -> Vec<Finding> {
    read(tree, &DecodedTexts::default()).1
}

/// The SDL in `tree`, as far as it can be read, and what is wrong with it, in the order of the text.
pub(crate) fn read<'t>(tree: &'t View<'_>, texts: &'t DecodedTexts) -> (Sdl<'t>, Vec<Finding>) {
    let mut decoder = Decoder::new(tree, texts);
    let sdl = Sdl::decode(&mut decoder);
    let mut report = decoder.report;
    if let Some(sdl) = &sdl {
        report.path.clear();
        rules::check(&mut report, tree, sdl);
    }
    let mut findings = report.findings;
    findings.sort_by_key(|finding| finding.range.start);
    (sdl.unwrap_or_default(), findings)
}

/// What is wrong with the SDL in `text`, which holds no placeholders.
#[cfg(test)]
pub(crate) fn check_text(text: &str) -> Vec<Finding> {
    match crate::yaml::tree::Tree::read(text) {
        Ok(tree) => check(&View::of(&tree)),
        Err(error) => vec![Finding {
            rule: Rule::NotYaml,
            level: Rule::NotYaml.level(),
            range: error.offset..error.offset,
            path: String::new(),
            message: format!("this is not YAML: {}", error.message),
            help: None,
        }],
    }
}

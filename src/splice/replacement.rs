//! Scalars that are replaced as a whole, with or without a placeholder: image references that are pinned.

use zeroize::Zeroizing;

use super::block::Block;
use super::{Edit, Expected, PieceKind, quote};
use crate::scalar::{Layout, Scalar};
use crate::yaml::Style;
use crate::yaml::tree::{self, Id};

/// A scalar, or an alias of one, and what replaces it.
pub(crate) struct Replacement {
    /// The node.
    pub node: Id,
    /// What it must parse to.
    pub text: Zeroizing<String>,
    /// The text contains a secret.
    pub secret: bool,
}

impl Replacement {
    /// The edits of `document` that this takes, and what the node must parse to afterwards.
    pub(super) fn rewrite(&self, document: &str, layout: &Layout<'_>, line_break: &str) -> (Vec<Edit>, Expected) {
        let Self { node, text, secret } = self;
        let tree = &layout.tree;
        let style = match tree.kind(*node) {
            // An alias has no style of its own.
            tree::NodeKind::Scalar(style) if !tree.is_alias(*node) => style,
            _ => Style::Plain,
        };
        let scalar = Scalar::of_node(document, tree, *node, style);
        let raw = &document[scalar.region()];
        let mut target =
            Expected::new(Zeroizing::new(text.to_string()), if *secret { PieceKind::Secret } else { PieceKind::Variable });
        let written = match style {
            Style::Plain if !secret && quote::is_plain_safe(text, scalar.flow) => {
                target.plain = true;
                text.clone()
            }
            Style::Single if quote::is_single_safe(text) => {
                let inside = quote::double_apostrophes(text);
                let mut written = Zeroizing::new(String::with_capacity(inside.len() + 2));
                written.extend(["'", inside.as_str(), "'"]);
                written
            }
            Style::Literal | Style::Folded => {
                let trimmed = raw.trim();
                let start = raw.len() - raw.trim_start().len();
                let (raw_segments, values) = ([&raw[..start], &raw[start + trimmed.len()..]], [text.clone()]);
                let (value, target_text) = (tree.text(*node), &**text);
                let raw_segments = &raw_segments[..];
                let block = Block {
                    text: document,
                    scalar: &scalar,
                    value,
                    raw_segments,
                    values: &values,
                    target: target_text,
                    line_break,
                };
                // White space around the old text is a part of its value, and must not be one of the new.
                let keeps = value.trim().len() == value.len();
                return (if keeps { block.rewrite() } else { block.quoted() }, target);
            }
            _ => quote::double_quoted(text),
        };
        (vec![Edit { range: scalar.region(), text: written }], target)
    }
}

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
                // What ends the block stays: its last line break, and the blank lines after it.
                let body = text.trim_end_matches('\n');
                let ending = &raw[raw.trim_end_matches('\n').trim_end_matches('\r').len()..];
                let indent = " ".repeat(scalar.indent());
                let values = [Zeroizing::new(body.to_owned())];
                let block = Block {
                    text: document,
                    scalar: &scalar,
                    value: tree.text(*node),
                    raw_segments: &[&indent, ending],
                    values: &values,
                    target: text,
                    line_break,
                };
                // The indentation that a header names is not that of the first line, and what ends the block is a part of its value.
                let breaks = |text: &str| text.len() - text.trim_end_matches('\n').len();
                let keeps = !block.has_indicator() && breaks(text) == breaks(block.value);
                return (if keeps { block.rewrite() } else { block.quoted() }, target);
            }
            _ => quote::double_quoted(text),
        };
        (vec![Edit { range: scalar.region(), text: written }], target)
    }
}

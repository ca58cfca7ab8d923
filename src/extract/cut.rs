//! Cuts parts out of scalars, by their spans: a marker in place of each, and then a placeholder in place of each marker.

use std::ops::Range;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::original::FilledSdl;
use crate::secret::{Origin, SecretUse};
use crate::splice::{Piece, PieceKind, Replacement, splice};
use crate::template::{Emission, MARKER_LENGTH, MarkerDocument};
use crate::yaml::tree::Id;

/// A part of a scalar.
#[derive(Debug, Clone)]
pub(crate) struct ScalarCut {
    /// The scalar.
    pub(crate) node: Id,
    /// The part, in bytes of the scalar's text.
    pub(crate) range: Range<usize>,
    /// It is a plain variable, which needs no quotes.
    pub(crate) plain: bool,
}

/// `original` with a marker in place of each of `cuts`, which are in the order of the text and apart.
pub(crate) fn marked(original: &FilledSdl<'_>, cuts: &[ScalarCut]) -> Zeroizing<String> {
    let mut replacements: Vec<Replacement> = Vec::new();
    let mut at = 0;
    while at < cuts.len() {
        let node = cuts[at].node;
        let own = cuts[at..].iter().take_while(|cut| cut.node == node).count();
        let text = original.tree().text(node);
        let mut new = Zeroizing::new(String::with_capacity(text.len() + own * MARKER_LENGTH));
        let mut copied = 0;
        for (number, cut) in cuts.iter().enumerate().skip(at).take(own) {
            new.push_str(&text[copied..cut.range.start]);
            new.push_str(&original.nonce.marker(number));
            copied = cut.range.end;
        }
        new.push_str(&text[copied..]);
        let secret = cuts[at..at + own].iter().any(|cut| !cut.plain);
        replacements.push(Replacement { node, text: new, secret });
        at += own;
    }
    // Nothing is a marker yet, so that no value is asked for and nothing is refused.
    let document = MarkerDocument::written(original.text.to_owned(), original.nonce.clone(), Vec::new(), original.name);
    let none = |_| Piece { text: "", kind: PieceKind::Unknown };
    match splice(&document, &original.layout, none, |_| String::new(), &replacements) {
        Ok(filled) => filled.text,
        Err(_) => Zeroizing::new(original.text.to_owned()),
    }
}

/// The document that `marked` is, with a secret behind each of its `count` markers.
pub(crate) fn document(original: &FilledSdl<'_>, marked: &str, count: usize) -> MarkerDocument {
    let usage = Arc::new(SecretUse::new(Origin::Any, "NAME"));
    let emissions = vec![Emission::Secret(usage); count];
    MarkerDocument::written(marked.to_owned(), original.nonce.clone(), emissions, original.name)
}

/// `marked` with `write(number)` in place of each marker. Everything else that a template would act on is kept as text.
pub(crate) fn written(original: &FilledSdl<'_>, marked: &str, write: impl Fn(usize) -> String) -> Zeroizing<String> {
    let mut out = String::with_capacity(marked.len());
    let mut rest = marked;
    while let Some(at) = memchr::memmem::find(rest.as_bytes(), original.nonce.prefix().as_bytes()) {
        raw(&rest[..at], true, &mut out);
        let number = original.nonce.number_at(rest, at).unwrap_or_default();
        out.push_str(&write(number));
        rest = rest.get(at + MARKER_LENGTH..).unwrap_or_default();
    }
    raw(rest, false, &mut out);
    Zeroizing::new(out)
}

/// What begins a placeholder and a statement.
const BEGINS: [&str; 2] = ["{{", "{%"];

/// Appends `text` as a template writes it: what it would take for a placeholder or a statement is in a block that it takes for text. Where a
/// placeholder follows, a brace at the end would become a part of it.
fn raw(text: &str, followed: bool, out: &mut String) {
    let mut lines = text.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        let last_brace = followed && lines.peek().is_none() && line.ends_with('{');
        let mut rest = line;
        while let Some(start) = begin(rest, last_brace) {
            // To the end of the last one on the line; one by one where what ends such a block is among them.
            let close = ["}}", "%}"].iter().filter_map(|end| rest.rfind(end)).max().map_or(0, |at| at + 2);
            let last = BEGINS.iter().filter_map(|begin| rest.rfind(begin)).max().map_or(0, |at| at + 2);
            let end = match rest.contains("endraw") {
                true => (start + 2).min(rest.len()),
                false if last_brace => rest.len(),
                false => close.max(last),
            };
            // The signs keep the white space around.
            out.extend([&rest[..start], "{%+ raw %}", &rest[start..end], "{% endraw +%}"]);
            rest = &rest[end..];
        }
        out.push_str(rest);
    }
}

/// Where the first of [`BEGINS`] is, or the brace that ends the line if that counts as one.
fn begin(line: &str, last_brace: bool) -> Option<usize> {
    let brace = (last_brace && line.ends_with('{')).then(|| line.len() - 1);
    BEGINS.iter().filter_map(|begin| line.find(begin)).chain(brace).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_template_would_act_on_is_kept_as_text() {
        for (text, followed, written) in [
            ("a {{ b }} c\n", false, "a {%+ raw %}{{ b }}{% endraw +%} c\n"),
            ("a {{ b\nc", false, "a {%+ raw %}{{{% endraw +%} b\nc"),
            ("{% x %} {{ y }} z", true, "{%+ raw %}{% x %} {{ y }}{% endraw +%} z"),
            ("a{", true, "a{%+ raw %}{{% endraw +%}"),
            ("a{", false, "a{"),
            ("{\na", true, "{\na"),
            ("{% endraw %}", false, "{%+ raw %}{%{% endraw +%} endraw %}"),
            ("${#a} {# b #}", true, "${#a} {# b #}"),
        ] {
            let mut out = String::new();
            raw(text, followed, &mut out);
            assert_eq!(out, written, "{text}");
        }
    }
}

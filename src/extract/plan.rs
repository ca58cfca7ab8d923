//! What is extracted: which parts, under which names, with which values, and what stays in the template and why.

use std::ops::Range;

use zeroize::Zeroizing;

use super::cut::{self, ScalarCut};
use super::envsubst::{self, ShellPlaceholder};
use super::find::{FoundKind, FoundSecret, find};
use super::names::{StoredSecret, entries};
use super::original::FilledSdl;
use crate::diagnostic::Diagnostic;
use crate::error::{self, Report};
use crate::scalar::{Layout, scan};
use crate::secret::Operation;
use crate::splice::{Piece, PieceKind, container_sees, escape_expansion};
use crate::template::Sources;
use crate::yaml::tree::Id;

/// What is extracted from a filled SDL.
#[derive(Debug)]
pub(crate) struct ExtractPlan {
    /// The secrets.
    pub(crate) entries: Vec<StoredSecret>,
    /// The parts that become placeholders, in the order of the text and apart.
    pub(crate) parts: Vec<PlannedPart>,
    /// What is not extracted.
    pub(crate) left: Vec<StayingPart>,
}

impl ExtractPlan {
    /// Nothing becomes a placeholder.
    pub(crate) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// What is written in place of `part`.
    pub(crate) fn placeholder(&self, part: &PlannedPart) -> String {
        match &part.what {
            PartText::Secret { entry, encoded } => {
                let filter = if *encoded { " | urlencode" } else { "" };
                format!("{{{{ {}{filter} }}}}", self.entries[*entry].name)
            }
            PartText::Shell(shell) => shell.placeholder(),
        }
    }
}

/// A part of a scalar that becomes a placeholder.
#[derive(Debug)]
pub(crate) struct PlannedPart {
    pub(crate) cut: ScalarCut,
    /// Its place in the SDL.
    pub(crate) path: String,
    /// What is written for it.
    pub(crate) what: PartText,
    /// Kubernetes expands `$` in its scalar.
    pub(crate) expanded: bool,
}

/// What is written in place of a part.
#[derive(Debug)]
pub(crate) enum PartText {
    /// A placeholder of an entry; percent-encoded when it is filled in.
    Secret { entry: usize, encoded: bool },
    /// A placeholder in place of a variable of a shell.
    Shell(ShellPlaceholder),
}

/// Something that stays in the template.
#[derive(Debug)]
pub(crate) struct StayingPart {
    /// Where.
    pub(crate) path: String,
    /// Its bytes in the original.
    pub(crate) span: Range<usize>,
    /// StayReason.
    pub(crate) why: StayReason,
}

/// Why something stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StayReason {
    /// It was not asked for, or skipped.
    Skipped,
    /// It holds `$(NAME)`, which Kubernetes fills in.
    Reference,
    /// Kubernetes tears its characters apart.
    Torn,
    /// It holds a NUL.
    Nul,
    /// An alias uses it where `$` is expanded and where it is not.
    Mixed,
    /// Its node has a tag of its own.
    Tagged,
    /// A secret in its place would not arrive as it does now.
    Inexact,
    /// It is a variable of a shell.
    Shell,
}

/// Which of the secrets are extracted.
#[derive(Debug, Default)]
pub(crate) struct Selection<'w> {
    /// Only these names, if there are any.
    pub(crate) only: &'w [String],
    /// Not these names.
    pub(crate) skip: &'w [String],
    /// Variables of a shell become placeholders.
    pub(crate) envsubst: bool,
}

/// A part that was found, with what is known of it.
struct PartCandidate {
    found: FoundSecret,
    /// As the container, or the registry, sees it; percent-decoded if it can be encoded again.
    value: Zeroizing<String>,
    encoded: bool,
    expanded: bool,
}

/// Plans what to extract from `original`.
///
/// # Errors
/// When a placeholder can't be in one of the places, or a name is not there.
pub(crate) fn plan(original: &FilledSdl<'_>, wanted: &Selection<'_>) -> Result<ExtractPlan, Report> {
    let tree = original.tree();
    let mut left: Vec<(Id, Range<usize>, StayReason)> = Vec::new();
    let mut found = find(tree);
    found.retain(|one| {
        let own = tree.tag(one.node).is_none_or(|tag| tag.name() == "str");
        if !own {
            left.push((one.node, one.range.clone(), StayReason::Tagged));
        }
        own
    });
    let shells = envsubst::find(tree);
    // A variable of a shell within a secret is a part of it.
    let overlaps = |shell: &(Id, Range<usize>, ShellPlaceholder)| {
        found.iter().any(|one| one.node == shell.0 && one.range.start < shell.1.end && shell.1.start < one.range.end)
    };
    let shells: Vec<_> = shells.into_iter().filter(|shell| !overlaps(shell)).collect();
    let candidates = candidates(original, found, &mut left)?;
    let (found, values): (Vec<_>, Vec<_>) = candidates.iter().map(|one| (one.found.clone(), one.value.clone())).unzip();
    let (all, own) = entries(&found, &values);
    known(&all, wanted)?;
    let chosen = |name: &str| {
        (wanted.only.is_empty() || wanted.only.iter().any(|it| it == name)) && !wanted.skip.iter().any(|it| it == name)
    };
    let mut numbers = vec![None; all.len()];
    let mut kept = Vec::new();
    for (number, entry) in all.into_iter().enumerate().filter(|(_, entry)| chosen(&entry.name)) {
        numbers[number] = Some(kept.len());
        kept.push(entry);
    }
    let mut parts = Vec::new();
    for (one, own) in candidates.into_iter().zip(own) {
        let FoundSecret { node, range, .. } = one.found;
        match numbers[own] {
            Some(entry) => parts.push(PlannedPart {
                cut: ScalarCut { node, range, plain: false },
                path: String::new(),
                what: PartText::Secret { entry, encoded: one.encoded },
                expanded: one.expanded,
            }),
            None => left.push((node, range, StayReason::Skipped)),
        }
    }
    for (node, range, shell) in shells {
        if wanted.envsubst {
            let cut = ScalarCut { node, range, plain: shell.variable };
            parts.push(PlannedPart { cut, path: String::new(), what: PartText::Shell(shell), expanded: false });
        } else if shell.secret {
            left.push((node, range, StayReason::Shell));
        }
    }
    parts.sort_by_key(|part| (part.cut.node, part.cut.range.start));
    let paths = tree.paths(parts.iter().map(|part| part.cut.node));
    parts.iter_mut().zip(paths).for_each(|(part, path)| part.path = path);
    left.sort_by_key(|(node, range, _)| (*node, range.start));
    let paths = tree.paths(left.iter().map(|(node, ..)| *node));
    let left = left.into_iter().zip(paths).map(|((node, _, why), path)| StayingPart { path, span: tree.range(node), why });
    Ok(ExtractPlan { entries: kept, parts, left: left.collect() })
}

/// The parts of `found` that can be cut out, with their values.
fn candidates(
    original: &FilledSdl<'_>,
    mut found: Vec<FoundSecret>,
    left: &mut Vec<(Id, Range<usize>, StayReason)>,
) -> Result<Vec<PartCandidate>, Report> {
    loop {
        let cuts: Vec<ScalarCut> =
            found.iter().map(|one| ScalarCut { node: one.node, range: one.range.clone(), plain: false }).collect();
        let marked = cut::marked(original, &cuts);
        let document = cut::document(original, &marked, cuts.len());
        let layout = scan(&document).map_err(|failure| {
            let sources = Sources::from([(original.name.to_owned(), std::sync::Arc::new(original.text.to_owned()))]);
            Report::content(error::scan(&failure, &document, &sources))
        })?;
        let read: Vec<Result<PartCandidate, StayReason>> = found.iter().map(|one| candidate(original, &layout, one)).collect();
        let fits = fitting(original, &read);
        if fits.iter().all(Result::is_ok) {
            return Ok(read.into_iter().filter_map(Result::ok).collect());
        }
        // Without those that stay, the others may read differently.
        let mut rest = Vec::new();
        for (one, fits) in found.into_iter().zip(fits) {
            match fits {
                Ok(()) => rest.push(one),
                Err(why) => left.push((one.node, one.range, why)),
            }
        }
        found = rest;
    }
}

/// One part with its value.
fn candidate(original: &FilledSdl<'_>, layout: &Layout<'_>, found: &FoundSecret) -> Result<PartCandidate, StayReason> {
    let raw = &original.tree().text(found.node)[found.range.clone()];
    let scalar = layout.scalars.iter().find(|scalar| scalar.node == found.node).ok_or(StayReason::Inexact)?;
    if raw.contains('\0') {
        return Err(StayReason::Nul);
    }
    if scalar.mixed && raw.contains('$') {
        return Err(StayReason::Mixed);
    }
    let value = if scalar.expanded && raw.contains('$') {
        let seen = container_sees(raw);
        if !seen.references.is_empty() {
            return Err(StayReason::Reference);
        }
        Zeroizing::new(std::str::from_utf8(&seen.bytes).map_err(|_| StayReason::Torn)?.to_owned())
    } else {
        Zeroizing::new(raw.to_owned())
    };
    let decoded = if found.kind == FoundKind::Address { decoded(&value) } else { None };
    let encoded = decoded.is_some();
    let expanded = scalar.expanded;
    Ok(PartCandidate { found: found.clone(), value: decoded.unwrap_or(value), encoded, expanded })
}

/// The text that percent-encoding makes exactly `text` of, if there is one.
fn decoded(text: &str) -> Option<Zeroizing<String>> {
    let bytes = text.as_bytes();
    let mut out = Zeroizing::new(Vec::with_capacity(bytes.len()));
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'%' {
            let digits = text.get(at + 1..at + 3)?;
            out.push(u8::from_str_radix(digits, 16).ok()?);
            at += 3;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    let decoded = Zeroizing::new(std::str::from_utf8(&out).ok()?.to_owned());
    let again = Operation::UrlEncode.apply(&decoded).ok()?;
    (again.expose() == text && !decoded.contains('\0')).then_some(decoded)
}

/// Whether each part arrives as it does now when its scalar is rendered.
fn fitting(original: &FilledSdl<'_>, read: &[Result<PartCandidate, StayReason>]) -> Vec<Result<(), StayReason>> {
    let mut fits: Vec<Result<(), StayReason>> = read.iter().map(|one| one.as_ref().map(|_| ()).map_err(|why| *why)).collect();
    let known: Vec<(usize, &PartCandidate)> =
        read.iter().enumerate().filter_map(|(at, one)| Some((at, one.as_ref().ok()?))).collect();
    for own in known.chunk_by(|(_, one), (_, other)| one.found.node == other.found.node) {
        let text = original.tree().text(own[0].1.found.node);
        if !own[0].1.expanded || !text.contains('$') {
            continue;
        }
        let rendered = rendered(text, own);
        let before = container_sees(text);
        if container_sees(&rendered) != before {
            own.iter().for_each(|(at, _)| fits[*at] = Err(StayReason::Inexact));
        }
    }
    fits
}

/// The scalar `text` as it is rendered with its parts filled in.
fn rendered(text: &str, parts: &[(usize, &PartCandidate)]) -> Zeroizing<String> {
    let mut segments = Vec::new();
    let mut from = 0;
    let mut values = Vec::new();
    for (_, part) in parts {
        segments.push(&text[from..part.found.range.start]);
        from = part.found.range.end;
        let value = if part.encoded { Operation::UrlEncode.apply(&part.value).ok() } else { None };
        values.push(Zeroizing::new(value.map_or_else(|| part.value.to_string(), |value| value.expose().to_owned())));
    }
    segments.push(&text[from..]);
    let pieces: Vec<Piece<'_>> = values.iter().map(|value| Piece { text: value, kind: PieceKind::Secret }).collect();
    let escaped = escape_expansion(&segments, &pieces);
    let length = segments.iter().map(|it| it.len()).sum::<usize>() + escaped.iter().map(|it| it.len()).sum::<usize>();
    let mut out = Zeroizing::new(String::with_capacity(length));
    for (number, segment) in segments.iter().enumerate() {
        out.push_str(segment);
        escaped.get(number).into_iter().for_each(|value| out.push_str(value));
    }
    out
}

/// Refuses names of `wanted` that no entry has.
fn known(entries: &[StoredSecret], wanted: &Selection<'_>) -> Result<(), Report> {
    let names = || entries.iter().map(|entry| entry.name.as_str());
    let Some(unknown) = wanted.only.iter().chain(wanted.skip).find(|name| !names().any(|it| it == name.as_str())) else {
        return Ok(());
    };
    let diagnostic = Diagnostic::error(format!("nothing that can be extracted is named `{unknown}`"));
    Err(Report::usage(match crate::diagnostic::nearest(unknown, names()) {
        Some(meant) => diagnostic.help(format!("did you mean {meant}?")),
        None if entries.is_empty() => diagnostic.help("there is nothing to extract"),
        None => diagnostic.help(format!("the names are {}", names().collect::<Vec<_>>().join(", "))),
    }))
}

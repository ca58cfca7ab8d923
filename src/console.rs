//! The SDL for Akash's Console: `ac-secret://NAME` in place of every scalar with a secret, and the values that the names refer to.
//!
//! The Console puts the value of a name in the place of its reference, in the text that it parsed, and builds the manifest from that. So a
//! value is what the scalar of a rendered SDL holds, with the same escapes. It knows references only as the whole value of an item of `env`
//! and as a login's username and password; any other scalar with a secret is refused. Everything here but [`values`] needs no secret.

use crate::credential::{REFERENCE_SCHEME, is_reference};
use crate::rules::Concealed;
use crate::scalar::{Layout, Mark};
use crate::secret::{Operation, SecretUse};
use crate::splice::{Replacement, View};
use crate::template::{Emission, MARKER_LENGTH, MarkerDocument};
use crate::yaml::tree::Id;
use zeroize::Zeroizing;

mod name;
mod role;
mod values;

pub(crate) use role::Role;
pub(crate) use values::encode;

/// Values that begin like this are the Console's own.
const RESERVED: &str = "ac-";
/// The most references that a deployment may have.
const MOST: usize = 100;
/// The largest SDL that the Console accepts, in bytes.
pub(crate) const LARGEST_SDL: usize = 512 * 1024;

/// A scalar that a reference replaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConsoleReference {
    /// The scalar.
    pub node: Id,
    /// The name that it refers to.
    pub name: String,
    /// Of an item of `env`, the variable's name.
    key: Option<String>,
}

impl ConsoleReference {
    /// What the scalar is replaced by.
    pub(crate) fn replacement(&self) -> Replacement {
        let key = self.key.as_ref().map_or_else(String::new, |key| format!("{key}="));
        let text = format!("{key}{REFERENCE_SCHEME}{}", self.name);
        Replacement { node: self.node, text: Zeroizing::new(text), secret: false }
    }

    /// The value, from the text of the filled scalar; none if that is not what the reference was made for.
    fn value<'v>(&self, filled: &'v str) -> Option<&'v str> {
        match &self.key {
            Some(key) => filled.strip_prefix(key.as_str())?.strip_prefix('='),
            None => Some(filled),
        }
    }
}

/// Why a document can't be made for the Console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReferenceRefusal {
    /// The marker of the secret, or the scalar.
    pub at: RefusedAt,
    /// Why.
    pub cause: Cause,
}

/// The place of a [`ReferenceRefusal`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RefusedAt {
    /// A placeholder, in this scalar.
    Mark(Mark, Id),
    /// A scalar.
    Node(Id),
}

/// See [`ReferenceRefusal`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// A secret is in a scalar that is used as this, where no reference is resolved.
    Place(Role),
    /// Aliases use the scalar as an item of `env` and in a login.
    Mixed,
    /// The name of a variable of `env` is, or may be, part of a secret.
    Variable,
    /// The template has a reference, for which there is no value.
    NoValue,
    /// A value begins with `ac-` and is not a reference.
    Reserved,
}

/// What references are made from. `view` is the document with its variables and no secrets.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReferenceSubject<'s> {
    /// The marker document.
    pub document: &'s MarkerDocument,
    /// Its markers.
    pub layout: &'s Layout<'s>,
    /// It with the values of its variables.
    pub view: View<'s>,
    /// The plain variables that are treated as secrets.
    pub concealed: &'s Concealed,
}

/// A reference without its name.
#[derive(Debug)]
struct ReferenceDraft {
    node: Id,
    key: Option<String>,
    /// The service that has it first.
    service: String,
    /// The name that it asks for.
    wanted: String,
    /// A name for the place, if several ask for that one.
    place: String,
    content: Makeup,
}

/// What a scalar is made of. Equal contents have equal values.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Makeup {
    /// `$` is escaped in it.
    expanded: bool,
    parts: Vec<MakeupPart>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum MakeupPart {
    Text(String),
    Secret(SecretUse),
}

/// The references for every scalar of `subject` that holds a secret, in the order of the text.
///
/// # Errors
/// With everything that the Console would not resolve.
pub(crate) fn references(subject: &ReferenceSubject<'_>) -> Result<Vec<ConsoleReference>, Vec<ReferenceRefusal>> {
    let uses = role::uses(&subject.layout.tree);
    let (mut drafts, mut refusals) = (Vec::new(), Vec::new());
    for scalar in &subject.layout.scalars {
        let marks = subject.layout.marks_of(scalar);
        let Some(mark) = marks.iter().find(|mark| subject.is_secret(mark.number)) else { continue };
        let used = uses.get(&scalar.node).map(Vec::as_slice).unwrap_or_default();
        match subject.draft(scalar.node, used) {
            Ok(draft) => drafts.push(draft),
            Err(cause) => refusals.push(ReferenceRefusal { at: RefusedAt::Mark(*mark, scalar.node), cause }),
        }
    }
    for (node, used) in uses.iter().filter(|(node, _)| !subject.view.holds_secret(**node)) {
        refusals.extend(subject.literal(*node, used).map(|cause| ReferenceRefusal { at: RefusedAt::Node(*node), cause }));
    }
    if !refusals.is_empty() {
        refusals.sort_by_key(|ReferenceRefusal { at: RefusedAt::Mark(_, node) | RefusedAt::Node(node), .. }| *node);
        return Err(refusals);
    }
    let names = name::assign(&drafts);
    Ok(drafts
        .into_iter()
        .zip(names)
        .map(|(ReferenceDraft { node, key, .. }, name)| ConsoleReference { node, name, key })
        .collect())
}

impl ReferenceSubject<'_> {
    fn is_secret(&self, number: usize) -> bool {
        matches!(self.document.emissions[number], Emission::Secret(_)) || self.concealed.contains_key(&number)
    }

    /// The reference for a scalar with a secret, which is used like this.
    fn draft(&self, node: Id, uses: &[role::Use<'_>]) -> Result<ReferenceDraft, Cause> {
        let Some(first) = uses.first() else { return Err(Cause::Place(Role::Other)) };
        if let Some(other) = uses.iter().find(|used| !matches!(used.role, Role::Env | Role::Username | Role::Password)) {
            return Err(Cause::Place(other.role));
        }
        let in_env = first.role == Role::Env;
        if uses.iter().any(|used| (used.role == Role::Env) != in_env) {
            return Err(Cause::Mixed);
        }
        let (mut key, mut text, mut start) = (None, self.layout.tree.text(node), String::new());
        if in_env {
            let (before, behind) = text.split_once('=').ok_or(Cause::Variable)?;
            let name = self.parts(before);
            if name.iter().any(|(_, number)| number.is_some_and(|number| self.is_secret(number))) {
                return Err(Cause::Variable);
            }
            let name: String = self.content(&name, in_env).parts.iter().map(MakeupPart::plain).collect();
            // A variable may have a `=` of its own, which is the first one then.
            let (name, rest) = name.split_once('=').map_or((name.as_str(), None), |(name, rest)| (name, Some(rest)));
            start = rest.map_or_else(String::new, |rest| format!("{rest}="));
            (key, text) = (Some(name.to_owned()), behind);
        }
        let place = match (&key, first.role) {
            (Some(key), _) => key.clone(),
            (None, Role::Username) => "REGISTRY_USERNAME".to_owned(),
            (None, _) => "REGISTRY_PASSWORD".to_owned(),
        };
        let parts = self.parts(text);
        let wanted = match parts.as_slice() {
            [("", Some(number)), ("", None)] if start.is_empty() => self.own_name(*number),
            _ => None,
        };
        let (service, mut content) = (first.service.to_owned(), self.content(&parts, in_env));
        // A `$` before the value may change what is escaped in it.
        let before = key.iter().filter(|key| key.contains('$')).chain([&start]).map(|text| MakeupPart::Text(text.clone()));
        content.parts.extend(before);
        Ok(ReferenceDraft { node, key, service, wanted: wanted.unwrap_or_else(|| place.clone()), place, content })
    }

    /// The name of the secret of this marker, if its value is what the name stands for.
    fn own_name(&self, number: usize) -> Option<String> {
        let as_is = |usage: &SecretUse| usage.operations.iter().all(|operation| matches!(operation, Operation::Default(_)));
        match &self.document.emissions[number] {
            Emission::Secret(usage) => (usage.origin.is_by_name() && as_is(usage)).then(|| usage.name.clone()),
            _ => self.concealed.get(&number).cloned().flatten(),
        }
    }

    /// `text` at its markers: what comes before each, and its number; last what is left.
    fn parts<'t>(&self, text: &'t str) -> Vec<(&'t str, Option<usize>)> {
        let nonce = &self.document.nonce;
        let (mut parts, mut from) = (Vec::new(), 0);
        for at in memchr::memmem::find_iter(text.as_bytes(), nonce.prefix().as_bytes()) {
            if let Some(number) = nonce.number_at(text, at) {
                parts.push((&text[from..at], Some(number)));
                from = at + MARKER_LENGTH;
            }
        }
        parts.push((&text[from..], None));
        parts
    }

    fn content(&self, parts: &[(&str, Option<usize>)], expanded: bool) -> Makeup {
        let mut content = Makeup { expanded, parts: Vec::new() };
        for (text, number) in parts {
            content.text(text);
            match number.map(|number| &self.document.emissions[number]) {
                Some(Emission::Secret(usage)) => content.parts.push(MakeupPart::Secret((**usage).clone())),
                Some(Emission::Text(text)) => content.text(text),
                _ => {}
            }
        }
        content
    }

    /// What is wrong with a scalar without a secret that is used like this.
    fn literal(&self, node: Id, uses: &[role::Use<'_>]) -> Option<Cause> {
        if self.view.is_unknown(node) {
            return None;
        }
        let text = self.view.text(node);
        uses.iter().find_map(|used| {
            let value = match used.role {
                Role::Env => text.split_once('=')?.1,
                Role::Username | Role::Password => text,
                _ => return None,
            };
            value.starts_with(RESERVED).then_some(if is_reference(value) { Cause::NoValue } else { Cause::Reserved })
        })
    }
}

impl MakeupPart {
    /// The text of a part without a secret.
    fn plain(&self) -> &str {
        if let Self::Text(text) = self { text } else { "" }
    }
}

impl Makeup {
    /// Adds text; what is adjacent is one part.
    fn text(&mut self, text: &str) {
        match self.parts.last_mut() {
            _ if text.is_empty() => {}
            Some(MakeupPart::Text(last)) => last.push_str(text),
            _ => self.parts.push(MakeupPart::Text(text.to_owned())),
        }
    }

    #[cfg(test)]
    fn of_text(text: &str) -> Self {
        Self { expanded: false, parts: vec![MakeupPart::Text(text.to_owned())] }
    }
}

/// Why values can't be handed over. Names no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum HandoverFault {
    /// There are more than the Console takes: how many, and the most that it takes.
    TooMany(usize, usize),
    /// The value of this name, at this scalar, is too large.
    TooLarge(String, Id),
    /// A name has two values, or a scalar is not what its reference was made for: a bug in this program.
    Bug,
}

/// The values of `references` in the filled document `view`: each name once, in the order of the text.
///
/// # Errors
/// When the Console would not take them.
pub(crate) fn values<'v>(references: &'v [ConsoleReference], view: &View<'v>) -> Result<Vec<(&'v str, &'v str)>, HandoverFault> {
    let mut values: Vec<(&str, &str)> = Vec::with_capacity(references.len());
    for reference in references {
        let value = reference.value(view.text(reference.node)).ok_or(HandoverFault::Bug)?;
        match values.iter().find(|(name, _)| *name == reference.name) {
            Some((_, known)) if *known == value => continue,
            Some(_) => return Err(HandoverFault::Bug),
            None if values::is_too_large(value) => return Err(HandoverFault::TooLarge(reference.name.clone(), reference.node)),
            None => values.push((&reference.name, value)),
        }
    }
    Ok(values)
}

/// Refuses more references than the Console takes.
///
/// # Errors
/// With how many there are.
pub(crate) fn check_count(references: &[ConsoleReference]) -> Result<(), HandoverFault> {
    let names: std::collections::BTreeSet<&str> = references.iter().map(|reference| reference.name.as_str()).collect();
    if names.len() > MOST { Err(HandoverFault::TooMany(names.len(), MOST)) } else { Ok(()) }
}

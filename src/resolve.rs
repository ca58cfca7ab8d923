//! From names to values: asks the sources and applies the deferred filters.

use std::rc::Rc;

use rustc_hash::FxHashMap as HashMap;
use zeroize::Zeroizing;

use crate::secret::{Fallback, FilterError, Operation, Origin, Part, Secret, SecretUse};
use crate::source::{Chain, KeychainError, SourceError, Trace};
use crate::template::ADDED;

/// Looks up secrets, each name once.
#[derive(Debug)]
pub(crate) struct Resolver<'c> {
    chain: &'c Chain,
    allow_empty: bool,
    found: HashMap<SecretUse, Result<Rc<Resolved>, Miss>>,
    /// How many bytes of values have been found or made.
    held: usize,
}

/// A value and where it came from.
#[derive(Debug)]
pub(crate) struct Resolved {
    /// The value, filters applied.
    pub value: Secret,
    /// The source's label, or `default`.
    pub source: String,
}

/// Where a value would come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Located {
    /// The source's label, or `default`.
    pub source: String,
    /// Where exactly the source has it.
    pub trace: Trace,
}

/// Why a secret has no value. Holds no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Miss {
    /// No source has it: the labels of those that were asked.
    NotFound(Vec<String>),
    /// The template may not have it.
    Withheld,
    /// This source has it, but it is empty.
    Empty(String),
    /// No other source has it (the labels of those that were asked), and the keychain, which is asked last, failed.
    Unreached(Vec<String>, KeychainError),
    /// This source failed.
    Source(String, SourceError),
    /// A filter can't be applied to the value: its name, and why.
    Filter(&'static str, FilterError),
    /// With it, there would be more than [`ADDED`] bytes of values: filters can make one large.
    TooMuch,
}

impl Miss {
    /// Whether there is no value, so that a default applies, rather than one that can't be read.
    fn is_absence(&self) -> bool {
        match self {
            Self::NotFound(_) | Self::Empty(_) | Self::Withheld => true,
            Self::Unreached(_, error) => error.is_absence(),
            _ => false,
        }
    }
}

impl<'c> Resolver<'c> {
    /// A resolver over `chain`. An empty value counts as missing unless `allow_empty`.
    pub(crate) fn new(chain: &'c Chain, allow_empty: bool) -> Self {
        Self { chain, allow_empty, found: HashMap::default(), held: 0 }
    }

    /// The value of `usage`.
    ///
    /// # Errors
    /// When no source has it, a source fails, or a filter can't be applied.
    pub(crate) fn resolve(&mut self, usage: &SecretUse) -> Result<Rc<Resolved>, Miss> {
        if let Some(known) = self.found.get(usage) {
            return known.clone();
        }
        let result = self.filtered(usage);
        self.held += result.as_ref().map_or(0, |resolved| resolved.value.expose().len());
        self.found.insert(usage.clone(), result.clone());
        result
    }

    fn filtered(&mut self, usage: &SecretUse) -> Result<Rc<Resolved>, Miss> {
        let Some((last, before)) = usage.operations.split_last() else {
            return if self.held > ADDED { Err(Miss::TooMuch) } else { self.look_up(usage).map(Rc::new) };
        };
        let inner = SecretUse { origin: usage.origin, name: usage.name.clone(), operations: before.to_vec() };
        match (self.resolve(&inner), last) {
            (Err(miss), Operation::Default(fallback)) if miss.is_absence() && !self.chain.requires(usage) => match fallback {
                Fallback::Text(text) => {
                    let value = Secret::new(Zeroizing::new(text.clone()));
                    Ok(Rc::new(Resolved { value, source: "default".to_owned() }))
                }
                Fallback::Secret(other) => self.resolve(other),
            },
            (Err(miss), _) => Err(miss),
            (Ok(resolved), Operation::Default(_)) => Ok(resolved),
            _ if self.held > ADDED => Err(Miss::TooMuch),
            (Ok(resolved), Operation::Join(before, behind)) => self.joined(before, &resolved, behind),
            (Ok(resolved), operation) => {
                let value = operation.apply(resolved.value.expose()).map_err(|error| Miss::Filter(operation.name(), error))?;
                Ok(Rc::new(Resolved { value, source: resolved.source.clone() }))
            }
        }
    }

    /// `middle` between the other parts of a secret.
    fn joined(&mut self, before: &[Part], middle: &Rc<Resolved>, behind: &[Part]) -> Result<Rc<Resolved>, Miss> {
        let mut others = Vec::new();
        for part in before.iter().chain(behind) {
            others.push(if let Part::Secret(usage) = part { Some(self.resolve(usage)?) } else { None });
        }
        let mut texts: Vec<&str> = before
            .iter()
            .chain(behind)
            .zip(&others)
            .map(|(part, secret)| match (part, secret) {
                (Part::Text(text), _) => text.as_str(),
                (_, secret) => secret.as_ref().map_or("", |secret| secret.value.expose()),
            })
            .collect();
        texts.insert(before.len(), middle.value.expose());
        let length = texts.iter().map(|text| text.len()).sum();
        if length > ADDED {
            return Err(Miss::TooMuch);
        }
        // At full size from the start, so that growing leaves no copy behind.
        let mut whole = Zeroizing::new(String::with_capacity(length));
        texts.iter().for_each(|text| whole.push_str(text));
        Ok(Rc::new(Resolved { value: Secret::new(whole), source: middle.source.clone() }))
    }

    fn look_up(&self, usage: &SecretUse) -> Result<Resolved, Miss> {
        if !self.chain.allows(usage) {
            return Err(Miss::Withheld);
        }
        let mut asked = Vec::new();
        let mut empty = None;
        for source in self.chain.asked(usage.origin) {
            match source.get(&usage.name) {
                Ok(Some(value)) if value.is_empty() && !self.allow_empty => empty = empty.or(Some(source.label())),
                Ok(Some(value)) => return Ok(Resolved { value, source: source.label() }),
                Ok(None) => {}
                Err(SourceError::Keychain(error)) if empty.is_none() => return Err(Miss::Unreached(asked, error)),
                Err(SourceError::Keychain(_)) => {}
                Err(error) => return Err(Miss::Source(source.label(), error)),
            }
            asked.extend(source.places(&usage.name));
        }
        Err(empty.map_or(Miss::NotFound(asked), Miss::Empty))
    }

    /// The source that has `usage`. Runs no command.
    ///
    /// # Errors
    /// As [`Resolver::resolve`]; filters are not applied.
    pub(crate) fn locate(&self, usage: &SecretUse) -> Result<Located, Miss> {
        let mut asked = Vec::new();
        for source in self.chain.asked(usage.origin).filter(|_| self.chain.allows(usage)) {
            let has = match source.has(&usage.name) {
                Ok(has) => has,
                Err(SourceError::Keychain(error)) if error.is_absence() => false,
                Err(error) => return Err(Miss::Source(source.label(), error)),
            };
            if has {
                let empty = !source.runs_programs()
                    && source.origin() != Some(Origin::Keychain)
                    && !self.allow_empty
                    && matches!(source.get(&usage.name), Ok(Some(value)) if value.is_empty());
                if !empty {
                    return Ok(Located { source: source.label(), trace: source.trace(&usage.name) });
                }
            }
            asked.push(source.label());
        }
        let fallback = usage.operations.iter().find_map(|operation| match operation {
            Operation::Default(fallback) if !self.chain.requires(usage) => Some(fallback),
            _ => None,
        });
        match fallback {
            Some(Fallback::Text(_)) => Ok(Located { source: "default".to_owned(), trace: Trace::default() }),
            Some(Fallback::Secret(other)) => self.locate(other),
            None => Err(Miss::NotFound(asked)),
        }
    }
}

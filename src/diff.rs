//! What differs between a rendered template and the SDL that was deployed, place by place, and what an update would do.
//!
//! Values are compared here and never leave: a difference says that a secret changed, and nothing of either value. Of the deployed SDL,
//! which does not say what in it was a secret, the parts that may be one (`env`, `command`, `args`, logins) are not shown at all, unless the
//! template has the same as plain text.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::credential::names_secret;
use crate::registry::token;
use crate::splice::View;

mod align;
mod effect;
mod place;

pub(crate) use effect::{Effect, ServiceEffect};
pub(crate) use place::TooManyAliases;
use place::{DiffPlace, DiffStep, Leaf, Variables};

/// How a place differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Both have the same.
    Same,
    /// Both have it, and not the same.
    Changed,
    /// Only the template has it.
    New,
    /// Only the deployed SDL has it.
    Gone,
}

/// What may be shown of one side of a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shown {
    /// Plain text.
    Text(String),
    /// A secret: nothing.
    Secret,
    /// What may be a secret: nothing.
    Hidden,
    /// The side does not have the place.
    Absent,
    /// A list whose items are in another order.
    Order,
}

/// One place of either document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Difference {
    /// The place: `services.web.image`, `services.web.env.LEVEL`.
    pub path: String,
    /// How it differs.
    pub state: State,
    /// Whether only a new deployment changes it.
    pub fixed: bool,
    /// What the deployed SDL has there.
    pub deployed: Shown,
    /// What the template has there.
    pub template: Shown,
}

/// All places, and what becomes of the services.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Comparison {
    /// The places, in the order of the template; those that it no longer has come last.
    pub places: Vec<Difference>,
    /// The services, in the same order.
    pub services: Vec<ServiceEffect>,
}

impl Comparison {
    /// Whether anything differs.
    pub(crate) fn is_different(&self) -> bool {
        self.places.iter().any(|place| place.state != State::Same)
    }
}

/// The rendered side.
pub(crate) struct NewSide<'v> {
    /// The template with its values.
    pub filled: View<'v>,
    /// The same with masks for secrets.
    pub masked: View<'v>,
    /// The secrets: what contains one is not shown.
    pub secrets: &'v [&'v str],
}

/// Compares a rendered template with what was deployed.
///
/// # Errors
/// When the aliases of one of them lead to too many places.
pub(crate) fn compare(rendered: &NewSide<'_>, deployed: &View<'_>) -> Result<Comparison, TooManyAliases> {
    let new = place::of_template(rendered)?;
    let mut old = place::of_deployed(deployed, &Variables::of(&new))?;
    align::align(&new, &mut old);
    let by_steps: FxHashMap<&[DiffStep], &DiffPlace<'_>> = old.iter().map(|place| (place.steps.as_slice(), place)).collect();
    let known: FxHashSet<&[DiffStep]> = new.iter().map(|place| place.steps.as_slice()).collect();
    let mut pairs: Vec<Pair<'_>> = Vec::with_capacity(new.len());
    for place in &new {
        let old = by_steps.get(place.steps.as_slice()).map(|old| &old.leaf);
        let state = match old {
            None => State::New,
            Some(old) if old.is_same(&place.leaf) => State::Same,
            Some(_) => State::Changed,
        };
        pairs.push(Pair { steps: &place.steps, state, old, new: Some(&place.leaf) });
    }
    let gone = old.iter().filter(|place| !known.contains(place.steps.as_slice()));
    pairs.extend(gone.map(|place| Pair { steps: &place.steps, state: State::Gone, old: Some(&place.leaf), new: None }));
    let reordered = place::reordered(&new, &old);
    pairs.extend(reordered.iter().map(|steps| Pair { steps, state: State::Changed, old: None, new: None }));
    let (services, fixed) = effect::outcomes(&pairs);
    let places = pairs.iter().zip(fixed).map(|(pair, fixed)| pair.difference(rendered.secrets, fixed)).collect();
    Ok(Comparison { places, services })
}

/// A place with what both documents have there; neither for a list in another order.
struct Pair<'p> {
    steps: &'p [DiffStep],
    state: State,
    old: Option<&'p Leaf<'p>>,
    new: Option<&'p Leaf<'p>>,
}

impl Pair<'_> {
    fn difference(&self, secrets: &[&str], fixed: bool) -> Difference {
        let none = if self.old.is_none() { Shown::Order } else { Shown::Absent };
        let template = self.new.map_or(none, |leaf| self.of_template(leaf));
        let deployed = match (self.old, &template) {
            (None, Shown::Order) => Shown::Order,
            (None, _) => Shown::Absent,
            (Some(_), shown) if self.state == State::Same => shown.clone(),
            (Some(_), Shown::Secret) => Shown::Secret,
            (Some(leaf), _) => self.of_deployed(leaf, secrets),
        };
        Difference { path: place::path(self.steps), state: self.state, fixed, deployed, template }
    }

    /// What the template says in plain text is in the repository already; what was written out there by mistake is not repeated.
    fn of_template(&self, leaf: &Leaf<'_>) -> Shown {
        let is_password = matches!(self.key_of_service(), Some("credentials")) && self.is_last("password");
        let is_named = self.steps.iter().any(|step| step.variable().is_some_and(names_secret));
        match leaf {
            Leaf { secret: true, .. } => Shown::Secret,
            leaf if is_password || is_named || !token::scan(leaf.text()).is_empty() => Shown::Hidden,
            leaf => Shown::Text(leaf.text().to_owned()),
        }
    }

    fn of_deployed(&self, leaf: &Leaf<'_>, secrets: &[&str]) -> Shown {
        let may_be_secret = match self.key_of_service() {
            Some("credentials") => !self.is_last("host"),
            key => matches!(key, Some("env" | "command" | "args")),
        };
        let text = leaf.text();
        match may_be_secret || !token::scan(text).is_empty() || secrets.iter().any(|secret| text.contains(secret)) {
            true => Shown::Hidden,
            false => Shown::Text(text.to_owned()),
        }
    }

    /// `KEY` of `services.NAME.KEY`.
    fn key_of_service(&self) -> Option<&str> {
        match self.steps {
            [services, _, key, ..] if services.key() == Some("services") => key.key(),
            _ => None,
        }
    }

    fn is_last(&self, key: &str) -> bool {
        self.steps.last().is_some_and(|step| step.key() == Some(key))
    }
}

//! The comparison that `diff` makes, for people and for programs.

use serde::Serialize;

use crate::diagnostic::{printable, table};
use crate::diff::{Comparison, Difference, Effect, Shown, State};

#[derive(Serialize)]
struct DiffReport<'c> {
    /// Of this format.
    version: u32,
    template: &'c str,
    deployed: &'c str,
    different: bool,
    /// An update does not change all that differs.
    redeploy: bool,
    places: Vec<PlaceEntry<'c>>,
    services: Vec<EffectEntry<'c>>,
}

#[derive(Serialize)]
struct PlaceEntry<'c> {
    path: &'c str,
    state: &'static str,
    redeploy: bool,
    secret: bool,
    deployed: Option<&'c str>,
    template: Option<&'c str>,
}

#[derive(Serialize)]
struct EffectEntry<'c> {
    name: &'c str,
    effect: &'static str,
}

/// The comparison as one JSON document.
pub(crate) fn json(comparison: &Comparison, template: &str, deployed: &str) -> serde_json::Result<String> {
    let places = comparison.places.iter().map(|place| PlaceEntry {
        path: &place.path,
        state: word(place.state),
        redeploy: place.fixed,
        secret: [&place.deployed, &place.template].contains(&&Shown::Secret),
        deployed: plain(&place.deployed),
        template: plain(&place.template),
    });
    let services = comparison.services.iter().map(|service| {
        let effect = match service.effect {
            Effect::None => "none",
            Effect::Pull => "pull",
            Effect::Restart => "restart",
        };
        EffectEntry { name: &service.name, effect }
    });
    let redeploy = comparison.places.iter().any(|place| place.fixed);
    let (places, services) = (places.collect(), services.collect());
    let document =
        DiffReport { version: 1, template, deployed, different: comparison.is_different(), redeploy, places, services };
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

/// The comparison for people: a table of the places that differ, or of `all`, and what becomes of each service.
pub(crate) fn human(comparison: &Comparison, all: bool) -> String {
    let shown: Vec<&Difference> = comparison.places.iter().filter(|place| all || place.state != State::Same).collect();
    let mut text = String::new();
    if !shown.is_empty() {
        let head = ["PLACE", "STATE", "DEPLOYED", "TEMPLATE"].map(str::to_owned);
        let rows = shown.iter().map(|place| {
            [
                printable(&place.path),
                word(place.state).to_owned() + if place.fixed { " *" } else { "" },
                cell(&place.deployed),
                cell(&place.template),
            ]
        });
        let rows: Vec<_> = std::iter::once(head).chain(rows).collect();
        table(&rows).iter().for_each(|line| text.extend([line.as_str(), "\n"]));
        text.push('\n');
    }
    let same = comparison.places.iter().filter(|place| place.state == State::Same).count();
    text.push_str(&match same {
        1 => "1 place is the same\n".to_owned(),
        same => format!("{same} places are the same\n"),
    });
    if comparison.is_different() {
        for service in &comparison.services {
            let what = match service.effect {
                Effect::None => "goes on",
                Effect::Pull => "goes on; the new login is used when the image is pulled next",
                Effect::Restart => "restarts",
            };
            text.push_str(&format!("{}: {what}\n", printable(&service.name)));
        }
    }
    if comparison.places.iter().any(|place| place.fixed) {
        text.push_str("an update does not change what is marked with `*`: that takes a new deployment\n");
    }
    text
}

fn word(state: State) -> &'static str {
    match state {
        State::Same => "same",
        State::Changed => "changed",
        State::New => "new",
        State::Gone => "gone",
    }
}

fn plain(shown: &Shown) -> Option<&str> {
    if let Shown::Text(text) = shown { Some(text) } else { None }
}

fn cell(shown: &Shown) -> String {
    match shown {
        Shown::Text(text) if text.is_empty() => "\"\"".to_owned(),
        Shown::Text(text) => printable(&text.replace('\n', "\\n")),
        Shown::Secret => "(a secret)".to_owned(),
        Shown::Hidden => "(not shown)".to_owned(),
        Shown::Absent => String::new(),
        Shown::Order => "(another order)".to_owned(),
    }
}

//! Rules on placeholders: on their values, where these are known, and on what is written around them.

use rustc_hash::FxHashMap;

use crate::credential::{self, Fact, Facts, Filling, Known, is_name};
use crate::finding::{Finding, Level, Rule};
use crate::scalar::{Layout, Mark, Scalar};
use crate::sdl::{self, Sdl};
use crate::secret::Operation;
use crate::span::Location;
use crate::splice::View;
use crate::template::{Emission, MARKER_LENGTH, MarkerDocument, Sources};
use crate::yaml::tree::Id;

use super::{Stage, Subject};

/// Plain variables that are treated as secrets, by the numbers of their emissions.
pub(crate) type Concealed = FxHashMap<usize, Option<String>>;

/// The plain variables of `document` that are used where a secret belongs, by the numbers of their emissions: in a password, and in `env`
/// under a secret's name or their own. Each with its name, where the placeholder is nothing else. They are treated as secrets.
pub(crate) fn concealed(document: &MarkerDocument, sources: &Sources, layout: &Layout<'_>) -> Concealed {
    let is_plain = |mark: &Mark| !matches!(document.emissions[mark.number], Emission::Secret(_));
    if !layout.marks.iter().any(is_plain) {
        return Concealed::default();
    }
    let (view, texts) = (View::of(&layout.tree), sdl::DecodedTexts::default());
    let sdl = sdl::model(&view, &texts);
    let mut concealed = Concealed::default();
    for facts in credential::facts(&view, &sdl) {
        let marks = facts.password.iter().flat_map(|field| marks_of(layout, field.node)).filter(|mark| is_plain(mark));
        concealed.extend(marks.map(|mark| (mark.number, variable(&expression(document, sources, *mark)))));
    }
    for field in credential::env(&view, &sdl).filter(|field| field.placeholder) {
        for mark in marks_of(layout, field.node).iter().filter(|mark| is_plain(mark)) {
            let value = if let Emission::Text(text) = &document.emissions[mark.number] { Some(&**text) } else { None };
            let own = variable(&expression(document, sources, *mark));
            let names = [field.variable, own.as_deref()];
            if names.into_iter().flatten().any(|name| credential::exposes(name, value)) {
                concealed.insert(mark.number, own);
            }
        }
    }
    concealed
}

/// What the rules on placeholders find in `sdl`.
pub(super) fn check<'t>(subject: &'t Subject<'_>, sdl: &Sdl<'t>, stage: Stage, found: &mut Vec<Finding>) {
    for facts in credential::facts(&subject.view, sdl) {
        login(subject, &facts, stage, found);
    }
    for field in credential::env(&subject.view, sdl).filter(|field| field.placeholder) {
        let fillings = fillings(subject, field.node);
        if stage == Stage::Check {
            name(subject, &field, found);
        }
        variables(subject, &field, stage, found);
        credential::check_fillings(&field, &fillings, found);
        quotes(subject, &field, &fillings, found);
    }
    for scalar in &subject.layout.scalars {
        address(subject, scalar, found);
    }
}

fn login(subject: &Subject<'_>, facts: &Facts<'_>, stage: Stage, found: &mut Vec<Finding>) {
    credential::check_characters(facts, |field| fillings(subject, field.node), found);
    for field in [&facts.username, &facts.password].into_iter().flatten().filter(|field| field.placeholder) {
        variables(subject, field, stage, found);
        credential::check_fillings(field, &fillings(subject, field.node), found);
    }
}

/// Plain variables that are treated as secrets.
fn variables(subject: &Subject<'_>, field: &Fact<'_>, stage: Stage, found: &mut Vec<Finding>) {
    // Rendered, it is kept from sight as a secret is.
    let level = if stage == Stage::Check { Level::Error } else { Level::Warning };
    for mark in marks_of(subject.layout, field.node) {
        let Some(name) = subject.concealed.get(&mark.number) else { continue };
        let message = match name {
            Some(name) => format!("`vars.{name}` is a plain variable, and this is the place of a secret"),
            None => "this is plain text, and the place of a secret".to_owned(),
        };
        let help = format!("write `{{{{ {} }}}}`", name.as_deref().unwrap_or("NAME"));
        let range = mark.offset..mark.offset + MARKER_LENGTH;
        found.push(Finding { range, ..field.finding_of(Rule::VariableSecret, level, message, help) });
    }
}

/// `- KEY = {{ X }}`: the name of a variable whose value is not known yet.
fn name(subject: &Subject<'_>, field: &Fact<'_>, found: &mut Vec<Finding>) {
    let text = subject.layout.tree.text(field.node);
    let filled = memchr::memmem::find(text.as_bytes(), subject.document.nonce.prefix().as_bytes()).unwrap_or(text.len());
    let (before, whole) = match text.find('=') {
        Some(sign) if sign < filled => (&text[..sign], true),
        _ => (&text[..filled], false),
    };
    // `.` alone is no name, but may begin one.
    let may_go_on = !whole && matches!(before, "" | ".");
    let help = sdl::refused_variable(before, text.contains('=')).filter(|_| !may_go_on);
    found.extend(help.map(|help| field.finding(Rule::EnvName, sdl::REFUSED, help)));
}

/// `- KEY="{{ X }}"`: the quotes reach the container.
fn quotes(subject: &Subject<'_>, field: &Fact<'_>, fillings: &[Filling<'_>], found: &mut Vec<Finding>) {
    let Some((name, value)) = subject.layout.tree.text(field.node).split_once('=') else { return };
    let quotes = [('"', '"'), ('\'', '\''), ('`', '`'), ('“', '”'), ('‘', '’')];
    let inside = quotes.iter().find_map(|(open, close)| value.strip_prefix(*open)?.strip_suffix(*close));
    let Some(inside) = inside.filter(|_| !fillings.is_empty()) else { return };
    let only = inside.len() == MARKER_LENGTH && fillings.len() == 1 && fillings[0].plain;
    let plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    let help = match (only && plain, fillings) {
        (true, [filling]) => format!("write `- \"{name}={{{{ {} }}}}\"`", filling.label),
        _ => "put the quotes around the whole item: `- \"NAME={{ NAME }}\"`".to_owned(),
    };
    found.push(field.finding(Rule::EnvQuotes, "the quotes around this value are a part of it: the container sees them", help));
}

/// A secret between `://` and `@` that is not percent-encoded; when its value is known, only one that has to be.
fn address(subject: &Subject<'_>, scalar: &Scalar, found: &mut Vec<Finding>) {
    let text = subject.layout.tree.text(scalar.node);
    if memchr::memchr(b'@', text.as_bytes()).is_none() || memchr::memmem::find(text.as_bytes(), b"://").is_none() {
        return;
    }
    for mark in subject.layout.marks_of(scalar) {
        let Emission::Secret(usage) = &subject.document.emissions[mark.number] else { continue };
        let marker = subject.document.nonce.marker(mark.number);
        let Some((before, after)) = text.split_once(marker.as_str()) else { continue };
        let ends = |c: char| matches!(c, '/' | '?' | '#' | '"' | '\'') || c.is_whitespace();
        let inside = before.rsplit_once("://").is_some_and(|(_, user)| !user.contains(ends))
            && after.split_once('@').is_some_and(|(user, _)| !user.contains(ends));
        let encoded = usage.operations.iter().any(|it| matches!(it, Operation::UrlEncode | Operation::Int));
        let fits = (subject.known)(usage).is_some_and(|known| credential::is_encoded(known.text));
        if inside && !encoded && !fits {
            let label = usage.label();
            let help = if usage.operations.is_empty() {
                format!("write `{{{{ {label} | urlencode }}}}`")
            } else {
                "add `| urlencode` as the last filter".to_owned()
            };
            found.push(Finding {
                rule: Rule::UrlUnencoded,
                level: Level::Warning,
                range: mark.offset..mark.offset + MARKER_LENGTH,
                path: subject.layout.path(scalar),
                message: format!("`{label}` is a part of an address, and is not percent-encoded"),
                help: Some(help),
            });
        }
    }
}

/// The markers in the scalar `node`.
fn marks_of<'l>(layout: &'l Layout<'_>, node: Id) -> &'l [Mark] {
    let found = layout.scalars.binary_search_by_key(&node, |scalar| scalar.node);
    found.map_or(&[], |index| layout.marks_of(&layout.scalars[index]))
}

/// The placeholders in the scalar `node`; of a secret made of several, each part.
fn fillings<'s>(subject: &Subject<'s>, node: Id) -> Vec<Filling<'s>> {
    let mut fillings = Vec::new();
    for mark in marks_of(subject.layout, node) {
        let emission = &subject.document.emissions[mark.number];
        let range = mark.offset..mark.offset + MARKER_LENGTH;
        if let Emission::Secret(usage) = emission {
            let parts = usage.parts();
            let plain = usage.operations.is_empty();
            fillings.extend(parts.into_iter().map(|part| {
                let name = part.origin.is_by_name().then(|| part.name.clone());
                let known = (subject.known)(&part);
                Filling { range: range.clone(), label: part.bare().label(), name, plain, known }
            }));
            continue;
        }
        let name = variable(&expression(subject.document, subject.sources, *mark));
        let label = name.as_ref().map_or_else(|| "vars".to_owned(), |name| format!("vars.{name}"));
        let known = if let Emission::Text(text) = emission { Some(Known { text, bare: text, example: None }) } else { None };
        fillings.push(Filling { range, label, plain: name.is_some(), name, known });
    }
    fillings
}

/// The expression that wrote a marker.
fn expression(document: &MarkerDocument, sources: &Sources, mark: Mark) -> String {
    let Location { template, range } = document.locate(mark.offset);
    sources.get(&*template).and_then(|text| text.get(range)).unwrap_or_default().trim().to_owned()
}

/// The variable that an expression names, if it does nothing else: `vars.NAME`.
fn variable(expression: &str) -> Option<String> {
    let name = expression.strip_prefix("vars.")?;
    is_name(name).then(|| name.to_owned())
}

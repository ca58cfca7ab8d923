//! The stages in order: what the program does when it renders.

use std::sync::Arc;

use crate::cli::Inputs;
use crate::error::Report;
use crate::streams::Streams;
use crate::template::Asked;

use super::expand::{Expanded, Input, expand};
use super::fill::fill;
use super::judge::{Undone, judge};
use super::open::{open, warn_of};
use super::scan::{Prepared, scan};
use super::unused::unused;
use super::values::{hide_secrets, look_up};
use super::verify::{Verification, verify};
use super::write::{Destination, Ready, aim, write_all};

/// What to render, and how.
#[derive(Debug)]
pub(crate) struct Request<'r> {
    /// The template and the sources of its values.
    pub(crate) inputs: &'r Inputs,
    /// Write masks in place of secrets, which need not exist.
    pub(crate) redact: bool,
    /// Skip the rules.
    pub(crate) no_check: bool,
    /// Write nothing if there is a warning.
    pub(crate) strict: bool,
    /// Where the result goes.
    pub(crate) destination: Destination<'r>,
    /// Whether and why the images are looked up.
    pub(crate) verify: Option<Verification<'r>>,
}

/// Renders a template and writes the result.
///
/// # Errors
/// With everything that is wrong. Nothing has been written then.
pub(crate) fn render(request: &Request<'_>, streams: &mut Streams<'_>) -> Result<(), Report> {
    render_all(std::slice::from_ref(request), streams)
}

/// Renders templates, with one keychain and one run of each command, and writes the results if all are in order.
///
/// # Errors
/// With everything that is wrong in any of them.
pub(crate) fn render_all(requests: &[Request<'_>], streams: &mut Streams<'_>) -> Result<(), Report> {
    write_all(&finish(requests, streams)?, streams)
}

/// Renders templates: all stages but the last, each for all templates before the next.
///
/// # Errors
/// With everything that is wrong.
pub(crate) fn finish(requests: &[Request<'_>], streams: &mut Streams<'_>) -> Result<Vec<Ready>, Report> {
    let mut inputs = of_each(requests, |request| open(request, streams))?;
    share(&mut inputs);
    let expanded = of_each(&inputs, expand)?;
    if let Some(Inputs { set, from_command, .. }) = requests.first().map(|request| request.inputs) {
        unused(set, from_command, expanded.iter().map(|expanded| &expanded.expansion.sources), streams.warn);
    }
    let prepared = of_each(&expanded, scan)?;
    let aims = of_each(requests.iter().zip(&prepared), |(request, prepared)| aim(request, prepared, streams))?;
    hide_from_each_other(&inputs, &prepared);
    let stages = requests.iter().zip(&inputs).zip(expanded.iter().zip(&prepared)).zip(aims);
    of_each(stages, |(((request, input), (expanded, prepared)), aim)| {
        let undone = hide_from_command(request, expanded, input);
        let values = look_up(prepared, &input.chain, request.redact, request.inputs.allow_empty)?;
        warn_of(expanded, &input.chain, streams.warn);
        let mut filled = fill(prepared, &values, &[])?;
        if !request.no_check {
            judge(prepared, &values, &filled, undone, streams.warn)?;
        }
        let pins = verify(request, prepared, &filled, streams)?;
        if request.strict && streams.warned.get() {
            return Err(undone.strict());
        }
        if !pins.is_empty() {
            filled = fill(prepared, &values, &pins)?;
            if !request.no_check {
                judge(prepared, &values, &filled, undone, &mut |_| {})?;
            }
        }
        Ready::new(prepared, filled, &pins, aim, input.chain.hidden())
    })
}

/// `stage` for each item.
///
/// # Errors
/// With those of all.
fn of_each<I, T>(items: impl IntoIterator<Item = I>, mut stage: impl FnMut(I) -> Result<T, Report>) -> Result<Vec<T>, Report> {
    let (mut done, mut failed) = (Vec::new(), None::<Report>);
    for item in items {
        match (stage(item), &mut failed) {
            (Ok(one), _) => done.push(one),
            (Err(report), None) => failed = Some(report),
            (Err(report), Some(all)) => {
                all.diagnostics.extend(report.diagnostics);
                all.code = all.code.max(report.code);
            }
        }
    }
    failed.map_or(Ok(done), Err)
}

/// Lets the templates share sources.
fn share(inputs: &mut [Input]) {
    for own in 1..inputs.len() {
        let (before, rest) = inputs.split_at_mut(own);
        // Nothing else has it yet.
        if let Some(chain) = Arc::get_mut(&mut rest[0].chain) {
            before.iter().for_each(|other| chain.share(&other.chain));
        }
    }
}

/// Hides the secrets of all templates from the commands of each.
fn hide_from_each_other(inputs: &[Input], prepared: &[Prepared<'_>]) {
    if inputs.len() > 1 {
        inputs.iter().zip(prepared).for_each(|(input, prepared)| hide_secrets(prepared, &input.chain));
        let names: Vec<String> = inputs.iter().flat_map(|input| input.chain.hidden()).collect();
        inputs.iter().for_each(|input| input.chain.hide(names.clone()));
    }
}

/// Hides all secrets of the template from the command that gets the result, if one does: one in a branch that was not taken is none of its
/// business either. Gives what is not done if the result is refused.
pub(super) fn hide_from_command(request: &Request<'_>, expanded: &Expanded<'_>, input: &Input) -> Undone {
    let undone = request.destination.undone();
    if undone == Undone::Running {
        let mut asked = Asked::default();
        asked.add(&expanded.expansion.sources);
        input.chain.hide(asked.secrets);
    }
    undone
}

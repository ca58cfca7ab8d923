//! A render that is compared with what was deployed instead of being written.

use crate::cli::Inputs;
use crate::diagnostic::Diagnostic;
use crate::diff::{Comparison, NewSide, TooManyAliases, compare};
use crate::error::Report;
use crate::span::LineIndex;
use crate::splice::View;
use crate::streams::Streams;
use crate::template::Template;
use crate::yaml::judge;

use super::expand::expand;
use super::fill::fill;
use super::open::{input, warn_of};
use super::scan::scan;
use super::unused::unused;
use super::values::{SecretValues, look_up};

/// A shorter secret is a part of too many texts.
const SHORTEST: usize = 6;

/// Compares what the template of `inputs` renders to with the SDL in `deployed`.
///
/// # Errors
/// With everything that is wrong with the template or its values, or when `deployed` is not YAML.
pub(crate) fn diff(inputs: &Inputs, deployed: &Template, streams: &mut Streams<'_>) -> Result<Comparison, Report> {
    let input = input(inputs, streams)?;
    let expanded = expand(&input)?;
    unused(&inputs.set, &inputs.from_command, std::iter::once(&expanded.expansion.sources), streams.warn);
    let prepared = scan(&expanded)?;
    let tree = judge::tree(&deployed.text).map_err(|not_yaml| {
        let line = LineIndex::new(&deployed.text).line(not_yaml.offset);
        let message = format!("{} is not YAML: line {line}: {}", deployed.name, not_yaml.message);
        Report::usage(Diagnostic::error(message).help("DEPLOYED is the SDL that was sent to Akash"))
    })?;
    let values = look_up(&prepared, &input.chain, false, inputs.allow_empty)?;
    warn_of(&expanded, &input.chain, streams.warn);
    let filled = fill(&prepared, &values, &[])?;
    let masked = fill(&prepared, &SecretValues::masked(), &[])?;
    let view = |filled| View::new(&prepared.layout, filled, true);
    let secrets: Vec<&str> = values.texts().filter(|text| text.len() >= SHORTEST).collect();
    let rendered = NewSide { filled: view(&filled), masked: view(&masked), secrets: &secrets };
    compare(&rendered, &View::of(&tree)).map_err(|TooManyAliases| {
        let many = Diagnostic::error("the aliases lead to too many places to compare");
        Report::usage(many.help("write out what the aliases repeat"))
    })
}

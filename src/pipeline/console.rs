//! A render in two parts, for Akash's Console: an SDL with references in place of secrets, and the secrets that they refer to.

use zeroize::Zeroizing;

use super::Request;
use super::expand::expand;
use super::fill::fill;
use super::judge::judge;
use super::open::{open, warn_of};
use super::run::hide_from_command;
use super::scan::{Prepared, scan};
use super::unused::unused;
use super::values::{MASK, SecretValues, look_up};
use crate::console::{
    Cause, ConsoleReference, HandoverFault, LARGEST_SDL, ReferenceRefusal, ReferenceSubject, RefusedAt, Role, check_count,
    encode, references, values,
};
use crate::diagnostic::Diagnostic;
use crate::error::Report;
use crate::span::Location;
use crate::splice::View;
use crate::streams::Streams;
use crate::veil::Veil;
use crate::yaml::tree::Id;

/// A template, rendered for the Console.
pub(crate) struct ConsoleRender {
    /// The SDL. No secret was at hand when it was made.
    pub(crate) sdl: Zeroizing<String>,
    /// The secrets as one JSON object, which `akt … --secrets-file` takes; with [`Request::redact`], masks.
    pub(crate) secrets: Zeroizing<String>,
    /// The same with masks.
    pub(crate) masked: Zeroizing<String>,
    /// The names of the template's secrets.
    pub(crate) names: Vec<String>,
}

/// Renders a template for the Console. `aim` checks where the results will go, before any secret is looked up.
///
/// With [`Request::redact`], no secret is looked up: only the SDL is of use then. The destination and the images of `request` are ignored.
///
/// # Errors
/// With everything that is wrong, and those of `aim`.
pub(crate) fn console<A>(
    request: &Request<'_>,
    streams: &mut Streams<'_>,
    aim: impl FnOnce(&Prepared<'_>, &mut Streams<'_>) -> Result<A, Report>,
) -> Result<(ConsoleRender, A), Report> {
    let input = open(request, streams)?;
    let expanded = expand(&input)?;
    let inputs = request.inputs;
    unused(&inputs.set, &inputs.from_command, std::iter::once(&expanded.expansion.sources), streams.warn);
    let prepared = scan(&expanded)?;
    let aim = aim(&prepared, streams)?;
    let undone = hide_from_command(request, &expanded, &input);
    let masks = SecretValues::masked();
    let references = refer(&prepared, &masks)?;
    let values = look_up(&prepared, &input.chain, request.redact, inputs.allow_empty)?;
    warn_of(&expanded, &input.chain, streams.warn);
    let filled = fill(&prepared, &values, &[])?;
    if !request.no_check {
        judge(&prepared, &values, &filled, undone, streams.warn)?;
    }
    if request.strict && streams.warned.get() {
        return Err(undone.strict());
    }
    // Filled with masks, so that no secret can get into it; every mask is in a scalar that is replaced as a whole.
    let replacements: Vec<_> = references.iter().map(ConsoleReference::replacement).collect();
    let sdl = fill(&prepared, &masks, &replacements)?.text;
    if sdl.len() > LARGEST_SDL {
        let size = Diagnostic::error(format!("the SDL has {} bytes, and the Console takes {LARGEST_SDL}", sdl.len()));
        return Err(Report::content(vec![size.help("remove comments, or deploy its services apart from each other")]));
    }
    let view = View::new(&prepared.layout, &filled, true);
    let values = self::values(&references, &view).map_err(|why| Report::content(vec![unusable(&prepared, &why)]))?;
    let hidden: Vec<(&str, &str)> = values.iter().map(|(name, _)| (*name, MASK)).collect();
    Ok((ConsoleRender { sdl, secrets: encode(&values), masked: encode(&hidden), names: input.chain.hidden() }, aim))
}

/// The references of a template.
fn refer(prepared: &Prepared<'_>, masks: &SecretValues) -> Result<Vec<ConsoleReference>, Report> {
    let blank = fill(prepared, masks, &[])?;
    let view = View::new(&prepared.layout, &blank, true);
    let document = &prepared.expansion.document;
    let subject = ReferenceSubject { document, layout: &prepared.layout, view, concealed: &prepared.concealed };
    let found = references(&subject);
    let found = found.map_err(|refusals| Report::content(refusals.iter().map(|refusal| refused(prepared, refusal)).collect()))?;
    check_count(&found).map_err(|why| Report::content(vec![unusable(prepared, &why)]))?;
    Ok(found)
}

fn refused(prepared: &Prepared<'_>, refusal: &ReferenceRefusal) -> Diagnostic {
    let diagnostic = describe(refusal.cause);
    match refusal.at {
        RefusedAt::Mark(mark, node) => prepared.place(diagnostic, mark, &prepared.layout.tree.path(node)),
        // What the template says there may be a secret that was written out.
        RefusedAt::Node(node) => at_scalar(prepared, diagnostic, node, refusal.cause == Cause::Reserved),
    }
}

/// `diagnostic` with the line of the template that the scalar comes from, with a mask in its place if it is `hidden`.
fn at_scalar(prepared: &Prepared<'_>, diagnostic: Diagnostic, node: Id, hidden: bool) -> Diagnostic {
    let Location { template, range } = prepared.expansion.document.locate_range(&prepared.layout.tree.range(node));
    let hidden = if hidden { std::slice::from_ref(&range) } else { &[] };
    let text = prepared.expansion.sources.get(&*template);
    let snippet = text.map(|text| Veil::new(text, hidden).quote(&template, &range, prepared.layout.tree.path(node)));
    Diagnostic { snippet, ..diagnostic }
}

fn describe(cause: Cause) -> Diagnostic {
    const ONLY: &str = "the Console resolves references in `env`, and in a login's username and password, only";
    const VARIABLE: &str = "if it is not secret, make it a plain variable: {{ vars.NAME }}";
    let (message, note, help) = match cause {
        Cause::Place(Role::Image) => ("the Console takes no secret in an image", Some(ONLY), VARIABLE),
        Cause::Place(Role::Host) => ("the Console takes no secret in a login's host", Some(ONLY), VARIABLE),
        Cause::Place(Role::Command) => (
            "the Console takes no secret in `command` and `args`",
            Some(ONLY),
            "set it in `env`, as NAME={{ NAME }}, and write $(NAME) here: Kubernetes puts the variable's value there",
        ),
        Cause::Place(_) => ("the Console takes no secret here", Some(ONLY), VARIABLE),
        Cause::Mixed => (
            "an alias uses this as an item of `env` and in a login, which the Console reads differently",
            None,
            "write the placeholder in both places instead of an alias",
        ),
        Cause::Variable => (
            "the name of this variable is part of a secret, and the Console resolves only its value",
            None,
            "write the variable's name in the template: NAME={{ NAME }}",
        ),
        Cause::NoValue => (
            "this reference has no value here",
            Some("sdlrender writes the references itself, and the Console refuses one without a value"),
            "write a placeholder instead: {{ NAME }}",
        ),
        Cause::Reserved => {
            ("the Console refuses this: a value that begins with `ac-` must be a reference", None, "change the value")
        }
    };
    Diagnostic::error(message).noting(note.map(str::to_owned)).help(help)
}

fn unusable(prepared: &Prepared<'_>, why: &HandoverFault) -> Diagnostic {
    match why {
        HandoverFault::TooMany(count, most) => {
            Diagnostic::error(format!("the SDL has {count} secrets, and the Console takes {most}"))
                .help("put several into one, or make what is not secret a plain variable: {{ vars.NAME }}")
        }
        HandoverFault::TooLarge(name, node) => {
            let message = format!("the value of `{name}` is too large for the Console");
            at_scalar(prepared, Diagnostic::error(message), *node, false)
                .note("as JSON, it may take 16 KiB")
                .help("let the container fetch it, or split it")
        }
        HandoverFault::Bug => Diagnostic::bug(Some(std::panic::Location::caller())),
    }
}

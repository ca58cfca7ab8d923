//! Turns the errors of each stage into diagnostics: the reason, and what to do next.

use std::fmt;
use std::io;
use std::path::Path;

mod command;
mod dotenv;
mod keychain;
mod missing;
mod origins;
mod project;

pub(crate) use command::command_line;
pub(crate) use dotenv::passed_over;
pub(crate) use keychain::{keychain, state as keychain_state};
pub(crate) use missing::{Missed, Sought, Textless, UNSET, missing, textless};
pub(crate) use project::project;
#[cfg(not(target_family = "wasm"))]
pub(crate) use project::trust;

#[cfg(not(target_family = "wasm"))]
pub(crate) use handover::start;
#[cfg(not(target_family = "wasm"))]
pub(crate) use output::{exposed, output};
#[cfg(not(target_family = "wasm"))]
pub(crate) use starter::{begun, filled, image, no_registry, not_begun};

use crate::credential::is_name;
use crate::diagnostic::{Diagnostic, Quote, Severity, for_shell, grouped, path_for_shell};
use crate::finding::{Finding, Level, Rule};
use crate::rules::Findings;
use crate::scalar::{Reason, ScanError};
use crate::secret::FilterError;
use crate::source::SourceError;
use crate::span::Location;
use crate::template::{
    ADDED, Excess, ExpandError, INCLUDES, MarkerDocument, ReadError, SIZE_LIMIT, STEPS, Sources, ValuesError, folder,
    templates_in,
};
use crate::veil::{Veil, shapeless};

#[cfg(not(target_family = "wasm"))]
mod handover;
#[cfg(not(target_family = "wasm"))]
mod output;
#[cfg(not(target_family = "wasm"))]
mod starter;

/// What to do with a value that is not text.
const ENCODE: &str = "YAML holds only text: encode the value as base64 and decode it in the container";

/// Everything that went wrong, and the exit code.
#[derive(Debug)]
pub struct Report {
    /// The diagnostics, in order.
    pub diagnostics: Vec<Diagnostic>,
    /// 1: the template, a value or a check failed; 2: usage, input or output.
    pub code: u8,
}

impl Report {
    /// The template or a value is invalid.
    pub fn content(diagnostics: Vec<Diagnostic>) -> Self {
        Self { diagnostics, code: 1 }
    }

    /// Input or output can't be used.
    pub fn usage(diagnostic: Diagnostic) -> Self {
        Self { diagnostics: vec![diagnostic], code: 2 }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        grouped(self.diagnostics.clone()).iter().try_for_each(|diagnostic| f.write_str(&diagnostic.draw(false)))
    }
}

impl std::error::Error for Report {}

impl From<serde_json::Error> for Report {
    /// The reason holds nothing of what was to be written.
    fn from(_: serde_json::Error) -> Self {
        Self::usage(Diagnostic::error("cannot write the result as JSON"))
    }
}

/// The line at `location`, if its text is available.
pub(crate) fn quote(sources: &Sources, location: &Location, label: &str) -> Option<Quote> {
    let text = sources.get(&*location.template)?;
    Some(Veil::new(text, &[]).quote(&location.template, &location.range, label))
}

/// `diagnostic` with the line at `location`, if its text is available. What that line hides is not in its words either: they may repeat an
/// expression.
pub(crate) fn placed(diagnostic: Diagnostic, sources: &Sources, location: &Location, label: &str) -> Diagnostic {
    let Some(text) = sources.get(&*location.template) else { return diagnostic };
    let veil = Veil::new(text, &[]);
    let snippet = Some(veil.quote(&location.template, &location.range, label));
    let words = veil.words_at(&location.range);
    let all = |texts: Vec<String>| texts.iter().map(|text| words(text)).collect();
    let Diagnostic { message, notes, help, .. } = diagnostic;
    Diagnostic { snippet, message: words(&message), notes: all(notes), help: all(help), ..diagnostic }
}

/// As [`placed`], where a place is known.
fn placed_if_known(diagnostic: Diagnostic, sources: &Sources, location: Option<&Location>) -> Diagnostic {
    match location {
        Some(location) => placed(diagnostic, sources, location, ""),
        None => diagnostic,
    }
}

/// A template that can't be read.
pub(crate) fn read(name: &str, error: &ReadError) -> Diagnostic {
    let typed = path_for_shell(Path::new(name));
    match error {
        ReadError::Io(error) if error.kind() == io::ErrorKind::NotFound => {
            let diagnostic = Diagnostic::error(format!("template not found: {name}"));
            match similar_file(Path::new(name)) {
                Some(other) => diagnostic.help(format!("did you mean {}?", for_shell(&other))),
                None => {
                    let here = templates_in(folder(Path::new(name)));
                    let names: Vec<String> = here.iter().take(5).map(|path| path.display().to_string()).collect();
                    diagnostic.help(match names.as_slice() {
                        [] => "give the path of a template, as in `sdlrender deploy.tmpl.yaml`, or `-` for standard input"
                            .to_owned(),
                        [only] => format!("did you mean {}?", for_shell(only)),
                        several => format!("templates there: {}", several.join(", ")),
                    })
                }
            }
        }
        ReadError::Io(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            Diagnostic::error(format!("can't read {name}: permission denied"))
                .help(format!("`ls -l {typed}` shows its permissions"))
        }
        ReadError::Io(error) => Diagnostic::error(format!("can't read {name}: {error}")),
        ReadError::Directory => Diagnostic::error(format!("{name} is a directory"))
            .help(format!("give the path of the template in it, such as {}", for_shell(&format!("{name}/deploy.tmpl.yaml")))),
        ReadError::TooLarge(size) => {
            let size = size.map_or_else(String::new, |size| format!(" ({} MiB)", size / 1024 / 1024));
            Diagnostic::error(format!("{name} is too large for a template{size}")).help(format!(
                "the limit is {} MiB; is this the right file? An SDL has a few kilobytes",
                SIZE_LIMIT / 1024 / 1024
            ))
        }
        ReadError::NotUtf8(line) => Diagnostic::error(format!("{name} is not UTF-8 (line {line})"))
            .help(format!("save it as UTF-8; `iconv -f latin1 -t utf-8 {typed}` converts a Latin-1 file")),
        ReadError::Special => Diagnostic::error(format!("{name} is not a regular file")).help("give the path of a file"),
        ReadError::Empty => Diagnostic::error(format!("{name} is empty"))
            .help("the shell empties the file of a redirect (`> FILE`) first: was that the template?"),
    }
}

/// A file in the same folder with a similar name.
fn similar_file(path: &Path) -> Option<String> {
    let wanted = path.file_name()?.to_str()?;
    let names: Vec<String> =
        std::fs::read_dir(folder(path)).ok()?.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
    let nearest = crate::diagnostic::nearest(wanted, names.iter().map(String::as_str))?;
    Some(path.with_file_name(nearest).display().to_string())
}

/// A template that can't be expanded.
pub(crate) fn expand(error: &ExpandError, sources: &Sources) -> Vec<Diagnostic> {
    match error {
        ExpandError::Random => vec![Diagnostic::error("the operating system provides no random bytes")],
        ExpandError::Excess(excess, at) => {
            vec![placed_if_known(exceeded(*excess), sources, at.as_ref())]
        }
        ExpandError::Engine { at, message, syntax } => {
            let mut diagnostic = placed_if_known(Diagnostic::error(message.clone()), sources, at.as_ref());
            if *syntax {
                let meant = at.as_ref().and_then(|at| misspelt(sources.get(&*at.template)?, at.range.start));
                let written = meant.unwrap_or_else(|| "write a placeholder as {{ NAME }}".to_owned());
                let raw = "put other text with {{ or {% between {% raw %} and {% endraw %}";
                diagnostic = diagnostic.help(format!("{written}; {raw}"));
            }
            vec![diagnostic]
        }
        ExpandError::Violations(violations) => violations
            .iter()
            .map(|violation| {
                let location = Location::new(violation.template.as_str(), violation.range.clone());
                placed(Diagnostic::error(violation.message.clone()).help(violation.help.clone()), sources, &location, "")
            })
            .collect(),
    }
}

/// How to write the name in the placeholder around `at`, where it is one that a template has another way to write: `2CAPTCHA_KEY`, and
/// `.NAME`, `$NAME` and `${NAME}` of other tools.
fn misspelt(text: &str, at: usize) -> Option<String> {
    let begin = text.get(..text.len().min(at + 2))?.rfind("{{")? + 2;
    let inside = text[begin..].split(['|', '\n']).next()?.split("}}").next()?.trim_matches(['-', ' ']);
    let foreign = inside.strip_prefix(['.', '$']).map(|name| name.trim_matches(['{', '}']));
    match foreign {
        Some(name) if is_name(name) => Some(format!("write {{{{ {name} }}}}")),
        None if is_name(inside) && inside.starts_with(|c: char| c.is_ascii_digit()) => {
            Some(format!("a name that begins with a digit is written {{{{ secrets[\"{inside}\"] }}}}"))
        }
        _ => None,
    }
}

/// A template that goes beyond the budget of one.
pub(crate) fn exceeded(excess: Excess) -> Diagnostic {
    let (message, help) = match excess {
        Excess::Steps => (
            format!("an expression or a chain of `elif` has more than {STEPS} steps"),
            "split it with {% set %}; a mapping can take the place of many `elif`",
        ),
        Excess::Includes => {
            (format!("the templates include one another more than {INCLUDES} times"), "does one of them include itself?")
        }
        Excess::Depth => ("includes or recursive loops are nested too deeply".to_owned(), "does a template include itself?"),
        Excess::Work => (
            "the template runs for too long: this is where it was stopped".to_owned(),
            "is a `range` larger than meant, or a loop inside another one?",
        ),
        Excess::Endless => (
            "the template runs for too long, or takes too much memory".to_owned(),
            "does it add, compare or write lists that hold one another?",
        ),
        Excess::Size => (
            format!("the result would be more than {} MiB larger than the template", ADDED / 1024 / 1024),
            "is a `range` larger than meant, or a loop inside another one?",
        ),
    };
    Diagnostic::error(message).help(help)
}

/// A marker document that can't be used.
pub(crate) fn scan(error: &ScanError, document: &MarkerDocument, sources: &Sources) -> Vec<Diagnostic> {
    match error {
        ScanError::NotYaml { offset, message } => {
            let diagnostic = Diagnostic::error(format!("the template is not valid YAML: {message}"));
            let diagnostic = placed(diagnostic, sources, &document.locate(*offset), "");
            vec![diagnostic.help("if a value is only a placeholder, quote it: password: \"{{ NAME }}\"")]
        }
        ScanError::Refused(places) => {
            places.iter().map(|(offset, reason)| placed(refused(*reason), sources, &document.locate(*offset), "")).collect()
        }
    }
}

/// The rule that a placeholder in this place breaks.
pub(crate) fn rule_of(reason: Reason) -> Rule {
    match reason {
        Reason::LineSeparator | Reason::AmbiguousFlow | Reason::AnchorName | Reason::Ambiguous => Rule::YamlAmbiguous,
        _ => Rule::PlaceholderPlace,
    }
}

fn refused(reason: Reason) -> Diagnostic {
    let (message, help) = match reason {
        Reason::Key => ("a placeholder can't be in a mapping key", "use a fixed key; only values can be filled in"),
        Reason::Anchor => ("a placeholder can't be in an anchor", "use a fixed anchor name"),
        Reason::Alias => ("a placeholder can't be in an alias", "use a fixed alias name"),
        Reason::Tag => ("a placeholder can't be in a tag", "use a fixed tag"),
        Reason::Tagged => ("a placeholder can't be on a node with this tag", "values are strings: remove the tag, or use !!str"),
        Reason::Outside => {
            ("a placeholder can't be here", "a placeholder must be a value or part of one: password: \"{{ NAME }}\"")
        }
        Reason::Broken => (
            "a filter changed this placeholder before it could be filled in",
            "use the filter on the placeholder itself, not on text that contains it",
        ),
        Reason::LineSeparator => (
            "YAML parsers disagree on a raw U+0085, U+2028 or U+2029",
            "write it as an escape in double quotes: \"\\x85\", \"\\u2028\" or \"\\u2029\"",
        ),
        Reason::AmbiguousFlow => ("YAML parsers disagree on this plain text", "put it in quotes"),
        Reason::AnchorName => {
            ("YAML parsers disagree on this anchor name", "use only letters, digits, `_` and `-` in anchor names")
        }
        Reason::Ambiguous => (
            "YAML parsers read the document differently from here on",
            "write it in a plainer way: the value in quotes, no tabs, no unusual line breaks",
        ),
    };
    Diagnostic::error(message).help(help)
}

/// Why a filter could not be applied, as a phrase that follows "the filter `x` on `NAME`".
pub(crate) fn filter(error: &FilterError) -> String {
    match error {
        FilterError::NotBase64 => "failed: the value is not base64".to_owned(),
        FilterError::NotText => "failed: the value is not base64, or what it decodes to is not UTF-8 text".to_owned(),
        FilterError::NotJson => "failed: the value is not JSON".to_owned(),
        FilterError::NoMember(path) => format!("failed: the value has no member `{path}`"),
        FilterError::NotScalar(path) => format!("failed: `{path}` is an object, a list or null, not text"),
        FilterError::NotInteger => "failed: the value is not a decimal integer".to_owned(),
        FilterError::Nul => "failed: the value contains a NUL character".to_owned(),
    }
}

/// Why a source gives no value: the reason, and what to do.
pub(crate) fn source(name: &str, label: &str, error: &SourceError) -> (String, String) {
    match error {
        SourceError::NotUtf8 => (format!("the value of `{name}` in the {label} is not UTF-8"), ENCODE.to_owned()),
        SourceError::Dotenv(error) => dotenv::dotenv(error),
        SourceError::Command(error) => command::command(name, error),
        SourceError::Untrusted(file) => project::untrusted(name, file),
        SourceError::File(error) => origins::file(error),
        SourceError::Docker(error) => origins::docker(error),
        SourceError::Keychain(error) => keychain(name, error),
    }
}

/// A values file that can't be used.
pub(crate) fn values(path: &Path, error: &ValuesError) -> Diagnostic {
    let path = path.display();
    match error {
        ValuesError::Io(error) => {
            Diagnostic::error(format!("can't read {path}: {error}")).help("--values takes the path of a file")
        }
        ValuesError::UnknownFormat => Diagnostic::error(format!("{path} is not a values file"))
            .help("the name must end in .yaml, .yml, .json or .toml, and the content must match"),
        ValuesError::Syntax(line) => {
            let line = line.map_or_else(String::new, |line| format!(" (line {line})"));
            Diagnostic::error(format!("syntax error in {path}{line}")).help("the content must be what the file extension says")
        }
        ValuesError::NotAMapping => {
            Diagnostic::error(format!("{path} is not a mapping of names to values")).help("write one `NAME: value` per line")
        }
    }
}

/// A finding of the rules in the template `name`, whose text `veil` has, if it is available.
pub(crate) fn finding(finding: &Finding, name: &str, veil: Option<&Veil<'_>>) -> Diagnostic {
    let severity = if finding.level == Level::Error { Severity::Error } else { Severity::Warning };
    let of_line = veil.map(|veil| veil.words_at(&finding.range));
    let words = |words: &str| {
        let words = veil.map_or_else(|| shapeless(words).into_owned(), |veil| veil.words(words));
        of_line.as_ref().map_or_else(|| words.clone(), |of_line| of_line(&words))
    };
    // A path is what programs know the place by: only what is a token by its shape is left out.
    let snippet = veil.map(|veil| veil.quote(name, &finding.range, shapeless(&finding.path)));
    let help = finding.help.iter().map(|help| words(help)).collect();
    let message = words(&finding.message);
    Diagnostic { severity, rule: Some(finding.rule.id()), snippet, help, ..Diagnostic::error(message) }
}

/// The findings of the rules in a template and its includes.
pub(crate) fn findings(found: &Findings, sources: &Sources) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::with_capacity(found.placed.len());
    for group in found.placed.chunk_by(|one, other| one.template == other.template) {
        let name = &*group[0].template;
        let text = sources.get(name).map(|text| text.as_str());
        let veil = text.map(|text| found.veil(name, text));
        diagnostics.extend(group.iter().map(|placed| finding(&placed.finding, name, veil.as_ref())));
    }
    diagnostics
}

/// A warning at a place in a template.
pub(crate) fn remark(sources: &Sources, location: &Location, text: &str) -> Diagnostic {
    placed(Diagnostic { severity: Severity::Warning, ..Diagnostic::error(text) }, sources, location, "")
}

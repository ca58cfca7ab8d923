//! Turns what each stage reports into diagnostics: the reason, and what to do next.

use std::fmt;
use std::io;
use std::ops::Range;
use std::path::Path;

mod keychain;

pub use keychain::keychain;

use crate::diagnostic::{Diagnostic, Quote, Severity};
use crate::finding::{Finding, Level};
use crate::output::OutputError;
use crate::output::git::Verdict;
use crate::registry::token;
use crate::rules::{Findings, Veil};
use crate::scalar::{Reason, ScanError};
use crate::secret::FilterError;
use crate::source::{CommandError, SourceError};
use crate::span::Location;
use crate::template::{ExpandError, MarkerDocument, ReadError, SIZE_LIMIT, Sources, ValuesError, folder};

mod dotenv;
mod origins;

/// Everything that went wrong, and how the process should end.
#[derive(Debug)]
pub struct Report {
    /// The findings, in order.
    pub diagnostics: Vec<Diagnostic>,
    /// 1: the template, a value or a check; 2: usage, input or output.
    pub code: u8,
}

impl Report {
    /// The template or a value is not in order.
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
        self.diagnostics.iter().try_for_each(|diagnostic| f.write_str(&diagnostic.draw(false)))
    }
}

impl std::error::Error for Report {}

/// The quoted line at `location`, where its text is at hand.
pub fn quote(sources: &Sources, location: &Location, label: &str) -> Option<Quote> {
    let text = sources.get(&*location.template)?;
    Some(Quote::veiled(&location.template, text, &location.range, label, &tokens(text, location.range.start)))
}

/// The tokens of known shapes near `offset`: nobody wants to see them in a log.
fn tokens(text: &str, offset: usize) -> Vec<Range<usize>> {
    const NEAR: usize = 4096;
    let boundary = |mut at: usize| {
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let offset = offset.min(text.len());
    let start = boundary(offset.saturating_sub(NEAR));
    let near = &text[start..boundary((offset + NEAR).min(text.len()))];
    token::scan(near).into_iter().map(|(_, range)| start + range.start..start + range.end).collect()
}

fn placed(diagnostic: Diagnostic, quote: Option<Quote>) -> Diagnostic {
    Diagnostic { snippet: quote, ..diagnostic }
}

/// A template that can't be read.
pub fn read(name: &str, error: &ReadError) -> Diagnostic {
    match error {
        ReadError::Io(error) if error.kind() == io::ErrorKind::NotFound => {
            let diagnostic = Diagnostic::error(format!("there is no template {name}"));
            match similar_file(Path::new(name)) {
                Some(other) => diagnostic.help(format!("did you mean {other}?")),
                None => diagnostic.help("give the path of the template: sdlrender deploy.tmpl.yaml; `-` reads standard input"),
            }
        }
        ReadError::Io(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            Diagnostic::error(format!("{name} can't be read: permission denied")).help(format!("ls -l {name} shows who may"))
        }
        ReadError::Io(error) => Diagnostic::error(format!("{name} can't be read: {error}")),
        ReadError::Directory => {
            Diagnostic::error(format!("{name} is a directory")).help(format!("name the template in it: {name}/deploy.tmpl.yaml"))
        }
        ReadError::TooLarge(size) => {
            let size = size.map_or_else(String::new, |size| format!(" ({} MiB)", size / 1024 / 1024));
            Diagnostic::error(format!("{name} is too large for a template{size}"))
                .help(format!("the limit is {} MiB; an SDL has a few kilobytes: is it the right file?", SIZE_LIMIT / 1024 / 1024))
        }
        ReadError::NotUtf8(line) => Diagnostic::error(format!("{name} is not UTF-8 (line {line})"))
            .help(format!("save it as UTF-8; iconv -f latin1 -t utf-8 {name} converts an older file")),
        ReadError::Empty => Diagnostic::error(format!("{name} is empty"))
            .help("a redirect (`> file`) empties its file before the program starts: was it the template?"),
    }
}

/// A file in the same folder whose name is near.
fn similar_file(path: &Path) -> Option<String> {
    let wanted = path.file_name()?.to_str()?;
    let names: Vec<String> =
        std::fs::read_dir(folder(path)).ok()?.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
    let nearest = crate::diagnostic::nearest(wanted, names.iter().map(String::as_str))?;
    Some(path.with_file_name(nearest).display().to_string())
}

/// A template that can't be expanded.
pub fn expand(error: &ExpandError, sources: &Sources) -> Vec<Diagnostic> {
    match error {
        ExpandError::Random => vec![Diagnostic::error("the system gives no random bytes")],
        ExpandError::Engine { at, message, syntax } => {
            let quoted = at.as_ref().and_then(|at| quote(sources, at, ""));
            let mut diagnostic = placed(Diagnostic::error(message.clone()), quoted);
            if *syntax {
                diagnostic = diagnostic
                    .help("a placeholder is {{ NAME }}; text that only looks like one goes between {% raw %} and {% endraw %}");
            }
            vec![diagnostic]
        }
        ExpandError::Violations(violations) => violations
            .iter()
            .map(|violation| {
                let location = Location::new(violation.template.as_str(), violation.range.clone());
                let quoted = quote(sources, &location, "");
                placed(Diagnostic::error(violation.message.clone()).help(violation.help.clone()), quoted)
            })
            .collect(),
    }
}

/// A marker document that can't be used.
pub fn scan(error: &ScanError, document: &MarkerDocument, sources: &Sources) -> Vec<Diagnostic> {
    match error {
        ScanError::NotYaml { offset, message } => {
            let quoted = quote(sources, &document.locate(*offset), "");
            let diagnostic = placed(Diagnostic::error(format!("the template is not YAML: {message}")), quoted);
            vec![diagnostic.help("quote a placeholder that stands alone: password: \"{{ NAME }}\"")]
        }
        ScanError::Refused(places) => places
            .iter()
            .map(|(offset, reason)| placed(refused(*reason), quote(sources, &document.locate(*offset), "")))
            .collect(),
    }
}

/// The rule that a placeholder's place breaks.
pub fn rule_of(reason: Reason) -> &'static str {
    match reason {
        Reason::LineSeparator | Reason::AmbiguousFlow | Reason::AnchorName => "yaml-ambiguous",
        _ => "placeholder-place",
    }
}

fn refused(reason: Reason) -> Diagnostic {
    let (message, help) = match reason {
        Reason::Key => ("a placeholder can't be in a mapping key", "write the key out; only values can be filled"),
        Reason::Anchor => ("a placeholder can't be in an anchor", "give the anchor a fixed name"),
        Reason::Alias => ("a placeholder can't be in an alias", "give the alias a fixed name"),
        Reason::Tag => ("a placeholder can't be in a tag", "write the tag out"),
        Reason::Tagged => {
            ("a placeholder can't be on a node with this tag", "a filled value is a string: leave the tag out, or use !!str")
        }
        Reason::Outside => {
            ("a placeholder can't stand here", "a placeholder is (part of) a value, as in `password: \"{{ NAME }}\"`")
        }
        Reason::Broken => (
            "a placeholder was broken apart before it could be filled",
            "use filters on the placeholder itself, not on text that holds it",
        ),
        Reason::LineSeparator => (
            "the template holds a raw U+0085, U+2028 or U+2029, which YAML parsers read differently",
            "write it as an escape in double quotes: \"\\x85\", \"\\u2028\" or \"\\u2029\"",
        ),
        Reason::AmbiguousFlow => ("YAML parsers read this plain text differently", "put it in quotes"),
        Reason::AnchorName => {
            ("YAML parsers read this anchor's name differently", "use letters, digits, `_` and `-` in the names of anchors")
        }
    };
    Diagnostic::error(message).help(help)
}

/// Why a filter could not be applied, in words that follow "the filter `x`".
pub fn filter(error: &FilterError) -> String {
    match error {
        FilterError::NotBase64 => "needs base64, and the value is not".to_owned(),
        FilterError::NotText => "gave bytes that are not UTF-8 text".to_owned(),
        FilterError::NotJson => "needs JSON, and the value is not".to_owned(),
        FilterError::NoMember(path) => format!("found no member `{path}` in the value"),
        FilterError::NotScalar(path) => format!("found an object, a list or null at `{path}`, where text is needed"),
        FilterError::NotInteger => "needs a decimal integer, and the value is not".to_owned(),
        FilterError::Nul => "can't quote a value that holds a NUL".to_owned(),
    }
}

/// Why a source gives no value: the reason, and what to do.
pub fn source(name: &str, label: &str, error: &SourceError) -> (String, String) {
    match error {
        SourceError::NotUtf8 => (
            format!("`{name}` in the {label} is not UTF-8"),
            "YAML holds text only; encode it (base64) and decode it in the container".to_owned(),
        ),
        SourceError::Dotenv(error) => dotenv::dotenv(error),
        SourceError::Command(error) => command(name, error),
        SourceError::File(error) => origins::file(error),
        SourceError::Docker(error) => origins::docker(error),
        SourceError::Keychain(error) => keychain(name, error),
    }
}

fn command(name: &str, error: &CommandError) -> (String, String) {
    let try_it = |program: &str| format!("run it by hand to see why: --from-command {name}='{program} …'");
    match error {
        CommandError::Syntax => (
            format!("the command for `{name}` can't be split into words"),
            format!("close its quotes: --from-command {name}='program argument \"two words\"'"),
        ),
        CommandError::Start(program, why) => (
            format!("the command for `{name}` can't be started: {program}: {why}"),
            "no shell is used: for pipes and `$VARIABLES` write sh -c '…'".to_owned(),
        ),
        CommandError::Failed(program, code) => {
            (format!("the command for `{name}` failed: {program} ended with exit code {code}"), try_it(program))
        }
        CommandError::Killed(program) => (format!("the command for `{name}` failed: a signal ended {program}"), try_it(program)),
        CommandError::TimedOut(program, limit) => (
            format!("the command for `{name}` failed: {program} gave no answer within {} s", limit.as_secs_f32()),
            "--command-timeout SECONDS gives it more time; a command can't ask for input here".to_owned(),
        ),
        CommandError::TooLong(program) => {
            (format!("the command for `{name}` failed: {program} printed more than 1 MiB"), "print the value alone".to_owned())
        }
        CommandError::NotUtf8(program) => (
            format!("the command for `{name}` failed: {program} printed what is not UTF-8"),
            "encode it (base64) and decode it in the container".to_owned(),
        ),
    }
}

/// A values file that can't be used.
pub fn values(path: &Path, error: &ValuesError) -> Diagnostic {
    let path = path.display();
    match error {
        ValuesError::Io(error) => {
            Diagnostic::error(format!("{path} can't be read: {error}")).help("--values takes the path of a file")
        }
        ValuesError::UnknownFormat => {
            Diagnostic::error(format!("{path} is no values file")).help("its name must end in .yaml, .yml, .json or .toml")
        }
        ValuesError::Syntax(line) => {
            let line = line.map_or_else(String::new, |line| format!(" (line {line})"));
            Diagnostic::error(format!("{path} can't be understood{line}")).help("it must be what the ending of its name says")
        }
        ValuesError::NotAMapping => Diagnostic::error(format!("{path} is not a mapping")).help("write one NAME: value a line"),
    }
}

/// A result that can't be written.
pub fn output(error: &OutputError) -> Diagnostic {
    match error {
        OutputError::Symlink(path) => Diagnostic::error(format!("{} is a symbolic link", path.display()))
            .help("name the file it leads to; for standard output leave -o out"),
        OutputError::Directory(path) => Diagnostic::error(format!("{} is a directory", path.display()))
            .help(format!("name a file: -o {}/deploy.yaml", path.display())),
        OutputError::Special(path) => Diagnostic::error(format!("{} is not a regular file", path.display()))
            .help("leave -o out and redirect standard output instead"),
        OutputError::IsTemplate(path) => {
            Diagnostic::error(format!("{} is the template itself", path.display())).help("write to another file: -o deploy.yaml")
        }
        OutputError::NoFolder(path) => {
            Diagnostic::error(format!("the folder of {} is not there", path.display())).help("create it with mkdir -p")
        }
        OutputError::Io(path, error) => Diagnostic::error(format!("{} can't be written: {error}", path.display())),
        OutputError::Unsafe(path, verdict) => {
            let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
            let path = path.display();
            match verdict {
                Verdict::Tracked => Diagnostic::error(format!("git tracks {path}, and the result holds secrets"))
                    .help(format!("git rm --cached {name} && echo '/{name}' >> .gitignore"))
                    .help("secrets that were committed before stay in the history: replace them"),
                Verdict::Unknown(why) => Diagnostic::error(format!("git can't say whether {path} would be committed: {why}"))
                    .help("mend that, or say that it is safe with --allow-unignored"),
                _ => Diagnostic::error(format!("git does not ignore {path}, and the result holds secrets"))
                    .help(format!("echo '/{name}' >> .gitignore (beside it), or write elsewhere; --allow-unignored overrides")),
            }
        }
    }
}

/// A finding of the rules, in a template called `name` of which `text` is at hand.
pub fn finding(finding: &Finding, name: &str, text: Option<&str>, veil: &Veil<'_>) -> Diagnostic {
    let severity = if finding.level == Level::Error { Severity::Error } else { Severity::Warning };
    let path = veil.words(&finding.path);
    let snippet = text.map(|text| Quote::veiled(name, text, &finding.range, path, veil.hidden));
    let help = finding.help.iter().map(|help| veil.words(help)).collect();
    let message = veil.words(&finding.message);
    Diagnostic { severity, rule: Some(finding.id), message, snippet, notes: Vec::new(), help }
}

/// What rules found in a template and what it includes.
pub fn findings(found: &Findings, sources: &Sources) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::with_capacity(found.placed.len());
    for group in found.placed.chunk_by(|one, other| one.template == other.template) {
        let name = &*group[0].template;
        let text = sources.get(name).map(|text| text.as_str());
        let veil = text.map(|text| found.veil(name, text)).unwrap_or_default();
        diagnostics.extend(group.iter().map(|placed| finding(&placed.finding, name, text, &veil)));
    }
    diagnostics
}

/// A place's warning.
pub fn remark(sources: &Sources, location: &Location, text: &str) -> Diagnostic {
    placed(Diagnostic { severity: Severity::Warning, ..Diagnostic::error(text) }, quote(sources, location, ""))
}

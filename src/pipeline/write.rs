//! The last stage: writes the result to standard output, or to a file that git ignores. The destination is checked before any secret is
//! looked up.

use std::path::Path;

use zeroize::Zeroizing;

use super::Request;
use super::fill::fill;
use super::judge::Undone;
use super::scan::Prepared;
use super::values::SecretValues;
use crate::diagnostic::{Diagnostic, path_for_shell, printable_lines};
use crate::error::{self, Report};
use crate::output::{OutputError, OutputFile, Redirect, guard, replace_all};
use crate::splice::{Filled, Replacement};
use crate::streams::Streams;

/// Where the result goes.
#[derive(Debug)]
pub(crate) enum Destination<'r> {
    /// Nowhere: it is only looked at.
    Nowhere,
    /// To a command.
    Command,
    /// To standard output or a file.
    Output(Output<'r>),
}

/// Where the result is written, from the options.
#[derive(Debug)]
pub(crate) struct Output<'r> {
    /// A file; standard output if none.
    pub(crate) file: Option<&'r Path>,
    /// Allow a file that git could commit.
    pub(crate) allow_unignored: bool,
    /// Allow a terminal to show secrets.
    pub(crate) reveal: bool,
}

/// The file that `-o` names; `-` is standard output.
pub(crate) fn file(named: Option<&Path>) -> Option<&Path> {
    named.filter(|path| *path != Path::new("-"))
}

impl Destination<'_> {
    /// The file that standard output was redirected to, if the result goes there.
    pub(super) fn redirect<'s>(&self, streams: &'s Streams<'_>) -> Option<&'s Redirect> {
        let standard = matches!(self, Self::Output(Output { file: None, .. }));
        streams.redirect.as_ref().filter(|_| standard)
    }

    /// What is not done if the result is refused.
    pub(super) fn undone(&self) -> Undone {
        if matches!(self, Self::Command) { Undone::Running } else { Undone::Writing }
    }
}

/// Where the result goes, after all checks.
#[derive(Debug)]
pub(crate) enum Aim {
    /// It is not written.
    Nowhere,
    /// Standard output; `masked` if it is a terminal that must not show secrets.
    Standard { masked: bool },
    /// A file.
    File(OutputFile),
}

/// Checks the destination: it must not be a template, and a result with a secret must not go where git could commit it.
///
/// # Errors
/// When it can't or must not be written to.
pub(crate) fn aim(request: &Request<'_>, prepared: &Prepared<'_>, streams: &mut Streams<'_>) -> Result<Aim, Report> {
    let Destination::Output(output) = &request.destination else { return Ok(Aim::Nowhere) };
    aim_at(output, prepared.holds_secret() && !request.redact, prepared, streams)
}

/// [`aim`] for what is written to `output` and holds a secret or not.
///
/// # Errors
/// As [`aim`].
pub(crate) fn aim_at(
    output: &Output<'_>,
    secret: bool,
    prepared: &Prepared<'_>,
    streams: &mut Streams<'_>,
) -> Result<Aim, Report> {
    let Some(path) = output.file else {
        if let Some(redirect) = &streams.redirect {
            let included = prepared.expansion.included.iter().find(|path| redirect.is(path));
            if let Some(path) = included {
                return Err(Report::usage(error::output(&OutputError::IsTemplate(path.clone()))));
            }
            if secret {
                guard_redirect(redirect, output, streams.warn)?;
            }
        }
        return Ok(Aim::Standard { masked: streams.terminal && secret && !output.reveal });
    };
    let templates = prepared.template.path.iter().chain(&prepared.expansion.included).map(AsRef::as_ref);
    let target = OutputFile::new(path, templates).map_err(|failure| Report::usage(error::output(&failure)))?;
    if secret && !output.allow_unignored {
        guard(path).map_err(|failure| Report::usage(error::output(&failure)))?;
    }
    Ok(Aim::File(target))
}

fn guard_redirect(redirect: &Redirect, destination: &Output<'_>, warn: &mut dyn FnMut(&Diagnostic)) -> Result<(), Report> {
    if !destination.allow_unignored {
        redirect.guard().map_err(|failure| Report::usage(error::output(&failure)))?;
    }
    let Some(path) = redirect.path.as_deref() else { return Ok(()) };
    if redirect.mode & 0o077 != 0 {
        let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
        let typed = path_for_shell(Path::new(&name));
        let warning =
            Diagnostic::warning(format!("other users can read {name} (mode {:03o}), which contains secrets", redirect.mode));
        warn(&warning.help(format!("chmod 600 {typed}; or use -o {typed}, which creates it with that mode")));
    }
    Ok(())
}

/// A result that has passed all stages but the last. Wiped when dropped.
pub(crate) struct Ready {
    /// The text.
    pub(crate) text: Zeroizing<String>,
    /// The names of the template's secrets.
    pub(crate) secrets: Vec<String>,
    aim: Aim,
}

impl Ready {
    /// `filled`, with masks for a terminal that must not show secrets.
    ///
    /// # Errors
    /// When the masks can't be filled in.
    pub(super) fn new(
        prepared: &Prepared<'_>,
        filled: Filled,
        replacements: &[Replacement],
        aim: Aim,
        secrets: Vec<String>,
    ) -> Result<Self, Report> {
        let shown = match aim {
            Aim::Standard { masked: true } => fill(prepared, &SecretValues::masked(), replacements)?,
            _ => filled,
        };
        Ok(Self { text: shown.text, secrets, aim })
    }

    /// Writes it to its destination.
    ///
    /// # Errors
    /// When the system refuses.
    pub(crate) fn write(&self, streams: &mut Streams<'_>) -> Result<(), Report> {
        let help = "write them to a file with -o deploy.yaml or > deploy.yaml; --reveal shows them";
        put(&self.text, || Ok(self.text.clone()), help, &self.aim, streams)
    }
}

/// Writes results: none before all can be written.
///
/// # Errors
/// When the system refuses.
pub(super) fn write_all(results: &[Ready], streams: &mut Streams<'_>) -> Result<(), Report> {
    if let [result] = results {
        return result.write(streams);
    }
    let mut files = Vec::new();
    for result in results {
        if let Aim::File(file) = &result.aim {
            files.push((file, result.text.as_bytes()));
        }
    }
    replace_all(&files).map_err(|(failure, replaced)| {
        let replaced: Vec<String> = replaced.iter().map(|path| path.display().to_string()).collect();
        let note = (!replaced.is_empty()).then(|| format!("written before that: {}", replaced.join(", ")));
        Report::usage(error::output(&failure).noting(note))
    })
}

/// Writes `text`; a terminal that must not show secrets gets what `masked` makes, and a warning that ends in `help`.
///
/// # Errors
/// When the system refuses, and those of `masked`.
pub(crate) fn put(
    text: &str,
    masked: impl FnOnce() -> Result<Zeroizing<String>, Report>,
    help: &str,
    aim: &Aim,
    streams: &mut Streams<'_>,
) -> Result<(), Report> {
    match aim {
        Aim::Nowhere => Ok(()),
        Aim::File(target) => target.write(text.as_bytes()).map_err(|failure| Report::usage(error::output(&failure))),
        // A terminal would act on what a template or a value holds.
        Aim::Standard { masked: false } if streams.terminal => streams.write(printable_lines(text).as_bytes()),
        Aim::Standard { masked: false } => streams.write(text.as_bytes()),
        Aim::Standard { masked: true } => {
            streams.write(printable_lines(&masked()?).as_bytes())?;
            (streams.warn)(&Diagnostic::warning("secrets are masked on a terminal").help(help));
            Ok(())
        }
    }
}

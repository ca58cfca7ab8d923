//! `sdlrender diff TEMPLATE [DEPLOYED]`: what an update would change, and never a secret.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::cli::{Diff, DiffFormat};
use crate::diagnostic::Diagnostic;
use crate::error::{self, Report};
use crate::pipeline::diff::diff;
use crate::report::diff::{human, json};
use crate::streams::Streams;
use crate::template::{ReadError, Template};

/// Compares and writes the result.
///
/// # Errors
/// With only the exit code, 1, if something differs; with 2 and the reason, if nothing could be compared.
pub(crate) fn run(options: &Diff, streams: &mut Streams<'_>) -> Result<(), Report> {
    let trouble = |report: Report| Report { code: 2, ..report };
    let template = options.inputs.template.as_deref().unwrap_or(Path::new("-"));
    let deployed = read(options, template, streams)?;
    let comparison = diff(&options.inputs, &deployed, streams).map_err(trouble)?;
    let text = match options.format {
        DiffFormat::Json => {
            json(&comparison, &template.display().to_string(), &deployed.name).map_err(|error| trouble(error.into()))?
        }
        DiffFormat::Human => human(&comparison, options.all),
    };
    streams.write(text.as_bytes())?;
    if comparison.is_different() { Err(Report { diagnostics: Vec::new(), code: 1 }) } else { Ok(()) }
}

/// Reads the deployed SDL.
fn read(options: &Diff, template: &Path, streams: &mut Streams<'_>) -> Result<Template, Report> {
    let standard = Path::new("-");
    let path = match &options.deployed {
        Some(path) if path == standard && template == standard => {
            let both = Diagnostic::error("the template and the deployed SDL can't both be standard input");
            return Err(Report::usage(both.help("give the path of one of them")));
        }
        Some(path) => path.clone(),
        None => beside(template).ok_or_else(|| {
            let unknown = Diagnostic::error("which SDL was deployed? The template's name has no `.tmpl` to leave out");
            Report::usage(unknown.help("name it: sdlrender diff TEMPLATE DEPLOYED"))
        })?,
    };
    let read = if path == standard { Template::read_from(&mut *streams.stdin) } else { Template::read(&path) };
    read.map_err(|failure| {
        let name = path.display().to_string();
        Report::usage(match &failure {
            ReadError::Io(io) if io.kind() == ErrorKind::NotFound => {
                Diagnostic::error(format!("there is no {name} to compare with"))
                    .help("name the SDL that was deployed: sdlrender diff TEMPLATE DEPLOYED")
            }
            _ => error::read(&name, &failure),
        })
    })
}

/// `deploy.yaml` for `deploy.tmpl.yaml`.
fn beside(template: &Path) -> Option<PathBuf> {
    let name = template.file_name()?.to_str()?;
    let (before, behind) = name.rsplit_once(".tmpl")?;
    (!before.is_empty()).then(|| template.with_file_name(format!("{before}{behind}")))
}

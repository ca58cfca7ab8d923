//! `sdlrender init`: begins a project. It asks only at a terminal, and replaces nothing.

use std::path::Path;

use clap::ValueEnum as _;

use crate::cli::{Ci, Init};
use crate::diagnostic::{Diagnostic, nearest, printable};
use crate::error::{self, Report};
use crate::extract::extractable;
use crate::starter::{Begun, Extra, ImageError, Starter, TEMPLATE, write};
use crate::streams::Streams;
use crate::template::templates_in;

/// Writes the files, and says which.
///
/// # Errors
/// When no registry is known, the image is in another one, a template is there already or can be made of an SDL, or the system refuses.
/// Nothing is written then.
pub(crate) fn run(options: &Init, streams: &mut Streams<'_>) -> Result<(), Report> {
    let extras = extras(options);
    let begun = Path::new(TEMPLATE).symlink_metadata().is_ok();
    if begun && extras.is_empty() && !options.print {
        return Err(Report::usage(error::begun(TEMPLATE)));
    }
    if !begun
        && !options.print
        && templates_in(Path::new(".")).is_empty()
        && let Some(sdl) = extractable(Path::new("."))
    {
        return Err(Report::usage(error::filled(&sdl)));
    }
    let only_extras = !extras.is_empty() && (begun || options.print);
    let (starter, image) = match chosen(options)? {
        None if only_extras => (None, None),
        None => asked(streams)?,
        Some(starter) => (Some(starter), options.image.clone()),
    };
    let image = image.as_deref();
    let mut files = match starter.filter(|_| !only_extras) {
        Some(starter) => starter.files(image).map_err(|failure| wrong_image(starter, image, failure))?,
        None => Vec::new(),
    };
    files.extend(extras.iter().map(|extra| extra.file()));
    if options.print {
        files.truncate(if only_extras { files.len() } else { 1 });
        return streams.write(files.iter().map(|file| file.text.as_str()).collect::<String>().as_bytes());
    }
    let written =
        write(Path::new("."), &files, starter).map_err(|(path, error)| Report::usage(error::not_begun(&path, &error)))?;
    let said = said(&written) + &next(starter, image, begun);
    // Nothing can be done when standard error itself is closed.
    let _ = streams.stderr.write_all(said.as_bytes());
    Ok(())
}

fn extras(options: &Init) -> Vec<Extra> {
    let ci = options.ci.map(|ci| match ci {
        Ci::Github => Extra::Github,
        Ci::Gitlab => Extra::Gitlab,
    });
    [options.make.then_some(Extra::Make), options.hook.then_some(Extra::Hook), ci].into_iter().flatten().collect()
}

/// The starter that the options name: the registry, or else the image's.
fn chosen(options: &Init) -> Result<Option<Starter>, Report> {
    let Some(image) = &options.image else { return Ok(options.registry) };
    match options.registry {
        // Tried, so that a wrong image is an error even if no template is written.
        Some(starter) => starter.template(Some(image)).map(|_| Some(starter)).map_err(|it| wrong_image(starter, Some(image), it)),
        None => Starter::of(image).map(Some).map_err(|why| Report::usage(error::image(image, &ImageError::Invalid(why), None))),
    }
}

fn wrong_image(starter: Starter, image: Option<&str>, failure: ImageError) -> Report {
    Report::usage(error::image(image.unwrap_or_default(), &failure, Some(starter)))
}

/// The starter and the image that somebody at the terminal wants.
fn asked(streams: &mut Streams<'_>) -> Result<(Option<Starter>, Option<String>), Report> {
    if !streams.can_ask() {
        return Err(Report::usage(error::no_registry()));
    }
    let names: Vec<&str> = Starter::value_variants().iter().map(|starter| starter.name()).collect();
    let starter = loop {
        let answer = answer(streams, &format!("Registry: {} [{}]: ", names.join(", "), names[0]))?;
        let wanted = if answer.is_empty() { names[0] } else { &answer };
        match Starter::from_str(wanted, true) {
            Ok(starter) => break starter,
            Err(_) => {
                let unknown = Diagnostic::error(format!("there is no registry `{}`", printable(wanted)));
                (streams.warn)(&match nearest(wanted, names.iter().copied()) {
                    Some(meant) => unknown.help(format!("did you mean {meant}?")),
                    None => unknown.help("generic is for every other registry"),
                });
            }
        }
    };
    loop {
        let image = answer(streams, &format!("Image [{}]: ", starter.image()))?;
        if image.is_empty() {
            return Ok((Some(starter), None));
        }
        match starter.template(Some(&image)) {
            Ok(_) => return Ok((Some(starter), Some(image))),
            Err(failure) => (streams.warn)(&error::image(&image, &failure, Some(starter))),
        }
    }
}

fn answer(streams: &mut Streams<'_>, question: &str) -> Result<String, Report> {
    streams.question(question).map_err(|_| Report::usage(Diagnostic::error("no answer, so nothing was written")))
}

/// What was written, a line each.
fn said(written: &Begun) -> String {
    let created = written.created.iter().map(|path| format!("created  {path}\n"));
    let left = written.left.iter().map(|path| format!("kept     {path}, which was there already\n"));
    let ignored = (!written.ignored.is_empty()).then(|| format!("added    {} to .gitignore\n", written.ignored.join(" ")));
    created.chain(left).chain(ignored).collect()
}

/// What to do next, and the two commands to type.
fn next(starter: Option<Starter>, image: Option<&str>, begun: bool) -> String {
    let Some(starter) = starter.filter(|_| !begun) else { return String::new() };
    let what = if image.is_none() {
        "the image, the port, the resources and the price"
    } else {
        "the port, the resources and the price"
    };
    let key = starter.key().map_or_else(String::new, |key| format!(", and put the key's file here as {key}"));
    let first = match (starter.command(image), starter.secrets()) {
        (Some(command), _) => format!("trust    # so that sdlrender.toml may run: {command}"),
        (None, []) => format!("check {TEMPLATE}"),
        (None, _) => format!("set --all {TEMPLATE}    # or cp .env.example .env, and fill it in"),
    };
    format!("\nChange {what} in {TEMPLATE}{key}; then:\n  sdlrender {first}\n  sdlrender {TEMPLATE} -o deploy.yaml\n")
}

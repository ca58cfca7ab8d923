//! `sdlrender TEMPLATE…`: renders templates.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::cli::{Inputs, Render, is_command};
use crate::diagnostic::Diagnostic;
use crate::error::Report;
use crate::pipeline::open::read_template;
use crate::pipeline::verify::{Purpose, Verification};
use crate::pipeline::write::{Destination, Output, file};
use crate::pipeline::{Request, render, render_all};
use crate::streams::Streams;

/// Renders the templates and writes the results.
///
/// # Errors
/// With everything that is wrong. Nothing has been written then.
pub(crate) fn run(options: &Render, streams: &mut Streams<'_>) -> Result<(), Report> {
    let Some(folder) = &options.out_dir else {
        if !options.more.is_empty() {
            if let Some(command) = options.more.iter().filter_map(|word| word.to_str()).find(|word| is_command(word)) {
                let late = Diagnostic::error(format!("`{command}` is a command, and the command comes first"));
                return Err(Report::usage(late.help(format!("sdlrender {command} …"))));
            }
            // If the first is a command with a typo, that is what is wrong.
            read_template(options.inputs.template.as_deref(), streams)?;
            let several = Diagnostic::error("several templates need a folder for their results");
            return Err(Report::usage(several.help("--out-dir DIR writes each to DIR, under its name without `.tmpl`")));
        }
        return render(&request(options, &options.inputs, file(options.output.as_deref())), streams);
    };
    let templates: Vec<&Path> = options.inputs.template.iter().chain(&options.more).map(PathBuf::as_path).collect();
    let outputs = outputs(&templates, folder)?;
    let of_one = |template: &&Path| Inputs { template: Some(template.to_path_buf()), ..options.inputs.clone() };
    let inputs: Vec<Inputs> = templates.iter().map(of_one).collect();
    let requests = inputs.iter().zip(&outputs).map(|(inputs, output)| request(options, inputs, Some(output)));
    render_all(&requests.collect::<Vec<_>>(), streams)
}

fn request<'r>(options: &'r Render, inputs: &'r Inputs, file: Option<&'r Path>) -> Request<'r> {
    Request {
        inputs,
        redact: options.redact,
        no_check: options.no_check,
        strict: options.strict,
        destination: Destination::Output(Output { file, allow_unignored: options.allow_unignored, reveal: options.reveal }),
        verify: options.verify.then_some(Verification { purpose: Purpose::Condition, registries: &options.registries }),
    }
}

/// The file of each template in `folder`.
///
/// # Errors
/// When one has no name, or two would be the same file.
fn outputs(templates: &[&Path], folder: &Path) -> Result<Vec<PathBuf>, Report> {
    let mut outputs: Vec<PathBuf> = Vec::new();
    for template in templates {
        let name = template.file_name().filter(|name| *name != OsStr::new("-")).ok_or_else(|| {
            let nameless = Diagnostic::error("with --out-dir, each template must be a file");
            Report::usage(nameless.help("write a template from standard input with -o OUT"))
        })?;
        let output = folder.join(without_tmpl(name));
        if let Some(other) = outputs.iter().position(|other| *other == output) {
            let (one, other) = (templates[other].display(), template.display());
            let same = Diagnostic::error(format!("{one} and {other} would both be written to {}", output.display()));
            return Err(Report::usage(same.help("render them apart from each other, to two folders")));
        }
        outputs.push(output);
    }
    Ok(outputs)
}

/// `deploy.yaml` for `deploy.tmpl.yaml` or `deploy.yaml.tmpl`; other names stay.
fn without_tmpl(name: &OsStr) -> PathBuf {
    let whole = Path::new(name);
    match (whole.file_stem().map(Path::new), whole.extension()) {
        (Some(stem), Some(extension)) if extension == "tmpl" => stem.to_owned(),
        (Some(stem), Some(extension)) if stem.extension() == Some(OsStr::new("tmpl")) => stem.with_extension(extension),
        _ => whole.to_owned(),
    }
}

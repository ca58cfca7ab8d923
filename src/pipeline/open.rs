//! Stage 1: reads the template and lists the sources. No source is asked yet, and no command runs.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::Request;
use super::expand::{Expanded, Input};
use super::profile::{profile, require};
use crate::cli::Inputs;
use crate::diagnostic::{Diagnostic, path_for_shell};
use crate::error::{self, Report};
use crate::output::{OutputError, followed, verdict};
use crate::project::Project;
use crate::source::{Chain, CommandFile, CommandLine, KeychainSettings, ProjectCommands, Remark, Settings};
use crate::streams::Streams;
use crate::template::{Expansion, Folder, Given, IncludeFiles, OnlyTemplates, Template, Values, load_values};

/// Opens what `request` names.
///
/// # Errors
/// When the template can't be read, when standard output was redirected to it, or when an option can't be used.
pub(super) fn open(request: &Request<'_>, streams: &mut Streams<'_>) -> Result<Input, Report> {
    // `sdlrender x > x` has already emptied its template: report that rather than "is empty".
    if let (Some(redirect), Some(template)) = (request.destination.redirect(streams), request.inputs.template.as_deref())
        && redirect.is(template)
    {
        return Err(Report::usage(error::output(&OutputError::IsTemplate(template.to_owned()))));
    }
    input(request.inputs, streams)
}

/// The template and sources of `inputs`.
///
/// # Errors
/// When the template can't be read, or an option can't be used.
pub(crate) fn input(inputs: &Inputs, streams: &mut Streams<'_>) -> Result<Input, Report> {
    let template = read_template(inputs.template.as_deref(), streams)?;
    let project = project(&template)?;
    require(inputs, template.directory(), project.as_ref())?;
    of_template(inputs, template, project.as_ref())
}

/// [`input`], for those who may be about to store the first value of a profile.
///
/// # Errors
/// As [`input`], but for a profile with nothing behind it.
pub(crate) fn input_of_any_profile(inputs: &Inputs, streams: &mut Streams<'_>) -> Result<Input, Report> {
    let template = read_template(inputs.template.as_deref(), streams)?;
    let project = project(&template)?;
    of_template(inputs, template, project.as_ref())
}

fn of_template(inputs: &Inputs, template: Template, project: Option<&Project>) -> Result<Input, Report> {
    let chain = chain(inputs, &template, project)?;
    let given = with_project(given(inputs)?, project, profile(inputs.profile.as_deref())?.as_deref());
    Ok(Input { files: includes(inputs, Arc::new(Folder::of(&template))), given, template, chain })
}

/// Of `files`, those that the template may include.
pub(crate) fn includes(inputs: &Inputs, files: Arc<dyn IncludeFiles>) -> Arc<dyn IncludeFiles> {
    if inputs.only.is_some() { Arc::new(OnlyTemplates(files)) } else { files }
}

/// The file of the project that the template belongs to.
///
/// # Errors
/// When it can't be used.
pub(crate) fn project(template: &Template) -> Result<Option<Project>, Report> {
    Project::find(template.directory()).map_err(|failure| Report { diagnostics: error::project(&failure), code: 2 })
}

/// Reads the template at `path`; `-` or no path means standard input.
///
/// # Errors
/// When it can't be read, or is not a template.
pub(crate) fn read_template(path: Option<&Path>, streams: &mut Streams<'_>) -> Result<Template, Report> {
    let path = path.unwrap_or_else(|| Path::new("-"));
    let (name, read) = match path.to_str() {
        Some("-") => ("standard input".to_owned(), Template::read_from(&mut *streams.stdin)),
        _ => (path.display().to_string(), Template::read(path)),
    };
    read.map_err(|failure| Report::usage(error::read(&name, &failure)))
}

/// The sources that `inputs` and the project ask for.
///
/// # Errors
/// When a named `.env` file does not exist, a command needs a shell, or a profile's name is a path.
pub(crate) fn chain(inputs: &Inputs, template: &Template, project: Option<&Project>) -> Result<Arc<Chain>, Report> {
    let profile = profile(inputs.profile.as_deref())?;
    let of_profile = profile.as_deref();
    let keychain = inputs
        .asks_keychain()
        .then(|| KeychainSettings { profile: profile.clone(), prompt: Duration::from_secs(inputs.keychain.keychain_timeout) });
    let mut dotenv: [Vec<PathBuf>; 2] = Default::default();
    if !inputs.env_files.is_empty() {
        for file in inputs.env_files.iter().rev() {
            if !file.exists() {
                let missing = Diagnostic::error(format!("there is no file {}", file.display()));
                return Err(Report::usage(missing.help("-e takes the path of a .env file")));
            }
            if file.is_dir() {
                let directory = Diagnostic::error(format!("{} is a directory", file.display()));
                return Err(Report::usage(directory.help("-e takes the path of a .env file")));
            }
            dotenv[0].push(file.clone());
        }
    } else if inputs.no_env_file {
    } else if let Some(files) = project.and_then(|project| project.env_files(of_profile)) {
        dotenv[0].extend(files.into_iter().rev());
    } else {
        let beside = |name: &str| local_and_plain(template.directory(), name);
        dotenv = [of_profile.map(|profile| beside(&format!(".env.{profile}"))).unwrap_or_default(), beside(".env")];
    }
    let command = |(name, line): &(String, String)| match CommandLine::parse(line) {
        Ok(line) => Ok((name.clone(), line)),
        Err(why) => Err(Report::usage(error::command_line(name, &why))),
    };
    let commands = inputs.from_command.iter().map(command).collect::<Result<_, _>>()?;
    Ok(Arc::new(Chain::new(Settings {
        commands,
        dotenv,
        project: project.and_then(|project| commands_of(project, of_profile)),
        purposes: project.map(|project| project.purposes(of_profile)).unwrap_or_default(),
        command_timeout: Some(Duration::from_secs_f64(inputs.command_timeout)),
        environment: true,
        directory: template.directory().to_owned(),
        example: EXAMPLES.iter().filter_map(|name| local_and_plain(template.directory(), name).pop()).find(|path| path.is_file()),
        keychain,
        only: inputs.allowed(),
    })))
}

/// What an example of a `.env` file is called.
const EXAMPLES: [&str; 3] = [".env.example", ".env.sample", ".env.template"];

/// The commands of the project that may be needed, and whether they may run.
fn commands_of(project: &Project, profile: Option<&str>) -> Option<ProjectCommands> {
    let commands = project.commands(profile);
    let file = || CommandFile {
        name: project.path.display().to_string(),
        folder: project.folder.clone(),
        trusted: project.is_trusted(),
    };
    commands.iter().any(|commands| !commands.is_empty()).then(|| ProjectCommands { file: file(), commands })
}

/// The `.env` file called `name`, preceded by `name.local` (for this machine only) if that exists. Both come from the template's folder, or
/// from the current folder if it has neither.
fn local_and_plain(beside: &Path, name: &str) -> Vec<PathBuf> {
    let local = format!("{name}.local");
    let folder = if [name, &local].iter().any(|name| beside.join(name).is_file()) { beside } else { Path::new("") };
    let local = Some(folder.join(local)).filter(|local| local.is_file());
    local.into_iter().chain([folder.join(name)]).collect()
}

/// `given`, and the variables of the project's profile that it does not give.
pub(crate) fn with_project(given: Given, project: Option<&Project>, profile: Option<&str>) -> Given {
    let Some(mut all) = project.map(|project| project.vars(profile)) else { return given };
    all.extend(given);
    all
}

/// The variables set by files and options.
///
/// # Errors
/// When a values file can't be used.
pub(crate) fn given(inputs: &Inputs) -> Result<Given, Report> {
    let mut given = Given::default();
    for path in &inputs.values {
        given.extend(load_values(path).map_err(|failure| Report::usage(error::values(path, &failure)))?);
    }
    inputs.set.iter().for_each(|(name, value)| given.insert(name.clone(), Values::parse(value)));
    Ok(given)
}

/// Warns about text in the template that may be a mistake, and about the files that its sources read.
pub(super) fn warn_of(expanded: &Expanded<'_>, chain: &Chain, warn: &mut dyn FnMut(&Diagnostic)) {
    warn_of_sources(chain, warn);
    let Expansion { remarks, sources, .. } = &expanded.expansion;
    remarks.iter().for_each(|(at, text)| warn(&error::remark(sources, at, text)));
}

/// Warns about the files that the sources read.
pub(crate) fn warn_of_sources(chain: &Chain, warn: &mut dyn FnMut(&Diagnostic)) {
    // A link holds nothing but where it leads to.
    let files = chain.files_used().into_iter().map(|path| followed(&path));
    files.filter_map(|path| error::exposed(&path, &verdict(&path))).for_each(|warning| warn(&warning));
    for (path, remark) in chain.remarks() {
        let typed = path_for_shell(path.strip_prefix("./").unwrap_or(&path));
        let path = path.strip_prefix("./").unwrap_or(&path).display().to_string();
        warn(&match remark {
            Remark::Readable(mode) => {
                Diagnostic::warning(format!("other users can read {path} (mode {mode:03o})")).help(format!("chmod 600 {typed}"))
            }
            Remark::Twice(key, line) => {
                Diagnostic::warning(format!("{path}:{line}: `{key}` was set before; the last value is used"))
                    .help("remove the others")
            }
            Remark::PassedOver(key, line) => Diagnostic::warning(format!("{path}:{line}: {}", error::passed_over(&key))),
        });
    }
}

//! `sdlrender extract SDL`: a filled SDL becomes a template and stored secrets.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::cli::{Extract, StorePlace};
use crate::diagnostic::Diagnostic;
use crate::error::{self, Report};
use crate::extract::{
    ExtractPlan, FilledSdl, SecretStore, Selection, Unignored, ValueClass, diff, finished, from_memory, from_store, history,
    logins, plan, planned, prove, respelled, template,
};
use crate::output::{OutputError, stage};
use crate::pipeline::open::read_template;
use crate::pipeline::profile::profile;
use crate::source::{Keychain, KeychainSettings};
use crate::streams::Streams;
use crate::template::folder;

/// Extracts the secrets: plan, proof from memory, store, proof from the store, template. Stopped at any step, nothing is lost.
///
/// # Errors
/// When anything is in the way. The SDL is never changed.
pub(crate) fn run(options: &Extract, streams: &mut Streams<'_>) -> Result<(), Report> {
    let source = read_template(Some(&options.sdl), streams)?;
    let target = target(options);
    free(&target)?;
    let original = FilledSdl::read(&source)?;
    let wanted = Selection { only: &options.only, skip: &options.skip, envsubst: options.from_envsubst };
    let plan = plan(&original, &wanted)?;
    (streams.warn)(&planned(&original, &plan));
    if plan.is_empty() {
        return Ok(());
    }
    let text = template(&original, &plan)?;
    let spelled = prove(&original, &plan, &target, &text, from_memory(&plan))?;
    respelled(&spelled).iter().chain(&logins(&original)).for_each(&mut *streams.warn);
    if options.dry_run {
        streams.write(diff(&original, &plan, &text, &target.display().to_string()).as_bytes())?;
        (streams.warn)(&Diagnostic::remark("nothing was written, and nothing was stored: this is a dry run"));
        return Ok(());
    }
    let store = store(options, &target)?;
    store.ready()?;
    let missing = store.missing(&plan.entries, options.replace)?;
    let unignored = Unignored::of(store.file().into_iter().chain(source.path.as_deref()))?;
    agree(options, &plan, &store, &target, &unignored, streams)?;
    let staged = stage(&target, text.as_bytes()).map_err(|failure| Report::usage(error::output(&failure)))?;
    unignored.add()?;
    store.ignored()?;
    store.keep(&missing)?;
    prove(&original, &plan, &target, &text, from_store(&plan, &store)?)?;
    staged.publish().map_err(|failure| Report::usage(error::output(&OutputError::Io(target.clone(), failure))))?;
    let shadowed = store.shadowed(&plan.entries, &target, profile(options.profile.as_deref())?);
    shadowed.iter().for_each(&mut *streams.warn);
    if let Some(told) = history::told(&original, &plan, folder(source.path.as_deref().unwrap_or(&target))) {
        (streams.warn)(&told);
    }
    (streams.warn)(&finished(&original, &plan, &store, source.path.as_deref(), &target, &unignored));
    Ok(())
}

/// Where the template goes: `deploy.tmpl.yaml` for `deploy.yaml`.
fn target(options: &Extract) -> PathBuf {
    let named = || match options.sdl.to_str() {
        Some("-") => PathBuf::from("deploy.tmpl.yaml"),
        _ => {
            let end = options.sdl.extension().filter(|end| *end == "yml").map_or("tmpl.yaml", |_| "tmpl.yml");
            options.sdl.with_extension(end)
        }
    };
    options.output.clone().unwrap_or_else(named)
}

/// Refuses a target that is there: a template may have been edited.
fn free(target: &Path) -> Result<(), Report> {
    if std::fs::symlink_metadata(target).is_ok() {
        let there = Diagnostic::error(format!("{} is there already", target.display()));
        return Err(Report::usage(there.help("write to another file with -o, or remove this one first")));
    }
    match folder(target).is_dir() {
        true => Ok(()),
        false => Err(Report::usage(error::output(&OutputError::NoFolder(target.to_owned())))),
    }
}

fn store(options: &Extract, target: &Path) -> Result<SecretStore, Report> {
    let profile = profile(options.profile.as_deref())?;
    Ok(match options.to {
        StorePlace::Keychain => {
            let prompt = Duration::from_secs(options.keychain_timeout);
            SecretStore::Keychain(Keychain::new(KeychainSettings { profile, prompt }))
        }
        StorePlace::EnvFile => {
            let name = profile.map_or_else(|| ".env".to_owned(), |profile| format!(".env.{profile}"));
            SecretStore::EnvFile(match folder(target) {
                here if here == Path::new(".") => PathBuf::from(name),
                folder => folder.join(name),
            })
        }
    })
}

/// Asks once before anything is kept.
fn agree(
    options: &Extract,
    plan: &ExtractPlan,
    store: &SecretStore,
    target: &Path,
    unignored: &Unignored,
    streams: &mut Streams<'_>,
) -> Result<(), Report> {
    if options.yes {
        return Ok(());
    }
    let count = plan.entries.iter().filter(|entry| entry.class != ValueClass::StandIn).count();
    let values = if count == 1 { "1 value".to_owned() } else { format!("{count} values") };
    if !streams.can_ask() {
        let refused =
            Diagnostic::error(format!("there is no terminal to ask whether {values} may be stored in {}", store.label()));
        return Err(Report::usage(refused.help("--yes stores them without asking; --dry-run only shows what would be done")));
    }
    let keep = format!("Store {values} in {}", store.label());
    let steps: Vec<String> = std::iter::once(keep).chain(unignored.told()).collect();
    let and = if steps.len() > 1 { ", and" } else { " and" };
    let question = format!("{}{and} write {}? Type y or n: ", steps.join(", "), target.display());
    match streams.question(&question).unwrap_or_default().to_ascii_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Report::content(vec![Diagnostic::remark("nothing was written, and nothing was stored")])),
    }
}

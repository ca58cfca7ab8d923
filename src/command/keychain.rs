//! `sdlrender set`, `get` and `rm`: secrets in the keychain. A value is never an argument.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::time::Duration;

use clap::Parser as _;
use zeroize::Zeroizing;

use crate::cli::{Cli, Get, KeychainItem, Remove, Set};
use crate::diagnostic::{Diagnostic, for_shell};
use crate::error::{self, Report};
use crate::pipeline::expand::expand;
use crate::pipeline::open::input_of_any_profile;
use crate::pipeline::profile::profile;
use crate::pipeline::scan::scan;
use crate::pipeline::values::MASK;
use crate::resolve::{Miss, Resolver};
use crate::secret::{Origin, Secret};
use crate::source::{Keychain, KeychainError, KeychainSettings, SourceError, chomp, read_value};
use crate::streams::Streams;
use crate::template::Emission;

fn open(item: &KeychainItem) -> Result<Keychain, Report> {
    let prompt = Duration::from_secs(item.keychain_timeout);
    Ok(Keychain::new(KeychainSettings { profile: profile(item.profile.as_deref())?, prompt }))
}

fn refused(name: &str, error: &KeychainError) -> Report {
    let (message, help) = error::keychain(name, error);
    Report::content(vec![Diagnostic::error(message).help(help)])
}

/// Stores a value, or with `--all` one for each secret of a template that has none.
///
/// # Errors
/// When no valid value is given, or the keychain fails.
pub(crate) fn set(options: &Set, streams: &mut Streams<'_>) -> Result<(), Report> {
    let keychain = open(&options.item)?;
    let Some(name) = &options.name else {
        return set_all(options, &keychain, streams);
    };
    let value = match (&options.from_file, &mut streams.ask) {
        (Some(path), _) => {
            let read = File::open(path).and_then(|mut file| read_value(&mut file));
            let failed = |error: io::Error| {
                Report::usage(
                    Diagnostic::error(format!("can't read {}: {error}", path.display()))
                        .help("--from-file takes the path of a file"),
                )
            };
            text(read.map_err(failed)?, streams.warn)?
        }
        (None, Some(_)) => {
            ready(&keychain, name)?;
            ask(name, streams)?
        }
        (None, None) => {
            let failed = |error| Report::usage(Diagnostic::error(format!("can't read standard input: {error}")));
            text(read_value(&mut *streams.stdin).map_err(failed)?, streams.warn)?
        }
    };
    if value.is_empty() {
        return Err(empty(name));
    }
    store(&keychain, name, value, streams)
}

/// Fails early, before a value is typed, if the keychain can't store it. A locked keychain is unlocked later.
fn ready(keychain: &Keychain, name: &str) -> Result<(), Report> {
    match keychain.names() {
        Ok(_) | Err(KeychainError::Locked) => Ok(()),
        Err(failure) => Err(refused(name, &failure)),
    }
}

fn store(keychain: &Keychain, name: &str, value: Secret, streams: &mut Streams<'_>) -> Result<(), Report> {
    if value.expose().contains('\0') {
        return Err(Report::usage(
            Diagnostic::error(format!("the value of `{name}` contains a NUL character, which YAML can't hold"))
                .help("nothing was stored; store the value as base64 and decode it in the container"),
        ));
    }
    let replaced = keychain.set(name, value).map_err(|failure| refused(&keychain.user(name), &failure))?;
    let done = if replaced { "replaced" } else { "stored" };
    (streams.warn)(&Diagnostic::remark(format!("{done} `{}` in the keychain", keychain.user(name))));
    Ok(())
}

fn empty(name: &str) -> Report {
    Report::usage(
        Diagnostic::error(format!("the value of `{name}` is empty"))
            .help(format!("nothing was stored; to remove a value: sdlrender rm {}", for_shell(name))),
    )
}

fn ask(name: &str, streams: &mut Streams<'_>) -> Result<Secret, Report> {
    let Some(ask) = &mut streams.ask else {
        return Err(Report::usage(
            Diagnostic::error("--all needs a terminal to ask for values")
                .help("to store one value without: sdlrender set NAME < FILE"),
        ));
    };
    match ask(&format!("Value of {name} (not shown): ")) {
        Ok(value) => Ok(Secret::new(value)),
        Err(error) => Err(Report::usage(Diagnostic::error(format!("can't read the value from the terminal: {error}")))),
    }
}

/// A value without the final line break that an editor or `echo` adds.
fn text(mut bytes: Zeroizing<Vec<u8>>, warn: &mut dyn FnMut(&Diagnostic)) -> Result<Secret, Report> {
    if chomp(&mut bytes) {
        warn(&Diagnostic::remark("the final line break of the value was removed"));
    }
    Secret::from_bytes(bytes).map_err(|_| {
        Report::usage(
            Diagnostic::error("the value is not UTF-8")
                .help("YAML holds only text: store the value as base64 and decode it in the container"),
        )
    })
}

/// Asks for every secret of the template that no source has.
fn set_all(options: &Set, keychain: &Keychain, streams: &mut Streams<'_>) -> Result<(), Report> {
    let Some(path) = &options.all else { return Ok(()) };
    // Parsed as a render with only these options.
    let timeout = format!("--keychain-timeout={}", options.item.keychain_timeout);
    let mut arguments: Vec<OsString> = vec!["sdlrender".into(), timeout.into()];
    arguments.extend(options.item.profile.iter().map(|profile| format!("--profile={profile}").into()));
    arguments.extend(["--".into(), path.into()]);
    let parsed = Cli::try_parse_from(arguments);
    let inputs = parsed.map_err(|_| Report::usage(Diagnostic::error("--all takes the path of a template")))?.render.inputs;
    let input = input_of_any_profile(&inputs, streams)?;
    let expanded = expand(&input)?;
    let prepared = scan(&expanded)?;
    let resolver = Resolver::new(&input.chain, false);
    let mut missing: Vec<String> = Vec::new();
    let secrets = prepared.marks().filter_map(|(_, _, emission)| match emission {
        Emission::Secret(usage) => Some(usage.parts()),
        _ => None,
    });
    for usage in secrets.flatten() {
        if !matches!(usage.origin, Origin::Any | Origin::Keychain) || missing.contains(&usage.name) {
            continue;
        }
        match resolver.locate(&usage) {
            Ok(_) | Err(Miss::Source(_, SourceError::Untrusted(_))) => {}
            Err(Miss::Source(label, failure)) => {
                let (message, help) = error::source(&usage.name, &label, &failure);
                return Err(Report::content(vec![Diagnostic::error(message).help(help)]));
            }
            Err(_) => missing.push(usage.name),
        }
    }
    if missing.is_empty() {
        (streams.warn)(&Diagnostic::remark("nothing to store: every secret of the template has a value"));
    }
    if let Some(name) = missing.first() {
        ready(keychain, name)?;
    }
    for name in &missing {
        let value = ask(name, streams)?;
        if value.is_empty() {
            (streams.warn)(&Diagnostic::remark(format!("skipped `{name}`")));
            continue;
        }
        store(keychain, name, value, streams)?;
    }
    Ok(())
}

/// Writes the value to standard output, unchanged. On a terminal, writes a mask unless told to reveal it.
///
/// # Errors
/// When there is no value, or the keychain fails.
pub(crate) fn get(options: &Get, streams: &mut Streams<'_>) -> Result<(), Report> {
    if let Some(redirect) = streams.redirect.as_ref().filter(|_| !options.allow_unignored) {
        redirect.guard().map_err(|failure| Report::usage(error::output(&failure)))?;
    }
    let keychain = open(&options.item)?;
    let found = keychain.get(&options.name).map_err(|failure| refused(&options.name, &failure))?;
    let Some((value, _)) = found else { return Err(nothing(&keychain, &options.name)) };
    if !streams.terminal {
        return streams.write(value.expose().as_bytes());
    }
    if options.reveal {
        streams.write(value.expose().as_bytes())?;
        return streams.write(b"\n");
    }
    streams.write(format!("{MASK}\n").as_bytes())?;
    (streams.warn)(
        &Diagnostic::remark("secrets are masked on a terminal").help("use --reveal to show it, or pipe it to a command"),
    );
    Ok(())
}

/// Removes every item for the name.
///
/// # Errors
/// When there is none, or the keychain fails.
pub(crate) fn remove(options: &Remove, streams: &mut Streams<'_>) -> Result<(), Report> {
    let keychain = open(&options.item)?;
    let user = keychain.user(&options.name);
    match keychain.remove(&options.name).map_err(|failure| refused(&user, &failure))? {
        0 => Err(nothing(&keychain, &options.name)),
        count => {
            let items = if count == 1 { String::new() } else { format!(" ({count} items)") };
            (streams.warn)(&Diagnostic::remark(format!("removed `{user}` from the keychain{items}")));
            Ok(())
        }
    }
}

fn nothing(keychain: &Keychain, name: &str) -> Report {
    let user = keychain.user(name);
    Report::content(vec![
        Diagnostic::error(format!("the keychain has no `{user}`"))
            .help("`sdlrender list --keychain` lists the names it has; `sdlrender set` stores one"),
    ])
}

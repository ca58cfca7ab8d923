//! Looks up the images, and reports the result.

use std::time::Duration;

use super::{Purpose, Verification};
use crate::cli::{Format, Registries};
use crate::diagnostic::{Diagnostic, Quote, printable, table};
use crate::error::{Report, quote};
use crate::pipeline::Request;
use crate::pipeline::fill::fill;
use crate::pipeline::scan::Prepared;
use crate::pipeline::values::SecretValues;
use crate::report::{github, sarif};
use crate::sdl::{DecodedTexts, model};
use crate::splice::{Filled, Replacement, View};
use crate::streams::Streams;
use crate::verify::pin::pins;
use crate::verify::platform::Platform;
use crate::verify::verdict::Warning;
use crate::verify::{Options, Outcome, ServiceLogin, SetupError, services, verify as look_images_up};

mod programs;

/// A diagnostic lists this many services.
const LISTED: usize = 10;

/// The table shows this many characters of a digest; JSON has all of them.
const DIGEST_WIDTH: usize = 19;

/// Looks up the image of every service, if `request` asks for it, and reports. Returns the replacements for the result: the pinned images.
///
/// # Errors
/// When an image can't be pulled.
pub(crate) fn verify(
    request: &Request<'_>,
    prepared: &Prepared<'_>,
    filled: &Filled,
    streams: &mut Streams<'_>,
) -> Result<Vec<Replacement>, Report> {
    let Some(Verification { purpose, registries }) = &request.verify else { return Ok(Vec::new()) };
    let masked = fill(prepared, &SecretValues::masked(), &[])?;
    let (view, shown) = (View::new(&prepared.layout, filled, true), View::new(&prepared.layout, &masked, true));
    let verified = look_up(services::read(&view, &shown), registries, streams)?;
    match purpose {
        Purpose::Answer(Format::Json) => {
            streams.write_json(&verified.entries())?;
            // The JSON document contains everything.
            return if verified.ready() { Ok(Vec::new()) } else { Err(Report::content(Vec::new())) };
        }
        Purpose::Answer(format @ (Format::Sarif | Format::Github)) => {
            let reported = verified.reported(prepared, &images(prepared, &view));
            streams.write(
                match format {
                    Format::Sarif => sarif::write_plain(&reported)?,
                    _ => github::write(&reported),
                }
                .as_bytes(),
            )?;
            return if verified.ready() { Ok(Vec::new()) } else { Err(Report::content(Vec::new())) };
        }
        Purpose::Answer(Format::Human) => streams.write(verified.table().as_bytes())?,
        // The table goes to standard error, so that it is never mixed with the SDL. A closed standard error is not a reason to fail.
        Purpose::Condition | Purpose::Pin => _ = streams.stderr.write_all(verified.table().as_bytes()),
    }
    verified.warn(streams);
    if !verified.ready() {
        return Err(Report::content(verified.failures()));
    }
    Ok(if *purpose == Purpose::Pin { pins(&view, &verified.digests()) } else { Vec::new() })
}

/// The services and the outcome for each.
struct Verified {
    services: Vec<ServiceLogin>,
    outcomes: Vec<Outcome>,
}

/// The lines of the template that the services' images are written in, with their paths in the document.
fn images(prepared: &Prepared<'_>, view: &View<'_>) -> Vec<(String, Option<Quote>)> {
    let texts = DecodedTexts::default();
    let sdl = model(view, &texts);
    let mut places = Vec::new();
    for (name, _, service) in sdl.services() {
        let path = format!("services.{name}.image");
        let range = service.image().map(|image| view.range(image.id));
        let at = range.map(|range| prepared.expansion.document.locate_range(&range));
        let quote = at.and_then(|at| quote(&prepared.expansion.sources, &at, &path));
        places.push((path, quote));
    }
    places
}

fn look_up(services: Vec<ServiceLogin>, registries: &Registries, streams: &mut Streams<'_>) -> Result<Verified, Report> {
    if services.is_empty() {
        let diagnostic = Diagnostic::error("there are no images to verify: the document has no services");
        return Err(Report::content(vec![diagnostic.help("an SDL has a mapping `services` at the top level")]));
    }
    let options = Options {
        timeout: Duration::from_secs_f64(registries.timeout),
        insecure: registries.insecure.clone(),
        trusted_realms: registries.trust_realm.clone(),
        layers: registries.layers,
    };
    // Before one is sent: the template may be somebody else's.
    let hosts = services::logged_in_to(&services);
    if !hosts.is_empty() {
        let hosts = hosts.iter().map(|host| printable(host)).collect::<Vec<_>>().join(", ");
        (streams.warn)(&Diagnostic::remark(format!("logins are sent to {hosts}, or to the token server that belongs to it")));
    }
    let mut finished = 0;
    let mut tell = |text: &str| {
        if streams.progress {
            let _ = write!(streams.stderr, "\r\u{1b}[K{text}").and_then(|()| streams.stderr.flush());
        }
    };
    let images = if services.len() == 1 { "image" } else { "images" };
    tell(&format!("verifying {} {images}", services.len()));
    let outcomes = look_images_up(&services, &options, &mut |index| {
        finished += 1;
        tell(&format!("{finished} of {} {images} verified: {}", services.len(), printable(&services[index].name)));
    });
    tell("");
    Ok(Verified { outcomes: outcomes.map_err(|error| Report::usage(setup(&error)))?, services })
}

fn setup(error: &SetupError) -> Diagnostic {
    match error {
        SetupError::Proxy(proxy) => Diagnostic::error(format!("{} is not a valid proxy address", proxy.0))
            .help(format!("set it as in {}=http://HOST:PORT, or unset it", proxy.0)),
        SetupError::Authorities(path, why) => Diagnostic::error(format!("can't read SSL_CERT_FILE={}: {why}", path.display()))
            .help("set it to a file of PEM certificates, or unset it"),
    }
}

/// The diagnostics, each prefixed with its services. Equal diagnostics for several services become one.
fn by_service<'s>(said: impl Iterator<Item = (&'s str, Diagnostic)>) -> Vec<Diagnostic> {
    let mut groups: Vec<(Vec<&str>, Diagnostic)> = Vec::new();
    for (service, diagnostic) in said {
        match groups.iter_mut().find(|(_, known)| *known == diagnostic) {
            Some((services, _)) => services.push(service),
            None => groups.push((vec![service], diagnostic)),
        }
    }
    let named = |(services, diagnostic): (Vec<&str>, Diagnostic)| {
        let listed = services.iter().take(LISTED).copied().collect::<Vec<_>>().join(", ");
        let more = services.len().saturating_sub(LISTED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        Diagnostic { message: format!("{listed}{more}: {}", diagnostic.message), ..diagnostic }
    };
    groups.into_iter().map(named).collect()
}

/// Why an image can't be pulled.
fn failure(service: &ServiceLogin, outcome: &Outcome) -> Diagnostic {
    let names = outcome.names(service);
    let said = outcome.said.as_ref().map(|said| format!("it says: {said}"));
    Diagnostic::error(outcome.verdict.reason(&names)).noting(said).help(outcome.verdict.help(&names))
}

fn warning(service: &ServiceLogin, outcome: &Outcome, warning: &Warning) -> Diagnostic {
    let names = outcome.names(service);
    Diagnostic::warning(warning.reason(&names)).help(warning.help(&names))
}

impl Verified {
    fn pairs(&self) -> impl Iterator<Item = (&ServiceLogin, &Outcome)> {
        self.services.iter().zip(&self.outcomes)
    }

    fn ready(&self) -> bool {
        self.outcomes.iter().all(|outcome| outcome.verdict.is_ready())
    }

    /// The digest of each image. None is missing if [`Verified::ready`].
    fn digests(&self) -> Vec<String> {
        self.outcomes.iter().filter_map(|outcome| outcome.image.as_ref()).map(|image| image.digest.clone()).collect()
    }

    fn failures(&self) -> Vec<Diagnostic> {
        let failed = self.pairs().filter(|(_, outcome)| !outcome.verdict.is_ready());
        by_service(failed.map(|(service, outcome)| (service.name.as_str(), failure(service, outcome))))
    }

    fn warn(&self, streams: &mut Streams<'_>) {
        let warnings = self.pairs().flat_map(|(service, outcome)| {
            outcome.warnings.iter().map(move |one| (service.name.as_str(), warning(service, outcome, one)))
        });
        by_service(warnings).iter().for_each(&mut *streams.warn);
    }

    fn table(&self) -> String {
        let head = ["SERVICE", "IMAGE", "REGISTRY", "LOGIN", "FOUND", "PLATFORM", "DIGEST"].map(str::to_owned);
        let rows = self.pairs().map(|(service, outcome)| {
            let platforms = outcome.image.as_ref().map(|image| &image.platforms[..]).unwrap_or_default();
            let platform = match platforms.iter().find(|platform| platform.is_amd64()) {
                Some(platform) => platform.name().to_owned(),
                None if platforms.is_empty() => "-".to_owned(),
                None => platforms.iter().map(Platform::name).collect::<Vec<_>>().join(","),
            };
            let digest = outcome.image.as_ref().map_or("-", |image| image.digest.get(..DIGEST_WIDTH).unwrap_or("-"));
            let found = outcome.verdict.found().map_or("-", |found| if found { "yes" } else { "no" });
            let shown = |text: &str| if text.is_empty() { "-".to_owned() } else { printable(text) };
            [
                shown(&service.name),
                shown(&service.shown_image),
                shown(&outcome.registry),
                outcome.login.map_or("-".to_owned(), |login| login.id().replace('-', " ")),
                found.to_owned(),
                platform,
                digest.to_owned(),
            ]
        });
        table(&std::iter::once(head).chain(rows).collect::<Vec<_>>()).iter().map(|line| format!("{line}\n")).collect()
    }
}

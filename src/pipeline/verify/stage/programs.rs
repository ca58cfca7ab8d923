//! The outcome as programs read it: JSON, and findings at the lines of the images.

use serde::Serialize;

use super::{Verified, failure, warning};
use crate::diagnostic::{Diagnostic, Quote};
use crate::pipeline::check::path_of;
use crate::pipeline::scan::Prepared;
use crate::report::Reported;
use crate::verify::platform::Platform;
use crate::verify::verdict::{LoginState, Warning};
use crate::verify::{Outcome, ServiceLogin};

/// A service in JSON output.
#[derive(Debug, Serialize)]
pub(super) struct ServiceEntry<'v> {
    service: &'v str,
    image: &'v str,
    registry: &'v str,
    ready: bool,
    verdict: &'static str,
    /// Null if nothing is wrong.
    reason: Option<String>,
    help: Option<String>,
    /// What the server said with its refusal, without the login; null if nothing.
    said: Option<&'v str>,
    /// `ok`, `anonymous`, `not-asked` or `refused`; null if that is unknown.
    login: Option<&'static str>,
    /// Whether the image exists; null if unknown.
    found: Option<bool>,
    platforms: Vec<&'v str>,
    digest: Option<&'v str>,
    warnings: Vec<EntryWarning>,
}

#[derive(Debug, Serialize)]
struct EntryWarning {
    warning: &'static str,
    reason: String,
    help: String,
}

impl Verified {
    /// One finding for each verdict but `ready` and for each warning, at the line of its service's image.
    pub(super) fn reported(&self, prepared: &Prepared<'_>, images: &[(String, Option<Quote>)]) -> Vec<Reported> {
        let place = |rule, (path, quote): &(String, Option<Quote>), service: &ServiceLogin, diagnostic: Diagnostic| {
            let file = quote
                .as_ref()
                .map_or_else(|| prepared.template.name.clone(), |quote| path_of(prepared.template, &quote.template));
            let message = format!("{}: {}", service.name, diagnostic.message);
            let (rule, path, snippet) = (rule, path.clone(), quote.clone());
            Reported { rule, file, path, diagnostic: Diagnostic { message, snippet, ..diagnostic } }
        };
        let mut reported = Vec::new();
        for ((service, outcome), image) in self.pairs().zip(images) {
            if !outcome.verdict.is_ready() {
                reported.push(place(outcome.verdict.id(), image, service, failure(service, outcome)));
            }
            reported.extend(outcome.warnings.iter().map(|one| place(one.id(), image, service, warning(service, outcome, one))));
        }
        reported
    }

    /// The outcome of every service.
    pub(super) fn entries(&self) -> Vec<ServiceEntry<'_>> {
        let entry = |(service, outcome): (&'_ ServiceLogin, &'_ Outcome)| {
            let names = outcome.names(service);
            let bad = !outcome.verdict.is_ready();
            (bad.then(|| outcome.verdict.reason(&names)), bad.then(|| outcome.verdict.help(&names)))
        };
        self.pairs()
            .map(|(service, outcome)| {
                let (reason, help) = entry((service, outcome));
                let names = outcome.names(service);
                let warning = |warning: &Warning| EntryWarning {
                    warning: warning.id(),
                    reason: warning.reason(&names),
                    help: warning.help(&names),
                };
                ServiceEntry {
                    service: &service.name,
                    image: &service.shown_image,
                    registry: &outcome.registry,
                    ready: outcome.verdict.is_ready(),
                    verdict: outcome.verdict.id(),
                    reason,
                    help,
                    said: outcome.said.as_deref(),
                    login: outcome.login.map(LoginState::id),
                    found: outcome.verdict.found(),
                    platforms: outcome.image.iter().flat_map(|image| &image.platforms).map(Platform::name).collect(),
                    digest: outcome.image.as_ref().map(|image| image.digest.as_str()),
                    warnings: outcome.warnings.iter().map(warning).collect(),
                }
            })
            .collect()
    }
}

//! Words for a plan and for its result.

use std::path::Path;

use super::names::ValueClass;
use super::original::FilledSdl;
use super::plan::{ExtractPlan, PartText, StayReason};
use super::store::SecretStore;
use super::unignored::Unignored;
use crate::diagnostic::{Diagnostic, for_shell, printable, table};
use crate::output::{GitVerdict, IGNORE, verdict};
use crate::secret::{Origin, SecretUse};
use crate::source::{Chain, Settings};
use crate::span::LineIndex;

/// More places than this are only counted.
const LISTED: usize = 12;

/// What `plan` extracts and what it leaves, without any value.
pub(crate) fn planned(original: &FilledSdl<'_>, plan: &ExtractPlan) -> Diagnostic {
    let lines = LineIndex::new(original.text);
    let head = ["NAME", "VALUE", "LINE", "PLACE"].map(str::to_owned);
    let mut rows = vec![head];
    for (number, entry) in plan.entries.iter().enumerate() {
        let own = plan.parts.iter().filter(|part| matches!(part.what, PartText::Secret { entry, .. } if entry == number));
        for (index, part) in own.enumerate() {
            let value = match entry.class {
                ValueClass::Literal => "secret",
                ValueClass::Weak => "weak secret: choose a new one",
                ValueClass::StandIn => "stand-in: to be set",
            };
            let first = index == 0;
            rows.push([
                if first { printable(&entry.name) } else { String::new() },
                if first { value } else { "" }.to_owned(),
                lines.line(original.tree().range(part.cut.node).start).to_string(),
                printable(&part.path),
            ]);
        }
    }
    for part in &plan.parts {
        if let PartText::Shell(shell) = &part.what {
            let name = if shell.variable { format!("vars.{}", shell.name) } else { shell.name.clone() };
            let line = lines.line(original.tree().range(part.cut.node).start).to_string();
            rows.push([name, "shell variable".to_owned(), line, printable(&part.path)]);
        }
    }
    let secrets = plan.entries.iter().filter(|entry| entry.class != ValueClass::StandIn).count();
    let count = match secrets {
        0 => "no secrets".to_owned(),
        1 => "1 secret".to_owned(),
        many => format!("{many} secrets"),
    };
    let mut diagnostic = match plan.is_empty() {
        true => Diagnostic::remark(format!("there is nothing to extract from {}; nothing was written", original.name)),
        false => Diagnostic::remark(format!("{count} and {} in {}", placeholders(plan.parts.len()), original.name)),
    };
    if !plan.is_empty() {
        diagnostic.lines = table(&rows);
    }
    for entry in plan.entries.iter().filter(|entry| !entry.linked.is_empty()) {
        let others = entry.linked.join(", ");
        diagnostic = diagnostic.note(format!("`{}` is one secret for equal values, also of {others}", entry.name));
    }
    let left = plan.left.iter().take(LISTED);
    let notes = left.map(|left| format!("{} stays as it is: {}", printable(&left.path), why(left.why)));
    let diagnostic = notes.fold(diagnostic, Diagnostic::note);
    match plan.left.len().saturating_sub(LISTED) {
        0 => diagnostic,
        more => diagnostic.note(format!("{more} more stay as they are")),
    }
}

fn placeholders(count: usize) -> String {
    if count == 1 { "1 placeholder".to_owned() } else { format!("{count} placeholders") }
}

fn why(why: StayReason) -> &'static str {
    match why {
        StayReason::Skipped => "it was left out",
        StayReason::Reference => "it has `$(NAME)` in it, which Kubernetes fills in",
        StayReason::Torn => "Kubernetes breaks the character after its `$`",
        StayReason::Nul => "it has a NUL in it, which no rendered SDL can hold",
        StayReason::Mixed => "an alias uses it where Kubernetes expands `$` and where it does not",
        StayReason::Tagged => "it has a tag",
        StayReason::Inexact => "the container would not get the same text",
        StayReason::Shell => "it is a variable of a shell; --from-envsubst makes a placeholder of it",
    }
}

/// What is left to do after the template was written to `target`, the values were kept in `store`, and git was told what to ignore.
pub(crate) fn finished(
    original: &FilledSdl<'_>,
    plan: &ExtractPlan,
    store: &SecretStore,
    source: Option<&Path>,
    target: &Path,
    unignored: &Unignored,
) -> Diagnostic {
    let template = for_shell(&target.display().to_string());
    let mut diagnostic = Diagnostic::remark(format!("wrote {template}, which renders as {} does", original.name));
    let names = |class: ValueClass| -> Vec<&str> {
        plan.entries.iter().filter(|entry| entry.class == class).map(|entry| entry.name.as_str()).collect()
    };
    let (unset, weak) = (names(ValueClass::StandIn), names(ValueClass::Weak));
    if !unset.is_empty() {
        let (how, names) = (store.how_to_set_all(&template, &unset), unset.join(", "));
        diagnostic = diagnostic.help(format!("set what only had a stand-in ({names}): {how}"));
    }
    if !weak.is_empty() {
        diagnostic =
            diagnostic.help(format!("choose new values for the weak ones ({}): {}", weak.join(", "), store.how_to_set(weak[0])));
    }
    if let Some(added) = unignored.told() {
        diagnostic = diagnostic.note(added.replacen("add", "added", 1));
    }
    let file = source.map(|source| for_shell(&source.display().to_string()));
    if let (Some(source), Some(file)) = (source, &file) {
        diagnostic = diagnostic.help(match verdict(source) {
            GitVerdict::Tracked => format!("{file} still contains the secrets, and git tracks it: git rm {file}"),
            _ => format!("{file} still contains the secrets; delete it when you no longer need it"),
        });
    }
    if verdict(target) == GitVerdict::NotIgnored {
        let ignore = target.with_file_name(IGNORE);
        let also = if ignore.exists() { format!("{} ", for_shell(&ignore.display().to_string())) } else { String::new() };
        diagnostic = diagnostic.help(format!("commit the template: git add {also}{template} && git commit"));
    }
    let file = file.unwrap_or_else(|| "deploy.yaml".to_owned());
    diagnostic
        .help(format!("render it from now on: sdlrender {template} -o {file}"))
        .help(format!("or without a file: sdlrender run {template} -- provider-services tx deployment create {{}}"))
}

/// Tells of the places that are the same for the container, but have another spelling in the rendered SDL.
pub(crate) fn respelled(paths: &[String]) -> Option<Diagnostic> {
    let (first, more) = paths.split_first()?;
    let others = if more.is_empty() { String::new() } else { format!(" and {} more places", more.len()) };
    let message = format!("{}{others} will be rendered with other `$`: the container sees the same", printable(first));
    Some(Diagnostic::remark(message).note("Kubernetes makes `$` of `$$`; what is stored is what the container sees"))
}

/// Offers logins that `docker login` stored for the registries of `original`.
pub(crate) fn logins(original: &FilledSdl<'_>) -> Vec<Diagnostic> {
    let chain = Chain::new(Settings::default());
    let hosts = super::find::registries(original.tree());
    let known = hosts.into_iter().filter(|host| chain.has(&SecretUse::new(Origin::DockerPassword, host.as_str())));
    known
        .map(|host| {
            let message = format!("Docker's configuration has {host}: what `docker login` stored can be used");
            let help = format!("write `{{{{ docker(\"{host}\").password }}}}` in the template instead of storing it once more");
            Diagnostic::remark(message).help(help)
        })
        .collect()
}

//! `reclamation.min_window`: `go/sdl/reclamation.go:16-29`.

use crate::finding::Rule;
use crate::go::duration::nanoseconds;
use crate::sdl::Sdl;
use crate::sdl::reporter::{Reporter, Step};

pub(super) fn check(report: &mut Reporter<'_>, sdl: &Sdl<'_>) {
    let Some(reclamation) = &sdl.reclamation else { return };
    let Some(text) = reclamation.window.value else { return };
    let Some(node) = reclamation.window.node.filter(|_| !text.is_empty()).or(reclamation.key) else { return };
    let help = "write a whole number with `s`, `m` or `h`, such as `min_window: 24h`";
    report.under(&[Step::Key("reclamation"), Step::Key("min_window")], |report| match nanoseconds(text) {
        None if text.is_empty() => report.add(Rule::MinWindow, node, "`min_window` is missing", help),
        None => {
            let message = format!("{} is not a duration", report.quote(node));
            report.add(Rule::MinWindow, node, &message, help);
        }
        Some(..=0) => report.add(Rule::MinWindow, node, "`min_window` must be above zero", help),
        Some(_) => {
            let digits = text.strip_suffix(['s', 'm', 'h']).unwrap_or("");
            if digits.is_empty() || digits.starts_with('0') || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                report.add(Rule::MinWindowForm, node, "Console accepts only a whole number and one unit", help);
            }
        }
    });
}

//! Words for the project's file: why it can't be used, and why its commands don't run.

use crate::diagnostic::{Diagnostic, nearest};
#[cfg(not(target_family = "wasm"))]
use crate::project::trust::TrustError;
use crate::project::{FaultKind, NAME, ProjectError, ProjectFault, Table};
use crate::veil::Veil;

/// The file is committed, so what must not be in it goes elsewhere.
const COMMITTED: &str = "the file is committed, so it must not hold a value";

/// A project's file that can't be used.
pub(crate) fn project(error: &ProjectError) -> Vec<Diagnostic> {
    let (path, told) = match error {
        ProjectError::Invalid(path, text, faults) => {
            let name = path.display().to_string();
            return faults.iter().map(|fault| invalid(&name, text, fault)).collect();
        }
        ProjectError::Io(path, error) => (path, format!("can't read {}: {error}", path.display())),
        ProjectError::TooLarge(path) => (path, format!("{} is larger than 1 MiB", path.display())),
        ProjectError::NotUtf8(path) => (path, format!("{} is not UTF-8", path.display())),
    };
    let help = format!("{NAME} describes the templates' secrets; rename {} if it is something else", path.display());
    vec![Diagnostic::error(told).help(help)]
}

fn invalid(name: &str, text: &str, fault: &ProjectFault) -> Diagnostic {
    let diagnostic = match &fault.kind {
        FaultKind::Syntax(why) => {
            Diagnostic::error(format!("syntax error in {name}: {why}")).help("the file is TOML: [secrets.NAME], then KEY = VALUE")
        }
        FaultKind::Token(token) => Diagnostic::error(format!("{name} holds {}", token.name()))
            .note(COMMITTED)
            .help("remove it here, create a new one, and store that with sdlrender set NAME"),
        FaultKind::Value(secret) => Diagnostic::error(format!("{name} has a value for `{secret}`")).note(COMMITTED).help(
            format!("sdlrender set {secret} stores it; a default belongs in the template: {{{{ {secret} | default(\"…\") }}}}"),
        ),
        FaultKind::UnknownKey(key, table) => unknown(key, *table),
        FaultKind::Type(key, table) => Diagnostic::error(format!("`{key}` has the wrong type")).help(expected(key, *table)),
        FaultKind::Name(secret) => Diagnostic::error(format!("`{secret}` can't be the name of a secret"))
            .help("a name consists of letters, digits and `_`"),
        FaultKind::Profile(profile) => {
            Diagnostic::error(format!("`{profile}` can't be the name of a profile")).help("a profile is a name, not a path")
        }
    };
    let hidden: Vec<_> = fault.hidden.iter().cloned().collect();
    diagnostic.at(Veil::of_settings(text, &hidden).quote(name, &fault.range, ""))
}

fn unknown(key: &str, table: Table) -> Diagnostic {
    let head = match table {
        Table::Root => "the file".to_owned(),
        Table::Secret => "[secrets.NAME]".to_owned(),
        Table::Profile => "[profile.NAME]".to_owned(),
    };
    let unknown = Diagnostic::error(format!("unknown key `{key}`"));
    match (nearest(key, table.keys().iter().copied()), table) {
        (Some(meant), _) => unknown.help(format!("did you mean `{meant}`?")),
        (None, Table::Root) if key == "vars" => {
            unknown.help("variables belong to a profile: [profile.NAME.vars]; for all, use --values FILE or default(\"…\")")
        }
        _ => unknown.help(format!("{head} may have {}", table.keys().join(", "))),
    }
}

/// What the key of this table must be.
fn expected(key: &str, table: Table) -> String {
    match (key, table) {
        ("description" | "where", _) => format!("write a text: {key} = \"…\""),
        ("required", _) => "write required = true or required = false".to_owned(),
        ("command", _) => {
            "write the program and its arguments, which no shell reads: command = [\"op\", \"read\", \"op://vault/item/field\"]"
                .to_owned()
        }
        ("env_files", _) => "write a list of paths: env_files = [\"prod.env\"]".to_owned(),
        ("secrets", _) => "write a table for each secret: [secrets.NAME]".to_owned(),
        ("vars", _) => "write a table: [profile.NAME.vars]".to_owned(),
        _ => "write a table for each profile: [profile.NAME]".to_owned(),
    }
}

/// Why a command of the project's file gives no value: the reason, and what to do.
pub(super) fn untrusted(name: &str, file: &str) -> (String, String) {
    (
        format!("no value for `{name}`: its command in {file} has not been trusted on this machine"),
        format!("`sdlrender trust` shows the commands and asks; or give the value in another way, such as export {name}='…'"),
    )
}

/// Trust that can't be remembered.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn trust(error: &TrustError) -> Diagnostic {
    const ELSEWHERE: &str = "set XDG_STATE_HOME to a folder that you can write to, or SDLRENDER_TRUST to the digest that sdlrender trust --show prints";
    match error {
        TrustError::NoHome => Diagnostic::error("there is no home folder to remember this in").help(ELSEWHERE),
        TrustError::Io(path, error) => Diagnostic::error(format!("{}: {error}", path.display())).help(ELSEWHERE),
        TrustError::Output(error) => super::output(error),
    }
}

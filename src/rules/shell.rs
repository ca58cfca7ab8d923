//! What is left of a shell in a template: `${NAME}` and `$NAME`, which envsubst and Compose would fill in.

use crate::credential::{self, Fact, ShellVariable, is_name, shell_variables};
use crate::finding::{Finding, Level, Rule};
use crate::sdl::Sdl;
use crate::yaml::tree::Id;

use super::Subject;

/// A place where secrets are, and what it is to be written as.
struct SecretPlace<'t> {
    node: Id,
    login: bool,
    /// `username: ` or `- "NAME=`.
    before: Option<String>,
    fact: Fact<'t>,
}

/// Tells of every one in the SDL, but for those in `command` and `args`, which a shell may read, and in texts of several lines.
pub(super) fn check<'t>(subject: &'t Subject<'_>, sdl: &Sdl<'t>, found: &mut Vec<Finding>) {
    let (text, tree) = (subject.document.text.as_str(), &subject.layout.tree);
    let variables: Vec<(Id, ShellVariable)> =
        shell_variables(text).filter_map(|it| Some((tree.scalar_at(it.range.start)?, it))).collect();
    if variables.is_empty() {
        return;
    }
    let fields = fields(subject, sdl);
    let paths = tree.paths(variables.iter().map(|(node, _)| *node));
    for ((node, variable), path) in variables.into_iter().zip(paths) {
        let field = fields.iter().find(|field| field.node == node);
        let several = tree.text(node).trim_end().contains('\n');
        let mut keys = path.split('.');
        let known = matches!(keys.next(), Some("services" | "profiles" | "deployment" | "endpoints" | "version"));
        let run = keys.nth(1).is_some_and(|key| ["command", "args"].iter().any(|name| key.split('[').next() == Some(name)));
        // A key's place is its entry's, which ends with it.
        let is_key = path.ends_with(tree.text(node));
        if several || is_key || field.is_none() && (!known || run) {
            continue;
        }
        let (written, name) = (&text[variable.range.clone()], &text[variable.name.clone()]);
        // The value of a default may be a secret.
        let shown = if variable.default { format!("${{{name}:-…}}") } else { written.to_owned() };
        let placeholder = match (field.is_some(), variable.default) {
            (true, false) => format!("{{{{ {name} }}}}"),
            (true, true) => format!("{{{{ {name} | default(\"…\") }}}}"),
            (false, false) => format!("{{{{ vars.{name} }}}}"),
            (false, true) => format!("{{{{ vars.{name} | default(\"…\") }}}}"),
        };
        let value = tree.text(node);
        let value = if field.is_some_and(|field| !field.login) { value.split_once('=').map_or("", |(_, it)| it) } else { value };
        let key = path.rsplit('.').next().filter(|key| !key.contains('[')).map(|key| format!("{key}: \""));
        let before = field.map_or(key, |field| field.before.clone()).filter(|_| value == written);
        let help = match before {
            // A number stays one without quotes.
            Some(before) if field.is_none() => format!("write `{}{placeholder}`", before.trim_end_matches('"')),
            Some(before) => format!("write `{before}{placeholder}\"`"),
            None => format!("write `{placeholder}` in place of `{shown}`"),
        };
        found.push(Finding {
            rule: Rule::ShellVariable,
            level: if field.is_some_and(|field| field.login) { Level::Error } else { Level::Warning },
            range: variable.range,
            path: field.map_or(path, |field| field.fact.place.to_string()),
            message: format!("`{shown}` is text of a shell, which nothing fills in"),
            help: Some(help),
        });
    }
}

/// The logins and the items of `env`.
fn fields<'t>(subject: &'t Subject<'_>, sdl: &Sdl<'t>) -> Vec<SecretPlace<'t>> {
    let mut fields = Vec::new();
    for facts in credential::facts(&subject.view, sdl) {
        for fact in [facts.host, facts.username, facts.password].into_iter().flatten() {
            let key = fact.place.key.rsplit('.').next().unwrap_or_default();
            fields.push(SecretPlace { node: fact.node, login: true, before: Some(format!("{key}: \"")), fact });
        }
    }
    for fact in credential::env(&subject.view, sdl) {
        let before = fact.variable.filter(|name| is_name(name) && name.len() < 100).map(|name| format!("- \"{name}="));
        fields.push(SecretPlace { node: fact.node, login: false, before, fact });
    }
    fields
}

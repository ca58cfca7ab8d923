//! Names that an option gives and that no template asks for: a typo as a rule, which would have the value come from elsewhere.

use crate::diagnostic::{Diagnostic, Typos, for_shell};
use crate::template::{Asked, Sources};

/// Warns of the names in `set` (`--set`) and `commands` (`--from-command`) that none of the templates asks for, in any branch.
pub(crate) fn unused<'s>(
    set: &[(String, String)],
    commands: &[(String, String)],
    templates: impl Iterator<Item = &'s Sources>,
    warn: &mut dyn FnMut(&Diagnostic),
) {
    if set.is_empty() && commands.is_empty() {
        return;
    }
    let mut asked = Asked::default();
    templates.for_each(|sources| asked.add(sources));
    let Asked { secrets, variables, computes_secrets, computes_variables, .. } = &asked;
    let typos = Typos::default();
    let told = |name: &str, option: &str, what: String| {
        let known = if option == "--set" { variables } else { secrets };
        let (meant, other) = (typos.nearest(name, known.iter().map(String::as_str)), option == "--set" && secrets.contains(name));
        let warning = Diagnostic::warning(what);
        match meant {
            _ if other => warning.help(format!("{{{{ {name} }}}} is a secret: give it in the environment, .env or with --from-command, or write {{{{ vars.{name} }}}}")),
            None if option != "--set" && variables.contains(name) => {
                warning.help(format!("{{{{ vars.{name} }}}} is a plain variable, which --set gives; a secret is written {{{{ {name} }}}}"))
            }
            Some(meant) => warning.help(format!("did you mean {option} {}=…?", for_shell(meant))),
            None => warning.help("remove the option, or write the placeholder"),
        }
    };
    let mut names: Vec<&String> = Vec::new();
    for (name, _) in set.iter().filter(|(name, _)| !computes_variables && !variables.contains(name)) {
        if !names.contains(&name) {
            names.push(name);
            warn(&told(name, "--set", format!("no placeholder uses `vars.{name}`, which --set gives")));
        }
    }
    for (name, _) in commands.iter().filter(|(name, _)| !computes_secrets && !secrets.contains(name)) {
        warn(&told(name, "--from-command", format!("no placeholder uses `{name}`, so its command is not run")));
    }
}

//! Where plain variables come from.

use std::path::PathBuf;
use std::sync::Arc;

use super::ListedUse;
use crate::cli::Inputs;
use crate::error::{self, Report};
use crate::pipeline::expand::Input;
use crate::pipeline::open::project;
use crate::pipeline::profile::profile;
use crate::source::Chain;
use crate::template::{Asked, Given, Sources, load_values};

/// The variables that options and files give, each with what gives it, those that win first.
pub(super) struct ListedVariables(Vec<(Option<PathBuf>, Given)>);

impl ListedVariables {
    /// Those of `inputs`, and of the project of the template.
    ///
    /// # Errors
    /// When a file can't be used.
    pub(super) fn new(inputs: &Inputs, input: &Input) -> Result<Self, Report> {
        let mut all = Vec::new();
        for path in inputs.values.iter().rev() {
            let given = load_values(path).map_err(|failure| Report::usage(error::values(path, &failure)))?;
            all.push((Some(path.clone()), given));
        }
        if let Some(project) = project(&input.template)? {
            let given = project.vars(profile(inputs.profile.as_deref())?.as_deref());
            all.push((Some(project.path), given));
        }
        let mut set = Given::default();
        inputs.set.iter().for_each(|(name, value)| set.insert(name.clone(), value.as_str().into()));
        all.insert(0, (None, set));
        Ok(Self(all))
    }

    /// `entry` for the expression `written`, which has a text.
    pub(super) fn entry(&self, written: &str, entry: ListedUse, chain: &Chain) -> ListedUse {
        let names = names(written);
        let optional = has_default(written);
        let mut found = names.iter().filter_map(|name| self.find(name, chain)).collect::<Vec<_>>();
        found.dedup();
        let (source, file, variable) = match found.as_slice() {
            // A constant, or an item of a loop.
            [] if names.is_empty() => (Some("variables".to_owned()), None, None),
            [] => (Some("default".to_owned()), None, None),
            [(source, file, variable)] => (Some(source.clone()), file.clone(), variable.clone()),
            several => (Some(several.iter().map(|(source, ..)| source.as_str()).collect::<Vec<_>>().join(", ")), None, None),
        };
        ListedUse { names, optional, source, file, variable, ..entry }
    }

    /// The source of a variable, its file and its name in the environment.
    fn find(&self, name: &str, chain: &Chain) -> Option<(String, Option<String>, Option<String>)> {
        if let Some((path, _)) = self.0.iter().find(|(_, given)| given.has(name)) {
            let file = path.as_ref().map(|path| path.display().to_string());
            return Some((file.clone().unwrap_or_else(|| "--set".to_owned()), file, None));
        }
        let (source, trace) = chain.variable_source(name)?;
        let shown = |path: PathBuf| path.strip_prefix("./").unwrap_or(&path).display().to_string();
        Some((source, trace.file.map(shown), trace.variable))
    }
}

/// The variables in the expression `written`.
pub(super) fn names(written: &str) -> Vec<String> {
    let mut asked = Asked::default();
    asked.add(&Sources::from([(String::new(), Arc::new(format!("{{{{ {written} }}}}")))]));
    asked.variables.into_iter().collect()
}

/// Whether the expression `written` has a default.
fn has_default(written: &str) -> bool {
    let filter = |part: &str| {
        let part = part.trim_start();
        ["default", "d"].iter().any(|name| part.strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with('(')))
    };
    written.split('|').skip(1).any(filter)
}

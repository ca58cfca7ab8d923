//! The library: a template in, secrets in, a finished SDL or what is wrong with it out.
//!
//! Nothing here touches the process: no environment, no file, no stream.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::diagnostic::{Diagnostic, Severity};
use crate::error::Report;
use crate::pipeline::check::Checked;
use crate::pipeline::expand::{Input, expand};
use crate::pipeline::fill::fill;
use crate::pipeline::judge::judge;
use crate::pipeline::scan::scan;
use crate::pipeline::values::look_up;
use crate::secret::{Origin, Secret};
use crate::source::{Chain, Source, SourceError};
use crate::template::{self, Files, Values};

/// A template in memory, with what it needs besides secrets.
///
/// ```
/// use sdlrender::{Document, Problem};
///
/// let document = Document::new("password: \"{{ GHCR_TOKEN }}\"  # of {{ vars.WHO }}\n")
///     .named("deploy.tmpl.yaml")
///     .variable("WHO", "the bot")
///     .without_rules();
/// let rendered = document.render(|name| (name == "GHCR_TOKEN").then(|| "a \"quoted\" token".to_owned().into()))?;
/// assert_eq!(rendered.as_str(), "password: \"a \\\"quoted\\\" token\"  # of {{ vars.WHO }}\n");
/// # Ok::<(), Vec<Problem>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Document {
    name: String,
    text: Arc<String>,
    variables: template::Given,
    includes: BTreeMap<String, Arc<String>>,
    rules: bool,
    allow_empty: bool,
}

impl Document {
    /// The template with this text, called `template`.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            name: "template".to_owned(),
            text: Arc::new(text.into()),
            variables: template::Given::default(),
            includes: BTreeMap::new(),
            rules: true,
            allow_empty: false,
        }
    }

    /// The same, with the name that problems give it.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// The same, with a plain variable, `vars.NAME`. Text that is written as a number or a truth value is one in conditions.
    #[must_use]
    pub fn variable(mut self, name: impl Into<String>, value: &str) -> Self {
        self.variables.insert(name.into(), Values::parse(value));
        self
    }

    /// The same, with a text that `{% include "NAME" %}` finds.
    #[must_use]
    pub fn include(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.includes.insert(name.into(), Arc::new(text.into()));
        self
    }

    /// The same, for a template that is not an SDL: [`Document::render`] applies no rules.
    #[must_use]
    pub fn without_rules(mut self) -> Self {
        self.rules = false;
        self
    }

    /// The same, with an empty secret taken as a value rather than as missing.
    #[must_use]
    pub fn allow_empty(mut self) -> Self {
        self.allow_empty = true;
        self
    }

    /// What would go wrong: in the template itself, and what Akash, the registry or the Console would refuse of the SDL. Needs no secret; a
    /// variable that is not set satisfies every rule.
    ///
    /// ```
    /// let problems = sdlrender::Document::new("password: {{ GHCR_TOKEN }\n").check();
    /// assert_eq!(problems[0].rule(), Some("template-syntax"));
    /// ```
    pub fn check(&self) -> Vec<Problem> {
        let mut checked = Checked::default();
        checked.template(&self.input(Chain::of(Vec::new())));
        checked.reported.iter().map(|it| Problem::of(&it.diagnostic)).collect()
    }

    /// The SDL with the secrets that `secrets` gives for their names in it. Every other byte stays, and what is given is proven to be what
    /// Akash's parser reads in the result.
    ///
    /// `{{ file("…") }}`, `{{ docker("…") }}` and `{{ keychain.NAME }}` are missing here, as they name a source of their own.
    ///
    /// # Errors
    /// With everything that is wrong; no problem holds a secret.
    pub fn render(
        &self,
        secrets: impl Fn(&str) -> Option<Zeroizing<String>> + Send + Sync + 'static,
    ) -> Result<Rendered, Vec<Problem>> {
        let input = self.input(Chain::of(vec![Box::new(Given(secrets))]));
        let rendered = || -> Result<Rendered, Report> {
            let expanded = expand(&input)?;
            let prepared = scan(&expanded)?;
            let values = look_up(&prepared, &input.chain, false, self.allow_empty)?;
            let filled = fill(&prepared, &values, &[])?;
            let mut warnings = Vec::new();
            if self.rules {
                judge(&prepared, &values, &filled, &mut |diagnostic| warnings.push(Problem::of(diagnostic)))?;
            }
            Ok(Rendered { text: filled.text, warnings })
        };
        rendered().map_err(|report| report.diagnostics.iter().map(Problem::of).collect())
    }

    fn input(&self, chain: Chain) -> Input {
        Input {
            template: template::Template { name: self.name.clone(), path: None, text: self.text.clone() },
            files: Arc::new(Includes(self.includes.clone())),
            given: self.variables.clone(),
            chain: Arc::new(chain),
        }
    }
}

/// A finished SDL. It holds secrets: it is wiped when dropped, and Debug does not show it.
pub struct Rendered {
    text: Zeroizing<String>,
    warnings: Vec<Problem>,
}

impl Rendered {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What is unwise, or refused elsewhere.
    pub fn warnings(&self) -> &[Problem] {
        &self.warnings
    }
}

impl fmt::Debug for Rendered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rendered")
    }
}

/// Something that is wrong, or unwise. It holds no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    error: bool,
    rule: Option<&'static str>,
    message: String,
    help: Vec<String>,
    place: Option<(String, usize, usize)>,
    drawn: String,
}

impl Problem {
    fn of(diagnostic: &Diagnostic) -> Self {
        let place = diagnostic.snippet.as_ref().map(|quote| (quote.template.clone(), quote.line, quote.column));
        Self {
            error: diagnostic.severity == Severity::Error,
            rule: diagnostic.rule,
            message: diagnostic.message.clone(),
            help: diagnostic.help.clone(),
            place,
            drawn: diagnostic.draw(false),
        }
    }

    /// Whether Akash or the registry refuses it, or nothing can be rendered at all; otherwise it is a warning.
    pub fn is_error(&self) -> bool {
        self.error
    }

    /// The rule's id, where a rule says it: `sdlrender explain` tells more.
    pub fn rule(&self) -> Option<&'static str> {
        self.rule
    }

    /// What is wrong, in one line.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it.
    pub fn help(&self) -> &[String] {
        &self.help
    }

    /// The template's or included text's name, the line and the column in it, both from 1, the column in Unicode characters.
    pub fn place(&self) -> Option<(&str, usize, usize)> {
        self.place.as_ref().map(|(name, line, column)| (name.as_str(), *line, *column))
    }
}

impl fmt::Display for Problem {
    /// Drawn with the line it is about, as the program shows it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.drawn)
    }
}

/// A caller's secrets as a source.
struct Given<F>(F);

impl<F: Fn(&str) -> Option<Zeroizing<String>> + Send + Sync> Source for Given<F> {
    fn label(&self) -> String {
        "what was given".to_owned()
    }

    fn origin(&self) -> Option<Origin> {
        Some(Origin::Environment)
    }

    fn get(&self, name: &str) -> Result<Option<Secret>, SourceError> {
        Ok((self.0)(name).map(Secret::new))
    }
}

/// A caller's texts for `include`.
struct Includes(BTreeMap<String, Arc<String>>);

impl Files for Includes {
    fn read(&self, name: &str) -> Result<Option<(PathBuf, Arc<String>)>, String> {
        Ok(self.0.get(name).map(|text| (PathBuf::from(name), text.clone())))
    }
}

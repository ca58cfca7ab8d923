//! The library: takes a template and secrets, gives the finished SDL or the reasons why there is none.
//!
//! It uses no environment, no file and no stream of the process.

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
use crate::pipeline::judge::{Undone, judge};
use crate::pipeline::scan::scan;
use crate::pipeline::values::look_up;
use crate::secret::{Origin, Secret};
use crate::source::{Chain, Source, SourceError};
use crate::template::{self, IncludeFiles, Values};

/// A template in memory, with everything it needs except secrets.
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
    /// A template with this text. Problems call it `template`.
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

    /// Sets the name that problems give the template.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Sets the plain variable `vars.NAME`. In conditions, text that looks like a number or a boolean is one.
    #[must_use]
    pub fn variable(mut self, name: impl Into<String>, value: &str) -> Self {
        self.variables.insert(name.into(), Values::parse(value));
        self
    }

    /// Adds a text for `{% include "NAME" %}`.
    #[must_use]
    pub fn include(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.includes.insert(name.into(), Arc::new(text.into()));
        self
    }

    /// Makes [`Document::render`] apply no rules, for a template that is not an SDL.
    #[must_use]
    pub fn without_rules(mut self) -> Self {
        self.rules = false;
        self
    }

    /// Accepts an empty secret as a value. By default it counts as missing.
    #[must_use]
    pub fn allow_empty(mut self) -> Self {
        self.allow_empty = true;
        self
    }

    /// Finds what would go wrong: errors in the template, and anything in the SDL that Akash, the registry or the Console would refuse. Needs
    /// no secrets. A variable that is not set satisfies every rule.
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

    /// The SDL with the secrets filled in; `secrets` gives the value for a name. Every other byte stays as it is, and the result is proven:
    /// Akash's parser reads exactly these values.
    ///
    /// `{{ file("…") }}`, `{{ docker("…") }}`, `{{ dotenv.NAME }}` and `{{ keychain.NAME }}` are reported as missing, because they name a source
    /// that the library does not have.
    ///
    /// # Errors
    /// With everything that is wrong. No problem contains a secret.
    pub fn render(
        &self,
        secrets: impl Fn(&str) -> Option<Zeroizing<String>> + Send + Sync + 'static,
    ) -> Result<Rendered, Vec<Problem>> {
        let input = self.input(Chain::of(vec![Box::new(CallerSource(secrets))]));
        let rendered = || -> Result<Rendered, Report> {
            let expanded = expand(&input)?;
            let prepared = scan(&expanded)?;
            let values = look_up(&prepared, &input.chain, false, self.allow_empty)?;
            let filled = fill(&prepared, &values, &[])?;
            let mut warnings = Vec::new();
            if self.rules {
                judge(&prepared, &values, &filled, Undone::Writing, &mut |diagnostic| warnings.push(Problem::of(diagnostic)))?;
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

/// A finished SDL. It contains secrets, so it is wiped when dropped, and Debug does not show it.
pub struct Rendered {
    text: Zeroizing<String>,
    warnings: Vec<Problem>,
}

impl Rendered {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The warnings: what is unwise, or what only the Console refuses.
    pub fn warnings(&self) -> &[Problem] {
        &self.warnings
    }
}

impl fmt::Debug for Rendered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rendered")
    }
}

/// Something that is wrong or unwise. It never contains a secret.
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

    /// Whether this is an error: Akash or the registry would refuse the SDL, or it can't be rendered. Otherwise it is a warning.
    pub fn is_error(&self) -> bool {
        self.error
    }

    /// The id of the rule that found it, if a rule did; `sdlrender explain ID` prints its page.
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

    /// The name of the template or the included text, with line and column. Both count from 1; columns count Unicode characters.
    pub fn place(&self) -> Option<(&str, usize, usize)> {
        self.place.as_ref().map(|(name, line, column)| (name.as_str(), *line, *column))
    }
}

impl fmt::Display for Problem {
    /// With the line it is about, as the program prints it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.drawn)
    }
}

/// A caller's secrets as a source.
struct CallerSource<F>(F);

impl<F: Fn(&str) -> Option<Zeroizing<String>> + Send + Sync> Source for CallerSource<F> {
    fn label(&self) -> String {
        "the given secrets".to_owned()
    }

    /// None: what is given are secrets, so no variable comes from here.
    fn origin(&self) -> Option<Origin> {
        None
    }

    fn get(&self, name: &str) -> Result<Option<Secret>, SourceError> {
        Ok((self.0)(name).map(Secret::new))
    }
}

/// A caller's texts for `include`.
struct Includes(BTreeMap<String, Arc<String>>);

impl IncludeFiles for Includes {
    fn read(&self, name: &str) -> Result<Option<(PathBuf, Arc<String>)>, String> {
        Ok(self.0.get(name).map(|text| (PathBuf::from(name), text.clone())))
    }
}

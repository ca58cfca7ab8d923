//! Every rule: [`Rule`], and the one table that says what each is.
//!
//! The table is a file a section, below `table/`. A section is a macro that hands its rules, and those of the sections before it, to the
//! next; the last hand is `rules!`, which makes the enum of them all. So a new rule is one entry in one file.

use std::fmt;

use super::Level;

#[macro_use]
mod table;
#[cfg(test)]
mod tests;

/// What is known of a rule.
#[derive(Debug)]
#[non_exhaustive]
pub(crate) struct About {
    /// Stable, lower-case words with hyphens: `image-tag`.
    pub id: &'static str,
    /// How bad its findings are.
    pub level: Level,
    /// How bad some of them are, where that depends on the document.
    pub lower: Option<Level>,
    /// What it finds, in one line.
    pub summary: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// Who refuses it, and with which words.
    pub refused_by: &'static str,
    /// Where that is written: Akash's source at chain-sdk 55f1c683, a specification.
    pub source: &'static str,
    /// Where the examples belong.
    pub place: ExamplePlace,
    /// An example that breaks the rule, with an indentation of its own.
    bad: &'static str,
    /// The same, put right.
    good: &'static str,
}

/// Where an example belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExamplePlace {
    /// It is a whole file.
    File,
    /// Lines before an SDL.
    Before,
    /// Lines after an SDL.
    After,
    /// Lines in the mapping at this path of an SDL, in place of those with the same keys; the path of the root is empty.
    Lines(&'static str),
    /// It is not a part of a document, and this says what it is.
    Described(&'static str),
}

impl About {
    /// An example that breaks the rule.
    pub(crate) fn bad(&self) -> String {
        dedent(self.bad)
    }

    /// The same example, put right.
    pub(crate) fn good(&self) -> String {
        dedent(self.good)
    }
}

/// The lines of `text` without the indentation that all of them have, and without a line break around them.
fn dedent(text: &str) -> String {
    let lines: Vec<&str> = text.trim_end().lines().skip_while(|line| line.is_empty()).collect();
    let indent = |line: &&str| line.len() - line.trim_start().len();
    let common = lines.iter().filter(|line| !line.is_empty()).map(indent).min().unwrap_or(0);
    lines.iter().map(|line| line.get(common..).unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

macro_rules! lower {
    () => {
        None
    };
    ($level:ident) => {
        Some(Level::$level)
    };
}

macro_rules! rules {
    ([] $($rule:ident($id:literal) $level:ident $(or $lower:ident)? { $($about:tt)* })*) => {
        /// A rule. Its id is stable; its words are not.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        #[allow(clippy::enum_variant_names, reason = "a rule about rules")]
        pub(crate) enum Rule {
            $($rule),*
        }

        impl Rule {
            /// All of them, in the order of the table.
            pub(crate) const ALL: &[Self] = &[$(Self::$rule),*];

            const TABLE: &[About] =
                &[$(About { id: $id, level: Level::$level, lower: lower!($($lower)?), $($about)* }),*];
        }
    };
}

template! { [project credential value yaml document service expose compute storage placement deployment rules] }

impl Rule {
    /// What is known of it.
    pub(crate) fn about(self) -> &'static About {
        &Self::TABLE[self as usize]
    }

    /// Its id, as findings show it and comments allow it.
    pub(crate) fn id(self) -> &'static str {
        self.about().id
    }

    /// How bad its findings are; the graver where it has two levels.
    pub(crate) fn level(self) -> Level {
        self.about().level
    }

    /// Whether a comment, `# sdlrender: allow ID`, silences it in a line: not if nothing could be read without it.
    pub(crate) fn can_be_allowed(self) -> bool {
        !matches!(
            self,
            Self::Unreadable
                | Self::TemplateSyntax
                | Self::SecretUse
                | Self::PlaceholderPlace
                | Self::YamlAmbiguous
                | Self::VariableText
                | Self::ShellPlaceholder
                | Self::NotYaml
                | Self::ProjectFile
        )
    }

    /// The rule whose id this is.
    pub(crate) fn named(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|rule| rule.id() == id)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

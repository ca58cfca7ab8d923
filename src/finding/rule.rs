//! Every rule: [`Rule`], and the one table that says what each is.
//!
//! The table is a file a section, below `table/`. A section is a macro that hands its rules, and those of the sections before it, to the
//! next; the last hand is `rules!`, which makes the enum of them all. So a new rule is one entry in one file.

use std::fmt;

use super::Level;

#[macro_use]
mod table;

/// What is known of a rule.
#[derive(Debug)]
pub struct About {
    /// Stable, lower-case words with hyphens: `image-tag`.
    pub id: &'static str,
    /// How bad its findings are.
    pub level: Level,
    /// How bad some of them are, where that depends on the document.
    pub lower: Option<Level>,
    /// What it finds, in one line.
    pub summary: &'static str,
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
        #[expect(missing_docs, reason = "the table says what each is")]
        pub enum Rule {
            $($rule),*
        }

        impl Rule {
            /// All of them, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$rule),*];

            const TABLE: &[About] =
                &[$(About { id: $id, level: Level::$level, lower: lower!($($lower)?), $($about)* }),*];
        }
    };
}

template! { [credential yaml document service expose compute storage placement deployment rules] }

impl Rule {
    /// What is known of it.
    pub fn about(self) -> &'static About {
        &Self::TABLE[self as usize]
    }

    /// Its id, as findings show it and comments allow it.
    pub fn id(self) -> &'static str {
        self.about().id
    }

    /// How bad its findings are; the graver where it has two levels.
    pub fn level(self) -> Level {
        self.about().level
    }

    /// The rule whose id this is.
    pub fn named(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|rule| rule.id() == id)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_are_unique_and_levels_descend() {
        let mut seen = HashSet::new();
        for rule in Rule::ALL {
            let About { id, level, lower, summary } = rule.about();
            assert!(seen.insert(id) && Rule::named(id) == Some(*rule), "{id}");
            assert!(!summary.is_empty() && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{id}");
            assert!(lower.is_none_or(|lower| lower < *level), "{id}");
        }
    }
}

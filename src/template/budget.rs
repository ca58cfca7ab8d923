//! How much a template may make the engine do: a loop, a chain of filters or an include within itself ends with an error, not with the
//! machine's memory or the stack.

use std::ops::Range;

use minijinja::machinery::{Token, tokenize};
use minijinja::{Error, ErrorKind};

use super::environment::syntax;
use crate::secret::SecretUse;
use crate::span::Location;

/// What a template may do besides writing its own text: an instruction of the engine is one, and so are 64 bytes of text.
const WORK: u64 = 500_000;

/// How many bytes the statements and values of a template may add to its text.
pub(crate) const ADDED: usize = 16 * 1024 * 1024;

/// How many steps an expression or a chain of `elif` may have. The engine needs stack for each: a thread of 2 MiB has room for three times as
/// many in a build without optimizations.
pub(crate) const STEPS: usize = 250;

/// How many parts and filters one secret may have.
const PARTS: usize = 250;

/// How many includes are read before a run.
pub(crate) const INCLUDES: usize = 1000;

/// What a template does too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Excess {
    /// An expression or a chain of `elif` has more than [`STEPS`] steps.
    Steps,
    /// Templates include one another more than [`INCLUDES`] times, or [`ADDED`] bytes of them.
    Includes,
    /// Its statements run for too long.
    Work,
    /// A single one does not end, or takes too much memory.
    Endless,
    /// They add more than [`ADDED`] bytes to its text.
    Size,
    /// Includes, or calls of a recursive loop, in one another.
    Depth,
}

/// An excess, and where.
pub(super) type Exceeded = (Excess, Option<Location>);

/// The budget of a run of the template `text`, in what the engine counts.
pub(super) fn fuel(text: &str) -> u64 {
    WORK + text.len() as u64
}

/// A text of this many bytes, in what the engine counts.
pub(super) fn fuel_of(bytes: usize) -> u64 {
    bytes as u64 / 64
}

/// Refuses a secret of too many parts.
pub(super) fn check_parts(usage: &SecretUse) -> Result<(), Error> {
    match usage.size() > PARTS {
        true => Err(Error::new(ErrorKind::InvalidOperation, format!("a secret can have at most {PARTS} parts and filters"))),
        false => Ok(()),
    }
}

/// Where in the text of a template an expression or a chain of `elif` has too many steps: to be asked before anything reads it by recursion.
/// A text that is invalid is not judged from there on, since nothing reads on either.
pub(super) fn too_deep(text: &str) -> Option<Range<usize>> {
    if is_plain(text) {
        return None;
    }
    let (mut expression, mut branches) = (Steps::default(), Branches::default());
    let mut is_first = false;
    for (token, span) in tokenize(text, false, syntax()).map_while(Result::ok) {
        match token {
            Token::VariableStart | Token::BlockStart => {
                expression = Steps::default();
                is_first = matches!(token, Token::BlockStart);
                continue;
            }
            Token::TemplateData(_) => {}
            Token::Ident(word) if is_first => branches.enter(word),
            token => expression.take(&token),
        }
        is_first = false;
        if expression.depth() > STEPS || branches.depth > STEPS {
            return Some(span.start_offset as usize..span.end_offset as usize);
        }
    }
    None
}

/// Whether the text has no statement, and in each placeholder only a short name: most templates are so, and need not be read once more.
pub(super) fn is_plain(text: &str) -> bool {
    let text = text.as_bytes();
    let is_short = |at: usize| {
        let behind = &text[at + 2..];
        let end = memchr::memmem::find(&behind[..behind.len().min(STEPS)], b"}}");
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b' ');
        end.is_some_and(|end| behind[..end].iter().all(is_name))
    };
    memchr::memmem::find(text, b"{%").is_none() && memchr::memmem::find_iter(text, b"{{").all(is_short)
}

/// The steps of an expression so far: since the last comma, inside each bracket that is open.
#[derive(Default)]
struct Steps {
    outer: Vec<usize>,
    /// The sum of `outer`.
    around: usize,
    here: usize,
}

impl Steps {
    fn depth(&self) -> usize {
        self.around + self.here
    }

    fn take(&mut self, token: &Token<'_>) {
        match token {
            Token::BracketOpen | Token::ParenOpen | Token::BraceOpen => {
                self.outer.push(self.here + 1);
                self.around += self.here + 1;
                self.here = 0;
            }
            Token::BracketClose | Token::ParenClose | Token::BraceClose => {
                if let Some(here) = self.outer.pop() {
                    self.around -= here;
                    self.here = here;
                }
            }
            Token::Comma => self.here = 0,
            Token::Ident("not" | "and" | "or" | "is" | "in" | "if" | "else") => self.here += 1,
            // What is no operator comes with one.
            Token::Ident(_) | Token::Str(_) | Token::String(_) | Token::Int(_) | Token::Int128(_) | Token::Float(_) => {}
            _ => self.here += 1,
        }
    }
}

/// The branches of each `if` that is open, which the engine nests in one another.
#[derive(Default)]
struct Branches {
    open: Vec<usize>,
    /// The sum of `open`.
    depth: usize,
}

impl Branches {
    fn enter(&mut self, statement: &str) {
        match statement {
            "if" => self.open.push(0),
            "elif" => {
                if let Some(branches) = self.open.last_mut() {
                    *branches += 1;
                    self.depth += 1;
                }
            }
            "endif" => self.depth -= self.open.pop().unwrap_or(0),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_too_deep(text: &str) -> bool {
        too_deep(text).is_some()
    }

    #[test]
    fn a_chain_of_any_kind_has_an_end() {
        for (before, step, behind) in [
            ("{{ a", " | trim", " }}"),
            ("{{ a", ".b", " }}"),
            ("{{ a", "[0]", " }}"),
            ("{{ a", "()", " }}"),
            ("{{ a", " ~ a", " }}"),
            ("{{ a", " if a else a", " }}"),
            ("{{ a", " is defined", " }}"),
            ("{{ ", "-", "1 }}"),
            ("{% if ", "not ", "a %}{% endif %}"),
            ("{% if a %}", "{% elif a %}", "{% endif %}"),
            ("{% set x = a", " or a", " %}"),
            ("{{ [1, ", "-", "1] }}"),
        ] {
            let text = |steps: usize| format!("{before}{}{behind}", step.repeat(steps));
            assert!(!is_too_deep(&text(60)), "{step}");
            assert!(is_too_deep(&text(STEPS + 1)), "{step}");
            // Many short ones are none.
            assert!(!is_too_deep(&text(60).repeat(100)), "{step}");
        }
    }

    #[test]
    fn steps_in_brackets_add_to_those_around_them() {
        let text = |inner: usize| format!("{{{{ a{} ~ [b, c{}] }}}}", " | trim".repeat(200), " | trim".repeat(inner));
        assert!(!is_too_deep(&text(40)));
        assert!(is_too_deep(&text(60)));
        let nested = format!("{}{}{}", "{% if a %}{% elif b %}".repeat(20), "{% elif b %}".repeat(220), "{% endif %}".repeat(20));
        assert!(!is_too_deep(&nested));
        assert!(is_too_deep(&nested.replace("{% if a %}{% elif b %}", "{% if a %}{% elif b %}{% elif b %}{% elif b %}")));
    }

    #[test]
    fn a_long_list_is_not_deep() {
        let list = (0..5000).map(|index| format!("{{\"name\": \"a\", \"port\": {index} + 1}}")).collect::<Vec<_>>().join(", ");
        assert!(!is_too_deep(&format!("{{% set services = [{list}] %}}")));
        assert!(!is_too_deep(&format!("{{% raw %}}{}{{% endraw %}}", "{{ a | a | a".repeat(1000))));
        assert!(!is_too_deep(&"a | not ".repeat(1000)));
    }
}

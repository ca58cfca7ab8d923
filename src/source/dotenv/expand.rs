//! What a value written in a `.env` file is: its escapes read, its references filled in.

use zeroize::Zeroizing;

use super::statement::WrittenValue;
use super::{DotenvFault, Flaw};

/// Deeper than this no default is nested.
const DEEPEST: usize = 32;

/// The value that a reference names.
pub(super) enum FoundReference<'a> {
    Environment(Zeroizing<String>),
    Earlier(&'a str),
}

impl FoundReference<'_> {
    fn text(&self) -> &str {
        match self {
            Self::Environment(text) => text,
            Self::Earlier(text) => text,
        }
    }
}

/// Why a value can't be given.
pub(super) enum Failure {
    /// It is its own fault.
    Own(DotenvFault),
    /// It refers to a name with this flaw.
    Other(Flaw),
}

impl From<DotenvFault> for Failure {
    fn from(fault: DotenvFault) -> Self {
        Self::Own(fault)
    }
}

/// Looks a name up: in the environment, then on the lines before.
pub(super) type LookUp<'a> = dyn Fn(&str) -> Result<Option<FoundReference<'a>>, Failure> + 'a;

/// The value of `written`. `budget` is how many bytes references may still bring into the file's values.
pub(super) fn value(written: WrittenValue<'_>, look_up: &LookUp<'_>, budget: &mut usize) -> Result<Zeroizing<String>, Failure> {
    let text = match written {
        WrittenValue::Single(text) => return Ok(unescaped(text, |c| (c == '\'').then_some("'"))?),
        WrittenValue::Double(text) => unescaped(text, |c| {
            Some(match c {
                'n' => "\n",
                'r' => "\r",
                't' => "\t",
                '"' => "\"",
                '\\' => "\\",
                // As `fill` reads a `$` that is none.
                '$' => "$$",
                _ => return None,
            })
        })?,
        WrittenValue::Plain(text) if text.contains("\\$") => return Err(DotenvFault::BackslashDollar.into()),
        WrittenValue::Plain(text) if text.contains("$$") => return Err(DotenvFault::DoubleDollar.into()),
        WrittenValue::Plain(text) => Zeroizing::new(text.to_owned()),
    };
    if !text.contains('$') {
        return Ok(text);
    }
    let mut filling = ValueExpansion { out: Zeroizing::new(String::with_capacity(text.len())), look_up, budget };
    filling.fill(&text, 0)?;
    Ok(filling.out)
}

/// Text in quotes with its escapes read; a backslash that begins none stays. The result is no longer than `text`.
fn unescaped(text: &str, escape: impl Fn(char) -> Option<&'static str>) -> Result<Zeroizing<String>, DotenvFault> {
    let double = escape('$').is_some();
    let mut out = Zeroizing::new(String::with_capacity(text.len()));
    let mut rest = text;
    while let Some(at) = rest.find(['\\', '$']) {
        out.push_str(&rest[..at]);
        let mut next = rest[at..].chars();
        let (Some(c), following) = (next.next(), next.next()) else { break };
        rest = next.as_str();
        match following {
            Some('0' | 'a' | 'b' | 'f' | 'v') if double && c == '\\' => return Err(DotenvFault::Control),
            Some('$') if double && c == '$' => return Err(DotenvFault::DoubleDollar),
            Some('\\') if double && c == '$' && rest.starts_with('$') => return Err(DotenvFault::DoubleDollar),
            Some(e) if c == '\\' => match escape(e) {
                Some(meant) => out.push_str(meant),
                None => out.extend([c, e]),
            },
            other => {
                out.push(c);
                // What follows a `$` may begin an escape of its own.
                let length = other.map_or(0, char::len_utf8);
                rest = &text[text.len() - rest.len() - length..];
            }
        }
    }
    out.push_str(rest);
    Ok(out)
}

struct ValueExpansion<'f, 'a> {
    out: Zeroizing<String>,
    look_up: &'f LookUp<'a>,
    budget: &'f mut usize,
}

impl ValueExpansion<'_, '_> {
    /// Appends `text` with its references filled in.
    fn fill(&mut self, text: &str, depth: usize) -> Result<(), Failure> {
        let mut rest = text;
        // Looked for once: a value may be long.
        let parenthesis = text.rfind(')').unwrap_or(0);
        while let Some(at) = rest.find('$') {
            self.push(&rest[..at]);
            rest = &rest[at + 1..];
            let name = &rest[..name_length(rest)];
            if !name.is_empty() {
                let found = (self.look_up)(name)?.ok_or(DotenvFault::Unset)?;
                self.insert(found.text())?;
                rest = &rest[name.len()..];
            } else if let Some(braced) = rest.strip_prefix('{') {
                rest = self.braced(braced, depth)?;
            } else if rest.starts_with('(') && text.len() - rest.len() < parenthesis {
                return Err(DotenvFault::Command.into());
            } else {
                self.push("$");
                rest = rest.strip_prefix('$').unwrap_or(rest);
            }
        }
        self.push(rest);
        Ok(())
    }

    /// Appends what `${…}` means, whose text begins after the brace; gives what follows it.
    fn braced<'t>(&mut self, text: &'t str, depth: usize) -> Result<&'t str, Failure> {
        let end = closing(text).filter(|_| depth < DEEPEST).ok_or(DotenvFault::Braces)?;
        let (inside, rest) = (&text[..end], &text[end + 1..]);
        let (name, operation) = inside.split_at(name_length(inside));
        if name.is_empty() {
            return Err(DotenvFault::Braces.into());
        }
        let found = (self.look_up)(name)?;
        // With `:` a value that is empty counts as none.
        let (nothing, operation) = match operation.strip_prefix(':') {
            Some(operation) => (found.as_ref().is_none_or(|found| found.text().is_empty()), operation),
            None => (found.is_none(), operation),
        };
        let mut characters = operation.chars();
        let (operator, word) = (characters.next(), characters.as_str());
        match (operator, found) {
            (None, Some(found)) if inside == name => self.insert(found.text())?,
            (None, None) if inside == name => return Err(DotenvFault::Unset.into()),
            (Some('-'), _) if (self.look_up)(inside)?.is_some() => return Err(DotenvFault::Dash.into()),
            (Some('-'), _) if nothing => self.fill(word, depth + 1)?,
            (Some('?'), _) if nothing => return Err(DotenvFault::Required.into()),
            (Some('-' | '?'), Some(found)) => self.insert(found.text())?,
            (Some('+'), _) if nothing => {}
            (Some('+'), _) => self.fill(word, depth + 1)?,
            _ => return Err(DotenvFault::Braces.into()),
        }
        Ok(rest)
    }

    fn insert(&mut self, text: &str) -> Result<(), DotenvFault> {
        *self.budget = self.budget.checked_sub(text.len()).ok_or(DotenvFault::TooLong)?;
        self.push(text);
        Ok(())
    }

    /// Grows by hand: what is outgrown is wiped.
    fn push(&mut self, text: &str) {
        if self.out.capacity() - self.out.len() < text.len() {
            let mut larger = Zeroizing::new(String::with_capacity((self.out.len() + text.len()) * 2));
            larger.push_str(&self.out);
            self.out = larger;
        }
        self.out.push_str(text);
    }
}

/// How long the name is with which `text` begins.
fn name_length(text: &str) -> usize {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
    if text.starts_with(|c: char| c.is_ascii_digit()) { 0 } else { text.len() - rest.len() }
}

/// Where the brace is that closes the one before `text`, on the same line. One that opens no reference is counted in too many ways.
fn closing(text: &str) -> Option<usize> {
    let mut open = 0;
    for (at, c) in text.char_indices() {
        match c {
            '\n' => return None,
            '{' if text[..at].ends_with('$') && name_length(&text[at + 1..]) > 0 => open += 1,
            '{' => return None,
            '}' if open == 0 => return Some(at),
            '}' => open -= 1,
            _ => {}
        }
    }
    None
}

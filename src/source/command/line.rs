//! The line of `--from-command`, split into words. There is no shell, so what only a shell would act on is refused: passed on as text it
//! would give another value in silence.

/// A program and its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CommandLine(Vec<String>);

/// Why a line is not a program with arguments. Holds nothing of the line but shell syntax.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LineError {
    /// It is empty or has an unclosed quote.
    Unreadable,
    /// It has this outside quotes, which only a shell acts on.
    Shell(&'static str),
}

impl CommandLine {
    /// Splits `line` as a shell does.
    ///
    /// # Errors
    /// See [`LineError`].
    pub(crate) fn parse(line: &str) -> Result<Self, LineError> {
        let words = shlex::split(line).filter(|words| !words.is_empty()).ok_or(LineError::Unreadable)?;
        shell_syntax(line.trim()).map_or(Ok(Self(words)), |syntax| Err(LineError::Shell(syntax)))
    }

    /// The program and arguments `words`; none if there is no program.
    pub(crate) fn of(words: Vec<String>) -> Option<Self> {
        words.first().is_some_and(|program| !program.is_empty()).then_some(Self(words))
    }

    /// The program and its arguments.
    pub(crate) fn words(&self) -> &[String] {
        &self.0
    }

    /// The program.
    pub(super) fn program(&self) -> &str {
        &self.0[0]
    }

    /// Its arguments.
    pub(super) fn arguments(&self) -> &[String] {
        &self.0[1..]
    }
}

/// The first thing outside quotes that only a shell acts on.
fn shell_syntax(line: &str) -> Option<&'static str> {
    let (mut quote, mut begins) = (None, true);
    let mut rest = line.char_indices();
    while let Some((at, c)) = rest.next() {
        let behind = &line[at + c.len_utf8()..];
        match (quote, c) {
            (Some('\''), '\\') => {}
            (_, '\\') => _ = rest.next(),
            (Some(open), _) => quote = quote.filter(|_| c != open),
            (None, '\'' | '"') => quote = Some(c),
            // A comment, which ends with the line.
            (None, '#') if begins => _ = rest.by_ref().find(|(_, c)| *c == '\n'),
            (None, _) => {
                let found = operator(c, behind, begins);
                if found.is_some() {
                    return found;
                }
            }
        }
        begins = quote.is_none() && c.is_ascii_whitespace();
    }
    None
}

/// What a shell does with `c` outside quotes, `behind` it and, with `begins`, at the beginning of a word.
fn operator(c: char, behind: &str, begins: bool) -> Option<&'static str> {
    let next = behind.chars().next();
    match (c, next) {
        ('|', Some('|')) => Some("||"),
        ('|', _) => Some("|"),
        ('&', Some('&')) => Some("&&"),
        ('&', _) => Some("&"),
        (';', _) => Some(";"),
        ('>', _) => Some(">"),
        ('<', _) => Some("<"),
        ('`', _) => Some("`…`"),
        ('$', Some('(')) => Some("$(…)"),
        ('$', Some('{')) => Some("${…}"),
        ('$', Some(next)) if next.is_ascii_alphanumeric() || "_@*#?$!-".contains(next) => Some("$NAME"),
        ('~', None | Some('/')) if begins => Some("~/"),
        ('~', Some(next)) if begins && next.is_ascii_whitespace() => Some("~/"),
        ('\n', _) => Some("a line break"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_a_shell() {
        let words = |line: &str| CommandLine::parse(line).map(|line| line.0);
        assert_eq!(words("op read 'op://a/b c'").unwrap(), ["op", "read", "op://a/b c"]);
        assert_eq!(words(r#"sh -c "echo \"$X\" | tr a b""#).unwrap(), ["sh", "-c", "echo \"$X\" | tr a b"]);
        for unreadable in ["", "  ", "printf 'a", "# only a comment"] {
            assert_eq!(words(unreadable), Err(LineError::Unreadable), "{unreadable}");
        }
    }

    #[test]
    fn what_needs_a_shell_is_found_outside_quotes_only() {
        for (line, found) in [
            ("a | b", "|"),
            ("a|b", "|"),
            ("a || b", "||"),
            ("a && b", "&&"),
            ("a &", "&"),
            ("curl https://x/y?a=1&b=2", "&"),
            ("a; b", ";"),
            ("a > b", ">"),
            ("a 2>/dev/null", ">"),
            ("a < b", "<"),
            ("echo $X", "$NAME"),
            ("echo a$1", "$NAME"),
            ("echo $$", "$NAME"),
            ("echo ${X}", "${…}"),
            ("echo $(b)", "$(…)"),
            ("echo `b`", "`…`"),
            ("cat ~/token", "~/"),
            ("cat ~", "~/"),
            ("a\nb", "a line break"),
            ("a 'b' | c", "|"),
            ("a # it's\n| b", "|"),
            (r"a \\| b", "|"),
            (r"a '\' | b", "|"),
            (r#"a "\"" | b"#, "|"),
        ] {
            assert_eq!(CommandLine::parse(line), Err(LineError::Shell(found)), "{line}");
        }
        for line in [
            "a '|'",
            "a \"x && y\"",
            r"a \| b",
            r"a \$X",
            "a '$X' \"`\"",
            "a $ b",
            "a x$",
            "a x~ HEAD~1",
            "a # | b",
            "a b#|",
            "a \\\nb",
            "\na b\n",
            "jq -r .a[0]? f*",
            "a '\n'",
        ] {
            let found = CommandLine::parse(line);
            assert_eq!(found.is_ok(), line != "a b#|", "{line}: {found:?}");
        }
    }
}

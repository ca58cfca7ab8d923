//! The line of `--from-command`, split into words. There is no shell, so what only a shell would act on is refused: passed on as text it
//! would give another value in silence.

/// A program and its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CommandLine {
    words: Vec<String>,
    /// The first character outside quotes that a shell takes for a pattern of file names. A program may take it for something else.
    pattern: Option<char>,
}

/// Why a line is not a program with arguments. Holds nothing of the line but shell syntax.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LineError {
    /// It is empty or has an unclosed quote.
    Unreadable,
    /// It has this outside quotes, which only a shell acts on.
    Shell(&'static str),
    /// It has this in double quotes, in which a shell would replace it.
    Quoted(&'static str),
}

impl CommandLine {
    /// Splits `line` as a shell does.
    ///
    /// # Errors
    /// See [`LineError`].
    pub(crate) fn parse(line: &str) -> Result<Self, LineError> {
        let words = shlex::split(line).filter(|words| !words.is_empty()).ok_or(LineError::Unreadable)?;
        let syntax = ShellSyntax::of(line.trim());
        match (syntax.operator, syntax.replaced) {
            (Some(operator), _) => Err(LineError::Shell(operator)),
            // In `sh -c "…"`, that shell replaces it.
            (None, Some(replaced)) if !is_shell(&words[0]) => Err(LineError::Quoted(replaced)),
            _ => Ok(Self { words, pattern: syntax.pattern }),
        }
    }

    /// The program and arguments `words`; none if there is no program.
    pub(crate) fn of(words: Vec<String>) -> Option<Self> {
        words.first().is_some_and(|program| !program.is_empty()).then_some(Self { words, pattern: None })
    }

    /// The program and its arguments.
    pub(crate) fn words(&self) -> &[String] {
        &self.words
    }

    /// The program.
    pub(super) fn program(&self) -> &str {
        &self.words[0]
    }

    /// Its arguments.
    pub(super) fn arguments(&self) -> &[String] {
        &self.words[1..]
    }

    /// A character that in a shell would have stood for names of files.
    pub(super) fn pattern(&self) -> Option<char> {
        self.pattern
    }
}

/// Whether the program is a shell.
fn is_shell(program: &str) -> bool {
    let name = program.rsplit('/').next().unwrap_or(program);
    ["sh", "bash", "dash", "zsh", "ksh", "ash", "fish", "busybox"].contains(&name)
}

/// What a shell would act on in a line: the first of each.
#[derive(Default)]
struct ShellSyntax {
    /// Outside quotes.
    operator: Option<&'static str>,
    /// In double quotes.
    replaced: Option<&'static str>,
    /// Outside quotes, in the names of files.
    pattern: Option<char>,
}

impl ShellSyntax {
    fn of(line: &str) -> Self {
        let mut found = Self::default();
        let (mut quote, mut begins) = (None, true);
        let mut rest = line.char_indices();
        while let Some((at, c)) = rest.next() {
            let behind = &line[at + c.len_utf8()..];
            match (quote, c) {
                (Some('\''), '\\') => {}
                (_, '\\') => _ = rest.next(),
                (Some(open), _) => {
                    quote = quote.filter(|_| c != open);
                    found.replaced = found.replaced.or_else(|| replacement(c, behind).filter(|_| open == '"'));
                }
                (None, '\'' | '"') => quote = Some(c),
                // A comment, which ends with the line.
                (None, '#') if begins => _ = rest.by_ref().find(|(_, c)| *c == '\n'),
                (None, _) => {
                    found.operator = found.operator.or_else(|| operator(c, behind, begins));
                    found.pattern = found.pattern.or_else(|| Some(c).filter(|c| "*?[{".contains(*c)));
                }
            }
            begins = quote.is_none() && c.is_ascii_whitespace();
        }
        found
    }
}

/// What a shell replaces in double quotes too. `$1` is left to programs that have such a variable of their own, such as awk.
fn replacement(c: char, behind: &str) -> Option<&'static str> {
    let next = behind.chars().next();
    match (c, next) {
        ('`', _) if behind.contains('`') => Some("`…`"),
        ('$', Some('(')) => Some("$(…)"),
        ('$', Some('{')) => Some("${…}"),
        ('$', Some(next)) if next.is_ascii_alphabetic() || next == '_' => Some("$NAME"),
        _ => None,
    }
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
        let words = |line: &str| CommandLine::parse(line).map(|line| line.words);
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

    #[test]
    fn what_a_shell_replaces_in_double_quotes_is_found() {
        for (line, found) in [
            ("echo \"$X\"", "$NAME"),
            ("cat \"$HOME/token\"", "$NAME"),
            ("cat \"${HOME}/token\"", "${…}"),
            ("echo \"a $(b)\"", "$(…)"),
            ("echo \"`b`\"", "`…`"),
            ("ssh host \"cat $F\"", "$NAME"),
        ] {
            assert_eq!(CommandLine::parse(line), Err(LineError::Quoted(found)), "{line}");
        }
        for line in [
            "sh -c \"echo $X\"",
            "/bin/bash -ec \"echo $(b)\"",
            "awk \"{print $1}\" f",
            "echo \"\\$X\" '$X' \"'x'\"",
            "echo \"5$\" \"$ x\"",
        ] {
            assert!(CommandLine::parse(line).is_ok(), "{line}");
        }
    }

    #[test]
    fn patterns_of_file_names_are_noticed_and_passed_on() {
        let pattern = |line: &str| CommandLine::parse(line).unwrap().pattern;
        for (line, c) in [("cat *.txt", '*'), ("cat tok?n", '?'), ("cat t[ab]", '['), ("cat t{a,b}", '{')] {
            assert_eq!(pattern(line), Some(c), "{line}");
        }
        assert_eq!(pattern("jq -r '.[0]' \"*\" \\*"), None);
    }
}

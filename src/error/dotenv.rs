//! Words for `.env` files, and for values in them, that can't be used. Where readers differ it is told how; no value is shown.

use crate::source::{DotenvError, DotenvFault};

const SINGLE: &str = "put the value in single quotes, where every character is itself: NAME='value'";

/// The reason, and what to do.
pub(super) fn dotenv(error: &DotenvError) -> (String, String) {
    let path = error.path.strip_prefix("./").unwrap_or(&error.path).display();
    let (what, help) = words(&error.fault);
    let place = match (error.line, &error.key) {
        (0, _) => format!("{path} "),
        (line, Some(key)) => format!("{path}:{line} (`{key}`): "),
        (line, None) => format!("{path}:{line}: "),
    };
    (place + &what, help.to_owned())
}

fn words(fault: &DotenvFault) -> (String, &'static str) {
    let (what, help) = match fault {
        DotenvFault::Io(why) => {
            return (format!("can't be read: {why}"), "-e FILE names another file, --no-env-file none");
        }
        DotenvFault::InsideQuotes(line) => {
            let what = format!(
                "it may be part of the value in quotes that begins on line {line}, behind whose closing quote there is more text: \
                 readers differ on where that value ends"
            );
            return (what, "put the whole of that value in one pair of quotes");
        }
        DotenvFault::TooLarge => ("is larger than 1 MiB", "-e FILE names another file: is it the right one?"),
        DotenvFault::Utf16 => ("is UTF-16", "save it as UTF-8: iconv -f UTF-16 -t UTF-8"),
        DotenvFault::NotUtf8 => ("the value is not UTF-8", "save the file as UTF-8"),
        DotenvFault::Unclosed => (
            "the quote that opens the value is not closed: node takes it as part of the value, python leaves the line out, compose \
             refuses the file",
            SINGLE,
        ),
        DotenvFault::Unset => (
            "a `$` names something that is not set in the environment or on a line before: it would vanish",
            "set it before, or write ${NAME:-} for nothing; if the `$` is part of the value, use single quotes: NAME='value'",
        ),
        DotenvFault::Required => {
            ("`${NAME:?…}` requires a name that is not set", "set it in the environment, or on a line before")
        }
        DotenvFault::Environment => (
            "it takes a variable of the environment that is not UTF-8",
            "YAML holds text only; encode it (base64) and decode it in the container",
        ),
        DotenvFault::TooLong => (
            "with this value, what references bring into the file's values is more than 1 MiB",
            "a line like A=$A$A doubles it: write the value out",
        ),
        DotenvFault::AfterQuote => (
            "there is text behind the closing quote: compose ends the value at the quote, node takes quotes and text as the value, \
             python leaves the line out",
            "put the whole value in one pair of quotes; a quote in it is written \\' or \\\"",
        ),
        DotenvFault::SeveralLines => (
            "the value seems to go on on the next line: without quotes node and python end it here, compose refuses the file",
            "put a value of several lines in quotes: NAME='…'",
        ),
        DotenvFault::LeadingHash => (
            "a `#` comes first behind `= `: compose takes it as the value, node and python as a comment on an empty one",
            "write NAME='' # comment, or NAME='# value'",
        ),
        DotenvFault::TabHash => (
            "a `#` comes behind a tab: compose takes it as part of the value, node and python as a comment",
            "put a space before the comment, or the value in single quotes: NAME='value'",
        ),
        DotenvFault::Backquotes => (
            "the value is in backquotes: node takes them as quotes, compose and python as part of the value",
            "put the value in single quotes; no command is run: --from-command NAME='CMD' takes what a command prints",
        ),
        DotenvFault::CarriageReturn => (
            "there is a carriage return in the value: compose keeps it, node and python take it as a line break",
            "save the file with LF at the ends of lines; in double quotes \\r is a carriage return",
        ),
        DotenvFault::DoubleDollar => {
            ("there is a `$$` in the value: compose reads one `$`, python two, node also a name behind it", SINGLE)
        }
        DotenvFault::BackslashDollar => (
            "there is a `\\$` outside quotes: compose keeps the backslash and reads a name behind the `$`, node reads a plain `$`",
            SINGLE,
        ),
        DotenvFault::Control => (
            "there is a `\\0`, `\\a`, `\\b`, `\\f` or `\\v` in double quotes: compose reads a control character, node a backslash and a letter",
            SINGLE,
        ),
        DotenvFault::Braces => (
            "a `${` can't be read: compose refuses it, node puts nothing there or keeps it, python keeps it",
            "write ${NAME}, ${NAME:-default}, ${NAME:?message} or ${NAME:+text} on one line; if the `${` is part of the value, use \
             single quotes: NAME='value'",
        ),
        DotenvFault::Dash => (
            "what is between `${` and `}` is a name with a `-` that is set: compose and node take the `-` and what follows as a \
             default, python the name",
            "rename it with `_`",
        ),
        DotenvFault::Command => (
            "there is a `$(…)` in the value: no command is run here, and most readers keep it as text",
            "--from-command NAME='CMD' takes what a command prints, {{ file(\"PATH\") }} what a file holds; if it is the value, put it \
             in single quotes: NAME='value'",
        ),
    };
    (what.to_owned(), help)
}

//! Words for `.env` files, and for values in them, that can't be used: where readers differ, how each reads it. Never shows a value.

use crate::source::{DotenvError, DotenvFault};

const SINGLE: &str = "put the value in single quotes, where every character is literal: NAME='value'";

/// The reason, and what to do.
pub(super) fn dotenv(error: &DotenvError) -> (String, String) {
    let path = error.path.strip_prefix("./").unwrap_or(&error.path).display();
    let place = match (error.line, &error.key) {
        (0, _) => path.to_string(),
        (line, Some(key)) => format!("{path}:{line} (`{key}`)"),
        (line, None) => format!("{path}:{line}"),
    };
    match &error.fault {
        DotenvFault::Io(why) => {
            (format!("can't read {place}: {why}"), "-e FILE reads another file; --no-env-file reads none".to_owned())
        }
        DotenvFault::TooLarge => (format!("{place} is larger than 1 MiB"), "-e FILE reads another file".to_owned()),
        DotenvFault::Utf16 => (format!("{place} is UTF-16"), format!("save it as UTF-8: iconv -f UTF-16 -t UTF-8 {path}")),
        DotenvFault::NotUtf8 => (format!("{place} is not UTF-8"), "save the file as UTF-8".to_owned()),
        DotenvFault::InsideQuotes(line) => (
            format!("{place}: readers disagree on whether this belongs to the value in quotes that starts on line {line}"),
            "that value has text after its closing quote: put all of it in one pair of quotes".to_owned(),
        ),
        fault => {
            let (what, help) = words(fault);
            (format!("{place}: {what}"), help.to_owned())
        }
    }
}

/// What is wrong with a line that names `key` in another form.
pub(crate) fn passed_over(key: &str) -> String {
    format!("`{key}` has no value from this line, which is not of the form {key}='value'")
}

fn words(fault: &DotenvFault) -> (&'static str, &'static str) {
    match fault {
        // Worded above, with the file.
        DotenvFault::Io(_) | DotenvFault::TooLarge | DotenvFault::Utf16 | DotenvFault::NotUtf8 | DotenvFault::InsideQuotes(_) => {
            ("the value can't be read", SINGLE)
        }
        DotenvFault::Unclosed => (
            "the opening quote is not closed: node keeps the quote as text, python skips the line, Compose rejects the file",
            SINGLE,
        ),
        DotenvFault::Unset => (
            "`$` refers to a variable that is set neither in the environment nor on an earlier line, so part of the value would be lost",
            "set it first, or write ${NAME:-} for an empty value; if `$` is part of the value, use single quotes: NAME='value'",
        ),
        DotenvFault::Required => {
            ("`${NAME:?…}` requires a variable that is not set", "set it in the environment or on an earlier line")
        }
        DotenvFault::Environment => (
            "the value uses an environment variable that is not UTF-8",
            "YAML holds text only; encode it (base64) and decode it in the container",
        ),
        DotenvFault::TooLong => (
            "with this value, references add more than 1 MiB to the file's values",
            "a line such as A=$A$A doubles the value each time: write the value out",
        ),
        DotenvFault::AfterQuote => (
            "there is text after the closing quote: Compose ends the value at the quote, node includes the quotes and the text, \
             python skips the line",
            "put the whole value in one pair of quotes; write a quote inside as \\' or \\\"",
        ),
        DotenvFault::SeveralLines => (
            "the value seems to continue on the next line: without quotes, node and python end it here, Compose rejects the file",
            "put a value of several lines in quotes: NAME='…'",
        ),
        DotenvFault::LeadingHash => (
            "a `#` follows `= `: Compose reads it as the value, node and python as a comment after an empty value",
            "write NAME='' # comment, or NAME='# value'",
        ),
        DotenvFault::TabHash => (
            "a `#` follows a tab: Compose reads it as part of the value, node and python as a comment",
            "put a space before the comment, or the value in single quotes: NAME='value'",
        ),
        DotenvFault::Backquotes => (
            "the value is in backquotes: node removes them, Compose and python keep them",
            "put the value in single quotes; no command is run: --from-command NAME='CMD' uses the output of a command",
        ),
        DotenvFault::CarriageReturn => (
            "the value contains a carriage return: Compose keeps it, node and python read a line break",
            "save the file with LF line ends; in double quotes, \\r is a carriage return",
        ),
        DotenvFault::DoubleDollar => {
            ("the value contains `$$`: Compose reads one `$`, python two, node one and a name after it", SINGLE)
        }
        DotenvFault::BackslashDollar => (
            "the value contains `\\$` outside quotes: Compose keeps the backslash and expands the name, node reads a literal `$`",
            SINGLE,
        ),
        DotenvFault::Control => (
            "the value contains `\\0`, `\\a`, `\\b`, `\\f` or `\\v` in double quotes: Compose reads a control character, node a backslash \
             and a letter",
            SINGLE,
        ),
        DotenvFault::Braces => (
            "the value contains `${` without a valid reference: Compose rejects it, node drops or keeps it, python keeps it",
            "write ${NAME}, ${NAME:-default}, ${NAME:?message} or ${NAME:+text} on one line; if `${` is part of the value, use \
             single quotes: NAME='value'",
        ),
        DotenvFault::Dash => (
            "`${…}` contains a name with a `-` that is set: Compose and node read what follows the `-` as a default, python reads \
             the whole name",
            "rename the variable, with `_`",
        ),
        DotenvFault::Command => (
            "the value contains `$(…)`: no command is run, and most readers keep it as text",
            "--from-command NAME='CMD' uses the output of a command, {{ file(\"PATH\") }} the content of a file; if it is the value, \
             use single quotes: NAME='value'",
        ),
    }
}

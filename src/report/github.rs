//! `--format github`: one workflow command per finding, which GitHub shows at its line.

use super::Reported;
use crate::diagnostic::printable;

/// The findings, one per line.
pub(crate) fn write(reported: &[Reported]) -> String {
    let mut lines = String::new();
    for it in reported {
        let place = it.region().map_or_else(String::new, |region| {
            let ((line, column), (end_line, end_column)) = (region.start, region.end);
            // Columns are only for a finding on one line; here the end is the last character itself.
            match line == end_line {
                true => format!(",line={line},endLine={line},col={column},endColumn={}", (end_column - 1).max(column)),
                false => format!(",line={line},endLine={end_line}"),
            }
        });
        let advice = it.advice();
        let advice = if advice.is_empty() { advice } else { format!("\n{advice}") };
        let (file, title) = (property(&printable(&it.file)), property(&format!("sdlrender: {}", it.rule)));
        let message = data(&format!("{}{advice}", printable(&it.diagnostic.message)));
        lines.push_str(&format!("::{} file={file}{place},title={title}::{message}\n", it.level()));
    }
    lines
}

/// What follows `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property's value.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_command_early() {
        assert_eq!(property("a,b:c%\r\n::error"), "a%2Cb%3Ac%25%0D%0A%3A%3Aerror");
        assert_eq!(data("50%\n::error::x"), "50%25%0A::error::x");
    }
}

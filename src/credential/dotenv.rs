//! `.env` files that git would commit: values that are secrets.

use std::ops::Range;

use super::environment::judge;
use crate::finding::{Finding, Rule};
use crate::registry::token;
use crate::source::Content;
use crate::span::line_range;

/// What of `text`, a `.env` file, is a secret, by the names of its variables and the shapes of its tokens.
pub(super) fn check(text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let starts: Vec<usize> = std::iter::once(0).chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1)).collect();
    for (number, key) in Content::lines(text.as_bytes()) {
        // A line has more than one entry where text follows a closing quote.
        let (Some(start), Some(key)) = (starts.get(number - 1).copied(), key) else { continue };
        let line = line_range(text, start);
        let Some(value) = value(&text[line.clone()], key).map(|range| line.start + range.start..line.start + range.end) else {
            continue;
        };
        if let Some(literal) = judge(key, &text[value.clone()]) {
            findings.push(finding(value, format!("{} in the file", literal.words())));
        }
    }
    for (token, range) in token::scan(text) {
        if !findings.iter().any(|known| known.range.start <= range.start && range.end <= known.range.end) {
            findings.push(finding(range, format!("{} is written in the file", token.name())));
        }
    }
    findings
}

fn finding(range: Range<usize>, message: String) -> Finding {
    let rule = Rule::DotenvSecret;
    let help = "keep the file out of git, with its name in .gitignore and `git rm --cached` if it is tracked; replace what was committed";
    Finding { rule, level: rule.level(), range, path: String::new(), message, help: Some(help.to_owned()) }
}

/// The bytes of what a line has for `key`, without blanks around it and without a comment.
fn value(line: &str, key: &str) -> Option<Range<usize>> {
    let after = line.find(key)? + key.len();
    let sign = after + line[after..].find(['=', ':'])?;
    let start = line.len() - line[sign + 1..].trim_start().len();
    let written = &line[start..];
    let end = if written.starts_with('#') { 0 } else { written.find(" #").unwrap_or(written.len()) };
    Some(start..start + written[..end].trim_end().len()).filter(|range| !range.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_found_where_they_are() {
        let text = "# PASSWORD=old\nexport DB_PASSWORD = 'hunter2' # new\nTAG=v1\nAPI_TOKEN=\nA=\"\nB_PASSWORD=x y\n\"\nURL: postgres://u:p@h/d\n";
        let shown: Vec<&str> = check(text).into_iter().map(|finding| &text[finding.range]).collect();
        assert_eq!(shown, ["'hunter2'", "postgres://u:p@h/d"]);
        assert_eq!(check("A='x' B=1\nDB_PASSWORD=hunter2\n").len(), 1);
        for line in
            ["DB_PASSWORD=changeme", "DB_PASSWORD=", "DB_PASSWORD=# the password", "DB_PASSWORD=${OTHER}", "DB_PASSWORD", ""]
        {
            assert!(check(line).is_empty(), "{line}");
        }
    }
}

//! Writes values to the text of a `.env` file, so that they are read back exactly.

use zeroize::Zeroizing;

use super::names::StoredSecret;
use crate::source::Content;

/// `before`, the content of a `.env` file, with the values of `entries` at its end. Other values they had before are removed.
///
/// # Errors
/// With the name of a value that would not be read back.
pub(super) fn with(before: &[u8], entries: &[&StoredSecret]) -> Result<Zeroizing<Vec<u8>>, String> {
    let kept = without(before, &|name| entries.iter().any(|entry| entry.name == name));
    let lines: Vec<Zeroizing<String>> = entries
        .iter()
        .map(|entry| line(&entry.name, entry.value.expose()).ok_or(entry.name.clone()))
        .collect::<Result<_, _>>()?;
    // At full size from the start, so that growing leaves no copy behind.
    let length = kept.len() + 2 + lines.iter().map(|line| line.len()).sum::<usize>();
    let mut after = Zeroizing::new(Vec::with_capacity(length));
    after.extend_from_slice(&kept);
    if kept.last().is_some_and(|last| *last != b'\n') {
        after.push(b'\n');
    }
    lines.iter().for_each(|line| after.extend_from_slice(line.as_bytes()));
    let content = Content::read(&after, &|_| None);
    match entries.iter().find(|entry| !reads(&content, &entry.name, entry.value.expose())) {
        Some(entry) => Err(entry.name.clone()),
        None => Ok(after),
    }
}

/// `text` without the statements that give one of these names a value.
fn without(text: &[u8], named: &dyn Fn(&str) -> bool) -> Zeroizing<Vec<u8>> {
    let mut kept = Zeroizing::new(Vec::with_capacity(text.len()));
    let starts: Vec<usize> =
        std::iter::once(0).chain(memchr::memchr_iter(b'\n', text).map(|at| at + 1)).filter(|at| *at < text.len()).collect();
    let mut statements: Vec<(usize, bool)> = Content::lines(text).map(|(line, name)| (line, name.is_some_and(named))).collect();
    // Where text follows a closing quote, a line has more than one: it goes only if all of them do.
    statements.dedup_by(|next, one| {
        let same = next.0 == one.0;
        one.1 &= !same || next.1;
        same
    });
    for (at, (line, dropped)) in statements.iter().enumerate() {
        let start = starts.get(line - 1).copied().unwrap_or(text.len());
        // A value within quotes goes on to the line before the next statement.
        let next = statements.get(at + 1).and_then(|(next, _)| starts.get(next - 1).copied()).unwrap_or(text.len());
        if !dropped && start < next {
            kept.extend_from_slice(&text[start..next]);
        }
    }
    kept
}

/// `NAME='value'` as a line; in double quotes where single ones can't hold the value. None if neither can.
fn line(name: &str, value: &str) -> Option<Zeroizing<String>> {
    let quoted = |quote: char, inside: &str| {
        let mut line = Zeroizing::new(String::with_capacity(name.len() + inside.len() + 4));
        line.extend([name, "="]);
        line.push(quote);
        line.push_str(inside);
        line.push(quote);
        line.push('\n');
        line
    };
    let candidates = [quoted('\'', value), quoted('"', &escaped(value))];
    candidates.into_iter().find(|line| reads(&Content::read(line.as_bytes(), &|_| None), name, value))
}

/// `value` for the inside of double quotes.
fn escaped(value: &str) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(value.len() * 2));
    for c in value.chars() {
        match c {
            '\r' => out.push_str("\\r"),
            '"' | '\\' | '$' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

fn reads(content: &Content, name: &str, value: &str) -> bool {
    content.get(name).and_then(Result::ok).is_some_and(|read| read.expose() == value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::names::ValueClass;
    use crate::secret::Secret;

    fn entry(name: &str, value: &str) -> StoredSecret {
        let value = Secret::new(Zeroizing::new(value.to_owned()));
        StoredSecret { name: name.to_owned(), class: ValueClass::Literal, value, linked: Vec::new() }
    }

    fn text(before: &str, entries: &[(&str, &str)]) -> Result<String, String> {
        let entries: Vec<StoredSecret> = entries.iter().map(|(name, value)| entry(name, value)).collect();
        with(before.as_bytes(), &entries.iter().collect::<Vec<_>>()).map(|bytes| String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[test]
    fn a_value_is_appended_in_quotes_that_hold_it() {
        assert_eq!(text("", &[("A", "x y#$z")]).unwrap(), "A='x y#$z'\n");
        assert_eq!(text("B=1 # why", &[("A", "it's $5\\")]).unwrap(), "B=1 # why\nA=\"it's \\$5\\\\\"\n");
        assert_eq!(text("", &[("A", "a\nb"), ("B", "\r")]).unwrap(), "A='a\nb'\nB=\"\\r\"\n");
    }

    #[test]
    fn what_the_name_had_before_goes_and_the_rest_stays() {
        let before = "# top\nA='old\nvalue'\n# A=no\nexport B=2\nA: again\n\nC=3";
        assert_eq!(text(before, &[("A", "new")]).unwrap(), "# top\n# A=no\nexport B=2\n\nC=3\nA='new'\n");
    }

    #[test]
    fn a_line_of_two_stays_where_one_of_them_is_another_s() {
        assert_eq!(without(b"A='x' B=1\nC=2\n", &|name| name == "B").as_slice(), b"A='x' B=1\nC=2\n");
        assert_eq!(without(b"A='x' B=1\nC=2\n", &|name| name == "A" || name == "B").as_slice(), b"C=2\n");
    }

    #[test]
    fn a_quote_that_is_open_takes_nothing_with_it() {
        assert_eq!(text("B='open\n", &[("A", "x")]), Err("A".to_owned()).or(text("B='open\n", &[("A", "x")])));
        if let Ok(after) = text("B='open\n", &[("A", "x")]) {
            assert!(reads(&Content::read(after.as_bytes(), &|_| None), "A", "x"));
        }
    }
}

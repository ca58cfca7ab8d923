//! Texts from outside on a terminal, and in a line to type.

use zeroize::Zeroizing;

/// Whether a terminal acts on the character, or shows what is written in another order or not at all: control characters, marks of
/// direction, and characters without a width.
pub(crate) fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// `text` without such characters: names and paths come from outside.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if is_deceptive(c) { '\u{fffd}' } else { c }).collect()
}

/// The same of a text of several lines.
pub(crate) fn printable_lines(text: &str) -> Zeroizing<String> {
    // A replacement is longer than what it stands for; at its full size from the start, the text leaves no copy behind.
    let mut shown = Zeroizing::new(String::with_capacity(text.len() * 3));
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let breaks = c == '\r' && rest.peek() == Some(&'\n');
        let plain = matches!(c, '\n' | '\t') || breaks || !is_deceptive(c);
        shown.push(if plain { c } else { '\u{fffd}' });
    }
    shown
}

/// JSON in which no character is such: those in its strings are escaped.
pub(crate) fn printable_json(json: String) -> String {
    if json.chars().all(|c| c == '\n' || !is_deceptive(c)) {
        return json;
    }
    let mut units = [0; 2];
    let escaped = |out: String, c: char| match c {
        '\n' => out + "\n",
        c if is_deceptive(c) => c.encode_utf16(&mut units).iter().fold(out, |out, unit| out + &format!("\\u{unit:04x}")),
        c => {
            let mut out = out;
            out.push(c);
            out
        }
    };
    json.chars().fold(String::with_capacity(json.len() + 64), escaped)
}

/// `text` as one word of a POSIX shell, for a line to type.
pub(crate) fn for_shell(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./:@%+,=".contains(&byte) || byte >= 0x80;
    match !text.is_empty() && text.bytes().all(plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

/// The same of a path, which must not be taken for an option.
pub(crate) fn path_for_shell(path: &std::path::Path) -> String {
    let text = path.display().to_string();
    for_shell(&if text.starts_with('-') { format!("./{text}") } else { text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_deceives_is_printed() {
        let text = "a\u{1b}[31mb\u{7f}c\u{9b}d\u{202e}e\u{2066}f\u{200b}g\u{feff}h é語😀";
        assert_eq!(printable(text), "a\u{fffd}[31mb\u{fffd}c\u{fffd}d\u{fffd}e\u{fffd}f\u{fffd}g\u{fffd}h é語😀");
        assert_eq!(*printable_lines("a\r\n\tb\u{202e}\r"), "a\r\n\tb\u{fffd}\u{fffd}");
        let json = serde_json::to_string_pretty(&[text, "\u{e0041}\n"]).unwrap();
        let shown = printable_json(json);
        assert!(!shown.chars().any(|c| c != '\n' && is_deceptive(c)), "{shown:?}");
        assert_eq!(serde_json::from_str::<Vec<String>>(&shown).unwrap(), [text, "\u{e0041}\n"]);
    }

    #[test]
    fn a_word_is_one_word_of_a_shell() {
        for (text, expected) in [
            ("deploy.tmpl.yaml", "deploy.tmpl.yaml"),
            ("a b", "'a b'"),
            ("it's; rm -rf $HOME", "'it'\\''s; rm -rf $HOME'"),
            ("é", "é"),
            ("", "''"),
            ("~/x", "'~/x'"),
        ] {
            assert_eq!(for_shell(text), expected);
        }
        assert_eq!(path_for_shell(std::path::Path::new("-o x")), "'./-o x'");
    }
}

//! The table of `docs/dotenv.md`: what each reader makes of each form. `SDLRENDER_TEST_WRITE=1` writes it anew.

use std::path::Path;

use super::readers::{Reader, ours, present, value};

/// Files, of which X is looked at.
const FORMS: &[&str] = &[
    "X=v\n",
    "export X=v\n",
    "X = v\n",
    "X: v\n",
    "X=v\r\n",
    "\u{feff}X=v\n",
    "X=old\nX=new\n",
    "X=My Cool Shop\n",
    "a line of words\nX=v\n",
    "2CAPTCHA=1\nsentry-dsn=2\nX=v\n",
    "T=\"open\nX=v\n",
    "X=v # c\n",
    "X=v  # it's c\n",
    "X=v\t# c\n",
    "X=a#b\n",
    "X=#fff\n",
    "X= # c\n",
    "X={\"k\":\"v\"}\n",
    "X=C:\\Users\\new\n",
    "X=it's\n",
    "X='say \"hi\"'\n",
    "X=\"say \\\"hi\\\"\"\n",
    "X='Let\\'s go'\n",
    "X='a\\\\b'\n",
    "X=\"a\\nb\"\n",
    "X=\"a\\r\\nb\"\n",
    "X=\"a\\tb\"\n",
    "X=\"C:\\Users\"\n",
    "X=\"C:\\bin\"\n",
    "X='a\nb'\n",
    "X='a\r\nb'\n",
    "X='a'b\n",
    "X=`v`\n",
    "X=-----BEGIN K-----\nMII/\n-----END K-----\n",
    "A=1\nX=$A\n",
    "A=1\nX=${A}\n",
    "A=1\nA_B=2\nX=$A_B\n",
    "A=1\nX='$A ${A}'\n",
    "A=1\nX=\\$A\n",
    "A=1\nX=\"\\$A\"\n",
    "A=\nX=[${A}]\n",
    "A=\nX=${A:-d}\n",
    "A=\nX=${A-d}\n",
    "X=${A:-d}\n",
    "X=${A-d}\n",
    "X=${A:-${B:-d}}\n",
    "A=1\nX=${A:+s}\n",
    "A=1\nX=${A:?m}\n",
    "X=${A:?m}\n",
    "X=${A:=d}\n",
    "X=p$none\n",
    "X=p@$$w0rd\n",
    "X=a$5\n",
    "X=$(id)\n",
];

/// Text as code in a table, with its control characters to be seen.
fn code(text: &str) -> String {
    if text.is_empty() {
        return "(empty)".to_owned();
    }
    let shown = text.trim_end_matches('\n').replace('\n', "␊").replace('\r', "␍").replace('\t', "␉").replace('\u{feff}', "(BOM)");
    let shown = shown.replace('|', "\\|");
    if shown.contains('`') { format!("`` {shown} ``") } else { format!("`{shown}`") }
}

fn rows() -> Vec<Vec<String>> {
    let readers = present();
    let texts: Vec<String> = FORMS.iter().map(|form| (*form).to_owned()).collect();
    let readings: Vec<_> = readers.iter().map(|reader| (*reader, reader.read(&texts).expect("it was there before"))).collect();
    let row = |(number, form): (usize, &&str)| {
        let content = ours(form);
        let own = match value(&content, "X") {
            Some(Ok(text)) => code(text),
            Some(Err(_)) => "refused".to_owned(),
            None => "–".to_owned(),
        };
        let theirs = Reader::ALL.into_iter().map(|reader| {
            let Some((_, readings)) = readings.iter().find(|(other, _)| *other == reader) else { return "?".to_owned() };
            match (readings[number].of("X"), readings[number].refused) {
                (Some(text), false) => code(text),
                // dotenvy goes on behind a line that it refuses; who uses it rarely does.
                (_, true) => "file refused".to_owned(),
                (None, false) => "–".to_owned(),
            }
        });
        [code(form), own].into_iter().chain(theirs).collect()
    };
    FORMS.iter().enumerate().map(row).collect()
}

#[test]
fn the_table_of_the_docs_is_what_readers_say() {
    const HEAD: &str = "| file | sdlrender | compose | node | python | dotenvy |";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/dotenv.md");
    let text = std::fs::read_to_string(&path).expect("the docs");
    let start = text.find(HEAD).expect("the table's head");
    let end = text[start..].find("\n\n").map_or(text.len(), |length| start + length + 1);
    let rows = rows();
    let lines: String = rows.iter().map(|row| format!("| {} |\n", row.join(" | "))).collect();
    let table = format!("{HEAD}\n|---|---|---|---|---|---|\n{lines}");
    if std::env::var_os("SDLRENDER_TEST_WRITE").is_some() {
        std::fs::write(&path, format!("{}{table}{}", &text[..start], &text[end..])).expect("the docs");
        return;
    }
    // A reader that can't be had here has a `?` in each row.
    for (written, row) in text[start..end].lines().skip(2).zip(&rows) {
        let cells: Vec<&str> = written.trim_matches('|').split(" | ").map(str::trim).collect();
        assert_eq!(cells.len(), row.len(), "{written}");
        for (cell, wanted) in cells.iter().zip(row) {
            assert!(
                wanted == "?" || cell == wanted,
                "{cell} is {wanted} in {written}: SDLRENDER_TEST_WRITE=1 writes the table anew"
            );
        }
    }
    assert_eq!(text[start..end].lines().count(), rows.len() + 2);
}

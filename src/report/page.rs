//! A rule's page, as `sdlrender explain` prints it.

use crate::finding::{About, ExamplePlace, Rule};

/// The most characters of a line of prose.
const WIDTH: usize = 88;

/// Where the files of Akash's source that rules name can be found.
const CHAIN_SDK: &str = "akash-network/chain-sdk@55f1c683 ";

/// Everything there is to say about `rule`, as plain text.
pub(crate) fn page(rule: Rule) -> String {
    let about = rule.about();
    let About { id, level, summary, why, refused_by, source, place, .. } = about;
    let level = match about.lower {
        Some(lower) => format!("{} or {}", level.word(), lower.word()),
        None => level.word().to_owned(),
    };
    let (bad, good) = match place {
        ExamplePlace::Lines("") => ("Bad, at the top level".to_owned(), "Good"),
        ExamplePlace::Lines(path) => (format!("Bad, in {path}"), "Good"),
        ExamplePlace::File => ("Bad".to_owned(), "Good"),
        ExamplePlace::Before => ("Bad, before an SDL".to_owned(), "Good"),
        ExamplePlace::After => ("Bad, after an SDL".to_owned(), "Good"),
        ExamplePlace::Described(what) => (format!("Bad: {what}"), "Good"),
    };
    let allow = match rule.can_be_allowed() {
        true => format!("To allow it in a line, end the line with:\n\n    # sdlrender: allow {id}\n"),
        false => "No comment allows it: without it there is nothing to check.\n".to_owned(),
    };
    [
        format!("{id} ({level})\n\n"),
        wrapped(&format!("Finds: {summary}.")),
        "\n".to_owned(),
        wrapped(why),
        "\n".to_owned(),
        wrapped(&format!("Refused by {refused_by}")),
        wrapped(&format!("Source: {}", source.replace("chain-sdk ", CHAIN_SDK))),
        format!("\n{bad}:\n\n{}\n{good}:\n\n{}\n{allow}", indented(&about.bad()), indented(&about.good())),
    ]
    .concat()
}

/// `text` in lines of at most [`WIDTH`] characters.
fn wrapped(text: &str) -> String {
    let (mut lines, mut length) = (String::new(), 0);
    for word in text.split(' ') {
        let more = word.chars().count();
        if length > 0 && length + 1 + more > WIDTH {
            lines.push('\n');
            length = 0;
        } else if length > 0 {
            lines.push(' ');
            length += 1;
        }
        lines.push_str(word);
        length += more;
    }
    lines + "\n"
}

fn indented(text: &str) -> String {
    text.lines().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("    {line}\n") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_short_and_words_stay_whole() {
        let text = "word ".repeat(60) + &"x".repeat(100);
        let lines = wrapped(&text);
        assert_eq!(lines.split_whitespace().count(), 61);
        assert!(lines.lines().all(|line| line.len() <= WIDTH || !line.contains(' ')), "{lines}");
    }
}

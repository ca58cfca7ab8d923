//! Marks that a text has where something is to be filled in: brackets, dots, crosses, a reference to a variable.

use super::name::is_name;

/// First words that say so: `your-token` in some other languages, where a later word can be another one, and `you-token`, which is meant for it.
const YOURS: [&str; 4] = ["your", "you", "tu", "su"];

/// Whether `text` can't be meant literally: brackets, dots or crosses to be replaced, a reference to a variable.
pub(super) fn is_template(text: &str) -> bool {
    let text = text.trim();
    // On one line and short: a key in JSON has braces around it too.
    let within = |open: char, close: char| {
        text.len() > 1 && text.len() < 80 && !text.contains(['\n', '"']) && text.starts_with(open) && text.ends_with(close)
    };
    let reference = refers(text) || text.strip_prefix('$').is_some_and(is_name) || within('%', '%');
    let cut = text.ends_with("...") || text.ends_with('…') || text.contains("***") || text.to_ascii_lowercase().contains("xxxx");
    let your =
        text.split_once(['-', '_', ' ']).is_some_and(|(first, _)| YOURS.iter().any(|your| first.eq_ignore_ascii_case(your)));
    is_filler(text)
        || reference
        || cut
        || is_crossed(text)
        || your
        || has_slot(text)
        || within('<', '>')
        || within('[', ']')
        || within('{', '}')
}

/// Whether it is only crosses, stars, dots and the like.
pub(super) fn is_filler(text: &str) -> bool {
    text.chars().all(|c| matches!(c, 'x' | 'X' | '*' | '.' | '-' | '_' | '…' | '?' | '•' | '●'))
}

/// Whether a word of it is crossed out: `hf_xxxx`, `ghp-***`, `forward xxx enjoy`.
pub(super) fn is_crossed(text: &str) -> bool {
    words(text).any(|word| word.len() > 2 && word.len() < text.len() && word.chars().all(|c| matches!(c, 'x' | 'X' | '*')))
}

/// Whether something like `<token>` is in it, or it is such a thing without its end.
pub(super) fn has_slot(text: &str) -> bool {
    let cut = text.strip_prefix('<').is_some_and(is_slot);
    cut || text.split('<').skip(1).filter_map(|rest| rest.split_once('>')).any(|(inside, _)| is_slot(inside))
}

/// Words that brackets are around.
pub(super) fn is_slot(inside: &str) -> bool {
    inside.len() > 2 && inside.bytes().all(|byte| byte.is_ascii_alphabetic() || b"-_ ".contains(&byte))
}

/// Whether it holds `${NAME}`, with or without a default, or `$(NAME)`.
fn refers(text: &str) -> bool {
    memchr::memchr_iter(b'$', text.as_bytes()).any(|at| {
        let close = match text.as_bytes().get(at + 1) {
            Some(b'{') => '}',
            Some(b'(') => ')',
            _ => return false,
        };
        text[at + 2..]
            .split_once(close)
            .is_some_and(|(inside, _)| is_name(inside.split([':', '-', '?']).next().unwrap_or(inside)))
    })
}

/// The words of `text`, which separators are between.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(['-', '_', ' ', '.']).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_told_from_words() {
        for text in [
            "<token>",
            "[key]",
            "{KEY}",
            "xxxx",
            "ghp-***",
            "forward xxx enjoy",
            "abc...",
            "${X}",
            "your-key",
            "tu-clave",
            "%KEY%",
        ] {
            assert!(is_template(text), "{text}");
        }
        for text in ["changeme", "test", "exampled", "a<b>c", "maxx", "tulip-9"] {
            assert!(!is_template(text), "{text}");
        }
    }
}

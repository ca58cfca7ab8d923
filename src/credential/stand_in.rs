//! Texts that only stand for a value, and so are not secrets.

/// Words that say so anywhere in the text; compared in lower case, `-`, `_`, `.` and spaces left out.
const ANYWHERE: [&str; 10] = [
    "changeme",
    "changethis",
    "changeit",
    "replaceme",
    "replacethis",
    "replacewith",
    "example",
    "placeholder",
    "goeshere",
    "tobefilled",
];

/// Beginnings that say so.
const BEFORE: [&str; 6] = ["your", "insert", "enteryour", "putyour", "addyour", "change"];

/// Whole texts that say so.
const WHOLE: [&str; 13] =
    ["dummy", "fake", "test", "testing", "todo", "tbd", "none", "null", "foo", "bar", "foobar", "sample", "redacted"];

/// Whether `text` is a stand-in for a value: `<token>`, `xxxx`, `your-key`, `changeme`, `...`, `${NAME}`.
pub(super) fn is_stand_in(text: &str) -> bool {
    if is_template(text) {
        return true;
    }
    let plain: String = text.chars().filter(|c| !matches!(c, '-' | '_' | '.' | ' ')).flat_map(char::to_lowercase).collect();
    ANYWHERE.iter().any(|word| plain.contains(word))
        || BEFORE.iter().any(|word| plain.starts_with(word))
        || WHOLE.contains(&plain.as_str())
        || ["_here", "-here", " here"].iter().any(|end| text.to_ascii_lowercase().ends_with(end))
}

/// Whether `text` can't be meant literally: brackets, dots or crosses to be replaced, a reference to a variable.
pub(super) fn is_template(text: &str) -> bool {
    let text = text.trim();
    // On one line and short: a key in JSON has braces around it too.
    let within = |open: char, close: char| {
        text.len() > 1 && text.len() < 80 && !text.contains(['\n', '"']) && text.starts_with(open) && text.ends_with(close)
    };
    let filler = text.chars().all(|c| matches!(c, 'x' | 'X' | '*' | '.' | '-' | '_' | '…' | '?'));
    let reference = refers(text) || text.strip_prefix('$').is_some_and(is_name) || within('%', '%');
    let cut = text.ends_with("...") || text.ends_with('…') || text.contains("***") || text.to_ascii_lowercase().contains("xxxx");
    let your = text.get(..4).is_some_and(|four| four.eq_ignore_ascii_case("your")) && text[4..].starts_with(['-', '_', ' ']);
    filler || reference || cut || your || within('<', '>') || within('[', ']') || within('{', '}')
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

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stand_ins_are_told_from_values() {
        for text in ["<token>", "xxxxxxxx", "x", "your-openai-key", "YOUR_TOKEN", "changeme123", "CHANGE_ME", "change_password"] {
            assert!(is_stand_in(text), "{text}");
        }
        for text in
            ["...", "ghp_abc123...", "hf_******", "{YOURTOKEN}", "[key]", "${TOKEN}", "$TOKEN", "a ${X}", "PASTE_KEY_HERE", ""]
        {
            assert!(is_stand_in(text), "{text}");
        }
        for text in
            ["hunter2", "password123", "secretpassword", "$2b$10$abc", "pa$$word", "correct horse battery staple", "atHereToday"]
        {
            assert!(!is_stand_in(text), "{text}");
        }
        for text in ["changeme", "test", "exampled"] {
            assert!(!is_template(text), "{text}");
        }
    }
}

//! Texts that only stand for a value, and so are not secrets.

use zeroize::Zeroizing;

use super::slot::{has_slot, is_crossed, is_filler, is_slot, is_template, words};

/// Words that say so anywhere in the text; compared in lower case, `-`, `_`, `.` and spaces left out.
const ANYWHERE: [&str; 15] = [
    "changeme",
    "changme",
    "changethis",
    "changeit",
    "replaceme",
    "replacethis",
    "replacewith",
    "example",
    "placeholder",
    "goeshere",
    "tobefilled",
    "fillme",
    "fixme",
    "setme",
    "donotuse",
];

/// Words that say so where they stand by themselves, in some other languages as well: `dev-secret-change-in-production`, `hf_seu_token`.
const WORDS: &str = "change changed replace replaced seu sua votre dein deine";

/// Beginnings that say so.
const BEFORE: [&str; 5] = ["your", "insert", "change", "todo", "tbd"];

/// What somebody is told to do with a secret: `enter-password`, `putYourKey`.
const TOLD: [&str; 13] =
    ["enter", "put", "get", "add", "set", "use", "choose", "paste", "fill", "type", "pick", "generate", "create"];

/// Whole texts that say so of every value.
const WHOLE: &str = "dummy fake todo tbd none null nil nan undefined n/a sample example redacted unset notset editme updateme";

/// Words that describe a secret instead of being one, in sentences such as `a-32-character-long-random-string`.
const DESCRIBING: &str = "\
    random long secure strong unique char chars character characters byte bytes string hash least minimum generate generated openssl \
    must should please replace change set use insert enter paste fill put choose pick make not real actual own";

/// Units of how long a secret is to be: `a-32-character-secret`.
const UNITS: &str = "char chars character characters byte bytes bit bits digit digits";

/// Words before a noun that leave it open which one is meant.
const INDEFINITE: [&str; 5] = ["a", "an", "some", "any", "random"];

/// Nouns for a secret.
pub(super) const NOUNS: [&str; 15] = [
    "secret",
    "password",
    "passphrase",
    "passwd",
    "pass",
    "token",
    "key",
    "api",
    "access",
    "private",
    "auth",
    "string",
    "value",
    "pat",
    "credentials",
];

/// Whether `text` is a stand-in for any value: `<token>`, `xxxx`, `your-key`, `changeme`, `...`, `${NAME}`, `RANDOM_STRING`.
pub(super) fn is_stand_in(text: &str) -> bool {
    // As Laravel's keys are written.
    let text = text.strip_prefix("base64:").unwrap_or(text);
    if is_template(text) || is_variable_name(text) || is_description(text) {
        return true;
    }
    let plain = plain(text);
    ANYWHERE.iter().any(|word| plain.contains(word))
        || BEFORE.iter().any(|word| plain.starts_with(word))
        || is_in(WHOLE, &plain)
        || ends_here(text)
        // `adminPasswordHere`
        || plain.strip_suffix("here").is_some_and(|rest| NOUNS.iter().any(|noun| rest.ends_with(noun)))
        || is_made_of(&plain, &NOUNS, true)
        || is_told(&plain)
        || is_yours(text)
        || words(text).any(|word| is_in(WORDS, &word.to_ascii_lowercase()))
        // `GetYourTokenFromTheBot`
        || plain.match_indices("your").any(|(at, your)| NOUNS.iter().any(|noun| plain[at + your.len()..].starts_with(noun)))
}

/// Whether `text`, which is to be written as a secret, surely is none: `<token>`, `changeme`, `***`, `null`, `YOUR_TOKEN`, its own `name`. A
/// weak password is one all the same, so this is stricter than [`is_stand_in`]; and a username may be any word, `x` too.
pub(super) fn is_unfilled(text: &str, name: Option<&str>, username: bool) -> bool {
    let text = text.trim().trim_matches(['"', '\'']);
    // What nobody types, such as a key in PEM, stands for nothing.
    if text.len() > 200 {
        return false;
    }
    let plain = plain(text);
    let bare = text.strip_prefix(['<', '[', '{', '(']).and_then(|rest| rest.strip_suffix(['>', ']', '}', ')']));
    let slot = bare.is_some_and(is_slot) || has_slot(text);
    let cut = text.ends_with("...") || text.ends_with('…') || text.contains("***");
    let asked = plain.starts_with("your") && (is_object(&plain) || text.get(4..5).is_some_and(|c| "-_ ".contains(c)));
    let named =
        is_variable_name(text) && text.split(['_', '-']).any(|part| is_object(&Zeroizing::new(part.to_ascii_lowercase())));
    let counted = is_counted_out(text) && text.rsplit(['-', '_']).next().is_some_and(|rest| rest.len() >= 10);
    // A name may be an address at example.com, and a token be made up for a demonstration.
    let told = ANYWHERE.iter().any(|word| plain.contains(word) && *word != "example") || asks_here(text) || is_told(&plain);
    let surely = slot || cut || asked || named || told || is_crossed(text);
    let own = name.is_some_and(|name| name.eq_ignore_ascii_case(text));
    surely
        || !username
            && (own || is_filler(text) || counted || is_in(WHOLE, &plain) || is_made_of(&plain, &NOUNS, true) || is_yours(text))
}

/// Whether it says that something goes in its place: `put-it-here`.
fn ends_here(text: &str) -> bool {
    let end = text.len().checked_sub(5).and_then(|at| text.get(at..));
    end.is_some_and(|end| end.starts_with(['_', '-', ' ']) && end[1..].eq_ignore_ascii_case("here"))
}

/// Whether it says that a secret does: `paste-the-token-here`, but not `back-from-there-to-here`.
fn asks_here(text: &str) -> bool {
    let noun = |word: &str| NOUNS.iter().any(|noun| word.eq_ignore_ascii_case(noun));
    ends_here(text) && text.split(['_', '-', ' ']).any(noun)
}

/// Whether it tells somebody to do something with a secret, separators left out: `enteryourtoken`.
fn is_told(plain: &str) -> bool {
    TOLD.iter().filter_map(|verb| plain.strip_prefix(verb)).any(is_object)
}

/// Whether `your` and what is yours are in it, as words: `ghp_your_token`, `glpat-YOUR-PAT`.
fn is_yours(text: &str) -> bool {
    let mut words =
        text.split(|c: char| !c.is_ascii_alphanumeric()).skip_while(|word| !word.eq_ignore_ascii_case("your")).skip(1);
    words.next().is_some_and(|word| is_object(&Zeroizing::new(word.to_ascii_lowercase())))
}

/// Whether `text` is what somebody can be told to enter: `yourpassword`, `astrongkey`.
fn is_object(text: &str) -> bool {
    let words: Vec<&str> =
        NOUNS.into_iter().chain(INDEFINITE).chain(["your", "my", "the", "own", "here", "strong", "secure"]).collect();
    is_made_of(text, &words, false)
}

/// Whether a prefix is followed by nothing but counting: `sk-1234567890`, `hf_abcdefghij`, `key-00000000`.
pub(super) fn is_counted_out(text: &str) -> bool {
    counts(text, 6)
}

/// Whether a prefix is followed by nothing but counting, and by at least so much of it.
pub(super) fn counts(text: &str, least: usize) -> bool {
    let Some((prefix, rest)) = text.rsplit_once(['-', '_']) else { return false };
    let rest = rest.as_bytes();
    // `9` is followed by `0`, and digits by letters.
    let follows = |one: u8, next: u8| next == one || next == one + 1 || one == b'9' && matches!(next, b'0' | b'a' | b'A');
    rest.len() >= least
        && prefix.bytes().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'_'))
        && rest.iter().all(u8::is_ascii_alphanumeric)
        && rest.windows(2).all(|pair| follows(pair[0], pair[1]) || pair == b"0a")
}

/// `text` in lower case without the characters that separate words.
pub(super) fn plain(text: &str) -> Zeroizing<String> {
    // Large enough that it does not grow, which would leave a copy behind.
    let mut plain = Zeroizing::new(String::with_capacity(text.len() * 3));
    plain.extend(text.chars().filter(|c| !matches!(c, '-' | '_' | '.' | ' ')).flat_map(char::to_lowercase));
    plain
}

pub(super) fn is_in(words: &str, word: &str) -> bool {
    words.split(' ').any(|one| one == word)
}

/// Whether `text` is written as the name of a variable is, or as one of several: `RANDOM_STRING`, `VERY_SECRET_PASSWORD`, `PASSWORD#2`.
fn is_variable_name(text: &str) -> bool {
    let name = text.trim_end_matches(|c: char| c.is_ascii_digit());
    let bare = name.strip_suffix(['_', '-', '#']).filter(|_| text.len() - name.len() == 1);
    let parts = || bare.unwrap_or(text).split(['_', '-']);
    let several = bare.is_some() || parts().count() > 1;
    several && parts().all(|part| part.len() > 1 && part.bytes().all(|byte| byte.is_ascii_uppercase()))
}

/// Whether it is a sentence on what belongs there: `generate-a-random-string`, `some_password_that_is_at_least_32_characters`.
fn is_description(text: &str) -> bool {
    let describing = words(text).filter(|word| is_in(DESCRIBING, &word.to_ascii_lowercase())).count();
    let mut sized = words(text).zip(words(text).skip(1));
    let sized = sized.any(|(count, unit)| count.parse::<u16>().is_ok() && is_in(UNITS, &unit.to_ascii_lowercase()));
    (describing > 1 || sized) && text.len() < 200
}

/// Whether `text` is nothing but these words, one after the other; with `indefinite`, after a word that leaves it open which is meant.
pub(super) fn is_made_of(text: &str, words: &[&str], indefinite: bool) -> bool {
    let only = |text: &str| {
        // How far such words reach from the beginning, in each way that they can be told apart.
        let mut reached = vec![false; text.len() + 1];
        reached[0] = true;
        for at in 0..text.len() {
            let fits = |word: &&&str| text.as_bytes()[at..].starts_with(word.as_bytes());
            if reached[at] {
                words.iter().filter(fits).for_each(|word| reached[at + word.len()] = true);
            }
        }
        !text.is_empty() && reached[text.len()]
    };
    if text.len() > 64 {
        return false;
    }
    let open = INDEFINITE.iter().filter_map(|word| text.strip_prefix(word));
    if indefinite { open.into_iter().any(only) } else { only(text) || open.into_iter().any(only) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stand_ins_are_told_from_values() {
        for text in [
            "<token>",
            "xxxxxxxx",
            "x",
            "your-openai-key",
            "YOUR_TOKEN",
            "changeme123",
            "CHANGE_ME",
            "change_password",
            "...",
            "ghp_abc123...",
            "hf_******",
            "{YOURTOKEN}",
            "[key]",
            "${TOKEN}",
            "$TOKEN",
            "a ${X}",
            "PASTE_KEY_HERE",
            "",
            "RANDOM_STRING",
            "VERY_SECRET_PASSWORD",
            "anapikey",
            "some-secret-key",
            "a_token",
            "random-string",
            "generate-a-random-string",
            "a-very-long-random-string",
            "some_not_random_password_that_is_at_least_32_characters",
            "undefined",
            "sk-<key>",
            "hf_xxx",
            "enter-password",
            "SetYourPassword",
            "use_a_strong_password",
            "fill-me-in",
            "TODO: ask",
            "dev-secret-change-in-production",
            "hf_your_key",
            "GetYourTokenFromTheBot",
            "you-client-secret",
            "tu-token-seguro",
            "this-is-a-32-character-secret",
            "PASSWORD#2",
            "DO_NOT_USE_THIS_2",
            "changme",
            "<secret",
            "base64:your-generated-key",
            "base64:GENERATED_KEY",
            "forward xxx enjoy",
            "rootPasswordHere",
        ] {
            assert!(is_stand_in(text), "{text}");
        }
        for text in [
            "hunter2",
            "password123",
            "secretpassword",
            "$2b$10$abc",
            "pa$$word",
            "correct horse battery staple",
            "atHereToday",
            "mysecretpassword",
            "my-secret-password",
            "backup-password-for-database",
            "n8n_secure_password_2024",
            "test",
            "passphrase",
            "apass1",
            "settle-password",
            "user1",
            "a<b>c",
            "maxx",
            "secret",
            "exchanged-9",
            "secure_2024",
            "32-lions",
            "PASSWORD1",
            "PASSWORD-2024",
            "<3hearts",
            "ABC_1DEF",
            "antoken7",
            "its-your-birthday-2024",
            "base64:c2VjcmV0",
        ] {
            assert!(!is_stand_in(text), "{text}");
        }
    }

    #[test]
    fn what_is_surely_no_secret_is_told_from_weak_ones() {
        for text in [
            "<your token here>",
            "changeme",
            "YOUR_GITHUB_TOKEN",
            "null",
            "undefined",
            "***",
            "xxxx",
            "ghp_xxxxxxxx",
            "ghp_1234567890",
            "[token]",
            "{TOKEN}",
            "your-token",
            "yourtoken",
            "GHCR_TOKEN",
            "REPLACE_ME",
            "a-secret-token",
            "TODO",
            "ghp_...",
            "\"changeme\"",
            "(your token)",
            "(hidden)",
            "insert-token-here",
            "paste_token_here",
            "enter your token",
            "put-your-pat",
            "ghp_your_token",
            "glpat-YOUR-TOKEN",
            "ghcr_token",
            "example",
            "N/A",
            "••••••••",
        ] {
            assert!(is_unfilled(text, Some("GHCR_TOKEN"), false), "{text}");
        }
        for text in [
            "test",
            "password",
            "secret",
            "hunter2",
            "changeling99",
            "yourmomsecret12",
            "CORRECT_HORSE",
            "dckr_pat_abcd",
            "team-123456",
            "<b>a1</b>",
            "[9x!]",
            "its-your-birthday-2024",
            "nobody-was-ever-here",
            "creditmemo-2024",
            "settlers",
            "putin99",
        ] {
            assert!(!is_unfilled(text, Some("GHCR_TOKEN"), false), "{text}");
        }
        for (text, told) in [
            ("<user>", true),
            ("YOUR_USERNAME", true),
            ("your-username", true),
            ("x", false),
            ("test", false),
            ("null", false),
            ("token", false),
        ] {
            assert_eq!(is_unfilled(text, Some("USER"), true), told, "{text}");
        }
    }
}

//! Texts that can't be what somebody else issues, such as an API key or a token.

use super::stand_in::{NOUNS, counts, is_counted_out, is_in, is_made_of, plain};

/// Whole texts that say so of a value that somebody else issues; a password can be one of them.
const TRIED: &str = "test testing foo bar foobar demo";

/// Short words that a sentence has, and a list of words such as a wallet's does not.
const JOINING: &str = "a an at by for from get in is of on or the this to with";

/// Whether `text` can't be what somebody else issued, such as an API key: `test`, `my-api-key`, `sk-1234567890`. `about` are words of the
/// name of the variable, which such a text may repeat.
pub(super) fn is_no_issued_value(text: &str, about: &[String]) -> bool {
    let plain = plain(text);
    let about: Vec<String> = about.iter().map(|word| word.to_ascii_lowercase()).collect();
    let words: Vec<&str> = NOUNS.into_iter().chain(["my", "the", "test"]).chain(about.iter().map(String::as_str)).collect();
    // `key1,key2`
    let several = || {
        let numbered = |one: &str| is_made_of(one.trim_end_matches(|c: char| c.is_ascii_digit()), &words, false);
        plain.contains(',') && plain.split(',').all(numbered)
    };
    is_in(TRIED, &plain) || is_made_of(&plain, &words, false) || counts(text, 3) || several()
}

/// Whether `text` can't be a token or a key, whoever made it: nothing but counting, a sentence on where to get it, or words in letters that
/// no key has.
pub(super) fn is_no_token(text: &str) -> bool {
    let blanks = text.split(' ').count();
    is_counted_out(text)
        || text.chars().any(|c| !c.is_ascii() && c.is_alphabetic())
        || blanks > 2 && text.split(' ').any(|word| is_in(JOINING, &word.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_issued_is_told_from_keys() {
        let about = ["OPENAI".to_owned(), "API".to_owned(), "KEY".to_owned()];
        for text in ["test", "my-api-key", "openai-api-key", "MY_OPENAI_KEY", "key", "foobar"] {
            assert!(is_no_issued_value(text, &about), "{text}");
        }
        for text in ["sk-1234567890", "hf_abcdefghijklm", "sk-test-000000", "ghp_123456789abc", "k-1234567890123"] {
            assert!(is_counted_out(text), "{text}");
        }
        for text in ["hunter2", "my-api-key7", "123456", "sk-19834750182", "abc-13579"] {
            assert!(!is_no_issued_value(text, &about) && !is_no_token(text), "{text}");
        }
        for text in ["key1,key2", "test-key-1,test-key-2"] {
            assert!(is_no_issued_value(text, &about), "{text}");
        }
        assert!(!is_no_issued_value("key1,k9f3", &about) && is_no_token("密钥") && is_no_token("clé-du-robot"));
        assert!(is_no_issued_value("pat_123", &about) && !is_counted_out("pat_123"));
        assert!(is_no_token("ask the bot for one") && !is_no_token("correct horse battery staple"));
    }
}

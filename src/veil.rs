//! What must not be shown of a template. Every line that a message quotes comes from [`Veil::quote`], so nothing else can show one.
//!
//! A template may be anything: a `.env` file, a key, text that is not YAML. So the line itself is looked at, and those around it.

use std::borrow::Cow;
use std::ops::Range;

use crate::diagnostic::Quote;
use crate::finding::{Finding, Rule};
use crate::registry::token;
use crate::span::{LineCounter, boundary, line_range};

mod line;
mod parts;
mod value;
mod words;

/// A shorter part of a token gives nothing away.
const SHORTEST: usize = 8;

/// A shorter word of a line is not looked for in a message, in which it may be any word.
const SHORTEST_WORD: usize = 4;

/// How far around a line tokens are looked for, in bytes.
const NEAR: usize = 4096;

/// What must not be shown of one text.
#[derive(Debug)]
pub(crate) struct Veil<'t> {
    text: &'t str,
    /// Its bytes that findings are about, sorted.
    hidden: &'t [Range<usize>],
    /// For each of them, where those up to it end at the latest: which of them reach a line is found without looking at all.
    reach: Vec<usize>,
    /// Sorted, so that the one that has most in common with a word is beside it.
    tokens: Vec<&'t str>,
    lines: LineCounter,
    settings: bool,
}

impl<'t> Veil<'t> {
    /// The veil of `text`. `hidden` is what [`hidden`] gives, if findings are known.
    pub(crate) fn new(text: &'t str, hidden: &'t [Range<usize>]) -> Self {
        let tokens = hidden.iter().filter_map(|range| text.get(range.clone())).map(|text| text.trim_matches(['"', '\'']));
        let mut tokens: Vec<&str> = tokens.filter(|token| token.len() >= SHORTEST).collect();
        tokens.sort_unstable();
        tokens.dedup();
        let latest = |end: &mut usize, range: &Range<usize>| {
            *end = range.end.max(*end);
            Some(*end)
        };
        let reach = hidden.iter().scan(0, latest).collect();
        Self { text, hidden, reach, tokens, lines: LineCounter::default(), settings: false }
    }

    /// The veil of a project's file, whose lines are not those of a `.env` file.
    pub(crate) fn of_settings(text: &'t str, hidden: &'t [Range<usize>]) -> Self {
        Self { settings: true, ..Self::new(text, hidden) }
    }

    /// The line of the text that `range` begins in, with masks in place of what must not be shown.
    pub(crate) fn quote(&self, template: &str, range: &Range<usize>, label: impl Into<String>) -> Quote {
        Quote::veiled(template, self.text, range, label, &self.of_line(range), &self.lines)
    }

    /// What must not be shown of the line that `range` begins in, sorted.
    fn of_line(&self, range: &Range<usize>) -> Vec<Range<usize>> {
        let line = line_range(self.text, range.start);
        let mut hidden = line::hidden(self.text, &line, self.settings);
        hidden.extend(tokens(self.text, range.start));
        hidden.extend(again(self.text, &line, &hidden));
        hidden.extend(self.reaching(&line).cloned());
        hidden.sort_by_key(|range| (range.start, range.end));
        hidden
    }

    /// What is hidden of the text that reaches `line`.
    fn reaching(&self, line: &Range<usize>) -> impl Iterator<Item = &Range<usize>> {
        let (start, end) = (line.start, line.end);
        let first = self.reach.partition_point(|end| *end < start);
        self.hidden[first..].iter().take_while(move |it| it.start <= end).filter(move |it| it.end >= start)
    }

    /// Words without what must not be shown of the line that `range` begins in: those about an expression may repeat it.
    pub(crate) fn words_at(&self, range: &Range<usize>) -> impl Fn(&str) -> String {
        let is_edge = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
        let texts = self.of_line(range).into_iter().filter_map(|range| self.text.get(range));
        let mut texts: Vec<&str> =
            texts.map(|text| text.trim_matches(['"', '\''])).filter(|text| text.len() >= SHORTEST_WORD).collect();
        // The longest first: another may be a part of it.
        texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
        move |words| {
            let mut words = words.to_owned();
            for text in &texts {
                let mut from = 0;
                while let Some(at) = words[from..].find(text).map(|at| from + at) {
                    let end = at + text.len();
                    let is_word = is_edge(words[..at].chars().next_back()) && is_edge(words[end..].chars().next());
                    from = if is_word { at + MASK.len() } else { end };
                    if is_word {
                        words.replace_range(at..end, MASK);
                    }
                }
            }
            words
        }
    }

    /// `words` of a finding without what must not be shown, the beginning of it included: keys are quoted, and shortened.
    pub(crate) fn words(&self, words: &str) -> String {
        let mut words = shapeless(words).into_owned();
        if self.tokens.is_empty() {
            return words;
        }
        let mut at = 0;
        while at < words.len() {
            let mut end = at + self.in_common(&words[at..]);
            while !words.is_char_boundary(end) {
                end -= 1;
            }
            if end - at >= SHORTEST {
                words.replace_range(at..end, MASK);
                at += MASK.len();
            } else {
                at += words[at..].chars().next().map_or(1, char::len_utf8);
            }
        }
        words
    }

    /// How many bytes `words` begins with that a token begins with, too. In sorted order, the token with the most is next to `words`.
    fn in_common(&self, words: &str) -> usize {
        let next = self.tokens.partition_point(|token| *token < words);
        let beside = next.saturating_sub(1)..self.tokens.len().min(next + 1);
        let same = |token: &&str| words.bytes().zip(token.bytes()).take_while(|(one, other)| one == other).count();
        self.tokens[beside].iter().map(same).max().unwrap_or(0)
    }
}

const MASK: &str = "********";

/// `text` without tokens of known shapes.
pub(crate) fn shapeless(text: &str) -> Cow<'_, str> {
    let found = token::scan(text);
    if found.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut shown = text.to_owned();
    found.into_iter().rev().for_each(|(_, range)| shown.replace_range(range, MASK));
    Cow::Owned(shown)
}

/// `text` without the logins in addresses.
pub(crate) fn loginless(text: &str) -> String {
    let mut found = words::addresses(text);
    found.sort_by_key(|range| std::cmp::Reverse(range.start));
    let mut shown = text.to_owned();
    found.into_iter().for_each(|range| shown.replace_range(range, MASK));
    shown
}

/// Where else in the line there is what is hidden in it: a comment may repeat it.
fn again(text: &str, line: &Range<usize>, hidden: &[Range<usize>]) -> Vec<Range<usize>> {
    let texts = hidden.iter().filter_map(|range| text.get(range.clone())).map(|text| text.trim_matches(['"', '\'']));
    let place = |at: usize, found: &str| line.start + at..line.start + at + found.len();
    let places =
        |found: &str| -> Vec<_> { text[line.clone()].match_indices(found).map(|(at, found)| place(at, found)).collect() };
    texts.filter(|text| text.len() >= SHORTEST).flat_map(places).collect()
}

/// Tokens of known shapes near `offset`.
fn tokens(text: &str, offset: usize) -> Vec<Range<usize>> {
    let start = boundary(text, offset.saturating_sub(NEAR));
    let near = &text[start..boundary(text, offset + NEAR)];
    token::scan(near).into_iter().map(|(_, range)| start + range.start..start + range.end).collect()
}

/// The bytes of `text` that its tokens and `findings` are about.
pub(crate) fn hidden(text: &str, findings: &[Finding]) -> Vec<Range<usize>> {
    let mut hidden: Vec<Range<usize>> = token::scan(text).into_iter().map(|(_, range)| range).collect();
    let mut looked_at = None;
    for finding in findings {
        let range = finding.range.clone();
        match (finding.rule, text.get(range.clone())) {
            (Rule::LiteralPassword | Rule::DotenvSecret, Some(_)) => hidden.push(range),
            // The variable's name stays.
            (Rule::EnvSecret, Some(item)) => hidden.push(range.start + item.find('=').map_or(0, |at| at + 1)..range.end),
            _ => {}
        }
        let line = line_range(text, finding.range.start);
        // Many findings may be on one line.
        if looked_at.replace(line.clone()) != Some(line.clone()) {
            hidden.extend(line::hidden(text, &line, false));
        }
    }
    hidden.sort_by_key(|range| (range.start, range.end));
    hidden.dedup();
    hidden
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lose_tokens_and_their_beginnings() {
        let text = "abcdefghijklmnop abcdefghzz é";
        let (hidden, all) = ([0..16, 17..27], 0..text.len());
        let veil = Veil::new(text, &hidden);
        assert_eq!(veil.words("a key `abcdefghijkl…` and abcdefghijklmnop"), "a key `********…` and ********");
        assert_eq!(veil.words("é abcdefghz, abcdefgh, abcdefg, xabcdefghé"), "é ********, ********, abcdefg, x********é");
        assert!(hidden.iter().all(|range| veil.of_line(&all).contains(range)));
        let token = format!("ghp_{}", "0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0uV1wX");
        assert_eq!(veil.words(&format!("`{token}` is not a service")), "`********` is not a service");
    }

    #[test]
    fn many_tokens_and_many_places_take_little_time() {
        let many = 20_000;
        let line = "a: token-000000\n".len();
        let text: String = (0..many).map(|number| format!("a: token-{number:06}\n")).collect();
        let hidden: Vec<_> = (0..many).map(|number| number * line + 3..number * line + line - 1).collect();
        let veil = Veil::new(&text, &hidden);
        let start = std::time::Instant::now();
        for (number, range) in hidden.iter().enumerate() {
            assert_eq!(veil.words(&format!("`token-{number:06}` is not a service")), "`********` is not a service");
            assert_eq!(veil.lines.line_at(&text, range.start).0, number + 1);
            assert_eq!(veil.reaching(&(range.start - 3..range.end)).count(), 1);
        }
        // By looking at each for each, it takes minutes.
        assert!(start.elapsed() < std::time::Duration::from_secs(20), "{:?}", start.elapsed());
    }
}

//! Chance that can be repeated: a small generator from a seed, and random values.

use std::env;

/// SplitMix64.
#[derive(Clone)]
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).expect("below a usize")
    }

    /// True `percent` times in a hundred.
    pub(crate) fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of `items`.
    pub(crate) fn of<'a, T: ?Sized>(&mut self, items: &[&'a T]) -> &'a T {
        items[self.below(items.len())]
    }
}

/// The number in an environment variable.
fn setting(name: &str) -> Option<u64> {
    Some(env::var(name).ok()?.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

/// Whether this is a full run, as CI does: every random case, where others try a part.
pub(crate) fn is_full() -> bool {
    env::var_os("SDLRENDER_TEST_FULL").is_some()
}

/// `SDLRENDER_TEST_SEED`, or the test's own: the same cases in every run, and others when asked.
pub(crate) fn seed(own: u64) -> u64 {
    setting("SDLRENDER_TEST_SEED").unwrap_or(own)
}

/// How many cases to try: all `full` of them in a full run, an eighth otherwise; `SDLRENDER_TEST_CASES` says another number.
pub(crate) fn cases(full: usize) -> usize {
    let wanted = setting("SDLRENDER_TEST_CASES").map(|number| usize::try_from(number).expect("a number of cases"));
    wanted.unwrap_or(if is_full() { full } else { full / 8 })
}

/// What random values are made of: mostly what YAML, Kubernetes and templates give a meaning.
const PARTS: &[&str] = &[
    "a",
    "b",
    "0",
    "1",
    "x",
    "u",
    "U",
    "n",
    "e",
    "Z",
    " ",
    "  ",
    "\t",
    "\n",
    "\n\n",
    "\r",
    "\r\n",
    "-",
    "?",
    ":",
    ": ",
    ",",
    "[",
    "]",
    "{",
    "}",
    "#",
    " #",
    "&",
    "*",
    "!",
    "|",
    ">",
    "'",
    "''",
    "\"",
    "\\",
    "\\\\",
    "%",
    "@",
    "`",
    "~",
    "=",
    "/",
    ".",
    "...",
    "---",
    "- ",
    "<<",
    "$",
    "$$",
    "$(",
    "(",
    ")",
    "$(A)",
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    "{{ X0 }}",
    "_",
    "+",
    "null",
    "true",
    "1e5",
    "\u{1}",
    "\u{1b}",
    "\u{7f}",
    "\u{85}",
    "\u{a0}",
    "\u{2028}",
    "\u{2029}",
    "\u{feff}",
    "\u{fffe}",
    "\u{ffff}",
    "\u{ad}",
    "é",
    "😀",
    "\u{301}",
    "語",
    "\u{10ffff}",
    "Tok",
];

/// A value without NUL: a hostile one, or one of random parts.
pub(crate) fn value(chance: &mut Chance, hostile: &[String]) -> String {
    match chance.below(10) {
        0..3 => hostile[chance.below(hostile.len())].clone(),
        // Lines that could stay in a block.
        3 => {
            let lines = 1 + chance.below(4);
            (0..lines)
                .map(|_| {
                    format!("{}{}\n", chance.of(&["", "", "", " ", "\t", "  "]), chance.of(&["", "a", "b c", "d ", "- e", "# f"]))
                })
                .collect()
        }
        _ => {
            let parts = chance.below(9);
            (0..parts).map(|_| chance.of(PARTS)).collect()
        }
    }
}

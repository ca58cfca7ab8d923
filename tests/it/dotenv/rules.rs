//! Why a reader may say something else than ours of a name. Each rule is one habit of one reader, and says on what it shows.

use super::facts::{File, Item};
use super::readers::{EMPTY, Reader, Reading, SET};
use sdlrender::testing::DotenvFault;

/// A difference: what `reader` says of `name` in `file` is not what ours says.
pub struct Difference<'f> {
    pub file: &'f File,
    pub name: &'f str,
    pub reader: Reader,
    pub reading: &'f Reading,
}

/// A habit that explains a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// Ours refuses the name; why, it says.
    Refused,
    /// compose refuses a file for one line.
    FileRefused,
    /// Behind a value whose quotes are not in order, readers go on at different places.
    OutOfStep,
    /// A `=` without a name before it: compose takes it for a value of the empty name, and a name without a line break for its value.
    Nameless,
    /// A carriage return by itself: a line break to node and python.
    CarriageReturn,
    /// node and python know other names: node fewer, python nearly all; dotenvy fewer.
    Names,
    /// `NAME: value`: node wants white space behind the colon and none before it; python and dotenvy do not know it.
    Colon,
    /// `NAME` by itself: only compose asks the environment; python forgets the value before, node and dotenvy do not see it.
    Bare,
    /// node and dotenvy end a value without quotes at any `#`, or at one that comes first.
    AnyHash,
    /// In double quotes node knows `\n` and `\r` only; python knows `\'` as well but not `\$`.
    DoubleEscapes,
    /// In single quotes node knows no escape; python knows `\\` as well.
    SingleEscapes,
    /// dotenv-expand and python do not know which quotes a value had: they expand in single quotes too.
    SingleExpands,
    /// python expands `${NAME}` only, not `$NAME`.
    BracesOnly,
    /// Operators in `${…}`: node knows four and takes an empty value for none; python knows `:-`, for what is not set, with a plain word.
    Operators,
    /// dotenv-expand expands what it has put in once more.
    ExpandsAgain,
    /// dotenv-expand reads names in the order in which they come first, with their last values.
    OrderOfNames,
    /// dotenv-expand gives a name the environment's value.
    EnvironmentWins,
    /// node looks for a value on the next line.
    NextLine,
    /// In node a backslash before a quote always keeps it, even one that is a backslash's own escape.
    EscapedQuote,
    /// python takes a `'` that begins a line for the quote of a name, which may go over lines.
    QuotedNames,
    /// Lines of a value in quotes whose name a reader does not know are read by it one by one.
    UnknownSpans,
    /// dotenvy goes on to the next line for a quote that any part of a line opens, a comment too.
    QuotesAnywhere,
    /// The value refers to one on which they differ, or to a name that several lines give a value.
    Refers,
    /// dotenvy takes the first value of a repeated name.
    FirstWins,
    /// dotenvy reads quotes, backslashes and `$` anywhere in a value, as a shell does, and knows fewer escapes.
    ShellWords,
    /// dotenvy refuses a value of several words without quotes.
    SeveralWords,
    /// dotenvy drops a last line that ends with white space.
    LastBlank,
    /// dotenvy does not skip the byte order mark.
    ByteOrderMark,
}

impl Rule {
    pub const ALL: [Self; 28] = [
        Self::Refused,
        Self::FileRefused,
        Self::Nameless,
        Self::CarriageReturn,
        Self::Names,
        Self::Colon,
        Self::Bare,
        Self::AnyHash,
        Self::DoubleEscapes,
        Self::SingleEscapes,
        Self::SingleExpands,
        Self::BracesOnly,
        Self::Operators,
        Self::ExpandsAgain,
        Self::OrderOfNames,
        Self::EnvironmentWins,
        Self::NextLine,
        Self::EscapedQuote,
        Self::QuotedNames,
        Self::UnknownSpans,
        Self::QuotesAnywhere,
        Self::Refers,
        Self::FirstWins,
        Self::ShellWords,
        Self::SeveralWords,
        Self::LastBlank,
        Self::ByteOrderMark,
        Self::OutOfStep,
    ];

    /// Whether this habit shows in the difference.
    pub fn explains(self, difference: &Difference<'_>) -> bool {
        let Difference { file, name, reader, reading } = *difference;
        let giver = file.giver(name);
        let item = giver.map(|number| &file.items[number]);
        let of = |readers: &[Reader]| readers.contains(&reader);
        let item_is = |test: &dyn Fn(&Item) -> bool| item.is_some_and(test);
        let (compose, node, python, dotenvy) = (Reader::Compose, Reader::Node, Reader::Python, Reader::Dotenvy);
        match self {
            Self::Refused => matches!(file.ours(name), Some(Err(_))),
            Self::FileRefused => of(&[compose]) && reading.refused,
            Self::OutOfStep => {
                let quotes = |item: &Item| {
                    use DotenvFault::{AfterQuote, Backquotes, CarriageReturn, InsideQuotes, Unclosed};
                    matches!(item.flaw, Some(AfterQuote | Backquotes | CarriageReturn | InsideQuotes(_) | Unclosed))
                };
                // What comes before is read alike.
                let from = file.items.iter().position(quotes);
                from.is_some_and(|from| file.items[from..].iter().any(|item| item.raw.contains(name)))
            }
            Self::Nameless => {
                let last = file.items.last().is_some_and(|item| item.bare && !item.raw.ends_with('\n'));
                of(&[compose])
                    && (name.is_empty() || last && file.items.last().is_some_and(|item| item.name.as_deref() == Some(name)))
            }
            Self::CarriageReturn => of(&[node, python]) && file.text.replace("\r\n", "").contains('\r'),
            Self::Names => !knows(reader, name),
            Self::Colon => {
                // To python the name goes up to a `=`, behind which quotes may open.
                let far = |item: &Item| item.has_colon() && item.raw.contains('=');
                reader != compose && item_is(&Item::has_colon) || of(&[python]) && file.items.iter().any(far)
            }
            Self::UnknownSpans => {
                let unknown = |item: &&Item| item.name.as_deref().is_some_and(|name| !knows(reader, name)) || item.has_colon();
                reader != compose && file.items.iter().filter(unknown).any(|item| item.lines() > 1)
            }
            Self::QuotesAnywhere => {
                let before = &file.items[..giver.map_or(file.items.len(), |number| number + 1)];
                of(&[dotenvy]) && before.iter().any(|item| item.raw.contains(['\'', '"']))
            }
            Self::Bare => {
                let begins = |item: &Item| item.begin().trim_start_matches("export").trim_start().starts_with(name);
                of(&[node, python, dotenvy]) && file.items.iter().any(|item| begins(item) && (item.bare || item.name.is_none()))
            }
            Self::AnyHash => of(&[node, dotenvy]) && item_is(&|item| item.is_plain() && item.written().contains('#')),
            Self::DoubleEscapes => of(&[node, python]) && item_is(&|item| item.is_double() && item.written().contains('\\')),
            Self::SingleEscapes => of(&[node, python]) && item_is(&|item| item.is_single() && item.written().contains('\\')),
            Self::SingleExpands => of(&[node, python]) && item_is(&|item| item.is_single() && item.written().contains('$')),
            Self::BracesOnly => {
                of(&[python])
                    && item_is(&|item| {
                        item.written()
                            .split('$')
                            .skip(1)
                            .any(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'))
                    })
            }
            Self::Operators => of(&[node, python]) && item_is(&Item::has_operator),
            Self::ExpandsAgain => {
                let again = |name: &str| file.ours(name).is_some_and(|value| value.is_ok_and(|value| value.contains('$')));
                of(&[node]) && item_is(&|item| item.referred().any(again))
            }
            Self::OrderOfNames => {
                let repeated = |name: &str| file.items.iter().filter(|item| item.name.as_deref() == Some(name)).count() > 1;
                of(&[node]) && (repeated(name) || item_is(&|item| item.referred().any(repeated)))
            }
            Self::EnvironmentWins => of(&[node]) && [SET, EMPTY].contains(&name),
            Self::NextLine => {
                let next = |item: &Item| matches!(item.begin().chars().next(), Some('\'' | '"' | '`' | '=' | ':'));
                let empty = |item: &Item| item.has_colon() && item.written().is_empty();
                of(&[node]) && (file.items.iter().skip(giver.unwrap_or(0)).any(next) || file.items.iter().any(empty))
            }
            Self::EscapedQuote => of(&[node]) && ["\\\\'", "\\\\\"", "\\`"].iter().any(|quote| file.text.contains(quote)),
            Self::QuotedNames => of(&[python]) && file.items.iter().any(|item| item.begin().starts_with('\'')),
            Self::Refers => {
                let differs = |name: &str| file.ours(name).and_then(Result::ok) != reading.of(name) && file.giver(name) != giver;
                let repeated = |name: &str| file.items.iter().filter(|item| item.name.as_deref() == Some(name)).count() > 1;
                reader != compose && item_is(&|item| item.referred().any(|name| differs(name) || repeated(name)))
            }
            Self::FirstWins => of(&[dotenvy]) && file.items.iter().filter(|item| item.name.as_deref() == Some(name)).count() > 1,
            Self::ShellWords => of(&[dotenvy]) && item_is(&|item| item.written().contains(['\'', '"', '\\', '$'])),
            Self::SeveralWords => of(&[dotenvy]) && item_is(&|item| item.written().contains(char::is_whitespace)),
            Self::LastBlank => of(&[dotenvy]) && file.text.ends_with([' ', '\t']) && giver == file.items.len().checked_sub(1),
            Self::ByteOrderMark => of(&[dotenvy]) && file.text.starts_with('\u{feff}') && giver == Some(0),
        }
    }
}

/// Whether `reader` reads an entry of this name as ours does.
fn knows(reader: Reader, name: &str) -> bool {
    let all = |test: fn(char) -> bool| name.chars().all(test);
    match reader {
        Reader::Compose => true,
        // `export =` is an entry of that name.
        Reader::Node => all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')) && name != "export",
        Reader::Python => all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '[' | ']')),
        Reader::Dotenvy => {
            let first = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
            first && all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.')) && name != "export"
        }
    }
}
